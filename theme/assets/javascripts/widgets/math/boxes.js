// Boxes that a detector reports: what two have in common, which are kept, and which are right.

/** @typedef {[left: number, top: number, right: number, bottom: number]} Box */
/** @typedef {{ box: Box, label: number, score: number }} Found */

/**
 * The area that two boxes share.
 * @param {Box} a
 * @param {Box} b
 */
export function shared(a, b) {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return Math.max(width, 0) * Math.max(height, 0);
}

/**
 * Intersection over union.
 * @param {Box} a
 * @param {Box} b
 */
export function iou(a, b) {
  const area = (/** @type {Box} */ [left, top, right, bottom]) => (right - left) * (bottom - top);
  return shared(a, b) / (area(a) + area(b) - shared(a, b));
}

/**
 * The numbers of a list, those of the best scores first.
 * @param {Found[]} found
 */
function ranked(found) {
  return found.map((_, i) => i).sort((i, j) => found[j].score - found[i].score || i - j);
}

/**
 * Non-maximum suppression, within each class: which are kept, best scores first.
 * @param {Found[]} found
 * @param {number} limit of the IoU
 */
export function suppress(found, limit) {
  /** @type {number[]} */
  const kept = [];
  for (const i of ranked(found)) {
    const isFree = kept.every((j) => found[i].label !== found[j].label || iou(found[i].box, found[j].box) <= limit);
    if (isFree) kept.push(i);
  }
  return kept;
}

/**
 * Which true box each found one is, or -1; each can be found only once, and the best scores choose first.
 * @param {Found[]} found
 * @param {{ box: Box, label: number }[]} truths
 * @param {number} [limit] of the IoU
 */
export function match(found, truths, limit = 0.5) {
  const which = found.map(() => -1);
  const free = new Set(truths.keys());
  for (const i of ranked(found)) {
    let best = limit;
    for (const t of free) {
      const fit = truths[t].label === found[i].label ? iou(found[i].box, truths[t].box) : 0;
      if (fit >= limit && (which[i] < 0 || fit > best)) [best, which[i]] = [fit, t];
    }
    free.delete(which[i]);
  }
  return which;
}
