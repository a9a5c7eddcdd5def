"""A document is marked alike in all rows; a row about a model is as well read as the least of its sources."""

from __future__ import annotations

import pytest

from book.check import readings, tables
from tests.unit.miniature import SmallBook

CITATIONS = "id,authors,year,title,link,place,number,verified,note\n{}"
MODELS = "id,parameters_source,compute_source,data_source,verified\n{}"


def found(book: SmallBook, citations: str, models: str = "") -> list[tuple[str, int, str]]:
    book.data.mkdir(exist_ok=True)
    (book.data / "citations.csv").write_text(CITATIONS.format(citations), encoding="utf-8")
    (book.data / "models.csv").write_text(MODELS.format(models), encoding="utf-8")
    return [(each.file.rpartition("/")[2], each.line, each.problem) for each in readings.marks(book)]


def test_the_rows_of_a_document_have_one_mark(book: SmallBook):
    rows = "a,,,,https://a,section 1,,opened,\nb,,,,https://b,abstract,,abstract,\nc,,,,https://a,,,{},\n"
    assert not found(book, rows.format("opened"))
    says = "'c' is secondary, 'a', the same document, opened"
    assert found(book, rows.format("secondary")) == [("citations.csv", 4, says)]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("https://a,,https://a,opened", ""),
        ("https://a,6ND,,opened", ""),
        ("https://a,,https://b,abstract", ""),
        ("https://a,https://b,,opened", "'m' is opened, 'b' of citations.csv, a source of it, abstract"),
        ("https://b,https://c,,abstract", "'m' is abstract, 'c' of citations.csv, a source of it, secondary"),
        ("https://a,6ND,,secondary", "'m' is secondary, 'a' of citations.csv, a source of it, opened"),
        ("https://a,https://elsewhere,,secondary", ""),
        ("https://elsewhere,,,opened", ""),
    ],
)
def test_a_row_is_as_well_read_as_the_least_of_its_sources(book: SmallBook, row: str, says: str):
    citations = "a,,,,https://a,,,opened,\nb,,,,https://b,abstract,,abstract,\nc,,,,https://c,,,secondary,\n"
    assert found(book, citations, f"m,{row}\n") == ([("models.csv", 2, says)] if says else [])


@pytest.mark.parametrize(
    ("place", "mark", "right"),
    [
        ("abstract", "abstract", True), ("section 1", "opened", True), ("abstract; section 1", "opened", True),
        ("abstract", "secondary", True), ("abstract", "opened", False), ("section 1", "abstract", False),
        ("section 1", "unverified", False),
    ],
)  # fmt: skip
def test_abstract_is_said_where_that_alone_was_read(book: SmallBook, place: str, mark: str, right: bool):
    found(book, f"a,,,,https://a,{place},,{mark},\n")
    (book.data / "models.csv").unlink()
    assert (not list(tables.findings(book, {}))) == right
