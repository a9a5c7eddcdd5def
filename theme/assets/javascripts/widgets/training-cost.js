// What training a Transformer takes: from its shape to parameters, operations, memory, days and money.

import { compact, counting, fixed, metric, parseQuantity, scientific } from "./math/format.js";
import * as training from "./math/training.js";
import { button, grid, html, language, marks, note, numberField, row, select, slider, translate } from "./widget.js";

/** @typedef {training.Shape} Shape */
/** @typedef {training.Model} Model */

const FIRST = "gpt-3";

const TOKENS_A_PARAMETER = 20;
const MANY_DAYS = 730; // more are told in years

const words = translate({
  zh: {
    title: "训练要花多少",
    model: "模型",
    own: "自己填的",
    layers: "层数 L",
    width: "宽度 d",
    inner: "前馈层宽度 f",
    keys: "键和值的宽度 k",
    vocabulary: "词表 V",
    context: "上下文 T",
    active: "每个词元用到的参数 N",
    total: "全部参数 M",
    tokens: "训练词元 D",
    bytes: "每个参数的字节 s",
    optimal: "词元取参数的 20 倍",
    accelerator: "加速器",
    peak: "峰值 p",
    memory: "内存",
    utilization: "利用率 u",
    count: "块数 G",
    price: "每块每小时租金 r",
    dollars: (/** @type {number} */ n) => counting(compact(n, "zh"), "美元"),
    days: (/** @type {number} */ n) => counting(duration(n), n > MANY_DAYS ? "年" : "天"),
    hours: (/** @type {number} */ n) => counting(compact(n, "zh"), "小时"),
    pieces: (/** @type {number} */ n) => counting(compact(n, "zh"), "块"),
    quantity: "算什么",
    result: "结果",
    counted: "按结构数出的参数",
    gpt: "L(2d² + 2dk + 2df) + Vd + 偏置、归一化、位置",
    llama: "L(2d² + 2dk + 3df) + 2Vd + 归一化",
    unknown: "结构未填，参数是直接给的",
    operations: "训练的运算次数 C",
    attention: "6ND 漏掉的注意力",
    state: "权重、梯度、优化器",
    fewest: "至少要几块才装得下",
    gpuHours: "加速器小时",
    time: "时间",
    cost: "租金",
    energy: "电（只算加速器，满功率）",
    ratio: (/** @type {string} */ n) => `每个参数 ${n} 个词元。`,
    warning: (/** @type {string} */ fewest) => `块数不够：光是权重、梯度和优化器就要 ${fewest}，激活值还没算。`,
    hint: "数字可以写成 7e9、70亿、1.4万亿、405B。GPT-2 用了多少词元没有公布，这里取参数的 20 倍。租金和时间只是最后一次成功训练的，不含试验、失败、人员和数据。",
    sources: "公式与数字的来源：",
    said: (/** @type {string} */ c, /** @type {string} */ t, /** @type {string} */ r) => `运算 ${c}，时间 ${t}，租金 ${r}`,
  },
  en: {
    title: "What training takes",
    model: "Model",
    own: "my own",
    layers: "Layers L",
    width: "Width d",
    inner: "Feed-forward width f",
    keys: "Width of keys, values k",
    vocabulary: "Vocabulary V",
    context: "Context T",
    active: "Parameters used for a token N",
    total: "All parameters M",
    tokens: "Training tokens D",
    bytes: "Bytes a parameter s",
    optimal: "20 tokens a parameter",
    accelerator: "Accelerator",
    peak: "Peak p",
    memory: "Memory",
    utilization: "Utilization u",
    count: "Accelerators G",
    price: "Rent of one for an hour r",
    dollars: (/** @type {number} */ n) => `$${compact(n, "en")}`,
    days: (/** @type {number} */ n) => `${duration(n)} ${n > MANY_DAYS ? "years" : "days"}`,
    hours: (/** @type {number} */ n) => `${compact(n, "en")} h`,
    pieces: (/** @type {number} */ n) => compact(n, "en"),
    quantity: "What is computed",
    result: "Result",
    counted: "Parameters, counted from the shape",
    gpt: "L(2d² + 2dk + 2df) + Vd + biases, norms, positions",
    llama: "L(2d² + 2dk + 3df) + 2Vd + norms",
    unknown: "no shape: the parameters were given",
    operations: "Operations of the training C",
    attention: "Attention, which 6ND leaves out",
    state: "Weights, gradients, optimizer",
    fewest: "Accelerators that hold these, at least",
    gpuHours: "Accelerator-hours",
    time: "Time",
    cost: "Rent",
    energy: "Electricity (accelerators only, at full power)",
    ratio: (/** @type {string} */ n) => `${n} tokens a parameter.`,
    warning: (/** @type {string} */ fewest) => `Too few accelerators: weights, gradients, and optimizer alone need ${fewest}, and the activations come on top.`,
    hint: "Type numbers as 7e9, 70B, or 1.4T. The tokens of GPT-2 were not published; 20 a parameter are assumed. Rent and time are those of the one run that worked, without experiments, failures, people, and data.",
    sources: "Where formulas and numbers come from: ",
    said: (/** @type {string} */ c, /** @type {string} */ t, /** @type {string} */ r) => `${c}, time ${t}, rent ${r}`,
  },
});

/** @type {[string, string][]} */
const SOURCES = translate({
  zh: [
    ["6ND：Kaplan 等 2020，2.1 节", "https://arxiv.org/abs/2001.08361"],
    ["16 字节（2 + 2 + 12）：Rajbhandari 等 2019，3.1 节", "https://arxiv.org/abs/1910.02054"],
    ["20 个词元：Hoffmann 等 2022", "https://arxiv.org/abs/2203.15556"],
    ["GPT-3：Brown 等 2020，表 2.1、D.1", "https://arxiv.org/abs/2005.14165"],
    ["Llama 2：Touvron 等 2023", "https://arxiv.org/abs/2307.09288"],
    ["Llama 3.1、利用率四成：Llama Team 2024，表 3、4", "https://arxiv.org/abs/2407.21783"],
    ["DeepSeek-V3、每小时 2 美元：DeepSeek-AI 2024，表 1", "https://arxiv.org/abs/2412.19437"],
    ["H100：NVIDIA", "https://www.nvidia.com/en-us/data-center/h100/"],
    ["A100：NVIDIA", "https://www.nvidia.com/en-us/data-center/a100/"],
  ],
  en: [
    ["6ND: Kaplan et al. 2020, section 2.1", "https://arxiv.org/abs/2001.08361"],
    ["16 bytes (2 + 2 + 12): Rajbhandari et al. 2019, section 3.1", "https://arxiv.org/abs/1910.02054"],
    ["20 tokens: Hoffmann et al. 2022", "https://arxiv.org/abs/2203.15556"],
    ["GPT-3: Brown et al. 2020, tables 2.1, D.1", "https://arxiv.org/abs/2005.14165"],
    ["Llama 2: Touvron et al. 2023", "https://arxiv.org/abs/2307.09288"],
    ["Llama 3.1, 40% utilization: Llama Team 2024, tables 3, 4", "https://arxiv.org/abs/2407.21783"],
    ["DeepSeek-V3, 2 dollars an hour: DeepSeek-AI 2024, table 1", "https://arxiv.org/abs/2412.19437"],
    ["H100: NVIDIA", "https://www.nvidia.com/en-us/data-center/h100/"],
    ["A100: NVIDIA", "https://www.nvidia.com/en-us/data-center/a100/"],
  ],
});

/** @typedef {"layers" | "width" | "inner" | "keys" | "vocabulary" | "context"} Part */
/** @type {Part[]} */
const PARTS = ["layers", "width", "inner", "keys", "vocabulary", "context"];

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  /** @type {Shape} */
  let shape = { .../** @type {Shape} */ (training.MODELS[FIRST].shape) };
  let hasShape = true;
  const size = { active: 0, total: 0, tokens: 0, bytes: 16 };
  const machine = { ...training.ACCELERATORS.h100, utilization: 0.4, count: 1024, price: 2 };

  const quantity = {
    text: (/** @type {number} */ value) => compact(value, language),
    parse: parseQuantity,
  };
  const whole = {
    text: (/** @type {number} */ value) => (Number.isNaN(value) ? "" : String(Number(value.toPrecision(12)))),
    parse: parseQuantity,
  };

  const models = select({
    label: words.model,
    options: [...Object.entries(training.MODELS).map(([key, { name }]) => /** @type {[string, string]} */ ([key, name])), ["", words.own]],
    value: FIRST,
    onChange: (key) => key && load(training.MODELS[key]),
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
    onChange: (value) => {
      size.bytes = value;
      update();
    },
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
    options: Object.entries(training.ACCELERATORS).map(([key, { name }]) => [key, name]),
    value: "h100",
    onChange: (key) => {
      Object.assign(machine, training.ACCELERATORS[key]);
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
      onInput: (value) => {
        machine.utilization = value;
        update();
      },
    }),
    slider({
      label: words.count,
      min: 1,
      max: 131072,
      step: Math.log10(2) / 4,
      value: machine.count,
      logarithmic: true,
      text: (value) => Math.round(value).toLocaleString("en"),
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
      text: (value) => (language === "zh" ? `${fixed(value, 1)} 美元` : `$${fixed(value)}`),
      onInput: (value) => {
        machine.price = value;
        update();
      },
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
      [words.fewest, formula(`M s / ${language === "zh" ? "每块的内存" : "memory of one"}`)],
      [words.gpuHours, formula("C / (3600 p u)")],
      [words.time, formula("C / (86400 G p u)")],
      [words.cost, formula("C r / (3600 p u)")],
      [words.energy, formula(`C / (3600 p u) × ${language === "zh" ? "每块的功率" : "power of one"}`)],
    ].map((texts) => html("span", {}, ...texts)),
  );
  const state = note();
  const links = SOURCES.flatMap(([text, address], i) => [i ? (language === "zh" ? "；" : "; ") : "", html("a", { href: address }, text)]);

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
  load(training.MODELS[FIRST]);

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
      counted: hasShape ? compact(training.parameters(shape).total, language) : "—",
      operations: `${scientific(operations)} FLOP`,
      attention: hasShape ? `+${fixed(100 * training.attentionShare(shape, size.active), 1)}%` : "—",
      state: metric(held, "B"),
      fewest: words.pieces(fewest),
      hours: words.hours(hours),
      days: words.days(days),
      cost: words.dollars(cost),
      energy: metric(wattHours, "Wh"),
    };
    table.set(Object.values(results).map((result) => [result]));
    shapeFormula.textContent = hasShape ? words[shape.family] : words.unknown;
    const ratio = words.ratio(fixed(size.tokens / size.active, 1));
    state.textContent = machine.count < fewest ? `${ratio}${marks.space}${words.warning(results.fewest)}` : ratio;
    widget.say(`${words.said(results.operations, results.days, results.cost)}${marks.stop}${state.textContent}`);
  }
}

/**
 * Days, or years of as many days, without the unit.
 * @param {number} days
 */
function duration(days) {
  if (days > MANY_DAYS) return compact(days / 365, language);
  return days < 0.1 ? fixed(days, 3) : compact(days, language);
}

/** @param {string} text */
function formula(text) {
  return html("span", { class: "widget-formula" }, text);
}
