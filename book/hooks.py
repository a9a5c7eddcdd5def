"""MkDocs hooks: give the renderer the page's place, and the site the pictures and scripts its pages show."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from book import record, render
from book.errors import BookError
from book.read import read
from book.site import Book


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let includes be found from wherever the build is started."""
    config.mdx_configs["pymdownx.snippets"]["base_path"] = [str(_book(config).snippets)]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pictures of the records and the scripts that the pages offer."""
    book = _book(config)
    language = Path(config.docs_dir).name
    for name in book.page_names(language):
        try:
            page = read(book, language, name)
            kept = [r for block in page.blocks for d in record.DEVICES if (r := record.load(book, block.name, d))]
        except BookError:
            continue  # the renderer shows it, and `book check` names it
        for one in kept:
            for figure in one.result.figures:
                content = (book.records / one.name / figure).read_bytes()
                _add(files, config, f"figures/{render.figure_address(one.name, figure)}", content)
                if figure.endswith(".svg"):
                    dark = render.figure_address(one.name, figure, ".dark")
                    _add(files, config, f"figures/{dark}", render.for_dark(content))
        for line in page.lines:
            if (match := render.SCRIPT.match(line.text)) and (book.snippets / match["file"]).is_file():
                script = render.clean_script((book.snippets / match["file"]).read_text(encoding="utf-8"))
                _add(files, config, f"scripts/{match['file']}", script.encode())
    return files


def _book(config: MkDocsConfig) -> Book:
    return Book(Path(config.config_file_path).resolve().parent)


def _add(files: Files, config: MkDocsConfig, name: str, content: bytes) -> None:
    address = f"assets/{name}"
    if files.get_file_from_path(address) is None:
        files.append(File.generated(config, address, content=content))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Tell the Markdown extension how far the page lies from the root of its site."""
    depth = page.url.rstrip("/").count("/") + 1 if page.url.strip("./") else 0
    options = config.mdx_configs.setdefault("book.render", {})
    options |= {"base": "../" * depth or "./", "root": str(_book(config).root)}
    return markdown


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Read every page's title, also of those that a dirty build leaves as they are."""
    for page in nav.pages:
        page.read_source(config)
    return nav
