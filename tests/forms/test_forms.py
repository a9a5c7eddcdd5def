"""The practice page's notebook and script, as readers download them, run to their end and give the same results.

That page, notebook and script are the same text is proven page by page in ``tests/unit/notebook/test_notebook.py``,
and the blocks of the page give the results of their records in ``make blocks``. Here both files are executed, with one
change: they train for one epoch instead of ten, which takes a minute instead of five. Up to the training, the
notebook's results are those of the records; at the end of the script, both have the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest

from book.core.page import Block, Page, read
from book.core.site import Book
from book.draw import extension
from book.evidence import compare, near, record
from book.evidence.record import Result
from book.notebook import twin
from book.run.environment import environment
from book.run.session import PageRun

BOOK = Book()
PAGE = "practice/mnist-cnn"
SCRIPT = "practice/mnist_cnn.py"
WHOLE, REDUCED = "epochs=10,", "epochs=1,"
SCRIPT_SECONDS = 600

RUNNER = """
import pathlib, runpy, sys
from book.run import kernel, providers
providers.prepare()
variables = runpy.run_path(sys.argv[1], run_name="__main__")
pathlib.Path(sys.argv[2]).write_text(kernel.observe(variables), encoding="utf-8")
"""
"""Runs a script as ``python`` does, with the data of the blocks, and keeps its small variables."""


@pytest.fixture(scope="module")
def page() -> Page:
    return read(BOOK, "zh", PAGE)


@pytest.fixture(scope="module", autouse=True)
def script(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Future[dict[str, Any]]]:
    """The small variables of the script, which runs while the notebook does."""
    with ThreadPoolExecutor(1) as beside:
        yield beside.submit(run_script, page, tmp_path_factory.mktemp("script"))


@pytest.fixture(scope="module")
def notebook(page: Page, tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """What each cell of the downloaded notebook did."""
    file = tmp_path_factory.mktemp("notebook") / "page.ipynb"
    file.write_bytes(twin.encode(twin.twin(BOOK, page)))
    cells = [cell.source for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    assert sum(cell.count(WHOLE) for cell in cells) == 1
    blocks = tuple(
        replace(block, kind="python", code=cell.replace(WHOLE, REDUCED))
        for block, cell in zip(page.blocks, cells, strict=True)
    )
    with PageRun(BOOK, replace(page, blocks=blocks), patience=2) as running:
        return [running.execute(block) for block in blocks]


def test_the_notebook_gives_the_results_of_the_page_up_to_the_training(page: Page, notebook: list[Result]):
    (training,) = (block.index for block in page.blocks if WHOLE in block.code)
    before = page.blocks[training - 1]
    kept = record.load(BOOK, before.name)
    assert kept, "the page has no record; run: make run"
    now = PageRun(BOOK, page).circumstances()
    assert list(compare.of_block(BOOK, page, before, kept, notebook[before.index], now)) == []
    assert {"seed", "train_size", "untrained_loss"} <= kept.result.variables.keys()


def test_notebook_and_script_give_the_same_results(page: Page, notebook: list[Result], script: Future[dict[str, Any]]):
    variables = script.result()
    *_, last = sections(page)
    ran = {name: value for name, value in notebook[last.index].variables.items() if name in variables}
    assert list(near.values("variables", ran, {name: variables[name] for name in ran}, near.EXACT)) == []
    assert {"test_accuracy", "test_loss", "own_digit"} <= ran.keys()


def sections(page: Page) -> Iterator[Block]:
    """Yield the blocks of the page that are sections of the script."""
    for block in page.blocks:
        if block.origin and block.origin[0] and block.origin[0][0] == SCRIPT:
            yield block


def run_script(page: Page, folder: Path) -> dict[str, Any]:
    """Run the script as it is downloaded, to its end, and return its small variables."""
    running = PageRun(BOOK, page)
    file, left = folder / "script.py", folder / "variables.json"
    script = extension.clean_script((BOOK.snippets / SCRIPT).read_text(encoding="utf-8"))
    assert script.count(WHOLE) == 1
    file.write_text(script.replace(WHOLE, REDUCED), encoding="utf-8")
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
        pytest.fail(f"snippets/{SCRIPT} failed:\n{done.stdout[-2000:]}", pytrace=False)
    found: dict[str, Any] = json.loads(left.read_text(encoding="utf-8"))["variables"]
    return found
