"""Which files may lie where: the site holds its pages, and what the build makes of them, and nothing beside."""

import re
from collections.abc import Iterator
from pathlib import Path

from book.core import store
from book.core.findings import Finding
from book.core.site import Book, named_options, read_yaml

MADE = (
    "assets/data/", "assets/figures/", "assets/javascripts/words/", "assets/notebooks/", "assets/scripts/",
    "notebooks/",
)  # fmt: skip
"""Where the build puts what it makes, below the root of a site: nothing else may lie there."""
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]|[\U000e0000-\U000e007f]|[^\n\r\t\x20-\x7e\x80-\U0010ffff]")
"""What turns the order of letters, so that something else is read than stands there, and what nobody sees."""


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
            elif folder in (*docs, book.data, book.snippets) and (turns := _turns(file)):
                line, letter = turns
                problem = f"this character (U+{ord(letter):04X}) is not seen, and other things may be read for it"
                yield Finding(f"{book.shown(folder)}/{inside}", line, problem, "take it out")
                continue
            else:
                continue
            yield Finding(f"{book.shown(folder)}/{inside}", 0, problem, remedy)


@store.cached
def _turns(file: Path) -> tuple[int, str] | None:
    """Return line and letter of the first character that nobody sees."""
    store.note(file)
    text = file.read_text(encoding="utf-8", errors="replace")
    match = _TURNS.search(text)
    return (text.count("\n", 0, match.start()) + 1, match[0]) if match else None


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, and links to others; not what systems and tools leave everywhere."""
    for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
        if entry.is_dir() and not entry.is_symlink():
            yield from _files(entry) if entry.name != "__pycache__" else ()
        elif entry.name not in (".DS_Store", ".gitignore") and entry.suffix != ".part":
            yield entry


# --- What the configurations of MkDocs may say ----------------------------------------------------------------------

KNOWN = {
    "": (
        "INHERIT copyright docs_dir edit_uri extra extra_css markdown_extensions nav plugins repo_url site_description"
        " site_dir site_name site_url theme use_directory_urls validation"
    ),
    "extra": "alternate edit generator",
    "plugins": "book mkdocs-jupyter search",
    "theme": "custom_dir favicon features font icon language name palette",
}
"""The settings that a configuration may have, at its top and within some of them."""
_MARK = re.compile(r"<[A-Za-z/!?]|^\s*\w*script:")
_PYTHON = re.compile(r"!!python/(?!object/apply:pymdownx\.slugs\.slugify\b)\S*")


def settings(book: Book) -> Iterator[Finding]:
    """Yield a finding for each setting that could bring code, a file or another host into the site."""
    for language in book.languages:
        file = book.config_file(language)
        config, text = read_yaml(file), file.read_text(encoding="utf-8")
        found = {match[0] for match in _PYTHON.finditer(text)}
        for place, known in KNOWN.items():
            has = config.get(place) if place else config
            found |= {key for key, _ in named_options(has)} - set(known.split()) if not isinstance(has, str) else set()
        found |= {each for each in config.get("extra_css") or () if not str(each).startswith("assets/")}
        found |= {each for each in texts(config) if _MARK.search(each)}
        if isinstance(theme := config.get("theme"), dict) and "name" in theme and theme.get("font") is not False:
            found.add("font")  # another host would be asked for it
        for each in sorted(found):
            line = next((n for n, line in enumerate(text.splitlines(), 1) if each.split("\n")[0] in line), 0)
            problem = f"the site must not have this setting: {each[:80]}"
            yield Finding(book.shown(file), line, problem, "delete it; what may stand here is listed in check/files.py")


def texts(value: object) -> Iterator[str]:
    """Yield every text in a configuration, its keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
