// Rhyme and tones of a poem whose lines are of one length, by the tables of the page.

import { softmax } from "./probability.js";

/**
 * Whether the places 2, 4, 6 of each line alternate in tone; undefined where a tone is not known.
 * @param {string[]} lines
 * @param {Record<string, string>} tones 平 or 仄
 */
export function alternations(lines, tones) {
  return lines.map((line) => {
    const heard = [...line].slice(0, 6).filter((_, i) => i % 2).map((c) => tones[c]);
    return heard.every(Boolean) ? heard.slice(1).every((tone, i) => tone !== heard[i]) : undefined;
  });
}

/**
 * Whether the even lines end on one rhyme, with different characters.
 * @param {string[]} lines
 * @param {Record<string, number>} rhymes the groups of characters; who has none is left out
 */
export function rhymed(lines, rhymes) {
  const ends = lines.filter((_, i) => i % 2).map((line) => [...line].at(-1) ?? "");
  return new Set(ends).size === ends.length && new Set(ends.map((c) => rhymes[c])).size === 1 && ends[0] in rhymes;
}

/**
 * What is drawn from: the k likeliest, likeliest first, with their chances.
 * @param {ArrayLike<number>} scores
 * @param {number} temperature
 * @param {number} k
 * @param {number[]} never what must not be drawn
 */
export function likeliest(scores, temperature, k, never) {
  const order = Array.from(scores, (_, i) => i).filter((i) => !never.includes(i));
  order.sort((a, b) => scores[b] - scores[a]);
  const kept = order.slice(0, k);
  const chances = softmax(kept.map((i) => scores[i]), temperature);
  return kept.map((token, i) => ({ token, chance: chances[i] }));
}

/** What a character costs, in bits. @param {Float32Array} scores @param {number} token */
export function surprise(scores, token) {
  const largest = scores.reduce((a, b) => Math.max(a, b));
  return Math.log2(scores.reduce((sum, score) => sum + Math.exp(score - largest), 0)) - (scores[token] - largest) / Math.LN2;
}

/**
 * How much a head, or all of them on average, takes from each place.
 * @param {ArrayLike<number>[]} shares layer after layer, head after head
 * @param {number} heads in a layer
 * @param {string} which as 2.1, the first of the second layer, or all
 */
export function attention(shares, heads, which) {
  const length = shares[0].length / heads;
  const all = shares.flatMap((layer) => Array.from({ length: heads }, (_, h) => Array.from(layer).slice(h * length, (h + 1) * length)));
  const [layer, head] = which.split(".").map(Number);
  return head ? all[(layer - 1) * heads + head - 1] : all[0].map((_, i) => all.reduce((sum, own) => sum + own[i] / all.length, 0));
}

/**
 * What must stand at each place of a poem, behind its form: opening words with their marks, first characters of lines.
 * @param {number} each characters of a line
 * @param {number} lines
 * @param {string} opening
 * @param {string} acrostic
 */
export function wanted(each, lines, opening, acrostic) {
  /** @type {(string | undefined)[]} */
  const places = Array(lines * (each + 1) + 1).fill(undefined);
  const only = (/** @type {string} */ text) => [...text].filter((c) => /\p{Script=Han}/u.test(c));
  only(acrostic).slice(0, lines).forEach((c, i) => (places[1 + i * (each + 1)] = c));
  const begun = only(opening).slice(0, each * lines);
  begun.forEach((c, i) => (places[1 + i + Math.floor(i / each)] = c));
  for (let i = each; i <= begun.length; i += each) places[i + i / each] = (i / each) % 2 ? "，" : "。";
  return places;
}
