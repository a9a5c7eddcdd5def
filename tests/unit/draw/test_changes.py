"""The page of changes has every row of the table, the newest first, in the language of the page."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from book.core.site import Book, rows
from book.draw import changes


@pytest.mark.parametrize("language", Book().languages)
def test_every_change_is_listed(language: str):
    book = Book()
    told = [row for _, row in rows(changes.file(book))]
    drawn = BeautifulSoup(changes.draw(book, language, "../"), "lxml").select("tbody tr")
    shown = [[cell.get_text() for cell in row.select("th, td")] for row in drawn]
    assert sorted((day, new) for day, _, new in shown) == sorted((row["date"], row[language]) for row in told)
    days = [day for day, _, _ in shown]
    assert days == sorted(days, reverse=True) and shown[0][2] == told[-1][language]
    links = [str(row.select_one("a")["href"]) for row in drawn]  # type: ignore[index]
    assert set(links) == {f"../{Book.address(row['page'])}" for row in told}


def test_the_page_of_changes_draws_them():
    book = Book()
    for language in book.languages:
        assert "<!-- changes -->" in book.page_file(language, "changes").read_text(encoding="utf-8")
