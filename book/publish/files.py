"""The files of a site besides its pages, whichever program draws these.

They are pictures, scripts, data, notebooks, the words of live pictures, former addresses, the feed. MkDocs gets them
from ``book.publish.plugin``; a site that another program has drawn is completed by ``finish``.
"""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from book.core import inputs, store
from book.core.findings import BookError, error
from book.core.page import Page, read
from book.core.site import Book, read_yaml
from book.draw import extension, figures, glossary
from book.evidence import record
from book.notebook import twin
from book.publish import policy, sharing

ROOT = "book-root:"
"""What an address begins with whose page is not known when it is drawn: the way from there to the root of the site."""


def beside(
    book: Book, language: str, site: str | None, notebook: Callable[[Page], bytes | None]
) -> Iterator[tuple[str, str | bytes]]:
    """Yield the address below the root of a language's site, and the content, of each file besides its pages.

    Args:
        book: the checkout.
        language: of the site.
        site: the address at which it will be published; None where it is only looked at on this machine.
        notebook: the notebook of a page as a file; None where the one that is there is to stay.
    """
    for name, words in book.words(language, "widgets").items():
        yield f"assets/javascripts/words/{name}.json", json.dumps(words, ensure_ascii=False)
    yield "search/glossary.json", json.dumps(glossary.translations(book, language), ensure_ascii=False)
    for name in book.page_names(language):
        try:
            page = read(book, language, name)
            if page.blocks and (content := notebook(page)) is not None:
                yield twin.address(name), content
            yield from _offered(book, page)
        except BookError:
            continue  # the renderer shows it, and `book check` names it
    for former, name in book.redirects.items():
        yield f"{Book.address(former)}index.html", _moved(book, language, former, name, site)
    if site:
        yield sharing.FEED, sharing.feed(book, language, site)
        if language == book.languages[0]:
            yield "robots.txt", sharing.robots(site)
            theme = read_yaml(book.config_file(language))["theme"]
            favicon = book.root / theme.get("custom_dir", "") / str(theme.get("favicon"))
            yield from sharing.pictures(book, favicon)


def _offered(book: Book, page: Page) -> Iterator[tuple[str, bytes]]:
    """Yield the address and the content of each file that a page shows or offers for download."""
    for block in page.blocks:
        for kept in filter(None, (record.load(book, block.name, device) for device in record.DEVICES)):
            for figure in kept.result.figures:
                for address, content in figures.files(book, page.language, kept.name, figure).items():
                    yield f"assets/figures/{address}", content
    for file in page.data:
        yield inputs.address(file.name), file.read_bytes()
    for name, script in extension.scripts(book, page):
        yield f"assets/scripts/{name}", script.encode()


def _moved(book: Book, language: str, former: str, name: str, site: str | None) -> str:
    """Return the page at a former address, which leads on without a script, also where the site has a prefix."""
    there = way_up(Book.address(former)) + Book.address(name)
    title = html.escape(str(read(book, language, name).meta["title"]))
    says = book.words(language, "theme")["moved"].format(f'<a href="{there}">{title}</a>')
    return policy.secured(
        f'<!doctype html>\n<html lang="{book.language(language).tag}">\n<meta charset="utf-8">\n'
        f'<title>{title}</title>\n<meta name="robots" content="noindex">\n'
        f'<link rel="canonical" href="{site.rstrip("/") + "/" + Book.address(name) if site else there}">\n'
        f'<meta http-equiv="refresh" content="0; url={there}">\n<p>{says}</p>\n</html>\n'
    )


def way_up(url: str) -> str:
    """Return the way from a page to the root of its site."""
    depth = url.rstrip("/").count("/") + 1 if url.strip("./") else 0
    return "../" * depth or "./"


def finish(book: Book, language: str, folder: Path, site: str | None = None) -> int:
    """Complete the site of a language that another program has drawn, with ``base`` of the extension set to ``ROOT``.

    Its pages learn where they lie and get their policy, and what lies beside them is written. Done twice, it is as
    done once.

    Returns:
        How many pages there are, without what leads on from former addresses.
    """
    if not (folder / "index.html").is_file():
        raise error("there is no site", "build it there first", book.shown(folder))
    moved = {folder / Book.address(former) / "index.html" for former in book.redirects}
    pages = set(folder.rglob("*.html")) - moved
    for page in pages:
        base = way_up(page.relative_to(folder).as_posix().removesuffix("index.html"))
        text = page.read_text(encoding="utf-8").replace(f'="{ROOT}', f'="{base}')
        page.write_text(policy.secured(text), encoding="utf-8")
    for address, content in beside(book, language, site, lambda page: twin.encode(twin.twin(book, page, site))):
        store.write(folder / address, content.encode() if isinstance(content, str) else content, durable=False)
    return len(pages)
