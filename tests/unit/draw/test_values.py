"""Inline values see the variables of the block above them, totals, other pages and sweeps, and nothing else.

They pick, change the unit and format; a number that the code did not record can't be slipped into them.
"""

from __future__ import annotations

import re

import pytest

from book.check import values as check
from book.cli import main
from book.draw.values import reading_minutes, scope
from book.evidence import record
from tests.unit.miniature import SmallBook, make, run_once


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """The miniature with records; the tests share it, and only read."""
    book = make(tmp_path_factory.mktemp("fresh"))
    record.save(book, run_once(book, book.page()))
    return book


def value(book: SmallBook, expression: str, after: int = 2) -> str:
    return scope(book, book.page()).evaluate(expression, after)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('f"{share:.1%}"', "75.0%"),
        ('f"*{share:.1%}_ ± {total}%"', "*75.0%_ ± 3%"),
        ("round(share * total, 2)", "2.25"),
        ('f"{100 * share:.0f}"', "75"),
        ('f"{total / 1e3:.3f}"', "0.003"),
        ('f"{round(total / 100, 1):g}"', "0"),
        ("1 - share", "0.25"),
        ("total - 1", "2"),
        ("-total", "-3"),
        ("max(total, share)", "3"),
        ("page.blocks", "2"),
        ("book.blocks", "2"),
        ("book.pages", "1"),
        ('results["part/page"].share', "0.75"),
        ("len([total, seed])", "2"),
        ('f"{at_most(share):.0e}"', "8e-01"),
        ("at_most(-share)", "-0.8"),
    ],
)
def test_what_a_value_may_refer_to(fresh: SmallBook, expression: str, text: str):
    assert value(fresh, expression) == text


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("accuracy", "accuracy"),
        ("share.nothing", "nothing"),
        ("page.nothing", "has no 'nothing'; it has: blocks"),
        ("1 +", "not Python"),
        ('results["part/none"].share', "there is no page"),
        ('sweep["share"].mean', "KeyError"),
        ("total / seed", "ZeroDivisionError"),
    ],
)
def test_what_it_may_not_is_said(fresh: SmallBook, expression: str, says: str):
    with pytest.raises(ValueError, match=says):
        value(fresh, expression)


@pytest.mark.parametrize(
    ("expression", "typed"),
    [
        ('f"{0.98:.0%}"', "0.98"),
        ("98.7", "98.7"),
        ("'98.7'", "'98.7'"),
        ('f"98.7"', "98"),
        ('f"nine{total}"', "nine"),
        ('f"{total} 7"', "7"),
        ('f"-{total}"', "-"),
        ('f"{total}.{seed}"', "."),
        ("max(total, 98.7)", "98.7"),
        ("total * 0 + 98.7", "0"),
        ("share + 0.3", "0.3"),
        ("share + 8 / 100", "8"),
        ("share * 2", "2"),
        ("share * 100 / 1000 * 100", "100"),
        ("share ** 2", "share ** 2"),
        ("total // 2", "total // 2"),
        ("98.7 if total else 0", "98.7 if total else 0"),
        ("(total > 2) * 100", "total > 2"),
        ("total and share", "total and share"),
        ("[98.7, total][0]", "98.7"),
        ("{'a': 98.7, 'b': total}['a']", "{'a': 98.7, 'b': total}"),
        ("[98.7 for n in [total]][0]", r"[98.7 for n in [total]]"),
        ("len('x' * 98)", "'x'"),
        ("int('98')", "'98'"),
        ("sum([total], 95)", "95"),
        ("round(98.7, 1)", "98.7"),
        ("True", "True"),
        ("open('/etc/hostname').read()", "'/etc/hostname'"),
    ],
)
def test_a_number_that_was_not_recorded_is_refused(fresh: SmallBook, expression: str, typed: str):
    with pytest.raises(ValueError, match=re.escape(f"`{typed}` was not recorded")):
        value(fresh, expression)


@pytest.mark.parametrize("expression", ["len([])", 'f""', 'f" "', "max([], [])"])
def test_a_value_that_reads_nothing_is_refused(fresh: SmallBook, expression: str):
    with pytest.raises(ValueError, match="reads nothing that was recorded"):
        value(fresh, expression)


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ('f"{total}{seed}"', "two numbers in it make one"),
        ('f"{total:999999999}"', "a format has at most"),
        ('f"{total:9>4}"', "a format has at most"),
    ],
)
def test_a_format_brings_no_digits(fresh: SmallBook, expression: str, says: str):
    with pytest.raises(ValueError, match=says):
        value(fresh, expression)


def test_rounding_takes_no_time(fresh: SmallBook):
    with pytest.raises(ValueError, match="digits"):
        value(fresh, "round(total, -999999999)")


def test_a_value_sees_only_the_blocks_above_it(fresh: SmallBook):
    assert value(fresh, "total", after=1) == "3"
    with pytest.raises(ValueError, match="share"):
        value(fresh, "share", after=1)
    with pytest.raises(ValueError, match="total"):
        value(fresh, "total", after=0)


def test_a_missing_record_is_named_but_does_not_hide_other_values(book: SmallBook):
    with pytest.raises(ValueError, match="the block above has no record"):
        value(book, "total")
    assert value(book, "page.blocks") == "2"


def test_code_does_not_count_as_reading_but_both_scripts_do():
    assert reading_minutes("字" * 1200) == 3
    assert reading_minutes("word " * 480) == 2
    assert reading_minutes("```python\n" + "x = 1\n" * 5000 + "```\n字") == 1


# --- What `check` says of them


def with_values(book: SmallBook, *expressions: str) -> list[tuple[int, str, str]]:
    """Put values below the second block of the page and return what is found."""
    text = "\n\n".join(f"X `{{python}} {expression}`" for expression in expressions)
    book.edit(book.zh, 'second"\n```', f'second"\n```\n\n{text}')
    return [(found.line, found.problem, found.remedy) for found in check.findings(book, book.page())]


@pytest.fixture
def run(book: SmallBook) -> SmallBook:
    """The miniature with records and more variables."""
    book.edit(book.snippet, "total / 4", "total / 4\nlosses, words, none = [0.5, 0.25], {'a': 1}, 0")
    record.save(book, run_once(book, book.page()))
    return book


@pytest.mark.parametrize(
    ("expression", "idle"),
    [
        ("total - total", "total"),
        ('f"{total / total:.0%}"', "total"),
        ('f"{total / 1e9:.0f}"', "total"),
        ("round(total, -9)", "total"),
        ("len([total])", "total"),
        ("max(share, share - total)", "total"),
        ("none * share", "share"),
        ("page.blocks + share - share", "share"),
    ],
)
def test_a_value_that_does_not_depend_on_what_it_reads_is_named(run: SmallBook, expression: str, idle: str):
    ((line, problem, _),) = with_values(run, expression)
    assert (line, problem.endswith(f"whatever `{idle}` is")) == (18, True), problem


def test_values_that_depend_on_what_they_read_are_not(run: SmallBook):
    honest = (
        "total",
        'f"{share:.0%}"',
        "none",
        "len(losses)",
        "min(losses)",
        "words['a']",
        "len(words)",
        "page.blocks",
    )
    assert with_values(run, *honest, "max(words.values())", 'results["part/page"].losses[1]', "page.date") == []


def test_a_name_that_no_block_above_assigns_is_named_before_anything_runs(book: SmallBook):
    ((line, problem, remedy),) = with_values(book, 'f"{shore:.1%}"')
    assert (line, remedy) == (18, "write share, if that is meant") and "shore, which no block above assigns" in problem
    book.edit(book.zh, "总和是 `{python} total`", "总和是 `{python} share`")
    remedies = [found.remedy for found in check.unfounded(book, book.page())]
    assert remedies[0] == "block 2 (line 14) assigns it: put the value below that"


@pytest.mark.parametrize("text", ["9{}", "{}5", "{}.5", "9.{}", "{}.{}", "**9**{}", "9<b>{}</b>", "是 -{}", "-{}"])
def test_digits_beside_a_value_are_named(run: SmallBook, text: str):
    run.edit(run.zh, "总和是 `{python} total`", f"甲\n{text}".replace("{}", "`{python} total`"))
    (found,) = check.findings(run, run.page())
    assert "make one number" in found.problem and found.line == 13


@pytest.mark.parametrize("text", ["9 {}", "{} 5", "{}%", "{}，{}", "{}-fold", "{}–{}", "({})", "{}. 5"])
def test_what_stands_beside_a_value_may_be_no_digit(run: SmallBook, text: str):
    run.edit(run.zh, "总和是 `{python} total`", f"甲\n{text}".replace("{}", "`{python} total`"))
    assert list(check.findings(run, run.page())) == []


@pytest.mark.parametrize(
    ("expression", "says", "remedy"),
    [
        ("sweep['shore'].mean", "reads shore, which no block of part/page assigns", "write share, if that is meant"),
        ('results["part/page"].shore', "reads shore, which no block of part/page assigns", "write share"),
        ('results["part/pages"].share', "reads share, which no block of part/pages assigns", "another page"),
        ('sweeps["part/page"]["x"].n', "reads x, which no block of part/page assigns", "assign it"),
    ],
)
def test_names_of_other_pages_and_sweeps_are_known_too(book: SmallBook, expression: str, says: str, remedy: str):
    ((_, problem, do),) = with_values(book, expression)
    assert says in problem and remedy in do


def test_names_are_assigned_in_many_ways(book: SmallBook):
    ways = "import math as m\nfor i in [1]:\n    (a, *b), c = (1, 2), (d := 3)\ndef f():\n    global g\n    g = h = 1"
    book.edit(book.snippet, "share = total / 4", f"{ways}\nshare = total / 4")
    found = with_values(book, "m", "i", "a", "b", "c", "d", "f", "g", "h", "page.blocks")
    assert [problem for _, problem, _ in found] == ["the inline value `h` reads h, which no block above assigns"]


def test_a_page_that_has_to_run_first_has_no_other_findings_on_its_values(run: SmallBook):
    assert "no number" in with_values(run, "losses - total")[0][1]
    run.edit(run.snippet, "1 + 2", "1 + 3")
    assert list(check.findings(run, run.page())) == []


def test_an_expression_with_two_results_on_one_page_is_named_with_both_lines(book: SmallBook):
    book.edit(book.snippet, "share = total / 4", "total = 4\nshare = total / 4")
    record.save(book, run_once(book, book.page()))
    ((line, problem, _),) = with_values(book, "total")
    assert (line, "is 4 here and 3 in line 12" in problem) == (18, True)


def test_run_refuses_such_names_before_anything_runs(
    book: SmallBook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("book.run.session.run_pages", lambda *_: pytest.fail("something ran"))
    book.edit(book.zh, "`{python} total`", "`{python} totall`")
    assert main(["run"], book) == 1
    assert "docs/zh/part/page.md:12: the inline value `totall` reads totall" in capsys.readouterr().err
