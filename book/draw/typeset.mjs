// Typesets formulas with MathJax: reads a JSON line {tex, display}, answers with a JSON line.
//
// Answer: {width, height, depth, viewBox, body, glyphs, mathml} or {error}.
//   width, height, depth: in em; depth is how far the picture reaches below the line of text.
//   body: SVG markup whose glyphs are <use href="#f-…"/>; glyphs: the outlines it uses, by that id, so that a page
//   can hold every outline once. mathml: the same formula for screen readers, without its <math> element.
//
// book/draw/formulas.py asks it; its cache key holds this file's text.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const { mathjax } = require("mathjax-full/js/mathjax.js");
const { TeX } = require("mathjax-full/js/input/tex.js");
const { SVG } = require("mathjax-full/js/output/svg.js");
const { liteAdaptor } = require("mathjax-full/js/adaptors/liteAdaptor.js");
const { RegisterHTMLHandler } = require("mathjax-full/js/handlers/html.js");
const { STATE } = require("mathjax-full/js/core/MathItem.js");
const { SerializedMmlVisitor } = require("mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js");
require("mathjax-full/js/input/tex/base/BaseConfiguration.js");
require("mathjax-full/js/input/tex/ams/AmsConfiguration.js");
require("mathjax-full/js/input/tex/boldsymbol/BoldsymbolConfiguration.js");
require("mathjax-full/js/input/tex/cancel/CancelConfiguration.js");
require("mathjax-full/js/input/tex/mathtools/MathtoolsConfiguration.js");

// Without the packages "noerrors" and "noundefined" a mistake is an error and not a red word; without "newcommand"
// no formula can change the next one.
const PACKAGES = ["base", "ams", "boldsymbol", "cancel", "mathtools"];
const EM_PER_EX = 0.5; // MathJax measures in ex and takes this for its size, too; em is the same in every font
const CJK_WIDTH = 0.9; // em that a Chinese character takes inside a formula

const adaptor = liteAdaptor({ cjkCharWidth: CJK_WIDTH });
RegisterHTMLHandler(adaptor);
const visitor = new SerializedMmlVisitor();
const refuse = (_jax, problem) => {
  throw problem;
};
const page = mathjax.document("", {
  InputJax: new TeX({ packages: PACKAGES, formatError: refuse }),
  OutputJax: new SVG({ fontCache: "local", exFactor: EM_PER_EX }),
  compileError: refuse,
  typesetError: refuse,
});

// Attributes that only MathJax's own tools and style sheet read.
const IDLE = new Set(["class", "data-mml-node", "data-mjx-texclass", "data-c", "data-variant", "data-mjx-variant"]);
const PEN = ' fill="none" stroke="currentColor" stroke-width="60"'; // the style sheet's word for a table's lines
const DASHES = { "mjx-dashed": ' stroke-dasharray="140"', "mjx-dotted": ' stroke-linecap="round" stroke-dasharray="0 140"' };

const escape = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Markup of MathJax's nodes, without idle attributes and groups that do nothing; glyphs go into `glyphs`. */
function write(node, glyphs) {
  const kind = adaptor.kind(node);
  if (kind === "#text") return escape(adaptor.value(node));
  if (kind === "#comment") return "";
  if (kind === "defs") {
    for (const path of adaptor.childNodes(node)) {
      glyphs[glyph(adaptor.getAttribute(path, "id"))] = inSteps(adaptor.getAttribute(path, "d"));
    }
    return "";
  }
  if (kind === "use" && !glyphs[glyph(adaptor.getAttribute(node, "xlink:href").slice(1))]) return ""; // invisible
  const ruled = adaptor.hasAttribute(node, "data-line") || adaptor.hasAttribute(node, "data-frame");
  const attributes = adaptor
    .allAttributes(node)
    .filter(({ name }) => !IDLE.has(name) && !/^data-(line|frame)$/.test(name) && name !== "font-family")
    .map(({ name, value }) =>
      name === "xlink:href" ? ` href="#${glyph(value.slice(1))}"` : ` ${name}="${escape(value)}"`,
    )
    .concat(ruled ? [PEN, DASHES[adaptor.getAttribute(node, "class")] ?? ""] : [])
    .concat(adaptor.hasAttribute(node, "stroke-width") && kind !== "g" ? [' stroke="currentColor"'] : [])
    .join("");
  const inside = adaptor
    .childNodes(node)
    .map((child) => write(child, glyphs))
    .join("");
  if (kind === "g" && (!attributes || !inside)) return inside;
  const alone = kind === "g" && /^<(use|g) (?![^>]*\btransform=)[^>]*>/.exec(inside);
  if (alone && /^ transform="[^"]*"$/.test(attributes) && isOneElement(inside)) {
    return inside.replace(/^<(use|g)/, `<$1${attributes}`);
  }
  return inside ? `<${kind}${attributes}>${inside}</${kind}>` : `<${kind}${attributes}/>`;
}

/** "MJX-12-TEX-I-1D465" -> "f-I-1D465": the same glyph has the same name in every formula. */
const glyph = (id) => id.replace(/^MJX-\d+-TEX-/, "f-");

/**
 * The same outline, each point counted from where the pen stands instead of from the glyph's corner, and no letter that
 * goes without saying: "M287 628Q287 635 230 637" becomes "m287 628q0 7-57 9". A page's glyphs pack to three quarters.
 */
function inSteps(outline) {
  if (/[^MLHVQTZ\d\s-]/.test(outline)) throw new Error(`an outline as MathJax never wrote one: ${outline}`);
  let [x, y, start, last] = [0, 0, [0, 0], ""];
  return outline.replace(/([A-Z])([^A-Z]*)/g, (_, letter, numbers) => {
    const points = (numbers.match(/-?\d+/g) ?? []).map(Number);
    const steps = points.map((point, i) => point - (letter === "V" || i % 2 ? y : x));
    if (letter === "Z") [x, y] = start;
    else if (letter === "H") [x] = points;
    else if (letter === "V") [y] = points;
    else [x, y] = points.slice(-2);
    if (letter === "M") start = [x, y];
    const said = letter === last && letter !== "M" && letter !== "Z";
    last = letter;
    return (said ? " " : letter.toLowerCase()) + steps.join(" ");
  }).replaceAll(" -", "-");
}

/** Whether markup that starts with an element also ends with that very element. */
function isOneElement(markup) {
  let depth = 0;
  for (const { 0: tag, index } of markup.matchAll(/<[^>]*>/g)) {
    depth += tag.startsWith("</") ? -1 : tag.endsWith("/>") ? 0 : 1;
    if (depth === 0) return index + tag.length === markup.length;
  }
  return false;
}

function typeset({ tex, display }) {
  const mml = page.convert(tex, { display, end: STATE.CONVERT });
  const [svg] = adaptor.childNodes(page.convert(tex, { display }));
  const viewBox = adaptor.getAttribute(svg, "viewBox");
  if (!viewBox) throw new Error("\\tag makes a formula as wide as its page; number it in the text instead");
  const glyphs = {};
  const em = (ex) => Number((parseFloat(ex) * EM_PER_EX).toFixed(3));
  const body = adaptor
    .childNodes(svg)
    .map((child) => write(child, glyphs))
    .join("")
    .replace('<g stroke="currentColor" fill="currentColor" stroke-width="0" ', "<g ");
  for (const [id, outline] of Object.entries(glyphs)) if (!outline) delete glyphs[id];
  return {
    width: em(adaptor.getAttribute(svg, "width")),
    height: em(adaptor.getAttribute(svg, "height")),
    depth: -em(/vertical-align: (-?[\d.]+)ex/.exec(adaptor.getAttribute(svg, "style") ?? "")?.[1] ?? "0") + 0,
    viewBox,
    body,
    glyphs,
    mathml: visitor
      .visitTree(mml)
      .replace(/ data-mjx-[a-z]+="[^"]*"/g, "")
      .replace(/>\s+</g, "><")
      .replace(/^<math[^>]*>|<\/math>$/g, "")
      .replace(/&#x([0-9A-F]+);/g, (entity, code) =>
        parseInt(code, 16) < 128 ? entity : String.fromCodePoint(parseInt(code, 16)),
      ),
  };
}

createInterface({ input: process.stdin, terminal: false }).on("line", (line) => {
  let answer;
  try {
    answer = typeset(JSON.parse(line));
  } catch (problem) {
    answer = { error: String(problem?.message ?? problem) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
});
