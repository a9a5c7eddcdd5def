"""The list of resources is complete, each entry in the page's language with all that can be asked for."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from book.core.page import read
from book.core.site import Book
from book.draw import resources
from book.notebook.twin import twin

ROOT = Path(__file__).resolve().parents[3]


def test_every_row_is_drawn_in_both_languages():
    book = Book(ROOT)
    with (book.data / resources.TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for language in book.languages:
        drawn = resources.draw(book, language)
        entries = re.findall(
            r'<li data-kind="(\w+)" data-language="(\w+)" data-level="(\w+)" data-reach="(\w+)">', drawn
        )
        assert entries == [tuple(row[facet] for facet in resources.FACETS) for row in rows]
        assert all(f'<a href="{row["link"]}">' in drawn for row in rows)
        assert drawn.count("data-facet=") == len(rows) * len(resources.FACETS)
    assert "未写明许可" in resources.draw(book, "zh") and "no license stated" in resources.draw(book, "en")


def test_the_notebook_has_the_list_too():
    book = Book(ROOT)
    for language in book.languages:
        cells = twin(book, read(book, language, "resources"))["cells"]
        assert any(resources.draw(book, language) in cell["source"] for cell in cells)
