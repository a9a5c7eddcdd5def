"""Figures as the page shows them: from files beside the record, for light and for dark pages, in the page's language.

The text of a figure is text (``svg.fonttype: none`` in ``book/run/matplotlibrc``). Here it gets the page's own face
and, by ``docs/data/figure_words.csv``, its language; the words also stand unseen beside the picture, where the site's
search and screen readers find them. Pictures stay files of their own: set into the page they would add up to a quarter
to what a browser must have before it shows anything.
"""

import html
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path

from book.core import store
from book.core.findings import Finding
from book.core.markdown import Heading, Image
from book.core.page import Page, read
from book.core.site import Book, rows
from book.equations.latex.parser import FUNCTIONS
from book.evidence import outputs, record

LIGHT_INK = "#1b2733"
"""Color of text and axes in ``book/run/matplotlibrc``."""
DARK_INK = "#d5dbe3"
"""What replaces it on dark pages."""
VARIANTS = {"": ("only-light", LIGHT_INK), ".dark": ("only-dark", DARK_INK)}
"""By what is added to the name of an SVG's file: the CSS class of its image, and the color of its text and axes."""

COLORS = {
    "#1f77b4": "#3b82c4",
    "#ff7f0e": "#e07b39",
    "#2ca02c": "#2f9e77",
    "#d62728": "#d1495b",
    "#9467bd": "#7a6fd0",
    "#7f7f7f": "#8a94a0",
}
"""Matplotlib's own colors, by which code may ask (``tab:blue``), and those of the book that stand for them, so that a
line and its points have one color, however their code says it."""

_TAB = re.compile("|".join(COLORS))
_LABEL = re.compile(
    r"<!-- (?P<tex>.*?) -->(?P<formula>\s*<g [^>]*>\s*<text>.*?</g>)?|<text\b[^>]*>(?P<text>[^<]+)</text>", re.S
)
_FACE = re.compile(r" font-family: [^;\"]*'DejaVu Sans'[^;\"]*;?")
_SIZE = re.compile(rb'<svg[^>]*?width="([\d.]+)pt"[^>]*?height="([\d.]+)pt"')
_FONT_SIZE = re.compile(r"font-size: [\d.]+px")
_NUMBER = re.compile(r"[-−]?\d(?:[\d.,]*\d)?%?")
_MARKUP = re.compile(rf"\$|\\(?!(?:{'|'.join(FUNCTIONS)})\b)[A-Za-z]+|[\\{{}}^]")
_SPOKEN = re.compile(r"[^\W\d_]{2}|[^\W\d_A-Za-z]")
_WORD = re.compile(r"(?<![A-Za-z])[a-z]{2,}(?![A-Za-z])")


# --- Words ----------------------------------------------------------------------------------------------------------


def words_file(book: Book) -> Path:
    """Return where the translations lie: ``label`` as drawn, with ``{}`` for numbers, and a column a language."""
    return book.root / "docs" / "data" / "figure_words.csv"


@store.cached
def _words(book: Book) -> Mapping[str, Mapping[str, str]]:
    table = rows(words_file(book))
    return {row["label"]: {column: cell.strip() for column, cell in row.items()} for _, row in table}


def translation(book: Book, language: str, label: str) -> str:
    """Return a label in a language; as it is where the table has no word for it."""
    words = _words(book)
    if exact := words.get(label, {}).get(language):
        return exact
    found = words.get(_NUMBER.sub("{}", label), {}).get(language)
    return found.format(*_NUMBER.findall(label)) if found else label


def needs_translation(label: str) -> bool:
    """Tell whether a label has words of a language; numbers, symbols, and names with capital letters are none."""
    return bool(_WORD.search(_MARKUP.sub(" ", re.sub(r"\$.*?\$", "", label))))


def labels(svg: str) -> list[str]:
    """Return the texts of a figure, each once, as its code wrote them."""
    found = (html.unescape(match["tex"] or match["text"] or "").strip() for match in _LABEL.finditer(svg))
    return [label for label in dict.fromkeys(found) if label]


def untranslated(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each label without a translation, on a page with ``figures: translated``."""
    if page.meta.get("figures") != "translated":
        return
    lines = {(image.figure, page.scan.above(image)): page.line_of(image) for image in page.scan.of(Image)}
    words, table = _words(book), book.shown(words_file(book))
    if words and not any(page.language in row for row in words.values()):
        problem = f"{table} has no column {page.language}: the labels are shown as they are drawn"
        yield Finding(book.shown(page.file), page.meta_lines.get("figures", 1), problem, "delete figures: translated")
        return
    for block in page.blocks:
        if not (shown := record.kept(book, block.name).shown):
            continue
        for number, name in enumerate(shown.result.figures, start=1):
            line = lines.get((number, block.index + 1), block.line)
            for label in labels(_read(book, block.name, name)) if name.endswith(".svg") else ():
                known = words.get(label) or words.get(_NUMBER.sub("{}", label))
                if needs_translation(label) and not (known and known.get(page.language)):
                    problem = f"figure {number} of block {block.index + 1} has no {page.language} words for {label!r}"
                    remedy = f"add a row to {table}"
                    yield Finding(book.shown(page.file), line, problem, remedy)


def _read(book: Book, block: str, name: str) -> str:
    return record.picture(book, block, name).read_text(encoding="utf-8")


# --- Pictures -------------------------------------------------------------------------------------------------------


def files(book: Book, language: str, block: str, name: str) -> dict[str, bytes]:
    """Return the files of a figure (``name`` beside a block's record): name below ``assets/figures/``, content."""
    content = record.picture(book, block, name).read_bytes()
    if not name.endswith(".svg"):
        return {f"{block}-{name}": content}
    return {
        f"{block}-{name.removesuffix('.svg')}{suffix}.svg": _on_page(book, language, content.decode(), ink).encode()
        for suffix, (_, ink) in VARIANTS.items()
    }


def _on_page(book: Book, language: str, svg: str, ink: str) -> str:
    """Return a figure in the face, the language and the color of a page."""

    def label(match: re.Match[str]) -> str:
        written = html.unescape(match["tex"] or match["text"])
        told = html.escape(translation(book, language, written.strip()), quote=False)
        if match["text"]:
            if not written.strip():  # a space can be a label, too
                return match[0]
            opening = match[0][: match.start("text") - match.start()]  # its attributes may hold the same letters
            return f"{opening}{told}</text>"
        if match["formula"] and told != html.escape(written, quote=False):
            size = _FONT_SIZE.search(match["formula"])  # its letters had it, one by one
            text = f'<text style="{size[0]}">{told}</text>' if size else f"<text>{told}</text>"
            return re.sub(r"<text>.*</text>", lambda _: text, match[0], flags=re.DOTALL)
        return match[0]

    if "<text" in svg:
        style = f"<style>text{{font-family:{book.words(language, 'figure')['face']}}}</style>"
        svg = _FACE.sub("", _LABEL.sub(label, svg)).replace("<defs>", f"<defs>{style}", 1)
    return _TAB.sub(lambda color: COLORS[color[0]], svg).replace(LIGHT_INK, ink)


def of_image(book: Book, page: Page, image: Image) -> tuple[str, str] | None:
    """Return block and name of the figure that an image of a page places; None where it is not drawn yet."""
    above = page.scan.above(image)
    block = page.blocks[above - 1] if image.figure and above else None
    shown = record.kept(book, block.name).shown if block else None
    names = list(shown.result.figures) if shown else []
    return (block.name, names[image.figure - 1]) if block and image.figure <= len(names) else None


def elsewhere(book: Book, language: str, argument: str) -> tuple[str, str]:
    """Return block and name of a figure of another page: ``part/name#heading``, or `` 2`` behind it for the second.

    Raises:
        ValueError: there is none; the message says what is missing.
    """
    address, _, number = argument.partition(" ")
    name, _, heading = address.partition("#")
    if name not in book.page_names(language):
        raise ValueError(f"no page {name!r}")
    page = read(book, language, name)
    top = next((each for each in page.scan.of(Heading) if each.id == heading), None)
    if top is None:
        raise ValueError(f"no heading {heading!r} on {name}")
    below = [image for image in page.scan.of(Image) if image.figure and image.line > top.line]
    at = int(number or 1) - 1 if (number or "1").isdecimal() else -1
    if not 0 <= at < len(below):
        raise ValueError(f"no figure {number or 1} below {heading!r} on {name}")
    if not (placed := of_image(book, page, below[at])):
        raise ValueError(f"the figure below {heading!r} on {name} is not drawn yet")
    return placed


def pictures(book: Book, language: str, block: str, name: str, alt: str, base: str, *, words: bool = True) -> str:
    """Return what shows a figure (``name`` beside a block's record), with its words for those who cannot see it.

    Without ``words`` these are left out. Where ``base``, the prefix from the page to the root of its site, is empty,
    the figure is put into the page itself.
    """
    kind, drawn = outputs.of_file(name), ""
    content = record.picture(book, block, name).read_bytes()
    size = _size(content) if kind.is_text else ""
    classes = [css for css, _ in VARIANTS.values()] if kind.is_text else ["any"]
    for css, (address, shown) in zip(classes, files(book, language, block, name).items(), strict=True):
        source = f"{base}assets/figures/{address}" if base else f"data:{kind.mime};base64,{b64encode(shown).decode()}"
        drawn += kind.figure.format(css=css, source=source, alt=html.escape(alt), size=size)
    written = labels(content.decode()) if kind.is_text else []
    told = dict.fromkeys(_MARKUP.sub("", translation(book, language, label)) for label in written)
    spoken = " · ".join(label for label in told if _SPOKEN.search(label))
    if words and spoken:
        before = book.words(language, "figure")["words"]
        drawn += f'<span class="figure-words">{html.escape(before.format(spoken))}</span>'
    return drawn


def _size(svg: bytes) -> str:
    """Return width and height attributes from an SVG's own size in points, so that the page does not jump."""
    match = _SIZE.search(svg)
    width, height = (round(float(value) * 96 / 72) for value in match.groups()) if match else (0, 0)
    return f' width="{width}" height="{height}"' if match else ""
