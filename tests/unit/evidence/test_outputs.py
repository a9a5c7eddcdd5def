"""Each kind of output is recorded, drawn and put into the notebook; what has no kind is refused with its line."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Any

import pytest

from book.check import publishable
from book.core.findings import BookError
from book.evidence import outputs, record
from book.notebook.twin import twin
from book.run.session import run_page
from tests.unit.draw.test_render import draw
from tests.unit.miniature import SECOND_BLOCK, Kernel, SmallBook, only_finding

BLOCK = "share = total / 4\nshare"


def run(book: SmallBook, code: str) -> record.Record:
    book.edit(book.snippet, BLOCK, code.strip())
    kept = run_page(book, book.page())
    record.save(book, kept)
    return kept[1]


def refused(book: SmallBook, code: str) -> str:
    with pytest.raises(BookError) as problem:
        run(book, code)
    finding = only_finding(problem.value)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK)
    return finding.problem + " " + finding.remedy


def code_cell(book: SmallBook) -> Any:
    return [cell for cell in twin(book, book.page()).cells if cell.cell_type == "code"][1]


TEXTS = r"""
from IPython.display import HTML, Latex, Markdown, Math, display
display(Markdown("**bold** and $x^2$"))
display(Math(r"\frac{a}{b}"))
display(Latex("the root $r$ of *f*"))
display(HTML("<table><tr><td>7</td></tr></table>"))
{1: 2}
"""


def test_texts_are_drawn_below_their_block(book: SmallBook):
    kept = run(book, TEXTS)
    assert [list(output["data"]) for output in kept.result.outputs] == [
        [f"text/{kind}"] for kind in ("markdown", "latex", "latex", "html", "plain")
    ]
    page = draw(book).split("</code>")[-1]
    for drawn in ("<strong>bold</strong>", "<em>f</em>", "<td>7</td>", ">{1: 2}</pre>", r'data-tex="\frac{a}{b}"'):
        assert drawn in page
    assert page.count("<mjx-container") == 3 and "object" not in page and "$" not in page
    assert re.findall(r'id="(block-2-f-[^"]*)"', page), "the glyphs of outputs have names of their own"
    assert [output["data"] for output in code_cell(book).outputs] == [output["data"] for output in kept.result.outputs]


PICTURES = """
import io
from IPython.display import Image, display
from PIL import Image as Picture
for format in ("png", "jpeg", "gif"):
    file = io.BytesIO()
    Picture.new("RGB", (4, 4), "red").save(file, format)
    display(Image(file.getvalue(), format=format))
display({"video/mp4": "YSB2aWRlbw==", "text/plain": "film"}, raw=True)
"""


def test_pictures_and_a_short_video_become_files_that_the_page_places(book: SmallBook):
    placed = "\n\n".join(f'![一幅红色的图](figure:{n} "红色的图。")' for n in (1, 2, 3, 4))
    book.edit(book.zh, 'second"\n```', f'second"\n```\n\n{placed}')
    files = run(book, PICTURES).result.figures
    assert [outputs.of_file(name).mime for name in files] == ["image/png", "image/jpeg", "image/gif", "video/mp4"]
    page, cell = draw(book), code_cell(book)
    for name in files:
        assert f'src="../../assets/figures/{book.page().blocks[1].name}-{name}"' in page
    assert "<video controls loop muted" in page and files[name] == b"a video"
    for (name, content), output in zip(files.items(), cell.outputs[:3], strict=False):
        assert output["data"] == {outputs.of_file(name).mime: b64encode(content).decode()}
    assert "data:video/mp4;base64,YSB2aWRlbw==" in cell.outputs[3]["data"]["text/html"]


def test_what_has_no_kind_is_refused_with_its_line(kernel: Kernel):
    with pytest.raises(BookError, match="an object: <object at 0x") as problem:
        kernel("object()")
    finding = only_finding(problem.value)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", kernel.book.page().blocks[-1].line)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"text/plain": "<object object at 0x7f12ab>"}, "an object: <object object at 0x"),
        ({"text/plain": "<IPython.core.display.Image object>"}, "an object: <IPython"),
        ({"text/plain": "[<matplotlib.lines.Line2D at 0x7f12ab>]"}, "an object: ..matplotlib"),
        ({"text/plain": "<function <lambda> at 0x7f12ab>"}, "an object: <function"),
        ({"application/json": {"a": 1}, "text/plain": "<IPython.core.display.JSON object>"}, "type application/json"),
        ({"application/x-plot": 1, "text/plain": "Plot()"}, "the type application/x-plot"),
    ],
)
def test_objects_and_unknown_types_are_refused(data: dict[str, Any], says: str):
    with pytest.raises(outputs.Refused, match=says) as problem:
        outputs.record([{"output_type": "execute_result", "metadata": {}, "data": data}], "cpu")
    assert "text/markdown" in problem.value.remedy


@pytest.mark.parametrize(
    "text", ["'<object>'", "'stopped at 0x7f12ab'", "<Figure size 640x480 with 1 Axes>", "'an object'"]
)
def test_texts_that_only_name_an_object_are_shown(text: str):
    raw = {"output_type": "execute_result", "metadata": {}, "data": {"text/plain": text}}
    assert outputs.record([raw], "cpu")[0][0]["data"] == {"text/plain": text}


SCATTER = """
import numpy as np
import matplotlib.pyplot as plt
plt.scatter(*np.random.default_rng(0).normal(size=(2, 9_000)), s=1{})
plt.show()
"""


def test_a_heavy_figure_is_refused_with_what_makes_it_light(kernel: Kernel):
    with pytest.raises(BookError) as problem:
        kernel(SCATTER.format(""))
    assert "rasterized=True" in only_finding(problem.value).remedy
    ((_, content),) = kernel(SCATTER.format(", rasterized=True")).figures.items()
    assert b"<text" in content and len(content) < 100_000


@pytest.mark.parametrize("mime", [mime for mime, kind in outputs.KINDS.items() if kind.is_text])
def test_what_is_too_large_is_refused(mime: str):
    raw = {"output_type": "display_data", "metadata": {}, "data": {mime: "much " * 200_001}}
    with pytest.raises(outputs.Refused, match=f"kB of {re.escape(mime)}"):
        outputs.record([raw], "cpu")


@pytest.mark.parametrize("mime", ["text/html", "text/markdown", "text/latex", "image/svg+xml"])
@pytest.mark.parametrize(
    "content",
    [
        '<img src="https://cdn.example/a.png">',
        "<script>1</script>",
        '<b onclick="alert(1)">x</b>',
        '<a href="javascript:alert(1)">x</a>',
        '<p class="value">98</p>',
        "</div><p>",
    ],
)
def test_every_kind_of_output_is_held_to_the_list(mime: str, content: str):
    raw = {"output_type": "display_data", "metadata": {}, "data": {mime: content}}
    with pytest.raises(outputs.Refused, match="puts out what"):
        outputs.record([raw], "cpu")


@pytest.mark.parametrize(
    "text", ["![x](https://cdn.example/a.png)", "[x](javascript:alert(1))", "[x](data:text/html,1)"]
)
def test_markdown_is_judged_by_what_it_becomes(text: str):
    raw = {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": text}}
    with pytest.raises(outputs.Refused, match="puts out what"):
        outputs.record([raw], "cpu")


@pytest.mark.parametrize(
    ("mime", "content"),
    [
        ("text/html", '<a href="https://example.org/">a link</a><p>https://example.org/</p>'),
        ("text/html", '<table border="1" class="dataframe"><tr style="text-align: right;"><th>x</th></tr></table>'),
        ("text/html", '<pre style="white-space:pre"><span style="color: #00af00">x</span></pre>'),
        ("text/markdown", "[a link](https://example.org/), $a<b$, `<script>` and **bold**"),
        ("text/latex", r"$\displaystyle \frac{a}{b} < c$"),
    ],
)
def test_what_libraries_put_out_is_let_through(mime: str, content: str):
    raw = {"output_type": "display_data", "metadata": {}, "data": {mime: content}}
    assert outputs.record([raw], "cpu")[0]


def test_other_hosts_are_refused_by_run_and_check(book: SmallBook):
    code = "from IPython.display import HTML\nHTML('<img src=\"https://cdn.example/a.png\">')"
    assert "another host: https://cdn.example/a.png" in refused(book, code)
    book.edit(book.snippet, "https://cdn.example/a.png", "a.png")
    old = run_page(book, book.page())
    old[1].result.outputs[0]["data"]["text/html"] = '<img src="https://cdn.example/a.png">'
    record.save(book, old)
    (finding,) = [one for one in publishable.check(book) if "another host" in one.problem]
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK) and "make run" in finding.remedy


CONTROLS = [
    "".join(map(chr, range(32))),
    "\x02wzxhzdk:0\x03",
    "\x1b]8;;https://example.org\x07a link\x1b]8;;\x07 \x1b[1mbold\x1b[0m \x9b1m\x85",
]


@pytest.mark.parametrize("text", CONTROLS)
@pytest.mark.parametrize("mime", ["stream", "text/plain", "text/html", "text/markdown"])
def test_control_characters_reach_neither_record_nor_page(book: SmallBook, text: str, mime: str):
    raw: dict[str, Any] = {"output_type": "display_data", "metadata": {}, "data": {mime: f"a{text}b"}}
    if mime == "stream":
        raw = {"output_type": "stream", "name": "stdout", "text": f"a{text}b"}
    (kept,), _ = outputs.record([raw], "cpu")
    for shown in (str(kept.get("text", kept.get("data", {}).get(mime))), outputs.draw(raw, "", lambda text: text)):
        assert not [c for c in shown if ord(c) < 32 and c not in "\t\n"] and "\x85" not in shown
        assert "b" in shown


def test_what_is_printed_reaches_the_page_as_a_terminal_shows_it(book: SmallBook):
    kept = run(book, "print(" + " + ".join(map(repr, CONTROLS)) + ")\nprint('10%\\r99%')")
    assert "a link bold" in kept.result.outputs[0]["text"] and kept.result.outputs[0]["text"].endswith("\n99%\n")
    page = draw(book)
    assert "wzxhzdk:0" in page and not set(page) & set(map(chr, [*range(9), *range(11, 32)]))
