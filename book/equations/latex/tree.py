"""The syntax tree of an expression: its nodes, walking and changing it, and how it is shown as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace


class Node:
    """Part of an expression."""


@dataclass(frozen=True)
class Number(Node):
    """A number."""

    value: float


@dataclass(frozen=True)
class Symbol(Node):
    """A declared symbol with its indices; an array that still has axes without an index is open."""

    name: str
    indices: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Edge(Node):
    """The first or the last index of an array's axis."""

    name: str
    axis: int
    last: bool


@dataclass(frozen=True)
class Add(Node):
    """A sum of at least two terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Multiply(Node):
    """A product of at least two factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Negative(Node):
    """The negative of something."""

    of: Node


@dataclass(frozen=True)
class Divide(Node):
    """A fraction."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Power(Node):
    """A power."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class PlusMinus(Node):
    r"""The sign ``\pm`` (or, turned round, ``\mp``): an equation with it has two values."""

    turned: bool = False


@dataclass(frozen=True)
class Call(Node):
    """A function of ``FUNCTIONS``."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Condition(Node):
    """A comparison: 1 where it holds, 0 elsewhere."""

    left: Node
    relation: str
    right: Node


@dataclass(frozen=True)
class Fold(Node):
    """A sum, product, maximum, minimum or argmax over an index.

    Attributes:
        kind: one of ``FOLDS``.
        index: the index it binds.
        lower, upper: its bounds; where they are None, the declared range of the index.
        body: what is folded.
        where: only the indices for which this holds.
    """

    kind: str
    index: str
    lower: Node | None
    upper: Node | None
    body: Node
    where: Condition | None = None


@dataclass(frozen=True)
class Cases(Node):
    """Values with their conditions, in turn, then what holds otherwise."""

    branches: tuple[Node, ...]
    """Condition, value, condition, value, ..."""
    otherwise: Node


def parts(node: Node) -> list[Node]:
    """Return the children of a node, in the order of its fields."""
    children: list[Node] = []
    for name in (each.name for each in fields(node)):  # type: ignore[arg-type]
        value = getattr(node, name)
        children += [child for child in (value if isinstance(value, tuple) else (value,)) if isinstance(child, Node)]
    return children


def with_parts(node: Node, new: Sequence[Node]) -> Node:
    """Return a node with other children, in the order of ``parts``."""
    rest = iter(new)
    changes: dict[str, object] = {}
    for name in (each.name for each in fields(node)):  # type: ignore[arg-type]
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = next(rest)
        elif isinstance(value, tuple):
            changes[name] = tuple(next(rest) for _ in value)
    return replace(node, **changes) if changes else node  # type: ignore[type-var]


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes within it."""
    yield node
    for part in parts(node):
        yield from walk(part)


_LOOSE, _TERM, _FACTOR, _TIGHT = range(4)
"""How tightly the operator around an expression binds: a looser expression inside it needs parentheses."""


def show(node: Node, around: int = _LOOSE) -> str:
    """Return an expression as one line of text that says how it was understood."""
    own = _TIGHT
    match node:
        case Number(value):
            text = f"{value:g}" if value >= 0 else f"({value:g})"
        case Symbol(name, indices):
            text = f"{name}[{','.join(map(show, indices))}]" if indices else name
        case Edge(name, axis, last):
            text = f"{'last' if last else 'first'}({name}, {axis + 1})"
        case PlusMinus(turned):
            text = "∓1" if turned else "±1"
        case Call(name, arguments):
            text = f"{name}({', '.join(map(show, arguments))})"
        case Condition(left, relation, right):
            text = f"[{show(left)} {relation} {show(right)}]"
        case Fold(kind, index, lower, upper, body, where):
            over = show(where)[1:-1] if where else index
            bounds = f"={show(lower, _TIGHT)}..{show(upper, _TIGHT)}" if lower and upper else ""
            text = f"{kind}({over}{bounds}: {show(body)})"
        case Cases(branches, otherwise):
            pairs = zip(branches[::2], branches[1::2], strict=True)
            text = "; ".join(f"{show(value)} if {show(when)[1:-1]}" for when, value in pairs)
            text = f"cases({text}; {show(otherwise)})"
        case Add(terms):
            text, own = show(terms[0]), _LOOSE
            for term in terms[1:]:
                minus = isinstance(term, Negative)
                text += f" {'-' if minus else '+'} {show(term.of if isinstance(term, Negative) else term, _TERM)}"
        case Negative(of):
            text, own = f"-{show(of, _FACTOR)}", _LOOSE
        case Multiply(factors):
            text, own = " ".join(show(factor, _FACTOR) for factor in factors), _TERM
        case Divide(top, bottom):
            text, own = f"{show(top, _FACTOR)} / {show(bottom, _TIGHT)}", _TERM
        case Power(base, exponent):
            text, own = f"{show(base, _TIGHT)}^{show(exponent, _TIGHT)}", _FACTOR
        case _:
            raise TypeError(f"not part of an expression: {node!r}")
    return f"({text})" if around > own else text
