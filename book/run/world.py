"""The closed world of a run: what a block can reach is what its hash covers.

A process that runs code of the book may read its own folder, the data that its surroundings name, the installed
packages, and the system; it may write into its own folder alone. Everything else is refused: the rest of the
repository and this package, the home folder, what other pages left. On Linux the system itself holds that (Landlock),
also for programs that a block starts and for what libraries do in C. An audit hook, which Python cannot remove, says
it in a sentence, and holds it for Python where the system cannot.

Not defended: the size and the date of a file that may not be read, and code that changes the process from below
(``ctypes``, ``/proc/self/mem``): it stands on the page, for a reader to see.
"""

import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from book.core.site import PACKAGE, Book

SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/nix", "/run", "/proc", "/sys"),
    *("/System", "/Library", "/private/etc", "/private/var/db"),  # of macOS
)
"""Folders of the system, which code may read."""
DEVICES = "/dev"
REFUSED = "a block may read its own folder, the data that its code names, and packages, and write its own folder"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {
    **dict.fromkeys(("os.remove", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime"), (0,)),
    **dict.fromkeys(("os.rename", "os.link"), (0, 1)),
    **{"os.symlink": (1,), "os.setxattr": (0,), "os.removexattr": (0,), "sqlite3.connect": (0,)},
}
"""Events of Python that change files, with which of their arguments are paths."""
_LOOKS = {"os.listdir": 0, "os.scandir": 0, "import": 1, "ctypes.dlopen": 0}
"""Events of Python that read, with which of their arguments is a path."""


def plan(book: Book, own: Iterable[Path], surroundings: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``close`` needs to know: the folders a process writes, and what of the repository it reads.

    Args:
        book: the checkout.
        own: its own folders.
        surroundings: its environment variables; what of the repository's cache they name is data of a provider.
    """
    own = tuple(own)
    absolute = (value for value in surroundings.values() if Path(value).is_absolute())
    data = (value for value in absolute if not any(Path(value).is_relative_to(each) for each in own))
    readable = [value for value in data if Path(value).is_relative_to(book.cache) or value.endswith("matplotlibrc")]
    packaged = PACKAGE.parent.name in ("site-packages", "dist-packages")
    return {
        "by_system": bool(landlock_version()),
        "own": [str(folder) for folder in own],
        "readable": [*readable, str(book.root / "node_modules"), *filter(None, [shutil.which("node")])],
        "refused": [str(book.root), str(PACKAGE if packaged else PACKAGE.parent), str(PACKAGE)],
    }


def close(own: Iterable[str], readable: Iterable[str], refused: Iterable[str], by_system: bool) -> None:
    """Close the world of this process, which has one thread, and of its children; what is imported before stays."""
    packages = {sys.prefix, sys.base_prefix, *(each for each in sys.path if each.endswith("-packages"))}
    reads = {os.path.realpath(each) for each in chain(packages, readable, SYSTEM)}
    writes = {os.path.realpath(each) for each in (*own, DEVICES)}
    rights = dict.fromkeys(map(os.path.realpath, refused), 0) | dict.fromkeys(reads, 1) | dict.fromkeys(writes, 2)
    sys.path[:] = [each for each in sys.path if each in packages or _right(rights, os.path.realpath(each))]
    if by_system:
        landlock(reads, writes)
    sys.addaudithook(_hook(rights, tuple(f"{each}/" for each in packages)))


def _right(rights: Mapping[str, int], path: str) -> int:
    """Return what may be done with a path (0 nothing, 1 read, 2 write): what is said of the nearest folder above it."""
    while path not in rights:
        above = path.rpartition("/")[0]
        if not above:
            return 0
        path = above
    return rights[path]


def _hook(rights: Mapping[str, int], packages: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    """Return the audit hook. What it needs is at hand in it, out of reach of code that changes modules."""
    realpath, exists, fsdecode, right = os.path.realpath, os.path.lexists, os.fsdecode, _right
    looks, changes = dict(_LOOKS), dict(_CHANGES)

    def refuse(path: Any, least: int) -> None:
        if path is None or path.__class__ is int:
            return
        path = fsdecode(path)
        if least == 1 and path.startswith(packages) and "/../" not in path:
            return  # what libraries read by the thousand
        real = realpath(path)
        if right(rights, real) < least and (least == 2 or exists(real)):
            raise PermissionError(f"{path} is out of reach: {REFUSED}")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            refuse(path, 2 if flags & _WRITING else 1)
        elif event in looks:
            path = arguments[looks[event]]
            if event != "ctypes.dlopen" or "/" in fsdecode(path or ""):
                refuse(path, 1)
        elif event in changes:
            for index in changes[event]:
                refuse(arguments[index], 2)

    return hook


def landlock_version() -> int:
    """Return which version of Landlock Linux has; 0: an old one, a container that forbids it, another system."""
    return max(ctypes.CDLL(None).syscall(444, None, 0, 1), 0) if sys.platform == "linux" else 0


def landlock(reads: Iterable[str], writes: Iterable[str]) -> None:
    """Let Linux hold this process and its children to these folders.

    See landlock(7): a set of what is held, rules that allow, and no way back.
    """
    system = ctypes.CDLL(None, use_errno=True)
    everything = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(landlock_version(), 16)) - 1
    for_files = 0b111 | 1 << 14 | 1 << 15  # execute, write, read; truncate; control a device
    rules = system.syscall(444, ctypes.byref(ctypes.c_uint64(everything)), 8, 0)
    for path, allowed in [*((each, 0b1101) for each in reads), *((each, everything) for each in writes)]:
        with suppress(FileNotFoundError):
            opened = os.open(path, os.O_PATH)
            allowed &= everything if stat.S_ISDIR(os.fstat(opened).st_mode) else for_files
            rule = allowed.to_bytes(8, sys.byteorder) + opened.to_bytes(4, sys.byteorder)
            system.syscall(445, rules, 1, rule, 0)
            os.close(opened)
    system.prctl(38, 1, 0, 0, 0)  # no new privileges
    if system.syscall(446, rules, 0):
        raise OSError(ctypes.get_errno(), "Landlock refuses")
    os.close(rules)


def tree(book: Book) -> dict[str, tuple[int, ...]]:
    """Return the state of the repository's files, but of what can be made again.

    Where the system does not hold it, this tells what was changed by a program that a block started.
    """
    found: dict[str, tuple[int, ...]] = {}
    for top, folders, names in os.walk(book.root):
        made = {"node_modules", "site"} if top == str(book.root) else {"__pycache__"}
        folders[:] = [each for each in folders if each not in made and not each.startswith(".")]
        for name in names:
            with suppress(FileNotFoundError):
                file = (path := Path(top, name)).lstat()
                found[str(path)] = (file.st_size, file.st_mtime_ns, file.st_ctime_ns)
    return found
