// Numbers that the long runs of the pages wrote into files, as base64.

/** @param {string} base64 */
export function bytes(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** The weights, if there are as many as there should be. @param {Float32Array} values @param {number} count */
export function whole(values, count) {
  if (values.length !== count || !values.every(Number.isFinite)) throw new Error("The weights are damaged.");
  return values;
}
