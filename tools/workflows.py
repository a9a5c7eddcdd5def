"""The commands of a workflow, run here job by job, in the order of its graph, from a clean clone.

So a broken step is seen before GitHub sees it. What needs GitHub itself is not run, and is named with the reason
(``NEEDS_GITHUB``); artifacts are handed on through a folder. An expression whose value only GitHub knows is listed and
not guessed: a variable of it stays unset, a step with such a condition is left out.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tools import surroundings

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = Path(".github") / "workflows"
NEEDS_GITHUB = {
    "actions/checkout": "the clone takes its place",
    "./.github/actions/setup": "this machine's Python and Node.js take its place",
    "actions/configure-pages": "GitHub alone knows the address of the site",
    "actions/upload-pages-artifact": "only GitHub Pages takes it",
    "actions/deploy-pages": "it publishes",
    "actions/attest-build-provenance": "GitHub signs it",
    "make repeated": "it asks GitHub what another workflow repeated",
    "make fonts": "it installs packages of the system",
    "make canary-issue": "it writes an issue",
    "make release": "it publishes",
}
KEPT = (".venv", ".venv-*", "node_modules", ".cache/data")
"""What one job leaves to the next, to save the time: what is installed and downloaded, verified by hash. On GitHub each
job makes it anew."""

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class CannotRun(Exception):
    """A workflow has something that this program does not know."""


@dataclass
class Run:
    """One run of a workflow, and what came of it."""

    workflow: Mapping[str, Any]
    clone: Path
    artifacts: Path
    results: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def all(self, wanted: set[str]) -> bool:
        """Run the jobs, or some; return whether none failed."""
        for name in ordered(self.workflow["jobs"]):
            job = self.workflow["jobs"][name]
            if wanted and name not in wanted:
                self.results[name] = "not asked for"
            elif "${{" in str(job["runs-on"]):
                self.results[name] = f"left out: GitHub names its machine, {job['runs-on']}"
            elif "failure()" in str(job.get("if", "")):
                self.results[name] = "left out: it waits for something to fail"
            elif any(self.results[need] == "failed" for need in needs(job)):
                self.results[name] = "not run: what it needs failed"
            else:
                if "if" in job:
                    self._leave_out(name, f"its condition: {_one_line(job['if'])}")
                shards = [self._job(name, job, known) for known in matrix(job)]
                self.results[name] = "failed" if not all(shards) else "done"
        return "failed" not in self.results.values()

    def _leave_out(self, job: str, what: str) -> None:
        self.left_out.append(f"{job}: {what}")

    def _job(self, name: str, job: Mapping[str, Any], known: Mapping[str, str]) -> bool:
        """Run one job, with one choice of its matrix, in the clone as git has it."""
        shown = f"{name} {' '.join(value for key, value in known.items() if key.startswith('matrix.'))}".strip()
        git = ["git", "-C", str(self.clone)]
        kept = [word for each in KEPT for word in ("-e", each)]
        subprocess.run([*git, "clean", "-qxdf", *kept], check=True)
        subprocess.run([*git, "reset", "-q", "--hard"], check=True)
        failed = False
        for step in job["steps"]:
            condition = str(step.get("if", "success()")).removeprefix("${{").removesuffix("}}").strip()
            if condition not in ("success()", "failure()", "always()"):
                self._leave_out(shown, f"{_title(step)} (if {_one_line(condition)})")
            elif condition == "always()" or failed == (condition == "failure()"):
                failed = not self._step(shown, step, known) or failed
        return not failed

    def _step(self, job: str, step: Mapping[str, Any], known: Mapping[str, str]) -> bool:
        does = str(step.get("run", step.get("uses", ""))).partition("@")[0]
        if does in NEEDS_GITHUB:
            self._leave_out(job, f"{does} ({NEEDS_GITHUB[does]})")
            return True
        if "run" not in step:
            return self._artifact(
                does, {key: self._value(job, str(value), known) for key, value in step["with"].items()}
            )
        variables = surroundings() | {"CI": "true"}
        for each in (self.workflow, self.workflow["jobs"].get(job.partition(" ")[0], {}), step):
            for name, value in each.get("env", {}).items():
                if (said := self._value(job, str(value), known)) is not None:
                    variables[name] = said
        command = self._value(job, step["run"], known)
        if command is None:
            return True
        print(f"== {job}: {_title(step)}", flush=True)
        began = time.monotonic()
        done = subprocess.run(["bash", "-e", "-c", command], cwd=self.clone, env=variables, stdin=subprocess.DEVNULL)
        print(
            f"== {job}: {'done' if not done.returncode else 'FAILED'} in {time.monotonic() - began:.0f} s", flush=True
        )
        return done.returncode == 0

    def _value(self, job: str, text: str, known: Mapping[str, str]) -> str | None:
        """Return a text with the values of its expressions; nothing where one cannot be had here."""
        unknown = [expression for expression in _EXPRESSION.findall(text) if expression not in known]
        for expression in unknown:
            self._leave_out(job, f"the value of {_one_line(expression)}")
        return None if unknown else _EXPRESSION.sub(lambda found: known[found[1]], text)

    def _artifact(self, action: str, given: Mapping[str, str | None]) -> bool:
        """Keep files for later jobs, or bring them."""
        path, name = self.clone / str(given["path"]), given.get("name")
        if action == "actions/upload-artifact":
            there = path.exists() and (path.is_file() or any(path.iterdir()))
            if there:
                target = self.artifacts / str(name)
                if path.is_file():
                    target.mkdir()
                    shutil.copy(path, target)
                else:
                    shutil.copytree(path, target)
            elif given.get("if-no-files-found") == "error":
                print(f"== nothing to keep in {given['path']}")
            return there or given.get("if-no-files-found") != "error"
        if action == "actions/download-artifact":
            found = [
                each
                for each in self.artifacts.iterdir()
                if fnmatch.fnmatch(each.name, given.get("pattern") or str(name))
            ]
            for each in found:
                shutil.copytree(each, path, dirs_exist_ok=True)
            if not found:
                print(f"== no artifact {given.get('pattern') or name}")
            return bool(found)
        raise CannotRun(f"{action} is neither run here nor among NEEDS_GITHUB in tools/workflows.py")


def needs(job: Mapping[str, Any]) -> list[str]:
    """Return the jobs that a job waits for."""
    said = job.get("needs", [])
    return [said] if isinstance(said, str) else list(said)


def ordered(jobs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names of jobs, each after what it needs."""
    found: list[str] = []
    while left := [name for name in jobs if name not in found]:
        ready = [name for name in left if set(needs(jobs[name])) <= set(found)]
        if not ready:
            raise CannotRun(f"these jobs wait for each other, or for none that is there: {', '.join(left)}")
        found.append(ready[0])
    return found


def matrix(job: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what is known of each run of a job: its choice of the matrix, and its number."""
    axes = job.get("strategy", {}).get("matrix", {})
    if {"include", "exclude"} & axes.keys():
        raise CannotRun("a matrix with include or exclude")
    for index, choice in enumerate(itertools.product(*axes.values())):
        named = {f"matrix.{axis}": str(value) for axis, value in zip(axes, choice, strict=True)}
        yield {**named, "strategy.job-index": str(index)}


def _title(step: Mapping[str, Any]) -> str:
    return str(step.get("name") or step.get("run") or step.get("uses"))


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def run(repository: Path, name: str, wanted: set[str]) -> int:
    """Run a workflow of a repository, as it is committed; print what was done and what was not."""
    with tempfile.TemporaryDirectory(prefix="workflow-") as folder:
        clone, artifacts = Path(folder, "clone"), Path(folder, "artifacts")
        artifacts.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(repository), str(clone)], check=True)
        workflow = yaml.safe_load((clone / WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
        if unknown := wanted - workflow["jobs"].keys():
            raise CannotRun(f"{name}.yml has no job {', '.join(sorted(unknown))}")
        each = Run(workflow, clone, artifacts)
        well = each.all(wanted)
    print(f"\n{name}.yml, as committed\n" + "\n".join(f"  {job}: {result}" for job, result in each.results.items()))
    print("\nNot run here:\n" + "\n".join(f"  {line}" for line in dict.fromkeys(each.left_out)))
    return not well


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.workflows", description=__doc__)
    parser.add_argument("workflow", nargs="?", default="docs", help="of .github/workflows, without .yml")
    parser.add_argument("--job", action="append", default=[], help="this job alone; may be said more than once")
    given = parser.parse_args(arguments)
    try:
        return run(ROOT, given.workflow, set(given.job))
    except CannotRun as problem:
        print(problem, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
