// --8<-- [start:kinds]
// What networks compute, on typed arrays, and the gradients of it: products, convolution, pooling, loss, attention,
// normalization. What learns by them is in adam.js. A function named ...Back gets the slope of the loss at what its
// namesake gives out, and returns the slopes at what it takes in.

/** @typedef {{ rows: number, columns: number, values: ArrayLike<number> }} Matrix row after row */
/** @typedef {{ n: number, h: number, w: number, c: number, values: Float32Array }} Maps of n images: height, width, channels */

const EPSILON = 1e-3; // Keras adds it to the variance
// --8<-- [end:kinds]

// --8<-- [start:product]
/**
 * A matrix times a vector, and a bias.
 * @param {Matrix} matrix
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} [bias]
 */
export function product({ rows, columns, values }, x, bias) {
  const out = new Float32Array(rows);
  for (let r = 0, at = 0; r < rows; r++) {
    let sum = bias ? bias[r] : 0;
    for (let c = 0; c < columns; c++) sum += values[at++] * x[c];
    out[r] = sum;
  }
  return out;
}

/**
 * A matrix times a matrix: a layer of a network, where each row of x is an example.
 * @param {Matrix} x
 * @param {Matrix} w
 * @param {ArrayLike<number>} [bias]
 */
export function multiply(x, w, bias) {
  const columns = w.columns;
  const values = new Float32Array(x.rows * columns);
  for (let r = 0; r < x.rows; r++) {
    const out = values.subarray(r * columns, (r + 1) * columns);
    if (bias) out.set(bias);
    for (let i = 0; i < x.columns; i++) {
      const value = x.values[r * x.columns + i];
      if (value !== 0) for (let k = 0; k < columns; k++) out[k] += value * w.values[i * columns + k];
    }
  }
  return { rows: x.rows, columns, values };
}
// --8<-- [end:product]

// --8<-- [start:product-back]
/** Rows become columns. @param {Matrix} x */
export function transpose({ rows, columns, values }) {
  const turned = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c];
  return { rows: columns, columns: rows, values: turned };
}

/**
 * @param {Matrix} x
 * @param {Matrix} w
 * @param {Matrix} slope
 */
export function multiplyBack(x, w, slope) {
  return { x: multiply(slope, transpose(w)).values, w: multiply(transpose(x), slope).values, bias: sums(slope.values, slope.columns) };
}

/** Add up all rows. @param {ArrayLike<number>} values @param {number} columns */
function sums(values, columns) {
  const out = new Float32Array(columns);
  for (let i = 0; i < values.length; i++) out[i % columns] += values[i];
  return out;
}
// --8<-- [end:product-back]

// --8<-- [start:convolve]
/**
 * A convolution of 3 x 3 without a margin.
 * @param {Maps} x
 * @param {ArrayLike<number>} kernel 3 x 3 x channels x filters
 * @param {ArrayLike<number>} bias of each filter
 * @returns {Maps}
 */
export function convolve(x, kernel, bias) {
  const d = bias.length;
  const out = { n: x.n, h: x.h - 2, w: x.w - 2, c: d, values: new Float32Array(x.n * (x.h - 2) * (x.w - 2) * d) };
  const [ins, outs] = [x.values, out.values];
  for (let i = 0; i < outs.length; i++) outs[i] = bias[i % d];
  const row = 3 * x.c; // three neighbors stand one after another, and so do their weights
  for (let to = 0, place = 0; to < outs.length; to += d, place++) {
    for (let i = 0; i < 3; i++) {
      const from = corner(x, out, place) + i * x.w * x.c;
      for (let j = 0; j < row; j++) {
        const value = ins[from + j];
        const tap = (i * row + j) * d;
        if (value !== 0) for (let k = 0; k < d; k++) outs[to + k] += value * kernel[tap + k];
      }
    }
  }
  return out;
}

/**
 * Where the 3 x 3 begin that a place of the output sees.
 * @param {Maps} x
 * @param {Maps} out
 * @param {number} place counted through all images
 */
function corner(x, out, place) {
  const row = Math.floor(place / out.w); // through all images
  const image = Math.floor(row / out.h);
  return ((image * x.h + row - image * out.h) * x.w + place - row * out.w) * x.c;
}
// --8<-- [end:convolve]

// --8<-- [start:convolve-back]
/**
 * @param {Maps} x
 * @param {ArrayLike<number>} kernel
 * @param {Maps} slope
 */
export function convolveBack(x, kernel, slope) {
  const d = slope.c;
  const back = { x: new Float32Array(x.values.length), kernel: new Float32Array(kernel.length), bias: sums(slope.values, d) };
  const [ins, outs, before, weights] = [x.values, slope.values, back.x, back.kernel];
  const row = 3 * x.c;
  for (let to = 0, place = 0; to < outs.length; to += d, place++) {
    for (let i = 0; i < 3; i++) {
      const from = corner(x, slope, place) + i * x.w * x.c;
      for (let j = 0; j < row; j++) {
        const value = ins[from + j];
        const tap = (i * row + j) * d;
        let sum = 0;
        for (let k = 0; k < d; k++) {
          weights[tap + k] += value * outs[to + k];
          sum += kernel[tap + k] * outs[to + k];
        }
        before[from + j] += sum;
      }
    }
  }
  return back;
}
// --8<-- [end:convolve-back]

// --8<-- [start:relu]
/**
 * Zero where a value is negative.
 * @param {Maps} x
 * @returns {Maps}
 */
export function relu(x) {
  return { ...x, values: x.values.map((value) => Math.max(value, 0)) };
}

/** @param {Maps} x what went in @param {ArrayLike<number>} slope */
export function reluBack(x, slope) {
  return x.values.map((value, i) => (value > 0 ? slope[i] : 0));
}
// --8<-- [end:relu]

// --8<-- [start:pool]
/**
 * The largest of each 2 x 2, and where it stood; a last odd row is left out.
 * @param {Maps} x
 */
export function pool({ n, h: high, w: wide, c, values: ins }) {
  const [h, w] = [high >> 1, wide >> 1];
  const values = new Float32Array(n * h * w * c);
  const from = new Int32Array(values.length);
  for (let row = 0, to = 0; row < n * h; row++) {
    const above = (Math.floor(row / h) * high + 2 * (row % h)) * wide * c;
    for (let i = 0; i < w * c; i++, to++) {
      let best = above + i + Math.floor(i / c) * c;
      for (const other of [best + c, best + wide * c, best + (wide + 1) * c]) if (ins[other] > ins[best]) best = other;
      values[to] = ins[best];
      from[to] = best;
    }
  }
  return { n, h, w, c, values, from };
}

/** @param {Maps} x @param {Int32Array} from @param {ArrayLike<number>} slope */
export function poolBack(x, from, slope) {
  const back = new Float32Array(x.values.length);
  for (let i = 0; i < from.length; i++) back[from[i]] += slope[i];
  return back;
}
// --8<-- [end:pool]

// --8<-- [start:loss]
/**
 * Softmax and mean cross-entropy of each row's scores; their slope; how often the largest score is the label's.
 * @param {Matrix} scores
 * @param {ArrayLike<number>} labels
 */
export function crossEntropy({ rows, columns, values }, labels) {
  const slope = new Float32Array(rows * columns);
  let [loss, right] = [0, 0];
  for (let r = 0; r < rows; r++) {
    const own = Array.from({ length: columns }, (_, c) => values[r * columns + c]);
    const largest = Math.max(...own);
    const powers = own.map((score) => Math.exp(score - largest));
    const total = powers.reduce((a, b) => a + b);
    loss += (Math.log(total) + largest - own[labels[r]]) / rows;
    if (own.indexOf(largest) === labels[r]) right++;
    powers.forEach((power, c) => (slope[r * columns + c] = (power / total - Number(c === labels[r])) / rows));
  }
  return { loss, right, slope: { rows, columns, values: slope } };
}
// --8<-- [end:loss]

// --8<-- [start:attend]
/**
 * What each head makes of a query: the shares of the places so far, which add up to 1, and the values so mixed.
 * @param {ArrayLike<number>} query of all heads, one after another
 * @param {ArrayLike<number>} keys of one place after another, as long as the query
 * @param {ArrayLike<number>} values
 * @param {number} count of the places
 * @param {number} heads
 */
export function attend(query, keys, values, count, heads) {
  const [width, size] = [query.length, query.length / heads];
  const shares = new Float32Array(heads * count);
  const mixed = new Float32Array(width);
  for (let h = 0; h < heads; h++) {
    const own = shares.subarray(h * count, (h + 1) * count);
    for (let t = 0; t < count; t++) {
      let sum = 0;
      for (let i = h * size; i < (h + 1) * size; i++) sum += query[i] * keys[t * width + i];
      own[t] = sum / Math.sqrt(size);
    }
    const largest = own.reduce((a, b) => Math.max(a, b));
    let total = 0;
    for (let t = 0; t < count; t++) total += own[t] = Math.exp(own[t] - largest);
    for (let t = 0; t < count; t++) {
      own[t] /= total;
      for (let i = h * size; i < (h + 1) * size; i++) mixed[i] += own[t] * values[t * width + i];
    }
  }
  return { shares, mixed };
}
// --8<-- [end:attend]

// --8<-- [start:attend-back]
/**
 * @param {ArrayLike<number>} query
 * @param {ArrayLike<number>} keys
 * @param {ArrayLike<number>} values
 * @param {ArrayLike<number>} shares of each head
 * @param {ArrayLike<number>} slope at what was mixed
 */
export function attendBack(query, keys, values, shares, slope) {
  const width = query.length;
  const count = keys.length / width;
  const heads = shares.length / count;
  const size = width / heads;
  const back = { query: new Float32Array(width), keys: new Float32Array(keys.length), values: new Float32Array(keys.length) };
  for (let h = 0; h < heads; h++) {
    const [first, end] = [h * size, (h + 1) * size];
    const pulls = Array(count).fill(0); // at the shares
    for (let t = 0; t < count; t++) {
      for (let i = first; i < end; i++) {
        pulls[t] += slope[i] * values[t * width + i];
        back.values[t * width + i] = slope[i] * shares[h * count + t];
      }
    }
    const mean = pulls.reduce((sum, pull, t) => sum + pull * shares[h * count + t], 0);
    for (let t = 0; t < count; t++) {
      const score = (shares[h * count + t] * (pulls[t] - mean)) / Math.sqrt(size); // at the product of query and key
      for (let i = first; i < end; i++) {
        back.query[i] += score * keys[t * width + i];
        back.keys[t * width + i] = score * query[i];
      }
    }
  }
  return back;
}
// --8<-- [end:attend-back]

// --8<-- [start:normalize]
/** @param {ArrayLike<number>} x */
function moments(x) {
  const n = x.length;
  let [mean, variance] = [0, 0];
  for (let i = 0; i < n; i++) mean += x[i] / n;
  for (let i = 0; i < n; i++) variance += (x[i] - mean) ** 2 / n;
  return { mean, scale: 1 / Math.sqrt(variance + EPSILON) };
}

/**
 * Mean 0 and variance 1, then the gains, then the shifts.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} learned gains, and behind them shifts
 */
export function normalize(x, learned) {
  const { mean, scale } = moments(x);
  return Float32Array.from(x, (value, i) => (value - mean) * scale * learned[i] + learned[x.length + i]);
}

/**
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} learned
 * @param {ArrayLike<number>} slope
 */
export function normalizeBack(x, learned, slope) {
  const { mean, scale } = moments(x);
  const n = x.length;
  const even = Float32Array.from(x, (value) => (value - mean) * scale);
  const pulls = even.map((_, i) => slope[i] * learned[i]);
  const level = pulls.reduce((sum, pull) => sum + pull / n, 0);
  const tilt = pulls.reduce((sum, pull, i) => sum + (pull * even[i]) / n, 0);
  return {
    x: pulls.map((pull, i) => scale * (pull - level - even[i] * tilt)),
    learned: Float32Array.from({ length: 2 * n }, (_, i) => (i < n ? slope[i] * even[i] : slope[i - n])),
  };
}
// --8<-- [end:normalize]

// --8<-- [start:add]
/**
 * Add one vector to another.
 * @param {Float32Array} x is changed
 * @param {ArrayLike<number>} more
 */
export function add(x, more) {
  for (let i = 0; i < x.length; i++) x[i] += more[i];
}
// --8<-- [end:add]
