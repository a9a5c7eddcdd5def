// What it takes to train a Transformer: parameters, operations, memory, time, money. Sources stand in the picture.

/**
 * The shape of a Transformer that predicts the next token.
 * @typedef {object} Shape
 * @property {"gpt" | "llama"} family gpt: biases, learned positions, one matrix for input and output;
 *   llama: gated feed-forward layers, no biases, rotary positions, two matrices
 * @property {number} layers
 * @property {number} width of the stream between layers
 * @property {number} inner width of the feed-forward layers
 * @property {number} keys width of keys and of values: less than `width` where heads share them
 * @property {number} vocabulary tokens
 * @property {number} context tokens
 */

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

/**
 * Exact number of parameters, by part.
 * @param {Shape} shape
 */
export function parameters({ family, layers, width, inner, keys, vocabulary, context }) {
  const isGpt = family === "gpt";
  const matrices = 2 * width * width + 2 * width * keys + (isGpt ? 2 : 3) * width * inner;
  const vectors = isGpt ? 2 * width + 2 * keys + inner + width + 4 * width : 2 * width;
  const parts = {
    layers: layers * matrices,
    embedding: vocabulary * width * (isGpt ? 1 : 2),
    others: layers * vectors + (isGpt ? context * width + 2 * width : width),
  };
  return { ...parts, total: parts.layers + parts.embedding + parts.others };
}

/**
 * Floating-point operations of training: 6 a parameter and token (2 forward, 4 backward).
 * @param {number} total parameters
 * @param {number} tokens
 */
export function operations(total, tokens) {
  return 6 * total * tokens;
}

/**
 * What attending to the context adds to that, as a share: 12 x layers x width x context a token.
 * @param {Shape} shape
 * @param {number} total parameters
 */
export function attentionShare({ layers, width, context }, total) {
  return (12 * layers * width * context) / (6 * total);
}

/**
 * Time, money and energy of a training run.
 * @param {object} run
 * @param {number} run.operations of the whole training
 * @param {number} run.peak operations a second that one accelerator could do
 * @param {number} run.utilization share of the peak that is reached, 0 to 1
 * @param {number} run.count accelerators
 * @param {number} run.price of one accelerator for an hour
 * @param {number} run.power watts of one accelerator
 */
export function bill({ operations, peak, utilization, count, price, power }) {
  const hours = operations / (peak * utilization) / 3600;
  return { hours, days: hours / 24 / count, cost: hours * price, wattHours: hours * power };
}
