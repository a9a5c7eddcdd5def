"""Break a Chinese headline after a punctuation mark, not inside a word.

Chinese has no spaces, so that a browser breaks a line between any two characters. Each phrase of a headline becomes an
element of its own, which ``book.css`` keeps on one line wherever it fits.
"""

import re
import xml.etree.ElementTree as etree

from markdown.treeprocessors import Treeprocessor

AFTER_TOC = 3
"""Priority after the table of contents (5), which has no use for the elements."""
_PHRASE = re.compile("[^，：；？！。]+[，：；？！。]*")


class Phrases(Treeprocessor):
    """Puts each phrase of the headline into ``<span class="phrase">``."""

    def run(self, root: etree.Element) -> None:
        """Divide the headline of a page where it has several phrases."""
        title = root.find("h1")
        phrases = _PHRASE.findall(title.text or "") if title is not None else []
        if title is None or len(phrases) < 2:
            return
        title.text = None
        for at, phrase in enumerate(phrases):
            span = etree.Element("span", {"class": "phrase"})
            span.text = phrase
            title.insert(at, span)
