"""The errors made on purpose are those that people make, each once, and none is the equation itself."""

from __future__ import annotations

import pytest

from book.equations.latex.equation import parse
from book.equations.latex.mutate import mutants, normal
from book.equations.latex.parser import Names
from book.equations.latex.tree import show

RANKS = {"a": 0, "b": 0, "n": 0, "x": 1, "y": 1, "w": 2}


def wrong(tex: str) -> set[str]:
    parsed = parse(tex, Names(RANKS, frozenset("ij")))
    return {show(mutant) for mutant in mutants(parsed.sides[-1].expression, RANKS, parsed.free)}


@pytest.mark.parametrize(
    ("error", "tex", "mutant"),
    [
        ("sign", "L = a + b", "a - b"),
        ("sign", "L = a - b", "a + b"),
        ("sign", "L = -a", "a"),
        ("term dropped", "L = a + b", "b"),
        ("factor dropped", "L = 2 a", "a"),
        ("fraction upside down", r"L = \frac{a}{b}", "b / a"),
        ("denominator dropped", r"L = \frac{a}{b}", "a"),
        ("exponent", "L = a^2", "a^3"),
        ("exponent dropped", "L = a^2", "a"),
        ("exponent's sign", "L = a^2", "a^(-2)"),
        ("swapped symbol", r"L = \sum_i x_i y_i", "sum(i: y[i] y[i])"),
        ("index", r"L = \sum_i \sum_j w_{ij} x_j", "sum(i: sum(j: w[i,i] x[j]))"),
        ("index", r"L = \sum_i \sum_j w_{ij} x_j", "sum(i: sum(j: w[j,i] x[j]))"),
        ("index", r"L_i = x_i", "x[i + 1]"),
        ("lower bound", r"L = \sum_{i=1}^{n} x_i", "sum(i=2..n: x[i])"),
        ("upper bound", r"L = \sum_{i=1}^{n} x_i", "sum(i=1..(n - 1): x[i])"),
        ("sum for product", r"L = \sum_{i=1}^{n} x_i", "prod(i=1..n: x[i])"),
        ("condition", r"L = \sum_{i \ne 2} x_i", "sum(i = 2: x[i])"),
        ("function", r"L = \exp(a)", "log(a)"),
        ("function dropped", r"L = \sqrt{a}", "a"),
        ("number", r"L = 2 a", "3 a"),
        ("branch", r"L = \begin{cases} a & a > 0 \\ b & \text{otherwise} \end{cases}", "b"),
    ],
)
def test_every_kind_of_error_is_made(error: str, tex: str, mutant: str):
    assert mutant in wrong(tex), f"{error}: {wrong(tex)}"


@pytest.mark.parametrize("tex", ["L = a + b + 2", r"L = \sum_{i=1}^{n} x_i y_i", r"L = \frac{a^2}{b} \log a"])
def test_no_mutant_is_the_equation_or_another_one_in_another_order(tex: str):
    original = parse(tex, Names(RANKS, frozenset("ij"))).sides[-1].expression
    found = [show(normal(mutant)) for mutant in mutants(original, RANKS, ())]
    assert len(found) == len(set(found)) and show(normal(original)) not in found
