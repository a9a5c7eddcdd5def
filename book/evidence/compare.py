"""Compare a record with a fresh run of its block: every variable, every printed output, every figure.

To the last bit where processor, threads and versions are those of the record; elsewhere as far as processors were seen
to differ (``tests/data/processors``). Ten pages, run on an AMD EPYC and on an Intel Xeon, gave the same numbers and the
same figures to the last digit, but for the accuracies of one small network. On the same EPYC without its AVX-512, last
digits differed, and whole results did where a network is trained for long (98.6 instead of 98.9 % of the digits of
MNIST) or about to diverge, or where a matrix is nearly singular. The same was seen of 37 pages on an EPYC that has none
(Zen 3); there, what rounding leaves of a zero in single precision differed by up to 5e-7. Which results differ as a
whole is known (``book.evidence.measured``); everything else agreed within ``ELSEWHERE``.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from book.core.page import Block, Page
from book.core.site import Book
from book.evidence import measured, near, outputs, record, sweep
from book.evidence.measured import Measured
from book.evidence.near import EXACT, FORM, Near
from book.evidence.record import Circumstances, Record, Result
from book.evidence.sweep import Statistics

ELSEWHERE = Near(1e-5, 1e-6, 1e-3)
"""On another processor: a hundred thousandth, what rounding leaves of a zero, a thousandth of a drawing's size."""
DEVIATIONS = 6
"""How far from the mean of the sweep a result may lie on a machine other than the recorded one."""


def of_block(book: Book, page: Page, block: Block, old: Record, new: Result, now: Circumstances) -> Iterator[str]:
    """Yield what differs between the record of a block and a fresh run of it, which has the content of its figures."""
    then = old.circumstances
    same = is_same_machine(then, now)
    what = measured.of_blocks(book, page.blocks, elsewhere=not same)[block.index]
    yield from compare(
        with_figures(book, old), new, EXACT if same else ELSEWHERE, what, sweep.statistics(book, page.blocks)
    )


def is_same_machine(then: Circumstances, now: Circumstances) -> bool:
    """Tell whether the same numbers are to be expected, to the last bit."""
    return (now.processor, now.threads, now.versions) == (then.processor, then.threads, then.versions)


def compare(
    old: Record, new: Result, tolerated: Near, what: Measured, spread: Mapping[str, Statistics]
) -> Iterator[str]:
    """Yield what differs between a record and a fresh run.

    Args:
        old: the record, with the content of its figures.
        new: the fresh run.
        tolerated: how near its numbers must come.
        what: what of the block is measured, so that only its form can be compared.
        spread: statistics of the page's swept results.
    """
    if old.circumstances.date > (today := datetime.datetime.now(datetime.UTC).date().isoformat()):
        yield f"the record is of {old.circumstances.date}, and today is {today}"

    def variable(name: str) -> Iterator[str]:
        a, b = old.result.variables[name], new.variables[name]
        swept = spread.get(name) if tolerated.relative else None
        if swept and isinstance(a, int | float) and isinstance(b, int | float) and not tolerated.numbers(a, b):
            reach = DEVIATIONS * swept.std
            if not abs(b - swept.mean) <= reach:
                yield f"{name} is {b!r}, outside {swept.mean:.6g} ± {reach:.2g} ({swept.n} seeds)"
        elif name not in what.trained:
            yield from near.values(name, a, b, FORM if name in what.names else tolerated)

    yield from near.names("", old.result.variables, new.variables, variable)
    yield from _outputs(old.result, new, tolerated, what)


def _outputs(old: Result, new: Result, tolerated: Near, what: Measured) -> Iterator[str]:
    kinds = [[_kind(output) for output in each.outputs] for each in (old, new)]
    if kinds[0] != kinds[1]:
        yield f"the outputs are {', '.join(kinds[1]) or 'none'}, the record has {', '.join(kinds[0]) or 'none'}"
        return
    if what.shows_trained:
        return
    for number, (a, b) in enumerate(zip(old.outputs, new.outputs, strict=True), 1):
        if outputs.FIGURE in a.get("data", {}):
            files = a["data"][outputs.FIGURE], b["data"][outputs.FIGURE]
            found = outputs.of_file(files[0]).compare(
                old.figures[files[0]], new.figures[files[1]], FORM if what.drawn else tolerated
            )
            shown = "figure"
        else:
            found = near.texts(_text(a), _text(b), tolerated, what.free(a["output_type"]))
            shown = "output"
        yield from (f"{shown} {number}: {difference}" for difference in found)


def _kind(output: Mapping[str, Any]) -> str:
    if output["output_type"] == "stream":
        return str(output["name"])
    data = output["data"]
    return outputs.of_file(data[outputs.FIGURE]).mime if outputs.FIGURE in data else " and ".join(data)


def _text(output: Mapping[str, Any]) -> str:
    return str(output["text"] if "text" in output else "\n".join(output["data"].values()))


def with_figures(book: Book, kept: Record) -> Record:
    """Return a record with the content of its figures, which are files beside it."""
    folder = record.path(book, kept.name, kept.device).parent
    figures = {name: (folder / name).read_bytes() for name in kept.result.figures}
    return replace(kept, result=replace(kept.result, figures=figures))
