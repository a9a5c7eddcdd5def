"""Errors for people: what is wrong, where, and what to do about it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that must be mended before the book can be published.

    Attributes:
        file: path as the reader of the message would type it (relative to the repository where possible).
        line: 1-based line in ``file``; 0 where the whole file is meant.
        problem: what is wrong, in one sentence.
        remedy: what to do, in one sentence or command.
    """

    file: str
    line: int
    problem: str
    remedy: str

    def __str__(self) -> str:
        """Return the message in the form editors understand: ``file:line: problem``, then the remedy."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.problem}\n    remedy: {self.remedy}"


class BookError(Exception):
    """A problem that stops the command at hand; carries one or more findings.

    Whatever reads the book may raise it, and the command line shows it: docstrings name the other exceptions alone.
    """

    def __init__(self, *findings: Finding) -> None:
        """Keep the findings; the message is theirs, one after another."""
        super().__init__("\n".join(str(f) for f in findings))
        self.findings = findings


def error(problem: str, remedy: str, file: str | Path = "book", line: int = 0) -> BookError:
    """Return a ``BookError`` of a single finding."""
    return BookError(Finding(str(file), line, problem, remedy))
