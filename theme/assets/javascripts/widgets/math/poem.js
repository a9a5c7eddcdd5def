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
 * @param {Set<number>} never what must not be drawn
 */
export function likeliest(scores, temperature, k, never) {
  const order = Array.from(scores, (_, i) => i).filter((i) => !never.has(i));
  order.sort((a, b) => scores[b] - scores[a]);
  const kept = order.slice(0, k);
  const chances = softmax(kept.map((i) => scores[i]), temperature);
  return kept.map((token, i) => ({ token, chance: chances[i] }));
}
