"""Build both sites with MkDocs, whole or not at all."""

from __future__ import annotations

import calendar
import datetime
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort, MkDocsException

from book.core.findings import BookError, error
from book.core.page import read
from book.core.site import Book
from book.core.store import disk_error, locked
from book.draw.values import book_totals


def build(book: Book, target: Path, *, strict: bool = True, site_url: str | None = None) -> None:
    """Build the Chinese site into ``target`` and the English one into ``target/en``, whole or not at all.

    The same files give the same bytes, wherever and whenever they are built. Of two builds at once the second waits.

    Args:
        book: the checkout.
        target: folder that is replaced once both sites are there; it must be empty or hold a site.
        strict: fail on any warning.
        site_url: address the site will have; by default that of the environment variable SITE_URL.

    Raises:
        BookError: MkDocs refuses, the disk is full, or ``target`` holds something else.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / "sitemap.xml").is_file():
        raise error("this folder holds something other than a site", "name another one", book.shown(target))
    fresh, former = (target.with_name(f".{target.name}.{which}") for which in ("new", "old"))
    with locked(book.cache / "build.lock", wait=True):
        try:
            _clear(fresh, former, target)
            for language in book.languages:
                build_one(book, language, place(book, fresh, language), strict=strict, site_url=site_url)
            if target.exists():
                target.rename(former)
            fresh.rename(target)
        except OSError as problem:
            raise disk_error(problem, book.shown(target)) from None
        finally:
            _clear(fresh, former, target)


def _clear(fresh: Path, former: Path, target: Path) -> None:
    """Remove what a build left that did not end, and bring back the site that it was about to replace."""
    if former.exists() and not target.exists():
        former.rename(target)
    for left_over in (fresh, former):
        shutil.rmtree(left_over, ignore_errors=True)


def place(book: Book, site: Path, language: str) -> Path:
    """Return where one language's site lies in the site of both."""
    return site if language == book.languages[0] else site / language


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
    given = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = given or str(source_date(book))
    options: dict[str, Any] = {"site_dir": str(target), "strict": strict}
    if address := site_url or os.environ.get("SITE_URL"):
        options["site_url"] = address.rstrip("/") + ("/" if language == book.languages[0] else f"/{language}/")
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
    finally:
        if given is None:
            del os.environ["SOURCE_DATE_EPOCH"]


def source_date(book: Book) -> int:
    """Return the time that stands in the site where a time has to stand, in seconds since 1970.

    It is that of the last commit; outside a git checkout, that of the last run of a block.
    """
    try:
        last = subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=book.root, capture_output=True, text=True, timeout=60, check=True
        )
        return int(last.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        pass
    try:
        day = datetime.date.fromisoformat(book_totals(book).date)
    except (BookError, ValueError):  # nothing has run yet, or a record is damaged
        day = datetime.date(1980, 1, 1)
    return calendar.timegm(day.timetuple())
