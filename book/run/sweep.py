"""Run a page with other seeds and keep every named result (``book.evidence.sweep``).

Seeds already done are kept when a sweep is interrupted.
"""

from collections.abc import Callable, Mapping

from book.core.findings import error
from book.core.page import Page
from book.core.site import Book
from book.evidence.record import Circumstances
from book.evidence.sweep import load, named_results, save
from book.run.session import PageRun


def sweep(book: Book, page: Page, seeds: int, tell: Callable[[str], None] = lambda text: None) -> None:
    """Run a page with seeds 0 to ``seeds - 1``; each seed is kept as soon as it is done."""
    place = book.shown(page.file)
    if not any("seed = 0" in block.code.splitlines() for block in page.blocks):
        raise error("the page has no line `seed = 0` to replace", "set it in the page's first block", place)
    results = named_results(book, page)
    if not results:
        remedy = 'quote one in the prose, `{python} sweep["name"].mean`, or compare one with a number in a check'
        raise error("the page has no named result to sweep", remedy, place)
    for seed in range(seeds):
        if all(str(seed) in load(book, page.blocks[i]).get(name, {}) for name, i in results.items()):
            tell(f"seed {seed}: already there")
            continue
        found, _ = values_of(book, page, seed, results)
        for index in sorted(set(results.values())):
            block = page.blocks[index]
            values = load(book, block)
            for name in (name for name, i in results.items() if i == index):
                values.setdefault(name, {})[str(seed)] = found[name]
            save(book, block, {name: values[name] for name in values if name in results})
        tell(f"seed {seed}: " + ", ".join(f"{name} {value:.6g}" for name, value in found.items()))


def values_of(book: Book, page: Page, seed: int, results: Mapping[str, int]) -> tuple[dict[str, float], Circumstances]:
    """Run a page with a seed; return its named results, by the index of the block that computes each."""
    with PageRun(book, page, seed=seed) as running:
        after = [running.execute(block).variables for block in page.blocks[: max(results.values()) + 1]]
        return {name: float(after[index][name]) for name, index in results.items()}, running.circumstances()
