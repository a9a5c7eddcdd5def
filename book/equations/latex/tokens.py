"""The pieces that LaTeX is made of, without what only serves its looks: spaces, fonts, sizes of brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
FONTS = ("mathbf", "boldsymbol", "bm", "mathcal", "mathbb", "mathsf", "mathit", "vec", "mathfrak")
_UPRIGHT = ("mathrm", "operatorname", "operatorname*", "text", "textrm", "mbox", "textit", "textbf")
ACCENTS = {
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
CLOSING = {"(": ")", "[": "]", "\\{": "\\}", "{": "}", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}


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
            if name in _UPRIGHT or (name in FONTS and re.match(r"\s*\{[A-Za-z]{2,}\}", tex[at:])):
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


def is_differential(group: Sequence[Token]) -> bool:
    r"""Tell whether a group is a differential, such as ``\partial x`` or ``{dx}``."""
    inside = group[1:-1] if group[0].text == "{" else group
    return bool(inside) and (inside[0].text == "\\partial" or inside[0].text == "d")


def split_groups(pieces: Sequence[Token]) -> list[list[Token]]:
    """Split tokens into groups: what stands in braces or parentheses is one, and so is every other token."""
    groups: list[list[Token]] = []
    i = 0
    while i < len(pieces):
        end = closing(pieces, i) if pieces[i].kind == "mark" and pieces[i].text in CLOSING else i
        groups.append(list(pieces[i : end + 1]))
        i = end + 1
    return groups


def closing(pieces: Sequence[Token], opening: int) -> int:
    """Return the place of the mark that closes the one at ``opening``; the last place where there is none."""
    depth = 0
    for i in range(opening, len(pieces)):
        if pieces[i].kind == "mark":
            depth += (pieces[i].text in CLOSING) - (pieces[i].text in CLOSING.values())
        if depth == 0:
            return i
    return len(pieces) - 1


def environment(pieces: Sequence[Token], at: int) -> str:
    """Return the name of the environment that begins or ends at a token."""
    after = at + 2
    while after < len(pieces) and pieces[after].text != "}":
        after += 1
    return "".join(token.text for token in pieces[at + 2 : after])


def environment_length(pieces: Sequence[Token], at: int) -> int:
    """Return how many tokens the beginning or end of an environment takes."""
    return next(i for i in range(at, len(pieces)) if pieces[i].text == "}") - at + 1
