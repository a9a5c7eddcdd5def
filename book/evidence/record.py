"""What a block printed, drew and cost when it last ran, kept in ``records/`` and committed.

A record is a folder named by the block's chain hash. It holds one JSON file per device class and, beside it,
the figures the block drew. A site that is published is made of the records of what was executed for it
(``Book.executed``): what is committed then stands in only for what no build repeats, as its author's run.
"""

import importlib.metadata
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Self

from book.core import inputs, store, syntax
from book.core.findings import BookError, Finding, error
from book.core.page import Block, read
from book.core.site import PACKAGE, Book
from book.core.syntax import NAME_LENGTH

FORMAT = 1
DEVICES = ("cpu", "gpu")


@dataclass(frozen=True)
class Circumstances:
    """When, where and with what a block ran.

    Attributes:
        date: day of the run, ISO 8601.
        machine: processor and number of cores, for people.
        processor: what must be equal for results to be equal to the last bit.
        system: operating system.
        threads: threads TensorFlow and NumPy used.
        python: version of Python.
        versions: distribution name to version, for the packages the page imports.
        data: data sets used and where they came from.
    """

    date: str
    machine: str
    processor: str
    system: str
    threads: int
    python: str
    versions: Mapping[str, str]
    data: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return what was written as JSON."""
        return cls(**{**raw, "data": tuple(raw["data"])})


@dataclass(frozen=True)
class Result:
    """What one block did.

    Attributes:
        outputs: outputs in notebook format (nbformat 4); pictures are replaced by ``{"figure": file name}``.
        figures: file name to content of the pictures.
        seconds: wall-clock time.
        peak_memory: largest resident memory of the kernel while the block ran, in bytes.
        variables: small values among the page's variables after the block.
        checks: what the block's assertions notice when they are tried on wrong values (``book.run.trial``); empty
            where it has none.
    """

    outputs: list[dict[str, Any]]
    seconds: float
    peak_memory: int
    variables: Mapping[str, Any]
    figures: Mapping[str, bytes] = field(default_factory=dict)
    checks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """A result that is kept, with the block it belongs to and the circumstances of the run.

    ``files`` holds the SHA-256 of each file that the block names (``book.core.inputs``).
    ``author`` says that it was committed, where others were executed for the site at hand: nothing repeated this one.
    """

    name: str
    page: str
    block: int
    device: str
    circumstances: Circumstances
    result: Result
    files: Mapping[str, str] = field(default_factory=dict)
    author: bool = False


STATES = ("fresh", "outdated", "missing", "damaged")
"""What can be said of a block: it ran with the libraries in use, with others, it did not, a record is unreadable."""


@dataclass(frozen=True)
class Kept:
    """What is kept of one block, on which all that is shown and refused depends.

    Attributes:
        state: one of ``STATES``; that of the record that is shown.
        records: one per device class it ran on, in the order of ``DEVICES``; none where one of them is damaged.
        why: which library has another version, where the state is ``outdated``.
        damage: a finding for each record that cannot be read.
    """

    state: str
    records: tuple[Record, ...] = ()
    why: str = ""
    damage: tuple[Finding, ...] = ()

    @property
    def shown(self) -> Record | None:
        """The record whose outputs, figures and values the pages show."""
        return self.records[0] if self.records else None


@store.cached
def kept(book: Book, name: str) -> Kept:
    """Return what is kept of a block, by its name."""
    records: list[Record] = []
    damage: list[Finding] = []
    for device in DEVICES:
        try:
            if one := load(book, name, device):
                records.append(one)
        except BookError as problem:
            damage += problem.findings
    if damage:
        return Kept("damaged", damage=tuple(damage))
    if not records:
        return Kept("missing")
    why = outdated(book, records[0])
    return Kept("outdated" if why else "fresh", tuple(records), why or "")


@store.cached
def _places(book: Book) -> Mapping[tuple[str, int], Record]:
    """Return a record of each place, page and index of the block, at which one was made."""
    store.note(book.records)
    found: dict[tuple[str, int], Record] = {}
    for folder in sorted(book.records.glob("*")):
        if len(folder.name) == NAME_LENGTH and (one := kept(book, folder.name).shown):
            found[one.page, one.block] = one
    return found


def why_missing(book: Book, block: Block) -> str:
    """Say why a block has no record although those above it have theirs, as the end of a sentence."""
    read = inputs.digests(book, block.python)
    former = _places(book).get((block.page, block.index))
    if former is None:
        return "has not run yet"
    changed = [name for name, digest in read.items() if former.files.get(name, digest) != digest]
    if changed:
        return f"has not run since {' and '.join(changed)} changed, which it reads"
    or_file = f" or a file that it reads ({', '.join(read)})" if read.keys() - former.files.keys() else ""
    return f"has not run since its code{or_file} changed"


def shown(book: Book, name: str) -> Record | None:
    """Return the record of a block that the pages show: that of the first device class it ran on."""
    found = kept(book, name)
    if found.damage:
        raise BookError(*found.damage)
    return found.shown


def path(book: Book, name: str, device: str) -> Path:
    """Return where the record of a block lies: where it was executed, or, if no build repeats it, is committed.

    No build repeats the pages that need what is not installed for it, and what ran on a GPU where none is.
    """
    own = book.records / name / f"{device}.json"
    store.note(own)
    if book.is_committed or own.is_file():
        return own
    beside_own = device != DEVICES[0] and (own.parent / f"{DEVICES[0]}.json").is_file()
    if beside_own or name in _not_repeated(book):
        return book.committed / name / own.name
    return own


@store.cached
def _not_repeated(book: Book) -> frozenset[str]:
    """Return the names of the blocks on pages of which ``book.toml`` says that no build repeats them."""
    first = book.languages[0]
    pages = (read(book, first, name) for name in book.not_repeated if book.page_file(first, name).is_file())
    return frozenset(block.name for page in pages if page.needs for block in page.blocks)


def picture(book: Book, block: str, name: str) -> Path:
    """Return where a picture of a block lies: beside its record, with whose device class its name begins."""
    return path(book, block, name.partition("-")[0]).with_name(name)


def save(book: Book, records: Iterable[Record]) -> None:
    """Write records, all of them or none; each file is whole at any moment, pictures are there before their record."""
    contents: dict[Path, bytes] = {}
    for one in records:
        folder = book.records / one.name
        contents |= {folder / name: data for name, data in one.result.figures.items()}
        contents[folder / f"{one.device}.json"] = _encode(one)
    with store.writing(book.shown(book.records)):
        store.write_all(contents)


def load(book: Book, name: str, device: str = "cpu") -> Record | None:
    """Read a record, or return None where there is none."""
    file = path(book, name, device)
    try:
        found = _load(file)
        for figure in found.result.figures if found else ():
            store.note(file.with_name(figure))
        return replace(found, author=True) if found and not file.is_relative_to(book.records) else found
    except store.Damaged as problem:
        anew = "make run" if device == DEVICES[0] else f"make run DEVICE={device}"
        remedy = f"{store.bring_back(book.shown(file.parent), problem)}   (or make it anew: {anew})"
        raise error(f"this record {problem}", remedy, book.shown(file)) from None


@store.cached
def _load(file: Path) -> Record | None:
    raw = store.load(file)
    if raw is None:
        return None
    if raw.get("format") != FORMAT:
        raise store.Damaged(f"has format {raw.get('format')!r}, this version of the book reads {FORMAT}")
    if raw["name"] != file.parent.name:
        raise store.Damaged(f"belongs to another block ({raw['name']})")
    if raw["device"] != file.stem:
        raise store.Damaged(f"belongs to another device class ({raw['device']})")
    for name, sha in raw["figures"].items():
        picture = file.parent / name
        if not picture.is_file() or store.file_digest(picture) != sha:
            raise store.Damaged(f"lacks its picture {name}, or the picture was changed")
    figures = {name: b"" for name in raw["figures"]}
    result = Result(
        raw["outputs"], raw["seconds"], raw["peak_memory"], raw["variables"], figures, raw.get("checks", {})
    )
    circumstances = Circumstances.of(raw["circumstances"])
    return Record(raw["name"], raw["page"], raw["block"], raw["device"], circumstances, result, raw.get("files", {}))


def _encode(record: Record) -> bytes:
    result = record.result
    return store.encode({
        "format": FORMAT,
        "name": record.name,
        "page": record.page,
        "block": record.block,
        "device": record.device,
        "seconds": result.seconds,
        "peak_memory": result.peak_memory,
        "circumstances": asdict(record.circumstances),
        "files": dict(record.files),
        "variables": dict(result.variables),
        **({"checks": dict(result.checks)} if result.checks else {}),
        "outputs": result.outputs,
        "figures": {name: store.sha256(data) for name, data in result.figures.items()},
    })


def prune(book: Book, keep: Iterable[str]) -> list[str]:
    """Delete the records of blocks that no page has any more; return their names."""
    kept = set(keep)
    gone = []
    for folder in sorted(book.records.glob("*")):
        if folder.is_dir() and len(folder.name) == NAME_LENGTH and folder.name not in kept:
            shutil.rmtree(folder)
            gone.append(folder.name)
    return gone


def drop_loose_files(book: Book, name: str) -> None:
    """Delete the files of a record that none of its devices refers to: former pictures, what a killed run left.

    Where one of the records cannot be read nothing is deleted: it may refer to anything.
    """
    folder = book.records / name
    try:
        used = {figure for device in DEVICES if (r := load(book, name, device)) for figure in r.result.figures}
    except BookError:
        return
    for file in folder.glob("*"):
        if file.suffix != ".json" and file.name not in used:
            file.unlink()


@store.cached
def locked_versions(book: Book) -> dict[str, tuple[str, ...]]:
    """Return distribution name (normalised) to versions from ``requirements.txt`` and that of other frameworks.

    A distribution has more than one where one version of it does not suit every version of Python.
    """
    found: dict[str, tuple[str, ...]] = {}
    for file in (book.root / "requirements" / "frameworks.txt", book.root / "requirements.txt"):
        store.note(file)
        one: dict[str, tuple[str, ...]] = {}
        text = file.read_text(encoding="utf-8") if file.is_file() else ""
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE):
            normal = re.sub(r"[-_.]+", "-", name).lower()
            one[normal] = (*one.get(normal, ()), version)
        found |= one
    return found


def other_version(book: Book, versions: Mapping[str, str]) -> str | None:
    """Name the first library that has another version than in ``requirements.txt``; None where all agree."""
    locked = locked_versions(book)
    for name, version in versions.items():
        if version not in locked.get(name, (version,)):
            return f"{name} {version}, requirements.txt has {' or '.join(locked[name])}"
    return None


def outdated(book: Book, record: Record) -> str | None:
    """Say which library of a record has another version in ``requirements.txt``; None where all agree."""
    other = other_version(book, record.circumstances.versions)
    return other and f"it ran with {other}"


_distributions = cache(importlib.metadata.packages_distributions)
"""Reads a list of files of every distribution there is, which takes half a second."""


def versions(book: Book, codes: Iterable[str]) -> dict[str, str]:
    """Return the versions of what code imports, by distribution name, and of what counts with it (``book.toml``)."""
    distributions = _distributions()
    imported = syntax.imported(codes)
    for package in imported & book.counted_with.keys():
        imported |= {*book.counted_with[package]}
    imported -= {PACKAGE.name}  # the package that makes the book is no part of what a reader runs
    names = {re.sub(r"[-_.]+", "-", n).lower() for module in imported for n in distributions.get(module, [])}
    return {name: importlib.metadata.version(name) for name in sorted(names)}
