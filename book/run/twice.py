"""Run a page once more, in surroundings that must make no difference: what differs is random, or tells the time.

The order of sets follows another hash seed, local time is that of another day, and some time has passed.
"""

from __future__ import annotations

from collections.abc import Sequence

from book.core.findings import BookError, Finding
from book.core.page import Page
from book.core.site import Book
from book.evidence import compare, measured
from book.evidence.near import EXACT
from book.evidence.record import Record
from book.run import failure
from book.run.session import PageRun

OTHERWISE = {"PYTHONHASHSEED": "1", "TZ": "<+24>-24"}
"""Environment variables of the second run."""


def findings(book: Book, page: Page, first: Sequence[Record]) -> list[Finding]:
    """Return, for each block that has some, what a second run says otherwise than the first without being declared."""
    what = measured.of_blocks(book, page.blocks, elsewhere=False)
    found: list[Finding] = []
    try:
        with PageRun(book, page, first[0].device, otherwise=OTHERWISE) as running:
            for block, old, its in zip(page.blocks, first, what, strict=True):
                if differ := list(compare.compare(old, running.execute(block), EXACT, its, {})):
                    problem = f"a second run says otherwise: {'; '.join(differ)}"
                    remedy = "set a seed, sort what has no order, or declare it: # measured: time"
                    found += failure.of(book.shown(page.file), block, problem, remedy).findings
    except BookError as problem:
        found += problem.findings
    return found
