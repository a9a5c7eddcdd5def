"""A site that is published is made of what was executed for it; what no build repeats is marked as its author's run."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from book.check import publishable
from book.cli import main
from book.core.page import read
from book.core.site import Book
from book.draw import run_report
from book.draw.values import book_totals
from book.evidence import long_run, record, repeated, sweep
from book.publish.build import build
from book.run import session
from tests.unit.draw.test_render import draw
from tests.unit.equation_book import mark, record_all
from tests.unit.miniature import SmallBook, run_once
from tests.unit.publish import test_build
from tests.unit.test_plugin import outcome

pytest_plugins = ["pytester"]


def afresh(book: Book) -> SmallBook:
    return SmallBook(book.root, book.executed)


def lie(book: Book) -> None:
    """Edit the last committed record of the page and give it the digest that fits."""
    block = book.page().blocks[-1] if isinstance(book, SmallBook) else read(book, "zh", "part/numbers").blocks[-1]
    kept = record.load(book, block.name)
    assert kept
    result = replace(kept.result, variables={**kept.result.variables, "total": 98765})
    record.save(book, [replace(kept, result=result)])


def execute(book: SmallBook, pytester: pytest.Pytester, *arguments: str) -> dict[str, int]:
    return outcome(book, pytester, *arguments)[0]


@pytest.fixture
def ran(book: SmallBook) -> SmallBook:
    """The miniature, recorded."""
    record.save(book, run_once(book, book.page()))
    return book


def test_what_is_executed_becomes_fresh_records(ran: SmallBook, pytester: pytest.Pytester):
    record_all(mark(ran))
    record.save(ran, run_once(ran, ran.page()))
    left = ran.executed / ("0" * 20)
    left.mkdir(parents=True)
    assert execute(ran, pytester) == {"passed": 4}
    assert not left.exists(), "the store holds what this run executed and nothing else"
    for block in ran.page().blocks:
        old, new = record.load(ran, block.name), record.load(afresh(ran), block.name)
        assert old and new and not new.author
        assert (old.result.variables, old.result.outputs) == (new.result.variables, new.result.outputs)
    assert not list(publishable.freshness(afresh(ran), ran.page()))
    assert len(list((ran.executed / "equations").glob("*.json"))) == 2


def test_a_page_with_a_block_that_fails_or_is_left_out_has_no_fresh_record(ran: SmallBook, pytester: pytest.Pytester):
    assert execute(ran, pytester, "-k", "not 14")["passed"] == 1
    assert not list(ran.executed.glob("*/cpu.json"))
    ran.edit(ran.snippet, "share = total / 4", "share = total / 0")
    assert execute(ran, pytester)["failed"] == 1
    assert not list(ran.executed.glob("*/cpu.json"))


def test_an_edited_committed_record_reaches_no_site_made_of_fresh_ones(tmp_path: Path):
    book = test_build.recorded(tmp_path)
    shutil.copytree(book.records, book.executed)
    fresh = Book(book.root, book.executed)
    for language in book.languages:
        file = book.page_file(language, "part/numbers")
        file.write_text(file.read_text(encoding="utf-8") + "\n`{python} total + 1`\n", encoding="utf-8")
    lie(book)
    said = {}
    for what, made_of in (("committed", book), ("fresh", fresh), ("committed again", book)):
        build(made_of, tmp_path / "site", languages=["zh"], views=False)
        said[what] = {"98766" in file.read_text("utf-8", "ignore") for file in tmp_path.glob("site/**/numbers/*.html")}
    assert said == {"committed": {True}, "fresh": {False}, "committed again": {True}}


def test_the_build_fails_where_a_page_was_not_executed(ran: SmallBook, capsys: pytest.CaptureFixture[str]):
    shutil.copytree(ran.records, ran.executed)
    shutil.rmtree(ran.executed / ran.page().blocks[1].name)
    assert main(["build", "--records", str(ran.executed)], ran) == 1
    said = capsys.readouterr().err
    assert "docs/zh/part/page.md:14: block 2" in said and "no record in .cache/fresh/records" in said
    assert "run: make blocks" in said and not (ran.root / "site").exists()


def test_a_record_of_a_gpu_stands_in_for_no_execution(ran: SmallBook):
    """Committed times of a GPU are shown beside what was executed, as the author's, and never in its place."""
    (first, _) = ran.page().blocks
    kept = record.load(ran, first.name)
    assert kept
    record.save(ran, [replace(kept, device="gpu")])
    assert record.kept(afresh(ran), first.name).state == "missing"
    record.save(afresh(ran), [kept])
    assert [(one.device, one.author) for one in record.kept(afresh(ran), first.name).records] == [
        ("cpu", False),
        ("gpu", True),
    ]
    assert re.search(r"已运行</span> .* · CPU · .* · GPU ○<", draw(ran, records=ran.executed))


def test_shards_are_merged_by_copying(ran: SmallBook, pytester: pytest.Pytester):
    for language in ran.languages:
        other = ran.page_file(language, "part/other")
        other.write_text(ran.page_file(language, "part/page").read_text("utf-8"), "utf-8")
    (ran.snippets / "part" / "more.py").write_text(ran.snippet.read_text("utf-8").replace("1 + 2", "1 + 3"), "utf-8")
    for language in ran.languages:
        ran.edit(ran.page_file(language, "part/other"), "small.py", "more.py")
    record.save(ran, run_once(ran, ran.page("zh", "part/other")))
    merged = ran.root / "merged"
    for shard in ("1/2", "2/2"):
        execute(ran, pytester, "--shard", shard)
        assert list(publishable.freshness(afresh(ran), ran.page())) or list(
            publishable.freshness(afresh(ran), ran.page("zh", "part/other"))
        )
        shutil.copytree(ran.executed, merged, dirs_exist_ok=True)
    whole = Book(ran.root, merged)
    assert not [f for name in ran.page_names("zh") for f in publishable.freshness(whole, read(whole, "zh", name))]


# --- what no build repeats


@pytest.fixture
def other_framework(ran: SmallBook) -> SmallBook:
    """The miniature, whose page needs what is not installed; it was recorded, and nothing was executed afresh."""
    for file in (ran.zh, ran.en):
        ran.edit(file, "title:", "needs: [no_such_framework]\ntitle:")
    return ran


def declare(book: SmallBook) -> None:
    book.edit(book.root / "book.toml", '"algorithms/frameworks"', '"part/page"')


def test_a_page_that_needs_more_has_to_be_declared(other_framework: SmallBook):
    def findings() -> list[str]:
        return [str(f) for f in publishable.check(other_framework) if "no_such_framework" in f.problem]

    assert [text.partition(" ")[0] for text in findings()] == ["docs/en/part/page.md:2:", "docs/zh/part/page.md:2:"]
    declare(other_framework)
    assert findings() == []


def test_only_a_declared_page_is_skipped(other_framework: SmallBook, pytester: pytest.Pytester):
    other_framework.edit(other_framework.snippet, "seed = 0", "import no_such_framework")
    assert execute(other_framework, pytester) == {"failed": 2}
    declare(other_framework)
    assert execute(other_framework, pytester) == {"skipped": 2}


def test_an_authors_run_is_marked(other_framework: SmallBook):
    book, fresh = other_framework, afresh(other_framework)
    assert record.kept(fresh, book.page().blocks[0].name).state == "missing"
    declare(book)
    assert record.kept(fresh, book.page().blocks[0].name).state == "fresh"
    assert "○" not in draw(book) and draw(book).count("已运行") == 2, "of the committed records all say the same"
    page = draw(book, records=book.executed)
    assert page.count("○</span> 作者运行，此处未重复") == 2 and "已运行" not in page
    assert page.count("block-badge block-author") == 2 and 'class="value value-author"' in page
    assert "尚未完整重复" in page
    assert {row.state for row in run_report.rows(fresh, book.page())} == {"author"}
    assert {row.state for row in run_report.rows(book, book.page())} == {"fresh"}
    assert book_totals(fresh)["author_blocks"] == 2

    kept = record.load(book, book.page().blocks[0].name)
    assert kept
    files = [record.path(book, block.name, "cpu") for block in book.page().blocks]
    repeated.save(book, "frameworks", "part/page", files, replace(kept.circumstances, date="2026-02-03"))
    assert "2026-02-03 完整重复过" in draw(book, records=book.executed)
    lie(book)
    assert "尚未完整重复" in draw(book, records=book.executed), "what was changed since is not repeated"


# --- repeat


@pytest.fixture
def swept(ran: SmallBook) -> SmallBook:
    """The miniature with a result that depends on the seed, swept, and quoted on the page."""
    ran.edit(ran.snippet, "share = total / 4", "share = total / 4 + (seed * 7 % 5) / 100")
    for file in (ran.zh, ran.en):
        ran.edit(file, "`{python} total`", "`{python} sweep['share'].mean`")
    record.save(ran, run_once(ran, ran.page()))
    block = ran.page().blocks[1]
    sweep.save(ran, block, {"share": {str(seed): 0.75 + (seed * 7 % 5) / 100 for seed in range(3)}})
    return ran


def test_a_sweep_that_agrees_is_dated_and_an_edited_one_refused(swept: SmallBook, capsys: pytest.CaptureFixture[str]):
    assert "value-author" in draw(swept) and "尚未完整重复" in draw(swept)
    assert main(["repeat", "sweeps"], swept) == 0
    (today,) = set(re.findall(r"(\d{4}-\d\d-\d\d) 完整重复过", draw(swept)))
    assert today >= "2026"

    block = swept.page().blocks[1]
    values = sweep.load(swept, block)["share"]
    sweep.save(swept, block, {"share": {**values, "1": values["1"] + 0.02}})
    assert "尚未完整重复" in draw(swept), "an edited sweep is not the one that was repeated"
    capsys.readouterr()
    assert main(["repeat"], swept) == 1
    said = capsys.readouterr().err
    assert "docs/zh/part/page.md: repeated in full: share is [0.75, 0.77, 0.79]" in said and "0.79, 0.79]" in said
    assert "尚未完整重复" in draw(swept)
    assert main(["repeat", "sweep"], swept) == 1
    assert "name one of: long, sweeps, frameworks" in capsys.readouterr().err


LONG = """\
import json, random, time

random.seed(0)
results = {"errors": [random.random() for _ in range(5)]}
results["spent"] = time.perf_counter()  # measured: time
with open("sizes_long.json", "w") as out:
    json.dump(results, out)
"""


def test_an_edited_long_run_is_refused(ran: SmallBook, capsys: pytest.CaptureFixture[str]):
    from book.core import store

    script = ran.snippets / "part" / "sizes_long.py"
    script.write_text(LONG, encoding="utf-8")
    assert main(["long"], ran) == 0 and main(["repeat", "long"], ran) == 0
    file = long_run.result_file(ran, script)
    assert repeated.day(ran, "long", long_run.files(file))
    kept = long_run.load(ran, file)
    assert kept
    edited = re.sub(rb"0\.84", b"0.85", file.read_bytes())
    assert edited != file.read_bytes()
    long_run.save(ran, file, edited, replace(kept, result=store.sha256(edited)))
    assert not repeated.day(ran, "long", long_run.files(file))
    capsys.readouterr()
    assert main(["repeat", "long"], ran) == 1
    assert "snippets/part/sizes_long.py: repeated in full: errors is [0.844" in capsys.readouterr().err
    assert not repeated.day(ran, "long", long_run.files(file))


def test_what_this_processor_is_too_slow_for_is_left_out_with_a_word(
    ran: SmallBook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A page, and a long run that no other page reads: neither a failure, nor a repetition."""
    for file in (ran.zh, ran.en):
        ran.edit(file, "title:", "needs: [avx512_bf16]\ntitle:")
    declare(ran)
    script = ran.snippets / "part" / "sizes_long.py"
    script.write_text(LONG, encoding="utf-8")
    ran.edit(ran.snippet, "seed = 0", 'seed = 0\nwanted = "sizes_long.json"')
    assert main(["long"], ran) == 0
    monkeypatch.setattr(session, "has_instruction", lambda name: False)
    capsys.readouterr()
    assert main(["repeat", "frameworks", "long"], ran) == 0
    said = "".join(capsys.readouterr())
    for place in ("docs/zh/part/page.md", "snippets/part/sizes_long.py"):
        assert f"{place}: not repeated, this processor has no avx512_bf16" in said and f"{place}: begins" not in said
    assert not repeated.day(ran, "long", long_run.files(long_run.result_file(ran, script)))


def test_on_another_machine_samples_are_compared_by_their_spread():
    from book.run.repeat import alike

    old = [0.981, 0.984, 0.979, 0.982, 0.985]
    assert alike(old, old, exact=True) and alike(old, [value * (1 + 1e-6) for value in old], exact=False)
    assert not alike(old, [value * (1 + 1e-6) for value in old], exact=True)
    assert alike(old, [0.983, 0.980, 0.982, 0.978, 0.984], exact=False)
    assert not alike([*old[:4], 1.0], old, exact=False), "all the others are equal: so must be this one"
    assert not alike([value * 1.06 for value in old], [0.983, 0.980, 0.982, 0.978, 0.984], exact=False)
    assert not alike(old, old[:4], exact=False) and not alike([1.0, 2.0], [1.0, 2.1], exact=False)


def test_what_the_weekly_workflow_keeps_is_what_the_build_reads():
    root = Book().root
    weekly = yaml.safe_load((root / ".github" / "workflows" / "repeat.yml").read_text(encoding="utf-8"))
    path = weekly["jobs"]["repeat"]["steps"][-1]["with"]["path"]
    assert path.replace("${{ matrix.kind }}/", "") == Book().repeated.relative_to(root).as_posix() + "/"
    assert "gh run download" in (root / "Makefile").read_text(encoding="utf-8")
