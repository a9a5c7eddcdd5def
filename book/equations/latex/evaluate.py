"""The value of an expression, in double precision."""

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from book.equations.latex import tree
from book.equations.latex.tree import Node


class Undefined(ArithmeticError):
    """An expression without a value: a logarithm of zero, an index out of range, a symbol without a value."""


@dataclass(frozen=True)
class Array:
    """Values of an indexed symbol: nested lists, and the first index of each axis."""

    items: Any
    first: tuple[int, ...]
    shape: tuple[int, ...]

    def at(self, indices: Sequence[float]) -> float:
        """Return an element; Undefined where an index is no whole number or lies outside its axis."""
        element = self.items
        for index, first, length in zip(indices, self.first, self.shape, strict=True):
            place = round(index) - first
            if not (0 <= place < length and index == round(index)):
                raise Undefined(f"index {index:g} is outside {first}..{first + length - 1}")
            element = element[place]
        return float(element)


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


FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh, "max": max, "min": min, "abs": abs,
    "floor": math.floor, "ceil": math.ceil,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x)),
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "relu": lambda x: max(0.0, x), "sign": lambda x: float((x > 0) - (x < 0)),
}  # fmt: skip
COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip


def evaluate(node: Node, values: Values) -> float:
    """Return an expression's value; Undefined where it has none."""
    try:
        value = _value(node, values)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError) as problem:
        raise Undefined(str(problem)) from None
    if isinstance(value, complex) or not math.isfinite(value):
        raise Undefined("the value is not a finite real number")
    return value


def evaluate_all(node: Node, values: Values, free: Sequence[str]) -> Iterator[float]:
    """Yield an expression's values for all values of the free indices, the last one running fastest."""
    if not free:
        yield evaluate(node, values)
        return
    first, last = values.ranges[free[0]]
    for number in range(first, last + 1):
        values.symbols[free[0]] = number
        yield from evaluate_all(node, values, free[1:])
    del values.symbols[free[0]]


def _value(node: Node, values: Values) -> float:
    match node:
        case tree.Number(value):
            return value
        case tree.Symbol(name, indices):
            known = values.symbols.get(name)
            if known is None:
                raise Undefined(f"{name} has no value")
            return known.at([_value(index, values) for index in indices]) if isinstance(known, Array) else known
        case tree.Add(terms):
            return sum(_value(term, values) for term in terms)
        case tree.Multiply(factors):
            return math.prod(_value(factor, values) for factor in factors)
        case tree.Negative(of):
            return -_value(of, values)
        case tree.Divide(top, bottom):
            return _value(top, values) / _value(bottom, values)
        case tree.Power(base, exponent):
            return float(_value(base, values) ** _value(exponent, values))
        case tree.Call(name, arguments):
            return FUNCTIONS[name](*(_value(argument, values) for argument in arguments))
        case tree.Condition(left, relation, right):
            return float(COMPARE[relation](_value(left, values), _value(right, values)))
        case tree.Cases(branches, otherwise):
            for when, then in zip(branches[::2], branches[1::2], strict=True):
                if _value(when, values):
                    return _value(then, values)
            return _value(otherwise, values)
        case tree.PlusMinus(turned):
            return -values.sign if turned else values.sign
        case tree.Edge(name, axis, last):
            array = values.symbols[name]
            if not isinstance(array, Array):
                raise Undefined(f"{name} has no axes")
            return array.first[axis] + (array.shape[axis] - 1 if last else 0)
        case tree.Fold():
            return _folded(node, values)
    raise TypeError(f"not part of an expression: {node!r}")


def _folded(fold: tree.Fold, values: Values) -> float:
    first, last = values.ranges.get(fold.index, (1, 0))
    if fold.lower is not None and fold.upper is not None:
        bounds = _value(fold.lower, values), _value(fold.upper, values)
        first, last = round(bounds[0]), round(bounds[1])
        if bounds != (first, last):
            raise Undefined("a bound is no whole number")
    outer = values.symbols.get(fold.index)
    by_index: dict[int, float] = {}
    for index in range(first, last + 1):
        values.symbols[fold.index] = index
        if fold.where is None or _value(fold.where, values):
            by_index[index] = _value(fold.body, values)
    values.symbols.pop(fold.index, None)
    if outer is not None:
        values.symbols[fold.index] = outer
    if fold.kind == "sum":
        return math.fsum(by_index.values())
    if fold.kind == "prod":
        return math.prod(by_index.values())
    if not by_index:
        raise Undefined(f"the {fold.kind} of nothing")
    extreme = max if fold.kind.endswith("max") else min
    return extreme(by_index, key=by_index.__getitem__) if fold.kind.startswith("arg") else extreme(by_index.values())
