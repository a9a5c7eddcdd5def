"""What a block reaches is what its hash covers; what it starts ends with its page; nobody replaces who looks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from book.core.findings import BookError
from book.core.site import Book
from book.run import long_run, world
from book.run.session import run_page
from tests.unit.miniature import Kernel, SmallBook, blocks, make, only_finding

BLOCK = "share = total / 4\nshare"
TRY = """\
import builtins, ctypes, importlib.util, io, os, pathlib, runpy, shutil, sqlite3, subprocess, sys
import numpy as np
root, checkout, here = {root!r}, {checkout!r}, os.getcwd()
reached = []


def attempt(name, act):
    try:
        act()
    except (OSError, ImportError, subprocess.CalledProcessError, sqlite3.Error):
        return
    reached.append(name)
"""
READS = """\
attempt("open", lambda: open(root + "/secret.txt").read())
attempt("Path", lambda: pathlib.Path(root, "secret.txt").read_text())
attempt("os.open", lambda: os.open(root + "/secret.txt", os.O_RDONLY))
attempt("bytes", lambda: io.FileIO(os.fsencode(root + "/secret.txt")))
attempt("numpy", lambda: np.loadtxt(root + "/secret.txt"))
attempt("fromfile", lambda: np.fromfile(root + "/secret.txt"))
attempt("runpy", lambda: runpy.run_path(root + "/helper.py"))
attempt("listdir", lambda: os.listdir(root))
attempt("spec", lambda: (s := importlib.util.spec_from_file_location("helper", root + "/helper.py"))
        and s.loader.exec_module(importlib.util.module_from_spec(s)))
os.symlink(root, "link")
attempt("link", lambda: open("link/secret.txt").read())
attempt("hard link", lambda: os.link(root + "/secret.txt", "hard.txt"))
attempt("cwd", lambda: open("/proc/self/cwd/" + os.path.relpath(root) + "/secret.txt").read())
attempt("root", lambda: open("/proc/self/root" + root + "/secret.txt").read())
attempt("relative", lambda: open(os.path.relpath(root) + "/secret.txt").read())
attempt("packages", lambda: open(np.__path__[0] + "/.." * 20 + root + "/secret.txt").read())
sys.path.insert(0, root)
attempt("import", lambda: __import__("helper"))
attempt("namespace", lambda: __import__("snippets.part.small", fromlist=["x"]))
attempt("book", lambda: __import__("book"))
attempt("kernel", lambda: __import__("book.run.kernel", fromlist=["x"]))
attempt("checkout", lambda: open(checkout + "/pyproject.toml").read())
os.chdir("..")
attempt("chdir", lambda: open(os.path.relpath(root) + "/secret.txt").read())
"""
WRITES = """\
attempt("open", lambda: open(root + "/new.txt", "w"))
attempt("append", lambda: open(root + "/secret.txt", "a"))
attempt("rename", lambda: os.rename(root + "/secret.txt", "mine.txt"))
attempt("replace", lambda: os.replace("own.txt", root + "/secret.txt"))
attempt("remove", lambda: os.remove(root + "/secret.txt"))
attempt("mkdir", lambda: os.mkdir(root + "/docs/zh/new"))
attempt("rmtree", lambda: shutil.rmtree(root + "/docs"))
attempt("chmod", lambda: os.chmod(root + "/secret.txt", 0))
attempt("sqlite", lambda: sqlite3.connect(root + "/new.db"))
attempt("packages", lambda: open(np.__path__[0] + "/new.py", "w"))
attempt("tmp", lambda: open("/tmp/new-by-a-block.txt", "w"))
open("own.txt", "w").write("own")
open(os.path.expanduser("~/own.txt"), "w").write("own")
import tempfile
tempfile.TemporaryFile().close()
"""
CHILDREN = """\
attempt("cat", lambda: subprocess.run(["cat", root + "/secret.txt"], check=True))
attempt("shell", lambda: subprocess.run("echo x > " + root + "/new.txt", shell=True, check=True))
attempt("python", lambda: subprocess.run([sys.executable, "-c", "import book.run"], check=True))
c = ctypes.CDLL(None, use_errno=True)
attempt("C", lambda: c.creat((root + "/new.txt").encode(), 0o600) < 0 and open("/nowhere"))
subprocess.run([sys.executable, "-c", "import numpy"], check=True)
"""


def attempts(book: SmallBook, *codes: str) -> list[str]:
    (book.root / "secret.txt").write_text("1\n")
    (book.root / "helper.py").write_text("x = 1\n")
    names = {"root": str(book.root), "checkout": str(Book().root)}
    page = blocks(book, TRY.format(**names), *(f"os.chdir(here)\n{code}" for code in codes))
    before = {file: file.stat().st_mtime_ns for file in book.root.rglob("*") if ".cache" not in file.parts}
    reached: list[str] = run_page(book, page)[-1].result.variables["reached"]
    assert {file: file.stat().st_mtime_ns for file in book.root.rglob("*") if ".cache" not in file.parts} == before
    return reached


@pytest.fixture
def without_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine whose system cannot hold a process to folders."""
    real = world.plan
    monkeypatch.setattr(world, "plan", lambda *arguments: {**real(*arguments), "by_system": False})


def test_nothing_of_the_repository_is_reached(book: SmallBook):
    """By children and C neither, where the system can hold a process to folders."""
    assert attempts(book, WRITES, *([CHILDREN] if world.landlock_version() else []), READS) == []


@pytest.mark.usefixtures("without_landlock")
def test_nor_where_python_alone_holds_it(book: SmallBook):
    assert attempts(book, WRITES, READS) == []


@pytest.mark.usefixtures("without_landlock")
def test_where_the_system_does_not_hold_it_a_changed_tree_is_named(book: SmallBook):
    target = book.docs("zh") / "part" / "claim.html"
    book.edit(book.snippet, BLOCK, f"import subprocess\nsubprocess.run('echo x > {target}', shell=True)")
    with pytest.raises(BookError) as caught:
        run_page(book, book.page())
    finding = only_finding(caught.value)
    assert finding.file == "docs/zh/part/page.md" and "docs/zh/part/claim.html" in finding.problem


def test_the_refusal_is_one_sentence_with_the_place(kernel: Kernel):
    with pytest.raises(
        BookError, match=r"small\.py:\d+\].*book\.toml is out of reach: a block may read its own folder"
    ):
        kernel(f"x = 1\nopen({str(kernel.book.root / 'book.toml')!r})")


def test_a_long_run_lives_in_the_same_world(book: SmallBook):
    script = book.snippets / "part" / "sizes_long.py"
    script.write_text(
        f"import json\ntry:\n    open({str(book.root / 'book.toml')!r})\nexcept PermissionError:\n"
        "    json.dump(1, open('sizes_long.json', 'w'))\n"
    )
    long_run.run(book, script)
    assert (book.long / "sizes_long.json").read_text() == "1"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import builtins\nbuiltins.__import__ = None", "builtins.__import__"),
        ("import builtins\nbuiltins.__import__ = lambda *a, **k: 1 / 0", "builtins.__import__"),
        ("import builtins\nbuiltins.len = lambda x: 1", "builtins.len"),
        ("import json\njson.dumps = lambda *a, **k: '{}'", "json.dumps"),
        ("import json\njson.dumps = None\nprint(1)", "json.dumps"),
    ],
)
def test_what_python_itself_stands_on_is_not_replaced(replacing: Kernel, code: str, says: str):
    began = time.monotonic()
    with pytest.raises(BookError) as caught:
        replacing(code)
    said = only_finding(caught.value).problem.partition("this block replaces ")[2].partition(", on which")[0]
    assert len(names := said.split(", ")) == len(replacing.codes) - 1 and names[-1] == says, "each is told, in order"
    assert time.monotonic() - began < 30


@pytest.fixture(scope="module")
def replacing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel for what replaces something."""
    own = Kernel(make(tmp_path_factory.mktemp("replacing")))
    with own.running:
        yield own


def test_who_looks_at_the_variables_is_not_found_by_a_block(kernel: Kernel):
    code = """\
import sys
k = get_ipython().kernel
found = [name for name in sys.modules if name.startswith("book")]
k.shell_handlers["observe_request"] = lambda *a: None
accuracy = 0.5
"""
    variables = kernel(code).variables
    assert variables["accuracy"] == 0.5 and variables["found"] == []


def test_messages_that_nobody_can_read_are_the_blocks_fault(book: SmallBook):
    book.edit(book.snippet, BLOCK, 'type(get_ipython().kernel.session).pack = staticmethod(lambda *a: b"{}")')
    with pytest.raises(BookError, match="what the kernel sent cannot be read"):
        run_page(book, book.page())


def test_a_thread_ends_with_its_block(kernel: Kernel):
    kernel("import threading, time\nthreading.Thread(target=time.sleep, args=[0.1]).start()")  # it is about to end
    with pytest.raises(BookError, match="a thread goes on when this block has ended: ticker"):
        kernel("t = threading.Thread(target=time.sleep, args=[4], name='ticker')\nt.start()")
    with pytest.raises(BookError, match="a thread goes on when this block has ended: without a name"):
        kernel("import _thread\nt.join()\n_thread.start_new_thread(time.sleep, (6,))")
    kernel("while _thread._count() > len(threading.enumerate()):\n    time.sleep(0.1)")


def test_what_a_block_started_ends_with_it_or_else_with_the_page(book: SmallBook):
    code = """\
import subprocess
subprocess.Popen(["sleep", "0.1"])
own = subprocess.Popen(["sleep", "987"], start_new_session=True).pid
orphan = int(subprocess.run("setsid sleep 987 >/dev/null & echo $!", shell=True, stdout=subprocess.PIPE).stdout)
"""
    book.edit(book.snippet, BLOCK, code)
    with pytest.raises(BookError, match="a process goes on when this block has ended: sleep"):
        run_page(book, book.page())
    assert not any("987" in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"]))


def test_a_page_that_holds_too_much_memory_is_ended(book: SmallBook):
    book.edit(book.root / "book.toml", "memory_megabytes = 6000", "memory_megabytes = 500")
    book.edit(book.snippet, BLOCK, "import time\nfull = bytearray(600_000_000)\ntime.sleep(20)")
    with pytest.raises(BookError, match="the page holds more than 500 MB of memory"):
        run_page(book, book.page())


def test_folders_of_a_run_are_written_though_they_lie_in_the_cache(book: SmallBook):
    scratch = book.cache / "tmp" / "run"
    plan = world.plan(book, [scratch], {"HOME": f"{scratch}/home", "DATA": f"{book.cache}/data"})
    assert plan["own"] == [str(scratch)]
    assert f"{scratch}/home" not in plan["readable"] and f"{book.cache}/data" in plan["readable"]


def test_the_worlds_of_two_pages_are_apart(book: SmallBook):
    book.edit(
        book.snippet,
        BLOCK,
        "import os\nleft = os.listdir(os.path.expanduser('~'))\nopen(os.path.expanduser('~/left.txt'), 'w')",
    )
    run_page(book, book.page())
    assert "left.txt" not in run_page(book, book.page())[1].result.variables["left"]


def test_control_characters_of_an_error_do_not_reach_the_terminal(kernel: Kernel):
    with pytest.raises(BookError) as caught:
        kernel(r"raise ValueError('a\x1b]0;title\x07\x00b')")
    assert not any(letter in str(caught.value) for letter in "\x1b\x07\x00")
