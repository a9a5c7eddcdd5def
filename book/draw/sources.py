"""What the citations rest on (``docs/data/citations.csv``): the document, its abstract, or another text about it.

A link to a document that was not opened carries a sign, drawn by ``book.css``, and its meaning in words for pointer,
finger, and screen reader. ``<!-- sources: shares -->`` draws how many rows are of each kind, ``<!-- sources -->`` all
rows with the pages that cite them.
"""

import html
import xml.etree.ElementTree as etree
from collections import Counter
from collections.abc import Mapping
from typing import Any

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from book.core.markdown import Link
from book.core.page import pages
from book.core.site import Book, rows
from book.draw import tables
from book.draw.tables import Cell, number

TABLE = "citations.csv"
MARKS = ("secondary", "abstract", "opened")
"""How a document was read, the least first."""
AFTER_INLINE = 15
"""Priority after Python-Markdown's inline patterns (20), which make the links."""


def totals(book: Book) -> dict[str, int]:
    """Return how many rows the table has, and how many of each mark."""
    counted = Counter(row.get("verified") for _, row in rows(book.data / TABLE))
    return {"sources": counted.total(), **{f"sources_{mark}": counted[mark] for mark in MARKS}}


def marks(book: Book) -> dict[str, str]:
    """Return the mark of each document by its link."""
    return {row["link"]: row["verified"] for _, row in rows(book.data / TABLE)}


class Signs(Treeprocessor):
    """Puts its sign behind each link to a document that was not opened."""

    def __init__(self, md: Markdown, book: Book, language: str) -> None:
        super().__init__(md)
        self.book = book
        self.words: Mapping[str, Any] = book.words(language, "sources")

    def run(self, root: etree.Element) -> None:
        """Mark the links of a page."""
        known = marks(self.book)
        for parent in list(root.iter()):
            for at, child in reversed(list(enumerate(parent))):
                mark = known.get(child.get("href", "")) if child.tag == "a" else None
                if mark in MARKS[:-1]:
                    # what a finger touches gets the focus, but no key stops there
                    told = {"role": "note", "tabindex": "-1", "aria-label": self.words["sign"][mark]}
                    sign = etree.Element("span", {"class": f"cited cited-{mark}", **told})
                    sign.tail, child.tail = child.tail, None
                    parent.insert(at + 1, sign)


def draw(book: Book, language: str, base: str, part: str = "") -> str:
    """Return the whole table, or its ``shares``, in the language of the page."""
    words: Mapping[str, Any] = book.words(language, "sources")
    return _shares(book, words) if part == "shares" else _table(book, language, base, words)


def _shares(book: Book, words: Mapping[str, Any]) -> str:
    total = totals(book)
    counts = {mark: total[f"sources_{mark}"] for mark in reversed(MARKS)}
    drawn = "".join(f'<span class="sources-{mark}" style="flex-grow:{n}"></span>' for mark, n in counts.items())
    told = "".join(
        f"<li>{_drawn_sign(mark)}<strong>{n}</strong> {html.escape(words['mark'][mark])}"
        f"<small>{html.escape(words['means'][mark])}</small></li>"
        for mark, n in counts.items()
    )
    return f'<div class="sources-bar" aria-hidden="true">{drawn}</div><ul class="sources-shares">{told}</ul>'


def _drawn_sign(mark: str) -> str:
    return f'<span class="cited cited-{mark}" aria-hidden="true"></span>'


def _table(book: Book, language: str, base: str, words: Mapping[str, Any]) -> str:
    cited = _pages(book, language)
    lines = [
        [
            Cell(f'<span id="source-{html.escape(row["id"])}">{html.escape(row["authors"])}</span>'),
            number(float(row["year"] or 0), row["year"]),
            Cell(
                f'<a href="{html.escape(row["link"])}">{html.escape(row["title"])}</a>'
                f"<small>{html.escape('; '.join(filter(None, (row['place'], row['number']))))}</small>"
            ),
            Cell(
                f"{_drawn_sign(row['verified'])}{html.escape(words['mark'][row['verified']])}"
                f"<small>{html.escape(row['note'])}</small>",
                MARKS.index(row["verified"]),
            ),
            Cell("<br>".join(tables.to_page(book, language, base, name) for name in cited.get(row["link"], ()))),
        ]
        for _, row in rows(book.data / TABLE)
    ]
    columns = [words[name] for name in ("authors", "year", "document", "read", "pages")]
    return tables.draw("sources", words["caption"], columns, lines, base=base, find=words["find"])


def _pages(book: Book, language: str) -> dict[str, list[str]]:
    """Return by link the pages that have it."""
    found: dict[str, list[str]] = {}
    for page in pages(book, language):
        for target in dict.fromkeys(link.target for link in page.scan.of(Link)):
            found.setdefault(target, []).append(page.name)
    return found
