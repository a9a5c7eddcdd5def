"""The Markdown of a page, as far as the book must understand it: fences that run, headings, formulas, inline values."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pymdownx.arithmatex import (
    RE_BRACKET_BLOCK,
    RE_BRACKET_INLINE,
    RE_DOLLAR_BLOCK,
    RE_SMART_DOLLAR_INLINE,
    RE_TEX_BLOCK,
)
from pytest_codeblocks import extract_from_buffer

from book.core.findings import error

KINDS = ("python", "bash")
"""Info strings of the fences that run."""

INCLUDE = re.compile(r"""^\s*-{1,}8<-{1,}[ \t]+(["'])(?P<target>.+?)\1\s*$""")
FENCE = re.compile(r"^\s*(?P<ticks>`{3,})(?P<info>[^`]*)$")
VALUE = re.compile(r"`\{python\}\s+(?P<expression>[^`]+?)\s*`")
HEADER = re.compile(r"\A---\r?\n(?P<yaml>.*?)^---\s*$\n?", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(?P<level>#{1,6})\s+(?P<title>.*?)\s*(?:\{[^}]*#(?P<id>[\w-]+)[^}]*\})?\s*$")
FIGURE_IMAGE = re.compile(r'!\[(?P<alt>[^\]]*)\]\(figure:(?P<number>\d+)(?:\s+"(?P<caption>[^"]*)")?\)')
FORMULA_BLOCK = re.compile(rf"(?sm)^[ \t]*(?:{RE_DOLLAR_BLOCK}|{RE_BRACKET_BLOCK}|{RE_TEX_BLOCK})[ \t]*$")
FORMULA = re.compile(f"(?:{RE_SMART_DOLLAR_INLINE}|{RE_BRACKET_INLINE})")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)


@dataclass(frozen=True)
class Fence:
    """A fence that runs, in expanded text: 0-based lines of its opening and closing marks, and its indent."""

    kind: str
    code: str
    opening: int
    closing: int
    indent: str


@dataclass(frozen=True)
class Formula:
    """A formula: its TeX without delimiters, and whether it stands on a line of its own."""

    tex: str
    display: bool = False


def split_header(raw: str, shown: str) -> tuple[dict[str, Any], str, int]:
    """Split a page into its front matter, its body, and the number of lines before the body."""
    match = HEADER.match(raw)
    if not match:
        return {}, raw, 0
    try:
        meta = yaml.safe_load(match["yaml"]) or {}
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        raise error("the front matter is not YAML", "mend it", shown, mark.line + 2 if mark else 1) from None
    return meta, raw[match.end() :], raw[: match.end()].count("\n")


def find_fences(lines: Iterable[str], page_line: Any, shown: str) -> list[Fence]:
    """Find the fences that run, as pytest-codeblocks extracts them.

    Args:
        lines: the page with its includes expanded.
        page_line: from a 0-based line of that text to the line of the page it was written on.
        shown: the page's path for messages.

    Raises:
        BookError: a fence is not closed.
    """
    text = list(lines)
    try:
        found = extract_from_buffer(io.StringIO("\n".join(text) + "\n"), max_num_lines=1_000_000)
    except RuntimeError as problem:
        opened = _last_open_fence(text)
        raise error(
            f"a fence opened here is never closed ({problem})", "close it with ```", shown, page_line(opened)
        ) from None
    fences = []
    for block in found:
        if block.syntax not in KINDS:
            continue
        opening = block.lineno - 1
        ticks = FENCE.match(text[opening])
        assert ticks, f"pytest-codeblocks found a fence where there is none: {text[opening]!r}"
        mark = ticks["ticks"]
        closing = next(i for i in range(opening + 1, len(text)) if text[i].lstrip().startswith(mark))
        indent = text[opening][: len(text[opening]) - len(text[opening].lstrip())]
        fences.append(Fence(block.syntax, block.code.rstrip("\n"), opening, closing, indent))
    return fences


def _last_open_fence(text: Sequence[str]) -> int:
    opened: int | None = None
    for i, line in enumerate(text):
        if FENCE.match(line) or line.strip() == "```":
            opened = i if opened is None else None
    return opened or 0


def outside_fences(text: Sequence[str]) -> Iterable[tuple[int, str]]:
    """Yield (0-based index, line) of the lines that stand outside every fence."""
    mark = ""
    for i, line in enumerate(text):
        stripped = line.lstrip()
        if mark:
            if stripped.startswith(mark):
                mark = ""
        elif stripped.startswith(("```", "~~~")):
            mark = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
        else:
            yield i, line


def find_formulas(lines: Sequence[str]) -> Iterator[tuple[int, Formula]]:
    """Yield the formulas of a page's text with the 0-based line each begins on, displayed ones first."""
    kept = dict(outside_fences(lines))
    text = "\n".join(kept.get(i, "") for i in range(len(lines)))
    text = CODE_SPAN.sub(_blank, text)
    for match in FORMULA_BLOCK.finditer(text):
        tex = match["math"] or match["math2"] or match["math3"]
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        yield text.count("\n", 0, start), Formula(tex.strip(), display=True)
    text = FORMULA_BLOCK.sub(_blank, text)
    for match in FORMULA.finditer(text):
        if tex := match[3] or match[6]:
            yield text.count("\n", 0, match.start()), Formula(tex.strip())


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])
