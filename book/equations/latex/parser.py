"""The recursive-descent parser for one side of an equation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NoReturn, cast

from book.equations.latex.expression import (
    Add,
    Call,
    Cases,
    Condition,
    Divide,
    Edge,
    Fold,
    Multiply,
    Negative,
    Node,
    Number,
    PlusMinus,
    Power,
    Symbol,
    parts,
    show,
    walk,
    with_parts,
)
from book.equations.latex.tokens import (
    ACCENTS,
    CLOSING,
    FONTS,
    REFUSED_RELATIONS,
    RELATIONS,
    TexError,
    Token,
    closing,
    environment,
    environment_length,
    is_differential,
    split_groups,
)

FUNCTIONS = {
    name: name
    for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "sigmoid", "relu", "softplus")
} | {"ln": "log", "ReLU": "relu", "sgn": "sign", "sign": "sign"}
FOLDS = {"sum": "sum", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}


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


def read_expression(pieces: Sequence[Token], names: Names, tex: str) -> Node:
    """Return the expression that tokens make up, all of them.

    Args:
        pieces: the tokens.
        names: the symbols that are declared.
        tex: the LaTeX they come from, for messages.

    Raises:
        TexError: some of it cannot be read, is not declared, or can be read in two ways.
    """
    return _Parser(pieces, names, tex).whole()


@dataclass(frozen=True)
class _Transposed(Node):
    """A vector before the vector it is multiplied with; lives only inside the parser."""

    of: Symbol


class _Parser:
    """Reads one expression from its tokens; every method leaves ``at`` behind what it read."""

    def __init__(self, pieces: Sequence[Token], names: Names, tex: str) -> None:
        self.pieces, self.names, self.tex = list(pieces), names, tex
        self.at = 0
        self.hidden = 0

    # -- small steps

    def whole(self) -> Node:
        """Return the expression, which must take all tokens."""
        found = self.sum()
        if self.at < len(self.pieces):
            self.refuse(f"cannot read on from {self.pieces[self.at].text!r}")
        return found

    def peek(self, ahead: int = 0) -> Token | None:
        return self.pieces[self.at + ahead] if self.at + ahead < len(self.pieces) else None

    def sees(self, *texts: str) -> bool:
        token = self.peek()
        return token is not None and token.kind in ("mark", "command") and token.text in texts

    def take(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.at += 1
            return True
        return False

    def refuse(self, problem: str, token: Token | None = None) -> NoReturn:
        token = token or self.peek()
        raise TexError(problem, self.tex, token.at if token else len(self.tex))

    def inner(self, pieces: Sequence[Token]) -> _Parser:
        """Return a parser for tokens from within; hidden indices stay distinct."""
        parser = _Parser(pieces, self.names, self.tex)
        parser.hidden = self.hidden + 100
        return parser

    def group(self, what: str) -> list[Token]:
        """Take one token or a group in braces, and return what is inside."""
        token = self.peek()
        if token is None:
            self.refuse(f"{what} is missing")
        if token.kind == "command":  # x^\\frac12 and the like
            self.refuse(f"put {what} into braces")
        if not self.sees("{"):
            self.at += 1
            return [token]
        end = closing(self.pieces, self.at)
        if self.pieces[end].text != "}":
            self.refuse("a brace is never closed", token)
        inside = self.pieces[self.at + 1 : end]
        if not inside:
            self.refuse(f"{what} is empty", token)
        self.at = end + 1
        return inside

    def operand(self, what: str) -> Node:
        """Return the expression in a group."""
        token = self.peek()
        if token and token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
            self.refuse(f"{what} must stand in braces")  # TeX takes one digit only
        return self.inner(self.group(what)).whole()

    # -- sums and products

    def sum(self) -> Node:
        terms: list[Node] = []
        while True:
            sign = self.peek()
            if sign and sign.text in ("+", "-", "\\pm", "\\mp"):
                self.at += 1
            elif terms:
                break
            else:
                sign = None
            term = self.product()
            if sign and sign.text in ("\\pm", "\\mp"):
                term = Multiply((PlusMinus(sign.text == "\\mp"), term))
            terms.append(Negative(term) if sign and sign.text == "-" else term)
        return terms[0] if len(terms) == 1 else Add(tuple(terms))

    def product(self) -> Node:
        factors: list[Node] = []
        divided = False
        while True:
            if factors and self.take("\\cdot", "\\times", "*"):
                divided = False
                if self.sees("+", "-"):
                    self.refuse("a sign after a product needs parentheses")
            elif factors and self.take("/"):
                below = self.factor()
                if below is None:
                    self.refuse("nothing to divide by")
                factors = [Divide(self.multiplied(factors), below)]
                divided = True
                continue
            elif factors and divided and self.starts_factor():
                self.refuse("a factor after a slash can be above or below it: write \\frac")
            last = self.peek()
            before = self.peek(-1) if self.at else None
            factor = self.factor()
            if factor is None:
                if not factors or (before and before.text in ("\\cdot", "\\times", "*")):
                    self.refuse("a number or symbol is missing")
                return self.multiplied(factors)
            if (
                isinstance(factor, Number)
                and factors
                and last
                and last.kind == "number"
                and not (before and before.text in ("\\cdot", "\\times", "*"))
            ):
                self.refuse("a number after a factor needs a sign between them", last)
            factors.append(factor)

    def multiplied(self, factors: list[Node]) -> Node:
        """Return the product of factors; a transposed vector takes the vector after it."""
        found: list[Node] = []
        rest = list(factors)
        while rest:
            factor = rest.pop(0)
            if isinstance(factor, _Transposed):
                second = rest.pop(0) if rest else None
                if not isinstance(second, Symbol) or self.open_axes(second) != 1 or self.open_axes(factor.of) != 1:
                    self.refuse("only the product of two vectors can be transposed: write it with indices")
                factor = self.dot(factor.of, second)
            found.append(factor)
        return found[0] if len(found) == 1 else Multiply(tuple(found))

    def starts_factor(self) -> bool:
        token = self.peek()
        if token is None or token.text in ("\\cdot", "\\times", "*", "/", "+", "-", "\\pm", "\\mp"):
            return False
        stops = (*CLOSING.values(), "|", "\\|", ",", ";", ":", "&", "\\\\", "\\end", *RELATIONS, *REFUSED_RELATIONS)
        return token.kind not in ("mark", "command") or token.text not in stops

    def factor(self) -> Node | None:
        """Return the next factor with its exponent; None where none begins."""
        token = self.peek()
        if token is None:
            return None
        if token.kind == "number":
            self.at += 1
            return self.powered(Number(float(token.text)))
        if (
            token.text in ("\\mathbb", "\\mathbf", "\\mathbbm")
            and "".join(t.text for t in self.pieces[self.at + 1 :][:3]) == "{1}"
        ):
            return self.indicator()
        if token.kind == "text":
            self.refuse(f"{token.text!r} is text, not a symbol", token)
        if token.kind == "word" or token.text.removeprefix("\\") in (*ACCENTS, *FONTS):
            return self.word()
        if token.kind == "mark":
            return self.enclosed(token)
        return self.command(token)

    def powered(self, base: Node) -> Node:
        """Return a base with the exponent that may follow it."""
        while self.take("'"):
            self.refuse("a prime can only stand on a declared name or a left side")
        if self.sees("_"):
            self.refuse("a subscript can only stand on a symbol")
        if not self.take("^"):
            return base
        exponent = self.operand("the exponent")
        if self.sees("^"):
            self.refuse("two exponents: use braces")
        return Power(base, exponent)

    # -- what stands in something

    def enclosed(self, token: Token) -> Node | None:
        if token.text in ("(", "[", "\\{", "{"):
            end = closing(self.pieces, self.at)
            if self.pieces[end].text != CLOSING[token.text]:
                self.refuse(f"{token.text} is never closed", token)
            inside = self.pieces[self.at + 1 : end]
            if not inside:
                self.refuse(f"{token.text} encloses nothing", token)
            self.at = end + 1
            if token.text == "[" and any(_relates(piece) for piece in inside):
                return self.powered(self.inner(inside).condition())
            return self.powered(self.inner(inside).whole())
        if token.text in ("|", "\\|"):
            self.at += 1
            inside = list(takewhile(lambda piece: piece.text != token.text, self.pieces[self.at :]))
            if self.at + len(inside) == len(self.pieces):
                self.refuse(f"{token.text} is never closed", token)
            if not inside:
                self.refuse(f"{token.text} encloses nothing", token)
            body = self.inner(inside).whole()
            self.at += len(inside) + 1
            return self.powered(Call("abs", (body,)) if token.text == "|" else self.norm(body))
        if token.text in ("\\lfloor", "\\lceil"):
            end = closing(self.pieces, self.at)
            if self.pieces[end].text != CLOSING[token.text]:
                self.refuse(f"{token.text} is never closed", token)
            body = self.inner(self.pieces[self.at + 1 : end]).whole()
            self.at = end + 1
            return self.powered(Call("floor" if token.text == "\\lfloor" else "ceil", (body,)))
        return None

    def indicator(self) -> Node:
        """Return the 1 that stands only where a comparison holds."""
        self.at += 4
        if self.take("_"):
            return self.inner(self.group("the comparison")).condition()
        opening = self.peek()
        if opening is None or not self.sees("[", "(", "\\{"):
            self.refuse("a comparison belongs here")
        end = closing(self.pieces, self.at)
        inside = self.pieces[self.at + 1 : end]
        self.at = end + 1
        return self.powered(self.inner(inside).condition())

    def condition(self) -> Condition:
        """Return a comparison, which must take all tokens."""
        place = next((i for i, piece in enumerate(self.pieces) if _relates(piece)), None)
        if place is None:
            self.refuse("a comparison belongs here")
        relation = self.pieces[place].text
        if relation not in RELATIONS:
            self.refuse(f"{relation} cannot be checked", self.pieces[place])
        left, right = self.pieces[:place], self.pieces[place + 1 :]
        if not left or not right:
            self.refuse("a comparison lacks a side", self.pieces[place])
        return Condition(self.inner(left).whole(), RELATIONS[relation], self.inner(right).whole())

    def norm(self, body: Node) -> Node:
        """Return a norm: of vectors and matrices without indices, Euclidean unless it says 1."""
        kind = "2"
        if self.take("_"):
            kind = "".join(token.text for token in self.group("the kind of norm"))
        open_symbols = {node for node in walk(body) if isinstance(node, Symbol) and self.open_axes(node)}
        if not open_symbols or kind not in ("1", "2", "F"):
            self.refuse("only the 1-norm and the Euclidean norm of vectors without indices can be read")
        ranks = {self.open_axes(symbol) for symbol in open_symbols}
        if len(ranks) > 1:
            self.refuse("a norm of vectors and matrices together")
        first = sorted(open_symbols, key=show)[0]
        indices = [self.hidden_index() for _ in range(ranks.pop())]
        body = self.filled(body, indices)
        body = Call("abs", (body,)) if kind == "1" else Power(body, Number(2))
        for offset, index in reversed(list(enumerate(indices))):
            body = self.over_axis(first, len(first.indices) + offset, index, body)
        return body if kind == "1" else Call("sqrt", (body,))

    def filled(self, node: Node, indices: Sequence[str]) -> Node:
        """Return an expression of vectors as one of their elements."""
        if isinstance(node, Symbol) and self.open_axes(node):
            return Symbol(node.name, (*node.indices, *(Symbol(index) for index in indices)))
        if isinstance(node, Symbol | Number) or not any(self.is_open(part) for part in parts(node)):
            return node
        if isinstance(node, Multiply | Divide) and sum(self.is_open(part) for part in parts(node)) > 1:
            self.refuse("a product of vectors without indices: write it with indices")
        if not isinstance(node, Add | Negative | Multiply | Divide):
            self.refuse("only sums and multiples of vectors can stand in a norm")
        return with_parts(node, [self.filled(part, indices) for part in parts(node)])

    def is_open(self, node: Node) -> bool:
        return any(isinstance(part, Symbol) and self.open_axes(part) > 0 for part in walk(node))

    def dot(self, left: Symbol, right: Symbol) -> Node:
        index = self.hidden_index()
        product = Multiply((self.filled(left, [index]), self.filled(right, [index])))
        return self.over_axis(left, len(left.indices), index, product)

    @staticmethod
    def over_axis(array: Symbol, axis: int, index: str, body: Node) -> Node:
        return Fold("sum", index, Edge(array.name, axis, False), Edge(array.name, axis, True), body)

    def hidden_index(self) -> str:
        self.hidden += 1
        return f"#{self.hidden}"

    def open_axes(self, symbol: Symbol) -> int:
        return self.names.ranks.get(symbol.name, 0) - len(symbol.indices)

    # -- commands

    def command(self, token: Token) -> Node | None:
        name = token.text.removeprefix("\\")
        if name in ("frac", "dfrac", "tfrac"):
            return self.fraction(token)
        if name == "sqrt":
            self.at += 1
            root: Node | None = None
            if self.sees("["):
                end = closing(self.pieces, self.at)
                root = self.inner(self.pieces[self.at + 1 : end]).whole()
                self.at = end + 1
            body = self.operand("what stands under the root")
            return self.powered(Power(body, Divide(Number(1), root)) if root else Call("sqrt", (body,)))
        if name in ("sum", "prod", "max", "min", "arg", "argmax", "argmin"):
            return self.fold(token)
        if name in FUNCTIONS:
            self.at += 1
            return self.function(FUNCTIONS[name], token)
        if name == "begin":
            return self.cases(token)
        if token.text in RELATIONS or token.text in ("\\cdot", "\\times", "\\pm", "\\mp", "\\\\", "\\end"):
            return None
        if name in ("partial", "nabla"):
            self.refuse('a derivative stands on the left side, or is declared, such as "dL/dw"', token)
        self.refuse(f"{token.text} is not known here", token)

    def fraction(self, token: Token) -> Node:
        groups = split_groups(self.pieces[self.at + 1 :])
        if len(groups) >= 2 and all(is_differential(group) for group in groups[:2]):
            above = next(token for token in groups[0] if token.text != "{")
            if not (above.text == "d" and "d" in self.names):
                return self.differential(groups[:2], token)
        self.at += 1
        top = self.operand("the numerator")
        return self.powered(Divide(top, self.operand("the denominator")))

    def differential(self, groups: Sequence[Sequence[Token]], token: Token) -> Node:
        """Return the declared symbol, such as ``dL/dw``, that a derivative stands for, with its indices."""
        names: list[str] = []
        indices: list[Node] = []
        for group in groups:
            inside = group[1:-1] if group[0].text == "{" else group
            parser = self.inner(inside[1:])
            base, scripts = parser.base(), parser.scripts()
            if parser.at < len(parser.pieces) or scripts.above:
                self.refuse("only a derivative of one symbol by one symbol can be read", token)
            names.append(base)
            indices += parser.index_list(scripts.below)
        name = f"d{names[0]}/d{names[1]}"
        if name not in self.names:
            self.refuse(f"a derivative stands on the left side, or is declared as {name!r}", token)
        self.at += 1 + sum(len(group) for group in groups)
        return self.powered(Symbol(name, tuple(indices)))

    def fold(self, token: Token) -> Node:
        self.at += 1
        kind = token.text.removeprefix("\\")
        if kind == "arg":
            second = self.peek()
            if not self.take("\\max", "\\min") or second is None:
                self.refuse("\\arg needs \\max or \\min")
            kind = f"arg{second.text[1:]}"
        below = above = None
        while self.sees("_", "^"):
            if self.take("_"):
                below = self.group("the index")
            elif self.take("^"):
                above = self.group("the upper bound")
        if below is None:
            if kind in ("max", "min") and self.sees("(", "\\{", "["):
                return self.powered(Call(kind, tuple(self.arguments())))
            self.refuse(f"\\{kind} has no index", token)
        wheres = [piece for piece in below if _relates(piece)]
        lower: Node | None = None
        upper: Node | None = None
        where: Condition | None = None
        chosen = [piece.text for piece in below if piece.kind == "word"][:1]
        if not chosen or chosen[0] not in self.names.indices:
            self.refuse(f"\\{kind} needs a declared index", token)
        index = chosen[0]
        if not wheres:
            indices = [piece.text for piece in below if piece.text != ","]
            if any(name not in self.names.indices for name in indices):
                self.refuse(f"\\{kind} needs declared indices", token)
            if above is not None:
                self.refuse(f"\\{kind} has an upper bound but no lower one", token)
        else:
            indices = [index]
            if below[0].text != index or len(wheres) > 1:
                self.refuse(f"\\{kind} is not of the form {index}=1 to n, {index}, or {index} \\ne k", token)
            if wheres[0].text == "=":
                if above is None:
                    self.refuse(f"\\{kind} has no upper bound", token)
                lower, upper = self.inner(below[2:]).whole(), self.inner(above).whole()
            elif above is not None:
                self.refuse(f"\\{kind} has a condition and an upper bound", token)
            else:
                where = self.inner(below).condition()
        body = self.product()
        for name in reversed(indices):
            body = Fold(kind, name, lower, upper, body, where)
        return body

    def function(self, name: str, token: Token) -> Node:
        exponent = base = None
        while self.sees("_", "^"):
            if self.take("_"):
                base = self.operand("the base")
            elif self.take("^"):
                exponent = self.operand("the exponent")
        if exponent is not None and isinstance(exponent, Negative | Number) and show(exponent) == "-1":
            self.refuse("the inverse of a function cannot be told from its reciprocal", token)
        if self.sees("(", "[", "\\{"):
            arguments = self.arguments()
        else:
            argument = self.bare_argument(token)
            arguments = [argument]
        if name in ("max", "min"):
            if base is not None:
                self.refuse("a base", token)
        elif len(arguments) != 1:
            self.refuse(f"{name} takes one argument", token)
        found: Node = Call(name, tuple(arguments))
        if base is not None:
            if name != "log":
                self.refuse(f"{name} has no base", token)
            found = Divide(found, Call("log", (base,)))
        if exponent is not None:
            return Power(found, exponent)
        return self.powered(found)

    def bare_argument(self, token: Token) -> Node:
        """Return the argument of a function without parentheses: one factor, or a sum over an index."""
        factor = self.factor()
        if factor is None:
            self.refuse(f"{token.text} has no argument")
        if self.starts_factor() and not isinstance(factor, Fold):
            self.refuse(f"put the argument of {token.text} into parentheses")
        if self.sees("/"):
            self.refuse(f"put the argument of {token.text} into parentheses")
        return factor

    def arguments(self) -> list[Node]:
        """Return the arguments in parentheses."""
        end = closing(self.pieces, self.at)
        opening = self.pieces[self.at]
        if self.pieces[end].text != CLOSING[opening.text]:
            self.refuse(f"{opening.text} is never closed", opening)
        inside = self.pieces[self.at + 1 : end]
        self.at = end + 1
        return [self.inner(part).whole() for part in self.separated(inside, opening)]

    def separated(self, pieces: Sequence[Token], opening: Token) -> list[list[Token]]:
        found: list[list[Token]] = [[]]
        for group in split_groups(pieces):
            if len(group) == 1 and group[0].text == "," and group[0].kind == "mark":
                found.append([])
            else:
                found[-1] += group
        if not all(found):
            self.refuse("an argument is empty", opening)
        return found

    def cases(self, token: Token) -> Node:
        if environment(self.pieces, self.at) != "cases":
            self.refuse("this environment is not known here", token)
        end = next((i for i in range(self.at, len(self.pieces)) if self.pieces[i].text == "\\end"), None)
        if end is None:
            self.refuse("\\begin{cases} is never ended", token)
        inside = self.pieces[self.at + environment_length(self.pieces, self.at) : end]
        self.at = end + environment_length(self.pieces, end)
        rows: list[list[Token]] = [[]]
        for piece in inside:
            if piece.text == "\\\\":
                rows.append([])
            else:
                rows[-1].append(piece)
        branches: list[Node] = []
        otherwise: Node | None = None
        for row in (row for row in rows if row):
            mark = next((i for i, piece in enumerate(row) if piece.text == "&"), len(row))
            value = [piece for piece in row[:mark]]
            while value and value[-1].text == ",":
                value.pop()
            words = ("if", "otherwise", "else")
            when = [piece for piece in row[mark + 1 :] if piece.kind != "text" and piece.text not in words]
            while when and when[-1].text in (",", ".", ";"):
                when.pop()
            if not value or otherwise is not None:
                self.refuse("a row of the cases lacks its value, or follows the one without a condition", token)
            if when:
                branches += [self.inner(when).condition(), self.inner(value).whole()]
            else:
                otherwise = self.inner(value).whole()
        if otherwise is None:  # the last condition is what is left
            if len(branches) < 4:
                self.refuse("the cases do not say what holds otherwise", token)
            branches, otherwise = branches[:-2], branches[-1]
        return Cases(tuple(branches), otherwise)

    # -- symbols

    def base(self) -> str:
        """Take a letter or name with its accents and fonts, and return its name."""
        token = self.peek()
        if token is None:
            self.refuse("a symbol is missing")
        if token.kind == "word":
            self.at += 1
            name = token.text
        elif token.text.removeprefix("\\") in ACCENTS:
            self.at += 1
            name = f"{self.inner_base(token)}_{ACCENTS[token.text[1:]]}"
        elif token.text.removeprefix("\\") in FONTS:
            self.at += 1
            name = self.inner_base(token)
        else:
            self.refuse(f"a symbol belongs here, not {token.text!r}", token)
        while self.take("'"):
            name += "'"
        return name

    def inner_base(self, token: Token) -> str:
        if self.sees("\\" + "hat") or not self.sees("{"):
            return self.base()
        parser = self.inner(self.group("what stands under the accent"))
        name = parser.base()
        if parser.at < len(parser.pieces):
            self.refuse("only a single name can stand here: put the indices outside", token)
        return name

    def scripts(self) -> _Scripts:
        below: list[Token] = []
        above: list[Token] = []
        before = self.at
        while self.sees("_", "^"):
            is_below = self.take("_")
            if not is_below:
                self.take("^")
            if below if is_below else above:
                self.refuse("two subscripts or two exponents: use braces")
            if is_below:
                below = self.group("the subscript")
            else:
                token = self.peek()
                if self.take("\\top", "\\intercal", "\\prime", "\\star", "\\ast"):
                    above = [cast(Token, token)]
                else:
                    if token and token.kind == "number" and len(token.text) > 1:
                        self.refuse("the exponent must stand in braces")
                    above = self.group("the exponent")
        return _Scripts(below, above, before)

    def word(self) -> Node:
        """Return a symbol with its indices and exponent, a function, or a constant."""
        token = cast(Token, self.peek())
        start = self.at
        base = self.base()
        scripts = self.scripts()
        below = _script_text("_", scripts.below)
        above = _script_text("^", scripts.above)
        for name, indices, exponent in (
            (base + below + above, [], []),
            (base + above, scripts.below, []),
            (base + below, [], scripts.above),
            (base, scripts.below, scripts.above),
        ):
            if name in self.names:
                return self.symbol(name, indices, exponent)
        self.at = scripts.start
        if base in ("e", "pi") and not scripts.below:
            return self.powered(self.constant(base))
        if base == "delta" and scripts.below:
            self.scripts()
            pair = self.index_list(scripts.below)
            if len(pair) != 2 or scripts.above:
                self.refuse("δ takes two indices", token)
            return Condition(pair[0], "=", pair[1])
        if applied := self.applied(base, start, token):
            return applied
        if base in FOLDS:
            self.at = start
            return self.fold(Token("command", f"\\{base}", token.at))
        whole = base + below + above
        self.refuse(f"{base} is not declared" + (f", nor is {whole}" if whole != base else ""), token)

    def constant(self, base: str) -> Node:
        """Return ``e`` with its exponent as a call of exp, or π."""
        if base == "pi":
            return Number(math.pi)
        if not self.take("^"):
            return Call("exp", (Number(1),))
        exponent = self.operand("the exponent")
        if self.sees("^"):
            self.refuse("two exponents: use braces")
        return Call("exp", (exponent,))

    def applied(self, base: str, start: int, token: Token) -> Node | None:
        """Return a function applied to something, or the declared symbol that stands for it, such as ``H(p,q)``."""
        if self.sees("("):
            end = closing(self.pieces, self.at)
            name = "".join(piece.text.replace("\\", "") for piece in self.pieces[start : end + 1])
            if name in self.names:
                self.at = end + 1
                return self.symbol(name, [], [])
        name = {"sigma": "sigmoid"}.get(base, FUNCTIONS.get(base, ""))
        if name and (name != "sigmoid" or self.sees("(", "^", "[")):
            return self.function(name, token)
        return None

    def symbol(self, name: str, indices: Sequence[Token], exponent: Sequence[Token]) -> Node:
        below = self.index_list(indices)
        rank = self.names.ranks.get(name, 0)
        if exponent and _is_transpose(exponent) and not ("T" in self.names and exponent[0].text == "T"):
            return _Transposed(Symbol(name, tuple(below)))
        if exponent and _parenthesised(exponent) and len(below) < rank:
            below = [*self.index_list(exponent[1:-1]), *below]
            exponent = []
        if len(below) > rank:
            self.refuse(f"{name} has {rank} axes, but {len(below)} indices here", indices[0] if indices else None)
        found = Symbol(name, tuple(below))
        if exponent:
            return Power(found, self.inner(exponent).whole())
        return found

    def index_list(self, pieces: Sequence[Token]) -> list[Node]:
        """Return the indices of a subscript: with commas, or letter by letter."""
        if not pieces:
            return []
        if any(piece.text == "," for piece in pieces):
            return [self.inner(part).whole() for part in self.separated(pieces, pieces[0])]
        if all(piece.kind in ("word", "number") for piece in pieces):
            return [self.inner([piece]).whole() for piece in pieces]
        return [self.inner(pieces).whole()]


@dataclass(frozen=True)
class _Scripts:
    below: list[Token]
    above: list[Token]
    start: int
    """Where they began."""


def _relates(token: Token) -> bool:
    return token.kind in ("mark", "command") and (token.text in RELATIONS or token.text in REFUSED_RELATIONS)


def _script_text(mark: str, pieces: Sequence[Token]) -> str:
    if not pieces:
        return ""
    text = "".join(piece.text.replace("\\", "") for piece in pieces)
    if _parenthesised(pieces) and text[1:-1].isalnum():
        return f"{mark}{text}"
    return f"{mark}{text}" if re.fullmatch(r"\w+", text) else f"{mark}{{{text}}}"


def _parenthesised(pieces: Sequence[Token]) -> bool:
    return len(pieces) > 2 and pieces[0].text == "(" and closing(pieces, 0) == len(pieces) - 1


def _is_transpose(pieces: Sequence[Token]) -> bool:
    return len(pieces) == 1 and pieces[0].text in ("\\top", "\\intercal", "T")
