"""A web server as GitHub Pages is one (gzip, ten minutes of caching), which notes what it sends."""

from __future__ import annotations

import gzip
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

KINDS = {
    "html": (".html",),
    "css": (".css",),
    "js": (".js", ".mjs"),
    "fonts": (".woff", ".woff2", ".ttf", ".otf"),
    "pictures": (".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".ico"),
}
OTHER = "other"
PACKED = (".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".txt", ".map", ".ttf", ".otf")
"""What is sent with gzip where the browser takes it."""
LEVEL = 6


@dataclass(frozen=True)
class Sent:
    """One answer: what was asked for, and the bytes that went out, header included."""

    path: str
    kind: str
    size: int
    status: int


class Server:
    """Serves a folder on a port of its own; ``sent`` is what it has answered so far."""

    def __init__(self, folder: Path) -> None:
        """Take a port; the folder need not exist yet."""
        self.folder = folder
        self.sent: list[Sent] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Address of the folder, with a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def close(self) -> None:
        """Give the port back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Serve a folder for the time of a ``with`` statement."""
    server = Server(folder)
    try:
        yield server
    finally:
        server.close()


def kind_of(path: str) -> str:
    """Return what kind of file a path names; a path without an ending is a page."""
    suffix = PurePosixPath(path).suffix.lower() or ".html"
    return next((kind for kind, suffixes in KINDS.items() if suffix in suffixes), OTHER)


@lru_cache(maxsize=4096)
def _content(file: Path, _changed: int, packed: bool) -> bytes:
    content = file.read_bytes()
    return gzip.compress(content, LEVEL, mtime=0) if packed else content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, owner: Server, *arguments: object) -> None:
        self.owner = owner
        super().__init__(*arguments)  # type: ignore[arg-type]

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(6, 1, True)  # TCP_NODELAY: an answer is one write

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        file = self.owner.folder / path.lstrip("/")
        if file.is_dir():
            file = file / "index.html"
        status, body, packed = 404, b"not found", False
        if file.is_file() and ".." not in path:
            packed = file.suffix.lower() in PACKED and "gzip" in self.headers.get("Accept-Encoding", "")
            status, body = 200, _content(file, file.stat().st_mtime_ns, packed)
        kind = (mimetypes.guess_type(file.name)[0] or "application/octet-stream") if status == 200 else "text/plain"
        charset = "; charset=utf-8" if file.suffix.lower() in PACKED else ""
        head = (
            f"HTTP/1.1 {status} {'OK' if status == 200 else 'Not Found'}\r\n"
            f"Content-Type: {kind}{charset}\r\nContent-Length: {len(body)}\r\n"
            f"{'Content-Encoding: gzip' if packed else 'Accept-Ranges: none'}\r\n"
            "Cache-Control: max-age=600\r\nVary: Accept-Encoding\r\n\r\n"
        ).encode()
        answer = head + (b"" if self.command == "HEAD" else body)
        self.owner.sent.append(Sent(path, kind_of(file.name), len(answer), status))
        self.wfile.write(answer)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Say nothing; ``sent`` has it."""
