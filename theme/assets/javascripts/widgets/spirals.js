// Two spirals, learned in the browser: the plane as the network divides it, and the same plane in its last hidden layer.

import { Adam } from "./math/adam.js";
import { fill, fixed } from "./math/format.js";
import { accuracy, learn, randomFrom, score, spirals, start, through, view } from "./math/network.js";
import { Plot, svg } from "./plot.js";
import { bind, button, note, numbers, panels, player, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.spirals;

const SIDE = 3; // half the side of the plane
const CELLS = 60; // in which the plane is colored
const LINES = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5];
const RATE = 0.02;
const MOST_STEPS = 1500;
const STEPS_A_PICTURE = 10;
const START = { layers: 2, units: 8 };

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const random = randomFrom(1);
  const learned = spirals(400, random);
  const fresh = spirals(1000, random);
  const state = { ...START };
  let net = start([2, 1], random);
  let adam = new Adam();
  let steps = 0;
  /** @type {number[]} */
  let up = [];

  const last = (/** @type {number[]} */ x) => through(net, x)[net.length - 1];
  const input = new Plot({
    label: words.input,
    x: { range: [-SIDE, SIDE], title: "x₁" },
    y: { range: [-SIDE, SIDE], title: "x₂" },
    aspect: 1,
    paint: (plot) => {
      for (const label of [0, 1]) plot.area.append(svg("path", { class: `plot-region is-${label}`, d: side(plot, label) }));
      for (const at of LINES) for (const line of [across(at), along(at)]) plot.area.append(plot.curve("plot-contour", line));
      for (const { x, label } of learned) plot.area.append(plot.dot(`plot-dot is-${label}`, x[0], x[1], 2.5));
    },
  });
  const bent = new Plot({
    label: words.bent,
    x: { range: [-SIDE, SIDE], title: words.decides, ticks: [0] },
    y: { range: [-SIDE, SIDE], title: words.rest, ticks: [0] },
    aspect: 1,
    paint: (plot) => {
      const points = learned.map(({ x }) => last(x));
      const seen = view(net, points, up);
      up = seen.up;
      const width = net.length > 1 ? 1.5 * Math.sqrt(state.units) : 1.5 * SIDE;
      plot.x.range = plot.y.range = [-width, width];
      const middle = plot.px(0);
      for (const label of [0, 1]) {
        const half = { x: label ? middle : 0, width: middle, height: plot.height };
        plot.area.append(svg("rect", { class: `plot-region is-${label}`, ...half }));
      }
      for (const at of LINES) {
        for (const line of [across(at), along(at)]) {
          plot.area.append(plot.curve("plot-contour", line.map((x) => seen.place(last(x)))));
        }
      }
      learned.forEach(({ label }, i) => plot.area.append(plot.dot(`plot-dot is-${label}`, ...seen.place(points[i]), 2.5)));
    },
  });
  const layers = slider({
    label: words.layers,
    min: 0,
    max: 3,
    step: 1,
    value: state.layers,
    text: String,
    onInput: bind(state, "layers", restart),
  });
  const units = slider({
    label: words.units,
    min: 1,
    max: 12,
    step: 1,
    value: state.units,
    text: String,
    onInput: bind(state, "units", restart),
  });
  const training = player({
    run: words.run,
    pause: words.pause,
    begin: () => {
      if (steps >= MOST_STEPS) restart();
    },
    step: () => {
      for (let i = 0; i < STEPS_A_PICTURE && steps < MOST_STEPS; i++, steps++) {
        learn(adam, net, learned, (RATE / 2) * (1 + Math.cos((Math.PI * steps) / MOST_STEPS)));
      }
      return steps < MOST_STEPS;
    },
    show: update,
  });
  const shown = numbers({ parameters: words.parameters, steps: words.steps, right: words.right, fresh: words.fresh });
  widget.fill(
    words.title,
    panels(input, bent),
    row(layers, units, training, button(words.again, restart)),
    shown,
    note(words.hint),
  );
  restart();

  function restart() {
    training.halt();
    net = start([2, ...Array(state.layers).fill(state.units), 1], random);
    adam = new Adam();
    steps = 0;
    up = [];
    update();
  }

  function update() {
    input.draw();
    bent.draw();
    shown.set({
      parameters: String(net.reduce((sum, { w, b }) => sum + b.length * (w.length + 1), 0)),
      steps: String(steps),
      right: `${fixed(100 * accuracy(net, learned), 1)}%`,
      fresh: `${fixed(100 * accuracy(net, fresh), 1)}%`,
    });
    widget.say(fill(words.said, { layers: state.layers, units: state.units, numbers: shown.text }));
  }

  /** The part of the plane that the network gives to one arm. @param {Plot} plot @param {number} label */
  function side(plot, label) {
    const cell = (2 * SIDE) / CELLS;
    const [width, height] = [plot.width / CELLS, plot.height / CELLS];
    let path = "";
    for (let i = 0; i < CELLS; i++) {
      let from = -1; // where the run of cells began
      for (let j = 0; j <= CELLS; j++) {
        const x = [-SIDE + (j + 0.5) * cell, SIDE - (i + 0.5) * cell];
        const inside = j < CELLS && Number(score(net, x) > 0) === label;
        if (inside && from < 0) from = j;
        if (!inside && from >= 0) {
          path += `M${(from * width).toFixed(1)} ${(i * height).toFixed(1)}h${((j - from) * width).toFixed(1)}v${height.toFixed(1)}h${((from - j) * width).toFixed(1)}z`;
          from = -1;
        }
      }
    }
    return path;
  }
}

/** A level line of the plane, as points. @param {number} at @returns {[number, number][]} */
function across(at) {
  return Array.from({ length: 61 }, (_, i) => [-SIDE + (i * SIDE) / 30, at]);
}

/** An upright line. @param {number} at @returns {[number, number][]} */
function along(at) {
  return across(at).map(([x, y]) => [y, x]);
}
