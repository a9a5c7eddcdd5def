"""What a block left behind, made fit to be kept: text as a terminal shows it, without paths, and pictures."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.cells import get_character_cell_size

from book.core.site import Book
from book.evidence import outputs as kinds
from book.run import providers

_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*")
_PIECE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC (links, titles), DCS ...
    r"|(?:\x1b\[|\x9b)(?P<number>\d*)[0-?]*[ -/]*(?P<command>[@-~])"  # CSI: colors, movements of the cursor
    r"|\x1b[ -/]*[0-~]?"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WIDEST = 500
"""Columns by which an escape sequence may move the cursor."""
_MOVES = {"A": (-1, 0), "F": (-1, 0), "B": (1, 0), "E": (1, 0), "C": (0, 1), "D": (0, -1)}
"""Rows down and columns to the right."""


def as_terminal(text: str) -> str:
    """Return what a terminal shows of a text: escape sequences, carriage returns and backspaces are carried out.

    Half surrogate pairs, which no file can hold, become the replacement character.
    """
    text = _SURROGATE.sub("\ufffd", text)
    if _PLAIN.fullmatch(text):
        return text
    screen = _Screen()
    for piece in _PIECE.finditer(text):
        if piece["text"]:
            screen.write(piece["text"])
        elif piece["control"]:
            screen.control(piece["control"])
        elif piece["command"]:
            screen.command(piece["command"], piece["number"])
    return "\n".join("".join(row) for row in screen.rows)


class _Screen:
    """Rows of cells and a cursor; the second cell of a wide character is empty."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def write(self, text: str) -> None:
        """Write printable text over what stands at the cursor."""
        cells = self.rows[self.row]
        for character in text:
            width = get_character_cell_size(character)
            if width == 0 and 0 < self.column <= len(cells):
                cells[self.column - 1] += character  # an accent or a joiner belongs to the character before
                continue
            end = self.column + max(width, 1)
            cells.extend(" " * (self.column - len(cells)))
            if self.column < len(cells) and not cells[self.column]:
                cells[self.column - 1] = " "  # the other half of a wide character is lost with this one
            if end < len(cells) and not cells[end]:
                cells[end] = " "
            cells[self.column : end] = [character, *[""] * (width - 1)]
            self.column = end

    def control(self, character: str) -> None:
        """Carry out a control character; those that move nothing are left out."""
        if character == "\t":
            self.write(character)
        elif character in "\n\v\f":
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.rows):
                self.rows.append([])
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(self.column - 1, 0)

    def command(self, command: str, number: str) -> None:
        """Carry out an escape sequence: the cursor moves, or the rest of a line goes; others change nothing."""
        line, steps = self.rows[self.row], int(number[:6] or 1)
        down, right = _MOVES.get(command, (0, 0))
        if command == "K":
            others = {"1": [" "] * self.column + line[self.column :], "2": []}
            self.rows[self.row] = others.get(number, line[: self.column])
        elif command == "J" and number in ("", "0"):
            self.rows[self.row :] = [line[: self.column]]
        elif command in "EFG":
            self.column = min(steps - 1, _WIDEST) if command == "G" else 0
        self.row = min(max(self.row + steps * down, 0), len(self.rows) - 1)
        self.column = max(self.column + min(steps, _WIDEST) * right, 0)


_START = r"(?:(?<![\w./~-])|(?<=file://))"
"""Where the path of a file may begin; not within an address on the web."""
_FOLDERS = r"""(?:/[^\s/:"'<>]+)+"""
_OF_EVERY_MACHINE = {
    re.compile(rf"{_START}(?:{_FOLDERS})?/ipykernel_\d+/\d+\.py"): "<block>",
    re.compile(rf"{_START}{_FOLDERS}/(?:site|dist)-packages(?=/)"): "<site-packages>",
    re.compile(rf"{_START}{_FOLDERS}/lib/python3\.\d+(?=/)"): "<python>",
}


def without_paths(text: str, folders: Mapping[Path, str]) -> str:
    """Return a text in which paths of this machine, as of these folders, have names that are the same everywhere."""
    for pattern, name in _OF_EVERY_MACHINE.items():
        text = pattern.sub(name, text)
    for folder, name in sorted(folders.items(), key=lambda pair: -len(str(pair[0]))):
        if len(folder.parts) > 1:
            text = re.sub(rf"{_START}{re.escape(str(folder))}(?![\w-])", name, text)
    return text


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
