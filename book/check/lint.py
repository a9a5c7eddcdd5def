"""What the two languages must have in common, and what must not be typed into a page.

Every function yields findings with file, line and remedy; nothing here runs a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from book.core.findings import Finding
from book.core.markdown import FIGURE_IMAGE, INCLUDE, KINDS, VALUE, split_header
from book.core.page import Item, Page, figures, formulas, headings, prose_lines
from book.core.site import Book
from book.equations.marks import same_in_both

STATIC_FENCES = ("console", "text", "json", "yaml", "toml", "bibtex")
"""Info strings of fences that only show something."""

MEASURED = re.compile(
    r"(?<![\w.])\d+\.\d+\s?(?:%|％|秒|毫秒|s\b|ms\b|seconds?\b|MB\b|GB\b|MiB\b|GiB\b|个百分点|percent(?:age)?\b)"
)
LINK = re.compile(r"\]\((?:https?:|[^)]*citations)|doi\.org|arXiv:", re.IGNORECASE)


def values(page: Page) -> list[Item]:
    """Return the expressions of the inline values."""
    return [Item(value.expression, value.line) for value in page.values]


def parity(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Compare a page with its counterpart in the other language."""
    file, other = book.shown(theirs.file), book.shown(ours.file)
    for index, (a, b) in enumerate(zip_longest(ours.blocks, theirs.blocks), start=1):
        if a is None or b is None or a.name != b.name:
            here = b.line if b else 0
            there = f"line {a.line}" if a else "nothing"
            yield Finding(file, here, f"block {index} is not that of {other} ({there})", "include the same sections")
            break
    for what, of in (("heading", headings), ("figure", figures), ("inline value", values)):
        yield from _compare(what, of(ours), of(theirs), file, other)
    both = {page.language: {same_in_both(formula.tex) for _, formula in formulas(page)} for page in (ours, theirs)}
    for page, opposite in ((ours, theirs), (theirs, ours)):
        for line, formula in formulas(page):
            if same_in_both(formula.tex) not in both[opposite.language]:
                missing = f"the formula {formula.tex!r} is not on {book.shown(opposite.file)}"
                yield Finding(book.shown(page.file), line, missing, "write it alike in both languages")


def _compare(what: str, ours: Sequence[Item], theirs: Sequence[Item], file: str, other: str) -> Iterator[Finding]:
    if what == "inline value":  # word order differs between languages, the set of numbers must not
        ours, theirs = sorted(ours, key=lambda i: i.value), sorted(theirs, key=lambda i: i.value)
    for number, (a, b) in enumerate(zip_longest(ours, theirs), start=1):
        if a is None or b is None or a.value != b.value:
            there = f"{a.value!r} (line {a.line})" if a else "nothing"
            here = f"{b.value!r}" if b else "nothing"
            yield Finding(
                file,
                b.line if b else 0,
                f"{what} {number} is {here}, {other} has {there}",
                "give both the same",
            )
            return


def fences(book: Book, page: Page) -> Iterator[Finding]:
    """Refuse fences that would slip past execution, and code typed into a page."""
    _, body, offset = split_header(page.file.read_text(encoding="utf-8"), book.shown(page.file))
    lines = body.split("\n")
    mark, opened, info = "", 0, ""
    for i, line in enumerate(lines):
        stripped = line.strip()
        number = offset + i + 1
        if mark:
            if stripped.startswith(mark) and not stripped.strip(mark[0]):
                content = [text.strip() for text in lines[opened + 1 : i] if text.strip()]
                if info in KINDS and not (len(content) == 1 and INCLUDE.match(content[0])):
                    yield Finding(
                        book.shown(page.file),
                        offset + opened + 2,
                        "code is typed into the page",
                        'put it into a section of a snippet and include that: --8<-- "part/name.py:section"',
                    )
                mark = ""
            continue
        if stripped.startswith("~~~"):
            yield Finding(book.shown(page.file), number, "a ~~~ fence is never run", "write ``` instead")
        if not stripped.startswith("```") or "`" in stripped.lstrip("`"):
            continue
        mark = stripped[: len(stripped) - len(stripped.lstrip("`"))]
        opened, info = i, stripped.lstrip("`").strip()
        if info not in (*KINDS, *STATIC_FENCES):
            yield Finding(
                book.shown(page.file),
                number,
                f"the fence ```{info} would slip past execution",
                f"write exactly one of: {', '.join((*KINDS, *STATIC_FENCES))}",
            )
    if mark:
        yield Finding(book.shown(page.file), offset + opened + 1, "this fence is never closed", f"close it with {mark}")


def measured_numbers(book: Book, page: Page) -> Iterator[Finding]:
    """Refuse decimals with a unit that are neither inline values nor in a paragraph with a citation."""
    paragraph: list[tuple[int, str]] = []
    for line, text in [*prose_lines(page), (0, "")]:
        if text.strip():
            paragraph.append((line, text))
            continue
        whole = "\n".join(part for _, part in paragraph)
        if not LINK.search(whole):
            for number, part in paragraph:
                bare = re.sub(r"`[^`]*`|\$[^$]*\$", " ", VALUE.sub(" ", part))
                if match := MEASURED.search(bare):
                    yield Finding(
                        book.shown(page.file),
                        number,
                        f"the number {match[0].strip()!r} is typed by hand",
                        "compute it in a block and write `{python} ...`, or cite its source in the same paragraph",
                    )
        paragraph = []


def front_matter(book: Book, page: Page) -> Iterator[Finding]:
    """Every page has a title and a description of its own."""
    for key in ("title", "description"):
        if not str(page.meta.get(key) or "").strip():
            yield Finding(book.shown(page.file), 1, f"the front matter has no {key}", f"add a line `{key}: ...`")


def figure_texts(book: Book, page: Page) -> Iterator[Finding]:
    """Every figure has an alternative text and a caption in the page's language."""
    for line, text in prose_lines(page):
        for match in FIGURE_IMAGE.finditer(text):
            for key, name in (("alt", "alternative text"), ("caption", "caption")):
                words = match[key] or ""
                if len(words.strip()) < 4:
                    yield Finding(book.shown(page.file), line, f"this figure has no {name}", "say what it shows")
                elif not _in_language(book, page.language, words):
                    problem = f"this {name} is not in the language of the page ({page.language})"
                    yield Finding(book.shown(page.file), line, problem, "translate it")


def _in_language(book: Book, language: str, words: str) -> bool:
    """Tell whether a text has a letter that only its language uses, if there are any, and none of another's."""
    letters = {each: book.language(each).letters for each in book.languages}
    has = {each: bool(re.search(f"[{own}]", words)) for each, own in letters.items() if own}
    return has.pop(language, True) and not any(has.values())
