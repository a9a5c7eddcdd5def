"""The notebook twin of a page: its prose, its blocks and what they put out, as one ``.ipynb`` in the page's language.

Made from the page and its records alone: nothing is executed, and the same page gives the same bytes. The code cells
are the blocks to the letter. ``view`` shows them on the site.

Colab opens notebooks from GitHub only, not from other addresses, so a copy of each twin lies in ``notebooks/`` of the
repository. ``make run`` writes the copies, without outputs, which are made anew where they are opened; ``book check``
refuses a copy whose code is no longer that of its page.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from book.core import inputs, store
from book.core.findings import BookError, Finding
from book.core.inputs import Archive
from book.core.page import Block, Page, pages
from book.core.site import Book
from book.evidence import outputs, record
from book.evidence.record import Record
from book.notebook.commonmark import Text, alternative_texts, convert, standalone

GROUND = b'<rect width="100%" height="100%" fill="#ffffff"/>'
"""What is put behind a figure: it was drawn for the page's own ground, a notebook may be shown on any."""
_SVG = re.compile(rb"<svg\b[^>]*>")
_GITHUB = re.compile(r"^(?:https?://)?(?:www\.)?github\.com/(?P<name>[\w.-]+/[\w.-]+?)(?:\.git)?/?$")


def twin(book: Book, page: Page, root: str | None = None, *, outputs: bool = True) -> NotebookNode:
    """Return the notebook that holds what a page holds; without ``outputs``, or a record, no block has any.

    Nothing links to the site where ``root``, the address of the root of the page's site or the way there, is None.
    """
    cells: list[NotebookNode] = []
    kept = {block.name: record.shown(book, block.name) for block in page.blocks}
    texts = alternative_texts(book, page) if outputs else {}
    data = {block.name: inputs.named(book, block.python) for block in page.blocks}
    brought = {block.name: inputs.named_archives(book, block.python) for block in page.blocks}
    first = next((block for block in page.blocks if data[block.name] or brought[block.name]), None)
    for number, part in enumerate(parts(book, page, root)):
        if isinstance(part, Text):
            cell = _cell(new_markdown_cell, part.markdown, f"text-{number}")
            if part.pictures:
                pictures = {name: standalone(drawing.svg).encode() for name, drawing in part.pictures.items()}
                cell["attachments"] = {
                    name: {"image/svg+xml": b64encode(picture).decode()} for name, picture in pictures.items()
                }
        else:
            if part == first:
                files = {name: file for named in data.values() for name, file in named.items()}
                archives = dict.fromkeys(archive for named in brought.values() for archive in named)
                where = _where_from(book, page.language, files, archives, root)
                cells.append(_cell(new_markdown_cell, where, "data"))
            cell = _cell(new_code_cell, part.cell, part.name)
            if outputs and (found := kept[part.name]):
                cell["execution_count"] = part.index + 1
                cell["outputs"] = list(_outputs(book, found, part.index + 1, texts))
        cells.append(cell)
    ran = next((one for one in kept.values() if one), None)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", **({"version": ran.circumstances.python} if ran else {})},
        "book": {"page": page.name, "language": page.language, "records": [block.name for block in page.blocks]},
    }
    return new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-any-return, no-untyped-call]


def parts(book: Book, page: Page, root: str | None) -> list[Text | Block]:
    """Return what the cells of a page's notebook hold: its prose, its blocks, and where they come from."""
    words = book.words(page.language, "notebook")
    origin = words["origin" if root is not None else "origin-without-address"].format(
        title=book.title(page.language), address=f"{root}{Book.address(page.name)}"
    )
    return [*convert(book, page, root), Text(f"---\n\n{words['colophon'].format(origin)}")]


def _where_from(
    book: Book, language: str, files: dict[str, Path], archives: Iterable[Archive], root: str | None
) -> str:
    """Say where the files come from that the code reads: on the page it finds them, elsewhere it does not."""
    words = book.words(language, "notebook")
    lines = [
        words["data-file"].format(file=book.shown(file))
        if root is None
        else words["data-address"].format(name=name, address=f"{root}{inputs.address(name)}")
        for name, file in files.items()
    ]
    lines += [words["data-archive"].format(name=each.file, command=" ".join(each.command)) for each in archives]
    return "\n".join([words["data"], "", *(f"- {line}" for line in lines)])


def encode(notebook: NotebookNode) -> bytes:
    """Return a notebook as the content of its file."""
    return (str(nbformat.writes(notebook)) + "\n").encode()  # type: ignore[no-untyped-call]


def address(name: str) -> str:
    """Return where a page's notebook lies below the root of its site, for download."""
    return f"assets/notebooks/{name}.ipynb"


def _cell(make: Any, source: str, name: str) -> NotebookNode:
    return make(source, id=name)  # type: ignore[no-any-return]


def _outputs(book: Book, kept: Record, count: int, texts: dict[tuple[str, int], str]) -> Iterator[NotebookNode]:
    """Yield a block's outputs in notebook format, figures brought back from their files."""
    figures = list(kept.result.figures)
    for output in deepcopy(kept.result.outputs):
        if outputs.FIGURE in output.get("data", {}):
            name = output["data"].pop(outputs.FIGURE)
            kind, content = outputs.of_file(name), record.picture(book, kept.name, name).read_bytes()
            output["data"] |= kind.in_notebook(on_ground(content) if name.endswith(".svg") else content)
            if text := texts.get((kept.name, figures.index(name) + 1)):
                output["metadata"] = {**output.get("metadata", {}), kind.mime: {"alt": text}}
        if output["output_type"] == "execute_result":
            output["execution_count"] = count
        yield new_output(**output)  # type: ignore[no-untyped-call]


def on_ground(svg: bytes) -> bytes:
    """Return a figure on white ground."""
    return _SVG.sub(lambda match: match[0] + GROUND, svg, count=1)


# --- the copies that Colab opens


def copies(book: Book) -> Path:
    """Folder of the copies."""
    return book.root / "notebooks"


def copy_path(book: Book, language: str, name: str) -> Path:
    """Return where the copy of a page's notebook lies."""
    return copies(book) / language / f"{name}.ipynb"


def colab(repository: str | None, language: str, name: str) -> str | None:
    """Return the address at which Colab opens a page's notebook; None where the repository is not on GitHub."""
    match = _GITHUB.match(repository or "")
    file = copy_path(Book(Path()), language, name).as_posix()
    return f"https://colab.research.google.com/github/{match['name']}/blob/main/{file}" if match else None


def write_copies(book: Book) -> None:
    """Write the copies of all pages and remove those of former ones; they lead to the site where SITE_URL names it."""
    wanted = {}
    site = os.environ.get("SITE_URL", "").rstrip("/")
    for language in book.languages:
        root = f"{site}/" if language == book.languages[0] else f"{site}/{language}/"
        for page in pages(book, language):
            if page.blocks:
                copy = twin(book, page, root if site else None, outputs=False)
                wanted[copy_path(book, language, page.name)] = encode(copy)
    for file, content in wanted.items():
        if not file.is_file() or file.read_bytes() != content:
            store.write(file, content)
    for file in copies(book).rglob("*.ipynb"):
        if file not in wanted:
            file.unlink()


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding where the code of a page's copy is not that of the page, if the book keeps copies at all.

    Blocks that have not run are named elsewhere; when they run, the copy is written. Its prose may lag behind until
    the next ``make run``, so that a slip of the pen can be corrected on the page alone.
    """
    if not copies(book).is_dir() or not page.blocks:
        return
    try:
        have_run = all(record.shown(book, block.name) for block in page.blocks)
    except BookError:
        return
    file = copy_path(book, page.language, page.name)
    if have_run and _code(file) != [block.cell for block in page.blocks]:
        what = "is not that of its page any more" if file.is_file() else "is missing"
        yield Finding(book.shown(file), 0, f"the notebook that Colab opens {what}", "run: make run")


def _code(file: Path) -> list[str] | None:
    """Return the code cells of a notebook; None where there is none, or it cannot be read."""
    try:
        notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call]
        return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except Exception:  # a damaged notebook fails in many ways; all of them mean "write it anew"
        return None
