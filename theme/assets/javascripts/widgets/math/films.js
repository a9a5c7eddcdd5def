// Which films to suggest beside one: counts of people, divided by a power of the viewers, as on the page.

/**
 * A film of the table, which begins with the best known; only of these it is known what was seen with them.
 * @typedef {object} Film
 * @property {string} name
 * @property {number} year NaN where it is not known
 * @property {number} viewers
 * @property {number[]} place on the map, from 0 to 1000, to the right and up
 * @property {number[]} others films that some method suggests, by their row in the table
 * @property {number[]} both how many people have seen the film and each of these
 * @property {number[]} learned the ten that learned vectors suggest, by their place among the others
 * @property {number[]} read the ten that the large model suggests
 */

export const TEN = 10;

/**
 * @param {Record<string, string>} row
 * @returns {Film}
 */
export function filmOf({ film, year, viewers, place, others, both, learned, read }) {
  let last = 0;
  return {
    name: /^\d+$/.test(year) ? `${film} (${year})` : film,
    year: Number(year),
    viewers: Number(viewers),
    place: list(place),
    others: list(others).map((step) => (last += step)),
    both: list(both),
    learned: list(learned),
    read: list(read),
  };
}

/**
 * The ten with the highest counts, each divided by a power of its viewers, by their place among the others; of equals,
 * the better known first.
 * @param {Film} film
 * @param {Film[]} films
 * @param {number} alpha
 */
export function counted({ others, both }, films, alpha) {
  const scores = both.map((people, k) => people / Math.max(films[others[k]].viewers, 1) ** alpha);
  return [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, TEN);
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** @param {string} text */
function list(text) {
  return text ? text.split(" ").map(Number) : [];
}
