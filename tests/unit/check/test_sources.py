"""A typed number has a source: what a page may say, and the lies that it may not."""

from __future__ import annotations

import pytest

from book.check import numbers
from tests.unit.miniature import SmallBook

ROW = "gpt3,Brown,2020,Title,https://a.org/gpt3,abstract,{},opened,\n"
CITED = "([2020](https://a.org/gpt3))"


@pytest.fixture
def cited(book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> SmallBook:
    """The miniature with a table of citations of one row; its blocks are taken to have printed 1,600."""
    monkeypatch.setattr(numbers, "_recorded", lambda book, blocks: {1600.0})
    book.data.mkdir()
    (book.data / "citations.csv").write_text(
        "id,authors,year,title,link,place,number,verified,note\n"
        + ROW.format('"175 billion parameters, 96 layers; 43.4%"'),
        encoding="utf-8",
    )
    return book


def found(book: SmallBook, text: str) -> list[str]:
    """Write a text into the page; return the numbers without a source."""
    page = book.en.read_text(encoding="utf-8").replace("The total is", text)
    book.en.write_text(page, encoding="utf-8")
    return [finding.problem.split("'")[1] for finding in numbers.findings(book, book.page("en"))]


@pytest.mark.parametrize(
    "lie",
    [
        "98%", "0.987", "37 秒", "512 MB", r"$98.7\%$", "`98.7%`", "98.7&nbsp;%", "<b>98.7</b>%", "<!-- so --> 98.7%",
        "９８．７％", "百分之九十八", "ninety-eight percent", "98 个百分点", "9.87e-1", "3/4", "九成八",
        "three quarters",
        "2012 images", "2,012", "97", "⑱ images", "玖拾捌",
        "five percent", "5%", "3 seconds", "1.5 times", r"$\frac{97}{100}$",
        "Accuracy 98.7", "\n\n```text\naccuracy 98.7%\n```\n\n", "!!! note \"98.7%\"", "![It is 98.7%](x.png)",
        '<abbr title="98.7%">it</abbr>', '<ol start="37"><li>it</li></ol>', '<li value="37">it</li>',
        '**it**{ title="98.7%" }', '**it**{ aria-label="98.7%" }', '\n\n[it]: small.md "98.7%"\n\n',
        "³⁷ images", "₃₇ images", "❸ %", "$3 7$", "$3{}7$", r"$\mathit{3}7$", r"$3\!7$", "${3}{7}$",
        "<svg><text><tspan>3</tspan><tspan>7</tspan></text></svg>",
        '[it](small.md "98.7%")', "[98.7](small.md)%", "9&#8203;8.7%", "| a | b |\n|---|---|\n| it | 98.7% |",
        f"The paper says so {CITED}. It is 98.7%.", f"43.4% is what the paper has {CITED}. Ours is 43.4%, too.",
        f"176 billion {CITED}", f"about 184 billion {CITED}", f"more than 98% {CITED}",
    ],
)  # fmt: skip
def test_a_lie_is_found(cited: SmallBook, lie: str):
    assert found(cited, lie)


@pytest.mark.parametrize(
    "truth",
    [
        r"$\binom{5}{2}$, $x^{-1}$, m² and x⁻¹", '<tspan x="3">1</tspan><tspan x="7">2</tspan>',
        "ten times, 3 of 4 parts (so $x / 2$)", "in 2012, on May 17, 2024 and 2026-01-31",
        "第十五节，2024 年 12 月 31 日",
        "what was printed: 1600",
        "section 1.1.3.4", "Python 3.11, NumPy x and H100", f"175 billion {CITED}", f"1750 亿 {CITED}",
        f"1.75e11 or $1.75 \\times 10^{{11}}$ with ninety-six layers {CITED}", f"about 180 billion {CITED}",
        f"It has 96 layers {CITED}. All 96 count.", f"| a | 43.4% |\n|---|---|\n| 43.4% | {CITED} |",
        "`{python} total`%, or `{python} total` × 3",
    ],
)  # fmt: skip
def test_what_has_a_source_or_needs_none_may_be_typed(cited: SmallBook, truth: str):
    assert found(cited, truth) == [] or "|" in truth


def test_title_and_description_are_read_too(cited: SmallBook):
    cited.edit(cited.en, "One page.", "98.7% right.")
    assert [f.line for f in numbers.findings(cited, cited.page("en"))] == [3]


def test_numbers_beside_the_pages_are_read_too(cited: SmallBook):
    assert not list(numbers.beside(cited))
    cited.edit(cited.root / "mkdocs.en.yml", "- Home: index.md", "- Home of 97%: index.md")
    cited.edit(cited.root / "mkdocs.yml", "copyright: 代码 Apache 2.0", "copyright: 代码 97%")
    glossary = cited.data / "glossary.csv"
    glossary.write_text(
        "zh,en,avoid_zh,avoid_en,zh_definition,en_definition,note\n核,kernel,,,三个,97 of 3×3,\n", "utf-8"
    )
    assert [(f.file, f.problem.split("'")[1]) for f in numbers.beside(cited)] == [
        ("mkdocs.yml", "97%"), ("mkdocs.en.yml", "97%"), ("docs/data/glossary.csv", "97"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("step {},第 {} 步", False), ("2.5 billion,25 亿", False), ("relative to it,以它为 1", False),
        ("step {},第 {} 步 97%", True), ("step {},第 97 步", True), ("{} to {},从 {1} 到 {0}", True),
        ("2.5 billion,26 亿", True),
    ],
)  # fmt: skip
def test_words_for_figures_say_the_numbers_of_the_figure(cited: SmallBook, row: str, wrong: bool):
    (cited.data / "figure_words.csv").write_text(f"label,zh\n{row}\n", encoding="utf-8")
    assert bool(list(numbers.translated(cited))) == wrong


def test_what_the_code_holds_may_be_typed_but_not_what_it_only_asserts(cited: SmallBook):
    cited.edit(cited.snippet, "total = 1 + 2", "rate, total = 0.25, 1 + 2\nassert total > 0.125")
    assert found(cited, "A rate of 0.25, not 25% and not 0.125. The total is") == ["25%", "0.125"]
    cited.edit(cited.en, "```python\n--8<-- \"part/small.py:first\"\n```", "??? note\n\n    Above 0.125.\n\n    "
               "```python\n    --8<-- \"part/small.py:first\"\n    ```")  # fmt: skip
    assert [f.problem.split("'")[1] for f in numbers.findings(cited, cited.page("en"))] == ["25%", "0.125"]


def test_rows_stay_while_pages_cite_them_and_say_what_pages_show(cited: SmallBook):
    pages = {("en", "part/page"): cited.page("en")}
    assert [f.problem for f in numbers.unused(cited, pages)] == ["no page links the source 'gpt3'"]
    found(cited, f"175 billion, 96 layers {CITED} and [another](https://b.org)")
    pages = {("en", "part/page"): cited.page("en")}
    assert [f.problem for f in numbers.unused(cited, pages)] == [
        "no row of docs/data/citations.csv has the link https://b.org",
        "no page shows the number '43.4%' of 'gpt3'",
    ]


def test_a_page_that_did_not_run_is_not_blamed_for_what_it_may_have_printed(book: SmallBook):
    assert found(book, "1600 and 0.16") == ["0.16"]


def test_pages_may_link_what_a_table_of_links_holds(cited: SmallBook):
    """The column that ``links`` names under [[tables]] is known beside the citations."""
    cited.edit(cited.en, "The total is", "See [it](https://a.org/course). The total is")
    pages = {("en", "small"): cited.page("en")}
    assert any("https://a.org/course" in finding.problem for finding in numbers.unused(cited, pages))
    (cited.data / "more.csv").write_text("id,link\nit,https://a.org/course\n", encoding="utf-8")
    toml = cited.root / "book.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[[tables]]\nfile = "more.csv"\nlinks = "link"\n', "utf-8")
    book = type(cited)(cited.root)
    assert not any("https://a.org/course" in finding.problem for finding in numbers.unused(book, pages))
