"""The workflows are what they must be, step by step, and publishing waits for all that proves.

``tests/unit/workflows/NAME.txt`` lists all that a workflow may hold: when it starts, its jobs with their needs,
conditions and rights, and their steps, which are make targets, and actions with what they are given. Left out are
names, limits of time and the commits of actions, for which there are rules below, and what is usual (``USUAL``). Who
changes a workflow changes its list, too, so that the change stands before those who read it twice.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
FILES = {name: GITHUB / f"workflows/{name}.yml" for name in ("canary", "docs", "links", "release", "repeat")}
FILES["setup"] = GITHUB / "actions/setup/action.yml"
OTHERS = {"dependabot.yml", "zizmor.yml"}
USUAL = {"runs-on": "ubuntu-24.04", "permissions": {"contents": "read"}}
MINUTES = {"canary": 240, "docs": 90, "links": 90, "release": 15, "repeat": 350}
"""The longest that a job of a workflow may take."""
NOT_WAITED_FOR = {"gpu-skipped", "publish"}
MAY_BE_SKIPPED = {"execute-gpu"}


class _Once(yaml.SafeLoader):
    """Refuses a key that stands twice, of which one reader takes the first and another the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.YAMLError(f"a key stands twice: {keys}")
        return super().construct_mapping(node, deep)


def read(text: str) -> dict[Any, Any]:
    return yaml.load(text, _Once)  # type: ignore[no-any-return]


def outline(text: str) -> str:
    """Return a workflow or an action in the form in which the lists have it."""
    top = {"on" if key is True else key: value for key, value in read(text).items()}  # YAML 1.1 reads "on" so
    jobs = {"runs": top.pop("runs")} if "runs" in top else top.pop("jobs")
    lines = [f"{key}: {_flow(value)}" for key, value in top.items() if key not in ("name", "description")]
    for name, job in jobs.items():
        usual = USUAL if name != "runs" else {}
        rest = {key: value for key, value in job.items() if key not in ("name", "timeout-minutes", "steps")}
        lines += ["", f"{name}:", *(f"    {key}: {_flow(rest[key])}" for key in rest if rest[key] != usual.get(key))]
        lines += [f"    without {key}" for key in usual if key not in job]
        lines += [f"  - {_step(step)}" for step in job.get("steps", [])]
    return "\n".join(lines) + "\n"


def _step(step: dict[str, Any]) -> str:
    does = step.get("run") or step.get("uses", "").partition("@")[0]
    rest = {key: value for key, value in step.items() if key != "name" and key != ("run" if "run" in step else "uses")}
    return "; ".join([does, *(f"{key}: {_flow(value)}" for key, value in rest.items())])


def _flow(value: object) -> str:
    if isinstance(value, str):
        return " ".join(value.split()).replace(" && ", "\n          && ")
    return yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False).strip()


def jobs_of(text: str) -> dict[str, dict[str, Any]]:
    return read(text).get("jobs", {})  # type: ignore[no-any-return]


def steps_of(text: str) -> list[dict[str, Any]]:
    each = read(text)
    return [step for job in (*each.get("jobs", {}).values(), each.get("runs", {})) for step in job.get("steps", [])]


# --- The rules: each returns what is wrong with a workflow, by its name and its text


def is_what_it_must_be(name: str, text: str) -> list[str]:
    must, has = Path(__file__).with_name("workflows") / f"{name}.txt", outline(text)
    return [] if has == must.read_text(encoding="utf-8") else [has]


def actions_are_those_of_github_at_one_commit(name: str, text: str) -> list[str]:
    """With the release beside it, for readers and for Dependabot; an action of one commit everywhere."""
    pinned = re.compile(r"(actions/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+")
    uses = re.findall(r"^\s*(?:- )?[\"']?uses[\"']?\s*:\s*(.*)$", text, re.MULTILINE)
    found = [pinned.fullmatch(use) for use in uses if use != "./.github/actions/setup"]
    everywhere = {m.groups() for file in FILES.values() for m in pinned.finditer(file.read_text(encoding="utf-8"))}
    everywhere |= {match.groups() for match in found if match}
    twice = len(everywhere) != len({action for action, _ in everywhere})
    return ["an action"] if twice or not all(found) or len(uses) != sum("uses" in s for s in steps_of(text)) else []


def commands_are_make_targets(name: str, text: str) -> list[str]:
    known = set(re.findall(r"^([a-z][a-z-]*):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    runs = [step["run"] for step in steps_of(text) if "run" in step]
    matches = [re.fullmatch(r"make ([a-z-]+)(?: [A-Z]+=[\w./-]+)*", run) for run in runs]
    return [run for run, match in zip(runs, matches, strict=True) if not match or match[1] not in known]


def every_job_ends(name: str, text: str) -> list[str]:
    limits = {job: each.get("timeout-minutes") for job, each in jobs_of(text).items()}
    return [job for job, limit in limits.items() if type(limit) is not int or limit > MINUTES[name]]


def publishing_waits_for_every_job(name: str, text: str) -> list[str]:
    """And asks how each ended: GitHub would skip it, and what needs it, with the run on a GPU where there is none."""
    jobs = jobs_of(text)
    publishes = [job for job, each in jobs.items() if "deploy-pages" in str(each)]
    if name != "docs" or publishes != ["publish"]:
        return publishes
    asked = " ".join(jobs["publish"]["if"].split()).removeprefix("${{ ").removesuffix(" }}")
    wrong = set(jobs) - NOT_WAITED_FOR - set(jobs["publish"]["needs"])
    for job in set(jobs) - NOT_WAITED_FOR:
        term = f"needs.{job}.result == 'success'"
        asked = asked.replace(
            f"({term} || needs.{job}.result == 'skipped')" if job in MAY_BE_SKIPPED else term, "ok", 1
        )
    main = "!cancelled() && github.ref == 'refs/heads/main' && github.event_name != 'pull_request' && "
    left = set(asked.removeprefix(main).split(" && ")) if asked.startswith(main) else {asked}
    return sorted(
        wrong | (left - {"ok"}) | ({"a job"} if asked.count("ok") != len(set(jobs) - NOT_WAITED_FOR) else set())
    )


RULES = [
    is_what_it_must_be,
    actions_are_those_of_github_at_one_commit,
    commands_are_make_targets,
    every_job_ends,
    publishing_waits_for_every_job,
]


def wrong(name: str, text: str) -> list[str]:
    try:
        return [f"{rule.__name__}: {problem}" for rule in RULES for problem in rule(name, text)]
    except (yaml.YAMLError, KeyError, AttributeError, TypeError) as problem:
        return [f"it cannot be read: {problem}"]


@pytest.mark.parametrize("name", FILES)
def test_a_workflow_is_what_it_must_be(name: str):
    text = FILES[name].read_text(encoding="utf-8")
    assert outline(text) == (Path(__file__).with_name("workflows") / f"{name}.txt").read_text(encoding="utf-8")
    assert wrong(name, text) == []


def test_there_is_no_other_workflow_or_action():
    files = {file.relative_to(GITHUB).as_posix() for file in GITHUB.rglob("*.y*ml")}
    assert files == {file.relative_to(GITHUB).as_posix() for file in FILES.values()} | OTHERS


# --- Each lie is found

PINNED = "0123456789012345678901234567890123456789 # v1.0.0"
LIES = {
    # another tree is checked than the one that is published
    "another branch": ("persist-credentials: false", "persist-credentials: false\n          ref: good"),
    "another repository": ("persist-credentials: false", "persist-credentials: false\n          repository: a/b"),
    "a folder beside it": ("persist-credentials: false", "persist-credentials: false\n          path: good"),
    "credentials stay behind": ("persist-credentials: false", "persist-credentials: true"),
    # what runs is not what it seems
    "a container": ("    name: Lint and check\n", "    container: evil/image\n"),
    "a service": ("    name: Lint and check\n", "    services: {x: {image: evil/image}}\n"),
    "another machine": ("runs-on: ubuntu-24.04", "runs-on: self-hosted"),
    "another machine for one more": ("runs-on: ubuntu-24.04", "runs-on: [ubuntu-24.04, self-hosted]"),
    "a foreign action": ("      - name: Check\n", f"      - uses: evil/action@{PINNED}\n      - name: Check\n"),
    "a foreign action in quotes": ("      - name: Check\n", f'      - "uses": evil/a@{PINNED}\n      - name: Check\n'),
    "another commit of an action": (r"(actions/checkout)@[0-9a-f]{40} # v[\d.]+", rf"\1@{PINNED}"),
    "a tag of an action": (r"(actions/checkout)@[0-9a-f]{40} # v[\d.]+", r"\1@v7"),
    "an image as an action": (r"uses: actions/checkout@\S+", "uses: docker://evil/image"),
    "a job elsewhere": ("    name: Lint and check\n", "    uses: a/b/.github/workflows/c.yml@main\n"),
    "another shell": ("run: make check", "run: make check\n        shell: 'true {0}'"),
    "another folder": ("run: make check", "run: make check\n        working-directory: /tmp"),
    "another shell for all": ("permissions: {}", "permissions: {}\ndefaults: {run: {shell: 'true {0}'}}"),
    "a variable for all": ("permissions: {}", "permissions: {}\nenv: {MAKEFLAGS: -n}"),
    "a variable for a job": ("    name: Lint and check\n", "    env: {MAKEFLAGS: -n}\n"),
    "a variable for a step": ("run: make check", "run: make check\n        env: {PYTEST_ADDOPTS: -k nothing}"),
    "a variable for a step that has one": (
        "run: make blocks", "run: make blocks\n        env: {PYTEST_ADDOPTS: -k nothing}"
    ),
    "a value from outside": ("run: make check", "run: 'make check # ${{ github.head_ref }}'"),
    # less work, or more
    "another target": ("run: make blocks", "run: make help"),
    "records made right before": ("run: make blocks", "run: make run blocks"),
    "a command more": ("run: make check", "run: make check\n      - run: curl example.org"),
    "a command after it": ("run: make check", "run: make check || true"),
    "errors ignored": ("run: make check", "run: make check -i"),
    "a failure ignored": ("run: make check", "run: make check\n        continue-on-error: true"),
    "a failure of a job ignored": ("    name: Lint and check\n", "    continue-on-error: true\n"),
    "under a condition": ("run: make check", "run: make check\n        if: false"),
    "a job under a condition": ("    name: Lint and check\n", "    if: false\n"),
    "a shard less": (r'shard: \["1/2", "2/2"\]', 'shard: ["1/2"]'),
    "a shard excluded": (r'shard: \["1/2", "2/2"\]', 'shard: ["1/2", "2/2"]\n        exclude: [{shard: "2/2"}]'),
    "always the same shard": (r"\$\{\{ matrix.shard \}\}", "1/2"),
    "no end": (r"    timeout-minutes: \d+\n", ""),
    "no end for days": (r"timeout-minutes: \d+", "timeout-minutes: 4000"),
    # what was tested is not what is published
    "a checkout where it publishes": (
        "      - name: Fetch the site that was tested",
        f"      - uses: actions/checkout@{PINNED}\n      - name: Fetch the site that was tested",
    ),
    "another folder published": (r"(upload-pages-artifact@.*\n.*\n +path:) site/", r"\1 docs/"),
    "another artifact over it": (
        "      - name: Hand it to GitHub Pages",
        f"      - uses: actions/download-artifact@{PINNED}\n        with: {{name: x, path: site/}}\n"
        "      - name: Hand it to GitHub Pages",
    ),
    "another site kept": (r"(name: site\n +path:) site/\n +if-no", r"\1 docs/\n          if-no"),
    # the site is made of something else than what was executed
    "of the committed records": (r"make site RECORDS=\S+", "make site"),
    "of others": (r"make site RECORDS=\S+", "make site RECORDS=records"),
    "of one shard": (r"pattern: records-\*", "pattern: records-0"),
    "into the committed ones": (r"(merge-multiple: true\n +path:) \S+", r"\1 records/"),
    "the committed ones kept": (r"(job-index \}\}\n +path:) \S+", r"\1 records/"),
    "without the run on a CPU": (r"needs: \[check, execute-cpu, execute-gpu\]", "needs: [check, execute-gpu]"),
    # publishing does not wait
    "needs less": ("needs: \\[check, execute-cpu, execute-again", "needs: [check, execute-cpu"),
    "asks for less": (r"          && needs.execute-again.result == 'success'\n", ""),
    "a skipped run let through": (r"needs.browser.result == 'success'", "needs.browser.result != 'failure'"),
    "always": (r"\$\{\{ !cancelled\(\)\n          && github.ref", "${{ true || github.ref"),
    "or": (r"'refs/heads/main'\n          && github.event_name != 'pull_request'\n          && needs", "'x' || needs"),
    "from another branch": (r"github.ref == 'refs/heads/main'\n", "github.ref != ''\n"),
    "a second job that publishes": (
        r"  publish:\n",
        f"  sneak:\n    steps: [{{uses: actions/deploy-pages@{'0' * 40}}}]\n  publish:\n",
    ),
    # rights
    "rights for all": ("permissions: {}", "permissions: write-all"),
    "rights for a job": ("contents: read", "contents: write"),
    "rights by default": (r"    permissions:\n      contents: read\n", ""),
    "code of others with rights": ("  pull_request:", "  pull_request_target:"),
    "forks on the GPU": (r"\(github.event_name != 'pull_request'\n +\|\| .*repository\)", "true"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_found(lie: str):
    text = FILES["docs"].read_text(encoding="utf-8")
    changed = re.sub(LIES[lie][0], LIES[lie][1], text, count=1)
    assert changed != text, "the lie has no place any more"
    assert wrong("docs", changed)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("setup", "  steps:", f"  steps:\n    - uses: evil/action@{PINNED}"),
        ("setup", "  steps:", "  steps:\n    - run: curl example.org\n      shell: bash"),
        ("setup", '"3.11"', '"3.12"'),
        ("setup", "package-manager-cache: false", "package-manager-cache: true"),
        ("setup", "using: composite", "using: docker"),
        ("repeat", "run: make repeat", "run: make help"),
        ("repeat", "kind: [long, sweeps, frameworks]", "kind: [long]"),
        ("repeat", "  workflow_dispatch:", "  workflow_dispatch:\n  pull_request:"),
        ("repeat", "contents: read", "contents: write"),
        ("canary", "make canary\n", "make canary -i\n"),
        ("canary", "issues: write", "contents: write"),
        ("canary", "      contents: read\n    steps", "      contents: read\n      issues: write\n    steps"),
        ("links", "make audit", "make help"),
        ("release", 'tags: ["v*"]', 'tags: ["*"]'),
        ("release", "make release", "make downloads release"),
    ],
)
def test_a_lie_elsewhere_is_found(name: str, old: str, new: str):
    text = FILES[name].read_text(encoding="utf-8")
    assert old in text and wrong(name, text.replace(old, new, 1))


def test_a_job_that_nothing_waits_for_is_found_though_it_is_listed(monkeypatch: pytest.MonkeyPatch):
    """A new job is listed soon; that publishing has to wait for it is forgotten as soon."""
    text = FILES["docs"].read_text(encoding="utf-8")
    more = text.replace("  publish:\n", "  more:\n    runs-on: ubuntu-24.04\n    steps: []\n  publish:\n")
    assert publishing_waits_for_every_job("docs", text) == []
    assert publishing_waits_for_every_job("docs", more) == ["a job", "more"]
