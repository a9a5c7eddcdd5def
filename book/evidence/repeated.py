"""When that was last repeated in full which no build repeats: long runs, sweeps, and pages for other frameworks.

``book.run.repeat`` writes it for what agreed with what is committed, under a hash of that: nothing that was changed
since counts as repeated. It is never committed, so that nobody can claim a repetition: a published site has it from
the workflow that repeats (``make repeated``).
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from book.core import store
from book.core.site import Book
from book.evidence.record import Circumstances

KINDS = ("long", "sweeps", "frameworks")


def _file(book: Book, kind: str) -> Path:
    return book.repeated / kind / "repeated.json"


def _load(book: Book, kind: str) -> dict[str, Any]:
    """Return what is known; what is damaged is not known."""
    with suppress(store.Damaged):
        return store.load(_file(book, kind)) or {}
    return {}


def _hash(book: Book, files: Iterable[Path]) -> str:
    return store.digest({str(file.relative_to(book.root)): store.state(file) for file in files})


def save(book: Book, kind: str, what: str, files: Iterable[Path], done: Circumstances | None) -> None:
    """Keep that something agreed with the files of its author's run, or (``done`` is None) that it did not."""
    known = _load(book, kind)
    known.pop(what, None)
    if done:
        known[what] = {"of": _hash(book, files), "agreed": True, "circumstances": asdict(done)}
    with store.writing(book.shown(_file(book, kind))):
        store.write(_file(book, kind), store.encode(known))


def day(book: Book, kind: str, files: Iterable[Path]) -> str:
    """Return the day on which what files hold was last repeated as they are now; empty where it was not."""
    of = _hash(book, files)
    return next((each["circumstances"]["date"] for each in _load(book, kind).values() if each["of"] == of), "")
