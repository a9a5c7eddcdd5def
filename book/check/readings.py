"""What a row of a table rests on: it is what was read in its source, and says how much of that was read.

``[[tables]]`` in ``book.toml`` with ``read = true`` names the tables whose rows are taken from sources.
``docs/data/readings.csv`` keeps for each row a hash of its cells and the day on which it was confirmed (none for the
rows that were there before); ``python -m book confirm`` writes it. So no number changes without a line that says that
its source was read again.

A document is marked alike wherever it is cited: opened, its abstract read, or another text about it. The rows of
``citations.csv`` with one link have one mark. A table that names under ``sources`` the columns with its sources has in
``verified`` the least of their marks, as far as they are known.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date

from book.check import tables
from book.core import store
from book.core.findings import Finding, error
from book.core.site import Book, rows
from book.draw.sources import MARKS, TABLE, totals

FILE = "readings.csv"
_COLUMNS = ("table", "id", "hash", "date")
_LENGTH = 12


def _tables(book: Book) -> list[str]:
    declared = (table["file"] for table in book.declared.get("tables", ()) if table.get("read"))
    return [name for name in declared if (book.data / name).is_file()]


def _hashes(book: Book, table: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, id and hash of each row of a table that is written."""
    for line, row in rows(book.data / table):
        if not tables.unwritten(row):
            yield line, row.get("id", ""), store.digest(row)[:_LENGTH]


def _read(book: Book) -> dict[tuple[str, str], dict[str, str]]:
    return {(row.get("table", ""), row.get("id", "")): row for _, row in rows(book.data / FILE)}


def findings(book: Book) -> Iterator[Finding]:
    """Yield the rows that are not as they were when they were read, and the readings of rows that are gone."""
    kept, seen = _read(book), set()
    for table in _tables(book):
        for line, name, found in _hashes(book, table):
            seen.add((table, name))
            before = kept.get((table, name), {}).get("hash")
            if before != found:
                problem = f"{name!r} {'has changed since' if before else 'does not say when'} it was read in its source"
                remedy = f"read the source again, then run: python -m book confirm {table} {name}"
                yield Finding(book.shown(book.data / table), line, problem, remedy)
    for table, name in sorted(kept.keys() - seen):
        yield Finding(book.shown(book.data / FILE), 0, f"{table} has no row {name!r}", "remove the line")


def confirm(book: Book, table: str, names: Iterable[str]) -> None:
    """Note that rows of a table have been read in their sources as they stand; forget rows that are gone."""
    if table not in _tables(book):
        raise error(f"no table {table!r} is read from sources", f"name one of: {', '.join(_tables(book))}")
    known = {name: found for _, name, found in _hashes(book, table)}
    kept = {key: row for key, row in _read(book).items() if key[0] != table or key[1] in known}
    for name in names:
        if name not in known:
            raise error(f"there is no row {name!r}", "name its id", book.shown(book.data / table))
        kept[table, name] = dict(zip(_COLUMNS, (table, name, known[name], date.today().isoformat()), strict=True))
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept[key] for key in sorted(kept))
    store.write(book.data / FILE, text.getvalue().encode())


def marks(book: Book) -> Iterator[Finding]:
    """Yield the rows whose mark is not that of another row with the same document, and that too few were opened."""
    counted, least_opened = totals(book), book.limits.opened_percent
    if counted["sources_opened"] * 100 < least_opened * counted["sources"]:
        problem = f"{counted['sources_opened']} of {counted['sources']} sources were opened, fewer than {least_opened}%"
        remedy = "read the number in the document itself of some that are marked abstract or secondary"
        yield Finding(book.shown(book.data / TABLE), 0, problem, remedy)
    first: dict[str, dict[str, str]] = {}
    for line, row in rows(book.data / TABLE):
        known = first.setdefault(row.get("link", ""), row)
        if row.get("verified") != known.get("verified"):
            problem = f"{row['id']!r} is {row['verified']}, {known['id']!r}, the same document, {known['verified']}"
            yield Finding(book.shown(book.data / TABLE), line, problem, "give both the lesser mark, or read more of it")
    for table in book.declared.get("tables", ()):
        for line, row in rows(book.data / table["file"]) if "sources" in table else ():
            links = {each for each in map(row.get, table["sources"]) if each and tables.link(each)}
            cited = [first[link] for link in links & first.keys() if first[link]["verified"] in MARKS]
            if not cited or row.get("verified") not in MARKS:
                continue
            least = min(cited, key=lambda each: (MARKS.index(each["verified"]), each["id"]))
            own, other = row["verified"], least["verified"]
            more = MARKS.index(own) - MARKS.index(other)
            if more > 0 or (more < 0 and len(cited) == len(links)):
                problem = f"{row['id']!r} is {own}, {least['id']!r} of {TABLE}, a source of it, {other}"
                remedy = "a row is as well read as the least of its sources: correct one of the two"
                yield Finding(book.shown(book.data / table["file"]), line, problem, remedy)
