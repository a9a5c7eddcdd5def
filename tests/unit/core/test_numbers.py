"""Numbers are found however they are written, in the text as it is read."""

from __future__ import annotations

import pytest

from book.core.numbers import find, words
from book.core.rendered import VALUE, rendered
from book.core.site import Book

WORDS = words(Book())


def read(text: str) -> list[tuple[str, object]]:
    return [(number.text, pytest.approx(number.value)) for number in find(text, WORDS)]


@pytest.mark.parametrize(
    "text",
    ["98%", "98 %", "９８％", "百分之九十八", "ninety-eight percent", "98 个百分点", "98 percentage points",
     "0.98", "9.8e-1", ".98",
     "零点九八", "zero point nine eight", "49/50", "４９／５０", "0.098×10^1"],
)  # fmt: skip
def test_one_number_in_many_ways(text: str):
    assert read(text) == [(text, 0.98)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.75e11", 1.75e11), ("175 billion", 1.75e11), ("1750 亿", 1.75e11), ("一千七百五十亿", 1.75e11),
        ("175B", 1.75e11),
        ("2,664K", 2_664_000), ("60,000", 60_000), ("六万", 60_000), ("sixty thousand", 60_000), ("两千多万", 2e7),
        ("six hundred and seventy-one billion", 6.71e11), ("10^{25}", 1e25), ("10²⁵", 1e25), ("10^-7", 1e-7),
        ("2^10", 1024), ("3.14E+23", 3.14e23), ("三分之一", 1 / 3), ("百万分之一", 1e-6), ("two-thirds", 2 / 3),
        ("a fifth", 0.2), ("九成", 0.9), ("½", 0.5), ("二十八", 28), ("一九九八", 1998),
        ("一百零五", 105), ("a hundred million", 1e8),
        ("37 秒", 37), ("512 MB", 512),
    ],
)  # fmt: skip
def test_a_number_is_read_whole(text: str, value: float):
    assert read(f"约{text}。" if not text.isascii() else f"about {text}, or so") == [(text, pytest.approx(value))]


def test_names_and_words_that_only_look_like_numbers_are_none():
    assert read("H100, x_1, 千瓦 of several hundred, 千万, 几百万") == []
    assert read("256 千瓦 and 28×28") == [("256", 256), ("28", 28), ("28", 28)]
    assert read(f"{VALUE}×10²⁴") == []


@pytest.mark.parametrize(
    "source",
    [
        r"$98.7\%$", "`98.7%`", "98.7&nbsp;%", "<b>98.7</b>%", "**98**.7%", "9<!-- x -->8.7%", "9&#56;.7%",
        "9\u200b8.7%", "[98](x.md).7%", '<abbr title="98.7%">it</abbr>',
        '[it](x.md "98.7%")', "![98.7%](x.png)", '![it](x.png "98.7%")',
        '!!! note "98.7%"\n\n    text', "# The 98.7% {#it}", "| a |\n|---|\n| 98.7% |", "<!-- c --> 98.7%",
    ],
)  # fmt: skip
def test_a_number_is_found_wherever_it_is_read(source: str):
    read = rendered(source)
    ((start, number),) = [(at + n.start, n) for at, text, _ in read.sentences() for n in find(text, WORDS)]
    assert number.value == pytest.approx(0.987)
    assert read.place(start) <= source.index("9")


def test_sentences_have_their_links():
    read = rendered(
        "It has 12, `{python} x` too ([2020](https://a.org)). Then 13。又 14。\n\n| [a](b) | 1 |\n|---|---|\n| 2 |"
    )
    assert [(text.strip("| "), links) for _, text, links in read.sentences() if text[-1] not in "-|" or links] == [
        (f"It has 12, {VALUE} too (2020).", ["https://a.org"]), ("Then 13。", []), ("又 14。", []), ("a | 1", ["b"]),
    ]  # fmt: skip
