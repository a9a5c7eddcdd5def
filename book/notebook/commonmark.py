"""A page's prose in the Markdown that every other program reads: CommonMark, tables, formulas between dollars.

Jupyter, Colab and GitHub know no admonitions, tabs, attribute lists or inline values. Values are evaluated here,
what stands in a box, a fold or a tab becomes a quotation under its title, ids of headings become anchors, drawings
become pictures, and links lead to the site.
"""

import html
import posixpath
import re
import textwrap
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate

from markdown_it.common.utils import normalizeReference

from book.core import markdown as md
from book.core.page import Block, Page
from book.core.site import Book
from book.draw import resources
from book.draw.figures import LIGHT_INK
from book.draw.values import scope

PICTURE_SCALE = 1.6
"""Pixels per unit of a drawing's own coordinates: 11 units of text are then as large as the text around it."""
INDENT = 4
"""Columns by which what stands in a box, or in a footnote, is indented."""

_DRAWING = re.compile(
    r"(?P<opening><figure[^>]*>)\s*(?P<svg><svg\b.*?</svg>)\s*(?:<figcaption>(?P<caption>.*?)</figcaption>\s*)?</figure>"
    r"|(?P<bare><svg\b.*?</svg>)",
    re.DOTALL,
)
_MARKDOWN = re.compile(r"""\s+markdown(=["'][^"']*["'])?""")
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//|#|$)", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![*\\])(?P<mark>\*{1,2})(?=[^\s*])(?P<text>[^*]*[^\s*])(?P=mark)(?!\*)")
_KEPT = 0xF0000
"""First of the private characters that stand, one each, for what is written already while the rest is."""
_BEGINS_A_LIST = re.compile(rf"^(\s*[{chr(_KEPT)}-\U0010ffff])([.)])(?=\s|$)", re.MULTILINE)
"""A value alone on its line, before a period: `133.` would be the number of an item."""


@dataclass(frozen=True)
class Drawing(md.Token):
    """A drawing within the page: its SVG, its HTML on the page, and its caption, which may be empty."""

    svg: str
    html: str
    caption: str


@dataclass(frozen=True)
class Text:
    """Prose between two blocks.

    Attributes:
        markdown: the prose.
        pictures: by name, the drawings that it refers to as ``attachment:NAME``.
    """

    markdown: str
    pictures: dict[str, Drawing] = field(default_factory=dict)


def convert(book: Book, page: Page, root: str | None) -> list[Text | Block]:
    """Return a page's prose and blocks in reading order.

    Where ``root``, the address of the root of the page's site or the way there, is not known (None), the words of a
    link to another page stay and the link goes.
    """
    writer = _Writer(book, page, root)
    parts = writer.written(0, len(page.lines), iter(page.blocks))
    drawn = writer.pictures.items()
    return [
        part if isinstance(part, Block) else Text(part, {n: each for n, each in drawn if f"(attachment:{n})" in part})
        for part in parts
    ]


def alternative_texts(book: Book, page: Page) -> dict[tuple[str, int], str]:
    """Return the texts of the page's figures for those who cannot see them, by block name and number of the figure."""
    writer, found = _Writer(book, page, None), {}
    for image in page.scan.of(md.Image):
        if image.figure and (above := page.scan.above(image)):
            found[page.blocks[above - 1].name, image.figure] = writer.plain(*image.words[0])
    return found


def _drawings(page: Page) -> Iterator[Drawing]:
    for match in _DRAWING.finditer(page.scan.blank(md.Fence, md.Indented, md.Code, md.Comment)):
        groups = {name: page.text[slice(*match.span(name))] for name, found in match.groupdict().items() if found}
        svg = groups.get("svg") or groups["bare"]
        whole = f"{groups['opening']}{svg}</figure>" if "svg" in groups else svg
        line = page.text.count("\n", 0, match.start())
        yield Drawing(*match.span(), line, svg, whole, groups.get("caption", "").strip())


def _merged(parts: Iterable[str | Block]) -> list[str | Block]:
    """Put texts that follow each other under one another, and leave out empty ones."""
    result: list[str | Block] = []
    for part in parts:
        above = result[-1] if result else None
        if isinstance(part, str) and isinstance(above, str):
            result[-1] = f"{above}\n\n{part}" if part else above
        elif part:
            result.append(part)
    return result


class _Writer:
    """Writes parts of one page, given as extents of its text."""

    def __init__(self, book: Book, page: Page, root: str | None) -> None:
        self.book, self.page, self.root = book, page, root
        self.words = book.words(page.language, "notebook")
        self.scope = scope(book, page)
        self.pictures: dict[str, Drawing] = {}
        self.marks = [
            m for m in page.scan.tokens if isinstance(m, md.Container) or (isinstance(m, md.Fence) and m.runs)
        ]
        self.lines = page.text.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.margins = self._margins()
        self.targets = {normalizeReference(each.name): each.target for each in page.scan.of(md.Reference)}
        self.tokens = sorted([*page.scan.tokens, *_drawings(page)], key=lambda token: (token.start, -token.end))
        self.begins = [token.start for token in self.tokens]

    def written(self, first: int, end: int, blocks: Iterator[Block]) -> list[str | Block]:
        """Return lines of the page as CommonMark and blocks; what stands in a container is quoted below its title."""
        parts: list[str | Block] = []
        for mark in self.marks:
            if first <= mark.line < end:
                parts.append(self._prose(first, mark.line))
                if isinstance(mark, md.Fence):
                    parts.append(next(blocks))
                else:
                    kind = mark.kind.partition(" ")[0].capitalize()
                    title = kind if mark.title is None else self.text(*mark.words)
                    inside = self.written(mark.line + 1, mark.last + 1, blocks)
                    parts += [_quoted(part) for part in _merged([f"**{title}**" if title else "", *inside])]
                first = mark.last + 1
        return _merged([*parts, self._prose(first, end)])

    def _prose(self, first: int, end: int) -> str:
        text = self.text(self.starts[first], max(self.starts[end] - 1, 0)).strip("\n") if first < end else ""
        return textwrap.dedent(text) if text.startswith(" ") else text  # the rest of a list item, after a block in it

    def text(self, start: int, end: int, edge: str = "") -> str:
        """Return a part of the page as CommonMark; ``edge`` is the sign on its either side, if there is one."""
        kept: list[str] = []
        parts, at = [], start
        for token in self.tokens[bisect_left(self.begins, start) : bisect_left(self.begins, end)]:
            if token.start < at or token.end > end or (written := self._rewritten(token)) is None:
                continue
            before = self.source(at, token.start)
            parts.append(before.rstrip(" ") if isinstance(token, md.Attributes) else before)
            if written:
                parts.append(chr(_KEPT + len(kept)))
                kept.append(written)
            at = token.start if isinstance(token, md.Heading) else token.end  # above a heading goes its anchor
        plain = re.sub(r"(?<!\\)[$~]", r"\\\g<0>", "".join([edge, *parts, self.source(at, end), edge]))
        plain = re.sub(r"\n{3,}", "\n\n", plain)
        plain = _EMPHASIS.sub(partial(_emphasis, plain), plain)
        plain = plain[len(edge) : len(plain) - len(edge)]
        plain = _BEGINS_A_LIST.sub(r"\1\\\2", plain)
        return "".join(kept[ord(each) - _KEPT] if ord(each) >= _KEPT else each for each in plain)

    def plain(self, start: int, end: int) -> str:
        """Return a part of the page as it is written, but for its values."""
        return self.page.scan.with_values(start, end, self._value)

    def source(self, start: int, end: int) -> str:
        """Return a part of the page as it is written, without the indent of what stands in containers."""
        first = bisect_right(self.starts, start) - 1
        lines = self.page.text[start:end].split("\n")
        margins = [max(self.margins[first] - (start - self.starts[first]), 0), *self.margins[first + 1 :]]
        return "\n".join(re.sub(f"^ {{0,{m}}}", "", line) for line, m in zip(lines, margins, strict=False))

    def _margins(self) -> list[int]:
        """Return for each line how far it is indented because of the containers and footnotes around it."""
        margins = [0] * (len(self.lines) + 1)
        for container in self.page.scan.of(md.Container):
            margin = container.start - self.starts[container.line] + INDENT
            margins[container.line + 1 : container.last + 1] = [margin] * (container.last - container.line)
        for note in (note for note in self.page.scan.of(md.Footnote) if note.defines):
            margin = margins[note.line] + INDENT
            for i in range(note.line + 1, len(self.lines)):
                if self.lines[i].strip() and not self.lines[i].startswith(" " * margin):
                    break
                margins[i] = margin
        return margins

    def _value(self, value: md.Value) -> str:
        try:
            return self.scope.evaluate(value.expression, self.page.scan.above(value))
        except ValueError as problem:
            return f"⚠ {problem}"

    def _rewritten(self, token: md.Token) -> str | None:
        """Return what stands for a token; None where it stays, with what is in it to be written."""
        match token:
            case md.Value():
                return _escape(self._value(token))
            case md.Math():  # on one line: in a quotation, a second one would begin with a mark
                mark = "$$" if token.formula.display else "$"
                return mark + re.sub(r"\s*\n\s*", " ", token.formula.tex) + mark
            case md.Comment(name="script", alone=True):
                name = token.argument.rpartition("/")[2]
                address = f"[`{name}`]({self.root}assets/scripts/{token.argument})"
                return self.words["script"].format(address if self.root is not None else f"`{name}`")
            case md.Comment(name="resources", alone=True):
                return resources.draw(self.book, self.page.language)
            case md.Comment() | md.Reference() | md.Attributes():
                return ""
            case md.Code() | md.Fence() | md.Indented():
                return self.source(token.start, token.end)
            case md.Footnote():
                return f"<sup>[{token.name}]</sup>"
            case md.Heading():
                return f'<a id="{token.id}"></a>\n\n' if token.id else ""
            case md.Image() if token.figure:  # its caption: the figure stands under its block
                return f"*{self.text(*token.words[1])}*" if token.title else ""
            case md.Image():
                return self._leading("!", token, self.plain(*token.words[0]), token.words[0][1])
            case md.Link() if self.page.text[token.start] == "<":
                return self.page.text[token.start : token.end]
            case md.Link():
                return self._leading("", token, self.text(*token.words[0], edge="]"), token.words[0][1])
            case Drawing():
                return self._drawing(token)
            case md.Tag():
                return _MARKDOWN.sub("", self.source(token.start, token.end))
        return None

    def _drawing(self, drawing: Drawing) -> str:
        """Return a picture in place of a drawing within the page, which the programs take for text."""
        name = f"drawing-{len(self.pictures) + 1}.svg"
        self.pictures[name] = drawing
        label = re.search(r'aria-label="([^"]*)"', drawing.svg)
        picture = f"![{html.unescape(label[1]) if label else ''}](attachment:{name})"
        return f"{picture}\n\n*{drawing.caption}*" if drawing.caption else picture

    def _leading(self, mark: str, token: md.Link | md.Image, words: str, end: int) -> str:
        """Return a link, or an image, that leads to the site from anywhere; without a site only its words."""
        rest, target = self.page.text[end : token.end], token.target
        if not rest.startswith("]("):  # what it leads to is defined elsewhere
            name = rest[2:-1] or self.page.text[token.start + len(mark) + 1 : end]
            target = self.targets[normalizeReference(name)]
            rest = f"]({target})"
        if not _ELSEWHERE.match(target):
            if self.root is None:
                return words
            path, sign, place = target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.page.name), path))
            address = Book.address(path.removesuffix(".md")) if path.endswith(".md") else path
            rest = rest.replace(target, f"{self.root}{address}{sign}{place}", 1)
        return f"{mark}[{words}{rest}"


def _emphasis(text: str, match: re.Match[str]) -> str:
    """Write emphasis as HTML where CommonMark would not see it: beside punctuation without a space, as in Chinese."""
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    opens = match["text"][0].isalnum() or not before or before.isspace()
    closes = match["text"][-1].isalnum() or not after or after.isspace()
    if opens and closes:
        return match[0]
    tag = "strong" if len(match["mark"]) == 2 else "em"
    return f"<{tag}>{match['text']}</{tag}>"


def _quoted(part: str | Block) -> str | Block:
    return part if isinstance(part, Block) else "\n".join(f"> {line}".rstrip() for line in part.split("\n"))


def _escape(text: str) -> str:
    """Return plain text as Markdown."""
    return re.sub(r"[\\`*_\[\]<>$~|]", r"\\\g<0>", text)


def standalone(svg: str) -> str:
    """Return a drawing of a page as a picture that stands by itself, legible on any ground."""
    box = re.search(r'viewBox="([^"]*)"', svg)
    opening = svg[: svg.index(">")]
    extra = ' xmlns="http://www.w3.org/2000/svg"' if "xmlns=" not in opening else ""
    if "font-family" not in opening:
        extra += ' font-family="sans-serif"'
    ground = ""
    if box:
        x, y, width, height = (float(number) for number in box[1].replace(",", " ").split())
        if not re.search(r"\swidth=", opening):
            extra += f' width="{width * PICTURE_SCALE:g}" height="{height * PICTURE_SCALE:g}"'
        ground = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="#ffffff" stroke="none"/>'
    return f'{opening}{extra} color="{LIGHT_INK}">{ground}{svg[len(opening) + 1 :]}'
