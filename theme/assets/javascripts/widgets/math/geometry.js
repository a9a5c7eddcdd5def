// Parts of the plane.

/** @typedef {[number, number]} Place */

/**
 * What of a convex polygon lies where a x + b y + c >= 0.
 * @param {Place[]} polygon
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @returns {Place[]}
 */
export function cut(polygon, a, b, c) {
  /** @type {Place[]} */
  const kept = [];
  polygon.forEach(([x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length];
    const [here, there] = [a * x + b * y + c, a * nextX + b * nextY + c];
    if (here >= 0) kept.push([x, y]);
    if (here >= 0 !== there >= 0) {
      const share = here / (here - there);
      kept.push([x + share * (nextX - x), y + share * (nextY - y)]);
    }
  });
  return kept;
}
