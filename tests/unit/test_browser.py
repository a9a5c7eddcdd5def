"""Finding a browser for the tests, bringing one, and serving the built site to it."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser import browser
from tests.browser.built import Built, Page

ANSWERS = "#!/bin/sh\necho Chromium 150.0\n"
STUB = "#!/bin/sh\necho 'Please install chromium' >&2\nexit 1\n"
OTHER = "#!/bin/sh\necho ls 9.1\n"

Programs = Callable[[str, str], Path]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    """Make programs that are all that the PATH holds; Playwright has brought none."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr(browser, "APPLICATIONS", ())

    def make(name: str, text: str) -> Path:
        file = folder / name
        file.write_text(text)
        file.chmod(0o755)
        return file

    return make


def test_the_named_browser_comes_first(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    programs("chromium", ANSWERS)
    mine = programs("mine", ANSWERS)
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert browser.find() == mine


@pytest.mark.parametrize("text", [STUB, OTHER, None], ids=["stub", "another program", "nothing"])
def test_a_named_browser_that_is_none_is_an_error(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    """No other is taken in its place."""
    programs("chromium", ANSWERS)
    monkeypatch.setenv("CHROMIUM", str(programs("mine", text)) if text else "/no/such/program")
    with pytest.raises(browser.NoBrowser, match="CHROMIUM"):
        browser.find()


def test_stubs_are_passed_over(programs: Programs) -> None:
    """Ubuntu's chromium-browser only says how to install it."""
    programs("chromium", STUB)
    chrome = programs("google-chrome", ANSWERS)
    assert browser.find() == chrome


def test_playwrights_own_is_found(programs: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = programs("own", ANSWERS)
    monkeypatch.setattr(browser, "COMMANDS", ())
    monkeypatch.setattr(browser, "playwrights_own", lambda: own)
    assert browser.find() == own


def test_none_is_found_where_there_is_none(programs: Programs) -> None:
    assert browser.find() is None


def test_playwright_brings_one(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def install(command: list[str]) -> bool:
        ran.append(command[1:])
        programs("chromium", ANSWERS)
        return True

    monkeypatch.setattr(browser, "succeeds", install)
    assert browser.bring().name == "chromium"
    assert ran == [["-m", "playwright", "install", "chromium"]]


def test_apt_brings_one_where_playwright_cannot(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only as root, and only where there is apt-get."""
    programs("apt-get", ANSWERS)
    ran = []

    def install(command: list[str]) -> bool:
        ran.append(command)
        if command[:2] == ["apt-get", "install"]:
            programs("chromium", ANSWERS)
        return command[0] == "apt-get"

    monkeypatch.setattr(browser, "succeeds", install)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert browser.bring().name == "chromium"
    assert [command[:2] for command in ran[1:]] == [["apt-get", "update"], ["apt-get", "install"]]
    assert {"chromium", "fonts-noto-cjk"} <= set(ran[-1])


@pytest.mark.parametrize(("user", "apt"), [(1000, True), (0, False)])
def test_where_none_can_be_had_the_remedy_is_said(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, user: int, apt: bool
) -> None:
    if apt:
        programs("apt-get", ANSWERS)
    ran = []

    def fail(command: list[str]) -> bool:
        ran.append(command)
        return False

    monkeypatch.setattr(browser, "succeeds", fail)
    monkeypatch.setattr("os.geteuid", lambda: user)
    with pytest.raises(browser.NoBrowser, match=r"apt install chromium fonts-noto-cjk.*CHROMIUM="):
        browser.bring()
    assert len(ran) == 1


def test_an_installation_that_fails_is_not_a_success() -> None:
    assert browser.succeeds(["true"])
    assert not browser.succeeds(["false"])
    assert not browser.succeeds(["no-such-program"])


# --- the built site


@pytest.fixture
def built(tmp_path: Path) -> Built:
    for name, text in {
        "index.html": "home",
        "en/index.html": "home",
        "part/name/index.html": "<h2 id='a&amp;b'></h2><h2 id=\"中\"></h2><h2 id=x>",
        "en/part/name/index.html": "",
        "404.html": "no such page",
        "en/404.html": "",
        "assets/a.css": "",
    }.items():
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Built(tmp_path, tmp_path / "site")


def test_pages_are_discovered(built: Built) -> None:
    assert [page.address for page in built.pages] == ["", "en/", "en/part/name/", "part/name/"]
    assert [page.language for page in built.pages] == ["zh", "en", "en", "zh"]
    assert all(page.other in built.pages and page.other.other == page for page in built.pages)


@pytest.mark.parametrize(
    ("address", "names"),
    [("", ("", "index")), ("en/", ("", "index")), ("en/part/name/", ("part/name", "part/name/index"))],
)
def test_a_page_knows_its_source(address: str, names: tuple[str, str]) -> None:
    assert Page(address).names == names


@pytest.mark.parametrize("prefix", ["/", "/book/"])
def test_the_site_is_served_as_github_pages_does(built: Built, prefix: str) -> None:
    with built.serve(prefix) as root:
        assert root.endswith(prefix)
        assert urllib.request.urlopen(root).read() == b"home"
        assert urllib.request.urlopen(root + "assets/a.css").status == 200
        origin = root.removesuffix(prefix)
        outside = [] if prefix == "/" else ["/", "/index.html", "/assets/a.css"]
        for path in [f"{prefix}none/", f"{prefix}part/", f"{prefix}%2e%2e/x", *outside]:
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(origin + path)
            assert refused.value.code == 404 and refused.value.read() == b"no such page"


@pytest.mark.parametrize(
    ("sitemap", "path"),
    [
        (None, "/"),
        ("<url><loc>https://a.example/book/part/</loc></url><url><loc>https://a.example/book/</loc></url>", "/book/"),
        ("<url><loc>https://a.example/</loc></url>", "/"),
        ("", "/"),
    ],
)
def test_the_base_path_is_the_sitemaps(built: Built, sitemap: str | None, path: str) -> None:
    if sitemap is not None:
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        (built.folder / "sitemap.xml").write_text(f'<urlset xmlns="{space}">{sitemap}</urlset>')
    assert built.base_path == path


@pytest.mark.parametrize(
    "link", ["", "part/name/", "part/name/#a%26b", "part/name/#%E4%B8%AD", "en/?q=1", "assets/a.css"]
)
def test_links_that_lead_somewhere(built: Built, link: str) -> None:
    assert built.dead_end(link) == []


@pytest.mark.parametrize("link", ["part/", "part/name/#none", "assets/b.css", "#x"])
def test_dead_ends(built: Built, link: str) -> None:
    assert built.dead_end(link) != []
