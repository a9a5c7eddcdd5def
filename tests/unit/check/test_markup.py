"""Nothing on a page, in an output or in a figure runs, fetches from another host, or looks like evidence."""

from __future__ import annotations

import pytest

from book.check import files, links, lint
from book.core import markup
from book.core.findings import BookError
from book.core.page import read
from book.core.site import Book
from tests.unit.miniature import SmallBook

LINE = 12
"""Of the miniature's page, where the tests write."""

BAD = [
    # what runs
    "<script>1</script>",
    '<script src="a.js"></script>',
    '<b onclick="alert(1)">x</b>',
    '<svg><path onload="alert(1)" d="M0 0"/></svg>',
    "<svg><script>1</script></svg>",
    "<svg><animate attributeName='href'/></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java&#9;script:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    # what is another document, or asks for something
    '<iframe src="a.html"></iframe>',
    '<iframe srcdoc="x"></iframe>',
    '<object data="a.html"></object>',
    '<embed src="a.html">',
    '<form action="a"><input name="a"></form>',
    '<base href="//example.org/">',
    '<meta http-equiv="refresh" content="0; url=a">',
    '<link rel="stylesheet" href="a.css">',
    "<style>.value { display: none }</style>",
    # what is fetched from another host
    '<img src="https://example.org/a.png" alt="x">',
    '<img src="//example.org/a.png" alt="x">',
    '<img src="\\\\example.org/a.png" alt="x">',
    '<img srcset="a.png 1x, https://example.org/a.png 2x" alt="x">',
    '<video poster="https://example.org/a.png"></video>',
    '<svg><image href="https://example.org/a.png"/></svg>',
    '<svg><use xlink:href="https://example.org/a.svg#a"/></svg>',
    '<svg><rect fill="url(https://example.org/a.svg#a)"/></svg>',
    '<div class="widget" data-source="https://example.org/a.csv"></div>',
    '<p style="background: url(//example.org/a.png)">x</p>',
    # what hides something
    '<p style="position: fixed">x</p>',
    '<p style="display: none">x</p>',
    "<p hidden>x</p>",
    # what looks like evidence
    '<span class="value" title="accuracy">98</span>',
    '<div class="block" data-block="0123456789">x</div>',
    # what browsers and parsers read differently
    "<img/src=x onerror=alert(1)>",
    "<!--><script>1</script>-->",
    "<![CDATA[<script>1</script>]]>",
    "<?x <script>1</script> ?>",
]
GOOD = [
    '<a href="https://example.org/" title="x">x</a>, <a href="mailto:a@example.org">x</a>, <a href="#top">x</a>',
    '<div class="widget" data-widget="softmax" data-source="../assets/data/a.csv"></div>',
    '<svg viewBox="0 0 1 1" role="img" aria-label="x"><g transform="scale(2)"><path d="M0 0" fill="none"/></g></svg>',
    '<svg><defs><linearGradient id="a"></linearGradient></defs><rect fill="url(#a)" width="1"/><use href="#b"/></svg>',
    '<img src="data:image/png;base64,//8=" alt="x">',
    "<table><tr><td colspan='2'>x<br>y</td></tr></table>",
]


@pytest.mark.parametrize("source", BAD)
def test_what_is_not_listed_is_refused_in_an_output(source: str):
    assert list(markup.faults(source, ("widget",), output=True))


@pytest.mark.parametrize("source", GOOD)
def test_what_is_listed_is_let_through_everywhere(book: SmallBook, source: str):
    assert list(markup.faults(source, ("widget",), output=True)) == list(markup.active(source)) == []
    book.edit(book.zh, "总和是 `{python} total`", source)
    assert list(lint.findings(book, book.page())) == []


@pytest.mark.parametrize("source", ["<b>x", "x</b>", "<b/>x", "<b><i>x</b></i>", "</div></div><div>", "<![x"])
def test_an_output_cannot_break_out_of_its_place(source: str):
    assert list(markup.faults(source, output=True))


@pytest.mark.parametrize(
    "style", ["color: #00d7ff; font-weight: bold", "text-align: right;", "white-space:pre;overflow-x:auto"]
)
def test_what_libraries_put_out_may_have_colors_and_pages_may_not(style: str):
    source = f'<p style="{style}">x</p>'
    assert list(markup.faults(source, output=True)) == [] and list(markup.faults(source))


SVG = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.mark.parametrize(
    "inside",
    [
        "<script/>",
        "<style>@import 'a'</style>",
        "<style>*{fill:url(//a.b)}</style>",
        "<foreignObject/>",
        "<path>",
        "<image x:href='https://a.b/c.png'/>",
        "<image href='//a.b'/>",
        "<!-- <script> -->",
        "<path onload='a'/>",
    ],
)
def test_a_figure_is_held_to_the_same_list(inside: str):
    assert list(markup.faults(SVG.format(inside), output=True, document=True))
    good = "<style>*{stroke-linecap: butt}</style><!-- $x$ --><path d='M0 0' clip-path='url(#a)'/>"
    assert list(markup.faults(SVG.format(good), output=True, document=True)) == []


def test_entities_of_a_figure_are_refused():
    bomb = f'<!DOCTYPE svg [<!ENTITY a "<script/>">]>{SVG.format("&a;")}'
    assert list(markup.faults(bomb, output=True, document=True))


# --- Pages


def on_page(book: SmallBook, text: str) -> list[int]:
    """Put a text on line 12 of the page and return the lines of what is found."""
    book.edit(book.zh, "总和是 `{python} total`", text)
    try:
        page = book.page()
    except BookError as problem:
        return [finding.line for finding in problem.findings]
    found = [*lint.findings(book, page), *links.findings(book, page, {("zh", "part/page"): page})]
    assert all(finding.file == "docs/zh/part/page.md" and finding.remedy for finding in found)
    return [finding.line for finding in found]


@pytest.mark.parametrize("source", BAD)
def test_what_is_not_listed_is_refused_on_a_page_with_its_line(book: SmallBook, source: str):
    assert LINE + 2 in on_page(book, f"好。\n\n{source}\n\n好。")


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",
        "[x](JavaScript&colon;alert(1))",
        "[x](data:text/html,1)",
        "[x](<vbscript:1>)",
        "[x][1]\n\n[1]: javascript:alert(1)",
        "[x]: file:///etc/passwd",
        "好。\n[x]: javascript:alert(1)\n\n[x]",
        "> 好。\n> [x]: javascript:alert(1)\n\n[x]",
        "好。\n[x]: https://example.org\n\n[x]",
        "<javascript://x>",
        "![x](https://example.org/x.png)",
        "![x](//example.org/x.png)",
        "![x][1]\n\n[1]: https://example.org/x.png",
        "**x**{ onclick=alert(1) }",
        "**x**{ hidden onclick=alert(1) }",
        '**x**{ style="display: none" }',
        '**x**{ .value title="accuracy" }',
        '**x**{ .a title="}" onclick="alert(1)" }',
        '[x](page.md){ href="javascript:alert(1)" }',
        "x\n{ onclick=alert(1) }",
        "## x {#x .block onclick=1}",
        "`x`{ .value }",
        '!!! block-badge "已运行"\n\n    好。',
        '??? note value "好"\n\n    好。',
        "!!! note \"<img/src=x onerror='alert(1)'>\"\n\n    好。",
        "[<img/src=x onerror=alert(1)>](page.md)",
        r"\<img src=x onerror=alert(1)>",
        "> <img/src=x onerror=alert(1)>",
        "| a |\n|---|\n| <img/src=x> |",
        "<!--[if IE]><b>x</b><![endif]-->",
        "<!-->",
        "--8<--\npart/small.py\n--8<--",
        ';--8<-- "part/small.py"',
    ],
)
def test_what_markdown_makes_of_it_is_held_to_the_same_list(book: SmallBook, text: str):
    assert on_page(book, text)


@pytest.mark.parametrize("line", ["title: <b>x</b>", "title: 'x\">'", "template: other.html"])
def test_the_head_of_a_page_takes_no_marks(book: SmallBook, line: str):
    book.edit(book.zh, "title: 小页", line if line.startswith("title") else f"title: 小页\n{line}")
    assert on_page(book, "好。")


# --- Drawn pages


@pytest.mark.parametrize("source", [each for each in BAD if any(on in each for on in ("script", "onerror", "src"))])
def test_a_drawn_page_is_looked_at_again(source: str):
    hidden = source.startswith(("<!", "<?"))  # to a browser: `check` refuses it
    assert hidden or list(markup.active(f"<h1>x</h1>{source}"))


def test_a_drawn_page_may_bring_the_scripts_of_the_book_itself():
    assert not list(markup.active('<script type="module" src="../../assets/javascripts/tables.js"></script>'))
    for source in ("//a.b/assets/javascripts/tables.js", "../assets/data/a.js", "assets/javascripts/../../a.js"):
        assert list(markup.active(f'<script src="{source}"></script>'))


# --- Files


@pytest.mark.parametrize(
    "name",
    [
        "docs/zh/assets/figures/0123-figure.svg",
        "docs/zh/assets/scripts/part/small.py",
        "docs/en/assets/javascripts/words/kit.json",
        "docs/en/CNAME",
        "docs/zh/claim.html",
        "docs/zh/claim.markdown",
        "docs/zh/part/README.md",
        "docs/zh/part/page.md~",
        "docs/zh/.claim.md",
        "docs/zh/.hidden/claim.md",
        "theme/assets/figures/0123-figure.svg",
        "theme/assets/javascripts/words/kit.json",
        "theme/notebooks/part/page/index.html",
    ],
)
def test_a_file_beside_the_pages_is_named(book: SmallBook, name: str):
    file = book.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x", encoding="utf-8")
    (finding,) = files.findings(book)
    assert finding.file == name and finding.remedy


@pytest.mark.parametrize("name", ["docs/zh/a.md", "docs/zh/part/a", "docs/data/a.csv", "snippets/a.py", "theme/a.html"])
def test_a_link_to_somewhere_else_is_named(book: SmallBook, name: str):
    file = book.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to("/etc")
    assert [finding.file for finding in files.findings(book)] == [name]


def test_the_book_itself_has_no_file_beside_its_pages():
    assert [*files.findings(Book()), *files.settings(Book())] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("extra_css:", "extra_javascript: [https://example.org/a.js]\nextra_css:"),
        ("extra_css:", "hooks: [hook.py]\nextra_css:"),
        ("extra_css:", "exclude_docs: '!.*'\nextra_css:"),
        ("extra_css:\n", "extra_css:\n  - https://example.org/a.css\n"),
        ("extra:\n", "extra:\n  analytics: {provider: google, property: x}\n"),
        ("plugins:\n", "plugins:\n  privacy: {}\n"),
        ("  font: false", "  font: {text: Roboto}"),
        ("  font: false", "  logo: https://example.org/a.png\n  font: false"),
        ("copyright: ", "copyright: <script>1</script>"),
        ("  - 首页: index.md", "  - <b onclick='1'>首页</b>: index.md"),
        ("  - 首页: index.md", "  - 首页: javascript:alert(1)"),
        ("site_dir: site", "site_dir: !!python/object/apply:os.system [ls]"),
    ],
)
def test_a_setting_that_brings_something_into_the_site_is_named(book: SmallBook, old: str, new: str):
    file = book.config_file("zh")
    book.edit(file, old, new)
    before = list(files.settings(Book()))
    (finding,) = files.settings(book)
    assert before == [] and finding.file == "mkdocs.yml" and finding.line and finding.remedy


# --- Scripts


def test_a_script_for_download_comes_from_the_snippets(book: SmallBook):
    (book.snippets / "part" / "secret.py").symlink_to("/etc/passwd")
    for name in ("/etc/passwd", "../book.toml", "part/secret.py", "part", "part/../../mkdocs.yml", ""):
        assert book.script(name) is None, name
    assert book.script("part/small.py") == book.snippet


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("# --8<-- [start:second]", "raise SystemExit\n# --8<-- [start:second]", 7, "no block there runs it"),
        ("# --8<-- [start:first]", "accuracy = 0.99\n# --8<-- [start:first]", 1, "no block there runs it"),
        ("share\n# --8<-- [end:second]", "share\n# --8<-- [end:second]\nshare = 1", 11, "no block there runs it"),
        ("seed = 0", "seed = 0", 0, ""),
    ],
)
def test_every_line_of_a_script_is_run_by_its_page(book: SmallBook, old: str, new: str, line: int, says: str):
    book.edit(book.zh, "总和是", "<!-- script: part/small.py -->\n\n总和是")
    book.edit(book.snippet, old, new)
    found = [(finding.file, finding.line) for finding in lint.scripts(book, book.page()) if says in finding.problem]
    assert found == ([("snippets/part/small.py", line)] if line else [])


def test_a_script_runs_in_the_order_of_its_page(book: SmallBook):
    book.edit(book.zh, "总和是", "<!-- script: part/small.py -->\n\n总和是")
    text = book.zh.read_text(encoding="utf-8")
    book.zh.write_text(text.replace("first", "x").replace("second", "first").replace(":x", ":second"), encoding="utf-8")
    (finding,) = lint.scripts(book, book.page())
    assert "another order" in finding.problem


def test_the_scripts_of_the_book_are_what_its_pages_run():
    book = Book()
    assert [found for name in book.page_names("zh") for found in lint.scripts(book, read(book, "zh", name))] == []
