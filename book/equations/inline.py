"""Formulas within a line that state an equality, and what checks them: those of numbers alone are computed here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from book.core import store
from book.core.markdown import Math
from book.core.page import Page, read
from book.core.site import Book
from book.equations.latex.equation import parse
from book.equations.latex.evaluate import Undefined, Values, evaluate_all
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError
from book.equations.marks import displayed, same_in_both

STATES = ("computed", "wrong", "chosen", "displayed", "unchecked")
"""Both sides are numbers and agree, or don't; a symbol is given a number; a checked equation says it; nothing does."""
_STATES_EQUALITY = re.compile(r"=|\\(?:approx|equiv)(?![A-Za-z])")
_NONE = Names({}, frozenset())
_EXACT, _ABOUT = 1e-9, 0.05
"""Relative difference up to which = and ≈ hold."""


@dataclass(frozen=True)
class Inline:
    """A formula within a line that states an equality: its page and line, its LaTeX, one of ``STATES``."""

    page: str
    line: int
    tex: str
    state: str


def stated(page: Page) -> Iterator[Inline]:
    """Yield the equalities that the formulas within the lines of a page state."""
    checked = [same_in_both(each.tex) for each in displayed(page.scan) if each.is_checked]
    for math in page.scan.of(Math):
        tex = math.formula.tex
        if not math.formula.display and _STATES_EQUALITY.search(tex):
            said = any(same_in_both(tex) in equation for equation in checked)
            yield Inline(page.name, page.line_of(math), tex, _state(tex) or ("displayed" if said else "unchecked"))


def _state(tex: str) -> str:
    """Return what can be said of an equality by computing; empty where it is not of numbers."""
    about = re.sub(r"\\(?:approx|equiv)(?![A-Za-z])", "=", tex)
    try:
        parsed = parse(about, _NONE)
        numbers = [next(iter(evaluate_all(side.expression, Values({}), ()))) for side in parsed.sides]
    except (TexError, Undefined, ValueError, OverflowError):
        return ""
    if parsed.head:
        return "chosen" if len(numbers) == 1 else ""
    tolerance = _EXACT if about == tex else _ABOUT
    agree = all(abs(a - b) <= tolerance * max(abs(a), abs(b)) for a, b in pairwise(numbers))
    return ("computed" if agree else "wrong") if len(numbers) > 1 else ""


@store.once
def every(book: Book) -> Sequence[Inline]:
    """Return those of the whole book, in its first language."""
    language = book.languages[0]
    return [each for name in book.page_names(language) for each in stated(read(book, language, name))]


def totals(book: Book) -> dict[str, int]:
    """Count the equalities within lines: all of them, those that are computed, and those that nothing checks."""
    states = [each.state for each in every(book)]
    counted = {f"inline_{state}": states.count(state) for state in ("computed", "chosen", "displayed", "unchecked")}
    return {"inline_equalities": len(states), **counted}
