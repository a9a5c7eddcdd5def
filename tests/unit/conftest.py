"""Fixtures that every unit test may ask for, and one that every one gets."""

from tests.unit.miniature import absl_closes_nothing_of_pytest, book, kernel

__all__ = ["absl_closes_nothing_of_pytest", "book", "kernel"]
