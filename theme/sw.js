// What was read stays there without a network: pages, their live pictures, the search. With a network everything is
// asked for as if this were not there, so no page is ever an old one; what comes is kept for later. The pages say what
// else they will need (`stay` in book.js). One for all languages, at the root of the site, wherever that lies.

const OURS = `book ${registration.scope} `; // other sites of the same host have caches, too
const CACHE = `${OURS}1`; // another number throws away what was kept
const MOST_FILES = 1000;
const LARGEST = 5e6; // bytes

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => event.waitUntil(begin()));

addEventListener("message", (event) => event.waitUntil(fill(event.data)));

addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(registration.scope)) event.respondWith(answer(event));
});

/** Forget what an earlier version kept, and serve the pages that are open. */
async function begin() {
  const former = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
  await Promise.all(former.map((name) => caches.delete(name)));
  await clients.claim();
}

async function answer(event) {
  const { request } = event;
  try {
    const response = await fetch(request, request.mode === "navigate" ? { cache: "no-cache" } : {});
    event.waitUntil(keep(request.url, response.clone()));
    return response;
  } catch (problem) {
    const kept = await (await caches.open(CACHE)).match(plain(request.url));
    if (kept) return kept;
    throw problem;
  }
}

/** Keep a whole file, and of all files the newest. */
async function keep(url, response) {
  if (response.status !== 200 || response.redirected || response.headers.get("content-length") > LARGEST) return;
  const cache = await caches.open(CACHE);
  await cache.put(plain(url), response);
  const files = await cache.keys();
  await Promise.all(files.slice(0, -MOST_FILES).map((file) => cache.delete(file)));
}

/** Fetch what is not kept yet, and the modules that a live picture's module names. */
async function fill(urls) {
  const cache = await caches.open(CACHE);
  const asked = new Set(urls.map(plain));
  for (const url of asked) {
    try {
      const kept = await cache.match(url);
      const response = kept ?? (await fetch(url));
      const text = /\/widgets\/.*\.js$/.test(url) ? await response.clone().text() : "";
      for (const [, name] of text.matchAll(/["'](\.\.?\/[^"']+\.js)["']/g)) asked.add(new URL(name, url).href);
      if (!kept) await keep(url, response);
    } catch {
      return; // the network is gone; what is missing is fetched with the next page
    }
  }
}

/** An address without what is asked of the page, or a place on it. */
function plain(url) {
  return url.split(/[?#]/)[0];
}
