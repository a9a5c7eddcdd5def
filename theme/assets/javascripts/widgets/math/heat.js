// Weights from the colors of a heat map that Matplotlib drew in its blues.

import { softmax, total } from "./probability.js";

/** From the lightest to the darkest; between two of them, the blues change evenly. */
const BLUES = [
  [247, 251, 255],
  [222, 235, 247],
  [198, 219, 239],
  [158, 202, 225],
  [107, 174, 214],
  [66, 146, 198],
  [33, 113, 181],
  [8, 81, 156],
  [8, 48, 107],
];
const COUNT = 256; // of the shades that Matplotlib uses
const FAR = 2; // from every shade, in any of red, green, and blue

const SHADES = Array.from({ length: COUNT }, (_, n) => {
  const at = (n / (COUNT - 1)) * (BLUES.length - 1);
  const i = Math.min(Math.floor(at), BLUES.length - 2);
  return BLUES[i].map((value, k) => Math.floor(value + (at - i) * (BLUES[i + 1][k] - value)));
});

/**
 * The number of the shade that a color of red, green, and blue is, from 0 for the lightest; NaN for any other color.
 * @param {number[]} color
 */
export function shade(color) {
  const off = SHADES.map((each) => Math.max(...each.map((value, k) => Math.abs(value - color[k]))));
  const least = Math.min(...off);
  return least <= FAR ? off.indexOf(least) : NaN;
}

/**
 * The weights of rows of cells, each of which adds up to 1, where the lightest blue is about 0. A shade stands for all
 * values from its number to the next; those of a row are taken to be equally far from it.
 * @param {number[][][]} colors
 */
export function weights(colors) {
  const shades = colors.map((row) => row.map(shade));
  const sums = shades.map(total);
  const whole = total(sums) / sums.length + shades[0].length / 2; // what adds up to 1
  return shades.map((row, i) => {
    const values = row.map((each) => each + Math.min(Math.max((whole - sums[i]) / row.length, 0), 1));
    return values.map((value) => value / total(values));
  });
}

/**
 * Weights at another temperature; at 1, as they are.
 * @param {number[]} shares
 * @param {number} temperature
 */
export function tempered(shares, temperature) {
  return softmax(shares.map(Math.log), temperature);
}
