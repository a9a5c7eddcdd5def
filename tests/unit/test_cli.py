"""Whatever is typed and whatever happens, a command ends in a result or in one message, never in a traceback."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from book.cli import main
from book.core.unforeseen import as_error
from tests.unit.miniature import SmallBook


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--port", "80000"], "'80000' is not a whole number from 1 to 65535"),
        (["serve", "--port", "-1"], "not a whole number"),
        (["serve", "--port", "http"], "not a whole number"),
        (["sweep", "part/page", "--seeds", "0"], "'0' is not a whole number of at least 1"),
        (["shards", "two"], "'two' is not a whole number"),
        (["shards", "\u00b2"], "not a whole number"),
        (["rum"], "invalid choice: 'rum'"),
        ([], "required: COMMAND"),
    ],
)
def test_what_was_mistyped_is_named(
    book: SmallBook, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
):
    with pytest.raises(SystemExit) as ended:
        main(arguments, book)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def broken(*_: object, **__: object) -> None:
    raise KeyError("a fault\nof two lines")


@pytest.mark.parametrize(
    ("arguments", "function", "place"),
    [
        (["run"], "book.run.outputs.as_terminal", "docs/zh/part/page.md:8: running the page"),
        (["run", "--page", "part/page"], "book.run.session.PageRun._fill", "docs/zh/part/page.md: running the page"),
        (["check"], "book.check.publishable.check", "book: python -m book check"),
        (["equations"], "book.core.page.find_fences", "docs/zh/part/page.md: python -m book equations"),
        (["shards", "1"], "book.run.shards.split", "book: python -m book shards"),
    ],
)
def test_what_nobody_foresaw_is_one_message_with_a_file_to_report(
    book: SmallBook,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    function: str,
    place: str,
):
    monkeypatch.setattr(function, broken)
    assert main(arguments, book) == 1
    said = capsys.readouterr().err
    assert f"{place} failed in a way that nobody foresaw: KeyError: 'a fault" in said
    assert "Traceback" not in said
    (file,) = re.findall(r"report it, with this command, the page and (\.cache/unforeseen-\w+\.txt)", said)
    assert "in broken\n    raise KeyError" in (book.root / file).read_text(encoding="utf-8")


def test_where_the_file_cannot_be_written_the_message_holds_everything(book: SmallBook):
    book.cache.write_text("this is no folder")
    try:
        broken()
    except KeyError as problem:
        assert "raise KeyError" in str(as_error(book, problem))


def test_a_disk_that_is_full_is_no_fault_of_the_book(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", str(Path(book.root, "x")))

    monkeypatch.setattr("book.run.shards.split", full)
    assert main(["shards", "1"], book) == 1
    assert "x: the disk is full" in capsys.readouterr().err
