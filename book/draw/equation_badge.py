"""Draw the check of each marked equation on its page: a badge that opens, the reason why it has none, or a warning.

Two processors of the Markdown extension ``book.draw.extension``. They find the marks in the page's own text and look
up what ``book.equations`` keeps, so they need to know neither the page's path nor MkDocs.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from book.core.findings import BookError
from book.core.markdown import scan
from book.core.site import Book
from book.equations.declare import Displayed, Kept, declarations, displayed, load, name, outdated

AFTER_BLOCKS = 26
"""Priority between the preprocessor that finds the blocks (27) and pymdownx.superfences (25)."""
AFTER_INLINE = 14
"""Priority after Python-Markdown's inline patterns (20), before ``book.draw.formulas`` draws (6)."""
_MARKER = re.compile(r"^\x02book-equation:(\d+)\x03$")


@dataclass(frozen=True)
class Evidence:
    """What is drawn with an equation: attributes of its container, and HTML below it."""

    attributes: Mapping[str, str]
    html: str


def register(md: Markdown, book: Book, language: str) -> None:
    """Let a page's equations be drawn with their evidence."""
    find = _Find(md)
    md.preprocessors.register(find, "book-find-equations", AFTER_BLOCKS)
    md.treeprocessors.register(_Draw(md, book, language, find), "book-draw-equations", AFTER_INLINE)


class _Find(Preprocessor):
    """Turns each mark into a paragraph of its own, since a formula needs an empty line above it."""

    equations: Sequence[Displayed] = ()

    def run(self, lines: list[str]) -> list[str]:
        self.equations = [one for one in displayed(scan(lines)) if one.kind and one.first >= 0]
        result = list(lines)
        for number, one in reversed(list(enumerate(self.equations))):
            indent = lines[one.mark][: len(lines[one.mark]) - len(lines[one.mark].lstrip())]
            result[one.mark : one.mark + 1] = ["", f"{indent}\x02book-equation:{number}\x03", ""]
        return result


class _Draw(Treeprocessor):
    """Puts each marked equation and its evidence into one container."""

    def __init__(self, md: Markdown, book: Book, language: str, found: _Find) -> None:
        super().__init__(md)
        self.book, self.language, self.found = book, language, found

    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for marker in list(parent):
                if marker.tag == "p" and (match := _MARKER.match((marker.text or "").strip())):
                    self._gather(parent, marker, self.found.equations[int(match[1])])

    def _gather(self, parent: etree.Element, marker: etree.Element, shown: Displayed) -> None:
        at = list(parent).index(marker)
        evidence = draw(self.book, self.language, shown)
        anchor = {"id": f"equation-{shown.text}"} if shown.kind == "equation" else {}
        container = etree.Element("div", {**evidence.attributes, **anchor})
        if at + 1 < len(parent) and "arithmatex" in parent[at + 1].get("class", "").split():
            container.append(parent[at + 1])
            parent.remove(parent[at + 1])
        etree.SubElement(container, "p").text = str(self.md.htmlStash.store(evidence.html))
        parent[at] = container


def draw(book: Book, language: str, shown: Displayed) -> Evidence:
    """Return the badge of a checked equation, or why it is not checked, or a loud warning."""
    words = book.words(language, "equation")
    if shown.kind == "unchecked":
        text = html.escape(words["unchecked"].format(shown.text))
        return Evidence({"class": "equation"}, f'<p class="equation-unchecked" data-search-exclude="1">{text}</p>')
    try:
        one = declarations(book).get(shown.text)
        if one is None:
            return _warning(shown, words["undeclared"].format(shown.text))
        kept = load(book, name(book, one, shown.tex))
    except (BookError, SyntaxError) as problem:
        why = problem.findings[0].problem if isinstance(problem, BookError) else str(problem)
        return _warning(shown, words["broken"].format(why))
    if kept is None:
        return _warning(shown, words["missing"])
    if old := outdated(book, kept):
        return _warning(shown, words["outdated"].format(old))
    attributes = {"class": "equation", "data-equation": kept.id, "data-checked": str(kept.inputs)}
    return Evidence(attributes, _badge(kept, words))


def _warning(shown: Displayed, text: str) -> Evidence:
    attributes = {"class": "equation equation-missing", "data-equation": shown.text}
    return Evidence(attributes, f'<p class="block-warning">⚠ {html.escape(text)}</p>')


def _badge(kept: Kept, words: Mapping[str, str]) -> str:
    rows = [("read", "<br>".join(f"<code>{html.escape(side)}</code>" for side in kept.read))]
    rows += [("inputs", words["drawn"].format(kept.inputs)), ("compared", _compared_rows(kept, words))]
    if kept.mutants:
        rows.append(("mutants", words["killed"].format(kept.mutants, kept.killed)))
    for survivor in kept.survivors:
        text = f"<code>{html.escape(survivor.mutant)}</code> · {html.escape(survivor.reason)}"
        rows.append(("survivors", text))
    versions = [f"Python {kept.python}", *(f"{package} {version}" for package, version in kept.versions.items())]
    rows += [("date", kept.date), ("versions", html.escape(", ".join(versions))), ("record", f"equations/{kept.name}")]
    drawn = "".join(f"<dt>{words[word]}</dt><dd>{text}</dd>" for word, text in rows)
    return (
        '<details class="block-badge equation-badge" data-search-exclude="1"><summary>'
        '<span class="block-mark" aria-hidden="true">✓</span> '
        f"{words['checked'].format(kept.inputs)}</summary><dl>{drawn}</dl></details>"
    )


def _compared_rows(kept: Kept, words: Mapping[str, str]) -> str:
    rows = []
    for one in kept.compared:
        what = words[one.kind].format(f"<code>{html.escape(one.what)}</code>")
        largest = words["largest"].format(_scientific(one.largest), _scientific(one.tolerance))
        rows.append(f"{what}: {words['exact'] if one.kind == 'relation' else largest}")
    return "<br>".join(rows)


def _scientific(number: float) -> str:
    """Return a small number as it is written by hand."""
    if number == 0:
        return "0"
    digits, _, power = f"{number:.0e}".partition("e")
    return f"{'' if digits == '1' else digits + '×'}10<sup>{'−' if power[0] == '-' else ''}{int(power[1:])}</sup>"
