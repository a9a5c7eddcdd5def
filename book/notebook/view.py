"""Show notebooks on the site: mkdocs-jupyter draws them, this makes what it draws fit for the book.

mkdocs-jupyter puts JupyterLab's whole style sheet (600 KB), its scripts and an empty ``<script src>`` into every page,
and a second copy of all code. They go; ``notebook.css`` is for all views. Formulas, drawings and outputs never go
through mkdocs-jupyter: placeholders stand for them, into which they come as the page shows them. Headings keep the
page's ids.
"""

import html
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Comment
from markdown import Markdown
from markdown.extensions.toc import nest_toc_tokens
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.core import markdown as md
from book.core.markdown import Formula
from book.core.page import Page
from book.core.site import Book
from book.draw import figures
from book.draw.extension import draw_output
from book.evidence import record
from book.evidence.outputs import FIGURE
from book.notebook import twin
from book.notebook.commonmark import Text, alternative_texts

FOLDER = "notebooks/"
"""Folder of the views, below the root of the site."""
_PLACE = re.compile(r"(?P<opening><p>\s*)?\ue000(?P<number>\d+)\ue001(?P<closing>\s*</p>)?")
_CODE = re.compile(r"(?P<opening><pre\b[^>]*>)(?P<code>.*?)(?=</pre>)", re.DOTALL)
_HIDDEN = re.compile("\ue002(\\d+)\ue003")
_OPEN_COMMENT = re.compile(r"<!--(?!.*?-->)", re.DOTALL)
_HEADING = re.compile(r"h[1-6]")
_BETWEEN = "formula-ends-here"

log = logging.getLogger("mkdocs.book.notebook")


def address(name: str) -> str:
    """Return where a page's view lies, as MkDocs names its source: below ``folder`` and below the root of the site."""
    return f"{FOLDER}{name}.ipynb"


def folder(book: Book, language: str) -> Path:
    """Folder of the notebooks that mkdocs-jupyter draws; those for download hold outputs, and have other links."""
    return book.cache / "views" / language


def links(book: Book, language: str, name: str, base: str, repository: str | None, *, on_view: bool = False) -> str:
    """Return the row of links to the other forms of a page, on the page or ``on_view``.

    ``base`` is the way from there to the root of the site; where the ``repository`` is on GitHub, Colab can open it.
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


@dataclass
class Places:
    """What comes into a view after mkdocs-jupyter has drawn it, by number."""

    found: list[Formula | str] = field(default_factory=list)

    def keep(self, what: Formula | str) -> str:
        """Return the placeholder of a formula, or of HTML."""
        self.found.append(what)
        return f"\ue000{len(self.found) - 1}\ue001"


def notebook(book: Book, page: Page, base: str) -> tuple[NotebookNode, Places]:
    """Return the notebook that mkdocs-jupyter draws for a page's view, and what its placeholders stand for.

    ``base`` is the way from the view to the root of its site, such as ``../../../``.
    """
    texts, places, cells = alternative_texts(book, page), Places(), []
    for number, part in enumerate(twin.parts(book, page, base)):
        if isinstance(part, Text):
            cell = new_markdown_cell(_with_places(part, places, page), id=f"text-{number}")  # type: ignore[no-untyped-call]
        else:
            kept = record.shown(book, part.name)
            cell = new_code_cell(part.cell, id=part.name, execution_count=part.index + 1 if kept else None)  # type: ignore[no-untyped-call]
            for output in kept.result.outputs if kept else ():
                name = output.get("data", {}).get(FIGURE)
                if kept and name:
                    alt = texts.get((kept.name, list(kept.result.figures).index(name) + 1), "")
                    drawn = figures.pictures(book, page.language, kept.name, name, alt, base)
                else:
                    drawn = draw_output(output, book, page.language, part)
                kind = "execute_result" if output["output_type"] == "execute_result" else "display_data"
                shown = new_output(kind, {"text/html": places.keep(drawn)})  # type: ignore[no-untyped-call]
                if kind == "execute_result":
                    shown["execution_count"] = part.index + 1
                cell["outputs"].append(shown)
        cells.append(cell)
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": spec}), places  # type: ignore[no-untyped-call]


def _with_places(text: Text, places: Places, page: Page) -> str:
    """Put placeholders for the formulas and drawings of a cell; let no open comment swallow the rest of the view."""
    found = md.scan(text.markdown)
    changes: list[tuple[int, int, Formula | str]] = [(each.start, each.end, each.formula) for each in found.of(md.Math)]
    for image in found.of(md.Image):
        if drawing := text.pictures.get(image.target.removeprefix("attachment:")):
            changes.append((image.start, image.end, f"{drawing.html}\n"))
    parts, at = [], 0
    for start, end, what in sorted(changes, key=lambda change: change[0]):
        if start >= at:  # otherwise within a drawing's words
            kept = Formula(what.tex.strip(), what.display) if isinstance(what, Formula) else what
            parts += [text.markdown[at:start], places.keep(kept)]
            at = end
    written = "".join([*parts, text.markdown[at:]])
    comments = list(_OPEN_COMMENT.finditer(md.scan(written).blank(md.Fence, md.Indented, md.Code)))
    for match in reversed(comments):
        log.warning("%s: a comment has no end before the next block or the end of the page", page.name)
        written = f"{written[: match.start()]}&lt;{written[match.start() + 1 :]}"
    return written


def tame(drawn: str, places: Places, book: Book, language: str) -> tuple[str, list[Any]]:
    """Return what mkdocs-jupyter drew of ``notebook``, fit for the book, and its headings for the contents."""
    start, end = drawn.index('<div class="jp-Notebook"'), drawn.rindex("<style")
    hidden: list[str] = []  # nine of ten elements are those of its colors, so it is not parsed

    def hide(match: re.Match[str]) -> str:
        hidden.append(match["code"])
        return f"{match['opening']}\ue002{len(hidden) - 1}\ue003"

    soup = BeautifulSoup(_CODE.sub(hide, drawn[start:end]), "html.parser")
    for tag in soup.select(
        ".jp-Collapser, .zeroclipboard-container, .clipboard-copy-txt, .jp-MarkdownCell .jp-InputPrompt, a.anchor-link"
    ):
        tag.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in soup.select(".jp-CodeCell:has(> .jp-CodeCell)"):
        tag.unwrap()
    for tag in soup.select(".jp-Cell-inputWrapper, .jp-OutputArea-output"):
        del tag["tabindex"]
    for tag in soup.select(".highlight-ipynb"):
        tag["class"] = "language-python highlight"
    for tag in soup.select(".highlight > pre"):  # Material finds by this element what its copy button copies
        code = soup.new_tag("code")
        code.extend(list(tag.contents))
        tag.append(code)
    tokens: list[Any] = list(_headings(soup))
    *typeset, shared = _typeset([each for each in places.found if isinstance(each, Formula)], book, language)
    formulas = iter(typeset)
    shown = [next(formulas) if isinstance(each, Formula) else each for each in places.found]

    def put(match: re.Match[str]) -> str:
        number, opening, closing = int(match["number"]), match["opening"] or "", match["closing"] or ""
        inline = isinstance(what := places.found[number], Formula) and not what.display
        alone = opening and closing and not inline  # no paragraph holds what is a block itself
        return shown[number] if alone else f"{opening}{shown[number]}{closing}"

    whole = _HIDDEN.sub(lambda match: hidden[int(match[1])], str(soup))
    return f"{_PLACE.sub(put, whole)}{shared}", nest_toc_tokens(tokens)


def _headings(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """Move the anchors that stand above headings onto them; yield the headings."""
    for heading in soup.find_all(_HEADING):
        del heading["id"]
        above = heading.find_previous_sibling()
        anchor = above.select_one("a[id]:only-child") if above and above.name == "p" else None
        if above and anchor and not above.get_text():
            heading["id"] = str(anchor["id"])
            above.decompose()
            name = html.escape(_PLACE.sub("", heading.get_text()))
            yield {"level": int(heading.name[1]), "id": heading["id"], "name": name}


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
