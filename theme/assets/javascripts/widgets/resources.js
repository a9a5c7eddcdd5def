// Resources: of the list that stands on the page, what a reader asks for, by kind, language, level, and words.

import { fill } from "./math/format.js";
import { bind, button, html, row, select } from "./widget.js";
import { words as all } from "./words.js";

const words = all.resources;
const FACETS = /** @type {(keyof typeof words.facets)[]} */ (Object.keys(words.facets));

/** @param {import("./widget.js").Widget} widget */
export default function draw(widget) {
  const entries = [...widget.place.querySelectorAll("li")].map((item) => {
    const element = /** @type {HTMLLIElement} */ (item.cloneNode(true));
    return { element, text: (item.textContent ?? "").toLowerCase() };
  });
  /** @type {Record<string, string>} what is asked for; nothing is everything */
  const asked = {};
  const selects = FACETS.map((facet) => {
    const options = new Map([["", words.all]]);
    for (const { element } of entries) {
      options.set(element.dataset[facet] ?? "", element.querySelector(`[data-facet=${facet}]`)?.textContent ?? "");
    }
    asked[facet] = "";
    return select({ label: words.facets[facet], options: [...options], value: "", onChange: bind(asked, facet, update) });
  });
  const search = html("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  search.addEventListener("input", update);
  const reset = button(words.reset, () => {
    search.value = "";
    for (const [i, facet] of FACETS.entries()) selects[i].value = asked[facet] = "";
    update();
  });
  const count = html("strong");
  const none = html("p", { class: "widget-note" }, words.none);
  const list = html("ul", { class: "resources" }, ...entries.map(({ element }) => element));
  const field = html("label", { class: "widget-field" }, html("span", {}, words.search), search);
  widget.fill(words.title, row(field, ...selects), row(count, reset), none, list);
  update();

  function update() {
    const sought = search.value.toLowerCase().split(/\s+/);
    let n = 0;
    for (const { element, text } of entries) {
      const fits = FACETS.every((facet) => !asked[facet] || matches(facet, element.dataset[facet] ?? ""));
      element.hidden = !(fits && sought.every((word) => text.includes(word)));
      if (!element.hidden) n++;
    }
    none.hidden = n > 0;
    count.textContent = fill(words.shown, { n: String(n), all: String(entries.length) });
    widget.say(count.textContent);
  }

  /**
   * Tell whether an entry is of what is asked for: what is in both languages is in each of them.
   * @param {string} facet
   * @param {string} value
   */
  function matches(facet, value) {
    return value === asked[facet] || (facet === "language" && value === "both");
  }
}
