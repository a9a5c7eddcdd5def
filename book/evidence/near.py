"""How near to each other two values, texts or pictures are: what is no number to the letter, numbers within a reach."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a build that draws pages need not load it
    from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Near:
    """What may lie between two numbers that are to be the same.

    Attributes:
        relative: share of the larger; 0 means equal to the last bit, infinity that only the form is compared.
        residue: what may lie between them in any case: what rounding leaves where the exact result is zero.
        drawn: share of a drawing's size by which its lines may be moved.
        whole: whether whole numbers may differ, too.
    """

    relative: float = 0
    residue: float = 0
    drawn: float = 0
    whole: bool = False

    def numbers(self, old: float, new: float) -> bool:
        """Tell whether two numbers are the same; NaN is the same as NaN."""
        if isinstance(old, int) and isinstance(new, int) and not self.whole:
            return old == new
        if old == new or (math.isnan(old) and math.isnan(new)):
            return math.copysign(1, old) == math.copysign(1, new) or self.relative > 0
        apart = abs(old - new)
        return self.relative == math.inf or apart <= max(self.relative * max(abs(old), abs(new)), self.residue)

    def printed(self, old: str, new: str) -> bool:
        """Tell whether two numbers in a text are the same: apart from rounding, one unit in their last place."""
        if not self.relative or old == new:
            return old == new
        (a, last), (b, other) = _as_number(old), _as_number(new)
        return self.numbers(a, b) or ("." in old + new and abs(a - b) <= 1.001 * min(last or other, other or last))


EXACT = Near()
FORM = Near(math.inf, math.inf, math.inf, whole=True)
"""Where values are measured: a number must be a number, and whatever stands around it is the same."""


# --- Values ---------------------------------------------------------------------------------------------------------


Samples = Callable[[Sequence[float], Sequence[float]], bool]


def values(name: str, old: Any, new: Any, near: Near, samples: Samples | None = None) -> Iterator[str]:
    """Yield what differs between two values of a snapshot: numbers, texts, lists and dictionaries of such.

    ``samples`` tells whether two lists of numbers say the same; by default they do number by number.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        yield from names(name, old, new, lambda key: values(f"{name}[{key!r}]", old[key], new[key], near, samples))
    elif samples and _is_sample(old) and _is_sample(new):
        if not samples(old, new):
            yield f"{name} is {str(new)[:200]}, the record has {str(old)[:200]}"
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            yield f"{name} has {len(new)} items, the record has {len(old)}"
        for i, (a, b) in enumerate(zip(old, new, strict=False)):
            yield from values(f"{name}[{i}]", a, b, near, samples)
    elif _is_number(old) and _is_number(new):
        if not near.numbers(old, new) or (type(old) is not type(new) and not near.relative):
            yield f"{name} is {new!r}, the record has {old!r}"
    elif type(old) is not type(new) or old != new:
        yield f"{name} is {new!r}, the record has {old!r}"


def names(
    what: str, old: Mapping[str, Any], new: Mapping[str, Any], same: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    """Yield which names are gone or new, and what ``same`` finds of those that both have."""
    for key in {**old, **new}:
        shown = f"{what}[{key!r}]" if what else key
        if key not in new:
            yield f"{shown} is gone (it was {old[key]!r})"
        elif key not in old:
            yield f"{shown} is {new[key]!r}, the record does not have it"
        else:
            yield from same(key)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_sample(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


# --- Texts ----------------------------------------------------------------------------------------------------------

NUMBER = re.compile(
    r"(?:(?<!\w)[-+−])?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d*)?(?:e[-+]?\d+)?|(?<!\w)[-−]?\b(?:nan|inf)\b", re.I
)
Spans = Iterable[tuple[int, int]]
"""Extents of a text, in characters."""


def texts(old: str, new: str, near: Near, free: Callable[[str], Spans] = lambda text: ()) -> Iterator[str]:
    """Yield what differs between two texts, line by line.

    Args:
        old: what is recorded.
        new: what came out now.
        near: for the numbers in them; where they may differ, so may the spaces that align them.
        free: returns where in a text numbers may be anything.
    """
    if old == new:
        return
    a, b = ([*_lines(text, [*free(text)])] for text in (old, new))
    if len(a) != len(b):
        yield f"has {len(b)} lines, the record has {len(a)}"
    for number, ((before, parts), (after, others)) in enumerate(zip(a, b, strict=False), 1):
        if len(parts) != len(others) or not all(map(_same_part, parts, others, [near] * len(parts))):
            yield f"line {number} is {after.strip()[:200]!r}, the record has {before.strip()[:200]!r}"


_Part = tuple[str, str, bool]
"""What stands before a number, the number, and whether that may be any."""


def _lines(text: str, free: list[tuple[int, int]]) -> Iterator[tuple[str, list[_Part]]]:
    start = 0
    for line in text.splitlines(keepends=True):
        parts, end = [], 0
        for match in NUMBER.finditer(line):
            is_free = any(a <= start + match.start() and start + match.end() <= b for a, b in free)
            parts.append((line[end : match.start()], match[0], is_free))
            end = match.end()
        yield line, [*parts, (line[end:], "", False)]
        start += len(line)


def _same_part(old: _Part, new: _Part, near: Near) -> bool:
    (before, a, is_free), (after, b, _) = old, new
    if near.relative or is_free:
        before, after = (" ".join(text.split(" ")).strip(" ") for text in (before, after))
        before, after = (re.sub(" +", " ", text) for text in (before, after))
    return before == after and bool(a) == bool(b) and (is_free or near.printed(a, b))


def _as_number(written: str) -> tuple[float, float]:
    """Return a written number, and one unit in its last place; 0 where that is not known."""
    plain = written.replace(",", "").replace("−", "-").lower()
    mantissa, _, exponent = plain.partition("e")
    if not plain.lstrip("+-")[:1].isdigit():
        return float(plain), 0
    places = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return (float(plain) if "." in plain or exponent else int(plain)), 10.0**-places


# --- Drawings -------------------------------------------------------------------------------------------------------

_REFERENCE = re.compile(r"^#(.+)$|url\(#([^)]+)\)")
_PLACES = {"d", "points", "transform", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"}
_PIXELS = "data:image/"


def drawings(old: bytes, new: bytes, near: Near) -> Iterator[str]:
    """Yield what differs between two SVG: elements, labels, colors to the letter, lines within a share of the size.

    Ids are ignored: what refers to them must refer to the same element. Of measured values only words and colors count.
    """
    from defusedxml.ElementTree import fromstring

    if old == new:
        return
    try:
        before, after = fromstring(old), fromstring(new)
    except (SyntaxError, ValueError) as problem:  # no XML, or such as would fill the memory
        yield f"cannot be read: {problem}"
        return
    if near.drawn == math.inf:
        yield from _looks(before, after)
        return
    size = max([float(part) for part in before.get("viewBox", "0 0 100 100").split()[2:]])
    places = [{each.get("id"): i for i, each in enumerate(root.iter())} for root in (before, after)]
    pairs = [*zip_longest(before.iter(), after.iter())]
    unlike = [(a, b) for a, b in pairs if a is None or b is None or _tag(a) != _tag(b)]
    for a, b in (*unlike, *((a, b) for a, b in pairs if not unlike and len(a) != len(b))):
        yield f"has other elements: {_described(b)}, the record has {_described(a)}"
        return
    for a, b in pairs:
        for difference in texts((a.text or "").strip(), (b.text or "").strip(), near):
            yield difference.replace("line 1 is", "the label is" if _tag(a) == "text" else f"<{_tag(a)}> is")
        for name in {**a.attrib, **b.attrib}:
            u, v = a.get(name, ""), b.get(name, "")
            if u != v and name != "id" and not _same_attribute(name, u, v, places, near, size):
                yield f"{name} of {_described(b)} is {v[:80]!r}, the record has {u[:80]!r}"


def _same_attribute(name: str, old: str, new: str, places: list[dict[Any, int]], near: Near, size: float) -> bool:
    if (a := _REFERENCE.search(old)) and (b := _REFERENCE.search(new)):
        return places[0].get(a[1] or a[2], -1) == places[1].get(b[1] or b[2], -2)
    if old.startswith(_PIXELS) and new.startswith(_PIXELS):
        from base64 import b64decode

        before, after = (b64decode(each.partition(",")[2]) for each in (old, new))
        return not any(pixels(before, after, near))
    if name not in _PLACES:
        return False
    u, v = ([float(each) for each in NUMBER.findall(written)] for written in (old, new))
    if NUMBER.sub("", old) == NUMBER.sub("", new):
        return all(abs(one - other) <= near.drawn * size for one, other in zip(u, v, strict=True))
    return name == "d" and _apart(u, v) <= near.drawn * size


def _apart(old: list[float], new: list[float]) -> float:
    """Return how far two paths are apart that have other corners: the largest distance from one to the other's next."""
    import numpy as np

    if len(old) % 2 or len(new) % 2 or not old or not new:
        return math.inf
    a, b = (np.reshape(numbers, (-1, 2)) for numbers in (old, new))
    distances = np.linalg.norm(a[:, None] - b[None], axis=2)
    return float(max(distances.min(axis=0).max(), distances.min(axis=1).max()))


def _looks(old: Element, new: Element) -> Iterator[str]:
    for what, look in (("labels", _words), ("colors", _colors)):
        a, b = look(old), look(new)
        if a != b:
            yield f"has the {what} {sorted(b - a)}, the record has {sorted(a - b)}"


def _words(root: Element) -> set[str]:
    found = (NUMBER.sub("0", "".join(each.itertext())).strip() for each in root.iter() if _tag(each) == "text")
    return {word for word in found if re.search(r"[^\W\d_]", word)}


def _colors(root: Element) -> set[str]:
    return {color for each in root.iter() for color in re.findall(r"#[0-9a-f]{3,8}\b", each.get("style", ""))}


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _described(element: Element | None) -> str:
    if element is None:
        return "nothing"
    return f"<{_tag(element)}>" + (f" {element.text.strip()!r}" if element.text and element.text.strip() else "")


# --- Pixels ---------------------------------------------------------------------------------------------------------


def pixels(old: bytes, new: bytes, near: Near) -> Iterator[str]:
    """Yield what differs between two pictures of pixels: their size, or their colors on the average."""
    if old == new or near.drawn == math.inf:
        return
    import numpy as np
    from PIL import Image, ImageSequence

    opened = [ImageSequence.Iterator(Image.open(io.BytesIO(raw))) for raw in (old, new)]
    frames = [[np.asarray(frame.convert("RGBA"), float) / 255 for frame in each] for each in opened]
    shapes = [(len(each), *each[0].shape[1::-1]) for each in frames]
    if shapes[0] != shapes[1]:
        yield "has {} pictures of {} x {} pixels, ".format(*shapes[1]) + "the record {} of {} x {}".format(*shapes[0])
    elif (apart := max(float(np.abs(a - b).mean()) for a, b in zip(*frames, strict=True))) > near.drawn:
        yield f"differs by {apart:.2%} of the brightness on the average"


def contents(old: bytes, new: bytes, near: Near) -> Iterator[str]:
    """Yield that two files differ whose content cannot be compared otherwise."""
    if old != new and near.drawn != math.inf:
        yield "is another file"
