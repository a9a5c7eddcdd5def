// One training step of four ways to share the work: what happens in turn, and what a device in the middle sends.

/** @typedef {"data" | "tensor" | "pipeline" | "zero"} Way */
/** @typedef {{ devices: number, width: number, blocks: number, rows: number }} Setting */
/**
 * @typedef {object} Step
 * @property {"forward" | "backward" | "sum" | "spread" | "update"} kind
 * @property {number} block which block, from 0; -1: all of them
 * @property {number} active which device computes; -1: all of them
 * @property {"" | "ring" | "next" | "previous"} moves between which devices something is sent
 * @property {number} bytes that the device in the middle sends
 */

const BYTES = 4; // of a number
const MATRICES = 8; // squares of the width in a block: two matrices, each four times as long as wide

/** @param {Setting} setting */
export function weights({ width, blocks }) {
  return BYTES * MATRICES * width ** 2 * blocks;
}

/**
 * @param {Way} way
 * @param {Setting} setting
 * @returns {Step[]}
 */
export function steps(way, setting) {
  const { devices, width, blocks, rows } = setting;
  const all = Array.from({ length: blocks }, (_, i) => i);
  const part = weights(setting) / devices;
  const passed = BYTES * rows * width;
  /** @type {(kind: Step["kind"], more?: Partial<Step>) => Step} */
  const step = (kind, more = {}) => ({ kind, block: -1, active: -1, moves: "", bytes: 0, ...more });
  const update = step("update");
  if (way === "data") {
    const turns = Array.from({ length: devices - 1 }, () => ({ moves: /** @type {const} */ ("ring"), bytes: part }));
    const [sums, spreads] = [turns.map((turn) => step("sum", turn)), turns.map((turn) => step("spread", turn))];
    return [step("forward"), step("backward"), ...sums, ...spreads, update];
  }
  const share = (devices - 1) / devices;
  if (way === "pipeline") {
    const forward = all.map((block) => step("forward", { block, active: block, ...sent(block, "next") }));
    const backward = all.map((block) => step("backward", { block, active: block, ...sent(block, "previous") }));
    return [...forward, ...backward.reverse(), update];
  }
  const bytes = way === "tensor" ? [2 * share * passed, 2 * share * passed] : [(share * part * devices) / blocks, (2 * share * part * devices) / blocks];
  const moves = /** @type {const} */ ("ring");
  const forward = all.map((block) => step("forward", { block, moves, bytes: bytes[0] }));
  const backward = all.map((block) => step("backward", { block, moves, bytes: bytes[1] }));
  return [...forward, ...backward.reverse(), update];

  /** @param {number} block @param {"next" | "previous"} moves @returns {Partial<Step>} */
  function sent(block, moves) {
    if (block === (moves === "next" ? blocks - 1 : 0)) return {}; // nobody is left to send to
    return { moves, bytes: block === 1 ? passed : 0 };
  }
}

/**
 * Tell whether a device holds a part of a block all the time.
 * @param {Way} way
 * @param {number} device
 * @param {number} block
 * @param {number} part
 */
export function holds(way, device, block, part) {
  return way === "data" || device === (way === "pipeline" ? block : part);
}

/**
 * The bytes of weights, gradients and the state of Adam that a device holds.
 * @param {Way} way
 * @param {Setting} setting
 */
export function memory(way, setting) {
  return (4 * weights(setting)) / (way === "data" ? 1 : setting.devices);
}
