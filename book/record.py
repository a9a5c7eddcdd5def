"""What a block printed, drew and cost when it last ran, kept in ``records/`` and committed.

A record is a folder named by the block's chain hash. It holds one JSON file per device class and, beside it,
the figures the block drew. Files are written whole or not at all; a checksum shows what was edited by hand.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from book.errors import BookError, error
from book.site import Book

FORMAT = 1
DEVICES = ("cpu", "gpu")
FIGURE = "figure"
"""Key that stands in an output for a picture kept as a file beside the record."""


@dataclass(frozen=True)
class Circumstances:
    """When, where and with what a block ran.

    Attributes:
        date: day of the run, ISO 8601.
        machine: processor and number of cores, for people.
        processor: what must be equal for results to be equal to the last bit.
        system: operating system.
        threads: threads TensorFlow and NumPy used.
        python: version of Python.
        versions: distribution name to version, for the packages the page imports.
        data: data sets used and where they came from.
    """

    date: str
    machine: str
    processor: str
    system: str
    threads: int
    python: str
    versions: Mapping[str, str]
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What one block did.

    Attributes:
        outputs: outputs in notebook format (nbformat 4); pictures are replaced by ``{"figure": file name}``.
        figures: file name to content of the pictures.
        seconds: wall-clock time.
        peak_memory: largest resident memory of the kernel while the block ran, in bytes.
        variables: small values among the page's variables after the block.
    """

    outputs: list[dict[str, Any]]
    seconds: float
    peak_memory: int
    variables: Mapping[str, Any]
    figures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A result that is kept, with the block it belongs to and the circumstances of the run."""

    name: str
    page: str
    block: int
    device: str
    circumstances: Circumstances
    result: Result


def path(book: Book, name: str, device: str) -> Path:
    """Return where the record of a block lies."""
    return book.records / name / f"{device}.json"


def save(book: Book, records: Iterable[Record]) -> None:
    """Write records, all of them or none; each file is whole at any moment.

    Everything is written beside its place before the first of it is put there, pictures before what names them.

    Raises:
        BookError: the disk is full or cannot be written; what was recorded before is still there.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for record in records:
            folder = book.records / record.name
            content = {**record.result.figures, f"{record.device}.json": _encode(record)}
            for name, data in content.items():
                ready.append((_write_beside(folder / name, data), folder / name))
        for temporary, file in ready:
            temporary.replace(file)
    except OSError as problem:
        raise disk_error(problem, book.shown(book.records)) from None
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)
        _load.cache_clear()


def load(book: Book, name: str, device: str = "cpu") -> Record | None:
    """Read a record, or return None where there is none.

    Raises:
        BookError: the record is cut, edited, of another format, unreadable, or lacks a picture.
    """
    file = path(book, name, device)
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _load(book, file, changed)


@lru_cache(maxsize=4096)
def _load(book: Book, file: Path, _changed: int) -> Record:
    shown = book.shown(file)

    def broken(why: str) -> BookError:
        anew = "make run" if file.stem == DEVICES[0] else f"make run DEVICE={file.stem}"
        remedy = f"bring back what was committed: git checkout -- {book.shown(file.parent)}   (or make it anew: {anew})"
        return error(f"this record {why}", remedy, shown)

    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        digest = raw.pop("digest")
    except OSError as problem:
        raise broken(f"cannot be read ({problem.strerror})") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise broken("is cut off or not JSON") from None
    if raw.get("format") != FORMAT:
        raise broken(f"has format {raw.get('format')!r}, this version of the book reads {FORMAT}")
    if digest != checksum(raw):
        raise broken("was changed by hand (its checksum does not fit)")
    if raw["name"] != file.parent.name:
        raise broken(f"belongs to another block ({raw['name']})")
    if raw["device"] != file.stem:
        raise broken(f"belongs to another device class ({raw['device']})")
    for name, sha in raw["figures"].items():
        picture = file.parent / name
        if not picture.is_file() or hashlib.sha256(picture.read_bytes()).hexdigest() != sha:
            raise broken(f"lacks its picture {name}, or the picture was changed")
    circumstances = Circumstances(**{**raw["circumstances"], "data": tuple(raw["circumstances"]["data"])})
    figures = {name: b"" for name in raw["figures"]}
    result = Result(raw["outputs"], raw["seconds"], raw["peak_memory"], raw["variables"], figures)
    return Record(raw["name"], raw["page"], raw["block"], raw["device"], circumstances, result)


def _encode(record: Record) -> bytes:
    result = record.result
    raw = {
        "format": FORMAT,
        "name": record.name,
        "page": record.page,
        "block": record.block,
        "device": record.device,
        "seconds": result.seconds,
        "peak_memory": result.peak_memory,
        "circumstances": asdict(record.circumstances),
        "variables": dict(result.variables),
        "outputs": result.outputs,
        "figures": {name: hashlib.sha256(data).hexdigest() for name, data in result.figures.items()},
    }
    raw = json.loads(json.dumps(raw))
    return (json.dumps({**raw, "digest": checksum(raw)}, ensure_ascii=False, indent=1) + "\n").encode()


def checksum(raw: Mapping[str, Any]) -> str:
    """Return a hash over what can be JSON, however it is laid out."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def prune(book: Book, keep: Iterable[str]) -> list[str]:
    """Delete the records of blocks that no page has any more; return their names."""
    kept = set(keep)
    gone = []
    for folder in sorted(book.records.glob("*")):
        if folder.is_dir() and len(folder.name) == 20 and folder.name not in kept:
            shutil.rmtree(folder)
            gone.append(folder.name)
    return gone


def drop_loose_files(book: Book, name: str) -> None:
    """Delete the files of a record that none of its devices refers to: former pictures, what a killed run left.

    Where one of the records cannot be read nothing is deleted: it may refer to anything.
    """
    folder = book.records / name
    try:
        used = {figure for device in DEVICES if (r := load(book, name, device)) for figure in r.result.figures}
    except BookError:
        return
    for file in folder.glob("*"):
        if file.suffix != ".json" and file.name not in used:
            file.unlink()


def write_atomically(file: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part of it."""
    temporary = _write_beside(file, content)
    try:
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_beside(file: Path, content: bytes) -> Path:
    """Write what is to become a file into a temporary one in the same folder, and return that."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).chmod(0o644)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return Path(temporary)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
DISK_FAULTS = (*_FULL, *_FORBIDDEN, errno.EIO)
"""Errors of the system that are no mistake in the book."""


def disk_error(problem: OSError, shown: str) -> BookError:
    """Turn a failed write into a message."""
    if problem.errno in _FULL:
        why, remedy = "the disk is full", "make room and run the command again"
    else:
        why, remedy = f"cannot write ({problem.strerror})", "see to the disk and run the command again"
        if problem.errno in _FORBIDDEN:
            remedy = "let yourself write there (see: ls -ld) and run the command again"
    return error(f"{why}; nothing that was recorded before is lost", remedy, shown)


def locked_versions(book: Book) -> dict[str, tuple[str, ...]]:
    """Return distribution name (normalised) to versions from ``requirements.txt`` and that of other frameworks.

    A distribution has more than one where one version of it does not suit every version of Python.
    """
    found: dict[str, tuple[str, ...]] = {}
    for file in (book.frameworks, book.requirements):
        if file.is_file():
            found |= _locked_versions(file, file.stat().st_mtime_ns)
    return found


@lru_cache(maxsize=8)
def _locked_versions(file: Path, _changed: int) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    text = file.read_text(encoding="utf-8")
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
        normal = re.sub(r"[-_.]+", "-", name).lower()
        found[normal] = (*found.get(normal, ()), version)
    return found


def other_version(book: Book, versions: Mapping[str, str]) -> str | None:
    """Name the first library that has another version than in ``requirements.txt``; None where all agree."""
    locked = locked_versions(book)
    for name, version in versions.items():
        if version not in locked.get(name, (version,)):
            return f"{name} {version}, requirements.txt has {' or '.join(locked[name])}"
    return None


def outdated(book: Book, record: Record) -> str | None:
    """Say which library of a record has another version in ``requirements.txt``; None where all agree."""
    other = other_version(book, record.circumstances.versions)
    return other and f"it ran with {other}"
