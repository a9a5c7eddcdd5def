"""Read a page as its reader sees it: includes expanded, then the blocks that run.

pymdownx.snippets itself expands the includes, with the site's own settings, and pytest-codeblocks itself finds
the blocks, so that what is run is what is shown. Each block knows the line of the page it stands on and, line
by line, the snippet file it came from.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import markdown
import yaml
from pymdownx.snippets import SnippetExtension, SnippetMissingError, SnippetPreprocessor

from book.core import inputs, store, syntax
from book.core.findings import BookError, Finding, error
from book.core.markdown import INCLUDE, Fence, Formula, Link, Math, Scan, Token, Value, find_fences, scan
from book.core.site import Book, Limits

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
    tab: bool = False
    """Whether it was written with a tab, which the page shows as spaces."""


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
    def python(self) -> str:
        """Its code where that is Python; nothing where it is not."""
        return self.code if self.kind == "python" else ""

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


_HEADER = re.compile(r"\A---[ ]*\n(?P<yaml>.*?)^---[ ]*$\n?", re.DOTALL | re.MULTILINE)
_Kind = tuple[Callable[[Any], bool], str, str]
_TEXT: _Kind = (lambda value: isinstance(value, str | None), "a text", "put it in quotation marks")
_SECONDS: _Kind = (lambda value: type(value) is int and value >= 0, "a whole number", "write seconds, such as 120")
_NAMES: _Kind = (
    lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "a list of names",
    "write [one, another]",
)
_TRANSLATED: _Kind = (lambda value: value in (None, "translated"), "`translated`", "write translated")
_ANY: _Kind = (lambda value: True, "", "")
_KEYS: Mapping[str, _Kind] = {
    **{"title": _TEXT, "description": _TEXT, "section": _TEXT, "time_limit": _SECONDS, "page_seconds": _SECONDS},
    **{"needs": _NAMES, "mentions": _NAMES, "figures": _TRANSLATED},
    **dict.fromkeys(("hide", "search"), _ANY),  # the theme's
}
"""What the front matter may say: whether a value fits, what it must be, and what to do."""


def split_header(raw: str, shown: str) -> tuple[dict[str, Any], dict[str, int], str]:
    """Split a page into its front matter, the line of each of its keys, and the body."""
    match = _HEADER.match(raw)
    if not match:
        return {}, {}, raw
    try:
        tree, meta = yaml.compose(match["yaml"], yaml.SafeLoader), yaml.safe_load(match["yaml"])
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise error("the front matter is not YAML", "mend it", shown, mark.line + 2 if mark else 1) from None
    if tree and not isinstance(meta, dict):
        raise error("the front matter has no names", "write lines such as `title: ...`", shown, 2)
    lines: dict[str, int] = {}
    found = []
    for node, _ in tree.value if tree else ():
        line, key = node.start_mark.line + 2, str(node.value)
        fits, must, remedy = _KEYS.get(key, _ANY)
        if isinstance(meta.get(key), str) and fits is _NAMES[0]:
            meta[key] = [meta[key]]
        if key in lines:
            found.append(Finding(shown, line, f"{key} stands in line {lines[key]}, too", "keep one of the two"))
        elif key not in _KEYS:
            found.append(Finding(shown, line, f"the front matter knows no {key!r}", f"it knows: {', '.join(_KEYS)}"))
        elif not fits(meta[key]):
            wrong = f"{key} is not {must}: {meta[key]!r}"
            found.append(Finding(shown, line, wrong, f"{remedy}, or delete the line"))
        lines[key] = line
    if found:
        raise BookError(*found)
    return meta or {}, lines, raw[match.end() :]


@dataclass(frozen=True, eq=False)
class Page:
    """A page in one language, read whole, and only once while it does not change."""

    name: str
    language: str
    file: Path
    meta: Mapping[str, Any]
    """The front matter, and below the line of each of its keys."""
    meta_lines: Mapping[str, int]
    lines: tuple[Line, ...]
    scan: Scan
    blocks: tuple[Block, ...]
    values: tuple[InlineValue, ...]
    limits: Limits
    data: tuple[Path, ...] = ()
    """The files that its blocks name: their content is part of the blocks' names."""

    @property
    def time_limit(self) -> int:
        """Seconds a block of this page may take."""
        return int(self.meta.get("time_limit", self.limits.block_seconds))

    @property
    def page_seconds(self) -> int:
        """Seconds the blocks of this page may take together."""
        return int(self.meta.get("page_seconds", self.limits.page_seconds))

    @property
    def needs(self) -> tuple[str, ...]:
        """What not every machine has, modules and instructions of a processor: the page runs only where they are."""
        return tuple(self.meta.get("needs", ()))

    @property
    def text(self) -> str:
        """The page with its includes expanded, without its front matter."""
        return self.scan.text

    def line_of(self, token: Token) -> int:
        """Line of the page on which something that the scanner found begins."""
        return self.lines[token.line].page_line


@store.cached
@store.steady()  # the tables of the book are looked at once, not for each block
def read(book: Book, language: str, name: str) -> Page:
    """Read one page; a page that did not change, nor anything it includes or names, is read once."""
    file = book.page_file(language, name)
    if not file.is_file():
        shown = book.shown(file)
        raise error("the page does not exist in this language", f"write {shown}", shown)
    shown = book.shown(file)
    store.note(file)
    try:
        raw = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(f"the page is not UTF-8 ({problem.reason})", "save it as UTF-8", shown) from None
    meta, meta_lines, body = split_header(raw, shown)
    lines = tuple(expand(book, body.split("\n"), shown, raw.count("\n") - body.count("\n")))
    found = scan(line.text for line in lines)
    _refuse_tabs(lines, found, shown)
    fences = find_fences(found.text, lambda i: lines[i].page_line, shown)
    blocks = _blocks(book, name, shown, lines, fences)
    values = tuple(
        InlineValue(value.expression, lines[value.line].page_line, found.above(value)) for value in found.of(Value)
    )
    named = (each for block in blocks for each in inputs.named(book, block.python).values())
    linked = {link.target.lstrip("./") for link in found.of(Link)}
    offered = (each for key, each in inputs.available(book).items() if inputs.address(key) in linked)
    data = tuple(dict.fromkeys((*named, *offered)))
    for each in data:
        store.note(each)
    return Page(name, language, file, meta, meta_lines, lines, found, blocks, values, book.limits, data)


def pages(book: Book, language: str = "") -> list[Page]:
    """Return the pages of a language, by default the first one, in the order of their names."""
    language = language or book.languages[0]
    return [read(book, language, name) for name in book.page_names(language)]


def expand(book: Book, body: Sequence[str], shown: str, offset: int = 0) -> Iterable[Line]:
    """Expand a page's includes, one line at a time so that every line keeps its place."""
    for number, text in enumerate(body, start=offset + 1):
        match = INCLUDE.match(text)
        if not match:
            yield Line(text.expandtabs(TAB), number, tab="\t" in text)
            continue
        target = match["target"]
        file, _, section = target.partition(":")
        try:
            expanded = _include(book, text)
        except SnippetMissingError as problem:
            remedy = 'name a file in snippets/ and, after a colon, one of its sections ("# --8<-- [start:NAME]")'
            raise error(f'cannot include "{target}": {problem}', remedy, shown, number) from None
        except UnicodeDecodeError:
            raise error(f'cannot include "{target}": it is not UTF-8', "save it as UTF-8", shown, number) from None
        source = next(each / file for each in book.included if (each / file).is_file())
        places = section_lines(source, section)
        for i, line in enumerate(expanded):
            yield Line(line.expandtabs(TAB), number, file, places[i] if i < len(places) else 0, "\t" in line)


@store.cached
def _include(book: Book, text: str) -> list[str]:
    expanded: list[str] = _snippets(book).run([text])
    return expanded


@store.cached
def _snippets(book: Book) -> SnippetPreprocessor:
    """Return pymdownx's own preprocessor with the site's options; it is told where they lie."""
    options = {
        **book.markdown_extensions.get("pymdownx.snippets", {}),
        "base_path": [str(each) for each in book.included],
    }
    extension = SnippetExtension(**options)
    return _Snippets(extension.getConfigs(), markdown.Markdown())


class _Snippets(SnippetPreprocessor):  # type: ignore[misc]
    """Notes the files that it includes, also those within others."""

    def get_snippet_path(self, path: str) -> str | None:
        found: str | None = super().get_snippet_path(path)
        if found:
            store.note(Path(found))
        return found


def section_lines(file: Path, section: str) -> tuple[int, ...]:
    """Return the 1-based lines of a snippet that an include of this section (or of the whole file) yields."""
    return _sections(file).get(section, ())


@store.cached
def _sections(file: Path) -> Mapping[str, tuple[int, ...]]:
    """Return the lines of each section of a snippet, by its name; those of the whole under no name."""
    found: dict[str, list[int]] = defaultdict(list)
    inside = {""}
    for number, text in enumerate(store.text(file).splitlines(), start=1):
        if match := SnippetPreprocessor.RE_SNIPPET_SECTION.match(text):
            if match["type"] == "start":
                inside.add(match["name"])
            else:
                inside.discard(match["name"])
            continue
        for name in inside:
            found[name].append(number)
    return {name: tuple(lines) for name, lines in found.items()}


def _refuse_tabs(lines: Sequence[Line], found: Scan, shown: str) -> None:
    """Refuse a tab in code that runs: the page would show, and run, something else than the file."""
    for fence in found.of(Fence):
        for line in lines[fence.line + 1 : fence.last] if fence.runs else ():
            if line.tab:
                place = f" (snippets/{line.file}:{line.file_line})" if line.file else ""
                problem = f"a tab stands in code that runs{place}, and the page shows spaces"
                raise error(problem, "write \\t in texts, and indent with spaces", shown, line.page_line)


def _blocks(book: Book, name: str, shown: str, lines: Sequence[Line], fences: Sequence[Fence]) -> tuple[Block, ...]:
    """Name the page's blocks by their chain and note where each of their lines was written."""
    kinds_and_codes = []
    for fence in fences:
        try:
            kinds_and_codes.append((fence.info, inputs.canonical(book, fence.code, fence.info)))
        except SyntaxError as problem:
            first = lines[fence.line + 1]
            place = f" (snippets/{first.file})" if first.file else ""
            raise error(
                f"this block is not Python{place}: {problem.msg} in line {problem.lineno} of the block",
                'correct it; shell commands go into a "console" fence',
                shown,
                lines[fence.line].page_line,
            ) from None
    blocks = []
    for index, (fence, block_name) in enumerate(zip(fences, syntax.names(kinds_and_codes), strict=True)):
        body = lines[fence.line + 1 : fence.last]
        origin = tuple((line.file, line.file_line) if line.file else None for line in body)
        line = lines[fence.line].page_line
        blocks.append(Block(block_name, name, index, fence.info, fence.code, line, origin))
    return tuple(blocks)


def formulas(page: Page) -> list[tuple[int, Formula]]:
    """Return the page's formulas with the page line each begins on, in the order of the page."""
    return [(page.line_of(math), math.formula) for math in page.scan.of(Math)]
