"""Spare the browser what it need not draw: what is out of sight, and marks without a color.

Two processors of the Markdown extension ``book.draw.extension``. Long pages hold ten thousand elements, and Material's
script makes the browser style all of them several times while it starts. What stands between two headings is grouped,
and with ``content-visibility`` (in ``book.css``) a browser leaves out the groups that are out of sight; headings stand
outside, because the table of contents asks for their places. Pygments wraps every name, sign and space of code in an
element, six of ten of such a page; what they hold is drawn in the color of plain code with them or without.
"""

import re
import xml.etree.ElementTree as etree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

LAST = 2
"""Priority after everything that draws, and after the table of contents (5)."""
AFTER_RAW_HTML = 25
"""Priority: the drawn code, which Python-Markdown keeps aside, is put back with 30."""
LINE = 1.6
"""Height of a line in em, as Material sets it."""
LINE_LENGTH = 80
"""Characters that fit on a line, roughly."""
CHINESE = 2
"""Width of a Chinese character in Latin ones."""
PLAIN = ("n", "o", "p", "w")
"""Pygments' classes of names, operators, punctuation and white space."""
_MARK = re.compile(f'<span class="(?:{"|".join(PLAIN)})">([^<]*)</span>')
_NOTE = re.compile(r'<span class="c1">(#\s*\((\d+)\)!)')
_HEADING = re.compile("h[1-6]")
_GLYPHS = "formula-glyphs"
_UNSEEN = re.compile("(?s)<(details|math|style)[ >].*?</\\1>")
_WIDE = re.compile("[\u2e80-\u9fff\uff00-\uffef]")


class ThinExtension(Extension):
    """Groups what stands between headings into ``<div class="offscreen">``; takes the marks of ``PLAIN`` from code.

    The marks of notes in code get their number, for who reads without a script or on paper.
    """

    def extendMarkdown(self, md: Markdown) -> None:
        """Run once the page, and then its code, is drawn."""
        md.treeprocessors.register(_Group(md), "book-offscreen", LAST)
        md.postprocessors.register(_Plain(md), "book-tokens", AFTER_RAW_HTML)


class _Plain(Postprocessor):
    def run(self, text: str) -> str:
        return _NOTE.sub(r'<span class="c1 code-note" data-note="\2">\1', _MARK.sub(r"\1", text))


class _Group(Treeprocessor):
    def run(self, root: etree.Element) -> None:
        children = list(root)
        for child in children:
            root.remove(child)
        group: etree.Element | None = None
        for child in children:
            if _HEADING.fullmatch(str(child.tag)) or _GLYPHS in self._text(child):
                group = None  # every formula of the page refers to the sheet of glyphs
                root.append(child)
                continue
            if group is None:
                group = etree.SubElement(root, "div", {"class": "offscreen"})
            group.append(child)
        for group in root.iterfind("div[@class='offscreen']"):
            height = sum(self._height(child) for child in group)
            group.set("style", f"contain-intrinsic-height:auto {height:.0f}em")

    def _text(self, element: etree.Element) -> str:
        """Return what an element holds, with what Python-Markdown keeps aside in its place."""
        kept = self.md.htmlStash.rawHtmlBlocks
        return HTML_PLACEHOLDER_RE.sub(lambda match: str(kept[int(match[1])]), "".join(element.itertext()))

    def _height(self, element: etree.Element) -> float:
        """Return roughly how high an element is, in em; folded ones are as high as their title."""
        if element.tag == "details":
            return 3 * LINE
        text = re.sub("<[^>]*>", "", _UNSEEN.sub("", self._text(element)))
        lines = sum(
            1 + (len(line) + len(_WIDE.findall(line)) * (CHINESE - 1)) // LINE_LENGTH for line in text.splitlines()
        )
        return LINE * (lines + 1) + 20 * len(list(element.iter("img")))


makeExtension = ThinExtension
"""By this name Python-Markdown finds the extension."""
