"""How much of a result is chance: the values of every named result over seeds, which ``book.run.sweep`` computes.

A named result is a number whose spread the prose quotes (``sweep["name"]``) or that a check compares with a
threshold. Its values over the seeds lie beside the record of the block that computes it
(``records/NAME/sweep.json``), so an edit further down the page does not make them stale.
"""

import math
import re
import statistics as stats
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from book.core import store
from book.core.findings import Finding, error
from book.core.page import Block, Page
from book.core.site import Book
from book.evidence import measured, record
from book.evidence.checks import thresholds

FORMAT = 1
_QUOTED = re.compile(r"""sweep\[["'](\w+)["']\]""")
_SEED = re.compile(r"^seed = ", re.MULTILINE)
TOO_STRICT = 4
"""A threshold nearer to the mean than this many standard deviations fails by chance."""
TOO_LOOSE = 8
"""A threshold further from the mean than this many standard deviations lets a broken model pass."""


@dataclass(frozen=True)
class Statistics:
    """A named result over seeds: their number, mean, standard deviation (with n - 1), least and largest value."""

    n: int
    mean: float
    std: float
    min: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return those of a result's values."""
        std = stats.stdev(values) if len(values) > 1 else 0.0
        return cls(len(values), stats.fmean(values), std, min(values), max(values))


def _path(book: Book, block: Block) -> Path:
    return book.committed / block.name / "sweep.json"


def load(book: Book, block: Block) -> dict[str, dict[str, float]]:
    """Read the values of a block's named results: name to (seed to value)."""
    file = _path(book, block)
    try:
        kept = store.load(file)
        if kept is None:
            return {}
        if (kept["format"], kept["name"]) != (FORMAT, block.name):
            raise store.Damaged("belongs to another block")
        values: dict[str, dict[str, float]] = kept["values"]
    except (store.Damaged, KeyError) as problem:
        why = str(problem) if isinstance(problem, store.Damaged) else "is damaged"
        shown = book.shown(file)
        anew = f"delete it and run: python -m book sweep {block.page} --seeds 10"
        remedy = f"{store.bring_back(shown, problem)}   (or make it anew: {anew})"
        raise error(f"this sweep {why}", remedy, shown) from None
    return values


def save(book: Book, block: Block, values: Mapping[str, Mapping[str, float]]) -> None:
    """Write the values of a block's named results."""
    raw = {"format": FORMAT, "name": block.name, "page": block.page, "block": block.index, "values": values}
    with store.writing(book.shown(_path(book, block))):
        store.write(_path(book, block), store.encode(raw))


def files(book: Book, blocks: Sequence[Block]) -> list[Path]:
    """Return the files that hold a page's values over seeds."""
    return [file for block in blocks if (file := _path(book, block)).is_file()]


def statistics(book: Book, blocks: Sequence[Block]) -> dict[str, Statistics]:
    """Return the statistics of a page's named results whose code is still what was swept."""
    return {name: Statistics.of([*seeds.values()]) for b in blocks for name, seeds in load(book, b).items()}


def named_results(book: Book, page: Page) -> dict[str, int]:
    """Return the page's named results and the index of the block that first computes each."""
    used = {name for value in page.values for name in _QUOTED.findall(value.expression)}
    used |= {threshold.name for _, threshold in thresholds(page.blocks)}
    found: dict[str, int] = {}
    for block in page.blocks:
        kept = record.shown(book, block.name)
        if kept is None:
            raise error("the page has no records yet", f"run: python -m book run --page {page.name}", page.name)
        for name, value in kept.result.variables.items():
            if name in used and name not in found and isinstance(value, int | float) and not isinstance(value, bool):
                found[name] = block.index
    return found


def threshold_findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each threshold that the page's sweep does not bear out.

    A page without a seed is deterministic, and so is a result that is the same with every seed.
    """
    if not any(_SEED.search(block.code) for block in page.blocks):
        return
    swept, measurements = statistics(book, page.blocks), measured.of_blocks(book, page.blocks)
    for block, threshold in thresholds(page.blocks):
        place = block.snippet_place(threshold.line)
        where = f"the threshold {threshold.text}" + (f" ({place})" if place else "")
        number, problem, remedy = threshold.number, "", ""
        if threshold.name in measurements[block.index].names:
            continue  # it depends on the machine, not on the seed
        kept = record.kept(book, block.name).shown
        value = kept.result.variables.get(threshold.name) if kept else None
        if isinstance(value, list) and number == 0:
            continue  # a sign of many values is no threshold
        if isinstance(value, list | dict) or not threshold.name:
            problem = "is one of what is computed in the assertion, which no sweep can follow"
            remedy = "give the number that it compares a name of its own, above the assertion"
        elif math.isnan(number):
            problem, remedy = "is computed", "write the number, or compute it from the page's data"
        elif (found := swept.get(threshold.name)) is None:
            problem, remedy = "has no sweep", f"run: python -m book sweep {page.name} --seeds 10"
        elif found.std:
            sign = 1 if threshold.operator.startswith(">") else -1
            distance = sign * (found.mean - number) / found.std
            if not TOO_STRICT <= distance <= TOO_LOOSE:
                near, far = (found.mean - sign * k * found.std for k in (TOO_STRICT, TOO_LOOSE))
                problem = f"lies {distance:.1f} standard deviations from the mean of {found.n} seeds"
                remedy = f"set it between {min(near, far):.6g} and {max(near, far):.6g}"
        if problem:
            yield Finding(book.shown(page.file), block.line, f"{where} {problem}", remedy)
