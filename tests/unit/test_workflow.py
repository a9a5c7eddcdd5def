"""Nothing is published that was not checked, run, built and tried: walk the graph of jobs in docs.yml.

Each rule is a function from a workflow to what is wrong with it. The workflow must pass all of them, and each of
the spoiled copies below must be caught by the rule named with it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
SETUP = ROOT / ".github" / "actions" / "setup" / "action.yml"
USE_SETUP = "./.github/actions/setup"
MAKEFILE = ROOT / "Makefile"

Workflow = dict[str, Any]
Spoiler = Callable[[Workflow], Any]
"""Breaks a workflow in one place."""
BEFORE_PUBLISH = ("check", "execute-cpu", "execute-again", "build", "browser")
"""Each of these must have succeeded before the site is published."""
OVERRIDES = re.compile(r"\b(always|failure|cancelled)\s*\(")
"""A condition with one of these no longer implies that the needed jobs succeeded."""
WRITES = {
    "publish": {"pages": "write", "id-token": "write"},
}
"""The only jobs that may write anywhere, and where."""
GPU_ENDED_WELL = "(needs.execute-gpu.result == 'success' || needs.execute-gpu.result == 'skipped')"
VARIABLES = {
    "build": {"SITE_URL": "${{ steps.pages.outputs.base_url }}"},
    "execute-cpu": {"SHARD": "${{ matrix.shard }}"},
}
"""The only variables that steps of these jobs may set, and to what."""


def load(file: Path = WORKFLOWS / "docs.yml", action: Path = SETUP) -> Workflow:
    """Read a workflow, with the steps of the action of this repository in the place of the steps that use it.

    YAML 1.1 takes the key ``on`` for a truth value, so it is put right.
    """
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True, workflow.get("on"))
    own = yaml.safe_load(action.read_text(encoding="utf-8"))["runs"]
    assert own.keys() == {"using", "steps"} and own["using"] == "composite"
    for job in workflow["jobs"].values():
        job["steps"] = [
            each
            for step in job["steps"]
            for each in (copy.deepcopy(own["steps"]) if step == {"name": "Set up", "uses": USE_SETUP} else [step])
        ]
    return workflow  # type: ignore[no-any-return]


def jobs(workflow: Workflow) -> dict[str, dict[str, Any]]:
    return workflow["jobs"]  # type: ignore[no-any-return]


def steps(workflow: Workflow) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (job, step) for every step."""
    for name, job in jobs(workflow).items():
        for step in job.get("steps", []):
            yield name, step


def needs(job: dict[str, Any]) -> list[str]:
    """Return the jobs that a job needs directly."""
    needed = job.get("needs", [])
    return [needed] if isinstance(needed, str) else list(needed)


def guarantees(workflow: Workflow, name: str) -> set[str]:
    """Return the jobs that must have succeeded when a job runs, by itself or through what it needs.

    Without ``always()``, ``failure()`` or ``cancelled()`` in its condition, GitHub runs a job only if all that it
    needs succeeded. With one of them, only what the condition itself asks for is certain, and only where the
    condition is a chain of ``&&``.
    """
    job = jobs(workflow)[name]
    condition = str(job.get("if", ""))
    if OVERRIDES.search(condition):
        certain = {need for need in needs(job) if f"needs.{need}.result == 'success'" in terms(job)}
    else:
        certain = set(needs(job))
    return certain.union(*(guarantees(workflow, need) for need in certain))


def split_and(condition: str) -> list[str]:
    """Split a condition at the ``&&`` that stand in no parentheses; one with a bare ``||`` yields no terms."""
    text = " ".join(condition.split()).removeprefix("${{").removesuffix("}}")
    terms, depth, start, i = [], 0, 0, 0
    while i < len(text):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0 and text.startswith("||", i):
            return []
        if depth == 0 and text.startswith("&&", i):
            terms.append(text[start:i])
            start = i + 2
        i += 1
    return [*terms, text[start:]]


def terms(job: dict[str, Any]) -> set[str]:
    """Return what a job's condition asks for."""
    return {term.strip() for term in split_and(str(job.get("if", "")))}


def ancestors(workflow: Workflow, name: str) -> set[str]:
    """Return the jobs that a job needs, by itself or through others."""
    direct = needs(jobs(workflow)[name])
    return set(direct).union(*(ancestors(workflow, need) for need in direct))


def make_targets(makefile: Path = MAKEFILE) -> set[str]:
    """Return the targets that the Makefile has a rule for."""
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", makefile.read_text(encoding="utf-8"), re.MULTILINE))


# --- the rules


def publishing(workflow: Workflow) -> list[str]:
    """Return the jobs that publish: by what they do, not by their name."""
    return sorted({job for job, step in steps(workflow) if "deploy-pages" in step.get("uses", "")})


def rule_one_job_publishes(workflow: Workflow) -> list[str]:
    found = publishing(workflow)
    return [] if found == ["publish"] else [f"these jobs publish: {found}"]


def rule_nothing_unproven_is_published(workflow: Workflow) -> list[str]:
    return [
        f"{job} runs without the success of {missing}"
        for job in publishing(workflow)
        for missing in BEFORE_PUBLISH
        if missing not in guarantees(workflow, job)
    ]


def rule_a_failed_gpu_run_stops_publishing(workflow: Workflow) -> list[str]:
    return [
        f"{job} does not ask how the GPU run ended"
        for job in ("build", *publishing(workflow))
        if "execute-gpu" not in needs(jobs(workflow)[job]) or GPU_ENDED_WELL not in terms(jobs(workflow)[job])
    ]


def rule_a_skipped_gpu_run_skips_no_other_job(workflow: Workflow) -> list[str]:
    """GitHub skips whatever comes after a skipped job, however far, unless its own condition has a status function."""
    return [
        f"{name} is skipped with the GPU run"
        for name, job in jobs(workflow).items()
        if "execute-gpu" in ancestors(workflow, name) and "!cancelled()" not in terms(job)
    ]


def rule_the_site_shows_the_gpu_run(workflow: Workflow) -> list[str]:
    """The build fetches the records that the GPU run kept, if there was one, before it builds."""
    fetches = {
        "if": "${{ needs.execute-gpu.result == 'success' }}",
        "with": {"name": "records-gpu", "path": "records/"},
    }
    own = [step for job, step in steps(workflow) if job == "build"]
    at = [i for i, step in enumerate(own) if "download-artifact@" in step.get("uses", "")]
    builds = [i for i, step in enumerate(own) if step.get("run") == "make site"]
    good = [i for i in at if {key: own[i].get(key) for key in fetches} == fetches]
    return [] if at == good and good and builds and good[0] < builds[0] else ["the build does not show the GPU run"]


def rule_every_page_is_in_a_shard(workflow: Workflow) -> list[str]:
    job = jobs(workflow)["execute-cpu"]
    shards = job.get("strategy", {}).get("matrix", {}).get("shard", [])
    whole = {"fail-fast": False, "matrix": {"shard": [f"{i}/{len(shards)}" for i in range(1, len(shards) + 1)]}}
    sharded = [step.get("env") for step in job["steps"] if step.get("run") == "make blocks"]
    good = bool(shards) and job.get("strategy") == whole and sharded == [VARIABLES["execute-cpu"]]
    return [] if good else ["the shards are not all of the book"]


def rule_only_main_is_published(workflow: Workflow) -> list[str]:
    asked = {"github.ref == 'refs/heads/main'", "github.event_name != 'pull_request'", "!cancelled()"}
    return [
        f"{job} does not ask for {term}" for job in publishing(workflow) for term in asked - terms(jobs(workflow)[job])
    ]


def rule_no_step_hides_a_failure(workflow: Workflow) -> list[str]:
    hiding = [f"{name}: continue-on-error" for name, job in jobs(workflow).items() if "continue-on-error" in job]
    for name, step in steps(workflow):
        if "continue-on-error" in step:
            hiding.append(f"{name}: continue-on-error in a step")
        if step.get("run") and "if" in step:
            hiding.append(f"{name}: {step['run']!r} runs only under a condition")
    return hiding


def rule_the_gated_jobs_do_their_work(workflow: Workflow) -> list[str]:
    work = {
        "check": ["check"],
        "execute-cpu": ["blocks"],
        "execute-again": ["reduced", "forms", "zensical"],
        "build": ["site"],
        "browser": ["browser"],
    }
    runs = {name: [step["run"] for job, step in steps(workflow) if job == name and "run" in step] for name in work}
    return [
        f"{name} does not run make {target}"
        for name, targets in work.items()
        for target in targets
        if f"make {target}" not in runs[name]
    ]


def rule_what_was_tested_is_what_is_published(workflow: Workflow) -> list[str]:
    """The site travels as one artifact: uploaded by build, fetched by browser and publish, built nowhere else."""
    uploads = [j for j, s in steps(workflow) if "upload-artifact@" in s.get("uses", "") and s["with"]["name"] == "site"]
    fetches = {
        j for j, s in steps(workflow) if "download-artifact@" in s.get("uses", "") and s["with"].get("name") == "site"
    }
    problems = [] if uploads == ["build"] else [f"the site is uploaded by {uploads}"]
    return problems + [f"{job} does not fetch the site" for job in ("browser", "publish") if job not in fetches]


def rule_actions_are_pinned(workflow: Workflow) -> list[str]:
    return [
        f"{job} uses {step['uses']}"
        for job, step in steps(workflow)
        if "uses" in step and not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])
    ] + [f"{name} calls {job['uses']}" for name, job in jobs(workflow).items() if "uses" in job]


def rule_no_permission_by_default(workflow: Workflow) -> list[str]:
    return [] if workflow.get("permissions") == {} else ["the workflow has permissions of its own"]


def rule_jobs_may_only_read(workflow: Workflow) -> list[str]:
    problems = []
    for name, job in jobs(workflow).items():
        permissions = job.get("permissions")
        if not isinstance(permissions, dict):
            problems.append(f"{name} does not say what it may")
            continue
        writes = {scope: right for scope, right in permissions.items() if right != "read"}
        if writes != WRITES.get(name, {}):
            problems.append(f"{name} may write: {writes}")
    return problems


def rule_no_credentials_stay_behind(workflow: Workflow) -> list[str]:
    return [
        f"{job} keeps the token in the checkout"
        for job, step in steps(workflow)
        if step.get("uses", "").startswith("actions/checkout@")
        and step.get("with", {}).get("persist-credentials") is not False
    ]


def rule_every_job_ends(workflow: Workflow) -> list[str]:
    return [
        f"{name} has no timeout-minutes"
        for name, job in jobs(workflow).items()
        if not isinstance(job.get("timeout-minutes"), int) or job["timeout-minutes"] > 90
    ]


def rule_every_command_is_a_make_target(workflow: Workflow) -> list[str]:
    targets = make_targets()
    problems = []
    for job, step in steps(workflow):
        if "run" not in step:
            continue
        match = re.fullmatch(r"make ([a-z-]+)((?: [A-Z]+=[\w.-]+)*)\n?", step["run"])
        if not match or match[1] not in targets:
            problems.append(f"{job} runs {step['run']!r}")
    return problems


def rule_no_command_is_bent(workflow: Workflow) -> list[str]:
    """No variable such as MAKEFLAGS, no other shell, no other folder changes what a command does."""
    problems = [f"{key} for the whole workflow" for key in ("env", "defaults") if key in workflow]
    problems += [
        f"{key} in {name}" for name, job in jobs(workflow).items() for key in ("env", "defaults") if key in job
    ]
    for name, step in steps(workflow):
        problems += [f"{name}: {key}" for key in step if key in ("shell", "working-directory")]
        allowed = VARIABLES.get(name, {})
        problems += [f"{name}: {key}" for key, value in step.get("env", {}).items() if allowed.get(key) != value]
    return problems


def rule_no_expression_in_a_command(workflow: Workflow) -> list[str]:
    return [f"{job}: {step['run']!r}" for job, step in steps(workflow) if "${{" in step.get("run", "")]


def rule_no_fork_reaches_the_gpu(workflow: Workflow) -> list[str]:
    """A runner that is not GitHub's own is lent only to code of this repository."""
    own = "(github.event_name != 'pull_request' || github.event.pull_request.head.repo.full_name == github.repository)"
    problems = []
    for name, job in jobs(workflow).items():
        if str(job.get("runs-on", "")).startswith("ubuntu-"):
            continue
        problems += [f"{name} does not ask for {term}" for term in {"vars.GPU_RUNNER != ''", own} - terms(job)]
    return problems


def rule_a_missing_gpu_is_said(workflow: Workflow) -> list[str]:
    job = jobs(workflow).get("gpu-skipped", {})
    runs = [step.get("run") for step in job.get("steps", [])]
    said = "make gpu-skipped" in runs and job.get("if") == "${{ vars.GPU_RUNNER == '' }}"
    return [] if said else ["nothing says that the GPU run was skipped"]


def rule_gpu_records_are_kept(workflow: Workflow) -> list[str]:
    own = [step for job, step in steps(workflow) if job == "execute-gpu"]
    ran = "make run DEVICE=gpu" in [step.get("run") for step in own]
    kept = any("upload-artifact@" in s.get("uses", "") and s["with"].get("path") == "records/" for s in own)
    return [] if ran and kept else ["the records of the GPU run are not kept"]


def rule_no_foreign_code_with_rights(workflow: Workflow) -> list[str]:
    bad = {"pull_request_target", "workflow_run", "issue_comment"} & set(workflow["on"])
    return [f"started by {event}" for event in sorted(bad)]


def rule_old_runs_give_way(workflow: Workflow) -> list[str]:
    return [] if workflow.get("concurrency", {}).get("group") else ["there is no concurrency group"]


RULES = {name.removeprefix("rule_"): value for name, value in list(globals().items()) if name.startswith("rule_")}


# --- the workflow keeps the rules


@pytest.fixture(scope="module")
def docs() -> Workflow:
    return load()


def test_the_workflow_keeps_the_rules(docs: Workflow) -> None:
    assert {name: rule(docs) for name, rule in RULES.items() if rule(docs)} == {}


def test_there_is_no_other_workflow_or_action() -> None:
    """A second one would have to be walked too."""
    files = {file.relative_to(ROOT / ".github").as_posix() for file in (ROOT / ".github").rglob("*.y*ml")}
    assert files == {"workflows/docs.yml", "actions/setup/action.yml", "dependabot.yml", "zizmor.yml"}


def test_pinned_actions_name_their_version() -> None:
    """Beside each commit stands the release it is, for readers and for Dependabot."""
    texts = [file.read_text(encoding="utf-8") for file in (WORKFLOWS / "docs.yml", SETUP)]
    lines = [line for text in texts for line in text.splitlines() if "uses:" in line and USE_SETUP not in line]
    assert lines and all(re.search(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in lines)


def test_each_job_that_makes_anything_is_set_up(docs: Workflow) -> None:
    """With the Python and the Node.js of the action, right after the checkout."""
    for name, job in jobs(docs).items():
        if any("run" in step and step["run"] != "make gpu-skipped" for step in job["steps"]):
            kinds = [step.get("uses", "").partition("@")[0] for step in job["steps"][:3]]
            assert kinds == ["actions/checkout", "actions/setup-python", "actions/setup-node"], name


@pytest.mark.parametrize("bent", ["shell: bash", "if: false", "with: {a: b}", "continue-on-error: true"])
def test_the_action_is_used_as_it_is(bent: str, tmp_path: Path) -> None:
    """A step that uses it in another way stays what it is, and no rule lets it pass."""
    text = (WORKFLOWS / "docs.yml").read_text(encoding="utf-8")
    file = tmp_path / "docs.yml"
    file.write_text(text.replace(f"uses: {USE_SETUP}\n", f"uses: {USE_SETUP}\n        {bent}\n", 1), encoding="utf-8")
    assert RULES["actions_are_pinned"](load(file)) == [f"check uses {USE_SETUP}"]


def test_the_action_keeps_the_rules(tmp_path: Path) -> None:
    """What its steps do is held to the rules like any step's."""
    text = SETUP.read_text(encoding="utf-8")
    file = tmp_path / "action.yml"
    file.write_text(text + "    - name: More\n      run: curl example.org\n      shell: bash\n", encoding="utf-8")
    found = load(action=file)
    assert RULES["every_command_is_a_make_target"](found) and RULES["no_command_is_bent"](found)


# --- and each rule notices what breaks it


def job(name: str, **changes: Any) -> Spoiler:
    """Change a job's keys; None takes one away."""

    def spoil(workflow: Workflow) -> None:
        for key, value in changes.items():
            key = key.replace("_", "-").rstrip("-")
            jobs(workflow)[name].pop(key, None)
            if value is not None:
                jobs(workflow)[name][key] = value

    return spoil


def condition(name: str, old: str, new: str) -> Spoiler:
    """Change a job's condition."""

    def spoil(workflow: Workflow) -> None:
        assert old in jobs(workflow)[name]["if"], f"{old!r} is not in the condition of {name}"
        jobs(workflow)[name]["if"] = jobs(workflow)[name]["if"].replace(old, new)

    return spoil


def step(name: str, uses_or_run: str, **changes: Any) -> Spoiler:
    """Change the keys of the step of a job that uses or runs what is named; None takes one away."""

    def spoil(workflow: Workflow) -> None:
        (found,) = (s for s in jobs(workflow)[name]["steps"] if uses_or_run in s.get("uses", "") + s.get("run", ""))
        for key, value in changes.items():
            key = key.replace("_", "-").rstrip("-")
            found.pop(key, None)
            if value is not None:
                found[key] = value

    return spoil


def shards(*which: str) -> Spoiler:
    """Run these shards of the book."""
    return job("execute-cpu", strategy={"fail-fast": False, "matrix": {"shard": list(which)}})


def top(key: str, value: Any) -> Spoiler:
    def spoil(workflow: Workflow) -> None:
        workflow[key] = value

    return spoil


def both(*spoilers: Spoiler) -> Spoiler:
    def spoil(workflow: Workflow) -> None:
        for each in spoilers:
            each(workflow)

    return spoil


UNPROVEN = "nothing_unproven_is_published"
GPU = "a_failed_gpu_run_stops_publishing"
MAIN = "only_main_is_published"
HIDDEN = "no_step_hides_a_failure"
WORK = "the_gated_jobs_do_their_work"
TESTED = "what_was_tested_is_what_is_published"
SKIPPED = "a_skipped_gpu_run_skips_no_other_job"
SHOWN = "the_site_shows_the_gpu_run"
SHARDS = "every_page_is_in_a_shard"
MAKE = "every_command_is_a_make_target"
FORK = "no_fork_reaches_the_gpu"
ALL_BUT_CPU = ["check", "execute-again", "execute-gpu", "build", "browser"]
ALL_BUT_GPU = ["check", "execute-cpu", "execute-again", "build", "browser"]

# fmt: off
SPOILED: list[tuple[str, str, Spoiler]] = [
    (UNPROVEN, "no needs", job("publish", needs=None)),
    (UNPROVEN, "a need less", job("publish", needs=ALL_BUT_CPU)),
    (UNPROVEN, "CPU run not asked for", condition("publish", "&& needs.execute-cpu.result == 'success'", "")),
    (UNPROVEN, "notebook, script and Zensical not asked for", condition(
        "publish", "&& needs.execute-again.result == 'success'", "")),
    (UNPROVEN, "build not asked for", both(
        condition("publish", "&& needs.build.result == 'success'", ""), job("browser", needs=["check"]))),
    (UNPROVEN, "a failed browser let through", condition(
        "publish", "needs.browser.result == 'success'", "(needs.browser.result == 'success' || true)")),
    (UNPROVEN, "a skipped CPU run let through", condition(
        "publish", "needs.execute-cpu.result == 'success'", "needs.execute-cpu.result != 'failure'")),
    (UNPROVEN, "or instead of and", condition("publish", "&& needs.check.result", "|| needs.check.result")),
    (UNPROVEN, "more after the expression", condition("publish", "}}", "}} || true")),
    (UNPROVEN, "always", job("publish", if_="${{ always() }}")),
    (UNPROVEN, "not cancelled is enough", job("publish", if_="${{ !cancelled() && github.ref == 'refs/heads/main' }}")),
    (UNPROVEN, "not failed is enough", job("publish", if_="${{ !failure() && github.ref == 'refs/heads/main' }}")),
    (UNPROVEN, "a second job that publishes", lambda w: jobs(w).update(
        sneak={**jobs(w)["publish"], "needs": ["build"], "if": "${{ github.ref == 'refs/heads/main' }}"})),
    ("one_job_publishes", "none does", step("publish", "deploy-pages", uses="actions/checkout@" + "0" * 40)),
    (GPU, "not needed", job("publish", needs=ALL_BUT_GPU)),
    (GPU, "its failure let through", condition("publish", "gpu.result == 'skipped'", "gpu.result != ''")),
    (GPU, "not needed by the build", job("build", needs=["check"])),
    (GPU, "its failure let through by the build", condition("build", "gpu.result == 'skipped'", "gpu.result != ''")),
    (SKIPPED, "the build", condition("build", "!cancelled()", "true")),
    (SKIPPED, "the browser", job("browser", if_=None)),
    (SKIPPED, "a job after all others", lambda w: jobs(w).update(last={"needs": "publish"})),
    (SHOWN, "not fetched", step("build", "download-artifact", uses=None)),
    (SHOWN, "always fetched", step("build", "download-artifact", if_=None)),
    (SHOWN, "fetched when it failed", step("build", "download-artifact", if_="${{ !cancelled() }}")),
    (SHOWN, "other records", step("build", "download-artifact", with_={"name": "records", "path": "records/"})),
    (SHOWN, "too late", lambda w: jobs(w)["build"]["steps"].reverse()),
    (SHARDS, "one less", shards("1/2")),
    (SHARDS, "one twice", shards("1/2", "1/2")),
    (SHARDS, "of another number", shards("1/3", "2/3")),
    (SHARDS, "none", shards()),
    (SHARDS, "one excluded", job("execute-cpu", strategy={
        "fail-fast": False, "matrix": {"shard": ["1/2", "2/2"], "exclude": [{"shard": "2/2"}]}})),
    (SHARDS, "always the first", step("execute-cpu", "make blocks", env={"SHARD": "1/2"})),
    (SHARDS, "no strategy", job("execute-cpu", strategy=None)),
    (MAIN, "any branch", condition("publish", "&& github.ref == 'refs/heads/main'", "")),
    (MAIN, "pull requests", condition("publish", "&& github.event_name != 'pull_request'", "")),
    (MAIN, "after a cancel", condition("publish", "!cancelled()", "always()")),
    (HIDDEN, "in a job", job("execute-cpu", continue_on_error=True)),
    (HIDDEN, "in a step", step("browser", "make browser", continue_on_error=True)),
    (HIDDEN, "by a condition", step("execute-cpu", "make blocks", if_="${{ false }}")),
    (WORK, "less work", step("execute-cpu", "make blocks", run="make help")),
    (WORK, "no Zensical", step("execute-again", "make zensical", run="make help")),
    (WORK, "no work", step("browser", "make browser", run=None)),
    (TESTED, "another site", step("publish", "download-artifact", with_={"name": "x"})),
    (TESTED, "uploaded twice", lambda w: jobs(w)["browser"]["steps"].append(jobs(w)["build"]["steps"][-1])),
    ("actions_are_pinned", "a tag", step("check", "actions/checkout", uses="actions/checkout@v7")),
    ("actions_are_pinned", "a short commit", step("check", "setup-node", uses="actions/setup-node@8207627")),
    ("actions_are_pinned", "a branch", step("publish", "deploy-pages", uses="actions/deploy-pages@main")),
    ("actions_are_pinned", "an image", step("check", "setup-python", uses="docker://python:3.11")),
    ("actions_are_pinned", "a workflow elsewhere", job("check", uses="a/b/.github/workflows/c.yml@main")),
    ("no_permission_by_default", "read all", top("permissions", "read-all")),
    ("no_permission_by_default", "none stated", lambda w: w.pop("permissions")),
    ("jobs_may_only_read", "the build writes", job("build", permissions={"contents": "write"})),
    ("jobs_may_only_read", "everything", job("publish", permissions="write-all")),
    ("jobs_may_only_read", "not said", job("check", permissions=None)),
    ("no_credentials_stay_behind", "by default", step("check", "actions/checkout", with_=None)),
    ("no_credentials_stay_behind", "on purpose", step("build", "checkout", with_={"persist-credentials": True})),
    ("every_job_ends", "no limit", job("gpu-skipped", timeout_minutes=None)),
    ("every_job_ends", "hours", job("execute-gpu", timeout_minutes=360)),
    (MAKE, "a command", step("check", "make check", run="ruff check .")),
    (MAKE, "no such target", step("check", "make check", run="make chekc")),
    (MAKE, "something after it", step("check", "make check", run="make check || true")),
    (MAKE, "two lines", step("check", "make check", run="make check\nrm -rf records")),
    (MAKE, "errors ignored", step("check", "make check", run="make check -i")),
    ("no_command_is_bent", "errors ignored", step("check", "make check", env={"MAKEFLAGS": "-i"})),
    ("no_command_is_bent", "another job's", step("check", "make check", env={"SHARD": "${{ matrix.shard }}"})),
    ("no_command_is_bent", "another value", step("build", "make site", env={"SITE_URL": "/"})),
    ("no_command_is_bent", "for all", top("env", {"MAKEFLAGS": "-n"})),
    ("no_command_is_bent", "for a job", job("check", defaults={"run": {"shell": "true {0}"}})),
    ("no_command_is_bent", "a shell", step("check", "make check", shell="true {0}")),
    ("no_expression_in_a_command", "injection", step("build", "make site", run="make site # ${{ github.ref }}")),
    (FORK, "no condition", job("execute-gpu", if_=None)),
    (FORK, "forks let in", job("execute-gpu", if_="${{ vars.GPU_RUNNER != '' }}")),
    (FORK, "or", condition("execute-gpu", "vars.GPU_RUNNER != ''", "vars.GPU_RUNNER != '' || true")),
    (FORK, "another job there", job("check", runs_on="self-hosted")),
    ("a_missing_gpu_is_said", "never", job("gpu-skipped", if_="${{ false }}")),
    ("a_missing_gpu_is_said", "no such job", lambda w: jobs(w).pop("gpu-skipped")),
    ("gpu_records_are_kept", "on the CPU", step("execute-gpu", "make run", run="make run")),
    ("gpu_records_are_kept", "not kept", step("execute-gpu", "upload-artifact", uses=None)),
    ("no_foreign_code_with_rights", "its trigger", lambda w: w["on"].update(pull_request_target=None)),
    ("old_runs_give_way", "no group", lambda w: w.pop("concurrency")),
]
# fmt: on


def test_each_rule_notices_what_breaks_it(docs: Workflow) -> None:
    unnoticed = []
    for rule, what, spoil in SPOILED:
        spoiled = copy.deepcopy(docs)
        spoil(spoiled)
        unnoticed += [] if RULES[rule](spoiled) else [f"{rule}: {what}"]
    assert unnoticed == [] and set(RULES) == {rule for rule, _, _ in SPOILED}
