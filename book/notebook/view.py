"""Show notebook twins on the site: mkdocs-jupyter draws them, this makes what it draws fit for the book.

mkdocs-jupyter puts JupyterLab's whole style sheet (600 KB), its scripts and an empty ``<script src>`` into every
page, a second copy of all code, and formulas as TeX. Here the style goes (one small file, ``twin.css``, takes its
place for all views), and so do the scripts and the copies; formulas are typeset, figures are those of the page, and
headings keep the page's ids.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup, Tag
from markdown import Markdown
from markdown.extensions.toc import nest_toc_tokens

from book.core import store
from book.core.markdown import Formula, find_formulas
from book.core.page import Page
from book.core.site import Book
from book.draw import extension
from book.evidence import record
from book.notebook import twin
from book.notebook.commonmark import alternative_texts, drawings
from book.notebook.twin import base64

_DROPPED = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"(<pre\b.*?</pre>|<code\b.*?</code>)", re.DOTALL)
_QUOTE = re.compile(r"^(?:> ?)+")
_PLACE = re.compile(r'<book-(formula|drawing) n="(\d+)"></book-\1>')
_BETWEEN = "formula-ends-here"

log = logging.getLogger("mkdocs.book.notebook")
logging.getLogger("traitlets").setLevel(logging.ERROR)  # nbconvert misses the texts that the figures are given here


def address(name: str) -> str:
    """Return where a page's view lies, as MkDocs names its source: below ``folder`` and below the root of the site."""
    return f"notebooks/{name}.ipynb"


def folder(book: Book, language: str) -> Path:
    """Folder of the notebooks that mkdocs-jupyter draws; those for download have other links."""
    return book.cache / "views" / language


def write(book: Book, page: Page, base: str) -> None:
    """Write the notebook that mkdocs-jupyter is to draw, where it changed.

    Args:
        book: the checkout.
        page: the page.
        base: way from the view to the root of its site, such as ``../../../``.

    Raises:
        BookError: a record is damaged.
    """
    file = folder(book, page.language) / address(page.name)
    content = twin.encode(twin.twin(book, page, base))
    if not file.is_file() or file.read_bytes() != content:
        store.write(file, content)


def links(book: Book, language: str, name: str, base: str, repository: str | None, *, on_view: bool = False) -> str:
    """Return the row of links to the other forms of a page.

    Args:
        book: the checkout.
        language: of the page.
        name: of the page.
        base: way from where the row stands to the root of the site.
        repository: address of the repository; where it is on GitHub, Colab can open the notebook.
        on_view: whether the row stands on the view.
    """
    words = book.words(language, "notebook")
    row = [f'<a href="{base}{twin.address(name)}" download>{words["download"]}</a>']
    if on_view:
        row.insert(0, f'<a href="{base}{Book.address(name)}">{words["page"]}</a>')
    else:
        row.append(f'<a href="{base}{Book.address(f"notebooks/{name}")}">{words["view"]}</a>')
    if opener := twin.colab(repository, language, name):
        row.append(f'<a href="{html.escape(opener)}">{words["colab"]}</a>')
    return f'<p class="book-forms" data-search-exclude="1">{" ".join(row)}</p>'


def meta(book: Book, page: Page) -> dict[str, Any]:
    """Return the front matter of a page's view."""
    words, title = book.words(page.language, "notebook"), str(page.meta.get("title", page.name))
    return {
        "title": words["title"].format(title),
        "description": words["description"].format(page.meta.get("description", title)),
        "template": "notebook.html",
        "search": {"exclude": True},
    }


def tame(drawn: str, book: Book, page: Page, base: str) -> tuple[str, list[Any]]:
    """Return what mkdocs-jupyter drew, fit for the book, and its headings as tokens for the table of contents.

    Args:
        drawn: HTML by mkdocs-jupyter.
        book: the checkout.
        page: the page whose notebook it is.
        base: way from the view to the root of its site.
    """
    soup = BeautifulSoup(_DROPPED.sub("", drawn), "html.parser")
    for tag in soup.select(".jp-Collapser, .zeroclipboard-container, .clipboard-copy-txt"):
        tag.decompose()
    for tag in soup.select(".jp-CodeCell:has(> .jp-CodeCell)"):
        tag.unwrap()
    for tag in soup.select(".jp-Cell-inputWrapper"):
        del tag["tabindex"]
    for tag in soup.select(".jp-MarkdownCell .jp-InputPrompt"):
        tag.decompose()
    typeset = _formulas(soup, book, page)
    own = _drawings(soup, page)
    _figures(soup, book, page, base)
    for tag in soup.select(".highlight-ipynb"):
        tag["class"] = "language-python highlight"
    for tag in soup.select(".highlight > pre"):
        _wrap_code(soup, tag)
    for tag in soup.select(".jp-OutputArea-output"):
        del tag["tabindex"]
        tag["role"] = "group"
        tag["aria-label"] = book.words(page.language, "block")["output"]
    for tag in soup.select(".jp-OutputArea-output pre"):
        tag["tabindex"] = "0"  # what scrolls can be reached by keyboard
    tokens: list[Any] = list(_headings(soup))
    # Only now, because an HTML parser writes the attributes of SVG in small letters
    whole = _PLACE.sub(lambda match: {"formula": typeset, "drawing": own}[match[1]][int(match[2])], str(soup))
    return whole + typeset[-1], nest_toc_tokens(tokens)


def _formulas(soup: BeautifulSoup, book: Book, page: Page) -> list[str]:
    """Put places for the formulas of the prose into it; return them typeset, and last what they share."""
    texts = soup.select(".jp-MarkdownOutput")
    cells = nbformat.read(folder(book, page.language) / address(page.name), as_version=4)["cells"]  # type: ignore[no-untyped-call]
    sources = [cell["source"] for cell in cells if cell["cell_type"] == "markdown"]
    found: list[Formula] = []
    for text, written in zip(texts, sources, strict=True):
        own = find_formulas([_QUOTE.sub("", line) for line in written.split("\n")])
        ordered = [formula for _, formula in sorted(own, key=lambda pair: pair[0])]
        if not ordered:
            continue
        marked, missing = _mark(text.decode_contents(), ordered, len(found))
        for formula in missing:
            log.warning("%s: the formula %r is not in what mkdocs-jupyter drew", page.name, formula.tex)
        text.clear()
        text.append(BeautifulSoup(marked, "html.parser"))
        found += ordered
    for place in soup.select("p > book-formula:only-child"):
        paragraph = place.parent
        if found[int(str(place["n"]))].display and paragraph and not paragraph.get_text(strip=True):
            paragraph.unwrap()
    return _typeset(found, book, page.language)


def _mark(text: str, ordered: Sequence[Formula], first: int) -> tuple[str, list[Formula]]:
    """Replace the formulas of an HTML text, in their order, by numbered places; return it and those not found."""
    parts = _CODE.split(text)
    part = position = 0
    missing = []
    for number, formula in enumerate(ordered, start=first):
        mark = "$$" if formula.display else "$"
        wanted = html.escape(f"{mark}{formula.tex}{mark}", quote=False)
        for later in range(part, len(parts), 2):  # between them stands code
            at = parts[later].find(wanted, position if later == part else 0)
            if at >= 0:
                place = f'<book-formula n="{number}"></book-formula>'
                parts[later] = parts[later][:at] + place + parts[later][at + len(wanted) :]
                part, position = later, at + len(place)
                break
        else:
            missing.append(formula)
    return "".join(parts), missing


def _typeset(found: Sequence[Formula], book: Book, language: str) -> list[str]:
    """Return each formula as the pages show it, and last the glyphs they share."""
    options = {
        "pymdownx.arithmatex": dict(book.markdown_extensions.get("pymdownx.arithmatex", {})),
        "book.draw.formulas": {"language": language},
    }
    marks = [("\n$$\n" if formula.display else "$", formula.tex) for formula in found]
    text = "".join(f"{mark}{tex}{mark}\n\n{_BETWEEN}\n\n" for mark, tex in marks)
    pieces = Markdown(extensions=list(options), extension_configs=options).convert(text).split(f"<p>{_BETWEEN}</p>")
    return [piece.strip().removeprefix("<p>").removesuffix("</p>") for piece in pieces]


def _drawings(soup: BeautifulSoup, page: Page) -> list[str]:
    """Put places for the drawings of the prose where their pictures stand; return them as the page has them."""
    drawn = {f"data:{twin.MIMES['.svg']};base64,{base64(svg)}": own for svg, own in drawings(page).items()}
    found: list[str] = []
    for image in soup.select(".jp-MarkdownOutput p > img:only-child"):
        own, paragraph = drawn.get(str(image["src"])), image.parent
        if own and paragraph and not paragraph.get_text(strip=True):
            paragraph.replace_with(soup.new_tag("book-drawing", n=str(len(found))))
            found.append(own)
    return found


def _figures(soup: BeautifulSoup, book: Book, page: Page, base: str) -> None:
    """Show the figures as the page does, from the same files, for light and for dark."""
    texts = alternative_texts(book, page)
    shown = [
        (kept.name, number, name)
        for block in page.blocks
        if (kept := record.shown(book, block.name))
        for number, name in enumerate(kept.result.figures, start=1)
    ]
    for image, (block, number, name) in zip(
        soup.select(":is(.jp-RenderedSVG, .jp-RenderedImage) > img"), shown, strict=True
    ):
        drawn = extension.pictures(book, block, name, texts.get((block, number), ""), base)
        image.replace_with(BeautifulSoup(drawn, "html.parser"))


def _wrap_code(soup: BeautifulSoup, pre: Tag) -> None:
    """Give code the element by which Material finds what its copy button copies."""
    code = soup.new_tag("code")
    for child in list(pre.children):
        code.append(child.extract())
    pre.append(code)


def _headings(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Move the anchors of the notebook onto the headings they stand above; yield the headings."""
    for link in soup.select("a.anchor-link"):
        link.decompose()
    for heading in soup.select(".jp-MarkdownOutput :is(h1, h2, h3, h4, h5, h6)"):
        del heading["id"]
        above = heading.find_previous_sibling()
        anchor = above.select_one("a[id]:only-child") if above and above.name == "p" else None
        if above and anchor and not above.get_text():
            heading["id"] = str(anchor["id"])
            above.decompose()
            yield {"level": int(heading.name[1]), "id": heading["id"], "name": html.escape(heading.get_text())}
