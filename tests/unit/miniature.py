"""A book of one page in two languages, small enough to run in a second, to be broken by the tests."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from book.core.findings import BookError, Finding
from book.core.page import Page, read
from book.core.site import Book
from book.evidence.record import Record, Result
from book.run.session import PageRun, run_page

SNIPPET = """\
# --8<-- [start:first]
seed = 0
total = 1 + 2
print("total", total)
# --8<-- [end:first]

# --8<-- [start:second]
share = total / 4
share
# --8<-- [end:second]
"""

PAGE = """\
---
title: {title}
description: {description}
---

# {title} {{#top}}

```python
--8<-- "part/small.py:first"
```
## {below} {{#below}}
{text} `{{python}} total`

```python
--8<-- "part/small.py:second"
```
"""
FIRST_BLOCK = 8
SECOND_BLOCK = 14


class SmallBook(Book):
    """The miniature, with shorthands for the tests."""

    @property
    def zh(self) -> Path:
        return self.page_file("zh", "part/page")

    @property
    def en(self) -> Path:
        return self.page_file("en", "part/page")

    @property
    def snippet(self) -> Path:
        return self.snippets / "part" / "small.py"

    def page(self, language: str = "zh", name: str = "part/page") -> Page:
        return read(self, language, name)

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


def make(root: Path) -> SmallBook:
    """Write the miniature into a folder; it has no records yet."""
    small = SmallBook(root)
    for name in ("book.toml", "mkdocs.yml", "mkdocs.en.yml", "requirements.txt", "package.json"):
        shutil.copy(Book().root / name, root / name)
    small.edit(root / "book.toml", "opened_percent = 60", "opened_percent = 0")  # a test's table has a row or two
    for file in (small.zh, small.en, small.snippet):
        file.parent.mkdir(parents=True, exist_ok=True)
    small.zh.write_text(PAGE.format(title="小页", description="一页。", text="总和是", below="算法"), encoding="utf-8")
    small.en.write_text(
        PAGE.format(title="Small", description="One page.", text="The total is", below="Below"), encoding="utf-8"
    )
    small.snippet.write_text(SNIPPET, encoding="utf-8")
    small.records.mkdir()
    return small


def blocks(book: SmallBook, *codes: str) -> Page:
    """Let the page have these blocks and no others: one kernel then tries many things."""
    sections = (f"# --8<-- [start:b{i}]\n{code}\n# --8<-- [end:b{i}]\n" for i, code in enumerate(codes))
    book.snippet.write_text("\n".join(sections), encoding="utf-8")
    head = book.zh.read_text(encoding="utf-8").partition("```")[0]
    fences = (f'```python\n--8<-- "part/small.py:b{i}"\n```\n' for i in range(len(codes)))
    book.zh.write_text(head + "\n".join(fences), encoding="utf-8")
    return book.page()


class Kernel:
    """A page's kernel in which tests of a module run one block after another; none may end or spoil it."""

    def __init__(self, book: SmallBook) -> None:
        self.book, self.codes = book, ["seed = 0"]
        self.running = PageRun(book, blocks(book, *self.codes))

    def __call__(self, code: str) -> Result:
        """Add a block to the page, run it and return what it did."""
        self.codes.append(code)
        page = blocks(self.book, *self.codes)
        assert self.running.follow(page, page.blocks[-1].index)
        return self.running.execute(page.blocks[-1])


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel for what needs none of its own."""
    shared = Kernel(make(tmp_path_factory.mktemp("kernel")))
    with shared.running:
        yield shared


_RAN: dict[tuple[str, ...], list[Record]] = {}


def run_once(book: Book, page: Page) -> list[Record]:
    """Run a page, or return what its blocks did when a test ran the same before: their names are hashes of the code."""
    names = tuple(block.name for block in page.blocks)
    if names not in _RAN:
        _RAN[names] = run_page(book, page)
    return [replace(kept) for kept in _RAN[names]]


@pytest.fixture
def book(tmp_path: Path) -> SmallBook:
    """The miniature in a folder of its own."""
    return make(tmp_path)


def only_finding(problem: BookError) -> Finding:
    """Return the finding of an error that must carry exactly one, with a remedy."""
    (finding,) = problem.findings
    assert finding.remedy
    return finding


@pytest.fixture(autouse=True)
def absl_closes_nothing_of_pytest() -> Iterator[None]:
    """Take from TensorFlow's log what it took for standard error.

    TensorFlow loaded within a test keeps the stream that pytest captures, and closes it when a later test sets logging
    up anew, as Jupyter does in a build: from then on every test fails.
    """
    yield
    if absl := sys.modules.get("absl.logging"):
        absl.get_absl_handler().python_handler.setStream(sys.__stderr__)
