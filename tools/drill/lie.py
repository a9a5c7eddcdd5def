"""Plant every lie in a copy of the book, and see which of the commands that stand before publishing finds it.

``make drill`` runs this after the faults of the machine; ``LIES.md`` lists what found each and what it said. The exit
status is 1 where a lie passed that is not among ``lies.POSSIBLE``, or could not be planted.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from book.run.environment import processor_name
from tools.drill.lies import PAGE, POSSIBLE, Lie, all_lies

ROOT = Path(__file__).parents[2]
REPORT = Path(__file__).with_name("LIES.md")
LIMIT = 300
"""Seconds any command may take; one that takes longer has not found the lie."""
LONGEST_CELL = 180
CHECK = (sys.executable, "-m", "book", "check")
_COUNT = re.compile(r"^\d+ findings on ")

TEXT = """\
# Lies

Made by `make drill` (`python -m tools.drill.lie`), not written by hand.

- Machine: {machine}
- Lies: {lies}; found: {found}; possible, and said to be: {possible}; passed: {passed}; not told yet: {untold}

Each lie of `tools/drill/lies.py` is planted in a copy of this repository: in both languages where it stands on a page,
with the page run and recorded again where it stands in code, with the digest made anew where it stands in a record.
Then the commands that stand before publishing are tried in their order, until one of them refuses. The principles are
those of the threat model in `.github/SECURITY.md`.

| Lie | Principle | Told | Found by | Which said |
|---|---|---|---|---|
{rows}
"""


@dataclass(frozen=True)
class Outcome:
    """What came of a lie: the command that found it (empty where none did), and what it said."""

    lie: Lie
    found_by: str = ""
    said: str = ""
    withered: bool = False

    @property
    def passed(self) -> bool:
        """Whether it would be published, though nobody said that it could."""
        return self.withered or not (self.found_by or self.lie.says in POSSIBLE)


class Copy:
    """A checkout of the book in which one lie after another is planted."""

    said: frozenset[str] | None = None
    """What the check says without any lie: nothing, where the book is in order."""

    def __init__(self, root: Path) -> None:
        """Clone what is committed; what is installed is that of this checkout."""
        self.root = root
        self._git("clone", "--quiet", "--shared", str(ROOT), str(root), folder=ROOT)
        for name in (".venv", "node_modules"):
            (root / name).symlink_to(ROOT / name)
        self._refusal(CHECK)

    def heal(self) -> None:
        """Bring back what was committed."""
        self._git("reset", "--quiet", "--hard")
        self._git("clean", "--quiet", "-fd", "--exclude", ".venv", "--exclude", "node_modules")  # links here
        for name in (".cache/drawn", ".cache/fresh"):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def suffer(self, lie: Lie) -> Outcome:
        """Plant a lie and look for it."""
        self.heal()
        try:
            lie.plant(self.root)
        except Exception as problem:
            return Outcome(lie, said=f"could not be planted: {problem}", withered=True)
        for name, command in commands(lie, self.root):
            if said := self._refusal(command):
                return Outcome(lie, name, said)
        return Outcome(lie)

    def _refusal(self, command: Sequence[str]) -> str:
        """Return what a command refuses with; empty where it lets everything pass, or says what it said before."""
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, timeout=LIMIT, check=False)
        except subprocess.TimeoutExpired:
            return ""
        lines = (done.stdout + done.stderr).splitlines()
        if "check" in command:
            if self.said is None:
                self.said = frozenset(lines)
            lines = [line for line in lines if line not in self.said and not _COUNT.search(line)]
        return gist("\n".join(lines)) if done.returncode and lines else ""

    def _git(self, *arguments: str, folder: Path | None = None) -> None:
        subprocess.run(["git", *arguments], cwd=folder or self.root, check=True, capture_output=True)


def commands(lie: Lie, root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the commands that would meet a lie, in the order in which an author and then the workflow call them."""
    python = [sys.executable, "-m"]
    if lie.runs:
        yield "make run", [*python, "book", "run", "--page", PAGE]
    yield "make check", list(CHECK)
    if lie.principle == 8:
        yield "make check", [f"{sys.prefix}/bin/zizmor", "--offline", "--no-progress", "--quiet", ".github"]
        tests = [str(next((root / "tests" / "unit").rglob(f"test_{name}.py"))) for name in ("workflow", "makefile")]
        yield "make check", [*python, "pytest", "-q", *tests]
    for page in lie.pages:
        blocks = ["pytest", "-q", "-p", "book.pytest_plugin", "--codeblocks", f"docs/zh/{page}.md"]
        yield "make blocks", [*python, *blocks]
    if lie.runs:
        yield "make rerecord", [*python, "book", "run", "--twice", "--page", PAGE]
        yield "make check", [f"{sys.prefix}/bin/ruff", "check", "--quiet", "--no-cache", "snippets"]


def gist(output: str) -> str:
    """Return the problem that a message names first: the line above its first remedy, or the last line."""
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", output).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E  ")]
    at = next((i for i, line in enumerate(lines) if line.startswith("remedy: ")), 0)
    return lines[at - 1] if at else (errors[:1] or lines[-1:] or ["(nothing)"])[0]


def tell_lies(lies: Sequence[Lie], tell: Callable[[Outcome], None]) -> list[Outcome]:
    """Plant each lie in a copy of the book; return what came of them, in their order."""
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="book-lies-") as folder:
        copy = Copy(Path(folder) / "book")
        for lie in lies:
            outcomes.append(copy.suffer(lie))
            tell(outcomes[-1])
    return outcomes


def report(rows: Mapping[str, str]) -> str:
    """Return the report as Markdown: the row of each lie, as it was told last."""
    lies = [
        (lie, rows.get(_cell(lie.says), f"| {_cell(lie.says)} | {lie.principle} | not yet | | |")) for lie in all_lies()
    ]
    by = Counter(row.split(" | ")[3].strip("| ") for _, row in lies)
    possible = by["nothing"]
    passed = sum(count for name, count in by.items() if name.startswith("**"))
    return TEXT.format(
        machine=f"{processor_name()}, {os.cpu_count()} cores",
        lies=len(lies),
        found=len(lies) - possible - passed - by[""],
        possible=possible,
        passed=passed,
        untold=by[""],
        rows="\n".join(row for _, row in lies),
    )


def told() -> dict[str, str]:
    """Return the rows of the report that stands here, by the words of their lies; those of lies told, that is."""
    lines = REPORT.read_text(encoding="utf-8").splitlines() if REPORT.exists() else []
    return {line.split(" | ")[0][2:]: line for line in lines if re.search(r" \| \d+ \| \d{4}-", line)}


def row(outcome: Outcome) -> str:
    """Return the row of a lie that was told today."""
    by = outcome.found_by or (
        "**could not be planted**" if outcome.withered else "**nothing**" if outcome.passed else "nothing"
    )
    said = outcome.said or POSSIBLE.get(outcome.lie.says, "")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    cells = (outcome.lie.says, str(outcome.lie.principle), today, by, said)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    short = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
    return short.replace("|", "/").replace("\n", " ").replace("<", "&lt;")


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the lies, and write the report; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.drill.lie", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", metavar="TEXT", default="", help="only lies with this in their words")
    parser.add_argument("--new", action="store_true", help="only lies that were not told yet")
    options = parser.parse_args(arguments)
    began, rows = time.monotonic(), told()

    def tell(outcome: Outcome) -> None:
        verdict = f"found by {outcome.found_by}" if outcome.found_by else "PASSED" if outcome.passed else "possible"
        print(f"{time.monotonic() - began:4.0f} s  {outcome.lie.says}: {verdict}: {outcome.said}", flush=True)
        rows[_cell(outcome.lie.says)] = row(outcome)
        REPORT.write_text(report(rows), encoding="utf-8")

    lies = [lie for lie in all_lies() if options.only in lie.says and not (options.new and _cell(lie.says) in rows)]
    passed = sum(each.passed for each in tell_lies(lies, tell))
    print(f"{len(lies)} lies, {passed} passed; all of them: {REPORT.name}")
    return 1 if passed else 0


if __name__ == "__main__":
    sys.exit(main())
