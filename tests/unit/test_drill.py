"""The drill takes nothing for survived that is not: its judgement is tried on what commands might say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.drill.copies import Answer
from tools.drill.drill import report
from tools.drill.faults import Outcome, unclear

REFUSED = """\
docs/zh/a.md:3: block 1: records/x/cpu.json: this record is cut off or not JSON
    remedy: bring back what was committed: git checkout -- records/x   (or make it anew: make run)
docs/zh/a.md:9: block 2 has not run
    remedy: run: make run
2 findings on 1 pages in 2 languages
"""
GOOD = Outcome("kill: run", "after 1.00 s", "built", "", equal=True)


def test_the_first_problem_and_all_remedies_are_read():
    answer = Answer(1, REFUSED)
    assert answer.gist == "docs/zh/a.md:3: block 1: records/x/cpu.json: this record is cut off or not JSON"
    assert [remedy.split(":")[0] for remedy in answer.remedies] == ["bring back what was committed", "run"]
    assert Answer(0, "0 findings\nbuilt site\n").gist == "built site"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(1, REFUSED), ""),
        (Answer(1, "it failed\n"), "without a remedy"),
        (Answer(-9, REFUSED), "status -9"),
        (Answer(1, f"Traceback (most recent call last):\n{REFUSED}OSError: no"), "a traceback: OSError: no"),
    ],
)
def test_a_refusal_must_be_a_message_with_a_remedy(answer: Answer, says: str):
    assert says in unclear(answer) and bool(says) == bool(unclear(answer))


@pytest.mark.parametrize("flaw", [{"equal": False}, {"lost": 1}, {"trouble": "the old site was gone"}])
def test_one_flaw_is_not_survived(flaw: dict[str, object]):
    assert GOOD.survived
    flawed = replace(GOOD, **flaw)  # type: ignore[arg-type]
    assert not flawed.survived
    text = report([GOOD, flawed], 0, as_root=True, seconds=60)
    assert "Faults: 2; survived: 1;" in text and "**" in text


def test_a_row_of_the_report_is_one_line():
    text = report([replace(GOOD, said=f"a | b\n{'c' * 300}")], 0, as_root=False, seconds=60)
    (row,) = [line for line in text.splitlines() if line.startswith("| kill")]
    assert row.count("|") == 7 and "…" in row
