"""The command line: ``python -m tools.bench [--quick] [PART ...]``; without parts, everything.

After each part ``results.json`` and ``RESULTS.md`` are written, so that what is there is of use when the rest is cut
short. Parts that are measured alone leave the others' results as they are.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from book.core import store
from book.core.site import Book
from book.publish.build import build
from tools.bench import growth, lighthouse, live, loop, report, sample, sites
from tools.bench.browse import browser, chinese_search, first_view
from tools.bench.server import Server, serve
from tools.bench.sites import Site
from tools.bench.tools import HERE, OURS, ROOT, WORK, Failed, machine, median, run, set_up


@dataclass(frozen=True)
class Settings:
    """How much is measured.

    Attributes:
        weighed: pages of the book, besides its two first pages.
        scored: pages of the book, the heaviest, besides the first page and the practice page.
        pages: of the sample, a language.
        repetitions: of each build.
        runs: of Lighthouse for the book's pages.
        peer_runs: of Lighthouse for the sample.
        sizes: of the books whose growth is followed, pages a language.
        large: from so many pages a build is long enough to be measured once.
        serve_pages: of the book that is previewed, a language.
    """

    weighed: int = 10
    scored: int = 3
    pages: int = 10
    repetitions: int = 3
    runs: int = 5
    peer_runs: int = 5
    sizes: tuple[int, ...] = (10, 100, 300)
    large: int = 300
    serve_pages: int = 40
    beside: str = ""
    """An older checkout, with its own .venv, in which the loop is measured, too."""


QUICK = Settings(
    weighed=3, scored=1, pages=2, repetitions=1, runs=1, peer_runs=1, sizes=(2, 4, 6), large=6, serve_pages=3
)


class Bench:
    """What the parts share: the settings, the sample's sites, a server for each, and a browser."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        """Nothing is written yet."""
        self.settings, self._stack = settings, stack
        self._servers: dict[Path, Server] = {}
        self._built: set[Path] = set()

    @cached_property
    def sites(self) -> list[Site]:
        """The sample, written for the book and for each peer."""
        pages = sample.make(self.settings.pages)
        tell(f"writing the sample, {self.settings.pages} pages, and recording its blocks")
        writers = (sites.ours, *sites.PEERS)
        return [write(WORK / write.__name__, pages) for write in writers]

    @cached_property
    def book_site(self) -> Path:
        """The book itself, built without regard to warnings."""
        target = WORK / "book"
        build(Book(), target, strict=False, site_url=self.server(target).address)
        return target

    @cached_property
    def browser(self) -> Any:
        """A browser that reaches this machine alone."""
        return self._stack.enter_context(browser())

    def server(self, folder: Path) -> Server:
        """Return the server of a folder."""
        if folder not in self._servers:
            self._servers[folder] = self._stack.enter_context(serve(folder))
        return self._servers[folder]

    def build(self, site: Site) -> float:
        """Build a site of the sample for the address it is served at; return the seconds."""
        self._built.discard(site.output)
        seconds = site.build(self.server(site.output).address)
        self._built.add(site.output)
        return seconds

    def built(self, site: Site) -> Server:
        """Return the server of a site that is built, now if it was not before."""
        if site.output not in self._built:
            self.build(site)
        return self.server(site.output)


def tell(text: str) -> None:
    """Say how far the measurements are."""
    print(f"{datetime.datetime.now():%H:%M:%S}  {text}", flush=True)


def book(bench: Bench) -> Mapping[str, Any]:
    """Time the build of the book itself: check, then both languages, strictly."""
    target = WORK / "book"
    seconds = []
    refused = ""
    for _ in range(bench.settings.repetitions):
        shutil.rmtree(target, ignore_errors=True)
        address = {"SITE_URL": bench.server(target).address}
        try:
            took, _ = run([OURS, "-m", "book", "build", "--target", target], ROOT, environment=address)
        except Failed as problem:
            refused = str(problem)
            break
        seconds.append(took)
        tell(f"the book: {took:.1f} s")
    here = Book()
    pages = len(here.page_names(here.languages[0]))
    return {"pages": pages, "seconds": median(seconds) if seconds else None, "each": seconds, "refused": refused}


def pages(bench: Bench) -> Mapping[str, Any]:
    """Weigh the first view of the heaviest pages of the book, and of its two first pages."""
    server = bench.server(bench.book_site)
    views = {}
    for address in _heaviest(bench.book_site, bench.settings.weighed):
        views[address] = first_view(bench.browser, server, address)
        tell(f"/{address}: {views[address]['bytes_without_pictures'] / 1000:.0f} KB without pictures")
    return {"views": views}


def _heaviest(site: Path, count: int) -> list[str]:
    """Return the addresses of the first pages, then those of the pages whose HTML is largest when packed."""
    sizes = {
        file.parent.relative_to(site).as_posix() + "/": len(gzip.compress(file.read_bytes()))
        for file in site.rglob("index.html")
    }
    homes = ["", "en/"]
    others = sorted(set(sizes) - {"./", *homes}, key=lambda address: -sizes[address])
    return [*homes, *others[:count]]


def scores(bench: Bench) -> Mapping[str, Any]:
    """Run Lighthouse on the first page, on the practice page in both languages, and on the heaviest pages."""
    server = bench.server(bench.book_site)
    heaviest = _heaviest(bench.book_site, bench.settings.scored)[2:]
    addresses = dict.fromkeys(["practice/mnist-cnn/", "en/practice/mnist-cnn/", "", *heaviest])
    return {"pages": _alternate({f"/{a}": server.address + a for a in addresses}, bench.settings.runs)}


def _alternate(addresses: Mapping[str, str], runs: int) -> dict[str, Any]:
    """Run Lighthouse on several addresses in turn, and return the summaries by name."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in addresses}
    for number in range(runs):
        for name, address in addresses.items():
            found[name].append(one := lighthouse.score(address))
            four = "/".join(str(score) for score in one["scores"].values())
            tell(f"Lighthouse {number + 1} of {runs}, {name}: {four}, blocking {one['blocking_ms']:.0f} ms")
    return {name: lighthouse.summary(each) for name, each in found.items()}


def builds(bench: Bench) -> Mapping[str, Any]:
    """Time builds of the sample, one generator after another, then all again: cold, unchanged, after an edit."""
    all_sites = [*bench.sites, sites.ours_both(bench.sites[0])]
    each: dict[str, dict[str, list[float]]] = {site.name: {} for site in all_sites}
    for number in range(1, bench.settings.repetitions + 1):
        for site in all_sites:
            times = each[site.name]
            if site.executes:
                shutil.rmtree(site.root / "records")
                times.setdefault("blocks", []).append(run(site.executes, site.root)[0])
            site.clear()
            times.setdefault("cold", []).append(bench.build(site))
            times.setdefault("unchanged", []).append(bench.build(site))
            site.edit(number)
            times.setdefault("edited", []).append(bench.build(site))
            shown = ", ".join(f"{what} {values[-1]:.1f} s" for what, values in times.items())
            tell(f"{number} of {bench.settings.repetitions}, {site.name}: {shown}")
    medians = {name: {what: median(values) for what, values in times.items()} for name, times in each.items()}
    return {"medians": medians, "each": each}


def weights(bench: Bench) -> Mapping[str, Any]:
    """Weigh a page of the sample on each site, and search each site for Chinese words."""
    found = {}
    for site in bench.sites:
        server = bench.built(site)
        view = first_view(bench.browser, server, site.address(site.middle))
        search = chinese_search(bench.browser, server, site)
        found[site.name] = {"view": view, "search": search}
        kilobytes = view["bytes_without_pictures"] / 1000
        tell(f"{site.name}: {kilobytes:.0f} KB, finds {len(search['found'])} of {search['words']} words")
    return {"sites": found}


def peer_scores(bench: Bench) -> Mapping[str, Any]:
    """Run Lighthouse on the same page of the sample on each site, in turn."""
    addresses = {site.name: bench.built(site).address + site.address(site.middle) for site in bench.sites}
    return {"sites": _alternate(addresses, bench.settings.peer_runs)}


def live_(bench: Bench) -> Mapping[str, Any]:
    """Measure how fast the live models answer in a browser."""
    found = live.measure(bench.browser, bench.server(bench.book_site), bench.settings.runs)
    tell(f"a digit {found['digit_ms']:.1f} ms, {found['characters_a_second']:.0f} characters a second")
    return found


def preview(bench: Bench) -> Mapping[str, Any]:
    """Measure how long a saved page takes to be seen in ``make serve``."""
    found = growth.saved_to_seen(bench.settings.serve_pages, bench.settings.repetitions)
    tell(f"preview of {found['pages']} pages a language: seen after at most {found['longest']:.2f} s")
    return found


def sizes(bench: Bench) -> Mapping[str, Any]:
    """Measure what reading, telling what is stale, and building cost as the book grows."""
    costs: dict[int, dict[str, float]] = {}
    for size in bench.settings.sizes:
        repetitions = 1 if size >= bench.settings.large else bench.settings.repetitions
        costs[size] = growth.cost(growth.book_of(size), repetitions)
        tell(f"{size} pages: " + ", ".join(f"{what} {seconds:.2f} s" for what, seconds in costs[size].items()))
    numbers = list(costs)
    fits = {what: growth.linearity(numbers, [costs[n][what] for n in numbers]) for what in costs[numbers[0]]}
    return {"seconds": {str(size): cost for size, cost in costs.items()}, "fits": fits}


def make_site(bench: Bench) -> Mapping[str, Any]:
    """Time ``make site``: lint, types, unit tests, check, both languages."""
    try:
        took, _ = run(["make", "site"], ROOT, seconds=600)
    except Failed as problem:
        return {"seconds": None, "refused": str(problem)}
    return {"seconds": round(took, 1), "refused": ""}


def loop_(bench: Bench) -> Mapping[str, Any]:
    """Time an author's loop, here and in the older checkout that ``--beside`` names."""
    older = {"before": Path(bench.settings.beside).resolve()} if bench.settings.beside else {}
    return {"seconds": loop.beside({**older, "now": ROOT}, tell), "steps": loop.STEPS}


PARTS: Mapping[str, Callable[[Bench], Mapping[str, Any]]] = {
    "book": book,
    "pages": pages,
    "scores": scores,
    "builds": builds,
    "weights": weights,
    "peer-scores": peer_scores,
    "live": live_,
    "preview": preview,
    "sizes": sizes,
    "make-site": make_site,
    "loop": loop_,
}
"""The parts, most important first."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return the exit status: 1 where a part could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description="Measure the book against its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a trial of a few minutes, kept in .cache/bench")
    parser.add_argument("--beside", metavar="PATH", default="", help="an older checkout with its own .venv (part loop)")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    settings = replace(QUICK if options.quick else Settings(), beside=options.beside)
    folder = WORK if options.quick else HERE
    set_up(tell)
    results = _former(folder / "results.json") if options.parts else {}
    results |= {"machine": machine(), "settings": {**vars(settings), "beside": bool(settings.beside)}}
    parts = results.setdefault("parts", {})
    status = 0
    with ExitStack() as stack:
        bench = Bench(settings, stack)
        for name in options.parts or PARTS:
            tell(f"-- {name}")
            began = time.perf_counter()
            try:
                found = PARTS[name](bench)
            except Failed as problem:
                tell(f"!! {name}: {problem}")
                status = 1
                continue
            today = datetime.datetime.now(datetime.UTC).date().isoformat()
            parts[name] = {"date": today, "took": round(time.perf_counter() - began, 1), **found}
            _write(folder, results)
    tell(f"written: {report.shown(folder)}/results.json and RESULTS.md")
    return status


def _former(file: Path) -> dict[str, Any]:
    try:
        former: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return former


def _write(folder: Path, results: Mapping[str, Any]) -> None:
    text = json.dumps(results, ensure_ascii=False, indent=1) + "\n"
    store.write(folder / "results.json", text.encode())
    store.write(folder / "RESULTS.md", report.draw(json.loads(text)).encode())


if __name__ == "__main__":
    sys.exit(main())
