"""Equations that are checked: what pages mark, what files declare, and the check itself."""

from book.equations.declare import Equation

__all__ = ["Equation"]
