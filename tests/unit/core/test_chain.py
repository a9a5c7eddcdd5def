"""A block's name depends on what its code says, not on how it is laid out."""

from __future__ import annotations

import pytest

from book.core.syntax import canonical, names


def name(*codes: str) -> str:
    return names([("python", canonical(code, "python")) for code in codes])[-1]


def test_comments_layout_and_annotation_marks_do_not_count():
    assert name("x = f(1, 2)  # (1)!") == name("x = f(\n    1,\n    2,\n)  # why\n\n")


@pytest.mark.parametrize("other", ["x = f(1, 3)", "y = f(1, 2)", "x = f(1, 2.0)", "x = f(1, '2')", "x = g(1, 2)"])
def test_every_change_of_meaning_counts(other: str):
    assert name("x = f(1, 2)") != name(other)


def test_blocks_above_count_and_those_below_do_not():
    assert name("a = 1", "b = 2") != name("a = 3", "b = 2")
    assert names([("python", "a")]) == names([("python", "a"), ("python", "b")])[:1]


def test_the_kind_of_block_counts():
    assert names([("python", "ls")]) != names([("bash", "ls")])


def test_names_are_the_same_in_every_version_of_python():
    """The name of this code was computed once; ast.dump would give another from Python 3.13 on."""
    code = 'def f(a, *b, c=1):\n    return f"{a!r:>{c}}" if b else [x async for x in b]\n'
    assert name(code) == "a0e7c837ac928dd20de4"


def test_what_is_not_python_is_refused():
    with pytest.raises(SyntaxError):
        canonical("pip install tensorflow", "python")
