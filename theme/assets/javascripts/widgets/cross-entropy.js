// Cross-entropy: the penalty for one probability, and for a whole forecast when the truth is uncertain.

import { fill, fixed } from "./math/format.js";
import * as probability from "./math/probability.js";
import { clamp, Plot } from "./plot.js";
import { bind, choice, grid, html, marks, note, numbers, panels } from "./widget.js";
import { words as all } from "./words.js";

const words = all["cross-entropy"];

const LEAST = 0.001; // the least probability a reader can give
const HIGHEST = 7; // of the axis; -log(LEAST) is 6.9
const START = [0.2, 0.7, 0.1]; // forecast and truths of the page
const TRUTHS = { certain: [0, 1, 0], uncertain: [0.3, 0.6, 0.1] };
const OUTCOMES = ["1", "2", "3"];

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  widget.fill(words.title, panels(drawCurve(widget), drawForecast(widget)), note(words.hintCurve), note(words.hintForecast));
}

/** @param {import("./widget.js").Widget} widget */
function drawCurve(widget) {
  let p = 0.7;
  const plot = new Plot({
    label: words.curve,
    x: { range: [0, 1], title: words.p },
    y: { range: [0, HIGHEST], title: words.penalty },
    aspect: 0.9,
    paint: ({ area }) => {
      const at = -1 / p;
      area.append(
        plot.curve("plot-guide", [[0, -Math.log(p) - at * p], [1, -Math.log(p) + at * (1 - p)]]),
        plot.curve("plot-drop", [[p, 0], [p, -Math.log(p)]]),
        plot.graph("plot-line is-0 is-dashed", (x) => (1 - x) ** 2),
        plot.graph("plot-line is-1", (x) => (x ? -Math.log(x) : 2 * HIGHEST)),
        plot.dot("plot-dot is-0", p, (1 - p) ** 2, 5),
        plot.words(words.log, 0.16, 2.1, { class: "plot-name is-1" }),
        plot.words(words.square, 0.02, 0.2, { class: "plot-name is-0" }),
      );
    },
  });
  plot.handle({
    label: words.probe,
    along: "x",
    read: () => [p, -Math.log(p)],
    write: (x) => {
      p = clamp(x, [LEAST, 1]);
      update();
    },
    step: [0.01, 0],
    text: () => fill(words.at, { p: fixed(p, 3), loss: fixed(-Math.log(p), 3) }),
  });
  const shown = numbers({ nats: words.nats, bits: words.bits, squared: words.squared, slope: words.slope });
  const update = () => {
    plot.draw();
    const nats = probability.crossEntropy([1], [p]);
    shown.set({
      nats: fixed(nats, 3),
      bits: fixed(nats / Math.LN2, 3),
      squared: fixed((1 - p) ** 2, 3),
      slope: fixed(-1 / p),
    });
    widget.say(`p = ${fixed(p, 3)}${marks.comma}${shown.text}`);
  };
  update();
  return html("div", {}, plot, shown);
}

/** @param {import("./widget.js").Widget} widget */
function drawForecast(widget) {
  let forecast = [...START];
  const target = { kind: /** @type {keyof typeof TRUTHS} */ ("certain") };

  const plot = new Plot({
    label: words.forecast,
    x: { range: [-0.6, 2.6], title: words.outcome, ticks: [0, 1, 2], text: (i) => OUTCOMES[i] },
    y: { range: [0, 1], title: words.share },
    aspect: 0.9,
    paint: ({ area }) => {
      forecast.forEach((p, i) => area.append(plot.bar("plot-bar is-1", i, p)));
      TRUTHS[target.kind].forEach((t, i) => area.append(plot.bar("plot-ghost", i, t)));
    },
  });
  OUTCOMES.forEach((name, i) =>
    plot.handle({
      label: fill(words.forecastOf, { i: name }),
      along: "y",
      read: () => [i, forecast[i]],
      write: (_, p) => {
        forecast = probability.withProbability(forecast, i, clamp(p, [LEAST, 1 - 2 * LEAST]));
        update();
      },
      step: [0, 0.01],
      text: () => fixed(forecast[i], 3),
    }),
  );
  const truth = choice({
    label: words.truth,
    options: [["certain", words.certain], ["uncertain", words.uncertain]],
    value: target.kind,
    onChange: bind(target, "kind", update),
  });
  const table = grid([words.outcome, "t", "p", "−t log p"], OUTCOMES);
  const shown = numbers({ cross: words.cross, entropy: words.entropy, divergence: words.divergence });
  update();
  return html("div", {}, plot, truth, table, shown);

  function update() {
    plot.draw();
    const t = TRUTHS[target.kind];
    const cross = probability.crossEntropy(t, forecast);
    const least = probability.entropy(t);
    table.set(t.map((share, i) => [fixed(share, 1), fixed(forecast[i], 3), fixed(probability.crossEntropy([share], [forecast[i]]), 3)]));
    shown.set({ cross: fixed(cross, 3), entropy: fixed(least, 3), divergence: fixed(cross - least, 3) });
    widget.say(`p = ${forecast.map((p) => fixed(p, 3)).join(marks.comma)}${marks.stop}${shown.text}`);
  }
}
