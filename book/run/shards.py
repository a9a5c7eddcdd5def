"""Split the pages into shards that take about equally long, for machines that run them at the same time."""

import re
from dataclasses import dataclass

from book.core.findings import BookError, error
from book.core.page import Page, pages
from book.core.site import Book
from book.equations import records
from book.evidence import record

_SHARD = re.compile(r"([1-9]\d*)/([1-9]\d*)")


@dataclass(frozen=True)
class Shard:
    """Some of the pages: their names, sorted, and the seconds their blocks are expected to take together."""

    pages: tuple[str, ...]
    seconds: float


def seconds(book: Book, page: Page) -> float:
    """Return the seconds a page's blocks took when recorded; its limit where one of them has no usable record."""
    try:
        records = [record.load(book, block.name) for block in page.blocks]
    except BookError:
        records = [None]
    return sum(each.result.seconds for each in records if each) if all(records) else page.page_seconds


def split(book: Book, count: int) -> list[Shard]:
    """Split the pages that have blocks or checked equations: longest first, each to the shard with least to do."""
    to_run = [page for page in pages(book) if page.blocks or records.placed(book, [page])]
    if not 1 <= count <= len(to_run):
        raise error(f"{len(to_run)} pages with blocks cannot be split into {count} shards", "ask for fewer")
    shards = [Shard((), 0.0)] * count
    lengths = ((seconds(book, page), page.name) for page in to_run)
    for length, name in sorted(lengths, key=lambda pair: (-pair[0], pair[1])):
        least = min(range(count), key=lambda i: (shards[i].seconds, len(shards[i].pages)))
        shards[least] = Shard(tuple(sorted((*shards[least].pages, name))), shards[least].seconds + length)
    return shards


def pages_of(book: Book, which: str) -> frozenset[str]:
    """Return the names of the pages of one shard, named as in ``2/3``: the second of three."""
    match = _SHARD.fullmatch(which)
    if not match or int(match[1]) > int(match[2]):
        raise error(f"{which!r} names no shard", "write 2/3 for the second of three")
    return frozenset(split(book, int(match[2]))[int(match[1]) - 1].pages)
