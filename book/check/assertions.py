"""What the checks of a page are worth: each headline has one, and each notices wrong values."""

import ast
import math
from collections import Counter
from collections.abc import Iterator, Mapping

from book.core import store
from book.core.findings import Finding
from book.core.markdown import Container, Heading, Value
from book.core.page import Page
from book.core.site import Book
from book.core.syntax import names_read, parsed
from book.draw.values import variables
from book.evidence import measured, record
from book.evidence.checks import assertions, checked, thresholds

_TAKEAWAYS = "abstract"
FAR = 2
"""A result without chance is held by a threshold that is less than this many times as large, or as small."""
_SURVIVED = {
    "": "can't fail: {value}",
    "NaN": "passes where `{name}` is NaN",
    "wrong": "passes with every wrong `{name}` that was tried",
}


def findings(book: Book, page: Page, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """Yield each headline without a check, and each assertion that does not notice wrong values."""
    yield from _headlines(book, page, pages)
    yield from _survived(book, page)
    yield from _lax(book, page)


def _headlines(book: Book, page: Page, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """A headline stands above the first heading of the second level, among the takeaways, or on an index page."""
    second = (heading.start for heading in page.scan.of(Heading) if heading.level == 2)
    first_screen = next(second, len(page.text))
    for value in page.scan.of(Value):
        boxes = page.scan.around(value, Container)
        index = page.name.rpartition("/")[2] == "index"
        if not (index or value.start < first_screen or any(box.kind == _TAKEAWAYS for box in boxes)):
            continue
        for name, variable in variables(value.expression, page.name):
            of = pages.get((page.language, name))
            if of and variable not in _checked(book, of):
                problem = (
                    f"no assertion of page {name} reads `{variable}`, which the headline `{value.expression}` shows"
                )
                remedy = "assert something of it in the page's *_checks.py, in a section that both languages include"
                yield Finding(book.shown(page.file), page.line_of(value), problem, remedy)


@store.cached
def _checked(book: Book, page: Page) -> set[str]:
    kept = ((block, record.kept(book, block.name).shown) for block in page.blocks)
    inputs = {
        (block.index, one["line"], one["name"])
        for block, shown in kept
        for one in (shown.result.checks.get("inputs", ()) if shown else ())
    }
    return checked(page.blocks, inputs)


def _survived(book: Book, page: Page) -> Iterator[Finding]:
    shown = book.shown(page.file)
    for block in page.blocks:
        kept = record.kept(book, block.name).shown
        for one in kept.result.checks.get("survived", ()) if kept else ():
            place = block.snippet_place(one["line"])
            where = "this assertion" + (f" ({place})" if place else "")
            worth = _SURVIVED[one["value"] if one["name"] else ""].format_map(one)
            remedy = "compare what it reads with what it must be, so that a wrong value is noticed"
            yield Finding(shown, block.line, f"{where} {worth}", remedy)


def _lax(book: Book, page: Page) -> Iterator[Finding]:
    """Yield the results without chance that nothing holds but thresholds far from them."""
    read = Counter(
        node.id
        for block in page.blocks
        for assertion, _ in assertions(block.python)
        for node in ast.walk(assertion)
        if isinstance(node, ast.Name)
    )
    measurements = measured.of_blocks(book, page.blocks)
    lax, held = dict[str, list[Finding]](), set[str]()
    for block, threshold in thresholds(page.blocks, chance=False):
        kept = record.kept(book, block.name).shown
        value = kept.result.variables.get(threshold.name) if kept else None
        if not value or not isinstance(value, int | float) or threshold.name in measurements[block.index].names:
            continue
        if math.isnan(threshold.number) and len(names_read(parsed(threshold.text))) > 1:
            continue  # the bound is a result, too
        if 1 / FAR <= threshold.number / value <= FAR:
            held.add(threshold.name)
            continue
        place = block.snippet_place(threshold.line)
        problem = f"the threshold {threshold.text} ({place}) is far from {value:.6g}, which depends on no seed"
        remedy = f"set it between {value / FAR:.6g} and {value * FAR:.6g}, or compare the result with what it must be"
        lax.setdefault(threshold.name, []).append(Finding(book.shown(page.file), block.line, problem, remedy))
    for name, found in lax.items():
        if name not in held and read[name] <= len(found):
            yield found[0]


def untried(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding where the record of a page says nothing of what its assertions notice."""
    for block in page.blocks:
        kept = record.kept(book, block.name).shown
        asserts = assertions(block.python)
        if asserts and kept and kept.result.checks.get("assertions") != len(asserts):
            problem = f"block {block.index + 1} has assertions that were not tried on wrong values"
            yield Finding(book.shown(page.file), block.line, problem, f"run: python -m book run --page {page.name}")
            return
