"""A page is read as its reader sees it, and every mistake in it is named with page and line."""

from __future__ import annotations

import pytest

from book.check import numbers
from book.core import inputs, store
from book.core.findings import BookError
from tests.unit.miniature import FIRST_BLOCK, SECOND_BLOCK, SmallBook, only_finding


def test_blocks_know_their_page_line_and_their_snippet_line(book: SmallBook):
    first, second = book.page().blocks
    assert (first.line, second.line) == (FIRST_BLOCK, SECOND_BLOCK)
    assert first.code == 'seed = 0\ntotal = 1 + 2\nprint("total", total)'
    assert first.snippet_place(2) == "snippets/part/small.py:3"
    assert second.snippet_place(1) == "snippets/part/small.py:8"


def test_both_languages_have_the_same_names(book: SmallBook):
    assert [b.name for b in book.page("zh").blocks] == [b.name for b in book.page("en").blocks]


def test_inline_values_know_the_blocks_above_them(book: SmallBook):
    (value,) = book.page().values
    assert (value.expression, value.after) == ("total", 1)


def test_fences_within_tabs_and_folds_are_found_without_their_indent(book: SmallBook):
    book.edit(
        book.zh,
        '```python\n--8<-- "part/small.py:second"\n```',
        '??? note "x"\n\n    ```python\n    --8<-- "part/small.py:second"\n    ```',
    )
    assert book.page().blocks[1].code == "share = total / 4\nshare"


def test_a_page_shows_and_runs_what_browsers_run(book: SmallBook):
    """A section of a file beside the snippets is shown without its marks; a block that names the file depends on it."""
    folder = next(each for each in book.included if each != book.snippets)
    folder.mkdir(parents=True)
    file = folder / "half.js"
    file.write_text(
        "// --8<-- [start:half]\nconst half = 0.512345;\n// --8<-- [end:half]\nlet rest;\n", encoding="utf-8"
    )
    book.edit(book.zh, "总和是", '```javascript\n--8<-- "half.js:half"\n```\n\n总和是')
    page = book.page()
    shown = next(line for line in page.lines if line.file == "half.js")
    assert (shown.text, shown.file_line) == ("const half = 0.512345;", 2) and len(page.blocks) == 2
    assert "let rest;" not in page.text
    assert not [each for each in numbers.findings(book, page) if "0.5" in each.problem]  # code, not prose
    book.edit(book.snippet, "seed = 0", 'script = "half.js"')
    before = book.page().blocks[0].name
    assert inputs.named(book, book.page().blocks[0].python) == {"half.js": file}
    book.edit(file, "let rest;", "let more;")
    assert book.page().blocks[0].name != before


def test_only_python_and_bash_fences_run(book: SmallBook):
    book.edit(book.zh, "总和是", "```console\npip install x\n```\n\n```text\nplain\n```\n\n总和是")
    assert len(book.page().blocks) == 2


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("small.py:first", "none.py:first", FIRST_BLOCK + 1, "none.py"),
        ("small.py:first", "small.py:nothing", FIRST_BLOCK + 1, "nothing"),
        ("part/small.py:first", "../secret.py", FIRST_BLOCK + 1, "secret.py"),
        ("part/small.py:first", "/etc/hostname", FIRST_BLOCK + 1, "hostname"),
        ('second"\n```', 'second"\n', SECOND_BLOCK, "never closed"),
        ("title: 小页", "title: [小页", 3, "YAML"),
    ],
)
def test_a_mistake_on_the_page_is_named_with_its_line(book: SmallBook, old: str, new: str, line: int, says: str):
    (book.root / "secret.py").write_text("password = 1\n", encoding="utf-8")
    book.edit(book.zh, old, new)
    with pytest.raises(BookError) as caught:
        book.page()
    finding = only_finding(caught.value)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", line)
    assert says in finding.problem


def test_a_block_that_is_not_python_is_named_with_its_snippet(book: SmallBook):
    book.edit(book.snippet, "share = total / 4", "pip install tensorflow")
    with pytest.raises(BookError) as caught:
        book.page()
    finding = only_finding(caught.value)
    assert finding.line == SECOND_BLOCK
    assert "snippets/part/small.py" in finding.problem


def test_a_page_that_is_not_utf8_is_named(book: SmallBook):
    book.zh.write_bytes("总和".encode("gbk"))
    with pytest.raises(BookError, match="not UTF-8"):
        book.page()


def test_a_snippet_that_is_not_utf8_is_named(book: SmallBook):
    book.snippet.write_bytes(b"# \xff\xfe\n")
    with pytest.raises(BookError, match="not UTF-8"):
        book.page()


def test_a_page_that_does_not_exist_is_named_with_those_that_do(book: SmallBook):
    with pytest.raises(BookError, match="part/page"):
        book.find_page("part/other")


def test_a_page_is_read_again_when_what_it_includes_changes_and_only_then(book: SmallBook):
    inner, other = book.snippet.with_name("inner.py"), book.snippet.with_name("other.py")
    inner.write_text("inner = 1\n", encoding="utf-8")
    other.write_text("other = 1\n", encoding="utf-8")
    book.edit(book.snippet, "seed = 0\n", 'seed = 0\n--8<-- "part/inner.py"\n')
    before = book.page()
    assert "inner = 1" in before.blocks[0].code
    other.write_text("other = 2\n", encoding="utf-8")
    assert book.page() is before
    inner.write_text("inner = 2\n", encoding="utf-8")
    assert "inner = 2" in book.page().blocks[0].code


def test_while_files_are_steady_a_page_is_read_once_and_afterwards_anew(book: SmallBook):
    with store.steady():
        before = book.page()
        book.edit(book.zh, "总和是", "和是")
        with store.steady():
            assert book.page() is before
        assert book.page() is before
    assert "总和是" not in book.page().text
