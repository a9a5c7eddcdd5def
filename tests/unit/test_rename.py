"""`rename` moves a page with everything that names it; what was recorded stays, and the former address leads on."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from book import rename
from book.check.publishable import check
from book.cli import main
from book.core.findings import BookError
from book.core.site import Book
from book.evidence import record
from book.publish.build import build
from tests.unit import equation_book
from tests.unit.miniature import SmallBook, make, only_finding, run_once

OTHER = """\
---
title: {title}
description: {title}
---

# {title} {{#other}}

{see} [page](page.md), [1](page.md#top "the page"), [1][ref], <a href="page.md#top">1</a>.

## {title} {{#two}}

`page.md`, `{{python}} results["part/page"].total`

[ref]: page.md#block-1
"""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with equations, a page that names the other in every way, and tables; recorded, once."""
    book, real = make(tmp_path_factory.mktemp("ready")), Book()
    for folder in ("theme", "book", "node_modules"):
        (book.root / folder).symlink_to(real.root / folder)
    book.snippet.rename(book.snippets / "part" / "page.py")
    for language in book.languages:
        page, config = book.page_file(language, "part/page"), book.config_file(language)
        page.write_text(page.read_text("utf-8").replace("part/small.py", "part/page.py"), "utf-8")
        other = OTHER.format(title="另一页" if language == "zh" else "Other", see="见" if language == "zh" else "See")
        book.page_file(language, "part/other").write_text(other, "utf-8")
        text = config.read_text("utf-8")
        start = text.index("\nnav:\n")
        end = text.find("\n\n", start)
        nav = "\nnav:\n  - Part:\n      - part/page.md\n      - part/other.md"
        config.write_text(text[:start] + nav + text[end:], "utf-8")
        page.write_text(page.read_text("utf-8") + f"\n{'见' if language == 'zh' else 'See'} [1](other.md).\n", "utf-8")
    book.data.mkdir()
    (book.data / "coverage.csv").write_text(
        'source_section,source_sentence,page,anchor,status\n1,"part/page, a",part/page,top,covered\n', "utf-8"
    )
    record.save(book, run_once(book, book.page()))
    assert check(book) == []
    return book.root


@pytest.fixture
def book(ready: Path, tmp_path: Path) -> SmallBook:
    return SmallBook(shutil.copytree(ready, tmp_path / "book", symlinks=True))


def test_everything_that_names_the_page_follows_and_nothing_has_to_run(book: SmallBook):
    assert main(["rename", "part/page", "elsewhere/new-name"], book) == 0
    assert check(book) == []
    assert not book.page_file("zh", "part/page").exists() and not (book.snippets / "part" / "page.py").exists()
    assert (book.snippets / "elsewhere" / "new_name.py").is_file()
    other = book.page_file("en", "part/other").read_text("utf-8")
    there = "../elsewhere/new-name.md"
    assert f'[page]({there}), [1]({there}#top "the page")' in other and f"[ref]: {there}#block-1" in other
    assert f'href="{there}#top"' in other and 'results["elsewhere/new-name"].total' in other and "`page.md`" in other
    assert "[1](../part/other.md)" in book.page_file("en", "elsewhere/new-name").read_text("utf-8")
    assert {one.page for block in book.page("zh", "elsewhere/new-name").blocks
            if (one := record.load(book, block.name))} == {"elsewhere/new-name"}  # fmt: skip
    assert '"part/page, a",elsewhere/new-name,top' in (book.data / "coverage.csv").read_text("utf-8")


def test_the_former_address_leads_on_under_a_prefix_too(book: SmallBook):
    assert main(["rename", "part/page", "elsewhere/new-name"], book) == 0
    site = book.root / "site"
    build(book, site, site_url="https://example.org/book/")
    for language, path, says in (("zh", "", "这一页搬到了"), ("en", "en/", "This page has moved")):
        text = (site / path / "part" / "page" / "index.html").read_text("utf-8")
        assert 'content="0; url=../../elsewhere/new-name/"' in text and says in text and "<script" not in text
        assert f'<link rel="canonical" href="https://example.org/book/{path}elsewhere/new-name/">' in text
        assert (site / path / "elsewhere" / "new-name" / "index.html").is_file(), language
    assert "part/page/" not in (site / "sitemap.xml").read_text("utf-8")


def test_renamed_twice_each_former_address_leads_to_the_last_name_and_back_to_none(book: SmallBook):
    for old, new in (("part/page", "part/two"), ("part/two", "part/three")):
        rename.rename(book, old, new)
    assert book.redirects == {"part/page": "part/three", "part/two": "part/three"}
    rename.rename(book, "part/three", "part/page")
    declared = tomllib.loads((book.root / "book.toml").read_text("utf-8"))
    assert declared["redirects"] == {"part/two": "part/page", "part/three": "part/page"}
    assert declared["tables"] == tomllib.loads((Book().root / "book.toml").read_text("utf-8"))["tables"]
    assert check(book) == []


@pytest.mark.parametrize("former", ["assets/figures", "notebooks", "../out", "/out", "a//b", "page.html"])
def test_a_redirect_takes_the_place_of_nothing(book: SmallBook, former: str):
    assert not [one for one in check(book) if "redirect" in one.problem]
    with (book.root / "book.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[redirects]\n"{former}" = "part/page"\n')
    (found,) = (one for one in check(SmallBook(book.root)) if "redirect" in one.problem)
    assert f"the redirect of {former!r}: there is something else" in found.problem


def test_a_redirect_that_leads_nowhere_is_named(book: SmallBook):
    with (book.root / "book.toml").open("a", encoding="utf-8") as file:
        file.write('\n[redirects]\n"part/old" = "part/none"\n"part/other" = "part/page"\n')
    assert [(f.file, f.problem) for f in check(book)] == [
        ("book.toml", "the redirect of 'part/old': there is no page 'part/none'"),
        ("book.toml", "the redirect of 'part/other': there is a page 'part/other'"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("part/none", "part/new", "there is no page"),
        ("part/page", "part/Neu", "is no name for a page"),
        ("part/page", "part/other", "this file is already there"),
    ],
)
def test_a_bad_name_changes_nothing(book: SmallBook, old: str, new: str, says: str):
    before = {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()}
    with pytest.raises(BookError, match=says) as caught:
        rename.rename(book, old, new)
    assert only_finding(caught.value).remedy
    assert {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()} == before


def test_the_declarations_of_its_equations_move_too(book: SmallBook):
    for language in book.languages:
        page = book.page_file(language, "part/page")
        page.write_text(page.read_text("utf-8") + equation_book.MARKS.format(), "utf-8")
    snippet = book.snippets / "part" / "page.py"
    snippet.write_text(snippet.read_text("utf-8") + equation_book.FUNCTIONS, "utf-8")
    (book.snippets / "part" / "page_equations.py").write_text(equation_book.DECLARATIONS, "utf-8")
    equation_book.record_all(book)
    assert check(book) == []
    rename.rename(book, "part/page", "part/new")
    assert check(book) == []
