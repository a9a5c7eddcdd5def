// Tables of models: reading CSV, dates as numbers, the trend through logarithms.

import { leastSquares } from "./regression.js";

/**
 * Rows of a CSV file (RFC 4180: quotation marks protect commas, line ends and doubled quotation marks), by column name.
 * @param {string} text
 * @returns {Record<string, string>[]}
 */
export function parseCsv(text) {
  /** @type {string[][]} */
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g;
  const plain = text.replace(/^\uFEFF/, "");
  for (let match = cell.exec(plain); match; match = cell.exec(plain)) {
    const [, quoted, bare, end] = match;
    rows[rows.length - 1].push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === "") break;
    if (end !== ",") rows.push([]);
  }
  const [head, ...body] = rows.filter((row) => row.length > 1 || row[0]);
  return body.map((row) => Object.fromEntries(head.map((name, i) => [name, (row[i] ?? "").trim()])));
}

/**
 * A date as a year with decimals, in years of 365.25 days as the page counts them.
 * @param {string} date such as 2020-05-28
 */
export function yearOf(date) {
  const [year, month, day] = date.split("-").map(Number);
  return year + (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / (365.25 * 24 * 3600 * 1000);
}

/**
 * The straight line through the logarithms of values, and how fast they grow along it.
 * @param {{ year: number, value: number }[]} items
 */
export function trend(items) {
  const { w, b } = leastSquares(items.map(({ year, value }) => ({ x: year - 2000, y: Math.log10(value) })));
  return {
    /** @param {number} year */
    at: (year) => 10 ** (w * (year - 2000) + b),
    perYear: 10 ** w,
    doublingMonths: (12 * Math.log10(2)) / w,
  };
}
