"""The pages drawn by Zensical, where users of Material go after its end of life, say what those drawn by MkDocs say.

`make zensical` sets up an environment with Zensical and runs this; elsewhere it is skipped.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from book.core.page import read
from book.core.site import Book
from book.evidence import record
from book.publish.build import build_one

BOOK = Book()
ZENSICAL = BOOK.root / ".venv-zensical" / "bin" / "zensical"
BUILD_SECONDS = 120
PAGES = [(language, name) for language in Book().languages for name in BOOK.page_names(language)]

LIMITS: dict[str, tuple[dict[str, dict[str, Any]], str]] = {
    "templates": ({"theme": {"custom_dir": None}}, "unknown method"),
    "language": ({"theme": {"language": "zh"}}, "partials/languages/zh-Hans.html"),
    "alternate": ({"extra": {"alternate": []}}, "bool is not iterable"),
}
"""What has to be set otherwise than in mkdocs.yml, and what Zensical says where it is not.

The book's templates call methods of Python's strings, which Zensical's lack; it has no words for zh-Hans; and the
book's ``alternate`` is not a list. CONTRIBUTING says what else does not work.
"""

pytestmark = pytest.mark.skipif(
    not ZENSICAL.exists(), reason="Zensical is not set up: make zensical sets it up and runs this"
)


@dataclass(frozen=True)
class Sites:
    """The same pages, drawn by each program."""

    zensical: Path
    mkdocs: Path

    def articles(self, language: str, name: str) -> tuple[Tag, Tag]:
        """Return a page's content as each program drew it."""
        place = Path(language, Book.address(name), "index.html")
        return content(self.zensical / place), content(self.mkdocs / place)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Sites:
    both = Sites(tmp_path_factory.mktemp("zensical"), tmp_path_factory.mktemp("mkdocs"))
    for language in Book().languages:
        built = zensical_build(both.zensical, language, LIMITS)
        assert built.returncode == 0, built.stdout + built.stderr
        build_one(BOOK, language, both.mkdocs / language, strict=True, site_url=None)
    return both


def zensical_build(folder: Path, language: str, limits: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Build one language into a folder of that name, from copies of its pages: Zensical wants them near its output."""
    shutil.copytree(BOOK.docs(language), folder / "docs" / language, dirs_exist_ok=True)
    for each in Book().languages:
        shutil.copy(BOOK.config_file(each), folder)
    shutil.copytree(BOOK.root / "theme", folder / "theme", dirs_exist_ok=True)
    config: dict[str, Any] = {"INHERIT": BOOK.config_file(language).name, "site_dir": language, "theme": {}}
    for limit in limits:
        for key, value in LIMITS[limit][0].items():
            config[key] = {**config.get(key, {}), **value}
    if language != Book().languages[0]:
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


def content(page: Path) -> Tag:
    """Return what a page says, without what only one of the programs can know.

    Zensical passes over the plugin ``book``, which tells the renderer where on the site the page lies. So pictures
    are in the page itself there, and nothing links to scripts, notebooks, the results of long runs, other pages'
    blocks, or the sorting of tables.
    """
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("article")
    assert isinstance(article, Tag), f"{page} has no article"
    for image in article.find_all("img"):
        image["src"] = hashlib.sha256(picture(page, str(image["src"]))).hexdigest()
    for extra in article.select("#__skip, p:has(> .script-download), .book-forms, script[src]"):
        extra.decompose()
    for link in article.select(".book-table a, .block-long a"):
        link.unwrap()
    for table in article.select(".book-table"):
        del table["data-search-exclude"]
    article.smooth()
    return article


def picture(page: Path, source: str) -> bytes:
    """Return a picture that stands in a page, or beside it."""
    if source.startswith("data:"):
        return base64.b64decode(source.partition(",")[2])
    return (page.parent / source).read_bytes()


@pytest.mark.parametrize(("language", "name"), PAGES)
def test_a_page_says_the_same(sites: Sites, language: str, name: str) -> None:
    zensical, mkdocs = sites.articles(language, name)
    assert lines(zensical) == lines(mkdocs)


def lines(article: Tag) -> list[str]:
    """Return the content's HTML, one element a line."""
    return [line.strip() for line in article.prettify().splitlines() if line.strip()]


@pytest.mark.parametrize(("language", "name"), [(each, name) for each, name in PAGES if read(BOOK, each, name).blocks])
def test_the_evidence_stands_on_the_page(sites: Sites, language: str, name: str) -> None:
    """Each block with the seconds, outputs, figures and badge of its record; the values that the page computes."""
    article, _ = sites.articles(language, name)
    page = read(BOOK, language, name)
    drawn = article.select("div.block")
    assert [block["data-block"] for block in drawn] == [block.name for block in page.blocks]
    for block in drawn:
        kept = record.load(BOOK, str(block["data-block"]))
        assert kept is not None
        shown = [output.get_text() for output in block.select(".block-output pre")]
        assert shown == [text for output in kept.result.outputs if (text := text_of(output))]
        assert block["data-seconds"] == f"{kept.result.seconds:g}"
        (badge,) = block.select(".block-badge")
        assert kept.circumstances.date in badge.get_text() and kept.name in badge.get_text()
        figures = article.select(f'.block-figure[data-block="{kept.name}"]')
        assert len(figures) == len(kept.result.figures)
    values = {value["data-value"] for value in article.select(".value:not(.value-missing)")}
    assert values and values <= {value.expression for value in page.values}


def text_of(output: Mapping[str, Any]) -> str:
    """Return an output in notebook format as text; nothing where it is a figure or HTML."""
    data = output.get("data", {})
    return str(output.get("text", "" if "text/html" in data else data.get("text/plain", ""))).rstrip("\n")


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_still_there(limit: str, tmp_path: Path) -> None:
    """When this fails Zensical, or the theme, has come further: take the limit from LIMITS and from CONTRIBUTING."""
    built = zensical_build(tmp_path, Book().languages[0], LIMITS.keys() - {limit})
    assert built.returncode != 0 and LIMITS[limit][1] in built.stderr
