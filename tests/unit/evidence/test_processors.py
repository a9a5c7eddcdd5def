"""Records of one code made on several processors: what ``book.evidence.compare`` tolerates is what they differ by.

``tests/data/processors`` holds records of the same blocks, made on an AMD EPYC (Zen 4), on an Intel Xeon (Rocket Lake),
and on the EPYC with the libraries told that it has no AVX-512, as most machines of CI have none.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from book.core.site import Book
from book.evidence import compare, record
from book.evidence.compare import ELSEWHERE
from book.evidence.measured import Measured

DATA = Path(__file__).parents[2] / "data" / "processors"
SWAYED = {
    "algorithms/linear-regression": {"three_ways", "lost", "lost_inverse", "lost_cholesky", "lost_qr"},
    "practice/mnist-cnn": {
        *("center", "confusion", "curves", "best_epoch", "exponentials", "first_loss", "guess", "hardest", "high"),
        *("hardest_recall", "history", "last_loss", "log_p", "logits", "loss_by_hand", "margin", "mistakes", "worst"),
        *("low", "predicted", "probabilities", "recall", "root", "shade", "shares", "spread", "test_loss"),
        *("test_accuracy", "true", "val_accuracy", "val_loss", "worst_count", "worst_guess", "worst_true", "wrong"),
    },
    "algorithms/training-loop": {
        *("scale_best", "right", "init_mean", "tidy", "tidy_end", "mixed", "mixed_end", "finals", "rate_means"),
        *("best_rate", "outcomes", "recipe_mean", "recipe_std", "rises", "ends", "losses"),
    },
    "concepts/large-vs-small": {"spiral_accuracy", "smallest_fits", "largest_fits", "side"},
}
"""What these pages declare, with what follows from it; on the other pages nothing is."""


def of(folder: Path) -> Book:
    return replace(Book(), records=folder)


def pairs() -> list[tuple[str, Path, Path]]:
    folders = [*sorted(DATA.iterdir()), Book().records]
    found = []
    for one, other in combinations(folders, 2):
        names = {each.name for each in one.iterdir()} & {each.name for each in other.iterdir()}
        found += [(name, one, other) for name in sorted(names)]
    return found


def differences(name: str, one: Path, other: Path, what: Measured) -> list[str]:
    old, new = record.load(of(one), name), record.load(of(other), name)
    assert old and new
    return list(
        compare.compare(
            compare.with_figures(of(one), old), compare.with_figures(of(other), new).result, ELSEWHERE, what, {}
        )
    )


def page_of(name: str, folder: Path) -> str:
    return str(json.loads((folder / name / "cpu.json").read_text(encoding="utf-8"))["page"])


@pytest.mark.parametrize(("name", "one", "other"), [pytest.param(*each, id=each[0]) for each in pairs()])
def test_records_of_two_processors_agree(name: str, one: Path, other: Path):
    swayed = SWAYED.get(page_of(name, one), set())
    line = re.compile(r"^(.*)$", re.MULTILINE)
    what = Measured(frozenset(swayed), (line,) if swayed else (), bool(swayed), bool(swayed))
    assert differences(name, one, other, what) == []


def test_both_processors_stand_for_several_pages_each_and_sway_what_is_declared():
    kept = [(page_of(name, one), one.name, name, one, other) for name, one, other in pairs() if other.parent == DATA]
    for processor in ("intel", "epyc-without-avx-512"):
        assert len({page for page, *_, other in kept if processor == other.name}) >= 3
    swaying = {page for page, _, name, one, other in kept if differences(name, one, other, Measured())}
    assert swaying == SWAYED.keys()
