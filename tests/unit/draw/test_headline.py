"""A Chinese headline is divided into phrases, which stay on a line; no other text of the page is touched."""

from __future__ import annotations

import pytest
from markdown import Markdown

from book.draw import headline


def html(text: str) -> str:
    md = Markdown(extensions=["attr_list", "toc"], extension_configs={"toc": {"permalink": "¶"}})
    md.treeprocessors.register(headline.Phrases(md), "book-headline", headline.AFTER_TOC)
    drawn = md.convert(text)
    assert "phrase" not in md.toc  # type: ignore[attr-defined]
    return drawn


@pytest.mark.parametrize(
    ("title", "phrases"),
    [
        ("机器翻译：小网络从例句里学到什么", ["机器翻译：", "小网络从例句里学到什么"]),
        ("看的是什么？可信吗？", ["看的是什么？", "可信吗？"]),
    ],
)
def test_each_phrase_is_an_element(title: str, phrases: list[str]) -> None:
    drawn = html(f"# {title} {{#here}}\n\n头一段，没有动过。\n\n## 一，二 {{#two}}\n")
    spans = "".join(f'<span class="phrase">{phrase}</span>' for phrase in phrases)
    assert f'<h1 id="here">{spans}<a class="headerlink"' in drawn
    assert drawn.count("phrase") == len(phrases)


@pytest.mark.parametrize("title", ["什么是大模型？", "Translate, or copy?", "*全文*，一句"])
def test_one_phrase_stays_as_it_is(title: str) -> None:
    assert "phrase" not in html(f"# {title}\n")


def test_a_page_without_a_headline_is_none_of_its_business() -> None:
    assert html("一句，两句。") == "<p>一句，两句。</p>"
