"""The arithmetic of the live pictures, run by Node, gives the numbers of the pages' own Python, or of NumPy."""

from __future__ import annotations

import ast
import base64
import csv
import gzip
import json
import re
import subprocess
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image, ImageDraw

from book.core.site import Book

ROOT = Path(__file__).resolve().parents[3]
MATH = ROOT / "theme" / "assets" / "javascripts" / "widgets" / "math"
MODELS = ROOT / "docs" / "data" / "models.csv"
TOLERANCE = 1e-12

# Answers every [module, name, ...arguments] of a list; a name that is no function is answered by its value.
DRIVER = """
import { readFileSync } from "node:fs";
const [folder, ...asked] = JSON.parse(readFileSync(0, "utf8"));
const answers = [];
for (const [file, name, ...values] of asked) {
    const module = await import(`${folder}/${file}.js`);
    const answer = typeof module[name] === "function" ? module[name](...values) : module[name];
    answers.push(answer === undefined || Number.isNaN(answer) ? null : answer);
}
console.log(JSON.stringify(answers));
"""


def ask(*questions: list[Any]) -> list[Any]:
    """Return what the live pictures' functions answer, in one run of Node."""
    command = ["node", "--input-type=module", "--eval", DRIVER]
    asked = json.dumps([MATH.as_uri(), *questions])
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@cache
def page(name: str) -> Any:
    """Return the functions of a page's script, without running the rest of it."""
    tree = ast.parse((ROOT / "snippets" / f"{name}.py").read_text(encoding="utf-8"))
    functions: list[ast.stmt] = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.decorator_list
    ]
    space: dict[str, Any] = {"np": np, "date": date, "layers": Mock()}  # a default may name a layer
    exec(compile(ast.Module(functions, []), name, "exec"), space)
    return SimpleNamespace(**space)


def near(expected: Any) -> Any:
    return pytest.approx(expected, rel=TOLERANCE, abs=TOLERANCE)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@cache
def scripts(file: Path) -> frozenset[Path]:
    """Return a script and all that it imports to begin with."""
    imported = re.findall(r'\bfrom "(\..+)";', file.read_text(encoding="utf-8"))
    return frozenset({file}.union(*(scripts((file.parent / name).resolve()) for name in imported)))


@pytest.mark.parametrize("language", Book().languages)
def test_a_picture_is_light(language: str) -> None:
    """Neither a part of what a page fetches for a live picture weighs much, nor all of it: kit, picture, words."""
    words = Book().words(language, "widgets")
    said = {name: json.dumps(each, ensure_ascii=False).encode() for name, each in words.items()}
    style = ROOT / "theme" / "assets" / "stylesheets" / "widgets.css"
    for name in said.keys() - {"kit"}:
        files = {style} | scripts(MATH.parent / "mount.js") | scripts(MATH.parent / f"{name}.js")
        parts = [said["kit"], said[name], *(file.read_bytes() for file in files)]
        weights = [len(gzip.compress(part)) for part in parts]
        assert max(weights) < 4_500 and sum(weights) < 23_000, (name, weights)


def test_softmax_and_entropy(rng: np.random.Generator) -> None:
    """At any temperature as on the page, and without overflow."""
    softmax, entropy = page("algorithms/softmax").softmax, page("algorithms/softmax").entropy
    cases = [([2.0, 1.0, 0.5, -2.0], t) for t in (0.25, 1.0, 4.0)] + [([1000.0, 999.0, 0.0], 1.0)]
    cases += [(rng.normal(0, 3, 6).tolist(), float(rng.uniform(0.1, 10))) for _ in range(20)]
    expected = [softmax(np.array(z) / t) for z, t in cases]
    assert ask(*(["probability", "softmax", z, t] for z, t in cases)) == [near(p.tolist()) for p in expected]
    positive = [p for p in expected if p.min() > 0]
    answers = ask(*(["probability", "entropy", p.tolist()] for p in positive))
    assert answers == [near(float(entropy(p))) for p in positive]


def test_attention() -> None:
    """Vectors, waves and weights of a text are those of the page, with and without positions, future, and scale."""
    functions = page("faq/transformer")
    for tokens in (["to", "be", "or", "not", "to", "be"], list("知之为知之，不知为不知"), ["𠮷", "é", "row"]):
        plain = np.array([functions.vector(token) for token in tokens])
        waves = functions.waves(len(tokens))
        assert ask(*(["attention", "vector", token] for token in tokens)) == plain.tolist()
        assert ask(["attention", "waves", len(tokens)])[0] == [near(row.tolist()) for row in waves]
        for divisor, causal, places in ((4, False, True), (1, True, True), (0.5, False, False), (16, True, False)):
            x = plain + places * waves
            seen = np.tri(len(tokens), dtype=bool) if causal else True
            expected = functions.weights(x, x, seen, divisor)
            way = {"divisor": divisor, "causal": causal, "places": places}
            answer, moved = ask(["attention", "attend", tokens, way], ["attention", "moved", tokens, way, 0])
            assert answer["shares"] == [near(row.tolist()) for row in expected]
            assert answer["mixed"] == [near(row.tolist()) for row in expected @ x]
            turned = plain[::-1] + places * waves
            backward = (functions.weights(turned, turned, seen, divisor) @ turned)[-1]
            change = np.linalg.norm((expected @ x)[0] - backward) / np.linalg.norm((expected @ x)[0])
            assert moved == near(float(change))
            if not causal and not places:
                assert moved == pytest.approx(0, abs=1e-12)  # without positions order is not seen


def test_weights_of_a_heat_map(rng: np.random.Generator) -> None:
    """Each of Matplotlib's blues is told, no other color; rows come back as they were drawn, and from temperature 1."""
    blues = colormaps["Blues"](np.arange(256), bytes=True)[:, :3].tolist()
    assert ask(*(["heat", "shade", blue] for blue in blues)) == pytest.approx(range(256), abs=1)
    assert ask(*(["heat", "shade", other] for other in ([0, 0, 0], [255, 255, 255], [158, 202, 205]))) == [None] * 3
    rows = rng.dirichlet(np.full(8, 0.2), 12)
    drawn = colormaps["Blues"]((rows - rows.min()) / np.ptp(rows), bytes=True)[:, :, :3].tolist()
    [shares] = ask(["heat", "weights", drawn])
    assert np.abs(np.array(shares) - rows).max() < 0.005
    assert ask(*(["heat", "tempered", row, 1] for row in shares)) == [near(row) for row in shares]
    colder = np.array(shares) ** 2
    expected = (colder / colder.sum(1, keepdims=True)).tolist()
    assert ask(*(["heat", "tempered", row, 0.5] for row in shares)) == [near(row) for row in expected]


def test_cross_entropy(rng: np.random.Generator) -> None:
    """Cross-entropy, and what it has above entropy, as on the page; what never happens costs nothing."""
    functions = page("algorithms/cross_entropy")
    pairs = [tuple(rng.dirichlet(np.ones(4)) for _ in range(2)) for _ in range(20)]
    crossed = ask(*(["probability", "crossEntropy", t.tolist(), p.tolist()] for t, p in pairs))
    assert crossed == [near(float(functions.cross_entropy(t, p))) for t, p in pairs]
    entropies = ask(*(["probability", "entropy", t.tolist()] for t, _ in pairs))
    excess = [above - least for above, least in zip(crossed, entropies, strict=True)]
    assert excess == [near(float(functions.divergence(t, p))) for t, p in pairs]
    assert ask(["probability", "crossEntropy", [0, 1, 0], [0, 0.7, 0.3]]) == [near(-np.log(0.7))]


def test_one_probability_moves_the_others_in_proportion() -> None:
    assert ask(["probability", "withProbability", [0.2, 0.7, 0.1], 1, 0.4]) == [near([0.4, 0.4, 0.2])]


def test_sigmoid_and_its_inverse() -> None:
    functions = page("algorithms/logistic_regression")
    z = [-1000.0, -30.0, -1.5, 0.0, 2.0, 40.0, 710.0]
    assert ask(*(["probability", "sigmoid", each] for each in z)) == near(
        functions.stable_sigmoid(np.array(z)).tolist()
    )
    p = [0.01, 0.5, 0.6, 0.97]
    assert ask(*(["probability", "logit", each] for each in p)) == near(functions.log_odds(np.array(p)).tolist())


def test_decision_boundary(rng: np.random.Generator) -> None:
    """Loss, gradient, step and accuracy of a boundary, from near zero to weights that would overflow."""
    functions = page("algorithms/logistic_regression")
    x, y = rng.normal(size=(30, 2)), (rng.random(30) > 0.4).astype(float)
    examples = [{"x": a, "y": b, "label": int(c)} for (a, b), c in zip(x.tolist(), y, strict=True)]
    for scale in (0.1, 2.0, 400.0):
        w, b = rng.normal(0, scale, 2), float(rng.normal(0, scale))
        boundary = {"w1": w[0], "w2": w[1], "b": b}
        loss, slope, after, accuracy = ask(
            ["probability", "boundaryLoss", examples, boundary],
            ["probability", "boundaryGradient", examples, boundary],
            ["probability", "boundaryStep", examples, boundary, 0.3],
            ["probability", "accuracy", examples, boundary],
        )
        p = functions.stable_sigmoid(x @ w + b)
        grad_w, grad_b = x.T @ (p - y) / len(y), (p - y).mean()
        assert loss == near(float(functions.stable_loss(y, x @ w + b).mean()))
        assert [slope[name] for name in ("w1", "w2", "b")] == near([*grad_w, grad_b])
        assert [after[name] for name in ("w1", "w2", "b")] == near([*(w - 0.3 * grad_w), b - 0.3 * grad_b])
        assert accuracy == near(float(((p > 0.5) == y).mean()))


def test_tumors_are_those_of_the_page() -> None:
    """The points of the second plot are every twelfth tumor of the page's data, standardized over all."""
    from sklearn.datasets import load_breast_cancer  # type: ignore[import-untyped]

    data = load_breast_cancer()
    x, y = data.data[:, :2], 1 - data.target
    x = ((x - x.mean(axis=0)) / x.std(axis=0))[5::12]
    inside = (abs(x) < 2.9).all(axis=1)
    tumors = ask(["tumors", "TUMORS"])[0]
    for label in (0, 1):
        assert tumors[str(label)] == x[inside & (y[5::12] == label)].round(2).tolist()


def test_line_through_points(rng: np.random.Generator) -> None:
    """The best line, losses, slopes and steps are those of the page; the contours lie where they say."""
    functions = page("algorithms/linear_regression")
    x, y = rng.uniform(0, 5, 9), rng.uniform(0, 5, 9)
    points = [{"x": a, "y": b} for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    line = {"w": -0.5, "b": 4.0}
    best, loss, slope, after, limit, contour = ask(
        ["regression", "leastSquares", points],
        ["regression", "loss", points, line],
        ["regression", "gradient", points, line],
        ["regression", "step", points, line, 0.05],
        ["regression", "largestRate", points],
        ["regression", "contour", points, 1.5],
    )
    grad_w, grad_b = functions.gradient(np.array([-0.5]), 4.0, x[:, np.newaxis], y)
    curvatures = np.linalg.eigvalsh(functions.hessian(functions.with_ones(x)))
    assert (best["w"], best["b"]) == near(functions.fit_line(x, y))
    assert loss == near(float(functions.mse(y, functions.line(x, -0.5, 4.0))))
    assert (slope["w"], slope["b"]) == near((grad_w[0], grad_b))
    assert (after["w"], after["b"]) == near((-0.5 - 0.05 * grad_w[0], 4 - 0.05 * grad_b))
    assert limit == near(2 / curvatures.max())
    least = functions.mse(y, functions.line(x, **best))
    assert [functions.mse(y, functions.line(x, **each)) - least for each in contour] == near([1.5] * len(contour))


def test_parameters_of_a_transformer(rng: np.random.Generator) -> None:
    """GPTs of any shape have as many as on the page says; Llamas as many as their makers' files hold."""
    functions = page("concepts/what_is_a_large_model")
    shapes = [(50257, 1024, 12, 768), (50257, 2048, 96, 12288), *rng.integers(1, 3000, (20, 4)).tolist()]
    names = ("vocabulary", "context", "layers", "width")
    gpts = [{"family": "gpt", **dict(zip(names, s, strict=True)), "inner": 4 * s[3], "keys": s[3]} for s in shapes]
    counts = ask(*(["training", "parameters", gpt] for gpt in gpts))
    assert [count["total"] for count in counts] == [functions.gpt_parameters(*shape) for shape in shapes]
    models = ask(["models", "MODELS"])[0]
    llamas = ask(*(["training", "parameters", models[key]["shape"]] for key in ("llama-2-70b", "llama-3-405b")))
    assert [count["total"] for count in llamas] == [68_976_648_192, 405_853_388_800]


def test_bill_of_a_training() -> None:
    """Operations, time and rent are those of the page, and so is what attention adds."""
    functions = page("concepts/what_training_costs")
    n, d, gpus, peak, share, price = 70e9, 1.4e12, 1024, 989.4e12, 0.4, 2.0
    flops = functions.training_flops(n, d)
    run = {"operations": flops, "peak": peak, "utilization": share, "count": gpus, "price": price, "power": 700}
    gpt = ask(["models", "MODELS"])[0]["gpt-3"]["shape"]
    operations, bill, attention = ask(
        ["training", "operations", n, d], ["training", "bill", run], ["training", "attentionShare", gpt, 175e9]
    )
    assert operations == near(flops)
    assert bill["days"] == near(functions.training_seconds(flops, gpus, peak, share) / 86400)
    assert bill["cost"] == near(functions.training_cost(flops, peak, share, price))
    assert bill["hours"] == near(bill["cost"] / price)
    assert bill["wattHours"] == near(700 * bill["hours"])
    shape = (gpt["vocabulary"], gpt["context"], gpt["layers"], gpt["width"])
    without = functions.forward_flops(*(0 if i == 1 else size for i, size in enumerate(shape)))
    assert attention * 6 * 175e9 == near(3.0 * (functions.forward_flops(*shape) - without))


def test_models_and_their_tokens_stand_in_the_table() -> None:
    """What the calculator offers agrees with docs/data/models.csv; GPT-2's tokens were not published."""
    rows = {row["id"]: row for row in read_models()}
    models = ask(["models", "MODELS"])[0]
    for key, model in models.items():
        row = rows.get(key)
        if row and row["training_data"]:
            assert model["tokens"] == float(row["training_data"]), key
    deepseek, row = models["deepseek-v3"], rows["deepseek-v3"]
    assert deepseek["total"] == float(row["parameters"]) and deepseek["active"] == float(row["active_parameters"])


def read_models() -> list[dict[str, str]]:
    with MODELS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_table_of_models() -> None:
    """The table is read, dated and fitted as on the page."""
    functions = page("home/background")
    rows = read_models()
    read, *years = ask(
        ["table", "parseCsv", MODELS.read_text(encoding="utf-8")],
        *(["table", "yearOf", row["date"]] for row in rows),
    )
    assert read == [{name: (value or "").strip() for name, value in row.items()} for row in rows]
    assert years == near([functions.year(row["date"]) for row in rows])
    t = np.array(years)
    values = np.array([float(row["parameters"] or "nan") for row in rows])
    known = values > 0
    b = functions.slope(t[known], np.log(values[known]))
    items = [{"year": a, "value": v} for a, v in zip(t[known].tolist(), values[known].tolist(), strict=True)]
    fit = ask(["table", "trend", items])[0]
    assert fit["doublingMonths"] == near(12 * functions.doubling_time(b))
    assert fit["perYear"] == near(np.exp(b))


def test_boxes(rng: np.random.Generator) -> None:
    """What is shared, kept and right, as on the page; boxes of different digits don't suppress one another."""
    functions = page("applications/object_detection")
    corners = rng.uniform(0, 30, (25, 2))
    sides, labels = np.hstack([corners, corners + rng.uniform(10, 40, (25, 2))]), rng.integers(0, 2, 25)
    scores = np.append(rng.random(23), [0.5, 0.5])
    found = [
        {"box": box, "label": label, "score": score}
        for box, label, score in zip(sides.tolist(), labels.tolist(), scores.tolist(), strict=True)
    ]
    true, kinds = sides[:6] + rng.normal(0, 2, (6, 4)), labels[:6]
    truths = [{"box": box, "label": label} for box, label in zip(true.tolist(), kinds.tolist(), strict=True)]
    fits = ask(*(["boxes", "iou", found[0]["box"], each["box"]] for each in found))
    assert fits == near(functions.overlap(sides[0], sides).tolist())
    limits = (0.0, 0.2, 0.5, 1.0)
    kept = ask(*(["boxes", "suppress", found, limit] for limit in limits))
    apart, places = functions.apart(sides, labels), functions.apart(true, kinds)
    assert kept == [functions.suppress(apart, scores, limit).tolist() for limit in limits]
    which = ask(*(["boxes", "match", found, truths, limit] for limit in (0.3, 0.5)))
    assert which == [functions.match(apart, scores, places, limit).tolist() for limit in (0.3, 0.5)]


def test_films(rng: np.random.Generator) -> None:
    """The ten of each film in the table have the highest scores that the page's formula gives; of equals, the first."""
    corrected = page("applications/product_suggestion").corrected
    with (Book().data / "films.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    films = ask(*(["films", "filmOf", row] for row in rows))
    known = [film for film in films if film["others"]]
    viewers = np.maximum([film["viewers"] for film in films], 1)
    assert viewers.tolist() == sorted(viewers, reverse=True) and known == films[: len(known)]
    for alpha in (0, 0.4, 0.7, 1):
        answers = ask(
            *(["films", "counted", film, [{"viewers": int(n)} for n in viewers], alpha] for film in known[::40])
        )
        for film, ten in zip(known[::40], answers, strict=True):
            scores = corrected(np.array(film["both"]), viewers[film["others"]], alpha)
            best = np.argsort(-scores, kind="stable")[:10]
            assert np.allclose(scores[ten], scores[best]) and len(set(ten)) == 10
    equals = {"others": [0, 1, 2], "both": [4, 8, 2]}
    assert ask(["films", "counted", equals, [{"viewers": n} for n in (2, 4, 1)], 1])[0] == [0, 1, 2]
    values = [rng.integers(0, 99, n).tolist() for n in (9, 10)]
    assert ask(*(["films", "median", each] for each in values)) == [float(np.median(each)) for each in values]


def test_network(rng: np.random.Generator) -> None:
    """Scores as NumPy computes them; the gradient is that of the loss; the view shows where points spread."""
    sizes = (2, 5, 4, 1)
    net = [(rng.normal(size=(i, o)), rng.normal(size=o)) for i, o in pairwise(sizes)]
    x, labels = rng.normal(0, 2, (6, 2)), rng.integers(0, 2, 6)

    def last(net: list[Any]) -> Any:
        h = x
        for w, b in net[:-1]:
            h = np.tanh(h @ w + b)
        return h

    def loss(net: list[Any]) -> float:
        z = (last(net) @ net[-1][0] + net[-1][1])[:, 0]
        return float(np.mean(np.logaddexp(0, z) - labels * z))

    asked = [{"w": w.tolist(), "b": b.tolist()} for w, b in net]
    examples = [{"x": point, "label": int(label)} for point, label in zip(x.tolist(), labels, strict=True)]
    z = last(net) @ net[-1][0] + net[-1][1]
    assert ask(*(["network", "score", asked, point] for point in x.tolist())) == near(z[:, 0].tolist())
    right, found, seen = ask(
        ["network", "accuracy", asked, examples],
        ["network", "gradient", asked, examples],
        ["network", "view", asked, last(net).tolist()],
    )
    assert right == near(np.mean((z[:, 0] > 0) == labels)) and found["loss"] == near(loss(net))
    for layer, slope in zip(net, found["slopes"], strict=True):
        for array, slopes in zip(layer, (slope["w"], slope["b"]), strict=True):
            for place in np.ndindex(array.shape):
                before, losses = array[place], []
                for change in (1e-5, -1e-5):
                    array[place] = before + change
                    losses.append(loss(net))
                array[place] = before
                assert np.array(slopes)[place] == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-8)
    rest = last(net) - last(net).mean(0)
    rest -= np.outer(rest @ net[-1][0] / np.linalg.norm(net[-1][0]) ** 2, net[-1][0])
    assert abs(np.dot(seen["up"], np.linalg.svd(rest)[2][0])) == pytest.approx(1, abs=1e-3)


def test_training_step(rng: np.random.Generator) -> None:
    """A batch goes forward, gradients come back, and parameters move, as on the page on backpropagation."""
    functions = page("algorithms/backpropagation")
    theta = [rng.normal(size=shape) for shape in ((2, 3), 3, (3, 2), 2)]
    net = dict(zip("wbvc", (a.tolist() for a in theta), strict=True))
    x, t = rng.normal(size=(5, 2)), np.eye(2)[rng.integers(0, 2, 5)]
    h = functions.hidden(x, *theta[:2])
    ahead, back = ask(*(["backward", name, net, x.tolist(), t.tolist()] for name in ("forward", "backward")))
    assert ahead["h"] == [near(row.tolist()) for row in h]
    assert ahead["loss"] == near(functions.mean_loss(t, functions.scores(h, *theta[2:])))
    slopes = functions.backward(x, t, *theta)
    for name, slope in zip("wbvc", slopes, strict=True):
        assert np.array(back["slopes"][name]) == near(slope)
    [moved] = ask(["backward", "update", net, back["slopes"], 0.3])
    for name, before, slope in zip("wbvc", theta, slopes, strict=True):
        assert np.array(moved[name]) == near(before - 0.3 * slope)


def test_parallelism() -> None:
    """What is sent step by step adds up to what the page computes; what is held, to its memory."""
    setting = {"devices": 4, "width": 1024, "blocks": 4, "rows": 64}
    ways = ["data", "tensor", "pipeline", "zero"]
    functions = page("home/scale_out")
    sends = functions.traffic(4, 1024, 4, 64)
    steps = ask(*(["parallelism", "steps", way, setting] for way in ways))
    assert [sum(step["bytes"] for step in each) for each in steps] == near([sends[way] for way in ways])
    assert all(each[-1]["kind"] == "update" for each in steps)
    parameters = 8 * 1024**2 * 4
    held = ask(*(["parallelism", "memory", way, setting] for way in ways))
    assert held == near([functions.memory(parameters, 4, 4, 8, n, n, n) for n in (1, 4, 4, 4)])
    places = [(way, d, b, p) for way in ways for d in range(4) for b in range(4) for p in range(4)]
    holds = ask(*(["parallelism", "holds", *place] for place in places))
    shares = {way: sum(h for h, (w, *_) in zip(holds, places, strict=True) if w == way) for way in ways}
    assert shares == {"data": 64, "tensor": 16, "pipeline": 16, "zero": 16}


def test_csv_with_quotation_marks() -> None:
    text = '\ufeffa,b\r\n"1,5","say ""hi""\nthere"\r\nplain,\n'
    assert ask(["table", "parseCsv", text]) == [[{"a": "1,5", "b": 'say "hi"\nthere'}, {"a": "plain", "b": ""}]]


def test_sampling(rng: np.random.Generator) -> None:
    """Cutting the chances is softmax of the scores that remain; what is drawn follows them."""
    for k in (1, 3, 8):
        z = np.sort(rng.normal(0, 2, 8))[::-1]
        before, kept = np.exp(z) / np.exp(z).sum(), np.where(np.arange(8) < k, np.exp(z), 0)
        [after] = ask(["sampling", "topK", before.tolist(), k])
        assert after == near((kept / kept.sum()).tolist())
        u = rng.random(40)
        answers = ask(*(["sampling", "drawn", after, each] for each in [*u, 1 - 2**-53]))
        assert answers == [*np.searchsorted(np.cumsum(after), u, side="right"), k - 1]


def test_budget(rng: np.random.Generator) -> None:
    """The law and the best size are those of the page."""
    functions = page("outlook/larger")
    for E, A, B, alpha, beta in rng.uniform(0.2, 3, (5, 5)):
        n, d, compute = rng.uniform(1e3, 1e6, 3)
        law = [E, A, B, alpha, beta]
        answers = ask(["budget", "loss", n, d, law], ["budget", "bestSize", compute, law])
        expected = [functions.law(n, d, *law), functions.best_size(compute, A, B, alpha, beta)]
        assert answers == near(expected)


def test_half_of_a_square() -> None:
    square = [[-1, -1], [1, -1], [1, 1], [-1, 1]]
    assert ask(["geometry", "cut", square, 1, 0, 0]) == [[[0, -1], [1, -1], [1, 1], [0, 1]]]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1,024", 1024),
        ("7e9", 7e9),
        ("70B", 70e9),
        ("1.4 T", 1.4e12),
        ("3000亿", 3e11),
        ("1.4 万亿", 1.4e12),
        ("１２", 12),
        ("", None),
        ("many", None),
        ("1.2.3", None),
        ("7 x", None),
    ],
)
def test_numbers_as_people_type_them(typed: str, number: float | None) -> None:
    answer = ask(["format", "parseQuantity", typed])[0]
    assert answer == (number if number is None else near(number))


def test_numbers_as_people_read_them() -> None:
    """With true minus signs, units of the language, and never more digits than can be read."""
    assert ask(
        ["format", "fixed", -1.234],
        ["format", "fixed", -0.001],
        ["format", "fixed", 1e300],
        ["format", "scientific", 3.14159e23],
        ["format", "scientific", 2e-7, 1],
        ["format", "compact", 174591683584, "zh-Hans"],
        ["format", "compact", 174591683584, "en"],
        ["format", "compact", 15.6e12, "zh-Hans"],
        ["format", "compact", 999.9, "en"],
        ["format", "compact", -1.25e9, "de"],
        ["format", "fill", "{n} 小时", {"n": "22.1 万"}],
        ["format", "fill", "{n} 天，{n} / {other}", {"n": "8.98"}],
        ["format", "metric", 2.793e12, "B"],
    ) == [
        "−1.23",
        "0.00",
        "1.0 × 10³⁰⁰",
        "3.14 × 10²³",
        "2 × 10⁻⁷",
        "1,746 亿",
        "175B",
        "15.6 万亿",
        "1K",
        "−1,25\xa0Mrd.",
        "22.1 万小时",
        "8.98 天，8.98 / {other}",
        "2.79 TB",
    ]


def test_reading_a_digit(rng: np.random.Generator) -> None:
    """A drawing is prepared, read, and looked into as on the page, with the weights that both of them fetch."""
    functions = page("practice/draw_a_digit")
    space = functions.logits.__globals__
    space |= {"Image": Image, "ImageDraw": ImageDraw}
    file = json.loads((Book().long / "draw_a_digit_long.json").read_text(encoding="utf-8"))
    space["net"] = {
        name: np.frombuffer(base64.b64decode(array["base64"]), "<f4").reshape(array["shape"])
        for name, array in file.items()
    }
    drawn = json.loads((Book().long / "drawn_digits_long.json").read_text(encoding="utf-8"))
    papers = [functions.paint(each["strokes"], each["pen"], drawn["side"]) for each in drawn["digits"][::5]]
    images = [functions.prepare(paper) for paper in papers]
    prepared = ask(*(["digit", "prepare", paper.ravel().tolist(), drawn["side"]] for paper in papers))
    for ours, theirs in zip(images, prepared, strict=True):
        assert np.abs(ours.ravel() - [theirs[str(i)] for i in range(784)]).max() < 1e-6
    images += list(rng.random((4, 28, 28)))
    [net] = ask(["digit", "read", file])
    plain = {
        name: {"shape": each["shape"], "values": [each["values"][str(i)] for i in range(np.prod(each["shape"]))]}
        for name, each in net.items()
    }
    flat = [image.ravel().tolist() for image in images]
    scores = [each["scores"] for each in ask(*(["digit", "forward", plain, image] for image in flat))]
    assert np.abs(np.array(scores) - functions.logits(np.array(images))).max() < 1e-4
    harm = ask(*(["digit", "occlusion", plain, image] for image in flat[:3]))
    for ours, theirs in zip(images[:3], harm, strict=True):
        assert np.abs(functions.occlusion(ours).ravel() - theirs).max() < 1e-4
    assert ask(["digit", "prepare", [0.0] * 100, 10])[0] == {str(i): 0 for i in range(784)}  # nothing drawn


def test_looking_inside_a_network() -> None:
    """Chances and attention of the induction net are those of the page, with all heads and without some."""
    attend = page("outlook/what_emerges").attend
    weights = json.loads((Book().long / "what_emerges_long.json").read_text(encoding="utf-8"))["weights"]
    arrays: dict[str, Any] = {name: np.array(each) for name, each in weights.items() if name != "layers"}
    arrays["layers"] = [{part: np.array(each) for part, each in layer.items()} for layer in weights["layers"]]
    softmax = page("algorithms/softmax").softmax
    rows = SimpleNamespace(softmax=lambda z: Mock(numpy=lambda: np.apply_along_axis(softmax, -1, z)))
    attend.__globals__.update(length=32, size=16, tf=SimpleNamespace(nn=rows))
    tokens = [at % 11 for at in range(32)]
    for kept in ([[1, 1], [1, 1]], [[0, 1], [1, 0]], [[1, 1], [0, 0]]):
        logits, seen = attend(arrays, np.array([tokens]), np.array(kept))
        [answer] = ask(["induction", "look", weights, tokens, kept])
        chances = np.array([each["chances"] for each in answer])
        assert np.abs(chances - np.apply_along_axis(softmax, -1, logits[0])).max() < 1e-5
        for layer in (0, 1):
            shares = [[*each["shares"][layer][1], *[0] * (31 - at)] for at, each in enumerate(answer)]
            assert np.abs(np.array(shares) - seen[layer][0, 1]).max() < 1e-5
    assert ask(["induction", "followers", [0, 1, 2, 0, 1, 0]])[0] == [-1, -1, -1, 1, 2, 4]
    assert ask(["induction", "read", {"weights": weights}]) == [weights]
    damages: list[dict[str, object]] = [{"out": []}, {"token": [[None]]}, {"layers": weights["layers"][:1]}]
    for damage in damages:
        with pytest.raises(AssertionError, match="damaged"):
            ask(["induction", "read", {"weights": weights | damage}])


POET = """
import { readFileSync } from "node:fs";
const [folder, file, tokens] = JSON.parse(readFileSync(0, "utf8"));
const { nothing, read, step } = await import(`${folder}/gpt.js`);
const net = read(JSON.parse(readFileSync(file, "utf8")));
const cache = nothing(net);
const began = performance.now();
const steps = tokens.map((token) => step(net, cache, token));
const spent = performance.now() - began;
const shares = steps.map((one) => one.shares.map((layer) => Array.from(layer)));
console.log(JSON.stringify([steps.map(({ scores }) => Array.from(scores)), shares, spent]));
"""
"""The poet reads tokens one by one, with its cache."""


def test_writing_a_poem() -> None:
    """Scores and attention are those of the page for poems it never read; it is quick; damage is told."""
    functions = page("applications/poet")
    path = Book().long / "poet_long.json"
    file = json.loads(path.read_text(encoding="utf-8"))
    functions.read.__globals__.update(depth=3, heads=file["heads"], base64=base64)
    net = {name: functions.unpack(array) for name, array in file["net"].items()}
    names = [*file["forms"], *file["vocabulary"]]
    for poem in file["test"][:5]:
        tokens = [names.index(c) for c in (file["forms"][len(poem) == 32], *poem)][:-1]
        expected, _, seen = functions.read([tokens], net)
        asked = json.dumps([MATH.as_uri(), str(path), tokens])
        command = ["node", "--input-type=module", "--eval", POET]
        done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        scores, shares, spent = json.loads(done.stdout)
        assert np.abs(np.array(scores) - expected[0]).max() < 1e-3
        assert np.array(scores).argmax(1).tolist() == expected[0].argmax(1).tolist()
        last = [np.array(layer).reshape(file["heads"], -1) for layer in shares[-1]]
        assert max(np.abs(ours[0, :, -1] - theirs).max() for ours, theirs in zip(seen, last, strict=True)) < 1e-4
        assert spent < 1000 * len(tokens) / 30
    short = dict(file["net"], token=dict(file["net"]["token"], int8="AAAA"))
    with pytest.raises(AssertionError, match="damaged"):
        ask(["gpt", "read", {"heads": 4, "net": short}])


def test_rhyme_and_tones() -> None:
    lines, tones = ["白日依山尽", "黄河入海流"], {"日": "仄", "山": "平", "河": "平", "海": "仄"}
    assert ask(["poem", "alternations", lines, tones])[0] == [True, True]
    assert ask(["poem", "alternations", lines, dict(tones, 山="仄")])[0] == [False, True]
    assert ask(["poem", "alternations", lines, {}])[0] == [None, None]
    ends = ["一流", "一流", "二天", "二楼"]
    groups = {"流": 1, "楼": 1, "天": 2}
    assert ask(["poem", "rhymed", ends, groups], ["poem", "rhymed", ["一", "流", "二", "流"], groups]) == [True, False]
    assert ask(["poem", "rhymed", ["一", "天", "二", "楼"], groups], ["poem", "rhymed", ends, {}]) == [False, False]
    begun = ask(["poem", "wanted", 5, 4, "白日依山尽，黄", "甲乙丙"])[0]
    assert "".join(c or "_" for c in begun) == "_白日依山尽，黄_____丙" + "_" * 11
    shares = [[0.5, 0.5, 1, 0], [0, 1, 0.5, 0.5]]
    assert ask(["poem", "attention", shares, 2, "2.1"], ["poem", "attention", shares, 2, "all"]) == [[0, 1], [0.5, 0.5]]
    offered = ask(["poem", "likeliest", [1.0, 5.0, 3.0, 2.0], 0.5, 2, []])[0]
    assert [one["token"] for one in offered] == [1, 2] and offered[0]["chance"] == near(1 / (1 + np.exp(-4)))
