"""The message for a block that failed: its place on the page and in the snippets, what it raised, what to do."""

import re
from collections.abc import Sequence
from typing import Any

from nbclient.exceptions import CellExecutionError

from book.core.findings import BookError, error
from book.core.page import Block
from book.run.outputs import as_terminal

TRACEBACK_LINES = 6
_FRAME = re.compile(r"\s*(?:Cell In\[(\d+)\]|File <ipython\S*)[,:].*?\bline (\d+)")
_CHAINED = ("During handling of the above exception", "The above exception was the direct cause")


def of(shown: str, block: Block, problem: str, remedy: str, lines: str = "") -> BookError:
    """Return the message for a block that failed; ``lines`` says where in the snippets, by default its first line."""
    place = lines or block.snippet_place(1)
    return error(f"block {block.index + 1}{f' [{place}]' if place else ''}: {problem}", remedy, shown, block.line)


def raised(shown: str, blocks: Sequence[Block], block: Block, cell: Any, problem: CellExecutionError) -> BookError:
    """Return the message for a block that raised an exception.

    It names the line of the block in which the exception passed, and the line of the page's code in which it began
    where that is another, be it in a function of an earlier block.
    """
    entries: list[str] = next((o.traceback for o in reversed(cell.outputs) if o.output_type == "error"), [])
    entries = [as_terminal(entry) for entry in entries]
    frames = [(blocks[index], line) for index, line in _frames(entries) if index < len(blocks)]
    own = next((line for each, line in frames if each is block), 1)
    places = [block.snippet_place(own)]
    if frames and frames[-1] != (block, own):
        places.append(frames[-1][0].snippet_place(frames[-1][1]))
    text = [line for entry in entries for line in entry.splitlines() if line.strip()]
    last = "\n".join(f"    {line}" for line in text[-TRACEBACK_LINES:])
    what = as_terminal(f"this block raised {problem.ename}: {problem.evalue}\n{last}")
    return of(shown, block, what, "correct the snippet", ", raised in ".join(place for place in places if place))


def _frames(entries: Sequence[str]) -> list[tuple[int, int]]:
    """Return (index of the block, line in it) of each frame of IPython's traceback that is code of the page."""
    chained = (i for i, entry in enumerate(entries) if entry.lstrip().startswith(_CHAINED))
    begins = max(chained, default=0)
    matches = (_FRAME.match(entry) for entry in entries[begins:])
    return [(int(match[1]) - 1, int(match[2])) for match in matches if match and match[1]]
