"""Tables that the book draws, in the browser: sorted by keyboard, searched by words; what they lead to can be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab

from tests.browser.conftest import complain

REPORTS = {"zh": "runs/", "en": "en/runs/"}
SOURCES = {"zh": "sources/", "en": "en/sources/"}
SECONDS = """() => [...document.querySelectorAll('.report-blocks tbody tr')]
    .map(row => Number(row.cells[3].dataset.sort))"""
OUT_OF_SIGHT = """async ids => {
    const seen = id => { const block = document.getElementById(id), box = block?.getBoundingClientRect()
        return Boolean(block?.checkVisibility() && box.top >= 0 && box.top < innerHeight) }
    const missing = []
    for (const id of ids) {
        location.hash = id
        const end = performance.now() + 3000
        while (!seen(id) && performance.now() < end) await new Promise(done => setTimeout(done, 2))
        if (!seen(id)) missing.push(id) }
    return missing }"""

CUT_OFF = """() => [...document.querySelectorAll('.book-table, .book-table :is(th, td)')]
    .filter(box => box.scrollWidth > box.clientWidth + 1)
    .map(box => `${box.textContent.trim().slice(0, 40)}: ${box.scrollWidth} px in ${box.clientWidth}`)"""
ROOM_OF_NOTHING = 300
"""Pixels that the head of a table may take."""


@pytest.mark.parametrize("language", REPORTS)
def test_a_table_is_sorted_by_keyboard(language: str, tab: Tab, root: str) -> None:
    """Enter on a header sorts ascending, then descending, then as it was; screen readers are told."""
    url = root + REPORTS[language]
    tab.goto(url)
    before = tab.evaluate(SECONDS)
    head = tab.locator(".report-blocks thead th").nth(3)
    head.locator("button").focus()
    problems = []
    for expected, told in ((sorted(before), "ascending"), (sorted(before)[::-1], "descending"), (before, None)):
        tab.keyboard.press("Enter")
        if tab.evaluate(SECONDS) != expected:
            problems.append(f"not sorted: {told or 'as it was'}")
        if head.get_attribute("aria-sort") != told:
            problems.append(f"aria-sort is {head.get_attribute('aria-sort')!r} instead of {told!r}")
    complain(url, problems, "see theme/assets/javascripts/tables.js")


@pytest.mark.parametrize("language", REPORTS)
def test_without_javascript_the_tables_are_complete(language: str, tab: Tab, root: str) -> None:
    """The same lines stand there for a reader without JavaScript."""
    url = root + REPORTS[language]
    tab.goto(url)
    lines = tab.locator(".book-table tr").count()
    assert tab.context.browser
    context = tab.context.browser.new_context(java_script_enabled=False, service_workers="block")
    plain = context.new_page()
    plain.goto(url)
    found = plain.locator(".book-table tr").count()
    context.close()
    complain(url, [f"{found} lines instead of {lines}"] if found != lines else [], "see book/draw/tables.py")


def test_each_line_leads_to_its_block(tab: Tab, root: str) -> None:
    """A block is in sight when its link is followed, though it be folded or in another tab."""
    tab.goto(root + REPORTS["zh"])
    blocks: dict[str, list[str]] = {}
    for link in tab.eval_on_selector_all(".report-blocks tbody a", "links => links.map(link => link.href)"):
        page, _, block = link.partition("#")
        blocks.setdefault(page, []).append(block)
    problems = []
    for page, ids in blocks.items():
        tab.goto(f"{page}#{ids[0]}", wait_until="domcontentloaded")
        problems += [f"not in sight: {page}#{block}" for block in tab.evaluate(OUT_OF_SIGHT, ids)]
    complain(root, problems, "see showTarget in theme/assets/javascripts/book.js")


FOUND = {".sources": (SOURCES, "attention", "ATTENTION vaswani"), ".report-blocks": (REPORTS, "softmax", "SOFTMAX cpu")}
"""Tables above which a field stands; where they are, and words that some of their rows have."""


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize("table", FOUND)
def test_a_word_leaves_the_rows_that_have_it(table: str, language: str, tab: Tab, root: str) -> None:
    """Typing shows the rows with all the words, and how many they are, and leaves no room to others; clearing shows
    all, in the order that was asked for."""
    pages, *some = FOUND[table]
    url = root + pages[language]
    tab.goto(url)
    rows, field = tab.locator(f"{table} tbody tr"), tab.locator(".book-find input")
    total = rows.count()
    texts = [text.lower() for text in rows.all_text_contents()]
    tab.locator(f"{table} thead button").first.click()
    problems = []
    for words in (*some, "no such words", ""):
        field.fill(words)
        expected = sum(all(word in text for word in words.lower().split()) for text in texts)
        if words in some and not 0 < expected < total:
            problems.append(f"{words!r} tells nothing: {expected} of {total} rows have it")
        seen = tab.locator(f"{table} tbody tr:visible").count()
        if seen != expected or tab.locator(".book-find output").inner_text() != f"{expected} / {total}":
            problems.append(f"{words!r}: {seen} rows instead of {expected}")
        high = tab.locator(table).evaluate("table => table.offsetHeight")
        if not expected and high > ROOM_OF_NOTHING:
            problems.append(f"{words!r}: no row takes {high} px")
    complain(url, problems, "see theme/assets/javascripts/tables.js")


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize("width", [390, 720])
@pytest.mark.parametrize("pages", [REPORTS, SOURCES], ids=["runs", "sources"])
def test_no_column_is_cut_off(pages: dict[str, str], width: int, language: str, tab: Tab, root: str) -> None:
    """Every table is as wide as its place, and every cell holds what it says, in groups out of sight, too."""
    url = root + pages[language]
    tab.set_viewport_size({"width": width, "height": 844})
    tab.goto(url)
    tab.add_style_tag(content="* { content-visibility: visible !important }")
    complain(url, tab.evaluate(CUT_OFF), "see book-table in theme/assets/stylesheets/book.css")


@pytest.mark.parametrize("language", SOURCES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_sign_says_what_was_read(language: str, width: int, tab: Tab, root: str) -> None:
    """Under the pointer, a finger or the Tab key, in words that fit into the page; no key stops at the sign itself."""
    url = root + SOURCES[language].replace("sources/", "impact/")
    tab.set_viewport_size({"width": width, "height": 844})
    tab.goto(url)
    sign = tab.locator("article .cited").first
    sign.scroll_into_view_if_needed()
    shown = "sign => { const box = getComputedStyle(sign, '::after'); return [box.content, parseFloat(box.width)] }"
    label, problems = sign.get_attribute("aria-label"), []

    def by_key() -> None:
        tab.locator("article a:has(+ .cited)").first.focus()
        tab.keyboard.press("Shift")  # what is focused by a script is shown so only once a key was used

    ways: dict[str, Callable[[], None]] = {"pointer": sign.hover, "finger": sign.focus, "Tab key": by_key}
    for name, turn in ways.items():
        tab.mouse.move(0, 0)
        tab.evaluate("document.activeElement.blur()")
        if sign.evaluate(shown)[0] != "none":
            problems.append(f"{name}: shown before")
        turn()
        content, wide = sign.evaluate(shown)
        if content != f'"{label}"' or not 0 < wide < width:
            problems.append(f"{name}: {content}, {wide} px")
    if sign.evaluate("sign => sign.tabIndex") != -1:
        problems.append("the Tab key stops at the sign")
    complain(url, problems, "see .cited in theme/assets/stylesheets/book.css")
