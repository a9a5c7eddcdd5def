// A canvas to draw a digit on, and what the network of the page makes of it. The place names the file of its weights;
// the digits that were drawn before lie beside it.

import { forward, occlusion, prepare, read } from "./math/digit.js";
import { fill, fixed } from "./math/format.js";
import { softmax } from "./math/probability.js";
import { bind, button, html, note, panels, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all["draw-a-digit"];

const EXAMPLES = "drawn_digits_long.json";
const LEARNED = "train_here_long.json";
const MOST_ALIKE = 6; // of the training images
const SIDE = 280; // pixels of the canvas
const STEP = 10; // pixels that an arrow key moves the pen
const BLUE = [59, 130, 196];
const ORANGE = [224, 123, 57];

/** @typedef {[number, number]} Point */

/** @param {import("./widget.js").Widget} widget */
export default async function draw(widget) {
  const source = new URL(widget.place.dataset.source ?? "", document.baseURI);
  const net = read(await load(source));
  const alone = widget.place.matches(".asked"); // the paper and the answer, without what the network saw
  const state = { pen: 18 };
  /** @type {Point[][]} */
  let strokes = [];
  /** @type {{ at: Point, down: boolean } | undefined} the pen as the keyboard moves it */
  let keyed;
  /** @type {{ digit: number, pen: number, strokes: Point[][] }[]} */
  let drawn = [];
  let next = 0;
  /** @type {((image: Float32Array) => void) | undefined} shows what resembles the drawing, once that is asked for */
  let resemble;
  let drawing = false; // where the network looks takes many readings: it waits for the end of a stroke

  const canvas = html("canvas", { class: "digit-paper", width: SIDE, height: SIDE, tabindex: 0, role: "img", "aria-label": words.canvas });
  const paper = brush(canvas);
  const pen = slider({ label: words.pen, min: 8, max: 30, step: 1, value: state.pen, text: String, onInput: bind(state, "pen", update) });
  const answer = html("p", { class: "digit-answer" });
  const bars = Array.from({ length: 10 }, (_, digit) => {
    const [bar, share] = [html("i"), html("span")];
    return { bar, share, element: html("li", {}, html("b", {}, String(digit)), bar, share) };
  });
  const seen = sheet(28, 28, 112);
  const first = sheet(8 * 27, 2 * 27, 8 * 27);
  const second = sheet(8 * 12, 4 * 12, 8 * 24);
  const resembling = html("div", { class: "digit-alike" });
  widget.fill(
    words.title,
    panels(
      html("div", {}, canvas, row(pen, button(words.clear, clear), button(words.example, example))),
      html("div", {}, answer, html("ol", { class: "digit-chances" }, ...bars.map(({ element }) => element))),
    ),
    ...(alone ? [] : [panels(html("div", {}, note(words.seen), seen.canvas, row(button(words.wrong, compare)), resembling), html("div", {}, note(words.maps), first.canvas, second.canvas)), note(words.hint)]),
  );
  listen();
  update();

  function listen() {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      canvas.setPointerCapture(event.pointerId);
      keyed = undefined;
      strokes.push([place(event)]);
      drawing = true;
      update();
    });
    canvas.addEventListener("lostpointercapture", () => {
      drawing = false;
      update();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      strokes.at(-1)?.push(...event.getCoalescedEvents().map(place), place(event));
      update();
    });
    canvas.addEventListener("keydown", (event) => {
      const move = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (event.key === "Delete" || event.key === "Backspace") clear();
      else if (event.key === " " || move) key(move);
      else return;
      event.preventDefault();
    });
    canvas.addEventListener("blur", () => {
      keyed = undefined;
      update();
    });
  }

  /** Move the pen by an arrow key; without a move, put it down or lift it. @param {number[] | undefined} move */
  function key(move) {
    keyed ??= { at: [SIDE / 2, SIDE / 4], down: false };
    const { at } = keyed;
    if (move) keyed.at = /** @type {Point} */ (at.map((value, i) => Math.min(Math.max(value + move[i], 0), SIDE)));
    else {
      keyed.down = !keyed.down;
      if (keyed.down) strokes.push([at]);
    }
    if (keyed.down) strokes.at(-1)?.push(keyed.at);
    update();
  }

  /** @param {PointerEvent} event @returns {Point} */
  function place({ clientX, clientY }) {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) * SIDE) / box.width, ((clientY - box.top) * SIDE) / box.height];
  }

  function clear() {
    strokes = [];
    keyed = undefined;
    update();
  }

  async function example() {
    if (!drawn.length) drawn = (await load(new URL(EXAMPLES, source))).digits;
    const one = drawn[(next++ * 29) % drawn.length]; // from one digit to another
    strokes = structuredClone(one.strokes);
    pen.value = state.pen = one.pen;
    update();
  }

  /** What did it learn from? The training images that resemble the drawing most, as soon as they are here. */
  async function compare() {
    try {
      const [{ alike }, { read }] = await Promise.all([import("./math/alike.js"), import("./math/convnet.js")]);
      const { images, labels } = read((await load(new URL(LEARNED, source))).learned);
      resemble = (image) => {
        const found = alike(images, image, MOST_ALIKE).map((which) => {
          const { canvas, paint } = sheet(images.w, images.h, 42);
          paint((r, c) => [...BLUE, 255 * images.values[(which * images.h + r) * images.w + c]]);
          return html("li", {}, canvas, String(labels[which]));
        });
        const said = fill(words.alike, { count: images.n.toLocaleString("en"), shown: String(MOST_ALIKE) });
        resembling.replaceChildren(note(said), html("ol", {}, ...found));
      };
    } catch (problem) {
      console.error("Nothing can be compared.", problem);
      return resembling.replaceChildren(note(words.missing));
    }
    update();
  }

  function update() {
    paper.clearRect(0, 0, SIDE, SIDE);
    paper.strokeStyle = getComputedStyle(canvas).color;
    paper.lineCap = paper.lineJoin = "round";
    paper.lineWidth = state.pen;
    for (const points of strokes) {
      paper.beginPath();
      for (const [x, y] of points) paper.lineTo(x, y);
      if (points.length === 1) paper.lineTo(points[0][0], points[0][1]);
      paper.stroke();
    }
    const pixels = paper.getImageData(0, 0, SIDE, SIDE).data;
    const image = prepare(Array.from({ length: SIDE * SIDE }, (_, i) => pixels[4 * i + 3] / 255), SIDE);
    if (keyed) {
      paper.lineWidth = 2;
      paper.beginPath();
      paper.arc(...keyed.at, state.pen / 2 + 3, 0, 2 * Math.PI);
      paper.stroke();
    }
    show(image, image.some(Boolean));
  }

  /** @param {Float32Array} image @param {boolean} inked */
  function show(image, inked) {
    const { scores, maps } = forward(net, image);
    const shares = softmax(scores);
    const digit = shares.indexOf(Math.max(...shares));
    const said = inked ? fill(words.reads, { digit: String(digit), share: percent(shares[digit]) }) : words.empty;
    answer.textContent = said;
    bars.forEach(({ bar, share, element }, k) => {
      bar.style.width = `${inked ? 100 * shares[k] : 0}%`;
      share.textContent = inked ? percent(shares[k]) : "";
      element.classList.toggle("is-answer", inked && k === digit);
    });
    widget.say(said);
    if (alone) return;
    const harm = inked && !drawing ? occlusion(net, image) : [];
    seen.paint((r, c) => {
      const missed = Math.min(2 * Math.max(harm[(r >> 1) * 14 + (c >> 1)] ?? 0, 0), 1);
      const ink = image[r * 28 + c];
      return [...ORANGE.map((value, i) => value * missed + BLUE[i] * (1 - missed)), 255 * Math.max(ink, 0.6 * missed)];
    });
    if (!inked) resembling.replaceChildren();
    else if (!drawing) resemble?.(image);
    [first, second].forEach(({ paint }, layer) => {
      const { h, w, c: count, values } = maps[layer];
      const top = values.reduce((a, b) => Math.max(a, b)) || 1;
      paint((y, x) => {
        const [map, r, c] = [Math.floor(y / (h + 1)) * 8 + Math.floor(x / (w + 1)), y % (h + 1), x % (w + 1)];
        return [...BLUE, r < h && c < w ? 20 + (235 * values[(r * w + c) * count + map]) / top : 0];
      });
    });
  }
}

/** @param {number} share */
function percent(share) {
  return share > 0.9995 ? ">99.9%" : `${fixed(100 * share, 1)}%`; // nothing is certain
}

/** @param {URL} address */
async function load(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return answer.json();
}

/** @param {HTMLCanvasElement} canvas */
function brush(canvas) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("There is no canvas.");
  return context;
}

/**
 * A small canvas whose pixels are computed, shown larger.
 * @param {number} width
 * @param {number} height
 * @param {number} shown its width on the page
 */
function sheet(width, height, shown) {
  const canvas = html("canvas", { class: "digit-sheet", width, height, style: `width: ${shown}px`, "aria-hidden": "true" });
  const context = brush(canvas);
  return {
    canvas,
    /** @param {(row: number, column: number) => number[]} color red, green, blue, alpha */
    paint(color) {
      const data = context.createImageData(width, height);
      for (let i = 0; i < width * height; i++) data.data.set(color(Math.floor(i / width), i % width), 4 * i);
      context.putImageData(data, 0, 0);
    },
  };
}
