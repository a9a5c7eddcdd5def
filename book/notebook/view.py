"""Show notebooks on the site as Jupyter would: the same cells, in the book's dress.

markdown-it reads the cells' text, which is CommonMark, as Jupyter does. Formulas are typeset, figures and drawings are
those of the page, and headings keep the page's ids. The classes are JupyterLab's; ``notebook.css`` is for all views.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markdown import Markdown
from markdown.extensions.toc import nest_toc_tokens
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from book.core.markdown import Formula
from book.core.page import Block, Page
from book.core.site import Book
from book.draw import figures
from book.draw.extension import draw_output
from book.evidence import record
from book.evidence.outputs import FIGURE
from book.notebook import twin
from book.notebook.commonmark import Drawing, Text, alternative_texts

FOLDER = "notebooks/"
"""Folder of the views, below the root of the site."""
MATH = ("math_inline", "math_inline_double", "math_block")
_DOLLARS = re.compile(r"(?<!\\)\$(?P<display>\$?)(?P<tex>[^$]+)\$(?P=display)")
_PLACE = re.compile(r"\x02(\d+)\x03")
_BETWEEN = "formula-ends-here"

log = logging.getLogger("mkdocs.book.notebook")


def address(name: str) -> str:
    """Return where a page's view lies, as MkDocs names its source, below the root of the site."""
    return f"{FOLDER}{name}.md"


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
        row.append(f'<a href="{base}{Book.address(f"{FOLDER}{name}")}">{words["view"]}</a>')
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
        "source": f"{page.name}.md",
        "search": {"exclude": True},
    }


def draw(book: Book, page: Page, base: str) -> tuple[str, list[Any]]:
    """Return the view of a page's notebook as HTML, and its headings as tokens for the table of contents.

    Args:
        book: the checkout.
        page: the page.
        base: way from the view to the root of its site, such as ``../../../``.

    Raises:
        BookError: a record is damaged.
    """
    texts = alternative_texts(book, page)
    found: list[Formula] = []
    headings: list[Any] = []
    cells = []
    for part in twin.parts(book, page, base):
        if isinstance(part, Text):
            tokens = _reader().parse(part.markdown)
            _show_drawings(tokens, part.pictures)
            headings += _headings(tokens)
            _place_formulas(tokens, found)
            _end_comments(tokens, page)
            text = _reader().renderer.render(tokens, _reader().options, {})
            cells.append(f'<div class="jp-Cell jp-MarkdownCell"><div class="jp-MarkdownOutput">\n{text}</div></div>')
        else:
            cells.append(_code_cell(book, page, part, texts, base))
    typeset = _typeset(found, book, page.language)
    drawn = _PLACE.sub(lambda match: typeset[int(match[1])], "\n".join(cells))
    return f'<div class="jp-Notebook">\n{drawn}\n</div>\n{typeset[-1]}', nest_toc_tokens(headings)


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    dollarmath_plugin(reader, allow_labels=False, double_inline=True)
    for kind in MATH:
        reader.add_render_rule(kind, lambda self, tokens, i, options, env: str(tokens[i].content))
    return reader


def _show_drawings(tokens: list[Token], pictures: Mapping[str, Drawing]) -> None:
    """Put the page's own drawings in the place of the paragraphs that hold their pictures."""
    for i in range(1, len(tokens) - 1):
        children = tokens[i].children or []
        if len(children) == 1 and children[0].type == "image":
            name = str(children[0].attrs["src"]).removeprefix("attachment:")
            if drawing := pictures.get(name):
                drawn = Token("html_block", "", 0, content=f"{drawing.html}\n")
                tokens[i - 1 : i + 2] = [*_nothing(), drawn, *_nothing()]


def _nothing() -> list[Token]:
    return [Token("html_block", "", 0)]


def _headings(tokens: list[Token]) -> Iterator[dict[str, Any]]:
    """Move the anchors that stand above headings onto them; yield the headings."""
    for i, token in enumerate(tokens):
        if token.type != "heading_open" or i < 3:
            continue
        above = tokens[i - 2].children or []
        anchor = re.fullmatch(r'<a id="(.*)">', above[0].content) if len(above) == 2 else None
        if anchor and above[1].content == "</a>":
            token.attrSet("id", anchor[1])
            tokens[i - 3 : i] = [*_nothing(), *_nothing(), *_nothing()]
            written = (child for child in tokens[i + 1].children or [] if child.type in ("text", "code_inline"))
            words = "".join(child.content for child in written)
            yield {"level": int(token.tag[1]), "id": anchor[1], "name": html.escape(words)}


def _place_formulas(tokens: Sequence[Token], found: list[Formula]) -> None:
    """Put numbered places for the formulas in their order; add the formulas to those found."""

    def place(tex: str, display: bool) -> str:
        found.append(Formula(tex.strip(), display=display))
        return f"\x02{len(found) - 1}\x03"

    for token in tokens:
        if token.type in MATH:
            token.content = place(token.content, token.type != "math_inline")
        elif token.type == "html_block":  # Jupyter typesets what stands within HTML, too
            token.content = _DOLLARS.sub(lambda match: place(match["tex"], bool(match["display"])), token.content)
        _place_formulas(token.children or [], found)


def _end_comments(tokens: Sequence[Token], page: Page) -> None:
    """Let no comment without an end swallow the rest of the view."""
    for token in tokens:
        if token.type in ("html_block", "html_inline") and token.content.count("<!--") > token.content.count("-->"):
            log.warning("%s: a comment has no end before the next block or the end of the page", page.name)
            token.content = html.escape(token.content)
        _end_comments(token.children or [], page)


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


def _code_cell(book: Book, page: Page, block: Block, texts: Mapping[tuple[str, int], str], base: str) -> str:
    """Draw a block, its prompt and what its record holds."""
    lexer = get_lexer_by_name("ipython3" if block.kind == "bash" else "python")
    code = highlight(block.cell, lexer, HtmlFormatter(cssclass="language-python highlight", wrapcode=True))
    kept = record.shown(book, block.name)
    number = f"{block.index + 1}" if kept else " "
    outputs = []
    for output in kept.result.outputs if kept else ():
        prompt = f"Out[{number}]:" if output["output_type"] == "execute_result" else ""
        name = output.get("data", {}).get(FIGURE)
        if kept and name:
            alt = texts.get((kept.name, list(kept.result.figures).index(name) + 1), "")
            drawn = figures.pictures(book, page.language, kept.name, name, alt, base)
        else:
            drawn = draw_output(output, book, page.language, block)
        outputs.append(
            f'<div class="jp-OutputArea-child"><div class="jp-OutputPrompt">{prompt}</div>'
            f'<div class="jp-OutputArea-output">{drawn}</div></div>'
        )
    return (
        f'<div class="jp-Cell jp-CodeCell"><div class="jp-InputArea"><div class="jp-InputPrompt">In [{number}]:</div>'
        f'<div class="jp-InputArea-editor">{code}</div></div>{"".join(outputs)}</div>'
    )
