"""Spread pages over the nodes of an existing Ray cluster; their records come back to the driver, which writes them.

Every node has the same checkout of the book at the same path, set up with ``make cluster``, and was started with
its Ray (``.venv-cluster/bin/ray start``). A page is one task. It asks for the threads it computes with, so that no
other page spoils its seconds, and for a GPU where it is to run on one. When its node dies Ray runs it on another.
A node whose pages are not those of the driver says so instead of running them.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from book.core.findings import BookError, Finding, error
from book.core.page import Page, read
from book.core.site import Book
from book.core.unforeseen import as_error
from book.evidence.record import Record
from book.run.environment import THREADS
from book.run.session import Outcome, Tell, run_page
from book.run.shards import seconds

PACKAGE = Path(__file__).resolve().parent.parent
"""Folder in which a worker finds this package."""
RETRIES = 5
"""How often a page whose node died, or whose worker was ended for want of memory, starts again."""
LISTEN_SECONDS = 5
"""How long it may take to find that something listens at the address."""
CONNECT_SECONDS = 60
"""How long it may take to find that it is a Ray cluster."""
WAIT_SECONDS = 30
"""How long at most between two looks at whether there is still a node to wait for."""
QUIET = {"logging_level": "ERROR", "log_to_driver": False}
SET_UP = "run: make cluster, and then: .venv-cluster/bin/python -m book run --cluster ADDRESS"

Answer = list[Record] | tuple[Finding, ...]
"""What comes back from a worker: a page's records, or why there are none (exceptions lose their parts on the way)."""


def run_pages(
    book: Book, pages: Sequence[Page], device: str, address: str, tell: Tell
) -> Iterator[tuple[Page, Outcome]]:
    """Run pages on a cluster and yield each as it ends, with its records or what is wrong; the longest begin first.

    The ``address`` is ``host:port``, ``ray://host:port``, or ``auto`` for that of which this machine is part; ``tell``
    is called with each block and its result, once its page has ended.
    """
    with _connected(address) as ray:
        _require_room(ray, device, address)
        needs = {"num_cpus": THREADS, "num_gpus": 1 if device == "gpu" else 0}
        task = ray.remote(max_retries=RETRIES, scheduling_strategy="SPREAD", **needs)(_task(book.root, device))
        running = {
            task.remote(page.name, [block.name for block in page.blocks]): page
            for page in sorted(pages, key=lambda page: -seconds(book, page))
        }
        while running:
            ended, _ = ray.wait(list(running), timeout=WAIT_SECONDS)
            if not ended:
                _require_room(ray, device, address)
            for task_that_ended in ended:
                page = running.pop(task_that_ended)
                outcome = _outcome(ray, book, page, task_that_ended)
                if not isinstance(outcome, BookError):
                    for block, fresh in zip(page.blocks, outcome, strict=True):
                        tell(block, fresh.result)
                yield page, outcome


def _task(root: Path, device: str) -> Callable[[str, list[str]], Answer | str]:
    """Return what a worker does; a text says why it can't.

    Ray sends a function within a function whole, so it can speak where the book or its packages are missing.
    """
    package, folder = str(PACKAGE), str(root)

    def run(page: str, blocks: list[str]) -> Answer | str:
        sys.path.insert(0, package)
        try:
            from book.run.cluster import run_here
        except ImportError as problem:
            return f"{socket.gethostname()}: {problem}"
        return run_here(folder, page, blocks, device)

    return run


def run_here(folder: str, name: str, blocks: Sequence[str], device: str) -> Answer:
    """Run a page on the node that was asked to, if its blocks there are those of the driver."""
    book, node = Book(Path(folder)), socket.gethostname()
    if _names(book, name) != list(blocks):
        what = f"the checkout in {folder} on node {node} has other blocks on this page"
        remedy = "bring every node to the same state of the book (git pull), and run the command again"
        return (Finding(book.shown(book.page_file(book.languages[0], name)), 0, what, remedy),)
    try:
        return run_page(book, read(book, book.languages[0], name), device)
    except Exception as problem:
        findings = as_error(book, problem, "running the page").findings
        return tuple(replace(finding, problem=f"on node {node}: {finding.problem}") for finding in findings)


def _names(book: Book, page: str) -> list[str]:
    try:
        return [block.name for block in read(book, book.languages[0], page).blocks]
    except BookError:  # on the driver it could be read
        return []


def _outcome(ray: Any, book: Book, page: Page, task: Any) -> Outcome:
    place = book.shown(page.file)
    try:
        answer: Answer | str = ray.get(task, timeout=WAIT_SECONDS)
    except ray.exceptions.RayError as problem:
        why = str(problem).strip().splitlines()[-1]
        return error(f"the page did not run on the cluster: {why}", "run the command again", place)
    if isinstance(answer, str):
        remedy = f"set up the same checkout at {book.root} on every node: make cluster"
        return error(f"the page did not run on node {answer}", remedy, place)
    return BookError(*answer) if isinstance(answer, tuple) else answer


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Yield Ray, connected to the cluster; whatever still runs for us there ends with the ``with`` statement."""
    try:
        import ray
    except ImportError:
        raise error("Ray is not installed here", SET_UP) from None
    _require_answer(address)
    try:
        ray.init(address, **QUIET)
        yield ray
    except ConnectionError as problem:
        raise _unreachable(address, f"{problem}; what was recorded before is still there") from None
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Refuse an address that is none, or at which no cluster answers; Ray itself would go on trying for ever."""
    if address != "auto":
        host, _, port = address.removeprefix("ray://").rpartition(":")
        if not (host and port.isdigit()) or "/" in host:
            remedy = "name it as host:port, ray://host:port, or auto for the cluster that this machine is part of"
            raise error(f"{address!r} is not the address of a Ray cluster", remedy)
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=LISTEN_SECONDS).close()
        except OSError as problem:
            raise _unreachable(address, problem.strerror or str(problem)) from None
    connect = f"import sys, ray; ray.init(sys.argv[1], **{QUIET})"
    try:
        tried = subprocess.run(
            [sys.executable, "-c", connect, address], capture_output=True, text=True, timeout=CONNECT_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise _unreachable(address, f"no word from it in {CONNECT_SECONDS} s") from None
    if tried.returncode:
        raise _unreachable(address, tried.stderr.rpartition("Error: ")[2].strip())


def _unreachable(address: str, why: str) -> BookError:
    remedy = "see whether it runs (.venv-cluster/bin/ray status), and whether its Ray and Python are the same as here"
    return error(f"the Ray cluster at {address} does not answer: {why}", remedy)


def _require_room(ray: Any, device: str, address: str) -> None:
    """Refuse to wait for what no node has."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = 1 if device == "gpu" else 0
    if not any(node.get("CPU", 0) >= THREADS and node.get("GPU", 0) >= gpus for node in alive):
        what = f"{THREADS} CPUs" + (" and a GPU" if gpus else "")
        problem = f"none of the {len(alive)} nodes of the Ray cluster at {address} has {what}"
        raise error(problem, "add a node that has, and run the command again; what was recorded before is still there")
