"""What must hold on every page. A check gets the page as a reader has it, and returns what is wrong with it.

The checks of a page run one after another in one tab, in the order in which they stand here; each leaves the page as
it found it, but for the last two.
"""

from __future__ import annotations

import ast
import html
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page as Tab
from playwright.sync_api import TimeoutError as Timeout
from playwright.sync_api import ViewportSize

from tests.browser.built import Built, Page

DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
ANNOTATION_MARK = re.compile(r"[ \t]*#\s*\(\d+\)!?[ \t]*$", re.MULTILINE)
STYLES = "style-src 'self' 'unsafe-inline'"
SETTLE_SECONDS = 10
ANSWER_MILLISECONDS = 30_000
"""How long anything may take to come; how fast it must be is measured in ``tools/bench``."""
FEWEST_INPUTS = 100
FEWEST_STYLE_RULES = 100
"""Of a page in its dress; Material has thousands."""

WANTS = """async () => {
    const refused = [], elsewhere = "https://elsewhere.example/"
    document.addEventListener("securitypolicyviolation", each => refused.push(each.effectiveDirective))
    const add = (name, told) => document.body.append(Object.assign(document.createElement(name), told))
    add("img", { src: elsewhere })
    add("script", { src: elsewhere })
    add("script", { textContent: "window.ran = true" })
    add("link", { rel: "stylesheet", href: elsewhere })
    add("iframe", { src: elsewhere })
    add("video", { src: elsewhere })
    add("object", { data: elsewhere })
    await new FontFace("x", `url(${elsewhere})`).load().catch(() => {})
    await fetch(elsewhere).catch(() => {})
    new Worker(URL.createObjectURL(new Blob([""])))
    await new Promise(done => setTimeout(done, 500))
    return [...new Set(refused)].sort().concat(window.ran ? ["ran"] : []) }"""
"""Asks another host in every way that the policy of a page names, and runs what the build did not write."""
REFUSED = [f"{each}-src" for each in ("connect", "font", "frame", "img", "media", "object")]
REFUSED += ["script-src-elem", "style-src-elem", "worker-src"]

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
        if (!image.alt.trim() && !image.closest('.book-picture')) problems.push('has no alternative text: ' + name)
    }
    body.dataset.mdColorScheme = before
    return problems }"""

BADGES = """() => {
    const badges = [...document.querySelectorAll('.block-badge')], problems = []
    const parts = badges.map(badge => [badge, badge.querySelector('summary'), badge.querySelector('dl')])
    const say = (badge, problem) => problems.push(`badge ${badges.indexOf(badge) + 1} ${problem}`)
    for (const badge of badges) badge.open = false
    for (const [badge, summary] of parts) {
        summary.focus()
        if (document.activeElement !== summary || summary.tabIndex < 0) say(badge, 'cannot be focused')
    }
    for (const [, summary] of parts) summary.click() // as Enter does; then the page is laid out once
    for (const [badge, , dl] of parts) if (!badge.open || !dl.checkVisibility()) say(badge, 'does not open')
    for (const [, summary] of parts) summary.click()
    for (const badge of badges) {
        if (badge.open) say(badge, 'does not close')
        const empty = [...badge.querySelectorAll('dd')].filter(d => !d.textContent.trim()).length
        const rows = badge.querySelectorAll('dt').length
        if (rows < 3 || empty) say(badge, `says too little: ${rows} rows, ${empty} of them empty`)
    }
    return problems }"""

IS_OPEN = "badge => badge.open"

EQUATIONS = """() => [...document.querySelectorAll('article div.arithmatex')].map(e => {
    const box = e.closest('.equation')
    return { tex: (e.dataset.tex || e.textContent).slice(0, 60), id: box?.dataset.equation || '',
        inputs: Number(box?.dataset.checked || 0), badges: box?.querySelectorAll('details.equation-badge').length || 0,
        reason: box?.querySelector('.equation-unchecked')?.textContent.trim() || '' } })"""

FIRST_PICTURE = """() => {
    const seen = e => e.checkVisibility() && e.getBoundingClientRect().height > 60
    const pictures = 'article :is(.block-figure, .diagram, .book-picks, .widget[data-state=live])'
    const first = [...document.querySelectorAll(pictures)].find(seen), live = first?.matches('.widget')
    const drawn = [...first?.querySelectorAll('img, svg') ?? []].find(seen) ?? first
    if (!first) return null
    const box = (live ? first : drawn).getBoundingClientRect()
    return [Boolean(live), Math.round((live ? box.top : box.bottom) + scrollY)] }"""

STYLE_RULES = "() => [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0)"

LINKS = """() => [...document.querySelectorAll('a[href]:not(.md-annotation__index)')]
    .filter(a => a.pathname !== location.pathname || !a.hash ||
        !document.getElementById(decodeURIComponent(a.hash.slice(1))))
    .map(a => a.href)"""

COPIES = """async () => {
    const found = []
    for (const block of document.querySelectorAll('.block')) {
        const button = block.querySelector('[data-clipboard-target], [data-clipboard-text]')
        if (!button) { found.push(null); continue }
        button.scrollIntoView({ block: 'center' })
        const { x, y, width, height } = button.getBoundingClientRect()
        const hit = document.elementFromPoint(x + width / 2, y + height / 2)
        const nothing = 'nothing was copied'
        await navigator.clipboard.writeText(nothing)
        button.click()
        let text = nothing
        for (let tries = 0; text === nothing && tries < 100; tries++) { // a busy browser copies late
            if (tries) await new Promise(done => setTimeout(done, 50))
            text = await navigator.clipboard.readText()
        }
        found.push({ reached: button.contains(hit), text })
    }
    return found }"""

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
        .filter(e => !e.closest('[role=group]')?.querySelector('button[tabindex="0"]')) // arrow keys lead on from there
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

UNNAMED = """() => [...document.querySelectorAll('.widget [role=slider], .widget :is(input, select, button)')]
    .filter(e => e.checkVisibility())
    .filter(e => !(e.ariaLabel || e.labels?.length || e.textContent.trim()))
    .map(e => 'has no name: ' + e.outerHTML.slice(0, 100))"""


@dataclass
class Visit:
    """A page opened in the browser, and what went wrong there since."""

    page: Page
    built: Built
    root: str
    tab: Tab
    status: int
    trouble: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.root + self.page.address


@dataclass(frozen=True)
class Check:
    """What every page is asked, and what to do where the answer is bad."""

    name: str
    remedy: str
    problems: Callable[[Visit], list[str]]


CHECKS: list[Check] = []


def check(remedy: str) -> Callable[[Callable[[Visit], list[str]]], Callable[[Visit], list[str]]]:
    """Ask every page what a function asks."""

    def add(problems: Callable[[Visit], list[str]]) -> Callable[[Visit], list[str]]:
        CHECKS.append(Check(problems.__name__, remedy, problems))
        return problems

    return add


@contextmanager
def unfolded(tab: Tab, size: ViewportSize = DESK) -> Iterator[Tab]:
    """Show all that is folded, on a screen of a size; afterwards the page is as it was."""
    if size != DESK:
        tab.set_viewport_size(size)
    tab.evaluate(OPEN_ALL)
    try:
        yield tab
    finally:
        tab.evaluate(CLOSE_AGAIN)
        if size != DESK:
            tab.set_viewport_size(DESK)


def settled(tab: Tab, script: str) -> list[str]:
    """Return what a script finds still: Material makes what scrolls focusable a moment after it is unfolded."""
    until = time.monotonic() + SETTLE_SECONDS
    problems: list[str]
    while (problems := tab.evaluate(script)) and time.monotonic() < until:
        tab.wait_for_timeout(100)
    return problems


@check("give the page one headline; check theme.language in the configuration")
def arrives(visit: Visit) -> list[str]:
    """The page answers, in its language, under one headline."""
    problems = [] if visit.status == 200 else [f"the server answered {visit.status}"]
    language = visit.tab.get_attribute("html", "lang") or ""
    if not language.startswith(visit.page.language):
        problems.append(f'lang="{language}" instead of "{visit.page.language}"')
    if (count := visit.tab.locator("article h1").count()) != 1:
        problems.append(f"{count} headlines (h1) instead of one")
    return problems


@check("make every address in theme and pages relative")
def is_dressed(visit: Visit) -> list[str]:
    """The page finds the theme's styles."""
    rules = visit.tab.evaluate(STYLE_RULES)
    return [] if rules >= FEWEST_STYLE_RULES else ["the theme's style sheets were not loaded"]


@check("see book/publish/policy.py")
def keeps_to_itself(visit: Visit) -> list[str]:
    """The page's policy stands before all else, and names no host and no way around it."""
    policy = visit.tab.evaluate("document.head.children[1].content") or ""
    wrong = [*re.findall(r"[\w-]+:/*|\*|'unsafe-\w+'", policy.replace("data:", "").replace(STYLES, ""))]
    return wrong if policy.startswith("default-src 'self'; ") else ["it has no policy"]


@check("make run, then make site")
def every_block_ran(visit: Visit) -> list[str]:
    """Each block of the source is there with its evidence, and no value is missing."""
    tab = visit.tab
    with suppress(Timeout):
        tab.wait_for_function(NO_MARKS)  # Material replaces them when the page is there
    blocks, expected = tab.evaluate(BLOCKS), visit.built.blocks(visit.page)
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
    return problems + [f"warning: {text}" for text in tab.locator(".block-warning, .value-missing").all_inner_texts()]


@check("draw the code of a block as it stands in its page")
def the_code_in_the_html_is_what_ran(visit: Visit) -> list[str]:
    """The code in the built file, before any script touches it, equals what ran, character for character."""
    shown = re.findall(
        r'<div class="block[^"]*"[^>]*data-block="(\w+)".*?<code>(.*?)</code>',
        visit.built.html(visit.page),
        re.DOTALL,
    )
    codes = [(name, html.unescape(re.sub(r"<[^>]+>", "", code)).rstrip("\n")) for name, code in shown]
    ran = [(block.name, block.code) for block in visit.built.blocks(visit.page)]
    return [
        f"block {number} ran as {want} and is shown as {have}"
        for number, (want, have) in enumerate(zip_longest(ran, codes), start=1)
        if want != have
    ]


@check("mark it (see CONTRIBUTING.md, Equations), then: make run")
def every_displayed_equation_is_checked_or_says_why_not(visit: Visit) -> list[str]:
    """Each has a badge that says on how many inputs it was tried, or the reason why there is none."""
    if visit.page.is_notebook:
        return []  # they show the formulas alone
    problems = []
    for equation in visit.tab.evaluate(EQUATIONS):
        checked = equation["id"] and equation["inputs"] >= FEWEST_INPUTS and equation["badges"] == 1
        if not checked and not equation["reason"]:
            problems.append(f"neither checked nor a reason: {equation['tex']} ({equation['id'] or 'no mark'})")
    return problems


@check("see theme/assets/javascripts/widgets/ and drawLivePictures in book.js")
def live_pictures_are_drawn(visit: Visit) -> list[str]:
    """Each comes, and everything in it that can be used has a name; the other checks then look at it, too."""
    if visit.page.is_notebook:
        return []  # there the still picture stays
    for asked in visit.tab.locator(".widget.asked").all():
        asked.click()
    pictures = visit.tab.locator(".widget[data-widget]")
    live = visit.tab.locator(".widget[data-state=live]")
    with suppress(Timeout):
        for number in range(pictures.count()):
            live.nth(number).wait_for(state="attached")
    missing = pictures.count() - live.count()
    return [*visit.tab.evaluate(UNNAMED), *[f"{missing} of {pictures.count()} are not drawn"] * bool(missing)]


@check("begin with the picture: at most three sentences above it, its code folded, what else one must know below")
def begins_with_a_picture(visit: Visit) -> list[str]:
    """Where a page has pictures, the first is seen at once on a desk, and in the second screen of a phone.

    Of a live one, which is high, the upper edge counts: it stands within three fifths of the screen.
    """
    if visit.page.is_notebook:
        return []
    problems = []
    for size, screens in ((DESK, 1), (PHONE, 2)):
        visit.tab.set_viewport_size(size)
        live, edge = visit.tab.evaluate(FIRST_PICTURE) or (False, 0)
        if edge > screens * size["height"] * (0.6 if live else 1):
            screen = f"on a screen of {size['width']} x {size['height']}"
            problems.append(f"{screen} the first picture {'begins' if live else 'ends'} at {edge} px")
    visit.tab.set_viewport_size(DESK)
    return problems


@check("correct the TeX, or mark code as code")
def formulas_are_typeset(visit: Visit) -> list[str]:
    """No TeX is left in the text, and every formula is drawn."""
    with unfolded(visit.tab) as tab:
        return list(tab.evaluate(UNTYPESET))


@check("see .only-light and .only-dark in the theme's CSS; give each figure a text")
def pictures_in_both_schemes(visit: Visit) -> list[str]:
    """Each figure shows exactly one picture on light and one on dark, and each picture loads and has a text."""
    with unfolded(visit.tab) as tab:
        return [f"{scheme}: {p}" for scheme in ("default", "slate") for p in tab.evaluate(PICTURES, scheme)]


@check("let the widest element scroll by itself (overflow-x: auto), or make it narrower")
def fits_a_phone(visit: Visit) -> list[str]:
    """With everything unfolded, nothing makes the page scroll sideways on a phone, and nothing is cut off."""
    with unfolded(visit.tab, PHONE) as tab:
        return list(tab.evaluate(TOO_WIDE))


@check('use a real button or link, or add tabindex="0"')
def the_keyboard_reaches_everything(visit: Visit) -> list[str]:
    """Whatever can be clicked can be focused, and whatever scrolls can be scrolled without a mouse."""
    with unfolded(visit.tab, PHONE) as tab:
        return [*settled(tab, OUT_OF_REACH), *settled(tab, CANNOT_SCROLL)]


@check("see content.code.copy in the configuration, and what the theme adds to code")
def copy_gives_the_code_that_ran(visit: Visit) -> list[str]:
    """The copy button of each block can be reached, and yields its code to the letter, without annotation marks."""
    problems = []
    with unfolded(visit.tab) as tab:
        copies = tab.evaluate(COPIES)
    for number, (block, copy) in enumerate(zip_longest(visit.built.blocks(visit.page), copies), start=1):
        place = f"block {number}"
        if not block or not copy:
            problems.append(f"{place} has no copy button" if block else f"{place} is not in the source")
        elif not copy["reached"]:
            problems.append(f"{place}: the copy button cannot be clicked")
        elif differing := first_difference(ANNOTATION_MARK.sub("", block.code), copy["text"]):
            problems.append(f"{place} (line {block.line} of the page): {differing}")
    return problems


def first_difference(expected: str, copied: str) -> str:
    """Tell the first line in which two codes differ, spaces at the end aside; empty where they are the same."""
    codes = [[line.rstrip() for line in code.strip("\n").split("\n")] for code in (expected, copied)]
    for number, (want, have) in enumerate(zip_longest(*codes), start=1):
        if want != have:
            return f"line {number} ran as {want!r} and was copied as {have!r}"
    return ""


@check("keep the badge a <details> with a <summary>, and its <dl> filled")
def badge_opens_by_keyboard(visit: Visit) -> list[str]:
    """Each badge can be focused, opens and closes, with Enter as well, and then says what it knows."""
    with unfolded(visit.tab) as tab:
        problems: list[str] = tab.evaluate(BADGES)
        for badge in tab.query_selector_all(".block-badge")[-1:]:
            badge.query_selector("summary").focus()  # type: ignore[union-attr]
            tab.keyboard.press("Enter")
            opened = badge.evaluate(IS_OPEN)
            tab.keyboard.press("Enter")
            if not opened or badge.evaluate(IS_OPEN):
                problems.append("the last badge does not open and close with Enter")
    return problems


@check("see @media print in theme/assets/stylesheets/book.css")
def prints_decently(visit: Visit) -> list[str]:
    """On paper there is the page, and not the furniture of the screen."""
    visit.tab.emulate_media(media="print")
    problems = visit.tab.evaluate(PRINTED)
    visit.tab.emulate_media(media="screen")
    return list(problems)


@check("see prefers-reduced-motion in book.css")
def nothing_moves_for_who_asked_for_rest(visit: Visit) -> list[str]:
    """The tests' browser asks for reduced motion; then nothing is animated."""
    return list(visit.tab.evaluate(MOVES))


@check("see the rule's name at dequeuniversity.com/rules/axe; mend the theme or the page")
def axe_finds_nothing_serious(visit: Visit) -> list[str]:
    """With everything unfolded axe-core has no serious complaint.

    The languages of a page have the same elements, so each page is asked in one of them, half of the pages in Chinese,
    in light on a desk, the others in English, in dark on a phone; of the views of notebooks, which one function draws
    of what the pages hold, every eighth. ``test_pages.py`` asks the kinds of page in each way.
    """
    page = visit.page
    if not page.is_asked or (page.is_notebook and page.turn // 2 % 4):
        return []
    return violations(visit.tab, *(("default", DESK) if page.language == "zh" else ("slate", PHONE)))


def violations(tab: Tab, scheme: Literal["default", "slate"], size: ViewportSize) -> list[str]:
    """Return the serious complaints of axe-core in a color scheme, on a screen of a size."""
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    before = tab.evaluate("document.body.dataset.mdColorScheme")
    tab.evaluate(SCHEME, scheme)
    with unfolded(tab, size):
        settled(tab, CANNOT_SCROLL)  # else axe, which takes seconds, would have to be asked again
        problems = settled(tab, FIND_VIOLATIONS)
    tab.evaluate(SCHEME, before)
    return [f"{scheme}, {size['width']} px: {problem}" for problem in problems]


@check("see the script directive of the page, and assets/scripts/ in the site")
def scripts_can_be_downloaded(visit: Visit) -> list[str]:
    """Each download link yields a whole Python script."""
    links = visit.tab.eval_on_selector_all("a.script-download", "all => all.map(a => a.href)")
    answers = {link: visit.tab.request.get(link) for link in links}
    return [
        f"{link} answers {response.status}, or what comes is no program"
        for link, response in answers.items()
        if not response.ok or not is_program(response.text())
    ]


def is_program(text: str) -> bool:
    """Tell whether a text is Python that does something."""
    try:
        return bool(ast.parse(text).body)
    except SyntaxError:
        return False


@check("link relative to the page: ../part/name.md#place")
def links_lead_somewhere(visit: Visit) -> list[str]:
    """Each link within the site leads to a file, and to a place that is there."""
    problems = []
    for address in visit.tab.evaluate(LINKS):
        if address.startswith(visit.root):
            problems += visit.built.dead_end(address.removeprefix(visit.root))
        elif address.startswith("http://127.0.0.1"):
            problems.append(f"{address} leaves the prefix")
    return problems


@check("see extra.alternate in the configuration; link to the same page, and let the switch load the other site anew")
def language_switch_stays_on_the_page(visit: Visit) -> list[str]:
    """The language switch leads to the same page in the other language; asked in one of them."""
    if not visit.page.is_asked:
        return []
    tab, other = visit.tab, visit.page.other
    tab.evaluate("scrollTo(0, 0)")
    link = tab.locator(f"header a[hreflang^='{other.language}']").first
    if not link.count():
        return ["there is no language switch"]
    tab.locator("header .md-select").first.hover()
    link.click(no_wait_after=True)
    with suppress(Timeout):
        tab.wait_for_url(visit.root + other.address, wait_until="domcontentloaded")
    if tab.url != visit.root + other.address:
        return [f"the switch leads to {tab.url}, not to {visit.root}{other.address}"]
    language = tab.get_attribute("html", "lang") or ""
    return [] if language.startswith(other.language) else [f'lang="{language}" after the switch']


@check("ship what the page needs with the site; correct the script named above")
def was_quiet(visit: Visit) -> list[str]:
    """Through all of this no error, and not one request to another host."""
    return visit.trouble
