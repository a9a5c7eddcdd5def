// The thread in which the poet computes. It is told where the weights lie, then what to read; what it has read of that
// before, it keeps.

import { nothing, read, step } from "./math/gpt.js";

/** @type {ReturnType<typeof read>} */
let net;
/** @type {ReturnType<typeof nothing>} */
let cache;
/** @type {number[]} */
let known = []; // whose keys and values are in the cache

/** @param {string} source */
async function load(source) {
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`${answer.status} for ${source}`);
  const { net: packed, heads, ...about } = await answer.json();
  net = read({ net: packed, heads });
  cache = nothing(net);
  return { ...about, heads, depth: net.depth };
}

/**
 * What follows each token that was not read before, and the last in any case.
 * @param {number[]} tokens
 * @param {boolean} whole read all of them
 */
function next(tokens, whole) {
  const began = performance.now();
  const same = known.findIndex((token, i) => token !== tokens[i]);
  cache.count = whole ? 0 : Math.min(same < 0 ? known.length : same, tokens.length - 1);
  const steps = tokens.slice(cache.count).map((token) => step(net, cache, token));
  known = tokens;
  return { steps, milliseconds: performance.now() - began };
}

addEventListener("message", async ({ data: { source, tokens, whole } }) => {
  try {
    postMessage(source ? await load(source) : next(tokens, whole));
  } catch (problem) {
    postMessage({ problem: String(problem) });
  }
});
