"""The surroundings in which code of the book runs, alike on any machine, and what a record says of them."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from book.core.site import Book
from book.evidence.record import Circumstances, versions
from book.run import providers

THREADS = 2
"""Threads for TensorFlow and NumPy: results depend on their number, so it is the same on every machine."""


def environment(book: Book, device: str, sources: Iterable[providers.Source]) -> dict[str, str]:
    """Return the environment in which code of the book runs, on any machine alike.

    Args:
        book: the checkout.
        device: ``cpu`` hides any GPU.
        sources: the data sets it needs.
    """
    result = {
        **os.environ,
        "MATPLOTLIBRC": str(Path(__file__).parent / "matplotlibrc"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": str(THREADS),
        "TF_NUM_INTRAOP_THREADS": str(THREADS),
        "TF_NUM_INTEROP_THREADS": str(THREADS),
        "IPYTHONDIR": str(book.cache / "ipython"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    result.pop("MPLBACKEND", None)
    if device == "cpu":
        result["CUDA_VISIBLE_DEVICES"] = "-1"
    for source in sources:
        result |= source.environment(providers.keras_home(book))
    return result


def _cpuinfo() -> dict[str, str]:
    file = Path("/proc/cpuinfo")
    if not file.exists():
        return {}
    first = file.read_text().split("\n\n")[0]
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}


def processor_name() -> str:
    """Return the processor's name, for people."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


def processor_identity() -> str:
    """Return what of the processor must be equal for results to be equal to the last bit."""
    info = _cpuinfo()
    parts = (info.get(key, "") for key in ("vendor_id", "cpu family", "model", "stepping", "model name"))
    return " ".join(parts).strip() or processor_name()


def circumstances(codes: Sequence[str], sources: Iterable[providers.Source], gpu: str = "") -> Circumstances:
    """Return when, where and with what code runs.

    Args:
        codes: the Python code.
        sources: the data sets it uses.
        gpu: names of the GPUs; empty where it runs on the CPU.
    """
    return Circumstances(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=f"{processor_name()}, {os.cpu_count()} cores" + (f"; {gpu}" if gpu else ""),
        processor=gpu or processor_identity(),
        system=f"{platform.system()} {platform.machine()}",
        threads=THREADS,
        python=platform.python_version(),
        versions=versions(codes),
        data=tuple(source.origin for source in sources),
    )
