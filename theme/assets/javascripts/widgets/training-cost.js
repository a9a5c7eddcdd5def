// What training a Transformer takes: from its shape to parameters, operations, memory, days and money.

import { compact, fill, fixed, metric, parseQuantity, scientific } from "./math/format.js";
import { ACCELERATORS, MODELS } from "./math/models.js";
import * as training from "./math/training.js";
import { bind, button, grid, html, lang, marks, note, numberField, row, select, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all["training-cost"];

/** @typedef {training.Shape} Shape */
/** @typedef {import("./math/models.js").Model} Model */

const FIRST = "gpt-3";

const TOKENS_A_PARAMETER = 20;
const MANY_DAYS = 730; // more are told in years

/** @type {[keyof typeof words.references, string][]} */
const REFERENCES = [
  ["operations", "https://arxiv.org/abs/2001.08361"],
  ["bytes", "https://arxiv.org/abs/1910.02054"],
  ["tokens", "https://arxiv.org/abs/2203.15556"],
  ["gpt-3", "https://arxiv.org/abs/2005.14165"],
  ["llama-2", "https://arxiv.org/abs/2307.09288"],
  ["llama-3", "https://arxiv.org/abs/2407.21783"],
  ["deepseek-v3", "https://arxiv.org/abs/2412.19437"],
  ["h100", "https://www.nvidia.com/en-us/data-center/h100/"],
  ["a100", "https://www.nvidia.com/en-us/data-center/a100/"],
];

/** @typedef {"layers" | "width" | "inner" | "keys" | "vocabulary" | "context"} Part */
/** @type {Part[]} */
const PARTS = ["layers", "width", "inner", "keys", "vocabulary", "context"];

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  /** @type {Shape} */
  let shape = { .../** @type {Shape} */ (MODELS[FIRST].shape) };
  let hasShape = true;
  const size = { active: 0, total: 0, tokens: 0, bytes: 16 };
  const machine = { ...ACCELERATORS.h100, utilization: 0.4, count: 1024, price: 2 };

  const quantity = {
    text: amount,
    parse: parseQuantity,
  };
  const whole = {
    text: (/** @type {number} */ value) => (Number.isNaN(value) ? "" : String(Number(value.toPrecision(12)))),
    parse: parseQuantity,
  };

  const models = select({
    label: words.model,
    options: [...Object.entries(MODELS).map(([key, { name }]) => /** @type {[string, string]} */ ([key, name])), ["", words.own]],
    value: FIRST,
    onChange: (key) => key && load(MODELS[key]),
  });
  const parts = PARTS.map((part) =>
    numberField({
      ...whole,
      label: words[part],
      value: shape[part],
      min: 1,
      onChange: (value) => {
        shape[part] = value;
        if (!hasShape) parts.forEach((field, i) => PARTS[i] === part || (field.value = shape[PARTS[i]]));
        hasShape = true;
        count();
        models.value = "";
        update();
      },
    }),
  );
  /** @param {"active" | "total" | "tokens"} name */
  const sizeField = (name) =>
    numberField({
      ...quantity,
      label: words[name],
      value: size[name],
      min: 1,
      onChange: (value) => {
        size[name] = value;
        if (name !== "tokens") forget();
        models.value = "";
        update();
      },
    });
  const sizes = { active: sizeField("active"), total: sizeField("total"), tokens: sizeField("tokens") };
  const optimal = button(words.optimal, () => {
    sizes.tokens.value = size.tokens = TOKENS_A_PARAMETER * size.active;
    models.value = "";
    update();
  });
  const bytes = numberField({
    ...whole,
    label: words.bytes,
    value: size.bytes,
    min: 0.1,
    onChange: bind(size, "bytes", update),
  });
  const peak = numberField({
    ...whole,
    label: words.peak,
    unit: "TFLOP/s",
    value: machine.peak / 1e12,
    min: 0.001,
    onChange: (value) => {
      machine.peak = value * 1e12;
      update();
    },
  });
  const accelerators = select({
    label: words.accelerator,
    options: Object.entries(ACCELERATORS).map(([key, { name }]) => [key, name]),
    value: "h100",
    onChange: (key) => {
      Object.assign(machine, ACCELERATORS[key]);
      peak.value = machine.peak / 1e12;
      update();
    },
  });
  const sliders = [
    slider({
      label: words.utilization,
      min: 0.05,
      max: 0.8,
      step: 0.01,
      value: machine.utilization,
      text: (value) => `${fixed(100 * value, 0)}%`,
      onInput: bind(machine, "utilization", update),
    }),
    slider({
      label: words.count,
      min: 1,
      max: 131072,
      step: Math.log10(2) / 4,
      value: machine.count,
      logarithmic: true,
      text: (value) => Math.round(value).toLocaleString(lang),
      onInput: (value) => {
        machine.count = Math.round(value);
        update();
      },
    }),
    slider({
      label: words.price,
      min: 0.5,
      max: 8,
      step: 0.1,
      value: machine.price,
      text: (value) => fill(words.dollars, { n: fixed(value) }),
      onInput: bind(machine, "price", update),
    }),
  ];

  const shapeFormula = formula("");
  const table = grid(
    [words.quantity, words.result],
    [
      [words.counted, shapeFormula],
      [words.operations, formula("C = 6 N D")],
      [words.attention, formula("12 L d T / 6 N")],
      [words.state, formula("M s")],
      [words.fewest, formula(`M s / ${words.memoryOfOne}`)],
      [words.gpuHours, formula("C / (3600 p u)")],
      [words.time, formula("C / (86400 G p u)")],
      [words.cost, formula("C r / (3600 p u)")],
      [words.energy, formula(`C / (3600 p u) × ${words.powerOfOne}`)],
    ].map((texts) => html("span", {}, ...texts)),
  );
  const state = note();
  const links = REFERENCES.flatMap(([name, address], i) => [
    i ? marks.semicolon : "",
    html("a", { href: address }, words.references[name]),
  ]);

  widget.fill(
    words.title,
    row(models, sizes.active, sizes.total),
    row(...parts),
    row(sizes.tokens, optimal, bytes),
    row(accelerators, peak),
    row(...sliders),
    table,
    state,
    note(words.hint),
    note(words.sources, ...links),
  );
  load(MODELS[FIRST]);

  /** @param {Model} model */
  function load(model) {
    if (model.shape) {
      hasShape = true;
      shape = { ...model.shape };
      count();
      parts.forEach((field, i) => (field.value = shape[PARTS[i]]));
    } else {
      forget();
      sizes.active.value = size.active = model.active ?? 0;
      sizes.total.value = size.total = model.total ?? 0;
    }
    sizes.tokens.value = size.tokens = model.tokens;
    update();
  }

  /** The parameters are given, not counted. */
  function forget() {
    hasShape = false;
    for (const field of parts) field.value = NaN;
  }

  /** Take the parameters from the shape. */
  function count() {
    const { total } = training.parameters(shape);
    sizes.active.value = sizes.total.value = size.active = size.total = total;
  }

  function update() {
    const operations = training.operations(size.active, size.tokens);
    const held = size.total * size.bytes;
    const fewest = Math.ceil(held / machine.memory);
    const { hours, days, cost, wattHours } = training.bill({ ...machine, operations });
    const results = {
      counted: hasShape ? amount(training.parameters(shape).total) : "—",
      operations: `${scientific(operations)} FLOP`,
      attention: hasShape ? `+${fixed(100 * training.attentionShare(shape, size.active), 1)}%` : "—",
      state: metric(held, "B"),
      fewest: fill(words.pieces, { n: amount(fewest) }),
      hours: fill(words.hours, { n: amount(hours) }),
      time: duration(days),
      cost: fill(words.dollars, { n: amount(cost) }),
      energy: metric(wattHours, "Wh"),
    };
    table.set(Object.values(results).map((result) => [result]));
    shapeFormula.textContent = hasShape ? words[shape.family] : words.unknown;
    const ratio = fill(words.ratio, { n: fixed(size.tokens / size.active, 1) });
    state.textContent = machine.count < fewest ? `${ratio}${marks.space}${fill(words.warning, results)}` : ratio;
    widget.say(`${fill(words.said, results)}${marks.stop}${state.textContent}`);
  }
}

/** @param {number} value */
function amount(value) {
  return compact(value, lang);
}

/**
 * Days, or years of as many days.
 * @param {number} days
 */
function duration(days) {
  if (days > MANY_DAYS) return fill(words.years, { n: amount(days / 365) });
  return fill(words.days, { n: days < 0.1 ? fixed(days, 3) : amount(days) });
}

/** @param {string} text */
function formula(text) {
  return html("span", { class: "widget-formula" }, text);
}
