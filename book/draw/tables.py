"""Tables that the book draws by itself: complete as they stand, sortable where JavaScript runs (``tables.js``)."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from book.core.page import read
from book.core.site import Book

SCRIPT = "assets/javascripts/tables.js"
GROUP = 25
"""Rows that a browser lays out together, when they come near (``--rows`` in ``book.css``)."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        content: HTML.
        sort: number that says where the cell belongs among those of its column; by default its text does.
        is_number: set to the right, in figures of one width.
    """

    content: str
    sort: float | None = None
    is_number: bool = False


def text(plain: str) -> Cell:
    """Return a cell of plain text."""
    return Cell(html.escape(plain))


def number(value: float, shown: str) -> Cell:
    """Return a cell that is sorted by its value."""
    return Cell(html.escape(shown), value, True)


def to_page(book: Book, language: str, base: str, name: str) -> str:
    """Return a link with a page's title as HTML; the title alone where the page's place on the site is not known."""
    title = html.escape(str(read(book, language, name).meta["title"]))
    return f'<a href="{base}{Book.address(name)}">{title}</a>' if base else title


def draw(
    kind: str,
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    totals: Sequence[Cell] = (),
    base: str = "",
    searched: bool = False,
    find: str = "",
) -> str:
    """Return a table in a box of its own, which scrolls where the page is narrow.

    Args:
        kind: class of the table.
        caption: what the table is, for those who cannot see it.
        columns: headers; what stands in a column decides where its header stands.
        rows: the body; the first cell of each is the header of its row.
        totals: the foot, if there is one.
        base: prefix from the page to the root of its site; where it is not known the table cannot be sorted.
        searched: let the site's search find what the table says.
        find: what a field above the table says in which the reader types words of the rows to show; by default none.
    """
    body = [list(row) for row in rows]
    numeric = [bool(body) and all(row[i].is_number for row in body) for i in range(len(columns))]
    heads = "".join(
        f'<th scope="col"{_css(is_number)}>{html.escape(name)}</th>'
        for name, is_number in zip(columns, numeric, strict=True)
    )
    drawn = [f"<tr>{_row(row)}</tr>\n" for row in body]
    lines = "".join(f"<tbody>\n{''.join(drawn[at : at + GROUP])}</tbody>" for at in range(0, len(drawn), GROUP))
    foot = f"<tfoot><tr>{_row(totals)}</tr></tfoot>" if totals else ""
    label = html.escape(caption)
    excluded = "" if searched else " data-search-exclude"
    finds = f' data-find="{html.escape(find)}"' if find else ""
    script = f'<script type="module" src="{base}{SCRIPT}"></script>' if base else ""
    return (
        f'<div class="book-table" role="region" aria-label="{label}" tabindex="0"{excluded}>'
        f'<table class="{kind}" data-sortable{finds}><caption>{label}</caption>'
        f"<thead><tr>{heads}</tr></thead>\n{lines}{foot}</table></div>{script}"
    )


def _row(cells: Sequence[Cell]) -> str:
    drawn = []
    for i, cell in enumerate(cells):
        tag = 'th scope="row"' if i == 0 else "td"
        key = f' data-sort="{cell.sort}"' if cell.sort is not None else ""
        drawn.append(f"<{tag}{_css(cell.is_number)}{key}>{cell.content}</{tag[:2]}>")
    return "".join(drawn)


def _css(is_number: bool) -> str:
    return ' class="number"' if is_number else ""
