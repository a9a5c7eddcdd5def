"""What is drawn once is drawn anew when anything changes that it was drawn from, and only then; no byte differs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from book.core import store
from book.core.findings import BookError
from book.core.page import read
from book.core.site import PACKAGE, Book
from book.equations import records as equations
from book.equations.records import EquationRecord, placed
from book.evidence import long_run, record, sweep
from book.evidence.long_run import LongRun
from book.publish import plugin
from book.publish.build import build, build_one, is_current
from book.publish.preview import touched_pages
from tests.unit.publish.test_build import NOW, differences, recorded
from tools.drill.copies import tree_hash

EVERY = {"index", "part/numbers", "part/figures", "part/chance", "part/data"}
TOTALS = {"index"}
"""The first page shows what the whole book adds up to, and the glossary."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """A small book with records, a checked equation, a sweep, the result of a long run and totals; built once."""
    book = recorded(tmp_path_factory.mktemp("drawn"), prepare)
    (one,) = placed(book)
    about = (one.name, one.declaration.id, "part/numbers", one.tex, ("y", "sum"))
    equations.save(book, EquationRecord(*about, 50, (), 0, 0, (), NOW.date, NOW.python, {}))
    page = read(book, "zh", "part/chance")
    sweep.save(book, page.blocks[0], {"accuracy": {"0": 0.9, "1": 0.91}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plugin, "PACKAGE", book.root / "book")
        build(book, book.root / "site")
    shutil.copytree(book.cache / "drawn", book.cache / "drawn-before")
    return book


def prepare(book: Book) -> None:
    shutil.copytree(PACKAGE, book.root / "book", ignore=shutil.ignore_patterns("__pycache__"))
    for language in book.languages:
        file = book.page_file(language, "index")
        text = file.read_text(encoding="utf-8")
        file.write_text(f"{text}\n`{{python}} book.blocks`\n\n<!-- report: pages -->\n\n<!-- glossary -->\n", "utf-8")
    (book.snippets / "part" / "data.py").write_text(
        '# --8<-- [start:digits]\nimport json\n\nsizes = json.load(open("sizes_long.json"))\n# --8<-- [end:digits]\n'
    )
    book.data.mkdir(parents=True)
    (book.data / "glossary.csv").write_text(
        "zh,avoid_zh,zh_definition,en,avoid_en,en_definition,note\n词元,,一段文字,token,,a piece of text,\n", "utf-8"
    )
    keep_long_run(book, b"[1]")


def keep_long_run(book: Book, content: bytes) -> None:
    kept = LongRun("part/sizes_long.py", "0" * 20, store.sha256(content), 60.0, NOW)
    long_run.save(book, book.long / "sizes_long.json", content, kept)


@pytest.fixture
def book(made: Book, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """The book, all of it drawn; what a test changes is put back."""
    folders = (made.root / "docs", made.snippets, made.records, made.root / "book")
    files = [*made.root.glob("*.*"), *(file for folder in folders for file in folder.rglob("*"))]
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in files if file.is_file()}
    shutil.rmtree(made.cache / "drawn")
    shutil.copytree(made.cache / "drawn-before", made.cache / "drawn")
    monkeypatch.setattr(plugin, "PACKAGE", made.root / "book")
    yield made
    for file, (content, changed) in before.items():
        if not file.is_file() or file.read_bytes() != content:
            file.write_bytes(content)
            os.utime(file, ns=(changed, changed))
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and file not in before and file.suffix != ".pyc":
                file.unlink()


def drawn(book: Book, monkeypatch: pytest.MonkeyPatch, target: Path) -> set[str]:
    """Build every language without a word to a warning, and return what was drawn: ``zh/page/part/numbers`` ..."""
    found: set[str] = set()

    def kept(file: Path, key: str, root: Path, make: Callable[[], object]) -> store.Kept:
        def noticed() -> object:
            found.add(file.relative_to(book.cache / "drawn").with_suffix("").as_posix())
            return make()

        return real(file, key, root, noticed)  # type: ignore[arg-type]

    real = store.kept
    with monkeypatch.context() as patch:
        patch.setattr(store, "kept", kept)
        for language in book.languages:
            build_one(book, language, target / language, strict=False, site_url=None)
    return found


def pages(found: set[str]) -> set[str]:
    """Return ``LANGUAGE/NAME`` of each page of which anything was drawn."""
    return {f"{one.split('/')[0]}/{one.split('/', 2)[2]}" for one in found}


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def rerecord(book: Book, name: str, device: str) -> None:
    block = read(book, "zh", name).blocks[0]
    kept = record.load(book, block.name)
    assert kept
    figures = {figure: (book.records / block.name / figure).read_bytes() for figure in kept.result.figures}
    result = record.Result(kept.result.outputs, 0.7, 10, kept.result.variables, figures)
    record.save(book, [record.Record(block.name, name, 0, device, NOW, result)])


def recheck(book: Book) -> None:
    file = next((book.records / "equations").glob("*.json"))
    raw = store.load(file)
    assert raw
    store.write(file, store.encode({**raw, "inputs": 77}))


def both(*names: str) -> set[str]:
    return {f"{language}/{name}" for language in Book().languages for name in names}


CHANGES: dict[str, tuple[Callable[[Book], object], set[str]]] = {
    "a page's text": (
        lambda book: edit(book.page_file("en", "part/chance"), "The result is", "It is"),
        {"en/part/chance", "en/index"},
    ),
    "a page's text, and totals": (
        lambda book: edit(book.page_file("zh", "part/chance"), "结果是", "是"),
        {"zh/part/chance", *both("index")},
    ),
    "a snippet": (lambda book: edit(book.snippets / "part/chance.py", "0.896", "0.895"), both("part/chance", "index")),
    "a comment that is shown": (
        lambda book: edit(book.snippets / "part/chance.py", "seed = 0", "seed = 0  # any"),
        both("part/chance", "index"),
    ),
    "a record": (lambda book: rerecord(book, "part/figures", "cpu"), both("part/figures", "index")),
    "a record from a GPU": (lambda book: rerecord(book, "part/figures", "gpu"), both("part/figures", "index")),
    "a sweep": (
        lambda book: sweep.save(book, read(book, "zh", "part/chance").blocks[0], {"accuracy": {"0": 0.8}}),
        both("part/chance"),
    ),
    "the result of a long run": (lambda book: keep_long_run(book, b"[1, 2]"), both("part/data", "index")),
    "how a long run came about": (
        lambda book: edit(book.long / "sizes_long.run.json", '"digest"', '"digest" '),
        both("part/data"),
    ),
    "the record of an equation": (recheck, both("part/numbers", "index")),
    "what an equation means": (
        lambda book: edit(book.snippets / "part/numbers_equations.py", '"n": "size"', '"n": "size(1,2)"'),
        both("part/numbers", "index"),
    ),
    "the glossary": (lambda book: edit(book.data / "glossary.csv", "a piece", "one piece"), both("index")),
    "locked versions": (lambda book: edit(book.root / "requirements.txt", "numpy==", "numpy==1"), both(*EVERY)),
    "words": (lambda book: edit(book.root / "book/words/en.json", "Output", "Prints"), both(*EVERY)),
    "code of the package": (
        lambda book: edit(book.root / "book/draw/tables.py", "import html", "import html "),
        both(*EVERY),
    ),
    "a configuration": (
        lambda book: edit(book.root / "mkdocs.yml", "toc_depth: 3", "toc_depth: 2"),
        both(*EVERY),
    ),
    "the book's own": (
        lambda book: edit(book.root / "book.toml", "page_seconds = 120", "page_seconds = 119"),
        both(*EVERY),
    ),
    "MathJax": (
        lambda book: edit(book.root / "package.json", '"mathjax-full": "', '"mathjax-full": "~'),
        both(*EVERY),
    ),
}


EDITION = ("code of the package", "a configuration", "the book's own", "MathJax")
"""What every page depends on by the edition, as it does on words."""


@pytest.mark.parametrize("change", [change for change in CHANGES if change not in EDITION])
def test_what_depends_on_a_change_is_drawn_anew_and_nothing_else(
    book: Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, change: str
):
    make, expected = CHANGES[change]
    make(book)
    found = drawn(book, monkeypatch, tmp_path / "after")
    assert pages(found) == expected
    if expected == both(*EVERY):
        kept = book.cache / "drawn"
        assert found == {file.relative_to(kept).with_suffix("").as_posix() for file in kept.rglob("*.json")}
    else:
        cold(book, tmp_path / "cold")
        assert differences(tmp_path / "after", tmp_path / "cold") == []


@pytest.mark.parametrize("change", EDITION)
def test_what_every_page_depends_on_makes_another_edition(book: Book, change: str):
    make, expected = CHANGES[change]
    before = plugin.edition(book)
    make(book)
    assert plugin.edition(book) != before and expected == both(*EVERY)


def cold(book: Book, target: Path) -> None:
    """Build every language as if nothing had been drawn before."""
    away = book.cache / "drawn"
    away.rename(away.with_name("away"))
    try:
        for language in book.languages:
            build_one(book, language, target / language, strict=False, site_url=None)
    finally:
        shutil.rmtree(away)
        away.with_name("away").rename(away)


def test_where_nothing_changed_nothing_is_drawn_or_built(book: Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    assert drawn(book, monkeypatch, tmp_path / "again") == set()
    site = book.root / "site"
    before = tree_hash(site)
    with monkeypatch.context() as patch:
        patch.delattr("book.publish.build.build_one")
        assert build(book, site) == {}
    assert tree_hash(site) == before and is_current(book, site)
    assert not is_current(Book(book.root, book.executed), site), "of other records it would be another one"
    page = site / "part" / "chance" / "index.html"
    page.write_text("by hand", encoding="utf-8")
    assert not is_current(book, site)
    assert set(build(book, site)) == set(book.languages), "what somebody changed in the site is built anew"
    assert tree_hash(site) == before


def test_an_edit_that_is_taken_back_gives_the_same_bytes(book: Book):
    site = book.root / "site"
    build(book, site)
    before, file = tree_hash(site), book.page_file("zh", "part/chance")
    text = file.read_text(encoding="utf-8")
    edit(file, "结果是", "是")
    assert not is_current(book, site)
    build(book, site)
    assert tree_hash(site) != before and is_current(book, site)
    file.write_text(text, encoding="utf-8")
    build(book, site)
    assert tree_hash(site) == before


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b'{"key": 1}', b"\xff", b"edited"])
def test_what_is_kept_and_damaged_is_drawn_anew(
    book: Book, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bytes
):
    file = book.cache / "drawn" / "zh" / "page" / "part" / "chance.json"
    whole = file.read_bytes()
    file.write_bytes(damage if damage != b"edited" else whole.replace("结果是".encode(), "结果非".encode()))
    assert drawn(book, monkeypatch, tmp_path) == {"zh/page/part/chance"}
    assert file.read_bytes() == whole


def test_where_nothing_can_be_kept_the_site_is_the_same(book: Book, tmp_path: Path):
    shutil.rmtree(book.cache / "drawn")
    (book.cache / "drawn").write_text("in the way")
    try:
        build_one(book, "zh", tmp_path / "without", strict=True, site_url=None)
    finally:
        (book.cache / "drawn").unlink()
        (book.cache / "drawn").mkdir()
    build_one(book, "zh", tmp_path / "with", strict=True, site_url=None)
    assert differences(tmp_path / "without", tmp_path / "with") == []


def test_what_changes_while_it_is_read_is_not_kept(tmp_path: Path):
    source, kept = tmp_path / "source", tmp_path / "kept.json"
    source.write_text("old")

    def slow() -> dict[str, str]:
        store.note(source)
        text = source.read_text()
        source.write_text("newer")
        return {"text": text}

    assert store.kept(kept, "", tmp_path, slow).content == {"text": "old"}
    assert not kept.exists()
    assert store.kept(kept, "", tmp_path, lambda: {"text": source.read_text()}).content == {"text": "newer"}


def test_a_page_that_is_warned_of_is_warned_of_each_time(book: Book, tmp_path: Path):
    edit(book.page_file("zh", "part/chance"), "结果是", "[结果](gone.md)是")
    for _ in range(2):
        with pytest.raises(BookError) as caught:
            build_one(book, "zh", tmp_path, strict=True, site_url=None)
        first, last = caught.value.findings
        assert first.file == "docs/zh/part/chance.md" and "gone.md" in first.problem
        assert last.file == "mkdocs.yml" and "not built" in last.problem


def test_a_link_is_looked_at_anew_when_its_target_goes(book: Book, tmp_path: Path):
    (book.docs("zh") / "notes.txt").write_text("words", encoding="utf-8")
    edit(book.page_file("zh", "part/chance"), "结果是", "[结果](../notes.txt)是")
    build_one(book, "zh", tmp_path, strict=True, site_url=None)
    (book.docs("zh") / "notes.txt").unlink()
    with pytest.raises(BookError, match=r"notes\.txt"):
        build_one(book, "zh", tmp_path, strict=True, site_url=None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("the result of a long run", both("part/data", "index")),
        ("the record of an equation", both("part/numbers", "index")),
        ("what an equation means", both("part/numbers", "index")),
        ("a page's text", {"en/part/chance", "en/index"}),
        ("a sweep", both("part/chance")),
        ("a configuration", None),
        ("the book's own", None),
    ],
)
def test_the_preview_draws_the_pages_that_a_change_touches(
    book: Book, tmp_path: Path, change: str, expected: set[str] | None
):
    reads = {each: build_one(book, each, tmp_path / each, strict=False, site_url=None) for each in book.languages}
    before = {file: store.state(file) for file in book.root.rglob("*") if file.is_file() and ".cache" not in file.parts}
    CHANGES[change][0](book)
    changed = {file for file, state in before.items() if store.state(file) != state}
    touched = touched_pages(book, changed, reads)
    assert (touched and {f"{each}/{name}" for each, names in touched.items() for name in names}) == expected


def test_whatever_is_read_while_a_page_is_drawn_is_noted(book: Book):
    """Asked of Python itself, which tells of every file that is opened."""
    code = """if True:
        import sys
        from pathlib import Path
        from book.core import store
        from book.core.site import Book
        from book.publish.build import build_one
        book, opened, missed = Book(Path.cwd()), [], set()
        sys.addaudithook(lambda event, args: event == "open" and opened and opened[-1].add(str(args[0])))
        real = store.kept
        def kept(file, key, root, make):
            opened.append(set())
            found = real(file, key, root, make)
            known = {str(each) for each in found.reads}
            missed.update(each for each in opened.pop() - known if each.startswith(str(root)))
            return found
        store.kept = kept
        build_one(book, "zh", Path("unwatched"), strict=False, site_url=None)
        print(*sorted(missed), sep="\\n")
    """
    shutil.rmtree(book.cache / "drawn")
    environment = {**os.environ, "PYTHONPATH": str(book.root)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=book.root, env=environment, check=True, capture_output=True, text=True
    )
    own = {str(book.root / name) for name in ("package.json", "book.toml", "mkdocs.yml", "mkdocs.en.yml")}
    edition = (str(book.root / "book"), str(book.root / "node_modules"), str(book.cache))
    assert [each for each in done.stdout.splitlines() if not each.startswith(edition) and each not in own] == []
    shutil.rmtree(book.root / "unwatched")
