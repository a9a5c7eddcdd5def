"""Expressions compute what Python computes, and nothing by which code could run, or run long."""

from __future__ import annotations

import time
from typing import Any

import pytest

from book.core.expression import Attributes, Refused, evaluate, names, parse, reads

NAMES: dict[str, Any] = {
    **{"n": 3, "x": 0.25, "word": "two words", "page": Attributes(blocks=2)},
    "rows": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
}
FUNCTIONS = {f.__name__: f for f in (all, any, len, max, round, set, sum, zip)}


def amount(text: str) -> Any:
    return evaluate(parse(text), NAMES, FUNCTIONS)


@pytest.mark.parametrize(
    "text",
    [
        "n + 2 * x - n / 4",
        "-n",
        "not n",
        "0 < x < n",
        "n > 5 and n.nothing or word",
        "n if x > 1 else word",
        "rows[0]['a'] + rows[-1]['a']",
        "word[:3]",
        "word.split()[1].startswith('w')",
        "max(rows[0].keys())",
        "[row['a'] + n for row in rows if row['b'] != 'x']",
        "all(one['a'] < two['a'] for one, two in zip(rows, rows[1:]))",
        "len(set(row['b'] for row in rows)) == 2",
        "word in ('one', 'two words')",
        'f"{x:.1%} of {n:,} ({word})"',
        "sum((n, n))",
    ],
)
def test_what_is_allowed_means_what_it_means_in_python(text: str):
    assert amount(text) == eval(text, {**NAMES, **FUNCTIONS})


def test_attributes_are_those_of_the_books_own():
    assert amount("page.blocks") == 2
    with pytest.raises(Refused, match="it has no 'secret'; it has: blocks"):
        amount("page.secret")


@pytest.mark.parametrize(
    "text",
    [
        "().__class__.__base__.__subclasses__()",
        "word.__class__",
        "page.__init__",
        "page.update(rows[0])",
        "word.format(n)",
        "__import__('os')",
        "open('/etc/hostname')",
        "n.real",
        "lambda: n",
        "(n := 4)",
        "{'a': n}",
        "max(*rows)",
        "max(rows, key=len)",
        "f'{n!r}'",
        "9**9**9",
        "n << 999999999",
        "'a' * 999999999",
        "[n] * 999999999",
        "f'{n:999999999}'",
        "f'{n:{n}}'",
        "f'{n:9>5}'",
        "n % 2",
        "1 +",
        "n; n",
        "'\\0",
        "(" * 500 + ")" * 500,
        "-" * 999 + "n",
        "+".join(["n"] * 900),
        "x + (1 == 1)",
        "1j",
    ],
)
def test_what_could_run_code_or_grow_is_refused_at_once(text: str):
    started = time.process_time()
    with pytest.raises(Refused):
        amount(text)
    assert time.process_time() - started < 5  # what grows would take minutes


def test_an_expression_that_takes_too_long_is_stopped():
    many = list(range(64))
    started = time.process_time()
    with pytest.raises(Refused, match="too long"):
        evaluate(parse("[a for a in m for b in m for c in m for d in m]"), {"m": many}, {})
    assert time.process_time() - started < 2


def test_it_says_what_it_reads():
    tree = parse("f\"{max(results['a/b'].gaps.values()):.0e} of {sizes[-1] / page.seconds} {n} {len(sizes)}\"")
    assert list(reads(tree)) == ["results['a/b'].gaps", "sizes[-1]", "page.seconds", "n", "sizes"]
    assert names(tree) == {"max", "results", "sizes", "page", "n", "len"}
    assert names(parse("[a + n for a in rows]")) == {"n", "rows"}


def test_something_else_may_stand_instead_of_what_it_reads():
    assert evaluate(parse("rows[0]['a'] + n"), NAMES, {}, {"rows[0]['a']": 5}) == 8
