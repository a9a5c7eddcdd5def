// Four ways to share one training step among four devices, to be stepped through.

import { fill, metric } from "./math/format.js";
import * as parallel from "./math/parallelism.js";
import { svg } from "./plot.js";
import { button, choice, html, note, numbers, row } from "./widget.js";
import { words as all } from "./words.js";

const words = all.parallelism;

const SETTING = { devices: 4, width: 1024, blocks: 4, rows: 64 }; // those of the page
const WAYS = /** @type {parallel.Way[]} */ (["data", "tensor", "pipeline", "zero"]);
const [BOX, GAP, CELL, TOP] = [76, 14, 15, 34]; // pixels

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const state = { way: WAYS[0], at: 0 };
  const width = SETTING.devices * (BOX + GAP) + GAP;
  const picture = svg("svg", { class: "plot", viewBox: `0 0 ${width} 150`, role: "img", style: "width: 100%; max-width: 24rem" });
  const told = html("p", { class: "widget-note", style: "min-height: 3.2em" });
  const shown = numbers({ step: words.step, now: words.now, total: words.total, memory: words.memory });
  const way = choice({
    label: words.way,
    options: WAYS.map((each) => [each, words[each]]),
    value: state.way,
    onChange: (value) => {
      Object.assign(state, { way: value, at: 0 });
      update();
    },
  });
  const back = button(words.back, () => go(-1));
  const next = button(words.next, () => go(1));
  widget.fill(words.title, way, row(back, next), html("div", {}, picture), told, shown, note(words.hint));
  update();

  /** @param {number} by */
  function go(by) {
    const { length } = parallel.steps(state.way, SETTING);
    state.at = (state.at + by + length) % length;
    update();
  }

  function update() {
    const steps = parallel.steps(state.way, SETTING);
    const step = steps[state.at];
    const text = describe(step, steps);
    picture.replaceChildren(...devices(step), ...arrows(step));
    picture.setAttribute("aria-label", text);
    told.textContent = text;
    const total = steps.slice(0, state.at + 1).reduce((sum, { bytes }) => sum + bytes, 0);
    shown.set({
      step: `${state.at + 1} / ${steps.length}`,
      now: metric(step.bytes, "B"),
      total: metric(total, "B"),
      memory: metric(parallel.memory(state.way, SETTING), "B"),
    });
    widget.say(`${text} ${shown.text}`);
  }

  /** @param {parallel.Step} step @param {parallel.Step[]} steps */
  function describe(step, steps) {
    const turn = steps.slice(0, state.at + 1).filter(({ kind }) => kind === step.kind).length;
    const said = /** @type {Record<string, string>} */ (words.said);
    const line = said[`${state.way}-${step.kind}`] ?? said[step.kind];
    return fill(line, { block: step.block + 1, device: step.active + 1, turn });
  }

  /** What each device holds: a square for each part of each block. @param {parallel.Step} step */
  function* devices(step) {
    for (let device = 0; device < SETTING.devices; device++) {
      const left = GAP + device * (BOX + GAP);
      const works = step.active < 0 || step.active === device;
      yield svg("text", { x: left + BOX / 2, y: TOP - 8, "text-anchor": "middle" }, fill(words.device, { device: device + 1 }));
      yield svg("rect", { class: works ? "plot-found" : "plot-ghost", x: left, y: TOP, width: BOX, height: BOX, rx: 4 });
      for (let block = 0; block < SETTING.blocks; block++) {
        for (let part = 0; part < SETTING.devices; part++) {
          const place = { x: left + 8 + part * CELL, y: TOP + 8 + block * CELL, width: CELL - 2, height: CELL - 2 };
          const held = parallel.holds(state.way, device, block, part);
          const fetched = state.way === "zero" && block === step.block;
          yield svg("rect", { ...place, class: held ? "plot-bar is-1" : fetched ? "plot-bar is-0" : "plot-ghost" });
        }
      }
    }
  }

  /** What moves between them. @param {parallel.Step} step */
  function* arrows({ moves, active }) {
    if (!moves) return;
    const y = TOP + BOX + 14;
    const middle = (/** @type {number} */ device) => GAP + device * (BOX + GAP) + BOX / 2;
    const neighbors = Array.from({ length: SETTING.devices - 1 }, (_, device) => [device, device + 1]);
    const pairs = moves === "ring" ? neighbors : [[active, active + (moves === "next" ? 1 : -1)]];
    for (const [from, to] of pairs) {
      const [a, b] = [middle(from), middle(to)];
      const [start, end] = [a + Math.sign(b - a) * 8, b - Math.sign(b - a) * 8];
      yield line(`M${start} ${y}H${end}m${-6 * Math.sign(b - a)} -4l${6 * Math.sign(b - a)} 4l${-6 * Math.sign(b - a)} 4`);
    }
    if (moves === "ring") yield line(`M${middle(SETTING.devices - 1)} ${y + 8}v10H${middle(0)}v-10m-4 6l4 -6l4 6`);
  }

  /** @param {string} d */
  function line(d) {
    return svg("path", { class: "plot-line is-0 is-thin", d });
  }
}
