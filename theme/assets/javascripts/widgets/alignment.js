// Alignment: where a translation looks while it is written, from the heat map that stands on the page.

import { fixed } from "./math/format.js";
import { tempered, weights } from "./math/heat.js";
import { entropy } from "./math/probability.js";
import { Threads } from "./threads.js";
import { bind, html, note, numbers, panels, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.alignment;

const TEMPERATURES = { min: 0.1, max: 10 };

/** @param {import("./widget.js").Widget} widget */
export default async function draw(widget) {
  const { written, read, recorded } = await heatMap(widget.place);
  const state = { temperature: 1 };
  const threads = new Threads({ label: words.lines, row: words.row, onChoose: update });
  const heat = slider({
    label: words.temperature,
    ...TEMPERATURES,
    step: 0.02,
    value: state.temperature,
    logarithmic: true,
    text: (value) => fixed(value),
    onInput: bind(state, "temperature", update),
  });
  const shown = numbers({ most: words.most, even: words.even });
  widget.fill(
    words.title,
    panels(html("div", {}, threads.lines), html("div", {}, heat, shown, note(words.hint))),
    html("div", { class: "widget-grid" }, threads.table),
  );
  threads.set(written, read);
  update();

  function update() {
    const shares = recorded.map((row) => tempered(row, state.temperature));
    threads.draw(shares);
    shown.set({ most: threads.most, even: fixed(Math.exp(entropy(shares[threads.chosen])), 1) });
    widget.say(`${threads.said(words.said)}${shown.text}`);
  }
}

/**
 * Read a heat map, a drawing by Matplotlib, whose cells have a tick each way: its labels, and the weights of its colors.
 * @param {HTMLElement} place
 */
async function heatMap(place) {
  const picture = new Image();
  picture.src = place.querySelector("img")?.src ?? "";
  const [answer] = await Promise.all([fetch(picture.src), picture.decode()]);
  const drawing = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
  const [, , width, height] = (drawing.documentElement.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const paint = html("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  paint?.drawImage(picture, 0, 0, width, height);
  const [rows, columns] = ["y", "x"].map((axis) =>
    [...drawing.querySelectorAll(`[id^=${axis}tick]`)].map((tick) => {
      return { token: tick.textContent?.trim() ?? "", at: Number(tick.querySelector("use")?.getAttribute(axis)) };
    }),
  );
  const recorded = weights(
    rows.map(({ at: y }) => columns.map(({ at: x }) => [...(paint?.getImageData(x, y, 1, 1).data.slice(0, 3) ?? [])])),
  );
  if (!rows.length || recorded.flat().some(Number.isNaN)) throw new Error("The figure is no heat map in blues.");
  return { written: rows.map(({ token }) => token), read: columns.map(({ token }) => token), recorded };
}
