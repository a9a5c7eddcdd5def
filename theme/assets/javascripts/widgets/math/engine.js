// What language models compute, on typed arrays: a matrix times a vector, attention, normalization.

/** @typedef {{ rows: number, columns: number, values: ArrayLike<number> }} Matrix row after row */

const EPSILON = 1e-3; // Keras adds it to the variance

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

/**
 * Mean 0 and variance 1, then the gains, then the shifts.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} learned gains, and behind them shifts
 */
export function normalize(x, learned) {
  const n = x.length;
  let [mean, variance] = [0, 0];
  for (let i = 0; i < n; i++) mean += x[i] / n;
  for (let i = 0; i < n; i++) variance += (x[i] - mean) ** 2 / n;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  return Float32Array.from(x, (value, i) => (value - mean) * scale * learned[i] + learned[n + i]);
}

/**
 * Add one vector to another.
 * @param {Float32Array} x is changed
 * @param {ArrayLike<number>} more
 */
export function add(x, more) {
  for (let i = 0; i < x.length; i++) x[i] += more[i];
}
