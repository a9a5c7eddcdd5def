// The network of two layers that has attention alone: as in snippets/outlook/what_emerges.py, number by number.

import { add, attend, product } from "./engine.js";
import { softmax } from "./probability.js";

export const LONGEST = 32; // places, and different tokens

/** @typedef {Record<"q" | "k" | "v" | "o", number[][][]>} Layer of each head a matrix */
/** @typedef {{ token: number[][], place: number[][], out: number[][], layers: Layer[] }} Weights */

/** The weights of the long run's file; an error where some are missing. @param {{ weights: Weights }} file @returns {Weights} */
export function read({ weights }) {
  const { token, place, out, layers } = weights;
  const all = [token, place, out, ...layers.flatMap(({ q, k, v, o }) => [...q, ...k, ...v, ...o])];
  const whole = all.every((rows) => rows.length && rows.every((row) => row.length === rows[0].length && row.every(Number.isFinite)));
  if (!whole || layers.length !== 2) throw new Error("The weights are damaged.");
  return weights;
}

/**
 * Read a sequence: the chances of the next token at each place, and where each head looks from there.
 * @param {Weights} weights
 * @param {number[]} tokens
 * @param {number[][]} kept for each layer, 1 for a head that works and 0 for one that is switched off
 */
export function look({ token, place, out, layers }, tokens, kept) {
  const width = out.length;
  const caches = layers.map(() => ({ keys: new Float32Array(LONGEST * width), values: new Float32Array(LONGEST * width) }));
  const inner = layers.map((layer, l) => {
    const [q, k, v] = [layer.q, layer.k, layer.v].map((heads) => matrix(heads.flatMap(turned)));
    const o = matrix(turned(layer.o.flatMap((head, h) => head.map((row) => row.map((value) => value * kept[l][h])))));
    return { q, k, v, o };
  });
  const last = matrix(turned(out));
  return tokens.map((which, at) => {
    const x = Float32Array.from(token[which], (value, i) => value + place[at][i]);
    const shares = inner.map(({ q, k, v, o }, layer) => {
      const { keys, values } = caches[layer];
      keys.set(product(k, x), at * width);
      values.set(product(v, x), at * width);
      const seen = attend(product(q, x), keys, values, at + 1, kept[layer].length);
      add(x, product(o, seen.mixed));
      return kept[layer].map((_, h) => Array.from(seen.shares.slice(h * (at + 1), (h + 1) * (at + 1))));
    });
    return { chances: softmax(Array.from(product(last, x))), shares };
  });
}

/** @param {number[][]} rows */
function matrix(rows) {
  return { rows: rows.length, columns: rows[0].length, values: Float32Array.from(rows.flat()) };
}

/** Rows become columns. @param {number[][]} rows */
function turned(rows) {
  return rows[0].map((_, i) => rows.map((row) => row[i]));
}

/**
 * For each place, the place after the last one before with the same token; -1 where there is none.
 * @param {number[]} tokens
 */
export function followers(tokens) {
  return tokens.map((token, at) => tokens.lastIndexOf(token, at - 1) + 1 || -1).map((place, at) => (at ? place : -1));
}
