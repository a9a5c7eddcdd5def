"""What the site's Markdown has and CommonMark has not is said in CommonMark, and nothing of it is lost."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from book.core.page import Block
from book.evidence import record
from book.notebook.commonmark import Text, alternative_texts, convert, standalone
from tests.unit.miniature import SmallBook, run_once

ROOT = "https://example.org/book/"
SECOND = '```python\n--8<-- "part/small.py:second"\n```'


def rewrite(book: SmallBook, body: str, language: str = "zh") -> list[Text | Block]:
    file = book.page_file(language, "part/page")
    file.write_text(f"---\ntitle: 题\ndescription: 一句。\n---\n\n{body}\n", encoding="utf-8")
    return convert(book, book.page(language), ROOT)


def text(book: SmallBook, body: str, language: str = "zh") -> str:
    (only,) = rewrite(book, body, language)
    assert isinstance(only, Text)
    return only.markdown


CASES = {
    "a heading's id": ("## 标题 {#here}", '<a id="here"></a>\n\n## 标题'),
    "a heading without": ("## 标题", "## 标题"),
    "attributes": ("[去](../other.md){ .md-button }\n{ .doors }", f"[去]({ROOT}other/)"),
    "a page": ("[去](other.md#place)", f"[去]({ROOT}part/other/#place)"),
    "a folder's page": ("[去](index.md)", f"[去]({ROOT}part/)"),
    "the first page": ("[去](../index.md)", f"[去]({ROOT})"),
    "a place here": ("[去](#place)", "[去](#place)"),
    "elsewhere": ('[去](https://a.b/c_(d) "题")', '[去](https://a.b/c_(d) "题")'),
    "a picture of the site": ("![图](../assets/a.svg)", f"![图]({ROOT}assets/a.svg)"),
    "a script": (
        "<!-- script: part/small.py -->",
        f"完整脚本：[`small.py`]({ROOT}assets/scripts/part/small.py)",
    ),
    "a comment": ("前\n\n<!-- 别说 -->\n\n后", "前\n\n后"),
    "a box": ('!!! info "题"\n\n    一。\n\n    二。\n\n后', "> **题**\n>\n> 一。\n>\n> 二。\n\n后"),
    "code in a box": ('!!! info "题"\n\n    用 `a` 与 `b`。\n      续', "> **题**\n>\n> 用 `a` 与 `b`。\n>   续"),
    "a box without a blank line": ('!!! info "题"\n    一。\n      续', "> **题**\n>\n> 一。\n>   续"),
    "a box without a title": ("!!! warning\n\n    一。", "> **Warning**\n>\n> 一。"),
    "a box with an empty title": ('!!! info ""\n\n    一。', "> 一。"),
    "tabs": ('=== "甲"\n\n    一。\n\n=== "乙"\n\n    二。', "> **甲**\n>\n> 一。\n\n> **乙**\n>\n> 二。"),
    "a fold in a tab": (
        '=== "甲"\n\n    ??? note "折"\n\n        一。\n\n    二。',
        "> **甲**\n>\n> > **折**\n> >\n> > 一。\n>\n> 二。",
    ),
    "a shown fence in a box": (
        '!!! info "题"\n\n    ```console\n    a\n\n      b **x** $y$\n    ```',
        "> **题**\n>\n> ```console\n> a\n>\n>   b **x** $y$\n> ```",
    ),
    "formulas": ("若 $a_1*b$ 与 $c*d$\n\n$$\na\n= b\n$$", "若 $a_1*b$ 与 $c*d$\n\n$$a = b$$"),
    "a formula in a box": ('!!! info "题"\n\n    $$\n    a\n    $$', "> **题**\n>\n> $$a$$"),
    "dollars": ("花 $5", "花 \\$5"),
    "code": ("写 `a ~ $b$ **c** {.d}` 吧", "写 `a ~ $b$ **c** {.d}` 吧"),
    "tildes": ("2~3 与 4~5", "2\\~3 与 4\\~5"),
    "strong": ("这是**好**的 and **bold**.", "这是**好**的 and **bold**."),
    "strong before Chinese": ("**要：**一点", "<strong>要：</strong>一点"),
    "emphasis before Chinese": ("他说*“好”*了", "他说<em>“好”</em>了"),
    "strong at an end": ("**要。**", "**要。**"),
    "a footnote": ("一[^1]\n\n[^1]: 注", "一<sup>[1]</sup>\n\n<sup>[1]</sup> 注"),
    "a footnote of two paragraphs": (
        "一[^1]\n\n[^1]: 第一段。\n\n    第二段 $y$。\n\n        码\n\n后",
        "一<sup>[1]</sup>\n\n<sup>[1]</sup> 第一段。\n\n第二段 $y$。\n\n    码\n\n后",
    ),
    "a formula in a quotation": (
        "> 引：\n>\n> $$\n> a\n> = b\n> $$\n>\n> 与 $c$",
        "> 引：\n>\n> $$a = b$$\n>\n> 与 $c$",
    ),
    "an escaped dollar": ("> 花 \\$5", "> 花 \\$5"),
    "references": (
        "[**参考：**][ref]、[Ref] 与 ![图][pic]\n\n[ref]: other.md#top\n[pic]: ../assets/a.svg\n",
        f"[<strong>参考：</strong>]({ROOT}part/other/#top)、[Ref]({ROOT}part/other/#top) 与 ![图]({ROOT}assets/a.svg)",
    ),
    "a shown fence in a list": (
        "-   一\n\n    ```text\n    a\n\n\n    $b$\n    ```\n-   二",
        "-   一\n\n    ```text\n    a\n\n\n    $b$\n    ```\n-   二",
    ),
    "a shown fence in a quotation": ("> 一\n>\n> ```text\n> $b$ ~\n> ```", "> 一\n>\n> ```text\n> $b$ ~\n> ```"),
    "a fence in a comment": ("前\n\n<!--\n```text\na\n```\n-->\n\n后", "前\n\n后"),
    "a link around a picture": ("[![图](../a.svg)](other.md)", f"[![图]({ROOT}a.svg)]({ROOT}part/other/)"),
    "an address": ("见 <https://a.b/~c>", "见 <https://a.b/~c>"),
    "a box with classes": ("!!! note inline end\n\n    一。", "> **Note**\n>\n> 一。"),
    "a list": ("-   一\n\n    二\n-   三", "-   一\n\n    二\n-   三"),
    "HTML": ('<dl class="x" markdown="1">\n<dt>a*b*</dt>\n</dl>', '<dl class="x">\n<dt>a*b*</dt>\n</dl>'),
}


@pytest.mark.parametrize("case", CASES)
def test_in_commonmark(case: str, book: SmallBook):
    body, expected = CASES[case]
    assert text(book, body) == expected


def test_blocks_come_out_of_their_box_and_the_rest_of_it_stays_in(book: SmallBook):
    body = f'=== "甲"\n\n    一。\n\n    {SECOND}\n\n    二。\n\n三。'.replace("\n--8", "\n    --8").replace(
        "\n```", "\n    ```"
    )
    before, block, after = rewrite(book, body)
    assert isinstance(before, Text) and before.markdown == "> **甲**\n>\n> 一。"
    assert isinstance(block, Block) and block == book.page().blocks[0]
    assert isinstance(after, Text) and after.markdown == "> 二。\n\n三。"


def test_the_rest_of_a_list_item_after_a_block_does_not_become_code(book: SmallBook):
    body = f"1.  一\n\n{SECOND}\n\n    二".replace("\n--8", "\n    --8").replace("\n```", "\n    ```")
    _, _, after = rewrite(book, body)
    assert isinstance(after, Text) and after.markdown == "二"


def test_values_are_evaluated_and_mean_nothing_else(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    *_, last = convert(book, book.page(), ROOT)
    first = convert(book, book.page(), ROOT)[2]
    heading = '<a id="below"></a>\n\n## 算法\n'
    assert isinstance(last, Block) and isinstance(first, Text) and first.markdown == f"{heading}总和是 3"
    book.edit(book.zh, "`{python} total`", '`{python} f"*{total}_$"` ![x](figure:1 "图 `{python} total`")')
    changed = convert(book, book.page(), ROOT)[2]
    assert isinstance(changed, Text) and changed.markdown == f"{heading}总和是 \\*3\\_\\$ *图 3*"


def test_a_value_before_a_period_does_not_begin_a_list(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    book.edit(book.zh, "总和是 `{python} total`", "`{python} total`.\n\n1. 一")
    after = convert(book, book.page(), ROOT)[2]
    assert isinstance(after, Text) and after.markdown.endswith("3\\.\n\n1. 一")


def test_a_value_that_cannot_be_computed_is_loud(book: SmallBook):
    assert "⚠" in text(book, "`{python} missing`")


def test_without_an_address_the_words_of_a_link_stay(book: SmallBook):
    links = "[甲](../other.md) [乙](#here) [丙](https://a.b) [**丁？**][d]后 ![图](../a.svg)"
    book.zh.write_text(f"{links}\n\n<!-- script: part/small.py -->\n\n[d]: ../other.md\n", encoding="utf-8")
    (only,) = convert(book, book.page(), None)
    assert isinstance(only, Text)
    words = "甲 [乙](#here) [丙](https://a.b) <strong>丁？</strong>后 图"
    assert only.markdown == f"{words}\n\n完整脚本：`small.py`"


DRAWING = '<svg viewBox="0 0 10 20" aria-label="A &amp; B"><text>T</text></svg>'


def test_a_drawing_becomes_a_picture_with_its_text_and_caption(book: SmallBook):
    (only,) = rewrite(book, f'<figure class="diagram">\n{DRAWING}\n<figcaption>说明。</figcaption>\n</figure>')
    assert isinstance(only, Text)
    assert only.markdown == "![A & B](attachment:drawing-1.svg)\n\n*说明。*"
    (drawing,) = only.pictures.values()
    assert (drawing.svg, drawing.html) == (DRAWING, f'<figure class="diagram">{DRAWING}</figure>')


def test_a_picture_stands_by_itself():
    picture = ElementTree.fromstring(standalone(DRAWING))
    assert (picture.get("width"), picture.get("height")) == ("16", "32")
    ground, drawn = picture
    assert ground.tag.endswith("rect") and ground.get("fill") == "#ffffff" and drawn.text == "T"


def test_texts_of_figures_are_known_by_block(book: SmallBook):
    book.edit(book.zh, 'first"\n```', 'first"\n```\n\n![一条线](figure:1 "说明")\n\n![两条线](figure:2 "说明")')
    first = book.page().blocks[0].name
    assert alternative_texts(book, book.page()) == {(first, 1): "一条线", (first, 2): "两条线"}
