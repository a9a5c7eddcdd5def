// From scores to probabilities and to losses, in forms that do not overflow.

/** @typedef {{ x: number, y: number, label: 0 | 1 }} Example a point of the plane with its class */
/** @typedef {{ w1: number, w2: number, b: number }} Boundary the line w1 x + w2 y + b = 0, or a gradient by the three */

/** @param {number} z */
export function sigmoid(z) {
  const small = Math.exp(-Math.abs(z));
  return z >= 0 ? 1 / (1 + small) : small / (1 + small);
}

/**
 * The score whose sigmoid is p.
 * @param {number} p
 */
export function logit(p) {
  return Math.log(p) - Math.log1p(-p);
}

/**
 * log(1 + exp(z)): the loss of a score -z for the true class.
 * @param {number} z
 */
export function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/**
 * Probabilities of scores.
 * @param {number[]} scores
 * @param {number} [temperature] above 0
 */
export function softmax(scores, temperature = 1) {
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp((score - largest) / temperature));
  const sum = total(powers);
  return powers.map((power) => power / sum);
}

/**
 * Entropy, in nats.
 * @param {number[]} probabilities
 */
export function entropy(probabilities) {
  return -total(probabilities.map((p) => (p > 0 ? p * Math.log(p) : 0)));
}

/**
 * Cross-entropy of forecasts when things happen with other probabilities, in nats; what never happens costs nothing.
 * @param {number[]} truth
 * @param {number[]} forecast
 */
export function crossEntropy(truth, forecast) {
  return -total(truth.map((t, i) => (t > 0 ? t * Math.log(forecast[i]) : 0)));
}

/**
 * Change one of several probabilities; the others share what is left as before.
 * @param {number[]} probabilities all above 0
 * @param {number} index
 * @param {number} value between 0 and 1, both excluded
 */
export function withProbability(probabilities, index, value) {
  const rest = 1 - probabilities[index];
  return probabilities.map((p, i) => (i === index ? value : (p * (1 - value)) / rest));
}

/**
 * Mean cross-entropy loss of a boundary, in nats.
 * @param {Example[]} examples
 * @param {Boundary} boundary
 */
export function boundaryLoss(examples, boundary) {
  const losses = examples.map((one) => softplus(one.label ? -score(one, boundary) : score(one, boundary)));
  return total(losses) / examples.length;
}

/**
 * Gradient of the mean cross-entropy loss.
 * @param {Example[]} examples
 * @param {Boundary} boundary
 * @returns {Boundary}
 */
export function boundaryGradient(examples, boundary) {
  const gradient = { w1: 0, w2: 0, b: 0 };
  for (const one of examples) {
    const error = (sigmoid(score(one, boundary)) - one.label) / examples.length;
    gradient.w1 += error * one.x;
    gradient.w2 += error * one.y;
    gradient.b += error;
  }
  return gradient;
}

/**
 * One step of gradient descent.
 * @param {Example[]} examples
 * @param {Boundary} boundary
 * @param {number} rate the learning rate
 * @returns {Boundary}
 */
export function boundaryStep(examples, boundary, rate) {
  const slope = boundaryGradient(examples, boundary);
  return { w1: boundary.w1 - rate * slope.w1, w2: boundary.w2 - rate * slope.w2, b: boundary.b - rate * slope.b };
}

/**
 * Share of the examples on their side of the boundary.
 * @param {Example[]} examples
 * @param {Boundary} boundary
 */
export function accuracy(examples, boundary) {
  return examples.filter((one) => score(one, boundary) > 0 === Boolean(one.label)).length / examples.length;
}

/**
 * @param {{ x: number, y: number }} point
 * @param {Boundary} boundary
 */
export function score({ x, y }, { w1, w2, b }) {
  return w1 * x + w2 * y + b;
}

/** @param {number[]} numbers */
export function total(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0);
}
