"""One browser, the site at ``/`` and below ``/book/``, and each page visited once for all of its tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    sync_playwright,
)
from playwright.sync_api import Page as Tab

from tests.browser.browser import REMEDY, find
from tests.browser.built import Built
from tests.browser.checks import ANSWER_MILLISECONDS, DESK, Visit

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".cache" / "browser"
PREFIX = "/book/"
MOST_LISTED = 12
EVERYTHING_IN_SIGHT = """
    window.IntersectionObserver = class {
        constructor(tell) { this.tell = tell }
        observe(target) { queueMicrotask(() => this.tell([{ target, isIntersecting: true }], this)) }
        unobserve() {}
        disconnect() {} }
    document.addEventListener("DOMContentLoaded", () => document.head.append(Object.assign(
        document.createElement("style"), { textContent: ".offscreen { content-visibility: visible !important }" })))"""
"""Lets the page finish at once what it leaves until a reader comes near: buttons of code, live pictures."""
NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--site", type=Path, default=ROOT / "site", help="the built site to test (default: site/)")


def pytest_sessionstart() -> None:
    for picture in PICTURES.glob("*.png"):
        picture.unlink()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each page to the test that visits them; of the views of notebooks, every second, in one of its languages."""
    if "visit" in metafunc.fixturenames:
        pages = built_site(metafunc.config).pages
        if not pages:
            raise pytest.UsageError("there is no built site in site/\n  remedy: make site")
        pages = [page for page in pages if not page.is_notebook or (page.is_asked and page.turn // 2 % 2 == 0)]
        metafunc.parametrize("visit", pages, ids=[page.address or "(home)" for page in pages], indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Keep a picture of the page on which a test failed."""
    report = yield
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            tab = value.tab if isinstance(value, Visit) else value
            if isinstance(tab, Tab) and not tab.is_closed():
                PICTURES.mkdir(parents=True, exist_ok=True)
                file = PICTURES / (re.sub(r"[^\w.-]+", "-", item.name).strip("-") + ".png")
                tab.screenshot(path=file, full_page=True)
                report.sections.append(("picture", str(file.relative_to(ROOT))))
    return report


def complain(where: str, problems: Iterable[str], remedy: str) -> None:
    """Fail with the page's address, the problems and what to do, if there are problems."""
    if found := list(problems):
        pytest.fail(f"{where}\n{listed(found, remedy)}", pytrace=False)


def listed(problems: Iterable[str], remedy: str) -> str:
    """Return problems one a line, at most twelve, and what to do."""
    lines = [f"  - {problem}" for problem in dict.fromkeys(problems)]
    more = [f"  (and {len(lines) - MOST_LISTED} more)"] if len(lines) > MOST_LISTED else []
    return "\n".join([*lines[:MOST_LISTED], *more, f"  remedy: {remedy}"])


def watch(tab: Tab, root: str) -> list[str]:
    """Return a list to which everything is added that must not happen in a tab: errors and requests elsewhere."""
    trouble: list[str] = []
    host = urlsplit(root).netloc

    def on_request(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != host:
            trouble.append(f"request to another host: {request.url}")

    def on_response(response: Response) -> None:
        if response.status >= 400:
            trouble.append(f"{response.status} for {response.url}")

    def on_failure(request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # what a page left behind was still loading
            trouble.append(f"{request.failure} for {request.url}")

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            trouble.append(f"console: {message.text} ({message.location.get('url', '')})")

    tab.on("request", on_request)
    tab.on("response", on_response)
    tab.on("requestfailed", on_failure)
    tab.on("console", on_console)
    tab.on("pageerror", lambda problem: trouble.append(f"script error: {problem}"))
    tab.on("websocket", lambda socket: trouble.append(f"connection to another host: {socket.url}"))
    return trouble


def built_site(config: pytest.Config) -> Built:
    return Built(ROOT, config.getoption("--site").resolve())


@pytest.fixture(scope="session")
def built(pytestconfig: pytest.Config) -> Built:
    return built_site(pytestconfig)


@pytest.fixture(scope="session")
def root(built: Built) -> Iterator[str]:
    with built.serve() as address:
        yield address


@pytest.fixture(scope="session")
def root_below_prefix(built: Built) -> Iterator[str]:
    with built.serve(PREFIX) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.exit(f"there is no browser; {REMEDY}", returncode=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[NO_OTHER_HOST])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """The context that all pages share, so that what they have in common is loaded once."""
    context = chromium.new_context(
        service_workers="block", viewport=DESK, color_scheme="light", reduced_motion="reduce"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(ANSWER_MILLISECONDS)
    context.add_init_script(EVERYTHING_IN_SIGHT)
    yield context
    context.close()


@pytest.fixture
def visit(
    context: BrowserContext, root_below_prefix: str, built: Built, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """A page, opened below the prefix."""
    tab = context.new_page()
    trouble = watch(tab, root_below_prefix)
    response = tab.goto(root_below_prefix + request.param.address)
    yield Visit(request.param, built, root_below_prefix, tab, response.status if response else 0, trouble)
    tab.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    """A tab of a reader who comes for the first time."""
    context = chromium.new_context(
        service_workers="block", viewport=DESK, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(ANSWER_MILLISECONDS)
    yield context.new_page()
    context.close()
