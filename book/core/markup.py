"""What HTML and SVG may stand on a page, in an output of a block, and in a figure: one list for all of them.

The site says what its pages and blocks say and nothing else: no script, no frame, no form, nothing that a browser
fetches from another host, and no text in the dress of evidence (the classes are listed, too). What is not listed is
refused, so that nobody has to know all that a browser can be made to do.
"""

import html
import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from xml.parsers.expat import ExpatError, ParserCreate

from markdown.extensions.attr_list import get_attrs_and_remainder


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = _names("br col hr img source wbr")
_SVG = _names(
    "circle clippath defs desc ellipse g image line lineargradient marker path pattern polygon polyline radialgradient"
    " rect stop svg symbol text textpath title tspan use"
)
ELEMENTS = (VOID | _SVG) | _names(
    "a abbr b blockquote caption code colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 i ins"
    " kbd li mark ol p picture pre samp section small span strong sub summary sup table tbody td tfoot th thead time"
    " tr u ul var video"
)
DOCUMENT = _names("style metadata rdf:rdf cc:work cc:agent dc:creator dc:date dc:format dc:title dc:type")
"""What a file of SVG may have, besides: a style in it reaches nothing outside it."""
ATTRIBUTES = re.compile(
    "class|id|title|lang|dir|role|tabindex|aria-[a-z]+|data-widget|data-source|markdown|open|start|type|value|datetime"
    "|(?:col|row)?span|headers|scope|align|valign|border|width|height|alt|loading|decoding|controls|loop|muted"
    "|playsinline|preload|autoplay|download|media|sizes|href|xlink:href|src|srcset|poster|cite"
    "|[dxyr]|[xy][12]|d[xy]|[cfr][xyr]|points|offset|orient|version|focusable|transform|rotate|viewbox|xmlns(?::[a-z]+)?"
    "|(?:fill|stroke|stop|clip|font|text|marker|dominant|alignment)(?:-[a-z]+)*|opacity|textlength|lengthadjust"
    "|startoffset|ref[xy]|marker(?:width|height|units)|preserveaspectratio|pathlength|rdf:resource"
    "|(?:gradient|pattern|clippath)(?:units|transform|contentunits)|spreadmethod"
)
FETCHED = _names("src srcset poster data-source")
"""Attributes whose address a browser fetches by itself, on any element; ``href`` is one of them but on a link."""
ADMONITIONS = _names("abstract bug danger end example failure info inline note question quote success tip warning")
"""Classes that the boxes of the theme have."""

_STYLE = re.compile(
    r"(?:fill|stroke|stop|font|text|line|letter|white|vertical|overflow|background|border|padding|margin|color|opacity"
    r"|width|max|min|clip|marker|mix|isolation|image|dominant|alignment)[a-z-]*"
)
_IN_STYLE = re.compile(r"[\\@]|//|/\*|url\((?!#)|image-set|expression", re.IGNORECASE)
_URL = re.compile(r"url\((?!#)", re.IGNORECASE)
_SPACE = re.compile(r"[\x00-\x20]+")
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--(?:-?>|(?:(?!-->).)*<[A-Za-z/!?])|<!(?!--|doctype [^\[>]*>)|<\?(?!xml )", re.I | re.S)
_ACTIVE = _names(
    "animate animatemotion animatetransform applet base embed form frame frameset iframe link meta object portal script"
    " set"
)


_OWN_SCRIPT = re.compile(r"(?:\.\.?/)*assets/javascripts/[\w-]+\.js")
"""What the book's own tables bring with them."""


def address(target: str, fetched: bool = False) -> str:
    """Return what is wrong with an address in a few words, or nothing.

    Args:
        target: as it is written.
        fetched: whether a browser fetches it by itself, as it does pictures, and does not wait for a click.
    """
    plain = _SPACE.sub("", html.unescape(target)).replace("\\", "/")
    scheme = re.match(r"([^/?#]*?):", plain)
    if fetched and _PICTURE.match(plain):
        return ""
    if scheme and (fetched or scheme[1].lower() not in ("http", "https", "mailto")):
        asks = fetched and scheme[1].lower() in ("http", "https")
        return f"asks another host: {plain[:80]}" if asks else f"has an address of the kind {scheme[1]}:"
    return f"asks another host: {plain[:80]}" if fetched and plain.startswith("//") else ""


def attribute(tag: str, name: str, value: str, classes: Collection[str] | None, output: bool = False) -> str:
    """Return what is wrong with an attribute in a few words, or nothing; the arguments are those of ``faults``."""
    if name == "style" and output:
        pairs = [part.partition(":")[0].strip() for part in value.split(";") if part.strip()]
        good = all(_STYLE.fullmatch(pair) for pair in pairs) and not _IN_STYLE.search(value)
        return "" if good else f"has a style that may do more than color and size: {value[:60]}"
    if not ATTRIBUTES.fullmatch(name):
        return f"has the attribute {name}"
    if name == "class" and classes is not None and (other := set(value.split()) - set(classes)):
        return f"has the class {min(other)}"
    if _URL.search(value):
        return f"asks for something: {value[:60]}"
    if name in FETCHED or (name.endswith("href") and tag != "a"):
        parts = re.split(r",\s+", value) if name == "srcset" else [value]
        return next(filter(None, (address(part, not part.startswith("#")) for part in parts)), "")
    return address(value) if name in ("href", "xlink:href", "cite") else ""


def listed(source: str, classes: Collection[str]) -> str:
    """Return what is wrong with a list of attributes such as ``{#id .class}`` in a few words, or nothing."""
    pairs = ((name.lower(), value or "") for name, value in get_attrs_and_remainder(source.strip("{}: "))[0])
    pairs = (("class" if name == "." else name, value) for name, value in pairs)
    return next(filter(None, (attribute("a", name, value, classes) for name, value in pairs)), "")


def faults(
    source: str, classes: Collection[str] | None = None, *, output: bool = False, document: bool = False
) -> Iterator[str]:
    """Yield what is wrong with a piece of HTML or SVG, each in a few words.

    Args:
        source: the piece.
        classes: the classes that it may name; by default all.
        output: whether a block put it out: then it is whole, and may say how it looks, as what libraries put out does.
        document: whether it is a file of SVG.
    """
    if match := _HIDDEN.search(source):
        yield f"has a mark that readers of HTML understand differently: {match[0][:60]}"
    reader = _Reader(classes, output, document)
    try:
        reader.read(source)
    except (AssertionError, ExpatError):
        yield "is not HTML that can be read"
    yield from reader.faults
    if output and reader.open:
        yield f"has <{reader.open[-1]}>, which is never closed"


class _Reader(HTMLParser):
    """Notes what is not on the list."""

    def __init__(self, classes: Collection[str] | None, output: bool, document: bool) -> None:
        super().__init__()
        self.classes, self.output, self.document = classes, output, document
        self.faults: list[str] = []
        self.open: list[str] = []

    def read(self, source: str) -> None:
        """Read a file of SVG as XML, anything else as HTML."""
        if not self.document:
            self.feed(source)
            self.close()
            return
        parser = ParserCreate()
        parser.StartElementHandler = lambda tag, attrs: self.handle_starttag(
            tag.lower(), [(name.lower(), value) for name, value in attrs.items()]
        )
        parser.EndElementHandler = lambda tag: self.handle_endtag(tag.lower())
        parser.CharacterDataHandler = self.handle_data
        parser.Parse(source, True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag not in ELEMENTS and not (self.document and tag in DOCUMENT):
            self.faults.append(f"has <{tag}>")
            return
        for name, value in attrs:
            if wrong := attribute(tag, name, value or "", self.classes, self.output):
                self.faults.append(f"<{tag}> {wrong}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag in _SVG:  # in HTML `<b/>` opens
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
        elif self.output:
            self.faults.append(f"has </{tag}>, which closes nothing that is open there")

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"] and self.document and _IN_STYLE.search(data):
            self.faults.append(f"has a style that asks for something: {data.strip()[:60]}")


def active(drawn: str) -> Iterator[str]:
    """Yield what a drawn page must not have wherever it comes from: a last look at what ``faults`` let through."""
    reader = _Active()
    try:
        reader.feed(drawn)
        reader.close()
    except AssertionError:
        yield "is not HTML that can be read"
    yield from reader.faults


class _Active(HTMLParser):
    """Notes what runs, and what is fetched from another host."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _ACTIVE and not (tag == "script" and _OWN_SCRIPT.fullmatch(dict(attrs).get("src") or "")):
            self.faults.append(f"has <{tag}>")
        for name, value in attrs:
            wrong = f"has the attribute {name}" if name.startswith("on") or name in ("srcdoc", "formaction") else ""
            if name in FETCHED or name in ("href", "xlink:href", "data", "action"):
                wrong = attribute(tag, name, value or "", None, True) if ATTRIBUTES.fullmatch(name) else "fetches"
            elif name == "style" and _URL.search(value or ""):
                wrong = f"asks for something: {value}"
            if wrong:
                self.faults.append(f"<{tag}> {wrong}")
