// A small convolutional network that learns digits: its start, its scores, its gradients. What a layer computes is in
// engine.js; how many there are, the reader says.

import { Adam } from "./adam.js";
import { convolve, convolveBack, crossEntropy, multiply, multiplyBack, pool, poolBack, relu, reluBack } from "./engine.js";
import { randomFrom } from "./network.js";
import { bytes } from "./weights.js";

export const SIDE = 14; // pixels of an image
export const CLASSES = 10;
const PART = 100; // images that are tested together
const LATEST = 20; // steps that tell how a training goes

/** @typedef {import("./engine.js").Maps} Maps */
/** @typedef {{ kernel: Float32Array, bias: Float32Array }} Layer */
/** @typedef {Layer[]} Net convolutions, and at the end the dense layer */

/**
 * Weights as Keras draws them (Glorot): even, within a bound that depends on what comes in and goes out.
 * @param {number} depth convolutions, 0 to 2
 * @param {number} filters of the first; the second has twice as many
 * @param {() => number} random from 0 to 1
 * @returns {Net}
 */
export function start(depth, filters, random) {
  let [side, channels] = [SIDE, 1];
  const draw = (/** @type {number} */ taps, /** @type {number} */ ins, /** @type {number} */ outs) => {
    const bound = Math.sqrt(6 / (taps * (ins + outs)));
    return { kernel: Float32Array.from({ length: taps * ins * outs }, () => bound * (2 * random() - 1)), bias: new Float32Array(outs) };
  };
  const net = Array.from({ length: depth }, (_, l) => {
    const layer = draw(9, channels, filters << l);
    [side, channels] = [(side - 2) >> 1, filters << l];
    return layer;
  });
  return [...net, draw(1, side * side * channels, CLASSES)];
}

// --8<-- [start:gradients]
/**
 * The scores of some images, and what each layer took in on the way.
 * @param {Net} net
 * @param {Maps} images
 */
export function forward(net, images) {
  const seen = [];
  let x = images;
  for (const { kernel, bias } of net.slice(0, -1)) {
    const z = convolve(x, kernel, bias);
    const top = pool(relu(z));
    seen.push({ x, z, from: top.from });
    x = top;
  }
  const flat = { rows: x.n, columns: x.h * x.w * x.c, values: x.values };
  const { kernel, bias } = net[net.length - 1];
  const dense = { rows: flat.columns, columns: CLASSES, values: kernel };
  return { seen, flat, dense, scores: multiply(flat, dense, bias) };
}

/**
 * The loss of some images, how many are right, and the slopes: of each layer's kernel and bias.
 * @param {Net} net
 * @param {Maps} images
 * @param {ArrayLike<number>} labels
 */
export function gradients(net, images, labels) {
  const { seen, flat, dense, scores } = forward(net, images);
  const { loss, right, slope } = crossEntropy(scores, labels);
  const last = multiplyBack(flat, dense, slope);
  const slopes = [last.w, last.bias];
  let back = last.x;
  for (const [l, { x, z, from }] of [...seen.entries()].reverse()) {
    const values = reluBack(z, poolBack(z, from, back));
    const one = convolveBack(x, net[l].kernel, { ...z, values });
    slopes.unshift(one.kernel, one.bias);
    back = one.x;
  }
  return { loss, right, slopes };
}
// --8<-- [end:gradients]

/** All weights, in the order of the slopes. @param {Net} net */
export function weights(net) {
  return net.flatMap(({ kernel, bias }) => [kernel, bias]);
}

/**
 * Some of the images, in a given order.
 * @param {Maps} images
 * @param {ArrayLike<number>} which
 * @returns {Maps}
 */
export function some({ h, w, c, values }, which) {
  const size = h * w * c;
  const chosen = new Float32Array(which.length * size);
  for (let i = 0; i < which.length; i++) chosen.set(values.subarray(which[i] * size, (which[i] + 1) * size), i * size);
  return { n: which.length, h, w, c, values: chosen };
}

/**
 * Images from the file of the long run: 4 bits a pixel, the first pixel in the higher four; and their labels.
 * @param {{ count: number, labels: string, base64: string }} file
 */
export function read({ count, labels, base64 }) {
  const pairs = bytes(base64); // of pixels
  const isWhole = /^\d*$/.test(labels) && labels.length === count && pairs.length === (count * SIDE * SIDE) / 2;
  if (!isWhole || !count) throw new Error("The images are damaged.");
  const values = Float32Array.from({ length: 2 * pairs.length }, (_, i) => (i % 2 ? pairs[i >> 1] & 15 : pairs[i >> 1] >> 4) / 15);
  return { images: { n: count, h: SIDE, w: SIDE, c: 1, values }, labels: Uint8Array.from(labels, Number) };
}

/**
 * Mean loss over many images, and the answers.
 * @param {Net} net
 * @param {Maps} images
 * @param {ArrayLike<number>} labels
 */
export function test(net, images, labels) {
  let [loss, right] = [0, 0];
  const answers = [];
  for (let first = 0; first < images.n; first += PART) {
    const which = Array.from({ length: Math.min(PART, images.n - first) }, (_, i) => first + i);
    const { scores } = forward(net, some(images, which));
    const one = crossEntropy(scores, which.map((i) => labels[i]));
    loss += (one.loss * which.length) / images.n;
    right += one.right;
    for (let r = 0; r < which.length; r++) {
      const own = scores.values.subarray(r * CLASSES, (r + 1) * CLASSES);
      answers.push(own.indexOf(Math.max(...own)));
    }
  }
  return { loss, accuracy: right / images.n, answers };
}

/**
 * One training: a network, and images that it sees in another order in each epoch.
 */
export class Training {
  steps = 0;
  #adam = new Adam();
  /** @type {number[]} */
  #order = [];

  /**
   * @param {Maps} images
   * @param {ArrayLike<number>} labels
   * @param {{ depth: number, filters: number, batch: number, seed: number }} settings
   */
  constructor(images, labels, { depth, filters, batch, seed }) {
    this.images = images;
    this.labels = labels;
    this.batch = batch;
    this.random = randomFrom(seed);
    this.net = start(depth, filters, this.random);
  }

  /** Steps in an epoch; the last batch may be smaller. */
  get perEpoch() {
    return Math.ceil(this.images.n / this.batch);
  }

  // --8<-- [start:step]
  /** Learn from one batch; tell its loss before. @param {number} rate */
  step(rate) {
    const at = (this.steps++ % this.perEpoch) * this.batch;
    if (!at) this.#order = shuffled(this.images.n, this.random);
    const which = this.#order.slice(at, at + this.batch);
    const { loss, slopes } = gradients(this.net, some(this.images, which), which.map((i) => this.labels[i]));
    this.#adam.step(weights(this.net), slopes, rate);
    return loss;
  }
  // --8<-- [end:step]
}

/** The numbers below n in random order. @param {number} n @param {() => number} random */
function shuffled(n, random) {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * What is wrong with a training, by its latest losses: "broken" (no numbers any more), "grows" (worse than twice what
 * guessing costs), "guesses" (after a hundred steps no better than guessing), "collapsed" (the same, after it had
 * grown), or nothing.
 * @param {number[]} losses of each step
 */
export function verdict(losses) {
  const last = losses.slice(-LATEST);
  const mean = last.reduce((sum, loss) => sum + loss, 0) / last.length;
  const guess = Math.log(CLASSES);
  if (!Number.isFinite(mean)) return last.length ? "broken" : "";
  if (mean > 2 * guess) return "grows";
  if (losses.length < 100 || mean < 0.95 * guess) return "";
  return losses.some((loss) => loss > 2 * guess) ? "collapsed" : "guesses";
}
