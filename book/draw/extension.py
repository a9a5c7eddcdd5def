"""Draw the evidence into the page: outputs, figures and badge under each block, inline values, checks of equations.

A Markdown extension that only draws. It finds the page's blocks in the text itself, names them by their chain and
looks their records up, so it needs to know neither the page's path nor MkDocs, and works wherever
Python-Markdown does. A record that is missing is shown loudly; ``book.check`` is what refuses to publish.
"""

import html
import logging
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from book.core import inputs, store, syntax
from book.core.findings import BookError, error
from book.core.markdown import KINDS, Comment, Image, Value, find_fences, scan
from book.core.page import Block, Page
from book.core.site import Book
from book.draw import (
    changes,
    equation_badge,
    figures,
    glossary,
    headline,
    receipt,
    resources,
    run_report,
    sources,
    thin,
)
from book.draw.formulas import FormulaExtension
from book.draw.values import SWEPT, Scope, blocks_of, variables
from book.evidence import long_run, measured, outputs, record, repeated, sweep
from book.evidence.record import Record

AFTER_SNIPPETS = 27
"""Priority between pymdownx.snippets (32, whitespace 30) and pymdownx.superfences (25)."""
BEFORE_INLINE = 30
"""Priority before Python-Markdown's inline patterns (20), which draw what captions say."""

_ANNOTATION = re.compile(r"[ \t]*#\s*\(\d+\)!?[ \t]*$", re.MULTILINE)
_SECTION_MARK = re.compile(r"^[ \t]*#[ \t]*-+8<-+[ \t]*\[.*\][ \t]*\n", re.MULTILINE)
_AROUND_MARKS = re.compile(rf"^\n*(?:{_SECTION_MARK.pattern}\n*)+", re.MULTILINE)
_MARKUP = re.compile(r"\\(?=[\\`*_{}\[\]$])|\$|\*\*|`")
_COUNTED = re.compile(r"\b(page|book)\.")
_RESULTS = re.compile(r"""\bresults\[["'](?P<page>.+?)["']\]""")

log = logging.getLogger("mkdocs.book.draw")


class BookExtension(Extension):
    """The Markdown extension ``book.draw.extension``.

    Options:
        language: as ``book.toml`` names it.
        base: prefix from the page to the root of its site, such as ``../../``; ``book.publish.plugin`` sets it.
            Where it is empty, figures are put into the page itself and scripts have no download link.
        root: folder of the checkout.
        records: folder of the records, as seen from there.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {
            "language": [Book().languages[0], "language of the words the extension adds"],
            "base": ["", "prefix from the page to the root of its site"],
            "root": [str(Book().root), "folder of the checkout"],
            "records": ["records", "folder of the records"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register the processors; superfences hands over the fences that run, and must have been loaded before."""
        book, language = Book(Path(self.getConfig("root")), Path(self.getConfig("records"))), self.getConfig("language")
        page = _Drawing(md, book, language, self.getConfig("base"))
        md.registerExtension(self)
        md.preprocessors.register(page, "book-find", AFTER_SNIPPETS)
        md.treeprocessors.register(_Gather(md, page), "book-draw", BEFORE_INLINE)
        superfences: Any = next((each for each in md.registeredExtensions if hasattr(each, "superfences")), None)
        if superfences is None:
            raise error("pymdownx.superfences is not loaded", "name it above book.draw.extension", "mkdocs.yml")
        plain = superfences.superfences[0]
        for kind in KINDS:
            formatter = partial(page.code, plain["formatter"])
            superfences.extend_super_fences(kind, formatter, plain["validator"], None)
        md.treeprocessors.register(sources.Signs(md, book, language), "book-sources", sources.AFTER_INLINE)
        equation_badge.register(md, book, language)
        drawn = receipt.Receipt(md, book, language, lambda: page.blocks)
        md.treeprocessors.register(drawn, "book-receipt", receipt.AFTER_DRAWING)
        FormulaExtension(language=language).extendMarkdown(md)
        md.treeprocessors.register(headline.Phrases(md), "book-headline", headline.AFTER_TOC)
        thin.ThinExtension().extendMarkdown(md)


class _Drawing(Preprocessor):
    """Finds what the page shows of its runs, and puts a placeholder of Python-Markdown's stash in the place of each."""

    def __init__(self, md: Markdown, book: Book, language: str, base: str) -> None:
        super().__init__(md)
        self.book, self.language, self.base = book, language, base
        self.words = book.words(language, "block")
        self.blocks: Sequence[Block] = ()
        self.code_at: dict[str, Block] = {}
        """The blocks by the placeholder of their drawn code."""
        self.figure_at: dict[str, tuple[Block | None, int, str, str]] = {}
        """By placeholder: the block above a figure, its number, its alternative text and its caption."""

    def run(self, lines: list[str]) -> list[str]:
        """Replace inline values, figures, scripts and tables."""
        found, fences = scan(lines), find_fences(lines, lambda i: i + 1, "page")
        names = syntax.names([(fence.info, _canonical(self.book, fence.info, fence.code)) for fence in fences])
        pairs = enumerate(zip(names, fences, strict=True))
        self.blocks = [Block(name, "", i, fence.info, fence.code, 0) for i, (name, fence) in pairs]
        self.code_at, self.figure_at = {}, {}
        scope = Scope(self.book, self.blocks, found.text)
        text = found.text
        for token in reversed(found.of(Value, Comment, Image)):
            above = sum(fence.last < token.line for fence in fences)
            new: str | None = None
            if isinstance(token, Value) and not found.around(token, Image):
                new = self._value(scope, above, token.expression)
            elif isinstance(token, Image) and token.figure:
                value = partial(_plain_value, scope, above)
                alt, caption = (found.with_values(*extent, value) for extent in token.words)
                new = self._stash("")
                self.figure_at[new] = (self.blocks[above - 1] if above else None, token.figure, alt, caption)
            elif isinstance(token, Comment) and token.alone:
                new = self._directive(token)
            if new is not None:
                text = text[: token.start] + new + text[token.end :]
        return text.split("\n")

    def code(self, plain: Callable[..., str], src: str, language: str, **options: Any) -> str:
        """Draw a fence as superfences would, and remember where the code of a block stands.

        Superfences drops a fence whose formatter fails, and only logs why: here the fence stays, and says so.
        """
        try:
            drawn = plain(src=src, language=language, **options)
        except Exception as problem:
            log.warning("a %s fence cannot be drawn: %s: %s", language, type(problem).__name__, problem)
            drawn = f'<p class="block-warning">⚠ {html.escape(str(problem))}</p><pre>{html.escape(src)}</pre>'
        place = len(self.code_at)
        if place < len(self.blocks) and self.blocks[place].code == src.rstrip("\n"):
            stash = self.md.htmlStash
            self.code_at[stash.get_placeholder(stash.html_counter)] = self.blocks[place]
        return drawn

    def _stash(self, content: str) -> str:
        return str(self.md.htmlStash.store(content))

    def _value(self, scope: Scope, after: int, expression: str) -> str:
        written = html.escape(expression)
        try:
            text = html.escape(scope.evaluate(expression, after))
        except ValueError as problem:
            reason = html.escape(self.words["no-value"].format(problem))
            return self._stash(f'<span class="value value-missing" data-value="{written}">⚠ {reason}</span>')
        css, title = "value", self.words["value"]
        if any(page for page, _ in variables(expression, "")):
            title = self.words["value-elsewhere"]
        elif _COUNTED.search(expression):
            title = self.words["value-counted"]
        above = measured.of_blocks(self.book, self.blocks, elsewhere=False)[after - 1] if after else None
        if measured.reads(expression, above):
            css, title = "value value-measured", self.words["value-measured"]
        title = html.escape(title).format(written)
        if author := html.escape(self._author_of(expression, after)):
            css, title = f"{css} value-author", f"{author} {title}"
        block = scope.origin(expression, after)
        place = block.anchor if block else receipt.ID if "page." in expression else ""
        origin = f' data-from="#{place}"' * bool(place)
        return self._stash(f'<span class="{css}" data-value="{written}"{origin} title="{title}">{text}</span>')

    def _author_of(self, expression: str, after: int) -> str:
        """Say whether a value comes from its author's runs alone: of other seeds, or of a page that is not repeated."""
        swept = SWEPT.search(expression)
        other = swept or _RESULTS.search(expression)
        blocks = blocks_of(self.book, other["page"]) if other and other["page"] else self.blocks
        if swept:
            return self.author("sweeps", sweep.files(self.book, blocks))
        above = blocks if other else blocks[:after]
        shown = record.kept(self.book, above[-1].name).shown if above else None
        return self.author("frameworks", self.cpu(blocks)) if shown and shown.author else ""

    def cpu(self, blocks: Sequence[Block]) -> list[Path]:
        """Return where the records of blocks lie."""
        return [record.path(self.book, block.name, record.DEVICES[0]) for block in blocks]

    def author(self, kind: str, files: Sequence[Path]) -> str:
        """Say that something is its author's run, and when that was last repeated in full."""
        day = repeated.day(self.book, kind, files)
        return self.words["author-run"].format(self.words["repeated"].format(day) if day else self.words["never"])

    def _directive(self, comment: Comment) -> str | None:
        """Draw a whole script, or one of the tables that the book makes of its records and of its data."""
        book, language, argument = self.book, self.language, comment.argument
        draw: Mapping[str, Callable[[], str]] = {
            "report": lambda: run_report.draw(book, language, self.base, argument),
            "glossary": lambda: glossary.draw(book, language, self.base),
            "resources": lambda: resources.draw(book, language),
            "sources": lambda: sources.draw(book, language, self.base, argument),
            "changes": lambda: changes.draw(book, language, self.base),
        }
        if argument:
            named = {"script": self._script, "data": self._archive, "picture": self._picture}
            draw = {**draw, **{name: partial(drawn, argument) for name, drawn in named.items()}}
        return self._stash(draw[comment.name]()) if comment.name in draw else None

    def _picture(self, argument: str) -> str:
        """Draw a figure of another page, beside a link to it: it adorns, and readers who see none miss nothing."""
        try:
            block, name = figures.elsewhere(self.book, self.language, argument)
        except ValueError as problem:
            return f'<p class="block-warning">⚠ {html.escape(str(problem))}</p>'
        drawn = figures.pictures(self.book, self.language, block, name, "", self.base, words=False)
        return f'<div class="book-picture">{drawn}</div>'

    def _archive(self, name: str) -> str:
        """Draw, folded, how a reader gets the archive of a data set, and what it is."""
        archive, words = inputs.archives(self.book).get(name), self.words
        if archive is None:
            return f'<p class="block-warning">⚠ docs/data/{inputs.TABLE}: {html.escape(name)}?</p>'
        command = html.escape(" ".join(archive.command))
        code = f'<div class="language-console highlight"><pre><code>{command}</code></pre></div>'
        size = f"{int(archive.bytes) / 1e6:.{0 if int(archive.bytes) > 1e7 else 1}f}"
        asked = words["archive-command"].format(f"<code>{html.escape(name)}</code>", size)
        about = words["archive-license"].format(html.escape(archive.license), html.escape(archive.source))
        summary = words["archive"].format(html.escape(archive.package))
        return (
            f'<details class="note archive"><summary>{summary}</summary><p>{asked}</p>{code}'
            f"<p>{about} <code>{archive.sha256}</code></p></details>"
        )

    def _script(self, name: str) -> str:
        """Draw a whole script, folded, with its download."""
        store.note(self.book.snippets / name)
        if not (file := self.book.script(name)):
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


def _canonical(book: Book, kind: str, code: str) -> str:
    try:
        return inputs.canonical(book, code, kind)
    except SyntaxError:  # `book check` names the place; here the block simply has no record
        return code


def _plain_value(scope: Scope, after: int, value: Value) -> str:
    """Return a value for a caption: what Markdown or HTML would take for marks is escaped."""
    try:
        text = scope.evaluate(value.expression, after)
    except ValueError as problem:
        text = f"⚠ {problem}"
    return html.escape(re.sub(r"([\\`*_{}\[\]$])", r"\\\1", text), quote=False)


def scripts(book: Book, page: Page) -> Iterator[tuple[str, str]]:
    """Yield name and text of each script that a page shows whole, as its reader downloads it."""
    for comment in page.scan.of(Comment):
        if comment.name == "script" and comment.alone and (file := book.script(comment.argument)):
            yield comment.argument, clean_script(file.read_text(encoding="utf-8"))


def clean_script(text: str) -> str:
    """Return a snippet as its reader downloads it: without section markers and annotation marks.

    Of the blank lines above and below a marker the larger number stays.
    """
    text = _AROUND_MARKS.sub(lambda match: "\n" * max(map(len, _SECTION_MARK.split(match[0]))), text)
    return _ANNOTATION.sub("", text).strip("\n") + "\n"


class _Gather(Treeprocessor):
    """Gathers each block, its annotations, its outputs and its badge in one container; places the figures."""

    def __init__(self, md: Markdown, page: _Drawing) -> None:
        super().__init__(md)
        self.page, self.words = page, page.words

    def run(self, root: etree.Element) -> None:
        """Put every block and figure where its placeholder stands; what is left over stands at the end, loudly."""
        missing = {block.name: block for block in self.page.blocks}
        for parent in list(root.iter()):
            for child in list(parent):
                for match in HTML_PLACEHOLDER_RE.finditer(child.text or ""):
                    if block := self.page.code_at.get(match[0]):
                        missing.pop(block.name, None)
                        self._put(parent, child, match[0], self._block(block, parent, child, match[0]))
                    elif match[0] in self.page.figure_at:
                        self._put(parent, child, match[0], self._figure(*self.page.figure_at[match[0]]))
        for block in missing.values():
            log.warning("block %d is not drawn where it stands", block.index + 1)
            root.append(self._block(block, root, etree.Element("p"), ""))

    def _put(self, parent: etree.Element, child: etree.Element, mark: str, drawn: etree.Element) -> None:
        """Put an element in the place of its placeholder: a paragraph is parted there, anything else holds it."""
        before, _, after = (child.text or "").partition(mark)
        if child.tag != "p":
            child.text, drawn.tail = before, after
            child.insert(0, drawn)
            return
        at = list(parent).index(child)
        if before.strip():
            paragraph = etree.Element("p")
            paragraph.text = before.rstrip()
            parent.insert(at, paragraph)
            at += 1
        parent.insert(at, drawn)
        child.text = after.lstrip()
        if not child.text and not len(child):
            parent.remove(child)

    def _block(self, block: Block, parent: etree.Element, code: etree.Element, mark: str) -> etree.Element:
        """Return the container of a block: its code, its annotations where a list follows, its evidence."""
        container = etree.Element("div", {"class": "block", "id": block.anchor, "data-block": block.name})
        etree.SubElement(container, "p").text = mark
        siblings = list(parent)
        after = siblings[siblings.index(code) + 1 :] if code in siblings else []
        if after and after[0].tag == "ol" and _ANNOTATION.search(block.code):
            container.append(after[0])
            parent.remove(after[0])
        etree.SubElement(container, "p").text = self.md.htmlStash.store(self._evidence(block, container))
        return container

    def _evidence(self, block: Block, container: etree.Element) -> str:
        """Return outputs and badge of a block as HTML; mark its container."""
        kept = record.kept(self.page.book, block.name)
        shown = kept.shown
        if kept.damage:
            return self._warning(container, self.words["broken"].format(kept.damage[0].problem))
        if shown is None:
            return self._warning(container, self.words["missing"])
        container.set("data-seconds", f"{shown.result.seconds:g}")
        container.set("data-device", shown.device)
        warning = self._warning(container, self.words["outdated"].format(kept.why)) if kept.why else ""
        drawn = "".join(
            draw_output(output, self.page.book, self.page.language, block) for output in shown.result.outputs
        )
        return drawn + self._long_runs(block) + self._badge(kept.records) + warning

    def _long_runs(self, block: Block) -> str:
        """Say of each result of a long run that the block reads how it came about."""
        shown, book, base = "", self.page.book, self.page.base
        for name, file in inputs.named(book, block.python).items():
            try:
                run = long_run.load(book, file) if file.parent == book.long else None
            except BookError as problem:
                shown += f'<p class="block-warning">⚠ {html.escape(problem.findings[0].problem)}</p>'
                continue
            if run:
                code = f"<code>{name}</code>"
                link = f'<a href="{base}{inputs.address(name)}" download>{code}</a>' if base else code
                minutes = self.words["minutes"].format(run.seconds / 60, 0 if run.seconds >= 600 else 1)
                took = minutes if run.seconds >= 60 else self.words["under-a-minute"]
                about = html.escape(f"{run.circumstances.machine}, {run.circumstances.date}")
                script = f"<code>{run.script.rpartition('/')[2]}</code>"
                words = self.words["long"].format(script, took, link)
                author = self.page.author("long", long_run.files(file))
                shown += f'<p class="block-long block-author">{words} ({about}) · {author}</p>'
        return shown

    def _warning(self, container: etree.Element, text: str) -> str:
        container.set("class", "block block-missing")
        return f'<p class="block-warning">⚠ {html.escape(text)}</p>'

    def _badge(self, kept: Sequence[Record]) -> str:
        times = []
        for one in kept:
            seconds = self.words["seconds"].format(one.result.seconds, 1 if one.result.seconds >= 0.95 else 2)
            device = f" · {one.device.upper()}" * (len(kept) > 1 or one.device != record.DEVICES[0])
            times += [seconds + device + " ○" * (one.author and one is not kept[0])]
        rows = "".join(self._rows(r) for r in kept)
        css, mark, ran = "", "✓", f'<span class="unseen">{self.words["ran"]}</span>'
        if kept[0].author:
            css, mark, ran = " block-author", "○", f"{self.words['author']} ·"
        return (
            f'<details class="block-badge{css}" data-search-exclude="1"><summary>'
            f'<span class="block-mark" aria-hidden="true">{mark}</span> '
            f"{ran} {' · '.join(times)}</summary><dl>{rows}</dl></details>"
        )

    def _rows(self, kept: Record) -> str:
        c, checks = kept.circumstances, kept.result.checks
        rows = {
            "checks": self.words["tried"].format(checks["assertions"], checks["tried"]) if checks else "",
            "date": c.date,
            "machine": c.machine,
            "system": f"{c.system}, {self.words['threads']} {c.threads}",
            "memory": f"{kept.result.peak_memory / 1e6:.0f} MB",
            "versions": ", ".join([
                f"Python {c.python}",
                *(f"{name} {version}" for name, version in c.versions.items()),
            ]),
            "data": "; ".join(c.data),
            "record": f"{kept.name}/{kept.device}",
            "evidence": self.page.author("frameworks", self.page.cpu(self.page.blocks)) if kept.author else "",
        }
        return "".join(f"<dt>{self.words[k]}</dt><dd>{html.escape(v)}</dd>" for k, v in rows.items() if v)

    def _figure(self, block: Block | None, number: int, alt: str, caption: str) -> etree.Element:
        """Return what takes the place of ``![alt](figure:N "caption")``; the caption is Markdown, the text is not."""
        shown = record.kept(self.page.book, block.name).shown if block else None
        names = list(shown.result.figures) if shown else []
        if block is None or not 1 <= number <= len(names):
            warning = etree.Element("p", {"class": "block-warning"})
            warning.text = f"⚠ {self.words['no-figure']}"
            return warning
        page, plain = self.page, html.unescape(_MARKUP.sub("", alt))
        drawn = figures.pictures(page.book, page.language, block.name, names[number - 1], plain, page.base)
        element = etree.Element("figure", {"class": "block-figure", "data-block": block.name})
        element.text = self.md.htmlStash.store(drawn)
        if caption:
            etree.SubElement(element, "figcaption").text = caption
        return element


def draw_output(output: Mapping[str, Any], book: Book, language: str, block: Block) -> str:
    """Return an output of a block's record as HTML; figures are placed by the page itself."""
    return outputs.draw(output, book.words(language, "block")["output"], partial(_convert, language, block.anchor))


def _convert(language: str, anchor: str, text: str) -> str:
    """Return Markdown that a block put out as HTML; its glyphs have names of their own on the page."""
    extensions: list[str | Extension] = ["tables", "pymdownx.arithmatex", FormulaExtension(language=language)]
    drawn = Markdown(extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}}).convert(text)
    return re.sub(r'( id="| href="#)f-', rf"\1{anchor}-f-", drawn)


makeExtension = BookExtension
"""By this name Python-Markdown finds the extension."""
