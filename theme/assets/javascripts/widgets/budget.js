// A budget of compute, spent on a model and its text, by the law whose constants stand in the table of the place.

import { bestSize, loss } from "./math/budget.js";
import { compact, fixed, scientific } from "./math/format.js";
import { Plot } from "./plot.js";
import { bind, lang, marks, numbers, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.budget;

const SIZES = /** @type {[number, number]} */ ([3, 8]); // powers of ten
const HEIGHT = 2; // of the axis, in nats above the floor

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const law = /** @type {import("./math/budget.js").Law} */ (
    [...widget.place.querySelectorAll("td")].map((cell) => parseFloat(cell.textContent ?? ""))
  );
  const view = { compute: 1e12, size: 1e5 };
  /** @param {number} n */
  const at = (n) => loss(n, view.compute / 6 / n, law);
  const top = law[0] + HEIGHT;
  const plot = new Plot({
    label: words.title,
    x: { range: SIZES, title: words.size, ticks: [3, 4, 5, 6, 7, 8], text: (power) => compact(10 ** power, lang) },
    y: { range: [law[0], top], title: words.loss },
    aspect: 0.5,
    paint: ({ area }) => {
      const best = bestSize(view.compute, law);
      area.append(
        plot.graph("plot-line is-1", (power) => at(10 ** power)),
        plot.curve("plot-drop", [[Math.log10(best), law[0]], [Math.log10(best), at(best)]]),
        plot.dot("plot-dot is-0", Math.log10(best), at(best), 5),
      );
    },
  });
  plot.handle({
    label: words.size,
    along: "x",
    read: () => [Math.log10(view.size), Math.min(at(view.size), top)],
    write: (power) => {
      view.size = 10 ** power;
      update();
    },
    step: [0.05, 0],
    text: () => compact(view.size, lang),
  });
  const budget = slider({
    label: words.compute,
    min: 1e9,
    max: 1e15,
    step: 0.1,
    value: view.compute,
    logarithmic: true,
    text: (value) => scientific(value, 2),
    onInput: bind(view, "compute", update),
  });
  const shown = numbers({ size: words.size, data: words.data, loss: words.loss, best: words.best });
  widget.fill(words.title, budget, plot, shown);
  update();

  function update() {
    plot.draw();
    const best = bestSize(view.compute, law);
    shown.set({
      size: compact(view.size, lang),
      data: compact(view.compute / 6 / view.size, lang),
      loss: fixed(at(view.size), 3),
      best: `N = ${compact(best, lang)}${marks.comma}L = ${fixed(at(best), 3)}`,
    });
    widget.say(`C = ${scientific(view.compute, 2)}${marks.stop}${shown.text}`);
  }
}
