"""The files that the code of a page reads: tables of ``docs/data`` and results of long runs.

A block that names such a file (``open("models.csv")``) finds it in the folder it runs in, the site offers it for
download, and the file's content becomes part of the names of that block and those below: when the file changes,
their records are stale. The same holds of the archives of ``book.core.archives``, which the site does not offer.
"""

from __future__ import annotations

from pathlib import Path

from book.core import archives, chain, store, syntax
from book.core.archives import Archive
from book.core.site import Book, files


@store.once
def available(book: Book) -> dict[str, Path]:
    """Return the files that code may read, by the name under which it finds them."""
    return {file.name: file for folder in (book.data, book.long) for file in files(folder, "*.*")}


def named(book: Book, code: str) -> dict[str, Path]:
    """Return those of the files that a block's code names.

    Raises:
        SyntaxError: the code is not Python.
    """
    texts = syntax.texts(code)
    return {name: file for name, file in available(book).items() if name in texts}


def named_archives(book: Book, code: str) -> list[Archive]:
    """Return the archives that a block's code names.

    Raises:
        SyntaxError: the code is not Python.
    """
    texts = syntax.texts(code)
    return [archive for name, archive in archives.declared(book).items() if name in texts]


def canonical(book: Book, code: str, kind: str) -> str:
    """Return what of a block counts for its name: of its code (``chain.canonical``), and of the files it names.

    Raises:
        SyntaxError: the code is not Python.
    """
    contents = "".join(
        f"\0{name}\0{digest}" for name, digest in digests(book, code if kind == "python" else "").items()
    )
    return chain.canonical(code, kind) + contents


def digests(book: Book, code: str) -> dict[str, str]:
    """Return the SHA-256 of each file and archive that a block's code names."""
    hashes = {name: store.file_digest(file) for name, file in named(book, code).items()}
    hashes |= {archive.file: archive.sha256 for archive in named_archives(book, code)}
    return dict(sorted(hashes.items()))


def address(name: str) -> str:
    """Return where a file lies below the root of its site, for download."""
    return f"assets/data/{name}"
