"""Each assertion of a block is tried on wrong values: one that passes with them is worth nothing.

After a block has run, each of its statements that asserts runs again over a copy of the page's variables in which one
of the names that it reads has a wrong value: of another sign or size, in another order, that of another name, NaN.
Some wrong value of each name must make it fail, and NaN of each number. Not of what a function of the page gets: where
``slope(x, y) == np.polyfit(x, y, 1)[0]`` notices a wrong function, it holds of any ``x``, and is no check of ``x``.
"""

import ast
import contextlib
import io
import random
import signal
import sys
import time
import types
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from book.core.syntax import names_read
from book.evidence.checks import assertions

SLOWEST, TIMES = 60.0, 10
"""Seconds an assertion may take when it is run again; how many times that on a wrong value, on which it may hang.

Seconds of computing, so that a machine that is busy or stands still for a while makes no assertion worthless; of time
that goes by only at most ``SLOWEST``, for what waits.
"""
ENOUGH = 1.0
"""Seconds after which what a loop goes through is no longer tried: the assertion then is no check of it."""
LARGE, LONGER = 1_000_000, 8
"""How many numbers an array may have to be tried with so many times its rows."""
RESULTS = 13
"""How many wrong results are tried of a function of the page."""


def attempt(code: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Try the assertions of a block that has run.

    Returns:
        ``assertions``, how many it has; ``tried``, on how many wrong values; ``survived``, what they don't notice: for
        each the line in the block, the name (empty where nothing that it reads can be wrong) and the value; ``inputs``,
        in the same way, what functions of the page get.
    """
    found, tried, survived, inputs = assertions(code), 0, list[dict[str, Any]](), list[dict[str, Any]]()
    with _undisturbed():
        for node, statement in found:
            trial = _Trial(node, statement, variables)
            for name, value in trial.survivors():
                one = {"line": node.lineno, "name": name, "value": value}
                (inputs if name in trial.inputs else survived).append(one)
            tried += trial.tried
    return {"assertions": len(found), "tried": tried, "survived": survived, "inputs": inputs}


class _Trial:
    """One assertion, in the whole statement in which it stands, over the page's variables."""

    def __init__(self, node: ast.stmt, statement: ast.stmt, variables: Mapping[str, Any]) -> None:
        self.code = compile(ast.Module([statement], []), "<assertion>", "exec")
        self.variables, self.tried, self.limit = variables, 0, SLOWEST
        self.inputs, self.own = set[str](), {*names_read(node)}
        bound = {*names_read(statement, ast.Store)}
        inside = bound & self.own  # what a loop assigns comes from all that the loop reads
        names = [name for name in names_read(statement if inside else node) if name not in bound]
        self.names = [name for name in names if name in variables and _can_be_wrong(variables[name])]
        self.calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]

    def survivors(self) -> Iterator[tuple[str, str]]:
        """Yield (name, wrong value) for what the assertion does not notice."""
        started = time.process_time()
        problem = self._raised({})
        self.limit = min(SLOWEST, 0.5 + TIMES * (time.process_time() - started))
        if problem is not None:
            yield "", f"run again, it raises {type(problem).__name__}"
        elif not self.names:
            yield "", "nothing that it reads can be wrong"
        else:
            unnoticed = list[str]()
            started = time.process_time()
            plain = types.FunctionType
            for name in sorted(self.names, key=lambda n: (n not in self.own, not isinstance(self.variables[n], plain))):
                if name not in self.own and time.process_time() > started + ENOUGH:
                    unnoticed.append(name)
                    continue
                value, others = self.variables[name], [self.variables[o] for o in self.names if o != name]
                same_kind = [other for other in others if _kind(other) == _kind(value)]
                if not self._notices(name, (*_wrong(value), *same_kind)):
                    unnoticed.append(name)
                elif isinstance(value, float) and self._raised({name: float("nan")}) is None:
                    yield name, "NaN"
            noticed = {*self.names} - {*unnoticed}
            functions = {name for name in noticed if isinstance(self.variables[name], types.FunctionType)}
            calls = [call for call in self.calls if isinstance(call.func, ast.Name) and call.func.id in functions]
            self.inputs = {n for call in calls for part in (*call.args, *call.keywords) for n in names_read(part)}
            self.inputs |= {*self.names} - self.own if noticed else set()  # what a loop goes through
            yield from ((name, "wrong") for name in unnoticed)

    def _notices(self, name: str, wrongs: Iterable[Any]) -> bool:
        for wrong in wrongs:
            self.tried += 1
            problem = self._raised({name: wrong})
            if isinstance(problem, AssertionError | TimeoutError):
                return isinstance(problem, AssertionError)
        return False

    def _raised(self, wrong: Mapping[str, Any]) -> BaseException | None:
        signal.setitimer(signal.ITIMER_PROF, self.limit)
        signal.setitimer(signal.ITIMER_REAL, SLOWEST)
        try:
            exec(self.code, {**self.variables, **wrong})
        except BaseException as problem:
            return problem
        finally:
            for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
                signal.setitimer(timer, 0)
        return None


def _kind(value: Any) -> Any:
    return "number" if isinstance(value, int | float) or getattr(value, "shape", None) == () else type(value)


def _can_be_wrong(value: Any) -> bool:
    return next(_wrong(value), None) is not None


_FILLED: dict[type, object] = {str: "?", bytes: b"?", list: [None], tuple: (None,), dict: {None: None}}
"""What an empty value must not be."""


def _wrong(value: Any) -> Iterator[Any]:
    """Yield wrong values of the same kind; none for what is no value: modules, classes, models, library functions."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (each for each in (value / 2, -value, 2 * value, 0, value + 1, value - 1) if each != value)
    elif type(value) in _FILLED and not value:
        yield _FILLED[type(value)]
    elif isinstance(value, str | bytes):
        yield from (value[:0], value[::-1], value * 2)
    elif type(value) in (list, tuple):
        kind = type(value)
        others = (value[::-1], value[:-1], value[:1], [*value[1:], *value[:1]], [*value] * LONGER)
        yield from (kind(each) for each in others)
        yield from map(kind, _together(value))
    elif isinstance(value, dict):
        keys, values = [*value], [*value.values()]
        yield dict(zip(keys, values[1:] + values[:1], strict=True))
        yield from (dict(zip(keys, each, strict=True)) for each in _together(values))
        yield {}
    elif isinstance(value, set | frozenset):
        yield from (value | {object()}, type(value)())
    elif isinstance(value, types.FunctionType) and value.__module__ == "__main__":
        yield from (_wrongly(value, number) for number in range(RESULTS))
    elif hasattr(type(value), "shape") and hasattr(type(value), "dtype"):
        yield from _wrong_tensors(value)


def _together(values: Any) -> Iterator[list[Any]]:
    """Yield the values with all of them wrong in the same way."""
    yield from (list(each) for each in islice(zip(*map(_wrong, values), strict=False), RESULTS))


def _wrongly(function: Any, number: int) -> Any:
    """Return a function whose results are wrong in the way of this number, where there are so many ways."""

    def wrong(*args: Any, **options: Any) -> Any:
        result = function(*args, **options)
        return next(islice(_wrong(result), number, None), result)

    return wrong


def _wrong_tensors(value: Any) -> Iterator[Any]:
    """Yield wrong arrays or tensors of NumPy, TensorFlow, Keras, PyTorch or JAX, the last as NumPy's."""
    with contextlib.suppress(Exception):  # symbolic tensors, for instance, hold nothing
        if hasattr(type(value), "detach"):
            wrong = _wrong_arrays(value.detach().numpy())
            yield from (sys.modules["torch"].tensor(each.copy()) for each in wrong)
        elif hasattr(type(value), "numpy"):
            yield from map(sys.modules["tensorflow"].constant, _wrong_arrays(value.numpy()))
        else:
            yield from _wrong_arrays(sys.modules["numpy"].asarray(value))


def _wrong_arrays(array: Any) -> Iterator[Any]:
    np, numbers = sys.modules["numpy"], array.dtype.kind in "iufc"
    if not array.ndim:
        yield from (array.dtype.type(each) for each in _wrong(array.item()))
    elif array.size:
        if numbers:  # what needs no memory of its own comes first
            yield np.broadcast_to(array.dtype.type(0), array.shape)
        yield from (array[:-1], array[::-1], array[:1], array[..., :-1], array[..., :1])
        if array.size < LARGE:
            yield np.repeat(array, LONGER, axis=0)
        if numbers or array.dtype.kind == "b":
            yield from (-array if numbers else ~array, np.roll(array, 1, axis=-1))
        if numbers:
            ramp = np.arange(array.shape[-1]).astype(array.dtype)
            yield from (array + array.dtype.type(1), array * 2, array + ramp)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing that is tried be seen: neither output, nor warnings, nor the state of random numbers."""
    np = sys.modules.get("numpy")
    states = random.getstate(), np and np.random.get_state()
    before = {each: signal.signal(each, _too_long) for each in (signal.SIGALRM, signal.SIGPROF)}
    nowhere = io.StringIO()
    try:
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with np.errstate(all="ignore") if np else contextlib.nullcontext():
                yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        random.setstate(states[0])
        if np:
            np.random.set_state(states[1])


def _too_long(*_: Any) -> None:
    raise TimeoutError
