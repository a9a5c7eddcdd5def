"""Fixtures that every unit test may ask for, and one that every one gets."""

import sys
from collections.abc import Iterator

import pytest

from tests.unit.miniature import book, kernel

__all__ = ["book", "kernel"]


@pytest.fixture(autouse=True)
def absl_closes_nothing_of_pytest() -> Iterator[None]:
    """Take from TensorFlow's log what it took for standard error.

    TensorFlow loaded within a test keeps the stream that pytest captures, and closes it when a later test sets logging
    up anew, as Jupyter does in a build: from then on every test fails.
    """
    yield
    if absl := sys.modules.get("absl.logging"):
        absl.get_absl_handler().python_handler.setStream(sys.__stderr__)
