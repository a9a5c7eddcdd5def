"""Put every page that has code to the same test, and tell all pages that fail it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import pytest

from book.core import store
from book.core.page import read
from book.core.site import Book
from book.evidence import record

BOOK = Book()
PAGES = [(each, name) for each in BOOK.languages for name in BOOK.page_names(each) if read(BOOK, each, name).blocks]


def recorded(language: str, name: str, variable: str) -> Any:
    """Return the value that a variable of a page has when it is first recorded."""
    kept = [record.kept(BOOK, block.name).shown for block in read(BOOK, language, name).blocks]
    return next(one.result.variables[variable] for one in kept if one and variable in one.result.variables)


def turn(name: str) -> int:
    """Return a number that stays with a name, to ask one thing here and another there."""
    return crc32(name.encode())


def asked_in(name: str) -> str:
    """Return the language in which something is tested for which one language is enough, since that takes long."""
    return BOOK.languages[turn(name) % 2]


IN_TURN = [(language, name) for language, name in PAGES if language == asked_in(name)]


def every_page(test: Callable[..., None], pages: Sequence[tuple[str, str]] = PAGES) -> Callable[..., None]:
    """Call a test for the language and name of every page; its other parameters are fixtures.

    Meanwhile nobody changes the book: each of its files is looked at once.
    """

    def on_every_page(**fixtures: Any) -> None:
        failures = []
        with store.steady():
            for language, name in pages:
                try:
                    test(language, name, **fixtures)
                except Exception as problem:
                    failures.append(f"{language}/{name}: {type(problem).__name__}: {problem}")
        if failures:
            pytest.fail("\n".join(failures), pytrace=False)

    parameters = list(inspect.signature(test).parameters.values())[2:]
    on_every_page.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    on_every_page.__name__, on_every_page.__doc__ = test.__name__, test.__doc__
    on_every_page.__module__ = test.__module__
    return on_every_page
