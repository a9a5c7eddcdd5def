"""Read the LaTeX of an equation whole, or refuse it.

A small recursive-descent parser for the LaTeX this book writes. It knows the symbols that are declared and nothing
else: what it cannot read, does not know, or could read in two ways it refuses, and says where. Subscripts become
indices, and every index is bound: by a sum, or by the left side.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NoReturn, cast

from book.expression import (
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

FUNCTIONS = {
    name: name
    for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "sigmoid", "relu", "softplus")
} | {"ln": "log", "ReLU": "relu", "sgn": "sign", "sign": "sign"}
FOLDS = {"sum": "sum", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}
RELATIONS = {
    "=": "=", "\\leftarrow": "=", ":=": "=", "\\equiv": "=",
    "<": "<", "\\lt": "<", ">": ">", "\\gt": ">",
    "\\le": "<=", "\\leq": "<=", "\\leqslant": "<=", "\\ge": ">=", "\\geq": ">=", "\\geqslant": ">=",
    "\\ne": "!=", "\\neq": "!=",
}  # fmt: skip
REFUSED_RELATIONS = ("\\approx", "\\sim", "\\simeq", "\\propto", "\\to", "\\rightarrow", "\\in", "\\ll", "\\gg")


class TexError(ValueError):
    """LaTeX that is refused: what, and where."""

    def __init__(self, problem: str, tex: str, at: int) -> None:
        """Keep the problem and its place."""
        near = " ".join(tex[max(0, at) :].split())
        place = f" at “{near[:24]}{'…' if len(near) > 24 else ''}”" if near else " at its end"
        super().__init__(f"{problem},{place}")
        self.problem, self.at = problem, at


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
        free: the indices that the sides do not bind, in the order in which they appear on the left.
        sides: the sides that can be computed.
        used: the declared symbols and indices that occur.
    """

    head: str
    derivative: bool
    free: tuple[str, ...]
    sides: tuple[Side, ...]
    used: frozenset[str]


@dataclass(frozen=True)
class Token:
    """A piece of LaTeX.

    Attributes:
        kind: ``word`` (a letter, Greek letter or upright name), ``number``, ``text``, ``mark`` or ``command``.
        text: what it says.
        at: where it begins.
    """

    kind: str
    text: str
    at: int


_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "ell", "Gamma", "Delta", "Theta", "Lambda",
    "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
})  # fmt: skip
_VARIANTS = {f"var{name}": name for name in ("epsilon", "theta", "pi", "rho", "sigma", "phi", "kappa")}
_FONTS = ("mathbf", "boldsymbol", "bm", "mathcal", "mathbb", "mathsf", "mathit", "vec", "mathfrak")
_UPRIGHT = ("mathrm", "operatorname", "operatorname*", "text", "textrm", "mbox", "textit", "textbf")
_ACCENTS = {
    "hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde", "widetilde": "tilde",
    "dot": "dot", "check": "check",
}  # fmt: skip
_SPACE = re.compile(
    r"(?:\s|~|%[^\n]*\n|\\[,;:!> ]|\\(?:q?quad|displaystyle|textstyle|limits|nolimits|nonumber|left|right|middle|"
    r"[bB]igg?[lrm]?)(?![A-Za-z]))+"
)
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\{,\}\d{3})*(?:\.\d+)?|\.\d+)|(?P<command>\\(?:[A-Za-z]+\*?|[{}|\\#$%&_]))|(?P<letter>[A-Za-z])"
    r"|(?P<mark>:=|[-+*/^_{}()\[\]|=<>,;!'&.:])"
)
_FENCES = {"\\lvert": "|", "\\rvert": "|", "\\vert": "|", "\\mid": "|", "\\lVert": "\\|", "\\rVert": "\\|",
           "\\Vert": "\\|", "\\{": "\\{", "\\}": "\\}", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\lbrack": "[",
           "\\rbrack": "]"}  # fmt: skip
_CLOSING = {"(": ")", "[": "]", "\\{": "\\}", "{": "}", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}


def tokens(tex: str) -> list[Token]:
    """Split LaTeX into tokens.

    Raises:
        TexError: a character that cannot be read.
    """
    found: list[Token] = []
    at = 0
    while True:
        if space := _SPACE.match(tex, at):
            at = space.end()
        if at >= len(tex):
            return found
        match = _TOKEN.match(tex, at)
        if not match:
            raise TexError(f"cannot read {tex[at]!r}", tex, at)
        text, start = match[0], at
        at = match.end()
        if match["number"]:
            found.append(Token("number", text.replace("{,}", ""), start))
        elif match["letter"]:
            found.append(Token("word", text, start))
        elif match["mark"]:
            found.append(Token("mark", text, start))
        else:
            name = text[1:]
            if name in _UPRIGHT or (name in _FONTS and re.match(r"\s*\{[A-Za-z]{2,}\}", tex[at:])):
                inner, at = _braces(tex, at)
                words = inner.strip()
                plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", words) is not None
                found.append(Token("word" if plain else "text", words, start))
            elif name in _GREEK or name in _VARIANTS:
                found.append(Token("word", _VARIANTS.get(name, name), start))
            elif text in _FENCES:
                found.append(Token("mark", _FENCES[text], start))
            elif text in ("\\|", "\\lfloor", "\\rfloor", "\\lceil", "\\rceil"):
                found.append(Token("mark", text, start))
            else:
                found.append(Token("command", text, start))


def _braces(tex: str, at: int) -> tuple[str, int]:
    """Return the text in braces that follows, and the place after it."""
    match = re.compile(r"\s*\{([^{}]*)\}").match(tex, at)
    if not match:
        raise TexError("braces with plain text belong here", tex, at)
    return match[1], match.end()


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
    head, derivative, head_used = "", False, frozenset[str]()
    free: tuple[str, ...] | None = None
    sides: list[Side] = []
    for number, (relation, side) in enumerate(split):
        if not side:
            raise TexError("a side of the equation is empty", tex, len(tex))
        if number == 0 and len(split) > 1:
            first = _first_side(side, names, tex, result_only=split[1][0] == "\\leftarrow")
            if isinstance(first, _Head):
                head, derivative, free, head_used = first.text, first.derivative, first.free, first.used
                continue
            expression = first
        else:
            expression = _Parser(side, names, tex).whole()
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
    return Parsed(head, derivative, free, tuple(sides), used)


def _unwrap(pieces: list[Token], tex: str) -> list[Token]:
    """Take an ``aligned`` environment away: its rows are one chain, each row going on with a relation or a sign."""
    environments = ("aligned", "align", "align*", "split", "gathered", "equation", "equation*")
    if not (pieces and pieces[0].text == "\\begin" and _environment(pieces, 0) in environments):
        return pieces
    length = _environment_length(pieces, 0)
    if _environment(pieces, len(pieces) - length) != _environment(pieces, 0) or pieces[-length].text != "\\end":
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


def _environment(pieces: Sequence[Token], at: int) -> str:
    """Return the name of the environment that begins or ends at a token."""
    after = at + 2
    while after < len(pieces) and pieces[after].text != "}":
        after += 1
    return "".join(token.text for token in pieces[at + 2 : after])


def _environment_length(pieces: Sequence[Token], at: int) -> int:
    """Return how many tokens the beginning or end of an environment takes."""
    return next(i for i in range(at, len(pieces)) if pieces[i].text == "}") - at + 1


def _split(pieces: Sequence[Token], tex: str) -> Iterator[tuple[str, list[Token]]]:
    """Yield the sides of an equation with the relation before each."""
    depth, relation, side = 0, "", list[Token]()
    for token in pieces:
        if token.kind in ("mark", "command"):
            depth += (token.text in _CLOSING or token.text == "\\begin") - (
                token.text in _CLOSING.values() or token.text == "\\end"
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
    free: tuple[str, ...]
    used: frozenset[str]


def _first_side(side: list[Token], names: Names, tex: str, *, result_only: bool) -> Node | _Head:
    """Return the left side as an expression of declared symbols or, where it is none, as a name of the result."""
    try:
        if not result_only:
            return _Parser(side, names, tex).whole()
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
    rest = list(side)
    if rest[0].text == "\\frac" or rest[0].text == "\\dfrac":
        groups = _groups(rest[1:])
        if len(groups) < 2 or not all(_is_differential(group) for group in groups[:2]):
            return None
        derivative, rest = True, [token for group in groups[2:] for token in group]
    else:
        while rest and rest[0].text in ("-", "\\log", "\\ln", "\\nabla"):
            rest = rest[1:]
            if rest and rest[0].text == "_":
                rest = [token for group in _groups(rest[1:])[1:] for token in group]
        while rest and rest[0].text.removeprefix("\\") in (*_ACCENTS, *_FONTS):
            rest = rest[1:]
        if not rest or not (rest[0].kind == "word" or rest[0].text in ("{", "(", "[")):
            return None
        derivative = derivative or (len(rest) > 1 and rest[1].text == "'")
        rest = [token for group in _groups(rest)[1:] for token in group]
    while rest:  # scripts and arguments, in any order
        if rest[0].text in ("_", "^"):
            groups = _groups(rest[1:])
            rest = [token for group in groups[1:] for token in group]
        elif rest[0].text in ("(", "["):
            rest = [token for group in _groups(rest)[1:] for token in group]
        elif rest[0].text == "'":
            rest = rest[1:]
        else:
            return None
    words = [token.text for token in side if token.kind == "word"]
    free = tuple(dict.fromkeys(word for word in words if word in names.indices))
    used = frozenset(free)
    return _Head("".join(token.text for token in side), derivative, free, used)


def _is_differential(group: Sequence[Token]) -> bool:
    inside = group[1:-1] if group[0].text == "{" else group
    return bool(inside) and (inside[0].text == "\\partial" or inside[0].text == "d")


def _groups(pieces: Sequence[Token]) -> list[list[Token]]:
    """Split tokens into groups: what stands in braces or parentheses is one, and so is every other token."""
    groups: list[list[Token]] = []
    i = 0
    while i < len(pieces):
        end = _closing(pieces, i) if pieces[i].kind == "mark" and pieces[i].text in _CLOSING else i
        groups.append(list(pieces[i : end + 1]))
        i = end + 1
    return groups


def _closing(pieces: Sequence[Token], opening: int) -> int:
    """Return the place of the mark that closes the one at ``opening``; the last place where there is none."""
    depth = 0
    for i in range(opening, len(pieces)):
        if pieces[i].kind == "mark":
            depth += (pieces[i].text in _CLOSING) - (pieces[i].text in _CLOSING.values())
        if depth == 0:
            return i
    return len(pieces) - 1


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

    def expect(self, text: str, after: str) -> None:
        if not self.take(text):
            self.refuse(f"{text} is missing after {after}")

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
        end = _closing(self.pieces, self.at)
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
        stops = (*_CLOSING.values(), "|", "\\|", ",", ";", ":", "&", "\\\\", "\\end", *RELATIONS, *REFUSED_RELATIONS)
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
        if token.kind == "word" or token.text.removeprefix("\\") in (*_ACCENTS, *_FONTS):
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
            end = _closing(self.pieces, self.at)
            if self.pieces[end].text != _CLOSING[token.text]:
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
            end = _closing(self.pieces, self.at)
            if self.pieces[end].text != _CLOSING[token.text]:
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
        end = _closing(self.pieces, self.at)
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
                end = _closing(self.pieces, self.at)
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
        groups = _groups(self.pieces[self.at + 1 :])
        if len(groups) >= 2 and all(_is_differential(group) for group in groups[:2]):
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
        end = _closing(self.pieces, self.at)
        opening = self.pieces[self.at]
        if self.pieces[end].text != _CLOSING[opening.text]:
            self.refuse(f"{opening.text} is never closed", opening)
        inside = self.pieces[self.at + 1 : end]
        self.at = end + 1
        return [self.inner(part).whole() for part in self.separated(inside, opening)]

    def separated(self, pieces: Sequence[Token], opening: Token) -> list[list[Token]]:
        found: list[list[Token]] = [[]]
        for group in _groups(pieces):
            if len(group) == 1 and group[0].text == "," and group[0].kind == "mark":
                found.append([])
            else:
                found[-1] += group
        if not all(found):
            self.refuse("an argument is empty", opening)
        return found

    def cases(self, token: Token) -> Node:
        if _environment(self.pieces, self.at) != "cases":
            self.refuse("this environment is not known here", token)
        end = next((i for i in range(self.at, len(self.pieces)) if self.pieces[i].text == "\\end"), None)
        if end is None:
            self.refuse("\\begin{cases} is never ended", token)
        inside = self.pieces[self.at + _environment_length(self.pieces, self.at) : end]
        self.at = end + _environment_length(self.pieces, end)
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
        elif token.text.removeprefix("\\") in _ACCENTS:
            self.at += 1
            name = f"{self.inner_base(token)}_{_ACCENTS[token.text[1:]]}"
        elif token.text.removeprefix("\\") in _FONTS:
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
            end = _closing(self.pieces, self.at)
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
    return len(pieces) > 2 and pieces[0].text == "(" and _closing(pieces, 0) == len(pieces) - 1


def _is_transpose(pieces: Sequence[Token]) -> bool:
    return len(pieces) == 1 and pieces[0].text in ("\\top", "\\intercal", "T")
