"""Typeset formulas at build time, so that the reader's browser fetches and computes nothing for them.

A Markdown extension that turns what pymdownx.arithmatex found into MathJax's SVG, coloured like the text
around it, with MathML beside it for screen readers and the TeX for whoever copies it. Node typesets with MathJax what
is new (``typeset.mjs``: all of the book at once when it is checked), and each formula's picture is kept in
``.cache/formulas``. All pictures of a page share their glyphs, which stand once at its end: with fifty formulas that is
less than half the bytes.

A formula that MathJax refuses is shown loudly and warned of, so that a strict build fails; ``book.check``
finds it first, through ``find`` and ``typeset``.
"""

import contextlib
import hashlib
import html
import json
import logging
import re
import shutil
import subprocess
import xml.etree.ElementTree as etree
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor

from book.core import store
from book.core.findings import error
from book.core.markdown import Formula
from book.core.site import Book

BEFORE_TOC = 6
"""Priority after attribute lists (8) and before the table of contents (5), which must not show TeX."""
WIDE = 15.0
"""Width in em from which an inline formula may not fit on a phone and gets its own scroll box."""
SCRIPT = Path(__file__).with_name("typeset.mjs")
_HEADING = re.compile("h[1-6]")
_REFERENCE = re.compile(r"\\(?:eqref|ref|label)(?![A-Za-z])")

log = logging.getLogger("mkdocs.book.formulas")


class FormulaError(Exception):
    """A formula that MathJax refuses."""

    def __init__(self, formula: Formula, problem: str) -> None:
        super().__init__(f"{problem}: {formula.tex}")
        self.formula = formula
        self.problem = problem


@dataclass(frozen=True)
class Picture:
    """A typeset formula.

    Attributes:
        width, height, depth: of the picture, in em; depth is how far it reaches below the line of text.
        viewBox: of its SVG.
        body: of its SVG; glyphs are referred to as ``#f-...``.
        glyphs: the outlines that ``body`` refers to.
        mathml: content of a ``<math>`` element that says the same.
    """

    width: float
    height: float
    depth: float
    viewBox: str
    body: str
    glyphs: Mapping[str, str]
    mathml: str


def typeset(formulas: Sequence[Formula], cache: Path | None = None) -> list[Picture | FormulaError]:
    """Return each formula's picture, or what MathJax says against it, in the same order; each is typeset once.

    ``cache`` is the folder of the pictures made earlier; the book's own where None.
    """
    folder = Book().cache / "formulas" if cache is None else cache
    done: dict[Formula, Picture | FormulaError | None] = {each: _cached(folder, each) for each in formulas}
    new = [formula for formula, picture in done.items() if picture is None]
    for formula, answer in zip(new, _mathjax(new) if new else (), strict=True):
        if "error" in answer:
            done[formula] = FormulaError(formula, answer["error"])
            continue
        with contextlib.suppress(OSError):  # where the disk is full it is made anew each time
            store.write(_cache_file(folder, formula), store.encode(answer), durable=False)
        done[formula] = Picture(**answer)
    return [picture for formula in formulas if (picture := done[formula])]


@lru_cache(maxsize=1)
def _edition() -> str:
    """What pictures depend on besides their formula: MathJax's version and the script with its options."""
    package = json.loads((Book().root / "package.json").read_text(encoding="utf-8"))
    return str(package["devDependencies"]["mathjax-full"]) + SCRIPT.read_text(encoding="utf-8")


def _cache_file(folder: Path, formula: Formula) -> Path:
    key = json.dumps([_edition(), formula.tex, formula.display])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"


def _cached(folder: Path, formula: Formula) -> Picture | None:
    with contextlib.suppress(OSError, store.Damaged, TypeError):  # nothing depends on this file: its name says it all
        return Picture(**store.decode(_cache_file(folder, formula).read_bytes()))
    return None


def _mathjax(formulas: Sequence[Formula]) -> list[dict[str, Any]]:
    """Return what MathJax makes of formulas, each a picture's fields or an ``error``."""
    node = shutil.which("node")
    if node is None:
        remedy = "install Node.js 20 or newer, then make setup"
        raise error("formulas cannot be typeset: there is no Node.js", remedy)
    if not (Book().root / "node_modules" / "mathjax-full").is_dir():
        raise error("formulas cannot be typeset: MathJax is not installed", "run make setup")
    asked = "".join(f"{json.dumps(asdict(formula))}\n" for formula in formulas)
    done = subprocess.run([node, str(SCRIPT)], input=asked, capture_output=True, encoding="utf-8")
    answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    if len(answers) < len(formulas):
        complaint = done.stderr.strip() or f"exit status {done.returncode}"
        raise error(f"formulas cannot be typeset: MathJax stopped ({complaint})", "run make setup", SCRIPT)
    for formula, answer in zip(formulas, answers, strict=True):
        if match := _REFERENCE.search(formula.tex):
            lone = "finds nothing, each formula stands alone; link to the equation instead: [...](#equation-ID)"
            answer["error"] = f"{match[0]} {lone}"
    return answers


class FormulaExtension(Extension):
    """Draws the formulas that pymdownx.arithmatex (``generic: true``) marked."""

    def __init__(self, **options: Any) -> None:
        self.config = {"language": [Book().languages[0], "language of the labels, as book.toml names it"]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Run once the page is a tree."""
        md.treeprocessors.register(_Draw(md, self.getConfig("language")), "book-formulas", BEFORE_TOC)


class _Draw(Treeprocessor):
    """Fills the marked elements with pictures and puts the page's glyphs at its end."""

    def __init__(self, md: Markdown, language: str) -> None:
        super().__init__(md)
        self.words = Book().words(language, "formula")

    def run(self, root: etree.Element) -> None:
        _warn_of_leftovers(root)
        places = [place for place in root.iter() if "arithmatex" in place.get("class", "").split()]
        in_headings = {part for head in root.iter() if _HEADING.fullmatch(str(head.tag)) for part in head.iter()}
        results = typeset([_formula(place) for place in places])
        glyphs: dict[str, str] = {}
        for place, result in zip(places, results, strict=True):
            formula = _formula(place)
            if isinstance(result, FormulaError):
                log.warning("MathJax refuses a formula: %s", result)
                place.set("class", "arithmatex formula-error")
                problem = html.escape(self.words["error"].format(result.problem))
                content = f"⚠ {problem} <code>{html.escape(formula.tex)}</code>"
            else:
                glyphs |= result.glyphs
                place.set("data-tex", formula.tex)
                content = self._content(formula, result, place in in_headings)
            place.text = self.md.htmlStash.store(content)
        if glyphs:
            paths = "".join(f'<path id="{name}" d="{outline}"/>' for name, outline in sorted(glyphs.items()))
            sheet = f'<div class="formula-glyphs" hidden><svg><defs>{paths}</defs></svg></div>'
            etree.SubElement(root, "p").text = self.md.htmlStash.store(sheet)

    def _content(self, formula: Formula, picture: Picture, in_heading: bool) -> str:
        """Return picture and MathML, in a box that can scroll where it may have to."""
        svg = (
            f'<svg width="{picture.width:g}em" height="{picture.height:g}em" viewBox="{picture.viewBox}"'
            f' style="vertical-align:{-picture.depth:g}em" fill="currentColor" aria-hidden="true"'
            f' focusable="false">{picture.body}</svg>'
        )
        if in_heading:  # the tables of contents and of the search show a heading's text: not the TeX, too
            return f"<mjx-container>{svg}<math>{picture.mathml}</math></mjx-container>"
        kind = ' display="block"' if formula.display else ""
        unsearched = ' data-search-exclude="1"'  # elsewhere the search shows the TeX of a formula within a line
        math = (
            f"<math{kind}><semantics><mpadded{unsearched}>{picture.mathml}</mpadded>"
            f'<annotation encoding="application/x-tex">{html.escape(formula.tex)}</annotation></semantics></math>'
        )
        box = ""
        if formula.display or picture.width >= WIDE:
            box = f' role="group" aria-label="{self.words["formula"]}" tabindex="0"'
            depth = f"vertical-align:{-picture.depth:g}em"
            box += unsearched if formula.display else f' class="formula-wide" style="{depth}"'
        return f"<mjx-container{box}>{svg}{math}</mjx-container>"


def _warn_of_leftovers(root: etree.Element) -> None:
    """Warn of displayed formulas that arithmatex took for text."""
    for element in root.iter():
        if element.tag not in ("code", "pre") and "arithmatex" not in element.get("class", ""):
            text = "".join([element.text or "", *(child.tail or "" for child in element)])
            if "$$" in text:
                log.warning("a displayed formula needs an empty line above and below: %s", text.strip())


def _formula(place: etree.Element) -> Formula:
    """Return the formula of an element that arithmatex made, without its delimiters (two characters each)."""
    text = (place.text or "").strip()
    return Formula(text[2:-2].strip(), display=text.startswith("\\["))


makeExtension = FormulaExtension
"""By this name Python-Markdown finds the extension."""
