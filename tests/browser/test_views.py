"""The views of the notebooks on the built site: light, quiet, the same text as their pages, and they lead somewhere.

Each page in one of its languages: what draws them knows of none. Page and view are parsed once for all that is asked of
them, which is nearly all the time that this takes; no test may change them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

from book.core.page import Page, read
from book.core.site import Book
from book.notebook import twin as notebook
from book.publish.build import place
from tests.browser.built import Built
from tests.pages import BOOK, IN_TURN

_NUMBER = re.compile(r"[-−]?\d[\d.,]*(e[-+]?\d+)?")


@dataclass(frozen=True)
class Drawn:
    """A page of the site, or the view of a notebook."""

    folder: Path

    @cached_property
    def html(self) -> str:
        """The whole file."""
        return (self.folder / "index.html").read_text(encoding="utf-8")

    @cached_property
    def parts(self) -> tuple[str, str, str]:
        """What stands above the article, the article, and what stands below it."""
        begin, end = re.search(r"<article\b", self.html), self.html.rindex("</article>") + len("</article>")
        assert begin
        return self.html[: begin.start()], self.html[begin.start() : end], self.html[end:]

    @cached_property
    def article(self) -> BeautifulSoup:
        """What it says."""
        return BeautifulSoup(self.parts[1], "lxml")

    @cached_property
    def around(self) -> BeautifulSoup:
        """What stands around that: head, navigation, footer."""
        return BeautifulSoup(self.parts[0] + self.parts[2], "lxml")


@dataclass(frozen=True)
class Pair:
    """A page that has blocks, and the view of its notebook."""

    language: str
    name: str
    site: Path
    """Where the site of the language lies."""

    @cached_property
    def source(self) -> Page:
        return read(BOOK, self.language, self.name)

    @cached_property
    def page(self) -> Drawn:
        return Drawn(self.site / Book.address(self.name))

    @cached_property
    def view(self) -> Drawn:
        return Drawn(self.site / Book.address(f"notebooks/{self.name}"))

    @property
    def articles(self) -> tuple[BeautifulSoup, BeautifulSoup]:
        return self.page.article, self.view.article


@pytest.fixture(scope="module", params=IN_TURN, ids=lambda each: f"{each[0]}/{each[1]}")
def pair(request: pytest.FixtureRequest, built: Built) -> Pair:
    """Each page in turn: pytest asks everything of one before it comes to the next."""
    language, name = request.param
    return Pair(language, name, place(BOOK, built.folder, language))


def _cells(text: str) -> list[tuple[str, str, str]]:
    """Return what the cells of a notebook hold, whichever run its site was made of: with a sign for each number."""
    cells = nbformat.reads(text, as_version=4).cells
    return [
        (cell.id, cell.cell_type, cell.source if cell.cell_type == "code" else _NUMBER.sub("#", cell.source))
        for cell in cells
    ]


def test_the_notebook_can_be_downloaded_from_the_page(pair: Pair):
    (row,) = pair.page.article.select(".book-forms")
    download, shown = row.select("a")
    assert "download" in download.attrs
    base = pair.page.folder
    assert _cells((base / str(download["href"])).read_text("utf-8")) == _cells(
        notebook.encode(notebook.twin(BOOK, pair.source)).decode()
    )
    assert (base / str(shown["href"]) / "index.html").resolve().samefile(pair.view.folder / "index.html")
    words = BOOK.words(pair.language, "notebook")
    assert [download.text, shown.text] == [words["download"], words["view"]]


def test_the_style_of_the_views_stands_in_one_file(pair: Pair):
    page = pair.view.html
    assert not pair.view.article.select("style, script")
    assert not re.search(r"""<script[^>]*\ssrc\s*=\s*(""|''|[\s>])""", page)
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    (own,) = [sheet for sheet in sheets if sheet.endswith("notebook.css")]
    assert (pair.view.folder / own).resolve().stat().st_size < 10_000
    assert "jp-" not in page.partition("<body")[0]


def test_views_ask_no_other_host_and_lead_somewhere(pair: Pair, built: Built):
    base, whole = pair.view.folder, (pair.view.around, pair.view.article)
    loaded = [str(tag["src"]) for soup in whole for tag in soup.select("[src]")]
    loaded += [str(tag["href"]) for soup in whole for tag in soup.select("link[rel~=stylesheet], link[rel~=icon]")]
    assert loaded and not [address for address in loaded if urlsplit(address).scheme]
    places = {str(tag["id"]) for soup in whole for tag in soup.select("[id]")}
    for link in (*loaded, *(str(tag["href"]) for tag in pair.view.article.select("a[href]"))):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        if parts.path:
            target = (base / unquote(parts.path)).resolve()
            assert target.is_relative_to(built.folder) and target.exists(), link
        elif parts.fragment:
            assert unquote(parts.fragment) in places, link


@cache
def found_by_search(site: Path) -> list[dict[str, str]]:
    entries: list[dict[str, str]] = json.loads((site / "search" / "search_index.json").read_text("utf-8"))["docs"]
    return entries


@cache
def navigation(site: Path) -> list[str]:
    return [str(link["href"]) for link in Drawn(site).around.select("nav.md-nav a[href]")]


def test_views_are_out_of_search_sitemap_and_navigation(pair: Pair):
    entries, words = found_by_search(pair.site), BOOK.words(pair.language, "notebook")
    assert entries and not [entry for entry in entries if entry["location"].startswith("notebooks")]
    assert not [entry for entry in entries if words["download"] in entry["text"].replace("\u200b", "")]
    assert "/notebooks/" not in (pair.site / "sitemap.xml").read_text(encoding="utf-8")
    assert '<meta name="robots" content="noindex">' in pair.view.html and 'rel="canonical"' not in pair.view.html
    links = navigation(pair.site)
    assert links and not [link for link in links if "notebooks/" in link]


def test_views_show_figures_and_formulas_as_the_page_does(pair: Pair):
    files = [
        [
            str(image["src"]).rpartition("/")[2] + str(image["alt"])
            for image in soup.select(
                'img[src*="assets/figures/"]:not(.book-picture > img)'
            )  # these adorn the page alone
        ]
        for soup in pair.articles
    ]
    assert files[0] == files[1]
    typeset = [[str(tag["data-tex"]) for tag in soup.select(".arithmatex[data-tex]")] for soup in pair.articles]
    assert [" ".join(tex.split()) for tex in typeset[0]] == typeset[1]
    drawings = [[str(svg.get("aria-label")) for svg in soup.select("svg[aria-label]")] for soup in pair.articles]
    assert drawings[0] == drawings[1]
    assert not pair.view.article.select("book-formula, book-drawing, [src^='data:']")


ONLY_ON_THE_PAGE = (
    ".block > .highlight, .block-output, .block-html, .block-badge, .block-long, .block-warning, "
    ".equation-unchecked, .whole-script, .archive, .headerlink, .figure-words"
)
ONLY_ON_THE_VIEW = '.jp-CodeCell, p:has(> a[href*="assets/scripts/"])'
ON_NEITHER = ".book-forms, .book-section, script, style"


def said(tag: Tag, left_out: frozenset[int]) -> Iterator[str]:
    """Yield the text below a tag, but for that of some tags."""
    for child in tag.children:
        if isinstance(child, Tag):
            if id(child) not in left_out:
                yield from said(child, left_out)
        elif type(child) is NavigableString:  # no comment
            yield child


def test_view_and_page_are_the_same_text(pair: Pair):
    codes = [[tag.get_text().strip() for tag in soup.select(where)] for soup, where in zip(
        pair.articles, (".block > .highlight code", ".jp-InputArea-editor code"), strict=True)]  # fmt: skip
    assert codes[0] == codes[1] == [block.cell.strip() for block in pair.source.blocks]
    results = [[tag.get_text().strip() for tag in soup.select(where)] for soup, where in zip(
        pair.articles, (".block-output pre", ".jp-OutputArea-output pre"), strict=True)]  # fmt: skip
    assert results[0] == results[1]
    page, shown = pair.articles
    about_the_notebook = shown.select(".jp-MarkdownCell")[-1]

    def count(soup: BeautifulSoup, left_out: Iterable[Tag]) -> Counter[str]:
        text = " ".join(said(soup, frozenset(map(id, left_out))))
        return Counter(re.findall(r"[一-鿿]|[A-Za-z]+|\d+", text))

    here = count(page, page.select(f"{ONLY_ON_THE_PAGE}, {ON_NEITHER}"))
    there = count(shown, [*shown.select(f"{ONLY_ON_THE_VIEW}, {ON_NEITHER}"), about_the_notebook])
    assert here - there == there - here == Counter()


def test_headings_keep_their_ids(pair: Pair):
    ids = [[str(heading.get("id")) for heading in soup.select("h1, h2, h3, h4")] for soup in pair.articles]
    assert ids[0] == ids[1]
    everything = [str(tag["id"]) for tag in pair.view.article.select("[id]")]
    assert len(everything) == len(set(everything))


def test_views_lead_back_and_to_the_other_language(built: Built):
    shown = Pair("zh", "practice/mnist-cnn", place(BOOK, built.folder, "zh")).view
    (row,) = shown.article.select(".book-forms")
    assert [str(link["href"]) for link in row.select("a")] == [
        "../../../practice/mnist-cnn/",
        "../../../assets/notebooks/practice/mnist-cnn.ipynb",
    ]
    assert 'href="../../../en/notebooks/practice/mnist-cnn/"' in shown.html
