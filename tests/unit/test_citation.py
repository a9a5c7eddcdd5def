"""CITATION.cff tells how to cite the book: its own title, version, and licenses."""

from __future__ import annotations

import tomllib
from datetime import date

import yaml

from book.core.site import Book

BOOK = Book()


def test_the_citation_is_of_this_book() -> None:
    said = yaml.safe_load((BOOK.root / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "type", "authors", "title", "version", "date-released", "license"} <= said.keys()
    english = (BOOK.root / "mkdocs.en.yml").read_text(encoding="utf-8")
    assert f"\nsite_name: {said['title']}\n" in english
    package = tomllib.loads((BOOK.root / "pyproject.toml").read_text(encoding="utf-8"))
    assert said["version"] == package["project"]["version"] and package["project"]["license"] in said["license"]
    assert all((BOOK.root / "LICENSES" / f"{name}.txt").is_file() or name == "Apache-2.0" for name in said["license"])
    assert isinstance(said["date-released"], date)
