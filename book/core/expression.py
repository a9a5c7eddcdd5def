"""Expressions in pages and in ``book.toml``: Python's syntax, and nothing by which code could run, or run long.

An expression reads names, their entries (``sizes[0]``), and the book's own ``Attributes`` (``page.seconds``); it adds,
multiplies, compares, chooses, formats, and calls the functions it is given. There is no power, no repetition, and no
width: it can neither grow nor wait. ``book.draw.values`` says how much of this an inline value may use.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from numbers import Real
from typing import Any

from book.core.syntax import names_read

LONGEST = 1000
"""Characters that an expression may have."""
MOST_STEPS = 50_000
"""Parts of an expression that may be evaluated, those of a comprehension each time."""
METHODS: Mapping[type, tuple[str, ...]] = {
    dict: ("items", "keys", "values"),
    str: ("endswith", "lower", "split", "startswith", "strip"),
}
_OPERATORS: Mapping[type, Callable[..., Any]] = {
    **{ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv},
    **{ast.USub: operator.neg, ast.UAdd: operator.pos},
}
_COMPARISONS: Mapping[type, Callable[[Any, Any], bool]] = {
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le},
    **{ast.Gt: operator.gt, ast.GtE: operator.ge},
    **{ast.In: lambda item, among: item in among, ast.NotIn: lambda item, among: item not in among},
}
_FORMAT = re.compile(r"\+?,?(\.\d\d?)?[defg%]?")


class Refused(Exception):
    """What is written is no expression, or none that is allowed; the message says why."""


class Attributes(dict[str, Any]):
    """Entries that an expression reads as attributes."""


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """Return the syntax tree of an expression; Refused where it is not Python, or too long."""
    if len(text) > LONGEST:
        raise Refused(f"it is longer than {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as problem:
        raise Refused(f"it is not Python ({getattr(problem, 'msg', None) or type(problem).__name__})") from None


def names(tree: ast.expr) -> frozenset[str]:
    """Return the names that an expression reads, but for those that its comprehensions bind."""
    return frozenset(names_read(tree)) - {*names_read(tree, ast.Store)}


def reads(node: ast.AST) -> Iterator[str]:
    """Yield what an expression reads, each name as far as it is followed: ``sizes[0]``, ``page.seconds``."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner), args=arguments):
            parts: Iterable[ast.AST] = (owner, *arguments)
        case ast.Call(args=arguments):
            parts = arguments
        case ast.Name() | ast.Attribute() | ast.Subscript() if _is_path(node):
            yield ast.unparse(node)
            return
        case _:
            parts = ast.iter_child_nodes(node)
    for part in parts:
        yield from reads(part)


def _is_path(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name)


def evaluate(
    tree: ast.expr,
    names: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    instead: Mapping[str, Any] | None = None,
) -> Any:
    """Return what an expression amounts to.

    Args:
        tree: what ``parse`` returned.
        names: values by name; looked up one by one, so that a mapping may make them.
        functions: what may be called, with arguments by position.
        instead: values for some of what it ``reads``.

    Raises:
        Refused: it uses something that is not allowed, or takes too long.
        Exception: whatever Python raises where something cannot be computed.
    """
    try:
        return _Evaluation(names, functions, instead or {}).value(tree)
    except RecursionError:
        raise Refused("it is nested too deeply") from None


class _Evaluation:
    def __init__(
        self, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]], instead: Mapping[str, Any]
    ) -> None:
        self.names, self.functions, self.instead, self.steps = dict[str, Any](), functions, instead, 0
        self.outer = names

    def value(self, node: ast.expr) -> Any:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise Refused("it takes too long")
        if self.instead and _is_path(node) and (text := ast.unparse(node)) in self.instead:
            return self.instead[text]
        match node:
            case ast.Constant(value=str() | int() | float() as constant):
                return constant
            case ast.Name(id=name):
                return self.name(name)
            case ast.Attribute(value=owner, attr=name):
                return self.attribute(self.value(owner), name)
            case ast.Subscript(value=owner, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                start, end = (bound and self.value(bound) for bound in (lower, upper))
                return self.value(owner)[start:end]
            case ast.Subscript(value=owner, slice=index):
                return self.value(owner)[self.value(index)]
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=operation, operand=operand) if type(operation) in _OPERATORS:
                return _OPERATORS[type(operation)](_number(self.value(operand)))
            case ast.BinOp(left=left, op=operation, right=right) if type(operation) in _OPERATORS:
                return _OPERATORS[type(operation)](_number(self.value(left)), _number(self.value(right)))
            case ast.Compare():
                return self.compare(node)
            case ast.BoolOp(op=operation, values=parts):
                for part in parts:
                    result = self.value(part)
                    if bool(result) == isinstance(operation, ast.Or):
                        break
                return result
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return self.value(body if self.value(test) else otherwise)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.ListComp(elt=item, generators=[*loops]) | ast.GeneratorExp(elt=item, generators=[*loops]):
                return list(self.items(item, loops))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in self.functions:
                return self.functions[name](*map(self.value, arguments))
            case ast.Call(func=ast.Attribute(value=owner, attr=name), args=arguments, keywords=[]):
                return self.method(self.value(owner), name)(*map(self.value, arguments))
            case ast.JoinedStr(values=parts):
                return "".join(map(self.value, parts))
            case ast.FormattedValue(value=inner, conversion=-1, format_spec=how):
                return format(self.value(inner), format_of(how))
        raise Refused(f"`{ast.unparse(node)}` is not allowed")

    def name(self, name: str) -> Any:
        try:
            return self.names[name] if name in self.names else self.outer[name]
        except KeyError:
            raise Refused(f"there is no {name!r}") from None

    def attribute(self, owner: Any, name: str) -> Any:
        if not isinstance(owner, Attributes):
            raise Refused(f"a {type(owner).__name__} has no attribute {name!r}")
        if name not in owner:
            raise Refused(f"it has no {name!r}; it has: {', '.join(owner)}")
        return owner[name]

    def method(self, owner: Any, name: str) -> Callable[..., Any]:
        for kind, allowed in METHODS.items():
            if isinstance(owner, kind) and name in allowed:
                return getattr(kind, name).__get__(owner)  # type: ignore[no-any-return]
        raise Refused(f"a {type(owner).__name__} has no method {name!r}")

    def compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for operation, right in zip(node.ops, map(self.value, node.comparators), strict=True):
            if type(operation) not in _COMPARISONS:
                raise Refused(f"`{ast.unparse(node)}` is not allowed")
            if not _COMPARISONS[type(operation)](left, right):
                return False
            left = right
        return True

    def items(self, item: ast.expr, loops: list[ast.comprehension]) -> Iterator[Any]:
        if not loops:
            yield self.value(item)
            return
        loop, *inner = loops
        for each in self.value(loop.iter):
            self.bind(loop.target, each)
            if all(map(self.value, loop.ifs)):
                yield from self.items(item, inner)

    def bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple):
            for each, part in zip(target.elts, value, strict=True):
                self.bind(each, part)


def _number(value: Any) -> Any:
    """Return what is computed with; Refused where it is no number."""
    if isinstance(value, Real) and not isinstance(value, bool):
        return value
    raise Refused(f"it computes with {value!r:.40}, which is no number")


def format_of(how: ast.expr | None) -> str:
    """Return how a part of an f-string is formatted; Refused where it has a width, fills, or is computed."""
    match how:
        case None:
            return ""
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]) if _FORMAT.fullmatch(text):
            return text
    raise Refused("a format has at most a sign, a comma, a number of decimals and one of d, e, f, g, %")
