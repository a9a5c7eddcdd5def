"""The root stays small, and the map of the rooms in CONTRIBUTING.md is the tree."""

from __future__ import annotations

import re
import subprocess

import pytest

from book.core.site import Book

ROOT = Book().root
MOST_ENTRIES = 28


def test_the_root_has_at_most_28_entries() -> None:
    try:
        done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no clone, so what belongs to it is not known")
    entries = {line.partition("/")[0] for line in done.stdout.splitlines()}
    assert len(entries) <= MOST_ENTRIES, f"{len(entries)} entries: {sorted(entries)}"


def test_the_map_names_each_room_and_only_rooms() -> None:
    """Each room and module of ``book/`` has a line in a table, `book/NAME` first, and each line its room."""
    lines = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    named = {
        name for line in lines if line.startswith("|") for name in re.findall(r"`book/([\w.]+)/?`", line.split("|")[1])
    }
    tree = {file.name for file in (ROOT / "book").iterdir() if file.name not in ("__init__.py", "__pycache__")}
    rooms = {name for name in tree if not name.startswith(".") and (ROOT / "book" / name / "__init__.py").exists()}
    assert rooms - named == set(), "rooms that the map does not name"
    assert named - tree == set(), "names on the map that are not there"


def test_what_the_tables_name_is_there() -> None:
    """Each path below ``book/`` in a table of CONTRIBUTING.md; in capitals stands what one puts in."""
    lines = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    paths = {path for line in lines if line.startswith("|") for path in re.findall(r"`(book/[\w./]+)`", line)}
    assert [path for path in sorted(paths) if not re.search("[A-Z]", path) and not (ROOT / path).exists()] == []
