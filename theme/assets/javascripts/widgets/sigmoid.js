// The sigmoid: a score becomes a probability; in the plane, a straight line becomes the border between two classes.

import { fixed } from "./math/format.js";
import { cut } from "./math/geometry.js";
import * as probability from "./math/probability.js";
import { clamp, Plot, svg } from "./plot.js";
import { animate, button, html, note, numbers, panels, row, slider, translate } from "./widget.js";

/** @typedef {import("./math/geometry.js").Place} Place */

/** @type {Record<0 | 1, Place[]>} */
const PLACES = {
  0: PLACES_0,
  1: PLACES_1,
};
const EXAMPLES = ([0, 1]).flatMap((label) => {
  const known = /** @type {0 | 1} */ (label);
  return PLACES[known].map(([x, y]) => ({ x, y, label: known }));
});
const START = { w1: -0.6, w2: 1.4, b: 0.9 };
const LEVELS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.97];
const ARROW = 0.5; // units of the plane for each unit of w
const EDGE = 3;
/** @type {Place[]} */
const PLANE = [[-EDGE, -EDGE], [EDGE, -EDGE], [EDGE, EDGE], [-EDGE, EDGE]];
const RATE = 1;
const STEPS = 60;

const words = translate({
  zh: {
    title: "sigmoid 与决策边界",
    curve: "sigmoid 曲线",
    plane: "平面上的两类点和决策边界",
    probe: "曲线上的点",
    anchor: "决策边界",
    arrow: "权重 (w₁, w₂)，决定边界的方向和陡峭程度",
    half: "p = 0.5",
    p: "概率 p",
    z: "z = wx + b",
    loss: "损失",
    accuracy: "准确率",
    border: "p = 0.5 处的 x",
    slope: "那里的斜率 w/4",
    train: "梯度下降",
    pause: "停下",
    reset: "重来",
    hint: "左图：拖动滑块，看曲线怎样左右移动、变陡变缓；圆点可以沿曲线拖动。右图：拖动边界上的圆点平移边界，拖动箭头的尖端改变 (w₁, w₂)。蓝方块是第 1 类，橙圆圈是第 0 类；底色越深，模型越有把握。",
    at: (/** @type {string} */ x, /** @type {string} */ p) => `x = ${x}，p = ${p}`,
    line: (/** @type {typeof START} */ { w1, w2, b }) => `w₁ = ${fixed(w1)}，w₂ = ${fixed(w2)}，b = ${fixed(b)}`,
  },
  en: {
    title: "The sigmoid and the decision boundary",
    curve: "The sigmoid curve",
    plane: "Points of two classes in the plane, and the decision boundary",
    probe: "Point on the curve",
    anchor: "Decision boundary",
    arrow: "Weights (w₁, w₂): direction and steepness of the boundary",
    half: "p = 0.5",
    p: "probability p",
    z: "z = wx + b",
    loss: "Loss",
    accuracy: "Accuracy",
    border: "x where p = 0.5",
    slope: "Slope there, w/4",
    train: "Gradient descent",
    pause: "Pause",
    reset: "Start again",
    hint: "On the left, the sliders move the curve and make it steep or flat; the dot can be dragged along it. On the right, drag the dot on the boundary to shift it, and the tip of the arrow to change (w₁, w₂). Blue squares are class 1, orange circles class 0; the darker the ground, the surer the model.",
    at: (/** @type {string} */ x, /** @type {string} */ p) => `x = ${x}, p = ${p}`,
    line: (/** @type {typeof START} */ { w1, w2, b }) => `w₁ = ${fixed(w1)}, w₂ = ${fixed(w2)}, b = ${fixed(b)}`,
  },
});

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const curve = drawCurve(widget);
  const plane = drawPlane(widget);
  widget.fill(words.title, panels(curve, plane), note(words.hint));
}

/** @param {import("./widget.js").Widget} widget */
function drawCurve(widget) {
  let [w, b, x] = [1, 0, 2];
  const p = (/** @type {number} */ at) => probability.sigmoid(w * at + b);
  const plot = new Plot({
    label: words.curve,
    x: { range: [-6, 6], title: "x" },
    y: { range: [0, 1], title: words.p },
    paint: ({ area, ...rest }) => {
      area.append(plot.curve("plot-guide", [[-6, 0.5], [6, 0.5]]));
      if (w && Math.abs(b / w) <= 6) area.append(plot.curve("plot-guide", [[-b / w, 0], [-b / w, 1]]));
      area.append(plot.graph("plot-line is-best", p));
      void rest;
    },
  });
  plot.handle({
    label: words.probe,
    along: "x",
    read: () => [x, p(x)],
    write: (at) => {
      x = at;
      update();
    },
    step: [0.1, 0],
    text: () => words.at(fixed(x, 1), fixed(p(x), 3)),
  });
  /** @param {"w" | "b"} name @param {number} most */
  const control = (name, most) =>
    slider({
      label: name,
      min: -most,
      max: most,
      step: 0.1,
      value: name === "w" ? w : b,
      text: (value) => fixed(value, 1),
      onInput: (value) => {
        if (name === "w") w = value;
        else b = value;
        update();
      },
    });
  const shown = numbers({ z: words.z, p: words.p, border: words.border, slope: words.slope });
  const update = () => {
    plot.draw();
    shown.set({
      z: fixed(w * x + b),
      p: fixed(p(x), 3),
      border: w ? fixed(-b / w) : "—",
      slope: fixed(w / 4, 3),
    });
    widget.say(`x = ${fixed(x, 1)}${widget.comma}${shown.text}`);
  };
  update();
  return html("div", {}, plot, control("w", 4), control("b", 6), shown);
}

/** @param {import("./widget.js").Widget} widget */
function drawPlane(widget) {
  let boundary = { ...START };
  /** @type {Place} */
  let anchor = [0, 0];
  /** @type {(() => void) | undefined} */
  let stop;

  const plot = new Plot({
    label: words.plane,
    x: { range: [-EDGE, EDGE], title: "x₁" },
    y: { range: [-EDGE, EDGE], title: "x₂" },
    aspect: 0.9,
    paint: ({ area }) => {
      const { w1, w2, b } = boundary;
      for (const level of LEVELS) {
        const z = probability.logit(level);
        area.append(plot.curve("plot-side is-1", cut(PLANE, w1, w2, b - z), true));
        area.append(plot.curve("plot-side is-0", cut(PLANE, -w1, -w2, -b - z), true));
      }
      const far = 20 / Math.max(Math.hypot(w1, w2), 1e-9);
      const [x, y] = anchor;
      area.append(plot.curve("plot-line is-ink", [[x - far * w2, y + far * w1], [x + far * w2, y - far * w1]]));
      area.append(plot.curve("plot-line is-ink is-thin", [anchor, tip()]));
      for (const { x: x1, y: x2, label } of EXAMPLES) {
        const [px, py] = [plot.px(x1), plot.py(x2)];
        area.append(
          label
            ? svg("rect", { class: "plot-mark is-1", x: px - 3.5, y: py - 3.5, width: 7, height: 7 })
            : svg("circle", { class: "plot-mark is-0", cx: px, cy: py, r: 4 }),
        );
      }
    },
  });
  const tip = () => /** @type {Place} */ ([anchor[0] + ARROW * boundary.w1, anchor[1] + ARROW * boundary.w2]);
  const text = () => words.line(boundary);
  plot.handle({
    label: words.anchor,
    kind: "is-ink",
    read: () => anchor,
    write: (x, y) => {
      anchor = [x, y];
      boundary.b = clamp(-(boundary.w1 * x + boundary.w2 * y), [-6, 6]);
      halt();
    },
    step: [0.1, 0.1],
    text,
  });
  plot.handle({
    label: words.arrow,
    kind: "is-ink is-small",
    read: tip,
    write: (x, y) => {
      const [w1, w2] = [(x - anchor[0]) / ARROW, (y - anchor[1]) / ARROW];
      boundary = { w1, w2, b: -(w1 * anchor[0] + w2 * anchor[1]) };
      halt();
    },
    step: [0.05, 0.05],
    text,
  });

  /** @param {"w1" | "w2" | "b"} name @param {string} label */
  const control = (name, label) =>
    slider({
      label,
      min: -6,
      max: 6,
      step: 0.1,
      value: boundary[name],
      text: (value) => fixed(value, 1),
      onInput: (value) => {
        boundary[name] = value;
        halt();
      },
    });
  const sliders = { w1: control("w1", "w₁"), w2: control("w2", "w₂"), b: control("b", "b") };
  const shown = numbers({ loss: words.loss, accuracy: words.accuracy });
  const trainButton = button(words.train, () => {
    if (stop) return halt();
    let left = STEPS;
    let isRunning = true;
    trainButton.element.textContent = words.pause;
    const cancel = animate(
      () => {
        const slope = probability.boundaryGradient(EXAMPLES, boundary);
        boundary = {
          w1: boundary.w1 - RATE * slope.w1,
          w2: boundary.w2 - RATE * slope.w2,
          b: boundary.b - RATE * slope.b,
        };
        update();
        return --left > 0;
      },
      () => {
        isRunning = false;
        halt();
      },
    );
    if (isRunning) stop = cancel;
  });
  const resetButton = button(words.reset, () => {
    boundary = { ...START };
    halt();
  });

  function halt() {
    stop?.();
    stop = undefined;
    trainButton.element.textContent = words.train;
    update();
  }

  function update() {
    const { w1, w2 } = boundary;
    const size = w1 * w1 + w2 * w2;
    if (size > 1e-9) {
      const off = probability.score({ x: anchor[0], y: anchor[1] }, boundary) / size;
      anchor = [clamp(anchor[0] - off * w1, [-EDGE, EDGE]), clamp(anchor[1] - off * w2, [-EDGE, EDGE])];
    }
    sliders.w1.value = boundary.w1;
    sliders.w2.value = boundary.w2;
    sliders.b.value = boundary.b;
    plot.draw();
    const right = Math.round(probability.accuracy(EXAMPLES, boundary) * EXAMPLES.length);
    shown.set({
      loss: fixed(probability.boundaryLoss(EXAMPLES, boundary), 3),
      accuracy: `${right}/${EXAMPLES.length}`,
    });
    widget.say(`${text()}${widget.stop}${shown.text}`);
  }
  update();
  return html("div", {}, plot, sliders.w1, sliders.w2, sliders.b, shown, row(trainButton, resetButton));
}
