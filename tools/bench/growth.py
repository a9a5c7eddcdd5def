"""How the cost of the book grows with its pages, and how long a saved page takes to be seen."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from book.core.site import Book
from tools.bench import sample
from tools.bench.sites import BOTH, ONE, checkout, record_at_once
from tools.bench.tools import LAST_LINES, OURS, WORK, Failed, free_port, median, run

START_SECONDS = 180
SEEN_SECONDS = 30
POLL_SECONDS = 0.05
QUIET_SECONDS = 1.0
"""Rest between two edits, so that each is an edit of its own."""
BUILD_SECONDS = 600

INSIDE = """\
import json, time
from book.check import publishable
from book.core.page import read
from book.core.site import Book
book = Book()
began = time.perf_counter()
pages = [read(book, language, name) for language in book.languages for name in book.page_names(language)]
read_seconds = time.perf_counter() - began
began = time.perf_counter()
ours = [page for page in pages if page.language == book.languages[0]]
stale = [finding for page in ours for finding in publishable.freshness(book, page)]
assert not stale, stale[0]
print(json.dumps({"read": read_seconds, "freshness": time.perf_counter() - began}))
"""
"""Run in a checkout, in a process of its own: what is read once is kept, and here everything is read afresh."""


def book_of(pages: int) -> Book:
    """Return a checkout with so many pages a language and fresh records, without running a block."""
    contents = sample.make(pages)
    book = checkout(WORK / f"growth-{pages}", contents)
    record_at_once(book, contents)
    return book


def cost(book: Book, repetitions: int) -> dict[str, float]:
    """Return the seconds to read all pages, tell what is stale, and build one language, anew and once more.

    Raises:
        Failed: something is stale, or the build refuses.
    """
    inside = [json.loads(run([OURS, "-c", INSIDE], book.root)[1]) for _ in range(repetitions)]
    builds, unchanged = [], []
    for _ in range(repetitions):
        for made in (book.root / "site", book.cache / "drawn", book.cache / "built"):
            shutil.rmtree(made, ignore_errors=True)
        builds.append(run([OURS, *ONE], book.root, seconds=BUILD_SECONDS)[0])
        unchanged.append(run([OURS, *ONE], book.root, seconds=BUILD_SECONDS)[0])
    return {
        "read": median(one["read"] for one in inside),
        "freshness": median(one["freshness"] for one in inside),
        "build": median(builds),
        "build, unchanged": median(unchanged),
    }


def build_both(book: Book) -> float:
    """Return the seconds of a check and a build of both languages.

    Raises:
        Failed: it refuses.
    """
    shutil.rmtree(book.root / "site", ignore_errors=True)
    return run([OURS, *BOTH], book.root, seconds=BUILD_SECONDS)[0]


def linearity(sizes: Sequence[int], seconds: Sequence[float]) -> dict[str, Any]:
    """Fit a straight line, and compare what a page costs in the first stretch with what it costs in the last.

    Returns:
        ``fixed`` seconds and ``per_page`` milliseconds of the line, the share ``r2`` of the spread that it explains,
        and ``last_to_first``: milliseconds a page between the two largest sizes over those between the two smallest;
        1 where the cost is linear, the ratio of the sizes where it grows with their square.
    """
    line = statistics.linear_regression(sizes, seconds)
    steps = [
        (seconds[i + 1] - seconds[i]) / (sizes[i + 1] - sizes[i]) for i in (0, len(sizes) - 2)
    ]  # fmt: skip
    return {
        "fixed": round(line.intercept, 3),
        "per_page": round(1000 * line.slope, 2),
        "r2": round(statistics.correlation(sizes, seconds) ** 2, 4),
        "last_to_first": round(steps[1] / steps[0], 2) if steps[0] > 0 else None,
    }


def saved_to_seen(pages: int, repetitions: int) -> dict[str, Any]:
    """Save a page, or a snippet, under ``make serve`` and wait until its new text is served.

    Returns:
        Seconds of each save, for a page in either language and for a comment in a snippet, and until the first view.

    Raises:
        Failed: the preview does not start, or does not show what was saved.
    """
    book = book_of(pages)
    name = sample.make(pages)[pages // 2].name
    port = free_port()
    log = book.root / "serve.log"
    with log.open("w") as output:
        began = time.perf_counter()
        server = subprocess.Popen(
            [OURS, "-m", "book", "serve", "--port", str(port)], cwd=book.root, stdout=output, stderr=output
        )
        try:
            site = f"http://127.0.0.1:{port}/"
            while server.poll() is None and "127.0.0.1" not in log.read_text(encoding="utf-8"):
                time.sleep(POLL_SECONDS)  # until it says where it serves
            if server.poll() is not None:
                raise Failed(f"the preview did not start\n{_last_lines(log)}")
            first = _wait(site, "</html>", began, START_SECONDS, log)
            found: dict[str, list[float]] = {"page in Chinese": [], "page in English": [], "snippet": []}
            for number in range(1, repetitions + 1):
                for kind, file, address in (
                    ("page in Chinese", book.page_file("zh", name), f"{site}{name}/"),
                    ("page in English", book.page_file("en", name), f"{site}en/{name}/"),
                    ("snippet", book.snippets / f"{name}.py", f"{site}{name}/"),
                ):
                    time.sleep(QUIET_SECONDS)
                    text, mark = file.read_text(encoding="utf-8"), f"saved{number}"
                    if kind == "snippet":
                        changed = text.replace("seed = 0", f"seed = 0  # {mark}", 1)
                    else:
                        changed = sample.edit(text, mark)
                    began = time.perf_counter()
                    file.write_text(changed, encoding="utf-8")
                    found[kind].append(round(_wait(address, mark, began, SEEN_SECONDS, log), 3))
                    time.sleep(QUIET_SECONDS)
                    file.write_text(text, encoding="utf-8")
                    _wait(address, mark, time.perf_counter(), SEEN_SECONDS, log, gone=True)
        finally:
            server.terminate()
            server.wait(timeout=START_SECONDS)
    everything = [seconds for each in found.values() for seconds in each]
    return {"pages": pages, "first_view": round(first, 2), "seconds": found, "longest": max(everything)}


def _wait(address: str, text: str, began: float, limit: float, log: Path, *, gone: bool = False) -> float:
    """Ask for a page until it shows a text, or no longer does, and return the seconds since ``began``."""
    while time.perf_counter() - began < limit:
        with suppress(OSError), urllib.request.urlopen(address, timeout=limit) as answer:
            if (text in answer.read().decode()) != gone:
                return time.perf_counter() - began
        time.sleep(POLL_SECONDS)
    raise Failed(f"{address} did not show what was saved within {limit:g} s\n{_last_lines(log)}")


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8").splitlines()[-LAST_LINES:])
