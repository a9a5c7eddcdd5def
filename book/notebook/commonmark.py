"""A page's prose in the Markdown that every other program reads: CommonMark, tables, formulas between dollars.

Jupyter, Colab and GitHub know no admonitions, tabs, attribute lists or inline values. Values are evaluated here,
what stands in a box, a fold or a tab becomes a quotation under its title, ids of headings become anchors, drawings
become pictures, and links lead to the site.
"""

from __future__ import annotations

import html
import posixpath
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from book.core.markdown import CODE_SPAN, FIGURE_IMAGE, FORMULA, FORMULA_BLOCK, HEADING, VALUE, find_fences
from book.core.page import Block, Page
from book.core.site import Book
from book.draw.extension import LIGHT_INK, SCRIPT
from book.draw.values import scope

PICTURE_SCALE = 1.6
"""Pixels per unit of a drawing's own coordinates: 11 units of text are then as large as the text around it."""

_CONTAINER = re.compile(r'^(?P<mark>!!!|\?\?\?\+?|===[!+]*)\s+(?P<kind>[\w-]+(?: [\w-]+)*)?\s*(?:"(?P<title>.*)")?\s*$')
_DRAWING = re.compile(
    r"(?P<opening><figure[^>]*>)\s*(?P<svg><svg\b.*?</svg>)\s*(?:<figcaption>(?P<caption>.*?)</figcaption>\s*)?</figure>"
    r"|(?P<bare><svg\b.*?</svg>)",
    re.DOTALL,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_ATTRIBUTES = re.compile(r"""[ \t]*\{:?[ \t]*(?:[.#][\w:-]+|[\w-]+=(?:"[^"]*"|'[^']*'|[\w-]+))[^{}\n]*\}""")
_LINK = re.compile(
    r"""(?P<image>!?)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?P<title>\s+"[^"]*")?\)"""
)
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//|#)", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[\^(?P<name>[^\]\s]+)\](?P<colon>:?)")
_EMPHASIS = re.compile(r"(?<![*\\])(?P<mark>\*{1,2})(?=[^\s*])(?P<text>[^*]*[^\s*])(?P=mark)(?!\*)")
_KEPT = re.compile(r"\x02(\d+)\x03")


@dataclass(frozen=True)
class Text:
    """Prose between two blocks.

    Attributes:
        markdown: the prose.
        pictures: name to SVG of the drawings that it refers to as ``attachment:NAME``.
    """

    markdown: str
    pictures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Piece:
    """A run of lines, the containers it stands in (outermost first), and how many blocks stand above it."""

    lines: list[str]
    inside: tuple[int, ...]
    above: int
    kind: str = "prose"
    """``prose``, ``title`` of a container, or ``fence`` that is only shown."""


def convert(book: Book, page: Page, root: str | None) -> list[Text | Block]:
    """Return a page's prose and blocks in reading order.

    Args:
        book: the checkout.
        page: the page.
        root: address of the root of the page's site, or the way there, with a slash at its end. Where it is not known
            (None), the words of a link to another page stay and the link goes.
    """
    result: list[Text | Block] = []
    writer = _Writer(book, page, root)
    parts: list[tuple[tuple[int, ...], str]] = []

    def end_of_text() -> None:
        if parts:
            result.append(Text(_join(parts), writer.take_pictures()))
            parts.clear()

    for piece in _pieces(page):
        if isinstance(piece, Block):
            end_of_text()
            result.append(piece)
        elif written := writer.write(piece):
            parts.append((piece.inside, written))
    end_of_text()
    return result


def alternative_texts(book: Book, page: Page) -> dict[tuple[str, int], str]:
    """Return the texts of the page's figures for those who cannot see them, by block name and number of the figure."""
    found: dict[tuple[str, int], str] = {}
    writer = _Writer(book, page, None)
    for piece in _pieces(page):
        if isinstance(piece, Block) or piece.kind != "prose" or not piece.above:
            continue
        for match in FIGURE_IMAGE.finditer("\n".join(piece.lines)):
            text = VALUE.sub(lambda value, above=piece.above: writer.value(value, above), match["alt"])
            found[page.blocks[piece.above - 1].name, int(match["number"])] = text
    return found


def drawings(page: Page) -> dict[str, str]:
    """Return the page's own HTML of its drawings, without captions, by the SVG that stands for each in ``pictures``."""
    found = {}
    for match in _DRAWING.finditer("\n".join(line.text for line in page.lines)):
        whole = f"{match['opening']}{match['svg']}</figure>" if match["svg"] else match["bare"]
        found[standalone(match["svg"] or match["bare"])] = whole
    return found


def _pieces(page: Page) -> Iterator[_Piece | Block]:
    """Split a page into blocks, shown fences, titles of containers, and what stands between them."""
    text = [line.text for line in page.lines]
    fences = find_fences(text, lambda i: page.lines[i].page_line, page.name)
    running = {fence.opening: (fence, block) for fence, block in zip(fences, page.blocks, strict=True)}
    open_containers: list[tuple[int, int]] = []  # (columns its content is indented, number)
    prose: list[str] = []
    above = containers = i = 0

    def lines(chosen: list[str], kind: str = "prose") -> _Piece:
        margin = open_containers[-1][0] if open_containers else 0
        inside = tuple(number for _, number in open_containers)
        return _Piece([line[margin:] for line in chosen], inside, above, kind)

    while i < len(text):
        line = text[i]
        indent = len(line) - len(line.lstrip())
        if line.strip() and open_containers and indent < open_containers[-1][0]:
            yield lines(prose)
            prose = []
            while open_containers and indent < open_containers[-1][0]:
                open_containers.pop()
        if i in running:
            yield lines(prose)
            prose = []
            fence, block = running[i]
            yield block
            above += 1
            i = fence.closing + 1
        elif line.lstrip().startswith(("```", "~~~")):
            yield lines(prose)
            prose = []
            end = _closing(text, i)
            yield lines(text[i : end + 1], "fence")
            i = end + 1
        elif (match := _CONTAINER.match(line.strip())) and (match["kind"] or match["title"]):
            yield lines(prose)
            prose = []
            containers += 1
            open_containers.append((indent + 4, containers))
            title = match["title"] if match["title"] is not None else str(match["kind"]).capitalize()
            yield _Piece([title], tuple(number for _, number in open_containers), above, "title")
            i += 1
        else:
            prose.append(line)
            i += 1
    yield lines(prose)


def _closing(text: list[str], opening: int) -> int:
    """Return the line that closes the fence opened at a line."""
    stripped = text[opening].lstrip()
    mark = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
    after = (i for i in range(opening + 1, len(text)) if text[i].lstrip().startswith(mark))
    return next(after, len(text) - 1)


def _join(parts: list[tuple[tuple[int, ...], str]]) -> str:
    """Put the parts of a text under one another, each quoted as often as it has containers around it."""
    lines: list[str] = []
    before: tuple[int, ...] = ()
    for inside, written in parts:
        shared = next((i for i, (a, b) in enumerate(zip(before, inside, strict=False)) if a != b), None)
        common = min(len(before), len(inside)) if shared is None else shared
        if lines:
            lines.append(("> " * common).rstrip())
        quote = "> " * len(inside)
        lines += [(quote + line).rstrip() for line in written.split("\n")]
        before = inside
    return "\n".join(lines)


class _Writer:
    """Turns pieces of one page into Markdown; what must stay as it is waits in ``kept`` meanwhile."""

    def __init__(self, book: Book, page: Page, root: str | None) -> None:
        self.page, self.root = page, root
        self.words = book.words(page.language, "notebook")
        self.scope = scope(book, page)
        self.kept: list[str] = []
        self.pictures: dict[str, str] = {}
        self.drawings = 0

    def take_pictures(self) -> dict[str, str]:
        """Return the drawings since the last call."""
        taken, self.pictures = self.pictures, {}
        return taken

    def value(self, match: re.Match[str], above: int) -> str:
        """Return an inline value's text."""
        try:
            return self.scope.evaluate(match["expression"], above)
        except ValueError as problem:
            return f"⚠ {problem}"

    def write(self, piece: _Piece) -> str:
        """Return a piece as Markdown; empty where nothing of it is left."""
        if piece.kind == "fence":
            return textwrap.dedent("\n".join(piece.lines))
        text = "\n".join(piece.lines).strip("\n")
        if text.startswith(" "):
            text = textwrap.dedent(text)  # the rest of a list item, after a block within it
        text = self._write(text, piece.above)
        return f"**{text}**" if text and piece.kind == "title" else text

    def _write(self, text: str, above: int) -> str:
        self.kept = []
        text = VALUE.sub(lambda match: self._keep(_escape(self.value(match, above))), text)
        text = _DRAWING.sub(self._drawing, text)
        text = "\n".join(self._script(line) for line in text.split("\n"))
        text = _COMMENT.sub("", text)
        text = CODE_SPAN.sub(lambda match: self._keep(match[0]), text)
        text = FORMULA_BLOCK.sub(
            lambda match: self._formula("$$", match["math"] or match["math2"] or match["math3"]), text
        )
        text = FORMULA.sub(
            lambda match: self._formula("$", match[3] or match[6]) if match[3] or match[6] else match[0], text
        )
        text = FIGURE_IMAGE.sub(lambda match: f"*{match['caption']}*" if match["caption"] else "", text)
        text = _TAG.sub(lambda match: self._keep(re.sub(r"""\s+markdown(=["'][^"']*["'])?""", "", match[0])), text)
        text = "\n".join(self._heading(line) for line in text.split("\n"))
        text = _LINK.sub(self._link, text)
        text = _ATTRIBUTES.sub("", text)
        text = _FOOTNOTE.sub(lambda match: self._keep(f"<sup>[{match['name']}]</sup>"), text)
        text = re.sub(r"(?<!\\)[$~]", r"\\\g<0>", text)
        text = _EMPHASIS.sub(partial(_emphasis, text), text)
        while _KEPT.search(text):
            text = _KEPT.sub(lambda match: self.kept[int(match[1])], text)
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def _keep(self, text: str) -> str:
        self.kept.append(text)
        return f"\x02{len(self.kept) - 1}\x03"

    def _formula(self, mark: str, tex: str) -> str:
        """Keep a formula on one line: in a quotation, a second one would begin with a mark."""
        return self._keep(mark + re.sub(r"\s*\n\s*", " ", tex.strip()) + mark)

    def _heading(self, line: str) -> str:
        match = HEADING.match(line)
        if not match or not match["id"]:
            return line
        anchor = self._keep(f'<a id="{match["id"]}"></a>')
        return f"{anchor}\n\n{match['level']} {match['title']}"

    def _script(self, line: str) -> str:
        """Replace the directive that draws a whole script by a link to it."""
        match = SCRIPT.match(line)
        if not match:
            return line
        name = match["file"].rpartition("/")[2]
        link = f"[`{name}`]({self.root}assets/scripts/{match['file']})" if self.root is not None else f"`{name}`"
        return self._keep(self.words["script"].format(link))

    def _drawing(self, match: re.Match[str]) -> str:
        """Replace a drawing within the page, which the programs take for text, by a picture."""
        svg = match["svg"] or match["bare"]
        self.drawings += 1
        name = f"drawing-{self.drawings}.svg"
        self.pictures[name] = standalone(svg)
        label = re.search(r'aria-label="([^"]*)"', svg)
        picture = self._keep(f"![{html.unescape(label[1]) if label else ''}](attachment:{name})")
        caption = (match["caption"] or "").strip()
        return f"{picture}\n\n*{caption}*" if caption else picture

    def _link(self, match: re.Match[str]) -> str:
        """Let a link lead to the site."""
        target, image = match["target"], match["image"]
        if not _ELSEWHERE.match(target):
            if self.root is None:
                return str(match["text"])
            path, mark, place = target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(self.page.name), path))
            address = Book.address(path.removesuffix(".md")) if path.endswith(".md") else path
            target = f"{self.root}{address}{mark}{place}"
        return f"{image}[{match['text']}]({self._keep(target)}{match['title'] or ''})"


def _emphasis(text: str, match: re.Match[str]) -> str:
    """Write emphasis as HTML where CommonMark would not see it: beside punctuation without a space, as in Chinese."""
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    opens = match["text"][0].isalnum() or not before or before.isspace()
    closes = match["text"][-1].isalnum() or not after or after.isspace()
    if opens and closes:
        return match[0]
    tag = "strong" if len(match["mark"]) == 2 else "em"
    return f"<{tag}>{match['text']}</{tag}>"


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
