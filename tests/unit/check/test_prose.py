"""The lints of the text name each slip with its line and its correction, and leave alone what is no prose."""

from __future__ import annotations

import re

import pytest

from book.check import links, prose
from book.check.publishable import check
from book.core import store
from book.core.findings import BookError, Finding
from book.core.site import Book
from book.draw import glossary
from tests.unit.miniature import SmallBook

LINE = 12
"""Of the miniature's page, where the tests write."""
ZH, EN = "docs/zh/part/page.md", "docs/en/part/page.md"

GLOSSARY = """\
zh,en,avoid_zh,avoid_en,zh_definition,en_definition,note
特征图,feature map,特征映射;特征地图,activation map,一张图。,A map.,
循环神经网络,recurrent neural network,递归神经网络,recursive neural network,一种网络。,A network.,recursive 才是“递归”
数据集,data set,,dataset,一组数据。,Some data.,
"""


@pytest.fixture
def book(book: SmallBook) -> SmallBook:
    """The miniature with a glossary and words of its own."""
    data = book.root / "docs" / "data"
    data.mkdir()
    (data / "glossary.csv").write_text(GLOSSARY, encoding="utf-8")
    (data / "words_en.txt").write_text("# names\nKeras\nlogits\ntokenize\n\ntowards -> toward\n", encoding="utf-8")
    (data / "citations.csv").write_text('id,authors\na,"Krizhevsky, A."\n', encoding="utf-8")
    return book


def write(book: SmallBook, language: str, text: str) -> list[Finding]:
    """Put a text on line 12 of a page and return what is wrong with it."""
    file, old = (book.zh, "总和是 `{python} total`") if language == "zh" else (book.en, "The total is `{python} total`")
    book.edit(file, old, text)
    page = book.page(language)
    pages = {(each, "part/page"): book.page(each) for each in Book().languages}
    found = [*prose.findings(book, page), *links.findings(book, page, pages)]
    assert all(finding.remedy and finding.file == (ZH if language == "zh" else EN) for finding in found)
    return found


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("用TensorFlow训练。", "用 TensorFlow 训练"),
        ("共有100个。", "共有 100 个"),
        ("你好,世界。", "你好，世界"),
        ("第$k$个核。", "第 $x$ 个核"),
        ("好 。完了。", "好。完了"),
        ("全角ＡＢＣ。", "ABC"),
        ("| 用GPU | 二 |\n|---|---|\n| 三 | 四 |", "用 GPU"),
        ("[用Keras写](page.md)", "用 Keras 写"),
        ("- 一项用GPU", "用 GPU"),
        ('??? success "用GPU检查"\n\n    好。', "用 GPU 检查"),
        ("<dt>用GPU算</dt>", "用 GPU 算"),
        ("先训练;再评估。", "，；：！？"),
        ("`x`, 然后。", "，；：！？"),
        ("是这样: 好。", "是这样：好"),
        ("这是 API. 它好。", "。"),
        ("网络(一种函数)好。", "（）"),
        ("显卡 (GPU) 好。", "（）"),
        ('他说"好"了。', "“ ”"),
        ("等等...完了。", "……"),
        ("先看`x`再说。", "a space"),
        ("好，，完了。", "once"),
    ],
)
def test_each_slip_of_chinese_typography_is_named_with_its_correction(book: SmallBook, text: str, corrected: str):
    found = write(book, "zh", text)
    assert [finding.line for finding in found] == [LINE], found
    assert corrected in found[0].remedy


def test_the_front_matter_is_prose_too(book: SmallBook):
    book.edit(book.zh, "description: 一页。", "description: 用GPU算。")
    book.edit(book.en, "description: One page.", "description: One pagge.")
    assert [f.line for f in prose.findings(book, book.page("zh"))] == [3]
    assert [f.line for f in prose.findings(book, book.page("en"))] == [3]


@pytest.mark.parametrize(
    "text",
    [
        '总和是 `{python} f"{total:.2f}用,x"`，很好。',
        "第 $i$ 行、第 $j$ 列：$w_{i,j}$，$\\text{输出a,b}$ 好。",
        "$$\nz = \\text{得分a},b\n$$",
        "```text\n错误:abc中文,xyz\n```",
        "```console\npip install x  # 安装keras\n```",
        "见[说明](https://example.org/文档a,b)和[本页](page.md#top)。",
        "<!-- 注释abc,def -->",
        "<!-- 注释\nabc中文,def -->",
        '![一条线](figure:1 "用 `x` 画的线（见上）")',
        '=== "Linux、WSL2"\n\n    内容。',
        "**原文**（1.1.3.4）说“好”；[Brown 等，[2020](https://arxiv.org/abs/2005.14165)]。",
        "1. 第一项\n2. 第二项",
        "**1. 更大的窗口？**好。",
        "形状是 `(28, 28, 1)`，比例 1:2，约 20% 的人。",
        "按钮[开始](page.md){ .md-button .md-button--primary }",
        '<figure style="max-width: 3rem; margin: 0">好</figure>',
        "## 小节 {#more}",
    ],
)
def test_what_is_no_chinese_prose_is_left_alone(book: SmallBook, text: str):
    assert write(book, "zh", text) == []


@pytest.mark.parametrize(
    ("text", "word", "better"),
    [
        ("The recieved total.", "recieved", "received"),
        ("The colour of it.", "colour", "color"),
        ("Its behaviour is odd.", "behaviour", "behavior"),
        ("We optimise it.", "optimise", "optimize"),
        ("A labelled image.", "labelled", "labeled"),
        ("Near the centre.", "centre", "center"),
        ("A grey line.", "grey", "gray"),
        ("We tokenise it.", "tokenise", "tokenize"),
        ("It moves towards zero.", "towards", "toward"),
        ("A Tensorfow model.", "Tensorfow", "TensorFlow"),
        ('??? success "Automattic check"\n\n    Good.', "Automattic", "Automatic"),
        ('![a rising lline](figure:1 "a line")', "lline", "line"),
        ('![a rising line](figure:1 "a lline")', "lline", "line"),
        ("<text>imput</text>", "imput", "input"),
        ("[a lnik](page.md)", "lnik", "link"),
        ("It doesn’t wrok.", "wrok", "work"),
    ],
)
def test_misspelled_and_british_words_are_named_with_a_better_one(book: SmallBook, text: str, word: str, better: str):
    (finding,) = write(book, "en", text)
    assert finding.line == LINE and f"“{word}”" in finding.problem and f"“{better}”" in finding.remedy


@pytest.mark.parametrize(
    "text",
    [
        "Keras's logits, the LOGITS, and Logits.",
        "By Krizhevsky.",
        "The `colour_map` and `{python} colour` of $colour$.",
        "```text\ncolour\n```",
        'See [the docs](https://example.org/colour "A title") or https://example.org/colour.',
        "<!-- colour -->",
        '<span class="colour">good</span>',
        "A button{ .colour }",
        "It’s 28x28 in 2nd place; don't.",
        "A feature map of a well-known recurrent neural network.",
    ],
)
def test_what_is_no_english_prose_is_left_alone(book: SmallBook, text: str):
    assert write(book, "en", text) == []


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("zh", "这张特征映射很大。", "特征图"),
        ("zh", "用特征地图。", "特征图"),
        ("en", "Activation maps are large.", "feature map"),
        ("en", "A dataset.", "data set"),
        ("en", '![a dataset](figure:1 "a line")', "data set"),
    ],
)
def test_a_word_the_glossary_avoids_is_named_with_the_one_to_use(book: SmallBook, language: str, text: str, word: str):
    if "dataset" in text:
        (book.root / "docs" / "data" / "words_en.txt").write_text("dataset\n", encoding="utf-8")
    (finding,) = write(book, language, text)
    assert finding.line == LINE and f"“{word}”" in finding.remedy


def test_a_word_that_is_spoken_of_may_be_named(book: SmallBook):
    assert write(book, "zh", "人们说“特征映射”。") == []
    book.edit(book.zh, "人们说“特征映射”。", "特征映射一词不用。")
    assert len(list(prose.findings(book, book.page()))) == 1
    book.edit(book.zh, "title: 小页", "title: 小页\nmentions: [特征映射]")
    assert list(prose.findings(book, book.page())) == []


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("other.md", "there is no docs/zh/part/other.md"),
        ("page", "there is no docs/zh/part/page"),
        ("page.md#nowhere", "part/page.md has no place #nowhere"),
        ("#nowhere", "part/page.md has no place #nowhere"),
        ("../../en/part/page.md", "it leaves the pages of this language"),
        ("/part/page/", "it starts at the root of the host"),
        ("picture.png", "there is no docs/zh/part/picture.png"),
        ("", "it is empty"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(book: SmallBook, address: str, says: str):
    (finding,) = write(book, "zh", f"见[这里]({address})。")
    assert finding.line == LINE and says in finding.problem
    book.edit(book.zh, f"见[这里]({address})。", f"![一张图]({address})")
    assert len(list(links.findings(book, book.page(), {("zh", "part/page"): book.page()}))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "见[这里](page.md)、[这里](page.md#top)、[这里](#top)、[代码](#block-2)。",
        "见[这里](https://example.org/(a)#b)或 <https://example.org>。",
        "见 `[这里](other.md)`。",
        "<!-- [这里](other.md) -->",
        '<p id="own">好</p>\n\n见[上面](#own)，![图](figure:1 "一张图")。',
        "{ #other }\n\n见[上面](#other)。",
        "<!-- glossary -->\n\n见[特征图](#term-feature-map)。",
    ],
)
def test_links_that_lead_somewhere_are_left_alone(book: SmallBook, text: str):
    found = write(book, "zh", text)
    assert [finding for finding in found if "link" in finding.problem] == []


def test_a_picture_that_exists_may_be_shown(book: SmallBook):
    (book.zh.parent / "picture.svg").write_text("<svg/>", encoding="utf-8")
    assert write(book, "zh", "![一张图](picture.svg)") == []


def test_a_note_to_the_author_forbids_publishing(book: SmallBook):
    book.edit(book.zh, "总和是", "<!-- write: what the reader\nlearns -->\n\n总和是")
    book.edit(book.en, "title: Small", 'title: "write: a title"')
    book.edit(book.snippet, "share = total", "# write: your own code\nshare = total")
    book.edit(book.config_file("zh"), "\nnav:\n  - ", '\nnav:\n  - "write: the name of the part": part/page.md\n  - ')
    book.snippet.with_name("odd.py").write_bytes(b"# \xff\n")
    found = {(f.file, f.line): f.problem for f in check(book) if "note to the author" in f.problem}
    nav = (book.root / "mkdocs.yml").read_text(encoding="utf-8").split("\n").index("nav:") + 2
    assert set(found) == {(ZH, LINE), (EN, 2), ("snippets/part/small.py", 8), ("mkdocs.yml", nav)}
    assert found[ZH, LINE].endswith("what the reader learns")


def test_check_names_slips_of_every_kind(book: SmallBook):
    book.edit(book.zh, "总和是", "用GPU算特征映射,见[这里](other.md)。总和是")
    book.edit(book.en, "The total", "The colour")
    said = " ".join(finding.problem for finding in check(book))
    assert all(word in said for word in ("typography", "特征映射", "other.md", "colour"))


def test_words_of_a_source_are_right_where_it_is_cited_and_nowhere_else(book: SmallBook):
    table = book.root / "docs" / "data" / "citations.csv"
    table.write_text(
        'id,authors,title,link\na,"Zoltek, B.",Quantumly entangled flibbers,https://doi.org/1\n', encoding="utf-8"
    )
    said = [f.problem for f in write(book, "en", "Zoltek's flibbers ([2020](https://doi.org/1)).\n\nMore flibbers.")]
    assert said == ["“flibbers” is not American English"]


def test_a_name_beside_a_source_without_a_row_is_not_sent_to_the_list_of_words(book: SmallBook):
    (finding,) = write(book, "en", "Wozzik ([2020](https://doi.org/2)) said so.")
    assert "add the row of https://doi.org/2 to docs/data/citations.csv" in finding.remedy
    assert "words_en.txt" not in finding.remedy


def test_the_glossary_is_drawn_in_the_words_of_the_page(book: SmallBook):
    zh, en = (glossary.draw(book, language, "../") for language in Book().languages)
    assert '<span id="term-feature-map">特征图</span>' in zh and "一张图。" in zh and "A map." not in zh
    assert en.index("term-data-set") < en.index("term-feature-map") and "Some data." in en
    assert re.findall(r'<th scope="col">(.*?)</th>', en) == ["English", "Chinese", "Meaning"]


def test_slips_in_the_glossary_itself_are_named(book: SmallBook):
    table = glossary.file(book)
    table.write_text(GLOSSARY + "特征图,map,,,,A map.,\n地图,globe,数据集,,图。,A map.,\n", encoding="utf-8")
    assert {(f.line, f.problem) for f in glossary.findings(book)} == {
        (5, "the term has no zh definition"),
        (5, "'特征图' is already in line 2"),
        (6, "'数据集' is avoided here and used in line 4"),
    }
    table.write_text("zh,en\n特征图,feature map\n", encoding="utf-8")
    with pytest.raises(BookError, match="has no column"):
        glossary.load(book)


def test_a_word_that_was_looked_up_is_kept_and_a_wrong_one_is_not(book: SmallBook):
    assert [f.problem for f in prose.spelling(book, book.page("en"))] == []
    kept = store.load(book.cache / "spelling.json") or {}
    assert "total" in kept["words"] and "Small" in kept["words"]
    book.edit(book.en, "The total", "The totall")
    assert len(list(prose.spelling(book, book.page("en")))) == 1
    store.write(book.cache / "spelling.json", store.encode({**kept, "words": ["totall"], "dictionary": "another"}))
    assert len(list(prose.spelling(book, book.page("en")))) == 1


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("#中文", ""),
        ("page.md#中文", ""),
        ("#%E4%B8%AD%E6%96%87", "written with percent signs"),
        ("page.md#%e4%b8%ad%e6%96%87", "written with percent signs"),
        ("#%E6%97%A0", "has no place #无"),
    ],
)
def test_a_place_with_chinese_letters_is_linked_as_it_is_written(book: SmallBook, address: str, says: str):
    found = [finding.problem for finding in write(book, "zh", f"## 中文 {{#中文}}\n\n见[这里]({address})。")]
    assert len(found) == bool(says) and all(says in problem for problem in found)


def test_a_link_by_reference_is_checked_where_it_is_defined(book: SmallBook):
    (finding,) = write(book, "zh", "见[这里][甲]和[那里][乙]。\n\n[甲]: page.md#top\n[乙]: other.md")
    assert finding.line == LINE + 3 and "no docs/zh/part/other.md" in finding.problem
