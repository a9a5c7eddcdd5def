"""Long runs: what cannot run within a page's time is a script that runs now and then, its result kept for the pages.

``snippets/part/name_long.py`` writes one file, ``name_long.json``, into the folder it runs in. `make long` runs the
scripts whose code changed and keeps the file as it is in ``records/long/``, where pages find it (``book.files``),
with ``name_long.run.json`` beside it: which code made it, when, where, and in what time. With ``--reduced`` the same
script makes less of everything, so that `make test` can run it to its end; that result is not kept.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from book import chain, record
from book.errors import BookError, Finding, error
from book.record import Circumstances, disk_error, write_atomically
from book.site import Book

LARGEST_RESULT = 4_000_000
"""Bytes a result may have."""
_RUN = (
    "import runpy, sys; from book import kernel; kernel.prepare(); sys.argv = sys.argv[1:];"
    "runpy.run_path(sys.argv[0], run_name='__main__')"
)


@dataclass(frozen=True)
class LongRun:
    """How a result came about.

    Attributes:
        script: path below the snippets folder.
        code: hash of the script's code; comments and layout do not count.
        result: SHA-256 of the file it wrote.
        seconds: wall-clock time.
        circumstances: when, where and with what.
    """

    script: str
    code: str
    result: str
    seconds: float
    circumstances: Circumstances


def scripts(book: Book) -> list[Path]:
    """Return the scripts of long runs."""
    return sorted(book.snippets.rglob("*_long.py"))


def result_file(book: Book, script: Path) -> Path:
    """Return where the result of a script is kept."""
    return book.long / f"{script.stem}.json"


def _run_file(result: Path) -> Path:
    return result.with_suffix(".run.json")


def code_hash(script: Path) -> str:
    """Return the hash of a script's code.

    Raises:
        SyntaxError: it is not Python.
    """
    return chain.names([("python", chain.canonical(script.read_text(encoding="utf-8"), "python"))])[0]


def load(book: Book, result: Path) -> LongRun | None:
    """Return how a result came about, or None where that is not known.

    Raises:
        BookError: what is kept about it is damaged, or the result is not what the run wrote.
    """
    file = _run_file(result)
    remedy = f"bring back what was committed: git checkout -- {book.shown(book.long)}   (or make it anew: make long)"
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        digest = raw.pop("digest")
        circumstances = {**raw["circumstances"], "data": tuple(raw["circumstances"]["data"])}
        kept = LongRun(**{**raw, "circumstances": Circumstances(**circumstances)})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise error("what is kept about this long run is damaged", remedy, book.shown(file)) from None
    if digest != record.checksum(raw):
        raise error("what is kept about this long run was changed by hand", remedy, book.shown(file))
    if not result.is_file() or hashlib.sha256(result.read_bytes()).hexdigest() != kept.result:
        raise error("the result of this long run is missing or was changed", remedy, book.shown(result))
    return kept


def stale(book: Book, script: Path) -> str | None:
    """Say why a script has to run again; None where its result is fresh.

    Raises:
        BookError: its result is damaged.
    """
    kept = load(book, result_file(book, script))
    if kept is None:
        return "it has no result yet"
    if kept.code != code_hash(script):
        return "its code changed since it ran"
    other = record.other_version(book, kept.circumstances.versions)
    return other and f"it ran with {other}"


def findings(book: Book) -> Iterator[Finding]:
    """Yield a finding for each long run that is stale or damaged, and for each result without its script."""
    known = {result_file(book, script) for script in scripts(book)}
    for script in scripts(book):
        try:
            if why := stale(book, script):
                yield Finding(book.shown(script), 0, f"this long run is stale: {why}", "run: make long")
        except BookError as problem:
            yield from problem.findings
    for file in sorted(book.long.glob("*.json")):
        if file not in known and file.with_suffix("").suffix != ".run":
            yield Finding(book.shown(file), 0, "no script makes this result any more", "delete it, with its .run.json")


def run(book: Book, script: Path, *, reduced: bool = False) -> LongRun:
    """Run a script; keep its result unless it is the reduced version. What it prints goes to the terminal.

    Raises:
        BookError: the script failed, wrote no result, or one that is too large; or the disk is full.
    """
    from book import data
    from book.run import THREADS, environment, processor_identity, processor_name, versions

    shown, text = book.shown(script), script.read_text(encoding="utf-8")
    sources = [data.mnist(book)] if "mnist" in text else []
    began = time.perf_counter()
    with TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-c", _RUN, str(script), *(["--reduced"] if reduced else [])]
        done = subprocess.run(command, cwd=folder, env=environment(book, "cpu", sources), check=False)
        seconds = time.perf_counter() - began
        written = Path(folder) / f"{script.stem}.json"
        if done.returncode:
            raise error(f"the long run failed (exit status {done.returncode})", "see its last lines above", shown)
        if not written.is_file():
            raise error(f"the long run wrote no {written.name}", "write its results there", shown)
        content = written.read_bytes()
    if len(content) > LARGEST_RESULT:
        limit = f"{LARGEST_RESULT / 1e6:.0f} MB"
        raise error(f"the result has {len(content) / 1e6:.1f} MB, the limit is {limit}", "write less", shown)
    _require_json(content, shown)
    kept = LongRun(
        script=script.relative_to(book.snippets).as_posix(),
        code=code_hash(script),
        result=hashlib.sha256(content).hexdigest(),
        seconds=round(seconds, 3),
        circumstances=Circumstances(
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            machine=f"{processor_name()}, {os.cpu_count()} cores",
            processor=processor_identity(),
            system=f"{platform.system()} {platform.machine()}",
            threads=THREADS,
            python=platform.python_version(),
            versions=versions([text]),
            data=tuple(source.origin for source in sources),
        ),
    )
    if not reduced:
        _save(book, result_file(book, script), content, kept)
    return kept


def _require_json(content: bytes, shown: str) -> None:
    try:
        json.loads(content)
    except ValueError as problem:
        raise error(f"the result is not JSON ({problem})", "write it with json.dumps", shown) from None


def _save(book: Book, result: Path, content: bytes, kept: LongRun) -> None:
    raw: dict[str, Any] = json.loads(json.dumps(asdict(kept)))
    about = json.dumps({**raw, "digest": record.checksum(raw)}, ensure_ascii=False, indent=1) + "\n"
    try:
        write_atomically(result, content)
        write_atomically(_run_file(result), about.encode())
    except OSError as problem:
        raise disk_error(problem, book.shown(result)) from None
