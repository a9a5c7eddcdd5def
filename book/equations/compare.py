"""What states the value of an equation on every input, and how far two such statements differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from book.equations.code import Unfit, tensorflow
from book.equations.inputs import Input, Subject, call, shown
from book.equations.latex.equation import Parsed, Side, key
from book.equations.latex.evaluate import Undefined, evaluate_all
from book.equations.latex.tree import Node, show

AUTOMATIC_AGREES, DIFFERENCES_AGREE = 1e-7, 1e-5
"""Relative tolerances: automatic differentiation, central finite differences."""
SMALLEST = 1e-3
"""Where all numbers of a comparison are smaller than this, their difference is taken relative to it."""
STEP = 6e-6
"""Step of the finite differences, relative to the number: the cube root of the machine's precision."""
SINGLE_AGREES = 1e-6
"""Relative tolerance below which what is compared must compute in double precision."""
_NAMES = {
    "page": "the page's {}", "library": "{}", "separate": "the declaration's own computation",
    "automatic": "automatic differentiation", "differences": "finite differences",
}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """One of those that state the equation's value: a side of it, a function, a derivative.

    Attributes:
        kind: that of a ``Comparison``; ``sides`` for a side.
        what: the function's name, where it has one.
        name: what it is called in messages.
        tolerance: largest relative difference that counts as equal.
        values: for each input an array over ± and the free indices.
        node: the expression of a side.
        relation: what stands before a side.
    """

    kind: str
    what: str
    name: str
    tolerance: float
    values: Sequence[Any]
    node: Node | None = None
    relation: str = ""


def side(subject: Subject, parsed: Parsed, side: Side, inputs: Sequence[Input]) -> Statement:
    """Return what a side of the equation says."""
    name, values = show(side.expression), []
    for each in inputs:
        try:
            values.append(value(side.expression, parsed, each))
        except Undefined as problem:
            remedy = "restrict the symbols, such as positive or scalar(0,1)"
            raise Unfit(f"{name} has no value: {problem}; input: {each}", remedy) from None
    return Statement("sides", "", name, subject.equation.rtol, values, side.expression, side.relation)


def value(node: Node, parsed: Parsed, each: Input) -> Any:
    """Return an expression's values over ± and the free indices; Undefined where one of them has none."""
    numbers: list[float] = []
    for sign in parsed.signs:
        each.values.sign = sign
        numbers += evaluate_all(node, each.values, parsed.free)
    return np.array(numbers, dtype=float).reshape(_shape(parsed, each))


def _shape(parsed: Parsed, each: Input) -> tuple[int, ...]:
    lengths = [last - first + 1 for first, last in (each.values.ranges[index] for index in parsed.free)]
    return (*([2] if len(parsed.signs) == 2 else []), *lengths)


def functions(
    subject: Subject, parsed: Parsed, names: Mapping[str, tuple[str, str]], inputs: Sequence[Input]
) -> Iterator[Statement]:
    """Yield what the page's function, the library's and derivatives say of the equation's left side.

    Args:
        subject: the equation.
        parsed: what its LaTeX says.
        names: ``code`` and ``library`` to the kind of comparison, and the functions it calls.
        inputs: what they are computed for.

    Raises:
        Unfit: one of them fails, or returns something else than numbers in the shape of the left side.
    """
    equation = subject.equation
    compute: list[tuple[str, str, float, Callable[[Input], Any]]] = [
        (*names[which], equation.rtol, partial(_returned, subject, function))
        for which, function in (("code", equation.code), ("library", equation.library))
        if function
    ]
    if equation.gradient:
        by, function = key(equation.gradient[0]), equation.gradient[1]
        tolerance = max(AUTOMATIC_AGREES, equation.rtol)
        compute.append(("automatic", "", tolerance, partial(_automatic, subject, by, function)))
        compute.append(("differences", "", DIFFERENCES_AGREE, partial(_differences, subject, by, function)))
    for kind, what, tolerance, function in compute:
        name = _NAMES[kind].format(what)
        values = [_numbers(name, function(each), parsed, each, tolerance) for each in inputs]
        yield Statement(kind, what, name, tolerance, values)


def _returned(subject: Subject, function: Callable[..., Any], each: Input) -> Any:
    return call(subject, function, each.data)


def _numbers(name: str, returned: Any, parsed: Parsed, each: Input, tolerance: float) -> Any:
    """Return what a function returned as an array with the shape of the left side."""
    try:
        array = np.asarray(returned)
        single = array.dtype.kind not in "biu" and array.dtype.itemsize < np.dtype(float).itemsize
        array = array.astype(float)
    except (TypeError, ValueError):
        raise Unfit(f"{name} does not return numbers, but {returned!r}") from None
    if single and tolerance < SINGLE_AGREES:
        remedy = "give it numbers in double precision, such as tf.constant(2.0, tf.float64)"
        raise Unfit(f"{name} does not compute in double precision", remedy)
    shape = _shape(parsed, each)
    if array.shape != shape and (array.size != 1 or shape):
        left = f"({', '.join(parsed.free)})" if parsed.free else "no indices"
        raise Unfit(f"{name} returns the shape {array.shape}, the left side has {left}: {shape}; input: {each}")
    return array.reshape(shape)


def _tensors(data: Mapping[str, Any]) -> dict[str, Any]:
    tf = tensorflow()
    return {
        name: number if isinstance(number, int) else tf.constant(number, tf.float64) for name, number in data.items()
    }


def _automatic(subject: Subject, by: str, function: Callable[..., Any], each: Input) -> Any:
    tf, tensors = tensorflow(), _tensors(each.data)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(tensors[by])
        result = tf.convert_to_tensor(call(subject, function, tensors))
    if result.shape.rank:
        derivative = tape.jacobian(result, tensors[by], experimental_use_pfor=False)
    else:
        derivative = tape.gradient(result, tensors[by])
    if derivative is None:
        raise Unfit(f"the function it differentiates does not depend on {by}")
    return derivative


def _differences(subject: Subject, by: str, function: Callable[..., Any], each: Input) -> Any:
    at = np.asarray(each.data[by], dtype=float)
    columns = []
    for place in np.ndindex(at.shape):
        step = STEP * max(1.0, abs(float(at[place])))
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        above, below = (
            np.asarray(call(subject, function, _tensors({**each.data, by: moved})), dtype=float) for moved in (up, down)
        )
        columns.append((above - below) / (up[place] - down[place]))
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape((*stacked.shape[:-1], *at.shape))


def difference(a: Any, b: Any) -> float:
    """Return the largest difference relative to the largest number, nan where there are none."""
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan")
    if not a.size:
        return 0.0
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), SMALLEST)
    return float(np.abs(a - b).max()) / scale


def agree(side: Statement, other: Statement, inputs: Sequence[Input]) -> float:
    """Return the largest relative difference between a side and another statement; Unfit where it is too large."""
    largest = 0.0
    for a, b, each in zip(side.values, other.values, inputs, strict=True):
        apart = difference(a, b)
        if not apart <= other.tolerance:
            raise Unfit(
                f"{side.name} is {shown(a)}, by {other.name} it is {shown(b)} (relative difference {apart:.1e}, "
                f"tolerance {other.tolerance:g}); input: {each}",
                "correct the equation or the code; a symbol that stands for the result must not be declared",
            )
        largest = max(largest, apart)
    return largest


def holds(left: Any, relation: str, right: Any) -> bool:
    """Tell whether an inequality holds everywhere, up to rounding where it allows equality."""
    slack = 1e-12 * max(1.0, float(abs(left).max()), float(abs(right).max()))
    apart = left - right if relation in ("<", "<=") else right - left
    return bool((apart < 0).all() if relation in ("<", ">") else (apart <= slack).all())
