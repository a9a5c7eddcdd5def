// The words of this page's live pictures in its language, which the build writes beside the scripts of its site.

const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-widget]"));
const names = new Set(["kit", ...Array.from(places, (place) => place.dataset.widget)]);

/** @type {typeof import("../../../../book/words/en.json")["widgets"]} every language has the same keys */
export const words = Object.fromEntries(await Promise.all([...names].map(read)));

/** @param {string | undefined} name */
async function read(name) {
  const address = new URL(`../words/${name}.json`, import.meta.url);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.status} for ${address}`);
  return [name, await answer.json()];
}
