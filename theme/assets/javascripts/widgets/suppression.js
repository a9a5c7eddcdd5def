// Non-maximum suppression: boxes of one canvas, from the table that stands there, under two thresholds.

import * as boxes from "./math/boxes.js";
import { fill, fixed } from "./math/format.js";
import { Plot, svg } from "./plot.js";
import { bind, html, note, numbers, panels, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.suppression;

const SIDE = 96; // pixels of the canvas
const TICKS = [0, 32, 64, 96];
const START = { least: 0.15, limit: 0.5 };

/** @typedef {boxes.Found} Found */

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const rows = read(widget.place);
  const truths = rows.filter(({ score }) => Number.isNaN(score)); // a true box has no score
  const found = rows.filter(({ score }) => !Number.isNaN(score));
  if (!truths.length || !found.length) throw new Error("The table has no boxes.");
  const state = { ...START };

  const plot = new Plot({
    label: words.canvas,
    x: { range: [0, SIDE], ticks: TICKS, title: words.x },
    y: { range: [SIDE, 0], ticks: TICKS, title: words.y },
    aspect: 1,
    paint: ({ area }) => {
      const { above, kept, which } = result();
      const right = new Set(which);
      for (const { box, label } of truths) area.append(digit(box, label));
      for (const one of above) if (!kept.includes(one)) area.append(frame("plot-found is-removed", one.box));
      truths.forEach(({ box }, i) => {
        if (!right.has(i)) area.append(frame("plot-found is-missed", box));
      });
      kept.forEach((one, i) => area.append(frame(`plot-found ${which[i] < 0 ? "is-wrong" : "is-right"}`, one.box)));
      kept.forEach(({ box: [left, top, , bottom], label, score }, i) => {
        const y = which[i] < 0 ? Math.min(plot.py(bottom) + 13, plot.height - 3) : Math.max(plot.py(top) - 3, 11);
        area.append(svg("text", { x: plot.px(left), y }, `${label}: ${fixed(score)}`)); // a false alarm's below its box
      });
    },
  });
  const least = slider({
    label: words.least,
    min: 0,
    max: 1,
    step: 0.01,
    value: state.least,
    text: (value) => fixed(value),
    onInput: bind(state, "least", update),
  });
  const limit = slider({
    label: words.limit,
    min: 0,
    max: 1,
    step: 0.01,
    value: state.limit,
    text: (value) => fixed(value),
    onInput: bind(state, "limit", update),
  });
  const shown = numbers({ above: words.above, kept: words.kept, right: words.right, wrong: words.wrong, missed: words.missed });
  widget.fill(words.title, panels(plot, html("div", {}, least, limit, shown, note(words.hint))));
  update();

  function result() {
    const above = found.filter(({ score }) => score >= state.least);
    const kept = boxes.suppress(above, state.limit).map((i) => above[i]);
    return { above, kept, which: boxes.match(kept, truths) };
  }

  /** @param {string} kind @param {boxes.Box} box */
  function frame(kind, [left, top, right, bottom]) {
    const [x, y] = [plot.px(left), plot.py(top)];
    return svg("rect", { class: kind, x, y, width: plot.px(right) - x, height: plot.py(bottom) - y });
  }

  /** A true digit, as large as its box. @param {boxes.Box} box @param {number} label */
  function digit([left, top, right, bottom], label) {
    const height = plot.py(bottom) - plot.py(top);
    const width = plot.px(right) - plot.px(left);
    const place = { x: plot.px(left), y: plot.py(bottom), textLength: width, lengthAdjust: "spacingAndGlyphs" };
    return svg("text", { class: "plot-digit", ...place, style: `font-size: ${(height / 0.73).toFixed(1)}px` }, String(label));
  }

  function update() {
    plot.draw();
    const { above, kept, which } = result();
    const right = which.filter((i) => i >= 0).length;
    const counts = { above: above.length, kept: kept.length, right, wrong: kept.length - right, missed: truths.length - right };
    shown.set(/** @type {Record<keyof typeof counts, string>} */ (Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, String(n)]))));
    widget.say(fill(words.said, { least: fixed(state.least), limit: fixed(state.limit), numbers: shown.text }));
  }
}

/**
 * The boxes of the table: digit, score or a word, left, top, right, bottom.
 * @param {HTMLElement} place
 * @returns {Found[]}
 */
function read(place) {
  return [...place.querySelectorAll("tbody tr")].map((row) => {
    const [label, score, ...sides] = [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent));
    return { label, score, box: /** @type {boxes.Box} */ (/** @type {unknown} */ (sides)) };
  });
}
