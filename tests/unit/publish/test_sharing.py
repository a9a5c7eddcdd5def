"""What the site says of itself to other hosts: cards, linked data, a feed of changes, an icon, robots.txt."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from PIL import Image

from book.core import store
from book.core.page import read
from book.core.site import Book
from book.evidence import record
from book.publish import sharing
from book.publish.build import build
from tests.unit.publish.test_build import NOW
from tests.unit.second_book import write

ADDRESS = "https://example.org/book/"
ATOM = {"": "http://www.w3.org/2005/Atom"}
FIGURE = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="400pt" height="200pt" viewBox="0 0 400 200">'
    '<clipPath id="axes"><rect width="400" height="200"/></clipPath>'
    '<path d="M -37259.6 0 L 400 0 L 400 200 L -37259.6 200 z" clip-path="url(#axes)" fill="#ff0000"/></svg>'
)
"""A bar that begins far outside, as on a logarithmic axis."""
TRAP = 'Zahlen </script><b> & "mehr"'


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The second book, whose second block drew a red box, with two changes; in this book's theme."""
    book = write(root := tmp_path_factory.mktemp("shared"))
    with (root / "book.toml").open("a", encoding="utf-8") as out:
        out.write(
            '\n[sharing]\nauthor = "Wir & Co"\nlicense = "https://example.org/license"\nchanges = "changes.csv"\n'
        )
    (book.data / "changes.csv").write_text(
        "date,page,de,fr\n2026-01-01,part/mean,Neu <b>,Nouveau\n2999-01-01,index,Später,\n", encoding="utf-8"
    )
    for config in (root / "mkdocs.yml", root / "mkdocs.fr.yml"):
        told = config.read_text(encoding="utf-8")
        config.write_text(told.replace("font: false", "font: false, favicon: assets/images/favicon.svg"), "utf-8")
    page = book.page_file("de", "part/mean")
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("description: Der Mittelwert", f"description: '{TRAP}'"), encoding="utf-8")
    for block in read(book, "de", "part/mean").blocks:
        figures = {"cpu-1-x.svg": FIGURE.encode()} if "plt" in block.code else {}
        outputs = [{"output_type": "display_data", "data": {"figure": name}, "metadata": {}} for name in figures]
        variables = {} if figures else {"mean": 6.0}
        result = record.Result(outputs, 0.1, 1, variables, figures)
        record.save(book, [record.Record(block.name, block.page, block.index, "cpu", NOW, result)])
    shutil.copy(Book().root / "package.json", root)
    shutil.copytree(Book().root / "theme", root / "theme", dirs_exist_ok=True)
    return book


@pytest.fixture(scope="module")
def site(book: Book) -> Path:
    with chdir(book.root):
        build(book, book.root / "site", strict=False, site_url=ADDRESS, views=False)
    return book.root / "site"


def head(site: Path, address: str) -> BeautifulSoup:
    return BeautifulSoup((site / address / "index.html").read_text(encoding="utf-8"), "html.parser")


def said(site: Path, address: str, name: str) -> str:
    (found,) = head(site, address).select(f'meta[property="{name}"], meta[name="{name}"]')
    return str(found["content"])


def at(site: Path, address: str) -> Image.Image:
    return Image.open(BytesIO((site / address.removeprefix(ADDRESS)).read_bytes())).convert("RGB")


def test_a_card_shows_the_first_figure_of_its_page(site: Path):
    """On the paper of the book, whole, and the same in both languages; a page without a figure has the book's."""
    own, book_card = said(site, "part/mean", "og:image"), said(site, "", "og:image")
    assert own == said(site, "fr/part/mean", "og:image") != book_card == said(site, "fr", "og:image")
    assert said(site, "part/mean", "twitter:card") == "summary_large_image"
    card = at(site, own)
    assert card.size == (1200, 630) and card.getpixel((600, 315)) == (255, 0, 0)
    assert [card.getpixel(place) for place in ((5, 5), (1195, 625), (600, 10))] == [(253, 252, 249)] * 3
    assert len(at(site, book_card).getcolors(100_000) or ()) > 1  # the icon, at least
    assert not (site / "fr" / "assets" / "cards").exists()


def test_the_icon_is_drawn_of_the_favicon(site: Path):
    (link,) = head(site, "fr/part/mean").select("link[rel=apple-touch-icon]")
    icon = Image.open((site / "fr/part/mean" / str(link["href"])).resolve()).convert("RGB")
    assert icon.size == (180, 180) and icon.getpixel((2, 2)) == (253, 252, 249)
    assert len(icon.getcolors(100_000) or ()) > 1


def test_what_is_drawn_is_kept(book: Book, site: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> dict[str, str]:
        raise AssertionError("drawn again")

    monkeypatch.setattr(sharing, "_rasterized", refuse)
    favicon = book.root / "theme" / "assets" / "images" / "favicon.svg"
    again = dict(sharing.pictures(book, favicon))
    assert len(again) == 3 and all((site / name).read_bytes() == content for name, content in again.items())
    other = book.root / "other.svg"
    other.write_text(FIGURE, encoding="utf-8")
    with pytest.raises(AssertionError, match="drawn again"):
        dict(sharing.pictures(book, other))


def test_a_page_describes_itself(site: Path):
    """In its language, with author, license, and the day of its newest record or change; no text ends the script."""
    (element,) = head(site, "part/mean").select('script[type="application/ld+json"]')
    data = json.loads(str(element.string))
    assert data["description"] == TRAP and data["inLanguage"] == "de" and "LearningResource" in data["@type"]
    assert data["name"] == "Der Mittelwert" and data["url"] == f"{ADDRESS}part/mean/"
    assert data["author"]["name"] == "Wir & Co" and data["license"] == "https://example.org/license"
    assert data["dateModified"] == NOW.date > "2026-01-01" and data["timeRequired"] == "PT1M"
    assert data["image"] == said(site, "part/mean", "og:image")
    (element,) = head(site, "fr").select('script[type="application/ld+json"]')
    assert json.loads(str(element.string))["dateModified"] == "2999-01-01"


def test_the_feed_tells_the_changes(site: Path):
    """Newest first, in its language; what is not said in it is left out."""
    titles = {"": ["Kleine Statistik", "Der Mittelwert"], "fr/": ["La moyenne"]}
    for path, expected in titles.items():
        feed = ElementTree.parse(site / path / "feed.xml")
        assert [entry.findtext("title", "", ATOM) for entry in feed.iterfind("entry", ATOM)] == expected
        assert feed.findtext("id", "", ATOM) == f"{ADDRESS}{path}"
        assert [str(link.get("href")) for link in feed.iterfind("entry/link", ATOM)][-1] == f"{ADDRESS}{path}part/mean/"
        (link,) = head(site, f"{path}part/mean").select('link[type="application/atom+xml"]')
        assert (site / path / "part" / "mean" / str(link["href"])).resolve() == site / path / "feed.xml"
    (summary,) = [text for text in feed_texts(site / "feed.xml") if "Neu" in text]
    assert summary == "Neu <b>"


def feed_texts(file: Path) -> list[str]:
    return [entry.findtext("summary", "", ATOM) for entry in ElementTree.parse(file).iterfind("entry", ATOM)]


def test_robots_are_led_to_the_sitemap(site: Path):
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8").splitlines()
    assert not (site / "fr" / "robots.txt").exists()


def test_without_an_address_nothing_is_drawn(book: Book, tmp_path: Path):
    with chdir(book.root):
        build(book, book.root / "site-here", strict=False, site_url="http://127.0.0.1:8000/", views=False)
    here = book.root / "site-here"
    for name in ("robots.txt", "feed.xml", "assets/cards", sharing.ICON):
        assert not (here / name).exists()
    assert not head(here, "").select('meta[property="og:image"]')


def test_the_changes_of_this_book_are_told_in_both_languages():
    book = Book()
    with store.steady():
        for language in book.languages:
            assert sharing.feed(book, language, "https://example.org/").count("<entry>") >= 30
