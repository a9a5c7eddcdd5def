// A thread that computes, so that the page stays at hand.

/** Start a thread; what comes back asks it one thing after another. @param {URL} address of its module */
export function hire(address) {
  const worker = new Worker(address, { type: "module" });
  /** @type {Promise<unknown>} */
  let before = Promise.resolve();
  return (/** @type {object} */ message) => {
    /** @type {Promise<any>} */
    const answer = before.then(
      () =>
        new Promise((resolve, reject) => {
          worker.onmessage = ({ data }) => (data.problem ? reject(new Error(data.problem)) : resolve(data));
          worker.onerror = reject;
          worker.postMessage(message);
        }),
    );
    before = answer.catch(() => {});
    return answer;
  };
}
