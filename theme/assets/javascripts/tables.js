// Makes tables sortable: each header becomes a button that sorts by its column, ascending, descending, as it was.
// Above a table that asks for it stands a field: it shows the rows that have all words typed into it.
// Without this script the tables are complete, in the order of the book.

const DIRECTIONS = [null, "ascending", "descending"];
const { lang } = document.documentElement;
const byText = new Intl.Collator(lang, { numeric: true, sensitivity: "base" });
const title = document.querySelector("script[data-sort]")?.dataset.sort ?? "";

for (const table of document.querySelectorAll("table[data-sortable]:not(.is-sortable)")) makeSortable(table);

/** Put a button into every header of the table. */
function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const groups = [...table.tBodies].map((body) => ({ body, size: body.rows.length }));
  const original = groups.flatMap(({ body }) => [...body.rows]);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = title;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = DIRECTIONS.indexOf(head.getAttribute("aria-sort"));
      const next = DIRECTIONS[(now + 1) % DIRECTIONS.length];
      for (const other of heads) other.removeAttribute("aria-sort");
      if (next) head.setAttribute("aria-sort", next);
      const rows = next ? sorted(original, column, next === "ascending" ? 1 : -1) : original;
      let from = 0;
      for (const { body, size } of groups) body.append(...rows.slice(from, (from += size)));
      reserve(table);
    });
  });
  if (table.dataset.find) table.parentElement.before(finder(table.dataset.find, table, original));
  table.classList.add("is-sortable");
}

/** Return a field that shows of the rows those with the words typed into it. */
function finder(label, table, rows) {
  const field = document.createElement("label");
  const input = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off" });
  const count = document.createElement("output");
  field.className = "book-find";
  field.append(label, input, count);
  let texts;
  input.addEventListener("input", () => {
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const words = input.value.toLowerCase().split(/\s+/);
    rows.forEach((row, i) => (row.hidden = !words.every((word) => texts[i].includes(word))));
    reserve(table);
    count.textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length}`;
  });
  return field;
}

/** Say of each group of rows how many are shown, so that it keeps as much room while it is out of sight. */
function reserve(table) {
  for (const body of table.tBodies) {
    body.style.setProperty("--rows", [...body.rows].filter((row) => !row.hidden).length);
  }
}

/** Return the rows in the order of one column; rows that are equal there stay in the order of the book. */
function sorted(rows, column, sign) {
  const keyed = rows.map((row) => ({ row, key: keyOf(row.cells[column]) }));
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : byText.compare(a, b));
  return keyed.sort((a, b) => sign * compare(a.key, b.key)).map(({ row }) => row);
}

/** Return what a cell is sorted by: the number it carries, else its text. */
function keyOf(cell) {
  return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
}
