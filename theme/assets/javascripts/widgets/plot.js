// Plots in SVG: scales, axes, curves, and points that can be moved by mouse, finger and keyboard.

/** @typedef {import("./math/geometry.js").Place} Place */
/** @typedef {Record<string, string | number | undefined>} Attributes */

/**
 * An axis of a plot.
 * @typedef {object} Axis
 * @property {[number, number]} range in data; of a logarithmic axis, powers of ten
 * @property {string} title
 * @property {(value: number) => string} [text] of a tick
 * @property {number[]} [ticks]
 */

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = { top: 24, right: 12, bottom: 38, left: 46 };
const PIXELS_PER_TICK = { x: 55, y: 40 };
const BAR = 0.56; // width, of the room for one
const LEAST_HEIGHT = 220; // pixels
const HAND = 18; // radius of what a finger meets, in pixels

/** Counts up, for ids. */
let made = 0;

/**
 * Make an SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @param {...(string | Node)} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Round numbers between two numbers.
 * @param {[number, number]} range
 * @param {number} count about so many
 */
export function ticks([low, high], count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A plot; its owner paints it, anew whenever something changes, in the pixels of the screen. */
export class Plot {
  /** Behind the axes, cut off at the edges of the plot. */
  area = svg("g", { class: "plot-area" });
  /** In front of everything, not cut off. */
  front = svg("g");
  width = 0;
  height = 0;
  #axes = svg("g", { class: "plot-axes", "aria-hidden": "true" });
  #root = svg("svg", { class: "plot" });
  #edge = svg("rect");
  /** @type {{ place: () => void }[]} */
  #handles = [];

  /**
   * @param {object} options
   * @param {string} options.label for screen readers
   * @param {Axis} options.x
   * @param {Axis} options.y
   * @param {number} [options.aspect] height over width
   * @param {number} [options.least] pixels of height, in any case
   * @param {(plot: Plot) => void} options.paint
   */
  constructor({ label, x, y, aspect = 0.8, least = LEAST_HEIGHT, paint }) {
    this.x = x;
    this.y = y;
    this.paint = paint;
    this.aspect = aspect;
    this.least = least;
    this.#root.setAttribute("aria-label", label);
    this.#root.setAttribute("role", "group");
    const clip = svg("clipPath", { id: `plot-${++made}` }, this.#edge);
    const clipped = svg("g", { "clip-path": `url(#${clip.id})` }, this.area);
    this.#root.append(svg("defs", {}, clip), this.#axes, clipped, this.front);
    const element = document.createElement("div");
    element.className = "plot-box";
    element.style.minHeight = `${least + MARGIN.top + MARGIN.bottom}px`; // nothing moves when it is drawn
    element.append(this.#root);
    this.element = element;
    new ResizeObserver(() => {
      if (element.clientWidth !== this.#root.clientWidth || !this.width) this.draw();
    }).observe(element);
  }

  /**
   * Pixels from the left of the area.
   * @param {number} value
   */
  px(value) {
    const [low, high] = this.x.range;
    return ((value - low) / (high - low)) * this.width;
  }

  /**
   * Pixels from the top of the area.
   * @param {number} value
   */
  py(value) {
    const [low, high] = this.y.range;
    return ((high - value) / (high - low)) * this.height;
  }

  /** Draw everything at the size there is. */
  draw() {
    const outer = this.element.clientWidth;
    if (!outer) return;
    this.width = outer - MARGIN.left - MARGIN.right;
    this.height = Math.round(Math.max(this.width * this.aspect, this.least));
    const whole = this.height + MARGIN.top + MARGIN.bottom;
    for (const [name, value] of Object.entries({ width: outer, height: whole, viewBox: `0 0 ${outer} ${whole}` })) {
      this.#root.setAttribute(name, String(value));
    }
    const { left, top } = MARGIN;
    for (const [name, value] of Object.entries({ x: left, y: top, width: this.width, height: this.height })) {
      this.#edge.setAttribute(name, String(value));
    }
    for (const group of [this.#axes, this.area, this.front]) group.setAttribute("transform", `translate(${left} ${top})`);
    this.#drawAxes();
    this.area.replaceChildren();
    this.paint(this);
    for (const handle of this.#handles) handle.place();
  }

  #drawAxes() {
    const { width, height } = this;
    /** @type {SVGElement[]} */
    const parts = [svg("path", { class: "plot-frame", d: `M0 0V${height}H${width}` })];
    for (const value of this.x.ticks ?? ticks(this.x.range, width / PIXELS_PER_TICK.x)) {
      const at = this.px(value);
      const text = svg("text", { x: at, y: height + 17, "text-anchor": "middle" }, tickText(this.x, value));
      parts.push(svg("path", { class: "plot-tick", d: `M${at} ${height}v4` }), text);
    }
    for (const value of this.y.ticks ?? ticks(this.y.range, height / PIXELS_PER_TICK.y)) {
      const at = this.py(value);
      const text = svg("text", { x: -8, y: at + 4, "text-anchor": "end" }, tickText(this.y, value));
      parts.push(svg("path", { class: "plot-tick", d: `M0 ${at}h-4` }), text);
    }
    const titles = [
      svg("text", { class: "plot-title", x: width, y: height + 34, "text-anchor": "end" }, this.x.title),
      svg("text", { class: "plot-title", x: 8 - MARGIN.left, y: -11 }, this.y.title),
    ];
    this.#axes.replaceChildren(...parts, ...titles);
  }

  /**
   * A curve through points of the data, or a closed shape of them.
   * @param {string} kind a class
   * @param {Iterable<Place>} places
   * @param {boolean} [closed]
   */
  curve(kind, places, closed = false) {
    const path = [...places].map(([x, y]) => `${limited(this.px(x))} ${limited(this.py(y))}`).join("L");
    return svg("path", { class: kind, d: path && `M${path}${closed ? "Z" : ""}` });
  }

  /**
   * The graph of a function over the whole axis.
   * @param {string} kind a class
   * @param {(x: number) => number} f
   */
  graph(kind, f) {
    const [low, high] = this.x.range;
    const count = Math.max(Math.round(this.width), 2);
    const places = Array.from({ length: count + 1 }, (_, i) => {
      const x = low + ((high - low) * i) / count;
      return /** @type {Place} */ ([x, f(x)]);
    });
    return this.curve(kind, places.filter(([, y]) => Number.isFinite(y)));
  }

  /**
   * A bar from zero, on an axis of whole places.
   * @param {string} kind a class
   * @param {number} place
   * @param {number} value
   */
  bar(kind, place, value) {
    const [left, right] = [this.px(place - BAR / 2), this.px(place + BAR / 2)];
    const [top, bottom] = [this.py(Math.max(value, 0)), this.py(Math.min(value, 0))];
    return svg("rect", { class: kind, x: left, y: top, width: right - left, height: bottom - top });
  }

  /**
   * A dot.
   * @param {string} kind a class
   * @param {number} x
   * @param {number} y
   * @param {number} [radius] in pixels
   */
  dot(kind, x, y, radius = 4) {
    return svg("circle", { class: kind, cx: limited(this.px(x)), cy: limited(this.py(y)), r: radius });
  }

  /**
   * Words at a point of the data.
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {Attributes} [attributes]
   */
  words(words, x, y, attributes = {}) {
    return svg("text", { x: this.px(x), y: this.py(y), ...attributes }, words);
  }

  /**
   * The point of the data below a pointer, within the axes.
   * @param {{ clientX: number, clientY: number }} pointer
   * @returns {Place}
   */
  at({ clientX, clientY }) {
    const box = this.#root.getBoundingClientRect();
    const [left, right] = this.x.range;
    const [bottom, top] = this.y.range;
    return [
      clamp(left + ((clientX - box.left - MARGIN.left) / this.width) * (right - left), this.x.range),
      clamp(top - ((clientY - box.top - MARGIN.top) / this.height) * (top - bottom), this.y.range),
    ];
  }

  /**
   * A point that can be moved by mouse, finger and keyboard.
   * @param {object} options
   * @param {string} options.label for screen readers
   * @param {string} [options.kind] a class
   * @param {"x" | "y" | "both"} [options.along] where it can go
   * @param {() => Place} options.read where it is, in data
   * @param {(x: number, y: number) => void} options.write moves it
   * @param {Place} options.step of the arrow keys, in data; ten times that with Shift
   * @param {() => string} options.text where it is, in words
   * @param {() => void} [options.onDelete]
   */
  handle({ label, kind = "", along = "both", read, write, step, text, onDelete }) {
    const element = svg(
      "g",
      { class: `plot-handle is-along-${along} ${kind}`, tabindex: 0, role: "slider", "aria-label": label },
      svg("circle", { class: "plot-hand", r: HAND }),
      svg("circle", { class: "plot-ring", r: 11 }),
      svg("circle", { class: "plot-knob", r: 6.5 }),
    );
    const [axis, index] = along === "y" ? [this.y, 1] : [this.x, 0];
    if (along !== "both") element.setAttribute("aria-orientation", along === "y" ? "vertical" : "horizontal");
    const place = () => {
      const [x, y] = read();
      element.setAttribute("transform", `translate(${limited(this.px(x))} ${limited(this.py(y))})`);
      element.setAttribute("aria-valuemin", String(axis.range[0]));
      element.setAttribute("aria-valuemax", String(axis.range[1]));
      element.setAttribute("aria-valuenow", String(Number(clamp(read()[index], axis.range).toPrecision(6))));
      element.setAttribute("aria-valuetext", text());
    };
    /** @param {number} x @param {number} y */
    const move = (x, y) => write(clamp(x, this.x.range), clamp(y, this.y.range));

    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      event.preventDefault();
    });
    // a finger on the point moves it, not the page; touch-action does nothing for shapes in Chromium
    element.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) move(...this.at(event));
    });
    element.addEventListener("keydown", (event) => {
      if ((event.key === "Delete" || event.key === "Backspace") && onDelete) {
        onDelete();
        event.preventDefault();
        return;
      }
      const [x, y] = read();
      const far = event.shiftKey ? 10 : 1;
      const [right, up] = STEPS[event.key] ?? [0, 0];
      if (right || up) {
        const forward = right + up; // on one axis, both pairs of arrows move
        if (along === "x") move(x + forward * step[0] * far, y);
        else if (along === "y") move(x, y + forward * step[1] * far);
        else move(x + right * step[0] * far, y + up * step[1] * far);
      } else if (along !== "both" && (event.key === "Home" || event.key === "End")) {
        const end = axis.range[event.key === "Home" ? 0 : 1];
        move(along === "x" ? end : x, along === "y" ? end : y);
      } else return;
      event.preventDefault();
    });

    const handle = {
      element,
      place,
      remove: () => {
        element.remove();
        this.#handles = this.#handles.filter((other) => other !== handle);
      },
    };
    this.#handles.push(handle);
    this.front.append(element);
    if (this.width) place();
    return handle;
  }
}

/** @type {Record<string, Place>} */
const STEPS = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  PageUp: [0, 10],
  PageDown: [0, -10],
};

/**
 * @param {number} value
 * @param {[number, number]} range
 */
export function clamp(value, [low, high]) {
  return Math.min(Math.max(value, low), high);
}

/** @param {Axis} axis @param {number} value */
function tickText(axis, value) {
  return axis.text ? axis.text(value) : String(value).replace("-", "−");
}

/**
 * Pixels that a drawing program bears, with one decimal.
 * @param {number} pixels
 */
function limited(pixels) {
  return Math.round(clamp(pixels, [-1e5, 1e5]) * 10) / 10;
}
