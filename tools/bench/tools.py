"""What every measurement needs: the peers' environment, commands that are timed, medians, the machine."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from book.core.page import read
from book.core.site import Book
from book.run.session import PageRun

ROOT = Book().root
HERE = ROOT / "tools" / "bench"
WORK = Book().cache / "bench"
"""Folder of everything that is made for the measurements."""
OURS = Path(sys.executable)
PEERS = ROOT / ".venv-bench"
PEERS_PYTHON = PEERS / "bin" / "python"
PEERS_LOCK = ROOT / "requirements" / "bench.txt"
MODULES = HERE / "node_modules"
NODE_LOCK = HERE / "package-lock.json"
MATHJAX = MODULES / "mathjax" / "es5"
LIGHTHOUSE = MODULES / "lighthouse" / "cli" / "index.js"
INSTALL_SECONDS = 900
COMMAND_SECONDS = 300
LAST_LINES = 15


class Failed(Exception):
    """A command that a measurement needs did not succeed; the message is what it said last."""


def set_up(tell: Callable[[str], None]) -> None:
    """Install the peers into ``.venv-bench``, and what ``package.json`` names into ``tools/bench/node_modules``.

    Raises:
        Failed: one of them cannot be installed.
    """
    if not _is_current(PEERS / ".stamp", PEERS_LOCK):
        tell("installing the peers into .venv-bench; this takes a minute or two")
        shutil.rmtree(PEERS, ignore_errors=True)
        run([OURS, "-m", "venv", PEERS], ROOT, seconds=INSTALL_SECONDS)
        pip: list[str | Path] = [
            PEERS_PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-input",
            "--quiet",
        ]
        run([*pip, "--require-hashes", "-r", PEERS_LOCK], ROOT, seconds=INSTALL_SECONDS)
        _stamp(PEERS / ".stamp", PEERS_LOCK)
    if not _is_current(MODULES / ".stamp", NODE_LOCK):
        tell("installing Lighthouse, MathJax and TensorFlow.js into tools/bench/node_modules")
        run(["npm", "ci", "--no-audit", "--no-fund"], HERE, seconds=INSTALL_SECONDS)
        _stamp(MODULES / ".stamp", NODE_LOCK)


def _is_current(stamp: Path, lock: Path) -> bool:
    return stamp.is_file() and stamp.read_text() == _digest(lock)


def _stamp(stamp: Path, lock: Path) -> None:
    stamp.write_text(_digest(lock))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def run(
    command: Sequence[str | Path],
    folder: Path,
    seconds: float = COMMAND_SECONDS,
    environment: Mapping[str, str] | None = None,
) -> tuple[float, str]:
    """Run a command and return its wall-clock seconds and what it wrote to its standard output.

    Raises:
        Failed: it is not there, did not succeed, or took longer than ``seconds``.
    """
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    shown = " ".join(str(part) for part in command)
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env={**inherited, "DISABLE_MKDOCS_2_WARNING": "true", **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {seconds:g} s: {shown}") from None
    except OSError as problem:
        raise Failed(f"{problem}: {shown}") from None
    took = time.perf_counter() - began
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
        raise Failed(f"exit status {done.returncode}: {shown}\n{said}")
    return took, done.stdout


def free_port() -> int:
    """Return a port that nothing uses."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def median(values: Iterable[float]) -> float:
    """Return the median, rounded as a measurement deserves."""
    return round(statistics.median(values), 3)


def machine() -> dict[str, Any]:
    """Return when, on what and with what is measured; nothing that names the machine or its place."""
    book = Book()
    here = PageRun(book, read(book, book.languages[0], "index")).circumstances()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": here.machine,
        "system": here.system,
        "memory": f"{memory:.0f} GiB",
        "versions": {"Python": here.python, **_versions()},
    }


def _versions() -> dict[str, str]:
    ours = {name: importlib.metadata.version(name) for name in ("mkdocs", "mkdocs-material")}
    names = ("mkdocs-jupyter", "sphinx", "myst-nb", "sphinx-book-theme", "jieba")
    code = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {names}}}))"
    theirs = json.loads(run([PEERS_PYTHON, "-c", code], ROOT)[1])
    node = run(["node", "--version"], ROOT)[1].strip().lstrip("v")
    modules = {
        name: json.loads((MODULES / name / "package.json").read_text(encoding="utf-8"))["version"]
        for name in ("lighthouse", "mathjax")
    }
    return {**ours, **theirs, "Node.js": node, **modules}
