// Stands in for Material's search worker, whose file name follows the # of this one's address, and loads it with the
// first message.
addEventListener(
  "message",
  ({ data }) => {
    importScripts(location.hash.slice(1));
    dispatchEvent(new MessageEvent("message", { data }));
  },
  { once: true },
);
