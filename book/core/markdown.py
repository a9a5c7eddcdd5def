"""The one scanner of a page's Markdown: its text in, tokens with their places out.

``scan`` reads a page with its includes expanded, as Python-Markdown with the book's extensions draws it. markdown-it
finds the structure (fences, headings, tables, quotations, links, tags); admonitions, folds and tabs are a rule of our
own, because they are Python-Markdown's; formulas are what pymdownx.arithmatex' own patterns match, so that what is
found is what is drawn. A text is scanned once and kept.

    found = scan(lines)                   # lines without front matter, or their text
    for heading in found.of(Heading):     # the tokens of a kind (or of several), in the order of the text
        found.text[heading.start:heading.end], heading.line, heading.id

Every token knows ``start`` and ``end`` (characters of ``found.text``) and ``line`` (of ``start``, from 0). Tokens nest
by these: a formula in a caption lies within its ``Image``, what stands in a box within its ``Container``;
``found.around(token, Container)`` returns those around a token, outermost first.
"""

import io
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from markdown_it import MarkdownIt
from markdown_it.helpers import parseLinkLabel
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_inline import StateInline, autolink, backtick, html_inline, image, link
from markdown_it.token import Token as Parsed
from mdit_py_plugins.footnote import footnote_plugin
from pymdownx.arithmatex import (
    RE_BRACKET_BLOCK,
    RE_BRACKET_INLINE,
    RE_DOLLAR_BLOCK,
    RE_SMART_DOLLAR_INLINE,
    RE_TEX_BLOCK,
)
from pytest_codeblocks import extract_from_buffer

from book.core.findings import error

KINDS = ("python", "bash")
"""Info strings of the fences that run."""

ELSEWHERE = ("javascript",)
"""Info strings of the fences with code that runs elsewhere, in browsers: parts of files that pages include."""

INCLUDE = re.compile(r"""^\s*-{1,}8<-{1,}[ \t]+(["'])(?P<target>.+?)\1\s*$""")

_VALUE = re.compile(r"(?<!`)`\{python\}[ \t]+(?P<expression>[^`\n]*[^`\s])[ \t]*`(?!`)")
_MASK = "\ue000"
"""Stands for each character of an inline value while the text is read: a value is one word, whatever it contains."""
_CONTAINER = re.compile(
    r'(?P<mark>!!!|\?\?\?\+?|===[!+]*)[ ]+(?P<kind>[\w-]+(?: [\w-]+)*)?[ ]*(?:"(?P<title>.*)")?[ ]*$'
)
_FORMULA_BLOCK = re.compile(rf"(?s)(?:{RE_DOLLAR_BLOCK}|{RE_BRACKET_BLOCK}|{RE_TEX_BLOCK})[ ]*(?=\n|\Z)")
_FORMULA = re.compile(f"(?:{RE_SMART_DOLLAR_INLINE}|{RE_BRACKET_INLINE})")
_PATTERNS = {
    "attributes": re.compile(r"""(\{):?[ ]*(?:[.#][\w:-]+|[\w-]+=(?:"[^"\n]*"|'[^'\n]*'|[\w-]+))[^{}\n]*\}"""),
    "footnote": re.compile(r"\[\^([^\]\s]+)\]"),
}
_HEADING = re.compile(r"(?P<title>.*?)\s*(?:\{[^{}]*#(?P<id>[\w-]+)[^{}]*\})?\s*$", re.DOTALL)
_DESTINATION = re.compile(
    r"""\(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<plain>[^\s"']*))(?:\s+(?P<quote>["'(])(?P<title>.*?)["')])?\s*\)\Z""",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"(?P<name>[\w.-]+)(?::\s*(?P<argument>.*))?", re.DOTALL)
_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][\w:-]*)")
_REFERENCE = re.compile(r"\[(?P<name>[^\]]+)\]:\s*<?(?P<target>[^\s>]*)")
_NO_PROSE = re.compile(r"https?://[^\s<>)，。；：）]+|&#?\w+;")
_RAW = re.compile(r"\s*<(?P<name>script|style)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Formula:
    """A formula: its TeX without delimiters, and whether it stands on a line of its own."""

    tex: str
    display: bool = False


# --- Tokens ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Token:
    """Something found in a text: its extent in characters, and the line (from 0) on which it begins."""

    start: int
    end: int
    line: int


@dataclass(frozen=True)
class Fence(Token):
    """A fence; its marks stand in ``line`` and ``last``, and pytest-codeblocks extracts one that ``runs``."""

    info: str
    code: str
    last: int
    indent: str
    closed: bool
    runs: bool = False

    @property
    def is_code(self) -> bool:
        """Whether it is code that runs, here or elsewhere."""
        return self.runs or self.info in ELSEWHERE


class Indented(Token):
    """Code by indentation."""


@dataclass(frozen=True)
class Heading(Token):
    """A heading; ``id`` is empty where none is written."""

    level: int
    title: str
    id: str


@dataclass(frozen=True)
class Container(Token):
    """An admonition, a fold or a tab; ``words`` is the extent of its title, empty where none is written."""

    mark: str
    kind: str
    title: str | None
    words: tuple[int, int]
    last: int


class Quotation(Token):
    """A quotation."""


class Table(Token):
    """A table."""


@dataclass(frozen=True)
class Math(Token):
    """A formula."""

    formula: Formula


@dataclass(frozen=True)
class Value(Token):
    """An inline value."""

    expression: str


@dataclass(frozen=True)
class Code(Token):
    """Code in the text that is no inline value."""

    code: str


@dataclass(frozen=True)
class Link(Token):
    """A link; ``target`` is empty where it refers to a ``Reference``; ``words`` are the extents of label and title."""

    target: str
    words: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Image(Token):
    """An image; ``words`` are the extents of its alternative text and its title."""

    target: str
    alt: str
    title: str
    words: tuple[tuple[int, int], tuple[int, int]]

    @property
    def figure(self) -> int:
        """Number of the figure that it places; 0 where it is another image."""
        number = self.target.removeprefix("figure:")
        return int(number) if number != self.target and number.isdecimal() else 0


@dataclass(frozen=True)
class Reference(Token):
    """The definition of a link's target: ``[name]: target``."""

    name: str
    target: str


@dataclass(frozen=True)
class Footnote(Token):
    """A mark of a footnote: ``[^name]``, or ``[^name]:`` where ``defines``."""

    name: str
    defines: bool


@dataclass(frozen=True)
class Comment(Token):
    """An HTML comment; a directive such as ``script: a/b.py`` has name and argument; ``alone`` on its line."""

    name: str
    argument: str
    alone: bool


@dataclass(frozen=True)
class Tag(Token):
    """An HTML tag, or a whole element of script or style."""

    name: str
    closes: bool


class Attributes(Token):
    """A list of attributes, such as ``{#id .class}``."""


T = TypeVar("T", bound=Token)


@dataclass(frozen=True)
class Scan:
    """What was found in a text.

    Attributes:
        text: the text itself.
        tokens: in the order of the text; what stands around others comes before them.
        disputed: lines of fences that pytest-codeblocks would run and the page does not show, or shows otherwise.
        problem: why pytest-codeblocks cannot read the text; empty where it can.
    """

    text: str
    tokens: tuple[Token, ...]
    disputed: tuple[int, ...] = ()
    problem: str = ""

    @cached_property
    def _of(self) -> dict[tuple[type[Token], ...], list[Any]]:
        return {}

    def of(self, *kinds: type[T]) -> Sequence[T]:
        """Return the tokens of some kinds."""
        if kinds not in self._of:
            self._of[kinds] = [token for token in self.tokens if isinstance(token, kinds)]
        return self._of[kinds]

    def around(self, token: Token, *kinds: type[T]) -> list[T]:
        """Return the tokens of some kinds around a token, outermost first."""
        return [o for o in self.of(*kinds) if o is not token and o.start <= token.start and token.end <= o.end]

    def above(self, token: Token) -> int:
        """Return how many of the fences that run stand above a token."""
        return sum(fence.runs and fence.last < token.line for fence in self.of(Fence))

    def with_values(self, start: int, end: int, text_of: Callable[[Value], str]) -> str:
        """Return a part of the text with each of its inline values replaced."""
        parts, at = [], start
        for value in self.of(Value):
            if start <= value.start < end:
                parts += [self.text[at : value.start], text_of(value)]
                at = value.end
        return "".join([*parts, self.text[at:end]])

    def blank(self, *kinds: type[Token], crossed: tuple[type[Token], ...] = ()) -> str:
        """Return the text with tokens of some kinds blanked out, and of others crossed out; lines stay in place."""
        return hide(self.text, ((t.start, t.end, isinstance(t, crossed)) for t in self.of(*kinds, *crossed)))

    def prose(self, *, crossed: bool = False) -> str:
        """Return the text with everything but its prose blanked out; with ``crossed``, code in it is crossed out."""
        code = (Value, Code, Math)
        kinds = (Fence, Indented, Comment, Tag, Attributes, Footnote, Reference, *code)
        hidden = [(t.start, t.end, crossed and isinstance(t, code)) for t in self.of(*kinds)]
        pieces: Sequence[Link | Image] = self.of(Link, Image)
        for token in pieces:
            label, title = token.words
            hidden += [(label[1], title[0] or token.end, False), (max(label[1], title[1]), token.end, False)]
        for box in self.of(Container):
            until = self.text.find("\n", box.start, box.end)
            hidden += [(box.start, box.words[0], False), (box.words[1], until if until >= 0 else box.end, False)]
        hidden += [(*match.span(), False) for match in _NO_PROSE.finditer(self.text)]
        return hide(self.text, sorted(hidden))


def _filled(code: str) -> list[str]:
    """Return the lines of code that are not empty."""
    return [line.rstrip() for line in code.split("\n") if line.strip()]


def hide(text: str, extents: Iterable[tuple[int, int, bool]]) -> str:
    """Return a text with parts of it blanked out, or crossed out (all but their first and last character)."""
    parts, at = [], 0
    for start, end, crossed in extents:
        if end > at:
            start = max(at, start)
            source = text[start:end]
            hidden = "\n".join(("x" if crossed else " ") * len(line) for line in source.split("\n"))
            parts += [text[at:start], source[0] + hidden[1:-1] + source[-1] if crossed else hidden]
            at = end
    return "".join([*parts, text[at:]])


# --- Rules of our own -----------------------------------------------------------------------------------------------


def _container(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read an admonition, a fold or a tab: all that is indented by four below its mark."""
    if state.is_code_block(first):
        return False
    at = state.bMarks[first] + state.tShift[first]
    match = _CONTAINER.match(state.src, at, state.eMarks[first])
    if not match or not (match["kind"] or match["title"]):
        return False
    if silent:
        return True
    indent, last = state.sCount[first] + 4, first
    for i in range(first + 1, end):
        if not state.isEmpty(i):
            if state.sCount[i] < indent:
                break
            last = i
    token = state.push("container_open", "", 1)
    token.map, token.meta = [first, last + 1], {"match": match}
    before = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "container", last + 1, indent
    state.md.block.tokenize(state, first + 1, last + 1)
    state.parentType, state.lineMax, state.blkIndent = before
    state.push("container_close", "", -1)
    state.line = last + 1
    return True


def _formula_block(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a displayed formula."""
    at = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith(("$$", "\\[", "\\begin{"), at):
        return False
    last = next((i for i in range(first, end) if state.isEmpty(i) or state.sCount[i] < state.blkIndent), end)
    match = _FORMULA_BLOCK.match(state.getLines(first, last, state.blkIndent, False).lstrip(" "))
    if not match:
        return False
    if silent:
        return True
    last = first + match[0].count("\n")
    token = state.push("formula", "", 0)
    token.map = [first, last + 1]
    token.content = next(match[part] for part in ("math", "math2", "math3") if match[part])
    token.meta = {"place": (at, state.eMarks[last])}
    state.line = last + 1
    return True


def _formula(state: StateInline, silent: bool) -> bool:
    """Read a formula within a line."""
    if state.src[state.pos] not in "$\\":
        return False
    match = _FORMULA.match(state.src, state.pos)
    tex = match and (match[3] or match[6])
    if not match or not tex or "`" in tex:  # what holds code is no formula on the page
        return False
    if not silent:
        state.push("formula", "", 0).content = tex
    state.pos = match.end()
    return True


def _pattern(name: str, pattern: re.Pattern[str]) -> Callable[[StateInline, bool], bool]:
    """Return a rule that reads what a pattern matches."""

    def run(state: StateInline, silent: bool) -> bool:
        match = pattern.match(state.src, state.pos)
        if match and not silent:
            state.push(name, "", 0).content = match[1]
        state.pos = match.end() if match else state.pos
        return match is not None

    return run


def _with_place(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Let a rule note where in its text it found what it found: markdown-it keeps no places within a line."""

    def run(state: StateInline, silent: bool) -> bool:
        start, before = state.pos, len(state.tokens)
        found = rule(state, silent)
        if found and not silent:
            for token in state.tokens[before:]:
                token.meta.setdefault("place", (start, state.pos))
        return found

    return run


def _list(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Read a list; other than in CommonMark, one does not begin within a paragraph."""
    if silent and state.parentType == "paragraph" and state.listIndent < 0:
        return False
    return list_block(state, first, end, silent)


def _parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True}).enable("table").use(footnote_plugin, inline=False, move_to_end=False)
    md.validateLink = lambda url: True  # type: ignore[method-assign]  # Python-Markdown takes any, `check` does not
    md.core.ruler.enableOnly(["block"])
    md.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    interrupts: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("fence", "container", _container, interrupts)
    md.block.ruler.before("fence", "formula", _formula_block, interrupts)
    own = {"backticks": backtick, "link": link, "image": image, "autolink": autolink, "html_inline": html_inline}
    for name, rule in own.items():
        md.inline.ruler.at(name, _with_place(rule))
    for name, other in {"formula": _formula, **{n: _pattern(n, p) for n, p in _PATTERNS.items()}}.items():
        md.inline.ruler.before("escape", name, _with_place(other))
    md.inline.ruler.disable(["emphasis", "footnote_ref", "newline"])
    return md


_MD = _parser()


# --- Scanning -------------------------------------------------------------------------------------------------------


def scan(lines: Iterable[str] | str) -> Scan:
    """Return what stands in a text: in lines without ends, or in one string."""
    return _scan(lines if isinstance(lines, str) else "\n".join(lines))


@lru_cache(maxsize=1024)
def _scan(text: str) -> Scan:
    return _Scanner(text).scan()


class _Scanner:
    """Turns what markdown-it reads in one text into tokens with places in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values = list(_VALUE.finditer(text))
        self.masked = _VALUE.sub(lambda match: _MASK * len(match[0]), text)
        self.lines = self.masked.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.found: list[Token] = []
        self.disputed: list[int] = []
        self.env: dict[str, Any] = {}

    def scan(self) -> Scan:
        parsed = _MD.parse(self.masked, self.env)
        self._blocks(parsed)
        for reference in self.env.get("references", {}).values():
            start, end = self._extent(*reference["map"])
            if match := _REFERENCE.match(self.text, start, end):
                self._add(Reference, start, end, name=match["name"], target=match["target"])
        hidden = [token for token in self.found if isinstance(token, Fence | Indented | Code | Comment)]
        for match in self.values:
            if not any(token.start <= match.start() < token.end for token in hidden):
                self._add(Value, *match.span(), expression=match["expression"])
        problem = self._mark_what_runs()
        ordered = sorted(self.found, key=lambda token: (token.start, -token.end))
        return Scan(self.text, tuple(ordered), tuple(self.disputed), problem)

    def _mark_what_runs(self) -> str:
        """Ask pytest-codeblocks which fences run, and note where it and the page disagree; return what stops it."""
        try:
            blocks = extract_from_buffer(io.StringIO(self.text + "\n"), max_num_lines=1_000_000)
        except RuntimeError as problem:
            return str(problem)
        fences = {token.line: i for i, token in enumerate(self.found) if isinstance(token, Fence)}
        for block in blocks:
            if block.syntax in KINDS:
                i = fences.get(block.lineno - 1)
                fence = None if i is None else self.found[i]
                # where a fence is indented, pytest-codeblocks loses the lines that are empty to the last space
                if i is not None and isinstance(fence, Fence) and _filled(fence.code) == _filled(block.code):
                    self.found[i] = replace(fence, code=fence.code.rstrip("\n"), runs=True)
                else:
                    self.disputed.append(block.lineno - 1)
        return ""

    # --- blocks

    def _extent(self, first: int, end: int) -> tuple[int, int]:
        """Return the extent of some lines, without the indent of the first and the end of the last."""
        line = self.lines[first]
        return self.starts[first] + len(line) - len(line.lstrip()), self.starts[end] - 1

    def _line(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def _add(self, kind: type[Token], start: int, end: int, /, **fields: Any) -> None:
        self.found.append(kind(start, end, self._line(start), **fields))

    def _blocks(self, parsed: Sequence[Parsed]) -> None:
        table: tuple[int, int] | None = None
        heading: Parsed | None = None
        for token in parsed:
            first, end = token.map or (0, 0)
            if token.type == "table_open":
                table = first, end
                self._add(Table, *self._extent(first, end))
                for i in (first, *range(first + 2, end)):  # the second line only says how they are aligned
                    self._inline(self.lines[i].strip(), i)
            elif token.type == "table_close":
                table = None
            elif token.type == "heading_open":
                heading = token
            elif token.type == "inline" and table is None:
                if heading:
                    self._heading(token, int(heading.tag[1]))
                    heading = None
                self._inline(token.content, first)
            elif token.type == "blockquote_open":
                self._add(Quotation, *self._extent(first, end))
            elif token.type == "container_open":
                self._open(token.meta["match"], first, end)
            elif token.type == "fence":
                self._fence(token, first, end)
            elif token.type == "code_block":
                self._add(Indented, *self._extent(first, end))
            elif token.type == "formula":
                self._math(token.meta["place"], token.content, display=True)
            elif token.type == "html_block" and (match := _RAW.match(token.content)):
                self._add(Tag, *self._extent(first, end), name=match["name"].lower(), closes=False)
            elif token.type == "html_block":
                self._inline("\n".join(self.lines[first:end]).strip(), first)
            elif token.type == "footnote_reference_open":
                mark = f"[^{token.meta['label']}]:"
                at = self.starts[first] + self.lines[first].index(mark)
                self._add(Footnote, at, at + len(mark), name=token.meta["label"], defines=True)

    def _open(self, match: re.Match[str], first: int, end: int) -> None:
        title = match["title"]
        words = match.span("title") if title is not None else (match.end(), match.end())
        self._add(
            Container, match.start(), self.starts[end] - 1, mark=match["mark"], kind=match["kind"] or "",
            title=None if title is None else self.text[slice(*words)], words=words, last=end - 1,
        )  # fmt: skip
        if title:
            self._inline(title, first)

    def _heading(self, token: Parsed, level: int) -> None:
        assert token.map
        start, end = self._extent(*token.map)
        match = _HEADING.match(self._original(token.content, token.map[0]))
        assert match
        self._add(Heading, start, end, level=level, title=match["title"], id=match["id"] or "")

    def _fence(self, token: Parsed, first: int, end: int) -> None:
        closed = end - 1 > first and self.lines[end - 1].lstrip("> ").startswith(token.markup)
        start = self.starts[first] + self.lines[first].index(token.markup)
        code = self._original(token.content.rstrip("\n"), first + 1) if _MASK in token.content else token.content
        self._add(
            Fence, start, self.starts[end] - 1, info=token.info, code=code.rstrip("\n"), last=end - 1, closed=closed,
            indent=" " * (start - self.starts[first]),
        )  # fmt: skip

    def _math(self, extent: tuple[int, int], tex: str, display: bool = False) -> None:
        if _MASK in tex:  # a value within a formula, which nobody can draw: `check` says so
            tex = self.text[slice(*extent)]
        self._add(Math, *extent, formula=Formula(tex.strip(), display))

    # --- within lines

    def _original(self, content: str, first: int) -> str:
        """Return a text that markdown-it took from the page, from the line where it begins, with its inline values."""
        places = self._places(content, first)
        return "".join(self.text[at : at + length] + "\n" for _, at, length in places)[:-1]

    def _places(self, content: str, first: int) -> list[tuple[int, int, int]]:
        """Return for each line of a text: its place there, its place on the page, and its length."""
        result, position = [], 0
        for number, line in enumerate(content.split("\n"), start=first):
            plain = line.strip()
            column = self.lines[number].rfind(plain) if plain else 0
            result.append((position, self.starts[number] + column - (len(line) - len(line.lstrip())), len(line)))
            position += len(line) + 1
        return result

    def _inline(self, content: str, first: int) -> None:
        """Scan the text of a paragraph, a heading, a cell, a title, or between tags."""
        places = self._places(content, first)
        beginnings = [position for position, _, _ in places]

        def at(position: int) -> int:
            begins, place, _ = places[bisect_right(beginnings, position) - 1]
            return place + position - begins

        self._within(content, at)

    def _within(self, content: str, at: Callable[[int], int]) -> None:
        state = StateInline(content, _MD, self.env, [])
        _MD.inline.tokenize(state)
        for token in state.tokens:
            if place := token.meta.get("place"):
                self._piece(token, content, place, at)

    def _piece(self, token: Parsed, content: str, place: tuple[int, int], at: Callable[[int], int]) -> None:
        start, end = at(place[0]), at(place[1] - 1) + 1
        source = content[slice(*place)]
        if token.type == "formula":
            self._math((start, end), token.content)
        elif token.type == "code_inline":
            self._add(Code, start, end, code=self.text[start:end].strip("`").strip())
        elif token.type == "attributes":
            self._add(Attributes, start, end)
        elif token.type == "footnote":
            self._add(Footnote, start, end, name=token.content, defines=False)
        elif token.type == "html_inline" and source.startswith("<!--"):
            self._comment(start, end)
        elif token.type == "html_inline" and (match := _TAG.match(source)):
            self._add(Tag, start, end, name=match["name"].lower(), closes=bool(match["closes"]))
        elif token.type == "link_open" and source.startswith("<"):
            self._add(Link, start, end, target=source[1:-1], words=((start + 1, end - 1), (0, 0)))
        elif token.type in ("link_open", "image"):
            self._link(token.type == "image", content, place, at)

    def _comment(self, start: int, end: int) -> None:
        match = _DIRECTIVE.fullmatch(self.text[start + 4 : end - 3].strip())
        before = self.text[self.starts[self._line(start)] : start]
        after = self.text[end:].partition("\n")[0]
        fields = (match["name"], (match["argument"] or "").strip()) if match else ("", "")
        alone = not before.strip("> ") and not after.strip()
        self._add(Comment, start, end, name=fields[0], argument=fields[1], alone=alone)

    def _link(self, picture: bool, content: str, place: tuple[int, int], at: Callable[[int], int]) -> None:
        """Find the parts of a link or an image, which markdown-it has read as one."""
        opening = place[0] + picture
        closing = parseLinkLabel(StateInline(content, _MD, self.env, []), opening, not picture)
        match = _DESTINATION.match(content, closing + 1, place[1])
        target, title = "", (0, 0)
        if match:
            part = "angled" if match["angled"] is not None else "plain"
            target = self.text[at(match.start(part)) : at(match.end(part))]
            title = (at(match.start("title")), at(match.end("title"))) if match["title"] else title
        start, end = at(place[0]), at(place[1] - 1) + 1
        words = (at(opening + 1), at(closing)), title
        if not picture:
            self._add(Link, start, end, target=target, words=words)
            return
        alt, caption = (self.text[slice(*extent)] for extent in words)
        self._add(Image, start, end, target=target, alt=alt, title=caption, words=words)
        self._within(content[opening + 1 : closing], lambda position: at(opening + 1 + position))
        if match and match["title"]:
            begins = match.start("title")
            self._within(match["title"], lambda position: at(begins + position))


# --- What runs ------------------------------------------------------------------------------------------------------


def find_fences(lines: Iterable[str] | str, page_line: Callable[[int], int], shown: str) -> list[Fence]:
    """Return the fences that run, as pytest-codeblocks extracts them and as the page shows them.

    Args:
        lines: the page with its includes expanded.
        page_line: from a 0-based line of that text to the line of the page it was written on.
        shown: the page's path for messages.
    """
    found = scan(lines)
    for fence in found.of(Fence):
        if not fence.closed:
            remedy = "close it with ```, indented as it is opened"
            raise error("a fence opened here is never closed", remedy, shown, page_line(fence.line))
    if found.problem:
        raise error(f"pytest-codeblocks cannot read this page: {found.problem}", "mend what it names", shown)
    for line in found.disputed:
        problem = "what is fenced here would run, but is not shown as it runs"
        remedy = "take it out of its comment or quotation, or indent both marks alike, by 4 for each box around them"
        raise error(problem, remedy, shown, page_line(line))
    return [fence for fence in found.of(Fence) if fence.runs]
