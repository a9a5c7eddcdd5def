"""Refuse what must not be published: stale or missing records, unequal languages, numbers without a source."""

import re
from collections.abc import Iterator, Mapping

from book.check import assertions, files, links, lint, numbers, parity, prose, readings, tables, values
from book.core import store
from book.core.findings import BookError, Finding
from book.core.markdown import Image
from book.core.page import Block, Page, formulas, read
from book.core.site import CONFIGURATION, Book
from book.draw import glossary
from book.draw.figures import untranslated
from book.draw.formulas import FormulaError, typeset
from book.equations import report
from book.evidence import long_run, measured, outputs, record, sweep
from book.notebook import twin


@store.steady()
def check(book: Book) -> list[Finding]:
    """Return everything that forbids publishing, in the order of files and lines.

    One finding a cause: of what follows from a page that is stale or cannot be read nothing is said.
    """
    pages, unread = _read_all(book)
    ours = [page for (language, _), page in pages.items() if language == book.languages[0]]
    stale = {page.name: found for page in ours if (found := list(freshness(book, page)))}
    findings = [*unread, *_missing_languages(book), *_names_in_the_way(book), *_redirects(book)]
    findings += [*files.findings(book), *files.settings(book), *_needs(book, pages)]
    findings += [*numbers.beside(book), *numbers.translated(book)]
    for (language, name), page in pages.items():
        findings += [*lint.findings(book, page), *untranslated(book, page)]
        findings += (values.unfounded if unread else values.findings)(book, page)
        findings += [*prose.findings(book, page), *links.findings(book, page, pages), *numbers.findings(book, page)]
        if name not in stale:
            findings += twin.findings(book, page)
        if language == book.languages[0]:
            findings += [*stale.get(name, _thresholds(book, page)), *_outputs(book, page)]
            findings += [*_figures_placed(book, page), *_time(book, page), *measured.findings(book, page)]
            findings += [*assertions.findings(book, page, pages), *lint.scripts(book, page)]
        elif first := pages.get((book.languages[0], name)):
            findings += parity.findings(book, first, page)
    findings += [*prose.notes(book), *glossary.findings(book), *long_run.findings(book)]
    findings += [*_formulas(book, pages), *_size(book), *readings.findings(book), *readings.marks(book)]
    if not unread:
        findings += [*tables.findings(book, pages), *numbers.unused(book, pages), *report.findings(book, pages, stale)]
    return sorted(set(findings))


def _read_all(book: Book) -> tuple[dict[tuple[str, str], Page], list[Finding]]:
    """Return the pages by language and name, and why some cannot be read: what is wrong in all languages once."""
    pages: dict[tuple[str, str], Page] = {}
    unread: dict[tuple[str, str], Finding] = {}
    for language in book.languages:
        for name in book.page_names(language):
            try:
                pages[language, name] = read(book, language, name)
            except BookError as problem:
                for finding in problem.findings:
                    unread.setdefault((name, finding.problem), finding)
    return pages, list(unread.values())


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


def _needs(book: Book, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """Yield a finding for each page that needs more than is installed for a build, and is not declared to."""
    for page in pages.values():
        if page.needs and page.name not in book.not_repeated:
            problem = (
                f"the page needs {' and '.join(page.needs)}, which not every build has: there its blocks would not run"
            )
            remedy = f"use what requirements.txt has, or name it in {CONFIGURATION}: [evidence] not_repeated"
            yield Finding(book.shown(page.file), page.meta_lines["needs"], problem, remedy)


def _redirects(book: Book) -> Iterator[Finding]:
    """Yield a finding for each former name of a page that leads nowhere, or is a page."""
    names = book.page_names(book.languages[0])
    for former, name in book.redirects.items():
        taken = not re.fullmatch(r"(?!(?:assets|notebooks|search)(?:/|$))[\w-]+(?:/[\w-]+)*", former)
        if name not in names or former in names or taken:
            there = "something else" if taken else f"a page {former!r}"
            problem = f"there is no page {name!r}" if name not in names else f"there is {there}"
            yield Finding(CONFIGURATION, 0, f"the redirect of {former!r}: {problem}", "mend the table [redirects]")


def freshness(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each damaged record, and one for the first block that is not what ran, or ran with others.

    The blocks below it are counted, not named: they are stale because it is.
    """
    kept = [(block, record.kept(book, block.name)) for block in page.blocks]
    for block, each in kept:
        for found in each.damage:
            problem = f"{_named(block)}: {found.file}: {found.problem}"
            yield Finding(book.shown(page.file), block.line, problem, found.remedy)
    stale = [(block, each) for block, each in kept if each.state in ("missing", "outdated")]
    if stale:
        (block, each), more = stale[0], len(stale) - 1
        what = f"is out of date: {each.why}" if each.why else record.why_missing(book, block)
        below = f"; {more} more below it with it" if more else ""
        remedy = f"run: python -m book run --page {page.name}   (or, all that is stale: make run)"
        if not book.is_committed and not each.why:
            what = f"has no record in {book.shown(book.records)}, of which the site is to be made"
            remedy = "run: make blocks   (all pages, or every shard of them)"
        yield Finding(book.shown(page.file), block.line, f"{_named(block)} {what}{below}", remedy)
    else:
        yield from assertions.untried(book, page)


def _named(block: Block) -> str:
    place = block.snippet_place(1)
    return f"block {block.index + 1}" + (f" [{place}]" if place else "")


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
            files = {name: record.picture(book, block.name, name).read_bytes() for name in shown.result.figures}
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
    if not book.is_committed:  # a busy machine that repeats them is no mistake of the page
        return
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
    size = sum(file.stat().st_size for file in book.committed.rglob("*") if file.is_file()) / 1e6
    if size > book.limits.records_megabytes:
        yield Finding(
            "records", 0, f"the records take {size:.0f} MB", f"keep them under {book.limits.records_megabytes} MB"
        )
