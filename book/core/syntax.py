"""The code of blocks as syntax trees, parsed once: what it reads, assigns, and imports; and the names of blocks.

A block's result depends on every block before it on its page, so its name is a hash over the code that leads to it. The
hash runs over the syntax tree: comments, annotation marks, blank lines and the place of line breaks do not count.
"""

import ast
import hashlib
import symtable
from collections.abc import Iterable, Iterator
from functools import lru_cache


@lru_cache(maxsize=4096)
def parsed(code: str) -> ast.Module:
    """Return the syntax tree of a block, which is not to be changed; SyntaxError where it is not Python."""
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


NAME_LENGTH = 20
"""Hexadecimal digits in a name: 80 bits, far beyond any accidental clash."""


@lru_cache(maxsize=4096)
def canonical(code: str, kind: str) -> str:
    """Return what of a block's code counts: the syntax tree of Python, the stripped text of anything else.

    The tree is written out by hand because ``ast.dump`` differs between versions of Python: empty and absent
    fields are left out, so that a field which a later version adds changes nothing.

    Raises:
        SyntaxError: the code is not Python.
    """
    return _write(parsed(code)) if kind == "python" else code.strip()


def _write(node: object) -> str:
    if isinstance(node, ast.JoinedStr):
        node = ast.JoinedStr(list(_joined(node.values)))
    if isinstance(node, ast.AST):
        fields = [(name, getattr(node, name, None)) for name in node._fields]
        kept = [f"{name}={_write(value)}" for name, value in fields if value is not None and value != []]
        return f"{type(node).__name__}({','.join(kept)})"
    if isinstance(node, list):
        return f"[{','.join([_write(item) for item in node])}]"
    return repr(node)


def _joined(values: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Yield the parts of an f-string, its texts put together: Python 3.12 leaves empty ones, and splits some."""
    text = ""
    for value in values:
        if isinstance(value, ast.Constant):
            text += str(value.value)
            continue
        if text:
            yield ast.Constant(text)
        text = ""
        yield value
    if text:
        yield ast.Constant(text)


def names(blocks: Iterable[tuple[str, str]]) -> list[str]:
    """Return the name of each block of a page, of which these are kind and canonical code, in reading order."""
    digest = hashlib.sha256(b"book chain 1")
    result = []
    for kind, code in blocks:
        digest.update(f"\0{kind}\0{code}".encode())
        result.append(digest.hexdigest()[:NAME_LENGTH])
    return result
