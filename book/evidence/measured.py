"""Measured values, which cannot be compared: time and memory on no machine, what rounding sways on no other one.

They are declared where they are assigned, ``seconds = perf_counter() - started  # measured: time``; what is assigned
from one of them, further down on the page, is measured, too. ``[measured]`` in ``book.toml`` has the kinds, and for
each the functions and modules of which one must have a part in the value.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from book.core.findings import Finding
from book.core.page import Block, Page
from book.core.site import Book
from book.evidence.near import Spans

_DECLARATION = re.compile(r"#.*?\bmeasured: *(\w*)")
_ASSIGNS = ast.Assign | ast.AnnAssign | ast.AugAssign
_State = frozenset[str]
COSTS = {f"{of}.{what}" for of in ("page", "book") for what in ("seconds", "minutes", "peak_memory", "machine")}
"""What inline values may say of the runs themselves."""


@dataclass(frozen=True)
class Measured:
    """What of a block is measured.

    Attributes:
        names: the names that hold measured values after it.
        lines: patterns of what it prints of them; where a group matches, numbers may be any.
        shown: whether the value that it ends with is one.
        drawn: whether it reads one at all, so that a figure may show it.
    """

    names: Set[str] = frozenset()
    lines: tuple[re.Pattern[str], ...] = ()
    shown: bool = False
    drawn: bool = False

    def free(self, output_type: str) -> Callable[[str], Spans]:
        """Return what finds, in an output of this type, where numbers may be any."""
        if output_type != "stream":
            return lambda text: [(0, len(text))] if self.shown else ()
        return lambda text: [
            match.span(group)
            for pattern in self.lines
            for match in pattern.finditer(text)
            for group in range(1, len(match.groups()) + 1)
        ]


def of_blocks(book: Book, blocks: Iterable[Block], *, elsewhere: bool = True) -> Sequence[Measured]:
    """Return what is measured, block by block of a page.

    Args:
        book: the checkout.
        blocks: the page's blocks.
        elsewhere: whether what differs on another machine alone is meant, too.
    """
    declared = book.declared.get("measured", {})
    kinds = (*declared.get("everywhere", ()), *(declared.get("elsewhere", ()) if elsewhere else ()))
    printed, logged = (tuple(declared.get(name, ())) for name in ("printed", "logged"))
    return _of_blocks(kinds, printed, logged, tuple(blocks))


@lru_cache(maxsize=64)
def _of_blocks(
    kinds: tuple[str, ...], printed: tuple[str, ...], logged: tuple[str, ...], blocks: tuple[Block, ...]
) -> Sequence[Measured]:
    found = []
    names = left = frozenset[str]()
    for block in blocks:
        tree = ast.parse(block.code) if block.kind == "python" else ast.Module([], [])
        declared = {name for _, kind, targets in _declarations(block.code, tree) if kind in kinds for name in targets}
        names, inner, left = _flow(tree, names, left, declared)
        last = tree.body[-1] if tree.body else None
        shown = isinstance(last, ast.Expr) and bool(_reads(last) & inner)
        drawn = bool(_reads(tree) & inner)
        libraries = [re.compile(pattern, re.MULTILINE) for pattern in printed + (logged if drawn else ())]
        found.append(Measured(names | left, (*libraries, *_printed(tree, inner)), shown, drawn))
    return found


def reads(expression: str, above: Measured | None) -> bool:
    """Tell whether an expression of the prose reads a measured value: of the block above, or of what the runs cost."""
    try:
        read = _reads(ast.parse(expression, mode="eval"))
    except SyntaxError:
        return False
    return bool(read & (COSTS | (above.names if above else set())))


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each declaration that is none, and for each value that rests on nothing that measures."""
    if not any("measured:" in block.code for block in page.blocks):
        return
    declared = book.declared.get("measured", {})
    sources: Mapping[str, Sequence[str]] = {**declared.get("everywhere", {}), **declared.get("elsewhere", {})}
    resting: dict[str, _State] = dict.fromkeys(sources, frozenset())
    trees = [(block, ast.parse(block.code)) for block in page.blocks if block.kind == "python"]
    own = {name for _, tree in trees for node in ast.walk(tree) for name in _targets(node)}
    for block, tree in trees:
        for kind in resting:
            foreign = [source for source in sources[kind] if source not in own]
            resting[kind], *_ = _flow(tree, resting[kind], sources=foreign)
        for line, kind, targets in _declarations(block.code, tree):
            file, number = (block.snippet_place(line) or f"{book.shown(page.file)}:{block.line + line}").split(":")
            if kind not in sources or not targets:
                problem = f"`measured: {kind}` declares nothing"
                remedy = f"end the line of an assignment with it, and say one of: {', '.join(sources)}"
                yield Finding(file, int(number), problem, remedy)
            for name in targets if kind in sources else ():
                if name not in resting[kind]:
                    problem = f"{name} is declared as measured {kind}, but comes from nothing that measures it"
                    remedy = f"delete it, or measure with {', '.join(sources[kind])} ([measured] in book.toml)"
                    yield Finding(file, int(number), problem, remedy)


def _declarations(code: str, tree: ast.Module) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line, kind and names of each declaration of a block; no names where it stands at no assignment."""
    if "measured:" not in code:
        return
    assigned = [node for node in ast.walk(tree) if isinstance(node, _ASSIGNS)]
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT and (match := _DECLARATION.match(token.string)):
            line = token.start[0]
            at = [node for node in assigned if node.lineno <= line <= (node.end_lineno or node.lineno)]
            yield line, match[1], sorted({name for node in _walk(at[-1]) for name in _targets(node)}) if at else []


def _flow(
    tree: ast.Module,
    names: _State,
    left: _State = frozenset(),
    declared: Iterable[str] = (),
    sources: Iterable[str] = (),
) -> tuple[_State, _State, _State]:
    """Return which names hold measured values after some code, which do at some place of it, which a loop left behind.

    Args:
        tree: the code.
        names: which do before it.
        left: which loops before it left behind; nothing is measured for reading one of these.
        declared: which do by its word.
        sources: functions and modules that measure.
    """
    within = set(names)
    for statement in tree.body:
        bindings = [(targets, _reads(node)) for node in _walk(statement) if (targets := _targets(node))]
        now, before = set(names), None
        if isinstance(statement, ast.Assign | ast.FunctionDef | ast.For):  # it gives its names another value
            now = now - _rebound(statement) | (now & _reads(statement))
        while before != now:
            before = set(now)
            now |= {name for targets, read in bindings if _touch(read, now, sources) for name in targets}
            now |= {name for targets, _ in bindings for name in targets if name in declared}
        within |= now
        left -= {name for targets, _ in bindings for name in targets}
        if isinstance(statement, ast.For):  # its variable has done its work
            left |= now & _rebound(statement)
            now -= left
        names = frozenset(now)
    return names, frozenset(within), left


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, without the bodies of functions, whose names are their own."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _walk(child)


def _targets(node: ast.AST) -> set[str]:
    """Return the names that a node of a syntax tree binds, or changes: lists and models among them."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(asname=str(name)):
            return {name}
        case ast.Assign(targets=targets):
            pass
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target) | ast.NamedExpr(target=target):
            targets = [target]
        case ast.For(target=target):
            targets = [target]
        case ast.withitem(optional_vars=ast.expr() as target):
            targets = [target]
        case ast.Call(func=ast.Attribute(value=target, attr="append" | "extend" | "add" | "update" | "insert" | "fit")):
            targets = [target]
        case _:
            return set()
    return {name for target in targets for name in _bound(target)}


def _rebound(statement: ast.Assign | ast.FunctionDef | ast.For) -> set[str]:
    """Return the names that a statement binds anew, not those of which it changes a part."""
    if isinstance(statement, ast.FunctionDef):
        return {statement.name}
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = (each for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Store)}


def _bound(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Subscript(value=inner) | ast.Attribute(value=inner) | ast.Starred(value=inner):
            yield from _bound(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _bound(part)


def _reads(node: ast.AST) -> set[str]:
    """Return the names that a node reads to bind others (or to compute its value), and with dots its attributes."""
    match node:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.NamedExpr(value=value):
            node = value
        case ast.For(iter=value):
            node = value
    own = {name for each in ast.walk(node) if isinstance(each, ast.comprehension) for name in _bound(each.target)}
    if isinstance(node, ast.FunctionDef):
        own |= {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        own |= {name for inner in ast.walk(node) if inner is not node for name in _targets(inner)}
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    return found - own | {ast.unparse(each) for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def _touch(read: Set[str], names: Set[str], sources: Iterable[str]) -> bool:
    dotted = [f".{name}." for name in read]
    return bool(read & names) or any(f".{source}." in name for source in sources for name in dotted)


def _printed(tree: ast.Module, names: Set[str]) -> Iterator[re.Pattern[str]]:
    """Yield a pattern for each line that code prints of measured values, with a group where one of them stands."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "print" and _reads(call) & names:
            parts = " ".join("".join(_pieces(argument, names)) for argument in call.args)
            ends = ("", "") if call.keywords else ("^", "$")
            yield re.compile(re.sub(r"\*\?(\)?)$", r"*\1", parts).join(ends), re.MULTILINE)


def _pieces(value: ast.AST, names: Set[str]) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from _pieces(part, names)
        case _:
            yield "(.*?)" if _reads(value) & names else ".*?"
