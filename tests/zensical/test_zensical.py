"""The pages drawn by Zensical, where users of Material go after its end of life, say what those drawn by MkDocs say.

`make zensical` sets up an environment with Zensical and runs this; elsewhere it is skipped.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.etree
import lxml.html
import pytest
import yaml
from bs4 import BeautifulSoup
from bs4.filter import SoupStrainer

from book.core.page import read
from book.core.site import Book, read_yaml
from book.evidence import record
from book.publish import files
from book.publish.build import build, is_current, place
from tests.pages import BOOK, asked_in

ZENSICAL = BOOK.root / ".venv-zensical" / "bin" / "zensical"
BUILD_SECONDS = 600
"""Four builds at once have two cores."""
FIRST, SECOND = BOOK.languages
PAGES = [(asked_in(name), name) for name in BOOK.page_names(FIRST)]
"""Each page in one of its languages, which are drawn alike; both sites are built whole."""


LIMITS: dict[str, tuple[dict[str, dict[str, Any]], str]] = {
    "templates": ({"theme": {"custom_dir": None}}, "undefined value (in 404.html"),
    "language": ({"theme": {"language": "zh"}}, "partials/languages/zh-Hans.html"),
    "alternate": ({"extra": {"alternate": []}}, "bool is not iterable"),
}
"""What has to be set otherwise than in mkdocs.yml, and what Zensical says where it is not.

The book's templates need what the plugin ``book`` hands to them; Zensical has no words for zh-Hans; and the book's
``alternate`` is not a list. CONTRIBUTING says what else does not work.
"""

BESIDE = ("figures", "scripts", "data", "notebooks", "javascripts/words")
"""Folders below ``assets`` that ``book.publish.files`` fills."""

pytestmark = pytest.mark.skipif(
    not ZENSICAL.exists(), reason="Zensical is not set up: make zensical sets it up and runs this"
)


@dataclass(frozen=True)
class Sites:
    """The same pages, drawn by each program of the same records."""

    book: Book
    zensical: Path
    mkdocs: Path

    def files(self, language: str, name: str) -> tuple[Path, Path]:
        """Return a page as each program drew it."""
        file = Path(BOOK.address(name), "index.html")
        return self.zensical / language / file, place(BOOK, self.mkdocs, language) / file


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    """Build every site once, those of Zensical while MkDocs builds: neither needs anything of the other.

    Where ``site`` is what MkDocs would build of what has just been executed, or of the committed records, it is that
    site. Else that of MkDocs is kept, so that a run again builds it only where something changed.
    """
    built, books = BOOK.root / "site", (Book(BOOK.root, BOOK.executed), BOOK)
    book = next((each for each in books if each.records.is_dir() and is_current(each, built)), None)
    both = Sites(book or BOOK, tmp_path_factory.mktemp("zensical"), built if book else BOOK.cache / "zensical")
    for language in BOOK.languages:
        shutil.copytree(BOOK.docs(language), both.zensical / "docs" / language)
    with ThreadPoolExecutor(len(BOOK.languages)) as pool:
        builds = [pool.submit(zensical_build, both.zensical, each, LIMITS, both.book) for each in BOOK.languages]
        if book is None:
            build(BOOK, both.mkdocs, strict=True, views=False)
    for language, ended in zip(BOOK.languages, builds, strict=True):
        assert ended.result().returncode == 0, ended.result().stdout + ended.result().stderr
        files.finish(both.book, language, both.zensical / language)
    return both


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """A folder with the pages of the first language, each of them only a headline: for what stops any build."""
    for name in BOOK.page_names(FIRST):
        page = tmp_path / "docs" / FIRST / f"{name}.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(f"# {name}\n", encoding="utf-8")
    return tmp_path


def zensical_build(
    folder: Path, language: str, limits: Iterable[str], book: Book = BOOK, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Build one language's pages, which lie in ``folder``, into a folder of that name in it.

    The package is found through PYTHONPATH: what it imports is all that Zensical's environment holds besides.
    """
    for each in BOOK.languages:
        shutil.copy(BOOK.config_file(each), folder)
    shutil.copytree(BOOK.root / "theme", folder / "theme", dirs_exist_ok=True)
    config: dict[str, Any] = {"INHERIT": BOOK.config_file(language).name, "site_dir": language, "theme": {}, **options}
    config["markdown_extensions"] = {"book.draw.extension": {"base": files.ROOT, "records": str(book.records)}}
    for limit in limits:
        for key, value in LIMITS[limit][0].items():
            config[key] = {**config.get(key, {}), **value}
    if language != FIRST:
        config["theme"].pop("language", None)
    (folder / f"{language}.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return subprocess.run(
        [ZENSICAL, "build", "--clean", "--strict", "--config-file", folder / f"{language}.yml"],
        cwd=BOOK.root,
        env={**os.environ, "PYTHONPATH": str(BOOK.root)},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )


def content(page: Path) -> Any:
    """Return what a page says, without what only one of the programs can know.

    Zensical passes over the plugin ``book``, which leads to the other forms of a page; the section below the title is
    drawn by the theme's templates, which it cannot read yet; and its search takes ``data-search-exclude`` away. What
    `make downloads` fills is a comment in one of them.
    """
    (article,) = lxml.html.document_fromstring(page.read_text(encoding="utf-8")).xpath("//article")
    for image in article.iter("img"):
        image.set("src", hashlib.sha256((page.parent / unquote(image.get("src"))).read_bytes()).hexdigest())
    for extra in article.xpath(".//*[@id='__skip']"):
        extra.drop_tree()
    for name in ("book-forms", "book-section"):
        for extra in article.find_class(name):
            extra.drop_tree()
    for comment in [each for each in article.iter(lxml.etree.Comment) if each.text == " downloads "]:
        comment.drop_tree()
    for table in article.find_class("book-table"):
        table.attrib.pop("data-search-exclude", None)
    return article


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_a_page_says_the_same(sites: Sites, language: str, name: str) -> None:
    zensical, mkdocs = (list(lines(content(page))) for page in sites.files(language, name))
    assert zensical == mkdocs


def lines(element: Any) -> Iterator[str]:
    """Yield the content's HTML: each tag, and each line of the text between them."""
    is_element = isinstance(element.tag, str)
    yield f"<{element.tag} {dict(element.attrib)}>" if is_element else "<!--"
    yield from text_lines(element.text)
    for child in element:
        yield from lines(child)
        yield from text_lines(child.tail)
    yield f"</{element.tag}>" if is_element else "-->"


def text_lines(text: str | None) -> Iterator[str]:
    yield from filter(None, map(str.strip, (text or "").splitlines()))


@pytest.mark.parametrize(("language", "name"), [(each, name) for each, name in PAGES if read(BOOK, each, name).blocks])
def test_the_evidence_stands_on_the_page(sites: Sites, language: str, name: str) -> None:
    """Each block with the seconds, outputs, figures and badge of its record; the values that the page computes."""
    drawn_page, _ = sites.files(language, name)
    article = BeautifulSoup(drawn_page.read_text("utf-8"), "lxml", parse_only=SoupStrainer("article"))
    page = read(BOOK, language, name)
    drawn = article.select("div.block")
    assert [block["data-block"] for block in drawn] == [block.name for block in page.blocks]
    figures = Counter(figure["data-block"] for figure in article.select(".block-figure[data-block]"))
    for block in drawn:
        kept = record.load(sites.book, str(block["data-block"]))
        assert kept is not None
        shown = [output.get_text() for output in block.select(".block-output pre")]
        assert shown == [text for output in kept.result.outputs if (text := text_of(output))]
        assert block["data-seconds"] == f"{kept.result.seconds:g}"
        (badge,) = block.select(".block-badge")
        assert kept.circumstances.date in badge.get_text() and kept.name in badge.get_text()
        assert figures[kept.name] == len(kept.result.figures)
    values = {value["data-value"] for value in article.select(".value:not(.value-missing)")}
    assert values and values <= {value.expression for value in page.values}


def text_of(output: Mapping[str, Any]) -> str:
    """Return an output in notebook format as text; nothing where it is a figure or HTML."""
    data = output.get("data", {})
    return str(output.get("text", "" if "text/html" in data else data.get("text/plain", ""))).rstrip("\n")


# When one of these fails Zensical, or the book, has come further: take the limit from here and from CONTRIBUTING.


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_still_there(limit: str, stubs: Path) -> None:
    built = zensical_build(stubs, FIRST, LIMITS.keys() - {limit})
    assert built.returncode != 0 and LIMITS[limit][1] in built.stderr


def test_nothing_else_stops_a_build(stubs: Path) -> None:
    built = zensical_build(stubs, FIRST, LIMITS)
    assert built.returncode == 0, built.stderr


def test_two_configurations_still_have_their_lists_joined(sites: Sites) -> None:
    page = BeautifulSoup((sites.zensical / SECOND / "index.html").read_text(encoding="utf-8"), "html.parser")
    shown = {link.get_text(strip=True) for link in page.select(".md-nav__link")}
    for language in BOOK.languages:
        assert shown >= {title for entry in read_yaml(BOOK.config_file(language))["nav"] for title in entry}
    colors = read_yaml(BOOK.config_file(FIRST))["theme"]["palette"]
    assert len(page.select("input[name=__palette]")) == 2 * len(colors)


@pytest.mark.parametrize("language", BOOK.languages)
def test_what_lies_beside_the_pages_is_the_same(sites: Sites, language: str) -> None:
    """Pictures, scripts, data, notebooks, words; and each page says what it may fetch."""
    theirs, ours = sites.zensical / language, place(BOOK, sites.mkdocs, language)
    for folder in BESIDE:
        beside = [file for file in (ours / "assets" / folder).rglob("*") if file.is_file()]
        other = [file for file in beside if (theirs / file.relative_to(ours)).read_bytes() != file.read_bytes()]
        assert beside and other == []
    open_pages = [file for file in theirs.rglob("*.html") if "Content-Security-Policy" not in file.read_text("utf-8")]
    assert open_pages == []


def test_plugins_are_still_passed_over(sites: Sites) -> None:
    page = BeautifulSoup((sites.zensical / FIRST / "practice/mnist-cnn/index.html").read_text("utf-8"), "html.parser")
    assert not page.select(".book-forms")


def test_a_strict_build_still_misses_a_picture_and_a_value(stubs: Path) -> None:
    page = stubs / "docs" / FIRST / "index.md"
    page.write_text("# A\n\n![A](nowhere.png)\n\n{{ nothing }}\n", encoding="utf-8")
    assert zensical_build(stubs, FIRST, LIMITS).returncode == 0
    page.write_text("# A\n\n[A](nowhere.md)\n", encoding="utf-8")
    assert zensical_build(stubs, FIRST, LIMITS).returncode != 0


@pytest.mark.parametrize("option", ["docs_dir", "site_dir"])
def test_a_folder_elsewhere_is_still_refused(
    option: str, stubs: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    options: dict[str, Any] = {option: str(elsewhere)}
    built = zensical_build(stubs, FIRST, LIMITS, **options)
    assert built.returncode != 0 and f"{option} must be within project root" in built.stderr
