"""Build both sites with MkDocs, and show them while somebody writes."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException
from mkdocs.livereload import LiveReloadServer

from book.errors import error
from book.record import disk_error
from book.site import LANGUAGES, Book

PREVIEW = "http://127.0.0.1:{port}/"


def build(book: Book, target: Path, *, strict: bool = True, site_url: str | None = None) -> None:
    """Build the Chinese site into ``target`` and the English one into ``target/en``, whole or not at all.

    Args:
        book: the checkout.
        target: folder that is replaced once both sites are there.
        strict: fail on any warning.
        site_url: address the site will have; by default that of the environment variable SITE_URL.

    Raises:
        BookError: MkDocs refuses, or the disk is full.
    """
    fresh = book.cache / "build"
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        for language in LANGUAGES:
            _build_one(book, language, _place(fresh, language), strict, site_url)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(target)
    except OSError as problem:
        raise disk_error(problem, book.shown(target)) from None


def _place(site: Path, language: str) -> Path:
    return site if language == LANGUAGES[0] else site / language


def _build_one(book: Book, language: str, target: Path, strict: bool, site_url: str | None) -> None:
    os.environ.setdefault("DISABLE_MKDOCS_2_WARNING", "true")
    options: dict[str, Any] = {"site_dir": str(target), "strict": strict}
    if address := site_url or os.environ.get("SITE_URL"):
        options["site_url"] = address.rstrip("/") + ("/" if language == LANGUAGES[0] else f"/{language}/")
    try:
        config = load_config(str(book.config_file(language)), **options)
        config.plugins.on_startup(command="build", dirty=False)
        mkdocs_build(config)
        config.plugins.on_shutdown()
    except (Abort, MkDocsException) as problem:
        raise error(
            f"the {language} site was not built: {problem}",
            "mend what the warnings above name",
            book.shown(book.config_file(language)),
        ) from None


def watched(book: Book) -> Iterable[Path]:
    """Yield what the preview watches."""
    yield from (book.root / "docs", book.snippets, book.records, book.root / "theme")
    yield from (book.config_file(language) for language in LANGUAGES)


def serve(book: Book, port: int = 8000, host: str = "127.0.0.1") -> None:
    """Show both languages on one port, rebuilt and reloaded on every change; runs no block.

    Raises:
        BookError: the port is taken, or the first build fails.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    target = book.cache / "preview"
    address = PREVIEW.format(port=port)

    def rebuild() -> None:
        build(book, target, strict=False, site_url=address)

    print("building both languages ...", flush=True)
    rebuild()
    try:
        server = LiveReloadServer(builder=rebuild, host=host, port=port, root=str(target), mount_path="/")
    except OSError as problem:
        remedy = f"stop what uses it, or choose another: make serve PORT={port + 1}"
        raise error(f"port {port} cannot be used ({problem.strerror})", remedy) from None
    for path in watched(book):
        if path.exists():
            server.watch(str(path))
    print(f"中文：{address}    English: {address}en/    (Ctrl+C stops)", flush=True)
    try:
        server.serve()  # type: ignore[no-untyped-call]
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
