"""Copies of the small book that can be broken: each with its own files, disk, commands and records."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from book.core.findings import BookError
from book.core.site import Book
from book.evidence import record
from tools.drill.small import SEEDS, write

STILL = Path(__file__).with_name("still.py")
LIMIT = 300
"""Seconds any command may take."""
DISK_MEGABYTES = 256
EDIT = ("part/figures", "[1, 2, 4]", "[1, 2, 8]")
"""An edit that makes a page stale: the page, and old and new text of its snippet."""
COMMITTED_BY = {"NAME": "drill", "EMAIL": "drill@example.org", "DATE": "2026-01-03T00:00:00Z"}


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    output: str

    @property
    def gist(self) -> str:
        """The problem it names first, or its last line."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        at = next((i for i, line in enumerate(lines) if line.startswith("remedy: ")), 0)
        return lines[at - 1] if at else (lines[-1] if lines else "")

    @property
    def remedies(self) -> list[str]:
        """The remedies it names."""
        return list(dict.fromkeys(re.findall(r"^\s*remedy: (.+)$", self.output, re.MULTILINE)))


@dataclass
class Copy:
    """A copy of the small book. All it writes (home and temporary folder, too) lies below its folder.

    Attributes:
        root: its folder.
        own_disk: whether that is a file system of its own, which can be filled.
        site: hash of the site that a healthy build gives.
        edited_site: hash of the site after ``edit`` and a run.
        records: content of the recorded files.
        largest_file: bytes a file may have, where that stands in for a full disk.
        prefix: put before every command.
        proxy: address through which the network would be reached.
    """

    root: Path
    own_disk: bool
    site: str = ""
    edited_site: str = ""
    records: Mapping[str, bytes] = field(default_factory=dict)
    largest_file: int | None = None
    prefix: tuple[str, ...] = ()
    proxy: str = ""

    @property
    def book(self) -> Book:
        """Its paths."""
        return Book(self.root)

    @property
    def sweep(self) -> Path:
        """The one sweep it has."""
        (file,) = self.book.records.glob("*/sweep.json")
        return file

    # What can be done in it

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start ``python -m book`` with the clock stopped."""
        size = self.largest_file
        return subprocess.Popen(
            [*self.prefix, sys.executable, str(STILL), *arguments],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            preexec_fn=None if size is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )

    def end(self, process: subprocess.Popen[str]) -> Answer:
        """Wait for a command; one that takes too long is killed and counts as failed."""
        try:
            output, _ = process.communicate(timeout=LIMIT)
            status = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            output, status = f"did not end within {LIMIT} s", 124
        return Answer(status, output.replace(f"{self.root}/", ""))

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill a command, with no chance to tidy up. Its children end by themselves and may hold its pipe."""
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=LIMIT)
        assert process.stdout
        process.stdout.close()

    def do(self, *arguments: str) -> Answer:
        """Run ``python -m book`` to its end."""
        return self.end(self.start(*arguments))

    def well(self, *arguments: str) -> None:
        """Run what must succeed.

        Raises:
            RuntimeError: it did not.
        """
        answer = self.do(*arguments)
        if answer.status:
            raise RuntimeError(f"{' '.join(arguments)} failed: {answer.output}")

    def git(self, *arguments: str) -> None:
        """Run git, with an author and a time that are always the same."""
        who = {f"GIT_{role}_{name}": value for role in ("AUTHOR", "COMMITTER") for name, value in COMMITTED_BY.items()}
        command, environment = ["git", *arguments], {**self._environment(), **who}
        subprocess.run(command, cwd=self.root, env=environment, capture_output=True, check=True, timeout=LIMIT)

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        folders = {"HOME": self.root / ".cache" / "home", "TMPDIR": self.root / ".cache" / "tmp"}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        proxies = {name: self.proxy for name in ("http_proxy", "https_proxy") if self.proxy}
        plain = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "COLUMNS": "200"}
        return {**kept, **{name: str(folder) for name, folder in folders.items()}, **proxies, **plain}

    # What can be done to it

    def edit(self) -> None:
        """Make a page stale."""
        page, old, new = EDIT
        file = self.book.snippets / f"{page}.py"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def fill(self, room: int) -> None:
        """Fill the disk but for ``room`` bytes."""
        if not self.own_disk:
            self.largest_file = room
            return
        size = 0
        with self._filler.open("wb", buffering=0) as filler, suppress(OSError):
            while written := filler.write(bytes(1 << 12)):
                size += written
        os.truncate(self._filler, max(0, size - room))

    def make_room(self) -> None:
        """End what ``fill`` did."""
        self._filler.unlink(missing_ok=True)
        self.largest_file = None

    @property
    def _filler(self) -> Path:
        return self.root / ".cache" / "filler"

    def heal(self) -> None:
        """Bring it back to its commit, with its site built."""
        self.make_room()
        self.prefix, self.proxy = (), ""
        self.git("reset", "-q", "--hard")
        self.git("clean", "-fdq")
        if self.site_hash() != self.site:
            self.well("build")

    # What became of it

    def site_hash(self) -> str:
        """Return a hash over names and contents of the site's files."""
        return tree_hash(self.root / "site")

    def recorded(self) -> dict[str, bytes]:
        """Return the files in ``records/``."""
        folder = self.book.records
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in _files(folder)}

    def lost(self, damaged: Sequence[str] = ()) -> int:
        """Count the recorded files that are gone, changed or do not load.

        Args:
            damaged: beginnings of the names of those that were damaged on purpose and do not count.
        """
        now, lost = self.recorded(), 0
        for name, content in self.records.items():
            if not any(name.startswith(each) for each in damaged):
                lost += now.get(name) != content or not self._loads(name)
        return lost

    def _loads(self, name: str) -> bool:
        folder, _, file = name.partition("/")
        device = file.removesuffix(".json")
        try:
            return device not in record.DEVICES or record.load(self.book, folder, device) is not None
        except BookError:
            return False

    def of_edited_page(self) -> list[str]:
        """Return the folders of the records that a run after ``edit`` may replace."""
        page = f'"page": "{EDIT[0]}"'.encode()
        return [name.partition("/")[0] for name, content in self.records.items() if page in content]


def tree_hash(folder: Path) -> str:
    """Return a hash over names and contents of all files of a folder."""
    digest = hashlib.sha256()
    for file in _files(folder):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(file for file in folder.rglob("*") if file.is_file())


@contextmanager
def copies(count: int, own_disk: bool) -> Iterator[list[Copy]]:
    """Yield healthy copies of the small book in a temporary folder: run, swept, committed and built.

    Raises:
        RuntimeError: a command fails, or two copies give different sites.
    """
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        places = [Path(folder) / f"copy-{i + 1}" for i in range(count)]
        try:
            for place in places:
                place.mkdir()
                if own_disk:
                    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "drill", str(place)]
                    subprocess.run(mount, check=True, timeout=LIMIT)
            first = _prepared(Copy(places[0], own_disk))
            yield [first, *(_copied(first, place) for place in places[1:])]
        finally:
            for place in places:
                if place.is_mount():
                    subprocess.run(["umount", "-l", str(place)], check=True, timeout=LIMIT)


def _prepared(copy: Copy) -> Copy:
    """Make the first copy."""
    write(copy.root)
    copy.git("init", "-q")
    copy.git("config", "core.autocrlf", "false")
    copy.well("run")
    copy.well("sweep", "part/chance", "--seeds", str(SEEDS))
    _add_gpu_record(copy.book)
    copy.git("add", "-A")
    copy.git("commit", "-q", "-m", "The small book")
    copy.records = copy.recorded()
    copy.edit()
    copy.well("run")
    copy.well("build")
    copy.edited_site = copy.site_hash()
    copy.git("reset", "-q", "--hard")
    copy.git("clean", "-fdq")
    copy.well("build")
    copy.site = copy.site_hash()
    return copy


def _add_gpu_record(book: Book) -> None:
    """Record one block as if it had run on a GPU."""
    kept = record.load(book, sorted(file.parent.name for file in book.records.glob("*/cpu.json"))[0])
    assert kept
    record.save(book, [replace(kept, device="gpu", result=replace(kept.result, figures={}, outputs=[]))])


def _copied(first: Copy, place: Path) -> Copy:
    """Copy a copy; in another folder and with nothing typeset it must give the same site."""
    shutil.copytree(first.root, place, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".cache"))
    copy = replace(first, root=place)
    copy.well("data")
    copy.well("build")
    if copy.site_hash() != first.site:
        raise RuntimeError("two copies of one commit give different sites")
    return copy
