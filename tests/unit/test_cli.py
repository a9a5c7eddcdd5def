"""Whatever is typed and whatever happens, a command ends in a result or in one message, never in a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from book.cli import _progress, console, main
from book.core.findings import error
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


def test_a_line_number_is_no_picture(book: SmallBook, capfd: pytest.CaptureFixture[str]):
    assert str(error("x", "y", "docs/zh/part/page.md", 100)).startswith("docs/zh/part/page.md:100: x")
    console.print(str(error("x", "y", "docs/zh/[b]a.md", 100)), markup=False)
    console.print("docs/zh/part/page.md:100: x")
    with _progress() as progress:
        progress.add_task("part/[red]page:100: line")
    shown = capfd.readouterr().err
    assert shown.count(":100:") == 3 and "[b]a.md" in shown and "[red]page" in shown


def test_an_argument_is_read_where_the_system_names_no_language(book: SmallBook):
    done = subprocess.run(
        [sys.executable, "-m", "book", "new", "part/more", "--zh-title", "更多", "--en-title", "More"],
        cwd=book.root, capture_output=True, text=True, check=False, encoding="utf-8",
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "# 更多 {#more}" in book.page_file("zh", "part/more").read_text(encoding="utf-8")
