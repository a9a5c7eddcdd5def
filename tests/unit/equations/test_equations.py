"""Marks, declarations and records: what is checked is what the page shows, and what changed is checked anew."""

from __future__ import annotations

import json
import re
import sys

import pytest
from rich.console import Console

from book import cli as commands
from book.check import publishable
from book.core.findings import BookError, Finding
from book.core.markdown import scan
from book.draw.values import book_totals
from book.equations import declare, marks, records, report, verify
from book.equations.marks import displayed, same_in_both
from book.evidence import record
from tests.unit.equation_book import declared, mark, record_all
from tests.unit.miniature import SmallBook, only_finding, run_once


@pytest.fixture
def marked(book: SmallBook, monkeypatch: pytest.MonkeyPatch) -> SmallBook:
    monkeypatch.setattr(verify, "INPUTS", 12)  # it is not the check that is tested here
    return mark(book)


def findings(book: SmallBook) -> list[Finding]:
    """Return what `book check` finds about the equations alone."""
    pages = {(language, "part/page"): book.page(language) for language in ("zh", "en")}
    return list(report.findings(book, pages))


def finding(book: SmallBook) -> Finding:
    (one,) = findings(book)
    assert one.remedy
    return one


def line_of(book: SmallBook, text: str, language: str = "zh") -> int:
    lines = book.page_file(language, "part/page").read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if text in line)


# --- Marks


def test_marks_belong_to_the_equation_below_them():
    text = """
<!-- equation: one -->
$$
a = b
$$
!!! note "A box"
    <!-- unchecked: why -->

    $$ c $$
$$
d
$$
```text
<!-- equation: shown -->
```
<!-- equation: lost -->
Text with $x$.
<!-- equation: last -->"""
    found = [(one.kind, one.text, one.mark, one.first, one.tex) for one in displayed(scan(text))]
    assert found == [
        ("equation", "one", 1, 2, "a = b"),
        ("unchecked", "why", 6, 8, "c"),
        ("", "", 9, 9, "d"),
        ("equation", "lost", 15, -1, ""),
        ("equation", "last", 17, -1, ""),
    ]


def test_only_white_space_and_words_of_a_language_may_differ():
    assert same_in_both("a = b \\text{ 若 } c") == same_in_both("a=b\\text{ if }c")
    assert same_in_both("N_{\\text{in}}") != same_in_both("N_{\\text{out}}")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<!-- equation: mean -->\n", "", "does not say whether it is checked"),
        ("<!-- equation: mean -->", "<!-- equation: mode -->", "'mode' is not declared"),
        ("<!-- equation: mean -->", "<!-- equation: -->", "says no id"),
        ("<!-- unchecked: asymptotic -->", "<!-- unchecked: -->", "says no reason"),
        ("<!-- unchecked: asymptotic -->", "<!-- unchecked: a definition of ours -->", "is no reason"),
        ("<!-- equation: weighted-sum -->", "<!-- equation: mean -->", "'mean' stands at docs/zh/part/page.md:"),
        ("<!-- equation: mean -->", "<!-- equation: lost -->\n\n<!-- equation: mean -->", "stands no displayed"),
    ],
)
def test_a_wrong_mark_is_found_with_its_line(marked: SmallBook, old: str, new: str, problem: str):
    record_all(marked)
    assert not findings(marked)
    marked.edit(marked.zh, old, new)
    found = [one for one in findings(marked) if problem in one.problem]
    assert len(found) == 1 and found[0].file == "docs/zh/part/page.md" and found[0].line and found[0].remedy


@pytest.mark.parametrize(
    ("reason", "good", "bad"),
    [
        ("asymptotic", r"m \approx \mu", r"m = \mu"),
        ("update", r"w \leftarrow w - \eta", r"w = w_0 - \eta"),
        ("expectation", r"\mathrm{E}\, x = \mu", r"m = \mu"),
        ("condition", r"X^\top X\, w = X^\top y", r"G_{n} = e f"),
        ("condition", r"\eta < 2", "m = 2 c"),
        ("definition", r"\kappa(X^\top X) = \kappa(X)^2", r"G = e f \log(c)"),
        ("definition", r"k = \arg\min_j d_j", "G(e) = e f"),
    ],
)
def test_a_reason_fits_the_form_of_its_equation(marked: SmallBook, reason: str, good: str, bad: str):
    record_all(marked)
    for tex, problems in ((good, 0), (bad, 1)):
        old = next(one for one in displayed(marked.page().scan) if one.kind == "unchecked")
        for file in (marked.zh, marked.en):
            marked.edit(
                file, f"<!-- unchecked: {old.text} -->\n$$\n{old.tex}", f"<!-- unchecked: {reason} -->\n$$\n{tex}"
            )
        assert sum("another form" in one.problem for one in findings(marked)) == 2 * problems


def test_a_step_needs_its_result_below(marked: SmallBook):
    record_all(marked)
    marked.edit(marked.zh, "<!-- unchecked: asymptotic -->", "<!-- unchecked: step -->")
    assert any("another form" in one.problem for one in findings(marked))
    marked.edit(marked.zh, "<!-- equation: mean -->", "<!-- unchecked: step -->")
    assert sum("another form" in one.problem for one in findings(marked)) == 1
    marked.edit(marked.zh, "<!-- equation: weighted-sum -->", "### Next {#next}\n\n<!-- equation: weighted-sum -->")
    assert sum("another form" in one.problem for one in findings(marked)) == 2


def test_languages_must_agree(marked: SmallBook):
    record_all(marked)
    marked.edit(marked.en, "\\sum_{i=1}^{n} x_i", "\\sum_{i=1}^{n} x_i^2")
    found = finding(marked)
    assert found.file == "docs/en/part/page.md" and found.line == line_of(marked, "$$", "en")
    assert "'mean' differs from that of docs/zh/part/page.md" in found.problem
    marked.edit(marked.en, "<!-- equation: mean -->", "<!-- unchecked: step -->")
    found = findings(marked)[0]
    assert "marked equation 1 is (unchecked: step), docs/zh/part/page.md has mean" in found.problem
    assert found.line == line_of(marked, "unchecked: step", "en")


# --- Declarations


def test_a_declaration_knows_what_it_is_compared_with(marked: SmallBook):
    found = declare.declarations(marked)
    assert found["mean"].compared == {"code": ("page", "mean"), "library": ("separate", "")}
    assert found["weighted-sum"].snippet == marked.snippet
    assert declared(marked).read_text(encoding="utf-8").split("\n")[found["mean"].line - 1].strip() == "Equation("


@pytest.mark.parametrize(
    ("library", "kind", "names"),
    [
        ("np.mean", "separate", ""),
        ("np.median", "library", "np.median"),
        ("lambda x: tf.reduce_sum(x) / len(x)", "separate", ""),
        ("lambda x: stats.mean(np.asarray(x))", "library", "stats.mean"),
        ("lambda x: stats.NormalDist.from_samples(x).mean", "library", "stats.NormalDist.from_samples"),
        ("by_hand", "library", "stats.fmean"),
        ("lambda x: sum(x) / len(x)", "separate", ""),
        ("lambda x: page.mean(x)", "separate", ""),
    ],
)
def test_the_badge_names_the_functions_of_libraries(marked: SmallBook, library: str, kind: str, names: str):
    imports = "import statistics as stats\nimport tensorflow as tf\n\n\n"
    by_hand = f"{imports}def by_hand(x):\n    return sum([stats.fmean(x)])\n\n\nEQUATIONS = ["
    marked.edit(declared(marked), "EQUATIONS = [", by_hand)
    marked.edit(declared(marked), "lambda x: np.mean(x)", library)
    assert declare.declarations(marked)["mean"].compared["library"] == (kind, names)


@pytest.mark.parametrize(
    "code",
    [
        "lambda page, x: page.mean(x) * 1",
        "lambda page, x: page.mean(2 * x)",
        "lambda page, x: page.mean([x])",
        "lambda page, x: page.mean(x, 1.0)",
        "lambda page, x: page.mean(x=x)",
        "lambda page, x: page.mean(x)[x]",
        "lambda x: sum(x) / len(x)",
        "np.mean",
    ],
)
def test_code_is_the_page_s_function_as_it_is(marked: SmallBook, code: str):
    line = next(
        n for n, text in enumerate(declared(marked).read_text(encoding="utf-8").split("\n"), 1) if "page.mean" in text
    )
    marked.edit(declared(marked), "lambda page, x: page.mean(x)", code)
    found = finding(marked)
    assert "'mean' does not take the page's function as it is" in found.problem and found.line == line


def test_what_an_equation_was_independently_compared_with_is_counted(marked: SmallBook):
    record_all(marked)
    declarations = declare.declarations(marked)
    counts = [records.independent(declarations[each.id], each) for each in records.load_all(marked)]
    assert counts == [1, 2]
    marked.edit(declared(marked), "        code=lambda page, x: page.mean(x),\n", "")
    record_all(marked)
    assert "'mean' is compared with nothing independent of it" in finding(marked).problem


@pytest.mark.parametrize(
    ("tex", "state"),
    [
        ("2^{10} = 1024", "computed"),
        ("2^{10} \\approx 1000", "computed"),
        ("2^{10} = 1000", "wrong"),
        ("2^{10} \\approx 2000", "wrong"),
        ("n = 3", "chosen"),
        ("a = b + c", "unchecked"),
        ("s_k = \\sum_i w_{ki} x_i", "displayed"),
    ],
)
def test_equalities_within_a_line_are_listed_with_what_checks_them(marked: SmallBook, tex: str, state: str):
    for file in (marked.zh, marked.en):
        marked.edit(file, "`{python} total`", f"`{{python}} total` ${tex}$")
    (found,) = marks.stated(marked.page())
    assert (found.tex, found.state) == (tex, state)
    assert marks.totals(marked)["inline_equalities"] == 1
    record_all(marked)
    assert [f"${tex}$ does not hold" in each.problem for each in findings(marked)] == [True] * 2 * (state == "wrong")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("EQUATIONS = [", "EQUATIONS = [)", "this is not Python"),
        ("EQUATIONS = [", "OTHERS = [", "must be lists here"),
        ('SECTIONS = ["functions"]', "SECTIONS = [str()]", "SECTIONS must be a list of names"),
        ('SECTIONS = ["functions"]', 'SECTIONS = ["none"]', "has no section 'none'"),
        ('"mean",', '"the mean",', "an equation here has no id"),
        ('"mean",', '"weighted-sum",', "is declared in snippets/part/small_equations.py:"),
    ],
)
def test_a_wrong_declaration_is_named(marked: SmallBook, old: str, new: str, problem: str):
    marked.edit(declared(marked), old, new)
    found = finding(marked)
    assert found.file == "snippets/part/small_equations.py" and problem in found.problem


def test_what_an_editor_leaves_beside_a_declaration_does_no_harm(marked: SmallBook):
    record_all(marked)
    declared(marked).with_name(".#small_equations.py").symlink_to("me@host.123:456")
    declared(marked).with_name(".small_equations.py").write_text("(", encoding="utf-8")
    assert not findings(marked)


def test_a_declaration_that_is_no_text_is_named(marked: SmallBook):
    declared(marked).write_bytes(b"EQUATIONS = ['\xff']\n")
    assert "this is not Python" in finding(marked).problem


def test_a_declaration_without_an_equation_is_found(marked: SmallBook):
    record_all(marked)
    for file in (marked.zh, marked.en):
        marked.edit(file, "<!-- equation: weighted-sum -->", "<!-- unchecked: step -->")
    found = findings(marked)
    assert "no page has the equation 'weighted-sum'" in found[0].problem or "no page has" in found[-1].problem
    assert any(one.file == "snippets/part/small_equations.py" and one.line for one in found)


# --- Freshness


def test_a_new_equation_is_stale_until_it_is_recorded(marked: SmallBook):
    assert "was not checked since" in (said := finding(marked).problem) and said.endswith("; 1 more below it with it")
    assert len(records.stale(marked, records.placed(marked))) == 2
    record_all(marked)
    assert not findings(marked) and not records.stale(marked, records.placed(marked))


@pytest.mark.parametrize(
    ("where", "old", "new", "ids"),
    [
        ("page", "\\sum_{i=1}^{n} x_i", "\\sum_{i=1}^{n} 1 x_i", {"mean"}),
        ("snippet", "sum(x) / len(x)", "sum(x) / float(len(x))", {"mean", "weighted-sum"}),
        ("declarations", "np.mean(x)", "np.average(x)", {"mean"}),
        ("declarations", "import numpy as np", "import numpy as np\nimport math", {"mean", "weighted-sum"}),
        ("page", "$$\nm = ", "$$\n m  =\n ", set()),
        ("snippet", '"""Return the mean."""', '"""Return the mean."""  # of all', set()),
        ("snippet", "total = 1 + 2", "total = 1 + 3", set()),
        ("declarations", "np.mean(x)", "np.mean(  # the mean\n            x\n        )", set()),
    ],
)
def test_what_changed_is_checked_anew(marked: SmallBook, where: str, old: str, new: str, ids: set[str]):
    """LaTeX, the page's functions and the declaration count; layout, comments and other blocks do not."""
    record_all(marked)
    files = {"page": [marked.zh, marked.en], "snippet": [marked.snippet], "declarations": [declared(marked)]}
    for file in files[where]:
        marked.edit(file, old, new)
    assert {one.declaration.id for one in records.stale(marked, records.placed(marked))} == ids
    assert len(findings(marked)) == bool(ids)


def test_another_version_of_a_library_makes_it_stale(marked: SmallBook):
    record_all(marked)
    text = (marked.root / "requirements.txt").read_text(encoding="utf-8").replace("numpy==", "numpy==9")
    (marked.root / "requirements.txt").write_text(text, encoding="utf-8")
    assert {one.problem.partition(": ")[0] for one in findings(marked)} == {
        "equation 'mean' is out of date", "equation 'weighted-sum' is out of date",
    }  # fmt: skip
    assert len(records.stale(marked, records.placed(marked))) == 2


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"digest": 1}', "edited"])
def test_a_damaged_record_is_named_and_checked_anew(marked: SmallBook, damage: str):
    record_all(marked)
    (one, _) = records.placed(marked)
    file = records.folder(marked) / f"{one.name}.json"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('"killed": ', '"killed": 1') if damage == "edited" else damage, encoding="utf-8")
    with pytest.raises(BookError) as caught:
        records.load(marked, one.name)
    assert "git checkout" in only_finding(caught.value).remedy
    found = finding(marked)
    assert found.line == line_of(marked, "equation: mean") and re.search(
        "this record (is cut off|was changed by hand)", found.problem
    )
    assert [stale.declaration.id for stale in records.stale(marked, [one])] == ["mean"]


def test_records_of_former_equations_go(marked: SmallBook):
    record_all(marked)
    before = {file.name for file in records.folder(marked).glob("*.json")}
    marked.edit(marked.zh, "^{n} x_i\n", "^{n} 1 x_i\n")
    gone = records.prune(marked)
    assert len(gone) == 1 and {f"{gone[0]}.json"} == before - {f.name for f in records.folder(marked).glob("*.json")}


# --- The report


def test_the_report_lists_equations_survivors_and_what_is_not_checked(marked: SmallBook):
    marked.edit(declared(marked), '"n": "size"', '"n": "size(1,1)"')
    marked.edit(declared(marked), "np.mean(x),", "np.mean(x), survivors={'(1 / n) prod(i=1..n: x[i])': 'one x'},")
    record_all(marked)
    text = report.report_file(marked).read_text(encoding="utf-8")
    assert "\n2 equations, 24 inputs; " in text and "| `mean` | part/page | 12 | page mean (" in text
    assert "- `mean`: `(1 / n) prod(i=1..n: x[i])`: one x" in text and "UNEXPLAINED" in text
    assert "- part/page: `m \\approx \\mu`: asymptotic" in text


def test_survivors_must_be_few_and_explained(marked: SmallBook):
    marked.edit(declared(marked), '"n": "size"', '"n": "size(1,1)"')
    record_all(marked)
    problems = [one.problem for one in findings(marked)]
    assert "equation 'mean': the check does not tell it from '(1 / n) prod(i=1..n: x[i])'" in problems
    assert any("mutants are killed, less than 95%" in one for one in problems)


def test_a_report_that_is_out_of_date_is_found(marked: SmallBook):
    record_all(marked)
    report.report_file(marked).write_text("old", encoding="utf-8")
    found = finding(marked)
    assert (
        found.file == "records/equations/REPORT.md"
        and found.remedy == "run: make run   (for the report alone: python -m book equations)"
    )
    report.write(marked)
    assert not findings(marked)


def test_check_reports_equations(marked: SmallBook):
    assert [one.problem[:7] for one in publishable.check(marked)] == ["block 1"], "a page that must run is named once"
    record.save(marked, run_once(marked, marked.page()))
    assert any("equation 'mean' was not checked since" in one.problem for one in publishable.check(marked))


def test_totals_are_those_of_the_records(marked: SmallBook):
    assert not any(records.totals(marked).values())
    record_all(marked)
    totals = book_totals(marked)
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in records.folder(marked).glob("*.json")]
    assert (totals["equations"], totals["equation_inputs"]) == (2, 24)
    assert totals["mutants"] == sum(one["mutants"] for one in kept) == totals["mutants_killed"] > 10
    assert totals["mutants_killed_share"] == 1


# --- The commands


def test_the_command_checks_what_is_stale_and_writes_the_report(
    marked: SmallBook, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(commands, "console", Console(file=sys.stderr, width=200))
    assert commands.main(["equations"], marked) == 0
    said = capsys.readouterr().err
    assert re.search(r"part/page line \d+: mean: (\d+) of \1 mutants killed", said) and "2 equations checked" in said
    assert not findings(marked)

    marked.edit(marked.snippet, "w @ x", "w @ x + 1")
    assert commands.main(["equations", "--page", "part/page"], marked) == 1
    said = capsys.readouterr().err
    assert "weighted-sum: failed" in said and "by the page's weighted it is" in said and "remedy:" in said
    assert "mean: " in said, "the other one is checked and recorded all the same"
    assert [one.declaration.id for one in records.stale(marked, records.placed(marked))] == ["weighted-sum"]

    marked.edit(marked.snippet, "w @ x + 1", "w @ x")
    marked.edit(declared(marked), '"n": "size"', '"n": "size(1,1)"')
    assert commands.main(["equations"], marked) == 0
    assert "survives: (1 / n) prod(i=1..n: x[i])" in capsys.readouterr().err
    assert commands.main(["equations"], marked) == 0 and "0 equations checked" in capsys.readouterr().err
    assert commands.main(["equations", "--all"], marked) == 0 and "2 equations checked" in capsys.readouterr().err


def test_run_checks_stale_equations_after_the_blocks(marked: SmallBook, capsys: pytest.CaptureFixture[str]):
    marked.edit(marked.zh, "\\sum_{i=1}^{n} x_i", "\\sum_{i=1}^{n} x_i^2")
    assert commands.main(["run"], marked) == 1
    assert not records.stale(marked, [records.placed(marked)[1]])
    assert publishable.is_fresh(marked, marked.page()), "the blocks are recorded all the same"
    marked.edit(marked.zh, "x_i^2", "x_i")
    assert commands.main(["run", "--page", "part/page"], marked) == 0
    assert not findings(marked)
