"""Records are whole or absent, and whatever was done to them is noticed."""

from __future__ import annotations

import errno
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from book.core import store
from book.core.findings import BookError
from book.evidence import record
from book.evidence.record import Circumstances, Record, Result
from tests.unit.miniature import SmallBook

NOW = Circumstances("2026-01-02", "Test, 2 cores", "test", "Linux", 2, "3.11.9", {"numpy": "0"}, ("none",))


def a_record(book: SmallBook, **changes: Any) -> Record:
    versions = {"numpy": record.locked_versions(book)["numpy"][0]}
    outputs = [{"output_type": "stream", "name": "stdout", "text": "一\n"}]
    result = Result(outputs, 0.5, 10, {"x": 1.5}, {"cpu-1.svg": b"<svg/>"})
    return replace(Record("a" * 20, "p", 0, "cpu", replace(NOW, versions=versions), result), **changes)


def test_what_is_saved_is_what_is_loaded(book: SmallBook):
    kept = a_record(book)
    record.save(book, [kept])
    loaded = record.load(book, kept.name)
    assert loaded and loaded.circumstances == kept.circumstances
    assert (loaded.result.outputs, loaded.result.variables) == (kept.result.outputs, kept.result.variables)
    assert record.outdated(book, loaded) is None
    assert record.load(book, "b" * 20) is None
    assert record.load(book, kept.name, "gpu") is None


def test_one_decision_which_record_is_shown(book: SmallBook):
    kept = a_record(book)
    assert record.kept(book, kept.name).state == "missing" and record.shown(book, kept.name) is None
    record.save(book, [replace(kept, device="gpu")])
    assert (shown := record.shown(book, kept.name)) and shown.device == "gpu"
    record.save(book, [kept])
    assert [one.device for one in record.kept(book, kept.name).records] == ["cpu", "gpu"]
    assert (shown := record.shown(book, kept.name)) and shown.device == "cpu"
    record.save(book, [replace(kept, circumstances=NOW)])
    assert (found := record.kept(book, kept.name)).state == "outdated" and "numpy 0" in found.why
    record.path(book, kept.name, "gpu").write_text("{", encoding="utf-8")
    assert (found := record.kept(book, kept.name)).state == "damaged" and found.shown is None
    with pytest.raises(BookError, match="cut off"):
        record.shown(book, kept.name)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: "", "cut off"),
        (lambda text: "[]", "cut off"),
        (lambda text: text.replace('"x": 1.5', '"x": 1.6'), "changed by hand"),
        (lambda text: store.encode({**store.decode(text.encode()), "format": 99}).decode(), "format 99"),
    ],
)
def test_a_spoilt_record_is_named_with_its_remedy(book: SmallBook, spoil, says: str):
    kept = a_record(book)
    record.save(book, [kept])
    file = record.path(book, kept.name, "cpu")
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BookError, match=says) as caught:
        record.load(book, kept.name)
    assert "make run" in caught.value.findings[0].remedy


@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_bytes(b"<svg>other</svg>")])
def test_a_missing_or_changed_picture_is_noticed(book: SmallBook, spoil):
    kept = a_record(book)
    record.save(book, [kept])
    spoil(book.records / kept.name / "cpu-1.svg")
    file = record.path(book, kept.name, "cpu")
    file.touch()
    with pytest.raises(BookError, match=r"picture cpu-1\.svg"):
        record.load(book, kept.name)


def test_a_record_in_the_folder_of_another_is_noticed(book: SmallBook):
    kept = a_record(book)
    record.save(book, [kept])
    (book.records / kept.name).rename(book.records / ("c" * 20))
    with pytest.raises(BookError, match="another block"):
        record.load(book, "c" * 20)


def test_a_record_in_the_place_of_another_device_class_is_noticed(book: SmallBook):
    kept = a_record(book)
    record.save(book, [kept])
    record.path(book, kept.name, "cpu").rename(record.path(book, kept.name, "gpu"))
    with pytest.raises(BookError, match="another device class") as caught:
        record.load(book, kept.name, "gpu")
    assert "git checkout" in caught.value.findings[0].remedy


def test_another_version_of_a_library_makes_a_record_outdated(book: SmallBook):
    kept = a_record(book, circumstances=NOW)
    assert "numpy 0" in str(record.outdated(book, kept))


def test_a_full_disk_loses_nothing(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    kept = a_record(book)
    record.save(book, [kept])
    before = record.path(book, kept.name, "cpu").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BookError, match="the disk is full"):
        record.save(book, [a_record(book, block=5)])
    monkeypatch.undo()
    assert record.path(book, kept.name, "cpu").read_bytes() == before
    assert not list(book.records.rglob("*.part"))


def test_a_disk_that_is_full_for_the_second_record_leaves_the_first_as_it_was(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch
):
    pair = [a_record(book, name=name) for name in ("a" * 20, "b" * 20)]
    record.save(book, pair)
    before = {file: file.read_bytes() for file in book.records.rglob("*") if file.is_file()}
    written = 0

    def full_at_the_third(descriptor: int) -> None:
        nonlocal written
        written += 1
        if written == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_at_the_third)
    with pytest.raises(BookError, match="the disk is full"):
        record.save(book, [replace(one, block=5) for one in pair])
    assert {file: file.read_bytes() for file in book.records.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize(
    ("number", "says", "remedy"),
    [
        (errno.ENOSPC, "the disk is full", "make room"),
        (errno.EACCES, "Permission denied", "let yourself write"),
        (errno.EIO, "Input/output error", "see to the disk"),
    ],
)
def test_a_write_that_fails_is_told_by_its_reason(number: int, says: str, remedy: str):
    (finding,) = store.disk_error(OSError(number, os.strerror(number)), "records").findings
    assert says in finding.problem and remedy in finding.remedy


def test_records_of_former_blocks_are_pruned_and_others_kept(book: SmallBook):
    for name in ("a" * 20, "b" * 20):
        record.save(book, [a_record(book, name=name)])
    (book.records / "README.md").write_text("kept", encoding="utf-8")
    assert record.prune(book, ["a" * 20]) == ["b" * 20]
    assert sorted(file.name for file in book.records.iterdir()) == ["README.md", "a" * 20]


def test_pictures_no_record_refers_to_are_dropped(book: SmallBook):
    kept = a_record(book)
    record.save(book, [kept])
    (book.records / kept.name / "cpu-9.svg").write_bytes(b"left over")
    record.drop_loose_files(book, kept.name)
    assert sorted(f.name for f in (book.records / kept.name).iterdir()) == ["cpu-1.svg", "cpu.json"]


def test_beside_a_damaged_record_nothing_is_dropped(book: SmallBook):
    kept = a_record(book)
    record.save(book, [kept])
    record.path(book, kept.name, "cpu").write_text("{", encoding="utf-8")
    record.drop_loose_files(book, kept.name)
    assert sorted(f.name for f in (book.records / kept.name).iterdir()) == ["cpu-1.svg", "cpu.json"]


def test_a_library_may_be_locked_in_one_version_for_each_python(book: SmallBook):
    """A record made with either of them is fresh wherever the book is built."""
    (book.root / "requirements.txt").write_text(
        "Sci_Py==1.1 ; python_full_version < '3.12' \\\nsci-py==1.2 ; python_full_version >= '3.12'\n"
    )
    assert record.locked_versions(book) == {"sci-py": ("1.1", "1.2")}
    assert record.other_version(book, {"sci-py": "1.1"}) is record.other_version(book, {"sci-py": "1.2"}) is None
    assert record.other_version(book, {"sci-py": "1.0"}) == "sci-py 1.0, requirements.txt has 1.1 or 1.2"


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_the_remedy_of_a_conflict_works(book: SmallBook, side: str):
    def git(*arguments: str) -> int:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        return subprocess.run(["git", *identity, *arguments], cwd=book.root, capture_output=True).returncode

    kept = a_record(book)
    git("init", "-q", "-b", "ours")
    for seconds, branch in ((1.0, "ours"), (2.0, "theirs"), (3.0, "ours")):
        git("checkout", "-q", "-B" if branch == "theirs" else "-q", branch)
        record.save(book, [replace(kept, result=replace(kept.result, seconds=seconds))])
        git("add", "-A")
        assert git("commit", "-qm", branch) == 0
    assert git("merge", "-q", "theirs") == 1
    with pytest.raises(BookError, match="this record holds a conflict of git") as caught:
        record.load(book, kept.name)
    command = re.search(r"git checkout --ours -- \S+", caught.value.findings[0].remedy)
    assert command and git(*command[0].replace("--ours", side).split()[1:]) == 0
    loaded = record.load(book, kept.name)
    assert loaded and loaded.result.seconds == (3.0 if side == "--ours" else 2.0)
