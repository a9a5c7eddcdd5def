"""Drawing a page needs nothing of what runs one: it must work where only Markdown is installed, as under Zensical."""

from __future__ import annotations

import subprocess
import sys

from book.core.site import Book

HEAVY = {"IPython", "jupyter_client", "nbclient", "nbformat", "numpy", "ray", "spylls", "tensorflow"}


def test_the_markdown_extensions_import_nothing_that_runs_blocks():
    code = f"import sys, book.draw.extension, book.draw.formulas; print(*sorted(sys.modules.keys() & {HEAVY}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=Book().root, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
