"""`new` starts a page on which only the author's work is left, and spoils nothing that is there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from mkdocs.utils.yaml import yaml_load

from book import scaffold
from book.check.publishable import check
from book.cli import main
from book.core import store
from book.core.findings import BookError
from book.core.site import Book
from book.publish.build import build
from tests.unit.miniature import SmallBook, make, only_finding

TITLES = ["--zh-title", "新的一页", "--en-title", "A new page"]
FILES = [
    *(f"snippets/other/new_page{kind}.py" for kind in ("", "_checks", "_exercises", "_equations")),
    "docs/data/citations.csv",
    "docs/zh/other/new-page.md",
    "docs/en/other/new-page.md",
    "mkdocs.yml",
    "mkdocs.en.yml",
]


def navigation(text: str) -> str:
    """Return the part of a configuration from ``nav:`` to the next key."""
    return re.search(r"^nav:\n(?:[ #-].*\n|\n)*", text, re.MULTILINE)[0]  # type: ignore[index]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature with a navigation that names its page, run, ready to be built; made once."""
    book, real = make(tmp_path_factory.mktemp("ready")), Book()
    for folder in ("theme", "book", "node_modules"):
        (book.root / folder).symlink_to(real.root / folder)
    for language in Book().languages:
        config = book.config_file(language)
        text = config.read_text(encoding="utf-8")
        nav = (
            "nav:\n  # the only page\n  - Part:\n      - part/page.md # it\n\n  # what is left\n  - About: about.md\n\n"
        )
        config.write_text(text.replace(navigation(text), nav), encoding="utf-8")
        about = book.page_file(language, "about")
        words = ("关于", "一页。") if language == "zh" else ("About", "A page.")
        about.write_text(
            "---\ntitle: {0}\ndescription: {1}\n---\n\n# {0} {{#about}}\n".format(*words), encoding="utf-8"
        )
    assert main(["run"], book) == 0 and check(book) == []
    return book.root


@pytest.fixture
def book(ready: Path, tmp_path: Path) -> SmallBook:
    """A copy of it."""
    return SmallBook(shutil.copytree(ready, tmp_path / "book", symlinks=True))


def do_what_the_notes_say(book: SmallBook) -> int:
    """Write a text in place of each note, as an author would; return the lines that are neither prose nor empty."""
    lines = 0
    for shown in FILES:
        file = book.root / shown
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"<!--\s*write:.*?-->", "", text, flags=re.DOTALL)
        text = re.sub(r"^# write:.*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r'"write: [^"]*"', "一段话" if "/zh/" in shown or shown == "mkdocs.yml" else "Some words", text)
        text = re.sub(r"(?m)(https://example.org/[\w/-]+),,,,$", r"\1,section 1,,opened,", text)
        file.write_text(text, encoding="utf-8")
        if shown.startswith("snippets/"):
            lines += sum(bool(line.strip()) for line in text.split("\n"))
        elif shown.startswith("docs/zh/") or shown.startswith("docs/en/"):
            lines += sum(line.lstrip().startswith(("```", "--8<--", "<!--", "???", "!!!")) for line in text.split("\n"))
    return lines


def test_an_authors_way_from_a_new_page_to_the_published_one(book: SmallBook, capsys: pytest.CaptureFixture[str]):
    """Scaffold, check, notes, run, check, build: what is left at each step is what the step is for."""
    assert main(["new", "other/new-page", *TITLES], book) == 0
    said = capsys.readouterr().err
    assert all(f"wrote {file}" in said for file in FILES)
    found = check(book)
    assert {finding.file for finding in found} == set(FILES)
    stale = [finding for finding in found if "a note to the author is still here" not in finding.problem]
    assert [finding.problem for finding in stale] == [
        "block 1 [snippets/other/new_page.py:5] has not run yet; 5 more below it with it"
    ]
    by_hand = [file for file in FILES if not file.startswith("mkdocs") and not file.endswith("citations.csv")]
    assert len(by_hand) <= 6 and do_what_the_notes_say(book) < 200
    for language in Book().languages:
        file = book.page_file(language, "other/new-page")
        file.write_text(file.read_text(encoding="utf-8") + "\n[1](../part/page.md#block-2)\n", encoding="utf-8")
    assert main(["confirm", "citations.csv", "other-new-page"], book) == 0
    assert [finding.problem.split(" [")[0] for finding in check(book)] == ["block 1"]
    assert main(["run"], book) == 0
    assert check(book) == []
    site = book.root / "site"
    build(book, site)
    for page, title in (("other/new-page", "新的一页"), ("en/other/new-page", "A new page")):
        built = (site / page / "index.html").read_text(encoding="utf-8")
        assert title in built and 'class="block-badge"' in built and 'class="whole-script"' in built
        assert 'data-equation="other-new-page"' in built and built.count("data-value") >= 2 and "<figcaption" in built
    assert "other/new-page/" in (site / "part" / "page" / "index.html").read_text(encoding="utf-8")


def test_without_titles_notes_ask_for_them(book: SmallBook):
    assert main(["new", "part/bare"], book) == 0
    asked = [finding for finding in check(book) if "title" in finding.problem or "标题" in finding.problem]
    assert {(finding.file, finding.line) for finding in asked} == {
        (f"docs/{language}/part/bare.md", line) for language in Book().languages for line in (2, 6)
    }


@pytest.mark.parametrize(
    "name", ["page", "part/Page", "part/my page", "part/a/b", "../page", "part/", "/page", "part/page.md", "部分/一页"]
)
def test_a_bad_name_is_refused(book: SmallBook, name: str, capsys: pytest.CaptureFixture[str]):
    before = sorted(book.root.rglob("*"))
    assert main(["new", name], book) == 1
    said = capsys.readouterr().err
    assert "is no name for a page" in said and "part/name" in said
    assert sorted(book.root.rglob("*")) == before


@pytest.mark.parametrize("name", ["en/page", "zh/page", "notebooks/page"])
def test_a_part_whose_place_in_the_site_is_taken_is_refused(book: SmallBook, name: str):
    with pytest.raises(BookError, match="part of the site already"):
        scaffold.new(book, name, {})
    assert not book.page_file("zh", name).exists()


@pytest.mark.parametrize("taken", ["docs/zh/part/other.md", "docs/en/part/other.md", "snippets/part/other.py"])
def test_a_name_that_is_taken_is_refused_and_nothing_is_written(book: SmallBook, taken: str):
    (book.root / taken).write_text("mine", encoding="utf-8")
    before = {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()}
    with pytest.raises(BookError) as caught:
        scaffold.new(book, "part/other", {})
    assert only_finding(caught.value).file == taken
    assert {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()} == before


def test_when_a_file_cannot_be_written_everything_is_as_before(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    before = {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()}

    write_beside = store._write_beside

    def full(file: Path, content: bytes) -> Path:
        if file.name == "mkdocs.en.yml" and b"part/other.md" in content:
            raise OSError(28, "No space left on device")
        return write_beside(file, content)

    monkeypatch.setattr(store, "_write_beside", full)
    with pytest.raises(BookError, match="the disk is full"):
        scaffold.new(book, "part/other", {})
    assert {file: file.read_bytes() for file in book.root.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("language", Book().languages)
@pytest.mark.parametrize("name", ["practice/second", "elsewhere/first"])
def test_our_own_navigation_gains_one_page_and_loses_nothing(language: str, name: str):
    text = Book().config_file(language).read_text(encoding="utf-8")
    added = scaffold.with_nav_entry(text, name, "部分", "mkdocs.yml").split("\n")
    new = [line for line in added if line.strip() in (f"- {name}.md", '- "部分":')]
    assert len(new) == (1 if name.startswith("practice/") else 2)
    assert [line for line in added if line not in new] == text.split("\n")
    section = next(
        entries
        for item in yaml_load("\n".join(added))["nav"]
        for entries in item.values()
        if isinstance(entries, list) and f"{name}.md" in entries
    )
    assert section[-1] == f"{name}.md"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nav:\n- index.md\n- a/x.md\nplugins: []\n", "nav:\n- index.md\n- a/x.md\n- a/new.md\nplugins: []\n"),
        (
            "nav: # the menu\n  - A:\n    - 'X: y': \"a/x.md\" # one\n\n  # last\n  - b.md\n",
            "nav: # the menu\n  - A:\n    - 'X: y': \"a/x.md\" # one\n    - a/new.md\n\n  # last\n  - b.md\n",
        ),
        (
            "nav:\n  - C:\n    - c/x.md\n  # last\n  - b.md\n",
            'nav:\n  - C:\n    - c/x.md\n  - "P":\n    - a/new.md\n  # last\n  - b.md\n',
        ),
        ("nav:\n  - b.md", 'nav:\n  - "P":\n      - a/new.md\n  - b.md'),
    ],
)
def test_an_entry_is_put_where_it_belongs(text: str, expected: str):
    assert scaffold.with_nav_entry(text, "a/new", "P", "mkdocs.yml") == expected


@pytest.mark.parametrize(
    "text", ["site_name: x\n", "nav:\nplugins: []\n", "nav: [a.md]\n", "nav:\n  - a/new.md\n  - b.md\n"]
)
def test_a_navigation_that_cannot_be_followed_is_left_alone_with_one_message(text: str):
    with pytest.raises(BookError) as caught:
        scaffold.with_nav_entry(text, "a/new", "P", "mkdocs.yml")
    assert only_finding(caught.value).file == "mkdocs.yml"


def test_readers_hear_of_a_new_page(ready: Path, tmp_path: Path):
    """Its row of the table of changes holds the titles, quoted where they need it; without one `check` asks for it."""
    root = tmp_path / "book"
    shutil.copytree(ready, root)
    changes = root / "docs" / "data" / "changes.csv"
    changes.parent.mkdir(exist_ok=True)
    changes.write_text("date,page,zh,en\n2026-01-01,index,一,One\n", encoding="utf-8")
    scaffold.new(Book(root), "other/new-page", {"zh": "新的一页", "en": "New, at last"})
    *before, last = changes.read_text(encoding="utf-8").splitlines()
    assert before == ["date,page,zh,en", "2026-01-01,index,一,One"]
    assert re.fullmatch(r'\d{4}-\d\d-\d\d,other/new-page,新的一页,"New, at last"', last)
