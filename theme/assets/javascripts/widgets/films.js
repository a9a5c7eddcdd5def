// The map of the films: what each method suggests beside one of them, how popular that is, and where it lies.

import { counted, filmOf, median, TEN } from "./math/films.js";
import { fill, fixed } from "./math/format.js";
import { parseCsv } from "./math/table.js";
import { svg } from "./plot.js";
import { bind, choice, grid, html, marks, note, numbers, panels, row, slider } from "./widget.js";
import { words as all } from "./words.js";

const words = all.films;

/** @typedef {import("./math/films.js").Film} Film */
/** @typedef {keyof typeof words.methods} Method */

const FIRST = "Aladdin (1992)"; // as on the page
const POPULAR = 168; // the tenth of 1,682 films that has the most viewers, as on the page
const NEAR = 24; // pixels from the edge of a dot
const GROWTH = 0.36; // the area of a dot grows with the viewers
const AGES = /** @type {const} */ ([["is-1", 0], ["is-0", 1996], ["is-speech", 1997]]); // colors and first years, as in the figure

/** @param {import("./widget.js").Widget} widget */
export default async function draw(widget) {
  const source = new URL(widget.place.dataset.source ?? "", document.baseURI);
  const answer = await fetch(source);
  if (!answer.ok) throw new Error(`${answer.status} for ${source}`);
  const films = parseCsv(await answer.text()).map(filmOf);
  const known = films.filter(({ others }) => others.length);
  const state = { method: /** @type {Method} */ ("counts"), alpha: 0 };
  let chosen = known.find(({ name }) => name === FIRST) ?? known[0];

  const dots = films.map((film) => svg("circle", { class: `plot-mark ${color(film)}`, ...at(film, "c"), r: radius(film) }));
  const drawn = films.flatMap((film, i) => (film.viewers ? [dots[i]] : [])); // what nobody has seen has no place
  const links = svg("g", { class: "plot-area" });
  const ring = svg("circle");
  const name = svg("text", { class: "plot-name" });
  const role = { role: "slider", tabindex: 0, "aria-label": words.films, "aria-valuemin": 1, "aria-valuemax": known.length };
  const cursor = svg("g", { class: "plot-cursor", ...role }, ring, name);
  const pointed = svg("text", { class: "plot-name" });
  const map = svg("svg", { class: "plot films", role: "group", "aria-label": words.map }, ...drawn, links, cursor, pointed);
  map.addEventListener("pointermove", (event) => label(pointed, closest(event, films)));
  map.addEventListener("pointerleave", () => label(pointed));
  map.addEventListener("click", (event) => choose(closest(event, known)));
  cursor.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    choose(known[Math.min(Math.max(known.indexOf(chosen) + step, 0), known.length - 1)]);
    event.preventDefault();
  });

  const titles = html("datalist", { id: "widget-films" }, ...known.map(({ name }) => html("option", { value: name })));
  const typed = html("input", { type: "text", list: titles.id, autocomplete: "off", spellcheck: "false" });
  typed.addEventListener("focus", () => typed.select());
  typed.addEventListener("input", () => choose(known.find((film) => film.name === typed.value)));
  typed.addEventListener("change", () => {
    const found = known.find((film) => film.name.toLowerCase().includes(typed.value.trim().toLowerCase()));
    typed.setAttribute("aria-invalid", String(!found));
    typed.value = found ? found.name : typed.value;
    choose(found);
  });
  const field = html("label", { class: "widget-field" }, html("span", {}, words.film), typed, titles);
  const alpha = slider({
    label: words.alpha,
    min: 0,
    max: 1,
    step: 0.1,
    value: state.alpha,
    text: (value) => fixed(value, 1),
    onInput: bind(state, "alpha", update),
  });
  const methods = choice({
    label: words.method,
    options: /** @type {[Method, string][]} */ (Object.entries(words.methods)),
    value: state.method,
    onChange: bind(state, "method", update),
  });
  const names = Array.from({ length: TEN }, () => html("span"));
  const halves = [names.slice(0, TEN / 2), names.slice(TEN / 2)];
  const tables = halves.map((half) => grid([words.suggested, words.both, words.viewers], half));
  const facts = numbers({ popular: words.popular, median: words.median, distinct: fill(words.distinct, { n: known.length }) });
  const legend = Object.values(words.ages).flatMap((age, i) => [sign(AGES[i][0]), age, " "]);
  widget.fill(words.title, row(field, alpha), methods, map, note(...legend), panels(...tables), facts, note(words.hint));
  update();

  /** What is suggested beside a film, by places among its others. @param {Film} film */
  function suggested(film) {
    return state.method === "counts" ? counted(film, films, state.alpha) : film[state.method];
  }

  /** @param {PointerEvent | MouseEvent} pointer @param {Film[]} among */
  function closest({ clientX, clientY }, among) {
    const { left, top, width, height } = map.getBoundingClientRect();
    const away = (/** @type {Film} */ film) =>
      Math.hypot(left + (film.place[0] / 1000) * width - clientX, top + (1 - film.place[1] / 1000) * height - clientY) - radius(film);
    const nearest = among.reduce((best, film) => (film.viewers && away(film) < away(best) ? film : best));
    return away(nearest) < NEAR ? nearest : undefined;
  }

  /** @param {Film | undefined} film */
  function choose(film) {
    if (!film || film === chosen) return;
    chosen = film;
    update();
  }

  function update() {
    const ten = suggested(chosen);
    const shown = ten.map((k) => films[chosen.others[k]]);
    const everywhere = new Set(known.flatMap((film) => suggested(film).map((k) => film.others[k])));
    dots.forEach((dot, i) => dot.setAttribute("opacity", everywhere.has(i) ? "0.85" : "0.2"));
    links.replaceChildren(
      ...shown.flatMap((film, i) => {
        if (!film.viewers) return [];
        const [from, to, around] = [at(chosen, "", 1), at(film, "", 2), at(film, "c")];
        const number = svg("text", { ...at(film), dx: radius(film) + 3, dy: 4 }, String(i + 1));
        return [
          svg("line", { class: "plot-thread is-ink", ...from, ...to }),
          svg("circle", { class: "plot-thread is-ink", ...around, r: radius(film) + 1 }),
          number,
        ];
      }),
    );
    cursor.setAttribute("aria-valuenow", String(known.indexOf(chosen) + 1));
    cursor.setAttribute("aria-valuetext", chosen.name);
    for (const [key, value] of Object.entries({ ...at(chosen, "c"), r: String(radius(chosen) + 4) })) ring.setAttribute(key, value);
    label(name, chosen);
    typed.value = chosen.name;
    typed.removeAttribute("aria-invalid");
    alpha.isEnabled = state.method === "counts";
    shown.forEach((film, i) => (names[i].textContent = `${i + 1}. ${film.name}`));
    const counts = shown.map((film, i) => [String(chosen.both[ten[i]]), String(film.viewers)]);
    tables.forEach((table, half) => table.set(counts.slice((half * TEN) / 2)));
    facts.set({
      popular: `${shown.filter((film) => films.indexOf(film) < POPULAR).length} / ${TEN}`,
      median: fixed(median(shown.map(({ viewers }) => viewers)), 1).replace(/\.0$/, ""),
      distinct: String(everywhere.size),
    });
    const list = shown.map(({ name }) => name).join(marks.semicolon);
    const method = words.methods[state.method] + (state.method === "counts" ? `, α = ${fixed(state.alpha, 1)}` : "");
    widget.say(fill(words.said, { film: chosen.name, method, list, facts: facts.text }));
  }
}

/**
 * Where a film lies, as attributes of an SVG element.
 * @param {Film} film
 * @param {string} [before] in their names
 * @param {number | string} [after]
 */
function at({ place: [x, y] }, before = "", after = "") {
  return { [`${before}x${after}`]: `${x / 10}%`, [`${before}y${after}`]: `${100 - y / 10}%` };
}

/** @param {Film} film */
function radius({ viewers }) {
  return Math.max(GROWTH * Math.sqrt(viewers), 1);
}

/** @param {Film} film */
function color({ year }) {
  return AGES.findLast(([, since]) => year >= since)?.[0] ?? "is-ink";
}

/** @param {string} kind a class */
function sign(kind) {
  return svg("svg", { class: "widget-sign", viewBox: "-7 -7 14 14", "aria-hidden": "true" }, svg("circle", { class: `plot-mark ${kind}`, r: 5 }));
}

/**
 * Write the name of a film beside it, on the side where there is room; without a film, nothing.
 * @param {SVGTextElement} text
 * @param {Film} [film]
 */
function label(text, film) {
  text.textContent = film ? film.name : "";
  if (!film) return;
  const isRight = film.place[0] > 500;
  const beside = { "text-anchor": isRight ? "end" : "start", dx: (radius(film) + 6) * (isRight ? -1 : 1), dy: 4, ...at(film) };
  for (const [key, value] of Object.entries(beside)) text.setAttribute(key, String(value));
}
