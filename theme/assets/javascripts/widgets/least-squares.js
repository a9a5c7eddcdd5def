// Least squares and gradient descent: points to drag, the line through them, and the surface of its loss.

import { fixed } from "./math/format.js";
import * as regression from "./math/regression.js";
import { Plot, svg } from "./plot.js";
import { animate, button, choice, grid, marks, note, panels, row, slider, translate } from "./widget.js";

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

const words = translate({
  zh: {
    title: "最小二乘与梯度下降",
    data: "七个数据点、两条直线和误差的平方",
    surface: "损失曲面的等高线，横轴是 w，纵轴是 b",
    point: (/** @type {number} */ n) => `数据点 ${n}`,
    walker: "梯度下降所在的位置",
    at: (/** @type {string} */ x, /** @type {string} */ y) => `x = ${x}，y = ${y}`,
    atLine: (/** @type {string} */ w, /** @type {string} */ b, /** @type {string} */ loss) => `w = ${w}，b = ${b}，损失 ${loss}`,
    squares: "误差的平方画给",
    best: "最小二乘",
    descent: "梯度下降",
    rate: "学习率",
    step: "走一步",
    run: "一直走",
    pause: "停下",
    reset: "回到起点",
    add: "加一个点",
    restore: "恢复原来的点",
    loss: "损失 L",
    line: "直线",
    steps: (/** @type {number} */ n) => `走了 ${n} 步。`,
    limit: (/** @type {string} */ rate) => `这些点能承受的最大学习率是 ${rate}。`,
    tooFast: (/** @type {string} */ rate) => `学习率超过了 ${rate}：每一步都越过谷底，越走越远。`,
    lost: "发散了。把学习率调小，再回到起点。",
    hint: "第一幅图：拖动圆点，点空白处加点；用 Tab 键选中圆点后，方向键移动，Delete 键删去。第二幅图：拖动橙色的点，换一个起点。每个方块的面积就是一个误差的平方，损失是它们的平均。",
    said: (/** @type {Line} */ best, /** @type {string} */ loss) => `最小二乘直线 y = ${fixed(best.w)} x + ${fixed(best.b)}，损失 ${loss}`,
  },
  en: {
    title: "Least squares and gradient descent",
    data: "Data points, two lines and the squared errors",
    surface: "Contours of the loss surface over w (horizontal) and b (vertical)",
    point: (/** @type {number} */ n) => `Data point ${n}`,
    walker: "Where gradient descent is",
    at: (/** @type {string} */ x, /** @type {string} */ y) => `x = ${x}, y = ${y}`,
    atLine: (/** @type {string} */ w, /** @type {string} */ b, /** @type {string} */ loss) => `w = ${w}, b = ${b}, loss ${loss}`,
    squares: "Draw the squared errors of",
    best: "Least squares",
    descent: "Gradient descent",
    rate: "Learning rate",
    step: "Step",
    run: "Run",
    pause: "Pause",
    reset: "Back to the start",
    add: "Add a point",
    restore: "Restore the points",
    loss: "loss L",
    line: "Line",
    steps: (/** @type {number} */ n) => `${n} ${n === 1 ? "step" : "steps"} taken.`,
    limit: (/** @type {string} */ rate) => `The largest learning rate these points bear is ${rate}.`,
    tooFast: (/** @type {string} */ rate) => `The learning rate is above ${rate}: each step jumps across the valley and ends farther away.`,
    lost: "It has diverged. Lower the learning rate and go back to the start.",
    hint: "In the first plot, drag the dots; click an empty place to add one. With the keyboard, Tab to a dot, move it with the arrow keys, remove it with Delete. In the second, drag the orange dot to start elsewhere. The area of each square is one squared error; the loss is their mean.",
    said: (/** @type {Line} */ best, /** @type {string} */ loss) => `Least-squares line y = ${fixed(best.w)} x + ${fixed(best.b)}, loss ${loss}`,
  },
});

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  /** @type {Point[]} */
  let points = [];
  /** @type {Line[]} */
  let path = [START];
  /** @type {"best" | "descent"} */
  let shown = "best";
  let rate = 0.05;
  /** @type {(() => void) | undefined} */
  let stop;
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
      const line = shown === "best" ? best() : now();
      plot.area.append(svg("rect", { class: "plot-ground", width: plot.width, height: plot.height }));
      for (const point of points) {
        const from = plot.py(point.y);
        const to = plot.py(line.w * point.x + line.b);
        const side = Math.abs(from - to);
        const left = plot.px(point.x) + (from > to ? -side : 0); // away from the line
        if (side < 1e4) {
          plot.area.append(svg("rect", { class: `plot-square is-${shown}`, x: left, y: Math.min(from, to), width: side, height: side }));
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
      halt();
      path = [{ w, b }];
      show("descent");
    },
    step: [0.02, 0.05],
    text: () => words.atLine(fixed(now().w), fixed(now().b), fixed(regression.loss(points, now()), 3)),
  });

  const squares = choice({
    label: words.squares,
    options: [["best", words.best], ["descent", words.descent]],
    value: shown,
    onChange: (value) => show(value),
  });
  const rateSlider = slider({
    label: words.rate,
    min: 0.005,
    max: 0.15,
    step: 0.005,
    value: rate,
    text: (value) => fixed(value, 3),
    onInput: (value) => {
      rate = value;
      update();
    },
  });
  const runButton = button(words.run, () => (stop ? halt() : run()));
  const table = grid([words.line, "w", "b", words.loss, "∂L/∂w", "∂L/∂b"], [words.best, words.descent]);
  const state = note();

  widget.fill(
    words.title,
    panels(data, surface),
    row(rateSlider, button(words.step, () => take(1)), runButton, button(words.reset, reset)),
    row(squares, button(words.add, () => add(2.5, 2.5)), button(words.restore, restore)),
    table,
    state,
    note(words.hint),
  );
  restore();

  function restore() {
    halt();
    for (const handle of handles) handle.remove();
    handles = [];
    points = [];
    for (const [x, y] of POINTS) place({ x, y });
    reset();
    show("best");
  }

  /** @param {Point} point */
  function place(point) {
    points.push(point);
    const handle = data.handle({
      label: words.point(points.length),
      read: () => [point.x, point.y],
      write: (x, y) => {
        Object.assign(point, { x, y });
        update();
      },
      step: [0.05, 0.05],
      text: () => words.at(fixed(point.x), fixed(point.y)),
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
    handles.forEach(({ element }, i) => element.setAttribute("aria-label", words.point(i + 1)));
    handles[Math.min(at, handles.length - 1)].element.focus();
    update();
  }

  /** @param {number} count */
  function take(count) {
    halt();
    for (let i = 0; i < count; i++) advance();
    show("descent");
  }

  /** Take a step; tell whether another makes sense. */
  function advance() {
    if (regression.loss(points, now()) > LOST) return false;
    path.push(regression.step(points, now(), rate));
    const { w, b } = regression.gradient(points, now());
    return Math.hypot(w, b) > FLAT && regression.loss(points, now()) < LOST && path.length <= MOST_STEPS;
  }

  function run() {
    if (path.length > MOST_STEPS || regression.loss(points, now()) > LOST) path = [path[0]];
    shown = squares.value = "descent";
    runButton.element.textContent = words.pause;
    let isRunning = true;
    const cancel = animate({
      step: () => {
        let goesOn = true;
        for (let i = 0; goesOn && i < (path.length < SLOW_STEPS ? 1 : 4); i++) goesOn = advance();
        return goesOn;
      },
      show: update,
      onEnd: () => {
        isRunning = false;
        halt();
      },
    });
    if (isRunning) stop = cancel;
  }

  function halt() {
    stop?.();
    stop = undefined;
    runButton.element.textContent = words.run;
    if (points.length) update();
  }

  function reset() {
    halt();
    path = [START];
    update();
  }

  /** @param {"best" | "descent"} value */
  function show(value) {
    shown = squares.value = value;
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
    const verdict = isLost ? words.lost : rate > limit ? words.tooFast(fixed(limit, 3)) : words.limit(fixed(limit, 3));
    state.textContent = `${words.steps(path.length - 1)}${marks.space}${verdict}`;
    widget.say(`${words.said(best(), rows[0][2])}${marks.stop}${words.descent}${marks.colon}${words.atLine(rows[1][0], rows[1][1], rows[1][2])}${marks.stop}${state.textContent}`);
  }
}
