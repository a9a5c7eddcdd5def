"""What readers take along: the offline copy is searched from a folder, the EPUB is XML, the PDF has bookmarks."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page as Tab

from book.core.site import Book
from book.publish import downloads
from tests.browser.built import Built
from tests.browser.conftest import complain
from tests.browser.test_site import HOMES, RESULT, SEARCH

ASK = {"zh": "学习率", "en": "convolution"}


@pytest.fixture(scope="module")
def folder(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("offline")
    with zipfile.ZipFile(downloads.offline(Book(built.root), built.folder, place / "copy.zip")) as archive:
        archive.extractall(place)
    yield place / "copy"


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


def test_the_pdf_is_a_document_with_bookmarks(built: Built, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as apart:  # a thread has one Playwright
        made = apart.submit(downloads.pdf, Book(built.root), built.folder, "en", tmp_path / "en.pdf", 2)
        file = made.result().read_bytes()
    assert file.startswith(b"%PDF-") and b"/Outlines" in file and len(file) < 40e6
