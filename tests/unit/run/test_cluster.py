"""What can be said about a cluster without one; tests/cluster has the rest."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from book.cli import main
from book.evidence.record import Record
from book.run.cluster import run_here
from tests.unit.miniature import SmallBook


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that passes for Ray until it is used."""
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))


def test_without_ray_the_message_says_how_to_get_it(
    book: SmallBook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["run", "--cluster", "127.0.0.1:9"], book) == 1
    said = capsys.readouterr().err
    assert "Ray is not installed here" in said and "make cluster" in said
    assert not list(book.records.iterdir())


@pytest.mark.parametrize("address", ["host", "host:", ":6379", "host:port", "local", "http://host:80", "a/b:1"])
def test_what_is_no_address_is_refused(ray: None, book: SmallBook, address: str, capsys: pytest.CaptureFixture[str]):
    assert main(["run", "--cluster", address], book) == 1
    assert f"'{address}' is not the address" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["127.0.0.1:9", "ray://127.0.0.1:9", "[::1]:9"])
def test_an_address_where_nothing_listens_is_named(
    ray: None, book: SmallBook, address: str, capsys: pytest.CaptureFixture[str]
):
    assert main(["run", "--cluster", address], book) == 1
    assert f"at {address} does not answer" in capsys.readouterr().err


def test_a_node_runs_the_page_that_the_driver_means(book: SmallBook):
    names = [block.name for block in book.page().blocks]
    answer = run_here(str(book.root), "part/page", names, "cpu")
    assert [one.name for one in answer if isinstance(one, Record)] == names


@pytest.mark.parametrize("change", ["code", "page"])
def test_a_node_with_another_checkout_says_so_and_runs_nothing(book: SmallBook, change: str):
    names = [block.name for block in book.page().blocks]
    if change == "code":
        book.edit(book.snippet, "total / 4", "total / 5")
    else:
        book.zh.unlink()
    (finding,) = run_here(str(book.root), "part/page", names, "cpu")
    assert not isinstance(finding, Record)
    assert finding.file == "docs/zh/part/page.md" and "has other blocks on this page" in finding.problem
    assert "git pull" in finding.remedy
