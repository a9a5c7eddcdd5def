"""Everybody can read every page: axe-core finds nothing serious, the keyboard reaches everything, paper works too."""

from __future__ import annotations

import html
import re

import pytest
from playwright.sync_api import Browser, ViewportSize
from playwright.sync_api import Page as Tab

from tests.browser.built import Built
from tests.browser.conftest import DESK, ROOT, Visit, complain
from tests.browser.test_pages import CLOSE_AGAIN, OPEN_ALL, PHONE

SETTLE_MILLISECONDS = 1_500
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

FIND_VIOLATIONS = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] })
    return found.violations.filter(v => ['serious', 'critical'].includes(v.impact)).flatMap(v =>
        v.nodes.slice(0, 4).map(n => `${v.id} (${v.impact}): ${n.target.join(' ')} ${n.html.slice(0, 90)}`)) }"""

SCHEME = "scheme => { document.body.dataset.mdColorScheme = scheme }"

OUT_OF_REACH = """() => {
    const wanted = 'a[href], button, summary, input, select, [role=button], [role=tab]'
    return [...document.querySelectorAll('article :is(' + wanted + ')')]
        .filter(e => e.checkVisibility() && e.tabIndex < 0)
        .filter(e => !e.closest('[aria-hidden=true], [tabindex="0"], .md-code__nav, .tabbed-labels'))
        .map(e => e.outerHTML.slice(0, 100)) }"""

CANNOT_SCROLL = """() => [...document.querySelectorAll('article :is(pre, .formula-box, table)')]
    .filter(e => e.checkVisibility())
    .map(e => {
        while (e && !['auto', 'scroll'].includes(getComputedStyle(e).overflowX)) e = e.parentElement
        return e })
    .filter(e => e && e.scrollWidth > e.clientWidth + 1 && e.tabIndex < 0)
    .filter(e => !e.querySelector('[tabindex="0"], a, button'))
    .map(e => e.outerHTML.slice(0, 100))"""

PRINTED = """() => {
    const shown = s => [...document.querySelectorAll(s)].filter(e => e.checkVisibility()
        && e.getBoundingClientRect().height > 0)
    const problems = shown('.md-header, .md-sidebar, .md-footer__inner, .md-clipboard, .md-top, .md-search')
        .map(e => 'is printed: ' + e.className)
    for (const e of shown('article pre, article figure, article .formula-box'))
        if (e.getBoundingClientRect().right > innerWidth + 1) problems.push('cut off: ' + e.outerHTML.slice(0, 80))
    if (getComputedStyle(document.body).color === getComputedStyle(document.body).backgroundColor)
        problems.push('text has the color of the paper')
    return problems }"""

MOVES = """() => {
    const takes = time => time.split(',').some(part => parseFloat(part) > 0.01)
    const moves = s => takes(s.transitionDuration) || (s.animationName !== 'none' && takes(s.animationDuration))
    return [...document.querySelectorAll('*')].filter(e => e.checkVisibility() && moves(getComputedStyle(e)))
        .map(e => e.tagName + '.' + e.className).slice(0, 10) }"""


def settled(tab: Tab, script: str) -> list[str]:
    """Return what a script finds, twice: Material makes what scrolls focusable a moment after it is unfolded."""
    problems: list[str] = tab.evaluate(script)
    if problems:
        tab.wait_for_timeout(SETTLE_MILLISECONDS)
        problems = tab.evaluate(script)
    return problems


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["default", "slate"], ids=["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visit, scheme: str, size: ViewportSize) -> None:
    """With everything unfolded, in both schemes and sizes, axe-core has no serious complaint."""
    tab = visit.come_back()
    if not tab.evaluate("'axe' in window"):
        tab.add_script_tag(path=AXE)
    tab.set_viewport_size(size)
    before = tab.evaluate("document.body.dataset.mdColorScheme")
    tab.evaluate(SCHEME, scheme)
    tab.evaluate(OPEN_ALL)
    problems = settled(tab, FIND_VIOLATIONS)
    tab.evaluate(CLOSE_AGAIN)
    tab.evaluate(SCHEME, before)
    tab.set_viewport_size(DESK)
    complain(visit.url, problems, "see the rule's name at dequeuniversity.com/rules/axe; mend the theme or the page")


def test_the_keyboard_reaches_everything(visit: Visit) -> None:
    """Whatever can be clicked can be focused, and whatever scrolls can be scrolled without a mouse."""
    tab = visit.come_back()
    tab.set_viewport_size(PHONE)
    tab.evaluate(OPEN_ALL)
    problems = [*settled(tab, OUT_OF_REACH), *settled(tab, CANNOT_SCROLL)]
    tab.evaluate(CLOSE_AGAIN)
    tab.set_viewport_size(DESK)
    complain(visit.url, problems, 'use a real button or link, or add tabindex="0"')


def test_prints_decently(visit: Visit) -> None:
    """On paper there is the page, and not the furniture of the screen."""
    tab = visit.come_back()
    tab.emulate_media(media="print")
    problems = tab.evaluate(PRINTED)
    tab.emulate_media(media="screen")
    complain(visit.url, problems, "see @media print in theme/assets/stylesheets/book.css")


def test_nothing_moves_for_who_asked_for_rest(visit: Visit) -> None:
    """The tests' browser asks for reduced motion; then nothing is animated."""
    complain(visit.url, visit.come_back().evaluate(MOVES), "see prefers-reduced-motion in book.css")


def test_the_code_in_the_html_is_what_ran(visit: Visit, built: Built) -> None:
    """The code in the built file, before any script touches it, equals what ran, character for character."""
    blocks = built.blocks(visit.page)
    shown = re.findall(
        r'<div class="block[^"]*"[^>]*data-block="(\w+)".*?<code>(.*?)</code>', built.html(visit.page), re.DOTALL
    )
    codes = [(name, html.unescape(re.sub(r"<[^>]+>", "", code)).rstrip("\n")) for name, code in shown]
    assert codes == [(block.name, block.code) for block in blocks]


def test_axe_notices_what_is_wrong(chromium: Browser) -> None:
    """A picture without a text and a button without a name are found, so that silence means something."""
    tab = chromium.new_page()
    tab.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src='data:,'><button></button></main>")
    tab.add_script_tag(path=AXE)
    assert {problem.split()[0] for problem in tab.evaluate(FIND_VIOLATIONS)} == {"image-alt", "button-name"}
    tab.close()
