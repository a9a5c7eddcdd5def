"""What is kept of each equation's check: ``records/equations``, each under a hash of everything it depends on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from book.core import store, syntax
from book.core.findings import BookError, error
from book.core.page import Page
from book.core.page import pages as every_page
from book.core.site import Book
from book.equations import marks
from book.equations.declare import Declaration, declarations, page_code
from book.equations.marks import displayed, same_in_both
from book.evidence import record

VERSION = 3
"""Raised when the checker changes so that former results say too little."""
FORMAT = 1


@dataclass(frozen=True)
class Comparison:
    """What an equation was compared with.

    Attributes:
        kind: ``page`` (a function of the page), ``library``, ``separate`` (a computation that the declaration holds),
            ``automatic``, ``differences``, ``sides`` or ``relation``.
        what: the function's name, where it has one.
        tolerance: relative tolerance.
        largest: largest relative difference seen.
    """

    kind: str
    what: str
    tolerance: float
    largest: float


@dataclass(frozen=True)
class Survivor:
    """A mutant that no input told from the equation; ``reason`` is empty where nobody explains it."""

    mutant: str
    reason: str


@dataclass(frozen=True)
class EquationRecord:
    """The record of an equation's check.

    Attributes:
        name: hash, and name of the file.
        id: the equation's id.
        page: the page it stands on.
        tex: its LaTeX.
        read: how each side was understood.
        inputs: random inputs it was tried on.
        compared: what it was compared with.
        mutants: wrong versions of it that were tried.
        killed: those that were found out.
        survivors: those that were not.
        date: day of the check, ISO 8601.
        python: version of Python.
        versions: distribution name to version.
    """

    name: str
    id: str
    page: str
    tex: str
    read: tuple[str, ...]
    inputs: int
    compared: tuple[Comparison, ...]
    mutants: int
    killed: int
    survivors: tuple[Survivor, ...]
    date: str
    python: str
    versions: Mapping[str, str]


def name(book: Book, declaration: Declaration, tex: str) -> str:
    """Return the name of an equation's record: a hash of everything the check depends on."""
    code = [syntax.canonical(code, "python") for _, code in page_code(book, declaration)]
    whole = json.dumps(["book equation", VERSION, declaration.id, same_in_both(tex), declaration.source, *code])
    return hashlib.sha256(whole.encode()).hexdigest()[: syntax.NAME_LENGTH]


def folder(book: Book) -> Path:
    """Return where the records of equations lie."""
    return book.records / "equations"


def save(book: Book, checked: EquationRecord) -> None:
    """Write a record, whole or not at all."""
    with store.writing(book.shown(folder(book))):
        store.write(folder(book) / f"{checked.name}.json", store.encode({"format": FORMAT, **asdict(checked)}))


def load(book: Book, name: str) -> EquationRecord | None:
    """Read a record, or return None where there is none."""
    file = folder(book) / f"{name}.json"
    try:
        return _load(file)
    except store.Damaged as problem:
        remedy = f"{store.bring_back(book.shown(file), problem)}   (or delete it, then: make run)"
        raise error(f"this record {problem}", remedy, book.shown(file)) from None


@store.cached
def _load(file: Path) -> EquationRecord | None:
    raw = store.load(file)
    if raw is None:
        return None
    if (raw.pop("format", None), raw.get("name")) != (FORMAT, file.stem):
        raise store.Damaged("has another format, or belongs to another equation")
    raw["compared"] = tuple(Comparison(**comparison) for comparison in raw["compared"])
    raw["survivors"] = tuple(Survivor(**survivor) for survivor in raw["survivors"])
    return EquationRecord(**{**raw, "read": tuple(raw["read"])})


def outdated(book: Book, checked: EquationRecord) -> str | None:
    """Say which library of a record has another version in ``requirements.txt``; None where all agree."""
    other = record.other_version(book, checked.versions)
    return other and f"it was checked with {other}"


def independent(declaration: Declaration, checked: EquationRecord) -> int:
    """Count what an equation was compared with and is not itself: page's function, library, automatic derivative.

    Finite differences differentiate what automatic differentiation does, and a formula written anew is the same one.
    """
    kinds = {kind for kind, _ in declaration.compared.values()} | {comparison.kind for comparison in checked.compared}
    return len(kinds & {"page", "automatic"}) + any(kind == "library" for kind, _ in declaration.compared.values())


@dataclass(frozen=True)
class Placed:
    """A checked equation of the book: its declaration, its page, where it stands there, and its record's name."""

    declaration: Declaration
    page: Page
    line: int
    tex: str
    name: str


def placed(book: Book, pages: Sequence[Page] | None = None) -> list[Placed]:
    """Return the equations that pages mark and files declare, in the order of pages; those of all pages where None."""
    declared = declarations(book)
    return [
        Placed(declaration, page, page.lines[shown.mark].page_line, shown.tex, name(book, declaration, shown.tex))
        for page in (every_page(book) if pages is None else pages)
        for shown in displayed(page.scan)
        if shown.is_checked and (declaration := declared.get(shown.text))
    ]


def stale(book: Book, equations: Sequence[Placed]) -> list[Placed]:
    """Return the equations that have no usable record."""

    def is_fresh(equation: Placed) -> bool:
        try:
            checked = load(book, equation.name)
        except BookError:
            return False
        return checked is not None and outdated(book, checked) is None

    return [equation for equation in equations if not is_fresh(equation)]


def prune(book: Book) -> list[str]:
    """Delete the records of equations that no page has any more; return their names."""
    names = {equation.name for equation in placed(book)}
    orphans = [file for file in sorted(folder(book).glob("*.json")) if file.stem not in names]
    for file in orphans:
        file.unlink()
    return [file.stem for file in orphans]


def load_all(book: Book) -> list[EquationRecord]:
    """Return the records of all equations that have one, in the order of pages."""
    return [checked for equation in placed(book) if (checked := load(book, equation.name))]


@store.cached
def totals(book: Book) -> dict[str, float]:
    """Count the book's checked equations, their inputs and mutants, and the equalities within lines."""
    every = load_all(book)
    mutants, killed = sum(checked.mutants for checked in every), sum(checked.killed for checked in every)
    return {
        "equations": len(every),
        "equation_inputs": sum(checked.inputs for checked in every),
        **marks.totals(book),
        "mutants": mutants,
        "mutants_killed": killed,
        "mutants_killed_share": killed / mutants if mutants else 0.0,
    }
