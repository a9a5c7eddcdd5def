// Numbers as people write them, and as they type them.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** @type {[number, string][]} */
const METRIC = [[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]];
/** @type {Record<string, number>} */
const TYPED = { k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12, 千: 1e3, 万: 1e4, 百万: 1e6, 亿: 1e8, 万亿: 1e12 };

/**
 * With so many decimals and a true minus sign; never a negative zero.
 * @param {number} value
 * @param {number} [decimals]
 * @returns {string}
 */
export function fixed(value, decimals = 2) {
  if (Number.isNaN(value)) return "—";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 1e6) return scientific(value, 2);
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/**
 * As 3.14 × 10²³.
 * @param {number} value
 * @param {number} [digits] significant ones
 */
export function scientific(value, digits = 3) {
  if (!Number.isFinite(value)) return fixed(value);
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const raised = [...String(Math.abs(Number(exponent)))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
  return `${mantissa.replace("-", "−")} × 10${Number(exponent) < 0 ? "⁻" : ""}${raised}`;
}

/**
 * As 1.75 亿 or 175M: at least three digits, and the unit that the language counts in.
 * @param {number} value
 * @param {string} lang tag of the language
 */
export function compact(value, lang) {
  if (!Number.isFinite(value)) return fixed(value);
  if (Math.abs(value) >= 1e16) return scientific(value);
  const text = new Intl.NumberFormat(lang, {
    notation: "compact",
    maximumSignificantDigits: 3,
    maximumFractionDigits: 0,
    roundingPriority: "morePrecision",
    useGrouping: "always",
  }).format(value);
  return text.replace("-", "−").replace(/(?<=\d)(?=\p{Script=Han})/u, " ");
}

/**
 * A sentence with values in the places that it names; between two Chinese characters no space is left.
 * @param {string} sentence such as "p = {p}"
 * @param {Record<string, string | number>} values
 */
export function fill(sentence, values) {
  const filled = sentence.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
  return filled.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, "");
}

/**
 * As 2.79 TB: three digits and a decimal unit.
 * @param {number} value of bytes, watt-hours and the like
 * @param {string} unit
 */
export function metric(value, unit) {
  const [size, prefix] = METRIC.find(([size]) => value >= size * 0.9995) ?? [1, ""];
  return `${threeDigits(value / size)} ${prefix}${unit}`;
}

/**
 * The number a reader typed: 1,024, 1.5e12, 15T, 3000亿; NaN where it is none.
 * @param {string} text
 */
export function parseQuantity(text) {
  const plain = text.normalize("NFKC").replaceAll(/[\s,_]/g, "").toLowerCase();
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([a-z]|[千百万亿]+)?$/.exec(plain);
  if (!match) return NaN;
  return Number(match[1]) * (match[2] ? (TYPED[match[2]] ?? NaN) : 1);
}

/** @param {number} value */
function threeDigits(value) {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  const text = size >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
  return text.replace("-", "−");
}
