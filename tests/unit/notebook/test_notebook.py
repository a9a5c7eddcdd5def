"""Page, notebook, its view and the script are the same text; the view is light, quiet and leads somewhere."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from mkdocs.config import load_config
from mkdocs_jupyter.convert import nb2html

from book.check.publishable import check
from book.core.findings import BookError, Finding
from book.core.markdown import Formula, Math, scan
from book.core.page import Page, read
from book.core.page import formulas as page_formulas
from book.core.site import Book
from book.draw import extension
from book.evidence import outputs, record
from book.evidence.record import Circumstances, Record, Result
from book.notebook import twin as notebook
from book.notebook import view as notebook_view
from book.publish.build import build_one
from book.publish.plugin import published
from tests.pages import PAGES, every_page
from tests.unit.miniature import SmallBook, run_once
from tests.unit.publish.test_build import recorded

BOOK = Book()
GITHUB = "https://github.com/someone/book"


@cache
def twin(language: str, name: str, root: str | None = None) -> nbformat.NotebookNode:
    return notebook.twin(BOOK, read(BOOK, language, name), root)


def sources(of: nbformat.NotebookNode, kind: str) -> list[str]:
    return [cell.source for cell in of.cells if cell.cell_type == kind]


# --- twin and page


@every_page
def test_the_code_is_that_of_the_page_to_the_letter(language: str, name: str):
    blocks = read(BOOK, language, name).blocks
    assert "\0".join(sources(twin(language, name), "code")) == "\0".join(block.cell for block in blocks)


@every_page
def test_the_outputs_are_those_of_the_records(language: str, name: str):
    cells = [cell for cell in twin(language, name).cells if cell.cell_type == "code"]
    for block, cell in zip(read(BOOK, language, name).blocks, cells, strict=True):
        kept = record.load(BOOK, block.name)
        expected = kept.result.outputs if kept else []
        assert len(cell.outputs) == len(expected)
        for shown, output in zip(cell.outputs, expected, strict=True):
            assert shown.output_type == output["output_type"]
            assert shown.get("text") == output.get("text")
            data = dict(shown.get("data", {}))
            if figure := output.get("data", {}).get(outputs.FIGURE):
                svg = data.pop("image/svg+xml").encode()
                assert svg.count(notebook.GROUND) == 1
                assert svg.replace(notebook.GROUND, b"") == (BOOK.records / block.name / figure).read_bytes()
                assert shown.metadata["image/svg+xml"]["alt"]
            assert data == {mime: value for mime, value in output.get("data", {}).items() if mime != outputs.FIGURE}


@every_page
def test_the_formulas_are_those_of_the_page(language: str, name: str):
    text = "\n\n".join(sources(twin(language, name), "markdown"))
    bare = "\n".join(re.sub(r"^(?:> ?)+", "", line) for line in text.split("\n"))
    found = [math.formula for math in scan(bare).of(Math)]
    on_page = [formula for _, formula in page_formulas(read(BOOK, language, name))]
    assert found == [Formula(" ".join(formula.tex.split()), formula.display) for formula in on_page]


@every_page
def test_nothing_of_the_sites_markdown_is_left(language: str, name: str):
    for text in sources(twin(language, name), "markdown"):
        prose = re.sub(r"```.*?```|`[^`]*`|\$[^$]*\$", "", text, flags=re.DOTALL)
        assert not re.search(r"\{python\}|^[> ]*(!!!|\?\?\?|===)|\{ ?[.#]|figure:\d|<svg|<!--|[\x02\x03]", prose, re.M)


@every_page
def test_it_is_a_valid_notebook_and_always_the_same(language: str, name: str):
    made = twin(language, name)
    nbformat.validate(made)
    content = notebook.encode(made)
    assert content == notebook.encode(notebook.twin(BOOK, read(BOOK, language, name)))
    assert nbformat.reads(content.decode(), as_version=4) == made
    ids = [cell.id for cell in made.cells]
    assert len(set(ids)) == len(ids)
    assert made.metadata.kernelspec.name == "python3" and made.metadata.language_info.name == "python"
    page = read(BOOK, language, name)
    names = [block.name for block in page.blocks]
    assert made.metadata.book == {"page": name, "language": language, "records": names}
    assert [cell.id for cell in made.cells if cell.cell_type == "code"] == names


@every_page
def test_both_languages_have_the_same_code_and_outputs_and_each_its_own_words(language: str, name: str):
    if language != BOOK.languages[0]:
        return
    ours, theirs = (twin(language, name) for language in Book().languages)
    assert sources(ours, "code") == sources(theirs, "code")
    outputs = [
        [[(output.get("text"), output.get("data")) for output in cell.get("outputs", [])] for cell in made.cells]
        for made in (ours, theirs)
    ]
    assert [o for o in outputs[0] if o] == [o for o in outputs[1] if o]
    chinese, english = ("".join(sources(made, "markdown")) for made in (ours, theirs))
    assert len(re.findall("[一-鿿]", chinese)) > 100 > len(re.findall("[一-鿿]", english))


def test_links_lead_to_the_site_where_its_address_is_known():
    text = "\n".join(sources(twin("en", "practice/mnist-cnn", "https://example.org/book/en/"), "markdown"))
    assert "](https://example.org/book/en/practice/draw-a-digit/)" in text
    assert "](https://example.org/book/en/assets/scripts/practice/mnist_cnn.py)" in text
    assert "[this page](https://example.org/book/en/practice/mnist-cnn/)" in text
    assert "(#seeds)" in text and '<a id="seeds"></a>' in text
    unknown = "\n".join(sources(twin("en", "practice/mnist-cnn"), "markdown"))
    assert not re.search(r"\]\((?!https?:|#|attachment:)", unknown)


@pytest.mark.parametrize("root", [None, "https://example.org/book/"])
@pytest.mark.parametrize(
    ("name", "files"), [("background", {"models.csv"}), ("impact", {"productivity.csv"}), ("impact-cost", {"udhr.csv"})]
)
def test_where_the_tables_come_from_is_said_above_the_code_that_reads_them(
    name: str, files: set[str], root: str | None
):
    """On the site a block finds them; in Colab, or wherever the notebook was taken, it does not."""
    for language in Book().languages:
        cells = twin(language, name, root).cells
        place = next(i for i, cell in enumerate(cells) if cell.id == "data")
        said = {f"docs/data/{file}" if root is None else f"]({root}assets/data/{file})" for file in files}
        assert all(each in cells[place].source for each in said)
        reads = [i for i, cell in enumerate(cells) if cell.cell_type == "code" and any(f in cell.source for f in files)]
        assert reads[0] == place + 1
    assert not [cell for cell in twin("en", "algorithms/softmax").cells if cell.id == "data"]


def test_copies_lead_to_the_site_whose_address_is_known(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SITE_URL", "https://example.org/book")
    notebook.write_copies(book)
    for language, root in (("zh", "https://example.org/book/"), ("en", "https://example.org/book/en/")):
        assert f"({root}part/page/)" in notebook.copy_path(book, language, "part/page").read_text(encoding="utf-8")


def test_a_block_without_a_record_has_no_output(book: SmallBook):
    made = notebook.twin(book, book.page())
    assert sources(made, "code") == [block.code for block in book.page().blocks]
    assert not any(cell.outputs for cell in made.cells if cell.cell_type == "code")
    nbformat.validate(made)


def test_values_of_expressions_are_numbered_like_their_cells(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    first, second = (cell for cell in notebook.twin(book, book.page()).cells if cell.cell_type == "code")
    assert (first.execution_count, second.execution_count) == (1, 2)
    (value,) = second.outputs
    assert (value.output_type, value.execution_count, value.data["text/plain"]) == ("execute_result", 2, "0.75")


def test_bash_is_marked_for_jupyter(book: SmallBook):
    (book.snippets / "part" / "do.sh").write_text("ls\n", encoding="utf-8")
    book.zh.write_text('---\ntitle: 题\n---\n\n```bash\n--8<-- "part/do.sh"\n```\n', encoding="utf-8")
    assert sources(notebook.twin(book, book.page()), "code") == ["%%bash\nls"]


# --- the copies that Colab opens


@pytest.mark.parametrize(
    "repository",
    [GITHUB, f"{GITHUB}/", f"{GITHUB}.git", "http://www.github.com/someone/book", "github.com/someone/book"],
)
def test_colab_opens_the_copy_in_the_repository(repository: str):
    for language, name in PAGES:
        opened = notebook.colab(repository, language, name)
        prefix = "https://colab.research.google.com/github/someone/book/blob/main/"
        assert opened == prefix + BOOK.shown(notebook.copy_path(BOOK, language, name))


@pytest.mark.parametrize(
    "repository", [None, "", "https://gitlab.com/a/b", "https://github.com/a", "https://x/github.com/a/b"]
)
def test_colab_opens_nothing_from_elsewhere(repository: str | None):
    assert notebook.colab(repository, "zh", "part/page") is None


def test_every_page_with_code_has_its_copy():
    kept = {file.relative_to(notebook.copies(BOOK)).as_posix() for file in notebook.copies(BOOK).rglob("*")}
    assert {file for file in kept if file.endswith(".ipynb")} == {
        f"{language}/{name}.ipynb" for language, name in PAGES
    }


@pytest.fixture
def copied(book: SmallBook) -> SmallBook:
    """The miniature with records and copies."""
    make_up_records(book)
    notebook.write_copies(book)
    return book


def make_up_records(book: SmallBook) -> None:
    then, result = Circumstances("2026-01-02", "", "", "", 2, "3.11.9", {}), Result([], 0.1, 1, {"total": 3})
    page = book.page()
    record.save(book, [Record(block.name, page.name, block.index, "cpu", then, result) for block in page.blocks])


def stale(book: SmallBook) -> list[Finding]:
    return [finding for finding in check(book) if finding.file.startswith("notebooks/")]


def test_copies_hold_the_code_without_outputs(copied: SmallBook):
    for language in Book().languages:
        file = notebook.copy_path(copied, language, "part/page")
        made = nbformat.read(file, as_version=4)
        assert sources(made, "code") == [block.code for block in copied.page().blocks]
        assert not any(cell.outputs or cell.execution_count for cell in made.cells if cell.cell_type == "code")
        assert ("总和是 3" if language == "zh" else "The total is 3") in "".join(sources(made, "markdown"))
    assert stale(copied) == []


def test_copies_stay_as_they_are_and_go_with_their_page(copied: SmallBook):
    file = notebook.copy_path(copied, "zh", "part/page")
    before = file.stat().st_mtime_ns
    notebook.write_copies(copied)
    assert file.stat().st_mtime_ns == before
    for language in Book().languages:
        copied.page_file(language, "part/page").write_text("---\ntitle: T\n---\n", encoding="utf-8")
    notebook.write_copies(copied)
    assert not list(notebook.copies(copied).rglob("*.ipynb"))


def test_a_copy_with_other_code_is_refused(copied: SmallBook):
    copied.edit(copied.snippet, "total / 4", "total / 5")
    assert stale(copied) == []  # what has not run is named by itself, and its run writes the copy
    make_up_records(copied)
    assert [finding.file for finding in stale(copied)] == [f"notebooks/{each}/part/page.ipynb" for each in ("en", "zh")]
    assert all("any more" in finding.problem and "make run" in finding.remedy for finding in stale(copied))
    notebook.write_copies(copied)
    assert stale(copied) == []


def test_corrected_prose_needs_no_new_copy(copied: SmallBook):
    copied.edit(copied.zh, "总和是", "总和为")
    assert stale(copied) == []


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b'{"cells": [{}]}', b"\xff"])
def test_a_copy_that_is_missing_or_damaged_is_named(content: bytes | None, copied: SmallBook):
    file = notebook.copy_path(copied, "en", "part/page")
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    (finding,) = stale(copied)
    assert finding.file == "notebooks/en/part/page.ipynb"


# --- on the site


@pytest.mark.parametrize("on_view", [False, True])
def test_colab_is_offered_where_the_repository_is_on_github(on_view: bool):
    for language in Book().languages:
        row = notebook_view.links(BOOK, language, "part/page", "../../", GITHUB, on_view=on_view)
        address = notebook.colab(GITHUB, language, "part/page")
        assert f'<a href="{address}">{BOOK.words(language, "notebook")["colab"]}</a>' in row
        assert (
            "colab" not in notebook_view.links(BOOK, language, "part/page", "../../", "https://gitlab.com/a/b").lower()
        )


def test_links_are_absolute_only_where_the_site_is_to_be_published():
    config = load_config(str(BOOK.config_file("zh")))
    for address, expected in {
        "https://example.org/book/": "https://example.org/book/",
        "http://127.0.0.1:8000/": None,
        "http://localhost/": None,
        "": None,
    }.items():
        config.site_url = address
        assert published(config) == expected


def test_formulas_are_typeset_in_prose_and_html_and_not_in_code(book: SmallBook):
    text = "Code `$a$` and $b$, at $5 a piece.\n\n> $$c$$\n\n<p>In HTML $d$.</p>\n\n```text\n$e$\n```\n"
    drawn = draw_prose(book, text)
    assert re.findall('data-tex="(.)"', drawn) == ["b", "c", "d"]
    assert "<code>$a$</code>" in drawn and "at $5 a piece" in drawn and "$e$" in drawn


@pytest.mark.parametrize("comment", ["<!-- left open\n\nWords.", "<div>\n<!-- left open\n</div>"])
def test_a_comment_without_end_hides_nothing_and_is_warned_of(
    book: SmallBook, comment: str, caplog: pytest.LogCaptureFixture
):
    drawn = draw_prose(book, f"{comment}\n")
    assert "<!--" not in drawn and "left open" in drawn and "jp-CodeCell" in drawn
    (warning,) = caplog.messages
    assert "part/page" in warning and "no end" in warning


def draw_prose(book: SmallBook, text: str) -> str:
    """Draw the view of a page that ends with a text and has blocks above it."""
    with book.page_file("en", "part/page").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{text}")
    return draw_view(book, read(book, "en", "part/page"))


def draw_view(book: Book, page: Page) -> str:
    cells, places = notebook_view.notebook(book, page, "../")
    file = book.root / "view.ipynb"
    file.write_bytes(notebook.encode(cells))
    return notebook_view.tame(nb2html(str(file)), places, book, page.language)[0]


def test_a_view_holds_outputs_of_every_kind_as_the_page_draws_them(book: SmallBook):
    data = {"text/plain": "<b>", "text/html": "<table><tr><td>7</td></tr></table>", "text/latex": "$x^2$"}
    put_out: list[dict[str, Any]] = [
        {"output_type": "display_data", "metadata": {}, "data": {mime: value}} for mime, value in data.items()
    ]
    put_out += [{"output_type": "stream", "name": name, "text": f"{name}\n"} for name in ("stdout", "stdout", "stderr")]
    put_out += [{**put_out[0], "output_type": "execute_result"}, {**put_out[0], "data": {"figure": "cpu-1.svg"}}]
    page = book.page()
    result = Result(put_out, 0.1, 1, {"total": 3}, {"cpu-1.svg": b'<svg viewBox="0 0 1 1"><text>label</text></svg>'})
    then = Circumstances("2026-01-02", "", "", "", 2, "3.11.9", {})
    record.save(book, [Record(page.blocks[0].name, page.name, 0, "cpu", then, result)])
    areas = BeautifulSoup(draw_view(book, page), "html.parser").select(".jp-OutputArea-output")
    drawn = [extension.draw_output(output, book, "zh", page.blocks[0]) for output in put_out[:-1]]
    for area, expected in zip(areas, drawn, strict=False):
        assert area.decode_contents().strip() == BeautifulSoup(expected, "html.parser").decode().strip()
    assert len(areas) == len(put_out) and [str(each["src"]) for each in areas[-1].select("img")] == [
        f"../assets/figures/{page.blocks[0].name}-cpu-1{variant}.svg" for variant in ("", ".dark")
    ]


def test_a_dollar_that_begins_no_formula_stays_one(book: SmallBook):
    drawn = draw_prose(
        book, "Both \\$x\\$ and $x$, *a*$b_1$ and |$c_1$|.\n\n| $d$ | `$x$` |\n|---|---|\n| $e|f$ | g |\n"
    )
    assert re.findall('data-tex="(.*?)"', drawn)[:4] == ["x", "b_1", "c_1", "d"]
    assert "Both $x$ and" in drawn


def test_a_view_that_cannot_be_drawn_is_named_and_one_that_is_kept_need_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = recorded(tmp_path / "book")
    build_one(small, "zh", tmp_path / "site", strict=False, site_url=None)
    monkeypatch.setattr("mkdocs_jupyter.convert.nb2html", lambda *args, **options: "<p>Something else.</p>")
    build_one(small, "zh", tmp_path / "site", strict=False, site_url=None)
    file = small.page_file("zh", "part/chance")
    file.write_text(file.read_text(encoding="utf-8") + "\n又一句。\n", encoding="utf-8")
    with pytest.raises(BookError) as caught:
        build_one(small, "zh", tmp_path / "site", strict=False, site_url=None)
    (finding,) = caught.value.findings
    assert finding.file == "docs/zh/part/chance.md" and "view" in finding.problem and "mkdocs-jupyter" in finding.remedy


def test_the_preview_draws_the_view_of_a_page_that_changed(tmp_path: Path):
    small, site = recorded(tmp_path / "book"), tmp_path / "site"
    build_one(small, "zh", site, strict=False, site_url=None)
    file = small.snippets / "part" / "chance.py"
    file.write_text(file.read_text(encoding="utf-8").replace("seed = 0", "seed = 0  # any"), encoding="utf-8")
    os.utime(site / "part/chance/index.html", (0, 0))
    build_one(small, "zh", site, strict=False, site_url=None, dirty=True)
    assert "# any" in (site / "notebooks/part/chance/index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["  mkdocs-jupyter:", '    include: ["*.ipynb"]'])
def test_a_configuration_that_lets_nothing_draw_the_views_is_refused(tmp_path: Path, missing: str):
    small = recorded(tmp_path / "book")
    text = (small.root / "mkdocs.yml").read_text(encoding="utf-8")
    instead = "  social_cards_off:" if missing.endswith(":") else '    include: ["*.py"]'
    assert missing in text
    if missing.endswith(":"):
        text = re.sub(r"  mkdocs-jupyter:.*?(?=\n  \w)", "", text, flags=re.DOTALL)
    (small.root / "mkdocs.yml").write_text(text.replace(missing, instead), encoding="utf-8")
    with pytest.raises(BookError) as caught:
        build_one(small, "zh", tmp_path / "site", strict=False, site_url=None)
    (finding,) = caught.value.findings
    assert finding.file == "mkdocs.yml" and "mkdocs-jupyter" in finding.remedy


def test_settings_of_whoever_builds_change_no_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small, home = recorded(tmp_path / "book"), tmp_path / "home"
    home.mkdir()
    (home / "jupyter_nbconvert_config.py").write_text("c.HTMLExporter.exclude_input = True\n", encoding="utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(home))
    build_one(small, "zh", tmp_path / "site", strict=False, site_url=None)
    page = (tmp_path / "site/notebooks/part/chance/index.html").read_text(encoding="utf-8")
    assert "jp-InputArea-editor" in page and os.environ["JUPYTER_CONFIG_DIR"] == str(home)


def test_a_view_has_a_title_of_its_own():
    page = replace(read(BOOK, "en", "index"), meta={"title": "A", "description": "B"})
    meta = notebook_view.meta(BOOK, page)
    assert (meta["title"], meta["description"]) == ("A (notebook)", "Notebook: B")
