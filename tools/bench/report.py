"""Draw ``RESULTS.md`` from ``results.json``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from book.core.site import Book
from tools.bench.lighthouse import CATEGORIES

Results = Mapping[str, Any]

KB = 1000
LARGEST_VIEW = 150 * KB
LOWEST_SCORE = 95
LONGEST_BLOCKING = 50
LONGEST_WAIT = 3.0
SLOWEST_DIGIT = 20
FEWEST_CHARACTERS = 150
LATEST_ANSWER = 1000
MOST_GROWTH = 1.5
"""What a page may cost more in the largest books than in the smallest before the cost no longer counts as linear."""
OUR_NAME = "this book"

NOTES = """\
- The sample is made from a seed (`tools/bench/sample.py`): each page has prose, formulas within the text, five
  displayed formulas and five small blocks that print. Every generator gets the same text, formulas and code, in
  Chinese. This book and plain Material do not run blocks when they build: this book shows the records of `make run`
  (timed apart), plain Material's pages hold the outputs as text. mkdocs-jupyter and myst-nb run the blocks, with their
  caches on.
- Each is set up as its documentation says, with what makes it better here: jieba for the Chinese search, descriptions
  of the pages, no web fonts (Material asks Google for them unless told otherwise), and MathJax 3 from the site itself
  instead of a public host.
- *Cold*: no site and no cache of the generator's own. *Unchanged*: built again as it is. *Edited*: one sentence of
  one page changed. The generators take turns, then all do it again; the tables have medians.
- *First view*: a browser that never saw the site opens the page, on a phone's screen, and all that the server sends
  is counted as sent, with gzip and headers, until the formulas are drawn and nothing more comes. KB is 1,000 bytes.
- *Live models*: Chromium draws, prepares and reads the eighty digits of the page, and the poet writes a poem in its
  thread; the phone computes at a quarter of this machine's speed (Chromium's CPU throttling) and has loaded the drawing
  board when a finger first touches it. Beside them, in Node, TensorFlow.js with its backends `cpu` and `wasm`, which is
  also an independent check of the engine: the same weights and images, the same answers. `wasm` has no gradients of
  convolutions, so it cannot train. The step is of the network that learns in the browser (two convolutions of 8 and
  16 filters, images of 14 × 14).
- Lighthouse simulates a phone and a slow mobile network on this very machine; a busy or slow one gives longer
  blocking times (see its benchmark index).
- Sphinx is 8.2.3, whose Chinese search works; that of 9.0.4 stops with an error ("ChineseStemmer is not defined").
- Not measured: Quarto and Jupyter Book 2 fetch parts of themselves while they build, and so cannot be measured whole
  without a network.
"""


def shown(folder: Path) -> str:
    """Return a folder the way messages show it."""
    return Book().shown(folder)


def draw(results: Results) -> str:
    """Return the report of what was measured."""
    parts = results["parts"]
    out = ["# Measurements", "", "Made by `make bench`; what each number means is said below the tables.", ""]
    out += [*_machine(results), "", "## Targets", "", *_targets(parts), ""]
    for name, section in SECTIONS.items():
        if name in parts:
            out += [*section(parts[name]), ""]
    out += ["## How it is measured", "", NOTES]
    return "\n".join(out)


def _machine(results: Results) -> Iterator[str]:
    here = results["machine"]
    dates = sorted({part["date"] for part in results["parts"].values()})
    minutes = sum(part["took"] for part in results["parts"].values()) / 60
    yield f"- Date: {' to '.join(dict.fromkeys((dates[0], dates[-1])))}; {minutes:.0f} minutes"
    yield f"- Machine: {here['machine']}, {here['memory']}, {here['system']}"
    yield f"- Versions: {', '.join(f'{name} {version}' for name, version in here['versions'].items())}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"| --- |{' ---: |' * (len(heads) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _kb(size: float) -> str:
    return f"{size / KB:,.0f} KB"


def _seconds(value: float | None, of: float | None = None) -> str:
    if value is None:
        return "–"
    ratio = f" ({value / of:.1f}×)" if of else ""
    return f"{value:.1f} s{ratio}"


def _targets(parts: Results) -> Iterator[str]:
    rows: list[tuple[str, str, bool]] = []
    if "pages" in parts:
        views = parts["pages"]["views"]
        largest = max(views, key=lambda address: views[address]["bytes_without_pictures"])
        size = views[largest]["bytes_without_pictures"]
        target = f"first view of every page, pictures apart: at most {_kb(LARGEST_VIEW)}"
        rows.append((target, f"{_kb(size)} (/{largest})", size <= LARGEST_VIEW))
        quiet = all(not view["search_index_at_once"] and view["index_on_demand"] for view in views.values())
        rows.append(("search index fetched only when the reader searches", "yes" if quiet else "no", quiet))
        hosts = sorted({host for view in views.values() for host in view["hosts"]})
        rows.append(("hosts asked besides the site's own: none", ", ".join(hosts) or "none", not hosts))
    if "scores" in parts:
        pages = parts["scores"]["pages"]
        lowest = {name: min(page["scores"][name] for page in pages.values()) for name in CATEGORIES}
        four = " / ".join(f"{lowest[name]:.0f}" for name in CATEGORIES)
        target = f"Lighthouse on a phone, all four: at least {LOWEST_SCORE}"
        rows.append((target, four, min(lowest.values()) >= LOWEST_SCORE))
        blocking = max(page["blocking_ms"] for page in pages.values())
        target = f"total blocking time: under {LONGEST_BLOCKING} ms"
        rows.append((target, f"{blocking:.0f} ms", blocking < LONGEST_BLOCKING))
    if "preview" in parts:
        longest, count = parts["preview"]["longest"], parts["preview"]["pages"]
        target = f"`make serve`, {count} pages a language, a saved page is seen: within {LONGEST_WAIT:.0f} s"
        rows.append((target, f"{longest:.1f} s at most", longest <= LONGEST_WAIT))
    if "live" in parts:
        live = parts["live"]
        digit, speed, answer = (live[each] for each in ("digit_ms", "characters_a_second", "first_answer_ms"))
        target = f"the live models: a drawn digit is read within {SLOWEST_DIGIT} ms"
        rows.append((target, f"{digit:.1f} ms", digit < SLOWEST_DIGIT))
        target = f"the live models: at least {FEWEST_CHARACTERS} characters of a poem a second"
        rows.append((target, f"{speed:.0f}", speed >= FEWEST_CHARACTERS))
        target = f"the live models: first answer to a touch on a slow phone within {LATEST_ANSWER:,} ms"
        rows.append((target, f"{answer:.0f} ms", answer <= LATEST_ANSWER))
    if "weights" in parts:
        search = parts["weights"]["sites"][OUR_NAME]["search"]
        found = f"{len(search['found'])} of {search['words']}"
        rows.append(("Chinese words found: all", found, len(search["found"]) == search["words"]))
    if "sizes" in parts:
        worst = {what: fit["last_to_first"] for what, fit in parts["sizes"]["fits"].items()}
        good = all(ratio is not None and ratio <= MOST_GROWTH for ratio in worst.values())
        said = ", ".join(f"{what} {ratio}×" for what, ratio in worst.items())
        target = f"cost of a page as the book grows: linear (at most {MOST_GROWTH}×)"
        rows.append((target, said, good))
    yield from _table(("target", "measured", "met"), [(a, b, "yes" if met else "**no**") for a, b, met in rows])


def _book(part: Results) -> Iterator[str]:
    yield "## The book itself"
    yield ""
    if part["refused"]:
        yield "`python -m book build` refused to publish when this was measured, so it was not timed."
    else:
        yield (
            f"Check and strict build of both languages, {part['pages']} pages each (`python -m book build`): "
            f"{_seconds(part['seconds'])}."
        )


def _make_site(part: Results) -> Iterator[str]:
    yield "## `make site`"
    yield ""
    if part["refused"]:
        yield "It refused when this was measured, so it was not timed."
    else:
        yield f"Lint, types, unit tests, check and both languages of the book: {_seconds(part['seconds'])}."


def _loop(part: Results) -> Iterator[str]:
    yield "## An author's loop"
    yield ""
    yield "Seconds in this checkout and, where there is one, in an older one, one after the other on the same machine."
    yield ""
    columns = part["seconds"]
    rows = [[said, *(_seconds(found[step]) for found in columns.values())] for step, said in part["steps"].items()]
    yield from _table(("", *columns), rows)


KINDS = ("html", "css", "js", "fonts", "other", "pictures")
VIEW_HEADS = ("without pictures", *KINDS, "requests", "other hosts", "formulas")


def _view(view: Results) -> list[str]:
    sizes = [_kb(view["bytes_without_pictures"]), *(_kb(view["kinds"][kind]) for kind in KINDS)]
    return [*sizes, str(view["requests"]), ", ".join(view["hosts"]) or "none", str(view["formulas"])]


def _pages(part: Results) -> Iterator[str]:
    yield "## First view of the book's pages"
    yield ""
    yield from _table(("page", *VIEW_HEADS), [[f"/{a}", *_view(view)] for a, view in part["views"].items()])


SCORE_HEADS = ("performance", "accessibility", "best practices", "SEO", "blocking", "first paint", "largest paint")


def _score(one: Results) -> list[str]:
    four = [f"{one['scores'][name]:.0f}" for name in CATEGORIES]
    times = ("blocking_ms", "first_paint_ms", "largest_paint_ms")
    return [*four, *(f"{one[name]:,.0f} ms" for name in times)]


def _scores(part: Results) -> Iterator[str]:
    yield from _lighthouse("## Lighthouse, the book's pages", "page", part["pages"])


def _lighthouse(title: str, what: str, found: Results) -> Iterator[str]:
    runs = min(one["runs"] for one in found.values())
    index = sorted(one["benchmark_index"] for one in found.values())
    yield title
    yield ""
    yield f"Medians of {runs} runs; benchmark index {index[0]:.0f} to {index[-1]:.0f}."
    yield ""
    yield from _table((what, *SCORE_HEADS), [[name, *_score(one)] for name, one in found.items()])
    for name, one in found.items():
        if one["lost"]:
            yield ""
            yield f"Points lost by {name}: {'; '.join(one['lost'].values())}"


def _builds(part: Results) -> Iterator[str]:
    medians = part["medians"]
    base = medians[OUR_NAME]
    yield "## Building the sample"
    yield ""
    yield "Medians; in brackets, how many times as long as this book in the same column."
    yield ""
    steps = ("cold", "unchanged", "edited")
    rows = []
    for name, times in medians.items():
        rows.append([name, *(_seconds(times[step], base[step] if name != OUR_NAME else None) for step in steps)])
    yield from _table(("site", "cold", "unchanged", "after an edit of prose"), rows)
    yield ""
    yield f"This book runs its blocks apart, once (`make run`): {_seconds(base['blocks'])} for the whole sample."


def _weights(part: Results) -> Iterator[str]:
    yield "## First view and Chinese search, the same page"
    yield ""
    rows = []
    for name, found in part["sites"].items():
        search = found["search"]
        rows.append([name, *_view(found["view"]), f"{len(search['found'])} of {search['words']}"])
    yield from _table(("site", *VIEW_HEADS, "Chinese words found"), rows)


def _peer_scores(part: Results) -> Iterator[str]:
    yield from _lighthouse("## Lighthouse, the same page", "site", part["sites"])


def _live(part: Results) -> Iterator[str]:
    yield "## The live models"
    yield ""
    yield f"Medians of {len(part['each']['digit_ms'])} runs; each run in brackets."
    yield ""
    names = {
        "digit_ms": "a drawn digit, from strokes to scores (ms)",
        "characters_a_second": "a poem (characters a second)",
        "first_answer_ms": "first answer to a touch, phone (ms)",
    }
    rows = [
        [said, f"{part[key]:.1f} ({', '.join(f'{v:.1f}' for v in part['each'][key])})"] for key, said in names.items()
    ]
    yield from _table(("what", "measured"), rows)
    yield ""
    rival = part["rival"]
    same, apart = rival["same_answers"], max(rival["scores_apart"].values())
    yield (
        f"The engine beside TensorFlow.js {rival['version']}, in turn in Node. Of {rival['images']} images, "
        f"both name the same digit for {same['cpu']} (`wasm`: {same['wasm']}); their scores differ by at most "
        f"{apart:.0e}, the slopes of a step by {rival['slopes_apart']:.0e} of the largest."
    )
    yield ""
    each, step = rival["digit_ms"], rival["step_ms"]
    timed = {
        "a digit, from pixels to scores (ms)": [f"{each[name]:.2f}" for name in ("ours", "cpu", "wasm")],
        f"a step of training, {rival['batch']} images (ms)": [f"{step['ours']:.1f}", f"{step['cpu']:.1f}", "–"],
    }
    yield from _table(("what", "this book", "`cpu`", "`wasm`"), [[what, *spent] for what, spent in timed.items()])


def _preview(part: Results) -> Iterator[str]:
    yield "## From saving to seeing"
    yield ""
    yield (
        f"`make serve` over {part['pages']} pages a language shows its first page after "
        f"{_seconds(part['first_view'])}; after that, seconds from saving a file until the new text is served:"
    )
    yield ""
    rows = [[what, ", ".join(f"{value:.2f}" for value in values)] for what, values in part["seconds"].items()]
    yield from _table(("saved", "seconds"), rows)


def _sizes(part: Results) -> Iterator[str]:
    costs, fits = part["seconds"], part["fits"]
    yield "## Growth"
    yield ""
    yield "Reading all pages (both languages), telling what is stale, and building one language."
    yield ""
    heads = ("", *(f"{size} pages" for size in costs), "line", "share explained", "last stretch to first")
    rows = []
    for what, fit in fits.items():
        line = f"{fit['fixed']:.2f} s + {fit['per_page']:.1f} ms a page"
        ratio = f"{fit['last_to_first']}×"
        rows.append([what, *(f"{cost[what]:.2f} s" for cost in costs.values()), line, f"{fit['r2']:.4f}", ratio])
    yield from _table(heads, rows)


SECTIONS: Mapping[str, Callable[[Results], Iterator[str]]] = {
    "book": _book,
    "make-site": _make_site,
    "loop": _loop,
    "pages": _pages,
    "scores": _scores,
    "builds": _builds,
    "weights": _weights,
    "peer-scores": _peer_scores,
    "live": _live,
    "preview": _preview,
    "sizes": _sizes,
}
