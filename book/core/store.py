"""What the book keeps on disk: JSON with a digest, written whole or not at all, by one process at a time.

Everything that a run, a check or a build leaves behind for later goes through here: records of blocks, sweeps, long
runs, checks of equations, typeset formulas, drawn pages.
"""

import errno
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from book.core.findings import BookError, error

P = ParamSpec("P")
T = TypeVar("T")


class Damaged(Exception):
    """A file that was cut off, edited by hand, or written in another format; the message completes "this file ..."."""


# --- JSON with a digest ---------------------------------------------------------------------------------------------


def digest(raw: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what can be JSON, however it is laid out."""
    return hashlib.sha256(json.dumps(raw, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def encode(raw: Mapping[str, Any]) -> bytes:
    """Return an object as the content of a JSON file that ends with its digest."""
    plain = json.loads(json.dumps(raw))
    return (json.dumps({**plain, "digest": digest(plain)}, ensure_ascii=False, indent=1) + "\n").encode()


def decode(content: bytes) -> dict[str, Any]:
    """Return the object that ``encode`` wrote, without its digest; Damaged where it is cut off or was changed."""
    if b"\n<<<<<<< " in b"\n" + content:
        raise Damaged("holds a conflict of git")
    try:
        raw: dict[str, Any] = json.loads(content)
        written = raw.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Damaged("is cut off or not JSON") from None
    if written != digest(raw):
        raise Damaged("was changed by hand (its checksum does not fit)")
    return raw


def bring_back(place: str, problem: Exception) -> str:
    """Return the command that brings back what was committed; in a merge, git wants to know of which side."""
    if "conflict" in str(problem):
        return f"keep one side: git checkout --ours -- {place}   (or --theirs), then: git add {place}"
    return f"bring back what was committed: git checkout -- {place}"


def load(file: Path) -> dict[str, Any] | None:
    """Read a file that ``encode`` wrote, None where there is none; Damaged where it cannot be read or decoded."""
    try:
        note(file)
        return decode(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise Damaged(f"cannot be read ({problem.strerror})") from None


# --- Caches ---------------------------------------------------------------------------------------------------------


def unnoted(file: Path) -> tuple[int, int] | None:
    """Return what changes when a file does (time and size), on which so far nothing depends; None where it is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


_steady: object = None
_within = 0
_entering = threading.Lock()


@contextmanager
def steady() -> Iterator[None]:
    """Take the book's files for unchanged within the ``with`` statement: what is ``cached`` looks at them once."""
    global _steady, _within
    with _entering:
        _steady, _within = _steady or object(), _within + 1
    try:
        yield
    finally:
        with _entering:
            _within -= 1
            _steady = _steady if _within else None


def cached(function: Callable[P, T]) -> Callable[P, T]:
    """Keep what a function of what can be hashed returns, until one of the files that it read (``note``) changes."""
    results: dict[object, tuple[object, T, dict[Path, str]]] = {}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(kwargs.items()))
        found = results.get(key)
        if not found or not (found[0] is _steady is not None or all(state(f) == was for f, was in found[2].items())):
            with noted() as reads:
                found = _steady, function(*args, **kwargs), reads
        results[key] = _steady, *found[1:]
        for watched in _watching:
            watched.update((file, was) for file, was in found[2].items() if file not in watched)
        return found[1]

    return call


def file_digest(file: Path) -> str:
    """Return the SHA-256 of a file."""
    note(file)
    return _digest_at(file, unnoted(file))


@lru_cache(16384)
def _digest_at(file: Path, _stamp: object) -> str:
    return sha256(file.read_bytes())


# --- What is computed from files, kept until one of them changes ------------------------------------------------------

_watching: list[dict[Path, str]] = []


def note(file: Path) -> None:
    """Say that what is computed just now depends on a file, or on which files lie in a folder, there or not.

    Whoever reads a file while a page is drawn says so: by ``load``, ``text``, ``file_digest``, or by this.
    """
    for watched in _watching:
        if file not in watched:
            watched[file] = state(file)


def text(file: Path) -> str:
    """Return the text of a file, and note it."""
    note(file)
    return file.read_text(encoding="utf-8")


def state(file: Path) -> str:
    """Return what differs when a file, the list of files in a folder, or whether there is either, differs."""
    try:
        if file.is_dir():
            return sha256("\0".join(sorted(_names(file))).encode())
        return _digest_at(file, unnoted(file))
    except OSError:
        return ""


def _names(folder: Path) -> Iterator[str]:
    """Yield what lies below a folder, as seen from there, but for what is hidden. Strings: this is asked often."""
    for place, folders, found in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = place[len(str(folder)) + 1 :]
        prefix = f"{below}/" if below else ""
        yield from (prefix + name for name in (*folders, *found) if not name.startswith("."))


@contextmanager
def noted() -> Iterator[dict[Path, str]]:
    """Collect what is read within the ``with`` statement, with its state before that."""
    watched: dict[Path, str] = {}
    _watching.append(watched)
    try:
        yield watched
    finally:
        _watching.pop()


@dataclass(frozen=True)
class Kept:
    """What was computed, and the files it depends on."""

    content: Mapping[str, Any]
    reads: frozenset[Path]


def kept(file: Path, key: str, root: Path, make: Callable[[], Mapping[str, Any] | None]) -> Kept:
    """Return what ``make`` makes, from ``file`` where everything that it read then is as it was.

    A file that is damaged, or cannot be written, costs time and nothing else.

    Args:
        file: where it is kept, below a folder whose own content does not count.
        key: everything that it depends on besides files.
        root: the files are named from here.
        make: returns what can be JSON; None where it must not be kept.
    """
    found = None
    with suppress(Damaged, OSError):
        found = load(file)
    if found and found.get("key") == key:
        reads = {root / name: was for name, was in found["reads"].items()}
        if all(state(each) == was for each, was in reads.items()):
            for each in reads:
                note(each)
            return Kept(found["content"], frozenset(reads))
    with noted() as read:
        content = make()
    cache = root / ".cache"
    reads = {each: was for each, was in read.items() if not each.is_relative_to(cache)}
    if content is not None and all(state(each) == was for each, was in reads.items()):
        names = {os.path.relpath(each, root): was for each, was in sorted(reads.items())}
        with suppress(OSError):
            write(file, encode({"key": key, "reads": names, "content": content}), durable=False)
    return Kept(content or {}, frozenset(reads))


# --- Writing --------------------------------------------------------------------------------------------------------


def write(file: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file so that a reader sees the old content or the new, never a part of it.

    What is not ``durable`` may be damaged when the machine stops: a digest must tell.
    """
    temporary = _write_beside(file, content, durable)
    try:
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write files so that each is whole at any moment, in their order; none of them where one cannot be written.

    Everything is written beside its place before the first of it is put there.
    """
    ready: list[tuple[Path, Path]] = []
    try:
        for file, content in contents.items():
            ready.append((_write_beside(file, content), file))
        for temporary, file in ready:
            temporary.replace(file)
    finally:
        for temporary, _ in ready:
            temporary.unlink(missing_ok=True)


def _write_beside(file: Path, content: bytes, durable: bool = True) -> Path:
    """Write what is to become a file into a temporary one in the same folder, and return that."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            if durable:
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
        why, remedy = f"cannot write ({problem.strerror or problem})", "see to the disk and run the command again"
        if problem.errno in _FORBIDDEN:
            remedy = "let yourself write there (see: ls -ld) and run the command again"
    return error(f"{why}; nothing that was recorded before is lost", remedy, shown)


@contextmanager
def writing(shown: str) -> Iterator[None]:
    """Turn a failed write within the ``with`` statement into a message."""
    try:
        yield
    except OSError as problem:
        raise disk_error(problem, shown) from None


# --- Locks ----------------------------------------------------------------------------------------------------------


class Taken(Exception):
    """Another process holds the lock; the message is its number, or ``unknown``."""


@contextmanager
def locked(file: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock on a file, which then names this process; the system ends it with the process, however that ends.

    Args:
        file: made where it does not exist.
        wait: wait until it is free; otherwise whoever comes second is refused.

    Raises:
        Taken: another process holds it, and ``wait`` is not set.
    """
    import fcntl

    with writing(str(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Taken(os.read(lock, 20).decode().strip() or "unknown") from None
        with suppress(OSError):  # it holds on a full disk, too
            os.ftruncate(lock, 0)
            os.write(lock, str(os.getpid()).encode())
        yield
    finally:
        os.close(lock)
