"""What the checks of all equations found, and what about the equations forbids publishing."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from book.core import store
from book.core.findings import BookError, Finding
from book.core.markdown import Heading
from book.core.page import Page
from book.core.page import pages as every_page
from book.core.site import Book
from book.equations import marks, records
from book.equations.declare import Declaration, declarations
from book.equations.marks import Displayed, displayed, same_in_both

ANEW = "run: make run   (or: python -m book equations)"
SHARE = 0.95
"""Share of all mutants in the book that must be killed."""
_FORMS = {
    "update": r"\\(?:leftarrow|gets)|:=|←",
    "expectation": r"\\(?:mathrm|mathbb|mathbf|operatorname)\s*\{(?:E|Var|Cov|P|Pr)\}|\\Pr\b|(?<![A-Za-z\\])E\s*[\[(]",
    "asymptotic": r"\\(?:approx|sim|simeq|asymp|propto|to|lim|infty|ll|gg)(?![A-Za-z])|O\s*(?:\\left)?\(",
    "condition": r"^(?!\s*\\?[A-Za-z]+(?:_\w|_\{[^}]*\})?\s*=)",
    "definition": r"=.*(?:\\(?:operatorname|mathrm|text|arg|min|max|sup|inf|det|dim|ker)(?![A-Za-z])"
    r"|(?:(?<![A-Za-z\\])[A-Za-z]|\\(?!left|right|frac|log|ln|exp|sin|cos|tan|tanh|big|Big|sum|prod|cdot|times)[A-Za-z]+)"
    r"\s*(?:\\left)?\()",
}
"""What an equation must have, or begin with, for a reason to leave it unchecked: what its words say of its form."""
_REPORT = """\
# What the check of the equations finds

Written by `python -m book equations`. A mutant is the equation with one error made on purpose: a sign, an
index, a bound, an exponent, a symbol, a function, a term left out. It is killed when some input tells it
from the equation.

{equations} equations, {equation_inputs} inputs; {mutants} mutants, {mutants_killed} killed ({share}).

| equation | page | inputs | compared with (largest relative difference) | mutants | killed |
|---|---|---|---|---|---|
{rows}
## Survivors

{survivors}

## Displayed equations that are not checked

{unchecked}

## Equalities within a line

{inline}
"""


def report_file(book: Book) -> Path:
    """Return where the report of all checks lies."""
    return records.folder(book) / "REPORT.md"


def report(book: Book) -> str:
    """Return the report of all checks as Markdown."""
    totals = records.totals(book)
    rows, survivors = "", []
    for checked in records.load_all(book):
        compared = "; ".join(f"{c.kind} {c.what}".strip() + f" ({c.largest:.0e})" for c in checked.compared)
        cells = (f"`{checked.id}`", checked.page, checked.inputs, compared.replace("|", "\\|"), checked.mutants)
        rows += f"| {' | '.join(map(str, cells))} | {checked.killed} |\n"
        survivors += [f"- `{checked.id}`: `{s.mutant}`: {s.reason or 'UNEXPLAINED'}" for s in checked.survivors]
    unchecked = [
        f"- {page.name}: `{' '.join(equation.tex.split())}`: {equation.text}"
        for page in every_page(book, book.languages[-1])
        for equation in displayed(page.scan)
        if equation.kind == "unchecked"
    ]
    return _REPORT.format(
        **totals,
        share=f"{totals['mutants_killed_share']:.1%}" if totals["mutants"] else "-",
        rows=rows,
        survivors="\n".join(survivors or ["None."]),
        unchecked="\n".join(unchecked or ["None."]),
        inline="\n".join(f"- {each.page}: `{each.tex}`: {each.state}" for each in marks.every(book)) or "None.",
    )


def _is_current(book: Book) -> bool:
    file = report_file(book)
    return file.is_file() and file.read_bytes() == report(book).encode()


def write(book: Book) -> None:
    """Write the report anew where it changed; a book without equations has none."""
    if records.placed(book) and not _is_current(book):
        store.write(report_file(book), report(book).encode())


def findings(book: Book, pages: Mapping[tuple[str, str], Page], stale: Container[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with the equations of the book: marks, declarations, languages, records, mutants.

    Those of ``stale`` pages are checked when these run.
    """
    try:
        declared = declarations(book)
        ours = [page for (language, _), page in pages.items() if language == book.languages[0]]
        places: dict[str, str] = {}
        for page in pages.values():
            yield from _marks(book, page, declared, places if page in ours else {})
            yield from _inline(book, page)
            first = pages.get((book.languages[0], page.name))
            if first and first is not page:
                yield from _parity(book, first, page)
        equations = records.placed(book, ours)
        yield from _records(book, equations, stale)
        used = {equation.declaration.id for equation in equations}
        for declaration in declared.values():
            if declaration.id not in used:
                remedy = f"mark the equation it belongs to: <!-- equation: {declaration.id} -->, or remove it"
                problem = f"no page has the equation {declaration.id!r}"
                yield Finding(book.shown(declaration.file), declaration.line, problem, remedy)
    except BookError as problem_:
        yield from problem_.findings


def _marks(book: Book, page: Page, declared: Mapping[str, Declaration], places: dict[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the marks of a page; ``places`` says where each id was seen before."""
    shown = book.shown(page.file)
    for equation in displayed(page.scan):
        line = page.lines[equation.mark].page_line
        if not equation.kind:
            remedy = "write above it <!-- equation: ID -->, or <!-- unchecked: why it cannot be checked -->"
            yield Finding(shown, line, "this equation does not say whether it is checked", remedy)
        elif equation.first < 0:
            yield Finding(shown, line, "below this mark stands no displayed equation", "put it right above one")
        elif not equation.text:
            what = "id" if equation.is_checked else "reason"
            yield Finding(shown, line, f"this mark says no {what}", "add it")
        elif equation.kind == "unchecked" and f"reason-{equation.text}" not in (
            words := book.words(page.language, "equation")
        ):
            known = ", ".join(key.removeprefix("reason-") for key in words if key.startswith("reason-"))
            yield Finding(
                shown, line, f"{equation.text!r} is no reason to leave an equation unchecked", f"write: {known}"
            )
        elif equation.kind == "unchecked" and not _fits(equation, page):
            problem = f"{equation.text!r} is no reason to leave this equation unchecked: it has another form"
            yield Finding(shown, line, problem, "mark it <!-- equation: ID -->, and declare what its symbols are")
        elif equation.is_checked and equation.text not in declared:
            remedy = "declare it in the file *_equations.py beside the page's snippet (see CONTRIBUTING.md)"
            yield Finding(shown, line, f"the equation {equation.text!r} is not declared", remedy)
        place = f"{shown}:{line}"
        if equation.kind == "equation" and (first := places.setdefault(equation.text, place)) != place:
            problem = f"the equation {equation.text!r} stands at {first}, too"
            yield Finding(shown, line, problem, "give each an id of its own")


def _fits(equation: Displayed, page: Page) -> bool:
    """Tell whether an equation has the form that its reason says; a step needs its result, checked, in its section."""
    if equation.text == "step":
        ends = next((each.line for each in page.scan.of(Heading) if each.line > equation.mark), len(page.lines))
        below = (each for each in displayed(page.scan) if equation.mark < each.mark < ends and each.text != "step")
        return (result := next(below, None)) is not None and result.is_checked
    return bool(re.search(_FORMS.get(equation.text, ""), equation.tex, re.DOTALL))


def _inline(book: Book, page: Page) -> Iterator[Finding]:
    """Yield the equalities of numbers within lines that do not hold."""
    for each in marks.stated(page):
        if each.state == "wrong":
            yield Finding(book.shown(page.file), each.line, f"${each.tex}$ does not hold", "correct it")


def _parity(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Yield a finding where the languages differ in their marks, or in an equation of one id."""
    file, other = book.shown(theirs.file), book.shown(ours.file)
    marked = [[equation for equation in displayed(page.scan) if equation.is_marked] for page in (ours, theirs)]
    differing = []
    for number, (a, b) in enumerate(zip_longest(*marked), start=1):
        there, here = (
            ("nothing" if e is None else e.text if e.is_checked else f"(unchecked: {e.text})") for e in (a, b)
        )
        if there != here:
            line = theirs.lines[b.mark].page_line if b else 0
            yield Finding(file, line, f"marked equation {number} is {here}, {other} has {there}", "mark both alike")
            return
        if a.is_checked and same_in_both(a.tex) != same_in_both(b.tex):
            problem = f"the equation {a.text!r} differs from that of {other}"
            differing.append(Finding(file, theirs.lines[b.first].page_line, problem, "write both alike"))
    yield from differing


def _records(book: Book, equations: Sequence[records.Placed], stale: Container[str]) -> Iterator[Finding]:
    """Yield equations without a usable record, mutants that survive unexplained, and a report of other records.

    Of the equations of one page that were not checked the first is named.
    """
    mutants = killed = 0
    waiting = Counter(one.page.name for one in equations if not (records.folder(book) / f"{one.name}.json").is_file())
    named = set[str]()
    for equation in equations:
        shown, name = book.shown(equation.page.file), f"equation {equation.declaration.id!r}"
        problem, remedy = "", ANEW if book.is_committed else "run: make blocks"
        try:
            checked = records.load(book, equation.name)
        except BookError as damage:
            checked, problem, remedy = None, f": {damage.findings[0].problem}", damage.findings[0].remedy
        if checked is None and not problem:
            if (page := equation.page.name) not in stale and page not in named:
                more = f"; {waiting[page] - 1} more below it with it" if waiting[page] > 1 else ""
                problem = f" was not checked since it, its declaration, or its page's functions were changed{more}"
                yield Finding(shown, equation.line, f"{name}{problem}", remedy)
            named.add(page)
            continue
        if checked is None:
            waiting[equation.page.name] += 1
            yield Finding(shown, equation.line, f"{name}{problem}", remedy)
            continue
        held = any(comparison.kind in ("sides", "relation") for comparison in checked.compared)
        if not held and not records.independent(equation.declaration, checked):
            remedy_ = "compare it with the page's function, a library's operation, or an automatic derivative"
            yield Finding(shown, equation.line, f"{name} is compared with nothing independent of it", remedy_)
        if why := records.outdated(book, checked):
            yield Finding(shown, equation.line, f"{name} is out of date: {why}", remedy)
        mutants, killed = mutants + checked.mutants, killed + checked.killed
        for survivor in checked.survivors:
            if not survivor.reason:
                problem = f"{name}: the check does not tell it from {survivor.mutant!r}"
                remedy = "compare it with more, or say in its declaration why: survivors={mutant: reason}"
                yield Finding(shown, equation.line, problem, remedy)
    file = book.shown(report_file(book))
    if mutants and killed < SHARE * mutants:
        problem = f"{killed} of {mutants} mutants are killed, less than {SHARE:.0%}"
        yield Finding(file, 0, problem, "compare the equations with survivors with more")
    if equations and book.is_committed and not waiting.total() and not _is_current(book):
        remedy = "run: make run   (for the report alone: python -m book equations)"
        yield Finding(file, 0, "the report is not that of the records", remedy)
