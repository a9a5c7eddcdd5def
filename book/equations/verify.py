"""Check equations by computing: their LaTeX against code, libraries and derivatives, on random inputs.

Every equation is tried on ``INPUTS`` random inputs in double precision, sizes included. What the LaTeX says must
equal what the page's function and the library's return, and, where it is a derivative, automatic differentiation and
central finite differences. Then errors are made in it on purpose: the check is worth as many of them as it finds.
"""

from __future__ import annotations

import datetime
import platform
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from book.core.findings import error
from book.core.site import Book
from book.equations import compare
from book.equations.code import Unfit, run_declaration, run_sections
from book.equations.compare import Statement
from book.equations.declare import page_code
from book.equations.inputs import Input, Subject, draw, identifier, kinds_of, names_in, parameters, shown
from book.equations.latex import mutate
from book.equations.latex.equation import Parsed, Side, key, parse
from book.equations.latex.evaluate import Array, Undefined
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError
from book.equations.latex.tree import Node, show
from book.equations.records import Comparison, EquationRecord, Placed, Survivor
from book.evidence.record import versions

INPUTS = 120
"""Random inputs each equation is tried on."""


def verify(book: Book, placed: Placed) -> EquationRecord:
    """Check one equation.

    Raises:
        BookError: it disagrees with something, cannot be read, or what is declared does not fit.
    """
    declaration = placed.declaration
    try:
        return _verify(book, placed)
    except Unfit as problem:
        place = f"{book.shown(declaration.file)}:{declaration.line}"
        text = f"equation {declaration.id!r} [{place}]: {problem}"
        raise error(text, problem.remedy, book.shown(placed.page.file), placed.line) from problem.__cause__


def _verify(book: Book, placed: Placed) -> EquationRecord:
    equation = run_declaration(placed.declaration)
    subject = Subject(equation, run_sections(book, placed), kinds_of(equation))
    random = np.random.default_rng(zlib.crc32(equation.id.encode()))
    inputs = [draw(subject, random) for _ in range(INPUTS)]
    ranks = _ranks(subject, inputs[0])
    parsed = _parse(subject, placed.tex, ranks)
    functions = list(compare.functions(subject, parsed, placed.declaration.compared, inputs))
    chain = _Chain(parsed, functions, [compare.side(subject, parsed, side, inputs) for side in parsed.sides])
    if not functions and (not chain.groups[0] or len(parsed.sides) < 2):
        raise Unfit("it is compared with nothing", "give it code, library or gradient")
    compared = [*_compare(chain, inputs), *_compare_relations(chain, inputs)]
    tried, survivors = _mutate(chain, ranks, inputs)
    if unreal := equation.survivors.keys() - set(survivors):
        remedy = f"take it out; what survives: {'; '.join(survivors) or 'nothing'}"
        raise Unfit(f"survivors explains {min(unreal)!r}, which does not survive", remedy)
    codes = [placed.declaration.file.read_text(encoding="utf-8")]
    codes += [code for _, code in page_code(book, placed.declaration)]
    return EquationRecord(
        name=placed.name,
        id=equation.id,
        page=placed.page.name,
        tex=" ".join(placed.tex.split()),
        read=tuple(show(side.expression) for side in parsed.sides),
        inputs=len(inputs),
        compared=tuple(compared),
        mutants=tried,
        killed=tried - len(survivors),
        survivors=tuple(Survivor(text, equation.survivors.get(text, "")) for text in survivors),
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        python=platform.python_version(),
        versions=versions(book, [*codes, "import numpy"]),
    )


# --- Reading --------------------------------------------------------------------------------------------------------


def _ranks(subject: Subject, first: Input) -> dict[str, int]:
    """Return each declared symbol's number of axes."""
    values = {name: value for name, value in first.values.symbols.items() if name in subject.declared}
    return {name: len(value.shape) if isinstance(value, Array) else 0 for name, value in values.items()}


def _parse(subject: Subject, tex: str, ranks: Mapping[str, int]) -> Parsed:
    """Read an equation, all of whose declared symbols must occur.

    Raises:
        Unfit: it cannot be read, or does not fit its declaration.
    """
    indices = frozenset(name for name, kind in subject.kinds.items() if kind.name == "index")
    try:
        parsed = parse(tex, Names(ranks, indices))
    except TexError as problem:
        remedy = "write it so that the check can read it, or mark it: <!-- unchecked: reason -->"
        raise Unfit(str(problem), remedy) from None
    equation, gradient = subject.equation, subject.equation.gradient
    used = {*parsed.used, *(name for kind in subject.kinds.values() for name in names_in(kind.axes))}
    given = [value[1] if isinstance(value, tuple) else value for value in equation.given.values()]
    for function in (*given, equation.code, equation.library, gradient and gradient[1]):
        used |= set(parameters(function)) if callable(function) else set()
    used |= {key(gradient[0])} if gradient else set()
    for name in map(key, (*equation.symbols, *equation.given)):
        if name not in used and identifier(name) not in used:
            raise Unfit(f"{name} is declared and does not occur", "take it out of the declaration")
    if parsed.derivative and not gradient:
        remedy = "declare what differentiates: gradient=(symbol, function)"
        raise Unfit("its left side is a derivative", remedy)
    if parsed.by and gradient and re.split(r"[^A-Za-z]", key(gradient[0]))[0] not in parsed.by:
        text = f"its left side differentiates by {' '.join(parsed.by)}, its gradient by {gradient[0]}"
        raise Unfit(text, "differentiate by the same symbol")
    return parsed


class _Chain:
    """The sides of an equation in groups of equal ones, between which inequalities stand.

    Attributes:
        parsed: what the LaTeX says.
        functions: what states the value of the first group.
        groups: each side with what it states; the first group's are equal to the left side.
    """

    def __init__(self, parsed: Parsed, functions: Sequence[Statement], sides: Sequence[Statement]) -> None:
        self.parsed, self.functions = parsed, functions
        self.groups: list[list[tuple[Side, Statement]]] = [[]]
        for side, statement in zip(parsed.sides, sides, strict=True):
            if side.relation not in ("", "="):
                self.groups.append([])
            self.groups[-1].append((side, statement))

    def references(self, group: int, place: int) -> Sequence[Statement]:
        """Return what a side must equal: all functions or, where there are none, another side."""
        if group == 0 and self.functions:
            return self.functions
        return [statement for _, statement in (self.groups[group][:1] if place else self.groups[group][1:2])]

    def relations(self) -> Iterator[tuple[str, Statement, Statement]]:
        """Yield the inequalities with what stands before and after them."""
        for before, after in pairwise(self.groups):
            yield after[0][0].relation, before[-1][1] if before else self.functions[0], after[0][1]


# --- Comparing ------------------------------------------------------------------------------------------------------


def _compare(chain: _Chain, inputs: Sequence[Input]) -> Iterator[Comparison]:
    """Compare every side with every function, or with the first side where no function stands for its value."""
    for number, group in enumerate(chain.groups):
        functions = chain.functions if number == 0 else ()
        others = [statement for _, statement in group[0 if functions else 1 :]]
        for reference in functions or [statement for _, statement in group[: len(others)][:1]]:
            largest = max((compare.agree(side, reference, inputs) for side in others), default=0.0)
            yield Comparison(reference.kind, reference.what, reference.tolerance, largest)


def _compare_relations(chain: _Chain, inputs: Sequence[Input]) -> Iterator[Comparison]:
    """Test the inequalities of a chain on every input."""
    for relation, left, right in chain.relations():
        for a, b, each in zip(left.values, right.values, inputs, strict=True):
            if not compare.holds(a, relation, b):
                before = left.name if left.kind == "sides" else chain.parsed.head
                values = f"{shown(a)}, {shown(b)}; input: {each}"
                raise Unfit(f"{before} {relation} {right.name} does not hold: {values}")
        yield Comparison("relation", relation, 0.0, 0.0)


# --- Mutants --------------------------------------------------------------------------------------------------------


def _mutate(chain: _Chain, ranks: Mapping[str, int], inputs: Sequence[Input]) -> tuple[int, list[str]]:
    """Return how many mutants were tried, and those that no input tells from the equation."""
    tried, survivors = 0, list[str]()
    for number, group in enumerate(chain.groups):
        for place, (side, _) in enumerate(group):
            if references := chain.references(number, place):
                for mutant in mutate.mutants(side.expression, ranks, chain.parsed.free):
                    tried += 1
                    if not _is_killed(mutant, chain.parsed, references, inputs):
                        survivors.append(show(mutant))
    for relation, left, right in chain.relations():
        tried += 1
        turned = mutate.RELATIONS[relation]
        if all(compare.holds(a, turned, b) for a, b in zip(left.values, right.values, strict=True)):
            survivors.append(f"{turned} {right.name}")
    return tried, survivors


def _is_killed(mutant: Node, parsed: Parsed, references: Sequence[Statement], inputs: Sequence[Input]) -> bool:
    for number, each in enumerate(inputs):
        try:
            value = compare.value(mutant, parsed, each)
        except Undefined:
            return True
        for reference in references:
            if not compare.difference(value, reference.values[number]) <= reference.tolerance:
                return True
    return False
