"""Long runs: kept with what made them, stale when their code changes, run reduced without being kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from book.check import publishable
from book.cli import main
from book.core import inputs
from book.core.findings import BookError
from book.evidence import long_run as kept_runs
from book.run import environment, long_run
from tests.unit.draw.test_render import recorded
from tests.unit.miniature import SmallBook, make

SCRIPT = """\
import json
import sys

reduced = "--reduced" in sys.argv
print("begins")
with open("sizes_long.json", "w") as out:
    json.dump({"points": 2 if reduced else 10}, out)
"""


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    small = make(tmp_path)
    script(small).write_text(SCRIPT)
    return small


def script(book: SmallBook) -> Path:
    return book.snippets / "part" / "sizes_long.py"


def test_a_result_is_kept_as_it_is_with_what_made_it(book: SmallBook):
    kept = long_run.run(book, script(book))
    assert json.loads((book.long / "sizes_long.json").read_text()) == {"points": 10}
    assert kept_runs.load(book, book.long / "sizes_long.json") == kept
    assert kept.script == "part/sizes_long.py" and kept.seconds > 0
    assert list(kept_runs.findings(book)) == []
    assert set(inputs.named(book, 'open("sizes_long.json")')) == {"sizes_long.json"}


def test_a_reduced_run_keeps_nothing(book: SmallBook):
    long_run.run(book, script(book), reduced=True)
    assert not book.long.exists()


@pytest.mark.parametrize(("flags", "runs"), [("fpu avx512_bf16", True), ("fpu avx2", False)])
def test_what_is_too_slow_for_a_page_is_too_slow_for_its_long_run(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], flags: str, runs: bool
):
    own = environment._cpuinfo()
    monkeypatch.setattr(environment, "_cpuinfo", lambda: own | {"flags": flags})
    book.edit(book.snippet, "total = 1 + 2", 'total = 1 + 2\nfile = "sizes_long.json"')
    for file in (book.zh, book.en):
        book.edit(file, "title:", "needs: [avx512_bf16]\ntitle:")
    assert main(["long", "--reduced"], book) == 0
    said = "".join(capfd.readouterr())
    assert ("sizes_long.py: begins" in said) == runs and ("has no avx512_bf16" in said) != runs


def test_a_changed_script_makes_its_result_stale_but_a_comment_does_not(book: SmallBook):
    long_run.run(book, script(book))
    book.edit(script(book), "reduced = ", "# why\nreduced = ")
    assert list(kept_runs.findings(book)) == []
    book.edit(script(book), "else 10", "else 11")
    (finding,) = kept_runs.findings(book)
    assert finding.file == "snippets/part/sizes_long.py" and "make long" in finding.remedy


def test_only_what_is_stale_runs_again(book: SmallBook):
    assert main(["long"], book) == 0
    before = (book.long / "sizes_long.run.json").stat().st_mtime_ns
    assert main(["long"], book) == 0
    assert (book.long / "sizes_long.run.json").stat().st_mtime_ns == before
    assert main(["long", "--all"], book) == 0
    assert (book.long / "sizes_long.run.json").stat().st_mtime_ns != before


@pytest.mark.parametrize("file", ["sizes_long.json", "sizes_long.run.json"])
def test_what_was_changed_by_hand_is_refused(book: SmallBook, file: str):
    long_run.run(book, script(book))
    damaged = book.long / file
    damaged.write_text(damaged.read_text().replace("1", "2"))
    assert next(kept_runs.findings(book)).remedy.startswith("bring back what was committed")


def test_a_script_that_fails_loses_nothing(book: SmallBook):
    long_run.run(book, script(book))
    before = (book.long / "sizes_long.json").read_bytes()
    book.edit(script(book), 'print("begins")', 'raise SystemExit("no")')
    with pytest.raises(BookError, match="exit status 1"):
        long_run.run(book, script(book))
    assert (book.long / "sizes_long.json").read_bytes() == before


def test_a_script_that_writes_nothing_or_no_json_is_refused(book: SmallBook):
    book.edit(script(book), "json.dump(", "out.write(str(")
    book.edit(script(book), "}, out)", "}))")
    with pytest.raises(BookError, match="not JSON"):
        long_run.run(book, script(book))
    script(book).write_text("print(1)\n")
    with pytest.raises(BookError, match="wrote no sizes_long"):
        long_run.run(book, script(book))


def test_a_result_without_its_script_is_named(book: SmallBook):
    long_run.run(book, script(book))
    script(book).unlink()
    assert ["delete it" in finding.remedy for finding in kept_runs.findings(book)] == [True]


def test_check_asks_for_a_long_run(book: SmallBook):
    assert any("this long run is stale" in finding.problem for finding in publishable.check(book))


def test_a_block_says_what_long_run_it_reads(book: SmallBook):
    book.edit(book.snippet, "total = 1 + 2", 'total = len(open("sizes_long.json").read())')
    long_run.run(book, script(book))
    assert "sizes_long.py" in (page := recorded(book)) and "block-long" in page


def test_an_unknown_script_is_named(book: SmallBook):
    assert main(["long", "--script", "part/nothing_long.py"], book) == 1
