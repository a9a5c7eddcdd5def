"""One browser, the site at ``/`` and below ``/book/``, and each page visited once for all of its tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)
from playwright.sync_api import Page as Tab

from tests.browser.browser import REMEDY, find
from tests.browser.built import Built, Page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / ".cache" / "browser"
PREFIX = "/book/"
DESK: ViewportSize = {"width": 1280, "height": 900}
ANSWER_MILLISECONDS = 15_000
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
    parser.addoption("--book", type=Path, default=ROOT, help="the checkout whose site/ is tested (default: this one)")


def pytest_sessionstart() -> None:
    for picture in PICTURES.glob("*.png"):
        picture.unlink()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each page to each test that visits pages; all tests of one page run one after another."""
    for fixture in {"visit", "visit_below_prefix"} & set(metafunc.fixturenames):
        pages = _built(metafunc.config).pages
        if not pages:
            raise pytest.UsageError("there is no built site in site/\n  remedy: make site")
        ids = [page.address or "(home)" for page in pages]
        metafunc.parametrize(fixture, pages, ids=ids, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a page together where several processes share the work (``--dist loadgroup``)."""
    for item in items:
        params = getattr(item, "callspec", None)
        for fixture in ("visit", "visit_below_prefix"):
            if params and fixture in params.params:
                item.add_marker(pytest.mark.xdist_group(params.params[fixture].address))


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


@dataclass
class Visit:
    """A page opened in the browser, and what went wrong there since."""

    page: Page
    url: str
    tab: Tab
    status: int
    trouble: list[str] = field(default_factory=list)

    def come_back(self) -> Tab:
        """Return the tab, on the page again if a test has left it."""
        if urlsplit(self.tab.url)._replace(fragment="").geturl() != self.url:
            self.tab.goto(self.url)
        return self.tab


def complain(where: str, problems: Iterable[str], remedy: str) -> None:
    """Fail with the page's address, the problems and what to do, if there are problems."""
    listed = list(dict.fromkeys(problems))
    if listed:
        more = [f"  (and {len(listed) - 12} more)"] if len(listed) > 12 else []
        lines = [where, *(f"  - {problem}" for problem in listed[:12]), *more, f"  remedy: {remedy}"]
        pytest.fail("\n".join(lines), pytrace=False)


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


def _built(config: pytest.Config) -> Built:
    return Built(config.getoption("--book", ROOT).resolve())


def _visit(context: BrowserContext, root: str, page: Page) -> Iterator[Visit]:
    tab = context.new_page()
    trouble = watch(tab, root)
    response = tab.goto(root + page.address)
    yield Visit(page, root + page.address, tab, response.status if response else 0, trouble)
    tab.close()


@pytest.fixture(scope="session")
def built(pytestconfig: pytest.Config) -> Built:
    return _built(pytestconfig)


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
    context = chromium.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(ANSWER_MILLISECONDS)
    context.add_init_script(EVERYTHING_IN_SIGHT)
    yield context
    context.close()


@pytest.fixture(scope="session")
def visit(context: BrowserContext, root: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    yield from _visit(context, root, request.param)


@pytest.fixture(scope="session")
def visit_below_prefix(
    context: BrowserContext, root_below_prefix: str, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    yield from _visit(context, root_below_prefix, request.param)


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    """A tab of a reader who comes for the first time."""
    context = chromium.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(ANSWER_MILLISECONDS)
    yield context.new_page()
    context.close()
