"""What was read stays there without a network, and with one nothing old is shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.browser.built import Built, Page
from tests.browser.conftest import PREFIX
from tests.browser.test_site import HOMES, RESULT, SEARCH

READY = "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"
KEPT = """async names => { const cache = await caches.open((await caches.keys())[0])
    const found = (await cache.keys()).map(file => file.url)
    return names.every(name => found.some(url => url.endsWith(name))) }"""
ASK = {"zh": "学习率", "en": "learning rate"}


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    """A tab in which pages may keep themselves."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def wait_until_kept(tab: Tab, *names: str) -> None:
    for _ in range(100):
        if tab.evaluate(KEPT, names):
            return
        tab.wait_for_timeout(100)
    pytest.fail(f"not kept: {names}; there is {tab.evaluate('caches.keys()')}")


@pytest.mark.parametrize("language", HOMES)
def test_a_page_that_was_read_is_there_without_a_network(language: str, tab: Tab, built: Built) -> None:
    """With its live picture, which was not reached, and the search, which was not used; below a prefix."""
    live = next(
        page for page in built.pages if page.language == language and 'data-widget="softmax"' in built.html(page)
    )
    with built.serve(PREFIX) as root:
        tab.goto(root + live.address)
        tab.evaluate(READY)
        tab.mouse.wheel(0, 50)
        wait_until_kept(tab, live.address, "widgets/softmax.js", "math/probability.js", "words/softmax.json")
        wait_until_kept(tab, "search/search_index.json", "search/glossary.json", "workers/search.js")
    tab.context.new_cdp_session(tab).send("Network.clearBrowserCache")
    tab.goto(root + live.address)
    tab.locator('[data-widget="softmax"]').first.scroll_into_view_if_needed()
    tab.locator('[data-widget="softmax"] input').first.wait_for()
    tab.click(SEARCH)
    tab.fill(SEARCH, ASK[language])
    tab.locator(RESULT).first.wait_for()
    tab.goto(f"{root}{live.address}?h=x#softmax")
    assert tab.locator("article h1").count() == 1


def test_with_a_network_a_changed_page_is_new(tab: Tab, built: Built, tmp_path: Path) -> None:
    """At once, although the first answer allowed ten minutes; and it is the new one that then stays."""
    folder = tmp_path / "site"
    shutil.copytree(built.folder, folder, copy_function=os.link, ignore=shutil.ignore_patterns("notebooks", "figures"))
    page = folder / "glossary" / "index.html"
    with replace(built, folder=folder).serve() as root:
        for day, text in enumerate(("A", "B", "C")):
            html = built.html(Page("glossary/")).replace("<title>", f"<title>{text} ", 1)
            page.unlink()
            page.write_text(html, encoding="utf-8")
            os.utime(page, (86_400 * day, 86_400 * day))  # the server tells versions apart by seconds
            tab.goto(f"{root}glossary/")
            assert tab.title().startswith(f"{text} ")
            tab.evaluate(READY)
            tab.wait_for_function("navigator.serviceWorker.controller")
        wait_until_kept(tab, "/glossary/", "book.js")
    tab.goto(f"{root}glossary/")
    assert tab.title().startswith("C ")


def test_what_is_kept_is_bounded_and_of_this_version(tab: Tab, built: Built) -> None:
    """The oldest of too many files go, and all of an earlier version; another site's on the same host stay."""
    with built.serve(PREFIX) as root:
        tab.goto(f"{root}glossary/")
        tab.evaluate(READY)
        wait_until_kept(tab, "/glossary/")
        (own,) = tab.evaluate("caches.keys()")
        tab.evaluate(
            """async ([own, root]) => {
                await caches.open(`book ${root} 0`)
                await caches.open(`book ${root}other/ 0`)
                const cache = await caches.open(own)
                const old = Array.from({ length: 1100 }, (_, i) => cache.put(`${root}old/${i}`, new Response('')))
                await Promise.all(old)
                await (await navigator.serviceWorker.getRegistration()).unregister() }""",
            [own, root],
        )
        tab.reload()
        tab.evaluate(READY)
        tab.wait_for_function("navigator.serviceWorker.controller")
        assert set(tab.evaluate("caches.keys()")) == {own, f"book {root}other/ 0"}
        tab.goto(f"{root}runs/")
        wait_until_kept(tab, "/runs/")
        for _ in range(100):  # files that come together are kept together, before the oldest go for each of them
            kept = tab.evaluate("own => caches.open(own).then(c => c.keys()).then(k => k.length)", own)
            if kept <= 1000:
                return
            tab.wait_for_timeout(100)
        pytest.fail(f"{kept} files are kept")
