"""Find a Chromium for the tests, or bring one, and Firefox if that is easy: ``python -m tests.browser.browser``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import firefox

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
REMEDY = (
    "install Chromium or Google Chrome (Debian: apt install chromium fonts-noto-cjk; macOS: brew install --cask "
    "chromium), or name one: CHROMIUM=/path/to/chromium make browser"
)
ANSWER_SECONDS = 30
INSTALL_SECONDS = 600


class NoBrowser(Exception):
    """There is no browser that starts; the message says what to do."""


def find() -> Path | None:
    """Return the browser to test with: $CHROMIUM, one on the PATH, one that Playwright brought, in this order.

    Raises:
        NoBrowser: $CHROMIUM is set to what is not a browser.
    """
    if named := os.environ.get("CHROMIUM"):
        path = shutil.which(named)
        if not path or not starts(Path(path)):
            raise NoBrowser(f"$CHROMIUM is {named!r}, which does not start; name a Chromium, or unset it")
        return Path(path)
    return next((path for path in candidates() if starts(path)), None)


def candidates() -> Iterator[Path]:
    """Yield the programs that may be a browser, best first."""
    for command in COMMANDS:
        if path := shutil.which(command):
            yield Path(path)
    yield from (path for path in map(Path, APPLICATIONS) if path.exists())
    if (own := playwrights_own()).exists():
        yield own


def playwrights_own() -> Path:
    """Return where Playwright puts the browser it brings, whether or not it has."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def starts(path: Path) -> bool:
    """Tell whether a program answers as a browser; one that lacks its libraries, or is only a stub, does not."""
    try:
        done = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWER_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and ("chrom" in done.stdout.lower())


def bring() -> Path:
    """Return a browser, installing one if there is none: by Playwright, else (as root, with APT) by the system.

    Raises:
        NoBrowser: none could be had.
    """
    if found := find():
        return found
    for commands in ways_to_install():
        for command in commands:
            print("  ", " ".join(command), flush=True)
            if not succeeds(command):
                break
        if found := find():
            return found
    raise NoBrowser(f"there is no browser and none could be installed; {REMEDY}")


def ways_to_install() -> Iterator[list[list[str]]]:
    """Yield the commands of each way to install a browser, best first."""
    yield [[sys.executable, "-m", "playwright", "install", "chromium"]]
    yield from with_apt("chromium", "fonts-noto-cjk")


def with_apt(*packages: str) -> Iterator[list[list[str]]]:
    """Yield the commands by which the system installs packages, where this process may."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        yield [["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", *packages]]


def bring_firefox() -> str:
    """Return where Firefox is, installed as root with APT if need be, or why the tests do without."""
    if firefox.find() is None:
        for commands in with_apt("firefox-esr"):
            all(succeeds(command) for command in commands)
    return str(firefox.find() or "no Firefox: its tests are skipped")


def succeeds(command: Sequence[str]) -> bool:
    """Run an installation, its output shown, and tell whether it went well."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, env=environment, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as problem:
        print("  ", problem, flush=True)
        return False
    return done.returncode == 0


if __name__ == "__main__":
    try:
        print("  ", bring())
        print("  ", bring_firefox())
    except NoBrowser as problem:
        sys.exit(f"   {problem}")
