// A small convolutional network that reads digits, and how a drawing is prepared for it: as in
// snippets/practice/draw_a_digit.py, number by number.

import { convolve, multiply, pool, relu } from "./engine.js";
import { softmax } from "./probability.js";
import { bytes, whole } from "./weights.js";

const SIDE = 28; // pixels of an image
const BOX = 20; // pixels of a digit in it

/** @typedef {{ shape: number[], values: ArrayLike<number> }} Weights */
/** @typedef {Record<"conv1" | "bias1" | "conv2" | "bias2" | "dense" | "bias", Weights>} Net */
/** @typedef {import("./engine.js").Maps} Maps */

/**
 * Weights from the file of the long run: single-precision numbers in base64.
 * @param {Record<string, { shape: number[], base64: string }>} file
 */
export function read(file) {
  const arrays = Object.entries(file).map(([name, { shape, base64 }]) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return [name, { shape, values: whole(new Float32Array(bytes(base64).buffer), count) }];
  });
  return /** @type {Net} */ (Object.fromEntries(arrays));
}

// --8<-- [start:forward]
/**
 * The ten scores of an image, and what both convolutions make of it.
 * @param {Net} net
 * @param {ArrayLike<number>} image 28 x 28, from 0 to 1
 */
export function forward(net, image) {
  const layer = (/** @type {Maps} */ x, /** @type {"1" | "2"} */ l) => relu(convolve(x, net[`conv${l}`].values, net[`bias${l}`].values));
  const first = layer({ n: 1, h: SIDE, w: SIDE, c: 1, values: Float32Array.from(image) }, "1");
  const second = layer(pool(first), "2");
  const { values } = pool(second);
  const [rows, columns] = net.dense.shape;
  const scores = multiply({ rows: 1, columns: rows, values }, { rows, columns, values: net.dense.values }, net.bias.values);
  return { scores: Array.from(scores.values), maps: [first, second] };
}
// --8<-- [end:forward]

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
