// A small convolutional network that reads digits, and how a drawing is prepared for it: as in
// snippets/practice/draw_a_digit.py, number by number.

import { softmax } from "./probability.js";

const SIDE = 28; // pixels of an image
const BOX = 20; // pixels of a digit in it

/** @typedef {{ shape: number[], values: ArrayLike<number> }} Weights */
/** @typedef {Record<"conv1" | "bias1" | "conv2" | "bias2" | "dense" | "bias", Weights>} Net */
/** @typedef {{ h: number, w: number, c: number, values: Float32Array }} Maps height, width, channels */

/**
 * Weights from the file of the long run: single-precision numbers in base64.
 * @param {Record<string, { shape: number[], base64: string }>} file
 */
export function read(file) {
  const arrays = Object.entries(file).map(([name, { shape, base64 }]) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return [name, { shape, values: new Float32Array(bytes.buffer) }];
  });
  return /** @type {Net} */ (Object.fromEntries(arrays));
}

/**
 * A convolution of 3 x 3, and ReLU.
 * @param {Maps} x
 * @param {Weights} kernel
 * @param {Weights} bias
 * @returns {Maps}
 */
function convolve(x, kernel, bias) {
  const d = kernel.shape[3];
  const [h, w] = [x.h - 2, x.w - 2];
  const values = new Float32Array(h * w * d);
  for (let r = 0; r < h; r++) {
    for (let q = 0; q < w; q++) {
      const out = (r * w + q) * d;
      for (let k = 0; k < d; k++) values[out + k] = bias.values[k];
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          for (let c = 0; c < x.c; c++) {
            const value = x.values[((r + i) * x.w + q + j) * x.c + c];
            const from = ((i * 3 + j) * x.c + c) * d;
            if (value) for (let k = 0; k < d; k++) values[out + k] += value * kernel.values[from + k];
          }
        }
      }
      for (let k = 0; k < d; k++) values[out + k] = Math.max(values[out + k], 0);
    }
  }
  return { h, w, c: d, values };
}

/**
 * The largest of each 2 x 2.
 * @param {Maps} x
 * @returns {Maps}
 */
function pool(x) {
  const [h, w] = [x.h >> 1, x.w >> 1];
  const values = new Float32Array(h * w * x.c).fill(-Infinity);
  for (let r = 0; r < 2 * h; r++) {
    for (let q = 0; q < 2 * w; q++) {
      for (let c = 0; c < x.c; c++) {
        const to = ((r >> 1) * w + (q >> 1)) * x.c + c;
        values[to] = Math.max(values[to], x.values[(r * x.w + q) * x.c + c]);
      }
    }
  }
  return { h, w, c: x.c, values };
}

/**
 * The ten scores of an image, and what both convolutions make of it.
 * @param {Net} net
 * @param {ArrayLike<number>} image 28 x 28, from 0 to 1
 */
export function forward(net, image) {
  const first = convolve({ h: SIDE, w: SIDE, c: 1, values: Float32Array.from(image) }, net.conv1, net.bias1);
  const second = convolve(pool(first), net.conv2, net.bias2);
  const { values } = pool(second);
  const scores = Array.from(net.bias.values, Number);
  for (let i = 0; i < values.length; i++) {
    for (let k = 0; k < scores.length; k++) scores[k] += values[i] * net.dense.values[i * scores.length + k];
  }
  return { scores, maps: [first, second] };
}

/**
 * A drawing as MNIST was made: 20 pixels at most, then centered by weight; all zero where there is no ink.
 * @param {ArrayLike<number>} paper ink from 0 to 1
 * @param {number} side its pixels each way
 */
export function prepare(paper, side) {
  let [top, bottom, left, right] = [side, 0, side, 0];
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      if (paper[r * side + c] <= 0.5) continue;
      [top, bottom] = [Math.min(top, r), Math.max(bottom, r + 1)];
      [left, right] = [Math.min(left, c), Math.max(right, c + 1)];
    }
  }
  const image = new Float32Array(SIDE * SIDE);
  if (top >= bottom) return image;
  const scale = BOX / Math.max(bottom - top, right - left);
  const [h, w] = [bottom - top, right - left].map((length) => Math.max(1, even(scale * length)));
  const small = new Float64Array(h * w);
  let [ink, y, x] = [0, 0, 0];
  for (let r = 0; r < h; r++) {
    for (let c = 0; c < w; c++) {
      const rows = [top + ((bottom - top) * r) / h, top + ((bottom - top) * (r + 1)) / h];
      const columns = [left + ((right - left) * c) / w, left + ((right - left) * (c + 1)) / w];
      const value = mean(paper, side, rows, columns);
      small[r * w + c] = value;
      ink += value;
      y += r * value;
      x += c * value;
    }
  }
  const row = Math.min(Math.max(Math.floor(14 - y / ink), 0), SIDE - h);
  const column = Math.min(Math.max(Math.floor(14 - x / ink), 0), SIDE - w);
  for (let r = 0; r < h; r++) {
    for (let c = 0; c < w; c++) image[(row + r) * SIDE + column + c] = small[r * w + c];
  }
  return image;
}

/** To the nearest whole number; a half to the even one, as Python does. @param {number} value */
function even(value) {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low % 2) : Math.round(value);
}

/**
 * The mean of a rectangle whose sides may lie within pixels.
 * @param {ArrayLike<number>} paper
 * @param {number} side
 * @param {number[]} rows from, to
 * @param {number[]} columns from, to
 */
function mean(paper, side, [top, bottom], [left, right]) {
  let sum = 0;
  for (let r = Math.floor(top); r < bottom && r < side; r++) {
    const high = Math.min(bottom, r + 1) - Math.max(top, r);
    for (let c = Math.floor(left); c < right && c < side; c++) {
      sum += high * (Math.min(right, c + 1) - Math.max(left, c)) * paper[r * side + c];
    }
  }
  return sum / ((bottom - top) * (right - left));
}

/**
 * How much less likely the answer gets with a patch of 4 x 4 gone, for 14 x 14 places.
 * @param {Net} net
 * @param {ArrayLike<number>} drawing
 */
export function occlusion(net, drawing) {
  const image = Float32Array.from(drawing);
  const { scores: all } = forward(net, image);
  const answer = all.indexOf(Math.max(...all));
  const before = softmax(all)[answer];
  const harm = [];
  for (let r = 0; r < SIDE; r += 2) {
    for (let c = 0; c < SIDE; c += 2) {
      const without = Float32Array.from(image);
      for (let i = Math.max(r - 1, 0); i < Math.min(r + 3, SIDE); i++) without.fill(0, i * SIDE + Math.max(c - 1, 0), i * SIDE + Math.min(c + 3, SIDE));
      const changed = without.some((ink, i) => ink !== image[i]); // most of the paper is empty
      harm.push(changed ? before - softmax(forward(net, without).scores)[answer] : 0);
    }
  }
  return harm;
}
