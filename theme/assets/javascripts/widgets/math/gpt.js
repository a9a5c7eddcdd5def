// A small GPT that reads one token after another and keeps the keys and values of those before: as in
// snippets/applications/poet.py, number by number.

import { add, attend, normalize, product } from "./engine.js";
import { bytes, whole } from "./weights.js";

/** @typedef {import("./engine.js").Matrix} Matrix */
/** @typedef {{ shape: number[], float32?: string, int8?: string, scale?: string }} Packed */
/** @typedef {{ weights: Record<string, Matrix>, heads: number, width: number, depth: number }} Net */
/** @typedef {{ count: number, keys: Float32Array[], values: Float32Array[] }} Cache for each layer */

/**
 * The network from the file of the long run: each row of a matrix is whole numbers times a scale.
 * @param {{ heads: number, net: Record<string, Packed> }} file
 * @returns {Net}
 */
export function read({ heads, net }) {
  const weights = Object.fromEntries(Object.entries(net).map(([name, packed]) => [name, unpack(packed)]));
  return { weights, heads, width: weights.token.columns, depth: Object.keys(net).filter((name) => name.endsWith(".mix")).length };
}

/** @param {Packed} packed @returns {Matrix} */
function unpack({ shape, float32, int8 = "", scale = "" }) {
  const columns = shape.at(-1) ?? 0;
  if (float32) return { rows: 1, columns, values: whole(new Float32Array(bytes(float32).buffer), columns) };
  const [steps, scales] = [new Int8Array(bytes(int8).buffer), new Float32Array(bytes(scale).buffer)];
  const values = Float32Array.from(steps, (step, i) => step * scales[Math.floor(i / columns)]);
  return { rows: shape[0], columns, values: whole(values, shape[0] * columns) };
}

/** A cache with nothing in it yet. @param {Net} net @returns {Cache} */
export function nothing({ weights, width, depth }) {
  const room = () => Array.from({ length: depth }, () => new Float32Array(weights.place.rows * width));
  return { count: 0, keys: room(), values: room() };
}

// --8<-- [start:step]
/**
 * Read one more token: the scores of the next, and the shares of each head, layer after layer.
 * @param {Net} net
 * @param {Cache} cache grows by one
 * @param {number} token
 */
export function step({ weights, heads, width, depth }, cache, token) {
  const at = cache.count++;
  const row = (/** @type {Matrix} */ { values }, /** @type {number} */ i) => Array.from({ length: width }, (_, c) => values[i * width + c]);
  const place = row(weights.place, at);
  const x = Float32Array.from(row(weights.token, token), (value, i) => (value + place[i]) * Math.sqrt(width));
  const shares = [];
  for (let layer = 0; layer < depth; layer++) {
    const part = (/** @type {string} */ name) => weights[`${layer}.${name}`];
    const y = normalize(x, part("norm1").values);
    cache.keys[layer].set(product(part("k"), y), at * width);
    cache.values[layer].set(product(part("v"), y), at * width);
    const seen = attend(product(part("q"), y), cache.keys[layer], cache.values[layer], at + 1, heads);
    shares.push(seen.shares);
    add(x, product(part("mix"), seen.mixed));
    const up = product(part("up"), normalize(x, part("norm2").values), part("up_bias").values);
    add(x, product(part("down"), up.map((value) => Math.max(value, 0)), part("down_bias").values));
  }
  return { scores: product(weights.token, normalize(x, weights.norm.values)), shares };
}
// --8<-- [end:step]
