"""The kinds of output: for each MIME type how it is recorded, measured, drawn, and put into a notebook.

To let blocks put out something else, add an entry to ``KINDS``. What has none is refused when a block runs, so that
no page ever shows ``<... object at 0x7f...>``.
"""

import html
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from markdown import Markdown

from book.core import markup
from book.evidence import near
from book.evidence.near import Near

_CLASSES = ("dataframe", "arithmatex")
"""CSS classes that outputs may name: none in which the book draws evidence."""
FIGURE = "figure"
"""Key that stands in an output for a picture kept as a file beside the record."""


@dataclass(frozen=True)
class Kind:
    """What the book does with outputs of one MIME type.

    Attributes:
        mime: the MIME type.
        largest: bytes that one output may have.
        smaller: what to do where it has more.
        suffix: of the file beside the record that holds it, placed by the page as a figure; empty where the record
            itself holds it and it stands below its block.
        is_text: whether the content is text, in a notebook, too, and not Base64.
        compare: yields what differs between two of them: the recorded one, a fresh one, how near they must come.
        element: draws what a record holds as HTML: content, converter of Markdown.
        figure: shows a file as HTML: CSS class, source, alternative text, attributes of its size.
    """

    mime: str
    largest: int
    smaller: str
    suffix: str = ""
    is_text: bool = True
    compare: Callable[[bytes, bytes, Near], Iterator[str]] = near.contents
    element: Callable[[str, Callable[[str], str]], str] = lambda content, convert: content
    figure: str = '<img class="{css}" src="{source}" alt="{alt}"{size} loading="lazy" decoding="async">'

    def content(self, raw: str) -> bytes:
        """Return what a kernel sends as the content of a file."""
        return raw.encode() if self.is_text else b64decode(raw)

    def in_notebook(self, content: bytes) -> dict[str, str]:
        """Return the content of a file as what a notebook holds, by MIME type."""
        if self.is_text:
            return {self.mime: content.decode()}
        encoded = b64encode(content).decode()
        if self.mime.startswith("video/"):  # notebooks show no videos but those in HTML
            return {"text/html": f'<video controls loop muted src="data:{self.mime};base64,{encoded}"></video>'}
        return {self.mime: encoded}


def _pre(content: str, _convert: Callable[[str], str]) -> str:
    return f'<pre tabindex="0">{html.escape(content)}</pre>'


_VIDEO = (
    '<video controls loop muted playsinline preload="metadata" class="{css}" src="{source}" aria-label="{alt}"{size}>'
    "</video>"
)
_PIXELS = "draw fewer pixels"
_POINTS = "let what has many points be drawn as pixels: rasterized=True"
KINDS = {
    kind.mime: kind
    for kind in (
        Kind("image/svg+xml", 300_000, _POINTS, ".svg", compare=near.drawings),
        Kind("image/png", 1_000_000, _PIXELS, ".png", False, near.pixels),
        Kind("image/jpeg", 1_000_000, _PIXELS, ".jpg", False, near.pixels),
        Kind("image/gif", 2_000_000, "show fewer or smaller pictures", ".gif", False, near.pixels),
        Kind("video/mp4", 4_000_000, "make the video shorter or smaller", ".mp4", False, figure=_VIDEO),
        Kind("text/html", 300_000, "show less of it"),
        Kind("text/markdown", 100_000, "show less of it", element=lambda text, convert: convert(text)),
        Kind("text/latex", 100_000, "show less of it", element=lambda tex, convert: convert(_as_formula(tex))),
        Kind("text/plain", 1_000_000, "show less of it", element=_pre),
    )
}
"""By MIME type, the best one first: of an output that comes in several the first that is here is shown."""


class Refused(Exception):
    """An output that cannot be published; the message completes "this block ..."."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


def of_file(name: str) -> Kind:
    """Return the kind of a file beside a record."""
    return next(kind for kind in KINDS.values() if kind.suffix and name.endswith(kind.suffix))


# --- Recording ------------------------------------------------------------------------------------------------------

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\)|\x1b[@-_]", re.DOTALL)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_OBJECT = re.compile(r"<[\w.]+ object>|\bat 0x[0-9a-f]{4,}>")


def clean(text: str) -> str:
    """Return text without what commands a terminal and without other characters that HTML cannot hold."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text))


def record(raw: Iterable[Mapping[str, Any]], device: str) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return the outputs of a block as its record holds them, and by name the files beside it.

    Args:
        raw: the outputs in notebook format, as the kernel sent them, streams without noise.
        device: the class of the device on which the block ran.

    Raises:
        Refused: one of them cannot be published.
    """
    kept: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    for output in json.loads(json.dumps(list(raw))):
        output.pop("execution_count", None)
        if output["output_type"] == "stream":
            kept.append({**output, "text": clean(output["text"])})
            continue
        kind, content = _best(output.get("data", {}))
        if len(content) > kind.largest:
            size = f"{len(content) / 1e3:,.0f} kB of {kind.mime}; at most {kind.largest / 1e3:,.0f} kB are shown"
            raise Refused(f"puts out {size}", kind.smaller)
        _is_harmless(kind, content)
        if kind.suffix:
            name = f"{device}-{len(files) + 1}-{sha256(content).hexdigest()[:8]}{kind.suffix}"
            files[name] = content
            output["data"] = {FIGURE: name}
        else:
            output["data"] = {kind.mime: clean(content.decode())}
        kept.append(output)
    return kept, files


def _best(data: Mapping[str, str]) -> tuple[Kind, bytes]:
    """Return the best of the forms in which an output came."""
    kind = next((kind for mime, kind in KINDS.items() if mime in data), None)
    unknown = [mime for mime in data if mime not in KINDS]
    if kind is None or (kind.mime == "text/plain" and (unknown or _OBJECT.search(data[kind.mime]))):
        what = f"an output of the type {unknown[0]}" if unknown else f"an object: {data.get('text/plain', '')[:80]}"
        remedy = f"print what the reader should see, or show one of: {', '.join(KINDS)}; or assign it to a name"
        raise Refused(f"puts out {what}", remedy)
    return kind, kind.content(data[kind.mime])


# --- Measuring ------------------------------------------------------------------------------------------------------


def problems(outputs: Iterable[Mapping[str, Any]], files: Mapping[str, bytes]) -> Iterator[Refused]:
    """Yield what forbids publishing the outputs of a record, whatever was allowed when it was made.

    ``files`` holds the content of the files beside it, by name.
    """
    for output in outputs:
        if data := output.get("data"):
            try:
                kind, content = (of_file(data[FIGURE]), files[data[FIGURE]]) if FIGURE in data else _best(data)
                _is_harmless(kind, content)
            except Refused as refused:
                yield refused


def _is_harmless(kind: Kind, content: bytes) -> None:
    """Refuse an output with HTML or SVG that is not on the book's list."""
    text = content.decode(errors="replace")
    if kind.mime in ("text/markdown", "text/latex"):
        options = {"pymdownx.arithmatex": {"generic": True}}
        converter = Markdown(extensions=["tables", *options], extension_configs=options)
        text = kind.element(text, converter.convert)
    elif kind.mime not in ("text/html", "image/svg+xml"):
        return
    for wrong in markup.faults(text, _CLASSES, output=True, document=kind.suffix == ".svg"):
        remedy = "show it without, such as an animation as a GIF: Image(filename=...); the list: book/core/markup.py"
        raise Refused(f"puts out what {wrong}", remedy)


# --- Drawing --------------------------------------------------------------------------------------------------------


def draw(output: Mapping[str, Any], label: str, convert: Callable[[str], str]) -> str:
    """Return an output of a record as HTML; what is kept as a file is placed by the page itself.

    ``label`` is what an output is called in the page's language; ``convert`` turns Markdown into HTML.
    """
    css, data = "block-output", output.get("data", {})
    if output["output_type"] == "stream":
        css += " block-stderr" if output["name"] == "stderr" else ""
        data = {"text/plain": output["text"].rstrip("\n")}
    kind = next((kind for mime, kind in KINDS.items() if mime in data and not kind.suffix), None)
    if kind is None:
        return ""
    if kind.mime != "text/plain":
        css = "block-html"
    content = kind.element(clean(data[kind.mime]), convert)
    return f'<div class="{css}" role="group" aria-label="{html.escape(label)}">{content}</div>'


def _as_formula(tex: str) -> str:
    """Return LaTeX as Markdown: one formula between dollars on a line of its own, anything else as it is."""
    match = re.fullmatch(r"\s*\$+(?:\\displaystyle)?([^$]+)\$+\s*", tex)
    return f"$$\n{match[1].strip()}\n$$" if match else tex
