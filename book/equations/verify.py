"""Check equations by computing: their LaTeX against code, libraries and derivatives, on random inputs.

Every equation is tried on ``INPUTS`` random inputs in double precision, sizes included. What the LaTeX says must
equal what the page's function and the library's return, and, where it is a derivative, automatic differentiation and
central finite differences. Then errors are made in it on purpose: the check is worth as many of them as it finds.
"""

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
from book.equations.declare import Declaration, page_code
from book.equations.inputs import Input, Subject, draw, identifier, kinds_of, names_in, parameters, shown
from book.equations.latex import mutate
from book.equations.latex.equation import Parsed, key, parse
from book.equations.latex.evaluate import Array, Undefined
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError
from book.equations.latex.tree import Node, show
from book.equations.records import Comparison, EquationRecord, Placed, Survivor
from book.evidence.record import versions

INPUTS = 120
"""Random inputs each equation is tried on."""


def verify(book: Book, placed: Placed) -> EquationRecord:
    """Check one equation."""
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
    _parameters_fit(subject, placed.declaration)
    random = np.random.default_rng(zlib.crc32(equation.id.encode()))
    inputs = [draw(subject, random) for _ in range(INPUTS)]
    ranks = _ranks(subject, inputs[0])
    parsed = _parse(subject, placed.tex, ranks)
    functions = list(compare.functions(subject, parsed, placed.declaration.compared, inputs))
    groups = _groups([compare.side(subject, parsed, side, inputs) for side in parsed.sides])
    if not functions and (not groups[0] or len(parsed.sides) < 2):
        raise Unfit("it is compared with nothing", "give it code, library or gradient")
    compared = list(_compare(groups, functions, inputs))
    compared += [_compare_relation(*sides, parsed.head, inputs) for sides in _relations(groups, functions)]
    tried, survivors = _mutate(parsed, groups, functions, ranks, inputs)
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


def _parameters_fit(subject: Subject, declaration: Declaration) -> None:
    """Refuse a call of the page's function that gives one symbol for another that a parameter of it is named by."""
    if declaration.calls:
        name, *given = declaration.calls
        symbols = {identifier(symbol) for symbol in subject.equation.symbols}
        for parameter, symbol in zip(parameters(getattr(subject.page, name, len)), given, strict=False):
            if parameter != symbol and parameter in symbols:
                problem = f"the page's {name} has the parameter {parameter}, and gets the symbol {symbol} for it"
                raise Unfit(problem, "give each symbol for the parameter of its name")


# --- Reading --------------------------------------------------------------------------------------------------------


def _ranks(subject: Subject, first: Input) -> dict[str, int]:
    """Return each declared symbol's number of axes."""
    declared = set(map(key, (*subject.equation.symbols, *subject.equation.given)))
    values = {name: value for name, value in first.values.symbols.items() if name in declared}
    return {name: len(value.shape) if isinstance(value, Array) else 0 for name, value in values.items()}


def _parse(subject: Subject, tex: str, ranks: Mapping[str, int]) -> Parsed:
    """Read an equation, all of whose declared symbols must occur."""
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


def _groups(sides: Sequence[Statement]) -> list[list[Statement]]:
    """Return the sides in groups of equal ones, between which inequalities stand; the first is the left side's."""
    groups: list[list[Statement]] = [[]]
    for statement in sides:
        if statement.relation not in ("", "="):
            groups.append([])
        groups[-1].append(statement)
    return groups


# --- Comparing ------------------------------------------------------------------------------------------------------


def _compare(
    groups: Sequence[Sequence[Statement]], functions: Sequence[Statement], inputs: Sequence[Input]
) -> Iterator[Comparison]:
    """Compare every side with every function, or with the first side where no function stands for its value."""
    for number, group in enumerate(groups):
        references, sides = (functions, group) if number == 0 and functions else (group[:1], group[1:])
        for reference in references:
            if sides or reference.kind != "sides":
                largest = max((compare.agree(side, reference, inputs) for side in sides), default=0.0)
                yield Comparison(reference.kind, reference.what, reference.tolerance, largest)


def _relations(
    groups: Sequence[Sequence[Statement]], functions: Sequence[Statement]
) -> Iterator[tuple[Statement, Statement]]:
    """Yield what stands before and after each inequality; before the first can stand a name of the result."""
    for before, after in pairwise(groups):
        yield before[-1] if before else functions[0], after[0]


def _compare_relation(left: Statement, right: Statement, head: str, inputs: Sequence[Input]) -> Comparison:
    """Test an inequality on every input."""
    for a, b, each in zip(left.values, right.values, inputs, strict=True):
        if not compare.holds(a, right.relation, b):
            text = f"{left.name if left.node else head} {right.relation} {right.name} does not hold"
            raise Unfit(f"{text}: {shown(a)}, {shown(b)}; input: {each}")
    return Comparison("relation", right.relation, 0.0, 0.0)


# --- Mutants --------------------------------------------------------------------------------------------------------


def _mutate(
    parsed: Parsed,
    groups: Sequence[Sequence[Statement]],
    functions: Sequence[Statement],
    ranks: Mapping[str, int],
    inputs: Sequence[Input],
) -> tuple[int, list[str]]:
    """Return how many mutants were tried, and those that no input tells from the equation."""
    tried, survivors = 0, list[str]()
    for number, group in enumerate(groups):
        for place, side in enumerate(group):
            references = functions if number == 0 and functions else group[:1] if place else group[1:2]
            assert side.node
            for mutant in mutate.mutants(side.node, ranks, parsed.free) if references else ():
                tried += 1
                if not _is_killed(mutant, parsed, references, inputs):
                    survivors.append(show(mutant))
    for left, right in _relations(groups, functions):
        tried += 1
        turned = mutate.RELATIONS[right.relation]
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
