"""What a reader's browser fetches from a site, and what the site's own search finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, sync_playwright
from playwright.sync_api import Page as Tab
from playwright.sync_api import TimeoutError as Timeout

from tests.browser.browser import REMEDY, find
from tests.browser.conftest import NO_OTHER_HOST
from tests.browser.test_site import SEARCH
from tests.browser.test_site import search as search_material
from tools.bench.sample import TERMS, SamplePage
from tools.bench.server import KINDS, OTHER, Sent, Server
from tools.bench.sites import LANGUAGE, Site
from tools.bench.tools import Failed

PHONE = {"width": 412, "height": 823}
"""The view of Lighthouse's phone."""
SETTLED_MILLISECONDS = 1_000
SPHINX_SEARCH_MILLISECONDS = 10_000
SPHINX_DONE = "() => /found|找到|没有|did not/.test(document.querySelector('.search-summary')?.textContent)"
INDEXES = ("search_index.json", "searchindex.js")
TYPESET = "() => window.MathJax?.startup?.promise"
FORMULAS = "() => document.querySelectorAll('mjx-container').length"


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser that reaches nothing but this machine.

    Raises:
        Failed: there is none.
    """
    path = find()
    if path is None:
        raise Failed(f"there is no browser; {REMEDY}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[NO_OTHER_HOST])
        try:
            yield chromium
        finally:
            chromium.close()


def first_view(chromium: Browser, server: Server, path: str) -> dict[str, Any]:
    """Open a page as somebody does who was never on the site, and return what that fetched.

    Returns:
        Bytes as sent (gzip, with headers) in all, without pictures, and by kind; requests; other hosts that were
        asked (none of them is reachable here, so that what they would send is not counted); formulas drawn;
        whether the search index was among it, and whether it came once the reader turned to the search.

    Raises:
        Failed: there is no such page.
    """
    context = chromium.new_context(viewport=PHONE, color_scheme="light", service_workers="block")  # type: ignore[arg-type]
    hosts: Counter[str] = Counter()
    own = urlsplit(server.address).netloc

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme.startswith("http") and address.netloc != own:
            hosts[address.netloc] += 1

    context.on("request", note)
    try:
        tab = context.new_page()
        begin = len(server.sent)
        answer = tab.goto(server.address + path, wait_until="load")
        if not answer or not answer.ok:
            raise Failed(f"there is no page {path!r} in {server.folder}")
        tab.wait_for_load_state("networkidle")
        tab.evaluate(TYPESET)
        tab.wait_for_load_state("networkidle")
        tab.wait_for_timeout(SETTLED_MILLISECONDS)
        sent = server.sent[begin:]
        formulas = tab.evaluate(FORMULAS)
        later = _index_on_demand(tab, server) if not _indexes(sent) else False
        return {**_weigh(sent), "hosts": dict(hosts), "formulas": formulas, "index_on_demand": later}
    finally:
        context.close()


def _weigh(sent: Sequence[Sent]) -> dict[str, Any]:
    kinds = {kind: sum(one.size for one in sent if one.kind == kind) for kind in (*KINDS, OTHER)}
    return {
        "bytes": sum(kinds.values()),
        "bytes_without_pictures": sum(kinds.values()) - kinds["pictures"],
        "kinds": kinds,
        "requests": len(sent),
        "missing": sorted({one.path for one in sent if one.status != 200}),
        "search_index_at_once": _indexes(sent),
    }


def _indexes(sent: Iterable[Sent]) -> bool:
    return any(one.path.endswith(INDEXES) for one in sent)


def _index_on_demand(tab: Tab, server: Server) -> bool:
    """Turn to the search, where the page has one that opens by itself, and tell whether the index comes then."""
    field = tab.locator(SEARCH)
    if not field.count():
        return False
    begin = len(server.sent)
    tab.locator("label[for=__search]").first.click()
    field.press_sequentially("a")
    with suppress(Timeout):
        tab.wait_for_load_state("networkidle")
        tab.wait_for_timeout(SETTLED_MILLISECONDS)
    return _indexes(server.sent[begin:])


def chinese_search(chromium: Browser, server: Server, site: Site) -> dict[str, Any]:
    """Search a site for each of the words, and return which are found on a page where they stand."""
    truth = words_on_pages(site)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    try:
        tab = context.new_page()
        if site.search == "material":
            tab.goto(server.address)
            tab.click(SEARCH)
        found, wrong = [], []
        for word, pages in truth.items():
            results = search_material(tab, word) if site.search == "material" else _search_sphinx(tab, server, word)
            if set(results) & {server.address + page for page in pages}:
                found.append(word)
            elif results:
                wrong.append(word)
        return {"words": len(truth), "found": found, "only_elsewhere": wrong}
    finally:
        context.close()


def words_on_pages(site: Site) -> Mapping[str, set[str]]:
    """Return, for each of the words, the addresses of the pages on which it stands."""

    def places(word: str) -> Iterator[SamplePage]:
        return (page for page in site.pages if word in page.text(LANGUAGE))

    return {word: pages for word in TERMS if (pages := {site.address(page) for page in places(word)})}


def _search_sphinx(tab: Tab, server: Server, word: str) -> list[str]:
    tab.goto(f"{server.address}search.html?q={word}")
    with suppress(Timeout):
        tab.wait_for_function(SPHINX_DONE, timeout=SPHINX_SEARCH_MILLISECONDS)
        tab.wait_for_load_state("networkidle")
    links = tab.eval_on_selector_all("#search-results ul.search a", "all => all.map(a => a.href)")
    return [str(link).partition("?")[0].partition("#")[0] for link in links]
