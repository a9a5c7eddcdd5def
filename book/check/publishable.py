"""Refuse what must not be published: stale or missing records, unequal languages, numbers without a source."""

from __future__ import annotations

from collections.abc import Iterator

from book.check import assertions, files, links, lint, numbers, prose, tables, values
from book.core import store
from book.core.findings import BookError, Finding
from book.core.markdown import Image
from book.core.page import Page, formulas, read
from book.core.site import Book
from book.draw import glossary
from book.draw.figures import untranslated
from book.draw.formulas import FormulaError, typeset
from book.equations import report
from book.evidence import long_run, measured, outputs, record, sweep
from book.notebook import twin


def check(book: Book) -> list[Finding]:
    """Return everything that forbids publishing, in the order of files and lines."""
    with store.steady():
        return _check(book)


def _check(book: Book) -> list[Finding]:
    findings: list[Finding] = []
    pages: dict[tuple[str, str], Page] = {}
    for language in book.languages:
        for name in book.page_names(language):
            try:
                pages[language, name] = read(book, language, name)
            except BookError as problem:
                findings += problem.findings
    findings += [*_missing_languages(book), *_names_in_the_way(book), *files.findings(book)]
    for (language, name), page in pages.items():
        findings += [*lint.findings(book, page), *untranslated(book, page), *values.findings(book, page)]
        findings += [*prose.findings(book, page), *links.findings(book, page, pages), *twin.findings(book, page)]
        findings += numbers.findings(book, page)
        if language == book.languages[0]:
            findings += [*freshness(book, page), *_outputs(book, page), *_figures_placed(book, page)]
            findings += [*_time(book, page), *_thresholds(book, page), *measured.findings(book, page)]
            findings += assertions.findings(book, page, pages)
            findings += lint.scripts(book, page)
        elif first := pages.get((book.languages[0], name)):
            findings += lint.parity(book, first, page)
    findings += [*prose.notes(book), *glossary.findings(book), *long_run.findings(book)]
    findings += [
        *tables.findings(book, pages),
        *numbers.unused(book, pages),
        *_formulas(book, pages),
        *report.findings(book, pages),
        *_size(book),
    ]
    return sorted(set(findings))


def _missing_languages(book: Book) -> Iterator[Finding]:
    names = {language: set(book.page_names(language)) for language in book.languages}
    for language in book.languages:
        for name in sorted(set().union(*names.values()) - names[language]):
            shown = book.shown(book.page_file(language, name))
            yield Finding(shown, 0, "the page is missing in this language", "write it, with the same blocks")


def _names_in_the_way(book: Book) -> Iterator[Finding]:
    """Yield a finding for each page or folder of pages whose place in the site is taken."""
    first, *others = book.languages
    taken = {language: {"notebooks": "the notebooks' views lie"} for language in book.languages}
    taken[first] |= {language: f"the {language} site lies" for language in others}
    for language in book.languages:
        for name in sorted({name.partition("/")[0] for name in book.page_names(language)} & taken[language].keys()):
            problem = f"{taken[language][name]} under {name}/, where this would lie, too"
            place = book.docs(language) / name
            shown = book.shown(place if place.is_dir() else place.with_suffix(".md"))
            yield Finding(shown, 0, problem, "give it another name, the same in every language")


def freshness(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each block whose record is missing, damaged or made with other libraries."""
    remedy = f"run: make run   (or: python -m book run --page {page.name})"
    shown = book.shown(page.file)
    for block in page.blocks:
        place = block.snippet_place(1)
        where = f"block {block.index + 1}" + (f" [{place}]" if place else "")
        kept = record.kept(book, block.name)
        for found in kept.damage:
            yield Finding(shown, block.line, f"{where}: {found.file}: {found.problem}", found.remedy)
        if kept.state == "missing":
            yield Finding(shown, block.line, f"{where} has not run since it, or a block above it, was changed", remedy)
        elif kept.why:
            yield Finding(shown, block.line, f"{where} is out of date: {kept.why}", remedy)
    yield from assertions.untried(book, page)


def is_fresh(book: Book, page: Page) -> bool:
    """Tell whether every block of a page has a fresh record."""
    return not list(freshness(book, page))


def _thresholds(book: Book, page: Page) -> Iterator[Finding]:
    try:
        yield from sweep.threshold_findings(book, page)
    except BookError as problem:
        yield from problem.findings


def _outputs(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each recorded output that a run would refuse today."""
    for block in page.blocks:
        if shown := record.kept(book, block.name).shown:
            files = {name: (book.records / block.name / name).read_bytes() for name in shown.result.figures}
            for refused in outputs.problems(shown.result.outputs, files):
                where = f"block {block.index + 1} {refused}"
                yield Finding(book.shown(page.file), block.line, where, f"{refused.remedy}; then run: make run")


def _figures_placed(book: Book, page: Page) -> Iterator[Finding]:
    """Every picture a block draws is placed on the page, so that it has a text for those who cannot see it."""
    placed = {(image.figure, page.scan.above(image)) for image in page.scan.of(Image)}
    for block in page.blocks:
        shown = record.kept(book, block.name).shown
        for number in range(1, len(shown.result.figures) + 1 if shown else 1):
            if (number, block.index + 1) not in placed:
                yield Finding(
                    book.shown(page.file),
                    block.line,
                    f"block {block.index + 1} draws figure {number}, which the page does not show",
                    f'place it below the block: ![alternative text](figure:{number} "caption")',
                )


def _time(book: Book, page: Page) -> Iterator[Finding]:
    limit = page.page_seconds
    seconds = sum(r.result.seconds for block in page.blocks if (r := record.kept(book, block.name).shown))
    if seconds > limit:
        yield Finding(
            book.shown(page.file), 1, f"the page's blocks took {seconds:.0f} s, the limit is {limit} s",
            "make them shorter, or move work to a _long.py script",
        )  # fmt: skip


def _formulas(book: Book, pages: dict[tuple[str, str], Page]) -> Iterator[Finding]:
    """Every formula can be typeset."""
    found = [(page, line, formula) for page in pages.values() for line, formula in formulas(page)]
    found = [(page, line, formula) for page, line, formula in found if "`" not in formula.tex]  # `lint` names those
    results = typeset([formula for _, _, formula in found])
    for (page, line, _), result in zip(found, results, strict=True):
        if isinstance(result, FormulaError):
            yield Finding(book.shown(page.file), line, f"MathJax refuses a formula: {result}", "correct the TeX")


def _size(book: Book) -> Iterator[Finding]:
    size = sum(file.stat().st_size for file in book.records.rglob("*") if file.is_file()) / 1e6
    if size > book.limits.records_megabytes:
        yield Finding(
            "records", 0, f"the records take {size:.0f} MB", f"keep them under {book.limits.records_megabytes} MB"
        )
