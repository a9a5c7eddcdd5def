"""The code of blocks as syntax trees, parsed once: what it reads, assigns, and imports."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator
from functools import lru_cache


@lru_cache(maxsize=4096)
def parsed(code: str) -> ast.Module:
    """Return the syntax tree of a block, which is not to be changed.

    Raises:
        SyntaxError: the code is not Python.
    """
    return ast.parse(code)


@lru_cache(maxsize=4096)
def nodes(code: str) -> tuple[ast.AST, ...]:
    """Return all nodes of the syntax tree of a block."""
    return tuple(ast.walk(parsed(code)))


def names_read(node: ast.AST, context: type[ast.expr_context] = ast.Load) -> list[str]:
    """Return the names that code reads (or, with ``ast.Store``, assigns), each once, in its order."""
    names = (each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, context))
    return list(dict.fromkeys(names))


def targets(node: ast.AST) -> list[ast.expr]:
    """Return what a node of a syntax tree gives a value."""
    match node:
        case ast.Assign(targets=several):
            return several
        case ast.AnnAssign(target=one) | ast.AugAssign(target=one) | ast.NamedExpr(target=one):
            return [one]
        case ast.For(target=one) | ast.comprehension(target=one) | ast.withitem(optional_vars=ast.expr() as one):
            return [one]
    return []


def changed(target: ast.expr) -> Iterator[str]:
    """Yield the names that get a value with a target, or of which a part does: ``table`` with ``table["row"].cell``."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Subscript(value=inner) | ast.Attribute(value=inner) | ast.Starred(value=inner):
            yield from changed(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from changed(part)


@lru_cache(maxsize=4096)
def bound(code: str) -> frozenset[str]:
    """Return the names that code binds at its top, and those that its functions call global."""
    found, tables = set[str](), [symtable.symtable(code, "a block", "exec")]
    for table in tables:
        for symbol in table.get_symbols():
            top = table.get_type() == "module" or symbol.is_declared_global()
            if top and (symbol.is_assigned() or symbol.is_imported()):
                found.add(symbol.get_name())
        tables += table.get_children()
    return frozenset(found)


@lru_cache(maxsize=4096)
def texts(code: str) -> frozenset[str]:
    """Return the texts that stand in code."""
    constants = (node.value for node in nodes(code) if isinstance(node, ast.Constant))
    return frozenset(value for value in constants if isinstance(value, str))


def imported(codes: Iterable[str]) -> set[str]:
    """Return the top-level modules that code imports."""
    return set[str]().union(*map(_imported, codes))


@lru_cache(maxsize=4096)
def _imported(code: str) -> frozenset[str]:
    found = set()
    for node in nodes(code):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return frozenset(found)
