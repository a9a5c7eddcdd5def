// Temperature and top-k on the chances that a model gives to the next character, read from the table that stands there.

import { fill, fixed } from "./math/format.js";
import { drawn, share, topK } from "./math/sampling.js";
import { Plot } from "./plot.js";
import { bind, button, html, marks, note, numbers, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.sampling;

const DRAWS = 20;
const START = 1; // the second temperature, that of the page's poems

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const [head, ...body] = [...widget.place.querySelectorAll("tr")].map((line) =>
    [...line.children].map((cell) => (cell.textContent ?? "").trim()),
  );
  const temperatures = head.slice(1);
  const names = body.map(([name]) => name);
  const last = names.length - 1; // the row of all others
  const tables = temperatures.map((_, t) => body.map((line) => parseFloat(line[t + 1]) / 100));
  const view = { at: START, k: names.length };

  const before = () => tables[view.at].map((p) => p / share(tables[view.at], names.length)); // without their rounding
  const after = () => topK(before(), view.k);
  const plot = new Plot({
    label: words.shares,
    x: { range: [-0.6, last + 0.6], title: "", ticks: names.map((_, i) => i), text: (i) => (i === last ? words.rest : names[i]) },
    y: { range: [0, 1.1], title: words.p, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], text: (p) => fixed(100 * p, 0) },
    aspect: 0.4,
    paint: ({ area }) => {
      after().forEach((p, i) => {
        if (p) area.append(plot.words(fixed(100 * p, 0), i, p, { "text-anchor": "middle", dy: -6 }));
        area.append(plot.bar(i === last ? "plot-bar is-0" : "plot-bar is-1", i, p));
      });
      before().forEach((p, i) => area.append(plot.bar("plot-ghost", i, p)));
    },
  });
  const heat = slider({
    label: words.temperature,
    min: 0,
    max: temperatures.length - 1,
    step: 1,
    value: view.at,
    text: (at) => temperatures[at].replace(/^\D*/, ""),
    onInput: bind(view, "at", update),
  });
  const cut = slider({
    label: words.k,
    min: 1,
    max: names.length,
    step: 1,
    value: view.k,
    text: (k) => (k > last ? words.none : String(k)),
    onInput: bind(view, "k", update),
  });
  const shown = numbers({ kept: words.kept, first: fill(words.first, { c: names[0] }) });
  const tokens = html("p", { class: "widget-note" });
  const lot = button(fill(words.draw, { n: DRAWS }), () => {
    const found = Array.from({ length: DRAWS }, () => drawn(after(), Math.random()));
    tokens.textContent = `${words.drawn}${marks.colon}${found.map((i) => (i === last ? "□" : names[i])).join(" ")}`;
    widget.say(tokens.textContent);
  });

  widget.fill(words.title, plot, row(heat, cut), shown, row(lot), tokens, note(words.hint));
  update();

  function update() {
    plot.draw();
    tokens.textContent = "";
    const p = after();
    shown.set({ kept: `${fixed(100 * share(before(), view.k), 1)}%`, first: `${fixed(100 * p[0], 1)}%` });
    widget.say(`${temperatures[view.at]}${marks.stop}${shown.text}`);
  }
}
