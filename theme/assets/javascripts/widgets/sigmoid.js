// The sigmoid: a score becomes a probability; in the plane, a straight line becomes the border between two classes.

import { fixed } from "./math/format.js";
import { cut } from "./math/geometry.js";
import * as probability from "./math/probability.js";
import { TUMORS } from "./math/tumors.js";
import { clamp, Plot, svg } from "./plot.js";
import { animate, button, choice, html, marks, note, numbers, panels, row, slider, translate } from "./widget.js";

/** @typedef {import("./math/geometry.js").Place} Place */
/** @typedef {probability.Example} Example */

/** @type {Example[]} */
const EXAMPLES = /** @type {(0 | 1)[]} */ ([0, 1]).flatMap((label) => TUMORS[label].map(([x, y]) => ({ x, y, label })));
const MOST_OWN = 8;
const START = { w1: -0.6, w2: 1.4, b: 0.9 };
const LEVELS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.97];
const ARROW = 0.5; // units of the plane for each unit of w
const EDGE = 3;
/** @type {Place[]} */
const PLANE = [[-EDGE, -EDGE], [EDGE, -EDGE], [EDGE, EDGE], [-EDGE, EDGE]];
const MOST = 6; // of a weight
const RATE = 1;
const FRAMES = 60;
const STEPS_A_FRAME = 5;

const words = translate({
  zh: {
    title: "sigmoid 与决策边界",
    curve: "sigmoid 曲线",
    plane: "平面上的两类肿瘤和决策边界",
    x1: "x₁ 平均半径（标准化）",
    x2: "x₂ 平均纹理（标准化）",
    probe: "曲线上的点",
    anchor: "决策边界",
    arrow: "权重 (w₁, w₂)，决定边界的方向和陡峭程度",
    p: "概率 p",
    z: "z = wx + b",
    loss: "损失",
    accuracy: "判对",
    border: "p = 0.5 处的 x",
    slope: "该处斜率 w/4",
    train: "梯度下降",
    pause: "停下",
    reset: "重来",
    newPoint: "新点的类别",
    benign: "0 良性",
    malignant: "1 恶性",
    add: "加一个点",
    own: (/** @type {number} */ n, /** @type {0 | 1} */ label) => `你的点 ${n}，${label ? "恶性" : "良性"}`,
    hintCurve: "第一幅图：拖动圆点，它沿曲线移动；拖动滑块，看曲线怎样左右平移、变陡变缓。",
    hintPlane:
      "第二幅图：45 个肿瘤取自本页的数据：橙色圆点是良性，蓝色方块是恶性，底色越深，模型越有把握。拖动线上的圆点平移边界，拖动箭头尖端改变 (w₁, w₂)；点空白处放一个自己的点，再拖动它，看一个离群点能把边界拉走多远。用 Tab 键选中之后，方向键移动，Delete 键删去自己的点。",
    at: (/** @type {string} */ x, /** @type {string} */ p) => `x = ${x}，p = ${p}`,
    place: (/** @type {string} */ x, /** @type {string} */ y) => `x₁ = ${x}，x₂ = ${y}`,
    line: (/** @type {probability.Boundary} */ { w1, w2, b }) => `w₁ = ${fixed(w1)}，w₂ = ${fixed(w2)}，b = ${fixed(b)}`,
  },
  en: {
    title: "The sigmoid and the decision boundary",
    curve: "The sigmoid curve",
    plane: "Tumors of two classes in the plane, and the decision boundary",
    x1: "x₁ mean radius, standardized",
    x2: "x₂ mean texture, standardized",
    probe: "Point on the curve",
    anchor: "Decision boundary",
    arrow: "Weights (w₁, w₂): direction and steepness of the boundary",
    p: "probability p",
    z: "z = wx + b",
    loss: "Loss",
    accuracy: "Correct",
    border: "x where p = 0.5",
    slope: "Slope there, w/4",
    train: "Gradient descent",
    pause: "Pause",
    reset: "Start again",
    newPoint: "Class of a new point",
    benign: "0 benign",
    malignant: "1 malignant",
    add: "Add a point",
    own: (/** @type {number} */ n, /** @type {0 | 1} */ label) => `Your point ${n}, ${label ? "malignant" : "benign"}`,
    hintCurve: "First plot: drag the dot along the curve; move the sliders to shift the curve and to make it steep or flat.",
    hintPlane:
      "Second plot: the 45 tumors are from the data of this page: orange dots are benign, blue squares malignant; the darker the ground, the surer the model. Drag the dot on the line to shift the boundary and the tip of the arrow to change (w₁, w₂). Click an empty place to put a point of your own there, then drag it: how far can one outlier pull the boundary? With the keyboard, Tab to a dot, move it with the arrow keys, remove your own with Delete.",
    at: (/** @type {string} */ x, /** @type {string} */ p) => `x = ${x}, p = ${p}`,
    place: (/** @type {string} */ x, /** @type {string} */ y) => `x₁ = ${x}, x₂ = ${y}`,
    line: (/** @type {probability.Boundary} */ { w1, w2, b }) => `w₁ = ${fixed(w1)}, w₂ = ${fixed(w2)}, b = ${fixed(b)}`,
  },
});

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  widget.fill(words.title, panels(drawCurve(widget), drawPlane(widget)), note(words.hintCurve), note(words.hintPlane));
}

/** @param {import("./widget.js").Widget} widget */
function drawCurve(widget) {
  let [w, b, x] = [1, 0, 2];
  const p = (/** @type {number} */ at) => probability.sigmoid(w * at + b);
  const plot = new Plot({
    label: words.curve,
    x: { range: [-6, 6], title: "x" },
    y: { range: [0, 1], title: words.p },
    aspect: 0.9,
    paint: ({ area }) => {
      area.append(plot.curve("plot-guide", [[-6, 0.5], [6, 0.5]]));
      if (w) area.append(plot.curve("plot-guide", [[-b / w, 0], [-b / w, 1]]));
      area.append(plot.graph("plot-line is-1", p), plot.curve("plot-drop", [[x, 0], [x, p(x)]]));
    },
  });
  plot.handle({
    label: words.probe,
    kind: "is-1",
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
    widget.say(`x = ${fixed(x, 1)}${marks.comma}${shown.text}`);
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
  /** @type {{ example: Example, handle: ReturnType<Plot["handle"]> }[]} */
  let own = [];
  /** @type {"0" | "1"} */
  let label = "0";

  const all = () => [...EXAMPLES, ...own.map(({ example }) => example)];
  const plot = new Plot({
    label: words.plane,
    x: { range: [-EDGE, EDGE], title: words.x1 },
    y: { range: [-EDGE, EDGE], title: words.x2 },
    aspect: 0.9,
    paint: ({ area }) => {
      const { w1, w2, b } = boundary;
      area.append(svg("rect", { class: "plot-ground", width: plot.width, height: plot.height }));
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
  plot.area.addEventListener("click", (event) => add(...plot.at(event)));
  const tip = () => /** @type {Place} */ ([anchor[0] + ARROW * boundary.w1, anchor[1] + ARROW * boundary.w2]);
  const text = () => words.line(boundary);
  plot.handle({
    label: words.anchor,
    kind: "is-ink",
    read: () => anchor,
    write: (x, y) => {
      anchor = [x, y];
      boundary.b = clamp(-(boundary.w1 * x + boundary.w2 * y), [-MOST, MOST]);
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
      const [w1, w2] = [x - anchor[0], y - anchor[1]].map((part) => clamp(part / ARROW, [-MOST, MOST]));
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
      min: -MOST,
      max: MOST,
      step: 0.1,
      value: boundary[name],
      text: (value) => fixed(value, 2),
      onInput: (value) => {
        boundary[name] = value;
        halt();
      },
    });
  const sliders = { w1: control("w1", "w₁"), w2: control("w2", "w₂"), b: control("b", "b") };
  const shown = numbers({ loss: words.loss, accuracy: words.accuracy });
  const trainButton = button(words.train, () => (stop ? halt() : train()));
  const kind = choice({
    label: words.newPoint,
    options: [["0", words.benign], ["1", words.malignant]],
    value: label,
    onChange: (value) => (label = value),
  });
  const controls = row(trainButton, button(words.add, () => add(0, 0)), button(words.reset, reset));
  update();
  return html("div", {}, plot, sliders.w1, sliders.w2, sliders.b, shown, controls, kind);

  /** @param {number} x @param {number} y */
  function add(x, y) {
    if (own.length >= MOST_OWN) return;
    /** @type {Example} */
    const example = { x, y, label: label === "1" ? 1 : 0 };
    const handle = plot.handle({
      label: words.own(own.length + 1, example.label),
      kind: `is-${label}`,
      read: () => [example.x, example.y],
      write: (x, y) => {
        Object.assign(example, { x, y });
        update();
      },
      step: [0.1, 0.1],
      text: () => words.place(fixed(example.x, 1), fixed(example.y, 1)),
      onDelete: () => {
        handle.remove();
        own = own.filter((other) => other.handle !== handle);
        (own.at(-1)?.handle.element ?? trainButton.element).focus({ preventScroll: true });
        update();
      },
    });
    own.push({ example, handle });
    handle.element.focus({ preventScroll: true });
    update();
  }

  function train() {
    let left = FRAMES;
    let isRunning = true;
    trainButton.element.textContent = words.pause;
    const cancel = animate({
      step: () => {
        for (let i = 0; i < STEPS_A_FRAME; i++) boundary = probability.boundaryStep(all(), boundary, RATE);
        return --left > 0;
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
    trainButton.element.textContent = words.train;
    update();
  }

  function reset() {
    for (const { handle } of own) handle.remove();
    own = [];
    boundary = { ...START };
    anchor = [0, 0];
    halt();
  }

  function update() {
    const { w1, w2 } = boundary;
    const size = w1 * w1 + w2 * w2;
    if (size > 1e-9) {
      // the anchor follows the line to the nearest place on it, within the plot
      const off = probability.score({ x: anchor[0], y: anchor[1] }, boundary) / size;
      anchor = [clamp(anchor[0] - off * w1, [-EDGE, EDGE]), clamp(anchor[1] - off * w2, [-EDGE, EDGE])];
    }
    sliders.w1.value = boundary.w1;
    sliders.w2.value = boundary.w2;
    sliders.b.value = boundary.b;
    plot.draw();
    const examples = all();
    const right = Math.round(probability.accuracy(examples, boundary) * examples.length);
    shown.set({
      loss: fixed(probability.boundaryLoss(examples, boundary), 3),
      accuracy: `${right} / ${examples.length}`,
    });
    widget.say(`${text()}${marks.stop}${shown.text}`);
  }
}
