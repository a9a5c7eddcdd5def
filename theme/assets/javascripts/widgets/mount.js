// Draws the live pictures of a page: <div class="widget" data-widget="NAME">, with what stands there without a script.

import { Widget } from "./widget.js";

/** @type {Record<string, () => Promise<{ default: (widget: Widget) => void | Promise<void> }>>} */
const PICTURES = {
  alignment: () => import("./alignment.js"),
  attention: () => import("./attention.js"),
  budget: () => import("./budget.js"),
  "cross-entropy": () => import("./cross-entropy.js"),
  "draw-a-digit": () => import("./draw-a-digit.js"),
  films: () => import("./films.js"),
  "least-squares": () => import("./least-squares.js"),
  "look-inside": () => import("./look-inside.js"),
  "models-chart": () => import("./models-chart.js"),
  parallelism: () => import("./parallelism.js"),
  poet: () => import("./poet.js"),
  resources: () => import("./resources.js"),
  sampling: () => import("./sampling.js"),
  sigmoid: () => import("./sigmoid.js"),
  softmax: () => import("./softmax.js"),
  spirals: () => import("./spirals.js"),
  suppression: () => import("./suppression.js"),
  "train-here": () => import("./train-here.js"),
  "training-cost": () => import("./training-cost.js"),
  "training-step": () => import("./training-step.js"),
};

const dressed = new Promise((resolve, reject) => {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("../../stylesheets/widgets.css", import.meta.url).href;
  link.onload = resolve;
  link.onerror = () => reject(new Error(`There is no ${link.href}.`));
  document.head.append(link);
});

/**
 * Draw one picture; if that fails, what stood there stays.
 * @param {HTMLElement} place
 */
export async function mount(place) {
  const name = place.dataset.widget ?? "";
  const widget = new Widget(place);
  try {
    const [{ default: draw }] = await Promise.all([PICTURES[name](), dressed]);
    await draw(widget);
    widget.show();
  } catch (problem) {
    widget.giveUp();
    console.error(`The live picture "${name}" cannot be drawn.`, problem);
  }
}
