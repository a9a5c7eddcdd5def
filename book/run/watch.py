"""Run a page again whenever it is saved, from the first block that changed on.

After each run a fresh kernel runs the blocks above the last edit (at first: above the last block) and waits there. When
the page is saved it goes on with the block that was edited: in exactly the state that a run from the start would have,
since no block below ever ran in it. What this costs is a second run of the blocks above, while the author writes.

Measured, in the seconds of the records, without the 1 to 6 s in which a kernel starts: a page on training takes 41 s
from its start and 25 s from one of its blocks, on average; on cross-entropy 38 and 20, on frameworks 33 and 12, the
practice page 208 and 99. The last block takes less than a second on most. Not chosen: pickling the variables after each
block (on the page on softmax a GradientTape refuses from block 22 of 59 on; the rest grows to 18 MB), forking the
kernel (TensorFlow has threads), going on in the kernel that ran the whole page (what
blocks below changed would be there).
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, takewhile, zip_longest
from pathlib import Path

from book.core import store
from book.core.findings import BookError
from book.core.page import read
from book.core.site import Book, files
from book.evidence import record
from book.evidence.record import Record, Result
from book.run.session import PageRun, Tell, news, records, run_on

POLLING_SECONDS = 0.2


def watch(
    book: Book, name: str, saved: Iterable[object], on_block: Tell, ran: Callable[[Sequence[Record] | BookError], None]
) -> None:
    """Run a page where it is stale, and again after each change of its code, while there is something to wait for.

    ``saved`` yields whenever a file of the book was saved; ``ran`` is called with what is to be saved of each run, or
    with why it failed.
    """
    before: list[str] | None = None
    running: PageRun | None = None
    results: list[Result] = []
    with ExitStack() as kernel:
        for _ in chain([None], saved):
            try:
                page = read(book, book.languages[0], name)
                names = [block.name for block in page.blocks]
                if before is None:
                    before = list(takewhile(lambda each: record.kept(book, each).state == "fresh", names))
                if names == before:
                    continue
                pairs = enumerate(zip_longest(before, names))
                edited = next(i for i, (was, now) in pairs if was != now) if before else len(names) - 1
                before, done = names, len(results)
                ahead = running is not None and [b.name for b in running.page.blocks[:done]] == names[:done]
                if running is None or not ahead or not running.follow(page, done):
                    kernel.close()
                    results, running = [], kernel.enter_context(PageRun(book, page))
                try:
                    run_on(running, results, page.blocks[len(results) :], on_block)
                    ran(news(book, page, records(running, results)))
                except BookError as problem:
                    edited = len(results)
                    ran(problem)
                kernel.close()
                results, running = [], kernel.enter_context(PageRun(book, page))
                run_on(running, results, page.blocks[:edited], lambda block, result: None)
            except BookError as problem:  # the page cannot be read, or fails where it did not before
                kernel.close()
                results, running = [], None
                ran(problem)


def saves(folders: Sequence[Path]) -> Iterator[None]:
    """Yield each time a file below some folders was saved, came or went."""
    before = _stamps(folders)
    while True:
        time.sleep(POLLING_SECONDS)
        if (now := _stamps(folders)) != before:
            before = now
            yield


def _stamps(folders: Sequence[Path]) -> dict[Path, object]:
    return {file: store.unnoted(file) for folder in folders for file in files(folder)}
