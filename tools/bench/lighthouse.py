"""Lighthouse on a phone: scores and times of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.browser.browser import find
from tests.browser.conftest import NO_OTHER_HOST
from tools.bench.tools import LIGHTHOUSE, WORK, median, run

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
TIMES = {
    "blocking_ms": "total-blocking-time",
    "first_paint_ms": "first-contentful-paint",
    "largest_paint_ms": "largest-contentful-paint",
    "speed_index_ms": "speed-index",
    "layout_shift": "cumulative-layout-shift",
}
RUN_SECONDS = 180


def score(address: str) -> dict[str, Any]:
    """Run Lighthouse once, as it comes: a middling phone on a slow mobile network, both simulated.

    Returns:
        The four scores (0 to 100), times, the speed of this machine as Lighthouse finds it (its benchmark index),
        and the audits that cost points.

    Raises:
        Failed: Lighthouse does.
    """
    WORK.mkdir(parents=True, exist_ok=True)
    report = WORK / "lighthouse.json"
    flags = f'--headless=new --no-sandbox --disable-gpu "{NO_OTHER_HOST}"'
    run(
        [
            "node",
            LIGHTHOUSE,
            address,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={flags}",
            "--disable-full-page-screenshot",
        ],
        WORK,
        seconds=RUN_SECONDS,
        environment={"CHROME_PATH": str(find())},
    )
    return read_report(report)


def read_report(file: Path) -> dict[str, Any]:
    """Return what counts of a report."""
    raw = json.loads(file.read_text(encoding="utf-8"))
    scores = {name: round(100 * (raw["categories"][name]["score"] or 0)) for name in CATEGORIES}
    times = {name: round(raw["audits"][audit].get("numericValue") or 0, 3) for name, audit in TIMES.items()}
    lost = {}
    for category in CATEGORIES:
        for entry in raw["categories"][category]["auditRefs"]:
            audit = raw["audits"][entry["id"]]
            if entry["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                lost[entry["id"]] = f"{category}: {audit['title']}"
    return {"scores": scores, **times, "benchmark_index": raw["environment"]["benchmarkIndex"], "lost": lost}


def summary(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the medians of several runs of one page."""
    names = (*TIMES, "benchmark_index")
    return {
        "runs": len(runs),
        "scores": {name: median(run["scores"][name] for run in runs) for name in CATEGORIES},
        **{name: median(run[name] for run in runs) for name in names},
        "performance_of_each": [run["scores"]["performance"] for run in runs],
        "blocking_ms_of_each": [run["blocking_ms"] for run in runs],
        "lost": dict(sorted({audit: title for run in runs for audit, title in run["lost"].items()}.items())),
    }
