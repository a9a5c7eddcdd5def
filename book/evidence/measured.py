"""Measured values, which cannot be compared: time and memory on no machine, what rounding sways on no other one.

On another processor a network that was trained for long is another network: whatever rests on a training (``trained``
in ``[measured]`` of ``book.toml`` has the methods that do it) is compared there by its sweep alone. The others
are declared where they are assigned, ``seconds = perf_counter() - started  # measured: time``; what is assigned
from one of them, further down on the page, is measured, too. ``[measured]`` in ``book.toml`` has the kinds, and for
each the functions and modules of which one must have a part in the value.
"""

import ast
import builtins
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from book.core import expression, syntax
from book.core.findings import Finding
from book.core.page import Block, Page
from book.core.site import Book
from book.core.syntax import nodes, parsed
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
        trained: the names that hold after it what rests on a training; known for another machine alone.
        shows_trained: whether it reads one of these.
    """

    names: Set[str] = frozenset()
    lines: tuple[re.Pattern[str], ...] = ()
    shown: bool = False
    drawn: bool = False
    trained: Set[str] = frozenset()
    shows_trained: bool = False

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
    """Return what is measured, block by block of a page; ``elsewhere``: with what differs on another machine alone."""
    declared = book.declared.get("measured", {})
    kinds = (*declared.get("everywhere", ()), *(declared.get("elsewhere", ()) if elsewhere else ()))
    printed, logged = (tuple(declared.get(name, ())) for name in ("printed", "logged"))
    training = "|".join(rf"\w\.{re.escape(each)}\." for each in declared.get("trained", ()) if elsewhere)
    return _of_blocks(kinds, printed, logged, training or "(?!)", tuple(blocks))


@lru_cache(maxsize=64)
def _of_blocks(
    kinds: tuple[str, ...], printed: tuple[str, ...], logged: tuple[str, ...], training: str, blocks: tuple[Block, ...]
) -> Sequence[Measured]:
    found = []
    trains = re.compile(training)
    others = {*vars(builtins)} | {name for block in blocks for name in _imported(block.python)}
    names = left = trained = frozenset[str]()
    functions: list[_Binding] = []  # of the blocks so far: what one reads may be trained after it was written
    for block in blocks:
        code = block.python
        declared = {name for _, kind, targets in _declarations(code) if kind in kinds for name in targets}
        names, inner, left = _flow(code, names, left, declared)
        functions += _functions(code)
        trained = _resting_on(code, trained, trains, others, functions)
        body = parsed(code).body
        shown = bool(body) and isinstance(body[-1], ast.Expr) and bool(_steps(code)[-1].reads & inner)
        drawn = bool(_read_anywhere(code) & inner)
        libraries = [re.compile(pattern, re.MULTILINE) for pattern in printed + (logged if drawn else ())]
        lines = (*libraries, *_printed(code, inner))
        found.append(Measured(names | left, lines, shown, drawn, trained, bool(_read_anywhere(code) & trained)))
    return found


def reads(value: str, above: Measured | None) -> bool:
    """Tell whether an expression of the prose reads a measured value: of the block above, or of what the runs cost."""
    try:
        read = _reads(expression.parse(value))
    except expression.Refused:
        return False
    return bool(read & (COSTS | (above.names if above else set())))


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield a finding for each declaration that is none, and for each value that rests on nothing that measures."""
    if not any("measured:" in block.code for block in page.blocks):
        return
    declared = book.declared.get("measured", {})
    sources: Mapping[str, Sequence[str]] = {**declared.get("everywhere", {}), **declared.get("elsewhere", {})}
    resting: dict[str, _State] = dict.fromkeys(sources, frozenset())
    own = {name for block in page.blocks for step in _steps(block.python) for name in step.binds}
    measure = {
        kind: re.compile("|".join(rf"\.{re.escape(each)}\." for each in several if each not in own) or "(?!)")
        for kind, several in sources.items()
    }
    for block in page.blocks:
        for kind in resting:
            resting[kind], *_ = _flow(block.python, resting[kind], sources=measure[kind])
        for line, kind, targets in _declarations(block.python):
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


@lru_cache(maxsize=1024)
def _declarations(code: str) -> Sequence[tuple[int, str, list[str]]]:
    """Return line, kind and names of each declaration of a block; no names where it stands at no assignment."""
    if "measured:" not in code:
        return ()
    assigned = [node for node in nodes(code) if isinstance(node, _ASSIGNS)]
    found = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT and (match := _DECLARATION.match(token.string)):
            line = token.start[0]
            at = [node for node in assigned if node.lineno <= line <= (node.end_lineno or node.lineno)]
            names = {name for node in _walk(at[-1]) for name in _targets(node)} if at else set[str]()
            found.append((line, match[1], sorted(names)))
    return found


def _flow(
    code: str,
    names: _State,
    left: _State = frozenset(),
    declared: Set[str] = frozenset(),
    sources: re.Pattern[str] | None = None,
) -> tuple[_State, _State, _State]:
    """Return which names hold measured values after some code, which do at some place of it, which a loop left behind.

    Args:
        code: the code.
        names: which do before it.
        left: which loops before it left behind; nothing is measured for reading one of these.
        declared: which do by its word.
        sources: finds what measures among dotted names.
    """
    within = set(names)
    for step in _steps(code):
        now, before = set(names), None
        if step.rebinds:  # it gives its names another value
            now = now - step.rebinds | (now & step.reads)
        now |= step.binds & declared
        now |= {name for one in step.bindings if sources and sources.search(one.dotted) for name in one.names}
        while before != now:
            before = set(now)
            now |= {name for one in step.bindings if one.reads & now for name in one.names}
        within |= now
        left -= step.binds
        if step.loops:  # its variable has done its work
            left |= now & step.rebinds
            now -= left
        names = frozenset(now)
    return names, frozenset(within), left


@dataclass(frozen=True)
class _Binding:
    """Names that get a value, or are changed, the names that are read for it, and these between dots."""

    names: _State
    reads: _State
    dotted: str


@dataclass(frozen=True)
class _Step:
    """What a statement does with names: binds, reads, gives another value; whether it is a loop over something."""

    bindings: tuple[_Binding, ...]
    binds: _State
    reads: _State
    rebinds: _State
    loops: bool


@lru_cache(maxsize=4096)
def _steps(code: str) -> tuple[_Step, ...]:
    """Return what the statements of a block do with names, in their order."""
    steps = []
    for statement in parsed(code).body:
        pairs = [(targets, _reads(node)) for node in _walk(statement) if (targets := _targets(node))]
        bindings = (_Binding(targets, read, " ".join(f".{name}." for name in read)) for targets, read in pairs)
        binds = frozenset[str]().union(*(targets for targets, _ in pairs))
        loops = isinstance(statement, ast.For)
        steps.append(_Step(tuple(bindings), binds, _reads(statement), _rebound(statement), loops))
    return tuple(steps)


def _resting_on(
    code: str, names: _State, sources: re.Pattern[str], others: Set[str], functions: Sequence[_Binding]
) -> _State:
    """Return the names before some code that rest on a training, and those that do by it.

    A name stays one that does, even where it gets another value: blocks and the bodies of loops are not told apart.
    What a function that trains is given rests on a training, too, and whatever else it reads but ``others`` (modules):
    a model is among these. ``functions`` are those that the code can call.
    """
    bindings = [*functions, *(one for step in _steps(code) for one in step.bindings), *_passed(code)]
    for function in (each for each in nodes(code) if isinstance(each, ast.FunctionDef)):
        if sources.search(" ".join(f".{name}." for name in _reads(function))):
            own = {
                *syntax.names_read(function, ast.Store),
                *(each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)),
            }
            names |= {*syntax.names_read(function)} - own - others
    before = None
    while before != names:
        before = names
        for one in bindings:
            if one.reads & names or sources.search(one.dotted):
                names |= one.names - others
    return names


@lru_cache(maxsize=4096)
def _functions(code: str) -> Sequence[_Binding]:
    made = [node for node in parsed(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return [_Binding(frozenset({node.name}), _reads(node), "") for node in made]


@lru_cache(maxsize=4096)
def _imported(code: str) -> Set[str]:
    return {(each.asname or each.name).partition(".")[0] for each in nodes(code) if isinstance(each, ast.alias)}


@lru_cache(maxsize=4096)
def _passed(code: str) -> Sequence[_Binding]:
    """Return what changes with another name: what a function is given, the model whose weights a loop goes through."""
    found = []
    for node in nodes(code):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args):
                changed = {each.id for each in args if isinstance(each, ast.Name)}
                found.append(_Binding(frozenset(changed), frozenset({name}), ""))
            case ast.For(target=target, iter=items):
                owners = [each.value for each in ast.walk(items) if isinstance(each, ast.Attribute)]
                changed = {each.id for each in owners if isinstance(each, ast.Name)}
                found.append(_Binding(frozenset(changed), frozenset(syntax.names_read(target, ast.Store)), ""))
    return found


@lru_cache(maxsize=4096)
def _read_anywhere(code: str) -> _State:
    return _reads(parsed(code))


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and what is in it, without the bodies of functions, whose names are their own."""
    yield node
    if not isinstance(node, ast.FunctionDef | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _walk(child)


def _targets(node: ast.AST) -> _State:
    """Return the names that a node of a syntax tree binds, or changes: lists and models among them."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.alias(asname=str(name)):
            return frozenset({name})
        case ast.Call(func=ast.Attribute(value=owner, attr="append" | "extend" | "add" | "update" | "insert" | "fit")):
            return frozenset(syntax.changed(owner))
        case ast.comprehension():
            return frozenset()
    return frozenset(name for target in syntax.targets(node) for name in syntax.changed(target))


def _rebound(statement: ast.stmt) -> _State:
    """Return the names that a statement binds anew, not those of which it changes a part."""
    if isinstance(statement, ast.FunctionDef):
        return frozenset({statement.name})
    targets = syntax.targets(statement) if isinstance(statement, ast.Assign | ast.For) else ()
    return frozenset(name for target in targets for name in syntax.names_read(target, ast.Store))


def _reads(node: ast.AST) -> _State:
    """Return the names that a node reads to bind others (or to compute its value), and with dots its attributes."""
    match node:
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.NamedExpr(value=value):
            node = value
        case ast.For(iter=value):
            node = value
    inside = [*ast.walk(node)]
    own = {name for each in inside if isinstance(each, ast.comprehension) for name in syntax.changed(each.target)}
    if isinstance(node, ast.FunctionDef):
        own |= {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        own |= {name for inner in inside if inner is not node for name in _targets(inner)}
    found = {each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    return frozenset(found - own | {ast.unparse(each) for each in inside if isinstance(each, ast.Attribute)})


def _printed(code: str, names: Set[str]) -> Iterator[re.Pattern[str]]:
    """Yield a pattern for each line that code prints of measured values, with a group where one of them stands."""
    prints = [call for call in nodes(code) if isinstance(call, ast.Call) and ast.unparse(call.func) == "print"]
    ended = {str(key.value.value) for call in prints for key in call.keywords if isinstance(key.value, ast.Constant)}
    begins = "|".join(["^", *(f"(?<={re.escape(text)})" for text in sorted(ended))])  # a print above it with an `end=`
    for call in prints:
        if _reads(call) & names:
            parts = " ".join("".join(_pieces(argument, names)) for argument in call.args)
            ends = ("", "") if call.keywords else (f"(?:{begins})", "$")
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
