"""Both languages say the same: values in the same order below the same blocks, numbers paragraph by paragraph."""

from __future__ import annotations

import pytest

from book.check import parity
from tests.unit.miniature import SmallBook

END = 'second"\n```'


def unlike(book: SmallBook, zh: str, en: str) -> list[tuple[int, str]]:
    """Put texts below the second block of the pages; return what is found."""
    for file, text in ((book.zh, zh), (book.en, en)):
        book.edit(file, END, f"{END}\n\n{text}\n")
    found = list(parity.findings(book, book.page("zh"), book.page("en")))
    assert all(one.file.startswith("docs/en/") and one.remedy for one in found)
    return [(one.line, one.problem) for one in found]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("有 6 万张。", "There are 60,000."),
        ("有六万张，60000 张。", "There are sixty thousand, 60,000 of them."),
        ("有 60000 张。", "There are sixty thousand."),
        ("有 1750 亿个，占 98%。", "It has 175 billion, which is 98 percent."),
        ("有 6 千个，0.5 秒。", "There are 6,000 in 0.5 seconds."),
        ("2026 年 11 月，两个人。", "Both came in November 2026."),
        ("大约一千个。", "There are many."),
        ("- 13 个\n- 14 个", "- there are 13\n- there are 14"),
        ("1959 年，见 2020 页。又是 1959 年。", "In 1959, see page 2020."),
    ],
)
def test_a_number_may_be_written_in_many_ways(book: SmallBook, zh: str, en: str):
    assert unlike(book, zh, en) == []


@pytest.mark.parametrize(
    ("zh", "en", "says"),
    [
        ("有 60000 张。", "There are 50,000.", "has 50,000 where line 18 of docs/zh/part/page.md has 60000"),
        ("有六万张。", "There are fifty thousand.", "has fifty thousand where"),
        ("有 6 万张。", "There are 600,000.", "has 600,000 where"),
        ("占 98%。", "It is 97%.", "has 97% where"),
        ("占 5%。", "It is 6%.", "has 6% where"),
        ("用 0.25。", "It takes 0.35.", "has 0.35 where"),
        ("很多。", "There are 50,000.", "has 50,000 where line 18 of docs/zh/part/page.md has nothing"),
        ("有 60000 张。", "There are many.", "has nothing where line 18 of docs/zh/part/page.md has 60000"),
        ("2019 年。", "In 2020.", "has 2020 where"),
        ("用 $x = 17$。", "Take $x = 17$ and 18.", "has 18 where"),
        ("<b>60000</b> 张", "<b>50000</b> are there", "has 50000 where"),
        ("`13` 个", "`14` of them", "has 14 where"),
        ("一。\n\n- 13 个\n- 14 个", "One.\n\n- there are 14\n- there are 13", "has 14 where"),
        (
            "| 名 | 数 |\n|---|---|\n| 甲 | 13 |\n| 乙 | 14 |",
            "| a | b |\n|---|---|\n| c | 14 |\n| d | 13 |",
            "has 14 where",
        ),
        ("一。\n\n二。", "One and two.", "this section has 2 paragraphs, that of docs/zh/part/page.md 3 (line"),
    ],
)
def test_another_number_in_the_same_paragraph_is_named(book: SmallBook, zh: str, en: str, says: str):
    found = unlike(book, zh, en)
    assert found and says in found[0][1], found


def test_the_description_is_a_paragraph_too(book: SmallBook):
    book.edit(book.zh, "一页。", "六万张。")
    book.edit(book.en, "One page.", "50,000 pictures.")
    assert [line for line, _ in unlike(book, "", "")] == [3]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("甲 `{python} total`，乙 `{python} share`。", "A `{python} share`, B `{python} total`."),
        ("`{python} share`", "`{python} share + total`"),
        ("`{python} share`", "0.75"),
        ('甲 `{python} f"{share:.1%}"`', 'A `{python} f"{share:.0%}"`'),
    ],
)
def test_values_stand_in_the_same_order(book: SmallBook, zh: str, en: str):
    ((line, problem),) = unlike(book, zh, en)
    assert line in (0, 18) and "inline value 2" in problem


@pytest.mark.parametrize("by", ["4", "8", "6"])
@pytest.mark.parametrize("word", ["万个", "亿个", "百万个"])
def test_a_value_is_counted_in_the_units_of_its_language(book: SmallBook, by: str, word: str):
    """Only where the word that follows is that of the divisor."""
    zh = f'共 `{{python}} f"{{total / 1e{by}:.0f}}"` {word}。'
    found = unlike(book, zh, 'In all `{python} f"{total / 1e6:.2f}"` million.')
    right = {"4": "万个", "8": "亿个", "6": "百万个"}[by] == word
    assert not found if right else "inline value 2" in found[0][1]


def test_a_value_stands_below_the_same_block(book: SmallBook):
    """What is assigned again in a block between them would show another value."""
    book.edit(book.en, "`{python} total`", "")
    ((line, problem),) = unlike(book, "", "The total is `{python} total`.")
    assert line == 18 and "'total below block 2', docs/zh/part/page.md has 'total below block 1' (line 12)" in problem
