// A network of four attention heads that has learned to go on with what repeats: the reader types, sees where each head
// looks, and switches heads off.

import { fill, fixed } from "./math/format.js";
import { followers, LONGEST, look, read as weightsFrom } from "./math/induction.js";
import { bind, html, marks, note, numbers, row, select } from "./widget.js";
import { words as all } from "./words.js";

const words = all["look-inside"];

const EXAMPLES = words.examples.split("|");
const HEADS = ["1.1", "1.2", "2.1", "2.2"];
const LIKELY = 5; // of the next
const CELL = "display: inline-block; width: 1.35rem; min-height: 24px; font-style: normal; text-align: center; cursor: pointer; ";
const CHOSEN = "outline: 2px solid var(--data-blue); outline-offset: -2px; ";

/** @param {import("./widget.js").Widget} widget */
export default async function draw(widget) {
  const source = new URL(widget.place.dataset.source ?? "", document.baseURI);
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`${answer.status} for ${source}`);
  const weights = weightsFrom(await answer.json());
  const state = { text: EXAMPLES[0] };
  const on = new Set(HEADS);
  let chosen = 0; // the place from which the heads look

  const text = html("input", { type: "text", autocomplete: "off", spellcheck: "false", value: state.text, maxlength: LONGEST });
  const field = html("label", { class: "widget-field" }, html("span", {}, fill(words.text, { n: LONGEST })), text);
  text.addEventListener("input", () => read(text.value));
  const examples = select({
    label: words.example,
    options: EXAMPLES.map((example) => [example, example]),
    value: state.text,
    onChange: (example) => read((text.value = example)),
  });
  const strips = HEADS.map((name) => {
    const input = html("input", { type: "checkbox", checked: true });
    input.addEventListener("change", () => {
      if (input.checked) on.add(name);
      else on.delete(name);
      update();
    });
    const cells = html("span", { "aria-hidden": "true" });
    const where = html("small", {});
    return { name, cells, where, element: html("div", { class: "head-strip" }, html("label", { style: "display: inline-flex; gap: 0.4rem; align-items: center; min-height: 24px" }, input, html("span", {}, fill(words.head, { name })), where), html("div", {}, cells)) };
  });
  const asking = html("div", { class: "is-asking", role: "group", "aria-label": words.asking });
  asking.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    chosen = Math.min(Math.max(chosen + by, 0), asking.children.length - 1);
    update();
    /** @type {HTMLElement} */ (asking.children[chosen]).focus();
  });
  const shown = numbers({ next: words.next, right: words.right });
  widget.fill(
    words.title,
    row(examples, field),
    note(words.asking),
    asking,
    ...strips,
    shown,
    note(words.hint),
  );
  read(state.text);

  /** @param {string} typed */
  function read(typed) {
    const bound = bind(state, "text", update);
    chosen = Math.max(0, [...typed.replace(/\s/g, "")].slice(0, LONGEST).length - 1);
    if (typed.trim()) bound(typed);
  }

  function update() {
    const characters = [...state.text.replace(/\s/g, "")].slice(0, LONGEST);
    const names = [...new Set(characters)];
    const tokens = characters.map((c) => names.indexOf(c));
    const seen = look(weights, tokens, [0, 1].map((layer) => [0, 1].map((h) => Number(on.has(HEADS[2 * layer + h])))));
    const sources = followers(tokens);
    const { chances, shares } = seen[chosen];
    asking.replaceChildren(
      ...characters.map((c, i) => {
        const element = html("button", { type: "button", "aria-pressed": String(i === chosen), tabindex: i === chosen ? 0 : -1, style: CELL + (i === chosen ? CHOSEN : "") }, c);
        element.addEventListener("click", () => {
          chosen = i;
          update();
          /** @type {HTMLElement} */ (asking.children[i]).focus();
        });
        return element;
      }),
    );
    strips.forEach(({ name, cells, where }, i) => {
      const own = shares[i >> 1][i % 2];
      const most = own.indexOf(Math.max(...own));
      cells.replaceChildren(...characters.map((c, j) => html("i", { style: `${CELL}background: color-mix(in srgb, var(--data-orange) ${Math.round(100 * (own[j] ?? 0))}%, transparent)` }, c)));
      cells.style.opacity = on.has(name) ? "1" : "0.3";
      const kind = most === sources[chosen] ? words.after : most === chosen - 1 ? words.before : most === chosen ? words.itself : words.other;
      where.textContent = on.has(name) ? `${characters[most]} ${fixed(100 * own[most], 0)}%${fill(marks.aside, { text: kind })}` : words.off;
    });
    const order = chances.map((_, i) => i).sort((a, b) => chances[b] - chances[a]).slice(0, LIKELY);
    const known = tokens.slice(0, -1).map((_, i) => i).filter((i) => sources[i] > 0 && tokens[sources[i]] === tokens[i + 1]);
    const right = known.filter((i) => seen[i].chances.indexOf(Math.max(...seen[i].chances)) === tokens[i + 1]);
    shown.set({
      next: order.filter((i) => chances[i] >= 0.01).map((i) => `${names[i] ?? words.unseen} ${fixed(100 * chances[i], 0)}%`).join(marks.comma),
      right: known.length ? `${right.length} / ${known.length}` : "—",
    });
    widget.say(`${shown.text}${marks.stop}${strips.map(({ name, where }) => `${fill(words.head, { name })}${marks.colon}${where.textContent}`).join(marks.semicolon)}`);
  }
}
