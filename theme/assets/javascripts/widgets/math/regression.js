// A straight line through points: its loss, the best line in closed form, and gradient descent.

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ w: number, b: number }} Line the line y = w x + b, or a gradient by w and b */

/**
 * Mean squared error of a line.
 * @param {Point[]} points
 * @param {Line} line
 */
export function loss(points, { w, b }) {
  return mean(points, ({ x, y }) => (w * x + b - y) ** 2);
}

/**
 * Gradient of the mean squared error.
 * @param {Point[]} points
 * @param {Line} line
 * @returns {Line}
 */
export function gradient(points, { w, b }) {
  return {
    w: mean(points, ({ x, y }) => 2 * (w * x + b - y) * x),
    b: mean(points, ({ x, y }) => 2 * (w * x + b - y)),
  };
}

/**
 * The line with the least mean squared error; of several (all points have the same x), the level one.
 * @param {Point[]} points
 * @returns {Line}
 */
export function leastSquares(points) {
  const x = mean(points, (point) => point.x);
  const y = mean(points, (point) => point.y);
  const variance = mean(points, (point) => (point.x - x) ** 2);
  const w = variance > 1e-12 ? mean(points, (point) => (point.x - x) * (point.y - y)) / variance : 0;
  return { w, b: y - w * x };
}

/**
 * How the loss curves around its minimum: eigenvalues of its second derivatives, and the direction of the larger one.
 * @param {Point[]} points
 */
export function curvature(points) {
  const ww = mean(points, ({ x }) => 2 * x * x);
  const wb = mean(points, ({ x }) => 2 * x);
  const bb = 2;
  const middle = (ww + bb) / 2;
  const spread = Math.hypot((ww - bb) / 2, wb);
  return { most: middle + spread, least: Math.max(middle - spread, 0), angle: Math.atan2(2 * wb, ww - bb) / 2 };
}

/**
 * The learning rate above which gradient descent runs away: 2 over the largest curvature.
 * @param {Point[]} points
 */
export function largestRate(points) {
  return 2 / curvature(points).most;
}

/**
 * Where the loss lies `rise` above its minimum: points of an ellipse, for the surface of a straight line's loss is one.
 * @param {Point[]} points
 * @param {number} rise
 * @param {number} [count]
 * @returns {Line[]}
 */
export function contour(points, rise, count = 120) {
  const best = leastSquares(points);
  const { most, least, angle } = curvature(points);
  const steep = Math.sqrt((2 * rise) / most);
  const flat = Math.sqrt((2 * rise) / Math.max(least, 1e-6));
  return Array.from({ length: count }, (_, i) => {
    const turn = (2 * Math.PI * i) / count;
    const [u, v] = [steep * Math.cos(turn), flat * Math.sin(turn)];
    return {
      w: best.w + u * Math.cos(angle) - v * Math.sin(angle),
      b: best.b + u * Math.sin(angle) + v * Math.cos(angle),
    };
  });
}

/**
 * One step of gradient descent.
 * @param {Point[]} points
 * @param {Line} line
 * @param {number} rate the learning rate
 * @returns {Line}
 */
export function step(points, line, rate) {
  const slope = gradient(points, line);
  return { w: line.w - rate * slope.w, b: line.b - rate * slope.b };
}

/**
 * @template T
 * @param {T[]} items
 * @param {(item: T) => number} value
 */
function mean(items, value) {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
