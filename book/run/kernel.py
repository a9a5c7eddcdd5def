"""The process in which the blocks of a page run: an IPython kernel with a few things prepared.

``python -m book.run.kernel -f CONNECTION_FILE`` starts it. Nothing of the book is put into the page's name space:
what a reader copies is all there is. Prepared are the format of the figures, and the data set that Keras would
download where its host cannot be reached. ``observe`` is called after each block, from outside.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

MNIST_VARIABLE = "BOOK_MNIST"
"""Environment variable: a file with the MNIST arrays, set where the official one cannot be had."""

LONGEST_TEXT = 400
MOST_ITEMS = 64


def observe(variables: Mapping[str, Any]) -> str:
    """Return, as JSON, the peak memory in bytes since the last call and the small values among the variables."""
    small = {name: plain(value) for name, value in variables.items() if not name.startswith("_") and is_small(value)}
    hidden = {"In", "Out", "exit", "quit", "open", "get_ipython"}
    return json.dumps({
        "peak": peak_memory(),
        "variables": {k: v for k, v in small.items() if k not in hidden},
    })


def is_small(value: object, depth: int = 0) -> bool:
    """Tell whether a value goes into the snapshot: numbers, short strings, short flat collections of these."""
    if value is None or isinstance(value, bool | int | float):
        return True
    if isinstance(value, type):
        return False
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    if hasattr(value, "dtype") and hasattr(value, "tolist") and not hasattr(value, "numpy"):
        shape = getattr(value, "shape", ())
        return math.prod(shape) <= MOST_ITEMS and value.dtype.kind in "bifuU"
    if depth < 2 and isinstance(value, dict):
        texts = all(isinstance(key, str) for key in value)
        return texts and len(value) <= MOST_ITEMS and all(is_small(item, depth + 1) for item in value.values())
    if depth < 2 and isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return type(value) in (list, tuple) and len(value) <= MOST_ITEMS and all(is_small(v, depth + 1) for v in value)
    return False


def plain(value: Any) -> Any:
    """Turn a small value into what JSON can hold."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def peak_memory() -> int:
    """Return the largest resident memory in bytes since the last call (since the start where Linux is not)."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return int(usage) * (1 if sys.platform == "darwin" else 1024)
    peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return int(peak.split()[1]) * 1024


class _ProvideMnist(importlib.abc.MetaPathFinder):
    """Replaces ``keras.datasets.mnist.load_data`` after import by one that reads the verified local arrays."""

    module = "keras.src.datasets.mnist"

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        assert spec and spec.loader
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            module.load_data = _load_mnist  # type: ignore[attr-defined]

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _load_mnist(path: str = "mnist.npz") -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return the arrays that Keras's own loader returns."""
    import numpy as np

    with np.load(os.environ[MNIST_VARIABLE], allow_pickle=False) as arrays:
        return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def prepare() -> None:
    """Provide the data sets in this process."""
    if os.environ.get(MNIST_VARIABLE):
        sys.meta_path.insert(0, _ProvideMnist())


def main() -> None:
    """Start the kernel."""
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    prepare()
    config = Config()
    config.InlineBackend.figure_formats = {"svg"}
    config.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    IPKernelApp.launch_instance(config=config)


if __name__ == "__main__":
    main()
