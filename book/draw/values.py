"""Evaluate the inline values of the prose over what the runs left behind.

An inline value picks what was recorded and formats it; whatever else is to be computed is computed in a block, where
the reader sees it. So the only numbers in it are indices, digits to round to, and, once for each number that it shows,
one that changes the unit: ``100 *``, ``/ 1e9``, or ``1 -``.
"""

from __future__ import annotations

import ast
import decimal
import math
import re
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest
from types import MappingProxyType
from typing import Any

from book.core import store
from book.core.expression import Attributes, Refused, evaluate, format_of, names, parse, reads
from book.core.findings import BookError
from book.core.markdown import Fence, scan
from book.core.page import Block, Page, pages, read
from book.core.site import Book
from book.draw import sources
from book.equations import records
from book.evidence import long_run, outputs, record, sweep

SWEPT = re.compile(r"""\bsweep(s\[["'](?P<page>.+?)["']\]|\[)""")
"""What reads results over seeds: of this page, or of the one that it names."""
OTHERS = ("book", "page", "results", "sweep", "sweeps")
"""Names that are no variables of the page."""
CHARACTERS_PER_MINUTE = 400
"""Reading speed for Chinese prose, characters a minute, rounded from Brysbaert (2019) and usual practice."""
WORDS_PER_MINUTE = 240
"""Reading speed for English prose, words a minute (Brysbaert 2019, doi:10.1016/j.jml.2019.104047: 238)."""


def _round(number: float, digits: int = 0) -> float:
    if abs(digits) > _DIGITS:
        raise Refused(f"a number has at most {_DIGITS} digits to round to")
    return round(number, digits or None)


def at_most(number: float) -> float:
    """Return a number rounded away from zero to one digit, so that as a bound it holds: 1.1e-07 becomes 2e-07."""
    return float(decimal.Context(prec=1, rounding=decimal.ROUND_UP).create_decimal_from_float(number))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{f.__name__: f for f in (abs, at_most, int, len, max, min, sum)},
    "round": _round,
}
_DIGITS = 30
_UNITS = frozenset(float(f"1e{exponent}") for exponent in range(2, _DIGITS + 1))


@lru_cache(maxsize=4096)
def understood(expression: str) -> ast.expr:
    """Return the tree of an inline value; Refused where it does more than pick what was recorded and format it."""
    tree = parse(expression)
    shown = tree.values if isinstance(tree, ast.JoinedStr) else [ast.FormattedValue(tree, -1, None)]
    for part, after in zip_longest(shown, shown[1:]):
        if isinstance(part, ast.FormattedValue):
            typed = [ast.unparse(each) for each in _typed(_without_unit(part.value))]
            format_of(part.format_spec)
            if isinstance(after, ast.FormattedValue):
                raise Refused("two numbers in it make one")
        else:
            typed = re.findall(r"[^\W_]+|[.,+−-]", ast.literal_eval(part))
        if typed:
            raise Refused(f"`{typed[0]}` was not recorded")
    if not any(reads(tree)):
        raise Refused("it reads nothing that was recorded")
    return tree


def variables(expression: str, page: str) -> Iterator[tuple[str, str]]:
    """Yield (page, variable) for each recorded name in an inline value of a page; none where it is refused."""
    try:
        tree = understood(expression)
    except Refused:
        return
    yield from ((page, name) for name in sorted(names(tree) - FUNCTIONS.keys() - {*OTHERS}))
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id="sweep"), slice=ast.Constant(value=str(name))):
                yield page, name
            case ast.Subscript(
                value=ast.Subscript(value=ast.Name(id="sweeps"), slice=ast.Constant(value=str(other))),
                slice=ast.Constant(value=str(name)),
            ):
                yield other, name
            case ast.Attribute(
                value=ast.Subscript(value=ast.Name(id="results"), slice=ast.Constant(value=str(other))), attr=name
            ):
                yield other, name


def _without_unit(field: ast.expr) -> ast.expr:
    """Return what is shown without what rounds it and without the one number that changes its unit."""
    match field:
        case ast.Call(func=ast.Name(id="round"), args=[inner, digits]) if _is_index(digits):
            return _without_unit(inner)
        case (
            ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=inner)
            | ast.BinOp(left=inner, op=ast.Add() | ast.Sub(), right=ast.Constant(value=1))
        ):
            return inner
        case (
            ast.BinOp(left=ast.Constant(value=unit), op=ast.Mult(), right=inner)
            | ast.BinOp(left=inner, op=ast.Mult() | ast.Div(), right=ast.Constant(value=unit))
        ) if unit in _UNITS:
            return inner
    return field


def _typed(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what an inline value has besides names, their entries, arithmetic and calls."""
    match node:
        case ast.Name():
            parts: Sequence[ast.expr] = ()
        case ast.Subscript(value=inner, slice=index) if _is_index(index):
            parts = (inner,)
        case ast.Attribute(value=inner) | ast.UnaryOp(op=ast.USub(), operand=inner):
            parts = (inner,)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            parts = (left, right)
        case ast.Call(func=ast.Name(), args=arguments, keywords=[]):
            parts = arguments
        case ast.Call(func=ast.Attribute(value=inner), args=arguments, keywords=[]):
            parts = (inner, *arguments)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            parts = items
        case _:
            parts = ()
            yield node
    for part in parts:
        yield from _typed(part)


def _is_index(node: ast.AST) -> bool:
    number = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return isinstance(number, ast.Constant) and (number is node or isinstance(number.value, int))


@dataclass(frozen=True)
class Scope:
    """What inline values of a page may refer to; built once per page."""

    book: Book
    blocks: Sequence[Block]
    prose: str

    def evaluate(self, expression: str, after: int, instead: Mapping[str, Any] = MappingProxyType({})) -> str:
        """Return the text of an inline value below ``after`` blocks; ``instead`` has values for what it reads.

        Raises:
            ValueError: it cannot be computed; the message says why.
        """
        try:
            tree = understood(expression)
        except Refused as problem:
            raise ValueError(f"{problem}") from None
        return outputs.clean(f"{self._amount(tree, after, instead)}")

    def recorded(self, read: str, after: int) -> Any:
        """Return what was recorded of something that an inline value reads (see ``expression.reads``)."""
        return self._amount(parse(read), after, {})

    def origin(self, expression: str, after: int) -> Block | None:
        """Return the block of this page that gave the first name in an inline value what it holds ``after`` blocks."""
        page, read = next(variables(expression, ""), ("", ""))
        if page:
            return None
        above = self.blocks if "sweep[" in expression else self.blocks[:after]  # what was swept is shown above it, too
        values = [kept.result.variables.get(read) if (kept := self._kept(block)) else None for block in above]
        same = 0
        while same < len(values) and values[-1] is not None and values[-1 - same] == values[-1]:
            same += 1
        return above[-same] if same else None

    def _kept(self, block: Block) -> record.Record | None:
        return record.kept(self.book, block.name).shown

    def _amount(self, tree: ast.expr, after: int, instead: Mapping[str, Any]) -> Any:
        try:
            return evaluate(tree, self._names(after), FUNCTIONS, instead)
        except BookError as problem:
            raise ValueError(problem.findings[0].problem) from problem
        except Refused as problem:
            if after and record.kept(self.book, self.blocks[after - 1].name).state == "missing":
                raise ValueError("the block above has no record") from None
            raise ValueError(f"{problem}") from None
        except Exception as problem:
            raise ValueError(f"{type(problem).__name__}: {problem}") from None

    def _names(self, after: int) -> Mapping[str, Any]:
        shown = record.shown(self.book, self.blocks[after - 1].name) if after else None
        return ChainMap(dict(shown.result.variables) if shown else {}, self._others)

    @cached_property
    def _others(self) -> _Lazy:
        """Values of the names that are no variables of the page, which cost something to compute."""
        book = self.book
        make: Mapping[str, Callable[[], Any]] = {
            "page": lambda: page_totals(book, self.blocks, self.prose),
            "book": lambda: book_totals(book),
            "results": lambda: _Lazy(lambda page: _end_of(book, page)),
            "sweep": lambda: _swept(book, self.blocks),
            "sweeps": lambda: _Lazy(lambda page: _swept(book, blocks_of(book, page))),
        }
        return _Lazy(lambda name: make[name]())


class _Lazy(dict[str, Any]):
    """Entries that are made when they are first asked for."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> Any:
        self[name] = self._make(name)
        return self[name]


def blocks_of(book: Book, name: str) -> Sequence[Block]:
    """Return the blocks of a page, however its name was typed."""
    return read(book, book.languages[0], book.find_page(name)).blocks


def _end_of(book: Book, name: str) -> Attributes:
    """Return the variables at the end of a page."""
    blocks = blocks_of(book, name)
    shown = record.shown(book, blocks[-1].name) if blocks else None
    if shown is None:
        raise ValueError(f"page {name} has no record")
    return Attributes(shown.result.variables)


def _swept(book: Book, blocks: Sequence[Block]) -> dict[str, Attributes]:
    """Return the statistics of a page's named results over seeds."""
    return {name: Attributes(vars(over)) for name, over in sweep.statistics(book, blocks).items()}


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


@store.cached
def book_totals(book: Book) -> Attributes:
    """Count the whole book in its first language (the other runs the same blocks)."""
    every = pages(book)
    blocks = [block for page in every for block in page.blocks]
    kept = [r for block in blocks if (r := record.shown(book, block.name))]
    return Attributes(
        pages=len(every),
        executed_pages=sum(bool(page.blocks) for page in every),
        blocks=len(blocks),
        author_blocks=sum(len(page.blocks) for page in every if page.name in book.not_repeated),
        long_runs=len(long_run.scripts(book)),
        sweeps=sum(bool(sweep.files(book, page.blocks)) for page in every),
        numbers=sum(len(page.values) for page in every),
        seconds=sum(r.result.seconds for r in kept),
        minutes=sum(r.result.seconds for r in kept) / 60,
        date=max((r.circumstances.date for r in kept), default=""),
        assertions=sum(r.result.checks.get("assertions", 0) for r in kept),
        tried=sum(r.result.checks.get("tried", 0) for r in kept),
        **sources.totals(book),
        **records.totals(book),
    )


def reading_minutes(text: str) -> int:
    """Return the minutes a page takes to read, code left out, at least 1."""
    prose = re.sub(r"<[^>]+>|\{[^}]*\}|\]\([^)]*\)", " ", scan(text).blank(Fence))
    chinese = len(re.findall(r"[一-鿿]", prose))
    words = len(re.findall(r"[A-Za-z][A-Za-z'’-]+", prose))
    return max(1, math.ceil(chinese / CHARACTERS_PER_MINUTE + words / WORDS_PER_MINUTE))
