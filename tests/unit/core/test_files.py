"""The files that code names: found in the folder it runs in, part of the block's name, offered for download."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.check import publishable
from book.core import inputs
from book.evidence import record
from tests.unit.draw.test_render import draw
from tests.unit.miniature import SmallBook, make, run_once

READS = """\
import csv

with open("sizes.csv") as table:
    sizes = [int(row["size"]) for row in csv.DictReader(table)]
"""


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    small = make(tmp_path)
    table = tmp_path / "docs" / "data" / "sizes.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text("size\n3\n4\n")
    small.edit(small.snippet, "total = 1 + 2\n", f"{READS}total = sum(sizes)\n")
    return small


def test_a_block_finds_the_file_it_names_in_its_folder(book: SmallBook):
    assert run_once(book, book.page())[0].result.variables["total"] == 7


def test_a_changed_file_makes_the_block_and_those_below_stale(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    assert publishable.is_fresh(book, book.page())
    (book.root / "docs" / "data" / "sizes.csv").write_text("size\n3\n5\n")
    (finding,) = publishable.freshness(book, book.page())
    assert finding.problem.endswith("has not run since sizes.csv changed, which it reads; 1 more below it with it")


def test_the_renderer_knows_the_record_of_such_a_block(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    assert "total 7" in draw(book) and "block-missing" not in draw(book)


def test_only_a_text_that_is_the_whole_name_names_a_file(book: SmallBook):
    assert set(inputs.named(book, 'open("sizes.csv")')) == {"sizes.csv"}
    assert inputs.named(book, 'print("see sizes.csv")  # sizes.csv') == {}
    assert inputs.canonical(book, "cat sizes.csv", "bash") == "cat sizes.csv"
