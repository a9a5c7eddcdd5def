// Which images of many resemble one: those whose pixels differ least from its own.

/** @typedef {import("./engine.js").Maps} Maps */

/**
 * The places of the images with the smallest sums of squared differences, the most similar first.
 * @param {Maps} images from 0 to 1, square
 * @param {ArrayLike<number>} image a multiple of their size, to which it is shrunk
 * @param {number} count how many to name
 */
export function alike({ n, h, values }, image, count) {
  const side = Math.sqrt(image.length);
  const step = side / h;
  const small = new Float32Array(h * h);
  for (let i = 0; i < image.length; i++) {
    const [r, c] = [Math.floor(i / side), i % side];
    small[Math.floor(r / step) * h + Math.floor(c / step)] += image[i] / step ** 2;
  }
  const apart = new Float32Array(n);
  for (let i = 0; i < values.length; i++) apart[Math.floor(i / small.length)] += (values[i] - small[i % small.length]) ** 2;
  const order = Array.from(apart.keys()).sort((a, b) => apart[a] - apart[b]);
  return order.slice(0, count);
}
