// One training step of a small network, to be stepped through: a batch flows forward, gradients flow back.

import * as training from "./math/backward.js";
import { fill, fixed } from "./math/format.js";
import { randomFrom } from "./math/network.js";
import { svg } from "./plot.js";
import { bind, button, html, note, numbers, player, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all["training-step"];

const X = [[1, 1], [-1, -1], [1, -1], [-1, 1]]; // the batch: of two kinds, by whether the signs are the same
const T = [[1, 0], [1, 0], [0, 1], [0, 1]];
const STAGES = /** @type {const} */ (["batch", "hidden", "output", "loss", "last", "first", "update"]);
const LAYERS = [2, 3, 2];
const [WIDE, HIGH, BAR, GAP] = [52, 42, 8, 3]; // pixels
const ACROSS = [34, 168, 302, 430]; // middles of layers and loss
const MOST = 100; // updates at a time

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const state = { at: 0, rate: 1, updates: 0 };
  let net = begin();
  let goal = MOST;
  const picture = svg("svg", { class: "plot", viewBox: "0 0 464 186", role: "img", style: "width: 100%; max-width: 27rem; margin: 0 auto" });
  const told = html("p", { class: "widget-note", style: "min-height: 3.2em" });
  const shown = numbers({ updates: words.updates, loss: words.loss, steepest: words.steepest });
  const next = button(words.next, () => {
    running.halt();
    state.at = (state.at + 1) % STAGES.length;
    if (STAGES[state.at] === "update") step();
    update();
  });
  const running = player({
    run: words.run,
    pause: words.pause,
    begin: () => {
      goal = state.updates + MOST;
      state.at = STAGES.length - 1;
    },
    step: () => {
      step();
      return state.updates < goal;
    },
    show: update,
  });
  const again = button(words.again, () => {
    running.halt();
    net = begin();
    Object.assign(state, { at: 0, updates: 0 });
    update();
  });
  const rate = slider({
    label: words.rate,
    min: 0.1,
    max: 10,
    step: 0.1,
    logarithmic: true,
    value: state.rate,
    text: (value) => fixed(value, 1),
    onInput: bind(state, "rate", update),
  });
  widget.fill(words.title, html("div", {}, picture), told, row(next, running, again, rate), shown, note(words.hint));
  update();

  function step() {
    net = training.update(net, training.backward(net, X, T).slopes, state.rate);
    state.updates++;
  }

  function update() {
    const stage = STAGES[state.at];
    const ahead = training.forward(net, X, T);
    const back = training.backward(net, X, T);
    const steepest = Math.max(...[back.slopes.w, back.slopes.v].flat(2).map(Math.abs));
    const loss = fixed(ahead.loss, 3);
    const text = fill(words.said[stage], { loss, steepest: fixed(steepest, 3), rate: fixed(state.rate, 1) });
    picture.replaceChildren(...edges(back.slopes, steepest), ...nodes(ahead, back), ...end(loss));
    picture.setAttribute("aria-label", text);
    told.textContent = text;
    shown.set({ updates: String(state.updates), loss, steepest: fixed(steepest, 3) });
    widget.say(`${text} ${shown.text}`);
  }

  /** Each weight; those at work are blue on the way forward, and on the way back show their gradient. */
  function* edges(/** @type {training.Net} */ slopes, /** @type {number} */ steepest) {
    for (const [layer, weights, slope] of /** @type {const} */ ([[0, net.w, slopes.w], [1, net.v, slopes.v]])) {
      const backward = STAGES[state.at] === ["first", "last"][layer];
      const forward = STAGES[state.at] === ["hidden", "output"][layer];
      for (let i = 0; i < LAYERS[layer]; i++) {
        for (let j = 0; j < LAYERS[layer + 1]; j++) {
          const size = backward ? (3 * Math.abs(slope[i][j])) / steepest : 1.2 * Math.abs(weights[i][j]);
          yield svg("path", {
            class: backward ? "plot-line is-0 is-dashed" : forward ? "plot-line is-1" : "plot-contour",
            style: `stroke-width: ${Math.min(0.6 + size, 6).toFixed(2)}px`,
            d: `M${ACROSS[layer] + WIDE / 2} ${middle(layer, i)}L${ACROSS[layer + 1] - WIDE / 2} ${middle(layer + 1, j)}`,
          });
        }
      }
    }
  }

  /** Each unit with a bar for each example: the value that went forward, or the error that came back. */
  function* nodes(
    /** @type {ReturnType<training.forward>} */ { h, p },
    /** @type {ReturnType<training.backward>} */ { e, d },
  ) {
    const { at } = state;
    const errors = [[], at === 5 ? d : [], at === 4 || at === 5 ? e : []];
    for (const [layer, values] of [X, h, p].entries()) {
      const error = errors[layer];
      const most = Math.max(...error.flat().map(Math.abs));
      for (let unit = 0; unit < LAYERS[layer]; unit++) {
        const [x, y] = [ACROSS[layer], middle(layer, unit)];
        const active = [[0], [1, 5], [2, 4]][layer].includes(at) || at === 6;
        yield svg("rect", { class: active ? "plot-found" : "plot-ghost", x: x - WIDE / 2, y: y - HIGH / 2, width: WIDE, height: HIGH, rx: 4 });
        yield svg("text", { x, y: y - HIGH / 2 - 4, "text-anchor": "middle" }, `${"xhp"[layer]}${"₁₂₃"[unit]}`);
        if (layer > at) continue; // nothing has arrived yet
        for (const [s, example] of (error.length ? error : values).entries()) {
          const length = (example[unit] / (error.length ? most : 1)) * (HIGH / 2 - 3);
          yield svg("rect", {
            class: `plot-bar is-${error.length ? 0 : 1}`,
            x: x + (s - X.length / 2) * (BAR + GAP) + GAP / 2,
            y: y - Math.max(length, 0),
            width: BAR,
            height: Math.max(Math.abs(length), 0.8),
          });
        }
      }
    }
  }

  /** The loss, to which everything leads and from which gradients come back. */
  function* end(/** @type {string} */ loss) {
    const { at } = state;
    const y = middle(0, 0.5);
    for (let unit = 0; unit < 2; unit++) {
      const kind = at === 4 ? "plot-line is-0 is-dashed" : at === 3 ? "plot-line is-1" : "plot-contour";
      const d = `M${ACROSS[2] + WIDE / 2} ${middle(2, unit)}L${ACROSS[3] - WIDE / 2} ${y}`;
      yield svg("path", { class: kind, style: "stroke-width: 1.5px", d });
    }
    const active = at === 3 || at === 6;
    yield svg("rect", { class: active ? "plot-found" : "plot-ghost", x: ACROSS[3] - WIDE / 2, y: y - HIGH / 2, width: WIDE, height: HIGH, rx: 4 });
    yield svg("text", { x: ACROSS[3], y: y - HIGH / 2 - 4, "text-anchor": "middle" }, words.end);
    if (at >= 3) yield svg("text", { class: "plot-name", x: ACROSS[3], y: y + 4, "text-anchor": "middle" }, loss);
  }
}

/** The middle of a unit, from the top. @param {number} layer @param {number} unit */
function middle(layer, unit) {
  return 99 + (unit - (LAYERS[layer] - 1) / 2) * 60;
}

/** @returns {training.Net} */
function begin() {
  const random = randomFrom(4);
  const weights = (/** @type {number} */ ins, /** @type {number} */ outs) =>
    Array.from({ length: ins }, () => Array.from({ length: outs }, () => 2 * random() - 1));
  return { w: weights(2, 3), b: [0, 0, 0], v: weights(3, 2), c: [0, 0] };
}
