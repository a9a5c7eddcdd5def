// The book's search, in the place of Material's worker and speaking its language: it finds what is written, letter for
// letter, so that 网络 is found in 神经网络 and 过拟合 is not broken up into 过 and 拟合. A term of the glossary finds
// itself in the other language, too; what is written nowhere finds what differs from it in one letter. Prose comes
// before code. A book is small enough to be looked through at every keystroke; there is nothing to index.

const READY = 1;
const QUERY = 2;
const RESULT = 3;
const BEFORE = 40; // letters of text shown before the first place found
const AFTER = 160;
const IN_TITLE = 8; // what a title with the word is worth, as much again if it is a page's, and if it has nothing else
const IN_CODE = 0.1; // all code of a section, however often it has the word; prose counts by the times
const NEAREST = 3; // so many of the words that differ from a mistyped one in a letter are looked for

let sections = [];
let terms = []; // of the glossary: a word of another language, or one that the book avoids, and the book's own
let everything = "";
const CODE = /<pre>.*?<\/pre>/gs;

read().then(
  () => postMessage({ type: READY }),
  () => postMessage({ isFailure: true }),
);

addEventListener("message", ({ data: message }) => {
  if (message.type === QUERY) postMessage({ type: RESULT, data: { items: search(message.data) } });
});

/** Fetch what is searched. */
async function read() {
  const { kept } = globalThis; // in a copy to read from a folder, where nothing can be fetched
  const fetched = async (name) => (await fetch(new URL(`../../../search/${name}.json`, location.href))).json();
  const get = async (name) => kept?.[name] ?? fetched(name);
  const glossary = get("glossary").catch(() => []); // without it one searches in one language
  sections = (await get("search_index")).docs.map(({ location, title, text }) => {
    const code = (text.match(CODE) ?? []).join(" ");
    const told = { title: plain(title), text: plain(text.replace(CODE, " ")), code: plain(code) };
    const keys = { titleKey: fold(told.title), textKey: fold(told.text), codeKey: fold(told.code) };
    return { location, page: location.split("#")[0], ...told, ...keys };
  });
  everything = sections.map(({ titleKey, textKey, codeKey }) => `${titleKey}\n${textKey}\n${codeKey}`).join("\n");
  terms = (await glossary).map((pair) => pair.map(fold)).sort(([a], [b]) => b.length - a.length);
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
  const words = wordsOf(fold(query));
  if (!words.length) return [];

  const found = sections.map((section) => weigh(section, words)).filter(({ matched }) => matched);
  const most = Math.max(...found.map(({ matched }) => matched));
  const pages = new Map();
  for (const item of found.filter(({ matched }) => matched === most)) {
    if (!pages.has(item.section.page)) pages.set(item.section.page, []);
    pages.get(item.section.page).push(item);
  }
  return [...pages]
    .map(([page, items]) => {
      const drawn = items.sort((a, b) => b.score - a.score).map((item) => draw(item, words));
      if (!drawn.some(({ location }) => location === page)) {
        const first = sections.find((section) => section.page === page);
        drawn.push({ location: page, title: escape(first.title), text: "", score: 0, terms: {} });
      }
      return drawn;
    })
    .sort((a, b) => b[0].score - a[0].score);
}

/** What is looked for: each word as it is typed, the forms of it that are taken for the same, and their pattern. */
function wordsOf(query) {
  const forms = new Map();
  let rest = query;
  for (const [foreign, own] of terms) {
    if (!whole(foreign).test(rest)) continue;
    rest = rest.replace(whole(foreign), " ");
    forms.set(foreign, [foreign, own]);
  }
  const runs = rest.match(/\p{Script=Han}+|[^\p{Script=Han}\s，。、；：？！“”‘’（）《》【】"'(),;:?!]+/gu) ?? [];
  for (const run of runs) {
    if (isChinese(run)) for (const [word, same] of longestWritten(run)) forms.set(word, same);
    else forms.set(run, everything.includes(run) ? [run] : [run, ...near(run)]);
  }
  return [...forms].map(([word, same]) => ({ word, forms: same, pattern: union(same) }));
}

function isChinese(word) {
  return /\p{Script=Han}/u.test(word);
}

/** Chinese has no spaces: what is written nowhere as a whole is mistyped, or else taken for several words. */
function longestWritten(run) {
  const words = [];
  for (let from = 0; from < run.length; ) {
    let to = run.length;
    while (to > from + 1 && !everything.includes(run.slice(from, to))) to--;
    words.push(run.slice(from, to));
    from = to;
  }
  const real = words.filter((word) => word.length > 1);
  const meant = real.length < words.length ? near(run) : [];
  if (meant.length || !real.length) return [[run, [run, ...meant]]]; // one character is found nearly everywhere
  return real.map((word) => [word, [word]]);
}

/** The words of the book that differ from one in a letter that is wrong, missing, too many, or in its neighbor's place. */
function near(word) {
  const { length } = word;
  if (length < (isChinese(word) ? 3 : 4) || /\d/.test(word)) return [];
  const times = new Map();
  const count = (other) => differInOne(word, other) && times.set(other, (times.get(other) ?? 0) + 1);
  if (!isChinese(word)) everything.match(/[a-z][a-z0-9-]+/g)?.forEach(count);
  else {
    for (const text of everything.match(/\p{Script=Han}{2,}/gu) ?? []) {
      for (let i = 0; i < text.length; i++) {
        for (let n = Math.max(3, length - 1); n <= length + 1 && i + n <= text.length; n++) count(text.slice(i, i + n));
      }
    }
  }
  return [...times.keys()].sort((a, b) => times.get(b) - times.get(a)).slice(0, NEAREST);
}

function differInOne(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i++;
  const rest = [0, 1, 2].map((n) => [a.slice(i + n), b.slice(i + n)]);
  if (rest[1][0] === rest[1][1] || rest[1][0] === rest[0][1] || rest[0][0] === rest[1][1]) return true;
  return a[i] === b[i + 1] && a[i + 1] === b[i] && rest[2][0] === rest[2][1];
}

function literal(word) {
  return word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** A term of the glossary within a query: in Latin letters as whole words. */
function whole(term) {
  return isChinese(term) ? new RegExp(literal(term)) : new RegExp(`(?<![a-z0-9])${literal(term)}s?(?![a-z0-9])`);
}

/** Chinese is found anywhere, a Latin word where one begins, or anywhere if none begins like that. */
function union(forms) {
  const patterns = forms.map((word) => {
    const begun = `(?<![a-z0-9])${literal(word)}`;
    return isChinese(word) || !new RegExp(begun).test(everything) ? literal(word) : begun;
  });
  return new RegExp(patterns.join("|"), "g");
}

function weigh(section, words) {
  let matched = 0;
  let score = section.location === section.page ? 1 : 0;
  for (const { forms, pattern } of words) {
    const [inTitle, inText, inCode] = [section.titleKey, section.textKey, section.codeKey].map(
      (key) => key.match(pattern)?.length ?? 0,
    );
    if (!inTitle && !inText && !inCode) continue;
    matched++;
    score += (inTitle ? IN_TITLE : 0) + Math.log2(1 + inText) + (inCode ? IN_CODE : 0);
    score += inTitle && section.location === section.page ? IN_TITLE : 0;
    score += forms.includes(section.titleKey) ? IN_TITLE : 0;
  }
  return { section, matched, score };
}

function draw({ section, score }, words) {
  const any = new RegExp(words.map(({ pattern }) => pattern.source).join("|"), "g");
  const inTitle = marksOf(section.title, section.titleKey, any);
  const inText = marksOf(section.text, section.textKey, any);
  const isCode = !inTitle.length && !inText.length; // prose where there is any
  const shown = isCode ? section.code : section.text;
  const marks = isCode ? marksOf(section.code, section.codeKey, any) : inText;
  const first = marks[0]?.[0] ?? 0;
  const space = shown.indexOf(" ", first - BEFORE) + 1;
  const from = first <= BEFORE ? 0 : space && space <= first ? space : first - BEFORE; // no half words
  const to = Math.min(first + AFTER, shown.length);
  const excerpt = mark(shown, marks, from, to);
  const keys = `${section.titleKey}\n${section.textKey}\n${section.codeKey}`;
  return {
    location: section.location,
    title: mark(section.title, inTitle, 0, section.title.length),
    text: excerpt && `<p>${from ? "…" : ""}${excerpt}${to < shown.length ? "…" : ""}</p>`,
    score,
    // The page that it leads to marks the word as it is written there.
    terms: Object.fromEntries(
      words.map(({ word, forms, pattern }) => {
        const written = forms.find((form) => keys.includes(form));
        return [written ?? word, keys.search(pattern) >= 0];
      }),
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
