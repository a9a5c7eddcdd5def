"""The pieces that LaTeX is made of, without what only serves its looks: spaces, fonts, sizes of brackets."""

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

    def says(self, *texts: str) -> bool:
        """Tell whether it is one of these marks and commands, and not a word or text that looks like one."""
        return self.text in texts and self.kind in ("mark", "command")


_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "ell", "Gamma", "Delta", "Theta", "Lambda",
    "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
})  # fmt: skip
_VARIANTS = {f"var{name}": name for name in ("epsilon", "theta", "pi", "rho", "sigma", "phi", "kappa")}
_UPRIGHT = ("mathrm", "operatorname", "operatorname*", "text", "textrm", "mbox", "textit", "textbf")
_FONTS = ("mathbf", "boldsymbol", "bm", "mathcal", "mathbb", "mathsf", "mathit", "vec", "mathfrak")
STYLES = {f"\\{font}": "" for font in _FONTS} | {
    "\\hat": "_hat", "\\widehat": "_hat", "\\bar": "_bar", "\\overline": "_bar", "\\tilde": "_tilde",
    "\\widetilde": "_tilde", "\\dot": "_dot", "\\check": "_check",
}  # fmt: skip
"""Fonts and accents to what they add to the name of the symbol that they stand on."""
CHAINS = ("aligned", "align", "align*", "split", "gathered", "equation", "equation*")
"""Environments around a whole equation."""
CLOSING = {
    "(": ")", "[": "]", "\\{": "\\}", "{": "}", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil",
    **{f"\\begin{{{name}}}": f"\\end{{{name}}}" for name in (*CHAINS, "cases")},
}  # fmt: skip
_FENCES = {
    "\\lvert": "|", "\\rvert": "|", "\\vert": "|", "\\mid": "|", "\\lVert": "\\|", "\\rVert": "\\|", "\\Vert": "\\|",
    "\\lbrace": "\\{", "\\rbrace": "\\}", "\\lbrack": "[", "\\rbrack": "]",
}  # fmt: skip
_MARKS = {*CLOSING, *CLOSING.values(), "|", "\\|"}
_SPACE = re.compile(
    r"(?:\s|~|%[^\n]*\n|\\[,;:!> ]|\\(?:q?quad|displaystyle|textstyle|limits|nolimits|nonumber|left|right|middle|"
    r"[bB]igg?[lrm]?)(?![A-Za-z]))+"
)
_TOKEN = re.compile(
    r"(?P<number>\d+(?:\{,\}\d{3})*(?:\.\d+)?|\.\d+)|(?P<environment>\\(?:begin|end)\s*\{[A-Za-z]+\*?\})"
    r"|(?P<command>\\(?:[A-Za-z]+\*?|[{}|\\#$%&_]))|(?P<word>[A-Za-z])|(?P<mark>:=|[-+*/^_{}()\[\]|=<>,;!'&.:])"
)
_PLAIN_BRACES = re.compile(r"\s*\{([^{}]*)\}")
_NAME_IN_BRACES = re.compile(r"\s*\{[A-Za-z]{2,}\}")


def tokens(tex: str) -> list[Token]:
    """Split LaTeX into tokens; TexError where a character or environment cannot be read, or brackets do not match."""
    pieces: list[Token] = []
    opened: list[Token] = []
    at = 0
    while True:
        if space := _SPACE.match(tex, at):
            at = space.end()
        if at >= len(tex):
            break
        match = _TOKEN.match(tex, at)
        if not match:
            raise TexError(f"cannot read {tex[at]!r}", tex, at)
        start, at = at, match.end()
        kind, text = match.lastgroup or "", match[0]
        if kind == "number":
            text = text.replace("{,}", "")
        elif kind in ("command", "environment"):
            kind, text, at = _command(re.sub(r"\s", "", text), tex, at)
        piece = Token(kind, text, start)
        if text.startswith(("\\begin", "\\end")) and kind == "command":
            raise TexError("this environment is not known here", tex, start)
        if piece.says(*CLOSING):
            opened.append(piece)
        elif piece.says(*CLOSING.values()) and (not opened or CLOSING[opened.pop().text] != text):
            raise TexError(f"cannot read on from {text!r}", tex, start)
        pieces.append(piece)
    if opened:
        raise TexError(f"{opened[-1].text} is never closed", tex, opened[-1].at)
    return pieces


def _command(command: str, tex: str, at: int) -> tuple[str, str, int]:
    """Return the kind and the text of a command's token, and where it ends."""
    name = command[1:]
    if name in _UPRIGHT or (name in _FONTS and _NAME_IN_BRACES.match(tex, at)):
        inside = _PLAIN_BRACES.match(tex, at)
        if not inside:
            raise TexError("braces with plain text belong here", tex, at)
        text = inside[1].strip()
        return "word" if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", text) else "text", text, inside.end()
    if name in _GREEK or name in _VARIANTS:
        return "word", _VARIANTS.get(name, name), at
    text = _FENCES.get(command, command)
    return "mark" if text in _MARKS else "command", text, at


def closing(pieces: Sequence[Token], opening: int) -> int:
    """Return the place of the mark that closes the one at ``opening``."""
    depth = 0
    for place in range(opening, len(pieces)):
        depth += pieces[place].says(*CLOSING) - pieces[place].says(*CLOSING.values())
        if depth == 0:
            return place
    raise AssertionError("tokens() lets no bracket pass that is never closed")


def split_groups(pieces: Sequence[Token]) -> list[list[Token]]:
    """Split tokens into groups: what stands in brackets is one, and so is every other token."""
    groups: list[list[Token]] = []
    at = 0
    while at < len(pieces):
        end = closing(pieces, at) if pieces[at].says(*CLOSING) else at
        groups.append(list(pieces[at : end + 1]))
        at = end + 1
    return groups


def split_at(pieces: Sequence[Token], *marks: str) -> list[list[Token]]:
    """Split tokens at marks that stand in no brackets."""
    split: list[list[Token]] = [[]]
    for group in split_groups(pieces):
        if group[0].says(*marks):
            split.append([])
        else:
            split[-1] += group
    return split


def without_trailing(pieces: Sequence[Token], *marks: str) -> list[Token]:
    """Return tokens without the marks that end them."""
    end = len(pieces)
    while end and pieces[end - 1].says(*marks):
        end -= 1
    return list(pieces[:end])


def is_differential(group: Sequence[Token]) -> bool:
    r"""Tell whether a group is a differential, such as ``\partial x`` or ``{dx}``."""
    inside = group[1:-1] if group[0].text == "{" else group
    return bool(inside) and inside[0].text in ("\\partial", "d")
