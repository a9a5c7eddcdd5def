"""What the checks of all equations found, and what about the equations forbids publishing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from book.core import store
from book.core.findings import BookError, Finding
from book.core.page import Page, read
from book.core.site import Book
from book.equations.declare import (
    Declaration,
    Placed,
    declarations,
    displayed,
    folder,
    load,
    outdated,
    placed,
    same_in_both,
)

SHARE = 0.95
"""Share of all mutants in the book that must be killed."""


def report_file(book: Book) -> Path:
    """Return where the report of all checks lies."""
    return folder(book) / "REPORT.md"


def report(book: Book) -> str:
    """Return the report of all checks as Markdown.

    Raises:
        BookError: a page, a declaration or a record cannot be read.
    """
    kept = [found for one in placed(book) if (found := load(book, one.name))]
    mutants, killed = sum(one.mutants for one in kept), sum(one.killed for one in kept)
    inputs = sum(one.inputs for one in kept)
    share = f"{killed / mutants:.1%}" if mutants else "-"
    lines = [
        "# What the check of the equations finds",
        "",
        "Written by `python -m book equations`. A mutant is the equation with one error made on purpose: a sign, an",
        "index, a bound, an exponent, a symbol, a function, a term left out. It is killed when some input tells it",
        "from the equation.",
        "",
        f"{len(kept)} equations, {inputs} inputs; {mutants} mutants, {killed} killed ({share}).",
        "",
        "| equation | page | inputs | compared with (largest relative difference) | mutants | killed |",
        "|---|---|---|---|---|---|",
    ]
    for one in kept:
        compared = "; ".join(f"{c.kind} {c.what}".strip() + f" ({c.largest:.0e})" for c in one.compared)
        cells = (
            f"`{one.id}`",
            one.page,
            str(one.inputs),
            compared.replace("|", "\\|"),
            str(one.mutants),
            str(one.killed),
        )
        lines.append(f"| {' | '.join(cells)} |")
    survivors = [
        f"- `{one.id}`: `{survivor.mutant}`: {survivor.reason or 'UNEXPLAINED'}"
        for one in kept
        for survivor in one.survivors
    ]
    lines += ["", "## Survivors", "", *(survivors or ["None."])]
    lines += ["", "## Displayed equations that are not checked", "", *(_unchecked(book) or ["None."])]
    return "\n".join(lines) + "\n"


def _unchecked(book: Book) -> list[str]:
    language = book.languages[-1]  # the report is English
    pages = [read(book, language, name) for name in book.page_names(language)]
    return [
        f"- {page.name}: `{' '.join(one.tex.split())}`: {one.text}"
        for page in pages
        for one in displayed(page.scan)
        if one.kind == "unchecked"
    ]


def write(book: Book) -> None:
    """Write the report anew where it changed; a book without equations has none."""
    file, text = report_file(book), report(book)
    if placed(book) and not (file.is_file() and file.read_text(encoding="utf-8") == text):
        store.write(file, text.encode())


def findings(book: Book, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """Yield what is wrong with the equations of the book: marks, declarations, languages, records, mutants."""
    try:
        declared = declarations(book)
        for (language, _), page in pages.items():
            yield from _marks(book, page, declared)
            first = pages.get((book.languages[0], page.name))
            if language != book.languages[0] and first:
                yield from _parity(book, first, page)
        ours = [page for (language, _), page in pages.items() if language == book.languages[0]]
        yield from _unique(book, ours)
        equations = placed(book, ours)
        yield from _records(book, equations)
        used = {one.declaration.id for one in equations}
        for one in declared.values():
            if one.id not in used:
                remedy = f"mark the equation it belongs to: <!-- equation: {one.id} -->, or remove it"
                yield Finding(book.shown(one.file), one.line, f"no page has the equation {one.id!r}", remedy)
    except BookError as problem:
        yield from problem.findings


def _marks(book: Book, page: Page, declared: Mapping[str, Declaration]) -> Iterator[Finding]:
    shown = book.shown(page.file)
    for one in displayed(page.scan):
        line = page.lines[one.mark].page_line
        if not one.kind:
            remedy = "write above it <!-- equation: ID -->, or <!-- unchecked: why it cannot be checked -->"
            yield Finding(shown, line, "this equation does not say whether it is checked", remedy)
        elif one.first < 0:
            yield Finding(shown, line, "below this mark stands no displayed equation", "put it right above one")
        elif not one.text:
            yield Finding(shown, line, f"this mark says no {'id' if one.kind == 'equation' else 'reason'}", "add it")
        elif one.kind == "equation" and one.text not in declared:
            remedy = "declare it in the file *_equations.py beside the page's snippet (see CONTRIBUTING.md)"
            yield Finding(shown, line, f"the equation {one.text!r} is not declared", remedy)


def _unique(book: Book, pages: Sequence[Page]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for page in pages:
        for one in displayed(page.scan):
            if one.kind != "equation":
                continue
            line = page.lines[one.mark].page_line
            place = f"{book.shown(page.file)}:{line}"
            if (first := seen.setdefault(one.text, place)) != place:
                problem = f"the equation {one.text!r} stands at {first}, too"
                yield Finding(book.shown(page.file), line, problem, "give each an id of its own")


def _parity(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Yield a finding where the languages differ in their marks, or in an equation of one id."""
    both = [[one for one in displayed(page.scan) if one.kind and one.first >= 0] for page in (ours, theirs)]
    file, other = book.shown(theirs.file), book.shown(ours.file)
    marks = [[one.text if one.kind == "equation" else "(unchecked)" for one in side] for side in both]
    if marks[0] != marks[1]:
        at = next((i for i, (a, b) in enumerate(zip(*marks, strict=False)) if a != b), min(map(len, marks)))
        line = theirs.lines[both[1][at].mark].page_line if at < len(marks[1]) else 0
        here, there = (side[at] if at < len(side) else "nothing" for side in (marks[1], marks[0]))
        yield Finding(file, line, f"marked equation {at + 1} is {here}, {other} has {there}", "mark both alike")
        return
    for a, b in zip(*both, strict=True):
        if a.kind == "equation" and same_in_both(a.tex) != same_in_both(b.tex):
            line = theirs.lines[b.first].page_line
            yield Finding(file, line, f"the equation {a.text!r} differs from that of {other}", "write both alike")


def _records(book: Book, equations: Sequence[Placed]) -> Iterator[Finding]:
    mutants = killed = 0
    whole = True
    for one in equations:
        shown, remedy = book.shown(one.page.file), "run: make run   (or: python -m book equations)"
        try:
            kept = load(book, one.name)
        except BookError as problem:
            (found,) = problem.findings
            yield Finding(shown, one.line, f"equation {one.declaration.id!r}: {found.problem}", found.remedy)
            whole = False
            continue
        if kept is None:
            problem_ = "was not checked since it, its declaration, or its page's functions were changed"
            yield Finding(shown, one.line, f"equation {one.declaration.id!r} {problem_}", remedy)
            whole = False
            continue
        if why := outdated(book, kept):
            yield Finding(shown, one.line, f"equation {kept.id!r} is out of date: {why}", remedy)
        mutants, killed = mutants + kept.mutants, killed + kept.killed
        for survivor in kept.survivors:
            if not survivor.reason:
                problem_ = f"equation {kept.id!r}: the check does not tell it from {survivor.mutant!r}"
                remedy_ = "compare it with more, or say in its declaration why: survivors={mutant: reason}"
                yield Finding(shown, one.line, problem_, remedy_)
    file = report_file(book)
    if mutants and killed < SHARE * mutants:
        problem_ = f"{killed} of {mutants} mutants are killed, less than {SHARE:.0%}"
        yield Finding(book.shown(file), 0, problem_, "compare the equations with survivors with more")
    if equations and whole and (not file.is_file() or file.read_text(encoding="utf-8") != report(book)):
        yield Finding(
            book.shown(file),
            0,
            "the report is not that of the records",
            "run: make run   (for the report alone: python -m book equations)",
        )
