"""Another book, and another language of a book, is pages, words and a configuration: nothing of the package changes."""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path

import nbformat
import pytest

from book.cli import main
from book.core.site import Book
from book.publish.build import build
from book.run.environment import environment
from tests.unit.second_book import TEXTS, TITLES, WORDS, write, write_language


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The second book, run and recorded."""
    book = write(tmp_path_factory.mktemp("second"))
    assert main(["run"], book) == 0
    return book


def checked(book: Book, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `check` says."""
    main(["check"], book)
    return capsys.readouterr().err


def holds_its_language(site: Path, language: str, others: set[str]) -> None:
    """The pages of a site say everything in their language and nothing in the others."""
    page = (site / "part" / "mean" / "index.html").read_text(encoding="utf-8")
    said = {language: (TITLES[language], *TEXTS[language].values(), *WORDS[language].values()) for language in WORDS}
    for text in (each.partition(",")[0] for each in said[language] if each != WORDS[language]["fresh"]):
        assert text in page
    report = (site / "runs" / "index.html").read_text(encoding="utf-8")
    assert WORDS[language]["fresh"] in report and 'href="../part/mean/' in report
    assert {"de": "Summe durch Anzahl", "fr": "La somme", "pl": "Suma przez"}[language] in report
    for other in others - {language}:
        assert WORDS[other]["ran"] not in page and TEXTS[other]["title"] not in page
    assert '<span class="value" data-value="mean"' in page and ">6.0<" in page
    assert (site / "assets" / "scripts" / "part" / "mean.py").is_file()


def test_another_book_runs_is_checked_and_becomes_a_site(book: Book, capsys: pytest.CaptureFixture[str]):
    assert "0 findings on 3 pages in 2 languages" in checked(book, capsys)
    with chdir(book.root):
        build(book, book.root / "site")
    holds_its_language(book.root / "site", "de", {"de", "fr"})
    holds_its_language(book.root / "site" / "fr", "fr", {"de", "fr"})
    assert not list((book.root / "site").rglob("*mnist*"))


def test_a_book_without_providers_sets_up_nothing_for_their_libraries(book: Book):
    found = environment(book, "cpu", [])
    assert not [name for name in found if name.startswith(("KERAS", "TF_", "BOOK_MNIST"))]
    assert main(["data"], book) == 0


def test_a_third_language_is_a_folder_a_file_of_words_and_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    book = write(tmp_path)
    assert main(["run"], book) == 0
    with (tmp_path / "book.toml").open("a", encoding="utf-8") as out:
        out.write('\n[languages.pl]\nconfig = "mkdocs.pl.yml"\ntag = "pl"\nwords = "words/pl.json"\n')
    write_language(tmp_path, "pl", "mkdocs.pl.yml")
    book = Book(tmp_path)
    for name in ("index", "runs"):
        assert book.page_file("pl", name).is_file()
    assert main(["run"], book) == 0  # no block runs, but the new language has notebooks
    assert "0 findings on 3 pages in 3 languages" in checked(book, capsys)
    with chdir(tmp_path):
        build(book, tmp_path / "site")
    for language, folder in (("de", ""), ("fr", "fr"), ("pl", "pl")):
        holds_its_language(tmp_path / "site" / folder, language, {"de", "fr", "pl"})
    (notebook,) = (tmp_path / "site" / "pl").rglob("*.ipynb")
    cells = nbformat.read(notebook, as_version=4).cells
    assert TEXTS["pl"]["title"] in cells[0].source

    page = book.page_file("pl", "part/mean")
    page.write_text(page.read_text(encoding="utf-8").replace(":plot", ":mean"), encoding="utf-8")
    book.page_file("pl", "runs").unlink()
    said = checked(Book(tmp_path), capsys)
    assert "docs/pl/part/mean.md" in said and "docs/pl/runs.md: the page is missing in this language" in said
