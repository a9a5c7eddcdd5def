"""Fixtures that every unit test may ask for."""

from tests.unit.miniature import book

__all__ = ["book"]
