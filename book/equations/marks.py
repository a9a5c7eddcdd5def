"""The displayed equations of a page, and the marks that say whether each is checked.

A mark is a comment on the line above an equation: ``<!-- equation: ID -->`` or ``<!-- unchecked: reason -->``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from book.core.markdown import Comment, Math, Scan

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
