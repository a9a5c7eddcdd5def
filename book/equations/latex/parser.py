"""The recursive-descent parser for one side of an equation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from book.equations.latex import tree
from book.equations.latex.tokens import (
    CLOSING,
    REFUSED_RELATIONS,
    RELATIONS,
    STYLES,
    TexError,
    Token,
    closing,
    is_differential,
    split_at,
    split_groups,
    without_trailing,
)
from book.equations.latex.tree import Node, parts, show, walk, with_parts

FUNCTIONS = {
    "exp": "exp", "log": "log", "ln": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "sigmoid": "sigmoid", "relu": "relu", "ReLU": "relu", "softplus": "softplus", "sgn": "sign",
    "sign": "sign",
}  # fmt: skip
FOLDS = ("sum", "prod", "max", "min", "argmax", "argmin")
_SIGNS = ("+", "-", "\\pm", "\\mp")
_TIMES = ("\\cdot", "\\times", "*")
_SCRIPTS = ("\\top", "\\intercal", "\\prime", "\\star", "\\ast")
"""Commands that may be an exponent without braces."""
_RELATIONS = (*RELATIONS, *REFUSED_RELATIONS)
_WORDS_OF_CASES = ("if", "otherwise", "else")
_NO_FACTOR = (*_SIGNS, *_TIMES, *_RELATIONS, "/", *CLOSING.values(), ",", ";", ":", "&", "\\\\", "")
"""What ends a product, or stands between its factors."""


@dataclass(frozen=True)
class Names:
    """The symbols that an equation may use.

    Attributes:
        ranks: each symbol's number of axes, 0 for a scalar or size.
        indices: those that are indices.
    """

    ranks: Mapping[str, int]
    indices: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        """Tell whether a name is declared."""
        return name in self.ranks or name in self.indices

    def open_axes(self, node: Node) -> int:
        """Return how many axes of a symbol have no index; 0 for any other node."""
        return self.ranks.get(node.name, 0) - len(node.indices) if isinstance(node, tree.Symbol) else 0


def read_expression(pieces: Sequence[Token], names: Names, tex: str) -> Node:
    """Return the expression that all of these tokens make up; ``tex`` is what they come from, for messages.

    Raises:
        TexError: some of it cannot be read, is not declared, or can be read in two ways.
    """
    return _Parser(pieces, names, tex).whole()


@dataclass(frozen=True)
class _Transposed(Node):
    """A vector before the vector it is multiplied with; lives only inside the parser."""

    of: tree.Symbol


class _Parser:
    """Reads one expression from its tokens; every method leaves ``at`` behind what it read."""

    def __init__(self, pieces: Sequence[Token], names: Names, tex: str, hidden: int = 0) -> None:
        self.pieces, self.names, self.tex = list(pieces), names, tex
        self.at = 0
        self.hidden = hidden

    # -- small steps

    def whole(self) -> Node:
        """Return the expression, which must take all tokens."""
        expression = self.sum()
        if self.at < len(self.pieces):
            self.refuse(f"cannot read on from {self.pieces[self.at].text!r}")
        return expression

    def peek(self) -> Token:
        """Return the next token; an empty mark at the end."""
        return self.pieces[self.at] if self.at < len(self.pieces) else Token("mark", "", len(self.tex))

    def sees(self, *texts: str) -> bool:
        return self.peek().says(*texts)

    def take(self, *texts: str) -> str:
        """Take one of these marks and commands, if it is next, and return it; otherwise nothing."""
        if not self.sees(*texts):
            return ""
        self.at += 1
        return self.pieces[self.at - 1].text

    def refuse(self, problem: str, token: Token | None = None) -> NoReturn:
        raise TexError(problem, self.tex, (token or self.peek()).at)

    def inner(self, pieces: Sequence[Token]) -> _Parser:
        """Return a parser for tokens from within; hidden indices stay distinct."""
        return _Parser(pieces, self.names, self.tex, self.hidden + 100)

    def inside(self) -> list[Token]:
        """Take brackets with what they enclose, and return that."""
        opening, end = self.pieces[self.at], closing(self.pieces, self.at)
        inside = self.pieces[self.at + 1 : end]
        if not inside:
            self.refuse(f"{opening.text} encloses nothing", opening)
        self.at = end + 1
        return inside

    def group(self, what: str) -> list[Token]:
        """Take what TeX takes as one: a token, or a group in braces, of which what is inside is returned."""
        token = self.peek()
        if not token.text:
            self.refuse(f"{what} is missing")
        if token.says("{"):
            if self.pieces[self.at + 1].says("}"):
                self.refuse(f"{what} is empty", token)
            return self.inside()
        if token.says(*CLOSING) or (token.kind == "command" and token.text not in _SCRIPTS):  # x^\frac12 and the like
            self.refuse(f"put {what} into braces")
        if token.kind == "number" and len(token.text) > 1:  # of which TeX takes one digit only
            self.refuse(f"{what} must stand in braces")
        self.at += 1
        return [token]

    def operand(self, what: str) -> Node:
        """Return the expression in a group."""
        return self.inner(self.group(what)).whole()

    def scripts(self) -> tuple[list[Token], list[Token]]:
        """Take a subscript and an exponent, in any order, and return what each encloses."""
        below: list[Token] = []
        above: list[Token] = []
        while mark := self.take("_", "^"):
            if below if mark == "_" else above:
                self.refuse("two subscripts or two exponents: use braces")
            if mark == "_":
                below = self.group("the subscript")
            else:
                above = self.group("the exponent")
        return below, above

    # -- sums and products

    def sum(self) -> Node:
        terms: list[Node] = []
        while not terms or self.sees(*_SIGNS):
            sign = self.take(*_SIGNS)
            term = self.product()
            if sign in ("\\pm", "\\mp"):
                term = tree.Multiply((tree.PlusMinus(sign == "\\mp"), term))
            terms.append(tree.Negative(term) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else tree.Add(tuple(terms))

    def product(self) -> Node:
        factors: list[Node] = []
        divided = False
        while True:
            times = factors and self.take(*_TIMES)
            if times and self.sees("+", "-"):
                self.refuse("a sign after a product needs parentheses")
            if factors and not times and self.take("/"):
                below = self.factor()
                if below is None:
                    self.refuse("nothing to divide by")
                factors, divided = [tree.Divide(self.multiplied(factors), below)], True
                continue
            divided = divided and not times
            if divided and not self.sees(*_NO_FACTOR):
                self.refuse("a factor after a slash can be above or below it: write \\frac")
            token = self.peek()
            factor = self.factor()
            if factor is None:
                if not factors or times:
                    self.refuse("a number or symbol is missing")
                return self.multiplied(factors)
            if factors and not times and token.kind == "number" and isinstance(factor, tree.Number):  # 2^x is plain
                self.refuse("a number after a factor needs a sign between them", token)
            factors.append(factor)

    def multiplied(self, factors: Sequence[Node]) -> Node:
        """Return the product of factors; a transposed vector takes the vector after it."""
        product: list[Node] = []
        for factor in (*factors, None):
            if product and isinstance(transposed := product[-1], _Transposed):
                if self.names.open_axes(transposed.of) != 1 or factor is None or self.names.open_axes(factor) != 1:
                    self.refuse("only the product of two vectors can be transposed: write it with indices")
                product[-1] = self.dot(transposed.of, factor)
            elif factor is not None:
                product.append(factor)
        return product[0] if len(product) == 1 else tree.Multiply(tuple(product))

    def factor(self) -> Node | None:
        """Return the next factor with its exponent; None where none begins."""
        token = self.peek()
        if token.says(*_NO_FACTOR):
            return None
        if token.kind == "text":
            self.refuse(f"{token.text!r} is text, not a symbol", token)
        if token.kind == "number":
            self.at += 1
            return self.powered(tree.Number(float(token.text)))
        if [piece.text for piece in self.pieces[self.at + 1 : self.at + 4]] == ["{", "1", "}"] and token.says(
            "\\mathbb", "\\mathbf", "\\mathbbm"
        ):
            return self.indicator()
        if token.kind == "word" or token.text in STYLES:
            return self.word()
        if token.text in CLOSING or token.text in ("|", "\\|"):
            return self.enclosed(token)
        return self.command(token) if token.kind == "command" else None

    def powered(self, base: Node) -> Node:
        """Return a base with the exponent that may follow it."""
        if self.sees("'"):
            self.refuse("a prime can only stand on a declared name or a left side")
        if self.sees("_"):
            self.refuse("a subscript can only stand on a symbol")
        if not self.take("^"):
            return base
        exponent = self.operand("the exponent")
        if self.sees("^"):
            self.refuse("two exponents: use braces")
        return tree.Power(base, exponent)

    # -- what stands in something

    def enclosed(self, token: Token) -> Node:
        """Return what stands in brackets, between bars, or in an environment."""
        if token.text in ("|", "\\|"):
            self.at += 1
            inside = split_at(self.pieces[self.at :], token.text)[0]
            self.at += len(inside)
            if not self.take(token.text):
                self.refuse(f"{token.text} is never closed", token)
            if not inside:
                self.refuse(f"{token.text} encloses nothing", token)
            body = self.inner(inside).whole()
            return self.powered(tree.Call("abs", (body,)) if token.text == "|" else self.norm(body))
        inside = self.inside()
        if token.text.startswith("\\begin"):
            return self.cases(inside, token)
        if token.text == "[" and any(piece.says(*_RELATIONS) for piece in inside):
            return self.powered(self.inner(inside).condition())
        body = self.inner(inside).whole()
        rounding = {"\\lfloor": "floor", "\\lceil": "ceil"}.get(token.text)
        return self.powered(tree.Call(rounding, (body,)) if rounding else body)

    def indicator(self) -> Node:
        """Return the 1 that stands only where a comparison holds."""
        self.at += 4
        if self.take("_"):
            return self.inner(self.group("the comparison")).condition()
        if not self.sees("[", "(", "\\{"):
            self.refuse("a comparison belongs here")
        return self.powered(self.inner(self.inside()).condition())

    def condition(self) -> tree.Condition:
        """Return a comparison, which must take all tokens."""
        left = split_at(self.pieces, *_RELATIONS)[0]
        if len(left) == len(self.pieces):
            self.refuse("a comparison belongs here")
        relation, right = self.pieces[len(left)], self.pieces[len(left) + 1 :]
        if relation.text not in RELATIONS:
            self.refuse(f"{relation.text} cannot be checked", relation)
        if not left or not right:
            self.refuse("a comparison lacks a side", relation)
        return tree.Condition(self.inner(left).whole(), RELATIONS[relation.text], self.inner(right).whole())

    def cases(self, inside: Sequence[Token], token: Token) -> Node:
        """Return the value of the first row whose condition holds."""
        if token.text != "\\begin{cases}":
            self.refuse("this environment is not known here", token)
        branches: list[Node] = []
        otherwise: Node | None = None
        for row in filter(None, split_at(inside, "\\\\")):
            value = split_at(row, "&")[0]
            when = [
                piece for piece in row[len(value) + 1 :] if piece.kind != "text" and piece.text not in _WORDS_OF_CASES
            ]
            value = without_trailing(value, ",")
            if not value or otherwise is not None:
                self.refuse("a row of the cases lacks its value, or follows the one without a condition", token)
            if when := without_trailing(when, ",", ".", ";"):
                branches += [self.inner(when).condition(), self.inner(value).whole()]
            else:
                otherwise = self.inner(value).whole()
        if otherwise is None:  # the last condition is what is left
            if len(branches) < 4:
                self.refuse("the cases do not say what holds otherwise", token)
            *branches, _, otherwise = branches
        return tree.Cases(tuple(branches), otherwise)

    # -- vectors without indices

    def norm(self, body: Node) -> Node:
        """Return a norm: of vectors and matrices without indices, Euclidean unless it says 1."""
        kind = "".join(token.text for token in self.group("the kind of norm")) if self.take("_") else "2"
        vectors = sorted({node for node in walk(body) if self.names.open_axes(node)}, key=show)
        if not vectors or kind not in ("1", "2", "F"):
            self.refuse("only the 1-norm and the Euclidean norm of vectors without indices can be read")
        ranks = {self.names.open_axes(vector) for vector in vectors}
        if len(ranks) > 1:
            self.refuse("a norm of vectors and matrices together")
        indices = [self.hidden_index() for _ in range(ranks.pop())]
        element = self.element(body, indices)
        total = self.over_axes(
            vectors[0], indices, tree.Call("abs", (element,)) if kind == "1" else tree.Power(element, tree.Number(2))
        )
        return total if kind == "1" else tree.Call("sqrt", (total,))

    def dot(self, left: Node, right: Node) -> Node:
        indices = [self.hidden_index()]
        return self.over_axes(left, indices, tree.Multiply((self.element(left, indices), self.element(right, indices))))

    def element(self, node: Node, indices: Sequence[str]) -> Node:
        """Return an expression of vectors as one of their elements."""
        if isinstance(node, tree.Symbol) and self.names.open_axes(node):
            return tree.Symbol(node.name, (*node.indices, *(tree.Symbol(index) for index in indices)))
        vectors = sum(any(map(self.names.open_axes, walk(part))) for part in parts(node))
        if isinstance(node, tree.Symbol) or not vectors:
            return node
        if isinstance(node, tree.Multiply | tree.Divide) and vectors > 1:
            self.refuse("a product of vectors without indices: write it with indices")
        if not isinstance(node, tree.Add | tree.Negative | tree.Multiply | tree.Divide):
            self.refuse("only sums and multiples of vectors can stand in a norm")
        return with_parts(node, [self.element(part, indices) for part in parts(node)])

    @staticmethod
    def over_axes(array: Node, indices: Sequence[str], body: Node) -> Node:
        """Return the sum over the axes of an array that have no index yet."""
        assert isinstance(array, tree.Symbol)
        for axis, index in reversed(list(enumerate(indices, start=len(array.indices)))):
            body = tree.Fold("sum", index, tree.Edge(array.name, axis, False), tree.Edge(array.name, axis, True), body)
        return body

    def hidden_index(self) -> str:
        self.hidden += 1
        return f"#{self.hidden}"

    # -- commands

    def command(self, token: Token) -> Node:
        name = token.text.removeprefix("\\")
        if name in ("frac", "dfrac", "tfrac"):
            return self.fraction(token)
        self.at += 1
        if name == "sqrt":
            root = self.inner(self.inside()).whole() if self.sees("[") else None
            body = self.operand("what stands under the root")
            return self.powered(
                tree.Power(body, tree.Divide(tree.Number(1), root)) if root else tree.Call("sqrt", (body,))
            )
        if name == "arg":
            extreme = self.take("\\max", "\\min")
            if not extreme:
                self.refuse("\\arg needs \\max or \\min")
            name = f"arg{extreme[1:]}"
        if name in FOLDS:
            return self.fold(name, token)
        if name in FUNCTIONS:
            return self.function(FUNCTIONS[name], token)
        if name in ("partial", "nabla"):
            self.refuse('a derivative stands on the left side, or is declared, such as "dL/dw"', token)
        self.refuse(f"{token.text} is not known here", token)

    def fraction(self, token: Token) -> Node:
        groups = split_groups(self.pieces[self.at + 1 :])[:2]
        if len(groups) == 2 and all(map(is_differential, groups)):
            above = next(piece for piece in groups[0] if piece.text != "{")
            if not (above.text == "d" and "d" in self.names):
                return self.differential(groups, token)
        self.at += 1
        top = self.operand("the numerator")
        return self.powered(tree.Divide(top, self.operand("the denominator")))

    def differential(self, groups: Sequence[Sequence[Token]], token: Token) -> Node:
        """Return the declared symbol, such as ``dL/dw``, that a derivative stands for, with its indices."""
        names: list[str] = []
        indices: list[Node] = []
        for group in groups:
            parser = self.inner(group[2:-1] if group[0].text == "{" else group[1:])
            names.append(f"d{parser.base()}")
            below, above = parser.scripts()
            if parser.peek().text or above:
                self.refuse("only a derivative of one symbol by one symbol can be read", token)
            indices += parser.index_list(below)
        name = "/".join(names)
        if name not in self.names:
            self.refuse(f"a derivative stands on the left side, or is declared as {name!r}", token)
        self.at += 1 + sum(map(len, groups))
        return self.powered(tree.Symbol(name, tuple(indices)))

    def fold(self, kind: str, token: Token) -> Node:
        """Return a sum or the like over indices, or the maximum or minimum of what stands in parentheses."""
        below, above = self.scripts()
        if not below:
            if kind in ("max", "min") and not above and self.sees("(", "\\{", "["):
                return self.powered(tree.Call(kind, tuple(self.arguments())))
            self.refuse(f"\\{kind} has no index", token)
        left = split_at(below, *_RELATIONS)[0]
        relation = "".join(piece.text for piece in below[len(left) : len(left) + 1])
        indices = [piece.text for piece in left if piece.text != ","]
        if not indices or not self.names.indices.issuperset(indices):
            self.refuse(f"\\{kind} needs a declared index", token)
        if relation and len(left) > 1:
            self.refuse(f"\\{kind} is not of the form {left[0].text}=1 to n, or {left[0].text} \\ne k", token)
        lower = upper = where = None
        if relation == "=":
            if not above:
                self.refuse(f"\\{kind} has no upper bound", token)
            lower, upper = self.inner(below[2:]).whole(), self.inner(above).whole()
        elif above:
            self.refuse(f"\\{kind} has an upper bound but no lower one", token)
        elif relation:
            where = self.inner(below).condition()
        body = self.product()
        for name in reversed(indices):
            body = tree.Fold(kind, name, lower, upper, body, where)
        return body

    def function(self, name: str, token: Token) -> Node:
        """Return a function applied to what stands in parentheses, or to the one factor after it."""
        below, above = self.scripts()
        base = self.inner(below).whole() if below else None
        exponent = self.inner(above).whole() if above else None
        if exponent and show(exponent) == "-1":
            self.refuse("the inverse of a function cannot be told from its reciprocal", token)
        arguments = self.arguments() if self.sees("(", "[", "\\{") else [self.bare_argument(token)]
        if len(arguments) != 1:
            self.refuse(f"{name} takes one argument", token)
        if base and name != "log":
            self.refuse(f"{name} has no base", token)
        call: Node = tree.Call(name, tuple(arguments))
        if base:
            call = tree.Divide(call, tree.Call("log", (base,)))
        return tree.Power(call, exponent) if exponent else self.powered(call)

    def bare_argument(self, token: Token) -> Node:
        """Return the argument of a function without parentheses: one factor, or a sum over an index."""
        factor = self.factor()
        if factor is None:
            self.refuse(f"{token.text} has no argument")
        if (
            self.sees("/")
            or not (self.sees(*_NO_FACTOR) or isinstance(factor, tree.Fold))
            or isinstance(factor, _Transposed)
        ):
            self.refuse(f"put the argument of {token.text} into parentheses")
        return factor

    def arguments(self) -> list[Node]:
        """Return the arguments in parentheses."""
        return [self.inner(part).whole() for part in self.separated(self.inside())]

    def separated(self, pieces: Sequence[Token]) -> list[list[Token]]:
        split = split_at(pieces, ",")
        if not all(split):
            self.refuse("an argument is empty", pieces[0])
        return split

    # -- symbols

    def base(self) -> str:
        """Take a letter or name with its accents and fonts, and return its name."""
        token = self.peek()
        if not token.text:
            self.refuse("a symbol is missing")
        self.at += 1
        if token.kind == "word":
            name = token.text
        elif token.text in STYLES:
            parser = self.inner(self.inside()) if self.sees("{") else self
            name = parser.base() + STYLES[token.text]
            if parser is not self and parser.peek().text:
                self.refuse("only a single name can stand here: put the indices outside", token)
        else:
            self.refuse(f"a symbol belongs here, not {token.text!r}", token)
        while self.take("'"):
            name += "'"
        return name

    def word(self) -> Node:
        """Return a symbol with its indices and exponent, a function, or a constant."""
        start, token = self.at, self.pieces[self.at]
        base = self.base()
        after_base = self.at
        below, above = self.scripts()
        subscript, superscript = _script_text("_", below), _script_text("^", above)
        whole = base + subscript + superscript
        for name, indices, exponent in (
            (whole, [], []),
            (base + superscript, below, []),
            (base + subscript, [], above),
            (base, below, above),
        ):
            if name in self.names:
                return self.symbol(name, indices, exponent)
        if base == "delta" and below:
            pair = self.index_list(below)
            if len(pair) != 2 or above:
                self.refuse("δ takes two indices", token)
            return tree.Condition(pair[0], "=", pair[1])
        self.at = after_base
        if base == "e" and not below:
            exponent_of_e = self.powered(tree.Number(1))
            return tree.Call(
                "exp", (exponent_of_e.exponent if isinstance(exponent_of_e, tree.Power) else exponent_of_e,)
            )
        if base == "pi" and not below:
            return self.powered(tree.Number(math.pi))
        if self.sees("("):
            end = closing(self.pieces, self.at)
            name = "".join(piece.text.replace("\\", "") for piece in self.pieces[start : end + 1])
            if name in self.names:
                self.at = end + 1
                return self.symbol(name, [], [])
        if base in FUNCTIONS:
            return self.function(FUNCTIONS[base], token)
        if base == "sigma" and self.sees("(", "^", "["):
            return self.function("sigmoid", token)
        if base in FOLDS:
            return self.fold(base, token)
        self.refuse(f"{base} is not declared" + (f", nor is {whole}" if whole != base else ""), token)

    def symbol(self, name: str, subscript: Sequence[Token], exponent: Sequence[Token]) -> Node:
        indices = self.index_list(subscript)
        rank = self.names.ranks.get(name, 0)
        transposed = {"\\top", "\\intercal", "T"} - ({"T"} & self.names.ranks.keys())
        if len(exponent) == 1 and exponent[0].text in transposed:
            return _Transposed(tree.Symbol(name, tuple(indices)))
        if _parenthesised(exponent) and len(indices) < rank:
            indices = [*self.index_list(exponent[1:-1]), *indices]
            exponent = []
        if len(indices) > rank:
            self.refuse(f"{name} has {rank} axes, but {len(indices)} indices here", subscript[0] if subscript else None)
        symbol = tree.Symbol(name, tuple(indices))
        return tree.Power(symbol, self.inner(exponent).whole()) if exponent else symbol

    def index_list(self, pieces: Sequence[Token]) -> list[Node]:
        """Return the indices of a subscript: with commas, or letter by letter."""
        if any(piece.text == "," for piece in pieces):
            split = self.separated(pieces)
        elif all(piece.kind in ("word", "number") for piece in pieces):
            split = [[piece] for piece in pieces]
        else:
            split = [list(pieces)]
        return [self.inner(part).whole() for part in split]


def _script_text(mark: str, pieces: Sequence[Token]) -> str:
    """Return a subscript or exponent as it stands in a declared name; an empty text where there is none."""
    if not pieces:
        return ""
    text = "".join(piece.text.replace("\\", "") for piece in pieces)
    simple = re.fullmatch(r"\w+", text) or (_parenthesised(pieces) and text[1:-1].isalnum())
    return f"{mark}{text}" if simple else f"{mark}{{{text}}}"


def _parenthesised(pieces: Sequence[Token]) -> bool:
    return len(pieces) > 2 and pieces[0].text == "(" and closing(pieces, 0) == len(pieces) - 1
