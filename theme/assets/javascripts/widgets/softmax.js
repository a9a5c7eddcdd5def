// Softmax with temperature: scores to pull up and down, the probabilities that come out.

import { fill, fixed } from "./math/format.js";
import * as probability from "./math/probability.js";
import { Plot } from "./plot.js";
import { button, grid, marks, note, numbers, panels, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.softmax;

const WORDS = words.four.split(" "); // those of the page, with its scores
const SCORES = [2, 1, 0.5, -2];
const MOST = 4; // of a score, either way
const COLDEST = 0.1;
const HOTTEST = 10;

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  let scores = [...SCORES];
  let temperature = 1;

  const shares = () => probability.softmax(scores, temperature);
  /** @type {import("./plot.js").Axis} */
  const places = { range: [-0.6, WORDS.length - 0.4], title: "", ticks: WORDS.map((_, i) => i), text: (i) => WORDS[i] };
  const left = new Plot({
    label: words.scores,
    x: places,
    y: { range: [-MOST, MOST], title: words.z },
    paint: (plot) => {
      plot.area.append(plot.curve("plot-guide", [[-1, 0], [WORDS.length, 0]]));
      scores.forEach((score, i) => plot.area.append(plot.bar("plot-bar is-0", i, score)));
    },
  });
  scores.forEach((_, i) =>
    left.handle({
      label: fill(words.score, { word: WORDS[i] }),
      kind: "is-0",
      along: "y",
      read: () => [i, scores[i]],
      write: (_, score) => {
        scores[i] = score;
        update();
      },
      step: [0, 0.1],
      text: () => fill(words.at, { z: fixed(scores[i], 1), p: fixed(shares()[i], 3) }),
    }),
  );
  const right = new Plot({
    label: words.shares,
    x: places,
    y: { range: [0, 1.1], title: words.p, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] }, // with room for the numbers
    paint: (plot) => {
      shares().forEach((share, i) => {
        const value = plot.words(fixed(share, 3), i, share, { "text-anchor": "middle", dy: -6 });
        plot.area.append(plot.bar("plot-bar is-1", i, share), value);
      });
      probability.softmax(scores).forEach((share, i) => plot.area.append(plot.bar("plot-ghost", i, share)));
    },
  });

  const heat = slider({
    label: words.temperature,
    min: COLDEST,
    max: HOTTEST,
    step: 0.02,
    value: temperature,
    logarithmic: true,
    text: (value) => fixed(value, 2),
    onInput: (value) => {
      temperature = Number(value.toFixed(2)); // what is shown is what is computed with
      update();
    },
  });
  const shift = button(words.shift, () => {
    scores = scores.map((score) => score + 1);
    update();
  });
  const reset = button(words.reset, () => {
    scores = [...SCORES];
    heat.value = temperature = 1;
    update();
  });
  const table = grid([words.word, "z", "z / T", "exp(z / T)", "p"], WORDS);
  const shown = numbers({ entropy: words.entropy, choices: words.choices, ratio: words.ratio });

  widget.fill(words.title, panels(left, right), heat, shown, table, row(shift, reset), note(words.hint));
  update();

  function update() {
    const highest = Math.max(MOST, ...scores);
    left.y.range = [-MOST, highest]; // "add 1" may lift a score above what can be dragged
    left.draw();
    right.draw();
    const p = shares();
    table.set(scores.map((z, i) => [fixed(z, 1), fixed(z / temperature), fixed(Math.exp(z / temperature)), fixed(p[i], 4)]));
    const entropy = probability.entropy(p);
    const [first, second] = [...p].sort((a, b) => b - a);
    shown.set({ entropy: fixed(entropy, 3), choices: fixed(Math.exp(entropy)), ratio: fixed(first / second) });
    const each = WORDS.map((word, i) => `${word} ${fixed(p[i], 3)}`).join(marks.comma);
    widget.say(`T = ${fixed(temperature)}${marks.stop}${each}${marks.stop}${shown.text}`);
  }
}
