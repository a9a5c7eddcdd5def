"""Draw the check of each marked equation on its page: a badge that opens, the reason why it has none, or a warning.

Two processors of the Markdown extension ``book.draw.extension``. They find the marks in the page's own text and look
up what ``book.equations`` keeps, so they need to know neither the page's path nor MkDocs.
"""

import html
import xml.etree.ElementTree as etree
from collections.abc import Mapping

from markdown import Markdown
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from book.core.findings import BookError
from book.core.markdown import scan
from book.core.site import Book
from book.equations import records
from book.equations.declare import declarations
from book.equations.marks import Displayed, displayed

AFTER_BLOCKS = 26
"""Priority between the preprocessor that finds the blocks (27) and pymdownx.superfences (25)."""
AFTER_INLINE = 14
"""Priority after Python-Markdown's inline patterns (20), before ``book.draw.formulas`` draws (6)."""


def register(md: Markdown, book: Book, language: str) -> None:
    """Let a page's equations be drawn with their evidence."""
    find = _Find(md)
    md.preprocessors.register(find, "book-find-equations", AFTER_BLOCKS)
    md.treeprocessors.register(_Draw(md, book, language, find), "book-draw-equations", AFTER_INLINE)


class _Find(Preprocessor):
    """Turns each mark into a paragraph with a placeholder, since a formula needs an empty line above it."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.equation_at: dict[str, Displayed] = {}
        """The equations by the placeholder that stands for their mark."""

    def run(self, lines: list[str]) -> list[str]:
        self.equation_at = {}
        result = list(lines)
        for equation in reversed([equation for equation in displayed(scan(lines)) if equation.is_marked]):
            placeholder = self.md.htmlStash.store("")
            self.equation_at[placeholder] = equation
            line = lines[equation.mark]
            indent = line[: len(line) - len(line.lstrip())]
            result[equation.mark : equation.mark + 1] = ["", indent + placeholder, ""]
        return result


class _Draw(Treeprocessor):
    """Puts each marked equation and its evidence into one container."""

    def __init__(self, md: Markdown, book: Book, language: str, find: _Find) -> None:
        super().__init__(md)
        self.book, self.language, self.find = book, language, find

    def run(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for paragraph in list(parent):
                text = (paragraph.text or "").strip() if paragraph.tag == "p" else ""
                if equation := self.find.equation_at.get(text):
                    self._gather(parent, paragraph, equation)

    def _gather(self, parent: etree.Element, placeholder: etree.Element, equation: Displayed) -> None:
        at = list(parent).index(placeholder)
        attributes, evidence = draw(self.book, self.language, equation)
        anchor = {"id": f"equation-{equation.text}"} if equation.is_checked else {}
        container = etree.Element("div", {**attributes, **anchor})
        if at + 1 < len(parent) and "arithmatex" in parent[at + 1].get("class", "").split():
            container.append(parent[at + 1])
            parent.remove(parent[at + 1])
        etree.SubElement(container, "p").text = str(self.md.htmlStash.store(evidence))
        parent[at] = container


def draw(book: Book, language: str, equation: Displayed) -> tuple[dict[str, str], str]:
    """Return the attributes of an equation's container, and its badge, why it is not checked, or a loud warning."""
    words = book.words(language, "equation")
    if not equation.is_checked:
        reason = words.get(f"reason-{equation.text}", equation.text)  # `check` refuses any other
        text = html.escape(words["unchecked"].format(reason))
        return {"class": "equation"}, f'<p class="equation-unchecked" data-search-exclude="1">{text}</p>'
    try:
        declaration = declarations(book).get(equation.text)
        checked = declaration and records.load(book, records.name(book, declaration, equation.tex))
    except BookError as problem:
        warning = words["broken"].format(problem.findings[0].problem)
    else:
        if declaration and checked and not (why := records.outdated(book, checked)):
            attributes = {"class": "equation", "data-equation": checked.id, "data-checked": str(checked.inputs)}
            attributes["data-killed"] = str(checked.killed)
            return attributes, _badge(checked, records.independent(declaration, checked), words)
        if checked:
            warning = words["outdated"].format(why)
        else:
            warning = words["missing"] if declaration else words["undeclared"].format(equation.text)
    attributes = {"class": "equation equation-missing", "data-equation": equation.text}
    return attributes, f'<p class="block-warning">⚠ {html.escape(warning)}</p>'


def _badge(checked: records.EquationRecord, independent: int, words: Mapping[str, str]) -> str:
    versions = [f"Python {checked.python}", *(f"{package} {version}" for package, version in checked.versions.items())]
    rows = [
        ("read", "<br>".join(f"<code>{html.escape(side)}</code>" for side in checked.read)),
        ("inputs", words["drawn"].format(checked.inputs)),
        ("compared", "<br>".join(_compared(comparison, words) for comparison in checked.compared)),
        *([("mutants", words["killed"].format(checked.mutants, checked.killed))] if checked.mutants else []),
        *(
            ("survivors", f"<code>{html.escape(survivor.mutant)}</code> · {html.escape(survivor.reason)}")
            for survivor in checked.survivors
        ),
        ("date", checked.date),
        ("versions", html.escape(", ".join(versions))),
        ("record", f"equations/{checked.name}"),
    ]
    said = words["checked" if independent else "identity"]
    listed = "".join(f"<dt>{words[word]}</dt><dd>{text}</dd>" for word, text in rows)
    return (
        '<details class="block-badge equation-badge" data-search-exclude="1"><summary>'
        '<span class="block-mark" aria-hidden="true">✓</span> '
        f"{said.format(checked.inputs, independent)}</summary><dl>{listed}</dl></details>"
    )


def _compared(comparison: records.Comparison, words: Mapping[str, str]) -> str:
    what = words[comparison.kind].format(f"<code>{html.escape(comparison.what)}</code>")
    largest = words["largest"].format(_scientific(comparison.largest), _scientific(comparison.tolerance))
    return f"{what}: {words['exact'] if comparison.kind == 'relation' else largest}"


def _scientific(number: float) -> str:
    """Return a small number as it is written by hand."""
    if number == 0:
        return "0"
    digits, _, power = f"{number:.0e}".partition("e")
    return f"{'' if digits == '1' else digits + '×'}10<sup>{'−' if power[0] == '-' else ''}{int(power[1:])}</sup>"
