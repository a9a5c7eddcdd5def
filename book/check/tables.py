"""What the tables of ``docs/data`` must hold, as ``book.toml`` declares it for those the book has.

    [[tables]]
    file = "citations.csv"
    rules = [
      { must = "verified in ('opened', 'secondary')", says = "citation {id!r} is not verified", do = "verify it" },
    ]

A rule is an expression (``book.core.expression``) over the cells of a row by the names of their columns, or (under
``whole``) over ``rows``. It may use ``number``, ``day`` and ``link``, which read a cell, and
``anchored(page, anchor)``, which tells whether the pages of all languages are there and have it (``anchored(page)``:
whether they are there). ``columns`` names the columns, ``unique`` one that has no value twice, ``links`` one with
addresses that pages may link to (``book.check.numbers``), ``sources`` those with the addresses of what a row was read
in (``book.check.readings``).
"""

import ast
import csv
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from book.check import links
from book.check.prose import NOTE
from book.core import expression
from book.core.findings import Finding, error
from book.core.site import CONFIGURATION, Book

_FUNCTIONS = {f.__name__: f for f in (all, any, bool, len, max, min, set, sorted, zip)}


def number(cell: str) -> float:
    """Return a cell as a finite number; ValueError where it is none."""
    value = float(cell)
    if not math.isfinite(value):
        raise ValueError(f"{cell!r} is not finite")
    return value


def link(cell: str) -> bool:
    """Tell whether a cell is an address on the web."""
    return cell.startswith(("https://", "http://"))


def unwritten(row: Mapping[str, str]) -> bool:
    """Tell whether a row still holds a note to the author."""
    return any(NOTE.match(f',"{cell}') for cell in row.values())


def findings(book: Book, pages: links.Pages) -> Iterator[Finding]:
    """Yield what is wrong with the book's tables."""
    anchors = {key: links.anchors(book, page) for key, page in pages.items()}

    def anchored(page: str, anchor: str = "") -> bool:
        both = [anchors.get((language, page)) for language in book.languages]
        return all(known is not None and (not anchor or anchor in known) for known in both)

    names = {**_FUNCTIONS, "number": number, "day": date.fromisoformat, "link": link, "anchored": anchored}
    for table in book.declared.get("tables", ()):
        file = book.data / table["file"]
        if file.is_file():
            yield from _table(book.shown(file), file, table, names)


def _table(
    shown: str, file: Path, table: Mapping[str, Any], names: Mapping[str, Callable[..., Any]]
) -> Iterator[Finding]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    except UnicodeDecodeError:
        yield Finding(shown, 0, "the table is not UTF-8", "save it as UTF-8")
        return
    if lines and lines[0].startswith("\ufeff"):
        yield Finding(
            shown, 1, "the table begins with a byte order mark, which code takes for a letter", "save without"
        )
        lines[0] = lines[0].removeprefix("\ufeff")
    reader = csv.DictReader(lines)
    columns = list(reader.fieldnames or ())
    rules, unique = table.get("rules", ()), {table["unique"]} if "unique" in table else set()
    spoken = {name for rule in rules for name in expression.names(_parsed(rule))} - {*names}
    if missing := (spoken | unique) - {*columns}:
        remedy = f"add the column, or mend the rule in {CONFIGURATION}"
        yield Finding(shown, 1, f"it has no column {', '.join(sorted(missing))}, of which a rule speaks", remedy)
        return
    if "columns" in table and columns != table["columns"]:
        yield Finding(shown, 1, f"its columns are not those of {CONFIGURATION}", ", ".join(table["columns"]))
        return
    rows, first = [], dict[str, int]()
    for row in reader:
        if None in row or None in row.values():
            yield Finding(
                shown, reader.line_num, "this row has not as many cells as columns", "quote cells with commas"
            )
            continue
        rows.append(row)
        if (key := table.get("unique")) and (line := first.setdefault(row[key], reader.line_num)) != reader.line_num:
            yield Finding(shown, reader.line_num, f"{row[key]!r} is already in line {line}", "keep one of the two")
        for rule in () if unwritten(row) else rules:  # the note is named
            yield from _rule(shown, reader.line_num, rule, names, row)
    for rule in table.get("whole", ()):
        yield from _rule(shown, 0, rule, names, {"rows": rows})


def _parsed(rule: Mapping[str, str]) -> ast.expr:
    try:
        return expression.parse(rule.get("must", ""))
    except expression.Refused as problem:
        raise error(f"a rule of a table is refused: {problem}: {rule.get('must')}", "mend it", CONFIGURATION) from None


def _rule(
    shown: str, line: int, rule: Mapping[str, str], names: Mapping[str, Callable[..., Any]], cells: Mapping[str, Any]
) -> Iterator[Finding]:
    try:
        holds, why = expression.evaluate(_parsed(rule), cells, names), ""
    except ValueError as problem:
        holds, why = False, f" ({problem})"
    except Exception as problem:
        wrong = f"a rule of {Path(shown).name} cannot be computed: {problem!r}: {rule['must']}"
        raise error(wrong, "mend the rule, or the names of the columns", CONFIGURATION) from None
    if not holds:
        yield Finding(shown, line, rule["says"].format(**cells) + why, rule["do"])
