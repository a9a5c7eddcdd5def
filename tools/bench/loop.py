"""The loop of an author, beside an older checkout: what a check, a build and a preview take, changed and unchanged."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tools.bench.tools import WORK, Failed, free_port, median, run

REPETITIONS = 3
SECONDS = 300
SERVED_PAGES = 40

SAMPLE = """\
import sys
from pathlib import Path
try:
    from tools.bench import growth
except ImportError:  # where it lay until the root was tidied
    from bench import growth
growth.WORK = Path(sys.argv[1])
print(growth.book_of(int(sys.argv[2])).root)
"""
"""Run in a checkout: each writes the sample with its own package, theme and configuration."""

STEPS = {
    "check": "make check, nothing changed",
    "checked": "book check, one page edited",
    "cold": "check and build, nothing kept",
    "unchanged": "check and build, nothing changed",
    "built": "check and build, one page edited",
    "serve": f"serve, first page, {SERVED_PAGES} pages a language",
}


def measure(root: Path, tell: Callable[[str], None]) -> dict[str, float | None]:
    """Return the seconds of each step in a checkout that has its own ``.venv``; None where one cannot be done."""
    python, target = root / ".venv" / "bin" / "python", WORK / "loop"
    build = [python, "-m", "book", "build", "--target", target]
    page = root / "docs" / "zh" / "algorithms" / "softmax.md"

    def cold() -> float:
        shutil.rmtree(target, ignore_errors=True)
        for kept in ("drawn", "built", "formulas", "views"):
            shutil.rmtree(root / ".cache" / kept, ignore_errors=True)
        return run(build, root, seconds=SECONDS)[0]

    def edited(command: list[str | Path]) -> float:
        text = page.read_text(encoding="utf-8")
        try:
            page.write_text(text.rstrip() + "\n\n" + "又一句。" * REPETITIONS + "\n", encoding="utf-8")
            return run(command, root, seconds=SECONDS)[0]
        finally:
            page.write_text(text, encoding="utf-8")

    steps: dict[str, tuple[int, Callable[[], float]]] = {
        "cold": (1, cold),
        "unchanged": (REPETITIONS, lambda: run(build, root, seconds=SECONDS)[0]),
        "built": (1, lambda: edited(build)),
        "checked": (REPETITIONS, lambda: edited([python, "-m", "book", "check"])),
        "serve": (1, lambda: _first_page(root, python)),
        "check": (1, lambda: run(["make", "check"], root, seconds=SECONDS)[0]),
    }
    found: dict[str, float | None] = {}
    for name, (times, step) in steps.items():
        try:
            found[name] = median(step() for _ in range(times))
            tell(f"{root.name}, {STEPS[name]}: {found[name]:.1f} s")
        except Failed as problem:
            found[name] = None
            tell(f"!! {root.name}, {STEPS[name]}: {problem}")
    shutil.rmtree(target, ignore_errors=True)
    return found


def _first_page(root: Path, python: Path) -> float:
    """Return the seconds from the start of the preview of a book that was never built until it shows a page."""
    book = Path(run([python, "-c", SAMPLE, WORK / "served", str(SERVED_PAGES)], root, seconds=SECONDS)[1].strip())
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [python, "-m", "book", "serve", "--port", str(port)],
        cwd=book,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while server.poll() is None and time.perf_counter() - began < SECONDS:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=SECONDS) as answer:
                if "</html>" in answer.read().decode():
                    return time.perf_counter() - began
            time.sleep(0.05)
        raise Failed("the preview showed no page")
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)
        shutil.rmtree(book, ignore_errors=True)


def beside(roots: Mapping[str, Path], tell: Callable[[str], None]) -> dict[str, dict[str, float | None]]:
    """Return the seconds of each step for each checkout, by name."""
    return {name: measure(root, tell) for name, root in roots.items()}
