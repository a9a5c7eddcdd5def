"""Every sentence of the source chapter that the table maps is mapped to a page and an anchor that exist."""

from __future__ import annotations

import csv

import pytest

from book.core.page import headings, read
from book.core.site import Book

TABLE = Book().root / "docs" / "data" / "coverage.csv"
COMPLETE = ("1.1.3.4",)
"""Sections of the source that the book covers whole so far."""


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def missing(book: Book, row: dict[str, str]) -> str | None:
    """Say what of a row's page and anchor does not exist."""
    for language in Book().languages:
        if not book.page_file(language, row["page"]).is_file():
            return f"docs/{language}/{row['page']}.md"
        anchors = {item.value.split()[1] for item in headings(read(book, language, row["page"]))}
        if row["anchor"] not in anchors:
            return f"docs/{language}/{row['page']}.md#{row['anchor']}"
    return None


@pytest.mark.parametrize(
    "row", [r for r in rows() if r["status"] == "covered"], ids=lambda r: r["source_sentence"][:20]
)
def test_the_place_of_each_covered_sentence_exists(row: dict[str, str]):
    assert missing(Book(), row) is None


def test_a_page_or_anchor_that_does_not_exist_is_noticed():
    row = next(r for r in rows() if r["status"] == "covered")
    assert missing(Book(), {**row, "anchor": "nowhere"}) and missing(Book(), {**row, "page": "no/page"})


def test_the_sections_the_book_covers_are_covered_whole():
    later = [
        r["source_sentence"] for r in rows() if r["source_section"].startswith(COMPLETE) and r["status"] != "covered"
    ]
    assert later == []
    assert {r["status"] for r in rows()} <= {"covered", "later"}
