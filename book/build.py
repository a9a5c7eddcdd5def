"""Build both sites with MkDocs, whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from book.errors import error
from book.read import read
from book.record import disk_error
from book.site import LANGUAGES, Book


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
            build_one(book, language, place(fresh, language), strict=strict, site_url=site_url)
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh.rename(target)
    except OSError as problem:
        raise disk_error(problem, book.shown(target)) from None


def place(site: Path, language: str) -> Path:
    """Return where one language's site lies in the site of both."""
    return site if language == LANGUAGES[0] else site / language


def build_one(
    book: Book, language: str, target: Path, *, strict: bool, site_url: str | None, dirty: bool = False
) -> None:
    """Build one language's site; ``dirty`` builds only the pages that changed since ``target`` was built.

    Raises:
        BookError: a page cannot be read, or MkDocs refuses.
    """
    for name in book.page_names(language):
        read(book, language, name)  # a mistake is named with its line here, MkDocs would only name the page
    os.environ.setdefault("DISABLE_MKDOCS_2_WARNING", "true")
    options: dict[str, Any] = {"site_dir": str(target), "strict": strict}
    if address := site_url or os.environ.get("SITE_URL"):
        options["site_url"] = address.rstrip("/") + ("/" if language == LANGUAGES[0] else f"/{language}/")
    try:
        config = load_config(str(book.config_file(language)), **options)
        config.plugins.on_startup(command="build", dirty=dirty)
        mkdocs_build(config, dirty=dirty)
        config.plugins.on_shutdown()
    except (Abort, MkDocsException) as problem:
        raise error(
            f"the {language} site was not built: {problem}",
            "mend what the warnings above name",
            book.shown(book.config_file(language)),
        ) from None
