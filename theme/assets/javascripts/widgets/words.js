// The words of the live pictures in the language of the page, which the build writes beside the scripts of its site.

const address = new URL("../words.json", import.meta.url);
const answer = await fetch(address);
if (!answer.ok) throw new Error(`${answer.status} for ${address}`);

/** @type {typeof import("../../../../book/words/en.json")["widgets"]} every language has the same keys */
export const words = await answer.json();
