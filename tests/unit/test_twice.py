"""What is random, or tells the time, without being declared so, is found by a second run and named with its line."""

from __future__ import annotations

import pytest

from book.run import twice
from book.run.session import run_page
from tests.unit.miniature import SECOND_BLOCK, SmallBook

BLOCK = "share = total / 4\nshare"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import random\nshare = random.random()", "share"),
        ("print({'alpha', 'beta', 'gamma', 'delta', 'epsilon'})", "output 1"),
        ("import datetime\nprint(datetime.date.today())", "output 1"),
        ("import time\nshare = time.time()", "share"),
        ("import os\nprint(os.getpid())", "output 1"),
        ("import random\nimport matplotlib.pyplot as plt\nplt.plot([0, random.random()])\nplt.show()", "figure 1"),
    ],
    ids=["random", "hash", "day", "time", "process", "figure"],
)
def test_what_differs_in_a_second_run_is_named(book: SmallBook, code: str, says: str):
    book.edit(book.snippet, BLOCK, code)
    (finding,) = twice.findings(book, book.page(), run_page(book, book.page()))
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK)
    assert f"a second run says otherwise: {says}" in finding.problem and "# measured: time" in finding.remedy


def test_what_is_the_same_or_declared_is_not(book: SmallBook):
    code = "import time\nbegan = time.perf_counter()  # measured: time\nprint(time.perf_counter() - began)"
    book.edit(book.snippet, BLOCK, code)
    assert twice.findings(book, book.page(), run_page(book, book.page())) == []
