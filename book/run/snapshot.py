"""The snapshot of a page's variables after a block: numbers, short texts, and small collections, arrays and tensors.

A value is taken or left out; whatever it does when it is looked at, nothing fails by it. Therefore types are asked, not
the values themselves, which may answer anything (``__getattr__``, ``__class__``, ``__len__``).
"""

from collections.abc import Mapping
from math import prod
from typing import Any

LONGEST_TEXT = 400
"""Characters a text may have, digits a whole number."""
MOST_ITEMS = 64
DEEPEST = 2
"""How many collections may lie in each other."""
_HIDDEN = frozenset({"In", "Out", "exit", "quit", "open", "get_ipython"})
"""Names that IPython itself puts among the variables."""


class _LeftOut(Exception):
    """The value goes into no snapshot."""


def snapshot(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the small values among a page's variables as what JSON can hold (and NaN and infinities)."""
    taken = {}
    for name, value in list(variables.items()):
        try:
            if not _text(name).startswith("_") and name not in _HIDDEN:
                taken[name] = _plain(value, 0)
        except BaseException:  # a value may raise anything, SystemExit and KeyboardInterrupt included
            continue
    return taken


def _plain(value: Any, depth: int) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if issubclass(kind, int):
        return _whole(int.__index__(value))
    if issubclass(kind, float):
        return float.__float__(value)
    if issubclass(kind, str):
        return _text(value)
    if issubclass(kind, dict) and depth < DEEPEST:
        items = list(dict.items(value))
        if len(items) <= MOST_ITEMS:
            return {_text(key): _plain(item, depth + 1) for key, item in items}
    elif kind in (list, tuple) and depth < DEEPEST and len(value) <= MOST_ITEMS:
        return [_plain(item, depth + 1) for item in value]
    elif hasattr(kind, "dtype") and hasattr(kind, "shape"):
        return _numbers(_array(value))
    raise _LeftOut


def _whole(number: int) -> int:
    if abs(number) < 10**LONGEST_TEXT:
        return number
    raise _LeftOut


def _text(value: Any) -> str:
    """Return a text that is short and can be written as UTF-8, which half a surrogate pair cannot."""
    if issubclass(type(value), str) and len(text := str.__str__(value)) <= LONGEST_TEXT:
        text.encode()
        return text
    raise _LeftOut


def _array(value: Any) -> Any:
    """Return what a small array or tensor of NumPy, TensorFlow, Keras, PyTorch or JAX holds, as nested lists."""
    if prod(value.shape) > MOST_ITEMS:
        raise _LeftOut
    if hasattr(type(value), "detach"):  # PyTorch
        value = value.detach()
    elif not hasattr(type(value), "tolist"):  # TensorFlow and Keras
        value = value.numpy()
    return value.tolist()


def _numbers(value: Any) -> Any:
    """Return the items of an array: numbers and texts, but no other objects, dates or complex numbers."""
    return [_numbers(item) for item in value] if type(value) is list else _plain(value, DEEPEST)
