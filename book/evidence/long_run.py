"""The results of long runs: what cannot run within a page's time is run now and then, and kept for the pages.

``snippets/part/name_long.py`` writes one file, ``name_long.json``, which is kept as it is in ``records/long/``, where
pages find it (``book.core.inputs``), with ``name_long.run.json`` beside it: which code made it, when, where, and in
what time. ``book.run.long_run`` runs the scripts.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from book.core import store, syntax
from book.core.findings import BookError, Finding, error
from book.core.site import Book
from book.core.site import files as files_below
from book.evidence import record
from book.evidence.record import Circumstances


@dataclass(frozen=True)
class LongRun:
    """How a result came about.

    Attributes:
        script: path below the snippets folder.
        code: hash of the script's code; comments and layout do not count.
        result: SHA-256 of the file it wrote.
        seconds: wall-clock time.
        circumstances: when, where and with what.
    """

    script: str
    code: str
    result: str
    seconds: float
    circumstances: Circumstances


def scripts(book: Book) -> list[Path]:
    """Return the scripts of long runs."""
    return list(files_below(book.snippets, "*_long.py"))


def result_file(book: Book, script: Path) -> Path:
    """Return where the result of a script is kept."""
    return book.long / f"{script.stem}.json"


def _run_file(result: Path) -> Path:
    return result.with_suffix(".run.json")


def files(result: Path) -> list[Path]:
    """Return the files in which a result is kept."""
    return [result, _run_file(result)]


def code_hash(script: Path) -> str:
    """Return the hash of a script's code; SyntaxError where it is not Python."""
    return syntax.names([("python", syntax.canonical(script.read_text(encoding="utf-8"), "python"))])[0]


def load(book: Book, result: Path) -> LongRun | None:
    """Return how a result came about, or None where that is not known."""
    file = _run_file(result)
    try:
        raw = store.load(file)
        if raw is None:
            return None
        kept = LongRun(**{**raw, "circumstances": Circumstances.of(raw["circumstances"])})
    except (store.Damaged, KeyError, TypeError) as problem:
        why = str(problem) if isinstance(problem, store.Damaged) else "is damaged"
        remedy = f"{store.bring_back(book.shown(book.long), problem)}   (or make it anew: make long)"
        raise error(f"what is kept about this long run {why}", remedy, book.shown(file)) from None
    if not result.is_file() or store.file_digest(result) != kept.result:
        remedy = f"bring back what was committed: git checkout -- {book.shown(result)}   (or make it anew: make long)"
        raise error("the result of this long run is missing or was changed", remedy, book.shown(result))
    return kept


def save(book: Book, result: Path, content: bytes, kept: LongRun) -> None:
    """Keep the result of a run with how it came about."""
    with store.writing(book.shown(result)):
        store.write_all({result: content, _run_file(result): store.encode(asdict(kept))})


def stale(book: Book, script: Path) -> str | None:
    """Say why a script has to run again; None where its result is fresh."""
    kept = load(book, result_file(book, script))
    if kept is None:
        return "it has no result yet"
    if kept.code != code_hash(script):
        return "its code changed since it ran"
    other = record.other_version(book, kept.circumstances.versions)
    return other and f"it ran with {other}"


def findings(book: Book) -> Iterator[Finding]:
    """Yield a finding for each long run that is stale or damaged, and for each result without its script."""
    known = {result_file(book, script) for script in scripts(book)}
    for script in scripts(book):
        try:
            if why := stale(book, script):
                yield Finding(book.shown(script), 0, f"this long run is stale: {why}", "run: make long")
        except BookError as problem:
            yield from problem.findings
    for file in sorted(book.long.glob("*.json")):
        if file not in known and file.with_suffix("").suffix != ".run":
            yield Finding(book.shown(file), 0, "no script makes this result any more", "delete it, with its .run.json")
