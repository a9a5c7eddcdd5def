"""What a block printed is shown as a terminal shows it, and says nothing of the machine it ran on."""

from __future__ import annotations

from pathlib import Path

import pytest

from book.run.outputs import as_terminal, without_paths
from book.run.session import run_page
from tests.unit.miniature import SmallBook


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("plain\ttext, 中文\n", "plain\ttext, 中文\n"),
        ("\x1b[?25lworking\x1b[?25h done", "working done"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b(B\x1b=text\x1b", "text"),
        ("\x1b]8;;never closed\nnext", "\nnext"),
        ("abcdef\rxy", "xycdef"),
        ("abc\x08\x08\x08xyz", "xyz"),
        ("abc\x08\x08x", "axc"),
        ("line\r\r\nnext\r\n", "line\nnext\n"),
        ("10%\r 50%\r100%\n", "100%\n"),
        ("long line\r\x1b[Kshort", "short"),
        ("long line\x1b[2K\rshort", "short"),
        ("one\ntwo\n\x1b[2A1\n", "1ne\ntwo\n"),
        ("a\x1b[3Cb\x1b[2Gc", "ac  b"),
        ("损失下降\rab", "ab失下降"),
        ("损失\r\x1b[Ca", " a失"),
        ("bell\x07 null\x00 del\x7f c1\x85", "bell null del c1"),
        ("page\fbreak", "page\nbreak"),
        ("e\u0301te\u0301\ra", "ate\u0301"),
        ("half \ud800", "half \ufffd"),
    ],
)
def test_a_text_is_shown_as_a_terminal_shows_it(printed: str, shown: str):
    assert as_terminal(printed) == shown


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("/home/me/book/.venv/lib/python3.11/site-packages/numpy/core.py:3: W", "<site-packages>/numpy/core.py:3: W"),
        ("/usr/lib/python3/dist-packages/yaml", "<site-packages>/yaml"),
        ('File "/opt/conda/lib/python3.12/json/decoder.py", line 3', 'File "<python>/json/decoder.py", line 3'),
        ("/tmp/ipykernel_12/345.py:7: UserWarning: careful", "<block>:7: UserWarning: careful"),
        ("/var/folders/x/T/book-1/tmp/ipykernel_12/345.py:7", "<block>:7"),
        ("saved in /home/me/book/records, not /home/me/books", "saved in <book>/records, not ~/books"),
        ("file:///home/me/x", "file://~/x"),
        ("PATH=/home/me/bin:/bin", "PATH=~/bin:/bin"),
        ("https://docs.example/home/me/lib/python3.11/x", "https://docs.example/home/me/lib/python3.11/x"),
        ("1/2 and/or /dev/null", "1/2 and/or /dev/null"),
    ],
)
def test_paths_of_this_machine_have_names(printed: str, shown: str):
    assert without_paths(printed, {Path("/home/me"): "~", Path("/home/me/book"): "<book>", Path("/"): "?"}) == shown


def test_what_a_block_prints_says_nothing_of_the_machine(book: SmallBook):
    code = """import os, sys, tempfile, warnings
import numpy
warnings.warn("careful")
print(os.getcwd(), tempfile.gettempdir(), os.path.expanduser("~/x"), numpy.__file__, os.__file__)
print("one\\rtwo")
{"numpy": numpy.__file__}"""
    book.edit(book.snippet, "share = total / 4\nshare", code)
    stdout, stderr, value = run_page(book, book.page())[1].result.outputs
    paths = ". <tmp> ~/x <site-packages>/numpy/__init__.py <python>/os.py\n"
    assert stdout["text"] == paths + "two\n"
    assert stderr["text"].startswith("<block>:3: UserWarning: careful")
    assert value["data"]["text/plain"] == "{'numpy': '<site-packages>/numpy/__init__.py'}"
