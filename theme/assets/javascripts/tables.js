// Makes tables sortable: each header becomes a button that sorts by its column, ascending, descending, as it was.
// Without this script the tables are complete, in the order of the book.

const DIRECTIONS = [null, "ascending", "descending"];
const { lang } = document.documentElement;
const byText = new Intl.Collator(lang, { numeric: true, sensitivity: "base" });
const title = document.querySelector("script[data-sort]")?.dataset.sort ?? "";

for (const table of document.querySelectorAll("table[data-sortable]:not(.is-sortable)")) makeSortable(table);

/** Put a button into every header of the table. */
function makeSortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const original = [...body.rows];
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
      body.append(...(next ? sorted(original, column, next === "ascending" ? 1 : -1) : original));
    });
  });
  table.classList.add("is-sortable");
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
