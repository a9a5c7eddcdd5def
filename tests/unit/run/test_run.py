"""Blocks run in order in one kernel; whatever a block does, it ends in a result or in one clear message."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from book.cli import main
from book.core.findings import BookError
from book.evidence import record
from book.run.session import PageRun, only_run, run_page
from tests.unit.miniature import FIRST_BLOCK, SECOND_BLOCK, SmallBook, blocks, only_finding, run_once

BLOCK = "share = total / 4\nshare"


def run(book: SmallBook) -> list[record.Record]:
    return run_page(book, book.page())


def test_blocks_share_state_and_leave_outputs_and_small_values(book: SmallBook):
    first, second = run(book)
    assert first.result.outputs == [{"output_type": "stream", "name": "stdout", "text": "total 3\n"}]
    assert second.result.outputs[0]["data"]["text/plain"] == "0.75"
    assert second.result.variables == {"seed": 0, "total": 3, "share": 0.75}
    assert second.result.seconds > 0
    assert second.result.peak_memory > 10_000_000


def test_figures_become_files_always_of_the_same_bytes_and_large_values_are_left_out(book: SmallBook):
    code = "import numpy as np\nimport matplotlib.pyplot as plt\nbig = np.zeros(1000)\nplt.plot([1, 2])\nplt.show()"
    book.edit(book.snippet, BLOCK, code)
    result = run(book)[1].result
    ((name, content),) = result.figures.items()
    assert name.endswith(".svg") and b"<svg" in content
    assert result.outputs == [
        {"output_type": "display_data", "metadata": result.outputs[0]["metadata"], "data": {"figure": name}}
    ]
    assert "big" not in result.variables
    assert run(book)[1].result.figures == result.figures


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "raised ZeroDivisionError"),
        ("while True:\n    pass", "longer than 2 s"),
        ("import os\nos._exit(3)", "ended its kernel"),
        ("import os, threading\nthreading.Timer(0, os._exit, [3]).start()", "ended its kernel"),
        ("print('x' * 100_000_000)", "printed more than 1 MB"),
        ("while True:\n    print('x' * 1000)", "printed more than 1 MB"),
    ],
)
def test_a_block_that_fails_is_named_with_page_and_snippet_line(book: SmallBook, code: str, says: str):
    limit = 2 if says.startswith("longer") else 60
    book.edit(book.zh, "title: 小页", f"title: 小页\ntime_limit: {limit}")
    book.edit(book.snippet, BLOCK, code)
    with pytest.raises(BookError) as caught:
        run(book)
    finding = only_finding(caught.value)
    assert (finding.file, finding.line) == ("docs/zh/part/page.md", SECOND_BLOCK + 1)
    assert says in finding.problem
    assert "snippets/part/small.py:" in finding.problem


CALLS = [
    ("def half(x):\n    return x / 0", "y = 1\nz = half(4)\nw = 2", 2, -2),
    ("def half(x):\n    return x / 0", "y = 1\nz = max([4], key=half)\nw = 2", 2, -2),
    ("class A:\n    def half(self):\n        return 1 / 0", "def go(a):\n    return a.half()\n\n\ngo(A())", 5, -3),
    ("def half(x):\n    return x / 0 if x else half(x + 1)", "def go():\n    half(0)\n\n\ngo()", 5, -2),
    ("seed = 1", "def go():\n    return 1 / 0\n\n\ngo()", 5, 2),
    ("def half(x):\n    return x / 0", "try:\n    half(1)\nexcept ZeroDivisionError:\n    1 + None", 4, 4),
    ("seed = 1", "message = 'Cell In[1], line 3'\nraise ValueError(message)", 2, 2),
    ("seed = 1", "a = 1\nimport json\njson.loads('{')", 3, 3),
    ("seed = 1", "a = 1\neval('1 +')", 2, 2),
]
"""A block, a block that fails after it, the line of the call in this one, and where it ended: negative in the first."""


def test_the_message_names_the_call_in_the_block_and_where_it_ended(book: SmallBook):
    page = blocks(book, *(code for first, second, *_ in CALLS for code in (first, second)))
    with PageRun(book, page) as running:
        for first, failing, (*_, call, ended) in zip(page.blocks[::2], page.blocks[1::2], CALLS, strict=True):
            running.execute(first)
            with pytest.raises(BookError) as caught:
                running.execute(failing)
            lines, above = ([place[1] for place in each.origin if place] for each in (failing, first))
            end = lines[ended - 1] if ended > 0 else above[-ended - 1]
            named = f"{lines[call - 1]}, raised in snippets/part/small.py:{end}" if ended != call else str(end)
            said = f"block {failing.index + 1} [snippets/part/small.py:{named}]: this block raised"
            assert said in str(caught.value)


def test_bash_blocks_run_and_bytes_that_are_not_utf8_are_shown_as_such(book: SmallBook):
    for section, (name, code) in {
        "first": ("list", "echo from bash"),
        "second": ("bytes", "printf '\\377\\376 ok'"),
    }.items():
        book.edit(book.zh, f'```python\n--8<-- "part/small.py:{section}"', f'```bash\n--8<-- "part/{name}.sh"')
        (book.snippets / "part" / f"{name}.sh").write_text(f"{code}\n", encoding="utf-8")
    listed, shown = run(book)
    assert listed.result.outputs[0]["text"].strip() == "from bash"
    assert shown.result.outputs[0]["text"] == "\ufffd\ufffd ok"


def test_a_block_that_fails_leaves_earlier_records_as_they_were(book: SmallBook):
    record.save(book, run_once(book, book.page()))
    before = {file: file.read_bytes() for file in book.records.rglob("*") if file.is_file()}
    book.edit(book.snippet, BLOCK, "1 / 0")
    with pytest.raises(BookError):
        record.save(book, run(book))
    assert {file: file.read_bytes() for file in book.records.rglob("*") if file.is_file()} == before


def test_a_page_that_fails_keeps_no_other_from_running(book: SmallBook, capsys: pytest.CaptureFixture[str]):
    for language in ("zh", "en"):
        text = book.page_file(language, "part/page").read_text(encoding="utf-8")
        book.page_file(language, "part/other").write_text(text.replace("small", "other"), encoding="utf-8")
    code = book.snippet.read_text(encoding="utf-8")
    (book.snippets / "part" / "other.py").write_text(code.replace("1 + 2", "1 / 0"), encoding="utf-8")
    assert main(["run"], book) == 1
    assert "docs/zh/part/other.md:8" in (said := capsys.readouterr().err) and "ZeroDivisionError" in said
    assert all(record.load(book, block.name) for block in book.page().blocks)
    assert not any(record.load(book, block.name) for block in book.page(name="part/other").blocks)


def test_a_page_that_needs_what_is_not_installed_is_left_out(book: SmallBook, capsys: pytest.CaptureFixture[str]):
    for file in (book.zh, book.en):
        book.edit(file, "title:", "needs: [no_such_framework]\ntitle:")
    assert main(["run"], book) == 1
    assert "left out, no_such_framework not installed here" in (said := capsys.readouterr().err)
    assert "still stale: part/page" in said and not list(book.records.glob("*/cpu.json"))
    assert main(["run", "--page", "part/page"], book) == 1
    assert "make frameworks" in capsys.readouterr().err


def test_two_runs_at_once_are_refused(book: SmallBook):
    with only_run(book):
        code = "import sys; from pathlib import Path; from book.core.site import Book\n"
        code += "from book.run.session import only_run\n"
        code += "from book.core.findings import BookError\n"
        code += "try:\n    only_run(Book(Path(sys.argv[1]))).__enter__()\nexcept BookError as e:\n    print(e)"
        found = subprocess.run([sys.executable, "-c", code, str(book.root)], capture_output=True, text=True, check=True)
    assert f"another run is under way (process {os.getpid()})" in found.stdout
    assert "remedy" in found.stdout


def test_a_run_that_is_killed_leaves_no_record_and_no_kernel(book: SmallBook):
    book.edit(book.snippet, BLOCK, "import time\ntime.sleep(60)")
    code = """
import sys
from pathlib import Path
from book.evidence import record
from book.core.page import read
from book.run.session import run_page
from book.core.site import Book

book = Book(Path(sys.argv[1]))
page = read(book, "zh", "part/page")
record.save(book, run_page(book, page, on_block=lambda block, result: print(block.index, flush=True)))
"""
    with subprocess.Popen([sys.executable, "-c", code, str(book.root)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert [process.stdout.readline().strip() for _ in range(3)] == ["0", "0", "1"]
        process.send_signal(signal.SIGKILL)
    assert not [file for file in book.records.rglob("*") if file.is_file()]
    deadline = time.monotonic() + 30
    while _kernels_of(process.pid) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not _kernels_of(process.pid)


def _kernels_of(parent: int) -> list[str]:
    """Return the command lines of kernels whose starter had this process number."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"JPY_PARENT_PID={parent}\0".encode() in (process / "environ").read_bytes():
                found.append(process.name)
    return found


def test_a_seed_replaces_the_pages_own(book: SmallBook):
    page = book.page()
    with PageRun(book, page, seed=7) as running:
        assert running.execute(page.blocks[0]).variables["seed"] == 7


def test_the_first_block_stands_where_the_fixture_says(book: SmallBook):
    assert book.page().blocks[0].line == FIRST_BLOCK
