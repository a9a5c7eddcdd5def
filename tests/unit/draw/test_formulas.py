"""Formulas come out right, errors are loud, and nothing is typeset twice."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from book.core.findings import BookError
from book.core.markdown import Formula, Math, scan
from book.core.site import Book
from book.draw import formulas
from book.draw.formulas import FormulaError, Picture, typeset


def page(text: str, language: str = "zh") -> Markdown:
    md = Markdown(
        extensions=[
            "pymdownx.arithmatex",
            "book.draw.formulas",
            "toc",
            "tables",
            "attr_list",
            "footnotes",
            "md_in_html",
        ],
        extension_configs={"pymdownx.arithmatex": {"generic": True}, "book.draw.formulas": {"language": language}},
    )
    md.result = md.convert(text)  # type: ignore[attr-defined]
    return md


def drawn(text: str) -> str:
    return page(text).result  # type: ignore[attr-defined,no-any-return]


def tex_of(text: str) -> list[str]:
    return [html.unescape(tex) for tex in re.findall(r'data-tex="([^"]*)"', text)]


def picture(tex: str, display: bool = False) -> Picture:
    (result,) = typeset([Formula(tex, display)])
    assert isinstance(result, Picture)
    return result


def problem(tex: str) -> str:
    (result,) = typeset([Formula(tex)])
    assert isinstance(result, FormulaError)
    assert result.formula.tex == tex
    return result.problem


# --- What MathJax makes of a formula


def test_picture_is_measured_in_em_and_drawn_in_the_colour_of_the_text():
    result = picture("x_i")
    assert 0.5 < result.width < 2 and 0 < result.depth < result.height < 1.5
    assert "#" not in re.sub(r'href="#f-[^"]*"', "", result.body), "a colour, or a reference to something else"
    assert set(re.findall(r'href="#([^"]+)"', result.body)) == set(result.glyphs)


def test_same_glyph_has_same_name_in_every_formula():
    first, second = typeset([Formula("x"), Formula(r"\frac{x}{2}", display=True)])
    assert isinstance(first, Picture) and isinstance(second, Picture)
    assert first.glyphs.items() <= second.glyphs.items()


@pytest.mark.parametrize("tex", ["1", "x", "L", r"\beta"])
def test_outline_that_is_written_step_by_step_closes_and_is_as_high_as_the_picture(tex: str):
    result = picture(tex)
    (outline,) = result.glyphs.values()
    x, y, start, heights = 0, 0, (0, 0), []
    for letter, numbers in re.findall("([a-z])([^a-z]*)", outline):
        steps = [int(number) for number in re.findall(r"-?\d+", numbers)]
        size = {"h": 1, "v": 1, "q": 4, "z": 1}.get(letter, 2)
        assert len(steps) % size == 0 and bool(steps) == (letter != "z")
        for each in (steps[at : at + size] for at in range(0, len(steps), size)):
            x += 0 if letter == "v" else each[0 if letter == "h" else -2]
            y += 0 if letter == "h" else each[-1]
            heights.append(y)
        start = (x, y) if letter == "m" else start
        assert letter != "z" or (x, y) == start, "a step too far, and all behind it stands elsewhere"
    _, top, _, height = (float(number) for number in result.viewBox.split())
    assert (max(heights), min(heights)) == pytest.approx((-top, -top - height), abs=2)


def test_display_is_larger_than_inline():
    assert picture(r"\sum_{i=1}^n x_i", display=True).height > picture(r"\sum_{i=1}^n x_i").height


def test_mathml_says_the_same_as_the_picture():
    assert picture(r"\frac{a}{b} < c").mathml == "<mfrac><mi>a</mi><mi>b</mi></mfrac><mo>&lt;</mo><mi>c</mi>"


def test_chinese_stands_in_a_formula():
    result = picture(r"\text{准确率} = \frac{1}{n}")
    assert "<mtext>准确率</mtext>" in result.mathml
    assert re.findall(r"<text[^>]*>(.)</text>", result.body) == list("准确率")
    assert "font-family" not in result.body


def test_aligned_lines_and_table_rules():
    assert picture(r"\begin{aligned} a &= b \\ &< c \end{aligned}", display=True).height > 2
    assert picture(r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}").body.count("<line") == 2


def test_no_formula_changes_the_next():
    assert isinstance(typeset([Formula(r"\newcommand{\x}{y} \x")])[0], FormulaError)
    assert "Undefined control sequence" in problem(r"\x")


@pytest.mark.parametrize(
    ("tex", "message"),
    [
        (r"\frac{1}{", "Missing close brace"),
        (r"\nosuch x", r"Undefined control sequence \nosuch"),
        ("x_1_2", "Double subscripts"),
        (r"\begin{aligned} a", r"Missing \end{aligned}"),
        ("a & b", "Misplaced &"),
    ],
)
def test_wrong_formula_is_an_error_in_the_words_of_mathjax(tex: str, message: str):
    assert message in problem(tex)


def test_numbers_of_formulas_belong_into_the_text():
    (result,) = typeset([Formula(r"x \tag{1}", display=True)])
    assert isinstance(result, FormulaError) and "number it in the text" in result.problem


def test_one_wrong_formula_does_not_spoil_the_others():
    good, bad, again = typeset([Formula("x"), Formula(r"\bad"), Formula("x")])
    assert isinstance(good, Picture) and isinstance(bad, FormulaError) and again == good


# --- On a page


def test_inline_formula_beside_chinese():
    text = drawn("其中$w_i$是权重，$b$ 是偏置。")
    assert tex_of(text) == ["w_i", "b"]
    assert re.search(r'其中<span class="arithmatex"[^>]*><mjx-container><svg .*?</mjx-container></span>是权重', text)
    assert "<em>" not in text and "\\(" not in text


def test_characters_that_html_and_markdown_know():
    text = drawn("$a_1 * b_2 * c_3 < d \\& e > f$")
    assert tex_of(text) == [r"a_1 * b_2 * c_3 < d \& e > f"]
    assert html.unescape(re.findall(r"<annotation[^>]*>(.*?)</annotation>", text)[0]) == tex_of(text)[0]


def test_displayed_formula_has_its_own_box():
    text = drawn("前\n\n$$\n\\begin{aligned}\na &= b \\\\\n  &< c\n\\end{aligned}\n$$\n\n后")
    assert re.search(r'<div class="arithmatex"[^>]*><mjx-container role="group" aria-label="公式" tabindex="0"', text)
    assert 'aria-label="Formula"' in page("$$x$$", "en").result  # type: ignore[attr-defined]


def test_picture_is_hidden_from_screen_readers_and_mathml_is_not():
    text = drawn("$x$")
    assert re.search(r'<svg [^>]*aria-hidden="true" focusable="false"', text)
    assert "aria-hidden" not in re.findall(r"<math.*</math>", text)[0]
    assert '<annotation encoding="application/x-tex">x</annotation>' in text


def test_wide_inline_formula_can_scroll_by_itself():
    wide = "+".join("abcdefghijklmnop")
    assert 'class="formula-wide"' in drawn(f"${wide}$")
    assert 'class="formula-wide"' not in drawn("$a+b$")


def test_glyphs_stand_once_on_a_page():
    text = drawn("$x$ 与 $x+x$，还有 $y$\n\n| $x$ | 表 |\n|---|---|\n| $y$ | 格 |")
    ids = re.findall(r'<path id="(f-[^"]+)"', text)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#(f-[^"]+)"', text)) == set(ids)
    assert text.rstrip().endswith("</svg></div>")
    assert "formula-glyphs" not in drawn("没有公式")


def test_code_is_left_alone():
    text = drawn("`$x$` 与 \\$5\n\n    $$\n    y\n    $$\n")
    assert "arithmatex" not in text and "<code>$x$</code>" in text


def test_lists_footnotes_and_html():
    text = drawn("- 项 $a$\n\n注[^1]\n\n[^1]: 脚注 $b$\n\n<div markdown>\n\n$$c$$\n\n</div>\n")
    assert sorted(tex_of(text)) == ["a", "b", "c"]


def test_heading_shows_in_the_table_of_contents_as_text():
    md = page("# 复杂度 $O(n^2)$ {#top}")
    assert md.toc_tokens[0]["name"] == "复杂度 O(n2)"  # type: ignore[attr-defined]
    assert md.toc_tokens[0]["id"] == "top"  # type: ignore[attr-defined]


def test_wrong_formula_is_loud_on_the_page_and_in_the_log(caplog: pytest.LogCaptureFixture):
    text = drawn("坏 $\\nosuch{a<b}$ 好 $x$")
    assert re.search(
        r'formula-error">⚠ 公式有误：Undefined control sequence \\nosuch <code>\\nosuch\{a&lt;b\}</code>', text
    )
    assert tex_of(text) == ["x"]
    (record,) = caplog.records
    assert record.levelname == "WARNING" and record.name.startswith("mkdocs.") and "nosuch" in record.getMessage()


def test_displayed_formula_within_a_line_is_warned_of(caplog: pytest.LogCaptureFixture):
    drawn("- **线性回归**：$$ y = wx + b $$，其中")
    assert "empty line" in caplog.text


def test_nothing_is_fetched():
    assert not re.search(r"https?:|<script|<link|<img", drawn("$x$\n\n$$y$$"))


# --- Where formulas stand in a page's source


def test_find_names_the_line_of_each_formula():
    lines = [
        "# 标题 $h$",
        "",
        "正文 $a_1$ 与 $b$，`$code$`",
        "```python",
        'x = "$not$"',
        "```",
        "",
        "$$",
        r"\frac{1}{2}",
        "$$",
        "",
        "- 项 \\(c\\) 与 \\$5",
    ]
    found = sorted((math.line, math.formula.tex, math.formula.display) for math in scan(lines).of(Math))
    assert found == [(0, "h", False), (2, "a_1", False), (2, "b", False), (7, r"\frac{1}{2}", True), (11, "c", False)]


def test_find_finds_what_the_page_draws():
    text = "设 $x$，\n\n$$\ny < z\n$$\n\n1. 一 $a \\$ b$\n\n    $$\n    q\n    $$\n"
    assert sorted(math.formula.tex for math in scan(text).of(Math)) == sorted(tex_of(drawn(text)))


@pytest.mark.parametrize("tex", [r"L = a \label{eq:loss}", r"\eqref{eq:loss}", r"\ref{eq:other}", r"x \label {a} y"])
def test_labels_and_references_are_refused_with_what_to_do(tex: str, tmp_path: Path):
    for _ in range(2):  # the second time, MathJax itself would call the label defined twice
        (found,) = typeset([Formula(tex, display=True)], tmp_path)
        assert isinstance(found, FormulaError) and "#equation-" in found.problem


def test_commands_that_only_begin_like_references_are_no_references(tmp_path: Path):
    (found,) = typeset([Formula(r"\operatorname{ref}(x) \to \text{label}")], tmp_path)
    assert isinstance(found, Picture)


# --- The cache and the process


def test_second_time_comes_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    first = typeset([Formula("x"), Formula(r"\bad")], tmp_path)
    assert len(list(tmp_path.iterdir())) == 1, "errors and half-written files are not kept"
    monkeypatch.setattr(formulas, "_mathjax", lambda new: pytest.fail("MathJax was asked again"))
    assert typeset([Formula("x")], tmp_path) == first[:1]


def test_cache_tells_inline_from_displayed_and_one_mathjax_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    typeset([Formula("x"), Formula("x", display=True)], tmp_path)
    monkeypatch.setattr(formulas, "_edition", lambda: "another")
    typeset([Formula("x")], tmp_path)
    assert len(list(tmp_path.iterdir())) == 3


def test_damaged_cache_is_made_anew(tmp_path: Path):
    first = typeset([Formula("x")], tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_text(encoding="utf-8")
    for damage in ("", "{", "[]", json.dumps({"width": 1}), whole[:-9], whole.replace('"width": 0.', '"width": 1.')):
        file.write_text(damage, encoding="utf-8")
        assert typeset([Formula("x")], tmp_path) == first


def test_one_process_serves_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    runs, run = [], subprocess.run

    def counted(*args: Any, **options: Any) -> object:
        runs.append(args)
        return run(*args, **options)

    monkeypatch.setattr("subprocess.run", counted)
    typeset([Formula(f"x_{i}") for i in range(20)], tmp_path)
    assert len(runs) == 1


def test_missing_node_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(BookError, match=r"no Node\.js") as caught:
        typeset([Formula("x")], tmp_path)
    assert "make setup" in caught.value.findings[0].remedy


def test_missing_mathjax_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(formulas, "Book", lambda: Book(tmp_path))
    monkeypatch.setattr(formulas, "_edition", lambda: "")
    with pytest.raises(BookError, match="MathJax is not installed") as caught:
        typeset([Formula("x")], tmp_path / "cache")
    assert caught.value.findings[0].remedy == "run make setup"


def test_process_that_ends_is_reported_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    script, broken = formulas.SCRIPT, tmp_path / "broken.mjs"
    broken.write_text("process.exit(3)", encoding="utf-8")
    monkeypatch.setattr(formulas, "SCRIPT", broken)
    with pytest.raises(BookError, match="MathJax stopped"):
        typeset([Formula("x+y+z")], tmp_path)
    monkeypatch.setattr(formulas, "SCRIPT", script)
    assert isinstance(typeset([Formula("x+y+z")], tmp_path)[0], Picture)
