"""Give a page another name: in all languages, with everything that names it, and a redirect at its former address.

Records need not be made anew: their names are hashes of the code, and in those that hold the page's name it is
replaced. Nothing is changed where one of the files cannot be written.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from book.core import store
from book.core.findings import error
from book.core.markdown import Image, Link, Reference, Tag, Value, scan
from book.core.page import split_header
from book.core.site import CONFIGURATION, Book, files, rows
from book.equations import report
from book.notebook import twin
from book.scaffold import NAME

_ADDRESS = re.compile(r"""(?<=\s)(?P<before>(?:href|src)=["'])(?P<target>[^"']*)""")
_SNIPPETS = re.compile(r"""(?P<before>--8<--\s+["']|<!--\s*script:\s*)(?P<path>[\w./-]+\.py)""")


def rename(book: Book, old: str, new: str) -> list[str]:
    """Rename a page and return what still names it, each as ``file:line``, for its author to look at.

    Its snippets move with it where they bear its name; a long run's keep theirs, because results are found by it.
    """
    old = book.find_page(old)
    if not NAME.fullmatch(new):
        remedy = "write part/name in small letters, digits and hyphens, such as algorithms/training-loop"
        raise error(f"{new!r} is no name for a page", remedy)
    snippets = _snippets(book, old, new)
    moved = {book.snippets / path: book.snippets / there for path, there in snippets.items()}
    moved |= {book.page_file(each, old): book.page_file(each, new) for each in book.languages}
    for file in moved.values():
        if file.exists():
            raise error("this file is already there", "choose another name for the page", book.shown(file))
    contents = {there: here.read_bytes() for here, there in moved.items() if here.is_file()}
    for language in book.languages:
        for name in book.page_names(language):
            text = book.page_file(language, name).read_text(encoding="utf-8")
            changed = _page(text, name, old, new, snippets)
            if changed != text or name == old:
                contents[book.page_file(language, new if name == old else name)] = changed.encode()
        config = book.config_file(language)
        text = config.read_text(encoding="utf-8")
        contents[config] = re.sub(rf"(?m)^( *-.*?[\s\"']){re.escape(old)}\.md\b", rf"\g<1>{new}.md", text).encode()
    contents |= {**_tables(book, old, new), **_records(book, old, new)}
    declared = (book.root / CONFIGURATION).read_text(encoding="utf-8")
    contents[book.root / CONFIGURATION] = _with_redirect(declared, book.redirects, old, new).encode()
    with store.writing(new):
        store.write_all(contents)
        for file in moved:
            file.unlink(missing_ok=True)
    report.write(book)
    twin.write_copies(book)
    return list(_still(book, old))


def _snippets(book: Book, old: str, new: str) -> dict[str, str]:
    """Return the paths of the snippets that bear the page's name, below their folder, with what they become."""
    before, after = (name.replace("-", "_") for name in (old, new))
    own = re.compile(rf"{re.escape(before)}(?P<kind>_checks|_exercises|_equations)?\.py")
    paths = [file.relative_to(book.snippets).as_posix() for file in files(book.snippets, "*.py")]
    return {path: f"{after}{match['kind'] or ''}.py" for path in paths if (match := own.fullmatch(path))}


def _page(text: str, name: str, old: str, new: str, snippets: dict[str, str]) -> str:
    """Return the text of a page with every mention of the old name, and of its own where it moves, changed."""
    body = split_header(text, name)[2]
    head = text[: len(text) - len(body)]
    parts, at = [head], 0
    for start, end, instead in sorted(_edits(body, name, old, new)):
        parts += [body[at:start], instead]
        at = end
    whole = "".join([*parts, body[at:]])
    return _SNIPPETS.sub(lambda match: match["before"] + snippets.get(match["path"], match["path"]), whole)


def _edits(body: str, name: str, old: str, new: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text to put there) for each link and each expression of a page that has to change."""
    here = new if name == old else name

    def follow(target: str) -> str:
        """Return a link's target as it must be written after the renaming."""
        path, hash_, place = target.partition("#")
        if not path or re.match(r"[a-z][a-z0-9+.-]*:|/", path, re.IGNORECASE):
            return target
        leads = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path)))
        now = f"{new}.md" if leads == f"{old}.md" else leads
        if leads == now and posixpath.dirname(name) == posixpath.dirname(here):
            return target
        return posixpath.relpath(now, posixpath.dirname(here) or ".") + hash_ + place

    found = scan(body)
    tokens: Sequence[Link | Image | Reference] = found.of(Link, Image, Reference)
    for token in tokens:
        target = token.target
        if target and follow(target) != target:
            words = token.start if isinstance(token, Reference) else token.words[0][1]
            start = body.index(target, words)
            yield start, start + len(target), follow(target)
    for tag in found.of(Tag):
        for match in _ADDRESS.finditer(body, tag.start, tag.end):
            yield *match.span("target"), follow(match["target"])
    of_page = re.compile(rf"\b(?:results|sweeps)\[[\"'](?P<page>{re.escape(old)})[\"']\]")
    for value in found.of(Value):
        for match in of_page.finditer(body, value.start, value.end):
            yield *match.span("page"), new


def _tables(book: Book, old: str, new: str) -> dict[Path, bytes]:
    """Return the tables of ``docs/data`` with a column ``page``, where a row of theirs names the page."""
    changed = {}
    for file in files(book.data, "*.csv"):
        lines = file.read_text(encoding="utf-8").split("\n")
        for line, row in rows(file):
            if row.get("page") == old:
                cell = rf"(^|,)(\"?){re.escape(old)}\2(?=,|\r?$)"
                lines[line - 1] = re.sub(cell, rf"\g<1>\g<2>{new}\g<2>", lines[line - 1])
                changed[file] = "\n".join(lines).encode()
    return changed


def _records(book: Book, old: str, new: str) -> dict[Path, bytes]:
    """Return the records that hold the page's name."""
    changed = {}
    for file in files(book.records, "*.json"):
        if f'"{old}"'.encode() in file.read_bytes():
            raw = store.load(file)
            if raw and raw.get("page") == old:
                changed[file] = store.encode({**raw, "page": new})
    return changed


def _with_redirect(text: str, redirects: Mapping[str, str], old: str, new: str) -> str:
    """Return ``book.toml`` with a redirect from the old name, at its end; former ones lead to the new name at once."""
    kept = {former: new if name == old else name for former, name in redirects.items() if former != new}
    rest = re.sub(r'\n*^\[redirects\].*\n(?:".*\n?)*', "\n", text, flags=re.MULTILINE).rstrip()
    entries = "".join(f'"{former}" = "{name}"\n' for former, name in sorted({**kept, old: new}.items()))
    return f"{rest}\n\n[redirects]  # former name of a page to its present one: its address leads on\n{entries}"


def _still(book: Book, old: str) -> Iterator[str]:
    """Yield the places beside pages and records that have the old name in them."""
    for folder in ("book.toml", "docs/data", "snippets", "theme", "tests", "tools", "README.md", "CONTRIBUTING.md"):
        place = book.root / folder
        for file in files(place) if place.is_dir() else [place] if place.is_file() else []:
            if file.suffix in (".pyc", ".svg", ".png") or file.name == CONFIGURATION:
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
                if re.search(rf"(?<![\w/-]){re.escape(old)}(?![\w-])", line):
                    yield f"{os.path.relpath(file, book.root)}:{number}"
