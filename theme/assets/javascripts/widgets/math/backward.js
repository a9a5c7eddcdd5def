// One training step of a network with one hidden layer, as on the page on backpropagation; a row for each example.

import { crossEntropy, softmax } from "./probability.js";

/** @typedef {{ w: number[][], b: number[], v: number[][], c: number[] }} Net weights from each input to each output */

/**
 * What the hidden layer puts out, the probabilities, and the mean loss.
 * @param {Net} net
 * @param {number[][]} x
 * @param {number[][]} t one 1 in each row, for the class
 */
export function forward(net, x, t) {
  const h = through(x, net.w, net.b).map((row) => row.map(Math.tanh));
  const p = through(h, net.v, net.c).map((row) => softmax(row));
  const loss = p.reduce((sum, row, s) => sum + crossEntropy(t[s], row), 0) / x.length;
  return { h, p, loss };
}

/**
 * The errors that come back to the scores and to the hidden layer, and the gradient.
 * @param {Net} net
 * @param {number[][]} x
 * @param {number[][]} t
 */
export function backward(net, x, t) {
  const { h, p } = forward(net, x, t);
  const e = p.map((row, s) => row.map((share, k) => (share - t[s][k]) / x.length));
  const d = h.map((row, s) => row.map((out, j) => (1 - out * out) * dot(net.v[j], e[s])));
  return { e, d, slopes: { w: products(x, d), b: sums(d), v: products(h, e), c: sums(e) } };
}

/**
 * The network after a step against the gradient.
 * @param {Net} net
 * @param {Net} slopes
 * @param {number} rate the learning rate
 * @returns {Net}
 */
export function update(net, slopes, rate) {
  const move = (/** @type {number[]} */ row, /** @type {number[]} */ slope) => row.map((value, i) => value - rate * slope[i]);
  return {
    w: net.w.map((row, i) => move(row, slopes.w[i])),
    b: move(net.b, slopes.b),
    v: net.v.map((row, j) => move(row, slopes.v[j])),
    c: move(net.c, slopes.c),
  };
}

/** @param {number[][]} rows @param {number[][]} weights @param {number[]} bias */
function through(rows, weights, bias) {
  return rows.map((row) => bias.map((start, j) => row.reduce((sum, value, i) => sum + value * weights[i][j], start)));
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** Of each column of a with each of b. @param {number[][]} a @param {number[][]} b */
function products(a, b) {
  return a[0].map((_, i) => b[0].map((_, j) => a.reduce((sum, row, s) => sum + row[i] * b[s][j], 0)));
}

/** @param {number[][]} rows */
function sums(rows) {
  return rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0));
}
