// The table of models as a chart: what grew, in which domain, how fast; each dot with its source.

import { compact, counting, fixed, scientific } from "./math/format.js";
import { parseCsv, trend, yearOf } from "./math/table.js";
import { operations } from "./math/training.js";
import { Plot, svg } from "./plot.js";
import { checks, choice, html, language, marks, note, numbers, slider, translate } from "./widget.js";

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

const words = translate({
  zh: {
    title: "模型是怎样变大的",
    chart: "散点图：每个点是一个模型，横轴是发布时间，纵轴取对数",
    quantity: "纵轴",
    quantities: { parameters: "参数", compute: "训练算力", data: "训练文本" },
    axes: { parameters: "参数个数", compute: "训练的浮点运算次数", data: "词元数（或词数）" },
    domains: "领域",
    domain: { vision: "视觉", language: "语言", speech: "语音", multimodal: "多模态", recommendation: "推荐" },
    since: "从哪一年看起",
    year: "年份",
    models: "模型，按时间排列",
    count: "图中的模型",
    doubling: "翻一番（月）",
    yearly: "每年的倍数",
    kinds: { published: "厂商公布", computed: "由 6ND 算出", estimate: "他人估计" },
    parameters: "参数",
    active: (/** @type {string} */ n) => `（每个词元用到 ${n}）`,
    compute: "算力",
    data: "数据",
    units: { tokens: "词元", words: "词", images: "张图像", hours: "小时", bytes: "字节", "sentence pairs": "句对", "image-text pairs": "图文对" },
    source: "出处",
    unknown: "未公布",
    hint: "指着或点按一个点，看它的数字和出处；用 Tab 键选中图中的圆圈后，左右方向键换模型。空心的点是他人的估计。虚线是图中各点取对数之后的最小二乘直线：换了领域或年份，它也跟着换；它有多不确定，见正文的区间。",
  },
  en: {
    title: "How models grew",
    chart: "Scatter plot: each dot is a model, by date of release, on a logarithmic axis",
    quantity: "Vertical axis",
    quantities: { parameters: "parameters", compute: "training compute", data: "training text" },
    axes: { parameters: "parameters", compute: "floating-point operations of the training", data: "tokens (or words)" },
    domains: "Domains",
    domain: { vision: "vision", language: "language", speech: "speech", multimodal: "multimodal", recommendation: "recommendation" },
    since: "Since",
    year: "year",
    models: "Models by date",
    count: "Models shown",
    doubling: "Doubling (months)",
    yearly: "Times a year",
    kinds: { published: "published", computed: "computed as 6ND", estimate: "estimated by others" },
    parameters: "Parameters",
    active: (/** @type {string} */ n) => ` (${n} for each token)`,
    compute: "Compute",
    data: "Data",
    units: { tokens: "tokens", words: "words", images: "images", hours: "hours", bytes: "bytes", "sentence pairs": "sentence pairs", "image-text pairs": "image-text pairs" },
    source: "source",
    unknown: "not published",
    hint: "Point at or tap a dot for its numbers and where they come from; with the keyboard, Tab to the ring and go from model to model with the arrow keys. Hollow dots are estimates by others. The dashed line is the least-squares line through the logarithms of what is shown: other domains or years, another line. How uncertain it is, the intervals in the text say.",
  },
});

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
  /** @type {Quantity} */
  let quantity = "compute";
  /** @type {Set<Domain>} */
  const domains = new Set(DOMAINS);
  let since = SINCE;
  /** @type {Model[]} */
  let shown = [];
  let chosen = models.find(({ name }) => name === "GPT-3") ?? models[0];

  const plot = new Plot({
    label: words.chart,
    x: { range: [since, LAST], title: words.year },
    y: { range: [0, 1], title: "" },
    aspect: 0.58,
    paint: ({ area }) => {
      const items = shown.map((model) => ({ year: model.year, value: model[quantity] }));
      if (items.length >= FEWEST) {
        const line = trend(items);
        const ends = /** @type {[number, number][]} */ (plot.x.range.map((year) => [year, Math.log10(line.at(year))]));
        area.append(plot.curve("plot-line is-ink is-thin is-dashed", ends));
      }
      dots.replaceChildren(...shown.map((model) => dot(plot, model, quantity)));
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
    value: quantity,
    onChange: (value) => {
      quantity = value;
      update();
    },
  });
  const filter = checks({
    label: words.domains,
    options: DOMAINS.map((domain) => [domain, sign(domain), words.domain[domain]]),
    chosen: domains,
    onChange: () => update(),
  });
  const start = slider({
    label: words.since,
    min: 1998,
    max: 2023,
    step: 1,
    value: since,
    text: String,
    onInput: (value) => {
      since = value;
      update();
    },
  });
  const facts = numbers({ count: words.count, doubling: words.doubling, yearly: words.yearly });
  widget.fill(words.title, axis, filter, plot, card, start, facts, note(words.hint));
  update();

  /** @param {PointerEvent} pointer */
  function closest({ clientX, clientY }) {
    const box = plot.front.getScreenCTM();
    if (!box) return undefined;
    const away = (/** @type {Model} */ model) =>
      Math.hypot(box.e + plot.px(model.year) - clientX, box.f + plot.py(Math.log10(model[quantity])) - clientY);
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
    const [x, y] = [plot.px(chosen.year), plot.py(Math.log10(chosen[quantity]))];
    const isRight = x > plot.width * 0.6;
    cursor.setAttribute("transform", `translate(${x} ${y})`);
    name.textContent = chosen.name;
    for (const [key, value] of Object.entries({ x: isRight ? -14 : 14, y: 4, "text-anchor": isRight ? "end" : "start" })) {
      name.setAttribute(key, String(value));
    }
    cursor.setAttribute("aria-valuemax", String(shown.length));
    cursor.setAttribute("aria-valuenow", String(at + 1));
    cursor.setAttribute("aria-valuetext", [chosen.name, chosen.date, said(chosen, quantity)].join(marks.comma));
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
    const has = (/** @type {Model} */ model) => model[quantity] > 0 && (quantity !== "data" || TEXT_UNITS.includes(model.unit));
    shown = models.filter((model) => domains.has(model.domain) && model.year >= since && has(model));
    if (!shown.includes(chosen) && shown.length) chosen = shown[shown.length - 1];
    const powers = shown.map((model) => Math.log10(model[quantity]));
    const [low, high] = shown.length ? [Math.floor(Math.min(...powers)), Math.ceil(Math.max(...powers))] : [0, 1];
    const every = Math.max(Math.ceil((high - low) / 7), 1);
    plot.x.range = [since, LAST];
    plot.y = {
      range: [low, high],
      title: words.axes[quantity],
      ticks: Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => low + every * i),
      text: (power) => (quantity === "compute" ? scientific(10 ** power, 1).replace("1 × ", "") : compact(10 ** power, language)),
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
    return `${scientific(value)} FLOP${language === "zh" ? `（${kind}）` : ` (${kind})`}`;
  }
  const text = compact(value, language);
  if (quantity === "data") return counting(text, words.units[/** @type {keyof typeof words.units} */ (model.unit)] ?? model.unit);
  return model.active < value ? text + words.active(compact(model.active, language)) : text;
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
