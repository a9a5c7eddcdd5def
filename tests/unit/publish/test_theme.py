"""The theme knows no language by name: with three others it says their words and leads from each to each."""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from pathlib import Path
from xml.etree import ElementTree

import pytest
import tinycss2
from bs4 import BeautifulSoup

from book.core.site import Book
from book.publish.build import build
from tests.unit.second_book import TITLES, write, write_language

PATHS = {"de": "", "fr": "fr/", "pl": "pl/"}
SWITCH = {"de": 'Diese Seite "auf Deutsch"', "fr": "Cette page en français", "pl": "Ta strona po polsku"}
ADDRESS = "https://example.org/book/"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second book with a third language, which lacks one page, in this book's theme; nothing has run."""
    root = tmp_path_factory.mktemp("themed")
    write(root)
    with (root / "book.toml").open("a", encoding="utf-8") as out:
        out.write('\n[languages.pl]\nconfig = "mkdocs.pl.yml"\ntag = "pl"\nwords = "words/pl.json"\n')
    write_language(root, "pl", "mkdocs.pl.yml")
    (root / "docs" / "pl" / "part" / "mean.md").unlink()
    shutil.copy(Book().root / "package.json", root)
    shutil.copytree(Book().root / "theme", root / "theme", dirs_exist_ok=True)
    for language, words in SWITCH.items():
        file = root / "words" / f"{language}.json"
        whole = json.loads(file.read_text(encoding="utf-8"))
        whole["theme"] |= {"switch": words, "code-note": f'{language} "{{}}"'}
        whole["widgets"]["kit"]["still"] = words
        file.write_text(json.dumps(whole), encoding="utf-8")
        config = root / ("mkdocs.yml" if language == "de" else f"mkdocs.{language}.yml")
        text = config.read_text(encoding="utf-8")
        config.write_text(f"{text}extra: {{alternate: true}}\ncopyright: '{language}'\n", encoding="utf-8")
    with chdir(root):
        build(Book(root), root / "site", strict=False, site_url=ADDRESS)
    return root / "site"


def html(site: Path, address: str) -> BeautifulSoup:
    return BeautifulSoup((site / address).read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("language", PATHS)
def test_each_page_leads_to_itself_in_the_other_languages_that_have_it(language: str, site: Path):
    for address, having in (("runs/", {"de", "fr", "pl"}), ("part/mean/", {"de", "fr"}), ("", {"de", "fr", "pl"})):
        if language not in having:
            continue
        folder = site / PATHS[language] / address
        page = html(folder, "index.html")
        shown = {str(link["title"]): (folder / str(link["href"])).resolve() for link in page.select("a.book-language")}
        assert shown == {SWITCH[each]: (site / PATHS[each] / address).resolve() for each in having - {language}}
        named = {str(link["hreflang"]): str(link["href"]) for link in page.select("link[hreflang]")}
        assert named.pop("x-default") == f"{ADDRESS}{address}"
        assert named == {each: f"{ADDRESS}{PATHS[each]}{address}" for each in having}


@pytest.mark.parametrize("language", PATHS)
def test_scripts_get_the_words_of_their_site(language: str, site: Path):
    (script,) = html(site / PATHS[language], "index.html").select("script[data-code-note]")
    assert script["data-code-note"] == f'{language} "{{}}"' and script["data-sort"]
    words = json.loads((site / PATHS[language] / "assets/javascripts/words/kit.json").read_text(encoding="utf-8"))
    assert words["still"] == SWITCH[language]


@pytest.mark.parametrize("name", ["book", "notebook", "widgets"])
def test_no_reader_waits_for_the_comments_of_a_style_sheet(name: str, site: Path):
    address = f"assets/stylesheets/{name}.css"
    ours, theirs = ((root / address).read_text(encoding="utf-8") for root in (Book().root / "theme", site))
    said, left = (
        " ".join(tinycss2.serialize(tinycss2.parse_component_value_list(sheet, skip_comments=skipped)).split())
        for sheet, skipped in ((ours, True), (theirs, False))
    )
    assert "/*" in ours and len(theirs) < len(ours) and left == said


def test_the_page_for_a_missing_address_speaks_all_languages(site: Path):
    missing = html(site, "404.html")
    assert [str(part["lang"]) for part in missing.select("section")] == list(PATHS)
    homes = [f"/book/{path}" for path in PATHS.values()]
    assert [str(link["href"]) for link in missing.select("section > a")] == homes
    assert [str(form["action"]) for form in missing.select("section form:has([name=q])")] == homes
    assert missing.title and all(TITLES[each] in missing.title.text for each in PATHS)


@pytest.mark.parametrize("language", PATHS)
def test_the_sitemap_names_the_same_page_in_the_other_languages(language: str, site: Path):
    spaces = {"": "http://www.sitemaps.org/schemas/sitemap/0.9", "xhtml": "http://www.w3.org/1999/xhtml"}
    for entry in ElementTree.parse(site / PATHS[language] / "sitemap.xml").iterfind("url", spaces):
        own = entry.findtext("loc", "", spaces)
        named = {link.get("hreflang"): link.get("href") for link in entry.iterfind("xhtml:link", spaces)}
        having = {"de", "fr"} if "part/mean" in own else set(PATHS)
        address = own.removeprefix(f"{ADDRESS}{PATHS[language]}")
        assert named == {each: f"{ADDRESS}{PATHS[each]}{address}" for each in having}
