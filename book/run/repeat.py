"""Run again what has run: in full what no build repeats, and a page once more in surroundings that make no difference.

No build repeats the long runs, the sweeps with all their seeds, and the pages for other frameworks: what comes out is
compared with what is committed (``book.evidence.repeated``). On the processor and with the versions of a committed
result every number must be equal; elsewhere within a relative 1e-5 or, where training takes another course on this
machine, like another sample with the same mean and spread.

What differs when a page runs twice is random, or tells the time: in its second run the order of sets follows another
hash seed, local time is that of another day, and some time has passed.
"""

import json
import math
import re
import statistics as stats
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from book.core.findings import BookError, Finding, error
from book.core.page import Page, pages
from book.core.site import Book
from book.evidence import compare, measured, near, record, repeated, sweep
from book.evidence import long_run as kept_runs
from book.evidence.near import EXACT, Near
from book.evidence.record import Circumstances, Record
from book.run import failure, long_run
from book.run.session import PageRun, lacking, run_page, too_slow
from book.run.sweep import values_of

RELATIVE = 1e-5
"""Relative difference that another machine makes where it takes the same course."""
COARSE = 0.01
"""Share of the mean by which samples without any spread may differ where it takes another one."""
DEVIATIONS = 6
"""Standard deviations that a value may lie from the mean of the other sample; standard errors, for the means."""
MEASURED = re.compile(r"""["'](\w+)["'].*#\s*measured: \w+""")
"""A line of a script that says of a key of its result that it is another on each run, such as seconds."""

Outcome = tuple[Sequence[Path], Circumstances, Iterator[str]]
"""The files that something was compared with, how it was repeated, and what differs."""


def repeat(book: Book, kinds: Sequence[str], tell: Callable[[str], None] = lambda text: None) -> list[Finding]:
    """Repeat everything of these kinds, note the day of what agreed, and return what did not agree, or did not run.

    What needs instructions that this processor lacks is left out with a word, and keeps the day that it had.
    """
    findings: list[Finding] = []
    for kind in kinds:
        for what, place, why_not, again in _everything(book, kind):
            if why_not:
                tell(f"{place}: not repeated, {why_not}")
                continue
            tell(f"{place}: begins")
            try:
                files, circumstances, found = again()
            except BookError as problem:
                findings += problem.findings
                continue
            differing = list(dict.fromkeys(found))
            repeated.save(book, kind, what, files, None if differing else circumstances)
            remedy = "find out which of the two is wrong; it counts as not repeated"
            findings += [Finding(place, 0, f"repeated in full: {each}", remedy) for each in differing]
            tell(f"{place}: {'differs' if differing else 'agrees'}")
    return findings


def _everything(book: Book, kind: str) -> Iterator[tuple[str, str, str | None, Callable[[], Outcome]]]:
    """Yield what there is of a kind: its name, its file for people, why it is not for this machine, what repeats it."""
    if kind == "long":
        slow = long_run.too_slow(book)
        for script in kept_runs.scripts(book):
            name = script.relative_to(book.snippets).as_posix()
            yield name, book.shown(script), slow.get(script), partial(_long_run, book, script)
        return
    for page in pages(book):
        is_framework = page.name in book.not_repeated
        if kind == "frameworks" and is_framework and page.blocks:
            yield page.name, book.shown(page.file), too_slow(page), partial(_page, book, page)
        if kind == "sweeps" and not is_framework and sweep.files(book, page.blocks):
            yield page.name, book.shown(page.file), too_slow(page), partial(_sweep, book, page)


def _long_run(book: Book, script: Path) -> Outcome:
    result = kept_runs.result_file(book, script)
    then = kept_runs.load(book, result)
    if then is None or kept_runs.stale(book, script):
        raise error("this long run is stale, so there is nothing to compare with", "run: make long", book.shown(script))
    now, content = long_run.execute(book, script)
    measured = frozenset(MEASURED.findall(script.read_text(encoding="utf-8")))
    old, new = (
        {key: value for key, value in json.loads(raw).items() if key not in measured}
        for raw in (result.read_bytes(), content)
    )
    found = differences(old, new, exact=compare.is_same_machine(then.circumstances, now.circumstances))
    return kept_runs.files(result), now.circumstances, found


def _sweep(book: Book, page: Page) -> Outcome:
    old = {name: of for block in page.blocks for name, of in sweep.load(book, block).items()}
    where = {name: block.index for block in page.blocks for name in sweep.load(book, block)}
    runs = {seed: values_of(book, page, int(seed), where) for seed in sorted({s for of in old.values() for s in of})}
    new = {name: [runs[seed][0][name] for seed in of] for name, of in old.items()}
    _, circumstances = next(iter(runs.values()))
    found = differences({name: list(of.values()) for name, of in old.items()}, new, exact=False)
    return sweep.files(book, page.blocks), circumstances, found


def _page(book: Book, page: Page) -> Outcome:
    old = [kept for block in page.blocks if (kept := record.load(book, block.name))]
    why = lacking(page) or ("it is stale" if len(old) < len(page.blocks) else "")
    if why:
        raise error(f"the page cannot be repeated: {why}", "run: make frameworks", book.shown(page.file))
    new = run_page(book, page)
    now = new[0].circumstances
    triples = zip(page.blocks, old, new, strict=True)
    found = (text for block, a, b in triples for text in compare.of_block(book, page, block, a, b.result, now))
    return [record.path(book, each.name, each.device) for each in old], now, found


def differences(old: Mapping[str, Any], new: Mapping[str, Any], exact: bool) -> Iterator[str]:
    """Yield what differs between two results, lists of numbers being taken for samples."""
    tolerated, samples = EXACT if exact else Near(RELATIVE, whole=True), partial(alike, exact=exact)
    return near.names("", old, new, lambda key: near.values(key, old[key], new[key], tolerated, samples))


def alike(old: Sequence[float], new: Sequence[float], exact: bool) -> bool:
    """Tell whether numbers say the same: one by one or, where most of them differ on this machine, as samples."""
    same = [json.dumps(a) == json.dumps(b) for a, b in zip(old, new, strict=len(old) == len(new))]
    if len(old) != len(new) or exact or all(same):
        return len(old) == len(new) and all(same)
    close = [is_it or math.isclose(a, b, rel_tol=RELATIVE) for is_it, a, b in zip(same, old, new, strict=True)]
    if len(old) < 3 or sum(close) > len(old) / 2 or all(close):
        return all(close)
    means, spreads = [stats.fmean(each) for each in (old, new)], [stats.stdev(each) for each in (old, new)]
    least = COARSE * abs(means[0])
    error_of_mean = DEVIATIONS * math.hypot(*spreads) / math.sqrt(len(old))
    within = all(abs(value - means[1]) <= max(DEVIATIONS * spreads[1], least) for value in old)
    return within and abs(means[0] - means[1]) <= max(error_of_mean, least)


OTHERWISE = {"PYTHONHASHSEED": "1", "TZ": "<+24>-24"}
"""Environment variables of the second run."""


def differing(book: Book, page: Page, first: Sequence[Record]) -> list[Finding]:
    """Return, for each block that has some, what a second run says otherwise than the first without being declared."""
    what = measured.of_blocks(book, page.blocks, elsewhere=False)
    found: list[Finding] = []
    try:
        with PageRun(book, page, first[0].device, otherwise=OTHERWISE) as running:
            for block, old, its in zip(page.blocks, first, what, strict=True):
                if differ := list(compare.compare(old, running.execute(block), EXACT, its, {})):
                    problem = f"a second run says otherwise: {'; '.join(differ)}"
                    remedy = "set a seed, sort what has no order, or declare it: # measured: time"
                    found += failure.of(book.shown(page.file), block, problem, remedy).findings
    except BookError as problem:
        found += problem.findings
    return found
