"""Leave out the marks around code that has no color of its own.

A Markdown extension. Pygments wraps every name, sign and space in an element of its own: six of ten elements of a page
that teaches by code. A browser has to read them all, and Material's script looks through them more than once; what
they hold is drawn in the color of plain code (in ``book.css``) with them or without.
"""

from __future__ import annotations

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor

PLAIN = ("n", "o", "p", "w")
"""Pygments' classes of names, operators, punctuation and white space."""
AFTER_RAW_HTML = 25
"""Priority: the drawn code, which Python-Markdown keeps aside, is put back with 30."""
_MARK = re.compile(f'<span class="(?:{"|".join(PLAIN)})">([^<]*)</span>')


class TokensExtension(Extension):
    """Takes the marks of ``PLAIN`` from code."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Run once the code is drawn."""
        md.postprocessors.register(_Plain(md), "book-tokens", AFTER_RAW_HTML)


class _Plain(Postprocessor):
    def run(self, text: str) -> str:
        return _MARK.sub(r"\1", text)


def makeExtension(**options: object) -> TokensExtension:
    """Return the extension; Python-Markdown calls this by its name."""
    return TokensExtension(**options)
