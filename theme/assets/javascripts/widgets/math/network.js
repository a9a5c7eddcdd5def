// A small network of dense layers with tanh between them, and the two spirals that it learns to tell apart.

import { sigmoid, softplus } from "./probability.js";

/** @typedef {{ w: number[][], b: number[] }} Layer weights from each input to each output */
/** @typedef {{ x: number[], label: number }} Example */

/**
 * Random numbers from 0 to 1 that are the same for the same seed (mulberry32).
 * @param {number} seed
 */
export function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A draw from the standard normal distribution.
 * @param {() => number} random
 */
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Points near two spirals, from half a turn to three and a half half-turns.
 * @param {number} count
 * @param {() => number} random
 * @returns {Example[]}
 */
export function spirals(count, random) {
  return Array.from({ length: count }, (_, i) => {
    const t = Math.PI * (0.5 + 3 * random());
    const turn = t + Math.PI * (i % 2);
    const x = [Math.cos(turn), Math.sin(turn)].map((side) => (t * side) / 4 + 0.05 * normal(random));
    return { x, label: i % 2 };
  });
}

/**
 * Layers with random weights.
 * @param {number[]} sizes from the input to the output
 * @param {() => number} random
 * @returns {Layer[]}
 */
export function start(sizes, random) {
  return sizes.slice(1).map((outs, l) => ({
    w: Array.from({ length: sizes[l] }, () => Array.from({ length: outs }, () => normal(random) / Math.sqrt(sizes[l]))),
    b: Array(outs).fill(0),
  }));
}

/**
 * What goes into each layer, from the input on, and at the end the score.
 * @param {Layer[]} net
 * @param {number[]} x
 */
export function through(net, x) {
  const outs = [x];
  net.forEach(({ w, b }, l) => {
    const sums = [...b];
    outs[l].forEach((value, i) => {
      for (let j = 0; j < sums.length; j++) sums[j] += value * w[i][j];
    });
    outs.push(l < net.length - 1 ? sums.map(Math.tanh) : sums);
  });
  return outs;
}

/** @param {Layer[]} net @param {number[]} x */
export function score(net, x) {
  return through(net, x)[net.length][0];
}

/**
 * Mean cross-entropy, and its gradient in the shape of the network.
 * @param {Layer[]} net
 * @param {Example[]} examples
 */
export function gradient(net, examples) {
  const slopes = net.map(({ w, b }) => ({ w: w.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
  let loss = 0;
  for (const { x, label } of examples) {
    const outs = through(net, x);
    const z = outs[net.length][0];
    loss += (softplus(z) - z * label) / examples.length;
    let back = [(sigmoid(z) - label) / examples.length];
    for (let l = net.length - 1; l >= 0; l--) {
      const slope = slopes[l];
      back.forEach((d, j) => (slope.b[j] += d));
      const before = outs[l].map((value, i) => {
        let sum = 0;
        for (let j = 0; j < back.length; j++) {
          slope.w[i][j] += value * back[j];
          sum += net[l].w[i][j] * back[j];
        }
        return sum * (1 - value * value); // of tanh; not used below the first layer
      });
      back = before;
    }
  }
  return { loss, slopes };
}

/**
 * Change the weights a little; tell the loss before.
 * @param {import("./adam.js").Adam} adam
 * @param {Layer[]} net
 * @param {Example[]} examples
 * @param {number} rate the learning rate
 */
export function learn(adam, net, examples, rate) {
  const { loss, slopes } = gradient(net, examples);
  const rows = (/** @type {Layer[]} */ layers) => layers.flatMap(({ w, b }) => [...w, b]);
  adam.step(rows(net), rows(slopes), rate);
  return loss;
}

/**
 * The share of examples on the right side.
 * @param {Layer[]} net
 * @param {Example[]} examples
 */
export function accuracy(net, examples) {
  return examples.filter(({ x, label }) => Number(score(net, x) > 0) === label).length / examples.length;
}

/**
 * How to look at the last hidden layer: across, the direction that decides; upward, the direction of those at right
 * angles to it in which the points spread most.
 * @param {Layer[]} net
 * @param {number[][]} points as the last layer gets them
 * @param {number[]} [last] the direction upward when it was asked before
 */
export function view(net, points, last = []) {
  const { w, b } = net[net.length - 1];
  const length = Math.hypot(...w.map(([weight]) => weight)) || 1;
  const across = w.map(([weight]) => weight / length);
  const mean = across.map((_, i) => points.reduce((sum, point) => sum + point[i], 0) / points.length);
  const rest = points.map((point) => square(point.map((value, i) => value - mean[i]), across));
  let up = unit(square(last.length === across.length ? last : across.map((_, i) => 1 / (i + 1)), across));
  for (let turn = 0; turn < 30; turn++) {
    const pulled = up.map(() => 0);
    for (const point of rest) {
      const along = dot(point, up);
      point.forEach((value, i) => (pulled[i] += along * value));
    }
    up = unit(pulled);
  }
  /** @param {number[]} point @returns {[number, number]} */
  const place = (point) => [dot(point, across) + b[0] / length, dot(point, up) - dot(mean, up)];
  return { up, place };
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** @param {number[]} a */
function unit(a) {
  const length = Math.hypot(...a);
  return a.map((value) => (length > 1e-12 ? value / length : 0));
}

/** What of a stands at right angles to a direction. @param {number[]} a @param {number[]} direction */
function square(a, direction) {
  const along = dot(a, direction);
  return a.map((value, i) => value - along * direction[i]);
}
