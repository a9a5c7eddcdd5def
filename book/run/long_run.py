"""Run the scripts of long runs (``book.evidence.long_run``) and keep what they write.

With ``--reduced`` a script makes less of everything, so that `make test` can run it to its end; that is not kept.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from book.core import inputs, store
from book.core.findings import error
from book.core.page import pages
from book.core.site import Book
from book.evidence.long_run import LongRun, code_hash, result_file, save, scripts
from book.run import archives, providers, session, world
from book.run.environment import circumstances, environment

LARGEST_RESULT = 4_000_000
"""Bytes a result may have."""
_RUN = (
    "import json, runpy, sys; from book.run import providers, world; providers.prepare();"
    "world.close(**json.loads(sys.argv[1])); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


def run(book: Book, script: Path, *, reduced: bool = False) -> LongRun:
    """Run a script; keep its result unless it is the reduced version."""
    outcome, content = execute(book, script, reduced=reduced)
    if not reduced:
        save(book, result_file(book, script), content, outcome)
    return outcome


def too_slow(book: Book) -> dict[Path, str]:
    """Return the scripts that are not for this processor, because no page that reads their result is, with the why."""
    found, every = {}, pages(book)
    for script in scripts(book):
        result = result_file(book, script).name
        readers = [page for page in every if any(result in block.code for block in page.blocks)]
        reasons = [session.too_slow(page) for page in readers]
        if reasons and all(reasons):
            found[script] = str(reasons[0])
    return found


def execute(book: Book, script: Path, *, reduced: bool = False) -> tuple[LongRun, bytes]:
    """Run a script and return what it wrote, with how. What it prints goes to the terminal."""
    place, text = book.shown(script), script.read_text(encoding="utf-8")
    sources = providers.sources(book, [text])
    began = time.perf_counter()
    with TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True) as name:
        own = Path(name).resolve()
        (folder := own / "run").mkdir()
        archives.put(book, inputs.named_archives(book, text), folder)
        surroundings = environment(book, "cpu", sources, own)
        plan = world.plan(book, [own], surroundings)
        plan["readable"] += [str(script)]
        command = [sys.executable, "-c", _RUN, json.dumps(plan), str(script), *(["--reduced"] if reduced else [])]
        done = subprocess.run(command, cwd=folder, env=surroundings, check=False)
        seconds = time.perf_counter() - began
        written = folder / f"{script.stem}.json"
        if done.returncode:
            raise error(f"the long run failed (exit status {done.returncode})", "see its last lines above", place)
        if not written.is_file():
            raise error(f"the long run wrote no {written.name}", "write its results there", place)
        content = written.read_bytes()
    if len(content) > LARGEST_RESULT:
        limit = f"{LARGEST_RESULT / 1e6:.0f} MB"
        raise error(f"the result has {len(content) / 1e6:.1f} MB, the limit is {limit}", "write less", place)
    try:
        json.loads(content)
    except ValueError as problem:
        raise error(f"the result is not JSON ({problem})", "write it with json.dumps", place) from None
    outcome = LongRun(
        script=script.relative_to(book.snippets).as_posix(),
        code=code_hash(script),
        result=store.sha256(content),
        seconds=round(seconds, 3),
        circumstances=circumstances(book, [text], sources),
    )
    return outcome, content
