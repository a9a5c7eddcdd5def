"""The preview shows both languages on one port and follows what is edited; asked over HTTP, as a browser would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from book.core.site import Book
from book.publish.preview import Server
from tools.drill.small import write

START_SECONDS, EDIT_SECONDS = 60, 60


@dataclass
class Preview:
    """A preview that is running."""

    book: Book
    port: int
    process: subprocess.Popen[str]

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=EDIT_SECONDS) as answer:
            return str(answer.read().decode())

    def wait_for(self, path: str, text: str, seconds: float) -> str:
        """Return the page once it holds a text."""
        deadline, shown = time.monotonic() + seconds, ""
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "the preview ended"
            try:
                shown = self.get(path)
            except (OSError, urllib.error.URLError):
                shown = ""
            if text in shown:
                return shown
            time.sleep(0.1)
        raise AssertionError(f"{path!r} does not show {text!r} after {seconds} s")


def start(book: Book, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "book", "serve", "--port", str(port)],
        cwd=book.root,
        env={**os.environ, "PYTHONPATH": str(book.root)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's "&" leaves it ignored
    )


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """The preview of the small book, on a free port."""
    book = write(tmp_path_factory.mktemp("small"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    with start(book, port) as process:
        try:
            running = Preview(book, port, process)
            running.wait_for("", "小书", START_SECONDS)
            assert "A small book" in running.get("en/")  # both languages are there at once
            running.wait_for("notebooks/part/numbers/", "livereload", START_SECONDS)  # and the views follow
            yield running
            process.send_signal(signal.SIGINT)
            output, _ = process.communicate(timeout=START_SECONDS)
            assert process.returncode == 0 and "Traceback" not in output  # Ctrl+C ends it
        finally:
            process.kill()


def test_both_languages_answer_on_one_port(preview: Preview):
    assert '<html lang="zh' in preview.get("part/numbers/")
    assert '<html lang="en' in preview.get("en/part/numbers/")


def test_the_script_that_reloads_is_not_kept_out(preview: Preview):
    """A page's policy names the scripts that the build wrote, and no other runs where it holds."""
    assert "livereload" in preview.get("") and '"Content-Security-Policy"' not in preview.get("")


def test_nothing_is_run_and_what_has_not_run_is_marked(preview: Preview):
    assert "block-missing" in preview.get("part/numbers/")
    assert not list(preview.book.records.rglob("*.json"))


@pytest.mark.parametrize(("language", "path"), [("zh", ""), ("en", "en/")])
def test_an_edit_of_a_page_appears(preview: Preview, language: str, path: str):
    file = preview.book.page_file(language, "part/data")
    file.write_text(file.read_text(encoding="utf-8") + f"\nNew words, {language}.\n", encoding="utf-8")
    preview.wait_for(f"{path}part/data/", f"New words, {language}.", EDIT_SECONDS)


def test_an_edit_of_a_snippet_appears_in_both_languages(preview: Preview):
    file = preview.book.snippets / "part" / "numbers.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace("share = total / 4", "portion = total / 4"), encoding="utf-8"
    )
    for path in ("part/numbers/", "en/part/numbers/"):
        preview.wait_for(path, "portion", EDIT_SECONDS)


def test_a_mistake_leaves_what_is_shown_and_is_mended_by_the_next_edit(preview: Preview):
    file = preview.book.page_file("zh", "part/chance")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("chance.py:measure", "chance.py:gone"), encoding="utf-8")
    time.sleep(2)
    assert "偶然" in preview.get("part/chance/")
    file.write_text(text + "\n改好了。\n", encoding="utf-8")
    preview.wait_for("part/chance/", "改好了。", EDIT_SECONDS)


def test_a_page_that_is_not_there(preview: Preview):
    with pytest.raises(urllib.error.HTTPError) as caught:
        preview.get("part/gone/")
    assert caught.value.code == 404


def test_a_taken_port_is_one_message_with_a_remedy(preview: Preview):
    with start(preview.book, preview.port) as second:
        output, _ = second.communicate(timeout=START_SECONDS)
    assert second.returncode == 1
    assert f"port {preview.port}" in output and "remedy: " in output and "Traceback" not in output
    assert preview.get("")  # the first goes on


def test_its_site_lies_in_the_cache(preview: Preview):
    assert not (preview.book.root / "site").exists()
    assert {path.name for path in Path(preview.book.root).iterdir() if path.name.startswith(".")} <= {
        ".cache",
        ".gitignore",
    }


def test_pages_answer_while_everything_is_built_and_reload_afterwards(tmp_path: Path):
    (tmp_path / "index.html").write_text("<body>as it was</body>", encoding="utf-8")
    begun, go_on = threading.Event(), threading.Event()

    def rebuild() -> None:
        with server.answering():
            begun.set()
            assert go_on.wait(EDIT_SECONDS)

    server = Server(rebuild, "127.0.0.1", 0, str(tmp_path))
    server._want_rebuild = True
    serving = threading.Thread(target=server.serve)
    serving.start()
    try:
        assert begun.wait(START_SECONDS)
        address = f"http://127.0.0.1:{server.server_port}/"
        assert urllib.request.urlopen(address, timeout=START_SECONDS).read().startswith(b"<body>as it was")
        before = server._visible_epoch
        go_on.set()
        with server._epoch_cond:  # what open pages ask for
            assert server._epoch_cond.wait_for(lambda: server._visible_epoch > before, START_SECONDS)
    finally:
        go_on.set()
        server.observer.start()  # there is nothing to watch, and ``shutdown`` stops it
        server.shutdown()
        serving.join(START_SECONDS)
