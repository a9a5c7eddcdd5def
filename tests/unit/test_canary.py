"""The canary names page, block, and versions, and never opens a second issue."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from book.core.page import read
from book.core.site import Book
from tools import canary
from tools.canary import Failure

JUNIT = """\
<testsuites><testsuite>
<testcase classname="docs.zh.a.md" name="line 3"><properties><property name="page" value="a"/>
<property name="part" value="block 1"/></properties><failure message="x">docs/zh/a.md:3: it differs
    accuracy: 0.9 became 0.1</failure></testcase>
<testcase classname="docs.zh.a.md" name="line 9"><properties><property name="page" value="a"/>
<property name="part" value="block 2"/></properties><failure message="x">not run: block 1 of this page failed</failure>
</testcase>
<testcase classname="docs.zh.b.md" name="line 9"/>
<testcase classname="tests.unit.test_x" name="test_y"><error message="short">long</error></testcase>
</testsuite></testsuites>
"""


def test_the_blocks_that_failed_by_themselves_are_named(tmp_path: Path):
    (tmp_path / "junit.xml").write_text(JUNIT)
    count, found = canary.failures(tmp_path / "junit.xml")
    assert count == 4
    assert [each.where for each in found] == ["page a, block 1", "tests.unit.test_x::test_y"]
    assert "became 0.1" in found[0].message


def test_pytest_reports_page_and_block(tmp_path: Path):
    """Of a page of this book whose first block is made to fail: nothing of it is run."""
    book = Book()
    name = next(name for name in book.page_names("zh") if read(book, "zh", name).blocks)
    (tmp_path / "fails.py").write_text(
        "from book.run import session\n"
        "def refuse(*_, **__): raise ValueError('the newest kernel does not start')\n"
        "session.PageRun.__enter__ = refuse\n"
    )
    command = [sys.executable, "-m", "pytest", "--noconftest", "-p", "book.pytest_plugin", "-p", "fails", "-q"]
    page = str(book.docs("zh") / f"{name}.md")
    subprocess.run(
        [*command, "--codeblocks", "-k", "line", f"--junitxml={tmp_path / 'junit.xml'}", page],
        cwd=book.root, env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTEST_ADDOPTS": ""}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _, found = canary.failures(tmp_path / "junit.xml")
    assert found[0].where == f"page {name}, block 1" and "the newest kernel" in found[0].message


def checkout(folder: Path, a: str, b: str, c: str) -> Path:
    (folder / "requirements").mkdir(parents=True)
    (folder / "requirements" / "book.in").write_text(f"# needs\na=={a}  # why\nOld\n")
    (folder / "requirements.txt").write_text(
        f"a=={a} \\\n    --hash=sha256:0\nb[x]=={b} ; python_version > '3'\n"
        "b==0 ; python_version < '3' \\\n    --hash\nold==1\n"
    )
    (folder / "package.json").write_text(json.dumps({"devDependencies": {"c": c}}))
    (folder / "package-lock.json").write_text(
        json.dumps({"packages": {"": {"version": "0"}, "node_modules/c": {"version": c}}})
    )
    return folder


def test_the_issue_names_the_versions_that_changed(tmp_path: Path):
    before, after = (
        checkout(tmp_path / "before", "1.0", "2.0", "3.0"),
        checkout(tmp_path / "after", "1.1", "2.1", "3.1"),
    )
    said = canary.text(
        canary.versions(before), canary.versions(after),
        [Failure("page a, block 1", "```\n@everybody " + "x" * 1000)] * 50, 60, canary.direct(after),
    )  # fmt: skip
    assert "50 of 60" in said and "And 10 more." in said and said.count("### page a, block 1") == canary.MOST_FAILURES
    assert "| a | 1.0 | 1.1 |" in said and "| npm:c | 3.0 | 3.1 |" in said and "b 2.0 → 2.1" in said
    assert "old" not in said.partition("## Versions")[2].partition("To try it")[0]
    assert len(said) < 65_536 and said.count("```") == 2 * canary.MOST_FAILURES


def test_it_locks_as_the_book_is_locked():
    """For this Python the newest that it may have: what suits 3.11.0, too, may be years older."""
    said = re.search(r"^LOCK = \S+ (.*\n.*)$", (Book().root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert said
    assert {each for each in said[1].split() if not each.startswith(("--no-", "\\"))} <= set(canary.COMPILE)


def test_pins_are_taken_away(tmp_path: Path):
    clone = checkout(tmp_path / "clone", "1.0", "2.0", "3.0")
    canary.unpin(clone)
    assert (clone / "requirements" / "book.in").read_text() == "# needs\na  # why\nOld\n"
    assert json.loads((clone / "package.json").read_text())["devDependencies"] == {"c": "latest"}
    assert not (clone / "requirements.txt").exists() and not (clone / "package-lock.json").exists()


@pytest.mark.parametrize(("there", "does"), [("", "issue create"), ("7", "issue edit 7")])
def test_there_is_one_issue(there: str, does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n[ "$1 $2" != "issue list" ] || echo "{there}"\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    canary.report(tmp_path / "issue.md")
    label, asked, last = (tmp_path / "calls").read_text().splitlines()
    assert label.startswith("label create canary --force") and "--state open" in asked
    assert last.startswith(does) and last.endswith(f"--body-file {tmp_path}/issue.md")
