"""Names of blocks: a hash over the code that leads to them.

A block's result depends on every block before it on its page, so its name does too. The hash runs over the
syntax tree: comments, annotation marks, blank lines and the place of line breaks do not count.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from book.core import syntax

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
    return _write(syntax.parsed(code)) if kind == "python" else code.strip()


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
