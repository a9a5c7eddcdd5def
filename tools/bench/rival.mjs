// The book's own engine beside TensorFlow.js, in Node: a digit read, and a step of training, in milliseconds; and how
// far their scores lie apart. Called with the file of the weights and the folder of the MNIST files; prints JSON.

import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gradients, start } from "../../theme/assets/javascripts/widgets/math/convnet.js";
import { forward, read } from "../../theme/assets/javascripts/widgets/math/digit.js";
import { randomFrom } from "../../theme/assets/javascripts/widgets/math/network.js";

const IMAGES = 100; // read one by one, after as many to warm up
const STEPS = 5; // of training, after one to warm up
const BATCH = 32;
const [SIDE, SMALL] = [28, 14];

const [weights, mnist] = process.argv.slice(2);
const net = read(JSON.parse(readFileSync(weights, "utf-8")));
const pixels = readFileSync(`${mnist}/t10k-images-idx3-ubyte`).subarray(16);
const images = Array.from({ length: IMAGES }, (_, i) => Float32Array.from(pixels.subarray(SIDE * SIDE * i, SIDE * SIDE * (i + 1)), (x) => x / 255));

/** Milliseconds of each call after the first `warm`, in their middle. */
async function middle(times, warm, call) {
  const spent = [];
  for (let i = 0; i < times + warm; i++) {
    const began = performance.now();
    await call(i);
    if (i >= warm) spent.push(performance.now() - began);
  }
  return spent.sort((a, b) => a - b)[times >> 1];
}

/** The scores of an image by TensorFlow.js. */
function theirs(tensors, image) {
  return tf.tidy(() => {
    const layer = (x, l) => tf.maxPool(tf.relu(tf.add(tf.conv2d(x, tensors[`conv${l}`], 1, "valid"), tensors[`bias${l}`])), 2, 2, "valid");
    const flat = tf.reshape(layer(layer(tf.tensor4d(image, [1, SIDE, SIDE, 1]), 1), 2), [1, -1]);
    return tf.add(tf.matMul(flat, tensors.dense), tensors.bias);
  });
}

/** A step's worth of gradients by TensorFlow.js, of the network that learns in the browser. */
function slopes(layers, x, labels) {
  const loss = () => {
    let y = x;
    for (const [l, { kernel, bias }] of layers.entries()) {
      if (l === layers.length - 1) y = tf.add(tf.matMul(tf.reshape(y, [BATCH, -1]), kernel), bias);
      else y = tf.maxPool(tf.relu(tf.add(tf.conv2d(y, kernel, 1, "valid"), bias)), 2, 2, "valid");
    }
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(y), labels), 1)));
  };
  const { value, grads } = tf.variableGrads(loss);
  const spread = Object.values(grads).map((each) => each.dataSync());
  tf.dispose([value, grads]);
  return spread;
}

const scores = images.map((image) => forward(net, image).scores);
const digit = { ours: await middle(IMAGES, IMAGES, (i) => forward(net, images[i % IMAGES])) };
const apart = {};
const same = {};
setWasmPaths(fileURLToPath(new URL("./node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url)));
for (const backend of ["cpu", "wasm"]) {
  await tf.setBackend(backend);
  const tensors = Object.fromEntries(Object.entries(net).map(([name, { shape, values }]) => [name, tf.tensor(Float32Array.from(values), shape)]));
  const found = images.map((image) => theirs(tensors, image).dataSync());
  apart[backend] = Math.max(...found.flatMap((own, i) => scores[i].map((score, k) => Math.abs(score - own[k]))));
  same[backend] = found.filter((own, i) => own.indexOf(Math.max(...own)) === scores[i].indexOf(Math.max(...scores[i]))).length;
  digit[backend] = await middle(IMAGES, IMAGES, (i) => theirs(tensors, images[i % IMAGES]).dataSync());
}

const learner = start(2, 8, randomFrom(0));
const random = randomFrom(1);
const x = { n: BATCH, h: SMALL, w: SMALL, c: 1, values: Float32Array.from({ length: BATCH * SMALL * SMALL }, random) };
const labels = Array.from({ length: BATCH }, (_, i) => i % 10);
const step = { ours: await middle(STEPS, 1, () => gradients(learner, x, labels)) };
await tf.setBackend("cpu");
const shapes = [[3, 3, 1, 8], [3, 3, 8, 16], [learner[2].kernel.length / 10, 10]];
const layers = learner.map(({ kernel, bias }, l) => ({ kernel: tf.variable(tf.tensor(kernel, shapes[l])), bias: tf.variable(tf.tensor(bias)) }));
const inputs = tf.tensor4d(x.values, [BATCH, SMALL, SMALL, 1]);
const truth = tf.oneHot(tf.tensor1d(labels, "int32"), 10);
step.cpu = await middle(STEPS, 1, () => slopes(layers, inputs, truth));
const own = gradients(learner, x, labels).slopes.flatMap((each) => Array.from(each));
const other = slopes(layers, inputs, truth).flatMap((each) => Array.from(each));
const steepest = Math.max(...own.map(Math.abs));
const slopesApart = Math.max(...own.map((slope, i) => Math.abs(slope - other[i]))) / steepest;

console.log(JSON.stringify({ version: tf.version.tfjs, images: IMAGES, digit_ms: digit, scores_apart: apart, same_answers: same, batch: BATCH, step_ms: step, slopes_apart: slopesApart }));
