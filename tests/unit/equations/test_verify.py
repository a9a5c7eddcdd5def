"""A wrong formula, wrong code and a wrong library are found out, and so is a check that finds too little."""

from __future__ import annotations

import sys

import pytest

from book.core.findings import BookError
from book.equations import verify
from book.equations.inputs import kind
from tests.unit.equation_book import checked, declared, mark
from tests.unit.miniature import SmallBook, only_finding

MEAN = "m = \\frac{1}{n} \\sum_{i=1}^{n} x_i"


@pytest.fixture
def marked(book: SmallBook) -> SmallBook:
    return mark(book)


def problem(book: SmallBook, name: str = "mean") -> str:
    """Return what the check of an equation has against it, which must name the page, the declaration and a remedy."""
    with pytest.raises(BookError) as caught:
        checked(book, name)
    finding = only_finding(caught.value)
    lines = book.zh.read_text(encoding="utf-8").split("\n")
    assert finding.file == "docs/zh/part/page.md" and name in lines[finding.line - 1]
    place = finding.problem.partition("[")[2].partition("]")[0]
    file, _, line = place.partition(":")
    assert name in "".join((book.root / file).read_text(encoding="utf-8").split("\n")[int(line) - 1 : int(line) + 1])
    return f"{finding.problem} || {finding.remedy}"


def test_a_right_equation_is_compared_with_page_and_library_on_many_inputs(marked: SmallBook):
    kept = checked(marked)
    assert kept.inputs >= 100 and [(one.kind, one.what) for one in kept.compared] == [
        ("page", "mean"), ("separate", ""),
    ]  # fmt: skip
    assert all(one.largest <= one.tolerance for one in kept.compared)
    assert kept.read == ("(1 / n) sum(i=1..n: x[i])",)
    assert kept.mutants == kept.killed >= 8 and not kept.survivors
    assert kept.versions.keys() == {"numpy"} and kept.page == "part/page"


def test_the_same_check_finds_the_same(marked: SmallBook):
    assert checked(marked, "weighted-sum") == checked(marked, "weighted-sum")


@pytest.mark.parametrize(
    "tex",
    [
        "m = \\frac{1}{n} \\sum_{i=2}^{n} x_i",
        "m = \\frac{1}{n - 1} \\sum_{i=1}^{n} x_i",
        "m = -\\frac{1}{n} \\sum_{i=1}^{n} x_i",
        "m = \\frac{1}{n} \\sum_{i=1}^{n} x_i^2",
        "m = 1.00001 \\frac{1}{n} \\sum_{i=1}^{n} x_i",
    ],
)
def test_a_wrong_formula_is_found_out(marked: SmallBook, tex: str):
    marked.edit(marked.zh, MEAN, tex)
    found = problem(marked)
    assert "by the page's mean it is" in found and "tolerance 1e-09); input: n = " in found


def test_sections_are_run_for_the_functions_they_define(marked: SmallBook):
    """A line that needs what other sections compute does no harm, but a function that needs it says so."""
    marked.edit(marked.snippet, "def mean(x):", "half = total / 2\n\n\ndef mean(x):")
    assert checked(marked).killed
    marked.edit(marked.snippet, "sum(x) / len(x)", "sum(x) / len(x) + 0 * half")
    assert "a function of it fails: NameError: name 'half' is not defined" in problem(marked)
    marked.edit(marked.snippet, "half = total / 2", "half = 1 / 0")
    assert "sections cannot be run: ZeroDivisionError" in problem(marked)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("half = totl / 2", "NameError: name 'totl' is not defined"),
        ("half = abs(widht)", "NameError: name 'widht' is not defined"),
        ("half = (lambda: nmae)()", "NameError: name 'nmae' is not defined"),
    ],
)
def test_a_mistyped_name_on_the_page_is_found_out(marked: SmallBook, line: str, error: str):
    """Only what the rest of the page defines may be missing."""
    marked.edit(marked.snippet, "def mean(x):", f"{line}\n\n\ndef mean(x):")
    number = marked.snippet.read_text(encoding="utf-8").split("\n").index(line) + 1
    found = problem(marked)
    assert f"the page's sections cannot be run: {error}, at snippets/part/small.py:{number} || " in found


def test_a_section_that_is_not_python_is_named_with_its_line(marked: SmallBook):
    marked.edit(marked.snippet, "return w @ x", "return w @")
    with pytest.raises(BookError) as caught:
        checked(marked)
    finding = only_finding(caught.value)
    line = marked.snippet.read_text(encoding="utf-8").split("\n").index("    return w @") + 1
    assert (finding.file, finding.line) == ("snippets/part/small.py", line) and "not Python" in finding.problem


def test_an_inequality_with_nothing_before_it_is_compared_with_nothing(marked: SmallBook):
    marked.edit(declared(marked), "lambda page, x: page.mean(x),\n        library=lambda x: np.mean(x),", "None,")
    marked.edit(marked.zh, MEAN, "m \\le \\max_i x_i = \\max_i x_i + 0 \\cdot n")
    assert "compared with nothing" in problem(marked)


def test_wrong_code_on_the_page_is_found_out(marked: SmallBook):
    marked.edit(marked.snippet, "sum(x) / len(x)", "sum(x) / (len(x) + 1)")
    assert "by the page's mean it is" in problem(marked)


def test_a_wrong_library_is_found_out(marked: SmallBook):
    marked.edit(declared(marked), "np.mean(x)", "np.median(x)")
    assert "by np.median it is" in problem(marked)


def test_a_transposed_result_is_found_out(marked: SmallBook):
    marked.edit(declared(marked), '"matrix[m,n]"', '"matrix[n,n]"')
    marked.edit(declared(marked), '"k": "index[m]"', '"k": "index[n]"')
    marked.edit(marked.snippet, "w @ x", "x @ w")
    assert "by the page's weighted it is" in problem(marked, "weighted-sum")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"n": "size"', '"n": "sizes"', "'sizes' is no kind; kinds are scalar, size, index"),
        ('"vector[n]", "i"', '"vector", "i"', "a vector has 1 axes"),
        ('"n": "size"}', '"n": "size", "q": "scalar"}', "q is declared and does not occur"),
        ('{"x": "vector[n]", "i"', '{"y": "vector[n]", "i"', "x is not declared"),
        ("page.mean(x)", "page.median(x)", "AttributeError"),
        ("lambda x: np.mean(x)", "lambda x: x", "returns the shape"),
        ("lambda x: np.mean(x)", "lambda x: 'text'", "does not return numbers"),
        ("lambda x: np.mean(x)", "lambda x: np.float32(np.mean(x))", "does not compute in double precision"),
        ("lambda x: np.mean(x)", "lambda x: float('nan')", "it is nan"),
        ("lambda x: np.mean(x),", "lambda x: np.mean(x), survivors={'m': 'why'},", "'m', which does not survive"),
        ("lambda page, x: page.mean(x),\n        library=lambda x: np.mean(x),", "None,", "compared with nothing"),
        ('SECTIONS = ["functions"]', 'SECTIONS = ["second"]', "a function of it fails: AttributeError"),
        ("EQUATIONS = [", "1 / 0\nEQUATIONS = [", "declarations cannot be run: ZeroDivisionError"),
    ],
)
def test_a_declaration_that_does_not_fit_says_so(marked: SmallBook, old: str, new: str, expected: str):
    marked.edit(declared(marked), old, new)
    assert expected in problem(marked)


def test_latex_that_cannot_be_read_says_how_to_mark_it(marked: SmallBook):
    marked.edit(marked.zh, MEAN, MEAN + " + \\int x")
    found = problem(marked)
    assert "\\int is not known here, at “\\int x”" in found and "<!-- unchecked: reason -->" in found


def test_a_mutant_that_survives_is_listed_until_it_is_explained(marked: SmallBook):
    """With one x alone, the sum and the product are one and the same."""
    marked.edit(declared(marked), '"n": "size"', '"n": "size(1,1)"')
    kept = checked(marked)
    survivors = [one.mutant for one in kept.survivors]
    assert "(1 / n) prod(i=1..n: x[i])" in survivors and not any(one.reason for one in kept.survivors)
    assert kept.killed == kept.mutants - len(survivors)
    marked.edit(
        declared(marked), "np.mean(x),", "np.mean(x),\n        survivors={'(1 / n) prod(i=1..n: x[i])': 'one x'},"
    )
    assert [one.reason for one in checked(marked).survivors].count("one x") == 1


def test_an_identity_needs_no_function(marked: SmallBook):
    marked.edit(declared(marked), "lambda page, x: page.mean(x),\n        library=lambda x: np.mean(x),", "None,")
    marked.edit(marked.zh, MEAN, "\\frac{1}{n} \\sum_{i=1}^{n} x_i = \\sum_{i=1}^{n} \\frac{x_i}{n}")
    kept = checked(marked)
    assert [one.kind for one in kept.compared] == ["sides"] and kept.killed == kept.mutants > 10
    marked.edit(marked.zh, "\\frac{x_i}{n}", "\\frac{x_i}{n + 1}")
    assert "(relative difference" in problem(marked)


def test_an_inequality_must_hold_everywhere(marked: SmallBook):
    marked.edit(declared(marked), "lambda page, x: page.mean(x),\n        library=lambda x: np.mean(x),", "None,")
    marked.edit(marked.zh, MEAN, "\\frac{1}{n} \\sum_{i=1}^{n} x_i \\le \\max_i x_i")
    assert [(one.kind, one.what) for one in checked(marked).compared] == [("relation", "<=")]
    marked.edit(marked.zh, "\\max_i", "\\min_i")
    assert "does not hold" in problem(marked)


def test_a_formula_without_a_value_names_the_input(marked: SmallBook):
    marked.edit(marked.zh, MEAN, MEAN.replace("x_i", "\\sqrt{-|x_i|}"))
    found = problem(marked)
    assert "has no value" in found and "input: n = " in found and "positive" in found


def test_a_symbol_that_follows_from_others_is_computed(marked: SmallBook):
    marked.edit(declared(marked), '"n": "size"},', '"n": "size"}, given={"S": lambda x: sum(x)},')
    marked.edit(marked.zh, MEAN, "m = S / n + 0 \\cdot \\sum_{i=1}^{n} x_i")
    assert checked(marked).read == ("S / n + 0 sum(i=1..n: x[i])",)


def test_a_derivative_must_be_differentiated(marked: SmallBook):
    marked.edit(marked.zh, MEAN, MEAN.replace("m =", "\\frac{\\partial f}{\\partial c} ="))
    assert "its left side is a derivative || declare what differentiates" in problem(marked)


@pytest.mark.parametrize(
    "text",
    ["scalar", "scalar(0,1)", "size(2,9)", "index[n]", "index[0..n-1]", "vector[n]", "matrix[m,n](-1,1)",
     "array[a,b,c]", "positive", "probability", "distribution[m,n]", "onehot[m,n]", "labels[m,n]", "integer(0,9)",
     "choice[m,1..k]"],
)  # fmt: skip
def test_kinds_that_contributing_lists_are_read(text: str):
    assert len(kind(text).axes) == text.partition("(")[0].count(",") + ("[" in text)


@pytest.mark.parametrize(
    "text", ["", "scaler", "vector[m,n]", "matrix[n]", "index", "size[n]", "scalar(1,0)", "scalar(a)"]
)
def test_other_kinds_are_refused(text: str):
    with pytest.raises(ValueError, match=r"no kind|axes|range|could not convert"):
        kind(text)


def test_no_library_is_loaded_that_nobody_asks_for(marked: SmallBook):
    before = "tensorflow" in sys.modules
    checked(marked)
    assert ("tensorflow" in sys.modules) == before


def test_a_derivative_is_compared_with_automatic_and_finite_differences(
    marked: SmallBook, monkeypatch: pytest.MonkeyPatch
):
    """The one test that loads TensorFlow: a gradient, a Jacobian, and what is wrong with either."""
    monkeypatch.setattr(verify, "INPUTS", 8)
    tex = MEAN.replace("m =", "\\frac{\\partial f}{\\partial x_i} =").replace(
        "\\frac{1}{n} \\sum_{i=1}^{n} x_i", "\\frac{2 x_i}{n}"
    )
    marked.edit(marked.zh, MEAN, tex)
    functions = "lambda page, x: page.mean(x),\n        library=lambda x: np.mean(x),"
    gradient = 'None,\n        gradient=("x", lambda x: tf.reduce_mean(x ** 2)),'
    marked.edit(declared(marked), functions, gradient)
    marked.edit(declared(marked), "import numpy as np\n", "import numpy as np\nimport tensorflow as tf\n")
    kept = checked(marked)
    assert [(one.kind, one.tolerance) for one in kept.compared] == [("automatic", 1e-7), ("differences", 1e-5)]
    assert kept.killed == kept.mutants > 5 and "tensorflow" in kept.versions

    marked.edit(marked.zh, "\\partial x_i", "\\partial y_i")
    assert "differentiates by y i, its gradient by x" in problem(marked)
    marked.edit(marked.zh, "\\partial y_i", "\\partial x_i")
    marked.edit(marked.zh, "2 x_i", "3 x_i")
    assert "by automatic differentiation it is" in problem(marked)
    marked.edit(marked.zh, "3 x_i", "2 x_i")
    marked.edit(declared(marked), "tf.reduce_mean(x ** 2)", "tf.reduce_mean(tf.stop_gradient(x) * x)")
    assert "by automatic differentiation it is" in problem(marked)
    marked.edit(declared(marked), "tf.reduce_mean(tf.stop_gradient(x) * x)", "tf.reduce_mean(2 * tf.ones_like(x))")
    assert "does not depend on x" in problem(marked)
    two = "tf.reduce_mean(x * tf.stop_gradient(2 * x))"  # its derivative is right only where nothing is differenced
    marked.edit(declared(marked), "tf.reduce_mean(2 * tf.ones_like(x))", two)
    assert "by finite differences it is" in problem(marked)

    marked.edit(marked.zh, tex, "\\frac{\\partial p_i}{\\partial x_j} = x_i + \\delta_{ij} \\sum_{k=1}^{n} x_k")
    marked.edit(declared(marked), two, "x * tf.reduce_sum(x)")
    marked.edit(declared(marked), '"n": "size"', '"n": "size", "j": "index[n]", "k": "index[n]"')
    kept = checked(marked)
    assert [one.kind for one in kept.compared] == ["automatic", "differences"] and kept.killed == kept.mutants


def test_a_symbol_given_for_another_is_found_out(marked: SmallBook):
    marked.edit(marked.snippet, "def weighted(w, x):\n    return w @ x", "def weighted(x, w):\n    return x @ w")
    assert "the page's weighted has the parameter x, and gets the symbol w for it" in problem(marked, "weighted-sum")
