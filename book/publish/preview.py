"""Show the sites while somebody writes: rebuild only what an edit touches, then reload the browser.

MkDocs' own live-reload server watches and serves. A file that changes leads to a "dirty" MkDocs build of the pages
that were drawn from it; anything else (configuration, theme, a page or a record that comes or goes) builds everything,
of which what is unchanged comes from the cache.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from mkdocs.livereload import LiveReloadServer

from book.core import store
from book.core.findings import BookError, error
from book.core.page import read
from book.core.site import Book
from book.publish.build import Reads, build, build_one, place

SEARCH_INDEX = Path("search") / "search_index.json"
POLLING_SECONDS = 0.2

Stamps = Mapping[Path, tuple[int, int]]
"""Files, and what changes when they do."""


class Server(LiveReloadServer):
    """Serves the pages without their policy, which would keep out the script that reloads them."""

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Within the ``with`` statement show the sites as they are; else whoever asks waits until they are rebuilt."""
        with self._epoch_cond:
            wanted, self._wanted_epoch = self._wanted_epoch, self._visible_epoch
            self._epoch_cond.notify_all()
        try:
            yield
        finally:
            self._wanted_epoch = wanted

    def _inject_js_into_html(self, content: bytes, epoch: int) -> bytes:
        content = content.replace(b'"Content-Security-Policy"', b'"x-policy"', 1)
        return super()._inject_js_into_html(content, epoch)  # type: ignore[no-untyped-call, no-any-return]


class Preview:
    """The sites in ``target``, kept up to date with the files they are built from."""

    def __init__(self, book: Book, target: Path, address: str) -> None:
        """Build what is looked at first, the pages without the views of their notebooks; for ``address``."""
        self.book, self.target, self.address = book, target, address
        self.seen: Stamps = {}  # so that the first ``rebuild`` makes the rest
        self._build(views=False)

    def _build(self, **only: Any) -> None:
        """Build everything, or what is asked for."""
        reads = build(self.book, self.target, strict=False, site_url=self.address, anew=True, **only)
        self.reads = {language: dict(of_pages) for language, of_pages in reads.items()}

    def rebuild(self, meanwhile: Callable[[], AbstractContextManager[None]]) -> None:
        """Bring up to date what changed since the last call; on a mistake say where, and keep what is shown.

        ``meanwhile`` is entered while everything is built, which takes long and replaces the sites in one move.
        """
        now = stamps(self.book)
        changed = {path for path in now.keys() | self.seen.keys() if now.get(path) != self.seen.get(path)}
        came_or_went = now.keys() != self.seen.keys()
        self.seen = now
        try:
            touched = None if came_or_went else touched_pages(self.book, changed, self.reads)
            if touched is None:
                with meanwhile():
                    self._build()
                return
            for language, names in touched.items():
                self._refresh(language, names)
        except BookError as problem:
            print(problem, flush=True)

    def _refresh(self, language: str, names: set[str]) -> None:
        """Build some pages of one language anew; the others, and their entries in the search index, stay."""
        site = place(self.book, self.target, language)
        addresses = {name.removesuffix("index").rstrip("/") for name in names}
        for address in addresses:
            os.utime(site / address / "index.html", (0, 0))  # MkDocs takes it for older than its source
        before = json.loads((site / SEARCH_INDEX).read_text(encoding="utf-8"))
        reads = build_one(self.book, language, site, strict=False, site_url=self.address, dirty=True)
        self.reads[language] |= {name: reads[name] for name in names if name in reads}
        after = json.loads((site / SEARCH_INDEX).read_text(encoding="utf-8"))
        kept = [entry for entry in before["docs"] if _address(entry) not in addresses]
        merged = {**after, "docs": kept + [entry for entry in after["docs"] if _address(entry) in addresses]}
        (site / SEARCH_INDEX).write_text(json.dumps(merged, ensure_ascii=False), encoding="utf-8")


def _address(entry: Mapping[str, Any]) -> str:
    return str(entry["location"]).partition("#")[0].rstrip("/")


def stamps(book: Book) -> Stamps:
    """Return the state of every file that the sites are built from."""
    files = [book.config_file(language) for language in book.languages]
    for folder in watched_folders(book):
        files += [file for file in folder.rglob("*") if "__pycache__" not in file.parts]
    return {file: stamp for file in files if (stamp := store.unnoted(file)) and file.is_file()}


def watched_folders(book: Book) -> Iterable[Path]:
    """Yield the folders that the preview watches."""
    yield from (book.root / "docs", book.snippets, book.records, book.root / "theme")


def touched_pages(book: Book, changed: Iterable[Path], reads: Reads) -> dict[str, set[str]] | None:
    """Return language to names of the pages that were drawn from files; None where everything must be built.

    The ``changed`` files were there before and are there now; ``reads`` says what each page was drawn from.
    """
    files = set(changed)
    loose = files.difference(*(of_page for pages in reads.values() for of_page in pages.values()))
    may_be_shown_nowhere = (book.snippets, book.records, book.data)
    pages_own = (*may_be_shown_nowhere, *(book.docs(language) for language in book.languages))
    for path in files:
        if not any(path.is_relative_to(each) for each in (may_be_shown_nowhere if path in loose else pages_own)):
            return None
    touched = {
        language: {name for name, of_page in pages.items() if files & of_page} for language, pages in reads.items()
    }
    for language, names in touched.items():
        for name in names:
            read(book, language, name)
    return {language: names for language, names in touched.items() if names}


def serve(book: Book, port: int = 8000, host: str = "127.0.0.1") -> None:
    """Show both languages on one port, rebuilt and reloaded on every change; runs no block."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("mkdocs.commands.build").addFilter(lambda entry: "'dirty' build" not in entry.getMessage())
    address, target = f"http://{host}:{port}/", book.cache / "preview" / str(port)
    _claim(host, port)
    print("building the pages (the first time it takes about a minute) ...", flush=True)
    preview = Preview(book, target, address)
    server = Server(
        lambda: preview.rebuild(server.answering),
        host=host,
        port=port,
        root=str(target),
        mount_path="/",
        polling_interval=POLLING_SECONDS,
    )
    missing = target / "404.html"
    server.error_handler = lambda code: missing.read_bytes() if code == 404 and missing.is_file() else None
    for path in (*watched_folders(book), *(book.config_file(language) for language in book.languages)):
        if path.exists():
            server.watch(str(path))
    server._want_rebuild = True  # as if something had changed: the views follow
    for language in book.languages:
        below = "" if language == book.languages[0] else f"{language}/"
        print(f"{book.title(language)}: {address}{below}", flush=True)
    print("(the views of the notebooks follow; Ctrl+C stops)", flush=True)
    try:
        server.serve()  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        pass
    except OSError as problem:
        raise _taken(port, problem) from None
    finally:
        server.shutdown()


def _claim(host: str, port: int) -> None:
    """Make sure that the port is free before the long build."""
    try:
        with socket.create_server((host, port)):
            return
    except OSError as problem:
        raise _taken(port, problem) from None


def _taken(port: int, problem: OSError) -> BookError:
    remedy = f"stop what uses it, or choose another: make serve PORT={port + 1}"
    return error(f"port {port} cannot be used ({problem.strerror})", remedy)
