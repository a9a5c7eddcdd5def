"""What a run started: ended with it, and kept below a limit of memory."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil

GRACE = 0.5
"""How long a process may outlive the block that started it: what it printed then would stand below another one."""


def started(kernel: int, mark: str) -> Iterator[psutil.Process]:
    """Yield the kernel and what it started: its descendants, and what left them but has the mark in its surroundings.

    Args:
        kernel: number of the kernel's process.
        mark: path of the run's own temporary folder, which is ``TMPDIR`` of no other process.
    """
    with suppress(psutil.Error):
        process = psutil.Process(kernel)
        yield from (*process.children(recursive=True), process)
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("TMPDIR") == mark:
                yield process


def living(kernel: int, mark: str) -> set[psutil.Process]:
    """Return those of them that have not ended for good."""
    return {each for each in started(kernel, mark) if each.is_running() and each.status() != "zombie"}


def left(kernel: int, mark: str) -> list[str]:
    """Return the names of what goes on beside the kernel, which has a moment to end."""
    until = time.monotonic() + GRACE
    while (going := {each for each in living(kernel, mark) if each.pid != kernel}) and time.monotonic() < until:
        psutil.wait_procs(going, timeout=0.05)
    with suppress(psutil.Error):
        return sorted({each.name() for each in going})
    return []


def end(kernel: int, mark: str) -> None:
    """End all of them, and what they start meanwhile; a process that has ended for good is left alone."""
    while going := living(kernel, mark):
        for process in going:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(going, timeout=1)


class Watch(threading.Thread):
    """Looks once a second how much memory a run holds, and ends it beyond a limit; ``exceeded`` tells that it did."""

    def __init__(self, kernel: int, mark: str, megabytes: int) -> None:
        super().__init__(daemon=True)
        self._kernel, self._mark, self._most = kernel, mark, megabytes * 1_000_000
        self._over = threading.Event()
        self.exceeded = False
        self.start()

    def run(self) -> None:
        """Look, until the run is over."""
        while not self._over.wait(1):
            with suppress(psutil.Error):
                process = psutil.Process(self._kernel)
                held = sum(_resident(each) for each in (process, *process.children(recursive=True)))
                if held > self._most:
                    self.exceeded = True
                    process.kill()

    def stop(self) -> None:
        """Look no longer."""
        self._over.set()


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0
