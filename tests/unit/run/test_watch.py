"""`run --watch` goes on with the block that was edited, in the state that a run from the start would have."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread

from book.check.publishable import check
from book.core.findings import BookError
from book.core.page import Block
from book.evidence import record
from book.evidence.record import Record, Result
from book.run import watch
from book.run.session import news, run_page
from tests.unit.miniature import SmallBook


def test_only_what_was_edited_and_what_is_below_runs_again_and_leaks_nothing(book: SmallBook):
    book.edit(book.snippet, "total = 1 + 2", "total = 1 + 2\nnumbers = []")
    book.edit(book.snippet, "share = total / 4\nshare", "numbers.append(1)\nshare = len(numbers)")
    ran: list[int] = []
    outcomes: list[Sequence[Record] | BookError] = []
    said: list[list[int]] = []

    def edits() -> Iterator[None]:
        for old, new in (
            ("share = len(numbers)", "share = len(numbers) + 0"),
            ("share = len(numbers) + 0", "share = len(numbers) / 0"),
            ("share = len(numbers) / 0", "share = len(numbers) + 10"),
            ("# --8<-- [start:second]", "# a comment\n# --8<-- [start:second]"),
            ("total = 1 + 2", "total = 1 + 3"),
        ):
            said.append(ran.copy())
            ran.clear()
            book.edit(book.snippet, old, new)
            yield
        said.append(ran.copy())

    def tell(block: Block, result: Result | None) -> None:
        if result:
            ran.append(block.index)

    watch.watch(book, "part/page", edits(), tell, outcomes.append)
    assert said == [[0, 1], [1], [], [1], [], [0, 1]]
    shares = [o[1].result.variables["share"] if isinstance(o, list) else "ZeroDivisionError" for o in outcomes]
    assert shares == [1, 1, "ZeroDivisionError", 11, 11]
    assert "ZeroDivisionError" in str(outcomes[2]) and "docs/zh/part/page.md:14" in str(outcomes[2])
    names = [block.name for block in book.page().blocks]
    assert isinstance(last := outcomes[-1], list) and [one.name for one in last] == names


def test_a_page_that_is_fresh_runs_only_when_it_changes(book: SmallBook):
    record.save(book, run_page(book, book.page()))
    watch.watch(book, "part/page", iter([None]), lambda block, result: None, lambda outcome: None)
    before = record.path(book, book.page().blocks[0].name, "cpu").read_bytes()
    book.edit(book.snippet, "total / 4", "total / 5")

    def ran(outcome: Sequence[Record] | BookError) -> None:
        assert not isinstance(outcome, BookError)
        record.save(book, outcome)

    watch.watch(book, "part/page", iter([]), lambda block, result: None, ran)
    assert check(book) == []
    assert record.path(book, book.page().blocks[0].name, "cpu").read_bytes() == before


def test_each_file_that_is_saved_is_seen(tmp_path: Path):
    seen: list[float] = []

    def look() -> None:
        for _ in watch.saves([tmp_path]):
            seen.append(time.monotonic())
            return

    thread = Thread(target=look, daemon=True)
    thread.start()
    for number in range(600):  # on a busy machine the thread may begin to look after the first
        (tmp_path / "page.md").write_text(str(number), encoding="utf-8")
        thread.join(0.1)
        if not thread.is_alive():
            break
    assert len(seen) == 1


def test_records_above_a_stale_block_stay_unless_the_run_gives_something_else(book: SmallBook):
    first, second = run_page(book, book.page())
    record.save(book, [first])
    assert news(book, book.page(), [first, second]) == [second]
    record.save(book, [second])
    assert news(book, book.page(), [first, second]) == [first, second], (
        "what is fresh is recorded anew when it is asked for"
    )
    record.path(book, second.name, "cpu").unlink()
    other = first.__class__(**{**vars(first), "result": first.result.__class__(
        **{**vars(first.result), "variables": {"total": 4}})})  # fmt: skip
    assert news(book, book.page(), [other, second]) == [other, second]
