"""Draw the receipt of a page at its end: what ran for it, what was checked, on which machine, when, how to repeat it.

A processor of the Markdown extension ``book.draw.extension``. It counts what the other processors have drawn.
"""

import html
import xml.etree.ElementTree as etree
from collections.abc import Callable, Sequence

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from book.core.page import Block
from book.core.site import Book
from book.evidence import record

ID = "receipt"
"""The receipt's anchor."""
AFTER_DRAWING = 3
"""Priority after everything that draws, and before ``book.draw.thin`` groups it."""

Blocks = Callable[[], Sequence[Block]]


class Receipt(Treeprocessor):
    """Puts the receipt behind the last paragraph of a page whose code ran."""

    def __init__(self, md: Markdown, book: Book, language: str, blocks: Blocks) -> None:
        """Keep what is needed; ``blocks`` returns those of the page once it was read."""
        super().__init__(md)
        self.book, self.blocks = book, blocks
        self.words = {**book.words(language, "block"), **book.words(language, "receipt")}

    def run(self, root: etree.Element) -> None:
        """Append the receipt."""
        blocks = self.blocks()
        kept = [shown for block in blocks if (shown := record.kept(self.book, block.name).shown)]
        if not kept:
            return
        words, last = self.words, kept[-1].circumstances
        seconds = words["seconds"].format(sum(each.result.seconds for each in kept))
        checks = [each.result.checks for each in kept if each.result.checks]
        equations = [each for each in root.iter("div") if each.get("data-checked")]
        found = sum(int(each.get("data-killed", 0)) for each in equations)
        date = max(each.circumstances.date for each in kept)
        rows = {
            "blocks": words["ran"].format(len(kept), seconds),
            "checks": words["tried"].format(*(sum(each[of] for each in checks) for of in ("assertions", "tried"))),
            "equations": words["checked"].format(len(equations), found) if equations else "",
            "machine": f"{last.machine}, {last.system}",
            "date": date,
        }
        listed = "".join(f"<dt>{words[k]}</dt><dd>{html.escape(v)}</dd>" for k, v in rows.items() if v)
        said = words["receipt"].format(len(kept), seconds, date)
        drawn = (
            f'<details class="block-badge page-receipt" id="{ID}" data-search-exclude="1"><summary>'
            f'<span class="block-mark" aria-hidden="true">✓</span> {said}</summary>'
            f"<dl>{listed}<dt>{words['again']}</dt><dd>{html.escape(words['how'])}</dd></dl></details>"
        )
        etree.SubElement(root, "p").text = self.md.htmlStash.store(drawn)
