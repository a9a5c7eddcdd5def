"""Fixtures that every unit test may ask for."""

from tests.unit.miniature import book, kernel

__all__ = ["book", "kernel"]
