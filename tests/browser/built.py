"""The built site as the browser tests see it: its pages, the code that ran on them, and a server for them."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from book.core.page import Block, read
from book.core.site import Book
from tests.pages import asked_in, turn

SITEMAP_ADDRESS = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@dataclass(frozen=True)
class Page:
    """A page of the built site.

    Attributes:
        address: where it lies below the site's root, such as ``practice/mnist-cnn/`` or ``en/`` (never with a
            leading slash).
    """

    address: str

    @property
    def language(self) -> str:
        """``en`` below ``en/``, ``zh`` everywhere else."""
        return "en" if self.address.startswith("en/") else "zh"

    @property
    def other(self) -> Page:
        """The same page in the other language."""
        return Page(self.address.removeprefix("en/") if self.language == "en" else f"en/{self.address}")

    @property
    def is_notebook(self) -> bool:
        """Whether it is the view of a page's notebook."""
        return self.address.startswith(("notebooks/", "en/notebooks/"))

    @property
    def turn(self) -> int:
        """A number that both languages of the page share, and both of its notebook's views."""
        return turn(self._shared)

    @property
    def is_asked(self) -> bool:
        """Whether the page is in the language in which it is put to tests for which one language is enough."""
        return self.language == asked_in(self._shared)

    @property
    def _shared(self) -> str:
        """What the addresses of both languages have in common, and those of both notebooks' views."""
        return self.address.removeprefix("en/").removeprefix("notebooks/")

    @property
    def names(self) -> tuple[str, str]:
        """The two names its source may have, such as ``practice/mnist-cnn`` and ``practice/mnist-cnn/index``."""
        plain = self.address.removeprefix("en/").removesuffix(".html").strip("/")
        return plain, f"{plain}/index".lstrip("/")


@dataclass(frozen=True)
class Built:
    """A site built from the pages of a checkout.

    Attributes:
        root: the checkout.
        folder: where the site lies.
    """

    root: Path
    folder: Path

    @cached_property
    def pages(self) -> list[Page]:
        """All pages, sorted; the one shown for a missing address is not among them."""
        files = (file.relative_to(self.folder) for file in self.folder.rglob("*.html"))
        addresses = (file.as_posix().removesuffix("index.html") for file in files if file.name != "404.html")
        return sorted(map(Page, addresses), key=lambda page: page.address)

    @cached_property
    def base_path(self) -> str:
        """Path of the address the site was built for, with slashes at both ends, as its sitemap says."""
        sitemap = self.folder / "sitemap.xml"
        if not sitemap.is_file():
            return "/"
        addresses = [element.text or "" for element in ElementTree.parse(sitemap).iter(SITEMAP_ADDRESS)]
        return min((urlsplit(address).path for address in addresses), key=len, default="/") or "/"

    def blocks(self, page: Page) -> tuple[Block, ...]:
        """Return the blocks that ran on a page, in reading order, from its source; none where it has no source."""
        book = Book(self.root)
        for name in page.names:
            if book.page_file(page.language, name).is_file():
                return read(book, page.language, name).blocks
        return ()

    def html(self, page: Page) -> str:
        """Return a page's HTML."""
        file = self.folder / page.address
        return (file / "index.html" if file.is_dir() else file).read_text(encoding="utf-8")

    def dead_end(self, link: str) -> list[str]:
        """Return why a link from the site's root (``part/name/#place``) leads nowhere; nothing where it does not."""
        path, _, place = unquote(link).partition("#")
        file = self.folder / path.partition("?")[0]
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            return [f"/{path} does not exist"]
        if place and file.suffix == ".html" and place not in _places(file):
            return [f"/{path} has no place #{place}"]
        return []

    @contextmanager
    def serve(self, prefix: str = "/") -> Iterator[str]:
        """Serve the site below a prefix (``/`` or ``/book/``) as GitHub Pages does; yield the address of its root."""
        handler = partial(_Handler, folder=self.folder, prefix=prefix)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}{prefix}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


@cache
def _places(file: Path) -> frozenset[str]:
    """Return the ids of a page."""
    found = re.findall(r"""\sid=(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", file.read_text(encoding="utf-8"))
    return frozenset(html.unescape(a or b or c) for a, b, c in found)


class _Handler(SimpleHTTPRequestHandler):
    """Serves one folder below a prefix, and its ``404.html`` for what is not there."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, folder: Path, prefix: str) -> None:
        self.folder, self.prefix = folder, prefix
        super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        if self._found():
            super().do_GET()
        else:
            self._missing()

    def do_HEAD(self) -> None:
        if self._found():
            super().do_HEAD()
        else:
            self._missing()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing; the tests themselves look at what was asked for."""

    def _found(self) -> bool:
        """Take the prefix off the path, and tell whether something lies there."""
        if not self.path.startswith(self.prefix):
            return False
        self.path = "/" + self.path.removeprefix(self.prefix)
        path = Path(self.translate_path(self.path))
        return (path / "index.html").is_file() if path.is_dir() else path.is_file()

    def _missing(self) -> None:
        page = self.folder / "404.html"
        content = page.read_bytes() if page.is_file() else b"not found"
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
