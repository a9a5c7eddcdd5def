"""The reader sees beside each equation that it was checked, how, or why not."""

from __future__ import annotations

import re

import pytest
from markdown import Markdown

from book.draw import extension
from book.equations import records
from tests.unit.equation_book import declared, mark, record_all
from tests.unit.miniature import SmallBook


@pytest.fixture
def marked(book: SmallBook) -> SmallBook:
    return record_all(mark(book))


def drawn(book: SmallBook, language: str = "zh") -> str:
    own = extension.BookExtension(language=language, base="../../", root=str(book.root))
    names = [
        "pymdownx.superfences",
        "pymdownx.details",
        "pymdownx.snippets",
        "pymdownx.arithmatex",
        "book.draw.formulas",
    ]
    options: dict[str, dict[str, object]] = {
        "pymdownx.snippets": {"base_path": [str(book.snippets)], "dedent_subsections": True},
        "pymdownx.arithmatex": {"generic": True},
    }
    body = book.page(language).file.read_text(encoding="utf-8").split("---\n", 2)[2]
    return Markdown(extensions=[*names, "attr_list", "md_in_html", own], extension_configs=options).convert(body)


def containers(page: str) -> list[str]:
    """Return what stands in the containers of equations, with their opening tags."""
    return [f"<div{part}" for part in re.split(r'<div(?=[^>]*class="equation)', page)[1:]]


WORDS = {
    "zh": [
        "已核对 · 120 组输入 · 独立对照 2 项",
        "故意改错",
        "双精度",
        "本页的 <code>mean</code>",
        "未自动核对：极限情形下的近似",
    ],
    "en": [
        "Checked · 120 inputs · independent comparisons: 2",
        "errors made on purpose",
        "double precision",
        "<code>mean</code> on this page",
        "Not checked automatically: an approximation that holds in the limit",
    ],
}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_equation_has_its_evidence(marked: SmallBook, language: str):
    page = drawn(marked, language)
    mean, weighted, unchecked = containers(page)
    assert 'data-equation="mean"' in mean and 'data-checked="120"' in mean and 'id="equation-mean"' in mean
    assert 'data-equation="weighted-sum"' in weighted
    for container in (mean, weighted):
        assert container.index('class="arithmatex"') < container.index("<details")
        assert "<summary>" in container and "mjx-container" in container
        assert "10<sup>−9</sup>" in container and "numpy " in container and "equations/" in container
    assert "<code>(1 / n) sum(i=1..n: x[i])</code>" in mean
    assert "data-checked" not in unchecked and "<details" not in unchecked and "mjx-container" in unchecked
    assert all(word in page for word in WORDS[language])
    assert "<!--" not in page and "\x02" not in page and "wzxhzdk" not in page


def test_a_mark_right_above_its_formula_keeps_it_a_formula(marked: SmallBook, caplog: pytest.LogCaptureFixture):
    page = drawn(marked)
    assert not caplog.records and page.count('<div class="arithmatex"') == 3 and "$$" not in page


def test_an_equation_in_a_box_or_a_list_has_its_evidence(marked: SmallBook):
    text = marked.zh.read_text(encoding="utf-8")
    at = text.index("<!-- equation: mean")
    boxed = "".join(f"    {line}\n" if line else "\n" for line in text[at:].split("\n"))
    marked.zh.write_text(f'{text[:at]}??? note "推导"\n\n{boxed}', encoding="utf-8")
    mean, *_ = containers(drawn(marked))
    assert 'data-checked="120"' in mean and "mjx-container" in mean


def test_what_changed_is_loud(marked: SmallBook):
    marked.edit(marked.zh, "\\sum_{i=1}^{n} x_i", "\\sum_{i=1}^{n} x_i^2")
    mean, weighted, _ = containers(drawn(marked))
    assert 'class="equation equation-missing"' in mean and "⚠ 这个公式没有核对记录" in mean
    assert "data-checked" not in mean and "data-checked" in weighted


def test_what_is_damaged_undeclared_or_out_of_date_is_loud(marked: SmallBook):
    (mean, _) = records.placed(marked)
    file = records.folder(marked) / f"{mean.name}.json"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole[:-9], encoding="utf-8")
    assert "⚠ The record of this equation&#x27;s check is damaged" in containers(drawn(marked, "en"))[0]
    file.write_text(whole, encoding="utf-8")
    marked.edit(marked.en, "equation: mean", "equation: mode")
    assert "⚠ What the equation mode means is not declared." in containers(drawn(marked, "en"))[0]
    requirements = (marked.root / "requirements.txt").read_text(encoding="utf-8").replace("numpy==", "numpy==9")
    (marked.root / "requirements.txt").write_text(requirements, encoding="utf-8")
    assert "⚠ 这个公式的核对记录已过时（it was checked with numpy" in containers(drawn(marked))[0]
    declared(marked).write_text("EQUATIONS = [", encoding="utf-8")
    assert "⚠ 这个公式的核对记录已损坏：this is not Python" in containers(drawn(marked))[0]


def test_survivors_are_shown_with_their_reason(marked: SmallBook):
    marked.edit(declared(marked), '"n": "size"', '"n": "size(1,1)"')
    marked.edit(declared(marked), "np.mean(x),", "np.mean(x), survivors={'(1 / n) prod(i=1..n: x[i])': 'one & only'},")
    record_all(marked)
    assert "<code>(1 / n) prod(i=1..n: x[i])</code> · one &amp; only" in containers(drawn(marked))[0]
