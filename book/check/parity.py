"""What a page must have in common with its counterpart in the other language.

Blocks, headings, figures and inline values are the same and in the same order, each value below the same block; but a
value may be counted in each language's own units, where the word for them follows: ``x / 1e6`` million, ``x / 1e4`` 万.
Formulas are the same. A section has as many paragraphs, and a number that a paragraph holds in digits stands in its
counterpart, in digits or in words: ``6 万``, ``60,000`` or ``sixty thousand``.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from book.check import numbers
from book.core.findings import Finding
from book.core.markdown import Heading, Image, Value
from book.core.numbers import Number, find, words
from book.core.page import Page, formulas
from book.core.rendered import rendered
from book.core.site import Book
from book.equations.marks import same_in_both

COUNTS = 12
"""Whole numbers up to this one may be said otherwise: ``11 月`` is November, and two things are both."""
WORDED = 1000
"""What is written in words in both languages counts from here on, but for powers of ten: ``a thousand`` may be many."""

_COUNTED = re.compile(r"""f(["'])\{(?P<what>[^{}]+) / (?P<by>1e\d+):\.\d+f\}\1""")
"""A value that is counted in thousands, 万, millions, 亿, ..."""


def findings(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Compare a page with its counterpart in the other language."""
    unlike = [*_order(book, ours, theirs), *_formulas(book, ours, theirs)]
    yield from unlike or _numbers(book, ours, theirs)


def _order(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    file, other = book.shown(theirs.file), book.shown(ours.file)
    for index, (a, b) in enumerate(zip_longest(ours.blocks, theirs.blocks), start=1):
        if a is None or b is None or a.name != b.name:
            there = f"line {a.line}" if a else "nothing"
            problem = f"block {index} is not that of {other} ({there})"
            yield Finding(file, b.line if b else 0, problem, "include the same sections")
            break
    for (what, here), there_too in zip(_items(book, theirs).items(), _items(book, ours).values(), strict=True):
        for number, (mine, yours) in enumerate(zip_longest(here, there_too), start=1):
            if mine is None or yours is None or mine[0] != yours[0]:
                there = f"{yours[0]!r} (line {yours[1]})" if yours else "nothing"
                problem = f"{what} {number} is {repr(mine[0]) if mine else 'nothing'}, {other} has {there}"
                yield Finding(file, mine[1] if mine else 0, problem, "give both the same, in the same order")
                break


def _formulas(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    both = {page.language: {same_in_both(formula.tex) for _, formula in formulas(page)} for page in (ours, theirs)}
    for page, opposite in ((ours, theirs), (theirs, ours)):
        for line, formula in formulas(page):
            if same_in_both(formula.tex) not in both[opposite.language]:
                missing = f"the formula {formula.tex!r} is not on {book.shown(opposite.file)}"
                yield Finding(book.shown(page.file), line, missing, "write it alike in both languages")


def _items(book: Book, page: Page) -> dict[str, list[tuple[str, int]]]:
    """Return what both languages must have, with the line where this one has it."""
    found = page.scan
    return {
        "heading": [(f"{'#' * h.level} {h.id or '(no id)'}", page.line_of(h)) for h in found.of(Heading)],
        "figure": [(f"{i.figure} of block {found.above(i)}", page.line_of(i)) for i in found.of(Image) if i.figure],
        "inline value": [
            (f"{_said(book, page, value)} below block {found.above(value)}", page.line_of(value))
            for value in found.of(Value)
        ],
    }


def _said(book: Book, page: Page, value: Value) -> str:
    """Return a value's expression, without its unit where that is what the words that follow amount to (``百万``)."""
    if counted := _COUNTED.fullmatch(value.expression):
        one = next(find(f"1 {page.scan.text[value.end :].lstrip(' ')}", words(book)))
        if one.value == float(counted["by"]):
            return f"{counted['what']}, counted"
    return value.expression


def _numbers(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Compare the typed numbers, paragraph by paragraph of each section."""
    file, other = book.shown(theirs.file), book.shown(ours.file)
    for mine, yours in zip(_sections(book, theirs), _sections(book, ours), strict=False):
        if len(mine) != len(yours):
            problem = f"this section has {len(mine)} paragraphs, that of {other} {len(yours)} (line {yours[0][0]})"
            yield Finding(file, mine[0][0], problem, "make as many, so that their numbers can be compared")
            continue
        for (line, here), (opposite, there) in zip(mine, yours, strict=True):
            only_here, only_there = _missing(here, there), _missing(there, here)
            if only_here or only_there:
                problem = f"this paragraph has {only_here or 'nothing'} where line {opposite} of {other} has"
                yield Finding(file, line, f"{problem} {only_there or 'nothing'}", "write the same numbers in both")


def _missing(here: Sequence[Number], there: Sequence[Number]) -> str:
    """Return the numbers that must be said in both paragraphs and are only in the first."""
    known = [number.value for number in there]
    return ", ".join(n.text for n in here if _must_be_said(n) and not any(math.isclose(n.value, one) for one in known))


def _must_be_said(number: Number) -> bool:
    if re.search(r"\d", number.text):
        return bool(number.unit) or number.value not in range(COUNTS + 1)
    return number.value >= WORDED and not math.log10(number.value).is_integer()


def _sections(book: Book, page: Page) -> list[list[tuple[int, list[Number]]]]:
    """Return the paragraphs of each section: the line on which each begins, and its numbers."""
    read = rendered(page.text)
    begins = [page.lines[read.line(at)].page_line for at in read.paragraphs()]
    begins = sorted({*begins, *(page.meta_lines.get(key, 1) for key in ("title", "description"))})
    found: list[tuple[int, list[Number]]] = [(line, []) for line in begins]
    for statement in numbers.statements(book, page):
        for line, number in statement.numbers:
            found[max(0, bisect_right(begins, line) - 1)][1].append(number)
    cuts = [bisect_right(begins, page.line_of(heading) - 1) for heading in page.scan.of(Heading)]
    return [found[start:end] for start, end in zip([0, *cuts], [*cuts, len(found)], strict=True) if start < end]
