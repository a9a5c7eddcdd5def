"""Run the blocks of a page: one fresh kernel, reading order, a time limit for each block.

nbclient drives the kernel (``book.run.kernel``); each page works in a fresh folder of its own in which
``node_modules`` is linked, so that a page may read the data sets that npm installs, and which holds the files that
its blocks name (``book.files``).
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from types import TracebackType
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
from book.core.store import Taken, locked
from book.evidence import record
from book.evidence.record import Circumstances, Record, Result
from book.run import providers
from book.run.environment import circumstances, environment

LARGEST_OUTPUT = 1_000_000
"""Bytes a block may print; a page that needs more is not for reading."""
TRACEBACK_LINES = 6
START_SECONDS = 60
_OBSERVE = "__import__('book.run.kernel', fromlist=['observe']).observe(get_ipython().user_ns)"
_GPUS = (
    "'; '.join(__import__('tensorflow').config.experimental.get_device_details(gpu).get('device_name', gpu.name)"
    " for gpu in __import__('tensorflow').config.list_physical_devices('GPU'))"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TENSORFLOW_NOISE = re.compile(
    r"^(WARNING: All log messages before absl|[IWE]0000 00:00|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] |"
    r"To enable the following instructions|Skipping registering GPU devices|TF_ENABLE_ONEDNN_OPTS)"
)
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

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "book.run.kernel", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class PageRun:
    """A page's kernel; ``execute`` its blocks in order, inside a ``with`` statement.

    Args:
        book: the checkout.
        page: the page whose blocks run.
        device: ``cpu`` hides any GPU; ``gpu`` requires one.
        seed: replaces the page's ``seed = 0``, for sweeps.
    """

    def __init__(self, book: Book, page: Page, device: str = "cpu", seed: int | None = None) -> None:
        """Verify the data the page needs; no kernel is started yet."""
        self.book, self.page, self.device, self.seed = book, page, device, seed
        self.sources = [providers.mnist(book)] if any("mnist" in block.code for block in page.blocks) else []
        self._shown = book.shown(page.file)

    def __enter__(self) -> Self:
        """Start the kernel in a fresh folder."""
        self.book.cache.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True)))
            sockets = stack.enter_context(TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True))
            for name, file in self._files().items():
                shutil.copyfile(file, folder / name)
            if (modules := self.book.root / "node_modules").is_dir():
                (folder / "node_modules").symlink_to(modules.resolve())
            cells = [new_code_cell(self._code(block)) for block in self.page.blocks]  # type: ignore[no-untyped-call]
            self._client = _Client(
                new_notebook(cells=cells),  # type: ignore[no-untyped-call]
                km=AsyncKernelManager(
                    kernel_name="book",
                    kernel_spec_manager=_OwnKernel(),
                    **({"transport": "ipc", "ip": f"{sockets}/kernel"} if os.name == "posix" else {}),
                ),
                timeout=self.page.time_limit,
                startup_timeout=START_SECONDS,
                shutdown_kernel="immediate",
                interrupt_on_timeout=False,
                coalesce_streams=True,
            )
            try:
                kernel = self._client.setup_kernel(
                    cwd=str(folder),
                    env=environment(self.book, self.device, self.sources),
                    cleanup_kc=True,
                    stdout=DEVNULL,
                    stderr=DEVNULL,
                )
                stack.enter_context(kernel)
                self._observe()
            except (RuntimeError, DeadKernelError) as problem:
                remedy = "run: make setup, and try again"
                raise error(f"the kernel did not start: {problem}", remedy, self._shown) from None
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the kernel and remove its folder."""
        self._stack.close()

    def execute(self, block: Block) -> Result:
        """Run one block and return what it did.

        Raises:
            BookError: the block raised, ran too long, printed too much or ended the kernel.
        """
        client = self._client
        cell = client.nb.cells[block.index]
        client.printed = 0
        started = time.perf_counter()
        try:
            client.execute_cell(cell, block.index)
        except CellTimeoutError:
            raise self._failure(
                block,
                1,
                f"this block ran longer than {self.page.time_limit} s",
                "make it shorter, or set time_limit in the page's front matter, or move it to a _long.py script",
            ) from None
        except CellExecutionError as problem:
            line, trace = _where(cell)
            last = "\n".join(f"    {text}" for text in trace[-TRACEBACK_LINES:])
            raise self._failure(
                block,
                line,
                f"this block raised {problem.ename}: {problem.evalue}\n{last}",
                "correct the snippet",
            ) from None
        except DeadKernelError:
            if client.flooded:
                what = f"this block printed more than {LARGEST_OUTPUT / 1e6:.0f} MB"
                raise self._failure(block, 1, what, "print less") from None
            what = "this block ended its kernel (killed, or out of memory)"
            raise self._failure(block, 1, what, "make it need less") from None
        seconds = time.perf_counter() - started
        observed = self._observe()
        outputs, figures = _tidy(cell.outputs, self.device)
        return Result(outputs, round(seconds, 3), observed["peak"], observed["variables"], figures)

    def circumstances(self) -> Circumstances:
        """Return when, where and with what this page runs."""
        codes = [block.code for block in self.page.blocks if block.kind == "python"]
        return circumstances(codes, self.sources, self._gpu())

    def _files(self) -> dict[str, Path]:
        """Return the files that the blocks name and find in their folder."""
        return {k: v for block in self.page.blocks for k, v in inputs.named(self.book, block.code, block.kind).items()}

    def _gpu(self) -> str:
        """Return the names of the GPUs that TensorFlow uses; empty where the page runs on the CPU."""
        if self.device != "gpu":
            return ""
        gpus = str(self._evaluate(_GPUS))
        if not gpus:
            raise error("TensorFlow finds no GPU here", "run without --device gpu, or on a machine with one")
        return gpus

    def _code(self, block: Block) -> str:
        return block.cell if self.seed is None else _SEED.sub(f"seed = {self.seed}", block.cell)

    def _observe(self) -> dict[str, Any]:
        observed: dict[str, Any] = json.loads(str(self._evaluate(_OBSERVE)))
        return observed

    def _evaluate(self, expression: str) -> object:
        """Evaluate an expression in the kernel without leaving a trace in the page's name space."""
        client = self._client
        assert client.kc is not None
        message = client.kc.execute("", silent=True, store_history=False, user_expressions={"value": expression})
        reply = run_sync(client.async_wait_for_reply)(message)
        if reply is None:
            raise DeadKernelError("the kernel no longer answers")
        value = reply["content"]["user_expressions"]["value"]
        if value["status"] != "ok":
            raise RuntimeError(f"{value['ename']}: {value['evalue']}")
        return ast.literal_eval(value["data"]["text/plain"])

    def _failure(self, block: Block, line: int, problem: str, remedy: str) -> BookError:
        """Build the message for a block that failed, with the page's line and the snippet's."""
        snippet = block.snippet_place(line)
        place = f" [{snippet}]" if snippet else ""
        return error(f"block {block.index + 1}{place}: {problem}", remedy, self._shown, block.line)


def _where(cell: Any) -> tuple[int, list[str]]:
    """Return the block's line at which an exception passed last, and the traceback's lines for people."""
    output = next((o for o in reversed(cell.outputs) if o.output_type == "error"), None)
    if output is None:
        return 1, []
    text = _ANSI.sub("", "\n".join(output.traceback)).splitlines()
    lines = [int(m[1]) for entry in text if (m := re.match(r"^(?:Cell|File <ipython).*?line (\d+)", entry.strip()))]
    arrows = [int(m[1]) for entry in text if (m := re.match(r"^-+> (\d+) ", entry))]
    return (lines or arrows or [1])[0 if not lines else -1], [entry for entry in text if entry.strip()]


def _tidy(outputs: Sequence[Any], device: str) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return outputs without TensorFlow's log lines, pictures taken out into files."""
    kept: list[dict[str, Any]] = []
    figures: dict[str, bytes] = {}
    for output in outputs:
        item = json.loads(json.dumps(output))
        item.pop("execution_count", None)
        if item["output_type"] == "stream":
            lines = item["text"].splitlines(keepends=True)
            if item["name"] == "stderr":
                lines = [line for line in lines if not _TENSORFLOW_NOISE.match(line)]
            item["text"] = _ANSI.sub("", _overwrite("".join(lines)))
            if not item["text"].strip():
                continue
        for mime in ("image/svg+xml", "image/png"):
            if mime in item.get("data", {}):
                content = item["data"].pop(mime)
                raw = content.encode() if mime == "image/svg+xml" else _decode(content)
                suffix = "svg" if mime == "image/svg+xml" else "png"
                name = f"{device}-{len(figures) + 1}-{hashlib.sha256(raw).hexdigest()[:8]}.{suffix}"
                figures[name] = raw
                item["data"] = {record.FIGURE: name}
                break
        kept.append(item)
    return kept, figures


def _decode(content: str) -> bytes:
    import base64

    return base64.b64decode(content)


def _overwrite(text: str) -> str:
    """Apply carriage returns and backspaces as a terminal would."""
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in re.sub(r"[^\n]\x08", "", text).split("\n"))


def lacking(page: Page) -> str | None:
    """Say which of the modules that a page needs are not installed here; None where it can run."""
    absent = [name for name in page.needs if importlib.util.find_spec(name) is None]
    return f"{' and '.join(absent)} not installed here (make frameworks)" if absent else None


@contextmanager
def only_run(book: Book) -> Iterator[None]:
    """Hold the lock that lets one run at a time write records.

    Raises:
        BookError: another run holds it.
    """
    try:
        with locked(book.cache / "run.lock"):
            yield
    except Taken as other:
        raise error(
            f"another run is under way (process {other})",
            "wait for it to end, or stop it; its records are written whole or not at all",
        ) from None


def run_page(
    book: Book,
    page: Page,
    device: str = "cpu",
    on_block: Callable[[Block, Result | None], None] | None = None,
) -> list[Record]:
    """Run a whole page and return its records, not yet saved.

    Args:
        book: the checkout.
        page: the page.
        device: device class.
        on_block: called before a block (with None) and after it (with its result).

    Raises:
        BookError: a block failed; the page's earlier records stay as they are.
    """
    tell = on_block or (lambda block, result: None)
    records = []
    with PageRun(book, page, device) as running:
        for block in page.blocks:
            tell(block, None)
            result = running.execute(block)
            tell(block, result)
            records.append((block, result))
        circumstances = running.circumstances()
    return [Record(b.name, page.name, b.index, device, circumstances, r) for b, r in records]


Outcome = list[Record] | BookError
"""What came of a page: its records, or what is wrong with it."""


def run_pages(
    book: Book, pages: Iterable[Page], device: str, tell: Callable[[Block, Result | None], None]
) -> Iterator[tuple[Page, Outcome]]:
    """Run pages one after another and yield each with what came of it; one that fails keeps no other from running."""
    for page in pages:
        try:
            outcome: Outcome = run_page(book, page, device, tell)
        except BookError as problem:
            outcome = problem
        yield page, outcome
