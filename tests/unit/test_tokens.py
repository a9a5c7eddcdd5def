"""Code without the marks that have no color of their own."""

from __future__ import annotations

import re
from html import unescape

from markdown import Markdown

CODE = """\
import keras

def mean(x: float) -> bool:
    # a remark
    return x not in (1, 2.5) and keras.f("<b>") < x @ x
"""


def html(text: str) -> str:
    """Return a page as the book draws it."""
    return Markdown(extensions=["pymdownx.superfences", "pymdownx.highlight", "book.draw.tokens"]).convert(text)


def test_code_says_the_same_with_fewer_marks() -> None:
    drawn = html(f"```python\n{CODE}```\n")
    assert unescape(re.sub("<[^>]*>", "", drawn)) == CODE
    marks = set(re.findall('class="([a-z0-9]{1,2})"', drawn))
    assert marks.isdisjoint({"n", "o", "p", "w"})
    assert {"k", "nf", "kn", "nn", "c1", "mi", "mf", "s2", "ow"} <= marks


def test_a_mark_written_by_hand_that_holds_more_stays() -> None:
    text = '<p><span class="n">a <b>word</b></span></p>'
    assert html(text) == text
