"""Draw the evidence into the page: outputs, figures and badge under each block, inline values, checks of equations.

A Markdown extension that only draws. It finds the page's blocks in the text itself, names them by their chain and
looks their records up, so it needs to know neither the page's path nor MkDocs, and works wherever
Python-Markdown does. A record that is missing is shown loudly; ``book.check`` is what refuses to publish.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from book.core import chain, inputs
from book.core.findings import BookError
from book.core.markdown import VALUE, Fence, find_fences, outside_fences
from book.core.page import Block
from book.core.site import Book
from book.draw import equation_badge, glossary, run_report
from book.draw.values import Scope
from book.evidence import long_run, record
from book.evidence.record import FIGURE, Record

AFTER_SNIPPETS = 27
"""Priority between pymdownx.snippets (32, whitespace 30) and pymdownx.superfences (25)."""
AFTER_INLINE = 15
"""Priority after Python-Markdown's inline patterns (20), when images are elements."""

SCRIPT = re.compile(r"^<!--\s*script:\s*(?P<file>\S+)\s*-->\s*$")
TABLE = re.compile(r"^<!--\s*(?P<what>report|glossary)(?::\s*(?P<part>\S+))?\s*-->\s*$")
_MARKER = re.compile(r"^\x02book-block:(\d+)\x03$")
_STASH = re.compile(r"^\x02wzxhzdk:\d+\x03$")
_ANNOTATION = re.compile(r"#\s*\(\d+\)!?\s*$", re.MULTILINE)
_SECTION_MARK = re.compile(r"^[ \t]*#[ \t]*-+8<-+[ \t]*\[.*\][ \t]*\n", re.MULTILINE)
_AROUND_MARKS = re.compile(rf"^\n*(?:{_SECTION_MARK.pattern}\n*)+", re.MULTILINE)
_ANNOTATION_MARK = re.compile(r"[ \t]*#\s*\(\d+\)!?[ \t]*$", re.MULTILINE)


@dataclass
class _Run:
    """What the two processors share while one page is converted."""

    fences: Sequence[Fence] = ()
    blocks: Sequence[Block] = ()


class BookExtension(Extension):
    """The Markdown extension ``book.draw.extension``.

    Options:
        language: ``zh`` or ``en``.
        base: prefix from the page to the root of its site, such as ``../../``; ``book.publish.plugin`` sets it.
            Where it is empty, figures are put into the page itself and scripts have no download link.
        root: folder of the checkout.
    """

    def __init__(self, **options: Any) -> None:
        """Declare the options."""
        self.config = {
            "language": ["zh", "language of the words the extension adds"],
            "base": ["", "prefix from the page to the root of its site"],
            "root": [str(Book().root), "folder of the checkout"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the processors."""
        run, book = _Run(), Book(Path(self.getConfig("root")))
        language, base = self.getConfig("language"), self.getConfig("base")
        md.registerExtension(self)
        md.preprocessors.register(_Find(md, book, run, language, base), "book-find", AFTER_SNIPPETS)
        md.treeprocessors.register(_Draw(md, book, run, language, base), "book-draw", AFTER_INLINE)
        equation_badge.register(md, book, language)


class _Find(Preprocessor):
    """Finds the blocks, leaves a marker under each, and replaces inline values and script directives."""

    def __init__(self, md: Markdown, book: Book, run: _Run, language: str, base: str) -> None:
        super().__init__(md)
        self.book, self.found, self.language, self.base = book, run, language, base
        self.words = book.words(language, "block")

    def run(self, lines: list[str]) -> list[str]:
        fences = find_fences(lines, lambda i: i + 1, "page")
        codes = [(fence.kind, _canonical(self.book, fence)) for fence in fences]
        names = chain.names(codes)
        blocks = [Block(n, "", i, f.kind, f.code, 0) for i, (n, f) in enumerate(zip(names, fences, strict=True))]
        self.found.fences, self.found.blocks = fences, blocks
        scope = Scope(self.book, blocks, "\n".join(lines))
        result = list(lines)
        for i, line in outside_fences(lines):
            above = sum(fence.closing < i for fence in fences)
            if "`{python}" in line:
                in_image = line.lstrip().startswith("![")
                result[i] = VALUE.sub(partial(self._value, scope, above, in_image), line)
            elif match := SCRIPT.match(line):
                result[i] = self._stash(self._script(match["file"]))
            elif match := TABLE.match(line):
                result[i] = self._stash(self._table(match["what"], match["part"] or ""))
        for i, fence in reversed(list(enumerate(fences))):
            marker = f"{fence.indent}\x02book-block:{i}\x03"
            result[fence.closing + 1 : fence.closing + 1] = ["", marker, ""]
        return result

    def _stash(self, content: str) -> str:
        return str(self.md.htmlStash.store(content))

    def _value(self, scope: Scope, after: int, plain: bool, match: re.Match[str]) -> str:
        expression = match["expression"]
        try:
            text = scope.evaluate(expression, after)
        except ValueError as problem:
            reason = html.escape(self.words["no-value"].format(problem))
            return self._stash(
                f'<span class="value value-missing" data-value="{html.escape(expression)}">⚠ {reason}</span>'
            )
        if plain:
            return text
        title = html.escape(self.words["value"].format(expression))
        return self._stash(
            f'<span class="value" data-value="{html.escape(expression)}" title="{title}">{html.escape(text)}</span>'
        )

    def _table(self, what: str, part: str) -> str:
        """Draw one of the tables that the book makes of its records and of its data."""
        if what == "report":
            return run_report.draw(self.book, self.language, self.base, part)
        return glossary.draw(self.book, self.language, self.base)

    def _script(self, name: str) -> str:
        """Draw a whole script, folded, with its download."""
        file = self.book.snippets / name
        if not file.is_file():
            return f'<p class="block-warning">⚠ snippets/{html.escape(name)}: ?</p>'
        code = clean_script(file.read_text(encoding="utf-8"))
        drawn = highlight(code, PythonLexer(), HtmlFormatter(cssclass="language-python highlight", wrapcode=True))
        short = html.escape(name.rpartition("/")[2])
        link = ""
        if self.base:
            address = f"{self.base}assets/scripts/{html.escape(name)}"
            words = self.words["download"].format(short)
            link = f'<p><a class="script-download md-button" href="{address}" download>{words}</a></p>'
        summary = self.words["script"].format(f"<code>{short}</code>")
        return f'<details class="whole-script"><summary>{summary}</summary>{link}{drawn}</details>'


def _canonical(book: Book, fence: Fence) -> str:
    try:
        return inputs.canonical(book, fence.code, fence.kind)
    except SyntaxError:  # `book check` names the place; here the block simply has no record
        return fence.code


def clean_script(text: str) -> str:
    """Return a snippet as its reader downloads it: without section markers and annotation marks.

    Of the blank lines above and below a marker the larger number stays.
    """
    text = _AROUND_MARKS.sub(lambda match: "\n" * max(map(len, _SECTION_MARK.split(match[0]))), text)
    return _ANNOTATION_MARK.sub("", text).strip("\n") + "\n"


class _Draw(Treeprocessor):
    """Gathers each block, its annotations, its outputs and its badge in one container; places the figures."""

    def __init__(self, md: Markdown, book: Book, run: _Run, language: str, base: str) -> None:
        super().__init__(md)
        self.book, self.found, self.language, self.base = book, run, language, base
        self.words = book.words(language, "block")
        self._current: Record | None = None

    def run(self, root: etree.Element) -> None:
        self._current = None
        self._walk(root)

    def _walk(self, parent: etree.Element) -> None:
        i = 0
        while i < len(parent):
            child = parent[i]
            match = _MARKER.match((child.text or "").strip()) if child.tag == "p" and not len(child) else None
            if match:
                i = self._gather(parent, i, int(match[1]))
                continue
            for position, image in enumerate(list(child)):
                if image.tag == "img" and image.get("src", "").startswith("figure:"):
                    child[position] = self._figure(image)
            if (
                child.tag == "p"
                and len(child) == 1
                and child[0].tag == "book-figure"
                and not (child.text or "").strip()
            ):
                child.text, tail = child[0].text, child[0].tail
                child.remove(child[0])
                child.text = f"{child.text}{tail or ''}"
            self._walk(child)
            i += 1

    def _gather(self, parent: etree.Element, at: int, index: int) -> int:
        """Replace the code, the marker and the annotations by one container; return the index after it."""
        block = self.found.blocks[index]
        container = etree.Element("div", {"class": "block", "id": block.anchor, "data-block": block.name})
        marker = parent[at]
        before = parent[at - 1] if at and _STASH.match((parent[at - 1].text or "").strip()) else None
        follows = parent[at + 1] if at + 1 < len(parent) else None
        if before is not None:
            container.append(before)
        if follows is not None and follows.tag == "ol" and _ANNOTATION.search(block.code):
            container.append(follows)
            parent.remove(follows)
        evidence = etree.SubElement(container, "p")
        evidence.text = str(self.md.htmlStash.store(self._evidence(block, container)))
        place = at
        parent.remove(marker)
        if before is not None:
            parent.remove(before)
            place -= 1
        parent.insert(place, container)
        return place + 1

    def _evidence(self, block: Block, container: etree.Element) -> str:
        """Return outputs and badge of a block as HTML; mark its container."""
        kept = record.kept(self.book, block.name)
        self._current = shown = kept.shown
        if kept.damage:
            return self._warning(container, self.words["broken"].format(kept.damage[0].problem))
        if shown is None:
            return self._warning(container, self.words["missing"])
        container.set("data-seconds", f"{shown.result.seconds:g}")
        container.set("data-device", shown.device)
        warning = self._warning(container, self.words["outdated"].format(kept.why)) if kept.why else ""
        outputs = "".join(draw_output(output, self.words["output"]) for output in shown.result.outputs)
        return outputs + self._long_runs(block) + self._badge(kept.records) + warning

    def _long_runs(self, block: Block) -> str:
        """Say of each result of a long run that the block reads how it came about."""
        shown = ""
        for name, file in inputs.named(self.book, block.code, block.kind).items():
            try:
                run = long_run.load(self.book, file) if file.parent == self.book.long else None
            except BookError as problem:
                shown += f'<p class="block-warning">⚠ {html.escape(problem.findings[0].problem)}</p>'
                continue
            if run:
                address = f"{self.base}{inputs.address(name)}" if self.base else ""
                link = f'<a href="{address}" download><code>{name}</code></a>' if address else f"<code>{name}</code>"
                minutes = f"{run.seconds / 60:.0f}" if run.seconds >= 600 else f"{run.seconds / 60:.1f}"
                about = html.escape(f"{run.circumstances.machine}, {run.circumstances.date}")
                words = self.words["long"].format(f"<code>{run.script.rpartition('/')[2]}</code>", minutes, link)
                shown += f'<p class="block-long">{words} ({about})</p>'
        return shown

    def _warning(self, container: etree.Element, text: str) -> str:
        container.set("class", "block block-missing")
        return f'<p class="block-warning">⚠ {html.escape(text)}</p>'

    def _badge(self, kept: Sequence[Record]) -> str:
        spent = [(r.result.seconds, r.device.upper()) for r in kept]
        times = [f"{self.words['seconds'].format(s, 1 if s >= 0.95 else 2)} · {device}" for s, device in spent]
        rows = "".join(self._rows(r) for r in kept)
        return (
            '<details class="block-badge"><summary><span class="block-mark" aria-hidden="true">✓</span> '
            f"{self.words['ran']} · {' · '.join(times)}</summary><dl>{rows}</dl></details>"
        )

    def _rows(self, kept: Record) -> str:
        c = kept.circumstances
        versions = ", ".join([
            f"Python {c.python}",
            *(f"{name} {version}" for name, version in c.versions.items()),
        ])
        rows = {
            "date": c.date,
            "machine": c.machine,
            "system": f"{c.system}, {self.words['threads']} {c.threads}",
            "memory": f"{kept.result.peak_memory / 1e6:.0f} MB",
            "versions": versions,
            "data": "; ".join(c.data),
            "record": f"{kept.name}/{kept.device}",
        }
        return "".join(f"<dt>{self.words[k]}</dt><dd>{html.escape(v)}</dd>" for k, v in rows.items() if v)

    def _figure(self, image: etree.Element) -> etree.Element:
        """Return the element that takes the place of ``![alt](figure:N "caption")``."""
        number = image.get("src", "").removeprefix("figure:")
        names = list(self._current.result.figures) if self._current else []
        element = etree.Element("book-figure")
        element.tail = image.tail
        if self._current is None or not number.isdigit() or not 1 <= int(number) <= len(names):
            content = f'<p class="block-warning">⚠ {html.escape(self.words["no-figure"])}</p>'
        else:
            content = self._pictures(self._current.name, names[int(number) - 1], image)
        element.text = str(self.md.htmlStash.store(content))
        return element

    def _pictures(self, block: str, name: str, image: etree.Element) -> str:
        shown = pictures(self.book, block, name, image.get("alt", ""), self.base)
        caption = html.escape(image.get("title", ""))
        caption = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f'<figure class="block-figure" data-block="{block}">{shown}{caption}</figure>'


def pictures(book: Book, block: str, name: str, alt: str, base: str) -> str:
    """Return the images of a figure, one for light and one for dark pages.

    Args:
        book: the checkout.
        block: name of the block that drew it.
        name: its file beside the block's record.
        alt: text for those who cannot see it.
        base: prefix from the page to the root of its site; where it is empty, the images are put into the page itself.
    """
    file = book.records / block / name
    size = picture_size(file.read_bytes()) if name.endswith(".svg") else ""
    variants = {"": "only-light", ".dark": "only-dark"} if name.endswith(".svg") else {"": "any"}
    shown = ""
    for suffix, css in variants.items():
        source = f"{base}assets/figures/{figure_address(block, name, suffix)}"
        if not base:
            source = _embedded(file, dark=bool(suffix))
        shown += f'<img class="{css}" src="{source}" alt="{html.escape(alt)}"{size} loading="lazy" decoding="async">'
    return shown


LIGHT_INK = "#1b2733"
"""Colour of text and axes in ``book/matplotlibrc``."""
DARK_INK = "#d5dbe3"
"""What replaces it on dark pages."""


def for_dark(svg: bytes) -> bytes:
    """Return a picture with its text and axes in the colour for dark pages."""
    return svg.replace(LIGHT_INK.encode(), DARK_INK.encode())


def figure_address(block: str, name: str, suffix: str = "") -> str:
    """Return a picture's address under ``assets/figures/``; ``suffix`` is ``.dark`` for the dark variant."""
    stem, _, ending = name.rpartition(".")
    return f"{block}-{stem}{suffix}.{ending}"


def _embedded(file: Any, dark: bool) -> str:
    import base64

    content = for_dark(file.read_bytes()) if dark else file.read_bytes()
    mime = "image/svg+xml" if file.suffix == ".svg" else "image/png"
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def picture_size(svg: bytes) -> str:
    """Return width and height attributes from an SVG's own size in points, so that the page does not jump."""
    match = re.search(rb'<svg[^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"', svg)
    if not match:
        return ""
    width, height = (round(float(value) * 96 / 72) for value in match.groups())
    return f' width="{width}" height="{height}"'


def draw_output(output: dict[str, Any], name: str) -> str:
    """Draw one output in notebook format; figures are placed by the page itself."""
    label = html.escape(name)
    if output["output_type"] == "stream":
        kind = " block-stderr" if output["name"] == "stderr" else ""
        text = html.escape(output["text"].rstrip("\n"))
        return f'<div class="block-output{kind}" role="group" aria-label="{label}"><pre tabindex="0">{text}</pre></div>'
    data = output.get("data", {})
    if FIGURE in data:
        return ""
    if "text/html" in data:
        return f'<div class="block-html" role="group" aria-label="{label}">{data["text/html"]}</div>'
    text = html.escape(str(data.get("text/plain", "")))
    return f'<div class="block-output" role="group" aria-label="{label}"><pre tabindex="0">{text}</pre></div>'


def makeExtension(**options: Any) -> BookExtension:
    """Return the extension; Python-Markdown calls this."""
    return BookExtension(**options)
