"""The Makefile sets up once, from the right Python, whole or not at all, and says what failed.

A stand-in for Python takes the place of pip and venv, so that this needs no network and takes seconds.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

TOOLS = ["awk", "cp", "date", "echo", "find", "grep", "make", "mkdir", "mv", "rm", "sed", "sh", "sleep", "touch"]
"""What the Makefile's own commands need, and all that is found in the test."""

STAND_IN = """#!/bin/sh
# Makes a "virtual environment" that holds this script, and notes each "pip install" in a file.
case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip")
        case "$*" in *--editable*) exit 0 ;; esac
        case "$3" in
            install) echo begin >> pip.log; sleep "${PIP_SECONDS:-0}"; echo end >> pip.log; exit "${PIP_STATUS:-0}" ;;
        esac ;;
    "-c "*) exec REAL_PYTHON "$@" ;;
    "-m "*) NOTE
esac
"""
NOTE = """\
echo "NAME${*:+ $*}$PYTEST_ADDOPTS$PYTEST_PLUGINS$PYTHONOPTIMIZE$PYTHONPATH" >> calls.log
calls=0; while read -r _; do calls=$((calls + 1)); done < calls.log
[ "$calls" != "$FAILS" ]
"""
"""What a stand-in does beside: it notes how it was called, and fails where this is the call FAILS."""


class Checkout:
    """A folder with the Makefile, lock files and stand-ins for python3, node and npm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in TOOLS:
            (self.programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "pyproject.toml").write_text("")
        (folder / "requirements.txt").write_text("a==1\n")
        (folder / "package-lock.json").write_text("{}\n")
        stand_in = STAND_IN.replace("REAL_PYTHON", sys.executable).replace("NOTE", NOTE.replace("NAME", "python"))
        self.program("python3", stand_in)
        self.program("node", "#!/bin/sh\nexit 0\n")
        self.program("npm", "#!/bin/sh\nmkdir -p node_modules && echo npm >> npm.log\n")

    def program(self, name: str, text: str) -> None:
        file = self.programs / name
        file.write_text(text)
        file.chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON"))}
        return subprocess.Popen(
            ["make", *arguments],
            cwd=self.folder,
            env={**inherited, "PATH": str(self.programs), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def make(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run make and return its exit status and all it said."""
        with self.start(*arguments, **environment) as process:
            output = process.communicate(timeout=60)[0]
            return process.returncode, output

    def log(self, name: str, separator: str | None = None) -> list[str]:
        file = self.folder / name
        return file.read_text().strip().split(separator) if file.exists() else []

    def wait_for(self, name: str) -> None:
        deadline = time.monotonic() + 30
        while not (self.folder / name).exists():
            assert time.monotonic() < deadline, f"{name} did not come"
            time.sleep(0.02)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_make_alone_lists_the_targets(checkout: Checkout) -> None:
    """Nothing is set up by a bare make, and each target a reader may use is listed."""
    status, output = checkout.make()
    assert status == 0 and not (checkout.folder / ".venv").exists()
    listed = set(re.findall(r"^  ([a-z-]+) +\S", output, re.MULTILINE))
    public = re.search(r"^\.PHONY: (help .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert public and listed == set(public[1].split())


def test_every_target_is_phony(checkout: Checkout) -> None:
    """A file called like a target must not keep it from running."""
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)).split())
    assert targets == phony


def test_set_up_runs_once(checkout: Checkout) -> None:
    assert checkout.make("setup")[0] == 0
    assert checkout.make("setup")[0] == 0
    assert checkout.log("pip.log") == ["begin", "end"] and checkout.log("npm.log") == ["npm"]


@pytest.mark.parametrize(
    ("changed", "pip", "npm"), [("requirements.txt", 2, 1), ("package-lock.json", 1, 2), ("Makefile", 1, 1)]
)
def test_set_up_runs_again_when_a_lock_changes(checkout: Checkout, changed: str, pip: int, npm: int) -> None:
    checkout.make("setup")
    later = time.time() + 5
    os.utime(checkout.folder / changed, (later, later))
    assert checkout.make("setup")[0] == 0
    assert (checkout.log("pip.log").count("end"), checkout.log("npm.log").count("npm")) == (pip, npm)


def test_a_removed_node_modules_comes_back(checkout: Checkout) -> None:
    checkout.make("setup")
    shutil.rmtree(checkout.folder / "node_modules")
    assert checkout.make("setup")[0] == 0
    assert (checkout.folder / "node_modules").is_dir() and checkout.log("pip.log").count("end") == 1


def test_a_broken_venv_is_made_anew(checkout: Checkout) -> None:
    """As after an upgrade of the Python it was made from."""
    checkout.make("setup")
    (checkout.folder / ".venv/bin/python").unlink()
    assert checkout.make("setup")[0] == 0
    assert (checkout.folder / ".venv/bin/python").exists() and checkout.log("pip.log").count("end") == 2


def test_an_interrupted_install_leaves_no_stamp(checkout: Checkout) -> None:
    """Killed in the middle, the next make starts from a new .venv."""
    with checkout.start("setup", PIP_SECONDS="30") as process:
        checkout.wait_for("pip.log")
        os.killpg(process.pid, signal.SIGKILL)
    assert not list(checkout.folder.glob(".venv/.stamp*"))
    (checkout.folder / ".venv/half-installed").touch()
    assert checkout.make("setup")[0] == 0
    assert not (checkout.folder / ".venv/half-installed").exists()
    assert checkout.log("pip.log") == ["begin", "begin", "end"]


def test_a_failed_install_leaves_no_stamp_and_says_what_to_do(checkout: Checkout) -> None:
    status, output = checkout.make("setup", PIP_STATUS="1")
    assert status != 0 and not list(checkout.folder.glob(".venv/.stamp*"))
    assert "!! install the packages of requirements.txt" in output and "remedy: see the message of pip" in output
    assert "node" not in " ".join(checkout.log("npm.log"))


def test_two_makes_at_once_set_up_once(checkout: Checkout) -> None:
    with checkout.start("setup", PIP_SECONDS="1") as first, checkout.start("setup", PIP_SECONDS="1") as second:
        assert (first.wait(60), second.wait(60)) == (0, 0)
    assert checkout.log("pip.log") == ["begin", "end"] and checkout.log("npm.log") == ["npm"]


@pytest.mark.parametrize("version", ["2, 7", "3, 10", "3, 14", "4, 0"])
def test_a_python_that_will_not_do_is_refused(checkout: Checkout, version: str) -> None:
    pretends = f'exec {sys.executable} -c "import sys; sys.version_info = ({version}, 0); exec(sys.argv[1])" "$2"'
    checkout.program("python3", f"#!/bin/sh\n{pretends}\n")
    status, output = checkout.make("setup")
    assert status != 0 and not (checkout.folder / ".venv").exists()
    assert "no Python from 3.11 to 3.13 among: python3 " in output and "remedy: install one" in output


def test_another_python_is_taken_where_python3_will_not_do(checkout: Checkout) -> None:
    shutil.copy(checkout.programs / "python3", checkout.programs / "python3.12")
    checkout.program("python3", "#!/bin/sh\nexit 1\n")
    assert checkout.make("setup")[0] == 0


def test_a_python_can_be_named(checkout: Checkout) -> None:
    """And then no other is taken in its place."""
    shutil.copy(checkout.programs / "python3", checkout.programs / "mine")
    checkout.program("python3", "#!/bin/sh\nexit 1\n")
    assert checkout.make("setup", f"PYTHON={checkout.programs / 'mine'}")[0] == 0
    status, output = checkout.make("setup", "PYTHON=none-such")
    assert status != 0 and "among: none-such\n" in output


@pytest.mark.parametrize("version", ["18.20.8", "19.9.0", None])
def test_a_node_too_old_is_refused(checkout: Checkout, version: str | None) -> None:
    (checkout.programs / "node").unlink()
    if version:
        checkout.program("node", node_that_says(version))
    status, output = checkout.make("setup")
    assert status != 0 and "no Node.js 20 or newer" in output and "remedy: install Node.js" in output


@pytest.mark.parametrize("version", ["20.0.0", "22.19.0", "100.1.0"])
def test_a_node_new_enough_is_taken(checkout: Checkout, version: str) -> None:
    checkout.program("node", node_that_says(version))
    assert checkout.make("setup")[0] == 0


def node_that_says(version: str) -> str:
    """Return a stand-in for Node.js that claims to be of a version."""
    pretends = f"Object.defineProperty(process, 'versions', {{value: {{node: '{version}'}}}})"
    return f'#!/bin/sh\nexec {shutil.which("node")} -e "{pretends}; $2"\n'


def test_a_failing_step_is_named(checkout: Checkout) -> None:
    """`make check` stops at the first step that fails, names it, and says what to do."""
    checkout.make("setup")
    for name, status in (("ruff", 1), ("mypy", 0)):
        file = checkout.folder / ".venv/bin" / name
        file.write_text(f"#!/bin/sh\nexit {status}\n")
        file.chmod(0o755)
    status, output = checkout.make("check")
    assert status != 0 and "!! lint: failed after" in output and "ruff check --fix" in output
    assert "-- types" not in output


def test_a_good_step_says_how_long_it_took(checkout: Checkout) -> None:
    output = checkout.make("setup")[1]
    assert re.search(r"install the packages of package-lock.json: done in \d+ s", output)


def test_the_proof_is_make_test() -> None:
    """.ci/run does what `make test` does, and `make test` does all parts in order."""
    assert "exec make test" in (ROOT / ".ci/run").read_text()
    assert os.access(ROOT / ".ci/run", os.X_OK)
    rule = re.search(r"^test: ([a-z ]+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert rule and rule[1].split() == ["check", "blocks", "reduced", "forms", "build", "zensical", "browser"]


CHECK = [
    "ruff check .", "ruff format --check .", "lint-imports --no-logo --cache-dir .cache/importlinter", "mypy",
    "tsc -p tools", "zizmor --offline --no-progress --quiet --persona pedantic .github", "python -m book check",
    "pytest -q -n 2 --dist loadfile tests/unit",
]  # fmt: skip
CALLS = {
    "check": CHECK,
    "blocks": ["pytest --noconftest -p book.pytest_plugin --codeblocks -n 2 --dist loadfile docs/zh"],
    "blocks SHARD=2/3": [
        "pytest --noconftest -p book.pytest_plugin --codeblocks --shard 2/3 -n 2 --dist loadfile docs/zh"
    ],
    "reduced": ["python -m book long --reduced"],
    "forms": ["pytest -q tests/forms"],
    "zensical": ["pytest -q tests/zensical"],
    "run DEVICE=gpu": ["python -m book run --all --device gpu"],
    "run DEVICE=gpu RECORDS=fresh": ["python -m book run --records fresh --all --device gpu"],
    "repeated": [
        "gh run list --workflow repeat.yml --branch main --status success --limit 1 --json databaseId "
        "--jq .[].databaseId"
    ],
    "repeat KIND=sweeps": ["python -m book repeat sweeps"],
    "repeat KIND=long": ["python -m book repeat long"],
    "site": ["python -m book build"],
    "site RECORDS=fresh": ["python -m book build --records fresh"],
    "browser": ["python -m tests.browser.browser", "pytest -q -n 2 --dist worksteal tests/browser"],
    "downloads": ["python -m book downloads"],
    "fonts": ["sudo apt-get update -qq", "sudo apt-get install -qq --no-install-recommends fonts-noto-cjk"],
    "links": ["linkchecker --config tools/linkchecker.ini --no-status --stdin"],
    "audit": [
        *(
            f"pip-audit --strict --progress-spinner off --disable-pip --require-hashes -r {file}"
            for file in ("requirements.txt", "requirements/upkeep.txt", "requirements/zensical.txt")
        ),
        "npm audit",
    ],
    "canary": ["python -m tools.canary run"],
    "canary-issue": ["python -m tools.canary report"],
    "workflows": ["python -m tools.workflows"],
    "workflows WORKFLOW=links JOB=audit": ["python -m tools.workflows links --job audit"],
    "author": [*CHECK[:2], "python -m book check"],
}
"""What each target that the workflow and `make test` rely on has to call, in this order."""


@pytest.fixture
def recording(checkout: Checkout) -> Checkout:
    """A checkout whose tools note how they are called."""
    checkout.make("setup")
    checkout.program("gh", "#!/bin/sh\n" + NOTE.replace("NAME", "gh"))
    (checkout.folder / "requirements").mkdir()
    for name in ("upkeep", "zensical"):
        (checkout.folder / "requirements" / f"{name}.txt").write_text("")
    (checkout.folder / ".venv-upkeep" / "bin").mkdir(parents=True)
    (checkout.folder / ".venv-upkeep" / ".stamp").write_text("")
    (checkout.folder / "site").mkdir()
    (checkout.folder / "site" / "index.html").write_text("")
    for name in ("npm", "sudo"):
        checkout.program(name, "#!/bin/sh\n" + NOTE.replace("NAME", name))
    (checkout.folder / "node_modules" / ".bin").mkdir()
    places = {"tsc": "node_modules/.bin", "linkchecker": ".venv-upkeep/bin", "pip-audit": ".venv-upkeep/bin"}
    for name in ("ruff", "lint-imports", "mypy", "zizmor", "pytest", *places):
        folder = checkout.folder / places.get(name, ".venv/bin")
        (folder / name).write_text("#!/bin/sh\n" + NOTE.replace("NAME", name))
        (folder / name).chmod(0o755)
    return checkout


def failures(recording: Checkout, target: str) -> list[str]:
    """Return what a target said where it did other work than it must, or did not fail with what it called."""
    said = []
    for failing in range(len(CALLS[target]) + 1):
        (recording.folder / "calls.log").unlink(missing_ok=True)
        status, output = recording.make(*target.split(), FAILS=str(failing))
        if recording.log("calls.log", "\n") != CALLS[target][: failing or None] or (status == 0) != (failing == 0):
            said.append(f"{failing}: {output}")
    return said


@pytest.mark.parametrize("target", CALLS)
def test_a_target_does_its_work_and_fails_where_any_of_it_fails(recording: Checkout, target: str) -> None:
    assert failures(recording, target) == []


@pytest.mark.parametrize("run", ["", "7"])
def test_a_release_has_the_downloads_of_the_published_site_or_is_not_made(recording: Checkout, run: str) -> None:
    recording.program("git", "#!/bin/sh\necho abc\n")
    (recording.folder / "CITATION.cff").write_text('version: "1.0"\n')
    recording.program("gh", f'#!/bin/sh\necho "$@" >> calls.log\n[ "$2" != list ] || echo "{run}"\n')
    status, output = recording.make("release", TAG="v1.0")
    listed, *others = recording.log("calls.log", "\n")
    assert listed.startswith("run list --workflow docs.yml --commit abc --status success")
    if run:
        assert status == 0 and others == [
            "run download 7 --name site --dir .cache/release",
            "release create v1.0 --verify-tag --generate-notes .cache/release/downloads/*",
        ]
    else:
        assert status != 0 and others == [] and "docs.yml has not published this commit" in output


def test_a_tag_with_another_version_than_the_citation_makes_no_release(recording: Checkout) -> None:
    (recording.folder / "CITATION.cff").write_text('version: "1.1"\n')
    status, output = recording.make("release", TAG="v1.0")
    assert status != 0 and "another version than v1.0" in output and not (recording.folder / "calls.log").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("blocks: setup ##", "blocks: setup ##\n\nunused: setup ##"),
        ("--codeblocks $(if", "--collect-only $(if"),
        ("--codeblocks $(if", "--codeblocks -k nothing $(if"),
        ("docs/zh)", "docs/zh || true)"),
        ("$(BIN)/pytest --noconftest", "-$(BIN)/pytest --noconftest"),
        ("$(BIN)/pytest --noconftest", "PYTHONOPTIMIZE=1 $(BIN)/pytest --noconftest"),
        ("docs/zh)", "docs/zh/index.md)"),
        ("export PYTHONUTF8 := 1", "export PYTHONUTF8 := 1\nexport PYTEST_ADDOPTS := -k nothing"),
        ("export PYTHONUTF8 := 1", "export PYTHONUTF8 := 1\n.IGNORE:"),
        ("export PYTHONUTF8 := 1", "export PYTHONUTF8 := 1\nSHELL := /bin/true"),
        ("export PYTHONUTF8 := 1", "export PYTHONUTF8 := 1\nMAKEFLAGS += --ignore-errors"),
        ("'$(strip $(2))' >&2; exit 1; fi", "'$(strip $(2))' >&2; fi"),
        ("blocks: setup ##", "blocks: setup run ##"),
    ],
)
def test_a_lie_of_the_makefile_is_found(recording: Checkout, old: str, new: str) -> None:
    text = (recording.folder / "Makefile").read_text()
    assert old in text
    (recording.folder / "Makefile").write_text(text.replace(old, new, 1))
    assert failures(recording, "blocks")


def test_the_workflows_rely_on_no_other_target() -> None:
    files = [*(ROOT / ".github" / "workflows").glob("*.yml"), ROOT / ".github/actions/setup/action.yml"]
    runs = re.findall(r"run: make ([a-z-]+)", "\n".join(file.read_text() for file in files))
    assert set(runs) - {target.split()[0] for target in CALLS} == {"gpu-skipped", "release"}


def test_no_setting_of_pytest_leaves_tests_out() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)["tool"]["pytest"]["ini_options"]
    assert settings["addopts"] == ["-ra", "--import-mode=importlib", "--strict-markers", "--strict-config"]
    known = ("minversion", "testpaths", "pythonpath", "addopts", "xfail_strict", "cache_dir", "markers")
    assert settings.keys() <= set(known)
    others = ("pytest.ini", ".pytest.ini", "pytest.toml", "tox.ini", "setup.cfg", "conftest.py", "tests/conftest.py")
    assert [name for name in others if (ROOT / name).exists()] == []
    assert (ROOT / "tests/unit/conftest.py").read_text().splitlines()[2:] == [
        "from tests.unit.miniature import absl_closes_nothing_of_pytest, book, kernel", "",
        '__all__ = ["absl_closes_nothing_of_pytest", "book", "kernel"]',
    ]  # fmt: skip


def test_the_site_that_is_tested_is_made_of_what_was_executed(recording: Checkout) -> None:
    assert recording.make("test", FAILS="0")[0] == 0
    calls = (recording.folder / "calls.log").read_text().splitlines()
    at = calls.index("python -m book build --records .cache/fresh/records")
    assert calls.index(CALLS["blocks"][0]) < at < calls.index(CALLS["browser"][-1])
    assert not [call for call in calls if call.startswith("python -m book build") and call != calls[at]]


def test_what_publishes_asks_the_books_own_check() -> None:
    """`make site` does not repeat the unit tests, but nothing is built that `book check` refuses."""
    text = (ROOT / "Makefile").read_text()
    rules = {name: needs.split() for name, needs in re.findall(r"^([a-z]+): ([a-z ]*)", text, re.MULTILINE)}
    assert rules["site"] == ["build"] and rules["author"] == ["lint", "proof"]
    assert (
        "-m book build $(WITH_RECORDS))" in text.partition("\nbuild:")[2].partition("\n\n")[0]
    )  # it checks first: see test_check
    assert rules["check"] == ["lint", "types", "proof"]
    assert "-m book check)" in text.partition("\nproof:")[2].partition("\n\n")[0]
