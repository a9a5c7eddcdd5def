// Draws the live pictures of a page: <div class="widget" data-widget="NAME">, with what stands there without a script.

import { Widget } from "./widget.js";

/** @type {Record<string, () => Promise<{ default: (widget: Widget) => void | Promise<void> }>>} */
const PICTURES = {
  "cross-entropy": () => import("./cross-entropy.js"),
  "least-squares": () => import("./least-squares.js"),
  "models-chart": () => import("./models-chart.js"),
  sigmoid: () => import("./sigmoid.js"),
  softmax: () => import("./softmax.js"),
  "training-cost": () => import("./training-cost.js"),
};

/** @type {NodeListOf<HTMLElement>} */
const places = document.querySelectorAll(".widget[data-widget]:not([data-state])");
await Promise.all([...places].map(mount));

/**
 * Draw one picture; if that fails, what stood there stays.
 * @param {HTMLElement} place
 */
async function mount(place) {
  const name = place.dataset.widget ?? "";
  place.dataset.state = "loading";
  const widget = new Widget(place);
  try {
    const { default: draw } = await PICTURES[name]();
    await draw(widget);
    widget.show();
  } catch (problem) {
    widget.giveUp();
    console.error(`The live picture "${name}" cannot be drawn.`, problem);
  }
}
