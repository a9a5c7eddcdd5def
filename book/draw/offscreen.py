"""Group what stands between two headings, so that a browser need not lay out what is out of sight.

A Markdown extension. Long pages hold ten thousand elements, and Material's script makes the browser style all of them
several times while it starts; with ``content-visibility`` (in ``book.css``) a browser leaves out the groups that are
out of sight. Headings stand outside the groups: the table of contents asks for their places.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as etree
from collections.abc import Iterator

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

LAST = 2
"""Priority after everything that draws, and after the table of contents (5)."""
LINE = 1.6
"""Height of a line in em, as Material sets it."""
LINE_LENGTH = 80
"""Characters that fit on a line, roughly."""
CHINESE = 2
"""Width of a Chinese character in Latin ones."""
_HEADING = re.compile("h[1-6]")
_GLYPHS = "formula-glyphs"
_UNSEEN = re.compile("(?s)<(details|math|style)[ >].*?</\\1>")
_WIDE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


class OffscreenExtension(Extension):
    """Wraps the content between headings into ``<div class="offscreen">``."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Run once the page is drawn."""
        md.treeprocessors.register(_Group(md), "book-offscreen", LAST)


class _Group(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        children = list(root)
        for child in children:
            root.remove(child)
        group: etree.Element | None = None
        for child in children:
            if _HEADING.fullmatch(str(child.tag)) or self._holds_glyphs(child):
                group = None
                root.append(child)
                continue
            if group is None:
                group = etree.SubElement(root, "div", {"class": "offscreen"})
            group.append(child)
        for group in root.iterfind("div[@class='offscreen']"):
            height = sum(self._height(child) for child in group)
            group.set("style", f"contain-intrinsic-height:auto {height:.0f}em")

    def _holds_glyphs(self, element: etree.Element) -> bool:
        """Tell whether this is the sheet of glyphs, to which every formula of the page refers."""
        return any(_GLYPHS in text for text in self._texts(element))

    def _texts(self, element: etree.Element) -> Iterator[str]:
        """Yield the pieces of text within an element, with what Python-Markdown keeps aside in its place."""
        stash = self.md.htmlStash
        for text in element.itertext():
            for part in re.split(r"(\x02wzxhzdk:\d+\x03)", text):
                number = part[9:-1] if part.startswith("\x02wzxhzdk:") else ""
                yield str(stash.rawHtmlBlocks[int(number)]) if number else part

    def _height(self, element: etree.Element) -> float:
        """Return roughly how high an element is, in em; folded ones are as high as their title."""
        if element.tag == "details":
            return 3 * LINE
        text = re.sub("<[^>]*>", "", _UNSEEN.sub("", "".join(self._texts(element))))
        lines = sum(
            1 + (len(line) + len(_WIDE.findall(line)) * (CHINESE - 1)) // LINE_LENGTH for line in text.splitlines()
        )
        pictures = sum(1 for _ in element.iter("img"))
        return LINE * (lines + 1) + 20 * pictures


def makeExtension(**options: object) -> OffscreenExtension:
    """Return the extension; Python-Markdown calls this."""
    return OffscreenExtension(**options)
