"""What must hold for the site as a whole: search, dark mode, the page for a missing address, downloads."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab
from playwright.sync_api import TimeoutError as Timeout

from book.core.site import Book
from tests.browser.built import Built
from tests.browser.checks import DESK, REFUSED, STYLE_RULES, UNTYPESET, WANTS
from tests.browser.conftest import EVERYTHING_IN_SIGHT, PREFIX, complain, watch

HOMES = {"zh": "", "en": "en/"}
WORDS = {
    "zh": "卷积 验证 训练 过拟合 参数 准确率 数据集 图像 神经网络 模型 权重 损失 学习率 梯度 随机种子 测试 像素 "
    "置信区间 翻译 注意力 推荐",
    "en": "convolution validation training overfitting parameters accuracy dataset image network model weights loss "
    "gradient seed pixels translation attention",
}
FEWEST_WORDS = 5
"""At least so many of the words above must stand on the pages, or the search is not tested."""

FIRST_VIEW = 135_000
"""Bytes, packed as a host sends them, of a page with the styles and scripts that it names; pictures come when they are
near. The heaviest page, softmax, had 133,900 when this was written."""
NAMED = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"#?:]+)"')

SEARCH = "[data-md-component=search-query]"
RESULT = ".md-search-result__item a.md-search-result__link"
SCHEME = "() => document.body.dataset.mdColorScheme"
COLOR_CHANGES = """
window.colorChanges = [];
new MutationObserver((changes) => {
  if (!document.body) return; // nothing is drawn yet
  for (const { attributeName: name, oldValue, target, addedNodes } of changes) {
    if (name === "class" && target.className !== oldValue) colorChanges.push(`${oldValue} -> ${target.className}`);
    if (name === "data-md-color-switching") colorChanges.push(name);
    for (const node of addedNodes) if (node.name === "color-scheme") colorChanges.push("another meta color-scheme");
  }
}).observe(document, { subtree: true, childList: true, attributes: true, attributeOldValue: true });
"""
TOGGLE = "header form[data-md-component=palette] label:not([hidden])"
AT_REST = """() => new Promise(done => {
  let [place, frames] = [scrollY, 0]
  const look = () => {
    frames = scrollY === place ? frames + 1 : 0
    place = scrollY
    frames === 10 ? done(true) : requestAnimationFrame(look)
  }
  look()
})"""
"""Waits until the page has scrolled to where it was asked to; what moves afterwards moves by itself."""
BRIGHTNESS = """() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number)
    return (r + g + b) / 3 }"""


def words_on_pages(built: Built, language: str) -> dict[str, set[str]]:
    """Return, for each word that stands on a page of a language, the addresses of these pages within its site."""
    index = json.loads((built.folder / HOMES[language] / "search" / "search_index.json").read_text(encoding="utf-8"))
    texts: dict[str, str] = {}
    for part in index["docs"]:
        page = part["location"].partition("#")[0]
        texts[page] = f"{texts.get(page, '')} {part['title']} {part['text']}".lower()
    found = {word: {page for page, text in texts.items() if word in text} for word in WORDS[language].split()}
    return {word: pages for word, pages in found.items() if pages}


def search(tab: Tab, word: str) -> list[str]:
    """Type a word into the search and return the addresses of what it finds."""
    fill_in(tab, "", "detached")
    fill_in(tab, word, "attached")
    links = tab.eval_on_selector_all(RESULT, "all => all.map(a => a.href)")
    return [link.partition("?")[0].partition("#")[0] for link in links]


def fill_in(tab: Tab, text: str, results: Literal["attached", "detached"]) -> None:
    """Put a text into the search, as one that is pasted, and wait for its results to come, or to go."""
    tab.fill(SEARCH, text)
    with suppress(Timeout):
        tab.locator(RESULT).first.wait_for(state=results)


@pytest.mark.parametrize("mount", ["root", "root_below_prefix"])
@pytest.mark.parametrize("language", HOMES)
def test_search_finds_words(language: str, mount: str, tab: Tab, built: Built, request: pytest.FixtureRequest) -> None:
    """Each of the words that stands on some page is found on such a page; at /book/ as well."""
    home = request.getfixturevalue(mount) + HOMES[language]
    trouble = watch(tab, home)
    tab.goto(home)
    words = words_on_pages(built, language)
    problems = [] if len(words) >= FEWEST_WORDS else [f"only {sorted(words)} stand on the pages: add words to WORDS"]
    tab.click(SEARCH)
    for word, pages in words.items():
        if len(problems) >= 3:
            break  # each word that is not found takes its time
        found = search(tab, word)
        if not found:
            problems.append(f"{word!r} is not found; it stands on {', '.join(sorted(pages))}")
        elif not {home + page for page in pages} & set(found):
            problems.append(f"{word!r} is found on {found[:3]}, where it does not stand")
    complain(home, problems + trouble, "see theme/assets/javascripts/workers/search.js and plugins.search")


@pytest.mark.parametrize("language", HOMES)
def test_dark_mode_persists(language: str, tab: Tab, root: str, built: Built) -> None:
    """The switch makes the page dark, and it stays dark after a reload, on another page and in the other language."""
    home = root + HOMES[language]
    trouble = watch(tab, root)
    tab.goto(home)
    light, problems = tab.evaluate(BRIGHTNESS), []
    for _ in range(3):
        if tab.evaluate(SCHEME) != "slate":
            tab.locator(TOGGLE).first.click()
    if tab.evaluate(SCHEME) != "slate" or not tab.evaluate(BRIGHTNESS) < light / 2:
        complain(home, ["the switch does not make the page dark"], "see theme.palette in the configuration")
    tab.reload()
    if tab.evaluate(SCHEME) != "slate":
        problems.append("light again after a reload")
    same, other = (
        next((page for page in built.pages if page.language == code and page.address != HOMES[code]), None)
        for code in (language, *(set(HOMES) - {language}))
    )
    for page in filter(None, (same, other)):
        tab.goto(root + page.address)
        if tab.evaluate(SCHEME) != "slate":
            problems.append(f"light again on {page.address}")
    complain(home, problems + trouble, "keep the choice where both languages read it (__palette in localStorage)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_has_its_colors_once(scheme: str, tab: Tab, root: str) -> None:
    """Starting, a page does not set its colors again (each time, the browser would style all of it), nor lose them."""
    tab.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    tab.add_init_script(COLOR_CHANGES)
    tab.goto(root)
    tab.wait_for_load_state()
    problems = [change for change in tab.evaluate("colorChanges") if "js" in change or "color" in change]
    tab.locator(TOGGLE).first.click()  # to light
    tab.locator(TOGGLE).first.click()  # to dark
    if not tab.evaluate("colorChanges").count("data-md-color-switching"):
        problems.append("Material's transitions are not held while colors change")
    if (bars := tab.evaluate("getComputedStyle(document.documentElement).colorScheme")) != "dark":
        problems.append(f"on the dark page what the browser draws is {bars}")
    complain(root, problems, "see sparePage in book.js and :root:has in book.css")


def test_what_is_folded_opens(tab: Tab, root: str, built: Built) -> None:
    """What an address names is unfolded, and on paper all but what would stand there twice; then it is as it was."""
    page = max(built.pages, key=lambda page: len(built.blocks(page)))
    tab.goto(root + page.address)
    tab.wait_for_load_state()
    is_open = "details => details.open"
    folded = tab.locator("article details:not([open], .whole-script, .block-badge)").last
    folded.evaluate("details => { details.lastElementChild.id = 'within'; details.id = 'folded' }")
    folded = tab.locator("#folded")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.evaluate(is_open)
    assert not tab.locator("article details:not([open], .whole-script, .block-badge)").count()
    twice = tab.locator("article details[open]:is(.whole-script, .block-badge)")
    assert not twice.count()  # the script stands on the page already, and a badge would be empty
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not folded.evaluate(is_open)
    tab.evaluate("location.hash = '#within'")
    tab.locator("#within").wait_for()
    assert folded.evaluate(is_open)


def test_a_value_says_where_it_was_computed(tab: Tab, root: str, built: Built) -> None:
    """A click or the Enter key opens its expression; the link goes to the block; Escape closes it."""
    page = max(built.pages, key=lambda page: len(built.blocks(page)))
    tab.goto(root + page.address)
    tab.wait_for_load_state()
    tab.locator("article .value[role=button]").first.wait_for(state="attached")
    value = tab.locator("article .value[data-from^='#block']").first
    expression, place = value.get_attribute("data-value"), value.get_attribute("data-from")
    shown = tab.locator(".value-origin")
    assert not shown.is_visible()
    value.click()
    assert shown.is_visible() and expression and expression in shown.inner_text()
    tab.keyboard.press("Escape")
    assert not shown.is_visible()
    value.focus()
    tab.keyboard.press("Enter")
    assert shown.is_visible()
    shown.locator("a").click()
    assert not shown.is_visible() and place and tab.evaluate("location.hash") == place
    assert tab.locator(place).is_visible()


def test_dark_system_gets_a_dark_page(tab: Tab, root: str) -> None:
    """A reader whose system is dark sees dark pages from the first."""
    tab.emulate_media(color_scheme="dark")
    tab.goto(root)
    problems = [] if tab.evaluate(SCHEME) == "slate" else ["the page is light on a dark system"]
    complain(root, problems, "give each theme.palette entry its media: (prefers-color-scheme: ...)")


@pytest.mark.parametrize("elsewhere", [False, True], ids=["at-home", "below-book"])
def test_missing_address(elsewhere: bool, tab: Tab, built: Built) -> None:
    """A missing address, however deep, gets a page with style and a way to both first pages, below a prefix too."""
    with built.serve(PREFIX if elsewhere else built.base_path) as root:
        address = f"{root}no/such/page/"
        trouble = watch(tab, root)
        response = tab.goto(address)
        problems = [] if response and response.status == 404 else ["the server did not answer 404"]
        if tab.evaluate(STYLE_RULES) < 5:
            problems.append("the page has no style")
        for home in (root, f"{root}en/"):
            with suppress(Timeout):
                tab.wait_for_function(f"() => [...document.links].some(a => a.href === '{home}')")
                continue
            problems.append(f"no link leads to {home}")
        if not elsewhere:  # below a prefix it may have to look around for its home first
            problems += [t for t in trouble if not t.endswith((f"404 for {address}", f"({address})"))]
        complain(address, problems, "see 404.html in the theme; MkDocs makes its addresses from site_url")


@pytest.mark.parametrize("language", HOMES)
def test_a_missing_address_leads_to_chapters_and_the_search(language: str, tab: Tab, root: str) -> None:
    tab.goto(f"{root}{HOMES[language]}no/such/page/")
    part = tab.locator(f"section[lang^={language}]")
    assert part.locator("li a").count() > 5
    answers = [
        tab.request.get(link).status for link in part.locator("li a").evaluate_all("all => all.map(a => a.href)")
    ]
    assert set(answers) == {200}
    part.locator("input").fill("softmax")
    part.locator("button").click()
    tab.wait_for_url(f"{root}{HOMES[language]}?q=softmax")
    tab.locator(RESULT).first.wait_for()


def test_without_a_script_a_note_in_code_is_a_number(chromium: Browser, root: str, built: Built) -> None:
    page = next(page for page in built.pages if 'class="c1 code-note"' in built.html(page) and not page.is_notebook)
    context = chromium.new_context(java_script_enabled=False, service_workers="block")
    tab = context.new_page()
    tab.goto(root + page.address)
    look = "mark => [getComputedStyle(mark).fontSize, getComputedStyle(mark, '::after').content]"
    size, content = tab.locator(".code-note").first.evaluate(look)
    context.close()
    assert (size, content) == ("0px", '"(1)"')


@pytest.mark.parametrize("language", HOMES)
def test_a_page_reached_by_a_click(language: str, tab: Tab, root: str, built: Built) -> None:
    """A page reached from the first page has its formulas and its copy buttons like one opened afresh."""
    home = root + HOMES[language]
    with_blocks = {root + page.address for page in built.pages if page.language == language and built.blocks(page)}
    trouble = watch(tab, root)
    tab.goto(home)
    links = tab.locator("article a[href]:visible, nav a[href]:visible")
    addresses = links.evaluate_all("all => all.map(a => a.href)")
    number = next((i for i, address in enumerate(addresses) if address in with_blocks - {home}), None)
    if number is None:
        complain(home, ["no visible link leads to a page with blocks"], "link one from the text or the navigation")
        return
    links.nth(number).click()
    tab.wait_for_url(addresses[number])
    block = tab.locator(".block").first
    block.wait_for()
    problems = tab.evaluate(UNTYPESET)
    block.scroll_into_view_if_needed()
    button = block.locator("[data-clipboard-target]").first
    with suppress(Timeout):
        button.wait_for(state="attached")
    if not button.count():
        problems.append("the first block has no copy button")
    complain(addresses[number], problems + trouble, "let the script run on document$, not only on load")


def test_the_first_view_of_each_page_is_light(built: Built, root: str) -> None:
    """What a reader must have fetched before a page can be read stays small, however long the page."""

    @cache
    def weight(file: Path) -> int:
        return len(gzip.compress(file.read_bytes()))

    problems, seen = [], 0
    for page in built.pages:
        file = built.folder / page.address
        file = file / "index.html" if file.is_dir() else file
        if page.is_notebook:
            continue
        named = {(file.parent / address).resolve() for address in NAMED.findall(built.html(page))}
        seen += len(named)
        total = weight(file) + sum(weight(each) for each in named)
        if total > FIRST_VIEW:
            problems.append(f"{page.address}: {total:,} bytes")
    assert seen, "no page names a style sheet"
    complain(root, problems, "see what the page has more of than others; formulas are drawn when the book is built")


@pytest.mark.parametrize("language", HOMES)
def test_what_is_out_of_sight_waits(language: str, tab: Tab, root: str, built: Built) -> None:
    """A long page lays out and equips what lies far below only when the reader comes there, and nothing moves then."""
    page = max((p for p in built.pages if p.language == language), key=lambda page: len(built.blocks(page)))
    tab.goto(root + page.address)
    last = tab.locator(".offscreen > .block").last
    problems = []
    if last.evaluate("block => block.checkVisibility({ contentVisibilityAuto: true })"):
        problems.append("the last block is laid out before it is near")
    if last.locator("[data-clipboard-target]").first.count():
        problems.append("the last block has its buttons before it is near")
    last.scroll_into_view_if_needed()
    last.locator("[data-clipboard-target]").first.wait_for(state="attached")
    tab.wait_for_function(AT_REST)
    before = last.bounding_box()
    tab.wait_for_timeout(500)
    if before != last.bounding_box():
        problems.append("the last block moves after it has come into sight")
    complain(root + page.address, problems, "see .offscreen in book.css and content.lazy in mkdocs.yml")


def test_a_place_on_a_long_page_can_be_linked_to(tab: Tab, root: str, built: Built) -> None:
    """The heading an address names stands below the header, although what is above it was not laid out."""
    page = max(built.pages, key=lambda page: len(built.blocks(page)))
    tab.goto(root + page.address)
    headings = tab.locator("article h2[id]")
    heading = headings.nth(headings.count() // 2).get_attribute("id")
    tab.goto("about:blank")
    tab.goto(f"{root}{page.address}#{heading}")
    where = "document.getElementById(id).getBoundingClientRect().top"
    with suppress(Timeout):
        tab.wait_for_function(f"id => {where} < innerHeight", arg=heading)  # a busy browser scrolls late
    tab.wait_for_function(AT_REST)
    top = tab.evaluate(f"id => {where}", heading)
    assert 0 <= top < DESK["height"] / 4, f"#{heading} stands at {top} px"


@pytest.mark.parametrize("language", HOMES)
def test_the_other_language_begins_where_one_is_reading(language: str, tab: Tab, root: str, built: Built) -> None:
    """At the last heading above the middle, or at what the address names while that is seen; at first, at the top."""
    page = max((p for p in built.pages if p.language == language), key=lambda page: len(built.blocks(page)))
    lead = (
        "() => { const a = document.querySelector('.book-language'); a.onclick = e => e.preventDefault(); a.click()\n"
    )
    lead += "return a.href }"
    there = root + page.other.address

    def leads_to(address: str) -> None:
        tab.wait_for_function(f"address => ({lead})() === address", arg=address)  # a busy browser scrolls late

    tab.goto(root + page.address)
    leads_to(there)
    headings = tab.locator("article h2[id]")
    middle = headings.nth(headings.count() // 2)
    name = middle.get_attribute("id")
    middle.evaluate("heading => heading.scrollIntoView()")
    tab.wait_for_function(AT_REST)
    middle.evaluate("heading => scrollBy(0, heading.getBoundingClientRect().top - innerHeight / 3)")
    leads_to(f"{there}#{name}")
    tab.goto(f"{root}{page.address}#block-1")
    tab.wait_for_timeout(2_000)  # until then the page stays where it was asked to begin
    leads_to(f"{there}#block-1")
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    tab.wait_for_function(f"others => !others.includes(({lead})())", arg=[there, f"{there}#block-1"])


SESSION = """\
<span class="gp">$ </span>pip install \\
  keras
<span class="go">Successfully installed</span>

<span class="gp gp-VirtualEnv">(venv)</span> <span class="gp">$ </span>python
<span class="gp">&gt;&gt;&gt; </span>for x in y:
<span class="gp">... </span>    x
<span class="gp">...</span>
<span class="go">1</span>
"""


def test_of_a_session_only_the_commands_are_copied(chromium: Browser, root: str, built: Built) -> None:
    """The button leaves out prompts and what was printed, and keeps commands that go on below."""
    page = next(page for page in built.pages if built.blocks(page))
    html = re.sub(
        "(<pre>.*?<code>).*?</code>", lambda match: f"{match[1]}{SESSION}</code>", built.html(page), flags=re.S
    )
    context = chromium.new_context(service_workers="block", viewport=DESK)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_init_script(EVERYTHING_IN_SIGHT)
    tab = context.new_page()
    tab.route(root + page.address, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    tab.goto(root + page.address)
    tab.locator("pre:has(.gp) [data-clipboard-target]:visible").first.click()
    copied = tab.evaluate("navigator.clipboard.readText()")
    context.close()
    assert copied == "pip install \\\n  keras\npython\nfor x in y:\n    x"


@pytest.mark.parametrize("language", HOMES)
def test_a_page_opened_from_a_folder_says_that_it_cannot_be_searched(language: str, tab: Tab, built: Built) -> None:
    failures: list[str] = []
    tab.on("pageerror", lambda problem: failures.append(str(problem)))
    tab.goto((built.folder / HOMES[language] / "index.html").as_uri())
    tab.click(SEARCH)
    tab.fill(SEARCH, "model")
    said = tab.locator(".md-search-result__meta")
    assert said.inner_text().strip() == Book(built.root).words(language, "theme")["search-file"]
    assert not failures


def test_a_search_that_cannot_be_made_ready_says_so(tab: Tab, root: str, built: Built) -> None:
    tab.context.route("**/search_index.json", lambda route: route.abort())
    tab.goto(root)
    tab.click(SEARCH)
    words = Book(built.root).words("zh", "theme")
    tab.locator(".md-search-result__meta", has_text=words["search-failed"]).wait_for()


def test_another_host_is_refused(tab: Tab, root: str) -> None:
    """By the page's own policy, before anything is sent."""
    trouble = watch(tab, root)
    tab.goto(root)
    assert tab.evaluate(WANTS) == REFUSED
    assert {each.partition(" for ")[0] for each in trouble if " for https://elsewhere" in each} == {"csp"}
