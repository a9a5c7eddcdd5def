"""A build gives the same bytes for the same files, and a site is replaced whole or not at all."""

from __future__ import annotations

import os
import re
import resource
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from book.core.findings import BookError
from book.core.page import read
from book.core.site import Book
from book.core.store import Taken, locked
from book.evidence import record
from book.evidence.record import Circumstances, Record, Result
from book.publish.build import build, source_date
from tests.unit.miniature import only_finding
from tools.drill.copies import tree_hash
from tools.drill.small import write

NOW = Circumstances("2026-01-02", "Test, 2 cores", "test", "Linux", 2, "3.11.9", {})
FIGURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="9pt" height="9pt"></svg>'
VARIABLES = {"seed": 0, "total": 3, "accuracy": 0.9}


def recorded(root: Path, prepare: Callable[[Book], None] = lambda book: None) -> Book:
    """The small book of the drill, with made-up records of its blocks."""
    book = write(root)
    prepare(book)
    for name in book.page_names("zh"):
        for block in read(book, "zh", name).blocks:
            outputs: list[dict[str, Any]] = [
                {"output_type": "stream", "name": "stdout", "text": "一\n"},
                {"output_type": "display_data", "metadata": {}, "data": {"figure": "cpu-1.svg"}},
            ]
            result = Result(outputs, 0.5, 10, VARIABLES, {"cpu-1.svg": FIGURE})
            record.save(book, [Record(block.name, name, block.index, "cpu", NOW, result)])
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The small book, its site built into ``site``."""
    small = recorded(tmp_path_factory.mktemp("small"))
    build(small, small.root / "site")
    return small


@pytest.fixture
def site(book: Book) -> Iterator[Path]:
    """The site, which is to be the same after a test as before it, with nothing beside it."""
    folder = book.root / "site"
    before = tree_hash(folder)
    yield folder
    assert tree_hash(folder) == before
    assert not list(book.root.glob(".site*"))


def test_both_sites_are_there(site: Path):
    for page in ("index.html", "part/figures/index.html", "404.html", "sitemap.xml", "search/search_index.json"):
        assert (site / page).is_file() and (site / "en" / page).is_file()
    assert '<html lang="zh' in (site / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en' in (site / "en" / "index.html").read_text(encoding="utf-8")


def test_another_folder_process_and_time_zone_give_the_same_bytes(site: Path, tmp_path: Path):
    other = recorded(tmp_path / "elsewhere").root
    code = "from pathlib import Path; from book.publish.build import build; from book.core.site import Book\n"
    code += "build(Book(), Path('site'))"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "PYTHONPATH": str(other)}
    subprocess.run(
        [sys.executable, "-c", code], cwd=other, env=environment, check=True, timeout=60, capture_output=True
    )
    assert differences(site, other / "site") == []


def differences(one: Path, other: Path) -> list[str]:
    contents = [
        {f.relative_to(s).as_posix(): f.read_bytes() for f in s.rglob("*") if f.is_file()} for s in (one, other)
    ]
    return sorted(
        name for name in contents[0].keys() | contents[1].keys() if contents[0].get(name) != contents[1].get(name)
    )


def test_the_only_time_in_a_site_is_not_that_of_the_build(book: Book, site: Path):
    stamps = {struct.unpack_from("<I", file.read_bytes(), 4)[0] for file in site.rglob("sitemap.xml.gz")}
    assert stamps == {source_date(book)}


def test_the_time_is_that_of_the_last_run_or_of_the_last_commit(book: Book, tmp_path: Path):
    assert source_date(book) == 1767312000  # 2026-01-02
    date = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    for command in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "a", "--allow-empty"],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, env={**os.environ, **date}, check=True, timeout=60)
    assert source_date(Book(tmp_path)) == 1700000000


def test_no_time_is_left_in_the_environment(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with _changed(book.page_file("zh", "index"), "# ", "# [x](missing.md) "), pytest.raises(BookError):
        build(book, tmp_path / "site")
    assert "SOURCE_DATE_EPOCH" not in os.environ


@contextmanager
def _changed(file: Path, old: str, new: str) -> Iterator[None]:
    before = file.read_text(encoding="utf-8")
    assert old in before
    file.write_text(before.replace(old, new, 1), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(before, encoding="utf-8")


def test_a_template_that_was_edited_is_compiled_anew(book: Book, tmp_path: Path):
    with _changed(book.root / "theme" / "404.html", "<h1", '<h1 data-edited="1"'):
        build(book, tmp_path / "site", languages=["zh"], views=False)
    assert 'data-edited="1"' in (tmp_path / "site" / "404.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_build_that_fails_leaves_the_old_site(book: Book, site: Path, language: str):
    with _changed(book.page_file(language, "index"), "# ", "# [x](missing.md) "), pytest.raises(BookError) as caught:
        build(book, site)
    warned, last = caught.value.findings
    assert warned.file == f"docs/{language}/index.md" and "missing.md" in warned.problem
    assert last.file == f"mkdocs{'' if language == 'zh' else '.en'}.yml"


def test_a_full_disk_is_one_message_and_leaves_the_old_site(book: Book, site: Path):
    with _files_of_at_most(50_000), pytest.raises(BookError, match="the disk is full") as caught:
        build(book, site, anew=True)
    assert "make room" in only_finding(caught.value).remedy


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_a_killed_build_left_is_tidied_up(book: Book, site: Path):
    (book.root / ".site.new").mkdir()
    (book.root / ".site.new" / "half.html").write_text("half")
    site.rename(book.root / ".site.old")  # killed between the two renames: the old site comes back
    with _files_of_at_most(50_000), pytest.raises(BookError):
        build(book, site, anew=True)


def test_a_folder_with_something_else_is_not_replaced(book: Book, site: Path, tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("the only copy")
    with pytest.raises(BookError, match="something other than a site"):
        build(book, tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "the only copy"


def test_a_site_below_a_prefix(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SITE_URL", "https://example.org/book")
    build(book, tmp_path / "site")
    for page, address in (("part/figures", "part/figures/"), ("en/part/figures", "en/part/figures/")):
        html = (tmp_path / "site" / page / "index.html").read_text(encoding="utf-8")
        assert f'<link rel="canonical" href="https://example.org/book/{address}">' in html
        absolute = re.findall(r'(?:href|src)="(/[^"]*)"', html)
        assert not absolute, f"these leave the prefix: {absolute}"
    for sitemap, root in (("sitemap.xml", ""), ("en/sitemap.xml", "en/")):
        text = (tmp_path / "site" / sitemap).read_text(encoding="utf-8")
        assert f"<loc>https://example.org/book/{root}part/figures/</loc>" in text


def test_a_lock_is_held_by_one_and_ends_with_it(tmp_path: Path):
    file = tmp_path / "a.lock"
    code = "import sys; from pathlib import Path; from book.core.store import locked\n"
    code += "with locked(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        with pytest.raises(Taken, match=f"^{holder.pid}$"), locked(file):
            pass
        holder.kill()
    with locked(file), pytest.raises(Taken), locked(file):
        pass
