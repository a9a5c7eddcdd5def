"""What a site says of itself to those who pass its pages on: cards, linked data, a feed of changes, icon, robots.txt.

A card is the picture beside a link to a page: the page's first figure as its code drew it, on the book's paper, the
same for all languages. Other hosts ask for it, so it is drawn only where the site's address is known, and kept in
``.cache/cards`` until the figure changes. What the pages say of author and license stands in ``book.toml``, under
``[sharing]``, with the name of the table of changes (``date``, ``page``, and a column a language).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from book.core import store
from book.core.findings import BookError, error
from book.core.markdown import Image
from book.core.page import Page, read
from book.core.site import Book
from book.draw import changes, figures
from book.draw.values import page_totals, reading_minutes
from book.evidence import outputs, record

WIDTH, HEIGHT = 1200, 630
ICON = "assets/images/apple-touch-icon.png"
FEED = "feed.xml"
MOST_ENTRIES = 50
PAPER, INK = "#fdfcf9", "#1b2733"
SCRIPT = Path(__file__).with_name("raster.mjs")
_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "cmsy10.ttf", "cmmi10.ttf")
"""Those of Matplotlib, in which figures were drawn."""

_PATH = re.compile(r' d="[^"]*"')
_FAR = re.compile(r"-?(?<![\d.])\d{3,}(?:\.\d+)?")
_BEARABLE = (-400.0, 1400.0)
"""What is drawn stays out where a path with a clip leaves this range, in points; a figure is smaller by far."""


# --- Pictures -------------------------------------------------------------------------------------------------------


def _figure(book: Book, name: str) -> Path | None:
    """Return the first figure that a page places, where its block has run."""
    page = read(book, book.languages[0], name)
    for image in page.scan.of(Image):
        placed = figures.of_image(book, page, image)
        if placed and outputs.of_file(placed[1]).mime.startswith("image/"):
            return record.picture(book, *placed)
    return None


def card(book: Book, name: str) -> str:
    """Return where a page's card lies, below the root of all sites."""
    figure = _figure(book, name)
    return f"assets/cards/{figure.parent.name}-{figure.stem}.png" if figure else "assets/cards/book.png"


def pictures(book: Book, favicon: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the address and the content of each card, and of the icon, for the root of all sites."""
    icon = favicon.read_text(encoding="utf-8") if favicon.suffix == ".svg" and favicon.is_file() else ""
    title = next((title for each in book.languages if (title := book.title(each)).isascii()), "")
    drawn = {
        "assets/cards/book.png": _framed(icon, WIDTH, HEIGHT, 130, 240)
        + f'<text x="{WIDTH // 2}" y="530" text-anchor="middle" font-size="52" font-weight="bold" fill="{INK}">'
        f"{escape(title)}</text></svg>",
        **({ICON: f"{_framed(icon, 180, 180, 20, 140)}</svg>"} if icon else {}),
    }
    for name in book.page_names(book.languages[0]):
        if figure := _figure(book, name):
            store.note(figure)
            drawn[card(book, name)] = f"{_framed(_as_svg(figure), WIDTH, HEIGHT, 30, HEIGHT - 60)}</svg>"
    yield from _drawn(book, drawn).items()


def _as_svg(figure: Path) -> str:
    """Return a figure as an SVG; one of pixels is set into one."""
    kind, content = outputs.of_file(figure.name), figure.read_bytes()
    if kind.mime == "image/svg+xml":
        return _PATH.sub(lambda path: _FAR.sub(_nearer, path[0]), content.decode())
    source = f"data:{kind.mime};base64,{b64encode(content).decode()}"
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}"><image width="{WIDTH}" height="{HEIGHT}" href="{source}"/></svg>'


def _nearer(number: re.Match[str]) -> str:
    """Return a coordinate within bounds: a bar on a logarithmic axis begins far outside the figure."""
    low, high = _BEARABLE
    return number[0] if low <= float(number[0]) <= high else str(low if float(number[0]) < low else high)


def _framed(svg: str, width: int, height: int, top: int, high: int) -> str:
    """Return an SVG, but for its end, with another in its middle, on paper."""
    paper = f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
    inner = svg[svg.find("<svg") :] if "<svg" in svg else ""
    opening, mark, rest = inner.partition(">")
    opening = re.sub(r'\s(?:width|height|x|y)="[^"]*"', "", opening)
    placed = opening.replace("<svg", f'<svg x="20" y="{top}" width="{width - 40}" height="{high}"', 1) + mark + rest
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">{paper}{placed}'


def _drawn(book: Book, svgs: Mapping[str, str]) -> dict[str, bytes]:
    """Return each picture as PNG; what is not kept is drawn by one process."""
    script = SCRIPT.read_text(encoding="utf-8")

    def kept(address: str, png: str = "") -> str:
        file, key = (
            book.cache / f"{address.removeprefix('assets/')}.json",
            store.sha256((svgs[address] + script).encode()),
        )
        found = store.kept(file, key, book.root, lambda: {"png": png} if png else None).content
        return str(found.get("png", ""))

    missing = {address: svg for address, svg in svgs.items() if not kept(address)}
    new = _rasterized(book, missing) if missing else {}
    return {address: b64decode(kept(address, new.get(address, ""))) for address in svgs}


def _rasterized(book: Book, svgs: Mapping[str, str]) -> dict[str, str]:
    node, matplotlib = shutil.which("node"), find_spec("matplotlib")
    fonts = Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf" if matplotlib and matplotlib.origin else None
    asked = {"fonts": [str(fonts / name) for name in _FONTS] if fonts else [], "pictures": dict(svgs)}
    done = subprocess.run(
        [node or "node", str(SCRIPT)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=book.root,
        check=False,
    )
    if done.returncode:
        raise error(
            f"the cards cannot be drawn: {done.stderr.strip()[-300:]}", "npm ci brings what draws them", "package.json"
        )
    drawn: dict[str, str] = json.loads(done.stdout)
    return drawn


# --- What is said of a page -----------------------------------------------------------------------------------------


def linked_data(book: Book, page: Page, about: Mapping[str, Any]) -> str:
    """Return JSON-LD on a page, fit for a script element; ``about`` adds what only the site knows, and may be empty."""
    own = book.sharing
    try:
        ran = str(page_totals(book, page.blocks, page.text)["date"])
    except BookError:  # a damaged record, which `book check` names
        ran = ""
    said = {
        "@context": "https://schema.org",
        "@type": ["LearningResource", "TechArticle"],
        "name": page.meta.get("title"),
        "description": page.meta.get("description"),
        "inLanguage": book.language(page.language).tag,
        "isPartOf": {"@type": "Book", "name": book.title(page.language)},
        "author": {"@type": "Organization", "name": own["author"]} if "author" in own else None,
        "license": own.get("license"),
        "timeRequired": f"PT{reading_minutes(page.text)}M",
        "dateModified": max([ran, *(row["date"] for row in changes.load(book) if row["page"] == page.name)]),
        **about,
    }
    text = json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def feed(book: Book, language: str, site: str) -> str:
    """Return the changes of one language's pages as an Atom feed, for the site at an address that ends with ``/``."""
    new = [row for row in changes.load(book) if row.get(language)][:MOST_ENTRIES]
    entries = "".join(_entry(book, language, site, row) for row in new)
    author = escape(book.sharing.get("author", book.title(language)))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{book.language(language).tag}">\n'
        f"<title>{escape(book.title(language))}</title>\n<id>{escape(site)}</id>\n"
        f"<link href={quoteattr(site)}/>\n"
        f'<link rel="self" type="application/atom+xml" href={quoteattr(site + FEED)}/>\n'
        f"<updated>{new[0]['date'] if new else '1980-01-01'}T00:00:00Z</updated>\n"
        f"<author><name>{author}</name></author>\n{entries}</feed>\n"
    )


def _entry(book: Book, language: str, site: str, row: Mapping[str, str]) -> str:
    address = site + Book.address(row["page"])
    title = str(read(book, language, row["page"]).meta.get("title", row["page"]))
    return (
        f"<entry><title>{escape(title)}</title><id>{escape(address)}#{row['date']}</id>"
        f"<link href={quoteattr(address)}/><updated>{row['date']}T00:00:00Z</updated>"
        f"<summary>{escape(row[language])}</summary></entry>\n"
    )


def robots(site: str) -> str:
    """Return what tells search engines where the sitemaps are; each host has one, for all languages."""
    return f"User-agent: *\nAllow: /\nSitemap: {site}sitemap.xml\n"
