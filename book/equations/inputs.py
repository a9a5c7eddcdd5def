"""Random inputs of an equation: the kinds of its symbols, numbers of these kinds, and functions called with them."""

import contextlib
import inspect
import io
import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from book.core.expression import evaluate, parse
from book.equations.code import Unfit
from book.equations.declare import Equation
from book.equations.latex.equation import key
from book.equations.latex.evaluate import Array, Values

KINDS = (
    "scalar", "size", "index", "vector", "matrix", "array", "positive", "probability", "distribution", "onehot",
    "integer", "labels", "choice",
)  # fmt: skip
_KIND = re.compile(r"(?P<name>[a-z]+)\s*(?:\[(?P<axes>[^\]]*)\])?\s*(?:\((?P<range>[^)]*)\))?")
_NAME = re.compile(r"[A-Za-z]\w*")
_RANKS = {"vector": 1, "matrix": 2}
_AXES_NEEDED = ("array", "distribution", "onehot", "labels", "choice", "index")
_RANGES = {"size": (2.0, 5.0), "integer": (1.0, 8.0), "positive": (0.1, 4.0), "probability": (0.02, 0.98)}
"""Range of the numbers of a kind, where it says no other; that of scalars is (-3, 3)."""


@dataclass(frozen=True)
class Kind:
    """The kind of a symbol: what it is, the ranges of its axes as they were written, and the range of its values."""

    name: str
    axes: tuple[tuple[str, str], ...]
    low: float
    high: float

    @property
    def is_whole(self) -> bool:
        """Whether it is a single whole number: a size, or an integer without axes."""
        return self.name in ("size", "integer") and not self.axes


def kind(text: str) -> Kind:
    """Read a kind such as ``matrix[m,n](-1,1)``; ValueError where it is none."""
    match = _KIND.fullmatch(text.strip())
    if not match or match["name"] not in KINDS:
        raise ValueError(f"{text!r} is no kind; kinds are {', '.join(KINDS)}, with axes as [n] and a range as (0,1)")
    parts = (part.strip().partition("..") for part in (match["axes"] or "").split(",") if part.strip())
    axes = tuple((first, last) if dots else ("1", first) for first, dots, last in parts)
    name = match["name"]
    if len(axes) != _RANKS.get(name, len(axes)):
        raise ValueError(f"{text!r}: a {name} has {_RANKS[name]} axes")
    if (axes and name == "size") or (not axes and name in _AXES_NEEDED):
        raise ValueError(f"{text!r}: {name} {'takes no' if axes else 'needs its'} axes in brackets")
    name = "scalar" if name in ("vector", "matrix", "array") else name
    low, high = _RANGES.get(name, (-3.0, 3.0))
    if match["range"]:
        ends = [float(part) for part in match["range"].split(",")]
        if len(ends) != 2 or ends[0] > ends[1]:
            raise ValueError(f"{text!r}: a range is (low, high)")
        low, high = ends
    return Kind(name, axes, low, high)


@dataclass(frozen=True)
class Subject:
    """An equation with what it is checked with.

    Attributes:
        equation: what is declared of it.
        page: what ``page.`` offers.
        kinds: the kinds of its symbols, of given ones that have one, and of sizes that only axes name.
    """

    equation: Equation
    page: SimpleNamespace
    kinds: Mapping[str, Kind]


@dataclass(frozen=True)
class Input:
    """One random input.

    Attributes:
        data: what the functions get: NumPy arrays, numbers, whole numbers.
        values: the same for the LaTeX.
    """

    data: dict[str, Any]
    values: Values

    def __str__(self) -> str:
        """Return it for messages."""
        return ", ".join(f"{name} = {shown(value)}" for name, value in self.data.items())


def shown(value: Any) -> str:
    """Return a value for messages, in one line."""
    return str(np.array2string(np.asarray(value), precision=6, threshold=8)).replace("\n", "")


def names_in(axes: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the sizes that axes name."""
    return [name for axis in axes for end in axis for name in _NAME.findall(end)]


def kinds_of(equation: Equation) -> dict[str, Kind]:
    """Return the kinds of an equation's symbols, of given ones that have one, and of sizes that only axes name."""
    kinds: dict[str, Kind] = {}
    texts = {name: value[0] for name, value in equation.given.items() if isinstance(value, tuple)}
    for name, text in {**equation.symbols, **texts}.items():
        try:
            kinds[key(name)] = kind(text)
        except ValueError as problem:
            raise Unfit(f"{name}: {problem}") from None
    for declared in list(kinds.values()):
        for name in names_in(declared.axes):
            kinds.setdefault(name, kind("size"))
    return kinds


def draw(subject: Subject, random: np.random.Generator) -> Input:
    """Return a random input: whole numbers first, since sizes are among them, then the rest, then what follows."""
    data: dict[str, Any] = {}
    given = {key(name): value for name, value in subject.equation.given.items()}
    free = {name: kind for name, kind in subject.kinds.items() if name not in given}
    for name, kind in free.items():
        if kind.is_whole:
            data[name] = int(random.integers(int(kind.low), int(kind.high) + 1))
    for name, kind in free.items():
        if not kind.is_whole and kind.name != "index":
            data[name] = _drawn(kind, data, random)
    for name, value in given.items():
        function = value[1] if isinstance(value, tuple) else value
        data[name] = call(subject, function, data) if callable(function) else function
    ranges = {name: _range(kind.axes[0], data) for name, kind in subject.kinds.items() if kind.name == "index"}
    return Input(data, Values({name: _for_latex(subject, name, data) for name in data}, ranges))


def _range(axis: tuple[str, str], data: Mapping[str, Any]) -> tuple[int, int]:
    try:
        first, last = (int(evaluate(parse(end), data, {})) for end in axis)
    except Exception as problem:
        text = f"the axis {axis[0]}..{axis[1]} has no length: {problem}"
        raise Unfit(text, 'declare its sizes: "n": "size"') from None
    return first, last


def _drawn(kind: Kind, data: Mapping[str, Any], random: np.random.Generator) -> Any:
    ranges = [_range(axis, data) for axis in kind.axes]
    shape = tuple(last - first + 1 for first, last in ranges)
    match kind.name:
        case "choice":
            return random.integers(ranges[-1][0], ranges[-1][1] + 1, shape[:-1])
        case "onehot" | "labels":
            return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        case "distribution":
            weights = random.exponential(size=shape) + 0.05
            return weights / weights.sum(axis=-1, keepdims=True)
        case "integer":
            return random.integers(int(kind.low), int(kind.high) + 1, shape).astype(float)
    numbers = random.uniform(kind.low, kind.high, shape)
    return numbers if shape else np.float64(numbers)


def _for_latex(subject: Subject, name: str, data: Mapping[str, Any]) -> float | Array:
    if isinstance(data[name], int):
        return int(data[name])
    numbers = np.asarray(data[name], dtype=float)
    if numbers.ndim == 0:
        return float(numbers)
    axes = subject.kinds[name].axes[: numbers.ndim] if name in subject.kinds else ()
    first = tuple(_range(axis, data)[0] for axis in axes) or (1,) * numbers.ndim
    if len(first) != numbers.ndim:
        raise Unfit(f"{name} has {numbers.ndim} axes, its kind says {len(first)}")
    return Array(numbers.tolist(), first, numbers.shape)


def identifier(name: str) -> str:
    """Return the parameter by which a function gets a symbol: ``m_{t-1}`` is ``m_t_1``, ``lambda`` is ``lambda_``."""
    plain = re.sub(r"\W+", "_", name).strip("_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def parameters(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that a function cannot do without."""
    return [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        and parameter.default is parameter.empty
    ]


def call(subject: Subject, function: Callable[..., Any], data: Mapping[str, Any]) -> Any:
    """Call a function with the symbols its parameters name or, where it names others, with all in their order."""
    by_parameter = {identifier(name): name for name in data}
    rest = [name for name in parameters(function) if name != "page"]
    if unknown := [name for name in rest if name not in by_parameter]:
        symbols = map(key, subject.equation.symbols)
        in_order = [name for name in symbols if subject.kinds[name].name not in ("index", "size")]
        if len(in_order) < len(rest):
            raise Unfit(f"a function of it has the parameter {unknown[0]!r}, which is no symbol")
        by_parameter = dict(zip(rest, in_order, strict=False))
    arguments = [subject.page if name == "page" else data[by_parameter[name]] for name in parameters(function)]
    copies = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return function(*copies)
    except Exception as problem:
        text = f"a function of it fails: {type(problem).__name__}: {problem}; input: {Input(dict(data), Values({}))}"
        raise Unfit(text) from problem
