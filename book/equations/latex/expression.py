"""What equations are made of: expressions, how they are shown, and their values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any


class Node:
    """Part of an expression."""


@dataclass(frozen=True)
class Number(Node):
    """A number."""

    value: float


@dataclass(frozen=True)
class Symbol(Node):
    """A declared symbol with its indices; an array that still has axes without an index is open."""

    name: str
    indices: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Edge(Node):
    """The first or the last index of an array's axis."""

    name: str
    axis: int
    last: bool


@dataclass(frozen=True)
class Add(Node):
    """A sum of at least two terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Multiply(Node):
    """A product of at least two factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Negative(Node):
    """The negative of something."""

    of: Node


@dataclass(frozen=True)
class Divide(Node):
    """A fraction."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Power(Node):
    """A power."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class PlusMinus(Node):
    r"""The sign ``\pm`` (or, turned round, ``\mp``): an equation with it has two values."""

    turned: bool = False


@dataclass(frozen=True)
class Call(Node):
    """A function of ``FUNCTIONS``."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Condition(Node):
    """A comparison: 1 where it holds, 0 elsewhere."""

    left: Node
    relation: str
    right: Node


@dataclass(frozen=True)
class Fold(Node):
    """A sum, product, maximum, minimum or argmax over an index.

    Attributes:
        kind: one of ``FOLDS``.
        index: the index it binds.
        lower, upper: its bounds; where they are None, the declared range of the index.
        body: what is folded.
        where: only the indices for which this holds.
    """

    kind: str
    index: str
    lower: Node | None
    upper: Node | None
    body: Node
    where: Condition | None = None


@dataclass(frozen=True)
class Cases(Node):
    """Values with their conditions, in turn, then what holds otherwise."""

    branches: tuple[Node, ...]
    """Condition, value, condition, value, ..."""
    otherwise: Node


def parts(node: Node) -> list[Node]:
    """Return the nodes directly inside a node."""
    found: list[Node] = []
    for each in fields(node):  # type: ignore[arg-type]
        value = getattr(node, each.name)
        if isinstance(value, Node):
            found.append(value)
        elif isinstance(value, tuple):
            found += [item for item in value if isinstance(item, Node)]
    return found


def with_parts(node: Node, new: Sequence[Node]) -> Node:
    """Return a node with other nodes directly inside, in the order of ``parts``."""
    rest = iter(new)
    changes: dict[str, object] = {}
    for each in fields(node):  # type: ignore[arg-type]
        value = getattr(node, each.name)
        if isinstance(value, Node):
            changes[each.name] = next(rest)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[each.name] = tuple(next(rest) for _ in value)
    return replace(node, **changes) if changes else node  # type: ignore[type-var]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes within it."""
    yield node
    for part in parts(node):
        yield from walk(part)


def show(node: Node) -> str:
    """Return an expression as one line of text that says how it was understood."""
    return _show(node, 0)


_LOOSE, _TERM, _FACTOR, _TIGHT = range(4)


def _show(node: Node, tightness: int) -> str:
    match node:
        case Number(value):
            return f"{value:g}" if value >= 0 else f"({value:g})"
        case Symbol(name, indices):
            inside = ",".join(_show(index, _LOOSE) for index in indices)
            return f"{name}[{inside}]" if indices else name
        case Edge(name, axis, last):
            return f"{'last' if last else 'first'}({name}, {axis + 1})"
        case PlusMinus(turned):
            return "∓1" if turned else "±1"
        case Call(name, arguments):
            return f"{name}({', '.join(_show(argument, _LOOSE) for argument in arguments)})"
        case Condition(left, relation, right):
            return f"[{_show(left, _LOOSE)} {relation} {_show(right, _LOOSE)}]"
        case Fold(kind, index, lower, upper, body, where):
            over = index if where is None else _show(where, _LOOSE)[1:-1]
            bounds = f"={_show(lower, _TIGHT)}..{_show(upper, _TIGHT)}" if lower and upper else ""
            return f"{kind}({over}{bounds}: {_show(body, _LOOSE)})"
        case Cases(branches, otherwise):
            pairs = zip(branches[::2], branches[1::2], strict=True)
            text = "; ".join(f"{_show(value, _LOOSE)} if {_show(when, _LOOSE)[1:-1]}" for when, value in pairs)
            return f"cases({text}; {_show(otherwise, _LOOSE)})"
    text, own = _show_operator(node)
    return f"({text})" if tightness > own else text


def _show_operator(node: Node) -> tuple[str, int]:
    match node:
        case Add(terms):
            text = _show(terms[0], _LOOSE)
            for term in terms[1:]:
                minus = isinstance(term, Negative)
                text += f" {'-' if minus else '+'} {_show(term.of if isinstance(term, Negative) else term, _TERM)}"
            return text, _LOOSE
        case Negative(of):
            return f"-{_show(of, _FACTOR)}", _LOOSE
        case Multiply(factors):
            return " ".join(_show(factor, _FACTOR) for factor in factors), _TERM
        case Divide(top, bottom):
            return f"{_show(top, _FACTOR)} / {_show(bottom, _TIGHT)}", _TERM
        case Power(base, exponent):
            return f"{_show(base, _TIGHT)}^{_show(exponent, _TIGHT)}", _FACTOR
    raise TypeError(f"not part of an expression: {node!r}")


class Undefined(ArithmeticError):
    """An expression without a value: a logarithm of zero, an index out of range, a symbol without a value."""


@dataclass(frozen=True)
class Array:
    """Values of an indexed symbol: nested lists, and the first index of each axis."""

    items: Any
    first: tuple[int, ...]
    shape: tuple[int, ...]

    def at(self, indices: Sequence[float]) -> float:
        """Return an element.

        Raises:
            Undefined: an index is no whole number or lies outside its axis.
        """
        found = self.items
        for index, first, length in zip(indices, self.first, self.shape, strict=True):
            place = round(index) - first
            if not (0 <= place < length and index == round(index)):
                raise Undefined(f"index {index:g} is outside {first}..{first + length - 1}")
            found = found[place]
        return float(found)


@dataclass
class Values:
    """What the symbols of an equation stand for.

    Attributes:
        symbols: their values.
        ranges: first and last value of each index.
        sign: what ``\u00b1`` stands for.
    """

    symbols: dict[str, float | Array]
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sign: int = 1


def _softplus(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


COMPUTE: Mapping[str, Callable[..., float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "max": max, "min": min, "abs": abs,
    "floor": math.floor, "ceil": math.ceil, "sigmoid": _sigmoid, "softplus": _softplus,
    "relu": lambda x: max(0.0, x), "sign": lambda x: float((x > 0) - (x < 0)),
}  # fmt: skip
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def evaluate(node: Node, values: Values) -> float:
    """Return an expression's value in double precision.

    Raises:
        Undefined: it has none.
    """
    try:
        found = _evaluate(node, values)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError) as problem:
        raise Undefined(str(problem)) from None
    if isinstance(found, complex) or not math.isfinite(found):
        raise Undefined("the value is not a finite real number")
    return found


def _evaluate(node: Node, values: Values) -> float:
    match node:
        case Number(value):
            return value
        case Symbol(name, indices):
            found = values.symbols.get(name)
            if found is None:
                raise Undefined(f"{name} has no value")
            if isinstance(found, Array):
                return found.at([_evaluate(index, values) for index in indices])
            return found
        case Add(terms):
            return sum(_evaluate(term, values) for term in terms)
        case Multiply(factors):
            return math.prod(_evaluate(factor, values) for factor in factors)
        case Negative(of):
            return -_evaluate(of, values)
        case Divide(top, bottom):
            return _evaluate(top, values) / _evaluate(bottom, values)
        case Power(base, exponent):
            return float(_evaluate(base, values) ** _evaluate(exponent, values))
        case Call(name, arguments):
            return COMPUTE[name](*(_evaluate(argument, values) for argument in arguments))
        case Condition(left, relation, right):
            return float(COMPARE[relation](_evaluate(left, values), _evaluate(right, values)))
        case Cases(branches, otherwise):
            for when, then in zip(branches[::2], branches[1::2], strict=True):
                if _evaluate(when, values):
                    return _evaluate(then, values)
            return _evaluate(otherwise, values)
        case PlusMinus(turned):
            return -values.sign if turned else values.sign
        case Edge(name, axis, last):
            array = values.symbols[name]
            if not isinstance(array, Array):
                raise Undefined(f"{name} has no axes")
            return array.first[axis] + (array.shape[axis] - 1 if last else 0)
        case Fold():
            return _fold(node, values)
    raise TypeError(f"not part of an expression: {node!r}")


def _fold(fold: Fold, values: Values) -> float:
    first, last = values.ranges.get(fold.index, (1, 0))
    if fold.lower is not None and fold.upper is not None:
        bounds = _evaluate(fold.lower, values), _evaluate(fold.upper, values)
        first, last = round(bounds[0]), round(bounds[1])
        if bounds != (first, last):
            raise Undefined("a bound is no whole number")
    outer = values.symbols.get(fold.index)
    found: list[tuple[float, int]] = []
    for index in range(first, last + 1):
        values.symbols[fold.index] = index
        if fold.where is None or _evaluate(fold.where, values):
            found.append((_evaluate(fold.body, values), index))
    values.symbols.pop(fold.index, None)
    if outer is not None:
        values.symbols[fold.index] = outer
    numbers = [value for value, _ in found]
    if fold.kind == "sum":
        return math.fsum(numbers)
    if fold.kind == "prod":
        return math.prod(numbers)
    if not found:
        raise Undefined(f"the {fold.kind} of nothing")
    if fold.kind in ("max", "min"):
        return (max if fold.kind == "max" else min)(numbers)
    return (max if fold.kind == "argmax" else min)(found, key=lambda pair: (pair[0], -pair[1]))[1]
