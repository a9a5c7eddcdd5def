"""The views of the notebooks on the built site: light, quiet, the same text as their pages, and they lead somewhere.

Each page in one of its languages: what draws them knows of none.
"""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

from book.core.page import read
from book.core.site import Book
from book.notebook import twin as notebook
from book.publish.build import place
from tests.browser.built import Built
from tests.pages import BOOK, IN_TURN, every_page

_NUMBER = re.compile(r"[-−]?\d[\d.,]*(e[-+]?\d+)?")
each_in_one_language = partial(every_page, pages=IN_TURN)


@pytest.fixture(scope="module")
def site(built: Built) -> Path:
    return built.folder


def html_of(site: Path, language: str, address: str) -> str:
    return (place(BOOK, site, language) / address / "index.html").read_text(encoding="utf-8")


def view(site: Path, language: str, name: str) -> str:
    return html_of(site, language, Book.address(f"notebooks/{name}"))


@cache
def article(page: str) -> BeautifulSoup:
    """Parse what a page says; the tests share it, so they must not change it."""
    return BeautifulSoup(re.sub(r"(?s)^.*(<article\b.*</article>).*$", r"\1", page), "html.parser")


def _cells(text: str) -> list[tuple[str, str, str]]:
    """Return what the cells of a notebook hold, whichever run its site was made of: with a sign for each number."""
    cells = nbformat.reads(text, as_version=4).cells
    return [
        (cell.id, cell.cell_type, cell.source if cell.cell_type == "code" else _NUMBER.sub("#", cell.source))
        for cell in cells
    ]


@each_in_one_language
def test_the_notebook_can_be_downloaded_from_the_page(language: str, name: str, site: Path):
    page = read(BOOK, language, name)
    (row,) = article(html_of(site, language, Book.address(name))).select(".book-forms")
    download, shown = row.select("a")
    assert "download" in download.attrs
    base = place(BOOK, site, language) / Book.address(name)
    assert _cells((base / str(download["href"])).read_text("utf-8")) == _cells(
        notebook.encode(notebook.twin(BOOK, page)).decode()
    )
    assert (
        (base / str(shown["href"]) / "index.html")
        .resolve()
        .samefile(place(BOOK, site, language) / Book.address(f"notebooks/{name}") / "index.html")
    )
    words = BOOK.words(language, "notebook")
    assert [download.text, shown.text] == [words["download"], words["view"]]


@each_in_one_language
def test_the_style_of_the_views_stands_in_one_file(language: str, name: str, site: Path):
    page = view(site, language, name)
    assert not article(page).select("style, script")
    assert not re.search(r"""<script[^>]*\ssrc\s*=\s*(""|''|[\s>])""", page)
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    (own,) = [sheet for sheet in sheets if sheet.endswith("notebook.css")]
    file = (place(BOOK, site, language) / Book.address(f"notebooks/{name}") / own).resolve()
    assert file.stat().st_size < 10_000
    assert "jp-" not in page.partition("<body")[0]


@each_in_one_language
def test_views_ask_no_other_host_and_lead_somewhere(language: str, name: str, site: Path):
    page, base = view(site, language, name), place(BOOK, site, language) / Book.address(f"notebooks/{name}")
    soup = BeautifulSoup(page, "html.parser")
    loaded = [str(tag["src"]) for tag in soup.select("[src]")]
    loaded += [str(tag["href"]) for tag in soup.select("link[rel~=stylesheet], link[rel~=icon]")]
    assert loaded and not [address for address in loaded if urlsplit(address).scheme]
    places = {str(tag["id"]) for tag in soup.select("[id]")}
    for link in (*loaded, *(str(tag["href"]) for tag in article(page).select("a[href]"))):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        if parts.path:
            target = (base / unquote(parts.path)).resolve()
            assert target.is_relative_to(site.resolve()) and target.exists(), link
        elif parts.fragment:
            assert unquote(parts.fragment) in places, link


@each_in_one_language
def test_views_are_out_of_search_sitemap_and_navigation(language: str, name: str, site: Path):
    folder = place(BOOK, site, language)
    index = json.loads((folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert not [entry for entry in index["docs"] if entry["location"].startswith("notebooks")]
    words = BOOK.words(language, "notebook")
    assert not [entry for entry in index["docs"] if words["download"] in entry["text"].replace("\u200b", "")]
    assert "/notebooks/" not in (folder / "sitemap.xml").read_text(encoding="utf-8")
    page = view(site, language, name)
    assert '<meta name="robots" content="noindex">' in page and 'rel="canonical"' not in page
    navigation = BeautifulSoup(html_of(site, language, ""), "html.parser").select("nav.md-nav a[href]")
    assert navigation and not [link for link in navigation if "notebooks/" in str(link["href"])]


@each_in_one_language
def test_views_show_figures_and_formulas_as_the_page_does(language: str, name: str, site: Path):
    page, shown = article(html_of(site, language, Book.address(name))), article(view(site, language, name))
    files = [
        [
            str(image["src"]).rpartition("/")[2] + str(image["alt"])
            for image in soup.select(
                'img[src*="assets/figures/"]:not(.book-picture > img)'
            )  # these adorn the page alone
        ]
        for soup in (page, shown)
    ]
    assert files[0] == files[1]
    typeset = [[str(tag["data-tex"]) for tag in soup.select(".arithmatex[data-tex]")] for soup in (page, shown)]
    assert [" ".join(tex.split()) for tex in typeset[0]] == typeset[1]
    drawings = [[str(svg.get("aria-label")) for svg in soup.select("svg[aria-label]")] for soup in (page, shown)]
    assert drawings[0] == drawings[1]
    assert not shown.select("book-formula, book-drawing") and 'src="data:' not in shown.decode()


@each_in_one_language
def test_view_and_page_are_the_same_text(language: str, name: str, site: Path):
    page, shown = (
        copy.copy(article(html_of(site, language, Book.address(each)))) for each in (name, f"notebooks/{name}")
    )
    codes = [[tag.get_text().strip() for tag in soup.select(where)] for soup, where in (
        (page, ".block > .highlight code"), (shown, ".jp-InputArea-editor code"))]  # fmt: skip
    assert codes[0] == codes[1] == [block.cell.strip() for block in read(BOOK, language, name).blocks]
    results = [[tag.get_text().strip() for tag in soup.select(where)] for soup, where in (
        (page, ".block-output pre"), (shown, ".jp-OutputArea-output pre"))]  # fmt: skip
    assert results[0] == results[1]
    for tag in page.select(
        ".block > .highlight, .block-output, .block-html, .block-badge, .block-long, .block-warning, "
        ".equation-unchecked, .whole-script, .archive, .headerlink, .figure-words"
    ):
        tag.decompose()
    shown.select(".jp-MarkdownCell")[-1].decompose()
    for tag in shown.select('.jp-CodeCell, p:has(> a[href*="assets/scripts/"])'):
        tag.decompose()
    counts = []
    for soup in (page, shown):
        for tag in soup.select(".book-forms, .book-section, script, style"):
            tag.decompose()
        counts.append(Counter(re.findall(r"[一-鿿]|[A-Za-z]+|\d+", soup.get_text(" "))))
    assert counts[0] - counts[1] == counts[1] - counts[0] == Counter()


@each_in_one_language
def test_headings_keep_their_ids(language: str, name: str, site: Path):
    page, shown = article(html_of(site, language, Book.address(name))), article(view(site, language, name))
    ids = [[str(heading.get("id")) for heading in soup.select("h1, h2, h3, h4")] for soup in (page, shown)]
    assert ids[0] == ids[1]
    everything = [str(tag["id"]) for tag in shown.select("[id]")]
    assert len(everything) == len(set(everything))


def test_views_lead_back_and_to_the_other_language(site: Path):
    shown = view(site, "zh", "practice/mnist-cnn")
    (row,) = article(shown).select(".book-forms")
    assert [str(link["href"]) for link in row.select("a")] == [
        "../../../practice/mnist-cnn/",
        "../../../assets/notebooks/practice/mnist-cnn.ipynb",
    ]
    assert 'href="../../../en/notebooks/practice/mnist-cnn/"' in shown
