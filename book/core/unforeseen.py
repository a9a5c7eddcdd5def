"""What nobody foresaw ends in one message, too: what was done, on which page and line, and a file to report."""

import traceback
from contextlib import suppress
from pathlib import Path

from book.core import store
from book.core.findings import BookError, error
from book.core.page import Block, Page
from book.core.site import Book


def as_error(book: Book, problem: BaseException, doing: str = "this") -> BookError:
    """Return an exception as a message for people; one that is such a message already stays as it is.

    ``doing`` says what was done, such as ``python -m book run``; the traceback is kept in ``.cache``.
    """
    if isinstance(problem, BookError):
        return problem
    text = "".join(traceback.format_exception(problem)).encode("utf-8", "backslashreplace")
    file = book.cache / f"unforeseen-{store.sha256(text)[:8]}.txt"
    remedy = f"report it, with this command, the page and {book.shown(file)}"
    try:
        store.write(file, text)
    except OSError:
        remedy = f"report it, with this command, the page and these lines:\n{text.decode()}"
    what = (str(problem).strip().splitlines() or ["(without a word)"])[0]
    name = type(problem).__name__
    return error(f"{doing} failed in a way that nobody foresaw: {name}: {what}", remedy, *_place(book, problem))


def _place(book: Book, problem: BaseException) -> tuple[str, int]:
    """Return the page and the line that the innermost function was at work on: what it calls a page or a block."""
    shown, line = "book", 0
    for frame, _ in traceback.walk_tb(problem.__traceback__):
        for value in tuple(frame.f_locals.values()):
            if isinstance(value, Path) and value.suffix == ".md":
                shown, line = book.shown(value), 0
            elif isinstance(value, Page) and book.shown(value.file) != shown:
                shown, line = book.shown(value.file), 0
            elif isinstance(value, Block) and value.line:
                with suppress(BookError):
                    shown, line = book.shown(book.page_file(book.languages[0], value.page)), value.line
    return shown, line
