"""Build the sites of all languages with MkDocs, whole or not at all."""

from __future__ import annotations

import calendar
import datetime
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from book.core import store
from book.core.findings import BookError, Finding, error
from book.core.page import formulas, read
from book.core.site import Book
from book.core.store import disk_error, locked
from book.draw.formulas import typeset
from book.draw.values import book_totals

TWO_PROCESSES = 16
"""With so many pages a language, a process for each is worth its start."""

Reads = Mapping[str, Mapping[str, frozenset[Path]]]
"""By language and page: the files that the page depends on."""


def build(
    book: Book,
    target: Path,
    *,
    strict: bool = True,
    site_url: str | None = None,
    languages: Sequence[str] = (),
    anew: bool = False,
    views: bool = True,
) -> Reads:
    """Build the site of the first language into ``target`` and the others into ``target/CODE``, whole or not at all.

    The same files give the same bytes, wherever and whenever they are built. Of two builds at once the second waits.
    Where ``target`` is what a build of the same files left, nothing is done.

    Args:
        book: the checkout.
        target: folder that is replaced once every site is there; it must be empty or hold a site.
        strict: fail on any warning.
        site_url: address the site will have; by default that of the environment variable SITE_URL.
        languages: by default all.
        anew: build even where ``target`` is what it would be.
        views: with the views of the notebooks, which take most of the time.

    Returns:
        What each page depends on; empty where nothing was done.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / "sitemap.xml").is_file():
        raise error("this folder holds something other than a site", "name another one", book.shown(target))
    languages = languages or book.languages
    fresh, former = (target.with_name(f".{target.name}.{which}") for which in ("new", "old"))
    with locked(book.cache / "build.lock", wait=True), _source_date(book):
        note = _note(book, target)
        try:
            _clear(fresh, former, target)
            state = _state(book, target, strict=strict, site_url=site_url, languages=languages, views=views)
            if not anew and _is_left(note, state, target):
                return {}
            reads = _build_all(book, fresh, languages, strict=strict, site_url=site_url, views=views)
            if target.exists():
                target.rename(former)
            fresh.rename(target)
            with suppress(OSError):
                store.write(note, store.encode({"of": state, "site": store.digest(_contents(target))}))
        except OSError as problem:
            if problem.errno not in store.DISK_FAULTS:  # such as a template that is missing: no fault of the disk
                raise
            raise disk_error(problem, book.shown(target)) from None
        finally:
            _clear(fresh, former, target)
    return reads


def _clear(fresh: Path, former: Path, target: Path) -> None:
    """Remove what a build left that did not end, and bring back the site that it was about to replace."""
    if former.exists() and not target.exists():
        former.rename(target)
    for left_over in (fresh, former):
        shutil.rmtree(left_over, ignore_errors=True)


# --- Nothing to do --------------------------------------------------------------------------------------------------


def is_current(book: Book, target: Path) -> bool:
    """Tell whether a folder holds to the byte the whole site that ``build`` would make of the files as they are."""
    with _source_date(book):
        state = _state(book, target, strict=True, site_url=None, languages=book.languages, views=True)
    return _is_left(_note(book, target), state, target)


def _note(book: Book, target: Path) -> Path:
    """Return where it stands of what a site was made."""
    return book.cache / "built" / f"{store.sha256(str(target).encode())[:20]}.json"


def _state(
    book: Book, target: Path, *, strict: bool, site_url: str | None, languages: Sequence[str], views: bool
) -> str:
    """Return a hash of all that a site depends on."""
    date = os.environ["SOURCE_DATE_EPOCH"]
    asked = {"strict": strict, "views": views, "url": site_url or "", "languages": list(languages), "date": date}
    records = os.path.relpath(book.records, book.root)
    return store.digest({**asked, "records": records, "files": _sources(book, target), "settings": _settings(book)})


def _sources(book: Book, target: Path) -> dict[str, str]:
    """Return the hash of every file of the checkout that a site may be made from: all but tests and what is made."""
    left_out = {target, *(book.root / name for name in ("node_modules", "site", "tests", "tools"))}
    found: dict[str, str] = {}
    for entry in book.root.iterdir():
        if entry not in left_out and not entry.name.startswith("."):
            found |= _contents(entry, book.root)
    return found


def _contents(place: Path, root: Path | None = None) -> dict[str, str]:
    """Return the hash of each file in a folder by its name, or that of the file itself."""
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    return {
        str(file.relative_to(root or place)): store.state(file)
        for file in files
        if file.is_file() and file.suffix != ".pyc" and not file.name.endswith(".part")
    }


def _settings(book: Book) -> dict[str, str | None]:
    """Return what a site depends on besides the files of the checkout: code, libraries, variables it asks for."""
    from book.publish.plugin import edition

    asked = [re.findall(r"[A-Z][A-Z0-9_]{2,}", book.config_file(each).read_text("utf-8")) for each in book.languages]
    names = sorted({"SITE_URL", *(name for found in asked for name in found)})
    return {"edition": edition(book), **{name: os.environ.get(name) for name in names}}


def _is_left(note: Path, state: str, target: Path) -> bool:
    """Tell whether the site is to the byte what a build of the same state left."""
    try:
        kept = store.load(note)
    except store.Damaged:
        return False
    return (
        kept is not None and kept["of"] == state and target.is_dir() and kept["site"] == store.digest(_contents(target))
    )


# --- Building -------------------------------------------------------------------------------------------------------


def _build_all(
    book: Book, fresh: Path, languages: Sequence[str], *, strict: bool, site_url: str | None, views: bool
) -> dict[str, Mapping[str, frozenset[Path]]]:
    """Build each language; the first here, the others in processes beside this one where there is enough to do."""
    build_it = partial(build_one, strict=strict, site_url=site_url, views=views)
    apart = languages[1:] if len(book.page_names(languages[0])) >= TWO_PROCESSES and (os.cpu_count() or 1) > 1 else ()
    here = [each for each in languages if each not in apart]
    if not apart:
        return {each: build_it(book, each, place(book, fresh, each)) for each in here}
    parts = {each: fresh.with_name(f"{fresh.name}.{each}") for each in apart}  # MkDocs empties the folder it fills
    try:
        with ProcessPoolExecutor(len(apart), mp_context=get_context("spawn")) as others:
            waiting = {each: others.submit(build_it, book, each, part) for each, part in parts.items()}
            reads = {each: build_it(book, each, place(book, fresh, each)) for each in here}
            reads |= {each: future.result() for each, future in waiting.items()}
        for each, part in parts.items():
            part.rename(place(book, fresh, each))
    finally:
        for part in parts.values():
            shutil.rmtree(part, ignore_errors=True)
    return reads


def place(book: Book, site: Path, language: str) -> Path:
    """Return where one language's site lies in the site of both."""
    return site if language == book.languages[0] else site / language


def build_one(
    book: Book,
    language: str,
    target: Path,
    *,
    strict: bool,
    site_url: str | None,
    dirty: bool = False,
    views: bool = True,
) -> Mapping[str, frozenset[Path]]:
    """Build one language's site; ``dirty`` builds only the pages that changed since ``target`` was built.

    Returns:
        The files that each page that was built depends on.
    """
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort, MkDocsException

    os.environ.setdefault("DISABLE_MKDOCS_2_WARNING", "true")
    options: dict[str, Any] = {"site_dir": str(target), "strict": strict}
    if address := site_url or os.environ.get("SITE_URL"):
        options["site_url"] = address.rstrip("/") + ("/" if language == book.languages[0] else f"/{language}/")
    config_file = book.config_file(language)
    with _source_date(book), store.steady():
        # a mistake is named with its line here, MkDocs would only name the page
        pages = [read(book, language, name) for name in book.page_names(language)]
        if not dirty:
            typeset([formula for page in pages for _, formula in formulas(page)])  # Node is started once for all
        try:
            config = load_config(str(config_file), **options)
        except MkDocsException as problem:
            raise error(f"the configuration is not right: {problem}", "mend it", book.shown(config_file)) from None
        config.plugins["book"].made_of = book  # type: ignore[attr-defined]
        warned = _Warnings(book, language, config)
        logging.getLogger("mkdocs").addHandler(warned)
        try:
            config.plugins["book"].views = views  # type: ignore[attr-defined]
            config.plugins.on_startup(command="build", dirty=dirty)
            mkdocs_build(config, dirty=dirty)
            config.plugins.on_shutdown()
        except (Abort, MkDocsException) as problem:
            what = f"the {language} site was not built: {problem}"
            last = Finding(book.shown(config_file), 0, what, "mend what is named above")
            raise BookError(*dict.fromkeys(warned.findings), last) from None
        finally:
            logging.getLogger("mkdocs").removeHandler(warned)
    return config.plugins["book"].reads  # type: ignore[attr-defined, no-any-return]


class _Warnings(logging.Handler):
    """Collects what MkDocs, its plugins and this package warn of: MkDocs shows it only in its own commands."""

    def __init__(self, book: Book, language: str, config: Any) -> None:
        super().__init__(logging.WARNING)
        self.book, self.language, self.config = book, language, config
        self.findings: list[Finding] = []

    def emit(self, entry: logging.LogRecord) -> None:
        """Make a finding of a warning; of an error MkDocs makes an exception."""
        if entry.levelno < logging.ERROR:
            text, page = entry.getMessage(), self.config._current_page
            named = re.match(r"Doc file '(.+?)'", text)
            source = named[1] if named else page.file.src_uri if page else ""
            file = self.book.docs(self.language) / source if source else self.book.config_file(self.language)
            self.findings.append(Finding(self.book.shown(file), 0, text, "mend it"))


# --- The time -------------------------------------------------------------------------------------------------------


@contextmanager
def _source_date(book: Book) -> Iterator[str]:
    """Let everything that writes a time write the same: that of the sources."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = date = given or str(source_date(book))
    try:
        yield date
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
        day = datetime.date.fromisoformat(book_totals(book)["date"])
    except (BookError, ValueError):  # nothing has run yet, or a record is damaged
        day = datetime.date(1980, 1, 1)
    return calendar.timegm(day.timetuple())
