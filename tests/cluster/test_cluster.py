"""Pages spread over a cluster of two nodes on this machine; one node is killed in the middle.

`make cluster` runs this in an environment that has Ray; elsewhere it is skipped.
"""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="Ray is not installed here: make cluster installs it and runs this")

from ray.cluster_utils import Cluster

from book.cli import main
from book.core.page import read
from book.evidence import record
from book.run import cluster
from book.run.environment import THREADS
from tests.unit.miniature import SmallBook, make

TEST_SECONDS = 240
"""After this long a test that hangs is ended, and says where it hung."""
WAIT_SECONDS = 60
NAMES = [f"part/page-{i}" for i in range(1, 5)]
NODE = {"num_cpus": THREADS, "object_store_memory": 100 * 2**20}
"""Room for one page at a time: each asks for its threads."""

SNIPPET = """\
# --8<-- [start:wait]
import os
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

(Path({marks!r}) / f"{name}.{{os.getpid()}}").touch()
while not Path({marks!r}, "go").exists():
    time.sleep(0.05)
seed = {number}
# --8<-- [end:wait]

# --8<-- [start:draw]
walk = np.random.default_rng(seed).normal(size=50).cumsum()
plt.plot(walk)
plt.show()
furthest = float(abs(walk).max())
furthest
# --8<-- [end:draw]
"""
PAGE = """\
---
title: {name}
description: {name}
time_limit: 60
---

```python
--8<-- "{name}.py:wait"
```

```python
--8<-- "{name}.py:draw"
```
"""


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """A test that hangs is ended, whatever hangs."""
    faulthandler.dump_traceback_later(TEST_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="module")
def head() -> Iterator[Cluster]:
    """A cluster of one node."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    yield cluster
    cluster.shutdown()


@pytest.fixture
def nodes(head: Cluster) -> Iterator[Cluster]:
    """A cluster of two nodes, each with room for one page at a time."""
    second = head.add_node(**NODE)
    yield head
    if second in head.list_all_nodes():
        head.remove_node(second)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """A folder in which each page leaves a mark when it begins, and looks for ``go`` before it ends."""
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


@pytest.fixture
def new_book(tmp_path: Path, marks: Path) -> Callable[[str], SmallBook]:
    """Makes a miniature of four pages that draw; each made so is equal to the others."""

    def write(folder: str) -> SmallBook:
        (tmp_path / folder).mkdir()
        book = make(tmp_path / folder)
        for file in (book.zh, book.en, book.snippet):
            file.unlink()
        for number, name in enumerate(NAMES):
            code = SNIPPET.format(name=Path(name).name, number=number, marks=str(marks))
            (book.snippets / f"{name}.py").write_text(code, encoding="utf-8")
            for language in ("zh", "en"):
                book.page_file(language, name).write_text(PAGE.format(name=name), encoding="utf-8")
        return book

    return write


def kept(book: SmallBook, name: str) -> list[tuple[Any, ...]]:
    """Return what a page's records hold, figures to the letter; seconds, memory and date differ from run to run."""
    found: list[tuple[Any, ...]] = []
    for block in read(book, "zh", name).blocks:
        one = record.load(book, block.name)
        assert one is not None, f"block {block.index + 1} of {name} has no record"
        figures = {figure: (book.records / one.name / figure).read_bytes() for figure in one.result.figures}
        result = replace(one.result, seconds=0, peak_memory=0, figures=figures)
        found.append((one.name, one.page, one.block, one.device, replace(one.circumstances, date=""), result))
    return found


def begun(marks: Path) -> dict[int, str]:
    """Return the processes that began a page, and which."""
    return {int(mark.suffix[1:]): f"part/{mark.stem}" for mark in marks.glob("page-*.*")}


def descends(process: int, ancestor: int) -> bool:
    """Tell whether a process was started by another, or by one that was."""
    while process > 1 and process != ancestor:
        parent = subprocess.run(["ps", "-o", "ppid=", "-p", str(process)], capture_output=True, text=True).stdout
        process = int(parent.strip() or 0)
    return process == ancestor


def wait_until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"waited {WAIT_SECONDS} s in vain: {what}"
        time.sleep(0.1)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def kill_in_the_middle(nodes: Cluster, marks: Path) -> tuple[int, str]:
    """Wait until both nodes run a page, kill one of them, let the pages end; return the lost process and its page."""
    victim = next(node for node in nodes.list_all_nodes() if not node.is_head())
    raylet = victim.all_processes["raylet"][0].process.pid
    wait_until(lambda: len(begun(marks)) == 2, "both nodes run a page")
    ((process, page),) = [(process, page) for process, page in begun(marks).items() if descends(process, raylet)]
    nodes.remove_node(victim, allow_graceful=False)
    (marks / "go").touch()
    return process, page


def test_a_node_killed_in_the_middle_loses_nothing(
    nodes: Cluster, new_book: Callable[[str], SmallBook], marks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, local = new_book("spread"), new_book("local")
    with ThreadPoolExecutor(1) as aside:
        killed = aside.submit(kill_in_the_middle, nodes, marks)
        assert main(["run", "--all", "--cluster", nodes.address], book) == 0
        process, page = killed.result(WAIT_SECONDS)
    assert sorted(begun(marks).values()) == sorted([*NAMES, page]), "its page began again, the others ran once"
    wait_until(lambda: not is_alive(process), "the kernel of the killed node ends")
    said = capsys.readouterr().err
    assert all(f"{name}: 2 blocks" in said for name in NAMES) and "4 pages run" in said
    assert main(["run", "--all"], local) == 0
    for name in NAMES:
        assert kept(book, name) == kept(local, name)
        assert any(result.figures for *_, result in kept(book, name))


def test_a_page_that_fails_loses_no_other(
    nodes: Cluster, new_book: Callable[[str], SmallBook], marks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (marks / "go").touch()
    book = new_book("spread")
    assert main(["run", "--cluster", nodes.address], book) == 0
    before = {name: kept(book, name) for name in NAMES}
    first, second, *_ = NAMES
    book.edit(book.snippets / f"{first}.py", "seed = 0", "seed = 1 / 0")
    book.edit(book.snippets / f"{second}.py", "seed = 1", "seed = 11")
    assert main(["run", "--cluster", nodes.address], book) == 1
    said = capsys.readouterr().err
    assert (
        f"docs/zh/{first}.md:7: on node " in said and "ZeroDivisionError" in said and f"snippets/{first}.py:12" in said
    )
    assert kept(book, second) != before[second]
    book.edit(book.snippets / f"{first}.py", "seed = 1 / 0", "seed = 0")
    assert [kept(book, name) for name in (first, *NAMES[2:])] == [before[name] for name in (first, *NAMES[2:])]


def test_what_a_node_lacks_is_said(
    head: Cluster,
    new_book: Callable[[str], SmallBook],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A GPU, then the book itself (Ray shows its workers where the driver's own modules are; here it must not)."""
    book = new_book("spread")
    assert main(["run", "--device", "gpu", "--cluster", head.address], book) == 1
    assert f"has {THREADS} CPUs and a GPU" in capsys.readouterr().err
    monkeypatch.setattr(cluster, "PACKAGE", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [folder for folder in sys.path if not (Path(folder) / "book").is_dir()])
    assert main(["run", "--cluster", head.address], book) == 1
    said = capsys.readouterr().err
    assert said.count("No module named 'book'") == len(NAMES) and "make cluster" in said
    assert not list(book.records.iterdir())
