"""Where the links of a page lead: to files and places that exist, in the same language."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from book.check.prose import source
from book.core import inputs
from book.core.findings import Finding
from book.core.page import Page, headings
from book.core.site import Book
from book.draw import glossary

Pages = Mapping[tuple[str, str], Page]
"""The pages that could be read, by language and name."""

_CODE = re.compile(r"<!--.*?-->|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
_LINK = re.compile(
    r"""\]\(\s*<?(?P<inline>[^()\s">]*(?:\([^()]*\)[^()\s">]*)*)>?(?:\s+"[^"]*")?\s*\)"""
    r"""|^\s*\[[^\]^]+\]:\s+(?P<reference>\S+)|\b(?:href|src)=["'](?P<html>[^"']*)["']""",
    re.MULTILINE,
)
_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_ID = re.compile(r"""\{[^{}\n]*#(?P<list>[\w-]+)[^{}\n]*\}|\bid=["'](?P<html>[^"']+)["']""")
_GLOSSARY = re.compile(r"^<!--\s*glossary\s*-->", re.MULTILINE)


def anchors(book: Book, page: Page) -> set[str]:
    """Return the ids of a page that a link may name: those written on it, and those of its blocks and terms."""
    text = _CODE.sub("", "\n".join(source(page)))
    found = {match["list"] or match["html"] for match in _ID.finditer(text)}
    found |= {item.value.split()[1] for item in headings(page)} - {"(no"}
    found |= {block.anchor for block in page.blocks}
    if _GLOSSARY.search("\n".join(source(page))):
        found |= {term.anchor for term in glossary.load(book)}
    return found


def findings(book: Book, page: Page, pages: Pages) -> Iterator[Finding]:
    """Yield a finding for each link of a page that leads nowhere."""
    text = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), "\n".join(source(page)))
    for match in _LINK.finditer(text):
        address = match["inline"] or match["reference"] or match["html"] or ""
        if not _ELSEWHERE.match(address) and (wrong := _wrong(book, page, pages, address)):
            line = text.count("\n", 0, match.start(match.lastgroup or 0)) + 1
            yield Finding(book.shown(page.file), line, f"the link {address!r}: {wrong[0]}", wrong[1])


def _wrong(book: Book, page: Page, pages: Pages, address: str) -> tuple[str, str] | None:
    """Return what is wrong with an address on a page and what to do, or None."""
    path, _, place = unquote(address).partition("#")
    if not path and not place:
        return "it is empty", "say where it leads"
    if path.startswith("/"):
        return "it starts at the root of the host", "write it relative to this page, so that the site can lie anywhere"
    docs = book.docs(page.language)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.name), path)) if path else f"{page.name}.md"
    if target.startswith(".."):
        return "it leaves the pages of this language", f"link to a page in {book.shown(docs)}"
    if target in {inputs.address(name) for block in page.blocks for name in inputs.named(book, block.code, block.kind)}:
        return None
    if not (docs / target).is_file():
        folder = docs / target / "index.md"
        remedy = f"write {address.rstrip('/')}/index.md" if folder.is_file() else "correct it; pages end in .md"
        return f"there is no {book.shown(docs / target)}", remedy
    there = pages.get((page.language, target.removesuffix(".md")))
    if place and there and place not in (known := anchors(book, there)):
        near = ", ".join(sorted(known)[:8]) or "none"
        return f"{target} has no place #{place}", f"give a heading there {{#{place}}}, or name one it has: {near}"
    return None
