"""What differs between engines, in Firefox: the width of punctuation, deep links, live pictures, the search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.built import Built
from tests.browser.checks import REFUSED, WANTS
from tests.browser.firefox import Firefox, find, started

ASK = {"zh": "学习率", "en": "learning rate"}
PICTURES = "document.querySelectorAll('.widget[data-widget]')"
HOMES = {"zh": "", "en": "en/"}
WIDTH = """
    const line = document.querySelector("article p").cloneNode()
    line.style.cssText = "position: absolute; font-size: 100px; white-space: nowrap; text-indent: 0"
    line.textContent = arguments[0]
    document.querySelector("article").append(line)
    const { width } = line.getBoundingClientRect()
    line.remove()
    return width"""
AT_REST = """
    return new Promise(done => {
        let [last, still] = [-1, 0]
        const look = () => {
            still = scrollY === last ? still + 1 : 0
            last = scrollY
            still > 20 ? done(true) : setTimeout(look, 25)
        }
        look()
    })"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = find()
    if program is None:
        pytest.skip("there is no Firefox; Debian: apt install firefox-esr; elsewhere: put firefox on the PATH")
    with started(program, tmp_path_factory.mktemp("firefox")) as window:
        window.size(1280, 900)
        yield window


def test_chinese_punctuation_is_as_wide_as_a_character(firefox: Firefox, root: str) -> None:
    """Also two marks in a row: the face would let the browser halve them."""
    firefox.goto(root)
    assert firefox.evaluate(WIDTH, "网络，学习。") == pytest.approx(6 * firefox.evaluate(WIDTH, "网"), rel=0.01)
    assert firefox.evaluate(WIDTH, "网络（学习）。") == pytest.approx(7 * firefox.evaluate(WIDTH, "网"), rel=0.01)


def test_an_apostrophe_is_narrow_in_english(firefox: Firefox, root: str) -> None:
    """Also where a Chinese font has to draw it, because none of the others is there."""
    firefox.goto(f"{root}en/")
    assert 0 < firefox.evaluate(WIDTH, "’") < firefox.evaluate(WIDTH, "n")


def test_a_deep_link_leads_to_its_heading(firefox: Firefox, root: str, built: Built) -> None:
    """Every heading of the longest page stands below the header when the page is opened at it."""
    page = max(built.pages, key=lambda page: len(built.blocks(page)))
    firefox.goto(root + page.address)
    names = firefox.evaluate("return [...document.querySelectorAll('article h2[id]')].map(heading => heading.id)")
    off = {}
    for name in names:
        firefox.goto("about:blank")
        firefox.goto(f"{root}{page.address}#{name}")
        firefox.evaluate(AT_REST)
        top, below = firefox.evaluate(
            "return [document.getElementById(arguments[0]).getBoundingClientRect().top,"
            " document.documentElement.scrollHeight - scrollY - innerHeight]",
            name,
        )
        if not 0 <= top < 225 and below > 1:
            off[name] = top
    assert not off, f"{page.address}: {off}"


@pytest.mark.parametrize("language", HOMES)
def test_a_live_picture_arrives(language: str, firefox: Firefox, root: str, built: Built) -> None:
    live = next(
        page for page in built.pages if page.language == language and 'data-widget="softmax"' in built.html(page)
    )
    firefox.goto(root + live.address)
    firefox.evaluate("document.querySelector('[data-widget=softmax]').scrollIntoView()")
    assert firefox.wait_for("document.querySelectorAll('[data-widget=softmax] input').length")


@pytest.mark.parametrize("language", HOMES)
def test_the_search_finds(language: str, firefox: Firefox, root: str) -> None:
    firefox.goto(root + HOMES[language])
    firefox.evaluate("document.querySelector('[data-md-component=search-query]').focus()")
    firefox.type("[data-md-component=search-query]", ASK[language])
    assert firefox.wait_for("document.querySelectorAll('.md-search-result__item').length") > 5


@pytest.mark.parametrize("language", HOMES)
def test_a_network_is_looked_into(language: str, firefox: Firefox, root: str) -> None:
    firefox.goto(f"{root}{HOMES[language]}outlook/what-emerges/")
    firefox.evaluate("document.querySelector('[data-widget=look-inside]').scrollIntoView()")
    assert firefox.wait_for("document.querySelectorAll('.head-strip').length === 4")
    right, known = firefox.evaluate(
        "return document.querySelectorAll('[data-widget=look-inside] dd')[1].textContent.split(' / ')"
    )
    assert right == known > "4"


def test_no_page_wants_what_its_policy_does_not_allow(firefox: Firefox, root: str, built: Built) -> None:
    """Nor does what comes when a reader gets there: each live picture; and three pages without one."""
    found = {}
    firefox.complaints()
    asked = [page for page in built.pages if page.is_asked]
    pages = [page for page in asked if not page.is_notebook]
    live = [page for page in pages if "data-widget" in built.html(page)]
    plain = [page for page in pages if page not in live][:2]
    notebook = next(page for page in asked if page.is_notebook)
    for page in (notebook, *plain, *live):
        firefox.goto(root + page.address)
        for number in range(firefox.evaluate(f"return {PICTURES}.length") if page in live else 0):
            firefox.evaluate(
                f"const each = {PICTURES}[{number}]; each.scrollIntoView(); each.matches('.asked') && each.click()"
            )
            assert firefox.wait_for(f"{PICTURES}[{number}].dataset.state === 'live'"), f"{page.address}: {number}"
        found[page.address] = firefox.complaints()
    assert not any(found.values()), {address: said for address, said in found.items() if said}


def test_another_host_is_refused(firefox: Firefox, root: str) -> None:
    firefox.goto(root)
    assert firefox.evaluate(f"return ({WANTS})()") == REFUSED
    assert firefox.complaints()


def test_a_poem_is_written(firefox: Firefox, root: str) -> None:
    firefox.goto(f"{root}applications/poet/")
    firefox.evaluate("document.querySelector('[data-widget=poet]').scrollIntoView()")
    assert firefox.wait_for("document.querySelectorAll('[data-widget=poet] .widget-button').length")
    firefox.evaluate("document.querySelector('[data-widget=poet] .widget-button').click()")
    assert firefox.wait_for("document.querySelectorAll('[data-widget=poet] [role=group] button').length === 33")


def test_a_drawn_digit_is_read(firefox: Firefox, root: str) -> None:
    """A stroke from top to bottom, by keyboard."""
    firefox.goto(f"{root}practice/draw-a-digit/")
    firefox.evaluate("document.querySelector('[data-widget=draw-a-digit]').scrollIntoView()")
    assert firefox.wait_for("document.querySelector('[data-widget=draw-a-digit] .digit-paper')")
    firefox.evaluate(
        "const paper = document.querySelector('.digit-paper')\n"
        "for (const key of [' ', ...Array(14).fill('ArrowDown'), ' '])\n"
        "    paper.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))"
    )
    assert firefox.wait_for(r"/\b1\b/.test(document.querySelector('.digit-answer').textContent)")


def test_a_network_learns(firefox: Firefox, root: str) -> None:
    firefox.goto(f"{root}practice/train-here/")
    firefox.evaluate("document.querySelector('[data-widget=train-here]').scrollIntoView()")
    assert firefox.wait_for("document.querySelectorAll('[data-widget=train-here] .widget-button').length")
    firefox.evaluate("document.querySelector('[data-widget=train-here] .widget-button').click()")
    assert firefox.wait_for(
        "parseFloat(document.querySelectorAll('[data-widget=train-here] dd')[0].textContent) >= 0.1"
    )
