"""What a browser is spared: what is out of sight, and marks of code without a color of their own."""

from __future__ import annotations

import re
from html import unescape

from markdown import Markdown

PAGE = """\
# Title

First words.

- a list

## Part {#part}

More words, and $x^2$.

> A quotation with
>
> ### a heading inside

## Last part
"""


CODE = """\
import keras

def mean(x: float) -> bool:
    # a remark
    return x not in (1, 2.5) and keras.f("<b>") < x @ x
"""


def html(text: str) -> str:
    """Return a page as the book draws it."""
    extensions = ["attr_list", "toc", "pymdownx.superfences", "pymdownx.highlight", "pymdownx.arithmatex"]
    extensions += ["book.draw.formulas", "book.draw.thin"]
    return Markdown(extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}}).convert(text)


def groups(text: str) -> list[str]:
    """Return the content of the page's groups."""
    return re.findall(r'(?s)<div class="offscreen"[^>]*>(.*?)</div>', html(text))


def test_a_group_lies_between_two_headings_and_holds_none() -> None:
    first, second = groups(PAGE)
    assert "First words" in first
    assert "a list" in first
    assert "More words" in second
    assert "<h1" not in first + second
    assert "<h2" not in first + second
    outside = re.sub(r'(?s)<div class="offscreen".*?</div>', "", html(PAGE))
    assert re.findall(r"<h([12])", outside) == ["1", "2", "2"]


def test_a_heading_within_a_quotation_stays_where_it_is() -> None:
    assert "a heading inside" in groups(PAGE)[1]


def test_the_glyphs_of_the_formulas_stay_in_sight() -> None:
    page = html(PAGE)
    assert "formula-glyphs" in page
    assert all("formula-glyphs" not in group for group in groups(PAGE))


def test_nothing_is_lost_and_the_order_stays() -> None:
    plain = Markdown(extensions=["attr_list", "toc", "pymdownx.arithmatex"], output_format="html")
    text = PAGE.replace("$x^2$", "x")
    bare = re.sub(r'</?div(?: class="offscreen"[^>]*)?>', "", html(text))
    assert re.sub(r"\s+", "", bare) == re.sub(r"\s+", "", plain.convert(text))


def test_the_height_is_guessed_from_what_a_group_holds() -> None:
    def height(text: str) -> float:
        (found,) = re.findall(r"contain-intrinsic-height:auto (\d+)em", html(text))
        return float(found)

    short, long = height("word"), height("many words, " * 200)
    assert short < 5
    assert 30 < long / 1.6 < 40
    assert height("大" * 400) > 1.5 * height("a" * 400)
    assert height("![a picture](a.png)") > 20
    assert height("<details><summary>more</summary>\n" + "a line\n" * 100 + "</details>") < 5
    assert height("$$\nx^2 + y^2\n$$") < 10


def test_code_says_the_same_with_fewer_marks() -> None:
    drawn = html(f"```python\n{CODE}```\n")
    assert unescape(re.sub("<[^>]*>", "", drawn)).strip() == CODE.strip()
    marks = set(re.findall('class="([a-z0-9]{1,2})"', drawn))
    assert marks.isdisjoint({"n", "o", "p", "w"})
    assert {"k", "nf", "kn", "nn", "c1", "mi", "mf", "s2", "ow"} <= marks


def test_a_mark_written_by_hand_that_holds_more_stays() -> None:
    text = '<p><span class="n">a <b>word</b></span></p>'
    assert text in html(text)


def test_the_mark_of_a_note_has_its_number() -> None:
    drawn = html("```python\nx = 1  # (12)!\ny = 2  # (12) of them!\n```\n")
    assert drawn.count("code-note") == 1
    assert '<span class="c1 code-note" data-note="12"># (12)!</span>' in drawn
