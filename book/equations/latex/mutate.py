"""Wrong versions of an equation: each is the equation with one error made on purpose."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from book.equations.latex import tree
from book.equations.latex.tree import Node, parts, show, walk, with_parts

FUNCTIONS = {
    "exp": "log", "log": "exp", "max": "min", "min": "max", "sin": "cos", "cos": "sin", "tanh": "sigmoid",
    "sigmoid": "tanh", "floor": "ceil", "ceil": "floor", "relu": "abs", "softplus": "relu", "sinh": "cosh",
    "cosh": "sinh",
}  # fmt: skip
"""What a function is mistaken for."""
UNWRAPPED = ("sqrt", "abs", "log", "exp", "relu", "floor", "ceil", "sigmoid", "tanh", "sign")
"""Functions that are forgotten."""
FOLDS = {"sum": "prod", "prod": "sum", "max": "min", "min": "max", "argmax": "argmin", "argmin": "argmax"}
RELATIONS = {"=": "!=", "!=": "=", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
ONE = tree.Number(1)


def mutants(expression: Node, ranks: Mapping[str, int], free: tuple[str, ...]) -> list[Node]:
    """Return the mutants of an expression: none twice, none that only has terms or factors in another order.

    Args:
        expression: what is changed.
        ranks: each symbol's number of axes; a symbol is mistaken for another of as many.
        free: indices that stand on the left side.
    """
    used = sorted({node.name for node in walk(expression) if isinstance(node, tree.Symbol) and node.name in ranks})
    alike = {name: [other for other in used if other != name and ranks[other] == ranks[name]] for name in used}
    by_meaning = {show(normal(expression)): expression}
    for mutant in _mutants(expression, alike, free):
        by_meaning.setdefault(show(normal(mutant)), mutant)
    return list(by_meaning.values())[1:]


def _mutants(node: Node, alike: Mapping[str, list[str]], indices: tuple[str, ...]) -> Iterator[Node]:
    """Yield the expression with one error, at its top or anywhere within."""
    yield from _changed(node, alike, indices)
    inside = parts(node)
    within = (*indices, node.index) if isinstance(node, tree.Fold) else indices
    for place, part in enumerate(inside):
        in_bounds = isinstance(node, tree.Fold) and part in (node.lower, node.upper)
        for mutant in _mutants(part, alike, indices if in_bounds else within):
            yield with_parts(node, [*inside[:place], mutant, *inside[place + 1 :]])


def _changed(node: Node, alike: Mapping[str, list[str]], indices: tuple[str, ...]) -> Iterator[Node]:
    """Yield what stands at this place by mistake."""
    match node:
        case tree.Number(value):
            yield tree.Number(value + 1)
        case tree.Symbol(name, chosen):
            yield from (tree.Symbol(other, chosen) for other in alike.get(name, [])[:2])
            if name in indices:
                yield from (tree.Symbol(other) for other in indices if other != name)
                yield tree.Add((node, ONE))
            if len(chosen) == 2:
                yield tree.Symbol(name, chosen[::-1])
        case tree.Add(terms):
            for place, term in enumerate(terms):
                others = (*terms[:place], *terms[place + 1 :])
                yield others[0] if len(others) == 1 else tree.Add(others)
                negated = term.of if isinstance(term, tree.Negative) else tree.Negative(term)
                yield tree.Add((*terms[:place], negated, *terms[place + 1 :]))
        case tree.Multiply(factors):
            for place, factor in enumerate(factors):
                others = (*factors[:place], *factors[place + 1 :])
                if not isinstance(factor, tree.PlusMinus):
                    yield others[0] if len(others) == 1 else tree.Multiply(others)
        case tree.Negative(of):
            yield of
        case tree.Divide(top, bottom):
            yield tree.Divide(bottom, top)
            yield top
        case tree.Power(base, exponent):
            yield base
            yield tree.Power(base, tree.Negative(exponent))
        case tree.PlusMinus(turned):
            yield tree.PlusMinus(not turned)
        case tree.Call(name, arguments):
            if name in FUNCTIONS:
                yield tree.Call(FUNCTIONS[name], arguments)
            if name in UNWRAPPED:
                yield arguments[0]
        case tree.Condition(left, relation, right):
            yield tree.Condition(left, RELATIONS[relation], right)
        case tree.Fold():
            yield from _changed_fold(node)
        case tree.Cases(branches, otherwise):
            yield otherwise
            yield branches[1]


def _changed_fold(node: tree.Fold) -> Iterator[Node]:
    yield replace(node, kind=FOLDS[node.kind])
    if node.where is not None:
        yield replace(node, where=None)
    elif node.lower is None or node.upper is None:  # the declared range, without its first element
        yield replace(node, where=tree.Condition(tree.Symbol(node.index), ">", ONE))
    elif not isinstance(node.lower, tree.Edge):
        yield replace(node, lower=_shifted(node.lower, 1))
        yield replace(node, lower=_shifted(node.lower, -1))
        yield replace(node, upper=_shifted(node.upper, -1))


def _shifted(node: Node, by: int) -> Node:
    if isinstance(node, tree.Number):
        return tree.Number(node.value + by)
    return tree.Add((node, ONE if by > 0 else tree.Negative(ONE)))


def normal(node: Node) -> Node:
    """Return an expression with its terms and factors in the order of their text, nested ones in one."""
    node = with_parts(node, [normal(part) for part in parts(node)])
    if isinstance(node, tree.Add | tree.Multiply):
        flat: list[Node] = []
        for part in parts(node):
            flat += parts(part) if type(part) is type(node) else [part]
        ordered = tuple(sorted(flat, key=show))
        return tree.Add(ordered) if isinstance(node, tree.Add) else tree.Multiply(ordered)
    return node
