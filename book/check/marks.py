"""A document is marked alike wherever it is cited: opened, its abstract read, or another text about it.

The rows of ``citations.csv`` with one link have one mark. A table that names under ``sources`` (``[[tables]]`` in
``book.toml``) the columns with its sources has in ``verified`` the least of their marks, as far as they are known.
"""

from __future__ import annotations

from collections.abc import Iterator

from book.check import tables
from book.core.findings import Finding
from book.core.site import Book, rows
from book.draw.sources import MARKS, TABLE


def findings(book: Book) -> Iterator[Finding]:
    """Yield the rows whose mark is not that of another row with the same document."""
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
