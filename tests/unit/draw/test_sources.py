"""What was read of each source is drawn where it is cited, and all of it on the page of sources."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from book.core.page import read
from book.core.site import Book
from book.draw import sources
from book.draw.values import book_totals
from tests.unit.draw.test_render import draw
from tests.unit.miniature import SmallBook

ROOT = Path(__file__).resolve().parents[3]
TABLE = """\
id,authors,year,title,link,place,number,verified,note
a,"One, A.",2001,First & best,https://a.org/x?y=1&z=2,section 1,"1,000",opened,read
b,"Two, B.",,Second,https://b.org,abstract,7%,abstract,read in an index
c,"Three, C.",2003,Third,https://c.org,,,secondary,<quoted>
"""


@pytest.fixture
def cited(book: SmallBook) -> SmallBook:
    """The miniature with three sources, two of which its pages cite."""
    book.data.mkdir()
    (book.data / sources.TABLE).write_text(TABLE, encoding="utf-8")
    for page, text in ((book.zh, "总和是"), (book.en, "The total is")):
        book.edit(page, text, f"[A](https://a.org/x?y=1&z=2), ([B](https://b.org)), *[B](https://b.org)* {text}")
    return book


def signs(drawn: str) -> list[tuple[str, str]]:
    """Return the class of each sign of a page, and what stands right before it."""
    return [(kind, before) for before, kind in re.findall(r'(.{12})<span [^>]*class="cited cited-(\w+)"', drawn)]


def test_a_link_to_what_was_not_opened_carries_its_sign(cited: SmallBook):
    drawn = draw(cited, "en")
    assert [kind for kind, _ in signs(drawn)] == ["abstract", "abstract"]
    assert all(before.endswith(">B</a>") for _, before in signs(drawn))
    words: Mapping[str, Any] = cited.words("en", "sources")
    label = words["sign"]["abstract"]
    assert re.search(rf'<span aria-label="{label}" class="[^"]*" role="note" tabindex="-1"></span>\), <em>', drawn)


def test_the_sign_follows_the_table(cited: SmallBook):
    cited.edit(cited.data / sources.TABLE, "7%,abstract", "7%,secondary")
    assert [kind for kind, _ in signs(draw(cited))] == ["secondary", "secondary"]
    cited.edit(cited.data / sources.TABLE, "7%,secondary", "7%,opened")
    assert not signs(draw(cited))


def test_every_row_is_drawn_with_the_pages_that_cite_it(cited: SmallBook):
    drawn = sources.draw(cited, "en", "../")
    words: Mapping[str, Any] = cited.words("en", "sources")
    lines = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", drawn, re.DOTALL)
    assert [re.search(r'id="source-(\w)"', line)[1] for line in lines] == ["a", "b", "c"]  # type: ignore[index]
    for line, page, mark in zip(lines, (True, True, False), ("opened", "abstract", "secondary"), strict=True):
        assert ('<a href="../part/page/">Small</a>' in line) == page
        assert html.escape(words["mark"][mark]) in line
        assert f'data-sort="{sources.MARKS.index(mark)}"' in line
    assert '<a href="https://a.org/x?y=1&amp;z=2">First &amp; best</a><small>section 1; 1,000</small>' in lines[0]
    assert "&lt;quoted&gt;" in lines[2]
    assert "data-find=" in drawn and "href" not in re.sub(r'href="https:', "", sources.draw(cited, "en", ""))


def test_the_shares_are_those_of_the_table(cited: SmallBook):
    expected = {"sources": 3, "sources_opened": 1, "sources_abstract": 1, "sources_secondary": 1}
    assert sources.totals(cited) == expected
    assert {key: book_totals(cited)[key] for key in expected} == expected
    drawn = sources.draw(cited, "zh", "../", "shares")
    assert re.findall(r'class="sources-(\w+)" style="flex-grow:(\d+)"', drawn) == [
        ("opened", "1"),
        ("abstract", "1"),
        ("secondary", "1"),
    ]


def test_the_book_lists_all_of_its_sources_in_both_languages():
    book = Book(ROOT)
    with (book.data / sources.TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for language in book.languages:
        drawn = sources.draw(book, language, "../")
        assert re.findall(r'id="source-([^"]+)"', drawn) == [html.escape(row["id"]) for row in rows]
        assert drawn.count("<tr>") == len(rows) + 1 and "<td></td></tr>" not in drawn, "every row is cited somewhere"
        assert book.data / sources.TABLE in read(book, language, "sources").data, "the table can be downloaded"
