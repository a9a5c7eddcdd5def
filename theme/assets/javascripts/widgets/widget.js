// The kit of the live pictures: their frame, their controls, and the words they say. Plots are in plot.js.

import { words } from "./words.js";

/** @typedef {{ element: HTMLElement }} Control something to put into a picture */
/** @typedef {string | Node | Control} Content */

const SAY_AFTER = 500; // milliseconds
const PAUSE = 70; // milliseconds between two steps

/** The language of the page, as its tag. */
export const { lang } = document.documentElement;

/** What stands between words. */
export const marks = words.kit;

/** Counts up, for ids. */
let made = 0;

/**
 * Make an HTML element; attributes that are undefined or false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | undefined>} [attributes]
 * @param {...Content} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.map((child) => (typeof child === "object" && "element" in child ? child.element : child)));
  return element;
}

/** One live picture: its frame on the page, and its voice. */
export class Widget {
  #said = html("p", { class: "widget-said", role: "status" });
  #title = html("strong", { class: "widget-title", id: `widget-${++made}` });
  #live = html("div", { class: "widget-live" });
  #still = html("div", { class: "widget-still", id: `widget-${made}-still` });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #speaking;

  /** @param {HTMLElement} place what is in it stays, for readers without a script and for paper */
  constructor(place) {
    this.place = place;
  }

  /**
   * Name the picture, and put something into it, from top to bottom.
   * @param {string} title
   * @param {...Content} parts
   */
  fill(title, ...parts) {
    this.#title.textContent = title;
    this.#live.append(html("div", { class: "widget-body" }, ...parts));
  }

  /** Take the place of the still picture, which can be unfolded. */
  show() {
    const button = html("button", { type: "button", class: "widget-link", "aria-expanded": "false" }, marks.still);
    button.setAttribute("aria-controls", this.#still.id);
    button.addEventListener("click", () => {
      const open = this.#still.classList.toggle("is-open");
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? marks.closeStill : marks.still;
      for (const box of this.#still.querySelectorAll(".md-typeset__scrollwrap")) {
        if (box.scrollWidth > box.clientWidth) box.setAttribute("tabindex", "0"); // a wide table is scrolled by keyboard, too
      }
    });
    const hasStill = this.place.textContent?.trim() || this.place.querySelector("img, svg");
    this.#still.append(...this.place.childNodes);
    this.#live.prepend(html("div", { class: "widget-head" }, this.#title, ...(hasStill ? [button] : [])));
    this.#live.append(this.#said);
    this.place.append(this.#live, this.#still);
    this.place.setAttribute("role", "group");
    this.place.setAttribute("aria-labelledby", this.#title.id);
    this.place.dataset.state = "live";
  }

  /** Leave what stood there as it is, and say so. */
  giveUp() {
    this.place.dataset.state = "failed";
    this.place.append(html("p", { class: "widget-note", role: "status" }, marks.failed));
  }

  /**
   * Tell readers who don't see the picture what has come out, once they pause.
   * @param {string} text
   */
  say(text) {
    if (this.place.dataset.state !== "live") return; // nobody has asked yet
    clearTimeout(this.#speaking);
    this.#speaking = setTimeout(() => {
      this.#said.textContent = text;
    }, SAY_AFTER);
  }
}

/**
 * A slider with its value beside its name.
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.min
 * @param {number} options.max
 * @param {number} options.step of the arrow keys; of a logarithmic slider, in powers of ten
 * @param {number} options.value
 * @param {boolean} [options.logarithmic]
 * @param {(value: number) => string} options.text the value in words
 * @param {(value: number) => void} options.onInput
 */
export function slider({ label, min, max, step, value, logarithmic = false, text, onInput }) {
  const scale = logarithmic ? Math.log10 : Number;
  const unscale = logarithmic ? (/** @type {number} */ at) => 10 ** at : Number;
  const input = html("input", { type: "range", min: scale(min), max: scale(max), step });
  input.setAttribute("aria-label", label); // without its value, which is told apart
  const output = html("span", { class: "widget-value" });
  const element = html("label", { class: "widget-slider" }, html("span", {}, label), output, input);
  const control = {
    element,
    get value() {
      return unscale(input.valueAsNumber);
    },
    set value(next) {
      input.value = String(scale(next));
      const shown = text(next);
      output.textContent = shown;
      input.setAttribute("aria-valuetext", shown);
      const [low, high] = [Number(input.min), Number(input.max)];
      input.style.setProperty("--filled", `${(100 * (input.valueAsNumber - low)) / (high - low)}%`);
    },
    set isEnabled(/** @type {boolean} */ next) {
      input.disabled = !next;
    },
  };
  control.value = value;
  input.addEventListener("input", () => {
    control.value = unscale(input.valueAsNumber);
    onInput(control.value);
  });
  return control;
}

/**
 * @param {string} label
 * @param {() => void} onClick
 */
export function button(label, onClick) {
  const element = html("button", { type: "button", class: "widget-button" }, label);
  element.addEventListener("click", onClick);
  return { element };
}

/**
 * A few alternatives side by side, of which one is chosen.
 * @template {string} T
 * @param {object} options
 * @param {string} options.label
 * @param {[T, string][]} options.options each with its name
 * @param {T} options.value
 * @param {(value: T) => void} options.onChange
 */
export function choice({ label, options, value, onChange }) {
  const name = `widget-choice-${++made}`;
  const inputs = options.map(([key, text]) => {
    const input = html("input", { type: "radio", name, value: key, checked: key === value });
    input.addEventListener("change", () => onChange(key));
    return { input, label: html("label", {}, input, html("span", {}, text)) };
  });
  const element = html("fieldset", { class: "widget-choice" }, html("legend", {}, label));
  element.append(html("div", {}, ...inputs.map((one) => one.label)));
  return {
    element,
    /** @param {T} next */
    set value(next) {
      for (const { input } of inputs) input.checked = input.value === next;
    },
  };
}

/**
 * Several things side by side, each shown or not.
 * @template {string} T
 * @param {object} options
 * @param {string} options.label
 * @param {[T, ...Content[]][]} options.options each with its name
 * @param {Set<T>} options.chosen is kept up to date
 * @param {() => void} options.onChange
 */
export function checks({ label, options, chosen, onChange }) {
  const inputs = options.map(([key, ...name]) => {
    const input = html("input", { type: "checkbox", checked: chosen.has(key) });
    input.addEventListener("change", () => {
      if (input.checked) chosen.add(key);
      else chosen.delete(key);
      onChange();
    });
    return html("label", {}, input, html("span", {}, ...name));
  });
  const element = html("fieldset", { class: "widget-choice" }, html("legend", {}, label), html("div", {}, ...inputs));
  return { element };
}

/**
 * A list to choose one line from.
 * @param {object} options
 * @param {string} options.label
 * @param {[string, string][]} options.options each with its name
 * @param {string} options.value
 * @param {(value: string) => void} options.onChange
 */
export function select({ label, options, value, onChange }) {
  const input = html("select", {}, ...options.map(([key, text]) => html("option", { value: key }, text)));
  input.value = value;
  input.addEventListener("change", () => onChange(input.value));
  return {
    element: html("label", { class: "widget-field" }, html("span", {}, label), input),
    /** @param {string} next */
    set value(next) {
      input.value = next;
    },
  };
}

/**
 * A number to type; what is none is marked and changes nothing.
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.value
 * @param {(value: number) => string} options.text how it is written
 * @param {(text: string) => number} options.parse NaN where a text is no number
 * @param {number} [options.min]
 * @param {number} [options.max]
 * @param {string} [options.unit]
 * @param {(value: number) => void} options.onChange
 */
export function numberField({ label, value, text, parse, min = 0, max = Infinity, unit = "", onChange }) {
  const input = html("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
  const named = html("span", {}, label);
  if (unit) named.append(html("small", {}, unit));
  const read = () => {
    const typed = parse(input.value);
    return typed >= min && typed <= max ? typed : NaN;
  };
  const control = {
    element: html("label", { class: "widget-field" }, named, input),
    set value(/** @type {number} */ next) {
      input.value = text(next);
      input.removeAttribute("aria-invalid");
    },
  };
  control.value = value;
  input.addEventListener("input", () => {
    const typed = read();
    input.setAttribute("aria-invalid", String(Number.isNaN(typed)));
    if (!Number.isNaN(typed)) onChange(typed);
  });
  input.addEventListener("change", () => {
    const typed = read();
    if (!Number.isNaN(typed)) control.value = typed;
  });
  return control;
}

/**
 * Numbers with their names, which change in place.
 * @template {string} T
 * @param {Record<T, string>} names
 */
export function numbers(names) {
  /** @type {Map<T, HTMLElement>} */
  const shown = new Map();
  const element = html("dl", { class: "widget-numbers" });
  for (const [key, name] of /** @type {[T, string][]} */ (Object.entries(names))) {
    const value = html("dd");
    shown.set(key, value);
    element.append(html("div", {}, html("dt", {}, name), value));
  }
  return {
    element,
    /** @param {Record<T, string>} values */
    set(values) {
      for (const [key, value] of shown) value.textContent = values[key];
    },
    /** The numbers as one sentence. */
    get text() {
      return [...shown].map(([key, value]) => `${names[key]}${marks.colon}${value.textContent}`).join(marks.comma);
    },
  };
}

/**
 * A table whose cells change in place.
 * @param {string[]} heads of the columns, that of the names first
 * @param {Content[]} names of the rows
 */
export function grid(heads, names) {
  const rows = names.map((name) => {
    const cells = heads.slice(1).map(() => html("td"));
    return { cells, element: html("tr", {}, html("th", { scope: "row" }, name), ...cells) };
  });
  const head = html("thead", {}, html("tr", {}, ...heads.map((text) => html("th", { scope: "col" }, text))));
  const table = html("table", { class: "widget-table" }, head, html("tbody", {}, ...rows));
  return {
    element: html("div", { class: "widget-grid" }, table),
    /** @param {string[][]} texts row by row */
    set(texts) {
      rows.forEach(({ cells }, i) => cells.forEach((cell, j) => (cell.textContent = texts[i][j])));
    },
  };
}

/**
 * Controls beside each other.
 * @param {...Content} parts
 */
export function row(...parts) {
  return html("div", { class: "widget-row" }, ...parts);
}

/**
 * Plots beside each other; below each other on a phone.
 * @param {...Content} parts
 */
export function panels(...parts) {
  return html("div", { class: "widget-panels" }, ...parts);
}

/**
 * A line of small print.
 * @param {...Content} parts
 */
export function note(...parts) {
  return html("p", { class: "widget-note" }, ...parts);
}

/**
 * What a control calls with its new value: it goes into an object, and everything is shown anew.
 * @template {object} T
 * @template {keyof T} K
 * @param {T} object
 * @param {K} key
 * @param {() => void} update
 * @returns {(value: T[K]) => void}
 */
export function bind(object, key, update) {
  return (value) => {
    object[key] = value;
    update();
  };
}

/**
 * A button that repeats a step until it is the last, or until somebody halts it; who asked for less motion sees only
 * the end.
 * @param {object} options
 * @param {string} options.run what is on the button
 * @param {string} options.pause what is on it while the steps go on
 * @param {() => void} [options.begin] is called before the first step
 * @param {() => boolean} options.step tells whether there is another
 * @param {() => void} options.show what the steps so far have led to
 */
export function player({ run, pause, begin = () => {}, step, show }) {
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  const { element } = button(run, () => (timer ? halt() : play()));
  return { element, halt };

  function play() {
    begin();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      while (step());
      return show();
    }
    element.textContent = pause;
    timer = setInterval(() => (step() ? show() : halt()), PAUSE);
  }

  function halt() {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    element.textContent = run;
    show();
  }
}
