// Attention: a short text to type, how much each of its tokens takes from each, as lines and as a table.

import { attend, moved } from "./math/attention.js";
import { fill, fixed } from "./math/format.js";
import { entropy } from "./math/probability.js";
import { Threads } from "./threads.js";
import { bind, button, checks, html, note, numbers, panels, row, select, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.attention;

const EXAMPLES = words.examples.split("|");
const MOST = 12; // tokens
const DIVISORS = { min: 0.5, max: 16, start: 4 }; // √16

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  let tokens = split(EXAMPLES[0]);
  const state = { divisor: DIVISORS.start };
  /** @type {Set<"causal" | "places">} */
  const on = new Set(["places"]);

  const text = html("input", { type: "text", autocomplete: "off", spellcheck: "false", value: EXAMPLES[0] });
  text.addEventListener("input", () => read(text.value));
  const field = html("label", { class: "widget-field" }, html("span", {}, fill(words.text, { n: MOST })), text);
  const examples = select({
    label: words.example,
    options: EXAMPLES.map((example) => [example, example]),
    value: EXAMPLES[0],
    onChange: (example) => read((text.value = example)),
  });
  const backward = button(words.reverse, () => {
    const turned = tokens.toReversed();
    const { chosen } = threads;
    read((text.value = turned.join(text.value.includes(" ") ? " " : "")));
    threads.choose(tokens.length - 1 - chosen);
  });
  const divisor = slider({
    label: words.divisor,
    ...DIVISORS,
    step: 0.01,
    value: state.divisor,
    logarithmic: true,
    text: (value) => fixed(value),
    onInput: bind(state, "divisor", update),
  });
  const options = checks({
    label: words.options,
    options: [["places", words.places], ["causal", words.causal]],
    chosen: on,
    onChange: update,
  });
  const threads = new Threads({ label: words.lines, row: words.row, onChoose: update });
  const shown = numbers({ most: words.most, even: words.even, moved: words.moved });

  widget.fill(
    words.title,
    row(examples, field, backward),
    panels(html("div", {}, threads.lines), html("div", {}, divisor, options, shown, note(words.hint))),
    html("div", { class: "widget-grid" }, threads.table),
  );
  read(EXAMPLES[0]);

  /** @param {string} typed */
  function read(typed) {
    const next = split(typed);
    if (!next.length) return; // until there is something to attend to
    tokens = next;
    threads.set(tokens, tokens);
    update();
  }

  function update() {
    const way = { divisor: state.divisor, causal: on.has("causal"), places: on.has("places") };
    const { shares } = attend(tokens, way);
    threads.draw(shares);
    const { chosen, most } = threads;
    shown.set({ most, even: fixed(Math.exp(entropy(shares[chosen])), 1), moved: fixed(moved(tokens, way, chosen), 3) });
    widget.say(`${threads.said(words.said)}${shown.text}`);
  }
}

/**
 * The tokens of a text: its words, where spaces part them, and else its characters.
 * @param {string} text
 */
function split(text) {
  const words = text.trim().split(/\s+/);
  return (words.length > 1 ? words : [...words[0]]).slice(0, MOST);
}
