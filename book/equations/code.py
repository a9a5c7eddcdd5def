"""Run what an equation is checked with: its declaration, the functions of its page, TensorFlow without a word."""

import ast
import contextlib
import importlib
import io
import os
import runpy
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from book.core import store, syntax
from book.core.page import section_lines
from book.core.site import Book
from book.equations.declare import Declaration, Equation, page_code
from book.equations.records import Placed


class Unfit(Exception):
    """What is wrong with an equation, its declaration or the code, and the remedy; whatever checks one may raise it."""

    def __init__(self, problem: str, remedy: str = "correct the equation, its declaration or the code") -> None:
        super().__init__(problem)
        self.remedy = remedy


def run_declaration(declaration: Declaration) -> Equation:
    """Return what a file declares of an equation, with its functions."""
    try:
        return _declared_in(declaration.file)[declaration.id]
    except Exception as problem:
        raise Unfit(f"the declarations cannot be run: {type(problem).__name__}: {problem}") from problem


@store.cached
def _declared_in(file: Path) -> Mapping[str, Equation]:
    _prepare(store.text(file))
    return {equation.id: equation for equation in runpy.run_path(str(file))["EQUATIONS"]}


def run_sections(book: Book, placed: Placed) -> SimpleNamespace:
    """Return what the sections that an equation's declaration names define on its page."""
    snippet = placed.declaration.snippet
    page_names = frozenset[str]().union(*(syntax.bound(block.python) for block in placed.page.blocks))
    return _namespace(tuple(page_code(book, placed.declaration)), snippet, book.shown(snippet), page_names)


@lru_cache(maxsize=64)
def _namespace(
    sections: tuple[tuple[str, str], ...], snippet: Path, shown: str, page_names: frozenset[str]
) -> SimpleNamespace:
    names: dict[str, Any] = {"__name__": "page"}
    for section, text in sections:
        _prepare(text)
        for statement in ast.parse(text).body:
            code = compile(ast.Module([statement], []), f"{shown}:{section}", "exec")
            try:
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(code, names)
            except Exception as problem:
                if isinstance(problem, NameError) and problem.name in page_names:
                    continue  # it needs results of other sections; a function that needs it in turn says so when called
                line = section_lines(snippet, section)[statement.lineno - 1]
                text = f"the page's sections cannot be run: {type(problem).__name__}: {problem}, at {shown}:{line}"
                remedy = "let SECTIONS name sections that define functions and run by themselves"
                raise Unfit(text, remedy) from problem
    return SimpleNamespace(**{name: value for name, value in names.items() if not name.startswith("__")})


def _prepare(code: str) -> None:
    """Load TensorFlow, quietly, before code that asks for it."""
    if syntax.imported([code]) & {"tensorflow", "keras"}:
        tensorflow()


@lru_cache(maxsize=1)
def tensorflow() -> Any:
    """Return TensorFlow, loaded without a word and without a GPU; ``run.environment`` has set its variables."""
    stderr = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        module = importlib.import_module("tensorflow")
        module.config.set_visible_devices([], "GPU")  # every machine checks in the same way
        module.constant(0.0)  # what it has to say, it says when it looks for devices
        module.get_logger().setLevel("ERROR")
        log = importlib.import_module("absl.logging").get_absl_handler().python_handler
        log.setStream(sys.__stderr__)  # it closes any other stream when logging is set up anew
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    return module
