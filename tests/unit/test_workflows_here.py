"""A workflow run here does its steps in the order of the graph, hands on artifacts, and fails where a step does."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tools import workflows

SMALL = """\
on: push
jobs:
  last:
    needs: [first]
    if: ${{ !cancelled() }}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/download-artifact@0000 # v1.0.0
        with: {pattern: part-*, merge-multiple: true, path: in/}
      - run: test "$(cat in/a in/b)" = "$(printf 'a b\\nb b')" && test ! -e left
      - name: With a secret
        run: test -z "${TOKEN+set}"
        env: {TOKEN: "${{ github.token }}"}
      - if: ${{ github.ref == 'refs/heads/main' }}
        run: "false"
      - run: make release
  first:
    strategy: {matrix: {shard: [a, b]}}
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@0000 # v1.0.0
      - run: touch left; mkdir out; echo "$SHARD $(cat file)" > "out/$SHARD"
        env: {SHARD: "${{ matrix.shard }}"}
      - uses: actions/upload-artifact@0000 # v1.0.0
        with: {name: "part-${{ strategy.job-index }}", path: out/, if-no-files-found: error}
      - if: ${{ failure() }}
        run: touch never
  elsewhere:
    runs-on: ${{ vars.GPU_RUNNER }}
    steps: [{run: "false"}]
  alarm:
    needs: first
    if: ${{ failure() && needs.first.result == 'failure' }}
    runs-on: ubuntu-24.04
    steps: [{run: "false"}]
"""


def repository(folder: Path, text: str) -> Path:
    (folder / workflows.WORKFLOWS).mkdir(parents=True)
    (folder / workflows.WORKFLOWS / "docs.yml").write_text(text)
    (folder / "file").write_text("b\n")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


def test_each_job_runs_after_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert workflows.run(repository(tmp_path, SMALL), "docs", set()) == 0
    said = capsys.readouterr().out
    assert "first: done" in said and "last: done" in said and "elsewhere: left out: GitHub names its machine" in said
    assert "alarm: left out: it waits for something to fail" in said
    for left in ("the value of github.token", "github.ref == 'refs/heads/main'", "make release (it publishes)"):
        assert left in said.partition("Not run here:")[2]
    assert said.index("== first b") < said.index("== last")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("mkdir out;", "mkdir out; no-such-command;"),  # bash -e
        ("> \"out/$SHARD\"", "> /dev/null"),  # nothing to hand on
        ("path: in/", "path: elsewhere/"),
        ("pattern: part-*", "pattern: other-*"),
        ("&& test ! -e left", "&& test -e left"),
        ('test -z "${TOKEN+set}"', "exit 3"),
    ],
)  # fmt: skip
def test_a_broken_step_makes_it_fail(old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert old in SMALL
    assert workflows.run(repository(tmp_path, SMALL.replace(old, new)), "docs", set()) == 1
    assert ": failed" in capsys.readouterr().out


def test_nothing_comes_after_what_failed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert workflows.run(repository(tmp_path, SMALL.replace("touch left;", "exit 1;")), "docs", set()) == 1
    said = capsys.readouterr().out
    assert "last: not run: what it needs failed" in said and "== last" not in said


def test_an_unknown_action_is_refused(tmp_path: Path):
    text = SMALL.replace("actions/upload-artifact", "somebody/uploads")
    with pytest.raises(workflows.CannotRun, match="somebody/uploads"):
        workflows.run(repository(tmp_path, text), "docs", set())


def test_jobs_that_wait_for_each_other_are_refused():
    with pytest.raises(workflows.CannotRun):
        workflows.ordered({"a": {"needs": "b"}, "b": {"needs": ["a"]}})


@pytest.mark.parametrize(
    "file", sorted((workflows.ROOT / workflows.WORKFLOWS).glob("*.yml")), ids=lambda file: file.stem
)
def test_every_step_of_the_book_is_run_or_named(file: Path):
    """And nothing is named that no workflow has."""
    jobs = yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"]
    assert sorted(workflows.ordered(jobs)) == sorted(jobs)
    actions = {str(step["uses"]).partition("@")[0] for job in jobs.values() for step in job["steps"] if "uses" in step}
    assert actions <= workflows.NEEDS_GITHUB.keys() | {"actions/upload-artifact", "actions/download-artifact"}


def test_nothing_is_named_that_no_workflow_has():
    files = (workflows.ROOT / workflows.WORKFLOWS).glob("*.yml")
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in workflows.NEEDS_GITHUB if name not in text] == []
