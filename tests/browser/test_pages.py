"""What must hold on every page, in both languages. Each page is opened once; the tests share it, in this order."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import zip_longest

from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import ViewportSize

from tests.browser.built import Built
from tests.browser.conftest import DESK, Visit, complain

PHONE: ViewportSize = {"width": 390, "height": 844}
CLICK_MILLISECONDS = 5_000
ANNOTATION_MARK = re.compile(r"[ \t]*#\s*\(\d+\)!?[ \t]*$", re.MULTILINE)

OPEN_ALL = """() => {
    document.querySelectorAll('details:not([open])').forEach(d => { d.open = true; d.dataset.openedByTest = '' })
    const tabs = document.head.appendChild(document.createElement('style'))
    tabs.dataset.openedByTest = ''
    tabs.textContent = '.tabbed-set .tabbed-block { display: block !important }' }"""
CLOSE_AGAIN = """() => document.querySelectorAll('[data-opened-by-test]').forEach(e => {
    if (e.tagName === 'STYLE') e.remove()
    else { e.open = false; delete e.dataset.openedByTest } })"""

BLOCKS = """() => [...document.querySelectorAll('.block')].map(b => ({
    name: b.dataset.block || '', seconds: b.dataset.seconds || '', device: b.dataset.device || '',
    missing: b.classList.contains('block-missing'), badges: b.querySelectorAll('.block-badge').length,
    mark: /\\(\\d+\\)!/.test(b.querySelector('code')?.innerText) }))"""

NO_MARKS = r"() => ![...document.querySelectorAll('.block code')].some(code => /\(\d+\)!/.test(code.innerText))"

UNTYPESET = r"""() => {
    const problems = [], content = document.querySelector('article') || document.body
    const told = 'pre, code, script, style, textarea, svg, .highlight, .value, mjx-container'
    const tex = /\\[()[\]]|\$\$|\\[a-zA-Z]{2,}|\$[^$\n]*[\\^_{][^$\n]*\$/
    const walk = document.createTreeWalker(content, NodeFilter.SHOW_TEXT)
    while (walk.nextNode()) {
        const text = walk.currentNode.data
        if (tex.test(text) && !walk.currentNode.parentElement.closest(told))
            problems.push('TeX in the text: ' + text.trim().slice(0, 80))
    }
    for (const e of content.querySelectorAll('.arithmatex')) {
        const drawn = e.querySelector('svg')
        if (!drawn) problems.push('not typeset: ' + e.textContent.trim().slice(0, 80))
        else if (e.checkVisibility() && !drawn.getBoundingClientRect().width)
            problems.push('drawn with no width: ' + e.outerHTML.slice(0, 80))
    }
    for (const e of content.querySelectorAll('merror, mjx-merror, [data-mml-node=merror], [data-mjx-error]'))
        problems.push('MathJax error: ' + (e.dataset.mjxError || e.getAttribute('title') || e.textContent).slice(0, 80))
    return problems }"""

TOO_WIDE = """() => {
    const width = innerWidth, problems = []
    const name = e => e.tagName.toLowerCase() + (typeof e.className === 'string' && e.className
        ? '.' + e.className.trim().split(/\\s+/).join('.') : '') + ' "' + e.textContent.trim().slice(0, 40) + '"'
    const held = (e, kinds) => { for (let p = e.parentElement; p; p = p.parentElement)
        if (kinds.includes(getComputedStyle(p).overflowX)) return true; return false }
    const content = document.querySelector('article') || document.body
    for (const e of content.querySelectorAll('svg, img'))
        if (e.getBoundingClientRect().right > width + 1 && !held(e, ['auto', 'scroll']))
            problems.push('cut off at the right: ' + name(e.closest('.arithmatex') || e))
    const page = document.scrollingElement
    if (page.scrollWidth <= width) return problems
    for (const e of document.querySelectorAll('body *'))
        if (e.getBoundingClientRect().right > width + 1 && !held(e, ['auto', 'scroll', 'hidden', 'clip']))
            problems.push(Math.round(e.getBoundingClientRect().right) + ' px: ' + name(e))
    return [`the page is ${page.scrollWidth} px wide on a phone of ${width} px`, ...problems] }"""

PICTURES = """async scheme => {
    const problems = [], body = document.body, before = body.dataset.mdColorScheme
    body.dataset.mdColorScheme = scheme
    const shown = e => e.checkVisibility()
    for (const figure of document.querySelectorAll('.block-figure')) {
        if (!shown(figure)) continue
        const visible = [...figure.querySelectorAll('img')].filter(shown)
        if (visible.length !== 1) problems.push(`${visible.length} pictures instead of one: ` +
            figure.textContent.trim().slice(0, 60))
    }
    for (const image of document.querySelectorAll('article img')) {
        if (!shown(image)) continue
        image.loading = 'eager'
        const name = image.src.slice(0, 120)
        const loads = await image.decode().then(() => true, () => false), box = image.getBoundingClientRect()
        if (!loads) problems.push('does not load: ' + name)
        else if (box.width < 16 || box.height < 16) problems.push('drawn too small: ' + name)
        if (!image.alt.trim()) problems.push('has no alternative text: ' + name)
    }
    body.dataset.mdColorScheme = before
    return problems }"""

FOCUS = """badge => {
    const summary = badge.querySelector('summary')
    badge.open = false
    summary.focus()
    return document.activeElement === summary && summary.tabIndex >= 0 }"""

BADGE = """badge => ({ open: badge.open && badge.querySelector('dl').checkVisibility(),
    rows: badge.querySelectorAll('dt').length,
    empty: [...badge.querySelectorAll('dd')].filter(d => !d.textContent.trim()).length })"""

EQUATIONS = """() => [...document.querySelectorAll('article div.arithmatex')].map(e => {
    const box = e.closest('.equation')
    return { tex: (e.dataset.tex || e.textContent).slice(0, 60), id: box?.dataset.equation || '',
        inputs: Number(box?.dataset.checked || 0), badges: box?.querySelectorAll('details.equation-badge').length || 0,
        reason: box?.querySelector('.equation-unchecked')?.textContent.trim() || '' } })"""
FEWEST_INPUTS = 100

STYLE_RULES = "() => [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0)"

FEWEST_STYLE_RULES = 100
"""Of a page in its dress; Material has thousands."""

LINKS = """() => [...document.querySelectorAll('a[href]:not(.md-annotation__index)')]
    .filter(a => a.pathname !== location.pathname || !a.hash ||
        !document.getElementById(decodeURIComponent(a.hash.slice(1))))
    .map(a => a.href)"""


def test_arrives(visit: Visit) -> None:
    """The page answers, in its language, under one headline."""
    tab = visit.come_back()
    problems = [] if visit.status == 200 else [f"the server answered {visit.status}"]
    language = tab.get_attribute("html", "lang") or ""
    if not language.startswith(visit.page.language):
        problems.append(f'lang="{language}" instead of "{visit.page.language}"')
    if (count := tab.locator("article h1").count()) != 1:
        problems.append(f"{count} headlines (h1) instead of one")
    complain(visit.url, problems, "give the page one headline; check theme.language in the configuration")


def test_every_block_ran(visit: Visit, built: Built) -> None:
    """Each block of the source is there with its evidence, and no value is missing."""
    tab = visit.come_back()
    with suppress(Timeout):
        tab.wait_for_function(NO_MARKS, timeout=3_000)  # Material replaces them when the page is there
    blocks, expected = tab.evaluate(BLOCKS), built.blocks(visit.page)
    problems = []
    if [block["name"] for block in blocks] != [block.name for block in expected]:
        problems.append(f"{len(blocks)} blocks on the page, {len(expected)} in its source; or not the same ones")
    for number, block in enumerate(blocks, start=1):
        place = f"block {number} ({block['name'][:12]})"
        if block["missing"]:
            problems.append(f"{place} is marked as not run")
        elif block["badges"] != 1:
            problems.append(f"{place} has {block['badges']} badges instead of one")
        if not re.fullmatch(r"\d+(\.\d+)?(e-?\d+)?", block["seconds"]) or block["device"] not in ("cpu", "gpu"):
            problems.append(f"{place} does not say how long and where it ran")
        if block["mark"]:
            problems.append(f"{place} shows an annotation mark such as (1)! as text")
    problems += [f"warning: {text}" for text in tab.locator(".block-warning, .value-missing").all_inner_texts()]
    complain(visit.url, problems, "make run, then make site")


def test_every_displayed_equation_is_checked_or_says_why_not(visit: Visit) -> None:
    """Each has a badge that says on how many inputs it was tried, or the reason why there is none."""
    if visit.page.address.startswith(("notebooks/", "en/notebooks/")):
        return  # they show the formulas alone
    problems = []
    for equation in visit.come_back().evaluate(EQUATIONS):
        checked = equation["id"] and equation["inputs"] >= FEWEST_INPUTS and equation["badges"] == 1
        if not checked and not equation["reason"]:
            problems.append(f"neither checked nor a reason: {equation['tex']} ({equation['id'] or 'no mark'})")
    complain(visit.url, problems, "mark it (see CONTRIBUTING.md, Equations), then: make run")


def test_formulas_are_typeset(visit: Visit) -> None:
    """No TeX is left in the text, and every formula is drawn."""
    tab = visit.come_back()
    tab.evaluate(OPEN_ALL)
    problems = tab.evaluate(UNTYPESET)
    tab.evaluate(CLOSE_AGAIN)
    complain(visit.url, problems, "correct the TeX, or mark code as code")


def test_pictures_in_both_schemes(visit: Visit) -> None:
    """Each figure shows exactly one picture on light and one on dark, and each picture loads and has a text."""
    tab = visit.come_back()
    tab.evaluate(OPEN_ALL)
    problems = [f"{scheme}: {p}" for scheme in ("default", "slate") for p in tab.evaluate(PICTURES, scheme)]
    tab.evaluate(CLOSE_AGAIN)
    complain(visit.url, problems, "see .only-light and .only-dark in the theme's CSS; give each figure a text")


def test_fits_a_phone(visit: Visit) -> None:
    """With everything unfolded, nothing makes the page scroll sideways on a phone, and nothing is cut off."""
    tab = visit.come_back()
    tab.set_viewport_size(PHONE)
    tab.evaluate(OPEN_ALL)
    problems = tab.evaluate(TOO_WIDE)
    tab.evaluate(CLOSE_AGAIN)
    tab.set_viewport_size(DESK)
    complain(visit.url, problems, "let the widest element scroll by itself (overflow-x: auto), or make it narrower")


def test_copy_gives_the_code_that_ran(visit: Visit, built: Built) -> None:
    """The copy button of each block yields its code to the letter, without annotation marks."""
    tab = visit.come_back()
    tab.evaluate(OPEN_ALL)
    problems = []
    shown = tab.locator(".block")
    for number, block in enumerate(built.blocks(visit.page)):
        place = f"block {number + 1} (line {block.line} of the page)"
        button = shown.nth(number).locator("[data-clipboard-target], [data-clipboard-text]").first
        if number >= shown.count() or not button.count():
            problems.append(f"{place} has no copy button")
            continue
        tab.evaluate("navigator.clipboard.writeText('nothing was copied')")
        try:
            button.click(timeout=CLICK_MILLISECONDS)
        except Timeout:
            problems.append(f"{place}: the copy button cannot be clicked")
            continue
        copied = tab.evaluate("navigator.clipboard.readText()")
        if differing := first_difference(ANNOTATION_MARK.sub("", block.code), copied):
            problems.append(f"{place}: {differing}")
    tab.evaluate(CLOSE_AGAIN)
    complain(visit.url, problems, "see content.code.copy in the configuration, and what the theme adds to code")


def first_difference(expected: str, copied: str) -> str:
    """Tell the first line in which two codes differ, spaces at the end aside; empty where they are the same."""
    codes = [[line.rstrip() for line in code.strip("\n").split("\n")] for code in (expected, copied)]
    for number, (want, have) in enumerate(zip_longest(*codes), start=1):
        if want != have:
            return f"line {number} ran as {want!r} and was copied as {have!r}"
    return ""


def test_badge_opens_by_keyboard(visit: Visit) -> None:
    """Each badge can be focused, opens and closes with Enter, and then says what it knows."""
    tab = visit.come_back()
    tab.evaluate(OPEN_ALL)
    problems = []
    for number, badge in enumerate(tab.query_selector_all(".block-badge"), start=1):
        if not badge.evaluate(FOCUS):
            problems.append(f"badge {number} cannot be focused")
            continue
        tab.keyboard.press("Enter")
        opened = badge.evaluate(BADGE)
        tab.keyboard.press("Enter")
        if not opened["open"] or badge.evaluate(BADGE)["open"]:
            problems.append(f"badge {number} does not open and close with Enter")
        if opened["rows"] < 3 or opened["empty"]:
            problems.append(f"badge {number} says too little: {opened['rows']} rows, {opened['empty']} of them empty")
    tab.evaluate(CLOSE_AGAIN)
    complain(visit.url, problems, "keep the badge a <details> with a <summary>, and its <dl> filled")


def test_links_lead_somewhere(visit_below_prefix: Visit, built: Built, root_below_prefix: str) -> None:
    """Below a prefix too, each link within the site leads to a file, and to a place that is there."""
    tab = visit_below_prefix.come_back()
    problems = []
    for address in tab.evaluate(LINKS):
        if address.startswith(root_below_prefix):
            problems += built.dead_end(address.removeprefix(root_below_prefix))
        elif address.startswith("http://127.0.0.1"):
            problems.append(f"{address} leaves the prefix")
    complain(visit_below_prefix.url, problems, "link relative to the page: ../part/name.md#place")


def test_is_quiet_below_a_prefix(visit_below_prefix: Visit) -> None:
    """Below a prefix the page finds everything it needs, its styles above all."""
    tab = visit_below_prefix.come_back()
    problems = list(visit_below_prefix.trouble)
    if tab.evaluate(STYLE_RULES) < FEWEST_STYLE_RULES:
        problems.append("the theme's style sheets were not loaded")
    complain(visit_below_prefix.url, problems, "make every address in theme and pages relative")


def test_language_switch_stays_on_the_page(visit: Visit, root: str) -> None:
    """The language switch leads to the same page in the other language."""
    tab = visit.come_back()
    other = visit.page.other
    tab.evaluate("scrollTo(0, 0)")
    link = tab.locator(f"header a[hreflang^='{other.language}']").first
    if not link.count():
        complain(visit.url, ["there is no language switch"], "see extra.alternate in the configuration")
    tab.locator("header .md-select").first.hover()
    link.click()
    with suppress(Timeout):
        tab.wait_for_url(root + other.address, timeout=5_000)
    if tab.url != root + other.address:
        complain(visit.url, [f"the switch leads to {tab.url}, not to {root}{other.address}"], "link to the same page")
    language = tab.get_attribute("html", "lang") or ""
    if not language.startswith(other.language):
        complain(tab.url, [f'lang="{language}" after the switch'], "let the switch load the other site anew")


def test_was_quiet(visit: Visit) -> None:
    """Through all of this no error, and not one request to another host."""
    complain(visit.url, visit.trouble, "ship what the page needs with the site; correct the script named above")
