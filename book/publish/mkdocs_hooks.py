"""MkDocs hooks: give the renderer the page's place, and the site the pictures, scripts and notebooks of its pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc
from mkdocs.utils.templates import TemplateContext

from book.core import inputs as book_files
from book.core.findings import BookError
from book.core.page import Page as BookPage
from book.core.page import read
from book.core.site import Book
from book.draw import extension
from book.evidence import record
from book.notebook import twin, view

_dirty = False


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let includes be found from wherever the build is started, and tell the theme about the languages."""
    book = _book(config)
    config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(book.snippets)]
    config.extra["languages"] = {code: _for_theme(book, code) for code in book.languages}
    return config


def _for_theme(book: Book, code: str) -> dict[str, Any]:
    """Return what the templates know of a language; ``addresses`` are those of its pages below its own root."""
    return {
        "code": code,
        "path": "" if code == book.languages[0] else f"{code}/",
        "tag": book.language(code).tag,
        "title": book.title(code),
        "words": book.words(code, "theme"),
        "addresses": {Book.address(name) for name in book.page_names(code)},
    }


def on_template_context(context: TemplateContext, template_name: str, config: MkDocsConfig) -> TemplateContext:
    """Give a template the languages, that of the site it is drawn for, and the way to the root of all sites."""
    languages = config.extra["languages"]
    language = languages[_language(config)]
    root = context["base_url"].rstrip("/") + ("/.." if language["path"] else "")
    return context | {"languages": list(languages.values()), "language": language, "root": root}  # type: ignore[return-value]


def on_page_context(context: TemplateContext, page: Page, config: MkDocsConfig, nav: Navigation) -> TemplateContext:
    """Give a page, besides, the languages that have it."""
    address = page.url.removeprefix("notebooks/")
    translations = [each for each in config.extra["languages"].values() if address in each["addresses"]]
    return on_template_context(context, "", config) | {"translations": translations}  # type: ignore[return-value]


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Remember whether only the pages that changed are built."""
    global _dirty
    _dirty = dirty


@event_priority(50)  # before mkdocs-jupyter looks for notebooks
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pictures of the records, and the scripts and notebooks that the pages offer."""
    book, language = _book(config), _language(config)
    words = json.dumps(book.words(language, "widgets"), ensure_ascii=False)
    _add(files, config, "javascripts/words.json", words.encode())
    for name in book.page_names(language):
        try:
            page = read(book, language, name)
            kept = [r for block in page.blocks for d in record.DEVICES if (r := record.load(book, block.name, d))]
        except BookError:
            continue  # the renderer shows it, and `book check` names it
        source = files.get_file_from_path(f"{name}.md")
        if page.blocks and not (_dirty and source and not source.is_modified()):
            content = twin.encode(twin.twin(book, page, _published(config)))
            _add(files, config, twin.address(name).removeprefix("assets/"), content)
            _add_view(files, config, book, page)
        for one in kept:
            for figure in one.result.figures:
                content = (book.records / one.name / figure).read_bytes()
                _add(files, config, f"figures/{extension.figure_address(one.name, figure)}", content)
                if figure.endswith(".svg"):
                    dark = extension.figure_address(one.name, figure, ".dark")
                    _add(files, config, f"figures/{dark}", extension.for_dark(content))
        for block in page.blocks:
            for named, file in book_files.named(book, block.code, block.kind).items():
                _add(files, config, book_files.address(named).removeprefix("assets/"), file.read_bytes())
        for line in page.lines:
            if (match := extension.SCRIPT.match(line.text)) and (book.snippets / match["file"]).is_file():
                script = extension.clean_script((book.snippets / match["file"]).read_text(encoding="utf-8"))
                _add(files, config, f"scripts/{match['file']}", script.encode())
    return files


def _book(config: MkDocsConfig) -> Book:
    return Book(Path(config.config_file_path).resolve().parent)


def _language(config: MkDocsConfig) -> str:
    return Path(config.docs_dir).name


def _published(config: MkDocsConfig) -> str | None:
    """Return the address the site will have; None where it is built to be looked at on this machine."""
    host = urlsplit(config.site_url or "").hostname
    return config.site_url if host and host not in ("127.0.0.1", "localhost") else None


def _add_view(files: Files, config: MkDocsConfig, book: Book, page: BookPage) -> None:
    """Add the page on which mkdocs-jupyter shows a page's notebook."""
    view.write(book, page, _base(Book.address(f"notebooks/{page.name}")))
    folder = view.folder(book, page.language)  # mkdocs-jupyter loses sight of File.generated's
    address = view.address(page.name)
    files.append(File(address, str(folder), config.site_dir, config.use_directory_urls))


def _add(files: Files, config: MkDocsConfig, name: str, content: bytes) -> None:
    address = f"assets/{name}"
    if files.get_file_from_path(address) is None:
        files.append(File.generated(config, address, content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Tell the Markdown extension how far the page lies from the root of its site."""
    options = config.mdx_configs.setdefault("book.draw.extension", {})
    options |= {"base": _base(page.url), "root": str(_book(config).root)}
    if page.file.src_uri.endswith(".ipynb"):
        page.meta.update(view.meta(_book(config), _read(page, config)))
        page.canonical_url = None  # the page itself is what search engines and the sitemap shall know
    return markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make the view of a notebook fit for the book; on a page with blocks, lead to its other forms."""
    if not page.file.src_uri.endswith((".ipynb", ".md")):
        return html
    base, is_view = _base(page.url), page.file.src_uri.endswith(".ipynb")
    shown = _read(page, config)
    if is_view:
        html, tokens = view.tame(html, _book(config), shown, base)
        page.toc = get_toc(tokens)
    elif files.get_file_from_path(twin.address(shown.name)) is None:
        return html
    row = view.links(_book(config), shown.language, shown.name, base, config.repo_url, on_view=is_view)
    headline, end, rest = html.partition("</h1>")
    return html + row if page.is_homepage or not end else f"{headline}{end}\n{row}{rest}"


def _base(url: str) -> str:
    """Return the way from a page to the root of its site."""
    depth = url.rstrip("/").count("/") + 1 if url.strip("./") else 0
    return "../" * depth or "./"


def _read(page: Page, config: MkDocsConfig) -> BookPage:
    """Return the page of the book that MkDocs is at, or whose notebook it is."""
    name = page.file.src_uri.removesuffix(".md")
    if name.endswith(".ipynb"):
        name = name.removeprefix("notebooks/").removesuffix(".ipynb")
    return read(_book(config), _language(config), name)


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Read every page's title, also of those that a dirty build leaves as they are."""
    for page in nav.pages:
        page.read_source(config)
    return nav
