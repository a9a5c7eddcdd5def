"""``coverage.csv`` has a row for every statement of the source chapter, code blocks included.

The chapter lies outside the repository. ``tests/data/chapter.csv`` holds its statements as section and hash, so that a
clone without it finds a row that is missing, changed, or made up; where the chapter is at hand, it is read itself.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from book.core.site import Book, rows

BESIDE = Path(__file__).parents[3] / "shared" / "source" / "chapter-1.1.3.md"
CHAPTER = Path(os.environ.get("SOURCE_CHAPTER", BESIDE))
KEPT = Path(__file__).parents[1] / "data" / "chapter.csv"
SMALL = """\
### 1.2 Heading

One。Two：

- **A**：first。Second。
1. Third。
```python
a = 1

b = 2
```
#### 1.2.1 Another

Fourth
"""


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Yield section and text of each sentence, list item, and code block of the chapter, in their order."""
    section = ""
    code: list[str] | None = None
    for line in text.splitlines():
        heading = re.match(r"#+ ([\d.]+) ", line)
        if line.startswith("```"):
            if code is not None:
                yield section, "\n".join(code)
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        elif heading:
            section = heading[1]
        elif not line.startswith("#"):
            body = re.sub(r"^(- |\d+\. )", "", line.strip())
            yield from ((section, sentence) for sentence in re.findall(r"[^。]+。?", body))


def digest(text: str) -> str:
    """Return the hash by which a statement is kept."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept() -> list[tuple[str, str]]:
    """Return section and hash of each statement as the repository keeps them."""
    with KEPT.open(encoding="utf-8", newline="") as file:
        return [(row["section"], row["sha256"]) for row in csv.DictReader(file)]


def test_statements_of_a_chapter():
    assert list(statements(SMALL)) == [
        ("1.2", "One。"),
        ("1.2", "Two："),
        ("1.2", "**A**：first。"),
        ("1.2", "Second。"),
        ("1.2", "Third。"),
        ("1.2", "a = 1\n\nb = 2"),
        ("1.2.1", "Fourth"),
    ]


def test_every_statement_of_the_chapter_has_its_row():
    found = [(row["source_section"], digest(row["source_sentence"])) for _, row in rows(Book().data / "coverage.csv")]
    assert found == kept()


@pytest.mark.skipif(not CHAPTER.is_file(), reason="the source chapter is not at hand")
def test_the_hashes_are_those_of_the_chapter():
    assert [(section, digest(text)) for section, text in statements(CHAPTER.read_text(encoding="utf-8"))] == kept()
