// A poet: a small GPT writes character by character, in a thread of its own; the reader sees what it chose from and where
// it looked, and can let it go on from another character. Its weights are fetched when it is first asked to write.

import { fill, fixed } from "./math/format.js";
import { alternations, attention, likeliest, rhymed, surprise, wanted } from "./math/poem.js";
import { drawn } from "./math/sampling.js";
import { hire } from "./worker.js";
import { bind, button, choice, html, marks, note, numbers, panels, row, select, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.poet;

const SHOWN = 10; // of the characters that it chose from
const PAUSE = 40; // milliseconds between two characters
const PLACES = [5, 7]; // characters in a line of each form
const LINES = 4;
const UNKNOWN = 2; // the token that stands for rare characters
const CHARACTER = "min-width: 1.6rem; min-height: 1.9rem; font-size: 1.35em; cursor: pointer; ";
const CHOSEN = "outline: 2px solid var(--data-blue); outline-offset: -2px; ";
const TONES = { 平: "○", 仄: "●" };

/** @typedef {{ scores: Float32Array, shares: Float32Array[] }} Step what was known before a character was chosen */
/** @typedef {{ forms: string[], vocabulary: string, tones: string, rhymes: number[], test: string[], heads: number, depth: number }} About */

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const state = { form: "1", temperature: 0.8, k: 50, head: "all" };
  /** @type {{ ask: ReturnType<typeof hire>, about: About, names: string[], number: Map<string, number>, tones: Record<string, string>, rhymes: Record<string, number>, never: number[] } | undefined} */
  let poet;
  let poem = /** @type {string[]} */ ([]); // as it is shown: the form, then characters
  let tokens = /** @type {number[]} */ ([]);
  let steps = /** @type {Step[]} */ ([]);
  let chosen = 0; // the character whose choice is shown
  let turn = 0; // counts what was asked for; what was asked before stops
  let [computed, milliseconds] = [0, 0];

  const form = choice({
    label: words.form,
    options: words.forms.split("|").map((name, i) => [String(i), name]),
    value: state.form,
    onChange: (value) => (state.form = value),
  });
  const [opening, heads] = [words.opening, words.acrostic].map((label) => {
    const input = html("input", { type: "text", autocomplete: "off", spellcheck: "false", lang: "zh", maxlength: 28 });
    return { input, element: html("label", { class: "widget-field" }, html("span", {}, label), input) };
  });
  const heat = slider({ label: words.temperature, min: 0.1, max: 2, step: 0.1, value: state.temperature, text: (value) => fixed(value, 1), onInput: bind(state, "temperature", show) });
  const cut = slider({ label: words.k, min: 1, max: 1000, step: 0.05, value: state.k, logarithmic: true, text: (value) => String(Math.round(value)), onInput: bind(state, "k", show) });
  const write = button(words.write, () => compose(given()));
  const real = button(words.real, quote);
  const head = select({ label: words.head, options: [["all", words.all]], value: state.head, onChange: bind(state, "head", show) });
  const lines = html("div", { role: "group", "aria-label": words.poem, lang: "zh" });
  const list = html("ol", { class: "digit-chances" });
  const asked = note();
  const verdict = numbers({ rhyme: words.rhyme, tones: words.tones, bits: words.bits, speed: words.speed });
  const status = note(words.start);
  widget.fill(
    words.title,
    row(form),
    row(opening, heads),
    row(heat, cut),
    row(write, real, head),
    status,
    panels(html("div", {}, lines), html("div", {}, asked, list)),
    verdict,
    note(words.hint),
  );
  lines.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perLine(), ArrowDown: perLine() }[event.key];
    if (!by) return;
    event.preventDefault();
    choose(Math.min(Math.max(chosen + by, 1), poem.length - 1));
    /** @type {HTMLElement | null} */ (lines.querySelector("[aria-pressed=true]"))?.focus();
  });
  show();

  /** How many characters and marks a line has; the form stands first. */
  function perLine() {
    return PLACES[poet?.about.forms.indexOf(poem[0]) ?? 0] + 1;
  }

  /** Fetch the weights, once, and hire the thread that uses them. */
  async function ready() {
    if (poet) return poet;
    status.textContent = words.loading;
    const ask = hire(new URL("./poet-worker.js", import.meta.url));
    const source = new URL(widget.place.dataset.source ?? "", document.baseURI).href;
    const about = /** @type {About} */ (await ask({ source }));
    const characters = [...about.vocabulary];
    const names = [...about.forms, ...characters];
    const table = (/** @type {ArrayLike<any>} */ values, /** @type {(value: any) => boolean} */ known) =>
      Object.fromEntries(characters.map((c, i) => [c, values[i]]).filter(([, value]) => known(value)));
    poet = {
      ask,
      about,
      names,
      number: new Map(names.map((name, i) => [name, i])),
      tones: table([...about.tones], (tone) => "平仄".includes(tone)),
      rhymes: table(about.rhymes, (group) => group >= 0),
      never: [0, 1, UNKNOWN], // nor the forms
    };
    for (let layer = 1; layer <= about.depth; layer++) {
      for (let h = 1; h <= about.heads; h++) {
        head.element.querySelector("select")?.append(html("option", { value: `${layer}.${h}` }, fill(words.one, { layer: String(layer), head: String(h) })));
      }
    }
    return poet;
  }

  /** What the reader asks for. */
  function given() {
    const at = Number(state.form);
    return { form: at, wanted: wanted(PLACES[at], LINES, opening.input.value, heads.input.value) };
  }

  /**
   * Write a poem, or the rest of one.
   * @param {{ form: number, wanted: (string | undefined)[] }} task
   * @param {string[]} [begun] what stands already
   */
  async function compose({ form: which, wanted: order }, begun) {
    const mine = ++turn;
    try {
      const { ask, about, names, number, never } = await ready();
      if (mine !== turn) return;
      status.textContent = words.writing;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      poem = begun ?? [about.forms[which]];
      [steps, computed, milliseconds] = [steps.slice(0, begun ? poem.length - 1 : 0), 0, 0];
      while (poem.length < order.length) {
        tokens = poem.map((c) => number.get(c) ?? UNKNOWN);
        const done = await ask({ tokens });
        if (mine !== turn) return;
        steps.splice(poem.length - done.steps.length, Infinity, ...done.steps);
        computed += done.steps.length;
        milliseconds += done.milliseconds;
        const offered = likeliest(done.steps.at(-1).scores, state.temperature, Math.round(state.k), never);
        poem.push(order[poem.length] ?? names[offered[drawn(offered.map(({ chance }) => chance), Math.random())].token]);
        if (!still) {
          choose(poem.length - 1);
          await new Promise((resolve) => setTimeout(resolve, PAUSE));
          if (mine !== turn) return;
        }
      }
      end();
    } catch (problem) {
      fail(problem);
    }
  }

  /** Show one of the poems that the poet has not read, with what it would have expected. */
  async function quote() {
    const mine = ++turn;
    try {
      const { ask, about, number } = await ready();
      const text = about.test[Math.floor(Math.random() * about.test.length)];
      const written = [about.forms[text.length === 24 ? 0 : 1], ...text];
      const done = await ask({ tokens: written.slice(0, -1).map((c) => number.get(c) ?? UNKNOWN), whole: true });
      if (mine !== turn) return;
      [poem, steps, computed, milliseconds] = [written, done.steps, done.steps.length, done.milliseconds];
      end();
    } catch (problem) {
      fail(problem);
    }
  }

  function end() {
    status.textContent = words.done;
    choose(poem.length - 2); // the last character, which should rhyme
    widget.say(`${poem.slice(1).join("")}${marks.space}${verdict.text}`);
  }

  /** @param {unknown} problem */
  function fail(problem) {
    console.error("The poet cannot write.", problem);
    poet = undefined;
    status.textContent = words.failed;
    widget.say(words.failed);
  }

  /** @param {number} at a character of the poem */
  function choose(at) {
    chosen = at;
    show();
  }

  /** Go on from another character. @param {string} c */
  function instead(c) {
    const at = poet?.about.forms.indexOf(poem[0]) ?? 0;
    compose({ form: at, wanted: Array(LINES * (PLACES[at] + 1) + 1) }, [...poem.slice(0, chosen), c]);
  }

  function show() {
    const step = steps[chosen - 1];
    lines.replaceChildren();
    list.replaceChildren();
    asked.textContent = step ? fill(words.asked, { n: String(chosen), c: poem[chosen] }) : "";
    if (!poet || !step) return;
    const { about, names, number, tones, rhymes, never } = poet;
    const each = perLine();
    const shares = attention(step.shares, about.heads, state.head);
    let line = html("div", {});
    lines.append(line);
    poem.forEach((c, i) => {
      if (i % each === 1) lines.append((line = html("div", {})));
      const tone = i % each ? TONES[/** @type {"平" | "仄"} */ (tones[c])] : undefined;
      const rhyme = i && i % (2 * each) === 2 * each - 1 && c in rhymes ? "border-bottom: 2px solid var(--data-pink); " : "";
      const share = i < chosen ? Math.round(100 * (shares[i] ?? 0)) : 0;
      const element = html(
        "button",
        {
          type: "button",
          "aria-pressed": String(i === chosen),
          tabindex: i === chosen ? 0 : -1,
          disabled: !i,
          style: `${CHARACTER}${rhyme}${i === chosen ? CHOSEN : ""}background: color-mix(in srgb, var(--data-orange) ${share}%, transparent)`,
        },
        c,
        tone ? html("sub", { "aria-hidden": "true", style: "font-size: 0.4em" }, tone) : "",
      );
      element.addEventListener("click", () => choose(i));
      line.append(element);
    });
    likeliest(step.scores, state.temperature, Math.round(state.k), never).slice(0, SHOWN).forEach(({ token, chance }) => {
      const one = html("button", { type: "button", style: "cursor: pointer; min-height: 24px", "aria-pressed": String(names[token] === poem[chosen]) }, html("b", { lang: "zh" }, names[token]));
      one.addEventListener("click", () => instead(names[token]));
      list.append(html("li", { class: names[token] === poem[chosen] ? "is-answer" : "" }, one, html("i", { style: `width: ${100 * chance}%` }), html("span", {}, `${fixed(100 * chance, 1)}%`)));
    });
    const full = poem.slice(1).join("").split(/[，。]/).filter(Boolean);
    const whole = poem.length - 1 === LINES * each;
    const heard = alternations(full, tones).filter((one) => one !== undefined);
    const bits = poem.slice(1).reduce((sum, c, i) => sum + surprise(steps[i].scores, number.get(c) ?? UNKNOWN), 0);
    verdict.set({
      rhyme: whole ? (rhymed(full, rhymes) ? words.yes : words.no) : "…",
      tones: `${heard.filter(Boolean).length} / ${heard.length}`,
      bits: whole ? fixed(bits / full.join("").length) : "…",
      speed: milliseconds ? fixed((1000 * computed) / milliseconds, 0) : "…",
    });
  }
}
