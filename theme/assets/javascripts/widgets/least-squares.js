// Least squares and gradient descent: points to drag, the line through them, and the surface of its loss.

import { fill, fixed } from "./math/format.js";
import * as regression from "./math/regression.js";
import { Plot, svg } from "./plot.js";
import { bind, button, choice, grid, marks, note, panels, player, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all["least-squares"];

/** @typedef {regression.Point} Point */
/** @typedef {regression.Line} Line */

const POINTS = [[0.5, 1.2], [1.1, 1.0], [1.9, 2.3], [2.6, 2.0], [3.3, 3.4], [4.2, 3.3], [4.6, 4.3]];
const START = { w: -0.5, b: 4 };
const MOST_POINTS = 12;
const RISES = [0.03, 0.12, 0.5, 1.5, 4, 9, 18, 32];
const MOST_STEPS = 400;
const SLOW_STEPS = 20; // the first ones can be watched one by one
const FLAT = 0.01; // a gradient as small as that has arrived
const LOST = 1e6; // a loss as large as that has run away

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  /** @type {Point[]} */
  let points = [];
  /** @type {Line[]} */
  let path = [START];
  const state = { shown: /** @type {"best" | "descent"} */ ("best"), rate: 0.05 };
  /** @type {ReturnType<Plot["handle"]>[]} */
  let handles = [];

  const best = () => regression.leastSquares(points);
  const now = () => path[path.length - 1];

  const data = new Plot({
    label: words.data,
    x: { range: [0, 5], title: "x" },
    y: { range: [0, 5], title: "y" },
    aspect: 0.9,
    paint: (plot) => {
      const line = state.shown === "best" ? best() : now();
      plot.area.append(svg("rect", { class: "plot-ground", width: plot.width, height: plot.height }));
      for (const point of points) {
        const from = plot.py(point.y);
        const to = plot.py(line.w * point.x + line.b);
        const side = Math.abs(from - to);
        const left = plot.px(point.x) + (from > to ? -side : 0); // away from the line
        if (side < 1e4) {
          plot.area.append(svg("rect", { class: `plot-square is-${state.shown}`, x: left, y: Math.min(from, to), width: side, height: side }));
        }
      }
      for (const [kind, { w, b }] of /** @type {[string, Line][]} */ ([["is-descent", now()], ["is-best", best()]])) {
        plot.area.append(plot.curve(`plot-line ${kind}`, [[0, b], [5, 5 * w + b]]));
      }
    },
  });
  data.area.addEventListener("click", (event) => add(...data.at(event)));

  const surface = new Plot({
    label: words.surface,
    x: { range: [-1, 2], title: "w" },
    y: { range: [-1, 5], title: "b" },
    aspect: 0.9,
    paint: (plot) => {
      for (const rise of RISES) {
        const places = regression.contour(points, rise).map(({ w, b }) => /** @type {[number, number]} */ ([w, b]));
        plot.area.append(plot.curve("plot-contour", places, true));
      }
      const { w, b } = best();
      const seen = path.slice(-MOST_STEPS);
      plot.area.append(
        plot.curve("plot-line is-descent is-thin", seen.map((line) => [line.w, line.b])),
        ...seen.map((line) => plot.dot("plot-dot is-descent", line.w, line.b, 2)),
        svg("path", { class: "plot-line is-best", d: `M${plot.px(w) - 6} ${plot.py(b)}h12m-6 -6v12` }),
      );
    },
  });
  surface.handle({
    label: words.walker,
    kind: "is-descent",
    read: () => [now().w, now().b],
    write: (w, b) => {
      descent.halt();
      path = [{ w, b }];
      show("descent");
    },
    step: [0.02, 0.05],
    text: () => at(now()),
  });

  const squares = choice({
    label: words.squares,
    options: [["best", words.best], ["descent", words.descent]],
    value: state.shown,
    onChange: bind(state, "shown", update),
  });
  const rateSlider = slider({
    label: words.rate,
    min: 0.005,
    max: 0.15,
    step: 0.005,
    value: state.rate,
    text: (value) => fixed(value, 3),
    onInput: bind(state, "rate", update),
  });
  const descent = player({
    run: words.run,
    pause: words.pause,
    begin: () => {
      if (path.length > MOST_STEPS || regression.loss(points, now()) > LOST) path = [path[0]];
      state.shown = squares.value = "descent";
    },
    step: () => {
      let goesOn = true;
      for (let i = 0; goesOn && i < (path.length < SLOW_STEPS ? 1 : 4); i++) goesOn = advance();
      return goesOn;
    },
    show: update,
  });
  const table = grid([words.line, "w", "b", words.loss, "∂L/∂w", "∂L/∂b"], [words.best, words.descent]);
  const verdict = note();

  widget.fill(
    words.title,
    panels(data, surface),
    row(rateSlider, button(words.step, () => take()), descent, button(words.reset, reset)),
    row(squares, button(words.add, () => add(2.5, 2.5)), button(words.restore, restore)),
    table,
    verdict,
    note(words.hint),
  );
  restore();

  /** @param {Line} line */
  function at({ w, b }) {
    return fill(words.atLine, { w: fixed(w), b: fixed(b), loss: fixed(regression.loss(points, { w, b }), 3) });
  }

  function restore() {
    for (const handle of handles) handle.remove();
    handles = [];
    points = [];
    for (const [x, y] of POINTS) place({ x, y });
    state.shown = squares.value = "best";
    reset();
  }

  /** @param {Point} point */
  function place(point) {
    points.push(point);
    const handle = data.handle({
      label: fill(words.point, { n: points.length }),
      read: () => [point.x, point.y],
      write: (x, y) => {
        Object.assign(point, { x, y });
        update();
      },
      step: [0.05, 0.05],
      text: () => fill(words.at, { x: fixed(point.x), y: fixed(point.y) }),
      onDelete: () => remove(handle, point),
    });
    handles.push(handle);
    return handle;
  }

  /** @param {number} x @param {number} y */
  function add(x, y) {
    if (points.length >= MOST_POINTS) return;
    place({ x, y }).element.focus({ preventScroll: true });
    update();
  }

  /** @param {ReturnType<typeof place>} handle @param {Point} point */
  function remove(handle, point) {
    if (points.length <= 2) return;
    const at = handles.indexOf(handle);
    handle.remove();
    handles = handles.filter((other) => other !== handle);
    points = points.filter((other) => other !== point);
    handles.forEach(({ element }, i) => element.setAttribute("aria-label", fill(words.point, { n: i + 1 })));
    handles[Math.min(at, handles.length - 1)].element.focus();
    update();
  }

  function take() {
    descent.halt();
    advance();
    show("descent");
  }

  /** Take a step; tell whether another makes sense. */
  function advance() {
    if (regression.loss(points, now()) > LOST) return false;
    path.push(regression.step(points, now(), state.rate));
    const { w, b } = regression.gradient(points, now());
    return Math.hypot(w, b) > FLAT && regression.loss(points, now()) < LOST && path.length <= MOST_STEPS;
  }

  function reset() {
    descent.halt();
    path = [START];
    update();
  }

  /** @param {"best" | "descent"} value */
  function show(value) {
    state.shown = squares.value = value;
    update();
  }

  function update() {
    data.draw();
    surface.draw();
    const rows = [best(), now()].map((line) => {
      const slope = regression.gradient(points, line);
      return [line.w, line.b, regression.loss(points, line), slope.w, slope.b].map((value, i) => fixed(value, i === 2 ? 3 : 2));
    });
    table.set(rows);
    const limit = regression.largestRate(points);
    const isLost = regression.loss(points, now()) > LOST;
    const sentence = isLost ? words.lost : state.rate > limit ? words.tooFast : words.limit;
    const steps = fill(words.steps, { n: path.length - 1 });
    verdict.textContent = `${steps}${marks.space}${fill(sentence, { rate: fixed(limit, 3) })}`;
    const line = fill(words.said, { w: rows[0][0], b: rows[0][1], loss: rows[0][2] });
    widget.say([line, `${words.descent}${marks.colon}${at(now())}`, verdict.textContent].join(marks.stop));
  }
}
