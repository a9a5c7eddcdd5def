"""What a block left behind, made fit to be kept: text as its reader sees it, pictures as files of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from book.core.site import Book
from book.evidence import outputs as kinds
from book.run import providers
from book.run.text import as_terminal, without_paths


def tidy(
    book: Book, outputs: Sequence[Any], device: str, folders: Mapping[Path, str]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return outputs without noise and without paths of this machine, and the pictures taken out of them into files.

    Args:
        book: the checkout.
        outputs: outputs in notebook format, as the kernel sent them.
        device: device class, with which the names of the pictures begin.
        folders: what stands for which folder of this machine.

    Raises:
        Refused: one of them cannot be published.
    """
    tidied: list[dict[str, Any]] = []
    for item in _joined(json.loads(json.dumps(outputs))):
        if item["output_type"] == "stream":
            item["text"] = _text(book, item, folders)
            if not item["text"].strip():
                continue
        data = item.get("data", {})
        for mime in data:
            if mime.startswith("text/"):
                data[mime] = without_paths(as_terminal(data[mime]), folders)
        tidied.append(item)
    return kinds.record(tidied, device)


def _text(book: Book, stream: Mapping[str, Any], folders: Mapping[Path, str]) -> str:
    """Return what the reader sees of a stream."""
    text = as_terminal(stream["text"])
    if stream["name"] == "stderr":
        text = "".join(providers.quiet(book, text.splitlines(keepends=True)))
    return without_paths(text, folders)


def _joined(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join what a block wrote on each stream into one output; where both follow each other, stdout comes first.

    The kernel sends both in pieces, and in an order that is not the same in every run.
    """
    result: list[dict[str, Any]] = []
    streams: dict[str, dict[str, Any]] = {}
    for output in outputs:
        name = output["name"] if output["output_type"] == "stream" else ""
        if name in streams:
            streams[name]["text"] += output["text"]
            continue
        if name:
            streams[name] = output
        result.append(output)
    for i, (first, second) in enumerate(pairwise(result)):
        if (first.get("name"), second.get("name")) == ("stderr", "stdout"):
            result[i : i + 2] = [second, first]
    return result
