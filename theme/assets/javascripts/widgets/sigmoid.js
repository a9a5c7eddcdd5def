// The sigmoid: a score becomes a probability; in the plane, a straight line becomes the border between two classes.

import { fill, fixed } from "./math/format.js";
import { cut } from "./math/geometry.js";
import * as probability from "./math/probability.js";
import { TUMORS } from "./math/tumors.js";
import { clamp, Plot, svg } from "./plot.js";
import { bind, button, choice, html, marks, note, numbers, panels, player, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.sigmoid;

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

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  widget.fill(words.title, panels(drawCurve(widget), drawPlane(widget)), note(words.hintCurve), note(words.hintPlane));
}

/** @param {import("./widget.js").Widget} widget */
function drawCurve(widget) {
  const curve = { w: 1, b: 0 };
  let x = 2;
  const p = (/** @type {number} */ at) => probability.sigmoid(curve.w * at + curve.b);
  const plot = new Plot({
    label: words.curve,
    x: { range: [-6, 6], title: "x" },
    y: { range: [0, 1], title: words.p },
    aspect: 0.9,
    paint: ({ area }) => {
      area.append(plot.curve("plot-guide", [[-6, 0.5], [6, 0.5]]));
      if (curve.w) area.append(plot.curve("plot-guide", [[border(), 0], [border(), 1]]));
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
    text: () => fill(words.at, { x: fixed(x, 1), p: fixed(p(x), 3) }),
  });
  /** @param {"w" | "b"} name @param {number} most */
  const control = (name, most) =>
    slider({
      label: name,
      min: -most,
      max: most,
      step: 0.1,
      value: curve[name],
      text: (value) => fixed(value, 1),
      onInput: bind(curve, name, update),
    });
  const shown = numbers({ z: words.z, p: words.p, border: words.border, slope: words.slope });
  update();
  return html("div", {}, plot, control("w", 4), control("b", 6), shown);

  function border() {
    return -curve.b / curve.w;
  }

  function update() {
    plot.draw();
    shown.set({
      z: fixed(curve.w * x + curve.b),
      p: fixed(p(x), 3),
      border: curve.w ? fixed(border()) : "—",
      slope: fixed(curve.w / 4, 3),
    });
    widget.say(`x = ${fixed(x, 1)}${marks.comma}${shown.text}`);
  }
}

/** @param {import("./widget.js").Widget} widget */
function drawPlane(widget) {
  const boundary = { ...START };
  /** @type {Place} */
  let anchor = [0, 0];
  /** @type {{ example: Example, handle: ReturnType<Plot["handle"]> }[]} */
  let own = [];
  const added = { label: /** @type {"0" | "1"} */ ("0") };

  const examples = () => [...EXAMPLES, ...own.map(({ example }) => example)];
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
  const text = () => {
    const [w1, w2, b] = [boundary.w1, boundary.w2, boundary.b].map((value) => fixed(value));
    return fill(words.line, { w1, w2, b });
  };
  plot.handle({
    label: words.anchor,
    kind: "is-ink",
    read: () => anchor,
    write: (x, y) => {
      anchor = [x, y];
      boundary.b = clamp(-(boundary.w1 * x + boundary.w2 * y), [-MOST, MOST]);
      change();
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
      Object.assign(boundary, { w1, w2, b: -(w1 * anchor[0] + w2 * anchor[1]) });
      change();
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
      onInput: bind(boundary, name, change),
    });
  const sliders = { w1: control("w1", "w₁"), w2: control("w2", "w₂"), b: control("b", "b") };
  const shown = numbers({ loss: words.loss, accuracy: words.accuracy });
  let left = 0;
  const descent = player({
    run: words.train,
    pause: words.pause,
    begin: () => (left = FRAMES),
    step: () => {
      for (let i = 0; i < STEPS_A_FRAME; i++) Object.assign(boundary, probability.boundaryStep(examples(), boundary, RATE));
      return --left > 0;
    },
    show: update,
  });
  const kind = choice({
    label: words.newPoint,
    options: [["0", words.benign], ["1", words.malignant]],
    value: added.label,
    onChange: bind(added, "label", () => {}),
  });
  const controls = row(descent, button(words.add, () => add(0, 0)), button(words.reset, reset));
  update();
  return html("div", {}, plot, sliders.w1, sliders.w2, sliders.b, shown, controls, kind);

  /** @param {number} x @param {number} y */
  function add(x, y) {
    if (own.length >= MOST_OWN) return;
    /** @type {Example} */
    const example = { x, y, label: added.label === "1" ? 1 : 0 };
    const handle = plot.handle({
      label: fill(example.label ? words.own.malignant : words.own.benign, { n: own.length + 1 }),
      kind: `is-${added.label}`,
      read: () => [example.x, example.y],
      write: (x, y) => {
        Object.assign(example, { x, y });
        update();
      },
      step: [0.1, 0.1],
      text: () => fill(words.place, { x: fixed(example.x, 1), y: fixed(example.y, 1) }),
      onDelete: () => {
        handle.remove();
        own = own.filter((other) => other.handle !== handle);
        (own.at(-1)?.handle.element ?? descent.element).focus({ preventScroll: true });
        update();
      },
    });
    own.push({ example, handle });
    handle.element.focus({ preventScroll: true });
    update();
  }

  function change() {
    descent.halt();
    update();
  }

  function reset() {
    for (const { handle } of own) handle.remove();
    own = [];
    Object.assign(boundary, START);
    anchor = [0, 0];
    change();
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
    const everything = examples();
    const right = Math.round(probability.accuracy(everything, boundary) * everything.length);
    shown.set({
      loss: fixed(probability.boundaryLoss(everything, boundary), 3),
      accuracy: `${right} / ${everything.length}`,
    });
    widget.say(`${text()}${marks.stop}${shown.text}`);
  }
}
