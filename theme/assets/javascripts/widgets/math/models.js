// Models that were trained, and what they are trained on. Sources stand in the picture.

/** @typedef {import("./training.js").Shape} Shape */

/**
 * A model whose shape, or whose size, was published.
 * @typedef {object} Model
 * @property {string} name
 * @property {Shape} [shape]
 * @property {number} [active] parameters used for each token, where there is no shape
 * @property {number} [total] parameters, where there is no shape
 * @property {number} tokens of the training
 */

/** @type {Record<string, Model>} */
export const MODELS = {
  "gpt-2": {
    name: "GPT-2 small",
    shape: { family: "gpt", layers: 12, width: 768, inner: 3072, keys: 768, vocabulary: 50257, context: 1024 },
    tokens: 2.5e9, // not published: twenty for each parameter
  },
  "gpt-3": {
    name: "GPT-3 175B",
    shape: { family: "gpt", layers: 96, width: 12288, inner: 49152, keys: 12288, vocabulary: 50257, context: 2048 },
    tokens: 3e11,
  },
  "llama-2-70b": {
    name: "Llama 2 70B",
    shape: { family: "llama", layers: 80, width: 8192, inner: 28672, keys: 1024, vocabulary: 32000, context: 4096 },
    tokens: 2e12,
  },
  "llama-3-405b": {
    name: "Llama 3.1 405B",
    shape: { family: "llama", layers: 126, width: 16384, inner: 53248, keys: 1024, vocabulary: 128256, context: 8192 },
    tokens: 1.56e13,
  },
  "deepseek-v3": { name: "DeepSeek-V3", active: 3.7e10, total: 6.71e11, tokens: 1.48e13 },
};

/** @type {Record<string, { name: string, peak: number, memory: number, power: number }>} */
export const ACCELERATORS = {
  h100: { name: "NVIDIA H100 SXM", peak: 989.4e12, memory: 80e9, power: 700 },
  a100: { name: "NVIDIA A100 SXM", peak: 312e12, memory: 80e9, power: 400 },
};
