// Drawing the next token: only among the likeliest, by their chances.

/**
 * The chances once only the first k remain, likeliest first; they add up to 1 again.
 * @param {number[]} chances
 * @param {number} k
 */
export function topK(chances, k) {
  const kept = share(chances, k);
  return chances.map((p, i) => (i < k ? p / kept : 0));
}

/**
 * What the first k have together.
 * @param {number[]} chances
 * @param {number} k
 */
export function share(chances, k) {
  return chances.slice(0, k).reduce((sum, p) => sum + p, 0);
}

/**
 * Which one is drawn.
 * @param {number[]} chances that add up to 1
 * @param {number} u from 0 to 1, 1 excluded
 */
export function drawn(chances, u) {
  let left = u;
  const found = chances.findIndex((p) => (left -= p) < 0);
  return found < 0 ? chances.findLastIndex((p) => p > 0) : found; // where rounding left a crumb
}
