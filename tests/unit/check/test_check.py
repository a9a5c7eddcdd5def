"""`check` names everything that forbids publishing, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from book.check import links, readings
from book.check.publishable import check
from book.cli import main
from book.core.findings import Finding
from book.evidence import record, sweep
from book.notebook import twin
from book.run import sweep as run_sweep
from book.run.session import run_page
from tests.unit import equation_book
from tests.unit.miniature import FIRST_BLOCK, SECOND_BLOCK, SmallBook, make, run_once


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The miniature's records, made once for this module."""
    book = make(tmp_path_factory.mktemp("recorded"))
    record.save(book, run_once(book, book.page()))
    return book.records


@pytest.fixture
def fresh(book: SmallBook, recorded: Path) -> SmallBook:
    """The miniature with fresh records: nothing to complain of."""
    shutil.copytree(recorded, book.records, dirs_exist_ok=True)
    assert check(book) == []
    return book


def complaints(book: SmallBook) -> list[Finding]:
    findings = check(book)
    assert all(finding.remedy for finding in findings)
    return findings


def test_a_changed_snippet_is_one_finding_a_page(fresh: SmallBook):
    fresh.edit(fresh.snippet, "total / 4", "total / 5")
    (finding,) = complaints(fresh)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK)
    assert finding.problem == "block 2 [snippets/part/small.py:8] has not run since its code changed"
    assert finding.remedy.startswith("run: python -m book run --page part/page ")
    fresh.edit(fresh.snippet, "1 + 2", "1 + 3")
    (finding,) = complaints(fresh)
    assert finding.line == FIRST_BLOCK and finding.problem.endswith("its code changed; 1 more below it with it")


def test_a_section_that_was_deleted_is_one_finding(fresh: SmallBook):
    declared = equation_book.record_all(equation_book.mark(fresh))
    for page in (fresh.zh, fresh.en):
        fresh.edit(page, "`{python} total`", "`{python} total`, `{python} book.blocks`, `{python} share`")
    table = fresh.data / "coverage.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("source_section,source_sentence,page,anchor,status\n1,a,part/page,top,covered\n", encoding="utf-8")
    fresh.edit(declared.snippet, "second]\nshare", "third]\nshare")
    (finding,) = complaints(fresh)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK + 1) and "second" in finding.problem


def test_what_follows_from_a_stale_block_is_not_said(fresh: SmallBook):
    """Values of the page and of another that quotes it, sweeps, equations and their report, the notebook's copy."""
    equation_book.record_all(equation_book.mark(fresh))
    (fresh.root / "notebooks").mkdir()
    twin.write_copies(fresh)
    for language, file in (("zh", fresh.zh), ("en", fresh.en)):
        text = file.read_text(encoding="utf-8") + "\n`{python} share`, `{python} results['part/page'].share`\n"
        file.write_text(text, encoding="utf-8")
        title, value = "一" if language == "zh" else "A", "`{python} results['part/page'].share`"
        other = f"---\ntitle: {title}\ndescription: x\n---\n\n# {title} {{#top}}\n\n## {title} {{#two}}\n\n{value}\n"
        fresh.page_file(language, "part/other").write_text(other, encoding="utf-8")
    assert complaints(fresh) == []
    fresh.edit(fresh.snippet, "total = 1 + 2", "total = 1 + 3")
    fresh.edit(fresh.snippet, "return sum(x)", "return 1 * sum(x)")
    (finding,) = complaints(fresh)
    assert finding.line == FIRST_BLOCK


def test_a_data_file_that_changed_is_named(fresh: SmallBook):
    fresh.data.mkdir(exist_ok=True)
    table = fresh.data / "table.csv"
    table.write_text("a\n1\n", encoding="utf-8")
    fresh.edit(fresh.snippet, "share = total / 4", 'share = len(open("table.csv").read())')
    assert main(["run"], fresh) == 0 and complaints(fresh) == []
    table.write_text("a\n2\n", encoding="utf-8")
    (finding,) = complaints(fresh)
    assert finding.problem.endswith("has not run since table.csv changed, which it reads")


def test_a_comment_makes_nothing_stale(fresh: SmallBook):
    fresh.edit(fresh.snippet, "total / 4", "total / 4  # a quarter")
    assert complaints(fresh) == []


def test_a_deleted_record_is_missed(fresh: SmallBook):
    record.path(fresh, fresh.page().blocks[0].name, "cpu").unlink()
    assert [f.line for f in complaints(fresh)] == [FIRST_BLOCK]


def test_another_version_of_a_library_makes_records_stale(fresh: SmallBook):
    fresh.edit(fresh.snippet, "seed = 0", "import numpy\nseed = 0")
    record.save(fresh, run_once(fresh, fresh.page()))
    fresh.edit(fresh.root / "requirements.txt", "numpy==", "numpy==9.")
    (finding,) = complaints(fresh)
    assert finding.line == FIRST_BLOCK and "numpy" in finding.problem and "1 more below it" in finding.problem


ZH, EN = "docs/zh/part/page.md", "docs/en/part/page.md"


@pytest.mark.parametrize(
    ("language", "old", "new", "place", "says"),
    [
        ("en", "small.py:second", "small.py:first", (EN, SECOND_BLOCK), "block 2 is not that of"),
        ("en", "# Small {#top}", "## Small {#top}", (EN, 6), "heading 1"),
        ("en", "# Small {#top}", "# Small", (EN, 6), "heading 1"),
        ("en", "`{python} total`", "`{python} total + 1`", (EN, 12), "inline value 1"),
        ("en", "The total is", "$x_1$ The total is", (EN, 12), "the formula 'x_1' is not on"),
        ("zh", "总和是", "$x_1$ 总和是", (ZH, 12), "the formula 'x_1' is not on"),
        ("zh", "`{python} total`", "`{python} totall`", (ZH, 12), "totall"),
        ("zh", "总和是", "准确率是 99.1%，总和是", (ZH, 12), "the number '99.1%' has no source"),
        ("en", "The total is", "It took 3.2 s, the total is", (EN, 12), "the number '3.2 s' has no source"),
        ("zh", "总和是", "```py\nprint(1)\n```\n\n总和是", (ZH, 12), "would slip past"),
        ("zh", "总和是", '```python title="x"\nprint(1)\n```\n\n总和是', (ZH, 12), "would slip past"),
        ("zh", "总和是", "```{.python}\nprint(1)\n```\n\n总和是", (ZH, 12), "would slip past"),
        ("zh", "总和是", "~~~\nprint(1)\n~~~\n\n总和是", (ZH, 12), "~~~"),
        ("zh", "description: 一页。", "description:", (ZH, 1), "no description"),
        ("zh", "总和是", "$\\frac{1}{$ 总和是", (ZH, 12), "MathJax refuses"),
        ("zh", "small.py:second", "small.py:none", (ZH, SECOND_BLOCK + 1), "none"),
    ],
)
def test_each_mistake_is_named(fresh: SmallBook, language: str, old: str, new: str, place: tuple[str, int], says: str):
    fresh.edit(fresh.page_file(language, "part/page"), old, new)
    assert any((f.file, f.line) == place and says in f.problem for f in complaints(fresh)), complaints(fresh)


def test_code_typed_into_a_page_is_refused(fresh: SmallBook):
    for file in (fresh.zh, fresh.en):
        fresh.edit(file, '--8<-- "part/small.py:second"', "share = total / 4\nshare")
    assert {f.problem for f in complaints(fresh)} == {"code is typed into the page"}


def test_a_number_beside_its_citation_may_be_typed(fresh: SmallBook):
    fresh.data.mkdir()
    row = "a,A,2020,T,https://doi.org/1,section 1,99.1%,opened,"
    table = f"id,authors,year,title,link,place,number,verified,note\n{row}\n"
    (fresh.data / "citations.csv").write_text(table, encoding="utf-8")
    readings.confirm(fresh, "citations.csv", ["a"])
    for file in (fresh.zh, fresh.en):
        fresh.edit(file, "`{python} total`", "`{python} total` 99.1% ([2020](https://doi.org/1))")
    assert complaints(fresh) == []


def test_a_page_in_one_language_only_is_named(fresh: SmallBook):
    fresh.en.unlink()
    assert [(f.file, f.problem) for f in complaints(fresh)] == [(EN, "the page is missing in this language")]
    fresh.en.write_text(fresh.zh.read_text(encoding="utf-8"), encoding="utf-8")
    fresh.zh.unlink()
    assert ZH in [f.file for f in complaints(fresh)]


def test_two_headings_of_one_id_are_named(book: SmallBook):
    book.edit(book.zh, "{#below}", "{#top}")
    (found,) = links.findings(book, book.page(), {("zh", "part/page"): book.page()})
    assert "has the id 'top' of that in line 6" in found.problem and found.line == 11


def test_a_live_picture_shows_what_a_block_reads(book: SmallBook):
    place = '<div class="widget" data-widget="x" data-source="../../assets/data/table.csv"></div>\n'
    book.edit(book.zh, "## 算法", f"{place}\n## 算法")
    (book.data / "table.csv").parent.mkdir(exist_ok=True)
    (book.data / "table.csv").write_text("a\n1\n", encoding="utf-8")
    pages = {("zh", "part/page"): book.page()}
    assert [one.line for one in links.findings(book, book.page(), pages)] == [11]
    book.edit(book.snippet, "total = 1 + 2", 'total = 1 + 2\nopen("table.csv")')
    assert not list(links.findings(book, book.page(), pages))


def test_a_figure_that_the_page_does_not_show_is_named(book: SmallBook):
    book.edit(book.snippet, "share = total / 4\nshare", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    record.save(book, run_once(book, book.page()))
    assert [f.line for f in complaints(book) if "draws figure 1" in f.problem] == [SECOND_BLOCK]
    for file, alt in ((book.zh, "一条上升的线"), (book.en, "a rising line")):
        book.edit(file, 'second"\n```', f'second"\n```\n\n![{alt}](figure:1 "{alt}")')
    assert complaints(book) == []
    book.edit(book.en, "a rising line", "一条上升的线")
    assert {f.problem for f in complaints(book)} == {
        "this alternative text is not in the language of the page (en)",
        "this caption is not in the language of the page (en)",
    }
    book.edit(book.zh, "![一条上升的线]", "![]")
    assert "this figure has no alternative text" in {f.problem for f in complaints(book)}


def test_an_unverified_citation_is_refused(fresh: SmallBook):
    table = fresh.root / "docs" / "data" / "citations.csv"
    table.parent.mkdir()
    table.write_text("id,link,place,verified\na,https://a,,opened\nb,https://b,,unverified\n", encoding="utf-8")
    found = [(f.file, f.line) for f in complaints(fresh) if "verified" in f.problem]
    assert found == [("docs/data/citations.csv", 3)]


@pytest.mark.parametrize(("least", "refused"), [(50, False), (51, True)])
def test_too_few_opened_sources_are_refused(fresh: SmallBook, least: int, refused: bool):
    fresh.edit(fresh.root / "book.toml", "opened_percent = 0", f"opened_percent = {least}")
    table = fresh.root / "docs" / "data" / "citations.csv"
    table.parent.mkdir()
    table.write_text("id,link,place,verified\na,https://a,,opened\nb,https://b,,secondary\n", encoding="utf-8")
    said = f"1 of 2 sources were opened, fewer than {least}%"
    assert (said in {finding.problem for finding in complaints(fresh)}) == refused


def test_a_page_that_takes_too_long_is_named(fresh: SmallBook):
    fresh.edit(fresh.zh, "title: 小页", "title: 小页\npage_seconds: 0")
    assert any("the limit is 0 s" in f.problem for f in complaints(fresh))


RESULT = "import random\nrandom.seed(seed)\nshare = 0.9 + 0.01 * random.random()"


def with_chance(book: SmallBook) -> SmallBook:
    """Let the page's result depend on its seed."""
    book.edit(book.snippet, "share = total / 4\nshare", f"{RESULT}\nassert share > 0.5")
    return book


@pytest.fixture(scope="module")
def swept_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of such a page, swept over five seeds, made once for this module."""
    book = with_chance(make(tmp_path_factory.mktemp("swept")))
    record.save(book, run_once(book, book.page()))
    run_sweep.sweep(book, book.page(), 5)
    return book.records


@pytest.fixture
def swept(book: SmallBook, swept_records: Path) -> SmallBook:
    """A page whose result depends on its seed, swept over five seeds."""
    shutil.copytree(swept_records, book.records, dirs_exist_ok=True)
    return with_chance(book)


def test_a_sweep_keeps_each_seed_and_is_resumed(swept: SmallBook):
    (kept,) = [found for block in swept.page().blocks if (found := sweep.load(swept, block))]
    assert [*kept] == ["share"] and len(set(kept["share"].values())) == 5
    assert sweep.statistics(swept, swept.page().blocks)["share"].n == 5
    said: list[str] = []
    run_sweep.sweep(swept, swept.page(), 6, said.append)
    assert [text.endswith("already there") for text in said] == [True] * 5 + [False]


def test_a_sweep_that_is_done_stands_in_the_notebooks(swept: SmallBook):
    swept.edit(swept.zh, "`{python} total`", "`{python} sweep['share'].mean`")
    (file,) = swept.records.glob("*/sweep.json")
    before = file.read_bytes()
    file.unlink()
    twin.write_copies(swept)
    copy = twin.copy_path(swept, "zh", "part/page")
    assert "⚠" in copy.read_text(encoding="utf-8")
    file.write_bytes(before)
    assert main(["sweep", "part/page", "--seeds", "5"], swept) == 0
    assert "⚠" not in copy.read_text(encoding="utf-8")


def test_a_threshold_the_sweep_does_not_bear_out_is_named(swept: SmallBook):
    (finding,) = [f for f in complaints(swept) if "threshold" in f.problem]
    assert finding.line == SECOND_BLOCK and "small.py:11" in finding.problem
    found = sweep.statistics(swept, swept.page().blocks)["share"]
    good, values = found.mean - 6 * found.std, sweep.load(swept, swept.page().blocks[1])
    swept.edit(swept.snippet, "share > 0.5", f"share > {good}")
    record.save(swept, run_page(swept, swept.page()))
    sweep.save(swept, swept.page().blocks[1], values)
    assert complaints(swept) == []


def test_an_edit_of_the_code_makes_a_sweep_void(swept: SmallBook):
    swept.edit(swept.snippet, "0.9 + 0.01", "0.8 + 0.01")
    assert sweep.statistics(swept, swept.page().blocks) == {}


@pytest.mark.parametrize("spoil", [lambda text: text[:-20], lambda text: text.replace("0.90", "0.80", 1)])
def test_a_damaged_sweep_is_named_with_its_remedy(swept: SmallBook, spoil: Callable[[str], str]):
    (file,) = swept.records.glob("*/sweep.json")
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")
    (finding,) = [f for f in complaints(swept) if "this sweep" in f.problem]
    assert finding.file == swept.shown(file) and f"git checkout -- {swept.shown(file)}" in finding.remedy


def test_a_value_of_a_sweep_that_is_not_there_says_how_to_get_it(swept: SmallBook):
    for page in (swept.zh, swept.en):
        swept.edit(page, "`{python} total`", "`{python} sweep['share'].mean`")
    assert not [f for f in complaints(swept) if "cannot be computed" in f.problem]
    next(swept.records.glob("*/sweep.json")).unlink()
    found = [f for f in complaints(swept) if "cannot be computed" in f.problem]
    assert [f.remedy for f in found] == ["run: python -m book sweep part/page --seeds 10"] * 2


def test_a_damaged_record_of_another_device_class_is_named(fresh: SmallBook):
    name = fresh.page().blocks[0].name
    record.path(fresh, name, "gpu").write_text("{", encoding="utf-8")
    (finding,) = complaints(fresh)
    assert f"records/{name}/gpu.json" in finding.problem
    assert "git checkout" in finding.remedy and "make run DEVICE=gpu" in finding.remedy


@pytest.mark.parametrize("command", [["check"], ["build", "--target", "SITE"]])
def test_a_changed_snippet_fails_check_and_build_for_the_right_reason(
    fresh: SmallBook, command: list[str], capsys: pytest.CaptureFixture[str]
):
    fresh.edit(fresh.snippet, "total / 4", "total / 5")
    site = fresh.root / "site"
    assert main([part.replace("SITE", str(site)) for part in command], fresh) == 1
    said = capsys.readouterr().err
    assert "docs/zh/part/page.md:14" in said and "has not run since its code changed" in said and "make run" in said
    assert not site.exists()


def test_the_run_command_mends_what_is_stale_and_nothing_else(fresh: SmallBook, capsys: pytest.CaptureFixture[str]):
    before = record.path(fresh, fresh.page().blocks[0].name, "cpu").stat().st_mtime_ns
    assert main(["run"], fresh) == 0
    assert record.path(fresh, fresh.page().blocks[0].name, "cpu").stat().st_mtime_ns == before
    gone = fresh.page().blocks[1].name
    fresh.edit(fresh.snippet, "total / 4", "total / 5")
    assert main(["run"], fresh) == 0
    assert check(fresh) == []
    assert not (fresh.records / gone).exists()
    assert main(["run", "--page", "part/none"], fresh) == 1
    assert "there is no page" in capsys.readouterr().err


def test_a_block_that_fails_stops_the_run_command_with_one_message(
    fresh: SmallBook, capsys: pytest.CaptureFixture[str]
):
    fresh.edit(fresh.snippet, "total / 4", "total / 0")
    assert main(["run"], fresh) == 1
    said = capsys.readouterr().err
    assert "docs/zh/part/page.md:14" in said and "ZeroDivisionError" in said and "remedy" in said


def test_a_full_disk_is_one_message_wherever_it_is_met(
    fresh: SmallBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(book: SmallBook) -> None:
        raise OSError(28, "No space left on device", str(fresh.root / "anything"))

    monkeypatch.setattr("book.check.publishable.check", full)
    assert main(["check"], fresh) == 1
    said = capsys.readouterr().err
    assert "anything: the disk is full" in said and "remedy: make room" in said and "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "shown", "languages"),
    [
        ("en/page", "en", ["zh"]),  # below the Chinese site's root lies the English one
        ("en", "en.md", ["zh"]),
        ("notebooks/page", "notebooks", ["en", "zh"]),
        ("zh/page", "zh", []),  # at zh/ lies nothing
        ("part/en", "", []),
    ],
)
def test_a_name_whose_place_is_taken(fresh: SmallBook, name: str, shown: str, languages: list[str]):
    for language in fresh.languages:
        file = fresh.page_file(language, name)
        file.parent.mkdir(exist_ok=True)
        file.write_text("---\ntitle: x\ndescription: y\n---\n", encoding="utf-8")
    found = [finding.file for finding in complaints(fresh) if "would lie, too" in finding.problem]
    assert found == [f"docs/{language}/{shown}" for language in languages]
