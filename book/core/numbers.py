"""Numbers as people write them: found in a text, and what they amount to.

``find`` reads digits of any script with separators, exponents and powers (``60,000``, ``1.75e11``, ``10^9``), scales
(``175 billion``, ``1750 亿``, ``671B``), number words, fractions and percentages; the words of every language are in
``book/words``. It is no judge of what a number means: ``book.check.numbers`` is.

    find("百分之九十八, ninety-eight percent, 98 %", words(book))    # three times 0.98
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from book.core.site import Book

_SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉", "0123456789-0123456789")
_GROUPED = r"\d{1,3}(?:[,，_\u00a0\u2009\u202f]\d{3})+(?!\d)"
_NUMERAL = rf"(?:(?:{_GROUPED}|\d+)(?:[.．]\d+)?|[.．]\d+)(?:[eE][+-]?\d+)?"
_POWER = r"(?:(?:\^|\*\*)\{?[-−]?\d{1,6}\}?|[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
_BEFORE = r"(?<![A-Za-z\d_])(?<!\d[.．])(?<!\ue000×)"
"""A number is no part of a name (H100), of a version (2.7.0), or of an inline value times a power of ten."""


@dataclass(frozen=True)
class Number:
    """A number in a text.

    Attributes:
        start: where it begins.
        end: where it ends, its unit included.
        text: as it is written.
        value: what it amounts to; a percentage is a fraction of 1.
        unit: its unit, where that is one of those that the words name; ``/`` for a fraction.
    """

    start: int
    end: int
    text: str
    value: float
    unit: str


@dataclass(frozen=True)
class Words:
    """How numbers are written in words.

    Attributes:
        digits: values of words that begin a number.
        scales: values of those that multiply what stands before them.
        parts: denominators (``third``).
        units: what is measured, with the factor that makes a fraction of it: 0.01 for a percentage, else 1.
        divided: pattern of what stands between a denominator and its numerator.
        point: pattern of what stands for a decimal point.
        filler: pattern of what may stand within a number and makes it a lower bound.
        vague: pattern of what makes no number of what follows (``数十``).
        other: pattern of words that begin like a number and are none.
    """

    digits: Mapping[str, float]
    scales: Mapping[str, float]
    parts: Mapping[str, float]
    units: Mapping[str, float]
    divided: str
    point: str
    filler: str
    vague: str
    other: str

    def __hash__(self) -> int:
        return hash(tuple(self.digits))


def words(book: Book) -> Words:
    """Return how numbers are written in the languages of the book."""
    sections = [book.words(language, "numbers") for language in book.languages]

    def listed(kind: str) -> dict[str, float]:
        return _values(",".join(section[kind] for section in sections))

    def pattern(kind: str) -> str:
        return "|".join(section[kind] for section in sections)

    return Words(
        listed("digits"), listed("scales"), listed("parts"), listed("units"),
        pattern("divided"), pattern("point"), pattern("filler"), pattern("vague"), pattern("other"),
    )  # fmt: skip


@lru_cache(maxsize=16)
def _values(listed: str) -> dict[str, float]:
    pairs = (entry.rsplit(maxsplit=1) for entry in listed.split(",") if entry.strip())
    return {word.strip(): float(Fraction(value)) for word, value in pairs}


def find(text: str, known: Words) -> Iterator[Number]:
    """Yield the numbers of a text in its order."""
    for match in _pattern(known).finditer(text):
        part = match.groupdict()
        unit = (part["unit"] or "").strip(" -\u00a0")
        if part["small"]:
            value = float(part["small"].translate(_SUPERSCRIPT))
        elif part["sign"]:
            value = unicodedata.numeric(part["sign"], 0.0)
            unit = unit or ("" if value.is_integer() else "/")
        elif part["below"]:
            value, unit = _divided(_amount(part["above"], known), _amount(part["below"], known)), "/"
        elif name := part["part"] or part["tenth"]:
            value, unit = _amount(part["parts"] or part["tenths"], known) / known.parts.get(name.casefold(), 1), "/"
        elif part["over"]:
            value = _divided(_amount(part["under"], known), _amount(part["over"], known))
            unit = unit or "/"
        else:
            value = _amount(part["amount"], known)
            unit = unit or ("/" if 0 < value < 1 and match[0][0].isalpha() else "")
        yield Number(*match.span(), match[0].strip(), value * known.units.get(unit.casefold(), 1), unit)


def _divided(above: float, below: float) -> float:
    return above / below if below else math.nan


@lru_cache(maxsize=4)
def _pattern(known: Words) -> re.Pattern[str]:
    def one_of(listed: Mapping[str, float], latin: bool) -> str:
        chosen = [re.escape(word) for word in sorted(listed, key=len, reverse=True) if word.isascii() == latin]
        return "|".join(chosen) or r"(?!)"

    kinds = {name: listed for name, listed in vars(known).items() if isinstance(listed, dict)}
    plain, other = ({name: one_of(listed, latin) for name, listed in kinds.items()} for latin in (True, False))
    numeral = rf"{_NUMERAL}(?:\s?[×·*]\s?10{_POWER}|{_POWER})?"
    begins, grows = plain["digits"], plain["scales"]
    latin = rf"(?<![\w-])(?:{begins})(?:[ -](?:{begins})|[ -](?:{grows})(?:[ ]and[ ](?:{begins}))?)*"
    latin += rf"(?:(?:{known.point})(?:[ -]?(?:{begins}))+)?(?!\w)"
    scale = rf"(?!(?:{known.other}))(?:{known.filler})?(?:{other['scales']})"
    digit = rf"(?:{other['digits']})"
    han = rf"(?<!{known.vague})(?!(?:{known.other})){digit}(?:{digit}|{scale})*(?:(?:{known.point}){digit}+)?"
    scales = rf"(?:(?-i:[KkMBT])(?!\w)|[ \u00a0-]?(?:{plain['scales']})(?!\w)|[ \u00a0]?{scale})*"
    amount = rf"{_BEFORE}{numeral}{scales}|{latin}|{han}"
    whole = rf"{numeral}|{han}|(?:{other['scales']})+"
    chars = "".join(word[0] for word in (*known.digits, *known.scales) if not word.isascii())
    first = "".join({word[0] for word in known.digits if word.isascii()})
    return re.compile(  # what no number begins with is passed over first: most of a text is such
        rf"(?=[\d.．¼-¾⅐-ↈ①-⓿❶-➓㉑-㊿⁰¹²³⁴-⁹₀-₉{chars}]|(?<![\w-])[{first}])(?:(?P<below>{whole})(?:{known.divided})(?P<above>{whole})"
        rf"|(?:(?P<sign>[¼-¾⅐-ↈ①-⓿❶-➓㉑-㉟㊱-㊿])|(?<![\w)\]}}⁻₋])(?P<small>[⁰¹²³⁴-⁹₀-₉]+)"
        rf"|(?<![\w-])(?P<parts>{plain['digits']})[ -](?P<part>{plain['parts']})s?(?!\w)"
        rf"|(?P<tenths>{digit})(?P<tenth>{other['parts']})"
        rf"|{_BEFORE}(?<!/)(?P<under>{_NUMERAL})\s?[/⁄／]\s?(?P<over>{_NUMERAL})(?![\w/])"
        rf"|(?P<amount>{amount})))"
        rf"(?P<unit>[\s-]?(?:(?:{plain['units']})(?![A-Za-z-])|{other['units']}))?",
        re.IGNORECASE,
    )


def _amount(text: str, known: Words) -> float:
    """Return what digits and words amount to: each scale multiplies all that is smaller than it to its left."""
    match = re.match(rf"(?P<numeral>{_NUMERAL})(?:\s?[×·*]\s?(?P<ten>10))?(?P<power>{_POWER})?", text)
    sums: list[float] = []
    if match:
        base = float(re.sub(r"[,，_\s]", "", match["numeral"]).replace("．", "."))
        exponent = int((match["power"] or "1").translate(_SUPERSCRIPT).strip("^*{}").replace("−", "-"))
        if match["ten"]:
            base *= 10.0 ** max(-300, min(300, exponent))
        elif match["power"]:
            base = base**exponent if base and abs(exponent) * math.log10(base + 2) < 300 else math.inf
        sums, text = [base], text[match.end() :]
    whole, *rest = re.split(known.point, text, maxsplit=1, flags=re.IGNORECASE)
    tokens = re.findall(_tokens(known), whole, re.IGNORECASE)
    values = [{**known.scales, **_SUFFIXES, **known.digits}.get(token.casefold(), 0) for token in tokens]
    if not match and len(tokens) > 1 and max(values) < 10:  # digit by digit, as years are read
        return float("".join(f"{value:.0f}" for value in values))
    for token, value in zip(tokens, values, strict=True):
        scale = _SUFFIXES.get(token.casefold()) or known.scales.get(token.casefold())
        if scale and sums:
            kept = [] if match else [one for one in sums if one >= scale]
            sums = [*kept, (sum(sums) - sum(kept) or 1) * scale]
        else:
            sums.append(value)
    decimals = re.findall(_tokens(known), "".join(rest), re.IGNORECASE)
    return sum(sums) + float("0." + "".join(f"{known.digits.get(digit.casefold(), 0):.0f}" for digit in decimals) + "0")


@lru_cache(maxsize=4)
def _tokens(known: Words) -> str:
    return "|".join([*map(re.escape, sorted((*known.digits, *known.scales), key=len, reverse=True)), "[KMBT]"])
