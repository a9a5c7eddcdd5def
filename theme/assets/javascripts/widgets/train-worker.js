// The thread in which a network learns. It is told where the images lie, then how to begin, then to go on for a while.

import { Training, read, test, verdict } from "./math/convnet.js";

const TESTS = 2; // in an epoch

/** @typedef {{ depth: number, filters: number, batch: number, seed: number }} Settings */
/** @typedef {ReturnType<typeof read>} Images */

/** @type {{ learned: Images, fresh: Images }} */
let data;
/** @type {Training} */
let training;
/** @type {number[]} */
let losses = [];

/** @param {string} source */
async function load(source) {
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`${answer.status} for ${source}`);
  const { learned, fresh } = await answer.json();
  data = { learned: read(learned), fresh: read(fresh) };
  return { ...data.fresh, count: data.learned.images.n };
}

/** @param {Settings} settings */
function begin(settings) {
  training = new Training(data.learned.images, data.learned.labels, settings);
  losses = [];
  const parameters = training.net.reduce((sum, { kernel, bias }) => sum + kernel.length + bias.length, 0);
  return { perEpoch: training.perEpoch, parameters, tested: fresh() };
}

function fresh() {
  return test(training.net, data.fresh.images, data.fresh.labels);
}

/**
 * Learn for some time, or until the network is to be tested.
 * @param {number} milliseconds
 * @param {number} rate
 */
function go(milliseconds, rate) {
  const began = performance.now();
  const before = losses.length;
  const every = Math.ceil(training.perEpoch / TESTS);
  let due = false;
  while (!due && performance.now() - began < milliseconds) {
    losses.push(training.step(rate));
    const at = training.steps % training.perEpoch;
    due = at % every === 0;
  }
  return { losses: losses.slice(before), milliseconds: performance.now() - began, verdict: verdict(losses), tested: due ? fresh() : undefined };
}

addEventListener("message", async ({ data: { source, settings, milliseconds, rate } }) => {
  try {
    postMessage(source ? await load(source) : settings ? begin(settings) : go(milliseconds, rate));
  } catch (problem) {
    postMessage({ problem: String(problem) });
  }
});
