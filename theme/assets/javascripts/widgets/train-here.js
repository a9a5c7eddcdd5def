// A network learns here, in a thread of its own: curves of loss and accuracy grow while it does, beside those of Keras,
// which stand in the table of the place. The images are fetched when the reader first trains.

import { fill, fixed } from "./math/format.js";
import { Plot, svg } from "./plot.js";
import { bind, button, choice, html, marks, note, numbers, panels, row, slider } from "./widget.js";
import { hire } from "./worker.js";
import { words as all } from "./words.js";

const words = all["train-here"];

const EPOCHS = 10;
const PERIOD = 150; // milliseconds of learning between two pictures
const POINTS = 10; // of the curve of the loss, in an epoch
const SHOWN = 18; // images, with what the network takes them for
const SIDE = 14; // pixels of an image
const LOW = { aspect: 0.5, least: 160 }; // plots: a phone shows both of them, the numbers and the button at once
const BLUE = [59, 130, 196];

/** @typedef {[number, number]} Point epoch and value */
/** @typedef {{ accuracy: number, loss: number, answers: number[] }} Tested */

/** A run that has not begun. */
class Run {
  /** @type {number[]} of each step */
  losses = [];
  /** @type {Point[]} percent of the fresh images */
  accuracies = [];
  /** @type {number[]} what the fresh images were last taken for */
  answers = [];
  perEpoch = 0;
  parameters = 0;
  milliseconds = 0;
  /** @type {keyof typeof words.verdicts} */
  verdict = "learns";

  get epoch() {
    return this.losses.length / (this.perEpoch || 1);
  }

  get hasEnded() {
    return this.verdict === "broken" || this.epoch >= EPOCHS;
  }

  /** The mean loss of each part of an epoch. @returns {Point[]} */
  get curve() {
    const size = Math.max(Math.round(this.perEpoch / POINTS), 1);
    const points = Array.from({ length: Math.floor(this.losses.length / size) }, (_, i) => mean(this.losses.slice(i * size, (i + 1) * size)));
    return points.map((loss, i) => [((i + 0.5) * size) / this.perEpoch, loss]);
  }

  /** @param {Tested} tested */
  note({ accuracy, answers }) {
    this.accuracies.push([this.epoch, 100 * accuracy]);
    this.answers = answers;
  }
}

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const keras = read(widget.place);
  const state = { rate: 0.003, batch: "32", depth: "2", filters: "8" };
  /** @type {ReturnType<typeof hire> | undefined} */
  let ask;
  let labels = /** @type {number[]} */ ([]);
  let run = new Run();
  let before = new Run(); // stays in the plots, for comparison
  let going = false; // as the reader wants it
  let busy = false; // until the last answer has come
  let seed = 0;

  const loss = new Plot({
    label: words.lossCurve,
    x: { range: [0, EPOCHS], title: words.epoch },
    y: { range: [-2, 1], title: words.loss, text: (power) => String(10 ** power) },
    ...LOW,
    paint: (plot) => paint(plot, before.curve, run.curve, keras.losses, Math.log10),
  });
  const accuracy = new Plot({
    label: words.accuracyCurve,
    x: { range: [0, EPOCHS], title: words.epoch },
    y: { range: [0, 100], title: words.right },
    ...LOW,
    paint: (plot) => paint(plot, before.accuracies, run.accuracies, keras.accuracies, Number),
  });
  const rate = slider({
    label: words.rate,
    min: 1e-4,
    max: 1,
    step: 0.1,
    value: state.rate,
    logarithmic: true,
    text: (value) => String(Number(value.toPrecision(2))),
    onInput: bind(state, "rate", () => {}), // from the next step on
  });
  const options = /** @type {const} */ ({ depth: ["0", "1", "2"], filters: ["4", "8", "16"], batch: ["8", "32", "128"] });
  const choices = /** @type {(keyof typeof options)[]} */ (Object.keys(options)).map((key) =>
    choice({ label: words[key], options: options[key].map((value) => [value, value]), value: state[key], onChange: bind(state, key, again) }),
  );
  const train = button(words.train, () => {
    going = !going;
    if (going && !busy) learn();
    else update();
  });
  const status = note(words.start);
  const shown = numbers({ epoch: words.epoch, loss: words.loss, right: words.right, keras: words.keras, parameters: words.parameters, speed: words.speed });
  const samples = html("div", { role: "img", style: "display: flex; flex-wrap: wrap; gap: 0.3rem; min-height: 64px" });
  widget.fill(words.title, row(rate, train, button(words.again, again)), status, panels(loss, accuracy), shown, row(...choices), samples, note(words.hint));
  update();

  /** The thread that learns, once it has the images. */
  async function ready() {
    if (ask) return ask;
    status.textContent = words.loading;
    const hired = hire(new URL("./train-worker.js", import.meta.url));
    const images = await hired({ source: new URL(widget.place.dataset.source ?? "", document.baseURI).href });
    labels = [...images.labels.slice(0, SHOWN)];
    samples.replaceChildren(...labels.map((_, i) => sample(images.images.values.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2))));
    return (ask = hired);
  }

  /** Train until the last epoch, or until the reader pauses; what belongs to a run that was given up is passed over. */
  async function learn() {
    busy = true;
    update();
    try {
      const tell = await ready();
      if (run.hasEnded) again();
      going = true;
      while (going && !run.hasEnded) {
        const mine = run;
        if (!mine.perEpoch) {
          const { tested, ...about } = await tell({ settings: { seed: seed++, depth: Number(state.depth), filters: Number(state.filters), batch: Number(state.batch) } });
          mine.note(tested);
          Object.assign(mine, about);
        } else {
          const { losses, milliseconds, verdict, tested } = await tell({ milliseconds: PERIOD, rate: state.rate });
          mine.losses.push(...losses);
          mine.milliseconds += milliseconds;
          mine.verdict = verdict || "learns";
          if (tested) mine.note(tested);
        }
        if (mine === run) update(!matchMedia("(prefers-reduced-motion: reduce)").matches);
      }
    } catch (problem) {
      console.error("Nothing can be learned from.", problem);
      [ask, run] = [undefined, new Run()];
      status.textContent = words.failed;
      widget.say(words.failed);
    }
    [busy, going] = [false, false];
    update();
  }

  /** Give this run up for one from other random weights. */
  function again() {
    if (run.losses.length) before = run;
    [run, going] = [new Run(), false];
    update();
  }

  function drawPlots() {
    const top = Math.max(...run.curve.map(([, value]) => value).filter(Number.isFinite), 10);
    loss.y.range = [-2, Math.ceil(Math.log10(top))];
    loss.y.ticks = Array.from({ length: loss.y.range[1] + 3 }, (_, i) => i - 2);
    loss.draw();
    accuracy.draw();
  }

  /** @param {boolean} [moving] whether the plots are drawn, too */
  function update(moving = true) {
    train.element.textContent = going ? words.pause : words.train;
    if (moving) drawPlots();
    const last = run.losses.slice(-Math.max(Math.round(run.perEpoch / POINTS), 1));
    shown.set({
      epoch: `${fixed(run.epoch, 1)} / ${EPOCHS}`,
      loss: last.length ? fixed(mean(last), 3) : "…",
      right: run.accuracies.length ? fixed(run.accuracies[run.accuracies.length - 1][1], 1) : "…",
      keras: fixed(keras.accuracies[keras.accuracies.length - 1][1], 1),
      parameters: run.parameters ? String(run.parameters) : "…",
      speed: run.losses.length ? fixed(run.milliseconds / run.losses.length, 1) : "…",
    });
    [...samples.children].forEach((element, i) => {
      const [answer, right] = [run.answers[i], run.answers[i] === labels[i]];
      const text = /** @type {HTMLElement} */ (element.lastChild);
      text.textContent = answer === undefined ? "?" : `${answer}${right ? "" : " ✗"}`;
      text.style.color = answer === undefined || right ? "" : "var(--book-bad)";
    });
    const known = labels.filter((label, i) => run.answers[i] === label).length;
    samples.setAttribute("aria-label", fill(words.samples, { n: SHOWN, known }));
    if (!run.losses.length) return;
    status.textContent = going || run.verdict !== "learns" ? words.verdicts[run.verdict] : run.hasEnded ? words.done : words.paused;
    if (!going || run.verdict !== "learns") widget.say(`${status.textContent}${marks.space}${shown.text}`);
  }
}

/**
 * Two runs, and what Keras did.
 * @param {Plot} plot
 * @param {Point[]} before
 * @param {Point[]} now
 * @param {Point[]} keras after each epoch
 * @param {(value: number) => number} scale of the axis
 */
function paint(plot, before, now, keras, scale) {
  const scaled = (/** @type {Point[]} */ points) => points.filter(([, y]) => Number.isFinite(y)).map(([x, y]) => /** @type {Point} */ ([x, scale(y)]));
  plot.area.append(plot.curve("plot-contour", scaled(before)), plot.curve("plot-line is-0 is-thin is-dashed", scaled(keras)));
  for (const [x, y] of scaled(keras)) plot.area.append(plot.dot("plot-dot is-0", x, y, 3));
  plot.area.append(plot.curve("plot-line is-1", scaled(now)));
  const [x, y] = scaled(keras)[keras.length - 1];
  plot.area.append(svg("text", { x: plot.px(x), y: plot.py(y) + 18, "text-anchor": "end" }, "Keras"));
}

/** An image, and below it room for the answer. @param {Float32Array} ink from 0 to 1 */
function sample(ink) {
  const canvas = html("canvas", { class: "digit-sheet", width: SIDE, height: SIDE, style: "width: 36px; display: block" });
  const pixels = new ImageData(SIDE, SIDE);
  ink.forEach((value, i) => pixels.data.set([...BLUE, 255 * value], 4 * i));
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return html("span", { style: "text-align: center; line-height: 1.3" }, canvas, html("span"));
}

/**
 * What Keras did, from the table that stands there: epoch, loss, percent right.
 * @param {HTMLElement} place
 */
function read(place) {
  const rows = [...place.querySelectorAll("tbody tr")].map((line) =>
    [...line.querySelectorAll("td")].map((cell) => Number(cell.textContent?.replace("%", ""))),
  );
  if (!rows.length || !rows.flat().every(Number.isFinite)) throw new Error("The table has no curves.");
  return {
    losses: rows.map(([epoch, loss]) => /** @type {Point} */ ([epoch - 0.5, loss])), // the mean of an epoch
    accuracies: rows.map(([epoch, , right]) => /** @type {Point} */ ([epoch, right])),
  };
}

/** @param {number[]} values */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
