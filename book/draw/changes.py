"""What is new: ``<!-- changes -->`` draws every row of the table that ``[sharing]`` in ``book.toml`` names."""

from collections.abc import Mapping
from pathlib import Path

from book.core.site import Book, rows
from book.draw import tables
from book.draw.tables import Cell


def file(book: Book) -> Path:
    """Return where the table of changes lies."""
    return book.data / book.sharing.get("changes", "changes.csv")


def load(book: Book) -> tuple[dict[str, str], ...]:
    """Return the rows of the table of changes, newest first."""
    return tuple(sorted((row for _, row in reversed(rows(file(book)))), key=lambda row: row["date"], reverse=True))


def draw(book: Book, language: str, base: str) -> str:
    """Return the changes as a table, in the language of the page."""
    words: Mapping[str, str] = book.words(language, "changes")
    lines = [
        [tables.text(row["date"]), Cell(tables.to_page(book, language, base, row["page"])), tables.text(row[language])]
        for row in load(book)
    ]
    return tables.draw("changes", words["caption"], [words[name] for name in ("day", "page", "new")], lines, base=base)
