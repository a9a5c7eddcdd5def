// Attention over a short text: a vector for each token, waves for the places, and what each takes from the others.

import { softmax } from "./probability.js";

const SIZE = 16; // of a vector

/** @typedef {{ divisor: number, causal: boolean, places: boolean }} Way of attending */

/**
 * Spread the characters of a token over signs, the same each time.
 * @param {string} token
 * @param {number} [size] at most 16
 */
export function vector(token, size = SIZE) {
  let hash = 0;
  for (const character of token) hash = Math.imul(hash * 31 + (character.codePointAt(0) ?? 0), 2654435761) >>> 0;
  return Array.from({ length: size }, (_, l) => 1 - 2 * ((hash >>> (16 + l)) & 1));
}

/**
 * Waves from quick to slow, a mixture of its own for each place.
 * @param {number} count
 * @param {number} [size] even
 */
export function waves(count, size = SIZE) {
  const speeds = Array.from({ length: size / 2 }, (_, i) => 10000 ** (-2 * i / size));
  return Array.from({ length: count }, (_, t) => [
    ...speeds.map((speed) => Math.sin(t * speed)),
    ...speeds.map((speed) => Math.cos(t * speed)),
  ]);
}

/**
 * How much each takes from each, when their vectors are queries, keys and values; rows add up to 1.
 * @param {number[][]} x
 * @param {number} divisor of the scores
 * @param {boolean} [causal] nobody sees what comes later
 */
export function weights(x, divisor, causal = false) {
  return x.map((q, i) => {
    const scores = x.map((k) => q.reduce((sum, value, l) => sum + value * k[l], 0) / divisor);
    return softmax(causal ? scores.map((score, j) => (j > i ? -Infinity : score)) : scores);
  });
}

/**
 * The weights of a text, and what comes out for each token.
 * @param {string[]} tokens
 * @param {Way} way
 */
export function attend(tokens, { divisor, causal, places }) {
  const waved = waves(tokens.length);
  const x = tokens.map((token, t) => vector(token).map((value, l) => value + (places ? waved[t][l] : 0)));
  const shares = weights(x, divisor, causal);
  return { shares, mixed: shares.map((row) => x[0].map((_, l) => row.reduce((sum, share, j) => sum + share * x[j][l], 0))) };
}

/**
 * How far apart the output of a token is from its output when the text is read backward, over its length.
 * @param {string[]} tokens
 * @param {Way} way
 * @param {number} which of the tokens
 */
export function moved(tokens, way, which) {
  const forward = attend(tokens, way).mixed[which];
  const backward = attend(tokens.toReversed(), way).mixed[tokens.length - 1 - which];
  return Math.hypot(...forward.map((value, l) => value - backward[l])) / Math.hypot(...forward);
}
