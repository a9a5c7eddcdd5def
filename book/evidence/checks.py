"""The assertions of a page, read as syntax trees: what they read, and the thresholds that they compare results with."""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from book.core import syntax
from book.core.syntax import names_read, nodes, parsed, targets

if TYPE_CHECKING:  # what reads pages takes long to load, and the kernel tries assertions
    from book.core.page import Block

TOLERANCE = 0.01
"""Largest bound of a difference that says that two results are equal."""
_LEVELS = (0.05, 0.01, 0.001)
"""Of tests."""
_CHANCE = "(chance)"
"""Stands among the names from which something is made where it depends on the seed."""
_FRAMEWORKS = {"keras", "tf", "tensorflow", "torch", "jax", "random", "rng"}
_NUMERIC = {"np", "numpy", "math", "float", "int", "abs", "min", "max", "round", "sum", "pow"}
_OPERATORS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}


def is_assertion(node: ast.AST) -> bool:
    """Tell whether a statement asserts: ``assert``, or a call such as ``np.testing.assert_allclose(a, b)``."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        return name.lower().startswith("assert")
    return isinstance(node, ast.Assert)


@lru_cache(maxsize=4096)
def assertions(code: str) -> tuple[tuple[ast.stmt, ast.stmt], ...]:
    """Return each assertion of a block with the whole statement that it stands in, in which it is the only one."""
    found = []
    for statement in parsed(code).body if "assert" in code.lower() else ():
        inside = [node for node in ast.walk(statement) if is_assertion(node)]
        for node in inside:
            others = {(each.lineno, each.col_offset) for each in inside if each is not node}  # type: ignore[attr-defined]
            whole = _Without(others).visit(copy.deepcopy(statement)) if others else statement
            found.append((node, whole))
    return tuple(found)  # type: ignore[arg-type]


class _Without(ast.NodeTransformer):
    """Puts ``pass`` in the place of assertions that begin at given places."""

    def __init__(self, places: set[tuple[int, int]]) -> None:
        self.places = places

    def visit(self, node: ast.AST) -> ast.AST:
        if is_assertion(node) and (node.lineno, node.col_offset) in self.places:  # type: ignore[attr-defined]
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)


@lru_cache(maxsize=4096)
def _made_from(code: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return (name, the names it is made from) for everything that gives a name a value, or changes it."""
    found: list[tuple[str, frozenset[str]]] = []
    for node in nodes(code):
        changed, source = targets(node), node
        match node:
            case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
                source = iterated
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                changed = [ast.Name(name, ast.Store())]
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner))):  # such as losses.append(loss)
                changed = [owner]
        names = {name for each in changed for name in syntax.changed(each)}
        found += [(name, _reads(source)) for name in names]
    return tuple(found)


def _reads(node: ast.AST) -> frozenset[str]:
    """Return the names that code reads, and ``_CHANCE`` where it draws random numbers or makes models."""
    names = frozenset(names_read(node))
    random = any(isinstance(each, ast.Attribute) and each.attr == "random" for each in ast.walk(node))
    return names | {_CHANCE} if random or _FRAMEWORKS & names else names


def checked(blocks: Sequence[Block], inputs: Collection[tuple[int, int, str]] = ()) -> set[str]:
    """Return the names of a page that some assertion reads, or from which is made what one reads.

    ``inputs`` is what an assertion reads and may be anything, as (block, line in it, name).
    """
    codes = tuple(block.python for block in blocks)
    read = [
        name
        for block in blocks
        for node, statement in assertions(block.python)
        for name in names_read(statement)
        if (block.index, node.lineno, name) not in inputs
    ]
    return _upstream(read, _sources(codes))


@lru_cache(maxsize=64)
def _sources(codes: tuple[str, ...]) -> Mapping[str, set[str]]:
    sources = dict[str, set[str]]()
    for code in codes:
        for name, read in _made_from(code):
            sources.setdefault(name, set()).update(read)
    return sources


def _upstream(names: Iterable[str], sources: Mapping[str, set[str]]) -> set[str]:
    queue, found = [*names], set[str]()
    while queue:
        if (name := queue.pop()) not in found:
            found.add(name)
            queue += sources.get(name, ())
    return found


@dataclass(frozen=True)
class Threshold:
    """A comparison of a result that depends on chance with a number that somebody chose.

    Attributes:
        text: the comparison.
        name: the result; empty where it is computed within the assertion.
        operator: what stands between them when the result stands first.
        number: the threshold; NaN where it is computed from numbers.
        line: line in the block.
    """

    text: str
    name: str
    operator: str
    number: float
    line: int


def thresholds(blocks: Sequence[Block], *, chance: bool = True) -> list[tuple[Block, Threshold]]:
    """Return the thresholds in the assertions of a page, wherever they stand in them.

    Those of results that depend on chance, or else those of the others, but for probabilities that a test gave: these
    are compared with its level.

    A bound of at most ``TOLERANCE`` on an absolute difference is no threshold but an equality up to rounding: it can
    be too strict, but not too lax.
    """
    sources = _sources(tuple(block.python for block in blocks))
    chosen = _chosen(blocks, sources)
    found = []
    for block in blocks:
        for assertion, _ in assertions(block.python):
            bound_here = names_read(assertion, ast.Store)
            for node in ast.walk(assertion):
                if chance and isinstance(node, ast.Call) and _CHANCE in _upstream(names_read(node), sources):
                    lax = [each for each in map(_tolerance, node.keywords) if each > TOLERANCE]
                    found += [(block, Threshold(ast.unparse(node), "", "<", each, node.lineno)) for each in lax]
                if not isinstance(node, ast.Compare):
                    continue
                sides = [node.left, *node.comparators]
                for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
                    sign = _OPERATORS.get(type(operator))
                    results = [[n for n in names_read(e) if n in sources and n not in chosen] for e in (left, right)]
                    if sign is None or bool(results[0]) == bool(results[1]):
                        continue
                    result, bound, names = (left, right, results[0]) if results[0] else (right, left, results[1])
                    sign = sign if results[0] else _TURNED[sign]
                    number = _number(bound, chosen)
                    name = result.id if isinstance(result, ast.Name) and result.id not in bound_here else ""
                    tolerance = sign in ("<", "<=") and abs(number) <= TOLERANCE
                    made_from = _upstream(names, sources)
                    level = not chance and number in _LEVELS and "stats" in made_from
                    if not tolerance and (name or number != 0) and (_CHANCE in made_from) == chance and not level:
                        text = ast.unparse(ast.Compare(left, [operator], [right]))
                        found.append((block, Threshold(text, name, sign, number, node.lineno)))
    return found


def _chosen(blocks: Sequence[Block], sources: Mapping[str, set[str]]) -> dict[str, ast.expr]:
    """Return the names that a page assigns once, and makes of nothing but numbers."""
    made = [name for block in blocks for name, _ in _made_from(block.python)]
    chosen = dict[str, ast.expr]()
    for block in blocks:
        for node in nodes(block.python):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) if made.count(name) == 1:
                    calls = {
                        next(syntax.changed(each.func), "") for each in ast.walk(value) if isinstance(each, ast.Call)
                    }
                    if calls <= _NUMERIC and all(n in chosen or n not in sources for n in names_read(value)):
                        chosen[name] = value
    return chosen


def _number(node: ast.expr, chosen: Mapping[str, ast.expr]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_number(operand, chosen)
        case ast.Name(id=name) if name in chosen:
            return _number(chosen[name], chosen)
    return math.nan


def _tolerance(option: ast.keyword) -> float:
    """Return how far ``np.isclose`` and the like let results be apart; 0 where an option says something else."""
    return _number(option.value, {}) if option.arg in ("rtol", "atol", "rel", "abs", "rel_tol", "abs_tol") else 0
