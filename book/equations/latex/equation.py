"""Read the LaTeX of an equation whole, or refuse it.

A small parser for the LaTeX this book writes (``tex_tokens`` and ``tex_parser``). It knows the symbols that are
declared and nothing else: what it cannot read, does not know, or could read in two ways it refuses, and says where.
Subscripts become indices, and every index is bound: by a sum, or by the left side.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from book.equations.latex.expression import Edge, Fold, Node, Symbol, parts, walk
from book.equations.latex.parser import Names, read_expression
from book.equations.latex.tokens import (
    ACCENTS,
    CLOSING,
    FONTS,
    REFUSED_RELATIONS,
    RELATIONS,
    TexError,
    Token,
    environment,
    environment_length,
    is_differential,
    split_groups,
    tokens,
)


@dataclass(frozen=True)
class Side:
    """One side of an equation with the relation to the side before it (empty for the first)."""

    relation: str
    expression: Node


@dataclass(frozen=True)
class Parsed:
    """An equation that was read whole.

    Attributes:
        head: the text of a left side that only names the result; empty where the left side is an expression.
        derivative: whether that left side is a derivative.
        by: the letters and names below its bar; empty where there is none.
        free: the indices that the sides do not bind, in the order in which they appear on the left.
        sides: the sides that can be computed.
        used: the declared symbols and indices that occur.
    """

    head: str
    derivative: bool
    by: tuple[str, ...]
    free: tuple[str, ...]
    sides: tuple[Side, ...]
    used: frozenset[str]


def key(name: str) -> str:
    r"""Return a declared name as the parser writes it: ``m_{t-1}`` stays, ``\beta_{1}`` becomes ``beta_1``."""
    plain = re.sub(r"\s+|\\", "", name)
    return re.sub(r"([_^])\{(\w+|\(\w+\))\}", r"\1\2", plain)


def parse(tex: str, names: Names) -> Parsed:
    """Read an equation.

    Args:
        tex: its LaTeX without dollars.
        names: the symbols that are declared.

    Raises:
        TexError: some of it cannot be read, is not declared, or can be read in two ways.
    """
    pieces = _unwrap(tokens(tex), tex)
    while pieces and pieces[-1].kind == "mark" and pieces[-1].text in (".", ",", ";"):
        pieces = pieces[:-1]
    split = list(_split(pieces, tex))
    head, derivative, by, head_used = "", False, tuple[str, ...](), frozenset[str]()
    free: tuple[str, ...] | None = None
    sides: list[Side] = []
    for number, (relation, side) in enumerate(split):
        if not side:
            raise TexError("a side of the equation is empty", tex, len(tex))
        if number == 0 and len(split) > 1:
            first = _first_side(side, names, tex, result_only=split[1][0] == "\\leftarrow")
            if isinstance(first, _Head):
                head, derivative, by = first.text, first.derivative, first.by
                free, head_used = first.free, first.used
                continue
            expression = first
        else:
            expression = read_expression(side, names, tex)
        shown = RELATIONS[relation] if relation else ""
        if shown == "!=":
            raise TexError("≠ between the sides says too little to be checked", tex, side[0].at)
        sides.append(Side(shown, expression))
    if free is None:
        free = tuple(dict.fromkeys(_free(sides[0].expression, names, frozenset(), tex)))
    for side_ in sides:
        for index in dict.fromkeys(_free(side_.expression, names, frozenset(), tex)):
            if index not in free:
                raise TexError(f"the index {index} is bound by no sum and does not stand on the left side", tex, 0)
        for node in walk(side_.expression):
            if isinstance(node, Fold) and node.index in free:
                raise TexError(f"the index {node.index} is bound by a sum and stands on the left side, too", tex, 0)
    occur = {node.name for side_ in sides for node in walk(side_.expression) if isinstance(node, Symbol | Edge)}
    bound = {node.index for side_ in sides for node in walk(side_.expression) if isinstance(node, Fold)}
    used = frozenset(name for name in occur | bound | head_used | set(free) if name in names)
    return Parsed(head, derivative, by, free, tuple(sides), used)


def _unwrap(pieces: list[Token], tex: str) -> list[Token]:
    """Take an ``aligned`` environment away: its rows are one chain, each row going on with a relation or a sign."""
    environments = ("aligned", "align", "align*", "split", "gathered", "equation", "equation*")
    if not (pieces and pieces[0].text == "\\begin" and environment(pieces, 0) in environments):
        return pieces
    length = environment_length(pieces, 0)
    if environment(pieces, len(pieces) - length) != environment(pieces, 0) or pieces[-length].text != "\\end":
        raise TexError("something stands outside the environment", tex, pieces[-1].at)
    inside, rows = pieces[length:-length], []
    depth = 0
    for i, token in enumerate(inside):
        depth += (token.text == "\\begin") - (token.text == "\\end")
        if depth or token.kind == "word" or token.text not in ("&", "\\\\"):
            rows.append(token)
        elif token.text == "\\\\":
            rest = [t for t in inside[i + 1 :] if t.text != "&"]
            if rest and rest[0].text not in (*RELATIONS, "+", "-"):
                raise TexError("two equations in one: give each its own", tex, rest[0].at)
    return rows


def _split(pieces: Sequence[Token], tex: str) -> Iterator[tuple[str, list[Token]]]:
    """Yield the sides of an equation with the relation before each."""
    depth, relation, side = 0, "", list[Token]()
    for token in pieces:
        if token.kind in ("mark", "command"):
            depth += (token.text in CLOSING or token.text == "\\begin") - (
                token.text in CLOSING.values() or token.text == "\\end"
            )
            if depth == 0 and token.text in REFUSED_RELATIONS:
                raise TexError(f"{token.text} cannot be checked", tex, token.at)
            if depth == 0 and token.text in RELATIONS:
                yield relation, side
                relation, side = token.text, []
                continue
        side.append(token)
    yield relation, side


@dataclass(frozen=True)
class _Head:
    """A left side that only names the result."""

    text: str
    derivative: bool
    by: tuple[str, ...]
    free: tuple[str, ...]
    used: frozenset[str]


def _first_side(side: list[Token], names: Names, tex: str, *, result_only: bool) -> Node | _Head:
    """Return the left side as an expression of declared symbols or, where it is none, as a name of the result."""
    try:
        if not result_only:
            return read_expression(side, names, tex)
    except TexError as problem:
        if (head := _head(side, names)) is None:
            raise problem from None
        return head
    if (head := _head(side, names)) is None:
        raise TexError("the left side is neither an expression of declared symbols nor a name", tex, side[0].at)
    return head


def _head(side: list[Token], names: Names) -> _Head | None:
    r"""Read a left side such as ``p_i``, ``\hat y_i``, ``L(w, b)``, ``\log p(y \mid x)`` or a derivative."""
    derivative = any(token.text in ("\\partial", "\\nabla") for token in side)
    rest, by = list(side), tuple[str, ...]()
    if rest[0].text == "\\frac" or rest[0].text == "\\dfrac":
        groups = split_groups(rest[1:])
        if len(groups) < 2 or not all(is_differential(group) for group in groups[:2]):
            return None
        derivative, rest = True, [token for group in groups[2:] for token in group]
        by = tuple(token.text for token in groups[1] if token.kind == "word" and token.text != "d")
    else:
        while rest and rest[0].text in ("-", "\\log", "\\ln", "\\nabla"):
            rest = rest[1:]
            if rest and rest[0].text == "_":
                rest = [token for group in split_groups(rest[1:])[1:] for token in group]
        while rest and rest[0].text.removeprefix("\\") in (*ACCENTS, *FONTS):
            rest = rest[1:]
        if not rest or not (rest[0].kind == "word" or rest[0].text in ("{", "(", "[", "\\cos", "\\max", "\\min")):
            return None
        derivative = derivative or (len(rest) > 1 and rest[1].text == "'")
        rest = [token for group in split_groups(rest)[1:] for token in group]
    while rest:  # scripts and arguments, in any order
        if rest[0].text in ("_", "^"):
            groups = split_groups(rest[1:])
            rest = [token for group in groups[1:] for token in group]
        elif rest[0].text in ("(", "["):
            rest = [token for group in split_groups(rest)[1:] for token in group]
        elif rest[0].text == "'":
            rest = rest[1:]
        else:
            return None
    words = [token.text for token in side if token.kind == "word"]
    free = tuple(dict.fromkeys(word for word in words if word in names.indices))
    used = frozenset(free)
    return _Head("".join(token.text for token in side), derivative, by, free, used)


def _free(node: Node, names: Names, bound: frozenset[str], tex: str) -> Iterator[str]:
    """Yield the indices that nothing within the expression binds.

    Raises:
        TexError: a sum binds an index that is already taken, or an array lacks an index.
    """
    if isinstance(node, Symbol):
        if node.name in names.indices and node.name not in bound:
            yield node.name
        if len(node.indices) != names.ranks.get(node.name, 0):
            rank = names.ranks.get(node.name, 0)
            raise TexError(f"{node.name} has {rank} axes, but {len(node.indices)} indices here", tex, 0)
    if isinstance(node, Fold):
        if node.index in bound:
            raise TexError(f"the index {node.index} is bound by two sums at once", tex, 0)
        for bound_part in (node.lower, node.upper):
            if bound_part:
                yield from _free(bound_part, names, bound, tex)
        inside = bound | {node.index}
        for part in (node.where, node.body):
            if part:
                yield from _free(part, names, inside, tex)
        return
    for part in parts(node):
        yield from _free(part, names, bound, tex)
