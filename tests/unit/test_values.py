"""Inline values see the variables of the block above them, totals, other pages and sweeps, and nothing else."""

from __future__ import annotations

import pytest

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
        ("round(share * total, 2)", "2.25"),
        ("[total + n for n in (1, 2)]", "[4, 5]"),
        ("page.blocks", "2"),
        ("book.blocks", "2"),
        ("book.pages", "1"),
        ('results["part/page"].share', "0.75"),
        ("page.seconds > 0", "True"),
        ("'a\\x02wzxhzdk:0\\x03\\x00b'", "awzxhzdk:0b"),
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
        ("1 +", "SyntaxError"),
        ('results["part/none"].share', "there is no page"),
        ('sweep["share"].mean', "KeyError"),
        ("open('/etc/hostname').read()", "open"),
        ("__import__('os').name", "__import__"),
    ],
)
def test_what_it_may_not_is_said(fresh: SmallBook, expression: str, says: str):
    with pytest.raises(ValueError, match=says):
        value(fresh, expression)


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
