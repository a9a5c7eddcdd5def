"""What certain libraries and data sets need so that code that uses them runs alike everywhere: one module each.

``book.toml`` names those of a book: ``[run] providers = ["tensorflow", "mnist"]``, modules of this package, or a dotted
name of the book's own. A module has ``PROVIDER``, an instance of ``Provider`` that overrides what it needs. A book
without any runs, too.
"""

import importlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from book.core.findings import error
from book.core.site import CONFIGURATION, Book

VARIABLE = "BOOK_PROVIDERS"
"""Environment variable by which a process that runs code of the book knows the book's providers."""


@dataclass(frozen=True)
class Source:
    """Where a data set lies, where it came from, and the environment variables by which code finds it."""

    file: Path
    origin: str
    variables: Mapping[str, str] = field(default_factory=dict)


class Provider:
    """What one library or data set needs."""

    noise: re.Pattern[str] | None = None
    """Beginnings of lines on standard error that say nothing to a reader."""

    def source(self, book: Book, *, download: bool = False) -> Source | None:
        """Return the data set, verified, and fetched where it is not there yet; ``download``: from its host."""

    def uses(self, code: str) -> bool:
        """Tell whether code needs the data set."""
        return False

    def environment(self, book: Book, threads: int) -> dict[str, str]:
        """Return the environment variables that code sees."""
        return {}

    def prepare(self) -> None:
        """Prepare the process in which code of the book is about to run."""

    def gpus(self) -> list[str]:
        """Return the names of the GPUs that the library uses in this process."""
        return []


def load(names: Iterable[str]) -> list[Provider]:
    """Return providers by their names."""
    found: list[Provider] = []
    for name in names:
        try:
            module = importlib.import_module(name if "." in name else f"{__name__}.{name}")
            found.append(module.PROVIDER)
        except (ImportError, AttributeError) as problem:
            known = ", ".join(sorted(file.stem for file in Path(__file__).parent.glob("[a-z]*.py")))
            remedy = f"name some of: {known}; or a module with PROVIDER, by its dotted name"
            raise error(f"there is no provider {name!r} ({problem})", remedy, CONFIGURATION) from None
    return found


def sources(book: Book, codes: Sequence[str]) -> list[Source]:
    """Return the data sets that code uses, verified."""
    used = (each for each in load(book.providers) if any(each.uses(code) for code in codes))
    return [source for each in used if (source := each.source(book))]


def environment(book: Book, threads: int) -> dict[str, str]:
    """Return the environment variables of all the book's providers."""
    found = {VARIABLE: " ".join(book.providers)}
    for each in load(book.providers):
        found |= each.environment(book, threads)
    return found


def quiet(book: Book, lines: Iterable[str]) -> list[str]:
    """Return the lines of standard error that say something to a reader."""
    noises = [each.noise for each in load(book.providers) if each.noise]
    return [line for line in lines if not any(noise.match(line) for noise in noises)]


def prepare() -> list[Provider]:
    """Prepare this process, in which code of the book is about to run, and return what prepared it."""
    found = load(os.environ.get(VARIABLE, "").split())
    for each in found:
        each.prepare()
    return found


def report(book: Book) -> str:
    """Fetch and verify every data set and say, in lines for people, what is there."""
    found = (each.source(book, download=not os.environ.get("BOOK_OFFLINE")) for each in load(book.providers))
    lines = [
        f"{source.origin}\n    {book.shown(source.file)}, {source.file.stat().st_size / 1e6:.1f} MB"
        for source in found
        if source
    ]
    return "\n".join(lines) or "this book uses no data sets"
