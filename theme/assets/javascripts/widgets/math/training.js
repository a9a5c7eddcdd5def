// What it takes to train a Transformer: parameters, operations, memory, time, money.

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
