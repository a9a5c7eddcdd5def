"""Firefox, driven through Marionette, the protocol that it brings itself: length-prefixed JSON on a socket."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

COMMANDS = ("firefox-esr", "firefox")
START_SECONDS = 60
SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disabled": True,
    "privacy.trackingprotection.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "ui.prefersReducedMotion": 1,
}
"""Nothing is fetched from another host, and nothing moves by itself."""


def find() -> Path | None:
    """Return Firefox, where there is one on the PATH."""
    return next((Path(path) for command in COMMANDS if (path := shutil.which(command))), None)


class Firefox:
    """A window of Firefox."""

    def __init__(self, connection: socket.socket) -> None:
        """Take up what it says first, and ask for a session."""
        self._connection, self._number = connection, 0
        self._read()
        self._say("WebDriver:NewSession", {})
        self._say("WebDriver:SetTimeouts", {"script": 30_000, "pageLoad": 60_000})

    def goto(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self._say("WebDriver:Navigate", {"url": address})

    def evaluate(self, body: str, *arguments: object) -> Any:
        """Return what the body of a function returns in the page; it may be a promise."""
        told = {"script": body, "args": arguments, "sandbox": None, "newSandbox": False}
        return self._say("WebDriver:ExecuteScript", told)["value"]

    def wait_for(self, expression: str, seconds: float = 60) -> Any:
        """Return an expression's value as soon as it is true; at the end, whatever it is."""
        until = time.monotonic() + seconds
        while not (value := self.evaluate(f"return {expression}")) and time.monotonic() < until:
            time.sleep(0.1)
        return value

    def complaints(self) -> list[str]:
        """Return what it has said, since this was asked last, of pages that want what their policy does not allow."""
        self._say("Marionette:SetContext", {"value": "chrome"})
        heard: list[str] = self.evaluate(
            "const said = Services.console.getMessageArray().map(({ message }) => message);"
            " Services.console.reset(); return said"
        )
        self._say("Marionette:SetContext", {"value": "content"})
        return [each for each in heard if "Content-Security-Policy" in each or "Content Security Policy" in each]

    def size(self, width: int, height: int) -> None:
        """Give the window a size."""
        self._say("WebDriver:SetWindowRect", {"width": width, "height": height})

    def type(self, selector: str, text: str) -> None:
        """Type a text into a field as a keyboard does."""
        found = self._say("WebDriver:FindElement", {"using": "css selector", "value": selector})["value"]
        self._say("WebDriver:ElementSendKeys", {"id": next(iter(found.values())), "text": text})

    def _say(self, command: str, told: object) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, told]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, problem, result = self._read()
        if problem:
            raise RuntimeError(f"{command}: {problem['error']}: {problem['message']}")
        return result

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._received(1)
        return json.loads(self._received(int(length[:-1])))

    def _received(self, count: int) -> bytes:
        content = b""
        while len(content) < count:
            if not (part := self._connection.recv(count - len(content))):
                raise RuntimeError("Firefox is gone")
            content += part
        return content


@contextmanager
def started(program: Path, profile: Path) -> Iterator[Firefox]:
    """Start Firefox without a window on the screen, with a profile of its own; end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {**SETTINGS, "marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [
        str(program),
        "--headless",
        "--marionette",
        "--no-remote",
        "--remote-allow-system-access",
        "--profile",
        str(profile),
    ]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with _connected(port) as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        process.wait(30)


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return connection
