"""The run report: every block of the book, whether its record is fresh, and what it cost, drawn from the records."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from book.core.findings import BookError
from book.core.markdown import Heading
from book.core.page import Block, Page, read
from book.core.site import Book
from book.draw import tables
from book.draw.tables import Cell, number, text
from book.evidence import record
from book.evidence.record import Record

PARTS = ("pages", "blocks", "machines")
"""What ``<!-- report: PART -->`` may name."""

STATES = {"fresh": "✓", "author": "○", "outdated": "⚠", "missing": "✗"}
"""A block's state and its mark: recorded with the libraries in use, by its author alone where the others were executed
for this site, with other libraries, or not (or not usably)."""


@dataclass(frozen=True)
class Row:
    """A block as the report lists it.

    Attributes:
        page: the page it stands on.
        block: the block.
        section: text of the heading it stands under.
        state: one of ``STATES``.
        runs: its records, one per device class.
    """

    page: Page
    block: Block
    section: str
    state: str
    runs: tuple[Record, ...]


def rows(book: Book, page: Page) -> list[Row]:
    """Return the blocks of a page in reading order."""
    result = []
    for block in page.blocks:
        kept = record.kept(book, block.name)
        state = kept.state if kept.state in STATES else "missing"  # damaged: `book check` names it
        if state == "fresh" and kept.records[0].author:
            state = "author"
        result.append(Row(page, block, _section(page, block.line), state, kept.records))
    return result


def _section(page: Page, line: int) -> str:
    """Return the heading above a line, as plain text."""
    above = [heading.title for heading in page.scan.of(Heading) if page.line_of(heading) < line]
    return re.sub(r"[`*]", "", above[-1]) if above else ""


def draw(book: Book, language: str, base: str, part: str) -> str:
    """Return one of the ``PARTS`` of the report as HTML, for a page in a language.

    Nothing is linked where ``base``, the prefix from that page to the root of its site, is empty.
    """
    words = book.words(language, "report")
    if part not in PARTS:
        return _warning(words["part"].format(repr(part), ", ".join(PARTS)))
    found, warnings = [], []
    for name in book.page_names(language):
        try:
            page = read(book, language, name)
        except BookError as problem:
            warnings.append(_warning(f"{name}: {words['unread'].format(problem.findings[0].problem)}"))
            continue
        if page.blocks:
            found.append(rows(book, page))
    drawn = {"pages": _pages, "blocks": _blocks, "machines": _machines}[part](found, words, base)
    return "".join(warnings) + drawn


def _warning(problem: str) -> str:
    return f'<p class="block-warning">⚠ {html.escape(problem)}</p>'


def _pages(found: Sequence[Sequence[Row]], words: Mapping[str, str], base: str) -> str:
    """Draw one line per page, and the totals of the book."""
    columns = [words[key] for key in ("page", "blocks", *STATES, "seconds", "memory", "latest")]
    lines = [[Cell(_link(page[0], base, "", _title(page[0].page))), *_totals(page)] for page in found]
    totals = [text(words["book"]), *_totals([row for page in found for row in page])]
    caption = words["pages-caption"]
    return tables.draw("report-pages", caption, columns, lines, totals=totals, base=base)


def _totals(of: Sequence[Row]) -> list[Cell]:
    """Count blocks; add up their seconds per device class; find the largest memory and the latest date."""
    counts = [sum(row.state == state for row in of) for state in STATES]
    runs = [run for row in of for run in row.runs]
    seconds = {
        device: sum(run.result.seconds for run in runs if run.device == device)
        for device in record.DEVICES
        if any(run.device == device for run in runs)
    }
    return [
        *(number(count, f"{count:,}") for count in (len(of), *counts)),
        _per_device({device: (spent, f"{spent:,.1f}") for device, spent in seconds.items()}),
        _memory(runs),
        text(max((run.circumstances.date for run in runs), default="–")),
    ]


def _blocks(found: Sequence[Sequence[Row]], words: Mapping[str, str], base: str) -> str:
    """Draw one line per block, each with a link to it."""
    columns = [words[key] for key in ("block", "page", "state", "seconds", "memory", "device", "date")]
    lines = []
    for place, row in enumerate(row for page in found for row in page):
        block = _link(row, base, f"#{row.block.anchor}", f"{row.block.index + 1} · {row.section}")
        mark = f'<span class="report-{row.state}" aria-hidden="true">{STATES[row.state]}</span>'
        lines.append([
            Cell(block, place),
            text(_title(row.page)),
            Cell(f"{mark} {words[row.state]}", list(STATES).index(row.state)),
            _per_device({run.device: (run.result.seconds, _seconds(run.result.seconds)) for run in row.runs}),
            _memory(row.runs),
            text(", ".join(run.device.upper() for run in row.runs) or "–"),
            text(max((run.circumstances.date for run in row.runs), default="–")),
        ])
    caption = words["blocks-caption"]
    return tables.draw("report-blocks", caption, columns, lines, base=base, find=words["find"])


def _machines(found: Sequence[Sequence[Row]], words: Mapping[str, str], base: str) -> str:
    """Draw one line per machine that ran blocks."""
    counts: dict[tuple[str, str, int, str], int] = {}
    for run in (run for page in found for row in page for run in row.runs):
        c = run.circumstances
        machine = (c.machine, c.system, c.threads, f"Python {c.python}")
        counts[machine] = counts.get(machine, 0) + 1
    columns = [words["machine"], words["system"], words["threads"], "Python", words["blocks"]]
    lines = [
        [text(name), text(system), number(threads, str(threads)), text(python), number(count, f"{count:,}")]
        for (name, system, threads, python), count in counts.items()
    ]
    return tables.draw("report-machines", words["machines-caption"], columns, lines, base=base)


def _title(page: Page) -> str:
    return str(page.meta.get("title", page.name))


def _link(row: Row, base: str, place: str, words: str) -> str:
    """Return a link to a place on a block's page; plain words where it is not known where this page lies."""
    words = html.escape(words)
    return f'<a href="{base}{Book.address(row.page.name)}{place}">{words}</a>' if base else words


def _seconds(seconds: float) -> str:
    """Return seconds in the precision of the badges."""
    return f"{seconds:,.{1 if seconds >= 0.95 else 2}f}"


def _per_device(values: Mapping[str, tuple[float, str]]) -> Cell:
    """Return a number for each device class; the classes are named where there are several. The first one sorts."""
    if not values:
        return number(-1, "–")
    several = len(values) > 1
    shown = "; ".join(f"{device.upper()} {shown}" if several else shown for device, (_, shown) in values.items())
    return number(next(iter(values.values()))[0], shown)


def _memory(runs: Iterable[Record]) -> Cell:
    largest = max((run.result.peak_memory for run in runs), default=None)
    return number(-1, "–") if largest is None else number(largest, f"{largest / 1e6:,.0f}")
