"""Check equations by computing: their LaTeX against code, libraries and derivatives, on random inputs.

Every equation is tried on ``INPUTS`` random inputs in double precision, sizes included. What the LaTeX says must
equal what the page's function and the library's return, and, where it is a derivative, automatic differentiation and
central finite differences. Then errors are made in it on purpose: the check is worth as many of them as it finds.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
import importlib
import importlib.metadata
import inspect
import io
import keyword
import os
import platform
import re
import runpy
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from book.core.findings import BookError, error
from book.core.page import imported_packages
from book.core.site import Book
from book.equations import declare
from book.equations.declare import (
    AUTOMATIC_AGREES,
    DIFFERENCES_AGREE,
    INPUTS,
    Comparison,
    Declaration,
    Equation,
    Kept,
    Placed,
    Survivor,
)
from book.equations.latex import mutate
from book.equations.latex.equation import Parsed, Side, key, parse
from book.equations.latex.evaluate import Array, Undefined, Values, evaluate
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError
from book.equations.latex.tree import Node, show
from book.evidence.record import versions

SMALLEST = 1e-3
"""Where all numbers of a comparison are smaller than this, their difference is taken relative to it."""
STEP = 6e-6
"""Step of the finite differences, relative to the number: the cube root of the machine's precision."""
SINGLE_AGREES = 1e-6
"""Relative tolerance below which what is compared must compute in double precision."""
SIZES = (2, 5)
"""Range of a random size."""

_KIND = re.compile(r"(?P<name>[a-z]+)\s*(?:\[(?P<axes>[^\]]*)\])?\s*(?:\((?P<range>[^)]*)\))?")
_RANKS = {"vector": 1, "matrix": 2, "onehot": 1}
_KINDS = (
    "scalar", "size", "index", "vector", "matrix", "array", "positive", "probability", "distribution", "onehot",
    "integer", "labels", "choice",
)  # fmt: skip
_AXES_MATTER = ("size", "array", "distribution", "onehot", "labels", "choice", "index")
_NUMBERS = {"scalar": (-3.0, 3.0), "positive": (0.1, 4.0), "probability": (0.02, 0.98)}


@dataclass(frozen=True)
class Kind:
    """The kind of a symbol: what it is, the ranges of its axes as they were written, and the range of its values."""

    name: str
    axes: tuple[tuple[str, str], ...] = ()
    low: float | None = None
    high: float | None = None


def kind(text: str) -> Kind:
    """Read a kind such as ``matrix[m,n](-1,1)``.

    Raises:
        ValueError: it is none.
    """
    match = _KIND.fullmatch(text.strip())
    if not match or match["name"] not in _KINDS:
        raise ValueError(f"{text!r} is no kind; kinds are {', '.join(_KINDS)}, with axes as [n] and a range as (0,1)")
    axes = tuple(_axis(part) for part in (match["axes"] or "").split(",") if part.strip())
    name = match["name"]
    if (wanted := _RANKS.get(name)) and len(axes) != wanted and not (name == "onehot" and axes):
        raise ValueError(f"{text!r}: a {name} has {wanted} axes")
    if bool(axes) == (name == "size") and name in _AXES_MATTER:
        raise ValueError(f"{text!r}: {name} {'takes no' if name == 'size' else 'needs its'} axes in brackets")
    low, high = None, None
    if match["range"]:
        ends = [float(part) for part in match["range"].split(",")]
        if len(ends) != 2 or ends[0] > ends[1]:
            raise ValueError(f"{text!r}: a range is (low, high)")
        low, high = ends
    return Kind("scalar" if name in ("vector", "matrix", "array") else name, axes, low, high)


def _axis(text: str) -> tuple[str, str]:
    first, dots, last = text.strip().partition("..")
    return (first, last) if dots else ("1", first)


@dataclass
class Input:
    """One random input.

    Attributes:
        data: what the functions get: NumPy arrays, numbers, whole numbers.
        values: the same for the LaTeX.
        page: what ``page.`` offers.
        expected: what each comparison says the equation's value is, in its order.
    """

    data: dict[str, Any]
    values: Values
    expected: list[Any] = field(default_factory=list)


@dataclass
class _Comparing:
    """A comparison on its way: what computes the value, and the largest difference so far."""

    kind: str
    what: str
    tolerance: float
    compute: Callable[[Input], Any]
    largest: float = 0.0


def verify(book: Book, found: Placed) -> Kept:
    """Check one equation.

    Raises:
        BookError: it disagrees with something, cannot be read, or what is declared does not fit.
    """
    return _Check(book, found).run()


@lru_cache(maxsize=1)
def _numpy() -> Any:
    return importlib.import_module("numpy")


@lru_cache(maxsize=1)
def _tensorflow() -> Any:
    """Return TensorFlow, loaded without a word and without a GPU."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    before = {name: os.environ.get(name) for name in quiet}
    os.environ |= quiet
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        found = importlib.import_module("tensorflow")
        found.constant(0.0)  # what it has to say, it says when it looks for devices
        found.get_logger().setLevel("ERROR")
        log = importlib.import_module("absl.logging").get_absl_handler().python_handler
        log.setStream(sys.__stderr__)  # it closes any other stream when logging is set up anew
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    return found


def _prepare(code: str) -> None:
    """Load TensorFlow, quietly, before code that asks for it."""
    if imported_packages([code]) & {"tensorflow", "keras"}:
        _tensorflow()


@lru_cache(maxsize=64)
def _declared(file: Path, _changed: int) -> Mapping[str, Equation]:
    _prepare(file.read_text(encoding="utf-8"))
    return {one.id: one for one in runpy.run_path(str(file))["EQUATIONS"]}


@lru_cache(maxsize=64)
def _page(sections: tuple[tuple[str, str], ...], file: str) -> SimpleNamespace:
    """Run a page's sections in a fresh namespace, for the functions that they define."""
    names: dict[str, Any] = {"__name__": "page"}
    for section, text in sections:
        _prepare(text)
        for statement in ast.parse(text).body:
            code = compile(ast.Module([statement], []), f"{file}:{section}", "exec")
            # What needs results of other sections is left out; a function that needs it in turn says so when called
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(NameError):
                exec(code, names)
    return SimpleNamespace(**{name: value for name, value in names.items() if not name.startswith("__")})


class _Check:
    """The check of one equation."""

    def __init__(self, book: Book, found: Placed) -> None:
        self.book, self.placed, self.declaration = book, found, found.declaration

    def run(self) -> Kept:
        equation = self.equation = self._equation()
        self.page = self._functions()
        self.kinds = self._kinds()
        self.random = _numpy().random.default_rng(zlib.crc32(equation.id.encode()))
        inputs = [self._input() for _ in range(INPUTS)]
        parsed = self._parse(inputs[0])
        self.free = parsed.free
        comparing = list(self._comparing(parsed))
        groups = _groups(parsed)
        if not comparing and all(len(group) < 2 for group in groups) and len(groups) < 2:
            raise self.problem("it is compared with nothing", "give it code, library or gradient")
        for each in inputs:
            each.expected = [self._computed(one, each) for one in comparing]
        compared = [
            *self._compare_functions(groups[0], comparing, inputs),
            *self._compare_sides(groups, inputs, bool(comparing)),
            *self._compare_relations(parsed, groups, inputs),
        ]
        tried, survivors = self._mutate(parsed, groups, comparing, inputs)
        return Kept(
            name=self.placed.name,
            id=equation.id,
            page=self.placed.page.name,
            tex=" ".join(self.placed.tex.split()),
            read=tuple(show(side.expression) for side in parsed.sides),
            inputs=len(inputs),
            compared=tuple(compared),
            mutants=tried,
            killed=tried - len(survivors),
            survivors=tuple(survivors),
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            python=platform.python_version(),
            versions=_versions(self.book, self.declaration),
        )

    # -- what is declared

    def problem(self, problem: str, remedy: str = "correct the equation, its declaration or the code") -> BookError:
        """Return a message about this equation at its place on the page."""
        place = f"{self.book.shown(self.declaration.file)}:{self.declaration.line}"
        text = f"equation {self.declaration.id!r} [{place}]: {problem}"
        return error(text, remedy, self.book.shown(self.placed.page.file), self.placed.line)

    def _equation(self) -> Equation:
        file = self.declaration.file
        try:
            return _declared(file, file.stat().st_mtime_ns)[self.declaration.id]
        except BookError:
            raise
        except Exception as problem:
            raise self.problem(f"the declarations cannot be run: {type(problem).__name__}: {problem}") from problem

    def _functions(self) -> SimpleNamespace:
        code = tuple(declare.page_code(self.book, self.declaration))
        try:
            return _page(code, self.book.shown(self.declaration.snippet))
        except Exception as problem:
            remedy = "let SECTIONS name sections that define functions and run by themselves"
            text = f"the page's sections cannot be run: {type(problem).__name__}: {problem}"
            raise self.problem(text, remedy) from problem

    def _kinds(self) -> dict[str, Kind]:
        """Return the kinds of the symbols, of given ones that have one, and of sizes that only axes name."""
        found: dict[str, Kind] = {}
        texts = dict(self.equation.symbols)
        texts |= {name: value[0] for name, value in self.equation.given.items() if isinstance(value, tuple)}
        for name, text in texts.items():
            try:
                found[key(name)] = kind(text)
            except ValueError as problem:
                raise self.problem(f"{name}: {problem}") from None
        for one in list(found.values()):
            for expression in (part for axis in one.axes for part in axis):
                for name in re.findall(r"[A-Za-z]\w*", expression):
                    found.setdefault(name, Kind("size"))
        return found

    # -- inputs

    def _input(self) -> Input:
        data: dict[str, Any] = {}
        numbers = [name for name, one in self.kinds.items() if one.name in ("size", "integer") and not one.axes]
        given = {key(name): value for name, value in self.equation.given.items()}
        for name in numbers:
            if name not in given:
                one = self.kinds[name]
                low, high = SIZES if one.name == "size" else (1, 8)
                low = low if one.low is None else int(one.low)
                high = high if one.high is None else int(one.high)
                data[name] = int(self.random.integers(low, high + 1))
        for name, one in self.kinds.items():
            if name not in data and name not in given and one.name != "index":
                data[name] = self._drawn(one, data)
        for name, value in given.items():
            function = value[1] if isinstance(value, tuple) else value
            data[name] = function if not callable(function) else self._call(function, data)
        ranges = {name: self._range(one.axes[0], data) for name, one in self.kinds.items() if one.name == "index"}
        values = {name: self._value(name, value, data) for name, value in data.items()}
        return Input(data, Values(values, ranges))

    def _range(self, axis: tuple[str, str], data: Mapping[str, Any]) -> tuple[int, int]:
        try:
            first, last = (int(eval(part, {"__builtins__": {}}, dict(data))) for part in axis)
        except Exception as problem:
            text = f"the axis {axis[0]}..{axis[1]} has no length: {problem}"
            raise self.problem(text, 'declare its sizes: "n": "size"') from None
        return first, last

    def _drawn(self, one: Kind, data: Mapping[str, Any]) -> Any:
        np, random = _numpy(), self.random
        ranges = [self._range(axis, data) for axis in one.axes]
        shape = tuple(last - first + 1 for first, last in ranges)
        if one.name == "choice":
            first, last = ranges[-1]
            return random.integers(first, last + 1, shape[:-1])
        if one.name in ("onehot", "labels"):
            return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
        if one.name == "distribution":
            weights = random.exponential(size=shape) + 0.05
            return weights / weights.sum(axis=-1, keepdims=True)
        if one.name == "integer":
            low, high = (1 if one.low is None else int(one.low)), (8 if one.high is None else int(one.high))
            return random.integers(low, high + 1, shape).astype(float)
        low_, high_ = _NUMBERS[one.name]
        found = random.uniform(low_ if one.low is None else one.low, high_ if one.high is None else one.high, shape)
        return found if shape else np.float64(found)

    def _value(self, name: str, value: Any, data: Mapping[str, Any]) -> float | Array:
        """Return a value for the LaTeX."""
        np = _numpy()
        if isinstance(value, int):
            return value
        found = np.asarray(value, dtype=float)
        if found.ndim == 0:
            return float(found)
        one = self.kinds.get(name)
        axes = one.axes[: found.ndim] if one else ()
        first = tuple(self._range(axis, data)[0] for axis in axes) or (1,) * found.ndim
        if len(first) != found.ndim:
            raise self.problem(f"{name} has {found.ndim} axes, its kind says {len(first)}")
        return Array(found.tolist(), first, found.shape)

    def _call(self, function: Callable[..., Any], data: Mapping[str, Any]) -> Any:
        """Call a function with the symbols its parameters name or, where it names others, with all in their order."""
        np = _numpy()
        by_name = {identifier(name): name for name in data}
        wanted = _parameters(function)
        rest = [name for name in wanted if name != "page"]
        if not all(name in by_name for name in rest):
            sources = [
                key(name) for name, text in self.equation.symbols.items() if kind(text).name not in ("index", "size")
            ]
            if len(sources) < len(rest):
                unknown = next(name for name in rest if name not in by_name)
                raise self.problem(f"a function of it has the parameter {unknown!r}, which is no symbol")
            chosen = dict(zip(rest, sources, strict=False))
        else:
            chosen = {name: by_name[name] for name in rest}
        copies = [self.page if name == "page" else _copy(data[chosen[name]], np) for name in wanted]
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return function(*copies)
        except Exception as problem:
            text = f"a function of it fails: {type(problem).__name__}: {problem}; input: {_shown(data)}"
            raise self.problem(text) from problem

    # -- reading

    def _parse(self, first: Input) -> Parsed:
        indices = frozenset(name for name, one in self.kinds.items() if one.name == "index")
        implicit = {name for name in self.kinds if name not in map(key, (*self.equation.symbols, *self.equation.given))}
        self.ranks = {
            name: len(value.shape) if isinstance(value, Array) else 0
            for name, value in first.values.symbols.items()
            if name not in implicit
        }
        try:
            parsed = parse(self.placed.tex, Names(self.ranks, indices))
        except TexError as problem:
            remedy = "write it so that the check can read it, or mark it: <!-- unchecked: reason -->"
            raise self.problem(str(problem), remedy) from None
        used = set(parsed.used)
        for value in self.equation.given.values():
            function = value[1] if isinstance(value, tuple) else value
            used |= set(_parameters(function)) if callable(function) else set()
        if self.equation.gradient:
            used |= {*_parameters(self.equation.gradient[1]), key(self.equation.gradient[0])}
        for function in (self.equation.code, self.equation.library):
            used |= set(_parameters(function)) if function else set()
        for one in self.kinds.values():
            used |= {name for axis in one.axes for part in axis for name in re.findall(r"[A-Za-z]\w*", part)}
        for name in (*map(key, self.equation.symbols), *map(key, self.equation.given)):
            if name not in used and identifier(name) not in used:
                raise self.problem(f"{name} is declared and does not occur", "take it out of the declaration")
        gradient = self.equation.gradient
        if parsed.derivative and not gradient:
            remedy = "declare what differentiates: gradient=(symbol, function)"
            raise self.problem("its left side is a derivative", remedy)
        if parsed.by and gradient and re.match(r"[A-Za-z]*", key(gradient[0]))[0] not in parsed.by:  # type: ignore[index]
            text = f"its left side differentiates by {' '.join(parsed.by)}, its gradient by {gradient[0]}"
            raise self.problem(text, "differentiate by the same symbol")
        return parsed

    # -- comparing

    def _comparing(self, parsed: Parsed) -> Iterator[_Comparing]:
        equation, named = self.equation, self.declaration.compared
        for which, function in (("code", equation.code), ("library", equation.library)):
            if function:
                yield _Comparing(*named[which], equation.rtol, partial(self._returned, function))
        if equation.gradient:
            by, function = key(equation.gradient[0]), equation.gradient[1]
            yield _Comparing(
                "automatic", "", max(AUTOMATIC_AGREES, equation.rtol), lambda each: self._automatic(by, function, each)
            )
            yield _Comparing("differences", "", DIFFERENCES_AGREE, lambda each: self._differences(by, function, each))

    def _returned(self, function: Callable[..., Any], each: Input) -> Any:
        return self._call(function, each.data)

    def _computed(self, one: _Comparing, each: Input) -> Any:
        """Return what a comparison computes, with the shape of the left side."""
        np = _numpy()
        found = one.compute(each)
        try:
            value = np.asarray(found)
            single = value.dtype.kind not in "biu" and value.dtype.itemsize < np.dtype(float).itemsize
            value = value.astype(float)
        except (TypeError, ValueError):
            raise self.problem(f"{_name(one)} does not return numbers, but {found!r}") from None
        if single and one.tolerance < SINGLE_AGREES:
            text = f"{_name(one)} does not compute in double precision"
            raise self.problem(text, "give it numbers in double precision, such as tf.constant(2.0, tf.float64)")
        shape = self._shape(each)
        if value.shape != shape:
            if value.size != 1 or shape:
                left = f"({', '.join(self.free)})" if self.free else "no indices"
                text = f"{_name(one)} returns the shape {value.shape}, the left side has {left}: {shape}"
                raise self.problem(f"{text}; input: {_shown(each.data)}")
            value = value.reshape(())
        return value

    def _shape(self, each: Input) -> tuple[int, ...]:
        lengths = [last - first + 1 for first, last in (each.values.ranges[index] for index in self.free)]
        return (*([2] if self.signs else []), *lengths)

    @property
    def signs(self) -> bool:
        """Whether the equation has a ±: then what is computed has a first axis for + and −."""
        return "\\pm" in self.placed.tex or "\\mp" in self.placed.tex

    def _array(self, node: Node, each: Input) -> Any:
        """Return an expression's values over the free indices.

        Raises:
            Undefined: one of them has none.
        """
        np = _numpy()
        found = []
        for sign in (1, -1) if self.signs else (1,):
            each.values.sign = sign
            found += list(self._elements(node, each.values, self.free))
        return np.array(found, dtype=float).reshape(self._shape(each))

    def _elements(self, node: Node, values: Values, free: Sequence[str]) -> Iterator[float]:
        if not free:
            yield evaluate(node, values)
            return
        first, last = values.ranges[free[0]]
        for number in range(first, last + 1):
            values.symbols[free[0]] = number
            yield from self._elements(node, values, free[1:])
        del values.symbols[free[0]]

    def _tensors(self, each: Input) -> dict[str, Any]:
        tf = _tensorflow()
        return {
            name: value if isinstance(value, int) else tf.constant(value, tf.float64)
            for name, value in each.data.items()
        }

    def _automatic(self, by: str, function: Callable[..., Any], each: Input) -> Any:
        tf = _tensorflow()
        tensors = self._tensors(each)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(tensors[by])
            result = tf.convert_to_tensor(self._call(function, tensors))
        if result.shape.rank:
            found = tape.jacobian(result, tensors[by], experimental_use_pfor=False)
        else:
            found = tape.gradient(result, tensors[by])
        if found is None:
            raise self.problem(f"the function it differentiates does not depend on {by}")
        return found

    def _differences(self, by: str, function: Callable[..., Any], each: Input) -> Any:
        np = _numpy()
        at = np.asarray(each.data[by], dtype=float)

        def value(moved: Any) -> Any:
            data = {**each.data, by: moved}
            tensors = self._tensors(Input(data, each.values))
            return np.asarray(self._call(function, tensors), dtype=float)

        columns = []
        for place in np.ndindex(at.shape):
            step = STEP * max(1.0, abs(float(at[place])))
            up, down = at.copy(), at.copy()
            up[place] += step
            down[place] -= step
            columns.append((value(up) - value(down)) / (up[place] - down[place]))
        stacked = np.stack(columns, axis=-1)
        return stacked.reshape((*stacked.shape[:-1], *at.shape))

    def _side(self, side: Side, each: Input) -> Any:
        try:
            return self._array(side.expression, each)
        except Undefined as problem:
            text = f"{show(side.expression)} has no value: {problem}; input: {_shown(each.data)}"
            raise self.problem(text, "restrict the symbols, such as positive or scalar(0,1)") from None

    def _compare_functions(
        self, group: Sequence[Side], comparing: Sequence[_Comparing], inputs: Sequence[Input]
    ) -> Iterator[Comparison]:
        """Compare every side with every function."""
        for number, one in enumerate(comparing):
            for each in inputs:
                for side in group:
                    value = self._side(side, each)
                    self._agree(f"{show(side.expression)}", value, _name(one), each.expected[number], one, each)
            yield Comparison(one.kind, one.what, one.tolerance, one.largest)

    def _compare_sides(
        self, groups: Sequence[Sequence[Side]], inputs: Sequence[Input], has_functions: bool
    ) -> Iterator[Comparison]:
        """Compare the sides of an identity with one another, where no function stands for its value."""
        for number, group in enumerate(groups):
            if len(group) < 2 or (number == 0 and has_functions):
                continue
            one = _Comparing("sides", "", self.equation.rtol, lambda each: None)
            for each in inputs:
                first = self._side(group[0], each)
                for side in group[1:]:
                    value = self._side(side, each)
                    self._agree(show(side.expression), value, show(group[0].expression), first, one, each)
            yield Comparison(one.kind, one.what, one.tolerance, one.largest)

    def _agree(self, left: str, a: Any, right: str, b: Any, one: _Comparing, each: Input) -> None:
        difference = _difference(a, b)
        one.largest = max(one.largest, difference)
        if not difference <= one.tolerance:
            raise self.problem(
                f"{left} is {_short(a)}, by {right} it is {_short(b)} (relative difference {difference:.1e}, "
                f"tolerance {one.tolerance:g}); input: {_shown(each.data)}",
                self._advice(),
            )

    def _advice(self) -> str:
        return "correct the equation or the code; a symbol that stands for the result must not be declared"

    def _compare_relations(
        self, parsed: Parsed, groups: Sequence[Sequence[Side]], inputs: Sequence[Input]
    ) -> Iterator[Comparison]:
        """Test the inequalities of a chain on every input."""
        for before, group in pairwise(groups):
            for each in inputs:
                left = self._side(before[-1], each) if before else each.expected[0]
                right = self._side(group[0], each)
                if not _holds(left, group[0].relation, right):
                    shown = show(before[-1].expression) if before else parsed.head
                    text = f"{shown} {group[0].relation} {show(group[0].expression)} does not hold"
                    raise self.problem(f"{text}: {_short(left)}, {_short(right)}; input: {_shown(each.data)}")
            yield Comparison("relation", group[0].relation, 0.0, 0.0)

    # -- mutants

    def _mutate(
        self,
        parsed: Parsed,
        groups: Sequence[Sequence[Side]],
        comparing: Sequence[_Comparing],
        inputs: Sequence[Input],
    ) -> tuple[int, list[Survivor]]:
        """Return how many mutants were tried, and those that no input tells from the equation."""
        tried, survivors = 0, list[str]()
        for number, group in enumerate(groups):
            functions = number == 0 and bool(comparing)
            if not functions and len(group) < 2:
                continue
            for place, side in enumerate(group):
                other = None if functions else group[0 if place else 1]
                for mutant in mutate.mutants(side.expression, self.ranks, self.free):
                    tried += 1
                    if not self._is_killed(mutant, other, comparing, inputs):
                        survivors.append(show(mutant))
        for before, group in pairwise(groups):
            tried += 1
            turned = mutate.RELATIONS[group[0].relation]
            left = [self._side(before[-1], each) if before else each.expected[0] for each in inputs]
            right = [self._side(group[0], each) for each in inputs]
            if all(_holds(a, turned, b) for a, b in zip(left, right, strict=True)):
                survivors.append(f"{turned} {show(group[0].expression)}")
        reasons = self.equation.survivors
        for text in reasons:
            if text not in survivors:
                remedy = f"take it out; what survives: {'; '.join(survivors) or 'nothing'}"
                raise self.problem(f"survivors explains {text!r}, which does not survive", remedy)
        return tried, [Survivor(text, reasons.get(text, "")) for text in survivors]

    def _is_killed(
        self, mutant: Node, other: Side | None, comparing: Sequence[_Comparing], inputs: Sequence[Input]
    ) -> bool:
        for each in inputs:
            try:
                value = self._array(mutant, each)
            except Undefined:
                return True
            if other is not None:
                if not _difference(value, self._side(other, each)) <= self.equation.rtol:
                    return True
            elif any(
                not _difference(value, expected) <= one.tolerance
                for one, expected in zip(comparing, each.expected, strict=True)
            ):
                return True
        return False


def _groups(parsed: Parsed) -> list[list[Side]]:
    """Return the sides that are equal to one another; the first group's are equal to the left side."""
    groups: list[list[Side]] = [[]]
    for side in parsed.sides:
        if side.relation not in ("", "="):
            groups.append([])
        groups[-1].append(side)
    return groups


def identifier(name: str) -> str:
    """Return the parameter by which a function gets a symbol: ``m_{t-1}`` is ``m_t_1``, ``lambda`` is ``lambda_``."""
    plain = re.sub(r"\W+", "_", name).strip("_")
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Return the names of the parameters that a function cannot do without."""
    empty = inspect.Parameter.empty
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(function).parameters.values()
    return [one.name for one in found if one.kind in kinds and one.default is empty]


def _copy(value: Any, np: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _name(one: _Comparing) -> str:
    words = {
        "page": f"the page's {one.what}",
        "separate": "the declaration's own computation",
        "automatic": "automatic differentiation",
        "differences": "finite differences",
    }
    return words.get(one.kind, one.what)


def _difference(a: Any, b: Any) -> float:
    """Return the largest difference relative to the largest number, nan where there are none."""
    np = _numpy()
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("nan")
    if not a.size:
        return 0.0
    scale = max(float(np.abs(a).max()), float(np.abs(b).max()), SMALLEST)
    return float(np.abs(a - b).max()) / scale


def _holds(left: Any, relation: str, right: Any) -> bool:
    slack = 1e-12 * max(1.0, float(abs(left).max()), float(abs(right).max()))
    difference = left - right
    return {
        "<": bool((difference < 0).all()), ">": bool((difference > 0).all()),
        "<=": bool((difference <= slack).all()), ">=": bool((difference >= -slack).all()),
    }[relation]  # fmt: skip


def _short(value: Any) -> str:
    np = _numpy()
    return str(np.array2string(np.asarray(value), precision=6, threshold=8)).replace("\n", "")


def _shown(data: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in data.items())


def _versions(book: Book, one: Declaration) -> dict[str, str]:
    """Return the versions of the libraries that the check of an equation rests on."""
    codes = [one.file.read_text(encoding="utf-8"), *(code for _, code in declare.page_code(book, one))]
    return versions(book, [*codes, "import numpy"])
