"""Read a page as its reader sees it: includes expanded, then the blocks that run.

pymdownx.snippets itself expands the includes, with the site's own settings, and pytest-codeblocks itself finds
the blocks, so that what is run is what is shown. Each block knows the line of the page it stands on and, line
by line, the snippet file it came from.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import markdown
import yaml
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor
from pytest_codeblocks import extract_from_buffer

from book import chain, files
from book.errors import error
from book.site import Book

KINDS = ("python", "bash")
"""Info strings of the fences that run."""

INCLUDE = re.compile(r"""^\s*-{1,}8<-{1,}[ \t]+(["'])(?P<target>.+?)\1\s*$""")
FENCE = re.compile(r"^\s*(?P<ticks>`{3,})(?P<info>[^`]*)$")
INLINE = re.compile(r"`\{python\}\s+(?P<expression>[^`]+?)\s*`")
HEADER = re.compile(r"\A---\r?\n(?P<yaml>.*?)^---\s*$\n?", re.DOTALL | re.MULTILINE)
DEFAULT_TIME_LIMIT = 120
TAB = 4
"""Python-Markdown replaces tabs by spaces up to the next multiple of this; what runs must be what is shown."""


@dataclass(frozen=True)
class Line:
    """One line of a page after its includes are expanded, and where it was written."""

    text: str
    page_line: int
    file: str | None = None
    """The snippet the line was included from, relative to the snippets folder; None for the page itself."""
    file_line: int = 0


@dataclass(frozen=True)
class Fence:
    """A fence that runs, in expanded text: 0-based lines of its opening and closing marks, and its indent."""

    kind: str
    code: str
    opening: int
    closing: int
    indent: str


@dataclass(frozen=True)
class Block:
    """A block of code that runs.

    Attributes:
        name: hash of the code chain up to and including this block; the name of its record.
        page: name of the page it stands on.
        index: its place among the page's blocks, from 0.
        kind: ``python`` or ``bash``.
        code: what runs, to the letter what the page shows.
        line: line of the page where its fence opens.
        origin: for each line of ``code`` the snippet file and line it came from (None where typed in the page).
    """

    name: str
    page: str
    index: int
    kind: str
    code: str
    line: int
    origin: tuple[tuple[str, int] | None, ...] = field(default=(), compare=False)

    @property
    def anchor(self) -> str:
        """Id of the block on its page, by which the run report links to it."""
        return f"block-{self.index + 1}"

    @property
    def cell(self) -> str:
        """What is given to the kernel, and stands in the block's cell of a notebook."""
        return f"%%bash\n{self.code}" if self.kind == "bash" else self.code

    def snippet_place(self, code_line: int) -> str | None:
        """Return ``snippets/file.py:line`` for a 1-based line of the block's code, where it came from a snippet."""
        if 1 <= code_line <= len(self.origin) and (place := self.origin[code_line - 1]):
            return f"snippets/{place[0]}:{place[1]}"
        return None


@dataclass(frozen=True)
class InlineValue:
    """An expression in the prose, the page line it stands on and the number of blocks above it."""

    expression: str
    line: int
    after: int


@dataclass(frozen=True)
class Page:
    """A page in one language, read whole."""

    name: str
    language: str
    file: Path
    meta: dict[str, Any]
    lines: tuple[Line, ...]
    blocks: tuple[Block, ...]
    values: tuple[InlineValue, ...]

    @property
    def time_limit(self) -> int:
        """Seconds a block of this page may take."""
        return int(self.meta.get("time_limit", DEFAULT_TIME_LIMIT))

    @property
    def needs(self) -> tuple[str, ...]:
        """Modules this page's blocks import that the book's own environment lacks: it runs only where they are."""
        return tuple(self.meta.get("needs", ()))

    @property
    def text(self) -> str:
        """The page with its includes expanded, without its front matter."""
        return "\n".join(line.text for line in self.lines)


def read(book: Book, language: str, name: str) -> Page:
    """Read one page; a page that did not change, nor anything it includes or names, is read once.

    Raises:
        BookError: an include cannot be resolved, a fence is not closed, or a block is not valid Python.
    """
    file = book.page_file(language, name)
    if not file.is_file():
        shown = book.shown(file)
        raise error("the page does not exist in this language", f"write {shown}", shown)
    return _read(book, language, name, (*_stamps(book, file), *files.stamps(book)))


def _stamps(book: Book, page: Path) -> Iterable[tuple[Path, int]]:
    """Yield a page and what it includes, directly or not, each with the time it was changed."""
    seen, waiting = set[Path](), [page]
    while waiting:
        file = waiting.pop()
        if file not in seen and file.is_file():  # one that is missing is an error of the page's
            seen.add(file)
            changed = file.stat().st_mtime_ns
            yield file, changed
            waiting += _included(book, file, changed)


@lru_cache(maxsize=4096)
def _included(book: Book, file: Path, _changed: int) -> tuple[Path, ...]:
    """Return the snippets that a file includes, in the order of the file."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    targets = (match["target"].partition(":")[0] for line in lines if (match := INCLUDE.match(line)))
    return tuple(book.snippets / target for target in dict.fromkeys(targets))


@lru_cache(maxsize=1024)
def _read(book: Book, language: str, name: str, _depends_on: tuple[tuple[Path, int], ...]) -> Page:
    file = book.page_file(language, name)
    shown = book.shown(file)
    try:
        raw = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise error(f"the page is not UTF-8 ({problem.reason})", "save it as UTF-8", shown) from None
    meta, body, offset = split_header(raw, shown)
    lines = tuple(expand(book, body.split("\n"), shown, offset))
    fences = find_fences((line.text for line in lines), lambda i: lines[i].page_line, shown)
    blocks = _blocks(book, name, shown, lines, fences)
    return Page(name, language, file, meta, lines, blocks, tuple(_values(lines, fences)))


def split_header(raw: str, shown: str) -> tuple[dict[str, Any], str, int]:
    """Split a page into its front matter, its body, and the number of lines before the body."""
    match = HEADER.match(raw)
    if not match:
        return {}, raw, 0
    try:
        meta = yaml.safe_load(match["yaml"]) or {}
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise error("the front matter is not YAML", "mend it", shown, mark.line + 2 if mark else 1) from None
    return meta, raw[match.end() :], raw[: match.end()].count("\n")


def expand(book: Book, body: Sequence[str], shown: str, offset: int = 0) -> Iterable[Line]:
    """Expand a page's includes, one line at a time so that every line keeps its place.

    Raises:
        BookError: the file or section does not exist, or lies outside the snippets folder.
    """
    preprocessor = _snippets(book)
    for number, text in enumerate(body, start=offset + 1):
        match = INCLUDE.match(text)
        if not match:
            yield Line(text.expandtabs(TAB), number)
            continue
        target = match["target"]
        try:
            expanded = preprocessor.run([text])
        except SnippetMissingError as problem:
            raise error(
                f'cannot include "{target}": {problem}',
                'name a file in snippets/ and, after a colon, one of its sections ("# --8<-- [start:NAME]")',
                shown,
                number,
            ) from None
        except UnicodeDecodeError:
            raise error(f'cannot include "{target}": it is not UTF-8', "save it as UTF-8", shown, number) from None
        file, _, section = target.partition(":")
        places = section_lines(book.snippets / file, section)
        for i, line in enumerate(expanded):
            yield Line(line.expandtabs(TAB), number, file, places[i] if i < len(places) else 0)


@lru_cache(maxsize=8)
def _snippets(book: Book) -> SnippetPreprocessor:
    """Return pymdownx's own preprocessor with the site's options; it is told where the snippets lie."""
    options = {**book.markdown_extensions.get("pymdownx.snippets", {}), "base_path": [str(book.snippets)]}
    extension = SnippetExtension(**options)
    return SnippetPreprocessor(extension.getConfigs(), markdown.Markdown())


@lru_cache(maxsize=256)
def _file_lines(file: Path, _changed: float) -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8").splitlines())


def section_lines(file: Path, section: str) -> Sequence[int]:
    """Return the 1-based lines of a snippet that an include of this section (or of the whole file) yields."""
    return _section_lines(file, section, file.stat().st_mtime)


@lru_cache(maxsize=4096)
def _section_lines(file: Path, section: str, changed: float) -> tuple[int, ...]:
    marker = SnippetPreprocessor.RE_SNIPPET_SECTION
    inside = not section
    numbers = []
    for number, text in enumerate(_file_lines(file, changed), start=1):
        match = marker.match(text)
        if match and match["name"] == section:
            inside = match["type"] == "start"
        elif inside and not match:
            numbers.append(number)
    return tuple(numbers)


def find_fences(lines: Iterable[str], page_line: Any, shown: str) -> list[Fence]:
    """Find the fences that run, as pytest-codeblocks extracts them.

    Args:
        lines: the page with its includes expanded.
        page_line: from a 0-based line of that text to the line of the page it was written on.
        shown: the page's path for messages.

    Raises:
        BookError: a fence is not closed.
    """
    text = list(lines)
    try:
        found = extract_from_buffer(io.StringIO("\n".join(text) + "\n"), max_num_lines=1_000_000)
    except RuntimeError as problem:
        opened = _last_open_fence(text)
        raise error(
            f"a fence opened here is never closed ({problem})", "close it with ```", shown, page_line(opened)
        ) from None
    fences = []
    for block in found:
        if block.syntax not in KINDS:
            continue
        opening = block.lineno - 1
        ticks = FENCE.match(text[opening])
        assert ticks, f"pytest-codeblocks found a fence where there is none: {text[opening]!r}"
        mark = ticks["ticks"]
        closing = next(i for i in range(opening + 1, len(text)) if text[i].lstrip().startswith(mark))
        indent = text[opening][: len(text[opening]) - len(text[opening].lstrip())]
        fences.append(Fence(block.syntax, block.code.rstrip("\n"), opening, closing, indent))
    return fences


def _last_open_fence(text: Sequence[str]) -> int:
    opened: int | None = None
    for i, line in enumerate(text):
        if FENCE.match(line) or line.strip() == "```":
            opened = i if opened is None else None
    return opened or 0


def _blocks(book: Book, name: str, shown: str, lines: Sequence[Line], fences: Sequence[Fence]) -> tuple[Block, ...]:
    """Name the page's blocks by their chain and note where each of their lines was written."""
    kinds_and_codes = []
    for fence in fences:
        try:
            kinds_and_codes.append((fence.kind, files.canonical(book, fence.code, fence.kind)))
        except SyntaxError as problem:
            first = lines[fence.opening + 1]
            place = f" (snippets/{first.file})" if first.file else ""
            raise error(
                f"this block is not Python{place}: {problem.msg} in line {problem.lineno} of the block",
                'correct it; shell commands go into a "console" fence',
                shown,
                lines[fence.opening].page_line,
            ) from None
    blocks = []
    for index, (fence, block_name) in enumerate(zip(fences, chain.names(kinds_and_codes), strict=True)):
        body = lines[fence.opening + 1 : fence.closing]
        origin = tuple((line.file, line.file_line) if line.file else None for line in body)
        line = lines[fence.opening].page_line
        blocks.append(Block(block_name, name, index, fence.kind, fence.code, line, origin))
    return tuple(blocks)


def _values(lines: Sequence[Line], fences: Sequence[Fence]) -> Iterable[InlineValue]:
    """Yield the inline values of the prose; inside any fence the syntax is only shown, not evaluated."""
    for i, line in outside_fences([line.text for line in lines]):
        above = sum(fence.closing < i for fence in fences)
        for match in INLINE.finditer(line):
            yield InlineValue(match["expression"], lines[i].page_line, above)


def outside_fences(text: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Yield (0-based index, line) of the lines that stand outside every fence."""
    mark = ""
    for i, line in enumerate(text):
        stripped = line.lstrip()
        if mark:
            if stripped.startswith(mark):
                mark = ""
        elif stripped.startswith(("```", "~~~")):
            mark = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
        else:
            yield i, line


def imported_packages(codes: Iterable[str]) -> set[str]:
    """Return the top-level modules that code imports."""
    found: set[str] = set()
    for code in codes:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found
