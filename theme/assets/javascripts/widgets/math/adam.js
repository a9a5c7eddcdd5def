// How networks learn from the slopes of their loss.

/** Adam: steps whose length follows the size of the slopes so far. */
export class Adam {
  #count = 0;
  /** @type {{ mean: Float64Array, square: Float64Array }[]} */
  #seen = [];

  /**
   * One step.
   * @param {(number[] | Float32Array)[]} weights are changed
   * @param {ArrayLike<number>[]} slopes
   * @param {number} rate the learning rate
   */
  step(weights, slopes, rate) {
    const scale = (rate * Math.sqrt(1 - 0.999 ** ++this.#count)) / (1 - 0.9 ** this.#count);
    weights.forEach((array, a) => {
      const { mean, square } = (this.#seen[a] ??= { mean: new Float64Array(array.length), square: new Float64Array(array.length) });
      for (let i = 0; i < array.length; i++) {
        const slope = slopes[a][i];
        mean[i] = 0.9 * mean[i] + 0.1 * slope;
        square[i] = 0.999 * square[i] + 0.001 * slope ** 2;
        array[i] -= (scale * mean[i]) / (Math.sqrt(square[i]) + 1e-7);
      }
    });
  }
}
