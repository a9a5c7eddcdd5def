"""What the text of a page must not contain: slips of Chinese typography, misspelled English, words the glossary avoids.

Only prose is looked at. Code, inline values, formulas, HTML tags and comments, addresses and attribute lists are
hidden first, each character by one other, so that every finding knows its line.
"""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import autocorrect_py
import spylls  # type: ignore[import-untyped]
from spylls.hunspell import Dictionary  # type: ignore[import-untyped]

from book.core import store
from book.core.findings import Finding
from book.core.markdown import Comment, Fence, Link, Math, Reference
from book.core.page import Page
from book.core.site import Book, files, rows
from book.draw import glossary

NOTE = re.compile(
    r"""<!--\s*write:\s*(?P<html>.*?)\s*-->|^[ ]*\#\ write:\ *(?P<code>[^\n]*)|"""
    r"""(?:[:-]\ |,)["']write:\ *(?P<cell>[^"'\n]*)""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
"""A note from `book new` to the author: in a page, a snippet, or the front matter, navigation and citations."""

HAN = "一-鿿"


_WORD = re.compile(r"(?<![\w/@])[A-Za-z][A-Za-z'’]*(?![\w/@])")
_QUOTED = re.compile(r"“[^”\n]*”|「[^」\n]*」|\"[^\"\n]*\"")


_SLIPS = (
    (
        re.compile(rf"[{HAN}”》）]\s?[,;:!?](?![\[\w/])|[,;:!?]\s?(?=[{HAN}“《（])"),
        "half-width punctuation beside Chinese",
        "write ，；：！？",
    ),
    (re.compile(rf"[{HAN}]\.(?![\w.])|(?:[A-Za-z]{{2}}|\))\.\s?(?=[{HAN}“《（])"), "a half-width period", "write 。"),
    (re.compile(rf"\([^()\n]*[{HAN}][^()\n]*\)|[{HAN}]\s?\([^()\n]*\)"), "half-width parentheses", "write （）"),
    (re.compile(rf'[{HAN}，。；：]"|"[{HAN}]'), "straight quotation marks beside Chinese", "write “ ”"),
    (re.compile(rf"[{HAN}]\s?\.{{3,}}|\.{{3,}}\s?(?=[{HAN}])|。{{2,}}"), "an ellipsis of periods", "write ……"),
    (re.compile(rf"[{HAN}]`|`(?=[{HAN}])"), "no space between Chinese and code", "put a space between them"),
    (re.compile(r"([，。；：、！？])\1"), "a mark of punctuation twice", "write it once"),
)
"""Patterns of Chinese typography that autocorrect does not know, what each is, and what to do."""

_BRITISH = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"is(e|es|ed|ing|er|ers|ation|ations|able)$", r"iz\1"),
        (r"ys(e|es|ed|ing|er|ers)$", r"yz\1"),
        (r"our", "or"),
        (r"re(s|d)?$", r"er\1"),
        (r"ll(ed|ing|er|ers)$", r"l\1"),
        (r"ogue(s)?$", r"og\1"),
        (r"[cs]e(s|d)?$", r"se\1"),
        (r"ey", "ay"),
    )
)
_RULES = json.dumps({"rules": {"space-dollar": 1, "space-bracket": 0, "spellcheck": 0}})
_DICTIONARY = Path(spylls.__path__[0]) / "hunspell" / "data" / "en" / "en_US"
_SHOWN = 10
"""Characters shown on either side of what is wrong."""
_SUGGESTED = 20
"""Misspelled words for which a better one is sought; each takes up to a second."""


def visible(page: Page, text: str) -> list[tuple[int, str]]:
    """Return (line of the page, text) of title and description, and of the lines of a text made of the page's."""
    above = [
        (page.meta_lines[key], str(page.meta[key] or ""))
        for key in ("title", "description")
        if key in page.meta_lines and not NOTE.match(f"- '{page.meta[key]}'")
    ]
    body = ((line.page_line, part) for line, part in zip(page.lines, text.split("\n"), strict=True))
    return [*(pair for each in above for pair in (each, (each[0], ""))), *body]


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield everything that is wrong with the text of a page."""
    checks = {"chinese": typography, "american": spelling}
    if check := checks.get(book.language(page.language).prose):
        yield from check(book, page)
    yield from terminology(book, page)


def notes(book: Book) -> Iterator[Finding]:
    """Yield a finding for each note to the author that is still there."""
    written = [book.config_file(language) for language in book.languages]
    written += [book.page_file(language, name) for language in book.languages for name in book.page_names(language)]
    for file in (*written, *files(book.snippets, "*.py"), *filter(Path.is_file, (book.data / "citations.csv",))):
        text = file.read_text(encoding="utf-8", errors="replace")
        for match in NOTE.finditer(text):
            what = " ".join(next(each for each in match.groups() if each is not None).split())
            line = text.count("\n", 0, match.start(match.lastgroup or 0)) + 1
            problem = f"a note to the author is still here: {what}"
            yield Finding(book.shown(file), line, problem, "do what it says, then delete it")


def typography(book: Book, page: Page) -> Iterator[Finding]:
    """Check the punctuation and the spaces of a Chinese page."""
    autocorrect_py.load_config(_RULES)  # type: ignore[attr-defined]  # its stub lacks it
    shown = book.shown(page.file)
    lines = visible(page, page.scan.blank(Fence, Comment, crossed=(Math,)))
    named = set()
    for slip in autocorrect_py.lint_for("\n".join(text for _, text in lines), "markdown").lines:
        line = lines[slip.line - 1][0]
        named.add(line)
        old, new = _difference(slip.old, slip.new)
        yield Finding(shown, line, f"Chinese typography: “{old}”", f"write “{new}”")
    for line, text in visible(page, page.scan.prose(crossed=True)):
        for pattern, problem, remedy in _SLIPS if line not in named else ():
            if match := pattern.search(text):
                around = text[max(0, match.start() - _SHOWN) : match.end() + _SHOWN].strip()
                yield Finding(shown, line, f"{problem}: “{around}”", remedy)


def _difference(old: str, new: str) -> tuple[str, str]:
    """Return the parts of two lines that differ, with a little around them."""
    before = max(0, _alike(old, new) - _SHOWN)
    after = max(0, min(_alike(old[::-1], new[::-1]), len(old) - before, len(new) - before) - _SHOWN)
    return old[before : len(old) - after], new[before : len(new) - after]


def _alike(a: str, b: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def spelling(book: Book, page: Page) -> Iterator[Finding]:
    """Check every word of an English page: it is in the American dictionary or among the book's own.

    In a paragraph that cites a source, the names and the words of its row in ``citations.csv`` are right, too.
    """
    own, instead = _own_words(book, page.language)
    cited: dict[int, set[str]] = defaultdict(set)
    sources: Sequence[Link | Reference] = page.scan.of(Link, Reference)
    for source in sources:
        if source.target.startswith("http"):
            cited[page.line_of(source)].add(source.target)
    dictionary = _Words(book.cache / "spelling.json")
    suggested = 0

    def known(word: str, also: Container[str] = ()) -> bool:
        forms = {form for each in (word, word.removesuffix("'s").removesuffix("'")) for form in (each, each.lower())}
        return any(each in own or each in also for each in forms) or word in dictionary

    for number, line in visible(page, page.scan.prose()):
        rows = {link: _words_of_sources(book).get(link) for link in cited.get(number, ())}
        also = frozenset[str]().union(*filter(None, rows.values()))
        for match in _WORD.finditer(line):
            word = match[0].replace("’", "'").strip("'")
            better = instead.get(word.lower())
            if better is None and (len(word) == 1 or known(word, also)):
                continue
            if better is None:
                better = next(filter(known, _american(word)), None)
            if better is None and suggested < _SUGGESTED:
                better, suggested = "” or “".join(islice(_dictionary().suggest(word), 3)), suggested + 1
            remedy = f"write “{better}”" if better else "correct it"
            if word.lower() not in instead and (missing := [link for link, row in rows.items() if row is None]):
                remedy += f"; a name in a source: add the row of {missing[0]} to docs/data/citations.csv"
            elif word.lower() not in instead:
                remedy += f"; a name or a term of the field goes into docs/data/{_own_file(page.language)}"
            yield Finding(book.shown(page.file), number, f"“{word}” is not American English", remedy)
    dictionary.keep()


def _american(word: str) -> Iterator[str]:
    """Yield what may be the American form of a British word."""
    return (changed for british, american in _BRITISH if (changed := british.sub(american, word)) != word)


class _Words:
    """Words that the dictionary is known to have: it takes half a second to read, so what it said is kept."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            kept = store.load(file) or {}
        except store.Damaged:
            kept = {}
        self.source = store.file_digest(_DICTIONARY.with_suffix(".dic"))
        self.words = set(kept.get("words", ())) if kept.get("dictionary") == self.source else set()
        self.before = len(self.words)

    def __contains__(self, word: str) -> bool:
        if word not in self.words and _dictionary().lookup(word):
            self.words.add(word)
        return word in self.words

    def keep(self) -> None:
        """Keep the words for the next check."""
        if len(self.words) > self.before:
            store.write(self.file, store.encode({"dictionary": self.source, "words": sorted(self.words)}))


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    """Return Hunspell's dictionary of American English."""
    return Dictionary.from_files(str(_DICTIONARY))


def _own_file(language: str) -> str:
    return f"words_{language}.txt"


@store.cached
def _own_words(book: Book, language: str) -> tuple[frozenset[str], Mapping[str, str]]:
    """Return the words that are right in this book, and those that are wrong in it with what to write instead.

    They are those of its file in ``docs/data`` (``word``, or ``wrong -> right``), of the glossary, and the names of
    the authors cited.
    """
    right = [word for term in glossary.load(book) for word in re.findall(r"[A-Za-z]+", term.words[language])]
    instead = {}
    if (file := book.data / _own_file(language)).is_file():
        entries = (line.partition("#")[0].strip() for line in store.text(file).splitlines())
        for word, arrow, better in (entry.partition("->") for entry in entries if entry):
            if arrow:
                instead[word.strip().lower()] = better.strip()
            else:
                right.append(word)
    right += re.findall(r"[^\W\d_]+", " ".join(row.get("authors", "") for _, row in rows(book.data / "citations.csv")))
    return frozenset(right), instead


@store.cached
def _words_of_sources(book: Book) -> Mapping[str, frozenset[str]]:
    """Return the names and the words that the rows of each source hold, by its link."""
    found: dict[str, frozenset[str]] = {}
    for _, row in rows(book.data / "citations.csv"):
        words = re.findall(r"[A-Za-z]+(?:'[A-Za-z]+)?", f"{row.get('authors')} {row.get('title')}".replace("’", "'"))
        link = row.get("link", "")
        found[link] = found.get(link, frozenset()) | {*words}
    return found


def terminology(book: Book, page: Page) -> Iterator[Finding]:
    """Check that a page uses the words of the glossary.

    A word within quotation marks is spoken of, not used. A page that has to use one, to explain what it means, names
    it in its front matter: ``mentions: [word]``.
    """
    avoided, pattern = _avoided(book, page.language)
    mentioned = {word.lower() for word in page.meta.get("mentions", ())}
    lines = visible(page, page.scan.prose())
    text = _QUOTED.sub(lambda match: " " * len(match[0]), "\n".join(part for _, part in lines))
    for match in pattern.finditer(text) if avoided else ():
        word = next(part for part in match.groups() if part).lower()
        if word not in mentioned:
            term = avoided[word]
            why = f" ({term.note})" if term.note and page.language == book.languages[0] else ""
            yield Finding(
                book.shown(page.file),
                lines[text.count("\n", 0, match.start())][0],
                f"the glossary avoids “{match[0]}”{why}",
                f"write “{term.words[page.language]}”, or name the word under mentions: in the front matter",
            )


@store.cached
def _avoided(book: Book, language: str) -> tuple[Mapping[str, glossary.Term], re.Pattern[str]]:
    """Return the words that the glossary avoids, with their terms, and a pattern that finds them."""
    avoided = {word.lower(): term for term in glossary.load(book) for word in term.avoid[language]}
    words = sorted(map(re.escape, avoided), key=len, reverse=True)
    plain, other = ("|".join(word for word in words if word.isascii() == ascii) for ascii in (True, False))
    parts = [rf"(?<![\w-])({plain})(?:s|es)?(?![\w-])"] * bool(plain) + [f"({other})"] * bool(other)
    return avoided, re.compile("|".join(parts), re.IGNORECASE)
