"""The equations of a page: those displayed, with the marks that say whether each is checked, and those within a line.

A mark is a comment on the line above an equation: ``<!-- equation: ID -->`` or ``<!-- unchecked: reason -->``. Formulas
within a line that state an equality of numbers alone are computed here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from book.core import store
from book.core.markdown import Comment, Math, Scan
from book.core.page import Page, pages
from book.core.site import Book
from book.equations.latex.equation import parse
from book.equations.latex.evaluate import Undefined, Values, evaluate_all
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError

MARKS = ("equation", "unchecked")


@dataclass(frozen=True)
class Displayed:
    """A displayed equation of a page with its mark.

    Attributes:
        kind: ``equation`` or ``unchecked``; empty where it has no mark.
        text: what the mark says: the id or the reason.
        mark: 0-based line of the mark, or of the equation where it has none.
        first: 0-based line on which the equation begins; -1 where a mark has none below it.
        tex: its LaTeX.
    """

    kind: str
    text: str
    mark: int
    first: int
    tex: str

    @property
    def is_marked(self) -> bool:
        """Whether it has both mark and equation."""
        return bool(self.kind) and self.first >= 0

    @property
    def is_checked(self) -> bool:
        """Whether its mark says that it is checked."""
        return self.kind == "equation" and self.first >= 0


def displayed(text: Scan) -> list[Displayed]:
    """Return the displayed equations of a text, and marks without one, in the order of the text."""
    unmarked = {math.line: math for math in text.of(Math) if math.formula.display}
    equations: list[Displayed] = []
    for mark in text.of(Comment):
        if mark.alone and mark.name in MARKS:
            below = text.text[mark.end :]
            line = mark.line + text.text.count("\n", mark.start, len(text.text) - len(below.lstrip()))
            math = unmarked.pop(line, None)
            first, tex = (math.line, math.formula.tex) if math else (-1, "")
            equations.append(Displayed(mark.name, mark.argument, mark.line, first, tex))
    equations += [Displayed("", "", math.line, math.line, math.formula.tex) for math in unmarked.values()]
    return sorted(equations, key=lambda equation: equation.mark)


def same_in_both(tex: str) -> str:
    """Return LaTeX without white space and without words that belong to a language."""
    return re.sub(r"\s+", "", re.sub(r"\\(?:text|mbox)\{(?![A-Za-z0-9]+\})[^}]*\}", r"\\text{}", tex))


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


@store.cached
def every(book: Book) -> Sequence[Inline]:
    """Return those of the whole book, in its first language."""
    return [each for page in pages(book) for each in stated(page)]


def totals(book: Book) -> dict[str, int]:
    """Count the equalities within lines: all of them, those that are computed, and those that nothing checks."""
    states = [each.state for each in every(book)]
    counted = {f"inline_{state}": states.count(state) for state in ("computed", "chosen", "displayed", "unchecked")}
    return {"inline_equalities": len(states), **counted}
