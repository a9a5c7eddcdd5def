"""What is kept of a page's variables after each block."""

from __future__ import annotations

import json
from collections import UserDict
from pathlib import Path

import numpy as np

from book.run.kernel import observe


def kept(**variables: object) -> dict[str, object]:
    """Return the variables that a snapshot holds."""
    found: dict[str, object] = json.loads(observe(variables))["variables"]
    return found


def test_small_values_are_kept_and_others_are_not() -> None:
    values = {"number": 1, "text": "a", "share": np.float32(0.5), "few": [1, 2], "named": {"a": 1}}
    assert kept(**values, many=list(range(10_000)), module=np, kind=np.float32, _own=1) == values


def test_what_only_looks_like_a_dictionary_is_left_alone(tmp_path: Path) -> None:
    """An archive of arrays that was closed cannot even tell its length."""
    np.savez(tmp_path / "a.npz", x=1)
    with np.load(tmp_path / "a.npz") as archive:
        pass
    assert kept(archive=archive, other=UserDict(a=1), n=1) == {"n": 1}
