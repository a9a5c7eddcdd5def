// The table of models as a chart: what grew, in which domain, how fast; each dot with its source.

import { compact, fill, fixed, scientific } from "./math/format.js";
import { parseCsv, trend, yearOf } from "./math/table.js";
import { operations } from "./math/training.js";
import { Plot, svg } from "./plot.js";
import { bind, checks, choice, html, lang, marks, note, numbers, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all["models-chart"];

/** @typedef {"parameters" | "compute" | "data"} Quantity */
/** @typedef {"vision" | "language" | "speech" | "multimodal" | "recommendation"} Domain */

/**
 * A model of the table; what is not known is NaN.
 * @typedef {object} Model
 * @property {string} name
 * @property {string} organization
 * @property {string} date
 * @property {number} year
 * @property {Domain} domain
 * @property {number} parameters
 * @property {number} active parameters used for each token
 * @property {number} compute in floating-point operations
 * @property {number} data in the unit
 * @property {string} unit
 * @property {string} kind how the compute is known: published, computed, estimate
 * @property {Record<Quantity, { address: string, place: string }>} sources
 */

const TEXT_UNITS = ["tokens", "words"]; // only these are compared
const SINCE = 2010; // as on the page
const LAST = 2027;
const NEAR = 30; // pixels from a dot
const FEWEST = 3; // models of a trend

/** @type {Domain[]} */
const DOMAINS = ["vision", "language", "speech", "multimodal", "recommendation"];

/** @type {Record<Domain, string>} */
const SHAPES = {
  vision: "M-4 -4h8v8h-8z",
  language: "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
  speech: "M0 -5.2L5 4H-5z",
  multimodal: "M0 -5.6L5.6 0L0 5.6L-5.6 0z",
  recommendation: "M0 5.2L5 -4H-5z",
};

/** @param {import("./widget.js").Widget} widget */
export default async function draw(widget) {
  const models = await read(new URL(widget.place.dataset.source ?? "", document.baseURI));
  const view = { quantity: /** @type {Quantity} */ ("compute"), since: SINCE };
  /** @type {Set<Domain>} */
  const domains = new Set(DOMAINS);
  /** @type {Model[]} */
  let shown = [];
  let chosen = models.find(({ name }) => name === "GPT-3") ?? models[0];

  const plot = new Plot({
    label: words.chart,
    x: { range: [view.since, LAST], title: words.year },
    y: { range: [0, 1], title: "" },
    aspect: 0.58,
    paint: ({ area }) => {
      const items = shown.map((model) => ({ year: model.year, value: model[view.quantity] }));
      if (items.length >= FEWEST) {
        const line = trend(items);
        const ends = /** @type {[number, number][]} */ (plot.x.range.map((year) => [year, Math.log10(line.at(year))]));
        area.append(plot.curve("plot-line is-ink is-thin is-dashed", ends));
      }
      dots.replaceChildren(...shown.map((model) => dot(plot, model, view.quantity)));
      place();
    },
  });
  const dots = svg("g");
  const name = svg("text", { class: "plot-name" });
  const cursor = svg(
    "g",
    { class: "plot-cursor", tabindex: 0, role: "slider", "aria-label": words.models, "aria-valuemin": 1 },
    svg("circle", { r: 10 }),
    name,
  );
  const card = html("div", { class: "widget-card" });
  plot.front.append(dots, cursor);

  for (const type of /** @type {const} */ (["pointermove", "pointerdown"])) {
    plot.element.addEventListener(type, (event) => {
      const nearest = closest(event);
      if (nearest) choose(nearest);
    });
  }
  cursor.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    const at = Math.min(Math.max(shown.indexOf(chosen) + step, 0), shown.length - 1);
    if (shown[at]) choose(shown[at]);
    event.preventDefault();
  });

  const axis = choice({
    label: words.quantity,
    options: /** @type {[Quantity, string][]} */ (Object.entries(words.quantities)),
    value: view.quantity,
    onChange: bind(view, "quantity", update),
  });
  const filter = checks({
    label: words.domains,
    options: DOMAINS.map((domain) => [domain, sign(domain), words.domain[domain]]),
    chosen: domains,
    onChange: update,
  });
  const start = slider({
    label: words.since,
    min: 1998,
    max: 2023,
    step: 1,
    value: view.since,
    text: String,
    onInput: bind(view, "since", update),
  });
  const facts = numbers({ count: words.count, doubling: words.doubling, yearly: words.yearly });
  widget.fill(words.title, axis, filter, plot, card, start, facts, note(words.hint));
  update();

  /** @param {PointerEvent} pointer */
  function closest({ clientX, clientY }) {
    const box = plot.front.getScreenCTM();
    if (!box) return undefined;
    const away = (/** @type {Model} */ model) =>
      Math.hypot(box.e + plot.px(model.year) - clientX, box.f + plot.py(Math.log10(model[view.quantity])) - clientY);
    const nearest = shown.reduce((best, model) => (away(model) < away(best) ? model : best), shown[0]);
    return nearest && away(nearest) < NEAR ? nearest : undefined;
  }

  /** @param {Model} model */
  function choose(model) {
    if (model === chosen) return;
    chosen = model;
    place();
    describe();
  }

  /** Put the ring around the chosen dot. */
  function place() {
    const at = shown.indexOf(chosen);
    cursor.style.display = at < 0 ? "none" : "";
    if (at < 0) return;
    const [x, y] = [plot.px(chosen.year), plot.py(Math.log10(chosen[view.quantity]))];
    const isRight = x > plot.width * 0.6;
    cursor.setAttribute("transform", `translate(${x} ${y})`);
    name.textContent = chosen.name;
    for (const [key, value] of Object.entries({ x: isRight ? -14 : 14, y: 4, "text-anchor": isRight ? "end" : "start" })) {
      name.setAttribute(key, String(value));
    }
    cursor.setAttribute("aria-valuemax", String(shown.length));
    cursor.setAttribute("aria-valuenow", String(at + 1));
    cursor.setAttribute("aria-valuetext", [chosen.name, chosen.date, said(chosen, view.quantity)].join(marks.comma));
  }

  /** Say everything about the chosen model. */
  function describe() {
    const { name, organization, date, domain } = chosen;
    const lines = /** @type {Quantity[]} */ (["parameters", "compute", "data"]).flatMap((each) => {
      const { address, place } = chosen.sources[each];
      const isLinked = address.startsWith("https://") && !Number.isNaN(chosen[each]);
      const link = html("a", { href: address, title: place }, words.source);
      return [html("dt", {}, words[each]), html("dd", {}, said(chosen, each), ...(isLinked ? [" ", link] : []))];
    });
    const head = [name, organization, date, words.domain[domain]].join(" · ");
    card.replaceChildren(html("strong", {}, head), html("dl", {}, ...lines));
  }

  function update() {
    const { quantity, since } = view;
    const has = (/** @type {Model} */ model) => model[quantity] > 0 && (quantity !== "data" || TEXT_UNITS.includes(model.unit));
    shown = models.filter((model) => domains.has(model.domain) && model.year >= since && has(model));
    if (!shown.includes(chosen) && shown.length) chosen = shown[shown.length - 1];
    const powers = shown.map((model) => Math.log10(model[quantity]));
    const [low, high] = shown.length ? [Math.floor(Math.min(...powers)), Math.ceil(Math.max(...powers))] : [0, 1];
    const every = Math.max(Math.ceil((high - low) / 7), 1);
    plot.x.range = [view.since, LAST];
    plot.y = {
      range: [low, high],
      title: words.axes[quantity],
      ticks: Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => low + every * i),
      text: (power) => (quantity === "compute" ? scientific(10 ** power, 1).replace("1 × ", "") : compact(10 ** power, lang)),
    };
    plot.draw();
    describe();
    const line = shown.length >= FEWEST ? trend(shown.map((model) => ({ year: model.year, value: model[quantity] }))) : undefined;
    facts.set({
      count: String(shown.length),
      doubling: line && line.perYear > 1 ? fixed(line.doublingMonths, 1) : "—",
      yearly: line ? fixed(line.perYear) : "—",
    });
    widget.say(`${words.quantities[quantity]}${marks.colon}${facts.text}`);
  }
}

/** @param {URL} address */
async function read(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} for ${address}`);
  return parseCsv(await response.text()).map(modelOf).sort((a, b) => a.year - b.year);
}

/**
 * @param {Record<string, string>} cells
 * @returns {Model}
 */
function modelOf(cells) {
  const number = (/** @type {string} */ name) => (cells[name] ? Number(cells[name]) : NaN);
  const parameters = number("parameters");
  const active = cells.active_parameters ? number("active_parameters") : parameters;
  const isComputed = cells.compute_kind === "computed";
  const source = (/** @type {string} */ name) => ({ address: cells[`${name}_source`], place: cells[`${name}_place`] });
  return {
    name: cells.model,
    organization: cells.organization,
    date: cells.date,
    year: yearOf(cells.date),
    domain: /** @type {Domain} */ (cells.domain),
    parameters,
    active,
    compute: isComputed ? operations(active, number("training_data")) : number("training_compute"),
    data: number("training_data"),
    unit: cells.data_unit,
    kind: cells.compute_kind,
    sources: { parameters: source("parameters"), compute: source("compute"), data: source("data") },
  };
}

/**
 * A quantity of a model in words.
 * @param {Model} model
 * @param {Quantity} quantity
 */
function said(model, quantity) {
  const value = model[quantity];
  if (!(value > 0)) return words.unknown;
  if (quantity === "compute") {
    const kind = words.kinds[/** @type {keyof typeof words.kinds} */ (model.kind)] ?? model.kind;
    return `${scientific(value)} FLOP${fill(marks.aside, { text: kind })}`;
  }
  const n = compact(value, lang);
  const unit = words.units[/** @type {keyof typeof words.units} */ (model.unit)] ?? model.unit;
  if (quantity === "data") return fill(words.amount, { n, unit });
  return model.active < value ? n + fill(words.active, { n: compact(model.active, lang) }) : n;
}

/**
 * The mark of a domain, for the legend.
 * @param {Domain} domain
 */
function sign(domain) {
  return svg("svg", { class: "widget-sign", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, mark(domain));
}

/**
 * @param {Domain} domain
 * @param {string} [kind] a class
 */
function mark(domain, kind = "") {
  return svg("path", { class: `plot-mark is-${domain}${kind}`, d: SHAPES[domain] });
}

/**
 * The dot of a model; hollow where others estimated the compute.
 * @param {Plot} plot
 * @param {Model} model
 * @param {Quantity} quantity
 */
function dot(plot, model, quantity) {
  const drawn = mark(model.domain, quantity === "compute" && model.kind === "estimate" ? " is-hollow" : "");
  drawn.setAttribute("transform", `translate(${plot.px(model.year)} ${plot.py(Math.log10(model[quantity]))})`);
  return drawn;
}
