"""Where everything lies, and what is this book's own: the folders of the repository, its languages and their pages."""

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from book.core import store
from book.core.findings import error

CONFIGURATION = "book.toml"
PACKAGE = Path(__file__).resolve().parents[1]
"""Folder of this package."""


def find_root() -> Path:
    """Return the nearest folder upwards with a ``book.toml``, else the checkout of this package."""
    here = Path.cwd()
    found = (folder for folder in (here, *here.parents) if (folder / CONFIGURATION).is_file())
    return next(found, PACKAGE.parent)


def files(folder: Path, pattern: str = "*") -> Iterator[Path]:
    """Yield the files below a folder, sorted; not those that editors leave behind: hidden ones, and broken links."""
    store.note(folder)
    for file in sorted(folder.rglob(pattern)):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts):
            yield file


@dataclass(frozen=True)
class Language:
    """A language of the book, as ``book.toml`` declares it.

    Attributes:
        code: its pages lie in ``docs/CODE``, its site under this name (that of the first at the root).
        config: its MkDocs configuration.
        tag: language tag (BCP 47).
        letters: letters that only this language uses, as in a regular expression's brackets; empty where none are.
        prose: how its text is checked: ``chinese`` (typography), ``american`` (spelling), or not at all.
        words: file of the words that the book itself says in it.
    """

    code: str
    config: str
    tag: str
    letters: str = ""
    prose: str = ""
    words: str = ""


@dataclass(frozen=True)
class Limits:
    """What blocks, pages and records may take; the memory is that of a page's kernel and all it starts.

    Of the sources, at least so many percent are to be read in the document itself.
    """

    block_seconds: int = 120
    page_seconds: int = 120
    records_megabytes: int = 40
    memory_megabytes: int = 6000
    opened_percent: int = 0


@dataclass(frozen=True)
class Book:
    """A checkout of the book; every path the other modules need comes from here.

    Attributes:
        root: folder of the checkout.
        records: folder of the records that are read and written: those that are committed, or, where a site is to be
            made of what has just been executed, ``executed``. May be given as seen from ``root``.
    """

    root: Path = field(default_factory=find_root)
    records: Path = Path("records")

    def __post_init__(self) -> None:
        """Find the records from the root."""
        object.__setattr__(self, "records", self.root / self.records)

    @property
    def committed(self) -> Path:
        """Folder of the committed records, and of what no build repeats."""
        return self.root / "records"

    @property
    def executed(self) -> Path:
        """Folder into which ``make blocks`` writes records of what it executes."""
        return self.cache / "fresh" / "records"

    @property
    def repeated(self) -> Path:
        """Folder of what ``book.evidence.repeated`` knows of the last repetitions in full."""
        return self.cache / "repeated"

    @property
    def is_committed(self) -> bool:
        """Whether the records are those that are committed."""
        return self.records == self.committed

    @property
    def long(self) -> Path:
        """Folder of the results of long runs, committed."""
        return self.committed / "long"

    @property
    def snippets(self) -> Path:
        """Folder of the code the pages include."""
        return self.root / "snippets"

    @property
    def included(self) -> tuple[Path, ...]:
        """Folders of what the pages include: the snippets, and what runs elsewhere, such as in browsers."""
        named = self.markdown_extensions.get("pymdownx.snippets", {}).get("base_path", [self.snippets.name])
        return tuple(self.root / each for each in named)

    @property
    def data(self) -> Path:
        """Folder of the tables that the pages use."""
        return self.root / "docs" / "data"

    @property
    def cache(self) -> Path:
        """Folder of what can be made again: data, typeset formulas, the preview."""
        return self.root / ".cache"

    @property
    @store.cached
    def declared(self) -> Mapping[str, Any]:
        """What ``book.toml`` says."""
        file = self.root / CONFIGURATION
        try:
            declared = tomllib.loads(store.text(file))
        except FileNotFoundError:
            raise error(
                "this is no book: the file is missing", "run in the folder of a book", self.shown(file)
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise error(f"this is not TOML: {problem}", "mend it", self.shown(file)) from None
        if not declared.get("languages"):
            raise error("no language is declared", "add a table [languages.CODE]", self.shown(file))
        return declared

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages; the first is the one whose pages are run (the others' blocks must be the same)."""
        return tuple(self.declared["languages"])

    def language(self, code: str) -> Language:
        """Return what is declared of a language."""
        table = self.declared["languages"][code]
        try:
            return Language(code, **table)
        except TypeError as problem:
            remedy = f"it needs config and tag, and may have letters, prose and words ({problem})"
            raise error(f"the table [languages.{code}] is not right", remedy, CONFIGURATION) from None

    @property
    def limits(self) -> Limits:
        """What blocks, pages and records may take."""
        try:
            return Limits(**self.declared.get("limits", {}))
        except TypeError as problem:
            raise error(f"the table [limits] is not right: {problem}", "correct it", CONFIGURATION) from None

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the modules that know what libraries and data sets need to run (``book.run.providers``)."""
        return tuple(self.declared.get("run", {}).get("providers", ()))

    @property
    def passed(self) -> tuple[str, ...]:
        """Environment variables that code sees as they are, besides those that every machine needs."""
        return tuple(self.declared.get("run", {}).get("passed", ()))

    @property
    def classes(self) -> frozenset[str]:
        """CSS classes that pages may name, besides those of the theme's boxes."""
        return frozenset(self.declared.get("pages", {}).get("classes", ()))

    @property
    def sharing(self) -> Mapping[str, str]:
        """What the pages say of themselves to other hosts: author, license, the name of the table of changes."""
        return dict(self.declared.get("sharing", {}))

    @property
    def redirects(self) -> Mapping[str, str]:
        """Former name of a page to the name that it has now: its former address leads to it."""
        return dict(self.declared.get("redirects", {}))

    @property
    def not_repeated(self) -> tuple[str, ...]:
        """Pages whose blocks need what `make test` and the workflow do not install: their author's runs are shown."""
        return tuple(self.declared.get("evidence", {}).get("not_repeated", ()))

    @property
    def counted_with(self) -> Mapping[str, Iterable[str]]:
        """Packages whose versions count, too, where code imports another, by that one's name."""
        return dict(self.declared.get("versions", {}))

    @store.cached
    def words(self, language: str, section: str) -> Mapping[str, str]:
        """Return what the book itself says in a language: the words of one part of it."""
        own = self.language(language).words if language in self.languages else ""
        file = self.root / own if own else PACKAGE / "words" / f"{language}.json"
        try:
            return json.loads(store.text(file))[section]  # type: ignore[no-any-return]
        except (FileNotFoundError, KeyError, ValueError) as problem:
            remedy = f"write it like {self.shown(PACKAGE / 'words' / 'en.json')}, and name it in {CONFIGURATION}"
            why = "is missing" if isinstance(problem, FileNotFoundError) else f"lacks the section {section!r}"
            raise error(f"the file of words of {language!r} {why}", remedy, self.shown(file)) from None

    def docs(self, language: str) -> Path:
        """Folder of one language's pages."""
        return self.root / "docs" / language

    def config_file(self, language: str) -> Path:
        """MkDocs configuration of one language."""
        return self.root / self.language(language).config

    def title(self, language: str) -> str:
        """Return the book's title in a language: ``site_name`` of its configuration."""
        return str(read_yaml(self.config_file(language)).get("site_name", ""))

    def script(self, name: str) -> Path | None:
        """Return the snippet of a name; None where there is none, or where it leads out of the snippets."""
        file = self.snippets / name
        inside = file.suffix == ".py" and file.resolve().is_relative_to(self.snippets.resolve())
        return file if inside and file.is_file() else None

    def page_names(self, language: str) -> list[str]:
        """Names of one language's pages, such as ``practice/mnist-cnn``, sorted."""
        docs = self.docs(language)
        return sorted(file.relative_to(docs).with_suffix("").as_posix() for file in files(docs, "*.md"))

    def page_file(self, language: str, name: str) -> Path:
        """Path of a page's Markdown file."""
        return self.docs(language) / f"{name}.md"

    @staticmethod
    def address(name: str) -> str:
        """Return a page's address below the root of its site: ``part/name/``; that of ``part/index`` is ``part/``."""
        plain = name if name != "index" else ""
        return f"{plain.removesuffix('/index')}/" if plain else ""

    def find_page(self, name: str) -> str:
        """Return the page's name, however it was typed (``docs/zh/a/b.md``, ``a/b.md``, ``a/b``)."""
        plain = name.removesuffix(".md").strip("/")
        for language in self.languages:
            plain = plain.removeprefix(f"docs/{language}/")
        first = self.languages[0]
        for candidate in (plain, f"{plain}/index" if plain else "index"):
            if self.page_file(first, candidate).is_file():
                return candidate
        known = ", ".join(self.page_names(first))
        raise error(f"there is no page {name!r}", f"name one of: {known}", self.shown(self.docs(first)))

    def shown(self, path: Path) -> str:
        """Return a path the way messages show it: relative to the repository where it lies inside."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return str(path)

    @property
    def markdown_extensions(self) -> Mapping[str, Mapping[str, Any]]:
        """The site's Markdown extensions with their options, as the first language's configuration gives them."""
        config = read_yaml(self.config_file(self.languages[0]))
        return dict(named_options(config.get("markdown_extensions", [])))


@store.cached
def rows(file: Path) -> tuple[tuple[int, dict[str, str]], ...]:
    """Return line and cells of each row of a table; none where there is no such file."""
    store.note(file)
    if not file.is_file():
        return ()
    with file.open(encoding="utf-8", errors="replace", newline="") as table:
        reader = csv.DictReader(table)
        return tuple((reader.line_num, {key: cell or "" for key, cell in row.items() if key}) for row in reader)


class YamlLoader(yaml.SafeLoader):
    """Reads a configuration of MkDocs without MkDocs: what its own tags stand for is left out."""


YamlLoader.add_multi_constructor("", lambda loader, suffix, node: None)


@store.cached
def read_yaml(file: Path) -> dict[str, Any]:
    """Return a configuration of MkDocs; values with tags (``!ENV``, ``!!python/...``) are None."""
    return yaml.load(store.text(file), YamlLoader) or {}


def named_options(entries: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (name, options) from MkDocs' list of names and one-entry mappings (or a plain mapping)."""
    for entry in entries if isinstance(entries, list) else [entries or {}]:
        for name, options in entry.items() if isinstance(entry, dict) else [(entry, None)]:
            yield str(name), options or {}
