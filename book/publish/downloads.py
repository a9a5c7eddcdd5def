"""The book to take along, made from its built site: PDF and EPUB of each language, a copy to read offline, all code.

They lie in ``downloads/`` below the root of the site, and the home pages link them, with size and date. Nothing is
drawn again: the articles are those of the pages, without what only a screen can do. Chromium prints the PDF, as it lays
out everything that the pages have; EbookLib writes the EPUB.
"""

from __future__ import annotations

import base64
import datetime
import html
import json
import os
import re
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path, PurePosixPath
from posixpath import join, normpath
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from book.core.findings import error
from book.core.site import Book, read_yaml
from book.publish.build import place, source_date

FOLDER = "downloads"
SEARCH = "assets/javascripts/search-offline.js"
LIVE = "assets/javascripts/live-offline.js"
OFFLINE = Path(__file__).with_name("offline.js")
A_STREAM = 500
"""So many objects of a PDF are compressed together."""
HOME_MARK, HOME_END = "<!-- downloads -->", "<!-- end of downloads -->"
_HOME = re.compile(rf"{HOME_MARK}(?:.*?{HOME_END})?", re.DOTALL)
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_SCREEN_ONLY = (
    "script, style, link, .headerlink, .book-forms, .book-feedback, .only-dark, .md-button, .figure-words, "
    ".whole-script > :not(summary), .block-badge > dl, input, .tabbed-labels, .md-source-file"
)
_LIVE = re.compile(r'<div class="widget[^>]*\sdata-widget="[^>]*>')
_TWICE = re.compile(rb"/Title (?:\((.+)\1\)|<FEFF((?:[0-9A-F]{4})+)\2>)")
_LINE = re.compile(r"^<([0-9A-F]+)> (?:<([0-9A-F]+)> )?<((?:[0-9A-F]{4})+)>$", re.MULTILINE)
_RADICAL = re.compile("[\u2e80-\u2fdf]")
_LETTERS = str.maketrans(
    "⺂⺃⺅⺉⺎⺏⺐⺒⺓⺔⺕⺖⺘⺙⺛⺞⺠⺡⺣⺤⺦⺨⺫⺭⺯⺰⺱⺲⺹⺺⺾⻁⻂⻃⻅⻆⻈⻉⻋⻌⻐⻑⻒⻓⻔⻖⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻮⻯⻰⻱⻲",
    "乛乚亻刂兀尣尢巳幺彑彐忄扌攵旡歺民氵灬爫丬犭罒礻糹纟罓罒耂肀艹虎衤覀见角讠贝车辶钅長镸长门阝青韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐齿竜龙龜亀",
)
"""The letter that Noto draws like a radical, where Unicode itself (NFKC) does not say that the two are one."""
_STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm }
body { --md-default-bg-color: #fff; background: #fff !important }
.book-cover + h1, .md-content > section { break-before: page }
.md-content__inner { padding-top: 0 }
.md-content__inner::before { display: none }
.offscreen { content-visibility: visible !important }
.book-cover { padding-top: 80mm; text-align: center }
.book-cover h1 { font-size: 2.4em !important }
.book-where { font-size: .85em }
.book-table { box-decoration-break: clone }
table { font-size: .8em }
"""
_EPUB_STYLE = """
body { line-height: 1.6 } pre { white-space: pre-wrap; font-size: .8em; background: #f4f2ec; padding: .5em }
img { max-width: 100% } figcaption, .book-where, .badge { font-size: .85em } table { border-collapse: collapse }
td, th { border: 1px solid #999; padding: .2em .5em } .box { border-left: 3px solid #999; padding-left: .8em }
"""


@dataclass
class Article:
    """A page's text, as its site has it."""

    name: str
    title: str
    soup: Tag

    @property
    def prefix(self) -> str:
        """What the names of places on this page begin with, in a file that holds all pages."""
        return self.name.replace("/", "-") + "--"


def make(book: Book, site: Path, only: tuple[str, ...] = (), pages: int | None = None) -> list[Path]:
    """Make the downloads of a built site, or some, and link them from its home pages; return their files.

    Args:
        book: the checkout.
        site: the built site.
        only: of ``code``, ``offline``, ``epub``, ``pdf``; by default all.
        pages: so many pages of each language alone, to try it.
    """
    if not (site / "index.html").is_file():
        raise error("there is no built site", "make site", book.shown(site))
    folder = site / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    stem = next(
        (re.sub(r"\W+", "-", t.lower()) for each in book.languages if (t := book.title(each)).isascii()), "book"
    )
    wanted = only or ("code", "offline", "epub", "pdf")
    made = []
    if "code" in wanted:
        made.append(_code(book, site, folder / f"{stem}-code.zip"))
    if "offline" in wanted:
        made.append(offline(book, site, folder / f"{stem}-offline.zip"))
    for language in book.languages:
        if "epub" in wanted:
            made.append(epub(book, site, language, folder / f"{stem}-{language}.epub", pages))
        if "pdf" in wanted:
            made.append(pdf(book, site, language, folder / f"{stem}-{language}.pdf", pages))
    for language in book.languages:
        home = place(book, site, language) / "index.html"
        up = "" if language == book.languages[0] else "../"
        shown = [file for file in made if file.suffix == ".zip" or file.stem.endswith(f"-{language}")]
        text = home.read_text(encoding="utf-8")
        links = f"{HOME_MARK}{_links(book, language, shown, up)}{HOME_END}"
        home.write_text(links.join(_HOME.split(text, 1)), encoding="utf-8")
    return made


def _links(book: Book, language: str, files: list[Path], up: str) -> str:
    words = book.words(language, "downloads")
    items = "".join(
        f'<li><a href="{up}{FOLDER}/{file.name}" download>{words[_kind(file)]}</a> · '
        f"{file.stat().st_size / 1e6:.1f} MB · {_date(book)}</li>"
        for file in files
    )
    return f'<h2 id="downloads">{words["title"]}</h2><ul>{items}</ul>'


def _kind(file: Path) -> str:
    return file.stem.rpartition("-")[2] if file.suffix == ".zip" else file.suffix[1:]


def _date(book: Book) -> str:
    return datetime.datetime.fromtimestamp(source_date(book), datetime.UTC).date().isoformat()


# --- Archives -------------------------------------------------------------------------------------------------------


def _zip(book: Book, target: Path, files: Iterator[tuple[str, bytes]]) -> Path:
    time = datetime.datetime.fromtimestamp(source_date(book), datetime.UTC).timetuple()[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files:
            entry = zipfile.ZipInfo(f"{target.stem}/{name}", time)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            out.writestr(entry, content)
    return target


def _code(book: Book, site: Path, target: Path) -> Path:
    """Write all notebooks and scripts, and the tables that they read, into one archive."""

    def files() -> Iterator[tuple[str, bytes]]:
        for name in sorted(book.root.glob("LICENSE*")):
            if name.is_file():
                yield name.name, name.read_bytes()
        for language in book.languages:
            assets = place(book, site, language) / "assets"
            for kind in ("notebooks", "scripts", "data"):
                for file in sorted((assets / kind).rglob("*")):
                    if file.is_file() and (kind == "notebooks" or language == book.languages[0]):
                        below = file.relative_to(assets / kind).as_posix()
                        yield (
                            f"{kind}/{language}/{below}" if kind == "notebooks" else f"{kind}/{below}",
                            file.read_bytes(),
                        )

    return _zip(book, target, files())


def offline(book: Book, site: Path, target: Path) -> Path:
    """Write the site as it can be read from a folder: each link names its file; what is fetched comes as a script."""

    def files() -> Iterator[tuple[str, bytes]]:
        worker = (site / "assets/javascripts/workers/search.js").read_text(encoding="utf-8")
        live: dict[str, dict[str, str]] = {}
        for language in book.languages:
            root = place(book, site, language)
            kept = {
                name: json.loads((root / f"search/{name}.json").read_text("utf-8"))
                for name in ("search_index", "glossary")
            }
            for entry in kept["search_index"]["docs"]:
                entry["location"] = _named(entry["location"] or "./")
            code = f"self.kept = {json.dumps(kept, ensure_ascii=False)};\n{worker}"
            yield str((root / SEARCH).relative_to(site)), f"window.bookSearch = {json.dumps(code)};\n".encode()
            found = {**kept["search_index"], "docs": []}  # Material asks for it to mark what was searched for
            index = (root / "search/search_index.js").relative_to(site)
            yield str(index), f"var __index = {json.dumps(found, ensure_ascii=False)};\n".encode()
            live[language] = _texts(root, "assets/javascripts/widgets/**/*.js", "assets/javascripts/words/*.json")
            code = f"{OFFLINE.read_text(encoding='utf-8')}\n{_handed(live[language])}"
            yield str((root / LIVE).relative_to(site)), code.encode()
        for file in sorted(site.rglob("*")):
            name = file.relative_to(site).as_posix()
            if file.is_file() and not re.match(rf"\.|{FOLDER}/|assets/cards/|sitemap|sw\.js|(?:.*/)?404\.html", name):
                content = file.read_bytes()
                if file.suffix == ".html":
                    below = (each for each in reversed(book.languages) if file.is_relative_to(place(book, site, each)))
                    language = next(below, book.languages[0])
                    page, own = content.decode(), ""
                    if _LIVE.search(page) and "jp-Notebook" not in page:  # a notebook has none
                        own = f"{file.name}.js"
                        page, read = _read_by_live(page, file, live[language])
                        yield f"{name}.js", _handed(_texts(place(book, site, language), *read)).encode()
                    content = for_a_folder(page, own).encode()
                yield name, content

    return _zip(book, target, files())


def _texts(root: Path, *patterns: str) -> dict[str, str]:
    """Return the texts of files of a site, by their names from its root."""
    found = sorted({file for pattern in patterns for file in root.glob(pattern)})
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in found}


def _handed(texts: Mapping[str, str]) -> str:
    return f"bookFiles({json.dumps(texts, ensure_ascii=False)});\n"


def _read_by_live(page: str, file: Path, modules: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return a page, and the names of the files that its live pictures read: what places and modules name.

    A heat map is read from its picture, which comes on the page, as no picture of a folder can be read.
    """
    read = []
    for each in BeautifulSoup(page, "lxml").select(".widget[data-widget]"):
        code = modules.get(f"assets/javascripts/widgets/{each['data-widget']}.js", "")
        named = [str(each.get("data-source", "")), *re.findall(r'"(\w+\.(?:csv|json))"', code)]
        read += [f"assets/data/{PurePosixPath(name).name}" for name in named if name]
        for image in each.select("img[src]") if "getImageData" in code and "DOMParser" in code else ():
            drawn = base64.b64encode((file.parent / str(image["src"])).read_bytes()).decode()
            page = page.replace(f'src="{image["src"]}"', f'src="data:image/svg+xml;base64,{drawn}"')
    return page, read


def for_a_folder(page: str, own: str = "") -> str:
    """Return a page as it can be opened from a folder, without the links to the downloads, of which it is one.

    Args:
        page: its HTML.
        own: the script beside it with what its live pictures read, where it has some.
    """
    page = re.sub(r'(<a\b[^>]*?\shref=")([^"]*)"', lambda link: f'{link[1]}{_named(link[2])}"', _HOME.sub("", page))
    scripts = [rf"\1{PurePosixPath(each).name}" for each in (SEARCH, *([LIVE] if own else []))] + [own] * bool(own)
    before = "".join(f'<script src="{each}"></script>' for each in scripts)
    page = re.sub(r'<script src="([^"]*)book\.js"', rf"{before}\g<0>", page)
    return page.replace("'self'", "'self' file: blob: data:")


def _named(address: str) -> str:
    """Return an address within the site with the name of its file."""
    path, mark, rest = address.partition("#")
    if urlsplit(address).scheme or not path or not path.endswith(("/", ".")):
        return address
    return f"{path.rstrip('/')}/index.html{mark}{rest}"


# --- The articles ---------------------------------------------------------------------------------------------------


def order(book: Book, language: str) -> list[str]:
    """Return the names of a language's pages in the order of the navigation."""

    def flat(part: Any) -> Iterator[str]:
        if isinstance(part, str):
            yield part.removesuffix(".md")
        for each in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
            yield from flat(each)

    return list(flat(read_yaml(book.config_file(language)).get("nav")))


def articles(book: Book, site: Path, language: str, pages: int | None = None) -> Iterator[Article]:
    """Yield the pages of a language, without what only a screen can do, all that is folded open.

    Addresses of pictures are those from the root of all sites; those of pages of the book ``page:NAME#PLACE``, for a
    book that holds them.
    """
    root, names = place(book, site, language), order(book, language)[:pages]
    known = {Book.address(name).rstrip("/"): name for name in names}
    for name in names:
        file = root / Book.address(name) / "index.html"
        whole = BeautifulSoup(_HOME.sub("", file.read_text(encoding="utf-8")), "lxml")
        soup = whole.select_one("article")
        if soup is None:
            raise error("this page has no article", "make site", book.shown(file))
        canonical = whole.select_one("link[rel=canonical]")
        _for_paper(book, language, soup, str(canonical["href"]) if canonical else "")
        here = file.parent.relative_to(site).as_posix()
        below = root.relative_to(site).as_posix()
        for image in soup.select("[src]"):
            if not urlsplit(str(image["src"])).scheme:
                image["src"] = normpath(join(here, str(image["src"])))
        for link in soup.select("a[href]"):
            target = str(link["href"])
            if urlsplit(target).scheme:
                continue
            path, _, spot = target.partition("#")
            there = normpath(join(here, path)).removeprefix("./") if path else here
            own = "" if there == below else there.removeprefix(f"{below}/") if below != "." else there.removeprefix(".")
            if own in known:
                link["href"] = f"page:{known[own]}#{spot}"
            elif canonical:
                link["href"] = join(str(canonical["href"]), target)
            else:
                del link["href"]
        heading = soup.select_one("h1")
        yield Article(name, heading.get_text().strip() if heading else name, soup)


def _for_paper(book: Book, language: str, soup: Tag, address: str) -> None:
    words = book.words(language, "downloads")
    for each in soup.select(".tabbed-set"):
        labels = [label.get_text().strip() for label in each.select(":scope > .tabbed-labels > label")]
        for label, content in zip(labels, each.select(":scope > .tabbed-content > .tabbed-block"), strict=False):
            content.insert(0, _tag("p", f"<strong>{html.escape(label)}</strong>"))
        each["class"] = ""
        for content in each.select(".tabbed-content, .tabbed-block"):
            content["class"] = ""
    for each in soup.select(_SCREEN_ONLY):
        each.decompose()
    for each in soup.select("details"):
        each["open"] = ""
    for each in soup.select("[loading]"):
        del each["loading"]
    for each in soup.select(".widget[data-widget]"):
        where = html.escape(words["live"].format(address or book.title(language)))
        each.append(_tag("p", where, "book-where"))
    for each in soup.select("video"):
        each.replace_with(_tag("p", html.escape(words["live"].format(address)), "book-where"))


def _tag(name: str, content: str, style: str = "") -> Tag:
    made = BeautifulSoup(f"<{name}>{content}</{name}>", "html.parser").find(name)
    assert isinstance(made, Tag)
    if style:
        made["class"] = style
    return made


def _cover(book: Book) -> str:
    lines = [book.sharing.get("author", ""), _date(book), book.sharing.get("license", "")]
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines if line)


# --- PDF ------------------------------------------------------------------------------------------------------------


def pdf(book: Book, site: Path, language: str, target: Path, pages: int | None) -> Path:
    """Print all pages of a language as one document, with bookmarks and page numbers."""
    from playwright.sync_api import sync_playwright

    home = BeautifulSoup((place(book, site, language) / "index.html").read_text(encoding="utf-8"), "lxml")
    styles = "".join(
        f'<link rel="stylesheet" href="{_from_root(book, language, str(link["href"]))}">'
        for link in home.select("link[rel=stylesheet]")
    )
    title, tag = html.escape(book.title(language)), book.language(language).tag
    found = list(articles(book, site, language, pages))
    for article in found:
        _prefixed(article)
    contents = "".join(f'<li><a href="#{each.prefix}">{html.escape(each.title)}</a></li>' for each in found)
    parts = "".join(f'<section id="{each.prefix}">{each.soup}</section>' for each in found)
    text = (
        f'<!doctype html><html lang="{tag}"><meta charset="utf-8"><title>{title}</title>{styles}<style>{_STYLE}</style>'
        f'<body dir="ltr" data-md-color-scheme="default" data-md-color-primary="custom" data-md-color-accent="custom">'
        f'<div class="md-content"><article class="md-content__inner md-typeset"><div class="book-cover">'
        f"<h1>{title}</h1>"
        f"{_cover(book)}</div><h1>{html.escape(book.words(language, 'downloads')['contents'])}</h1>"
        f"<ol>{contents}</ol></article>{parts}</div></body></html>"
    )
    page_file = site / f".print-{language}.html"
    page_file.write_text(text, encoding="utf-8")
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, COMMANDS)), None)
    foot = '<div style="width:100%;font-size:8px;text-align:center;color:#555"><span class="pageNumber"></span></div>'
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program)
            tab = browser.new_page()
            tab.set_default_timeout(0)
            tab.goto(page_file.as_uri(), wait_until="load")
            tab.pdf(
                path=target,
                prefer_css_page_size=True,
                outline=True,
                tagged=True,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=foot,
            )
            browser.close()
    finally:
        page_file.unlink()
    target.write_bytes(_packed(_with_bookmarks(target.read_bytes())))
    return target


def _with_bookmarks(pdf: bytes) -> bytes:
    """Say each bookmark once: Chromium says it twice where a page begins with its heading. No byte after it moves."""

    def once(title: re.Match[bytes]) -> bytes:
        said = b"/Title (%b)" % title[1] if title[1] else b"/Title <FEFF%b>" % title[2]
        return said.ljust(len(title[0]))

    return _TWICE.sub(once, pdf)


def _packed(pdf: bytes) -> bytes:
    """Write a PDF anew, in half the room, with what is copied and searched as letters, not radicals that look alike.

    A font has one glyph for both, and Chromium says of a glyph the first character that it stands for: 见 becomes ⻅,
    which no reader types. And it writes each mark of the structure, one for each colored word of code, as an object of
    its own: here all that is no stream lies in streams of such objects, compressed (PDF 1.5).
    """
    table = pdf.index(b"\n", pdf.index(b"\n", int(pdf[pdf.rindex(b"startxref") :].split()[1])) + 1) + 1
    trailer = pdf[pdf.rindex(b"<<", 0, pdf.rindex(b"startxref")) :].partition(b">>")[0]
    size = int(trailer.split(b"/Size ")[1].split()[0])
    lines = (table + 20 * each for each in range(1, size))  # of 20 bytes, the first of them an offset of 10
    places = {each: int(pdf[line : line + 10]) for each, line in enumerate(lines, 1)}
    ends = dict(pairwise([*sorted(places.values()), pdf.rindex(b"xref\n", 0, table)]))
    whole = {each: pdf[at : ends[at]].strip() for each, at in places.items()}
    for each in {int(number) for number in re.findall(rb"/ToUnicode (\d+) 0 R", pdf)}:
        said = zlib.decompress(whole[each].partition(b"stream\n")[2])
        whole[each] = _stream(each, b"", _LINE.sub(_letters, said.decode("ascii")).encode("ascii"))
    loose = [each for each, said in whole.items() if not said.endswith(b"endstream\nendobj")]
    entries = {0: (0, 0, 65535)}
    for at in range(0, len(loose), A_STREAM):
        group = loose[at : at + A_STREAM]
        inner = [whole.pop(each).partition(b" obj\n")[2].removesuffix(b"endobj").strip() for each in group]
        starts = accumulate((len(each) + 1 for each in inner), initial=0)
        head = b" ".join(b"%d %d" % pair for pair in zip(group, starts, strict=False)) + b" "
        number = size
        size += 1
        form = b"/Type /ObjStm /N %d /First %d " % (len(group), len(head))
        whole[number] = _stream(number, form, head + b" ".join(inner))
        entries |= {each: (2, number, index) for index, each in enumerate(group)}
    out = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
    for each, written in whole.items():
        entries[each] = (1, len(out), 0)
        out += written + b"\n"
    entries[size] = (1, len(out), 0)
    rows = b"".join(struct.pack(">BIH", *entries[each]) for each in range(size + 1))
    kept = re.sub(rb"/Size \d+\s*", b"", trailer.removeprefix(b"<<"))
    out += _stream(size, b"/Type /XRef /W [1 4 2] /Size %d %b " % (size + 1, kept.strip()), rows)
    return bytes(out + b"\nstartxref\n%d\n%%%%EOF\n" % entries[size][1])


def _stream(number: int, form: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    head = b"%d 0 obj\n<<%b/Filter /FlateDecode /Length %d>> stream\n" % (number, form, len(packed))
    return head + packed + b"\nendstream\nendobj"


def _letters(line: re.Match[str]) -> str:
    """Return a line of a font's table, one glyph or some in a row, with letters in the place of radicals."""
    first, last, said = line[1], line[2] or line[1], bytes.fromhex(line[3]).decode("utf-16-be")
    several = range(int(last, 16) - int(first, 16) + 1)
    meant = [said[:-1] + chr(ord(said[-1]) + each) for each in several]
    if not any(map(_RADICAL.search, meant)):
        return line[0]
    letters = [unicodedata.normalize("NFKC", each.translate(_LETTERS)).encode("utf-16-be").hex() for each in meant]
    shown = " ".join(f"<{each.upper()}>" for each in letters)
    return f"<{first}> {shown}" if not line[2] else f"<{first}> <{last}> [{shown}]"


def _from_root(book: Book, language: str, address: str) -> str:
    return address if language == book.languages[0] else normpath(f"{language}/{address}")


def _prefixed(article: Article) -> None:
    """Give each place on a page a name that no other page has, and lead the links there."""
    for each in article.soup.find_all(True):
        for name in ("id", "for", "headers", "aria-labelledby", "aria-describedby"):
            if isinstance(value := each.get(name), str):
                each[name] = article.prefix + value
        for name in ("href", "xlink:href"):
            value = str(each.get(name, ""))
            if value.startswith("#"):
                each[name] = f"#{article.prefix}{value[1:]}"
            elif value.startswith("page:"):
                page, _, spot = value.removeprefix("page:").partition("#")
                each[name] = f"#{page.replace('/', '-')}--{spot}"


# --- EPUB -----------------------------------------------------------------------------------------------------------


def epub(book: Book, site: Path, language: str, target: Path, pages: int | None) -> Path:
    """Write the pages of a language as EPUB 3, with formulas as MathML."""
    from ebooklib import epub as ebook

    made, kept = ebook.EpubBook(), set()
    made.set_identifier(f"{target.stem}-{_date(book)}")
    made.set_title(book.title(language))
    made.set_language(book.language(language).tag)
    made.add_author(book.sharing.get("author", book.title(language)))
    made.add_metadata("DC", "rights", book.sharing.get("license", ""))
    made.add_metadata("DC", "date", _date(book))
    style = ebook.EpubItem("style", "style.css", "text/css", _EPUB_STYLE.encode())
    made.add_item(style)
    chapters = []
    for article in articles(book, site, language, pages):
        _as_xhtml(article)
        name = f"{article.name.replace('/', '-')}.xhtml"
        chapter = ebook.EpubHtml(title=article.title, file_name=name, lang=book.language(language).tag)
        chapter.content = f"<body>{article.soup.decode(formatter='minimal')}</body>"
        chapter.add_item(style)
        chapter.properties += [kind for tag, kind in (("math", "mathml"), ("svg", "svg")) if article.soup.find(tag)]
        made.add_item(chapter)
        chapters.append(chapter)
        for image in article.soup.select("img[src]"):
            source = str(image["src"])
            if source not in kept and not source.startswith("data:"):
                kept.add(source)
                kind = {"svg": "svg+xml", "jpg": "jpeg"}.get(source.rpartition(".")[2], source.rpartition(".")[2])
                made.add_item(ebook.EpubItem(None, source, f"image/{kind}", (site / source).read_bytes()))
    made.toc = chapters
    made.spine = ["nav", *chapters]
    made.add_item(ebook.EpubNcx())
    made.add_item(ebook.EpubNav())
    ebook.write_epub(target, made, {"mtime": datetime.datetime.fromtimestamp(source_date(book), datetime.UTC)})
    return target


_KEPT = {
    "id", "src", "alt", "href", "colspan", "rowspan", "title", "lang", "start", "encoding", "display", "scope",
    "datetime",
}  # fmt: skip
_FOREIGN = {"math": "http://www.w3.org/1998/Math/MathML", "svg": "http://www.w3.org/2000/svg"}
_BOXES = {"details": "div", "summary": "p", "mjx-container": "span"}


def _as_xhtml(article: Article) -> None:
    """Leave of a page what an EPUB may have."""
    for each in article.soup.select("mjx-container > svg, button, input"):
        each.decompose()
    for each in article.soup.find_all(True):
        foreign = each.name in _FOREIGN or each.find_parent(list(_FOREIGN)) is not None
        if each.name == "details":
            each["class"] = "box"
        if each.name == "summary":
            each["class"] = "badge"
        each.name = _BOXES.get(each.name, each.name)
        for name in list(each.attrs):
            if name.startswith("data-") or (name not in _KEPT and name != "class" and not foreign):
                del each[name]
        if each.name in _FOREIGN:
            each["xmlns"] = _FOREIGN[each.name]
        if "viewbox" in each.attrs:
            each["viewBox"] = each.attrs.pop("viewbox")
        if str(each.get("href", "")).startswith("page:"):
            page, _, spot = str(each["href"]).removeprefix("page:").partition("#")
            each["href"] = f"{page.replace('/', '-')}.xhtml" + (f"#{spot}" if spot else "")
    article.soup.name = "section"
