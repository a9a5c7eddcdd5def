"""LaTeX is read whole and as it was meant, or refused with the place."""

from __future__ import annotations

import math

import pytest

from book.equations.latex.equation import key, parse
from book.equations.latex.evaluate import Array, Undefined, Values, evaluate
from book.equations.latex.parser import Names
from book.equations.latex.tokens import TexError
from book.equations.latex.tree import show

RANKS = {
    "a": 0, "b": 0, "c": 0, "n": 0, "m": 0, "T": 0, "x": 1, "y": 1, "z": 1, "y_hat": 1, "x_bar": 0, "w": 2,
    "m_{t-1}": 0, "delta": 2, "dL/dw": 1, "H(p,q)": 0,
}  # fmt: skip
NAMES = Names(RANKS, frozenset("ijkl"))


def understood(tex: str) -> str:
    """Return how the last side of an equation is understood."""
    return show(parse(tex, NAMES).sides[-1].expression)


def refusal(tex: str) -> str:
    with pytest.raises(TexError) as caught:
        parse(tex, NAMES)
    return str(caught.value)


# --- As it was meant


@pytest.mark.parametrize(
    ("tex", "meaning"),
    [
        (r"a + b c", "a + b c"),
        (r"a - (b - c)", "a - (b - c)"),
        (r"2 a^2 b", "2 a^2 b"),
        (r"a^{b+c}", "a^(b + c)"),
        (r"-a^2", "-a^2"),
        (r"\frac{a}{b c}", "a / (b c)"),
        (r"a / b", "a / b"),
        (r"\sqrt{a}", "sqrt(a)"),
        (r"\sqrt[3]{a}", "a^(1 / 3)"),
        (r"e^{-a}", "exp(-a)"),
        (r"\exp(a)", "exp(a)"),
        (r"\exp\left( -\frac{a}{b} \right)", "exp(-(a / b))"),
        (r"\log a + b", "log(a) + b"),
        (r"\ln a", "log(a)"),
        (r"\log_2 a", "log(a) / log(2)"),
        (r"\log^2 a", "log(a)^2"),
        (r"\sigma(a)", "sigmoid(a)"),
        (r"\max(0, a)", "max(0, a)"),
        (r"\operatorname{ReLU}(a)", "relu(a)"),
        (r"\lfloor a / b \rfloor", "floor(a / b)"),
        (r"|a|", "abs(a)"),
        (r"60{,}000 a", "60000 a"),
        (r"\sum_{i=1}^{n} x_i y_i", "sum(i=1..n: x[i] y[i])"),
        (r"\sum_{i=1}^{n} x_i + a", "sum(i=1..n: x[i]) + a"),
        (r"\sum_i x_i", "sum(i: x[i])"),
        (r"\sum_{i \ne 2} x_i", "sum(i != 2: x[i])"),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} w_{ij}", "sum(i=1..n: sum(j=1..m: w[i,j]))"),
        (r"\prod_{i=1}^{n} x_i^2", "prod(i=1..n: x[i]^2)"),
        (r"\max_i x_i", "max(i: x[i])"),
        (r"\arg\max_i x_i", "argmax(i: x[i])"),
        (r"\sum_{i=1}^{n} \delta_{i1}", "sum(i=1..n: delta[i,1])"),
        (r"\sum_{i=1}^{n} \mathbb{1}[x_i > 0]", "sum(i=1..n: [x[i] > 0])"),
        (r"\begin{cases} a & \text{if } a > 0 \\ b & \text{otherwise} \end{cases}", "cases(a if a > 0; b)"),
        (r"m_{t-1} + a", "m_{t-1} + a"),
        (r"x_{n-1}", "x[n - 1]"),
        (r"x_1 \frac{\partial L}{\partial w_2}", "x[1] dL/dw[2]"),
        (r"H(p, q) - a", "H(p,q) - a"),
        (r"\pi a", "3.14159 a"),
    ],
)
def test_what_is_written_is_what_is_understood(tex: str, meaning: str):
    assert understood(tex) == meaning


@pytest.mark.parametrize(
    "tex",
    [
        r"\sum_{i=1}^{n} (y_i - \hat y_i)^2",
        r"\sum\limits_{i = 1}^{n} \left( y_{i} - \hat{y}_i \right)^{2}",
        r"\displaystyle \sum_{i=1}^n \bigl(\mathbf{y}_i - \hat{\mathbf{y}}_i\bigr)^2",
        r"\textstyle\sum_{i=1}^{n}\; \left[ \boldsymbol{y}_i \, - \, \widehat{y}_i \right]^2 .",
        "\\sum_{i=1}^{n} % the residuals\n(y_i - \\hat y_i)^2",
    ],
)
def test_fonts_hats_spaces_and_brackets_do_not_matter(tex: str):
    assert understood(tex) == "sum(i=1..n: (y[i] - y_hat[i])^2)"


def test_what_is_declared_comes_first():
    sigma = Names({**RANKS, "sigma": 0, "e": 0}, NAMES.indices)
    assert show(parse(r"\sigma (a - b)", sigma).sides[0].expression) == "sigma (a - b)"
    assert show(parse(r"e^2", sigma).sides[0].expression) == "e^2"


def test_vectors_without_indices_stand_in_norms_and_scalar_products():
    data = Values({"x": Array([3.0, -1.0], (1,), (2,)), "y": Array([2.0, 5.0], (1,), (2,)), "a": 2.0})
    for tex, value in (
        (r"\lVert x - a y \rVert^2", 1 + 121),
        (r"\|x\|_1", 4),
        (r"\lVert x \rVert_2", math.sqrt(10)),
        (r"x^\top y", 1),
    ):
        (side,) = parse(tex, NAMES).sides
        assert evaluate(side.expression, data) == pytest.approx(value), tex


def test_a_left_side_may_name_the_result():
    for head in ("L", r"\hat v_i", "L(w, b)", r"\log p(y \mid x)", r"R^2", r"N_{\text{dense}}", r"w_i'", r"\cos(a, b)"):
        parsed = parse(head + " = x_i" if "_i" in head else head + " = a", NAMES)
        assert parsed.head and not parsed.derivative and len(parsed.sides) == 1
        assert parsed.free == (("i",) if "_i" in head else ())


def test_a_left_side_may_be_a_derivative():
    parsed = parse(r"\frac{\partial p_i}{\partial z_j} = x_i x_j", NAMES)
    assert parsed.derivative and parsed.free == ("i", "j") and parsed.by == ("z", "j")
    assert parse(r"\nabla_w L = a", NAMES).derivative and parse("g'(u) = a", NAMES).derivative


def test_every_side_of_a_chain_is_read():
    parsed = parse(r"\begin{aligned} a &= b \\ &= \frac{c}{2} \\ &\le n + 1 \end{aligned}", NAMES)
    assert [(side.relation, show(side.expression)) for side in parsed.sides] == [
        ("", "a"), ("=", "b"), ("=", "c / 2"), ("<=", "n + 1"),
    ]  # fmt: skip


def test_symbols_that_occur_are_known():
    assert parse(r"L = \sum_{i=1}^{n} x_i y_i", NAMES).used == {"x", "y", "i", "n"}


def test_declared_names_are_those_that_the_parser_writes():
    assert [key(name) for name in ("m_{t-1}", r"\beta_{1}", "x_{max}", "W^{(1)}")] == [
        "m_{t-1}", "beta_1", "x_max", "W^(1)",
    ]  # fmt: skip


# --- Refused


@pytest.mark.parametrize(
    ("tex", "problem"),
    [
        ("a + q", "q is not declared, at “q”"),
        ("log a", "o is not declared"),
        (r"\mathrm{softmax}(a)", "softmax is not declared"),
        (r"x_i + a = y_j", "the index j is bound by no sum"),
        (r"L = \sum_{i=1}^{n} x_j", "the index j is bound by no sum"),
        (r"L_i = \sum_{i=1}^{n} x_i", "bound by a sum and stands on the left side"),
        (r"\sum_{i=1}^{n} \sum_{i=1}^{n} x_i", "bound by two sums at once"),
        (r"\sum_{q=1}^{n} x_q", "needs a declared index"),
        (r"\sum_{i=1} x_i", "has no upper bound"),
        (r"\sum^{n} x_1", "has no index"),
        (r"L = x", "x has 1 axes, but 0 indices"),
        (r"L = a_i", "a has 0 axes"),
        (r"L = w_{i}", "w has 2 axes, but 1 indices"),
        (r"a b)", "cannot read on from ')'"),
        (r"(a + b", "never closed"),
        (r"\frac{a}", "the denominator is missing"),
        (r"\frac{a}{}", "the denominator is empty"),
        (r"a +", "missing"),
        (r"a \cdot - b", "needs parentheses"),
        (r"a / b c", "can be above or below"),
        (r"\log a b", "put the argument of \\log into parentheses"),
        (r"\log a / b", "put the argument of \\log into parentheses"),
        (r"\sin^{-1} a", "cannot be told from its reciprocal"),
        (r"a^12", "must stand in braces"),
        (r"\frac12 a", "must stand in braces"),
        (r"a^b^c", "two exponents"),
        (r"a 2", "needs a sign between them"),
        (r"a \text{ for all } b", "is text, not a symbol"),
        (r"a \oplus b", "\\oplus is not known here"),
        (r"a § b", "cannot read '§'"),
        (r"L \approx a", "\\approx cannot be checked"),
        (r"a \ne b", "says too little"),
        (r"a = ", "is empty"),
        (r"a = b, \qquad b = c", "cannot read on from ','"),
        (r"\begin{aligned} a &= b \\ c &= a \end{aligned}", "two equations in one"),
        (r"\begin{pmatrix} a \end{pmatrix}", "environment is not known"),
        (r"L = \frac{\partial L}{\partial b}", "declared as 'dL/db'"),
        (r"\sqrt{\hat{x_1}}", "put the indices outside"),
        (r"x^\top w", "product of two vectors"),
        (r"\lVert a \rVert", "of vectors without indices"),
        (r"f(a) + b = c", "f is not declared"),
        (r"\begin{cases} a & a > 0 \end{cases}", "what holds otherwise"),
        (r"\begin{cases} a & a > 0 \\ b & c > 0 \end{case}", "environment is not known"),
        (r"\begin{cases} a & a > 0 \\ b \end{cases", "environment is not known"),
        (r"\theta_] = a", "cannot read on from ']'"),
        (r"L = (a]", "cannot read on from ']'"),
        (r"\sum_i_j x_i", "two subscripts"),
        (r"\log_2_3 a", "two subscripts"),
        (r"\sum_{i=1}^12 x_i", "must stand in braces"),
        (r"L = x_12", "must stand in braces"),
        (r"a^(b + c)", "put the exponent into braces"),
        (r"\max^2(a, b)", "has no index"),
        (r"\operatorname{max} a", "has no index"),
        (r"\log a^\top", "put the argument of \\log into parentheses"),
        (r"\log a |b|", "put the argument of \\log into parentheses"),
        (r"a / b |c|", "can be above or below"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tex: str, problem: str):
    assert problem in refusal(tex)


def test_a_refusal_says_where():
    assert refusal(r"L = a + b + \frac{c}{q} + a b").endswith("at “q} + a b”")


# --- Values


def value(tex: str, **symbols: float | Array) -> float:
    (side,) = parse(tex, NAMES).sides
    ranges = {"i": (1, 3), "j": (1, 3)}
    return evaluate(side.expression, Values(dict(symbols), ranges))


def test_values_are_those_of_the_formula():
    x = Array([0.5, -2.0, 3.25], (1,), (3,))
    assert value(r"\sum_{i=1}^{n} x_i^2", x=x, n=3) == 0.25 + 4 + 3.25**2
    assert value(r"\sum_i x_i", x=x) == 1.75
    assert value(r"\prod_{i=2}^{3} x_i", x=x) == -6.5
    assert value(r"\max_i x_i - \min_i x_i", x=x) == 5.25
    assert value(r"\arg\min_i x_i", x=x) == 2
    assert value(r"\log \sum_{i=1}^{n} e^{x_i}", x=x, n=3) == pytest.approx(
        math.log(math.exp(0.5) + math.exp(-2) + math.exp(3.25)), rel=1e-15
    )
    assert value(r"\sum_{i=1}^{n} \mathbb{1}[x_i > 0]", x=x, n=3) == 2
    assert value(r"\begin{cases} a & a > 0 \\ 0 & \text{otherwise} \end{cases}", a=-2.0) == 0


def test_an_array_may_begin_at_any_index():
    assert value("x_0 + x_1", x=Array([5.0, 7.0], (0,), (2,))) == 12


@pytest.mark.parametrize("tex", [r"\log(-a)", r"\frac{1}{a - a}", r"x_4", r"x_{a}", r"e^{1000 a}", "b", r"(-a)^{0.5}"])
def test_what_has_no_value_is_undefined(tex: str):
    with pytest.raises(Undefined):
        value(tex, a=1.5, x=Array([1.0, 2.0, 3.0], (1,), (3,)))
