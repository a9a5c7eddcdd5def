"""The rules of the tables in book.toml are held, and each slip in a table is named with its line."""

from __future__ import annotations

import csv
import io

import pytest

from book.check import readings, tables
from book.cli import main
from book.core.findings import BookError
from book.core.site import Book
from tests.unit.miniature import SmallBook

DATA = Book().data


def spoil(book: SmallBook, name: str, row: int, cells: dict[str, str]) -> list[tuple[int, str]]:
    """Give the miniature a table of the book with some cells of one of its rows changed; return what is found."""
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    rows[row] |= cells
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    book.data.mkdir(exist_ok=True)
    (book.data / name).write_text(text.getvalue(), encoding="utf-8")
    return [(finding.line, finding.problem) for finding in tables.findings(book, {})]


@pytest.mark.parametrize(
    ("row", "cells", "says"),
    [
        (0, {"organization": ""}, "no organization"),
        (0, {"date": "1998"}, "has no day (Invalid isoformat"),
        (1, {"domain": "sound"}, "of the domain 'sound'"),
        (1, {"open": "perhaps"}, "open: 'perhaps'"),
        (1, {"verified": "unverified"}, "not verified"),
        (1, {"parameters": "sixty million"}, "parameters without a number"),
        (1, {"parameters": "inf"}, "'inf' is not finite"),
        (1, {"parameters_source": "a paper"}, "parameters without a number, a source"),
        (1, {"active_parameters": "7e7"}, "more active parameters"),
        (1, {"training_compute": "-1"}, "compute without a number"),
        (1, {"compute_kind": ""}, "whose number its compute is"),
        (1, {"compute_kind": "computed", "training_compute": ""}, "cannot be computed as 6ND"),
        (1, {"compute_place": "somewhere"}, "whose estimate"),
        (1, {"data_unit": ""}, "without a unit"),
        (1, {"data_place": ""}, "training data without a number"),
    ],
)
def test_a_wrong_cell_of_the_table_of_models_is_named_with_its_line(
    book: SmallBook, row: int, cells: dict[str, str], says: str
):
    found = spoil(book, "models.csv", row, cells)
    assert [line for line, problem in found if says in problem] == [row + 2], found


@pytest.mark.parametrize(
    ("row", "cells", "says"),
    [
        (3, {"id": "lenet-5"}, "'lenet-5' is already in line 2"),
        (3, {"date": "1999-01-01"}, "not in the order of their days"),
        (-1, {"date": "2027-01-01"}, "from 1998 to 2026"),
    ],
)
def test_what_the_whole_table_must_be_is_checked(book: SmallBook, row: int, cells: dict[str, str], says: str):
    assert any(says in problem for _, problem in spoil(book, "models.csv", row, cells))


def test_the_place_of_a_covered_sentence_exists_in_both_languages(book: SmallBook):
    book.data.mkdir()
    (book.data / "coverage.csv").write_text(
        "source_section,source_sentence,page,anchor,status\n"
        "1,A,part/page,top,covered\n1,B,part/page,nowhere,covered\n1,C,no/page,top,covered\n1,D,,,later\n"
        "1.1.3.4.2,E,,,later\n1,F,,,someday\n",
        encoding="utf-8",
    )
    pages = {(language, "part/page"): book.page(language) for language in book.languages}
    assert [finding.line for finding in tables.findings(book, pages)] == [3, 4, 6, 7]
    book.edit(book.en, "{#top}", "{#other}")
    pages["en", "part/page"] = book.page("en")
    assert [finding.line for finding in tables.findings(book, pages)] == [2, 3, 4, 6, 7]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"id,link,place,verified\na,https://a,,opened,more\n", [(2, "cells")]),
        (b"id,link,place,verified\na,https://a,\n", [(2, "cells")]),
        ("\ufeffid,link,place,verified\na,https://a,,opened\n".encode(), [(1, "byte order mark")]),
        ("id,link,place,verified\n李,https://a,,opened\n".encode("gbk"), [(0, "not UTF-8")]),
    ],
)
def test_a_table_that_cannot_be_read_as_it_is_meant_is_named(
    book: SmallBook, content: bytes, found: list[tuple[int, str]]
):
    book.data.mkdir()
    (book.data / "citations.csv").write_bytes(content)
    result = list(tables.findings(book, {}))
    assert [finding.line for finding in result] == [line for line, _ in found]
    assert all(says in finding.problem for finding, (_, says) in zip(result, found, strict=True))


@pytest.mark.parametrize("name", ["citations.csv", "datasets.csv", "figure_words.csv", "productivity.csv"])
def test_a_row_that_came_back_beside_its_new_version_is_named(book: SmallBook, name: str):
    """As a merge leaves them."""
    with (DATA / name).open(encoding="utf-8", newline="") as source:
        key, first = next(iter(next(csv.DictReader(source)).items()))
    assert (3, f"{first!r} is already in line 2") in spoil(book, name, 1, {key: first})


def test_a_table_without_the_column_that_must_be_unique_is_named(book: SmallBook):
    book.data.mkdir()
    (book.data / "datasets.csv").write_text("archive,manager\na,pip\n", encoding="utf-8")
    (finding,) = tables.findings(book, {})
    assert (finding.line, finding.problem) == (1, "it has no column file, of which a rule speaks")


def test_a_rule_that_cannot_be_computed_is_the_configurations_fault(book: SmallBook):
    book.edit(book.root / "book.toml", 'must = "link"', 'must = "lnik"')
    assert spoil(book, "citations.csv", 0, {}) == [(1, "it has no column lnik, of which a rule speaks")]
    book.edit(book.root / "book.toml", 'must = "lnik"', 'must = "number(link, link)"')
    with pytest.raises(BookError, match=r"a rule of citations\.csv cannot be computed: TypeError"):
        spoil(book, "citations.csv", 0, {})


def test_a_row_that_changes_after_its_source_was_read_is_read_again(
    book: SmallBook, capsys: pytest.CaptureFixture[str]
):
    book.data.mkdir()
    table = book.data / "citations.csv"
    table.write_text(
        "id,link,place,number,verified\na,https://a,,175 billion,opened\nb,https://b,,opened\n", encoding="utf-8"
    )

    def found() -> list[tuple[str, int, str]]:
        return [(finding.file, finding.line, finding.problem) for finding in readings.findings(book)]

    assert [line for _, line, _ in found()] == [2, 3]
    assert main(["confirm", "citations.csv", "a", "b"], book) == 0
    assert found() == []
    book.edit(table, "175 billion", "195 billion")
    assert found() == [("docs/data/citations.csv", 2, "'a' has changed since it was read in its source")]
    book.edit(table, "b,https://b,,opened\n", "")
    assert ("docs/data/readings.csv", 0, "citations.csv has no row 'b'") in found()
    assert main(["confirm", "citations.csv", "a"], book) == 0
    assert found() == []
    assert main(["confirm", "citations.csv", "c"], book) == 1 and main(["confirm", "coverage.csv", "a"], book) == 1
    assert "there is no row 'c'" in capsys.readouterr().err
