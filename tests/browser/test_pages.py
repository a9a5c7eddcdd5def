"""Every page, in both languages, is opened once, below a prefix, and put to all of the checks in ``checks.py``; of
the views of notebooks, every second in one of them (``test_views.py`` reads them all).

A page fails with all that is wrong with it, each under the name of its check. Below a prefix every address must be
relative; ``test_site.py`` opens the site at its root.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page as Tab

from tests.browser.built import Built, Page
from tests.browser.checks import AXE, CHECKS, DESK, FIND_VIOLATIONS, PHONE, Check, Visit, violations
from tests.browser.conftest import complain, listed


def failures(visit: Visit, checks: list[Check] = CHECKS) -> list[str]:
    """Return the paragraphs of a report: check, problems, remedy."""
    found = []
    for check in checks:
        try:
            problems = check.problems(visit)
        except BrowserError as problem:
            problems = [f"could not be checked: {str(problem).splitlines()[0]}"]
        if problems:
            found.append(f"{check.name}:\n{listed(problems, check.remedy)}")
    return found


def test_page(visit: Visit) -> None:
    if found := failures(visit):
        pytest.fail("\n".join([visit.url, *found]), pytrace=False)


def test_every_failure_is_told_with_its_check(tab: Tab, built: Built) -> None:
    """A check that fails, or breaks, does not keep the others from being asked."""

    def fail(visit: Visit) -> list[str]:
        return ["it is wrong"]

    def crash(visit: Visit) -> list[str]:
        raise BrowserError("gone")

    checks = [Check("one", "mend it", fail), Check("two", "wait", crash), Check("three", "", lambda visit: [])]
    one, two = failures(Visit(Page(""), built, "", tab, 200), checks)
    assert one == "one:\n  - it is wrong\n  remedy: mend it" and two.startswith("two:\n  - could not be checked: gone")


def test_axe_in_each_scheme_and_size(root: str, context: BrowserContext, built: Built) -> None:
    """Each kind of page in the two combinations of color scheme and size, too, in which not every page is tried."""
    live = [page for page in built.pages if built.blocks(page) and "data-widget=" in built.html(page)]
    short = min((page for page in live if page.language == "zh"), key=lambda page: len(built.blocks(page)))
    tab = context.new_page()
    for page in (Page(""), short, Page(f"notebooks/{short.address}"), Page("runs/")):
        tab.goto(root + page.address)
        found = [*violations(tab, "default", PHONE), *violations(tab, "slate", DESK)]
        complain(root + page.address, found, "see the rule's name at dequeuniversity.com/rules/axe")
    tab.close()


def test_axe_notices_what_is_wrong(chromium: Browser) -> None:
    """A picture without a text and a button without a name are found, so that silence means something."""
    tab = chromium.new_page()
    tab.set_content("<html lang=en><title>x</title><main><h1>x</h1><img src='data:,'><button></button></main>")
    tab.evaluate(AXE)
    assert {problem.split()[0] for problem in tab.evaluate(FIND_VIOLATIONS)} == {"image-alt", "button-name"}
    tab.close()
