"""Pytest tests every block and equation afresh, names page and snippet, and notices what changed since the record."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from book.equations import records
from book.evidence import record
from book.run import environment
from tests.unit.equation_book import declared, mark, record_all
from tests.unit.miniature import SmallBook, run_once

pytest_plugins = ["pytester"]


def outcome(book: SmallBook, pytester: pytest.Pytester, *more: str, apart: bool = False) -> tuple[dict[str, int], str]:
    """Run the plugin's tests, here or in a process of their own, and return what came of them and what was said."""
    (book.root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    arguments = ["--codeblocks", f"--rootdir={book.root}", str(book.docs("zh")), "-p", "no:cacheprovider", *more]
    run = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
    result = run("-p", "book.pytest_plugin", *arguments)
    return result.parseoutcomes(), result.stdout.str()


@pytest.fixture
def fresh(book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> SmallBook:
    from book.core.site import Book

    monkeypatch.setenv("PYTHONPATH", str(Book().root))
    record.save(book, run_once(book, book.page()))
    return book


@pytest.mark.parametrize("processes", [(), ("-n", "2", "--dist", "loadfile")])
def test_one_item_a_block_and_a_table_of_seconds(
    fresh: SmallBook, pytester: pytest.Pytester, processes: tuple[str, ...]
):
    stray = fresh.cache / "fresh" / "records" / "of a former run"
    stray.mkdir(parents=True)
    outcomes, text = outcome(fresh, pytester, *processes, apart=True)
    assert outcomes == {"passed": 2} and not stray.exists()
    assert len([*stray.parent.glob("*/cpu.json")]) == 2
    assert re.search(r"seconds per page.*\d\.\d  part/page", text, re.DOTALL)


def test_a_changed_snippet_fails_with_page_and_remedy(fresh: SmallBook, pytester: pytest.Pytester):
    fresh.edit(fresh.snippet, "total / 4", "total / 5")
    outcomes, text = outcome(fresh, pytester)
    assert outcomes == {"passed": 1, "failed": 1}
    assert "docs/zh/part/page.md:14" in text and "has no record" in text and "make run" in text


@pytest.mark.parametrize(
    ("needs", "flags", "says"),
    [
        ("no_such_framework", "", "no_such_framework not installed here (make frameworks)"),
        ("avx512_bf16", "fpu avx2 avx512_bf16_of_another", "this processor has no avx512_bf16"),
        ("avx512_bf16", "fpu avx512_bf16 sse", ""),
    ],
)
def test_a_page_that_needs_what_is_not_here_is_skipped_and_says_so(
    fresh: SmallBook, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, needs: str, flags: str, says: str
):
    own = environment._cpuinfo()
    monkeypatch.setattr(environment, "_cpuinfo", lambda: own | {"flags": flags})
    for file in (fresh.zh, fresh.en):
        fresh.edit(file, "title:", f"needs: [{needs}]\ntitle:")
    fresh.edit(fresh.root / "book.toml", '"algorithms/frameworks"', '"part/page"')
    outcomes, text = outcome(fresh, pytester, "-rs")
    assert outcomes == ({"skipped": 2} if says else {"passed": 2})
    assert says in text


def test_a_block_that_raises_fails_and_those_below_are_not_run(fresh: SmallBook, pytester: pytest.Pytester):
    fresh.edit(fresh.snippet, "total = 1 + 2", "total = 1 / 0")
    outcomes, text = outcome(fresh, pytester)
    assert outcomes == {"failed": 2}
    assert "ZeroDivisionError" in text and "snippets/part/small.py:3" in text
    assert "not run: block 1 of this page failed" in text


def test_what_nobody_foresaw_is_one_message(fresh: SmallBook, pytester: pytest.Pytester):
    plugin = "import book.evidence.record\n\n\ndef load(*_):\n    raise KeyError('a fault')\n\n\n"
    plugin += "book.evidence.record.load = load\n"
    (fresh.root / "conftest.py").write_text(plugin, encoding="utf-8")
    outcomes, text = outcome(fresh, pytester, apart=True)
    assert outcomes == {"failed": 2} and "Traceback" not in text and "def load" not in text
    assert "the test of docs/zh/part/page.md:8 failed in a way that nobody foresaw: KeyError: 'a fault'" in text


def test_a_result_other_than_the_recorded_one_fails(fresh: SmallBook, pytester: pytest.Pytester):
    other = fresh.root / "other"
    fresh.edit(fresh.snippet, "total = 1 + 2", f"from pathlib import Path\ntotal = 3 + Path({str(other)!r}).exists()")
    record.save(fresh, run_once(fresh, fresh.page()))
    assert outcome(fresh, pytester)[0] == {"passed": 2}
    other.touch()
    outcomes, text = outcome(fresh, pytester)
    assert outcomes == {"failed": 2}
    assert "total is 4, the record has 3" in text and "make rerecord" in text


def test_an_edited_output_fails_on_another_processor_too(fresh: SmallBook, pytester: pytest.Pytester):
    kept = record.load(fresh, fresh.page().blocks[0].name)
    assert kept
    elsewhere = replace(kept.circumstances, processor="another")
    output = {**kept.result.outputs[0], "text": "total 4\n"}
    record.save(fresh, [replace(kept, circumstances=elsewhere, result=replace(kept.result, outputs=[output]))])
    outcomes, text = outcome(fresh, pytester)
    assert outcomes == {"passed": 1, "failed": 1}
    assert "output 1: line 1 is 'total 3', the record has 'total 4'" in text


def test_every_equation_is_checked_afresh_and_compared_with_its_record(book: SmallBook, pytester: pytest.Pytester):
    record_all(mark(book))
    (first, second) = records.placed(book)
    kept = records.load(book, second.name)
    assert kept
    other = replace(kept, mutants=1)
    records.save(book, other)
    outcomes, text = outcome(book, pytester, str(book.docs("en")), "-k", "equation")
    assert outcomes == {"passed": 1, "failed": 1, "deselected": 4}, "the English page has none of its own"
    assert f"docs/zh/part/page.md:{second.line}: the check differs from its record" in text and "--all" in text

    book.edit(declared(book), "np.mean(x)", "np.median(x)")
    book.edit(declared(book), '"ki,i->k"', '"ki, i->k"')
    text = outcome(book, pytester, "-k", "equation")[1]
    assert f"docs/zh/part/page.md:{first.line}: equation 'mean' [" in text and "by np.median it is" in text
    assert "the equation holds, but has no record" in text and "remedy: run: make run" in text
