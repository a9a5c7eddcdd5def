"""What is kept of a page's variables after each block; nothing that a variable holds makes it fail."""

from __future__ import annotations

import enum
import importlib
import json
import math
from collections import Counter, UserDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from book.evidence import record
from book.run import session
from book.run.kernel import observe
from tests.unit.miniature import Kernel


def kept(**variables: object) -> dict[str, Any]:
    """Return the variables that a snapshot holds."""
    found: dict[str, Any] = json.loads(observe(variables))["variables"]
    return found


def test_small_values_are_kept_and_others_are_not() -> None:
    values = {"number": 1, "text": "a", "share": np.float32(0.5), "few": [1, 2], "named": {"a": 1}}
    assert kept(**values, many=list(range(10_000)), module=np, kind=np.float32, _own=1) == values


def test_arrays_and_scalars_of_numpy_are_kept_as_numbers() -> None:
    class Level(enum.IntEnum):
        HIGH = 3

    values = kept(
        a=np.float64(0.1), b=np.bool_(True), c=np.arange(4).reshape(2, 2), d=np.array(["x"]), e=Counter("ab"),
        f=Level.HIGH,
        g=np.ma.array([1, 2], mask=[False, True]), large=np.zeros(65), complex=np.array([1j]),
        objects=np.array([object()]), dates=np.array(["2026-01-02"], "datetime64[D]"),
    )  # fmt: skip
    assert values == {
        "a": 0.1, "b": True, "c": [[0, 1], [2, 3]], "d": ["x"], "e": {"a": 1, "b": 1}, "f": 3, "g": [1, None],
    }  # fmt: skip


@pytest.mark.parametrize(
    "code",
    [
        "import tensorflow as tf; value = tf.constant([0.5, 2]); large = tf.zeros(65); text = tf.constant('a')",
        "import tensorflow as tf; value = tf.Variable([0.5, 2.0]); rows = tf.ragged.constant([[1], [2, 3]])",
        "import tensorflow as tf; value = tf.cast([0.5, 2.0], tf.bfloat16); sparse = tf.sparse.eye(2)",
        "import keras; value = keras.Variable([0.5, 2.0]); symbol = keras.Input((2,)); layer = keras.layers.Dense(2)",
        "import torch; value = torch.tensor([0.5, 2.0], requires_grad=True); large = torch.zeros(65)",
        "import jax.numpy as jnp; value = jnp.array([0.5, 2.0], 'bfloat16'); large = jnp.zeros(65)",
    ],
)
def test_small_tensors_are_kept_as_numbers(code: str) -> None:
    pytest.importorskip(code.split()[1].partition(".")[0].rstrip(";"))
    variables: dict[str, Any] = {}
    exec(code, variables)
    assert kept(**variables) == {"value": [0.5, 2.0]}


def test_a_scalar_tensor_is_a_number() -> None:
    tf = importlib.import_module("tensorflow")
    assert kept(loss=tf.constant(0.5), step=tf.Variable(3)) == {"loss": 0.5, "step": 3}


class Items(dict):
    """A dictionary whose items are attributes, too; it raises KeyError where an attribute is asked for."""

    __getattr__ = dict.__getitem__

    def items(self) -> Any:
        raise SystemExit("no items here")


class Rude:
    """An object that raises whatever it is asked, and pretends to be a number."""

    __class__ = property(lambda self: float)

    def __getattribute__(self, name: str) -> Any:
        raise KeyboardInterrupt(name)

    def __len__(self) -> int:
        raise RecursionError

    def __eq__(self, other: object) -> bool:
        raise MemoryError

    __hash__ = None  # type: ignore[assignment]


class Like:
    """It has what an array has, and computes none of it."""

    dtype = shape = property(lambda self: 1 / 0)


def test_nothing_that_a_variable_holds_makes_it_fail() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    values = {
        "config": Items(rate=0.1), "rude": Rude(), "like": Like(), "inside": [Rude()], "cycle": cycle,
        "deep": [[[[1]]]],
        "half": "\ud800", "key": {"\ud800": 1}, "other": {1: 2}, "long": 10**400, "\ud800": 1, "fine": -(10**399),
        "kind": type("Meta", (type,), {"__getattr__": lambda *_: 1 / 0})("Kind", (), {})(),
    }  # fmt: skip
    assert kept(**values) == {"config": {"rate": 0.1}, "fine": -(10**399)}


def test_what_is_no_number_is_kept_and_comes_back(kernel: Kernel) -> None:
    """And no name of the page stands in the way of the snapshot."""
    code = "get_ipython = observe = str = json = None\n__import__ = print\n"
    result = kernel(f"{code}share = float('inf')\nnone = [float('nan')]\nhalf = chr(0xD800)")
    page = kernel.book.page()
    record.save(kernel.book, session.records(kernel.running, [result] * len(page.blocks)))
    again = record.load(kernel.book, page.blocks[1].name)
    assert again and again.result.variables["share"] == math.inf and math.isnan(again.result.variables["none"][0])
    assert "half" not in again.result.variables


def test_what_only_looks_like_a_dictionary_is_left_alone(tmp_path: Path) -> None:
    """An archive of arrays that was closed cannot even tell its length."""
    np.savez(tmp_path / "a.npz", x=1)
    with np.load(tmp_path / "a.npz") as archive:
        pass
    assert kept(archive=archive, other=UserDict(a=1), n=1) == {"n": 1}
