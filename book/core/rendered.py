"""The text of a page as it is read: marks, comments and tags are gone; entities, formulas and code are read out."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape

from markdown.util import BLOCK_LEVEL_ELEMENTS

from book.core import markdown as md

VALUE = "\ue000"
"""Stands for an inline value."""
_APART = "\n\n"
_BLOCKS = frozenset((*BLOCK_LEVEL_ELEMENTS, "br", "text", "title", "desc"))
_PLACED = re.compile(r"<tspan[^>]*\sd?[xy]\s*=")
_TITLE = re.compile(r"""(?<=\s)["'(].*""")
_SAID = re.compile(
    r"""\b(?:alt|title|label|content|start|value|aria-\w+|data-\w+)\s*=\s*(["']?)(?P<words>.*?)\1(?=[\s/>}]|$)""", re.S
)
_MARKUP = re.compile(r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<entity>&#?\w+;)|\*+|__|[\u00ad\u200b-\u200f\u2060\ufeff]")
_TEX = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"\\([%$&#_])|\{(,)\}", r"\1\2"),
        (r"\\[dt]?frac\s*(?:\{(\d+)\}\s*\{(\d+)\}|(\d)\s*(\d))", r" \1\3/\2\4 "),
        (r"\\(?:times|cdot)(?![A-Za-z])", "×"),
        (r"\\(?:text\w*|math[a-z]+|boldsymbol|operatorname|mbox)\s*\{([^{}]*)\}", r"\1"),
        *[(r"(?<![A-Za-z^_}\]])\{(\d+)\}", r"\1")] * 2,
        (r"(?<=\d)(?:\s|\\!|\{\})+(?=\d)", ""),  # nothing is seen between them
        (r"\\[,;:! ]|\\q?quad|~", "\u2009"),
        (r"\^\{(-?\d+)\}", r"^\1"),
        (r"\\[A-Za-z]+", " "),
        (r"[{}]", " "),
        (r"\u2009+(?!\d)|(?<!\d)\u2009+", " "),
    )
)
_PARAGRAPH = re.compile(r"\n[ >]*\n+|\n(?=[ >]*(?:[-*+]|\d+[.)])\s)|\n(?=[ >]*\|)")
"""What stands before a paragraph, an item of a list, a row of a table."""
_SENTENCE = re.compile(rf"{_PARAGRAPH.pattern}|(?<=[。！？!?])|(?<=\.)(?<!al\.)\s+(?=[\W_]*[A-Z]|\ue000)")


@dataclass(frozen=True)
class Rendered:
    """A text as it is read, the places in the page where its parts stand, and the targets of its links."""

    source: str
    text: str
    places: tuple[tuple[int, int], ...]
    links: tuple[tuple[int, str], ...]

    def place(self, at: int) -> int:
        """Return the place in the page's text of a character of this one."""
        i = bisect_right(self.places, at, key=lambda part: part[0])
        begins, place = self.places[i - 1]
        return min(place + at - begins, self.places[i][1] if i < len(self.places) else place)

    def line(self, at: int) -> int:
        """Return the line of the page's text, from 0 on, on which a character of this one stands."""
        return bisect_left(self._ends, self.place(at))

    @cached_property
    def _ends(self) -> list[int]:
        return [match.start() for match in re.finditer("\n", self.source)]

    def paragraphs(self) -> Iterator[int]:
        """Yield where each paragraph, item of a list, or row of a table begins."""
        for at, end in self._between(_PARAGRAPH):
            if text := self.text[at:end].lstrip():
                yield end - len(text)

    def sentences(self) -> Iterator[tuple[int, str, list[str]]]:
        """Yield where each sentence begins, its text, and the targets of the links in it; a row of a table is one."""
        for at, end in self._between(_SENTENCE):
            if self.text[at:end].strip():
                yield at, self.text[at:end], [target for where, target in self.links if at <= where < max(end, at + 1)]

    def _between(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
        """Yield where each part of the text begins and ends between what a pattern matches."""
        at = 0
        for match in pattern.finditer(self.text):
            yield at, match.start()
            at = match.end()
        yield at, len(self.text)


@lru_cache(maxsize=256)
def rendered(source: str) -> Rendered:
    """Return the text of a page as it is read; what stands apart on it is set off by empty lines."""
    marks, targets = list[tuple[int, int, str]](), dict[int, str]()
    for token in md.scan(source).tokens:
        start, end = token.start, token.end
        if isinstance(token, md.Value):
            marks.append((start, end, VALUE))
        elif isinstance(token, md.Code):
            marks.append((start, end, token.code))
        elif isinstance(token, md.Math):
            marks.append((start, end, read_formula(token.formula.tex)))
        elif isinstance(token, md.Fence):
            marks.append((start, end, _APART if token.is_code else f"{_APART}{token.code}{_APART}"))
        elif isinstance(token, md.Indented):
            marks.append((start, end, _APART))
        elif isinstance(token, md.Comment | md.Footnote):
            marks.append((start, end, ""))
        elif isinstance(token, md.Reference):
            marks.append((start, end, f"{_APART}{''.join(_TITLE.findall(source[start:end]))}{_APART}"))
        elif isinstance(token, md.Tag | md.Attributes):
            said = [unescape(match["words"]) for match in _SAID.finditer(source, start, end)]
            apart = isinstance(token, md.Tag) and (token.name in _BLOCKS or _PLACED.match(source, start))
            marks.append((start, end, _APART.join(["", *said, ""]) if said or apart else ""))
        elif isinstance(token, md.Link | md.Image):
            (label, title), around = token.words, _APART if isinstance(token, md.Image) else ""
            marks.append((start, label[0], around))
            marks += [(label[1], title[0], _APART), (title[1], end, _APART)] if title[1] else [(label[1], end, around)]
            targets[start] = token.target
        elif isinstance(token, md.Container):
            until = source.find("\n", start, end)
            marks += [(start, token.words[0], _APART), (token.words[1], until if until >= 0 else end, _APART)]
    parts, places, links, length, at = list[str](), list[tuple[int, int]](), list[tuple[int, str]](), 0, 0

    def say(text: str, place: int) -> None:
        nonlocal length
        places.append((length, place))
        parts.append(text)
        length += len(text)

    for start, end, read in sorted([*marks, (len(source), len(source), "")]):
        if start < at:
            continue
        for match in _MARKUP.finditer(source, at, start):
            say(source[at : match.start()], at)
            say(match["escaped"] or unescape(match["entity"] or ""), match.start())
            at = match.end()
        say(source[at:start], at)
        if start in targets:
            links.append((length, targets[start]))
        say(read, start)
        at = end
    return Rendered(source, "".join(parts), tuple(places), tuple(links))


def read_formula(tex: str) -> str:
    """Return a formula with its numbers as they are read."""
    for pattern, read in _TEX:
        tex = pattern.sub(read, tex)
    return f" {tex} " if tex[:1].isalpha() else tex
