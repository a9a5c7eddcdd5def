"""The pages are split into shards of about equal time, and every page is in exactly one."""

from __future__ import annotations

import json

import pytest

from book.cli import main
from book.core.findings import BookError
from book.evidence import record
from book.evidence.record import Circumstances, Record, Result
from book.run.shards import pages_of, seconds, split
from tests.unit.miniature import PAGE, SmallBook, only_finding

pytest_plugins = ["pytester"]

LENGTHS = {"a": 70.0, "b": 50.0, "c": 40.0, "d": 30.0, "e": 20.0, "f": 0.0, "g": 0.0}


@pytest.fixture
def pages(book: SmallBook) -> SmallBook:
    """A book of seven pages whose records say how long they took, and one without blocks."""
    for file in (book.zh, book.en):
        file.unlink()
    for name, length in LENGTHS.items():
        text = PAGE.format(title=name, description=name, text=name, below=name)
        code = book.snippet.read_text(encoding="utf-8").replace("seed = 0", f"seed = 0\nname = {name!r}")
        (book.snippets / f"{name}.py").write_text(code, encoding="utf-8")
        for language in ("zh", "en"):
            book.page_file(language, name).write_text(text.replace("part/small", name), encoding="utf-8")
        keep(book, name, length)
    for language in ("zh", "en"):
        book.page_file(language, "prose").write_text("---\ntitle: prose\n---\n\n# prose\n", encoding="utf-8")
    return book


def keep(book: SmallBook, name: str, length: float) -> None:
    """Record both blocks of a page as if each had taken half of the time."""
    then = Circumstances("", "", "", "", 2, "", {})
    result = Result([], length / 2, 0, {})
    record.save(book, [Record(b.name, name, b.index, "cpu", then, result) for b in book.page(name=name).blocks])


@pytest.mark.parametrize("count", range(1, len(LENGTHS) + 1))
def test_every_page_with_blocks_is_in_exactly_one_shard(pages: SmallBook, count: int):
    shards = split(pages, count)
    assert len(shards) == count and all(shard.pages for shard in shards)
    assert sorted(name for shard in shards for name in shard.pages) == sorted(LENGTHS)
    assert [pages_of(pages, f"{i}/{count}") for i in range(1, count + 1)] == [frozenset(one.pages) for one in shards]


def test_the_longest_come_first(pages: SmallBook):
    assert [(shard.pages, shard.seconds) for shard in split(pages, 2)] == [
        (("a", "d", "f", "g"), 100),
        (("b", "c", "e"), 110),
    ]


def test_a_page_without_a_usable_record_counts_as_its_limit(pages: SmallBook):
    pages.edit(pages.snippets / "a.py", "total / 4", "total / 5")
    assert seconds(pages, pages.page(name="a")) == 120
    pages.edit(pages.page_file("zh", "a"), "title: a", "title: a\npage_seconds: 300")
    assert seconds(pages, pages.page(name="a")) == 300
    record.path(pages, pages.page(name="b").blocks[0].name, "cpu").write_text("{", encoding="utf-8")
    assert seconds(pages, pages.page(name="b")) == 120


@pytest.mark.parametrize("which", ["", "3", "0/2", "3/2", "1/0", "-1/2", "1/2/3", "a/b", "01/2", "1/02", "1/9"])
def test_what_names_no_shard_is_refused(pages: SmallBook, which: str):
    with pytest.raises(BookError) as caught:
        pages_of(pages, which)
    only_finding(caught.value)


def test_the_command_prints_the_split(pages: SmallBook, capsys: pytest.CaptureFixture[str]):
    assert main(["shards", "2"], pages) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"shard": "1/2", "seconds": 100.0, "pages": ["a", "d", "f", "g"]},
        {"shard": "2/2", "seconds": 110.0, "pages": ["b", "c", "e"]},
    ]
    assert main(["shards", "8"], pages) == 1
    assert "7 pages with blocks cannot be split into 8 shards" in capsys.readouterr().err


def collected(book: SmallBook, pytester: pytest.Pytester, *arguments: str) -> tuple[list[str], str, int]:
    """Return the blocks that pytest would run, all that it says, and its exit status."""
    (book.root / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    result = pytester.runpytest_inprocess(
        "-p", "book.pytest_plugin", "--codeblocks", "--collect-only", "-q", f"--rootdir={book.root}", *arguments
    )
    items = [line for line in result.outlines if "::" in line]
    return items, f"{result.stdout.str()}{result.stderr.str()}", int(result.ret)


def test_pytest_runs_one_shard(pages: SmallBook, pytester: pytest.Pytester):
    docs = str(pages.docs("zh"))
    everything, _, _ = collected(pages, pytester, docs)
    parts = [collected(pages, pytester, "--shard", f"{i}/3", docs)[0] for i in (1, 2, 3)]
    assert len(everything) == 2 * len(LENGTHS) and all(parts)
    assert sorted(item for part in parts for item in part) == sorted(everything)
    _, said, status = collected(pages, pytester, "--shard", "8/8", docs)
    assert status == pytest.ExitCode.USAGE_ERROR and "cannot be split into 8 shards" in said
