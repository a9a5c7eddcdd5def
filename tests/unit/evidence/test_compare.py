"""Everything shown is compared: variables, printed outputs, figures; measured values are declared where assigned."""

from __future__ import annotations

import io
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from book.check import publishable
from book.core.page import Block
from book.core.site import Book
from book.evidence import compare, measured, near
from book.evidence.compare import ELSEWHERE
from book.evidence.near import EXACT, FORM, Near
from book.evidence.record import Circumstances, Record, Result
from book.evidence.sweep import Statistics
from tests.unit.miniature import SmallBook

THEN = Circumstances("2026-01-31", "", "", "", 2, "", {})
FIGURE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><defs><path id="{id}" d="M 0 0 L 1 1"/></defs>
<g id="axes"><path d="M 10 20 L {x} 40" style="stroke: {color}"/><use href="#{id}" x="5" y="6"/>
<text x="1" y="2">{label}</text>{more}</g></svg>"""
PLAIN = {"id": "a", "x": "300", "color": "#3b82c4", "label": "loss 0.25", "more": ""}


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(mime: str, content: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime: content}, "metadata": {}}


def result(variables: dict[str, Any], *outputs: dict[str, Any], **figures: bytes) -> Result:
    return Result([*outputs], 1, 1, variables, {name.replace("_", "."): raw for name, raw in figures.items()})


def differences(old: Result, new: Result, tolerated: Near = EXACT, **more: Any) -> list[str]:
    kept = Record("", "", 0, "cpu", more.get("then", THEN), old)
    what = more.get("what", measured.Measured())
    return list(compare.compare(kept, new, tolerated, what, more.get("spread", {})))


# --- Variables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ({"total": 3}, {"total": 4}, "total is 4, the record has 3"),
        ({"name": "cat"}, {"name": "dog"}, "name is 'dog', the record has 'cat'"),
        ({"rows": [1.5, [2.5]]}, {"rows": [1.5, [2.6]]}, "rows[1][0] is 2.6, the record has 2.5"),
        ({"rows": [1]}, {"rows": [1, 2]}, "rows has 2 items, the record has 1"),
        ({"by": {"a": 1}}, {"by": {"b": 1}}, "by['a'] is gone (it was 1)"),
        ({"by": {}}, {"by": {"b": 1}}, "by['b'] is 1, the record does not have it"),
        ({"a": 1}, {}, "a is gone (it was 1)"),
        ({}, {"a": 1}, "a is 1, the record does not have it"),
        ({"fits": True}, {"fits": 1}, "fits is 1, the record has True"),
        ({"x": 1.0}, {"x": float("nan")}, "x is nan, the record has 1.0"),
        ({"train_memory_seconds": 1}, {"train_memory_seconds": 2}, "no name excuses a difference"),
    ],
)
def test_every_kind_of_variable_is_compared_here_and_elsewhere(old: dict[str, Any], new: dict[str, Any], says: str):
    for tolerated in (EXACT, ELSEWHERE):
        found = differences(result(old), result(new), tolerated)
        assert found and (says in found or says.startswith("no "))
        assert not differences(result(old), result(old), tolerated)


def test_to_the_last_bit_here_and_a_hundred_thousandth_elsewhere():
    old, new = result({"x": 1.0, "n": 100_000}), result({"x": 1.000009, "n": 100_000})
    assert differences(old, new) and not differences(old, new, ELSEWHERE)
    assert differences(old, result({"x": 1.00002, "n": 100_000}), ELSEWHERE)
    assert differences(old, result({"x": 1.0, "n": 100_001}), ELSEWHERE), "whole numbers are counts"
    assert differences(result({"x": 0.0}), result({"x": -0.0})) and not differences(
        result({"x": 0.0}), result({"x": -0.0}), ELSEWHERE
    )


def test_elsewhere_a_swept_result_may_differ_by_six_deviations():
    more: Any = {"spread": {"accuracy": Statistics.of((0.98, 0.99, 1.0))}}
    old = result({"accuracy": 0.99})
    assert differences(old, result({"accuracy": 0.9901}), **more)
    assert not differences(old, result({"accuracy": 0.94}), ELSEWHERE, **more)
    (found,) = differences(old, result({"accuracy": 0.92}), ELSEWHERE, **more)
    assert found == "accuracy is 0.92, outside 0.99 ± 0.06 (3 seeds)"
    assert differences(old, result({"accuracy": float("nan")}), ELSEWHERE, **more)


# --- Outputs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "same_elsewhere"),
    [
        ("accuracy 0.98", "accuracy 0.97", True),
        ("accuracy 0.98", "accuracy 0.96", False),
        ("accuracy 0.98", "error 0.98", False),
        ("60000 images", "60001 images", False),
        ("98.7 %", "98.7", False),
        ("[ 9.99 1]", "[10.00 1]", True),
        ("1,024.5", "1,024.6", True),
        ("1.25e-05", "1.26e-05", True),
        ("1.25e-05", "1.25e-06", False),
        ("a 1.5\nb 2.5", "a 1.5", False),
        ("nan", "0.5", False),
        ("1 2", "12", False),
        ("−80.25", "80.25", False),
    ],
)
def test_a_printed_text_is_compared_number_by_number_at_the_precision_shown(old: str, new: str, same_elsewhere: bool):
    for kind in (stream, lambda text: shown("text/html", f"<b>{text}</b>"), lambda text: shown("text/latex", text)):
        before, after = result({}, kind(old)), result({}, kind(new))
        assert differences(before, after)
        assert not differences(before, before)
        assert (not differences(before, after, ELSEWHERE)) == same_elsewhere


def test_a_difference_names_the_output_and_its_line():
    (found,) = differences(result({}, stream("a\nloss 0.25\n")), result({}, stream("a\nloss 0.75\n")), ELSEWHERE)
    assert found == "output 1: line 2 is 'loss 0.75', the record has 'loss 0.25'"
    (found,) = differences(result({}, stream("a")), result({}, shown("text/html", "a")))
    assert found == "the outputs are text/html, the record has stdout"
    assert differences(result({}, stream("a")), result({}))


# --- Figures --------------------------------------------------------------------------------------------------------


def figure(tolerated: Near = EXACT, what: measured.Measured | None = None, **changed: str) -> list[str]:
    old, new = (FIGURE.format(**PLAIN, **{}).encode(), FIGURE.format(**{**PLAIN, **changed}).encode())
    before = result({}, shown("figure", "cpu-1.svg"), **{"cpu-1_svg": old})
    after = result({}, shown("figure", "cpu-1.svg"), **{"cpu-1_svg": new})
    return differences(before, after, tolerated, what=what or measured.Measured())


def test_a_figure_is_compared_line_by_line_and_label_by_label():
    assert figure(label="loss 0.75") == ["figure 1: the label is 'loss 0.75', the record has 'loss 0.25'"]
    assert figure(ELSEWHERE, label="error 0.25") and figure(ELSEWHERE, label="loss 0.27")
    assert figure(color="#ff0000") and figure(ELSEWHERE, color="#ff0000")
    (found,) = figure(ELSEWHERE, x="250")
    assert found.startswith("figure 1: d of <path> is 'M 10 20 L 250 40'")
    assert figure(x="300.1") and not figure(ELSEWHERE, x="300.1"), "a thousandth of the width is 0.4"
    assert "has other elements: <text> 'best'" in figure(ELSEWHERE, more="<text>best</text>")[0]
    assert not figure(id="b"), "ids are the library's own"
    assert figure(more="&unknown;")[0].startswith("figure 1: cannot be read")


def test_of_a_figure_of_measured_values_words_and_colors_are_compared():
    what = measured.Measured(drawn=True)
    assert not figure(ELSEWHERE, what, x="250", label="loss 7.5")
    assert figure(ELSEWHERE, what, label="gain 0.25") and figure(ELSEWHERE, what, color="#ff0000")


def picture(value: int, size: tuple[int, int] = (8, 4)) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", size, value).save(buffer, "PNG")
    return buffer.getvalue()


def test_pictures_of_pixels_have_one_size_and_nearly_one_brightness():
    def png(new: bytes, tolerated: Near = ELSEWHERE) -> list[str]:
        before = result({}, shown("figure", "cpu-1.png"), **{"cpu-1_png": picture(100)})
        return differences(before, result({}, shown("figure", "cpu-1.png"), **{"cpu-1_png": new}), tolerated)

    assert not png(picture(100)) and png(picture(101), EXACT) and png(picture(130))
    assert png(picture(100, (8, 5))) == ["figure 1: has 1 pictures of 8 x 5 pixels, the record 1 of 8 x 4"]
    within = ['<image href="data:image/png;base64,' + b64encode(picture(n)).decode() + '"/>' for n in (100, 200)]
    old, new = (FIGURE.format(**{**PLAIN, "more": one}).encode() for one in within)
    assert list(near.drawings(old, new, ELSEWHERE)) and not list(near.drawings(old, old, EXACT))


def test_a_record_of_tomorrow_is_a_difference():
    then = replace(THEN, date="2999-01-01")
    assert "the record is of 2999-01-01" in differences(result({}), result({}), then=then)[0]


# --- Measured values ------------------------------------------------------------------------------------------------

TIMED = """
from time import perf_counter
def median_ms(step):
    start = perf_counter()
    return perf_counter() - start
started = perf_counter()  # measured: time
rows = 3
seconds = perf_counter() - started
ratio = 2 * seconds
print(f"{rows} rows: {seconds:.2f} s, {rows} again")
print("rows", rows)
parts = {  # measured: time
    "a": median_ms(print),
}
loop = [f"{value:.1f}" for value in parts.values()]
"""


def blocks(*codes: str) -> tuple[Block, ...]:
    return tuple(Block(f"{i}", "", i, "python", code.strip("\n"), 1) for i, code in enumerate(codes))


def test_what_is_assigned_from_a_measured_value_is_measured():
    first, second = measured.of_blocks(Book(), blocks(TIMED, "share = ratio / rows\nratio = 1\nseconds"))
    assert first.names == {"started", "seconds", "ratio", "parts", "loop"}
    assert second.names == {"started", "seconds", "share", "parts", "loop"} and second.shown
    code = "for ratio in rows: pass\ntotals['a'] = seconds\ntotals['b'] = 1\nrows = [seconds for seconds in rows]"
    (third,) = measured.of_blocks(Book(), blocks(TIMED, code))[1:]
    assert third.names == {"started", "seconds", "parts", "loop", "totals"}, "a name is what was last assigned to it"
    assert measured.reads("f'{share:.1f}'", second) and not measured.reads("ratio + rows", second)
    assert measured.reads("page.seconds / 60", None)


def test_of_a_measured_value_only_the_form_is_compared_and_of_its_line_only_the_number():
    (what,) = measured.of_blocks(Book(), blocks(TIMED))
    old = result({"seconds": 0.25, "rows": 3}, stream("3 rows: 0.25 s, 3 again\nrows 3\n"))
    new = result({"seconds": 11.5, "rows": 3}, stream("3 rows: 11.50 s, 3 again\nrows 3\n"))
    assert differences(old, new) and not differences(old, new, what=what)
    for text in ("4 rows: 0.25 s, 3 again\nrows 3\n", "3 rows: 0.25 s, 4 again\nrows 3\n"):
        assert differences(old, result(dict(old.variables), stream(text)), what=what)
    assert differences(old, result(dict(old.variables), stream("3 rows: 0.25 s, 3 again\nrows 4\n")), what=what)
    assert differences(old, result({"seconds": "fast", "rows": 3}, *old.outputs), what=what)
    assert list(near.values("parts", {"a": 1.5}, {"b": 1.5}, FORM))


def test_a_measured_value_is_found_where_the_print_before_it_did_not_end_its_line():
    code = TIMED + 'print(f"{rows} left, {ratio:.2f} s", end=", ")\nprint(f"dense {seconds:.2f} s")'
    (what,) = measured.of_blocks(Book(), blocks(code))
    text = "{} left, {} s, dense {} s\n"
    old = result({}, stream(text.format(3, 0.5, 0.25)))
    assert not differences(old, result({}, stream(text.format(3, 0.69, 1.11))), what=what)
    assert differences(old, result({}, stream(text.format(4, 0.5, 0.25))), what=what)


def test_a_model_is_what_it_was_trained_to_be_and_differs_elsewhere_alone():
    code = blocks(
        "model = train(  # measured: seed\n    np.random)\nhistory = model\nfor guess in model(x):\n    pass",
        "right = model(x)",
    )
    (first, second), (here, _) = (measured.of_blocks(Book(), code, elsewhere=which) for which in (True, False))
    assert first.names == {"history", "model", "guess"} and not here.names
    assert second.names == {"history", "model", "guess", "right"}
    log = "Epoch 1/10\n1719/1719 - 24s - 14ms/step - accuracy: {}\n"
    old, new = (result({"model": n}, stream(log.format(n))) for n in (0.95, 0.96))
    assert not differences(old, new, ELSEWHERE, what=first) and differences(old, new, what=here)
    other = result({"model": 0.95}, stream(log.format(0.95).replace("1/10", "1/20")))
    assert differences(old, other, ELSEWHERE, what=first)


@pytest.mark.parametrize(
    ("above", "code"),
    [
        ("pass", "model.fit(x)\nright = model(x)"),
        ("def train(net):\n    net.fit(x)", "train(model)\nright = model(x)"),
        ("def step():\n    rule.apply(slopes(model), weights)", "step()\nright = model(x)"),
        (
            "import numpy as np\ndef train(a):\n    model.fit(a)",
            "for a in np.arange(3):\n    train(a)\nright = model(x)",
        ),
        ("def answer():\n    return model(x)", "model.fit(x)\nright = answer()"),
        ("model.fit(x)", "for w, v in zip(twin.weights, model.weights):\n    w.assign(v)\nright = twin(x)"),
    ],
)
def test_what_rests_on_a_training_is_compared_elsewhere_by_its_sweep_alone(above: str, code: str):
    *_, there = measured.of_blocks(Book(), blocks("rows = 3", above, code))
    *_, here = measured.of_blocks(Book(), blocks("rows = 3", above, code), elsewhere=False)
    old, new = (result({"right": right, "rows": 3}, stream(f"{right}\n")) for right in (0.95, 0.97))
    assert not {"rows", "np", "zip"} & there.trained
    assert not differences(old, new, ELSEWHERE, what=there)
    assert differences(old, new, what=here) and differences(old, new, ELSEWHERE)
    assert differences(old, result({"right": 0.95, "rows": 4}, *old.outputs), ELSEWHERE, what=there)
    swept = {"right": Statistics.of((0.94, 0.95, 0.951))}
    assert differences(old, new, ELSEWHERE, what=there, spread=swept) == []
    far = result({"right": 0.5, "rows": 3}, *old.outputs)
    assert len(differences(old, far, ELSEWHERE, what=there, spread=swept)) == 1


def test_what_a_library_prints_of_time_may_be_any():
    (what,) = measured.of_blocks(Book(), blocks("model.fit(x)"), elsewhere=False)
    line = "1719/1719 - {}s - {}ms/step - accuracy: {}\n"
    old = result({}, stream(line.format(24, 14, 0.9554)))
    assert not differences(old, result({}, stream(line.format(9, 5, 0.9554))), what=what)
    assert differences(old, result({}, stream(line.format(24, 14, 0.9654))), what=what)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("accuracy = random()  # measured: memory", "accuracy is declared as measured memory, but comes from nothing"),
        ("from time import perf_counter\nt = perf_counter()  # measured: memory", "t is declared as measured memory"),
        ("def perf_counter():\n    return 1\nt = perf_counter()  # measured: time", "t is declared as measured time"),
        ("from random import random as monotonic\nt = monotonic()  # measured: time", "t is declared as measured time"),
        ("import time\ntime.sleep(0)\nt = 1  # measured: time", "t is declared as measured time"),
        ("import time\nt = time.perf_counter()  # measured: luck", "`measured: luck` declares nothing"),
        ("print(1)  # measured: time", "`measured: time` declares nothing"),
        ("import time\nt = time.perf_counter()  # measured: time", ""),
        ("import os\nn = os.cpu_count()  # measured: machine", ""),
        ("text = 'a # measured: time'", ""),
        (
            "import resource\nmb = []  # measured: memory\nfor i in 'ab':\n    mb.append(resource.getrusage(0))",
            "",
        ),
    ],
)
def test_a_declaration_must_rest_on_what_measures(book: SmallBook, code: str, says: str):
    book.edit(book.snippet, "total = 1 + 2", f"{code}\ntotal = 1 + 2")
    found = [*measured.findings(book, book.page())]
    assert len(found) == bool(says) and all(says in each.problem for each in found)
    assert all(each.file == "snippets/part/small.py" and each.remedy for each in found)


def test_a_false_declaration_keeps_the_book_from_being_published(book: SmallBook):
    book.edit(book.snippet, "total = 1 + 2", "total = 1 + 2  # measured: memory")
    (found,) = (each for each in publishable.check(book) if "measured" in each.problem)
    assert (found.file, found.line) == ("snippets/part/small.py", 3)
