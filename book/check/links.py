"""Where the links of a page lead: to files and places that exist, in the same language."""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from book.core import inputs, markup
from book.core.findings import Finding
from book.core.markdown import Attributes, Comment, Heading, Image, Link, Reference, Tag, Token
from book.core.page import Page
from book.core.site import Book
from book.draw import glossary

Pages = Mapping[tuple[str, str], Page]
"""The pages that could be read, by language and name."""

_ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_ID = re.compile(r"""#([\w-]+)|\bid=["']([^"']+)["']""")
_ADDRESS = re.compile(r"""\s(href|src|data-source)=["']([^"']*)["']""")


def anchors(book: Book, page: Page) -> set[str]:
    """Return the ids of a page that a link may name: those written on it, and those of its blocks and terms."""
    text = page.scan.text
    found = {heading.id for heading in page.scan.of(Heading)} - {""}
    for token in page.scan.of(Attributes, Tag):
        matches = _ID.finditer(text, token.start, token.end)
        found |= {match[2] or (match[1] if isinstance(token, Attributes) else "") for match in matches} - {""}
    found |= {block.anchor for block in page.blocks}
    for comment in page.scan.of(Comment):
        if comment.name == "glossary":
            found |= {term.anchor for term in glossary.load(book)}
        elif comment.name == "equation":
            found.add(f"equation-{comment.argument}")
    return found


def findings(book: Book, page: Page, pages: Pages) -> Iterator[Finding]:
    """Yield a finding for each link of a page that leads nowhere, and each heading that another's link leads to."""
    first: dict[str, Token] = {}
    for heading in page.scan.of(Heading):
        if heading.id and (other := first.setdefault(heading.id, heading)) is not heading:
            problem = f"the heading has the id {heading.id!r} of that in line {page.line_of(other)}"
            yield Finding(book.shown(page.file), page.line_of(heading), problem, "give it an id of its own")
    data = {inputs.address(file.name) for each in (page, *pages.values()) for file in each.data}
    for token, address in _addresses(page):
        bad = markup.address(address.removeprefix("figure:"), isinstance(token, Image))
        if type(token) is not Token and bad:  # of tags `lint` says so
            wrong: tuple[str, str] | None = bad, "link with https:, and let pictures come from a block"
        else:
            wrong = None if _ELSEWHERE.match(address) else _wrong(book, page, pages, address, data)
        if wrong:
            yield Finding(book.shown(page.file), page.line_of(token), f"the link {address!r}: {wrong[0]}", wrong[1])


def _addresses(page: Page) -> Iterator[tuple[Token, str]]:
    """Yield where links and images of a page lead."""
    text = page.scan.text
    tokens: Sequence[Link | Image | Reference] = page.scan.of(Link, Image, Reference)
    for token in tokens:
        refers = isinstance(token, Link) and not text[token.words[0][1] : token.end].startswith("](")
        if not refers or text[token.start] == "<":
            yield token, token.target
    for tag in page.scan.of(Tag):
        for match in _ADDRESS.finditer(text, tag.start, tag.end):
            address, folder = match[2], page.name.rpartition("/")[2] != "index"
            if match[1] == "data-source" and folder:  # as a browser sees it from the page, which is a folder there
                address = address.removeprefix("../")
            yield Token(0, 0, tag.line + text.count("\n", tag.start, match.start())), address


def _wrong(book: Book, page: Page, pages: Pages, address: str, data: set[str]) -> tuple[str, str] | None:
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
    if target in data:
        return None
    if not (docs / target).is_file():
        folder = docs / target / "index.md"
        remedy = f"write {address.rstrip('/')}/index.md" if folder.is_file() else "correct it; pages end in .md"
        return f"there is no {book.shown(docs / target)}", remedy
    there = pages.get((page.language, target.removesuffix(".md")))
    if place and there:
        if place not in (known := anchors(book, there)):
            near = ", ".join(sorted(known)[:8]) or "none"
            return f"{target} has no place #{place}", f"give a heading there {{#{place}}}, or name one it has: {near}"
        if f"#{place}" not in address:  # MkDocs takes it for another place
            return "its place is written with percent signs", f"write #{place}"
    return None
