"""What the reader sees under and in the text is what the record holds, and what is missing is loud."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown import Markdown

from book.check import publishable
from book.core.findings import BookError
from book.draw import extension, figures
from book.evidence import record
from tests.unit.miniature import SmallBook, run_once

EXTENSIONS = [
    "pymdownx.superfences",
    "pymdownx.details",
    "pymdownx.snippets",
    "pymdownx.highlight",
    "pymdownx.arithmatex",
    "admonition",
    "tables",
    "attr_list",
]


def draw(book: SmallBook, language: str = "zh", base: str = "../../", records: Path = Path("records")) -> str:
    own = extension.BookExtension(language=language, base=base, root=str(book.root), records=str(records))
    options: dict[str, dict[str, Any]] = {
        "pymdownx.snippets": {"base_path": [str(book.snippets)], "check_paths": True, "dedent_subsections": True},
        "pymdownx.highlight": {"pygments_lang_class": True},
        "pymdownx.arithmatex": {"generic": True},
    }
    page = book.page(language)
    body = page.file.read_text(encoding="utf-8").split("---\n", 2)[2]
    return Markdown(extensions=[*EXTENSIONS, own], extension_configs=options).convert(body)


def recorded(book: SmallBook) -> str:
    record.save(book, run_once(book, book.page()))
    return draw(book)


def code_in(page: str) -> list[str]:
    blocks = re.findall(r'<div class="language-python highlight">.*?<code>(.*?)</code>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", block)).rstrip("\n") for block in blocks]


def test_each_block_has_its_output_and_its_badge(book: SmallBook):
    page = recorded(book)
    first, second = book.page().blocks
    for block, output in ((first, "total 3"), (second, "0.75")):
        container = page.split(f'data-block="{block.name}"')[1].split('class="block"')[0]
        assert f">{output}</pre>" in container
        assert 'data-seconds="' in page and 'data-device="cpu"' in page
        assert "已运行" in container and "Python 3." in container
    assert page.count('<details class="block-badge" ') == 2


def test_a_page_ends_with_a_receipt_of_what_ran_and_was_checked(book: SmallBook):
    page = recorded(book)
    receipt = page.split('id="receipt"')[1]
    assert "2 段代码运行过" in receipt and "Python" not in receipt
    assert re.search(r"<dt>检查</dt><dd>\d+ 条断言，试过 \d+ 个错误的值</dd>", receipt)
    assert '<div class="block' not in receipt
    assert 'id="receipt"' not in draw(book, records=book.root / "none"), "nothing ran"


def test_a_value_knows_the_block_that_computed_it(book: SmallBook):
    book.zh.write_text(book.zh.read_text(encoding="utf-8") + "\n`{python} total`, `{python} share`\n", encoding="utf-8")
    page = recorded(book)
    first, second = (block.anchor for block in book.page().blocks)
    assert set(re.findall(r'data-value="total" data-from="#(.*?)"', page)) == {first}, (
        "the second block left it as it was"
    )
    assert re.findall(r'data-value="share" data-from="#(.*?)"', page) == [second]


def test_the_words_are_those_of_the_language(book: SmallBook):
    recorded(book)
    english = draw(book, "en")
    assert ">Ran</span> " in english and not re.search(r"[一-鿿]", english)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_code_shown_is_the_code_that_ran_to_the_letter(book: SmallBook, language: str):
    book.edit(
        book.snippet, "share = total / 4", 'text = "<b>&amp;</b>"  # (1)!\nif total < 4 > 0:\n    share = total / 4'
    )
    assert code_in(draw(book, language)) == [block.code for block in book.page(language).blocks]


def test_inline_values_are_computed_from_the_record(book: SmallBook):
    assert '<span class="value" data-value="total"' in (page := recorded(book))
    assert ">3</span>" in page


def test_a_missing_record_is_loud(book: SmallBook):
    page = draw(book)
    assert page.count("block-missing") == 2
    assert "make run" in page
    assert "value-missing" in page
    assert "data-seconds" not in page


def test_an_outdated_record_is_loud(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    book.edit(book.snippet, "seed = 0", "import numpy\nseed = 0")
    record.save(book, run_once(book, book.page()))
    book.edit(book.root / "requirements.txt", "numpy==", "numpy==9.")
    assert draw(book).count("已过时") == 2


def test_a_damaged_record_is_loud(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    file = record.path(book, book.page().blocks[0].name, "cpu")
    file.write_text("{", encoding="utf-8")
    assert "已损坏" in draw(book)


def test_an_inline_value_of_an_unknown_name_is_loud(book: SmallBook):
    book.edit(book.zh, "`{python} total`", "`{python} totall`")
    assert "value-missing" in recorded(book)
    assert "totall" in draw(book)


def test_inline_syntax_inside_a_fence_is_only_shown(book: SmallBook):
    book.edit(book.zh, "总和是", "```text\n`{python} total`\n```\n\n总和是")
    assert "`{python} total`" in recorded(book)


def test_annotations_stay_beside_their_code_and_outputs_follow(book: SmallBook):
    book.edit(book.snippet, "share = total / 4", "share = total / 4  # (1)!")
    book.edit(book.zh, 'second"\n```', 'second"\n```\n\n1.  一条注解')
    page = recorded(book)
    assert page.index("share") < page.index("<ol>") < page.index("0.75")
    assert re.search(r"</div>\s*<ol>", page)


def test_a_numbered_list_after_code_without_annotations_is_left_alone(book: SmallBook):
    book.edit(book.zh, 'second"\n```', 'second"\n```\n\n1.  一条')
    page = recorded(book)
    assert page.index("0.75") < page.index("<ol>")


def test_blocks_inside_a_fold_are_drawn_inside_it(book: SmallBook):
    old = '```python\n--8<-- "part/small.py:second"\n```'
    book.edit(book.zh, old, '??? success "检查"\n\n    ' + old.replace("\n", "\n    "))
    page = recorded(book)
    fold = page[page.index('<details class="success">') :]
    assert fold.index("0.75") < fold.rindex("</details>")
    assert code_in(page) == [block.code for block in book.page().blocks]


def figure(book: SmallBook, base: str) -> str:
    book.edit(book.snippet, "share = total / 4\nshare", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()")
    book.edit(book.zh, 'second"\n```', 'second"\n```\n\n![一条线](figure:1 "图：`{python} total`")')
    record.save(book, run_once(book, book.page()))
    return draw(book, base=base)


def test_figures_stand_where_the_page_places_them_for_light_and_dark(book: SmallBook):
    page = figure(book, "../../")
    name = book.page().blocks[1].name
    assert page.count("<figure") == 1 and page.count('alt="一条线"') == 2
    assert re.search(rf'class="only-light" src="\.\./\.\./assets/figures/{name}-cpu-1-\w+\.svg"', page)
    assert re.search(rf'class="only-dark" src="\.\./\.\./assets/figures/{name}-cpu-1-\w+\.dark\.svg"', page)
    assert "<figcaption>图：3</figcaption>" in page
    assert "<p><figure" not in page


def test_captions_are_markdown_and_alternative_texts_plain(book: SmallBook):
    book.edit(book.snippet, "total = 1 + 2", "total = 1 + 2\nmarks, joined = 'a*b*', 'a_b'")
    figure(book, "")
    caption = "曲线 $y = x^2$ 与 **粗** 的 `code`、[链接](#top)，记作 `{python} f'{marks} {total}'`"
    book.edit(book.zh, "一条线", "折线图 $x^2$ 的 **线** `{python} joined`")
    book.edit(book.zh, "图：`{python} total`", caption)
    page = draw(book, base="../../")
    (shown,) = re.findall("<figcaption>(.*)</figcaption>", page)
    assert 'data-tex="y = x^2"' in shown
    assert "<strong>粗</strong>" in shown and "<code>code</code>" in shown and '<a href="#top">链接</a>' in shown
    assert shown.endswith("记作 a*b* 3") and "<em>" not in shown
    assert set(re.findall('<img[^>]* alt="([^"]*)"', page)) == {"折线图 x^2 的 线 a_b"}


def test_a_figure_stands_wherever_markdown_lets_it(book: SmallBook):
    figure(book, "")
    placed = '![一条线](figure:1 "图：`{python} total`")'
    for around in (
        "> {}",
        "- 项\n\n    {}",
        "- {}",
        "前文\n{}\n后文",
        "前文 {} 后文",
        '!!! note "注"\n\n    {}',
        "| a |\n|---|\n| {} |",
    ):
        book.edit(book.zh, placed, around.format(placed))
        page = draw(book, base="../../")
        assert page.count("<figure") == 1 and "figure:" not in page and "<p></p>" not in page, around
        assert "<p><figure" not in page and ("前文" in page) == ("前文" in around), around
        book.edit(book.zh, around.format(placed), placed)


def test_where_the_place_of_the_page_is_unknown_figures_are_embedded(book: SmallBook):
    assert figure(book, "").count('src="data:image/svg+xml;base64,') == 2


def test_a_figure_that_was_not_drawn_is_loud(book: SmallBook):
    book.edit(book.zh, 'second"\n```', 'second"\n```\n\n![一条线](figure:1 "图")')
    assert "block-warning" in recorded(book)


def test_the_whole_script_has_no_marks(book: SmallBook):
    book.edit(book.snippet, "seed = 0", "seed = 0  # (1)!")
    book.zh.write_text(book.zh.read_text(encoding="utf-8") + "\n<!-- script: part/small.py -->\n", encoding="utf-8")
    page = draw(book)
    script = html.unescape(re.sub(r"<[^>]+>", "", page.split('class="whole-script"')[1]))
    assert "--8<--" not in script and "(1)!" not in script and "share = total / 4" in script
    assert 'href="../../assets/scripts/part/small.py"' in page


def test_the_dark_picture_differs_only_in_its_ink(book: SmallBook):
    figure(book, "../../")
    shown = record.shown(book, book.page().blocks[1].name)
    assert shown
    light, dark = figures.files(book, "zh", shown.name, next(iter(shown.result.figures))).values()
    assert light != dark and dark == light.replace(figures.LIGHT_INK.encode(), figures.DARK_INK.encode())


def test_the_badge_shows_cpu_and_gpu_seconds_when_both_exist(book: SmallBook):
    records = run_once(book, book.page())
    on_gpu = [replace(r, device="gpu", result=replace(r.result, seconds=0.25)) for r in records]
    record.save(book, [*(replace(r, result=replace(r.result, seconds=12.34)) for r in records), *on_gpu])
    assert ">Ran</span> 12.3 s · CPU · 0.25 s · GPU" in draw(book, "en")
    for one in records:
        record.path(book, one.name, "cpu").unlink()
    page = draw(book, "en")
    assert ">Ran</span> 0.25 s · GPU" in page and 'data-device="gpu"' in page
    assert ">0.75</pre>" in page, "with a record of a GPU alone, the output is there,"
    assert ">3</span>" in page and "value-missing" not in page, "and so are the inline values"
    assert not [
        found
        for found in publishable.check(book)
        if "has not run" in found.problem or "cannot be computed" in found.problem
    ]


def test_a_script_is_downloaded_with_the_blank_lines_of_its_file():
    inner = "def f():\n    # --8<-- [start:b]\n    x = 1\n\n    # --8<-- [end:b]\n    y = 2"
    text = f'"""About it."""\n\n# --8<-- [start:a]\nimport a  # (1)!\n\n\n{inner}\n# --8<-- [end:a]\n\n\n'
    text += "# --8<-- [start:c]\nz = 3\n\n\n# --8<-- [end:c]\n\nw = 4\n"
    plain = '"""About it."""\n\nimport a\n\n\ndef f():\n    x = 1\n\n    y = 2\n\n\nz = 3\n\n\nw = 4\n'
    assert extension.clean_script(text) == plain


def test_a_fence_that_cannot_be_drawn_stays_and_says_so(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fail(*_args: object, **_options: object) -> str:
        raise RuntimeError("no lexer <here>")

    monkeypatch.setattr("pymdownx.highlight.Highlight.highlight", fail)
    page = draw(book)
    assert page.count("⚠ no lexer &lt;here&gt;") == 2 and "total = 1 + 2" in page
    assert len(caplog.messages) == 2 and "no lexer" in caplog.text, "a strict build fails"
    assert page.count('data-block="') == 2, "what the block put out is still shown"


def test_without_superfences_the_error_says_what_to_do(book: SmallBook):
    with pytest.raises(BookError, match="superfences") as caught:
        Markdown(extensions=[extension.BookExtension(root=str(book.root))])
    assert "above book.draw.extension" in caught.value.findings[0].remedy


def test_a_value_that_differs_from_run_to_run_is_drawn_as_one(book: SmallBook):
    book.edit(book.snippet, "total = 1 + 2", "import time\ntotal = 3 + 0 * time.perf_counter()  # measured: time")
    page = recorded(book)
    assert '<span class="value value-measured" data-value="total" data-from="#block-1" title="在这台机器上测得' in page
    assert "Measured on this machine, differs from run to run: total" in draw(book, "en")
