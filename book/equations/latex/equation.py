"""Read the LaTeX of an equation whole, or refuse it.

A small parser for the LaTeX this book writes: ``tokens``, ``parser`` for each side, and the whole here. It knows the
symbols that are declared and nothing else: what it cannot read, does not know, or could read in two ways it refuses,
and says where. Subscripts become indices, and every index is bound: by a sum, or by the left side.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from book.equations.latex.parser import Names, read_expression
from book.equations.latex.tokens import (
    CHAINS,
    REFUSED_RELATIONS,
    RELATIONS,
    STYLES,
    TexError,
    Token,
    closing,
    is_differential,
    split_at,
    split_groups,
    tokens,
    without_trailing,
)
from book.equations.latex.tree import Edge, Fold, Node, PlusMinus, Symbol, parts, walk

_BEGIN_HEAD = ("{", "(", "[", "\\cos", "\\max", "\\min")
"""What a name of the result may begin with, besides a word."""


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
        signs: what ± stands for in turn; 1 alone where there is none.
    """

    head: str = ""
    derivative: bool = False
    by: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    sides: tuple[Side, ...] = ()
    used: frozenset[str] = frozenset()
    signs: tuple[int, ...] = (1,)


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
    split = _split(without_trailing(_unwrap(tokens(tex), tex), ".", ",", ";"), tex)
    for relation, pieces in split:
        if not pieces:
            raise TexError("a side of the equation is empty", tex, len(tex))
        if relation and RELATIONS[relation] == "!=":
            raise TexError("≠ between the sides says too little to be checked", tex, pieces[0].at)
    head = _result(split, names, tex)
    rest = split[1:] if head else split
    sides = [Side(RELATIONS.get(relation, ""), read_expression(pieces, names, tex)) for relation, pieces in rest]
    inside = [node for side in sides for node in walk(side.expression)]
    free = head.free if head else tuple(dict.fromkeys(_free(sides[0].expression, names, frozenset(), tex)))
    for side in sides:
        for index in _free(side.expression, names, frozenset(), tex):
            if index not in free:
                raise TexError(f"the index {index} is bound by no sum and does not stand on the left side", tex, 0)
    bound = {node.index for node in inside if isinstance(node, Fold)}
    for index in free:
        if index in bound:
            raise TexError(f"the index {index} is bound by a sum and stands on the left side, too", tex, 0)
    occur = {*free, *bound, *(node.name for node in inside if isinstance(node, Symbol | Edge))}
    used = frozenset(name for name in occur if name in names)
    signs = (1, -1) if any(isinstance(node, PlusMinus) for node in inside) else (1,)
    return replace(head or Parsed(), free=free, sides=tuple(sides), used=used, signs=signs)


def _unwrap(pieces: list[Token], tex: str) -> list[Token]:
    """Take an ``aligned`` environment away: its rows are one chain, each row going on with a relation or a sign."""
    if not (pieces and pieces[0].text in [f"\\begin{{{name}}}" for name in CHAINS]):
        return pieces
    if closing(pieces, 0) != len(pieces) - 1:
        raise TexError("something stands outside the environment", tex, pieces[-1].at)
    chain: list[Token] = []
    for number, row in enumerate(split_at(pieces[1:-1], "\\\\")):
        cells = [token for cell in split_at(row, "&") for token in cell]
        if number and cells and cells[0].text not in (*RELATIONS, "+", "-"):
            raise TexError("two equations in one: give each its own", tex, cells[0].at)
        chain += cells
    return chain


def _split(pieces: Sequence[Token], tex: str) -> list[tuple[str, list[Token]]]:
    """Return the sides of an equation with the relation before each."""
    sides: list[tuple[str, list[Token]]] = [("", [])]
    for group in split_groups(pieces):
        if group[0].says(*REFUSED_RELATIONS):
            raise TexError(f"{group[0].text} cannot be checked", tex, group[0].at)
        if group[0].says(*RELATIONS):
            sides.append((group[0].text, []))
        else:
            sides[-1][1].extend(group)
    return sides


def _result(split: Sequence[tuple[str, list[Token]]], names: Names, tex: str) -> Parsed | None:
    """Return the left side as a name of the result; None where it is an expression of declared symbols."""
    if len(split) == 1:
        return None
    left = split[0][1]
    assigned = split[1][0] == "\\leftarrow"
    try:
        if not assigned:
            read_expression(left, names, tex)
            return None
    except TexError as problem:
        refusal = problem
    else:
        refusal = TexError("the left side is neither an expression of declared symbols nor a name", tex, left[0].at)
    if head := _head(left, names):
        return head
    raise refusal


def _head(side: list[Token], names: Names) -> Parsed | None:
    r"""Read a left side such as ``p_i``, ``\hat y_i``, ``L(w, b)``, ``\log p(y \mid x)`` or a derivative."""
    derivative = any(token.text in ("\\partial", "\\nabla") for token in side)
    groups, by = split_groups(side), tuple[str, ...]()
    if groups[0][0].text in ("\\frac", "\\dfrac"):
        if len(groups) < 3 or not all(map(is_differential, groups[1:3])):
            return None
        derivative, by = True, tuple(token.text for token in groups[2] if token.kind == "word" and token.text != "d")
        groups = groups[3:]
    else:
        while groups and groups[0][0].text in ("-", "\\log", "\\ln", "\\nabla"):
            groups = groups[3:] if groups[1:] and groups[1][0].text == "_" else groups[1:]
        while groups and groups[0][0].text in STYLES:
            groups = groups[1:]
        if not groups or not (groups[0][0].kind == "word" or groups[0][0].text in _BEGIN_HEAD):
            return None
        groups = groups[1:]
        derivative = derivative or bool(groups and groups[0][0].text == "'")
    while groups:  # scripts and arguments, in any order
        if groups[0][0].text not in ("_", "^", "(", "[", "'"):
            return None
        groups = groups[2:] if groups[0][0].text in ("_", "^") else groups[1:]
    indices = dict.fromkeys(token.text for token in side if token.kind == "word" and token.text in names.indices)
    return Parsed("".join(token.text for token in side), derivative, by, tuple(indices))


def _free(node: Node, names: Names, bound: frozenset[str], tex: str) -> Iterator[str]:
    """Yield the indices that nothing within the expression binds; refuse one bound twice, and an array without."""
    if isinstance(node, Symbol):
        if node.name in names.indices and node.name not in bound:
            yield node.name
        if names.open_axes(node):
            rank = names.ranks.get(node.name, 0)
            raise TexError(f"{node.name} has {rank} axes, but {len(node.indices)} indices here", tex, 0)
    if isinstance(node, Fold):
        if node.index in bound:
            raise TexError(f"the index {node.index} is bound by two sums at once", tex, 0)
        for outside in filter(None, (node.lower, node.upper)):
            yield from _free(outside, names, bound, tex)
        for inside in filter(None, (node.where, node.body)):
            yield from _free(inside, names, bound | {node.index}, tex)
        return
    for part in parts(node):
        yield from _free(part, names, bound, tex)
