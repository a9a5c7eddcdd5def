// The book's search, in the place of Material's worker and speaking its language: it finds what is written, letter for
// letter, so that 网络 is found in 神经网络 and 过拟合 is not broken up into 过 and 拟合. A book is small enough to
// be looked through at every keystroke; there is nothing to index.

const READY = 1;
const QUERY = 2;
const RESULT = 3;
const BEFORE = 40; // letters of text shown before the first place found
const AFTER = 160;

let sections = [];
let everything = "";

read().then(
  () => postMessage({ type: READY }),
  () => postMessage({ isFailure: true }),
);

addEventListener("message", ({ data: message }) => {
  if (message.type === QUERY) postMessage({ type: RESULT, data: { items: search(message.data) } });
});

/** Fetch what is searched. */
async function read() {
  const answer = await fetch(new URL("../../../search/search_index.json", location.href));
  sections = (await answer.json()).docs.map(({ location, title, text }) => ({
    location,
    page: location.split("#")[0],
    title: plain(title),
    text: plain(text),
  }));
  for (const section of sections) Object.assign(section, { titleKey: fold(section.title), textKey: fold(section.text) });
  everything = sections.map(({ titleKey, textKey }) => `${titleKey}\n${textKey}`).join("\n");
}

/** What a text is compared by: full-width letters and raised digits as plain ones, capitals as small letters. */
function fold(text) {
  return text.replace(/[^\x00-\x7f\u4e00-\u9fff]/gu, (letter) => letter.normalize("NFKC")).toLowerCase(); // letter by letter, for origins
}

/** Where in a text each letter of its key comes from. */
function origins(text) {
  const places = [];
  let at = 0;
  for (const letter of text) {
    for (let i = fold(letter).length; i > 0; i--) places.push(at);
    at += letter.length;
  }
  return [...places, at];
}

/** Text without the markup, and without the marks between words that the index holds for another kind of search. */
function plain(markup) {
  return markup
    .replace(/<\/?(?:p|li|pre|ol|ul)>/g, " ")
    .replace(/<[^>]*>|\u200b/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();
}

/** Pages with the sections in which the query's words stand, best first, in the form that Material draws. */
function search(query) {
  const terms = split(fold(query)).map((word) => ({ word, pattern: pattern(word) }));
  if (!terms.length) return [];

  const found = sections.map((section) => weigh(section, terms)).filter(({ matched }) => matched);
  const most = Math.max(...found.map(({ matched }) => matched));
  const pages = new Map();
  for (const item of found.filter(({ matched }) => matched === most)) {
    if (!pages.has(item.section.page)) pages.set(item.section.page, []);
    pages.get(item.section.page).push(item);
  }
  return [...pages]
    .map(([page, items]) => {
      const drawn = items.sort((a, b) => b.score - a.score).map((item) => draw(item, terms));
      if (!drawn.some(({ location }) => location === page)) {
        const first = sections.find((section) => section.page === page);
        drawn.push({ location: page, title: escape(first.title), text: "", score: 0, terms: {} });
      }
      return drawn;
    })
    .sort((a, b) => b[0].score - a[0].score);
}

/** The words of a query. Chinese has no spaces: what is written nowhere as a whole is taken for several words. */
function split(query) {
  const runs = query.match(/\p{Script=Han}+|[^\p{Script=Han}\s，。、；：？！“”‘’（）《》【】"'(),;:?!]+/gu) ?? [];
  const words = runs.flatMap((run) => (/\p{Script=Han}/u.test(run) ? longestWritten(run) : [run]));
  return [...new Set(words)];
}

function longestWritten(run) {
  const words = [];
  for (let from = 0; from < run.length; ) {
    let to = run.length;
    while (to > from + 1 && !everything.includes(run.slice(from, to))) to--;
    words.push(run.slice(from, to));
    from = to;
  }
  const real = words.filter((word) => word.length > 1);
  return real.length ? real : [run]; // single characters would be found nearly everywhere
}

/** Chinese is found anywhere, a Latin word where one begins, or anywhere if none begins like that. */
function pattern(word) {
  const letters = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const begun = new RegExp(`(?<![a-z0-9])${letters}`, "g");
  return /\p{Script=Han}/u.test(word) || !begun.test(everything) ? new RegExp(letters, "g") : begun;
}

function weigh(section, terms) {
  let matched = 0;
  let score = section.location === section.page ? 1 : 0;
  for (const { word, pattern } of terms) {
    const inTitle = section.titleKey.match(pattern)?.length ?? 0;
    const inText = section.textKey.match(pattern)?.length ?? 0;
    if (!inTitle && !inText) continue;
    matched++;
    score += (inTitle ? 8 : 0) + Math.log2(1 + inText) + (section.titleKey === word ? 8 : 0);
  }
  return { section, matched, score };
}

function draw({ section, score }, terms) {
  const any = new RegExp(terms.map(({ pattern }) => pattern.source).join("|"), "g");
  const marks = marksOf(section.text, section.textKey, any);
  const first = marks[0]?.[0] ?? 0;
  const space = section.text.indexOf(" ", first - BEFORE) + 1;
  const from = first <= BEFORE ? 0 : space && space <= first ? space : first - BEFORE; // no half words
  const to = Math.min(first + AFTER, section.text.length);
  const excerpt = mark(section.text, marks, from, to);
  return {
    location: section.location,
    title: mark(section.title, marksOf(section.title, section.titleKey, any), 0, section.title.length),
    text: excerpt && `<p>${from ? "…" : ""}${excerpt}${to < section.text.length ? "…" : ""}</p>`,
    score,
    terms: Object.fromEntries(
      terms.map(({ word, pattern }) => [word, `${section.titleKey}\n${section.textKey}`.search(pattern) >= 0]),
    ),
  };
}

/** Where in a text something matches: begin and end of each place. */
function marksOf(text, key, any) {
  const places = origins(text);
  return [...key.matchAll(any)].map(({ 0: match, index }) => [places[index], places[index + match.length]]);
}

/** HTML of a part of a text with all places marked. */
function mark(text, marks, from, to) {
  let html = "";
  let end = from;
  for (const [first, last] of marks.filter(([first, last]) => first >= from && last <= to)) {
    html += `${escape(text.slice(end, first))}<mark>${escape(text.slice(first, last))}</mark>`;
    end = last;
  }
  return html + escape(text.slice(end, to));
}

function escape(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
