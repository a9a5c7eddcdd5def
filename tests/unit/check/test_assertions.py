"""Checks are worth what they catch: headlines have one, each notices wrong values, thresholds have a sweep."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from book.check import assertions
from book.core.page import Block
from book.draw.values import book_totals
from book.evidence import checks, record
from book.evidence.sweep import threshold_findings
from book.run.session import run_page
from book.run.trial import attempt
from tests.unit.miniature import SmallBook

PAGE = """
import numpy as np
accuracy, chance, wrong, label = 0.97, 0.1, 0, "seven"
losses, shares, seen = [3.0, 2.0, 1.0], {"a": 0.25, "b": 0.75}, {1, 2}
mistakes, names, word = [], {}, ""
weights = np.array([0.2, 0.3, 0.5])

def double(x):
    return 2 * x

def assert_nothing(x):
    return x
"""


def survivors(code: str) -> list[tuple[str, str]]:
    variables: dict[str, object] = {"__name__": "__main__"}
    exec(PAGE, variables)
    return [(one["name"], one["value"]) for one in attempt(code, variables)["survived"]]


@pytest.mark.parametrize(
    "code",
    [
        "assert accuracy > 0.9",
        "assert chance < accuracy <= 1",
        "assert abs(accuracy - 0.97) < 1e-9",
        "assert wrong == 0 and label == 'seven'",
        "assert losses == sorted(losses, reverse=True)",
        "assert sum(shares.values()) == 1",
        "assert seen == {1, 2}",
        "assert len(weights) == 3",
        "assert mistakes == [] and not names and word == ''",
        "assert np.isclose(weights.sum(), 1)",
        "np.testing.assert_allclose(weights.sum(), 1)",
        "assert double(2) == 4",
        "for loss in losses:\n    assert loss > 0.5",
    ],
)
def test_an_assertion_that_notices_what_is_wrong_has_no_finding(code: str):
    assert survivors(code) == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("assert True", ""),
        ("assert 1 < 2", ""),
        ("assert accuracy > 0.9 or True", "accuracy"),
        ("assert accuracy == accuracy", "accuracy"),
        ("assert accuracy > -1000", "accuracy"),
        ("assert accuracy is not None", "accuracy"),
        ("assert (accuracy > 0.9,)", "accuracy"),
        ("assert wrong == 0 and len(losses) >= 0", "losses"),
        ("assert isinstance(weights, np.ndarray)", "weights"),
        ("assert_nothing(accuracy)", "accuracy"),
        ("if False:\n    assert accuracy > 0.9", "accuracy"),
        ("for x in []:\n    assert accuracy > 0.9", "accuracy"),
        ("def never():\n    assert accuracy > 0.9", "accuracy"),
        ("try:\n    assert accuracy > 0.9\nexcept AssertionError:\n    pass", "accuracy"),
        ("for loss in losses:\n    assert loss > 0.5\n    assert accuracy > -1000", "accuracy"),
    ],
)
def test_an_assertion_that_cannot_fail_is_found(code: str, name: str):
    assert (name in [found for found, _ in survivors(code)]) and survivors(code) != []


@pytest.mark.parametrize("code", ["assert not accuracy < 0.9", "assert max(0.9, accuracy) == 0.97 or not accuracy < 1"])
def test_nan_must_not_pass(code: str):
    assert survivors(code) == [("accuracy", "NaN")]


@pytest.mark.parametrize("code", ["assert losses.pop() == 1.0", "assert wrong == len(losses)", "assert losses[7]"])
def test_one_that_does_not_hold_again_cannot_be_tried(code: str):
    variables: dict[str, object] = {"__name__": "__main__"}
    exec(PAGE, variables)
    if "pop" in code:
        exec(code, variables)
    ((line, name, value),) = [tuple(one.values()) for one in attempt(code, variables)["survived"]]
    assert (line, name) == (1, "") and value.startswith("run again, it raises")


def test_one_that_hangs_on_a_wrong_value_does_not_notice_it():
    assert survivors("assert wrong == 0 or all(True for _ in iter(int, 1))") == [("wrong", "wrong")]


STALLED = """
import time
calls = []
def read(x):
    calls.append(x)
    time.sleep(0.7 if len(calls) > 1 else 0)
    return x
x = 3.0
"""


def test_a_machine_that_stands_still_makes_no_assertion_worthless():
    """What counts is the time of computing: a wrong value takes as long as the right one, and waits."""
    variables: dict[str, object] = {"__name__": "__main__"}
    exec(STALLED, variables)
    assert attempt("assert read(x) == 3.0", variables)["survived"] == []


def test_trying_is_not_seen(capsys: pytest.CaptureFixture[str]):
    random.seed(1), np.random.seed(1)
    variables = {"__name__": "__main__", "np": np, "random": random, "x": 3.0, "values": [1.0]}
    before = dict(variables)
    code = "assert np.random.rand() + random.random() + x > 2 and print('seen') is None"
    assert attempt(code, variables)["tried"] > 0
    assert variables == before and capsys.readouterr().out == ""
    drawn = random.random(), np.random.rand()
    random.seed(1), np.random.seed(1)
    assert drawn == (random.random(), np.random.rand())


# --- On a page ------------------------------------------------------------------------------------------------------


def with_code(book: SmallBook, code: str, prose: str = "x") -> SmallBook:
    """Let the second block hold this code, and prose stand above it."""
    book.edit(book.snippet, "share = total / 4\nshare", code)
    for file, heading in ((book.zh, "## 算法 {#below}"), (book.en, "## Below {#below}")):
        book.edit(file, f"{heading}\n", "")
        book.edit(file, "`{python} total`\n", f"\n\n{prose}\n")
    return book


def problems(book: SmallBook) -> list[str]:
    pages = {(language, "part/page"): book.page(language) for language in book.languages}
    return [found.problem for page in pages.values() for found in assertions.findings(book, page, pages)]


@pytest.mark.parametrize(
    ("code", "checked"),
    [
        ("assert total == 3", True),
        ("half = total / 2\nassert half == 1.5", True),
        ("rows = []\nrows.append(total)\nassert rows == [3]", True),
        ("def mean():\n    return total / 2\n\n\nassert mean() == 1.5", True),
        ("share = total / 4", False),
        ("share = total / 4\nassert seed == 0", False),
        ("other = 3\nassert other == 3  # total", False),
    ],
)
@pytest.mark.parametrize(
    "prose",
    [
        "`{python} total`",
        '## Two\n\n!!! abstract "x"\n\n    `{python} f"{total:.1f}"`',
        "`{python} results['part/page'].total`",
    ],
)
def test_a_headline_needs_an_assertion_that_reads_it(book: SmallBook, code: str, checked: bool, prose: str):
    found = problems(with_code(book, code, prose))
    assert len(found) == (0 if checked else 2)
    assert checked or "reads `total`" in found[0]


def test_what_is_no_headline_needs_none(book: SmallBook):
    assert problems(with_code(book, "share = total / 4", "## Two {#two}\n\n`{python} total`")) == []


def test_what_a_run_finds_is_kept_shown_counted_and_refused(book: SmallBook):
    with_code(book, "assert total == 3\nassert total < 4 or seed == 0", "x")
    done = run_page(book, book.page())
    record.save(book, done)
    checks_of = record.load(book, done[1].name).result.checks  # type: ignore[union-attr]
    assert checks_of["assertions"] == 2 and checks_of["tried"] >= 4
    assert (
        problems(book)
        == [
            "this assertion (snippets/part/small.py:9) passes with every wrong `total` that was tried",
            "this assertion (snippets/part/small.py:9) passes with every wrong `seed` that was tried",
        ]
        * 2
    )
    totals = book_totals(book)
    assert (totals["assertions"], totals["tried"]) == (2, checks_of["tried"])
    assert list(assertions.untried(book, book.page())) == []
    record.save(book, [replace(one, result=replace(one.result, checks={})) for one in done])
    (finding,) = assertions.untried(book, book.page())
    assert "not tried" in finding.problem


# --- Thresholds -----------------------------------------------------------------------------------------------------

RANDOM = (
    "seed = 0\nrandom.seed(seed)\naccuracy = random.random()\nscores = [random.random(), 1.0]\nclasses = 10\nsize = 3\n"
)


@pytest.mark.parametrize(
    ("assertion", "name", "operator", "number"),
    [
        ("accuracy > 0.5", "accuracy", ">", 0.5),
        ("0.5 < accuracy", "accuracy", ">", 0.5),
        ("accuracy > 0.5 and True", "accuracy", ">", 0.5),
        ("not accuracy <= -0.5", "accuracy", "<=", -0.5),
        ("accuracy > 0", "accuracy", ">", 0),
        ("(bar := 0) == 0 and accuracy >= size", "accuracy", ">=", 3),
        ("min(scores) > 0.9", "", ">", 0.9),
        ("abs(accuracy - 0.5) < 0.4", "", "<", 0.4),
        ("np.isclose(accuracy, 0.98, atol=0.5)", "", "<", 0.5),
        ("math.isclose(0.98, accuracy, rel_tol=0.9)", "", "<", 0.9),
        ("all(score > 0.1 for score in scores)", "", ">", 0.1),
    ],
)
def test_a_threshold_is_seen_wherever_it_stands(assertion: str, name: str, operator: str, number: float):
    ((_, threshold),) = checks.thresholds([block(RANDOM + f"assert {assertion}")])
    assert (threshold.name, threshold.operator, threshold.number) == (name, operator, number)


@pytest.mark.parametrize("bound", ["np.log(1.1)", "0.1 + 0.2", "float('0.1')"])
def test_a_computed_threshold_is_seen(bound: str):
    ((_, threshold),) = checks.thresholds([block(RANDOM + f"assert accuracy > {bound}")])
    assert threshold.number != threshold.number
    ((_, threshold),) = checks.thresholds([block(RANDOM + f"bar = {bound}\nassert accuracy > bar")])
    assert threshold.number != threshold.number


@pytest.mark.parametrize(
    "assertion",
    [
        "accuracy > scores[0]",
        "abs(accuracy - scores[0]) < 1e-6",
        "np.isclose(accuracy, scores[0], rtol=1e-6)",
        "accuracy == 0.5",
        "size > 2",
        "min(scores) > 0",
    ],
)
def test_what_is_no_threshold(assertion: str):
    assert checks.thresholds([block(RANDOM + f"assert {assertion}")]) == []


def block(code: str) -> Block:
    return Block("0" * 16, "page", 0, "python", code, 1)


@pytest.mark.parametrize(
    ("assertion", "lax"),
    [
        ("share > 0.4", False), ("share < 1.4", False), ("share == 0.75", False), ("0.1 < share < 0.9", False),
        ("share > 0.1", True), ("share > 0.1 and True", True), ("share > 1 / 10", True), ("share > 0", True),
        ("share > p", False), ("share > 0.1\nassert round(share, 2) == 0.75", False),
        ("p < 0.05", False), ("p < 0.04", True),
    ],
)  # fmt: skip
def test_a_result_without_chance_is_held_closely(book: SmallBook, assertion: str, lax: bool):
    with_code(book, f"from scipy import stats\nshare, p = 0.75, stats.norm.sf(2.2)\nassert {assertion}", "x")
    record.save(book, run_page(book, book.page()))
    found = [one for one in assertions.findings(book, book.page(), {}) if "which depends on no seed" in one.problem]
    assert bool(found) == lax


def test_a_threshold_without_a_sweep_is_a_finding(book: SmallBook):
    with_code(
        book, "import random\nrandom.seed(seed)\nshare = 0.9 + random.random() / 9\nassert share > 0.5 and True", "x"
    )
    record.save(book, run_page(book, book.page()))
    (finding,) = threshold_findings(book, book.page())
    assert "has no sweep" in finding.problem and "sweep part/page" in finding.remedy
