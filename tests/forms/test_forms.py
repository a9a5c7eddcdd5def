"""The practice page gives the same results as the notebook and as the script that its readers download.

That the three are the same text is proven page by page in ``tests/unit/test_notebook.py``; this one page is also
executed in each form. Slow: the network is trained anew in each.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from book.core.page import Page, read
from book.core.site import Book
from book.draw import extension
from book.evidence import record, sweep
from book.evidence.record import Record, Result
from book.notebook import twin
from book.pytest_plugin import compare, is_same_machine
from book.run.environment import environment
from book.run.session import PageRun

BOOK = Book()
PAGE = "practice/mnist-cnn"
SCRIPT = "practice/mnist_cnn.py"
SCRIPT_SECONDS = 900

RUNNER = """
import pathlib, runpy, sys
from book.run import kernel, providers
providers.prepare()
variables = runpy.run_path(sys.argv[1], run_name="__main__")
pathlib.Path(sys.argv[2]).write_text(kernel.observe(variables), encoding="utf-8")
"""
"""Runs a script as ``python`` does, with the data of the blocks, and keeps its small variables."""


def test_the_notebook_gives_the_results_of_the_page(tmp_path: Path):
    differences, compared = run_notebook(read(BOOK, "zh", PAGE), tmp_path)
    assert differences == [] and "test_accuracy" in compared


def test_the_script_gives_the_results_of_the_page(tmp_path: Path):
    differences, compared = run_script(read(BOOK, "zh", PAGE), SCRIPT, tmp_path)
    assert differences == [] and {"test_accuracy", "test_loss", "own_digit"} <= compared


def run_notebook(page: Page, folder: Path) -> tuple[list[str], set[str]]:
    """Run the notebook as it is downloaded; return how it ends otherwise than the page, and what was compared."""
    file = folder / "page.ipynb"
    file.write_bytes(twin.encode(twin.twin(BOOK, page)))
    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    blocks = tuple(
        replace(block, kind="python", code=cell.source) for block, cell in zip(page.blocks, cells, strict=True)
    )
    with PageRun(BOOK, replace(page, blocks=blocks)) as running:
        *_, last = [running.execute(block) for block in blocks]
        return differing(page, recorded(page.blocks[-1].name), last, running)


def run_script(page: Page, script: str, folder: Path) -> tuple[list[str], set[str]]:
    """Run a script as it is downloaded; return how it ends otherwise than the page did after its last section."""
    running = PageRun(BOOK, page)
    file, left = folder / "script.py", folder / "variables.json"
    file.write_text(extension.clean_script((BOOK.snippets / script).read_text(encoding="utf-8")), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, str(file), str(left)],
        cwd=folder,
        env={**environment(running.book, running.device, running.sources), "MPLBACKEND": "Agg"},
        timeout=SCRIPT_SECONDS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        pytest.fail(f"snippets/{script} failed:\n{done.stdout[-2000:]}", pytrace=False)
    variables = json.loads(left.read_text(encoding="utf-8"))["variables"]
    section = [block for block in page.blocks if block.origin and block.origin[0] and block.origin[0][0] == script][-1]
    kept = recorded(section.name)
    shared = {name: value for name, value in kept.result.variables.items() if name in variables}
    of_both = replace(kept, result=replace(kept.result, variables=shared))
    return differing(page, of_both, Result([], 0, 0, variables), running)


def recorded(block: str) -> Record:
    kept = record.load(BOOK, block)
    assert kept, "the page has no record; run: make run"
    return kept


def differing(page: Page, kept: Record, result: Result, running: PageRun) -> tuple[list[str], set[str]]:
    """Compare as the tests of the blocks do: to the last digit on the machine of the record."""
    same_machine = is_same_machine(kept, running)
    spread = {} if same_machine else sweep.statistics(BOOK, page.blocks)
    return list(compare(kept, result, same_machine, spread)), set(kept.result.variables)
