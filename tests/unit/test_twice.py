"""What is random, or tells the time, without being declared so, is found by a second run and named with its line."""

from __future__ import annotations

from book.run import repeat
from book.run.session import run_page
from tests.unit.miniature import SmallBook, blocks

RANDOM = {
    "import random\nshare = random.random()": "share",
    "del share\nprint({'alpha', 'beta', 'gamma', 'delta', 'epsilon'})": "output 1",
    "import datetime\nprint(datetime.date.today())": "output 1",
    "import time\nmoment = time.time()": "moment",
    "del moment\nimport os\nprint(os.getpid())": "output 1",
    "import matplotlib.pyplot as plt\nplt.plot([0, random.random()])\nplt.show()": "figure 1",
}
"""Blocks, and what differs when they run again."""
DECLARED = "began = time.perf_counter()  # measured: time\nprint(time.perf_counter() - began)"


def test_what_differs_in_a_second_run_is_named_unless_it_is_declared(book: SmallBook):
    page = blocks(book, *RANDOM, DECLARED)
    findings = repeat.differing(book, page, run_page(book, page))
    assert [finding.line for finding in findings] == [block.line for block in page.blocks[:-1]]
    for finding, says in zip(findings, RANDOM.values(), strict=True):
        assert finding.file == "docs/zh/part/page.md" and "# measured: time" in finding.remedy
        assert f"a second run says otherwise: {says}" in finding.problem
