"""What readers take along: the offline copy is read and searched from a folder, EPUB and PDF hold what the pages do."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from pypdf import PdfReader

from book.core.page import read
from book.core.site import Book
from book.publish import downloads
from book.publish.build import place
from tests.browser.built import Built, Page
from tests.browser.checks import ANSWER_MILLISECONDS
from tests.browser.conftest import complain
from tests.browser.firefox import find, started
from tests.browser.test_site import HOMES, RESULT, SEARCH

RADICAL = re.compile("[\u2e80-\u2fdf]")
"""What looks like a letter, and no reader types."""
ASK = {"zh": "学习率", "en": "convolution"}


@pytest.fixture(scope="module")
def folder(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    there = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(downloads.offline(Book(built.root), built.folder, there / "copy.zip")) as archive:
        archive.extractall(there)
    yield there / "copy"


@pytest.mark.parametrize("language", HOMES)
def test_the_offline_copy_is_searched(language: str, tab: Tab, folder: Path) -> None:
    """From file://, and what is found is opened, with what was looked for marked."""
    trouble: list[str] = []
    tab.on("pageerror", lambda problem: trouble.append(str(problem)))
    tab.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    tab.goto((folder / HOMES[language] / "index.html").as_uri())
    tab.click(SEARCH)
    tab.fill(SEARCH, ASK[language])
    tab.locator(f"{RESULT}:not([href$='?h='])").first.click()  # not a page of which parts alone were found
    tab.locator("article mark").first.wait_for()
    assert "/copy/" in tab.url and ".html" in tab.url
    complain(tab.url, trouble, "see offline in book/publish/downloads.py")


def test_the_live_pictures_of_the_offline_copy_move(tab: Tab, folder: Path) -> None:
    """Each of them on every page, in one of its languages; nothing is asked for that a folder cannot give."""
    trouble: list[str] = []
    tab.on("pageerror", lambda problem: trouble.append(str(problem)))
    tab.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
    tab.on("requestfailed", lambda request: trouble.append(request.url))
    found = set()
    for own in sorted(folder.rglob("index.html.js")):
        if not Page(f"{own.parent.relative_to(folder).as_posix()}/").is_asked:
            continue
        tab.goto(own.with_suffix("").as_uri())
        for live in tab.locator("[data-widget]").all():
            found.add(live.get_attribute("data-widget"))
            live.scroll_into_view_if_needed()
            if "asked" in (live.get_attribute("class") or ""):
                live.locator("a, img").first.click()
            expect(live).to_have_attribute("data-state", "live", timeout=ANSWER_MILLISECONDS)
    assert {"softmax", "poet", "draw-a-digit", "models-chart", "alignment", "train-here"} <= found
    complain(str(folder), trouble, "see offline in book/publish/downloads.py")


def test_a_thread_of_the_offline_copy_computes(tab: Tab, folder: Path) -> None:
    """A module that imports others, in a worker, with weights that it fetches: a poem is written."""
    tab.goto((folder / "applications" / "poet" / "index.html").as_uri())
    poet = tab.locator("[data-widget=poet]").first
    poet.scroll_into_view_if_needed()
    poet.locator(".widget-button").first.click()
    expect(poet.locator("[role=group] button")).to_have_count(33, timeout=ANSWER_MILLISECONDS)


def test_firefox_moves_them_too(folder: Path, tmp_path: Path) -> None:
    """A thread of its own included."""
    if (program := find()) is None:
        pytest.skip("there is no Firefox; Debian: apt install firefox-esr")
    with started(program, tmp_path) as firefox:
        firefox.goto((folder / "applications" / "poet" / "index.html").as_uri())
        firefox.evaluate("document.querySelector('[data-widget=poet]').scrollIntoView()")
        assert firefox.wait_for("document.querySelectorAll('[data-widget=poet] .widget-button').length")
        firefox.evaluate("document.querySelector('[data-widget=poet] .widget-button').click()")
        assert firefox.wait_for("document.querySelectorAll('[data-widget=poet] [role=group] button').length === 33")


def test_each_link_of_the_offline_copy_names_a_file(folder: Path) -> None:
    dead = []
    for page in folder.rglob("*.html"):
        for target in re.findall(r'<a\b[^>]*?\shref="(?![a-z]+:)([^"#]+)', page.read_text(encoding="utf-8")):
            if not (page.parent / target).is_file():
                dead.append(f"{page.relative_to(folder)}: {target}")
    complain(str(folder), dead, "see for_a_folder in book/publish/downloads.py")


def test_the_epub_holds_the_pages(built: Built, tmp_path: Path) -> None:
    """As XML, with pictures that are there; of the first pages. Its own checker: `java -jar epubcheck.jar FILE`."""
    with zipfile.ZipFile(downloads.epub(Book(built.root), built.folder, "en", tmp_path / "en.epub", 3)) as archive:
        names = set(archive.namelist())
        for name in (each for each in names if each.endswith(".xhtml")):
            whole = ElementTree.fromstring(archive.read(name))
            for element in whole.iter():
                source = element.get("src")
                assert not source or source.startswith("data:") or f"EPUB/{source}" in names, (name, source)
    assert "EPUB/practice-mnist-cnn.xhtml" in names


@pytest.mark.parametrize("language", HOMES)
def test_the_pdf_holds_the_pages(language: str, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each heading, with a bookmark, and each block's first line, and no sheet is empty.

    In the PDF of the site, or in that of three pages, and of some more that leave ever less room on their sheet.
    """
    book = Book(built.root)
    names = downloads.order(book, language)
    file = next(built.folder.glob(f"{downloads.FOLDER}/*-{language}.pdf"), tmp_path / "book.pdf")
    if file.parent == tmp_path:
        names, articles = names[:3], downloads.articles
        monkeypatch.setattr(downloads, "articles", lambda *asked: chain(articles(*asked), filled()))
        with ThreadPoolExecutor(1) as apart:  # a thread has one Playwright
            apart.submit(downloads.pdf, book, built.folder, language, file, len(names)).result()
    assert file.stat().st_size < 40e6
    reader = PdfReader(file)
    sheets = [page.extract_text() for page in reader.pages]
    assert not [number for number, each in enumerate(sheets, 1) if each.strip() in ("", str(number))]
    said = "".join(sheets)
    assert not RADICAL.findall(said)
    text = plain(said)
    bookmarks = {plain(mark) for mark in titles(reader.outline)}
    lost = []
    for name in names:
        html = (place(book, built.folder, language) / Book.address(name) / "index.html").read_text(encoding="utf-8")
        article = BeautifulSoup(html, "lxml").select_one("article")
        assert article
        for left_out in article.select("mjx-container, .headerlink, sup, #downloads"):
            left_out.decompose()
        for heading in article.select("h1, h2, h3"):
            if (said := plain(heading.get_text())) not in text or said not in bookmarks:
                lost.append(f"{name}: {heading.get_text().strip()}")
        for block in read(book, language, name).blocks:
            first = block.code.splitlines()[0].partition("#")[0]
            if plain(first) not in text:
                lost.append(f"{name}: {first}")
    complain(str(file), lost, "see pdf in book/publish/downloads.py")


def filled() -> Iterator[downloads.Article]:
    """Yield pages of ever more height, till the last line of a table no longer fits on the sheet of the first."""
    for height in range(212, 240, 2):
        table = f'<div class="book-table" style="border-width: 5mm"><p style="padding-top: {height}mm">end</p></div>'
        article = f'<article class="md-content__inner md-typeset"><h1>-</h1>{table}</article>'
        yield downloads.Article(f"{height}", "-", BeautifulSoup(article, "html.parser"))


def plain(text: str) -> str:
    """Return what a text says, however it was broken into lines and whichever forms of its letters a font has."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def titles(outline: Any) -> Iterator[str]:
    for each in outline if isinstance(outline, list) else [outline]:
        if isinstance(each, list):
            yield from titles(each)
        else:
            yield str(each.title)
