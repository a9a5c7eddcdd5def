// In a copy that is read from a folder a browser loads no module and fetches no file. So what the live pictures need
// comes as text, in scripts, and each file gets an address that can be loaded and fetched: a blob or the text itself.

(() => {
  const root = new URL("../../", document.currentScript.src).href;
  const TYPES = { csv: "text/csv", js: "text/javascript", json: "application/json" };
  const texts = {}; // of files, by their names from the root
  const made = {};

  globalThis.bookFiles = (more) => Object.assign(texts, more);
  globalThis.bookFile = file;

  const { fetch, Worker } = globalThis;
  globalThis.fetch = (address, ...how) => fetch(file(address), ...how);
  globalThis.Worker = class extends Worker {
    constructor(address, how) {
      super(file(address, true), how);
    }

    postMessage(message, ...more) {
      super.postMessage(message?.source ? { ...message, source: file(message.source) } : message, ...more);
    }
  };

  /** Return where a file can be had if its text is here; data and threads in full, as Chromium lets these see no blob. */
  function file(address, inFull = !String(address).endsWith(".js")) {
    const href = String(address);
    const name = href.startsWith(root) ? href.slice(root.length) : "";
    if (!(name in texts)) return address;
    return (made[`${name} ${inFull}`] ??= given(name, href, inFull));
  }

  function given(name, href, inFull) {
    const type = TYPES[name.split(".").pop()];
    const text = type === TYPES.js ? linked(texts[name], href, inFull) : texts[name];
    return inFull ? `data:${type},${encodeURIComponent(text)}` : URL.createObjectURL(new Blob([text], { type }));
  }

  /** Let a module, which has no place from where it could name others, name them in full. */
  function linked(text, href, inFull) {
    return text
      .replace(/(\bfrom |=> import\()"(\.[^"]+)"/g, (_, how, to) => `${how}"${file(new URL(to, href), inFull)}"`)
      .replaceAll("import.meta.url", JSON.stringify(href));
  }
})();
