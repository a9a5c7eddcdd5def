"""Evaluate the inline values of the prose over what the runs left behind."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from book.core import store
from book.core.findings import BookError
from book.core.markdown import Fence, scan
from book.core.page import Block, Page, read
from book.core.site import Book
from book.equations import records
from book.evidence import outputs, record, sweep

BUILTINS: Mapping[str, Callable[..., Any]] = {
    f.__name__: f for f in (abs, float, format, int, len, max, min, round, sorted, str, sum, zip)
}
CHARACTERS_PER_MINUTE = 400
"""Reading speed for Chinese prose, characters a minute, rounded from Brysbaert (2019) and usual practice."""
WORDS_PER_MINUTE = 240
"""Reading speed for English prose, words a minute (Brysbaert 2019, doi:10.1016/j.jml.2019.104047: 238)."""


class Attributes(dict[str, Any]):
    """A dictionary whose entries read as attributes, so that prose can say ``page.seconds``."""

    def __getattr__(self, name: str) -> Any:
        """Return the entry.

        Raises:
            AttributeError: there is none of that name.
        """
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"has no {name!r}; it has: {', '.join(self)}") from None


@dataclass(frozen=True)
class Scope:
    """What inline values of a page may refer to; built once per page."""

    book: Book
    blocks: Sequence[Block]
    prose: str

    def evaluate(self, expression: str, after: int) -> str:
        """Return the text of an inline value that stands below ``after`` blocks.

        Raises:
            ValueError: it cannot be computed; the message says why.
        """
        try:
            names = self._names(after)
            # Comprehensions look names up among the globals, so the variables stand there too.
            value = eval(expression, {**names, "__builtins__": dict(BUILTINS)}, names)
        except BookError as problem:
            raise ValueError(problem.findings[0].problem) from problem
        except NameError as problem:
            if after and record.kept(self.book, self.blocks[after - 1].name).state == "missing":
                raise ValueError("the block above has no record") from None
            raise ValueError(f"{problem}") from None
        except Exception as problem:
            raise ValueError(f"{type(problem).__name__}: {problem}") from None
        return outputs.clean(f"{value}")

    def _names(self, after: int) -> Mapping[str, Any]:
        shown = record.shown(self.book, self.blocks[after - 1].name) if after else None
        return _Lazy(self._other, shown.result.variables if shown else {})

    def _other(self, name: str) -> Any:
        """Return what is no variable of the page, and costs something to compute."""
        book = self.book
        others: Mapping[str, Callable[[], Any]] = {
            "page": lambda: page_totals(book, self.blocks, self.prose),
            "book": lambda: book_totals(book),
            "results": lambda: _Lazy(lambda page: _end_of(book, page)),
            "sweep": lambda: sweep.statistics(book, self.blocks),
            "sweeps": lambda: _Lazy(lambda page: sweep.statistics(book, _blocks_of(book, page))),
        }
        return others[name]()


class _Lazy(dict[str, Any]):
    """Entries that are known, and others that are made when they are asked for."""

    def __init__(self, make: Callable[[str], Any], known: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(known)
        self._make = make

    def __missing__(self, name: str) -> Any:
        return self._make(name)


def _blocks_of(book: Book, name: str) -> Sequence[Block]:
    return read(book, book.languages[0], book.find_page(name)).blocks


def _end_of(book: Book, name: str) -> Attributes:
    """Return the variables at the end of a page."""
    blocks = _blocks_of(book, name)
    shown = record.shown(book, blocks[-1].name) if blocks else None
    if shown is None:
        raise ValueError(f"page {name} has no record")
    return Attributes(shown.result.variables)


def scope(book: Book, page: Page) -> Scope:
    """Return the scope of a page."""
    return Scope(book, page.blocks, page.text)


def page_totals(book: Book, blocks: Sequence[Block], prose: str) -> Attributes:
    """Count one page: blocks, seconds they took when recorded, largest memory, minutes to read it."""
    kept = [r for block in blocks if (r := record.shown(book, block.name))]
    return Attributes(
        blocks=len(blocks),
        seconds=sum(r.result.seconds for r in kept),
        minutes=sum(r.result.seconds for r in kept) / 60,
        peak_memory=max((r.result.peak_memory for r in kept), default=0),
        reading_minutes=reading_minutes(prose),
        machine=kept[0].circumstances.machine if kept else "",
        date=max((r.circumstances.date for r in kept), default=""),
        versions=Attributes(kept[0].circumstances.versions) if kept else Attributes(),
        python=kept[0].circumstances.python if kept else "",
    )


@store.once
def book_totals(book: Book) -> Attributes:
    """Count the whole book in its first language (the other runs the same blocks)."""
    pages = [read(book, book.languages[0], name) for name in book.page_names(book.languages[0])]
    blocks = [block for page in pages for block in page.blocks]
    kept = [r for block in blocks if (r := record.shown(book, block.name))]
    return Attributes(
        pages=len(pages),
        executed_pages=sum(bool(page.blocks) for page in pages),
        blocks=len(blocks),
        numbers=sum(len(page.values) for page in pages),
        seconds=sum(r.result.seconds for r in kept),
        minutes=sum(r.result.seconds for r in kept) / 60,
        date=max((r.circumstances.date for r in kept), default=""),
        assertions=sum(r.result.checks.get("assertions", 0) for r in kept),
        tried=sum(r.result.checks.get("tried", 0) for r in kept),
        **records.totals(book),
    )


def reading_minutes(text: str) -> int:
    """Return the minutes a page takes to read, code left out, at least 1."""
    prose = re.sub(r"<[^>]+>|\{[^}]*\}|\]\([^)]*\)", " ", scan(text).blank(Fence))
    chinese = len(re.findall(r"[一-鿿]", prose))
    words = len(re.findall(r"[A-Za-z][A-Za-z'’-]+", prose))
    return max(1, math.ceil(chinese / CHARACTERS_PER_MINUTE + words / WORDS_PER_MINUTE))
