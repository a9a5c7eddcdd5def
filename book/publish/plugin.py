"""The plugin ``book`` of MkDocs: it gives the renderer the page's place, and the site what its pages offer and show.

That is pictures, scripts, data and notebooks. ``pyproject.toml`` names the plugin as an entry point, so a book needs
only ``plugins`` with ``book`` and, to draw the views of the notebooks, ``mkdocs-jupyter`` in its configurations.

Each page, the view of its notebook and the notebook are drawn once and kept in ``.cache/drawn`` until something
changes that was read while they were drawn (``store.kept``), or that ``edition`` names. What MkDocs warned of is
drawn, and warned of, again.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from types import CodeType
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc
from mkdocs.utils import CountHandler
from mkdocs.utils.templates import TemplateContext

from book.core import markup, store
from book.core.findings import error
from book.core.page import Page as BookPage
from book.core.page import read
from book.core.site import CONFIGURATION, PACKAGE, Book, read_yaml
from book.notebook import twin, view
from book.publish import policy, sharing
from book.publish.files import beside, way_up

log = logging.getLogger("mkdocs.book.publish")


def edition(book: Book) -> str:
    """Return a hash of all that every page depends on: code, libraries, configurations, what was executed afresh."""
    code = [file for file in PACKAGE.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    own = [CONFIGURATION, "package.json", *(book.language(each).config for each in book.languages)]
    files = [*sorted(code), *(book.root / name for name in own)]
    made = {book.repeated, book.records} - {book.committed}  # what no page is said to have read: it lies in .cache
    files += [file for folder in sorted(made) for file in sorted(folder.rglob("*")) if file.is_file()]
    installed = {info.name for folder in sys.path if folder for info in Path(folder).glob("*.dist-info")}
    return store.digest({
        "python": sys.version,
        "installed": sorted(installed),
        "files": {os.path.relpath(file, PACKAGE if file in code else book.root): store.state(file) for file in files},
    })


class Options(Config):  # type: ignore[no-untyped-call]
    """The plugin has none: ``book.toml`` says what is a book's own."""


class BookPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """What MkDocs calls while it builds one language of a book.

    Attributes:
        reads: the files that each page depends on, by the page's name, once it is drawn.
        views: whether the site has the views of the notebooks.
        made_of: the book, where its records may be others than the committed.
    """

    dirty, views = False, True
    made_of: Book | None = None

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Remember whether only the pages that changed are built."""
        self.dirty = dirty

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Let includes be found from wherever the build is started, and know what the theme says of the languages."""
        self.book = self.made_of or Book(Path(config.config_file_path).resolve().parent)
        self.language = Path(config.docs_dir).name
        config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(each) for each in self.book.included]
        self.reads: dict[str, frozenset[Path]] = {}
        self.edition = edition(self.book)
        self.languages = [_for_theme(self.book, code) for code in self.book.languages]
        return config

    @event_priority(50)  # before mkdocs-jupyter looks for notebooks
    def _on_files_early(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Add what lies beside the pages, and the views of the notebooks."""
        site = published(config)

        def notebook(page: BookPage) -> bytes | None:
            source = files.get_file_from_path(f"{page.name}.md")
            return None if self.dirty and source and not source.is_modified() else self._notebook(page, site)

        for address, content in beside(self.book, self.language, site, notebook):
            _add(files, config, address, content)
        if self.views:  # mkdocs-jupyter passes over those of File.generated
            folder = str(view.folder(self.book, self.language))
            for name in self.book.page_names(self.language):
                if files.get_file_from_path(twin.address(name)):
                    files.append(File(view.address(name), folder, config.site_dir, config.use_directory_urls))
        for sheet in files.css_files():
            if not sheet.src_uri.endswith(".min.css"):
                sheet.content_string = _without_comments(sheet.content_string)
        no_page_names = ("assets/figures/", view.FOLDER)
        links = {file.src_uri: file.url for file in files if not file.src_uri.startswith(no_page_names)}
        self.edition_of_links = store.digest({"edition": self.edition, "links": links})
        return files

    @event_priority(-50)
    def _on_files_late(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Say of the views what mkdocs-jupyter does not: none is in the navigation, and each is to be drawn."""
        for file in files:
            if file.src_uri.startswith(view.FOLDER):
                if not file.is_documentation_page():
                    where = self.book.shown(Path(config.config_file_path))
                    remedy = 'add to plugins: mkdocs-jupyter, with include: ["*.ipynb"]'
                    raise error("nothing draws the views of the notebooks", remedy, where)
                file.inclusion, file.is_modified = InclusionLevel.NOT_IN_NAV, lambda: True  # type: ignore[method-assign]
        return files

    on_files = CombinedEvent(_on_files_early, _on_files_late)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Read every page's title, also of those that a dirty build leaves as they are."""
        for page in nav.pages:
            page.read_source(config)
        return nav

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Let each template be compiled once."""
        env.bytecode_cache = _Compiled()
        return env

    @event_priority(-50)  # after mkdocs-jupyter has put its own in the place of MkDocs' ``render``
    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Have a page, or the view of a notebook, drawn only where it is not kept."""
        name = _name(page)
        if name.startswith(view.FOLDER):
            shown = read(self.book, self.language, name.removeprefix(view.FOLDER))
            page.render = partial(self._render_view, page, shown, page.render)  # type: ignore[method-assign]
        else:
            page.render = partial(self._render, page, name)  # type: ignore[method-assign]
        return page

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """Spare MkDocs the notebook of a view, which is written only where the view is drawn."""
        return "" if page.file.src_uri.startswith(view.FOLDER) else None

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Tell the Markdown extension how far the page lies from the root of its site."""
        options = config.mdx_configs.setdefault("book.draw.extension", {})
        options |= {"base": way_up(page.url), "root": str(self.book.root), "records": str(self.book.records)}
        return markdown

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Give a template the languages, that of the site it is drawn for, and the way to the root of all sites."""
        language = next(each for each in self.languages if each["code"] == self.language)
        root = context["base_url"].rstrip("/") + ("/.." if language["path"] else "")
        return context | {"languages": self.languages, "language": language, "root": root}  # type: ignore[return-value]

    def on_page_context(
        self, context: TemplateContext, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Give a page, besides, the languages that have it, and what it says of itself to other hosts."""
        name = _name(page)
        own = name.removeprefix(view.FOLDER)
        address = page.url.removeprefix(view.FOLDER)
        translations = [each for each in self.languages if address in each["addresses"]]
        context = self.on_template_context(context, template_name="", config=config)
        site, path = published(config), next(each["path"] for each in self.languages if each["code"] == self.language)
        home = site.removesuffix(path) if site else ""
        card = home and home + sharing.card(self.book, own)
        about = {"url": page.canonical_url, "image": card}
        said = sharing.linked_data(self.book, read(self.book, self.language, own), about) if name == own else ""
        added = {"translations": translations, "home": home, "card": card, "linked_data": said}
        return context | added  # type: ignore[return-value]

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """On a page with blocks, and on the view of its notebook, lead to the other forms."""
        name = _name(page)
        on_view = name.startswith(view.FOLDER)
        name = name.removeprefix(view.FOLDER)
        if files.get_file_from_path(twin.address(name)) is None:
            return html
        base = way_up(page.url)
        row = view.links(self.book, self.language, name, base, config.repo_url, on_view=on_view)
        headline, end, rest = html.partition("</h1>")
        return html + row if page.is_homepage or not end else f"{headline}{end}\n{row}{rest}"

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Say what the page may fetch and run."""
        return policy.secured(output)

    def on_post_template(self, output_content: str, *, template_name: str, config: MkDocsConfig) -> str:
        """Say the same on the page for an address that leads nowhere."""
        return policy.secured(output_content)

    # --- drawn once

    def _kept(self, kind: str, name: str, key: str, make: Any) -> Mapping[str, Any]:
        """Return what is drawn of a page, and remember what that depends on."""
        drawn = "drawn" if self.book.is_committed else "drawn-fresh"
        file = self.book.cache / drawn / self.language / kind / f"{name}.json"
        found = store.kept(file, key, self.book.root, make)
        self.reads[name] = self.reads.get(name, frozenset()) | found.reads
        return found.content

    def _notebook(self, page: BookPage, address: str | None) -> bytes:
        def make() -> dict[str, str]:
            read(self.book, self.language, page.name)
            return {"text": twin.encode(twin.twin(self.book, page, address)).decode()}

        text: str = self._kept("notebook", page.name, f"{self.edition} {address}", make)["text"]
        return text.encode()

    def _render_view(
        self, page: Page, shown: BookPage, theirs: Callable[..., None], config: MkDocsConfig, files: Files
    ) -> None:
        base, file = way_up(page.url), view.folder(self.book, self.language) / page.file.src_uri

        def make() -> dict[str, Any] | None:
            read(self.book, self.language, shown.name)
            with _Warnings() as warnings:
                cells, places = view.notebook(self.book, shown, base)
                with store.locked(file.with_suffix(".lock"), wait=True), _own_settings(self.book):
                    store.write(file, twin.encode(cells), durable=False)
                    try:
                        theirs(config, files)
                        page.content, tokens = view.tame(page.content or "", places, self.book, self.language)
                    except Exception as problem:
                        what = f"the view of its notebook cannot be drawn: {problem}"
                        remedy = "see whether mkdocs-jupyter is the version of requirements.txt"
                        raise error(what, remedy, self.book.shown(shown.file)) from problem
                _look_again(page.content)
            page.toc = get_toc(tokens)
            return None if warnings else {"html": page.content, "toc": _tokens(page.toc)}

        if drawn := self._kept("view", shown.name, f"{self.edition} {base}", make):
            page.content, page.toc = drawn["html"], get_toc(drawn["toc"])
        page.canonical_url = None  # the page itself is what search engines and the sitemap shall know
        page.meta.update(view.meta(self.book, shown))

    def _render(self, page: Page, name: str, config: MkDocsConfig, files: Files) -> None:
        def make() -> dict[str, Any] | None:
            read(self.book, self.language, name)
            with _Warnings() as warnings:
                Page.render(page, config, files)
                _look_again(page.content)
            links = {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()}
            return None if warnings else {
                "html": page.content,
                "toc": _tokens(page.toc),
                "title": page._title_from_render,
                "anchors": sorted(page.present_anchor_ids or ()),
                "links": links,
            }  # fmt: skip

        if drawn := self._kept("page", name, f"{self.edition_of_links} {page.url}", make):
            page.content, page.toc, page._title_from_render = drawn["html"], get_toc(drawn["toc"]), drawn["title"]
            page.present_anchor_ids = set(drawn["anchors"])
            linked = ((files.get_file_from_path(uri), anchors) for uri, anchors in drawn["links"].items())
            page.links_to_anchors = {file: anchors for file, anchors in linked if file}


class _Warnings(CountHandler):
    """Counts the warnings within a ``with`` statement; false where there are none."""

    def __enter__(self) -> _Warnings:
        self.setLevel(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self)
        return self

    def __exit__(self, *problem: object) -> None:
        logging.getLogger("mkdocs").removeHandler(self)

    def __bool__(self) -> bool:
        return bool(self.get_counts())


def _look_again(drawn: str | None) -> None:
    """Warn of what a drawn page must not have, wherever it came from; ``check`` names what is written on the page."""
    for wrong in dict.fromkeys(markup.active(drawn or "")):
        log.warning("the page as it is drawn %s: take out what brings it there", wrong)


class _Compiled(BytecodeCache):
    """What Jinja made of each template in this process: nbconvert would compile them anew for each view."""

    kept: ClassVar[dict[tuple[str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self.kept[bucket.key, bucket.checksum] = bucket.code


@contextmanager
def _own_settings(book: Book) -> Iterator[None]:
    """Keep out, within the ``with`` statement, settings and templates of Jupyter in the home of whoever builds.

    What nbconvert makes of its own templates is kept.
    """
    from nbconvert.exporters import TemplateExporter

    def environment(exporter: TemplateExporter) -> Environment:
        made: Environment = theirs(exporter)  # type: ignore[no-untyped-call]
        made.bytecode_cache = _Compiled()
        return made

    theirs = TemplateExporter._create_environment
    TemplateExporter._create_environment = environment  # type: ignore[method-assign]
    before, folder = dict(os.environ), str(book.cache / "jupyter")
    os.environ |= {
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": folder,
        "JUPYTER_DATA_DIR": folder,
        "JUPYTER_PATH": "",
    }
    try:
        yield
    finally:
        TemplateExporter._create_environment = theirs  # type: ignore[method-assign]
        os.environ.clear()
        os.environ.update(before)


def _name(page: Page) -> str:
    """Return what MkDocs' page, or view, is called: its source without its suffix."""
    return str(PurePosixPath(page.file.src_uri).with_suffix(""))


def _tokens(toc: Any) -> list[dict[str, Any]]:
    """Return a table of contents in the form from which MkDocs makes it."""

    def token(link: AnchorLink) -> dict[str, Any]:
        return {"name": link.title, "id": link.id, "level": link.level, "children": _tokens(link.children)}

    return [token(link) for link in toc]


# --- the other files of the site


def _for_theme(book: Book, code: str) -> dict[str, Any]:
    """Return what the templates know of a language; ``addresses`` are those of its pages below its own root."""
    return {
        "code": code,
        "path": "" if code == book.languages[0] else f"{code}/",
        "tag": book.language(code).tag,
        "title": book.title(code),
        "words": book.words(code, "theme"),
        "addresses": {Book.address(name) for name in book.page_names(code)},
        "chapters": list(_chapters(book, code)),
    }


def _chapters(book: Book, code: str) -> Iterator[dict[str, str]]:
    """Yield the name of each part of a language's navigation, without a number, and the address of its first page."""
    for part in read_yaml(book.config_file(code)).get("nav") or ():
        for title, pages in part.items() if isinstance(part, dict) else ():
            first = pages[0] if isinstance(pages, list) else pages
            first = str(next(iter(first.values())) if isinstance(first, dict) else first)
            yield {"title": title.lstrip("0123456789. "), "address": Book.address(first.removesuffix(".md"))}


def _without_comments(sheet: str) -> str:
    """Return a style sheet without what only its authors read: every page waits for it."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"(?s)/\*.*?\*/", "", sheet)).lstrip()


def _add(files: Files, config: MkDocsConfig, address: str, content: bytes | str) -> None:
    there = files.get_file_from_path(address)
    if there is not None and there.generated_by is None:
        log.warning("%s lies where the build puts a file of its own: take it away", there.abs_src_path or address)
    if there is None:
        level = InclusionLevel.NOT_IN_NAV if address.startswith(view.FOLDER) else InclusionLevel.UNDEFINED
        files.append(File.generated(config, address, content=content, inclusion=level))


def published(config: MkDocsConfig) -> str | None:
    """Return the address the site will have; None where it is built to be looked at on this machine."""
    host = urlsplit(config.site_url or "").hostname
    return config.site_url if host and host not in ("127.0.0.1", "localhost") else None
