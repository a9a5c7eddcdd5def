"""Locks between processes: one run at a time writes records, one build at a time replaces a site.

The system holds the lock and ends it with the process that has it, however that ends: none is ever left behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from book.record import disk_error


class Taken(Exception):
    """Another process holds the lock; the message is its number, or ``unknown``."""


@contextmanager
def locked(file: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the lock on a file, which then names this process.

    Args:
        file: made where it does not exist.
        wait: wait until it is free; otherwise whoever comes second is refused.

    Raises:
        Taken: another process holds it, and ``wait`` is not set.
        BookError: the file cannot be made.
    """
    import fcntl

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as problem:
        raise disk_error(problem, str(file)) from None
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
