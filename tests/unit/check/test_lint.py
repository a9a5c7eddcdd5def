"""What a page would show otherwise than it was meant is named with its line, and its remedy."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess

import pytest

from book.check import files, lint, publishable
from book.core import inputs, site, syntax
from book.core.findings import BookError, Finding
from book.equations import declare
from book.evidence import long_run
from tests.unit.miniature import SmallBook

LINE = 12
"""Of the miniature's page, where the tests write."""


def write(book: SmallBook, text: str) -> list[Finding]:
    """Put a text on line 12 of the Chinese page; return what is wrong with the page, or keeps it from being read."""
    book.edit(book.zh, "总和是 `{python} total`", text)
    try:
        found = list(lint.findings(book, book.page()))
    except BookError as problem:
        found = list(problem.findings)
    assert all(finding.remedy and finding.file == "docs/zh/part/page.md" for finding in found)
    return found


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        # shown, but never run
        ("> ```python\n> print(undefined)\n> ```", 0, "shown and never run"),
        ('> ```bash\n> --8<-- "part/small.py:first"\n> ```', 0, "shown and never run"),
        ('> ```text\n> --8<-- "part/small.py:first"\n> ```', 1, "this include is shown"),
        ('> --8<-- "part/small.py:first"', 0, "this include is shown"),
        ("看：\n\n    print(undefined)", 2, "code by indentation"),
        ("- 看：\n\n          print(undefined)", 2, "code by indentation"),
        ("``` python\nx = 1\n```", 0, "slip past"),
        ("<!--\n```python\nn = 99\n```\n-->", 1, "would run, but is not shown"),
        ("~~~text\n```bash\nls\n```\n~~~", 1, "would run, but is not shown"),
        ("<!--pytest-codeblocks:nothing-->", -12, "pytest-codeblocks cannot read"),
        # words that would vanish
        ("以 <s> 开头。", 0, "<s> would vanish"),
        ("## 词元 <eos> {#eos}", 0, "<eos> would vanish"),
        ('!!! note "词元 <pad>"\n\n    好。', 0, "<pad> would vanish"),
        ("> 用 <unk>。", 0, "<unk> would vanish"),
        ("| a |\n|---|\n| <mask> |", 2, "<mask> would vanish"),
        ('![一条线 <cls>](figure:1 "一条上升的线")', 0, "<cls> would vanish"),
        ("看 <b>这里。", 0, "<b> is never closed"),
        ("看</div>", 0, "</div> closes nothing"),
        # dollars
        ("每小时 $5-$10 美元。", 0, "around '5-' make a formula"),
        ("每小时 HK$5 或 US$10。", 0, "around '5 或 US' make a formula"),
        ("每次 $5 apiece or 10$。", 0, "make a formula"),
        # values
        ("是 `{python} total\n+ 1`。", 0, "shown as code, not computed"),
        ("是 `{python}total`。", 0, "shown as code, not computed"),
        ("是 `{Python} total`。", 0, "shown as code, not computed"),
        (r"均值 $\bar{x} = `{python} total`$。", 0, "inline value stands in a formula"),
        ("$$\nx = `{python} total`\n$$", 0, "inline value stands in a formula"),
        # formulas
        ("准确率 $p = 95% + q$。", 0, "what follows %"),
        ('![线 $y = x^2$ 上升](figure:1 "一条上升的线")', 0, "'y = x^2' stands in an alternative text"),
        ("| 名 | 式 |\n|---|---|\n| 绝对值 | $|x|$ |", 2, "this row of the table has 4 cells"),
        ("| 名 | 式 |\n|---|---|\n| 绝对值 |", 2, "this row of the table has 1 cells"),
        ("文字\n$$\nx\n$$", 1, "needs an empty line"),
        ("$$\nx\n$$\n文字", 0, "needs an empty line"),
        ("<figure>\n<figcaption>线 $x$ 上升</figcaption>\n</figure>", 1, "'x' stands in plain HTML"),
        ("<div>\n\n好 $x$。\n\n</div>", 2, "'x' stands in plain HTML"),
        ("文字：\n- 一\n- 二", 1, "this list begins within a paragraph"),
        ("文字：\n1. 一\n2. 二", 1, "this list begins within a paragraph"),
        ("文字：\n| a | b |\n|---|---|\n| c | d |", 2, "this table begins within a paragraph"),
        # directives
        ("<!-- script: part/typo.py -->", 0, "there is no snippets/part/typo.py"),
        ("<!-- script: part/第 1 步.py -->", 0, "has no spaces"),
        ("<!-- script: ../book.toml -->", 0, "there is no book.toml"),
        ("<!-- scirpt: part/small.py -->", 0, "nothing is known of 'scirpt'"),
        ("<!-- report -->", 0, "there is no report ''"),
        ("<!-- report: page -->", 0, "there is no report 'page'"),
        ("看 <!-- script: part/small.py -->", 0, "does nothing within a line"),
        # code
        ("```python\nx = 1\n```", 1, "code is typed"),
        ('```python\n--8<-- "part/small.py:first"\nx = 1\n```', 1, "code is typed"),
        ("```python\nx = '\t'\n```", 1, "a tab stands in code"),
        ("```javascript\nlet x = 1;\n```", 1, "code is typed"),
    ],
)
def test_each_fault_is_named_with_its_line(book: SmallBook, text: str, line: int, says: str):
    found = write(book, text)
    assert [finding.line for finding in found if says in finding.problem] == [LINE + line], found


@pytest.mark.parametrize(
    "text",
    [
        "> 一句话。\n\n> ```text\n> 只是看看\n> ```",
        "````text\n```python\nx\n```\n````",
        "以 `<s>` 开头，以 `</s>` 结尾。<br>看 <kbd>Esc</kbd>，<https://example.org>。",
        '<div class="widget" markdown>\n\n好。\n\n</div>\n\n<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
        r"价格是 \$5 到 \$10，$6ND$、$95\%$、$2$ 和 $n$；$1.5 billion, about $2。",
        "`` `{python} total` `` 是写法。",
        "| 名 | 式 |\n|---|---|\n| `a|b` | $\\vert x \\vert$ \\| |",
        "文字\n\n<!-- unchecked: 例子 -->\n$$\nx\n$$\n\n文字",
        '<div class="widget" markdown>\n\n好 $x$，<b>$y$</b>。\n\n</div>',
        "- 一\n  续 - 二\n- 三\n\n    - 四\n\n> 1. 五\n> 2. 六\n\n甲 - 乙\n丙。",
        '!!! note "题"\n    - 一\n    - 二\n\n| a | b |\n|---|---|\n| c | d |',
        '!!! note "题"\n    $$\n    x\n    $$',
        "<!-- 一句话，没有别的 -->\n\n<!-- script: part/small.py -->",
        '- 一项\n\n    ```python\n    --8<-- "part/small.py:first"\n    ```',
    ],
)
def test_what_is_shown_as_it_is_meant_is_left_alone(book: SmallBook, text: str):
    assert write(book, text) == []


@pytest.mark.parametrize("row", ['row = "name\tage"', 'row = """\n\tname\n"""', "if seed:\n\trow = 1"])
def test_a_tab_in_a_snippet_is_named_before_it_runs(book: SmallBook, row: str):
    book.edit(book.snippet, "seed = 0", f"seed = 0\n{row}")
    with pytest.raises(BookError, match=r"a tab stands in code that runs \(snippets/part/small.py:[345]\)"):
        book.page()


# --- Front matter


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("time_limit: 2m", "time_limit is not a whole number: '2m'"),
        ("time_limit:", "time_limit is not a whole number: None"),
        ("page_seconds: 2 min", "page_seconds is not a whole number"),
        ("page_seconds: yes", "page_seconds is not a whole number: True"),
        ("time_limit: -1", "time_limit is not a whole number: -1"),
        ("needs: [1]", "needs is not a list of names"),
        ("mentions: {a: b}", "mentions is not a list of names"),
        ("tittle: x", "knows no 'tittle'"),
        ("title: x", "title stands in line 2, too"),
    ],
)
def test_each_key_of_the_front_matter_has_its_type(book: SmallBook, line: str, says: str):
    book.edit(book.zh, "description: 一页。", f"description: 一页。\n{line}")
    with pytest.raises(BookError) as caught:
        book.page()
    (finding,) = caught.value.findings
    assert says in finding.problem and finding.line == 4 and finding.remedy


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\U000e0041", "\x07"])
def test_what_nobody_sees_is_refused_wherever_it_stands(book: SmallBook, letter: str):
    assert not list(files.findings(book))
    for file, old in ((book.en, "The total is"), (book.snippet, "total = 1 + 2")):
        book.edit(file, old, f"{old}  # {letter}")
    found = {(one.file, one.line) for one in files.findings(book) if "is not seen" in one.problem}
    assert found == {("docs/en/part/page.md", 12), ("snippets/part/small.py", 3)}


def test_a_name_that_looks_like_another_is_refused(book: SmallBook):
    book.edit(book.snippet, "share = total / 4", "sh\u0430re = share = total / 4")
    (found,) = (one for one in lint.findings(book, book.page()) if "may look like another" in one.problem)
    assert found.line == 14 and "snippets/part/small.py:8" in found.problem


@pytest.mark.parametrize("title", ["2026", "[a]", "{a: b}", "2026-01-31"])
def test_a_title_is_a_text(book: SmallBook, title: str):
    book.edit(book.zh, "title: 小页", f"title: {title}")
    with pytest.raises(BookError, match="title is not a text"):
        book.page()


def test_a_front_matter_without_names_is_refused_and_one_name_may_stand_alone(book: SmallBook):
    book.edit(book.zh, "title: 小页", "title: 小页\nneeds: numpy")
    assert book.page().needs == ("numpy",)
    book.zh.write_text("---\n- title: x\n---\n\n# 小页 {#top}\n", encoding="utf-8")
    with pytest.raises(BookError, match="the front matter has no names"):
        book.page()


def test_a_byte_order_mark_is_no_part_of_a_page(book: SmallBook):
    before = book.page()
    book.zh.write_bytes(b"\xef\xbb\xbf" + book.zh.read_bytes())
    assert (book.page().meta, book.page().blocks) == (before.meta, before.blocks)


# --- Files and versions


def test_what_editors_leave_behind_is_no_page_and_no_data(book: SmallBook):
    (book.zh.parent / ".#page.md").symlink_to("me@host.123:456")
    (book.zh.parent / "broken.md").symlink_to("nowhere.md")
    (book.zh.parent / "page.md~").write_text("old", encoding="utf-8")
    (book.docs("zh") / ".trash").mkdir()
    (book.docs("zh") / ".trash" / "old.md").write_text("old", encoding="utf-8")
    (book.snippet.parent / ".#small.py").symlink_to("me@host.123:456")
    book.data.mkdir()
    (book.data / ".~lock.a.csv#").write_text("me", encoding="utf-8")
    (book.data / "a.csv").write_text("a\n", encoding="utf-8")
    assert book.page_names("zh") == ["part/page"]
    (book.snippet.parent / ".#a_long.py").symlink_to("me@host.123:456")
    (book.snippet.parent / ".#a_equations.py").symlink_to("me@host.123:456")
    assert list(site.files(book.snippets, "*.py")) == [book.snippet]
    assert (long_run.scripts(book), declare.declarations(book)) == ([], {})
    assert list(inputs.available(book)) == ["a.csv"]
    assert publishable.check(book)


CODES = (
    'w = 8\nprint(f"{1:>{w}}")', 'f"{x!r:}" f"" "a" f"{a}{b}" "c"', 'f"{a:{b}{c}}{d}e"', 'rf"\\n{x}{{}}" "z"',
    'print(f"{x:%H:%M}{y=}")', "def f(a, /, *, b=1): ...", "class A: ...", "try:\n    pass\nexcept* E:\n    pass",
)  # fmt: skip


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_names_are_the_same_in_other_versions_of_python(version: str):
    program = (
        f"import importlib.util as u; s = u.spec_from_file_location('chain', {syntax.__file__!r});"
        "c = u.module_from_spec(s); s.loader.exec_module(c);"
        f"print(*[c.canonical(t, 'python') for t in {CODES!r}], sep='\\n')"
    )
    # With pyenv, a version that is there but not chosen answers with an error of its own
    ran = subprocess.run(
        [shutil.which(f"python{version}") or "false", "-c", program], capture_output=True, text=True, check=False,
        env={**os.environ, "PYENV_VERSION": version},
    )  # fmt: skip
    if ran.returncode:
        pytest.skip(f"no Python {version} here")
    assert ran.stdout.splitlines() == [syntax.canonical(code, "python") for code in CODES]


def test_texts_of_an_f_string_are_put_together_however_the_tree_has_them():
    tree = ast.parse('f"ab{x:>{w}}"')
    whole = syntax._write(tree)
    (outer, inner) = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    outer.values[:1] = [ast.Constant("a"), ast.Constant(""), ast.Constant("b")]
    inner.values.append(ast.Constant(""))  # as Python 3.12 has it
    assert syntax._write(tree) == whole
