// Attention: a short text to type, how much each of its tokens takes from each, as lines and as a table.

import { attend, moved } from "./math/attention.js";
import { fill, fixed } from "./math/format.js";
import { entropy } from "./math/probability.js";
import { svg } from "./plot.js";
import { bind, button, checks, html, marks, note, numbers, panels, row, select, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.attention;

const EXAMPLES = words.examples.split("|");
const MOST = 12; // tokens
const DIVISORS = { min: 0.5, max: 16, start: 4 }; // √16
const WIDE = 320; // of the drawing, in its own units
const HIGH = 25; // of a token
const SIDES = [96, WIDE - 96]; // where the lines begin and end

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  let tokens = split(EXAMPLES[0]);
  const state = { chosen: 0, divisor: DIVISORS.start };
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
    const { chosen } = state;
    read((text.value = turned.join(text.value.includes(" ") ? " " : "")));
    choose(tokens.length - 1 - chosen);
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
  const lines = svg("svg", { class: "plot", role: "img", "aria-label": words.lines });
  lines.addEventListener("click", (event) => {
    const box = lines.getBoundingClientRect();
    const at = Math.floor((((event.clientY - box.top) / box.height) * (tokens.length * HIGH + 8) - 4) / HIGH);
    choose(Math.min(Math.max(at, 0), tokens.length - 1));
  });
  const table = html("table", { class: "widget-table widget-heat" });
  const shown = numbers({ most: words.most, even: words.even, moved: words.moved });

  widget.fill(
    words.title,
    row(examples, field, backward),
    panels(html("div", {}, lines), html("div", {}, divisor, options, shown, note(words.hint))),
    html("div", { class: "widget-grid" }, table),
  );
  rebuild();

  /** @param {string} typed */
  function read(typed) {
    const next = split(typed);
    if (!next.length) return; // until there is something to attend to
    tokens = next;
    state.chosen = Math.min(state.chosen, tokens.length - 1);
    rebuild();
  }

  /** @param {number} which */
  function choose(which) {
    state.chosen = which;
    const input = table.querySelectorAll("input")[which];
    input.checked = true;
    update();
  }

  /** The table for other tokens; each row's name can be chosen. */
  function rebuild() {
    const head = html("tr", {}, html("th", { scope: "col" }, words.row), ...tokens.map((token) => html("th", { scope: "col" }, token)));
    const rows = tokens.map((token, i) => {
      const input = html("input", { type: "radio", name: "attention-row", checked: i === state.chosen });
      input.addEventListener("change", () => choose(i));
      return html("tr", {}, html("th", { scope: "row" }, html("label", {}, input, token)), ...tokens.map(() => html("td")));
    });
    table.replaceChildren(html("thead", {}, head), html("tbody", {}, ...rows));
    update();
  }

  function update() {
    const { chosen } = state;
    const way = { divisor: state.divisor, causal: on.has("causal"), places: on.has("places") };
    const { shares } = attend(tokens, way);
    [...table.tBodies[0].rows].forEach((line, i) => {
      line.classList.toggle("is-chosen", i === chosen);
      [...line.querySelectorAll("td")].forEach((cell, j) => {
        cell.style.setProperty("--share", String(shares[i][j]));
        cell.textContent = way.causal && j > i ? "" : String(Math.round(100 * shares[i][j]));
      });
    });
    drawLines(shares);
    const own = shares[chosen];
    const first = own.indexOf(Math.max(...own));
    shown.set({
      most: `${tokens[first]}${fill(marks.aside, { text: `${Math.round(100 * own[first])}%` })}`,
      even: fixed(Math.exp(entropy(own)), 1),
      moved: fixed(moved(tokens, way, chosen), 3),
    });
    const each = tokens.map((token, j) => `${token} ${Math.round(100 * own[j])}%`).join(marks.comma);
    widget.say(`${fill(words.said, { token: tokens[chosen], n: chosen + 1 })}${marks.colon}${each}${marks.stop}${shown.text}`);
  }

  /** @param {number[][]} shares */
  function drawLines(shares) {
    const high = tokens.length * HIGH + 8;
    lines.setAttribute("viewBox", `0 0 ${WIDE} ${high}`);
    const y = (/** @type {number} */ i) => 4 + HIGH * (i + 0.5);
    const [left, right] = SIDES;
    const parts = shares.flatMap((own, i) =>
      own.map((share, j) => {
        const kind = i === state.chosen ? "plot-thread is-0" : "plot-thread";
        const path = { d: `M${left} ${y(i)}L${right} ${y(j)}`, "stroke-width": 12 * share, opacity: i === state.chosen ? 0.9 : 0.25 };
        return svg("path", { class: kind, ...path });
      }),
    );
    const named = tokens.flatMap((token, i) => [
      svg("text", { class: i === state.chosen ? "plot-name is-0" : "", x: left - 8, y: y(i) + 4, "text-anchor": "end" }, token),
      svg("text", { x: right + 8, y: y(i) + 4 }, token),
    ]);
    parts.sort((a, b) => Number(a.classList.contains("is-0")) - Number(b.classList.contains("is-0"))); // in front
    lines.replaceChildren(...parts, ...named);
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
