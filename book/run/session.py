"""Run the blocks of a page: one fresh kernel, reading order, a time limit for each block.

nbclient drives the kernel (``book.run.kernel``); each page works in a fresh folder of its own in which
``node_modules`` is linked, so that a page may read the data sets that npm installs, and which holds the files that
its blocks name (``book.core.inputs``). It reaches nothing else of the repository (``book.run.world``), and what it
started ends with it (``book.run.processes``).
"""

import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from types import MappingProxyType, TracebackType
from typing import Any, Self

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat.v4 import new_code_cell, new_notebook

from book.core import inputs
from book.core.findings import BookError, error
from book.core.page import Block, Page
from book.core.site import Book
from book.core.store import Taken, locked, writing
from book.core.unforeseen import as_error
from book.evidence import compare
from book.evidence.checks import assertions
from book.evidence.outputs import Refused
from book.evidence.record import Circumstances, Record, Result, kept
from book.run import archives, failure, kernel, processes, providers, world
from book.run.environment import INSTRUCTIONS, circumstances, environment, has_instruction, keep_fonts, socket_folder
from book.run.outputs import tidy

LARGEST_OUTPUT = 1_000_000
"""Bytes a block may print; a page that needs more is not for reading."""
START_SECONDS = 60
_SEED = re.compile(r"^seed = \d+", re.MULTILINE)


class _Client(NotebookClient):
    """nbclient, with a limit on what a block may print: beyond it the kernel is ended."""

    printed = 0

    @property
    def flooded(self) -> bool:
        """Whether the block at hand printed too much."""
        return self.printed > LARGEST_OUTPUT

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":
            self.printed += len(msg["content"]["text"])
        if not self.flooded:
            return super().process_message(msg, cell, cell_index)
        with suppress(ProcessLookupError):
            os.kill(self.km.provisioner.pid, signal.SIGKILL)  # type: ignore[union-attr]
        return None


class _OwnKernel(KernelSpecManager):
    """Knows one kernel: ``book.run.kernel`` in this very environment, whatever else is installed."""

    plan: str
    """What the kernel needs to know, as JSON."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "book.run.kernel", self.plan, "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class PageRun:
    """A page's kernel; ``execute`` its blocks in order, inside a ``with`` statement.

    Args:
        book: the checkout.
        page: the page whose blocks run.
        device: ``cpu`` hides any GPU; ``gpu`` requires one.
        seed: replaces the page's ``seed = 0``, for sweeps.
        otherwise: environment variables that take the place of the usual ones.
        patience: how many times its limit of time a block may take.
    """

    def __init__(
        self,
        book: Book,
        page: Page,
        device: str = "cpu",
        seed: int | None = None,
        otherwise: Mapping[str, str] = MappingProxyType({}),
        patience: int = 1,
    ) -> None:
        """Verify the data the page needs; no kernel is started yet."""
        self._limit = patience * page.time_limit
        self.book, self.page, self.device, self.seed, self._otherwise = book, page, device, seed, otherwise
        self.sources = providers.sources(book, [block.code for block in page.blocks])
        self._shown = book.shown(page.file)

    def __enter__(self) -> Self:
        """Start the kernel in a fresh folder."""
        with ExitStack() as stack:
            scratch = Path(
                stack.enter_context(TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True))
            ).resolve()
            folder = self._folder = scratch / "page"
            self._fill()
            surroundings = environment(self.book, self.device, self.sources, scratch) | dict(self._otherwise)
            homes, self._mark = (os.environ.get("HOME", ""), surroundings["HOME"]), surroundings["TMPDIR"]
            named = {folder: ".", Path(self._mark): "<tmp>", self.book.root.resolve(): "<book>"}
            self._folders = {**named, **{Path(home): "~" for home in homes}}
            connection = _connection(stack, scratch)
            own = (scratch, Path(connection["connection_file"]).parent)
            self._asking, asked = (stack.enter_context(end) for end in socket.socketpair())
            specs = _OwnKernel()
            plan = world.plan(self.book, own, surroundings)
            specs.plan = json.dumps({**plan, "socket": asked.fileno()})
            self._by_system = plan["by_system"]
            self._client = _Client(
                new_notebook(cells=self._cells()),  # type: ignore[no-untyped-call]
                km=AsyncKernelManager(kernel_name="book", kernel_spec_manager=specs, **connection),
                timeout=self._limit,
                startup_timeout=START_SECONDS,
                shutdown_kernel="immediate",
                interrupt_on_timeout=False,
            )
            try:
                started = self._client.setup_kernel(
                    cwd=str(folder),
                    env=surroundings,
                    cleanup_kc=True,
                    stdout=DEVNULL,
                    stderr=DEVNULL,
                    pass_fds=(asked.fileno(),),
                )
                stack.callback(keep_fonts, self.book, surroundings)
                stack.enter_context(started)
                asked.close()
                self._pid = pid = self._client.km.provisioner.pid  # type: ignore[union-attr]
                stack.callback(processes.end, pid, self._mark)
                self._watch = processes.Watch(pid, self._mark, self.book.limits.memory_megabytes)
                stack.callback(self._watch.stop)
                self._ask(kernel.SETTLE)
            except Exception as problem:  # of Jupyter, its sockets, or the system
                with writing(self._shown):  # a kernel that finds no room does not say so
                    (scratch / "room").write_bytes(bytes(2**20))
                what = f"the kernel did not start: {type(problem).__name__}: {problem}"
                raise error(what, "run: make setup, and try again", self._shown) from problem
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the kernel and remove its folder."""
        self._stack.close()

    def execute(self, block: Block) -> Result:
        """Run one block and return what it did."""
        client = self._client
        cell = client.nb.cells[block.index]
        client.printed = 0
        tree = {} if self._by_system else world.tree(self.book)
        started = time.perf_counter()
        try:
            client.execute_cell(cell, block.index)
            seconds = time.perf_counter() - started
            observed = self._ask(kernel.OBSERVE if block.kind == "python" else kernel.SETTLE)
            asserts = self.seed is None and assertions(block.python)
            checks = self._ask(kernel.TRY, block.code)["checks"] if asserts else {}
        except CellTimeoutError:
            what = f"this block ran longer than {self._limit} s"
            remedy = "make it shorter, or set time_limit in the page's front matter, or move it to a _long.py script"
            raise failure.of(self._shown, block, what, remedy) from None
        except CellExecutionError as problem:
            raise failure.raised(self._shown, self.page.blocks, block, cell, problem) from None
        except DeadKernelError:
            if self._watch.exceeded:
                what = f"the page holds more than {self.book.limits.memory_megabytes} MB of memory"
                remedy = "make it need less, or raise memory_megabytes in book.toml"
                raise failure.of(self._shown, block, what, remedy) from None
            if client.flooded:
                what = f"this block printed more than {LARGEST_OUTPUT / 1e6:.0f} MB"
                raise failure.of(self._shown, block, what, "print less") from None
            what = "this block ended its kernel (killed, or out of memory)"
            raise failure.of(self._shown, block, what, "make it need less") from None
        except (KeyError, TypeError, ValueError) as problem:  # of nbclient and Jupyter
            what = f"what the kernel sent cannot be read ({type(problem).__name__}: {problem})"
            raise failure.of(self._shown, block, what, "do not change what IPython consists of") from None
        if observed.get("replaced"):
            what = f"this block replaces {', '.join(observed['replaced'])}, on which all other code stands"
            raise failure.of(self._shown, block, what, "define a function of another name")
        if not self._by_system and (changed := sorted(dict(tree.items() ^ world.tree(self.book).items()))):
            what = f"files changed while this block ran: {', '.join(self.book.shown(Path(each)) for each in changed)}"
            raise failure.of(self._shown, block, what, "write into the folder it runs in; if it was you, run it again")
        if observed.get("threads"):
            what = f"a thread goes on when this block has ended: {', '.join(observed['threads'])}"
            raise failure.of(self._shown, block, what, "join it in the block that starts it")
        if going := processes.left(self._pid, self._mark):
            what = f"a process goes on when this block has ended: {', '.join(going)}"
            raise failure.of(self._shown, block, what, "wait for it, or end it, in the block that starts it")
        try:
            outputs, figures = tidy(self.book, cell.outputs, self.device, self._folders)
        except Refused as problem:
            raise failure.of(self._shown, block, f"this block {problem}", problem.remedy) from None
        return Result(outputs, round(seconds, 3), observed["peak"], observed["variables"], figures, checks)

    def circumstances(self) -> Circumstances:
        """Return when, where and with what this page runs."""
        codes = [block.python for block in self.page.blocks]
        return circumstances(self.book, codes, self.sources, self._gpu())

    def follow(self, page: Page, done: int) -> bool:
        """Go on with the page as it is now, whose first blocks ran here; False where it needs other surroundings."""
        if providers.sources(self.book, [block.code for block in page.blocks]) != self.sources:
            return False
        self.page = page
        self._client.nb.cells[:] = self._cells()
        self._copy(page.blocks[done:], but=page.blocks[:done])
        return True

    def _fill(self) -> None:
        """Make the folder the page works in, with the files that its blocks name and what npm installed."""
        self._folder.mkdir()
        self._copy(self.page.blocks)
        if (modules := self.book.root / "node_modules").is_dir():
            (self._folder / "node_modules").symlink_to(modules.resolve())

    def _copy(self, blocks: Iterable[Block], but: Iterable[Block] = ()) -> None:
        """Copy the files that blocks name into the folder, but those that others, which have run, name, too."""
        there = {name for block in but for name in inputs.named(self.book, block.python)}
        for block in blocks:
            for name, file in inputs.named(self.book, block.python).items():
                if name not in there:
                    shutil.copyfile(file, self._folder / name)
            archives.put(self.book, inputs.named_archives(self.book, block.python), self._folder)

    def _cells(self) -> list[Any]:
        cells = [block.cell for block in self.page.blocks]
        if self.seed is not None:
            cells = [_SEED.sub(f"seed = {self.seed}", cell) for cell in cells]
        return [new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]

    def _gpu(self) -> str:
        """Return the names of the GPUs that the page's libraries use; empty where it runs on the CPU."""
        if self.device != "gpu":
            return ""
        if not (gpus := dict.fromkeys(self._ask(kernel.GPUS)["gpus"])):
            raise error("no GPU is found here", "run without --device gpu, or on a machine with one")
        return "; ".join(gpus)

    def _ask(self, word: str, code: str = "") -> dict[str, Any]:
        """Ask the kernel on the socket that no code of the page knows of, and return the answer."""
        mark, until, came = token_hex(), time.monotonic() + self._limit, b""
        self._asking.settimeout(1)
        try:
            self._asking.sendall(f"{word} {mark} {code.encode().hex()}\n".encode())
            while not came.endswith(b"\n"):
                try:
                    came += (piece := self._asking.recv(1 << 16))
                except TimeoutError:
                    piece = run_sync(self._client.km.is_alive)()  # type: ignore[arg-type,union-attr]
                if not piece or time.monotonic() > until:
                    raise DeadKernelError("the kernel no longer answers")
        except OSError as problem:
            raise DeadKernelError(str(problem)) from None
        answer: dict[str, Any] = json.loads(came)
        if answer.get("mark") != mark or "problem" in answer:
            raise ValueError(answer.get("problem", "not the answer"))
        return answer


def _connection(stack: ExitStack, scratch: Path) -> dict[str, Any]:
    """Return how the kernel is reached: by sockets in a folder of their own, or by TCP where none is short enough."""
    if (short := socket_folder()) is None:
        return {"connection_file": str(scratch / "kernel.json")}
    sockets = stack.enter_context(TemporaryDirectory(prefix="book-", dir=short, ignore_cleanup_errors=True))
    return {"transport": "ipc", "ip": f"{sockets}/kernel", "connection_file": f"{sockets}/kernel.json"}


def lacking(page: Page) -> str | None:
    """Say what a page needs that is not here, modules or instructions of the processor; None where it can run."""
    modules = [name for name in page.needs if name not in INSTRUCTIONS]
    absent = [name for name in modules if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed here (make frameworks)" if absent else too_slow(page)


def too_slow(page: Page) -> str | None:
    """Say which instructions a page needs that this processor lacks; None where it has them all."""
    absent = [name for name in page.needs if name in INSTRUCTIONS and not has_instruction(name)]
    return f"this processor has no {' and '.join(absent)}, so it would take very long" if absent else None


@contextmanager
def only_run(book: Book) -> Iterator[None]:
    """Hold the lock that lets one run at a time write records."""
    try:
        with locked(book.cache / "run.lock"):
            yield
    except Taken as other:
        raise error(
            f"another run is under way (process {other})",
            "wait for it to end, or stop it; its records are written whole or not at all",
        ) from None


Tell = Callable[[Block, Result | None], None]
"""What is called before a block (with None) and after it (with its result)."""


def run_page(book: Book, page: Page, device: str = "cpu", on_block: Tell = lambda block, result: None) -> list[Record]:
    """Run a whole page and return its records, not yet saved."""
    results: list[Result] = []
    with PageRun(book, page, device) as running:
        run_on(running, results, page.blocks, on_block)
        return records(running, results)


def run_on(running: PageRun, results: list[Result], blocks: Sequence[Block], on_block: Tell) -> None:
    """Run blocks in the kernel of a page that ran those above, and add what each did to the results."""
    for block in blocks:
        on_block(block, None)
        results.append(running.execute(block))
        on_block(block, results[-1])


def records(running: PageRun, results: Sequence[Result]) -> list[Record]:
    """Return the records of a page whose blocks all ran."""
    book, page, circumstances = running.book, running.page, running.circumstances()
    return [
        Record(
            block.name, page.name, block.index, running.device, circumstances, result,
            inputs.digests(book, block.python),
        )
        for block, result in zip(page.blocks, results, strict=True)
    ]  # fmt: skip


def news(book: Book, page: Page, records: Sequence[Record]) -> Sequence[Record]:
    """Return what is to be saved of a page's run: its records from the first stale block on, or all of them.

    The records above a stale block stay as they are where the run, on the same processor with the same versions, gave
    what they hold: nothing about them is new but the time. A page without a stale block is recorded anew.
    """
    for i, (block, fresh) in enumerate(zip(page.blocks, records, strict=True)):
        there, now = kept(book, block.name), fresh.circumstances
        if there.state != "fresh" or there.shown is None:
            return records[i:]
        then = there.shown.circumstances
        if not compare.is_same_machine(then, now) or fresh.result.checks != there.shown.result.checks:
            return records
        if any(compare.of_block(book, page, block, there.shown, fresh.result, now)):
            return records
    return records


Outcome = list[Record] | BookError
"""What came of a page: its records, or what is wrong with it."""


def run_pages(book: Book, pages: Iterable[Page], device: str, tell: Tell) -> Iterator[tuple[Page, Outcome]]:
    """Run pages one after another and yield each with what came of it; one that fails keeps no other from running."""
    for page in pages:
        try:
            outcome: Outcome = run_page(book, page, device, tell)
        except Exception as problem:
            outcome = as_error(book, problem, "running the page")
        yield page, outcome
