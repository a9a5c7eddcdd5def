// Cross-entropy: the penalty for one probability, and for a whole forecast when the truth is uncertain.

import { fixed } from "./math/format.js";
import * as probability from "./math/probability.js";
import { clamp, Plot } from "./plot.js";
import { choice, grid, html, marks, note, numbers, panels, translate } from "./widget.js";

const LEAST = 0.001; // the least probability a reader can give
const HIGHEST = 7; // of the axis; -log(LEAST) is 6.9
const START = [0.2, 0.7, 0.1]; // forecast and truths of the page
const TRUTHS = { certain: [0, 1, 0], uncertain: [0.3, 0.6, 0.1] };
const OUTCOMES = ["1", "2", "3"];

const words = translate({
  zh: {
    title: "交叉熵与预测的概率",
    curve: "一个结果：扣分与给它的概率",
    forecast: "三个结果：预测的概率和真实的概率",
    p: "给正确结果的概率 p",
    penalty: "扣分",
    probe: "给正确结果的概率",
    square: "(1 − p)²",
    log: "−log p",
    at: (/** @type {string} */ p, /** @type {string} */ loss) => `p = ${p}，扣分 ${loss}`,
    nats: "交叉熵 −log p（纳特）",
    bits: "换成比特",
    squared: "平方误差 (1 − p)²",
    slope: "斜率 −1/p",
    hintCurve: "第一幅图：沿曲线拖动圆点。往左，概率每缩小到十分之一，扣分多 2.30；平方误差却几乎不动了。",
    share: "概率",
    outcome: "结果",
    forecastOf: (/** @type {string} */ i) => `预测结果 ${i} 的概率`,
    truth: "目标分布 t",
    certain: "独热：一定是 2",
    uncertain: "0.3、0.6、0.1",
    cross: "交叉熵 H(t, p)",
    entropy: "熵 H(t)",
    divergence: "多付的（KL 散度）",
    hintForecast: "第二幅图：拖动圆点改变预测，其余的按比例让位；虚线框是目标分布。预测等于目标时，交叉熵降到熵，再也低不下去。",
  },
  en: {
    title: "Cross-entropy and the predicted probability",
    curve: "One outcome: penalty against the probability given to it",
    forecast: "Three outcomes: predicted and true probabilities",
    p: "probability p given to what happened",
    penalty: "penalty",
    probe: "Probability given to what happened",
    square: "(1 − p)²",
    log: "−log p",
    at: (/** @type {string} */ p, /** @type {string} */ loss) => `p = ${p}, penalty ${loss}`,
    nats: "Cross-entropy −log p (nats)",
    bits: "In bits",
    squared: "Squared error (1 − p)²",
    slope: "Slope −1/p",
    hintCurve: "First plot: drag the dot along the curve. Further left, whenever the probability drops to a tenth, the penalty grows by 2.30; the squared error hardly moves.",
    share: "probability",
    outcome: "outcome",
    forecastOf: (/** @type {string} */ i) => `Predicted probability of outcome ${i}`,
    truth: "Target t",
    certain: "one-hot: it is 2",
    uncertain: "0.3, 0.6, 0.1",
    cross: "Cross-entropy H(t, p)",
    entropy: "Entropy H(t)",
    divergence: "Excess, the KL divergence",
    hintForecast: "Second plot: drag the dots to change the forecast; the others make room in proportion. Dashed boxes are the target. When the forecast equals it, cross-entropy comes down to the entropy, and can't go lower.",
  },
});

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  widget.fill(words.title, panels(drawCurve(widget), drawForecast(widget)), note(words.hintCurve), note(words.hintForecast));
}

/** @param {import("./widget.js").Widget} widget */
function drawCurve(widget) {
  let p = 0.7;
  const plot = new Plot({
    label: words.curve,
    x: { range: [0, 1], title: words.p },
    y: { range: [0, HIGHEST], title: words.penalty },
    aspect: 0.9,
    paint: ({ area }) => {
      const at = -1 / p;
      area.append(
        plot.curve("plot-guide", [[0, -Math.log(p) - at * p], [1, -Math.log(p) + at * (1 - p)]]),
        plot.curve("plot-drop", [[p, 0], [p, -Math.log(p)]]),
        plot.graph("plot-line is-0 is-dashed", (x) => (1 - x) ** 2),
        plot.graph("plot-line is-1", (x) => (x ? -Math.log(x) : 2 * HIGHEST)),
        plot.dot("plot-dot is-0", p, (1 - p) ** 2, 5),
        plot.words(words.log, 0.16, 2.1, { class: "plot-name is-1" }),
        plot.words(words.square, 0.02, 0.2, { class: "plot-name is-0" }),
      );
    },
  });
  plot.handle({
    label: words.probe,
    along: "x",
    read: () => [p, -Math.log(p)],
    write: (x) => {
      p = clamp(x, [LEAST, 1]);
      update();
    },
    step: [0.01, 0],
    text: () => words.at(fixed(p, 3), fixed(-Math.log(p), 3)),
  });
  const shown = numbers({ nats: words.nats, bits: words.bits, squared: words.squared, slope: words.slope });
  const update = () => {
    plot.draw();
    const nats = probability.crossEntropy([1], [p]);
    shown.set({
      nats: fixed(nats, 3),
      bits: fixed(nats / Math.LN2, 3),
      squared: fixed((1 - p) ** 2, 3),
      slope: fixed(-1 / p),
    });
    widget.say(`p = ${fixed(p, 3)}${marks.comma}${shown.text}`);
  };
  update();
  return html("div", {}, plot, shown);
}

/** @param {import("./widget.js").Widget} widget */
function drawForecast(widget) {
  let forecast = [...START];
  /** @type {keyof typeof TRUTHS} */
  let kind = "certain";

  const plot = new Plot({
    label: words.forecast,
    x: { range: [-0.6, 2.6], title: words.outcome, ticks: [0, 1, 2], text: (i) => OUTCOMES[i] },
    y: { range: [0, 1], title: words.share },
    aspect: 0.9,
    paint: ({ area }) => {
      forecast.forEach((p, i) => area.append(plot.bar("plot-bar is-1", i, p)));
      TRUTHS[kind].forEach((t, i) => area.append(plot.bar("plot-ghost", i, t)));
    },
  });
  OUTCOMES.forEach((name, i) =>
    plot.handle({
      label: words.forecastOf(name),
      along: "y",
      read: () => [i, forecast[i]],
      write: (_, p) => {
        forecast = probability.withProbability(forecast, i, clamp(p, [LEAST, 1 - 2 * LEAST]));
        update();
      },
      step: [0, 0.01],
      text: () => fixed(forecast[i], 3),
    }),
  );
  const truth = choice({
    label: words.truth,
    options: [["certain", words.certain], ["uncertain", words.uncertain]],
    value: kind,
    onChange: (value) => {
      kind = value;
      update();
    },
  });
  const table = grid([words.outcome, "t", "p", "−t log p"], OUTCOMES);
  const shown = numbers({ cross: words.cross, entropy: words.entropy, divergence: words.divergence });
  const update = () => {
    plot.draw();
    const t = TRUTHS[kind];
    const cross = probability.crossEntropy(t, forecast);
    const least = probability.entropy(t);
    table.set(t.map((share, i) => [fixed(share, 1), fixed(forecast[i], 3), fixed(probability.crossEntropy([share], [forecast[i]]), 3)]));
    shown.set({ cross: fixed(cross, 3), entropy: fixed(least, 3), divergence: fixed(cross - least, 3) });
    widget.say(`p = ${forecast.map((p) => fixed(p, 3)).join(marks.comma)}${marks.stop}${shown.text}`);
  };
  update();
  return html("div", {}, plot, truth, table, shown);
}
