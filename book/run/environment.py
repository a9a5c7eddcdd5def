"""The surroundings in which code of the book runs, alike on any machine, and what a record says of them.

Code sees the environment variables that are named here and no others. Taking away one by one what is known to do harm
(``PYTHONOPTIMIZE``, ``KERAS_BACKEND``, ``LC_ALL``, ``MPLBACKEND`` ...) would end with the next one that nobody thought
of; what a machine needs to work at all is a short list. A book that needs more names it in ``book.toml``.
"""

import datetime
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from book.core import inputs, store
from book.core.site import Book
from book.evidence.record import Circumstances, versions
from book.run import providers

THREADS = 2
"""Threads for TensorFlow and NumPy: results depend on their number, so it is the same on every machine."""
MACHINE = re.compile(
    r"PATH|(DY)?LD_LIBRARY_PATH"  # where programs and libraries lie
    r"|(CUDA|NVIDIA|NCCL|HIP|HSA|ROCM|ROCR)_\w+"  # which GPUs there are, and where their libraries lie
    r"|(?i:(https?|ftp|all|no)_proxy)"  # the way to data sets
    r"|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS"
)
"""Environment variables of the machine that code sees as they are."""
INSTRUCTIONS = ("avx512_bf16",)
"""Instructions of a processor that a page can need; as Linux calls them."""
LONGEST_FOLDER = 70
"""Bytes that the path of a folder for sockets may have; that of a socket has at most 103 (macOS; 107 on Linux)."""


def environment(
    book: Book, device: str, sources: Iterable[providers.Source], own: Path | None = None
) -> dict[str, str]:
    """Return the environment in which code of the book runs: kernels, long runs, scripts.

    Args:
        book: the checkout.
        device: ``cpu`` hides any GPU.
        sources: the data sets it needs.
        own: folder of this run alone, for its home folder and its temporary files; by default one in the cache, and
            the temporary folder of this process.
    """
    home, temporary = (own / "home", own / "tmp") if own else (book.cache / "home", Path(tempfile.gettempdir()))
    with store.writing(book.shown(home)):
        for folder in (home / "matplotlib", temporary):
            folder.mkdir(parents=True, exist_ok=True)
        for fonts in book.cache.glob("matplotlib/fontlist-*.json"):  # Matplotlib looks for fonts for seconds
            shutil.copyfile(fonts, home / "matplotlib" / fonts.name)
    result = {name: value for name, value in os.environ.items() if MACHINE.fullmatch(name) or name in book.passed}
    result |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(home),
        "USER": "reader",
        "LOGNAME": "reader",
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "OMP_NUM_THREADS": str(THREADS),
        "MATPLOTLIBRC": str(Path(__file__).parent / "matplotlibrc"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    if device == "cpu":
        result["CUDA_VISIBLE_DEVICES"] = "-1"
    result |= providers.environment(book, THREADS)
    for source in sources:
        result |= source.variables
    return result


def keep_fonts(book: Book, surroundings: Mapping[str, str]) -> None:
    """Keep the list of fonts that a run made, for those after it."""
    for fonts in Path(surroundings["MPLCONFIGDIR"]).glob("fontlist-*.json"):
        if not (kept := book.cache / "matplotlib" / fonts.name).exists():
            with suppress(OSError):
                store.write(kept, fonts.read_bytes())


def enter(book: Book) -> None:
    """Let this process, which is about to check equations, load the libraries as the kernels do."""
    os.environ |= providers.environment(book, THREADS)


def socket_folder() -> Path | None:
    """Return a folder in which sockets can be made; None where there is none whose path is short enough."""
    for folder in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm")):
        if os.name == "posix" and len(os.fsencode(folder)) <= LONGEST_FOLDER and os.access(folder, os.W_OK | os.X_OK):
            return Path(folder)
    return None


def _cpuinfo() -> dict[str, str]:
    file = Path("/proc/cpuinfo")
    if not file.exists():
        return {}
    first = file.read_text().split("\n\n")[0]
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}


def processor_name() -> str:
    """Return the processor's name, for people."""
    return _cpuinfo().get("model name") or platform.processor() or platform.machine()


def has_instruction(name: str) -> bool:
    """Tell whether the processor has an instruction; elsewhere than on Linux it is not known, and none is there."""
    return name in _cpuinfo().get("flags", "").split()


def processor_identity() -> str:
    """Return what of the processor must be equal for results to be equal to the last bit."""
    info = _cpuinfo()
    parts = (info.get(key, "") for key in ("vendor_id", "cpu family", "model", "stepping", "model name"))
    return " ".join(parts).strip() or processor_name()


def circumstances(
    book: Book, codes: Sequence[str], sources: Iterable[providers.Source], gpu: str = ""
) -> Circumstances:
    """Return when, where and with what code runs; ``gpu`` names the GPUs, and is empty where it runs on the CPU."""
    named = (archive for code in codes for archive in inputs.named_archives(book, code))
    return Circumstances(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=f"{processor_name()}, {os.cpu_count()} cores" + (f"; {gpu}" if gpu else ""),
        processor=gpu or processor_identity(),
        system=f"{platform.system()} {platform.machine()}",
        threads=THREADS,
        python=platform.python_version(),
        versions=versions(book, codes),
        data=tuple(dict.fromkeys([*(each.origin for each in sources), *(each.origin for each in named)])),
    )
