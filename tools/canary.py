"""The book with the newest versions of all that it needs: what of it no longer holds, told in an issue.

``run`` clones the book into ``.cache/canary/book``, takes the pins from ``requirements/book.in`` and ``package.json``,
locks anew, and there runs the unit tests and every block and equation. What fails is written to
``.cache/canary/issue.md``, with the versions that changed; ``report`` opens an issue with this text, or writes it into
the one that is open. So what the newest packages execute never sees the right to write issues.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools import surroundings

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "canary"
ISSUE = FOLDER / "issue.md"
LABEL = "canary"
TITLE = "The newest versions of what the book needs break it"
MOST_FAILURES = 40
MOST_LINES = 25
COMPILE = (
    "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "requirements/book.in",
    "-o", "requirements.txt",
)  # fmt: skip
"""As `make lock`: for each Python from 3.11.0 on the newest that it may have, not what suits all of them."""


@dataclass(frozen=True)
class Failure:
    """What no longer holds, and what was said of it."""

    where: str
    message: str


# --- The book with the newest versions


def unpin(clone: Path) -> None:
    """Take the pins away, and the lock files with them."""
    needs, node = clone / "requirements" / "book.in", clone / "package.json"
    needs.write_text(re.sub(r"==[^\s;#]+", "", needs.read_text(encoding="utf-8")), encoding="utf-8")
    package = json.loads(node.read_text(encoding="utf-8"))
    for kind in ("dependencies", "devDependencies"):
        package[kind] = dict.fromkeys(package.get(kind, {}), "latest")
    node.write_text(json.dumps(package, indent=2), encoding="utf-8")
    (clone / "requirements.txt").unlink()
    (clone / "package-lock.json").unlink()


def versions(checkout: Path) -> dict[str, str]:
    """Return the version locked for this machine of each package, those of Node.js with ``npm:`` before their names."""
    from packaging.requirements import Requirement  # `report` needs to have nothing installed

    lines = re.findall(r"^[^\s#].*==.*", (checkout / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    locked = [Requirement(line.rstrip(" \\")) for line in lines]
    found = {each.name: str(each.specifier)[2:] for each in locked if not each.marker or each.marker.evaluate()}
    packages = json.loads((checkout / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    return found | {
        f"npm:{path.removeprefix('node_modules/')}": each["version"]
        for path, each in packages.items()
        if path and not each.get("optional")  # of another machine
    }


def run() -> int:
    """Try the newest versions; return 1 where something failed, which the text of the issue names."""
    clone = FOLDER / "book"
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    before = after = versions(clone)
    unpin(clone)
    uv = str(ROOT / ".venv" / "bin" / "uv")
    lock = ["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"]
    failed = _done("the newest versions cannot be locked", clone, [uv, *COMPILE], lock)
    ran = 0
    if not failed:
        after = versions(clone)
        failed = _done("the newest versions cannot be installed", clone, ["make", "setup"])
    if not failed:
        units, blocks = FOLDER / "units.xml", FOLDER / "blocks.xml"
        pytest = [".venv/bin/pytest", "-q", "-n", "2", "--dist", "loadfile", "tests/unit", f"--junitxml={units}"]
        for name, file, command, more in (
            ("the unit tests", units, pytest, ""),
            ("the blocks", blocks, ["make", "blocks"], f"--junitxml={blocks}"),
        ):
            broken = _done(f"{name} ended with an error", clone, command, addopts=more)
            count, found = failures(file) if file.is_file() else (0, [])
            ran += count
            failed += found or broken
    if failed:
        ISSUE.write_text(text(before, after, failed, ran, direct(clone)), encoding="utf-8")
        print(ISSUE.read_text(encoding="utf-8"))
    return bool(failed)


def _done(what: str, clone: Path, *commands: Sequence[str], addopts: str = "") -> list[Failure]:
    """Run commands in the clone; return what failed, with the end of what it said."""
    for command in commands:
        with (FOLDER / "log").open("w+", encoding="utf-8", errors="replace") as log:
            done = subprocess.run(
                command, cwd=clone, env={**surroundings(), "PYTEST_ADDOPTS": addopts}, stdout=log, stderr=log
            )
        if done.returncode:
            said = (FOLDER / "log").read_text(encoding="utf-8", errors="replace")
            return [Failure(what, "\n".join(said.strip().splitlines()[-MOST_LINES:]))]
    return []


# --- What is said of it


def failures(junit: Path) -> tuple[int, list[Failure]]:
    """Return how many tests a report of pytest names, and those that failed by themselves.

    A block is named by its page and number; one that did not run since one above it failed is left out.
    """
    cases = list(ElementTree.parse(junit).iter("testcase"))
    found = []
    for case in cases:
        said = next((each for kind in ("failure", "error") if (each := case.find(kind)) is not None), None)
        if said is None:
            continue
        about = {each.get("name"): each.get("value") for each in case.iter("property")}
        where = f"{case.get('classname', '')}::{case.get('name')}"
        if "page" in about:
            where = f"page {about['page']}, {about['part']}"
        message = (said.text or said.get("message") or "").strip()
        if not message.startswith("not run: "):
            found.append(Failure(where, message))
    return len(cases), found


def direct(checkout: Path) -> set[str]:
    """Return the names of the packages that the book asks for itself, as ``versions`` writes them."""
    asked = (checkout / "requirements" / "book.in").read_text(encoding="utf-8")
    package = json.loads((checkout / "package.json").read_text(encoding="utf-8"))
    names = {match.lower() for match in re.findall(r"^([A-Za-z0-9._-]+)", asked, re.MULTILINE)}
    return names | {f"npm:{name}" for kind in ("dependencies", "devDependencies") for name in package.get(kind, {})}


def text(
    before: Mapping[str, str], after: Mapping[str, str], failed: Sequence[Failure], ran: int, own: set[str]
) -> str:
    """Return the text of the issue: what failed, and which versions changed."""
    shown = "\n\n".join(f"### {each.where}\n\n{_fenced(each.message)}" for each in failed[:MOST_FAILURES])
    more = f"\n\nAnd {len(failed) - MOST_FAILURES} more." if len(failed) > MOST_FAILURES else ""
    changed = {
        name: f"{before.get(name, 'absent')} | {after.get(name, 'absent')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
    asked = "\n".join(f"| {name} | {change} |" for name, change in changed.items() if name in own)
    others = ", ".join(f"{name} {change.replace('|', '→')}" for name, change in changed.items() if name not in own)
    return (
        f"With the newest versions of what the book needs, {len(failed)} of {ran or 'its'} tests, blocks, and "
        f"equations no longer hold. The published book is not affected: its versions are locked.\n\n"
        f"## What failed\n\n{shown}{more}\n\n"
        f"## Versions that changed\n\n| package | locked | newest |\n|---|---|---|\n{asked}\n\n"
        f"And what these need: {others or 'nothing'}.\n\n"
        f"To try it: `make canary`. To move on: change the versions in `requirements/book.in` or `package.json`, then "
        f"`make lock` and `make rerecord`.\n"
    )


def _fenced(message: str) -> str:
    """Return the beginning of a message as a block, in which nothing is a mention, a link, or a fence."""
    lines = [line[:300].replace("```", "'''") for line in message.splitlines()]
    return "\n".join(["```text", *lines[:MOST_LINES], *(["…"] if len(lines) > MOST_LINES else []), "```"])


def report(body: Path = ISSUE) -> None:
    """Open an issue with the text, or write it into the one that is open."""

    def gh(*words: str) -> str:
        return subprocess.run(["gh", *words], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    gh(
        "label",
        "create",
        LABEL,
        "--force",
        "--description",
        "Newer versions of what the book needs",
        "--color",
        "fbca04",
    )
    number = gh(
        "issue", "list", "--label", LABEL, "--state", "open", "--limit", "1", "--json", "number", "--jq", ".[].number"
    )
    if number:
        gh("issue", "edit", number, "--body-file", str(body))
    else:
        gh("issue", "create", "--title", TITLE, "--label", LABEL, "--body-file", str(body))


if __name__ == "__main__":
    if sys.argv[1:] == ["run"]:
        sys.exit(run())
    elif sys.argv[1:] == ["report"]:
        report()
    else:
        sys.exit("python -m tools.canary run|report")
