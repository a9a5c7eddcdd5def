"""Which files may lie where: the site holds its pages, and what the build makes of them, and nothing beside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from book.core.findings import Finding
from book.core.site import Book

MADE = (
    "assets/data/", "assets/figures/", "assets/javascripts/words.json", "assets/notebooks/", "assets/scripts/",
    "notebooks/",
)  # fmt: skip
"""Where the build puts what it makes, below the root of a site: nothing else may lie there."""


def findings(book: Book) -> Iterator[Finding]:
    """Yield a finding for each file that the site would publish beside its pages or in the place of its own."""
    docs = [book.docs(language) for language in book.languages]
    for folder in (*docs, book.data, book.snippets, book.records, book.root / "theme"):
        for file in _files(folder):
            inside = file.relative_to(folder).as_posix()
            if file.is_symlink():
                problem, remedy = "this is a link, and what it leads to would be published", "put the file itself there"
            elif folder in docs and (file.suffix != ".md" or "/." in f"/{inside}"):
                problem = "this is no page, and would be published, perhaps in the place of a file that the build makes"
                remedy = "delete it; pictures come from blocks, tables belong in docs/data, scripts in snippets/"
            elif folder in docs and file.stem.lower() == "readme":
                problem, remedy = "MkDocs would take this page for the index of its folder", "call it index.md"
            elif folder.name == "theme" and inside.startswith(MADE):
                problem, remedy = "the build puts a file of its own there", "delete this one"
            else:
                continue
            yield Finding(f"{book.shown(folder)}/{inside}", 0, problem, remedy)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, and links to others; not what systems and tools leave everywhere."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry) if entry.name != "__pycache__" else ()
        elif entry.name not in (".DS_Store", ".gitignore") and entry.suffix != ".part":
            yield entry
