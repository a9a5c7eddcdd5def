"""A typed number has a source.

Every number that a reader sees (``book.core.rendered``) is an inline value; or stands in a sentence, or the row of a
table, with a link that is a row of ``docs/data/citations.csv`` whose ``number`` holds it; or is harmless:

- a whole number up to ``counts``, and what one of the patterns of ``harmless`` covers (``[numbers]`` in ``book.toml``);
- a number without a unit, or a fraction, that the page's code holds literally (in assertions only for their own fold);
- a whole number without a unit that is among the variables of the page's run, or, from 1000 on, was printed by it;
- a number without a unit that another sentence of the page cites.

What is measured (a percentage, seconds, bytes: the ``units`` in ``book/words``) is harmless only by its pattern.
"""

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from book.check.files import texts
from book.core import store
from book.core.findings import Finding
from book.core.markdown import Container, Link
from book.core.numbers import Number, Words, find, words
from book.core.page import Page
from book.core.rendered import rendered
from book.core.site import CONFIGURATION, Book, read_yaml, rows
from book.core.syntax import nodes
from book.draw import figures, glossary
from book.evidence import record

_REMEDY = (
    "compute it in a block and write `{python} ...`, or link in the same sentence a row of docs/data/citations.csv"
    " whose number holds it"
)
_WHOLE = re.compile(r"(?<![\w.])(?<!\d,)(?:\d{1,3}(?:,\d{3})+|\d{2,9})(?!\w|[.,]\d)")
_LARGE = 1000
"""A smaller number that was only printed somewhere says nothing: pictures and tables are full of them."""


@dataclass(frozen=True)
class Source:
    """A row of the table of citations: its line, id and link, and its numbers."""

    line: int
    id: str
    link: str
    text: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Statement:
    """A sentence of a page, or a row of a table: its line, its numbers, and the targets of its links."""

    text: str
    numbers: tuple[tuple[int, Number], ...]
    links: tuple[str, ...]


@store.cached
def sources(book: Book) -> tuple[Source, ...]:
    """Return the rows of the table of citations."""
    known = words(book)
    return tuple(
        Source(line, row.get("id", ""), row.get("link", ""), text := row.get("number", ""), tuple(find(text, known)))
        for line, row in rows(book.data / "citations.csv")
    )


@store.cached
def statements(book: Book, page: Page) -> tuple[Statement, ...]:
    """Return the sentences of a page, its title and description among them, with their numbers and links."""
    known, found = words(book), []
    for key in ("title", "description"):
        for _, sentence, links in rendered(str(page.meta.get(key) or "")).sentences():
            numbers = tuple((page.meta_lines[key], number) for number in find(sentence, known))
            found.append(Statement(sentence, numbers, tuple(links)))
    read = rendered(page.text)
    for start, sentence, links in read.sentences():
        each = find(sentence, known)
        numbers = tuple((page.lines[read.line(start + number.start)].page_line, number) for number in each)
        found.append(Statement(sentence, numbers, tuple(links)))
    return tuple(found)


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield the typed numbers of a page that have no source."""
    declared = book.declared.get("numbers", {})
    about = re.compile(rf"(?:{declared.get('about', '(?!)')})\W*$", re.IGNORECASE)
    by_link: dict[str, list[float]] = {}
    for source in sources(book):
        by_link.setdefault(source.link, []).extend(number.value for number in source.numbers)
    said = [
        (each, [value for link in each.links for value in by_link.get(link, ())]) for each in statements(book, page)
    ]
    repeated = [n.value for each, cited in said for _, n in each.numbers if _among(n.value, cited)]
    (literal, asserted), recorded = _literals(page), _recorded(book, tuple(block.name for block in page.blocks))
    for statement, cited in said:
        for line, number in statement.numbers:
            value = number.value
            if not (
                _harmless(book, number, statement.text)
                or (
                    not number.unit
                    and ((value.is_integer() if recorded is None else value in recorded) or _among(value, repeated))
                )
                or _among(value, cited)
                or (any(_rounded(value, other) for other in cited) and about.search(statement.text[: number.start]))
                or (number.unit in ("", "/") and _among(value, literal))
                or (number.unit in ("", "/") and any(a <= line <= z and _among(value, own) for a, z, own in asserted))
            ):
                yield Finding(book.shown(page.file), line, f"the number {number.text!r} has no source", _REMEDY)


def unused(book: Book, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """Yield the links of pages that no row has, and the numbers of rows that no page with their link shows."""
    table, declared = book.shown(book.data / "citations.csv"), book.declared.get("numbers", {})
    known = {source.link for source in sources(book)} | set(declared.get("plain_links", ()))
    for each in book.declared.get("tables", ()):
        if "links" in each:
            known |= {row.get(each["links"], "") for _, row in rows(book.data / each["file"])}
    shown: dict[str, set[float]] = {}
    stale = set[str]()
    for page in pages.values():
        numbers = {number.value for each in statements(book, page) for _, number in each.numbers}
        recorded = _recorded(book, tuple(block.name for block in page.blocks))
        numbers |= _literals(page)[0] | (recorded or set())
        numbers = numbers.union(*(_tabled(file, words(book)) for file in page.data if file.suffix == ".csv"))
        for link in page.scan.of(Link):
            if recorded is None:
                stale.add(link.target)
            if link.target in known:
                shown.setdefault(link.target, set()).update(numbers)
            elif link.target.startswith(("http:", "https:")):
                problem = f"no row of {table} has the link {link.target}"
                remedy = f"add the row, or, where it is no source, name the link under [numbers] in {CONFIGURATION}"
                yield Finding(book.shown(page.file), page.line_of(link), problem, remedy)
    for source in sources(book):
        if source.link not in shown:
            yield Finding(table, source.line, f"no page links the source {source.id!r}", "link it, or remove the row")
            continue
        for number in source.numbers if source.link not in stale else ():
            if not (
                _harmless(book, number, source.text)
                or any(_rounded(value, number.value) for value in shown[source.link])
            ):
                problem = f"no page shows the number {number.text!r} of {source.id!r}"
                yield Finding(table, source.line, problem, "write it beside the link, or move it to the note")


def beside(book: Book) -> Iterator[Finding]:
    """Yield the typed numbers that readers see and that stand on no page: in titles of the site, in the glossary."""
    said: list[tuple[Path, int, str]] = []
    for language in book.languages:
        config, file = read_yaml(book.config_file(language)), book.config_file(language)
        seen = [config.get(key) for key in ("site_name", "site_description", "copyright", "nav")]
        said += [(file, 0, text) for text in texts(seen) if not text.endswith(".md")]
        said += [(glossary.file(book), each.line, each.definitions[language]) for each in glossary.load(book)]
    for file, line, text in said:
        for number in find(text, words(book)):
            if not _harmless(book, number, text):
                remedy = "no source can be linked there: say it on a page"
                yield Finding(book.shown(file), line, f"the number {number.text!r} has no source", remedy)


def translated(book: Book) -> Iterator[Finding]:
    """Yield the words for figures that say another number than the label that they translate, or not all of them."""
    file, known = figures.words_file(book), words(book)
    for line, row in rows(file):
        label, *others = row.values()
        for told in filter(None, others):
            numbers = [number.value for number in find(label, known)]
            new = [each for each in find(told, known) if not _among(each.value, numbers)]
            more = [each.text for each in new if not _harmless(book, each, told)]
            if more or re.findall(r"\{.*?\}", label) != re.findall(r"\{.*?\}", told):
                problem = (
                    f"the words {told!r} hold {' and '.join(more) or 'other places for numbers'}, {label!r} does not"
                )
                yield Finding(book.shown(file), line, problem, "say the same numbers, each in its place {}")


def _harmless(book: Book, number: Number, text: str) -> bool:
    """Tell whether a number needs no source wherever it stands: a count, or what ``book.toml`` declares."""
    declared = book.declared.get("numbers", {})
    if not number.unit and number.value in range(declared.get("counts", 10) + 1):
        return True
    spans = _spans(tuple(declared.get("harmless", {}).values()), text)
    return any(start <= number.start and number.end <= end for start, end in spans)


@store.cached
def _tabled(file: Path, known: Words) -> set[float]:
    """Return the numbers of a table that code reads, as they stand there and as percentages."""
    store.note(file)
    numbers = {number.value for number in find(file.read_text(encoding="utf-8", errors="replace"), known)}
    return numbers | {value / 100 for value in numbers}


def _literals(page: Page) -> tuple[set[float], list[tuple[int, int, frozenset[float]]]]:
    """Return the numbers in the page's code, and those of its assertions with the lines of the folds they stand in."""
    boxes = [(page.line_of(box), page.lines[box.last].page_line) for box in page.scan.of(Container)]
    found, asserted = set[float](), []
    for block in page.blocks:
        plain, within = _constants(block.python)
        found |= plain
        asserted += [(first, last, within) for first, last in boxes if within and first <= block.line <= last]
    return found, asserted


@store.cached
def _recorded(book: Book, names: tuple[str, ...]) -> set[float] | None:
    """Return the whole numbers that blocks printed, or have among their variables; None where one has no record."""
    records = [record.kept(book, name).shown for name in names]
    results = [shown.result for shown in records if shown]
    if len(results) < len(names):
        return None  # `freshness` names the block
    texts = (json.dumps([result.variables for result in results]), json.dumps([result.outputs for result in results]))
    kept, printed = ({float(match.replace(",", "")) for match in _WHOLE.findall(text)} for text in texts)
    return kept | {number for number in printed if number >= _LARGE}


@lru_cache(maxsize=8192)
def _constants(code: str) -> tuple[frozenset[float], frozenset[float]]:
    """Return the numbers in code outside its assertions, and those in them."""

    def numbers(some: Iterable[ast.AST]) -> frozenset[float]:
        constants = (node.value for node in some if isinstance(node, ast.Constant))
        return frozenset(float(value) for value in constants if isinstance(value, int | float))

    asserted = {node for each in nodes(code) if isinstance(each, ast.Assert) for node in ast.walk(each)}
    return numbers(set(nodes(code)) - asserted), numbers(asserted)


def _rounded(value: float, other: float) -> bool:
    """Tell whether a number is another, rounded to the digits that it has."""
    if not value or not math.isfinite(value):
        return False
    digits, exponent = f"{value:.9e}".split("e")
    step = 10.0 ** (int(exponent) - len(digits.rstrip("0")) + 2)
    return abs(value - other) <= step / 2 * (1 + 1e-9)


def _among(value: float, others: Iterable[float]) -> bool:
    return any(abs(value - other) <= 1e-9 * abs(other) for other in others)


@lru_cache(maxsize=4096)
def _spans(patterns: tuple[str, ...], text: str) -> list[tuple[int, int]]:
    return [match.span() for pattern in patterns for match in re.finditer(pattern, text)]
