// Who takes how much from whom: lines between two columns of tokens, and a table. One row of both is chosen.

import { svg } from "./plot.js";
import { html, marks } from "./widget.js";
import { fill } from "./math/format.js";

const WIDE = 320; // of the drawing, in its own units
const HIGH = 25; // of a token
const EDGE = 4; // above the first
const SIDES = [96, WIDE - 96]; // where the lines begin and end

export class Threads {
  /** The row that is chosen. */
  chosen = 0;
  table = html("table", { class: "widget-table widget-heat" });
  /** @type {string[]} */
  #asking = [];
  /** @type {string[]} */
  #asked = [];
  /** @type {number[]} of the chosen row */
  #own = [];

  /**
   * @param {object} options
   * @param {string} options.label of the lines
   * @param {string} options.row what the rows are
   * @param {() => void} options.onChoose
   */
  constructor({ label, row, onChoose }) {
    this.row = row;
    this.onChoose = onChoose;
    this.lines = svg("svg", { class: "plot", role: "img", "aria-label": label });
    for (const kind of /** @type {const} */ (["click", "pointermove"])) {
      this.lines.addEventListener(kind, ({ clientY }) => {
        const box = this.lines.getBoundingClientRect();
        const at = (((clientY - box.top) / box.height) * this.#high - EDGE) / (this.#high - 2 * EDGE);
        const i = Math.min(Math.max(Math.floor(at * this.#asking.length), 0), this.#asking.length - 1);
        if (i !== this.chosen) this.choose(i);
      });
    }
  }

  get #high() {
    return HIGH * Math.max(this.#asking.length, this.#asked.length) + 2 * EDGE;
  }

  /** From which token the chosen one takes most. */
  get most() {
    const share = Math.max(...this.#own);
    return `${this.#asked[this.#own.indexOf(share)]}${fill(marks.aside, { text: `${percent(share)}%` })}`;
  }

  /**
   * What the chosen token takes, in words.
   * @param {string} begin with places for the token and its number
   */
  said(begin) {
    const shares = this.#asked.map((token, j) => `${token} ${percent(this.#own[j])}%`).join(marks.comma);
    return `${fill(begin, { token: this.#asking[this.chosen], n: this.chosen + 1 })}${marks.colon}${shares}${marks.stop}`;
  }

  /**
   * Have other tokens; each row's name can be chosen.
   * @param {string[]} asking
   * @param {string[]} asked
   */
  set(asking, asked) {
    [this.#asking, this.#asked] = [asking, asked];
    this.chosen = Math.min(this.chosen, asking.length - 1);
    const heads = [this.row, ...asked].map((text) => html("th", { scope: "col" }, text));
    const rows = asking.map((token, i) => {
      const input = html("input", { type: "radio", name: "widget-thread", checked: i === this.chosen });
      input.addEventListener("change", () => this.choose(i));
      return html("tr", {}, html("th", { scope: "row" }, html("label", {}, input, token)), ...asked.map(() => html("td")));
    });
    this.table.replaceChildren(html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, ...rows));
  }

  /** @param {number} which */
  choose(which) {
    this.chosen = which;
    this.table.querySelectorAll("input")[which].checked = true;
    this.onChoose();
  }

  /** @param {number[][]} shares row by row; where one is 0, nothing can be taken */
  draw(shares) {
    this.#own = shares[this.chosen];
    [...this.table.tBodies[0].rows].forEach((line, i) => {
      line.classList.toggle("is-chosen", i === this.chosen);
      [...line.querySelectorAll("td")].forEach((cell, j) => {
        cell.style.setProperty("--share", String(shares[i][j]));
        cell.textContent = shares[i][j] ? percent(shares[i][j]) : "";
      });
    });
    this.lines.setAttribute("viewBox", `0 0 ${WIDE} ${this.#high}`);
    const y = (/** @type {number} */ i, /** @type {string[]} */ { length }) =>
      EDGE + ((this.#high - 2 * EDGE) * (i + 0.5)) / length;
    const [left, right] = SIDES;
    const parts = shares.flatMap((own, i) =>
      own.map((share, j) => {
        const isChosen = i === this.chosen;
        const path = { d: `M${left} ${y(i, this.#asking)}L${right} ${y(j, this.#asked)}`, "stroke-width": 12 * share };
        return svg("path", { class: isChosen ? "plot-thread is-0" : "plot-thread", ...path, opacity: isChosen ? 0.9 : 0.25 });
      }),
    );
    parts.sort((a, b) => Number(a.classList.contains("is-0")) - Number(b.classList.contains("is-0"))); // in front
    const asking = this.#asking.map((token, i) => {
      const kind = i === this.chosen ? "plot-name is-0" : "";
      return svg("text", { class: kind, x: left - 8, y: y(i, this.#asking) + 4, "text-anchor": "end" }, token);
    });
    const asked = this.#asked.map((token, j) => svg("text", { x: right + 8, y: y(j, this.#asked) + 4 }, token));
    this.lines.replaceChildren(...parts, ...asking, ...asked);
  }
}

/** @param {number} share */
function percent(share) {
  return String(Math.round(100 * share));
}
