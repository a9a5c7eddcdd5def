// How a loss falls with parameters and data, and the best size for a budget of compute.

/** @typedef {[E: number, A: number, B: number, alpha: number, beta: number]} Law */

/**
 * @param {number} n parameters
 * @param {number} d tokens or characters
 * @param {Law} law
 */
export function loss(n, d, [E, A, B, alpha, beta]) {
  return E + A / n ** alpha + B / d ** beta;
}

/**
 * The size with the least loss, where training takes 6 n d operations.
 * @param {number} compute
 * @param {Law} law
 */
export function bestSize(compute, [, A, B, alpha, beta]) {
  return ((alpha * A) / (beta * B)) ** (1 / (alpha + beta)) * (compute / 6) ** (beta / (alpha + beta));
}
