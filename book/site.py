"""Where everything lies: the folders of the repository, its two sites and their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mkdocs.utils.yaml import yaml_load

from book.errors import error

LANGUAGES = ("zh", "en")
"""The languages of the book; the first is the one whose pages are run (the other's blocks must be the same)."""

CONFIGURATIONS = {"zh": "mkdocs.yml", "en": "mkdocs.en.yml"}


@dataclass(frozen=True)
class Book:
    """A checkout of the book; every path the other modules need comes from here."""

    root: Path = Path(__file__).resolve().parent.parent

    @property
    def records(self) -> Path:
        """Folder of the committed records."""
        return self.root / "records"

    @property
    def long(self) -> Path:
        """Folder of the results of long runs, committed."""
        return self.records / "long"

    @property
    def snippets(self) -> Path:
        """Folder of the code the pages include."""
        return self.root / "snippets"

    @property
    def cache(self) -> Path:
        """Folder of what can be made again: data, typeset formulas, the preview."""
        return self.root / ".cache"

    @property
    def requirements(self) -> Path:
        """The hash-locked list of packages."""
        return self.root / "requirements.txt"

    @property
    def frameworks(self) -> Path:
        """The list of packages that only pages with ``needs`` use."""
        return self.root / "requirements-frameworks.txt"

    def docs(self, language: str) -> Path:
        """Folder of one language's pages."""
        return self.root / "docs" / language

    def config_file(self, language: str) -> Path:
        """MkDocs configuration of one language."""
        return self.root / CONFIGURATIONS[language]

    def page_names(self, language: str) -> list[str]:
        """Names of one language's pages, such as ``practice/mnist-cnn``, sorted."""
        docs = self.docs(language)
        return sorted(file.relative_to(docs).with_suffix("").as_posix() for file in docs.rglob("*.md"))

    def page_file(self, language: str, name: str) -> Path:
        """Path of a page's Markdown file."""
        return self.docs(language) / f"{name}.md"

    @staticmethod
    def address(name: str) -> str:
        """Return a page's address below the root of its site: ``part/name/``; that of ``part/index`` is ``part/``."""
        plain = name if name != "index" else ""
        return f"{plain.removesuffix('/index')}/" if plain else ""

    def find_page(self, name: str) -> str:
        """Return the page's name, however it was typed (``docs/zh/a/b.md``, ``a/b.md``, ``a/b``).

        Raises:
            BookError: there is no such page.
        """
        plain = name.removesuffix(".md").strip("/")
        for language in LANGUAGES:
            plain = plain.removeprefix(f"docs/{language}/")
        for candidate in (plain, f"{plain}/index" if plain else "index"):
            if self.page_file(LANGUAGES[0], candidate).is_file():
                return candidate
        known = ", ".join(self.page_names(LANGUAGES[0]))
        raise error(f"there is no page {name!r}", f"name one of: {known}", self.shown(self.docs(LANGUAGES[0])))

    def shown(self, path: Path) -> str:
        """Return a path the way messages show it: relative to the repository where it lies inside."""
        try:
            return path.resolve().relative_to(self.root.resolve()).as_posix()
        except ValueError:
            return str(path)

    @cached_property
    def markdown_extensions(self) -> Mapping[str, Mapping[str, Any]]:
        """The site's Markdown extensions with their options, as ``mkdocs.yml`` gives them."""
        with self.config_file(LANGUAGES[0]).open(encoding="utf-8") as file:
            config = yaml_load(file)
        return dict(_named_options(config.get("markdown_extensions", [])))


def _named_options(entries: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (name, options) from MkDocs' list of names and one-entry mappings (or a plain mapping)."""
    items = entries.items() if isinstance(entries, dict) else [_pair(entry) for entry in _as_list(entries)]
    for name, options in items:
        yield name, options or {}


def _as_list(entries: object) -> list[Any]:
    return entries if isinstance(entries, list) else []


def _pair(entry: object) -> tuple[str, Mapping[str, Any]]:
    if isinstance(entry, dict):
        ((name, options),) = entry.items()
        return str(name), options or {}
    return str(entry), {}
