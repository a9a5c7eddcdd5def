"""Refuse inline values that nothing recorded stands behind, or that cannot be computed.

That the code above assigns what a value reads is known before anything runs. Whether its text follows from what was
recorded is tried: each thing that it reads is replaced by another, and the text has to change.
"""

import difflib
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from book.core import syntax
from book.core.expression import Refused, names, reads
from book.core.findings import BookError, Finding
from book.core.page import Block, Page, read
from book.core.rendered import VALUE, rendered
from book.core.site import Book
from book.draw.values import FUNCTIONS, SWEPT, Scope, scope, understood, variables
from book.evidence import record

_GLUED = re.compile(rf"\d[.,]?{VALUE}|{VALUE}[.,]?\d|{VALUE}[.,]?{VALUE}|(?<!\w)[-−+.]{VALUE}")


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield what is wrong with the inline values of a page; what they amount to counts where every record is fresh."""
    refused = [*unfounded(book, page), *_glued(book, page)]
    yield from refused
    if not refused and _is_fresh(book, page.blocks):
        yield from _amounts(book, page)


def _amounts(book: Book, page: Page) -> Iterator[Finding]:
    known, shown = scope(book, page), book.shown(page.file)
    said: dict[str, tuple[str, int]] = {}
    for value in page.values:
        others = {other for other, _ in variables(value.expression, page.name)} - {page.name}
        if not all(_is_fresh(book, _blocks(book, page, other)) for other in others):
            continue
        try:
            text = known.evaluate(value.expression, value.after)
        except ValueError as problem:
            wrong = f"the inline value `{value.expression}` cannot be computed: {problem}"
            yield Finding(shown, value.line, wrong, _remedy(page, value.expression, problem))
            continue
        before, line = said.setdefault(value.expression, (text, value.line))
        if text != before:
            wrong = f"`{value.expression}` is {text} here and {before} in line {line}: a block between them changes it"
            yield Finding(shown, value.line, wrong, "give one of the two another name in the code")
        for idle in _without_effect(known, value.expression, value.after, text):
            wrong = f"`{value.expression}` is {text} whatever `{idle}` is"
            yield Finding(shown, value.line, wrong, "write the name that is meant, and nothing that hides it")


def _is_fresh(book: Book, blocks: Sequence[Block]) -> bool:
    return all(record.kept(book, block.name).state == "fresh" for block in blocks)


def unfounded(book: Book, page: Page) -> Iterator[Finding]:
    """Yield the inline values that read what no block above assigns, or more than what was recorded."""
    shown = book.shown(page.file)
    for value in page.values:
        try:
            own = names(understood(value.expression)) - FUNCTIONS.keys()
        except Refused as problem:
            wrong = f"the inline value `{value.expression}` is refused: {problem}"
            yield Finding(shown, value.line, wrong, "compute it in a block above, and write the name that it assigns")
            continue
        for other, name in dict.fromkeys(variables(value.expression, page.name)):
            above = page.blocks[: value.after] if name in own else _blocks(book, page, other)
            if name not in _assigned(above):
                where = "no block above" if name in own else f"no block of {other}"
                wrong = f"the inline value `{value.expression}` reads {name}, which {where} assigns"
                yield Finding(shown, value.line, wrong, _nearest(name, above, page.blocks[value.after :]))


def _glued(book: Book, page: Page) -> Iterator[Finding]:
    """Yield the inline values that make one number with what stands right beside them."""
    read = rendered(page.text)
    for match in _GLUED.finditer(read.text):
        line = page.lines[read.line(match.start())].page_line
        problem = f"an inline value and {match[0].replace(VALUE, '') or 'another'!r} beside it make one number"
        yield Finding(book.shown(page.file), line, problem, "let the code compute the number, or put a space between")


def _blocks(book: Book, page: Page, name: str) -> Sequence[Block]:
    """Return the blocks of the page or of another; none where there is none of that name."""
    if name == page.name:
        return page.blocks
    return read(book, book.languages[0], name).blocks if name in book.page_names(book.languages[0]) else ()


def _nearest(name: str, above: Sequence[Block], below: Sequence[Block]) -> str:
    for block in below:
        if name in _assigned([block]):
            return f"block {block.index + 1} (line {block.line}) assigns it: put the value below that"
    near = difflib.get_close_matches(name, _assigned(above), n=1)
    return f"write {near[0]}, if that is meant" if near else "assign it in a block above, or name another page"


def _assigned(blocks: Sequence[Block]) -> frozenset[str]:
    """Return the names that blocks assign."""
    return frozenset().union(*(syntax.bound(block.python) for block in blocks))


def _without_effect(known: Scope, expression: str, after: int, text: str) -> Iterator[str]:
    """Yield what an inline value reads without its text depending on it."""
    for name in dict.fromkeys(reads(understood(expression))):
        texts = []
        for other in _others(known.recorded(name, after)):
            with suppress(ValueError):
                texts.append(known.evaluate(expression, after, {name: other}))
        if texts and {*texts} == {text}:
            yield name


def _others(value: Any) -> tuple[Any, Any]:
    """Return two values of the same kind, one further from 0 and one nearer to it, or longer and shorter."""
    match value:
        case bool():
            return not value, not value
        case int() | float():
            finite = value if math.isfinite(value) else 1
            return 3 * finite + (7 if finite >= 0 else -7), type(value)(finite / 5)
        case str():
            return f"{value}…", value[:-1] or "…"
        case dict():
            pairs = {key: _others(item) for key, item in value.items()}
            kind = type(value)
            return kind({**{key: more for key, (more, _) in pairs.items()}, "": 0}), kind({
                key: less for key, (_, less) in pairs.items()
            })
        case list():
            both = [_others(item) for item in value]
            return [more for more, _ in both] + [0], [less for _, less in both]
    return 1, 2


def _remedy(page: Page, expression: str, problem: ValueError) -> str:
    if isinstance(problem.__cause__, BookError):
        return problem.__cause__.findings[0].remedy
    if match := SWEPT.search(expression):
        return f"run: python -m book sweep {match['page'] or page.name} --seeds 10"
    return "use a name that a block above assigns (numbers, strings, short sequences), or run: make run"
