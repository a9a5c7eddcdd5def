"""The pytest plugin: ``pytest --codeblocks docs/zh`` tests every block and every checked equation afresh, one by one.

pytest-codeblocks finds the blocks; this plugin takes the place of its collector, because blocks share state down
a page, come from includes, and are compared with their records. A page is executed once, and what it did is written
as fresh records (``Book.executed``), of which the site is made that is tested and published.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from book.core.findings import BookError
from book.core.page import Block, Page, read
from book.core.site import Book
from book.core.unforeseen import as_error
from book.equations import records
from book.equations.records import EquationRecord, Placed
from book.evidence import compare, record
from book.evidence.record import Result
from book.run import environment, session
from book.run.session import PageRun, lacking
from book.run.shards import pages_of

_IN_SHARD = pytest.StashKey[frozenset[str]]()
PATIENCE = 4
"""How many times its limit of time a block may take: this machine may be slow, and run several pages at once."""
_seconds: dict[str, float] = {}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--shard``."""
    parser.getgroup("book").addoption("--shard", metavar="I/N", help="run the pages of this shard only, such as 2/3")


def pytest_configure(config: pytest.Config) -> None:
    """Take the place of pytest-codeblocks' own collector; find out which pages are in the shard."""
    if original := config.pluginmanager.get_plugin("codeblocks"):
        config.pluginmanager.unregister(original)
    if shard := config.getoption("shard"):
        try:
            config.stash[_IN_SHARD] = pages_of(Book(config.rootpath), shard)
        except BookError as problem:
            raise pytest.UsageError(str(problem)) from None


def pytest_sessionstart(session: pytest.Session) -> None:
    """Forget what an earlier run executed."""
    is_first = not hasattr(session.config, "workerinput")  # not one of the processes of pytest-xdist
    if is_first and session.config.getoption("codeblocks") and not session.config.getoption("collectonly"):
        shutil.rmtree(Book(session.config.rootpath).executed, ignore_errors=True)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PageFile | None:
    """Collect the Markdown pages below ``docs/``."""
    if not parent.config.getoption("codeblocks") or file_path.suffix != ".md":
        return None
    book = Book(parent.config.rootpath)
    for language in book.languages:
        if file_path.is_relative_to(docs := book.docs(language)):
            name = file_path.relative_to(docs).with_suffix("").as_posix()
            if name not in parent.config.stash.get(_IN_SHARD, {name}):
                return None
            file = PageFile.from_parent(parent, path=file_path)
            file.book, file.language, file.page_name = book, language, name
            return file
    return None


class PageFile(pytest.File):
    """One page; its kernel lives from its first block to its last."""

    book: Book
    language: str
    page_name: str
    running: PageRun | None = None
    broken: int | None = None

    @property
    def fresh(self) -> Book:
        """The book with the records of what is executed here."""
        return replace(self.book, records=self.book.executed)

    def collect(self) -> Iterator[BlockItem | EquationItem]:
        """Yield one item per block and one per checked equation; the equations of all languages are the first's."""
        try:
            self.page: Page = read(self.book, self.language, self.page_name)
            marked = records.placed(self.book, [self.page]) if self.language == self.book.languages[0] else []
        except Exception as problem:
            raise self.CollectError(str(as_error(self.book, problem, "reading the page"))) from None
        for block in self.page.blocks:
            item = BlockItem.from_parent(self, name=f"line {block.line}")
            item.block = block
            item.user_properties += [("page", self.page_name), ("part", f"block {block.index + 1}")]
            yield item
        for equation in marked:
            checked = EquationItem.from_parent(self, name=f"equation {equation.declaration.id}")
            checked.equation = equation
            checked.user_properties += [("page", self.page_name), ("part", checked.name)]
            yield checked

    def execute(self, block: Block) -> Result:
        """Run a block after those above it."""
        if self.broken is not None:
            pytest.fail(f"not run: block {self.broken + 1} of this page failed", pytrace=False)
        try:
            if self.running is None:
                self.running = PageRun(self.book, self.page, patience=PATIENCE).__enter__()
                self.results: list[Result] = []
            for each in self.page.blocks[len(self.results) : block.index + 1]:  # with those that were deselected
                self.results.append(self.running.execute(each))
        except Exception:
            self.broken = block.index
            raise
        return self.results[block.index]

    def teardown(self) -> None:
        """Keep what a page did of which no block failed; stop the kernel."""
        if self.running is None:
            return
        try:
            if self.broken is None and len(self.results) == len(self.page.blocks):
                record.save(self.fresh, session.records(self.running, self.results))
        finally:
            self.running.__exit__(None, None, None)
            self.running = None


class _Item(pytest.Item):
    """Something of a page that is tested."""

    parent: PageFile

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """Show the message for people alone."""
        if isinstance(excinfo.value, pytest.fail.Exception):
            return str(excinfo.value)
        path, line, _ = self.reportinfo()
        place = f"{self.parent.book.shown(Path(path))}:{(line or 0) + 1}"
        return str(as_error(self.parent.book, excinfo.value, f"the test of {place}"))


class BlockItem(_Item):
    """One block of a page."""

    block: Block

    def runtest(self) -> None:
        """Run the block and compare everything that the page shows of it with its record."""
        page = self.parent
        if page.page_name in page.book.not_repeated and (why := lacking(page.page)):
            pytest.skip(why)
        result = page.execute(self.block)
        recorded = record.load(page.book, self.block.name)
        place = f"{page.book.shown(page.path)}:{self.block.line}"
        if recorded is None:
            pytest.fail(f"{place}: the block ran, but has no record\n    remedy: run: make run", pytrace=False)
        assert page.running is not None
        now = page.running.circumstances()
        differences = list(compare.of_block(page.book, page.page, self.block, recorded, result, now))
        if differences:
            listing = "\n    ".join(differences)
            remedy = "find out why; if the new result is right, run: make rerecord"
            pytest.fail(f"{place}: the fresh run differs from the record\n    {listing}\n    remedy: {remedy}", False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the page and its line."""
        return self.path, self.block.line - 1, f"{self.parent.page.name}: block {self.block.index + 1}"


class EquationItem(_Item):
    """One checked equation of a page."""

    equation: Placed

    def runtest(self) -> None:
        """Check the equation and compare what its check finds out with its record."""
        from book.equations.verify import verify

        equation, page = self.equation, self.parent
        recorded = records.load(page.book, equation.name)
        environment.enter(page.book)
        fresh = verify(page.book, equation)
        place = f"{page.book.shown(page.path)}:{equation.line}"
        if recorded is None:
            pytest.fail(f"{place}: the equation holds, but has no record\n    remedy: run: make run", pytrace=False)
        if found_out(recorded) != found_out(fresh):
            listing = f"found now: {found_out(fresh)}\n    recorded: {found_out(recorded)}"
            remedy = "find out why; if the new result is right, run: python -m book equations --all"
            pytest.fail(f"{place}: the check differs from its record\n    {listing}\n    remedy: {remedy}", False)
        records.save(page.fresh, fresh)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Name the page and its line."""
        return self.path, self.equation.line - 1, f"{self.parent.page_name}: {self.name}"


def found_out(check: EquationRecord) -> tuple[Any, ...]:
    """Return what the check of an equation finds out on every machine: the differences alone are the machine's own."""
    compared = tuple((each.kind, each.what, each.tolerance) for each in check.compared)
    return check.read, check.inputs, compared, check.mutants, check.survivors


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what each page took, whichever process ran it."""
    page = dict(report.user_properties).get("page")
    if page and not report.skipped:
        _seconds[str(page)] = _seconds.get(str(page), 0) + report.duration


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what each page took."""
    if _seconds:
        terminalreporter.section("seconds per page")
        for name, seconds in sorted(_seconds.items(), key=lambda pair: -pair[1]):
            terminalreporter.write_line(f"{seconds:8.1f}  {name}")
        terminalreporter.write_line(f"{sum(_seconds.values()):8.1f}  all pages")
