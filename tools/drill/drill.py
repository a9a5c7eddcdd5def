"""Fault drill: break the making of the book in every way a machine can, and see that nothing is lost.

``make drill`` works on copies of a small book in a temporary folder, made with this repository's code. After every
fault the next build must give the same bytes as before, or say what to do; then that is done, and the build must give
the same bytes. No record that was not itself damaged may change. ``REPORT.md`` lists what happened; the exit status is
1 where one fault was not survived.

As root on Linux each copy lies on a small file system of its own, which is really filled, and the network is really
taken away; elsewhere a limit on the size of files and an unreachable proxy stand in for that.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from book.run.environment import processor_name
from tools.drill.copies import DISK_MEGABYTES, Copy, copies
from tools.drill.faults import Fault, Outcome, all_faults

REPORT = Path(__file__).with_name("REPORT.md")
COPIES = 2
"""Copies of the book that are broken at the same time."""
LONGEST_CELL = 150

TEXT = """\
# Fault drill

Made by `make drill` (`python -m tools.drill.drill --seed {seed}`), not written by hand.

- Date: {date}
- Machine: {machine}
- Disk: {disk}
- Network: {network}
- Faults: {faults}; survived: {survived}; records lost: {lost}
- Duration: {minutes:.1f} min, {copies} faults at a time

The drill breaks a small book of four pages with blocks (`tools/drill/small.py`), made with the package, the theme and
the configuration of this repository. Its commands are those that `make` runs; only seconds, memory and date of the
records are held still (`tools/drill/still.py`), so that sites can be compared byte by byte. The build is
`python -m book build`, which `make site` runs: it checks the book, then builds both languages.

- Said: what the command that met the fault, or else the next build, said.
- Remedy: what was then done because a message said so ("–": nothing was needed).
- Same: whether the site is then, byte by byte, what it was before.
- Lost: recorded files that were not damaged on purpose, but were gone, changed or unreadable.

| Fault | Moment | Said | Remedy | Same | Lost |
|---|---|---|---|---|---|
{rows}
"""


def drill(seed: int, as_root: bool, tell: Callable[[Outcome], None], only: str = "") -> list[Outcome]:
    """Do every fault; return what came of each.

    Args:
        seed: of the random moments.
        as_root: whether file systems may be mounted and networks taken away.
        tell: called after each.
        only: only faults whose function has this in its name.
    """
    with copies(COPIES, as_root) as healthy:
        free: Queue[Copy] = Queue()
        for copy in healthy:
            free.put(copy)

        def suffer(fault: Fault) -> Outcome:
            copy = free.get()
            try:
                copy.heal()
                outcome = fault(copy)
            except Exception as problem:  # the drill goes on and says what it could not do
                outcome = Outcome(str(fault), "", trouble=f"the drill failed: {problem!r}")
            finally:
                free.put(copy)
            tell(outcome)
            return outcome

        faults = list(all_faults(healthy[0], ("unshare", "-n") if as_root else (), random.Random(seed)))
        with ThreadPoolExecutor(COPIES) as workers:
            return list(workers.map(suffer, (fault for fault in faults if only in _name(fault))))


def _name(fault: Fault) -> str:
    return str(getattr(fault, "func", fault).__name__)


def report(outcomes: Sequence[Outcome], seed: int, as_root: bool, seconds: float) -> str:
    """Return the report as Markdown."""
    return TEXT.format(
        seed=seed,
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=f"{processor_name()}, {os.cpu_count()} cores",
        disk=f"tmpfs of {DISK_MEGABYTES} MB, really filled"
        if as_root
        else "a limit on the size of files (RLIMIT_FSIZE)",
        network=("a process without network devices (unshare -n), and " if as_root else "") + "an unreachable proxy",
        faults=len(outcomes),
        survived=sum(outcome.survived for outcome in outcomes),
        lost=sum(outcome.lost for outcome in outcomes),
        minutes=seconds / 60,
        copies=COPIES,
        rows="\n".join(map(_row, outcomes)),
    )


def _row(outcome: Outcome) -> str:
    said = f"{outcome.said} **{outcome.trouble}**" if outcome.trouble else outcome.said
    same = "yes" if outcome.equal else "**no**"
    lost = f"**{outcome.lost}**" if outcome.lost else "0"
    cells = (outcome.fault, outcome.moment, said, outcome.remedy or "–", same, lost)
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    short = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
    return short.replace("|", "/").replace("\n", " ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Drill, and write the report; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.drill.drill", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="seed of the random moments (default: 0)")
    parser.add_argument(
        "--only", metavar="NAME", default="", help="only faults with this in their function's name; no report"
    )
    options = parser.parse_args(arguments)
    as_root = sys.platform == "linux" and os.geteuid() == 0
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is mounted does not stay

    def tell(outcome: Outcome) -> None:
        verdict = "survived" if outcome.survived else f"NOT SURVIVED: {outcome.trouble or outcome.said}"
        print(f"{time.monotonic() - began:4.0f} s  {outcome.fault}, {outcome.moment}: {verdict}", flush=True)

    outcomes = drill(options.seed, as_root, tell, options.only)
    if not options.only:
        text = report(outcomes, options.seed, as_root, time.monotonic() - began)
        REPORT.write_text(text, encoding="utf-8")
    failed = sum(not outcome.survived for outcome in outcomes)
    print(f"{len(outcomes)} faults, {failed} not survived" + ("" if options.only else f"; all of them: {REPORT.name}"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
