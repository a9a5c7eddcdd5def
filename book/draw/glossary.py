"""The book's terms in both languages (``docs/data/glossary.csv``): the one the book uses, those it avoids, its meaning.

``book.prose`` holds the pages to them; ``<!-- glossary -->`` draws them.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from book.core import store
from book.core.findings import Finding, error
from book.core.site import Book, rows
from book.draw import tables
from book.draw.tables import Cell, text


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes:
        words: the word to use, by language.
        avoid: words not to use for it, by language.
        definitions: what it means in a sentence, by language.
        note: why other words are avoided, for authors.
        line: line of the table.
    """

    words: dict[str, str]
    avoid: dict[str, tuple[str, ...]]
    definitions: dict[str, str]
    note: str
    line: int

    @property
    def anchor(self) -> str:
        """Id of the term on the page that lists it, the same in every language: its word in the last one."""
        return "term-" + re.sub(r"[^a-z0-9]+", "-", [*self.words.values()][-1].lower()).strip("-")


def file(book: Book) -> Path:
    """Return where the table lies."""
    return book.root / "docs" / "data" / "glossary.csv"


@store.cached
def load(book: Book) -> tuple[Term, ...]:
    """Read the table; a book without one has no terms."""
    terms, table = [], file(book)
    columns = [column for each in book.languages for column in (each, f"avoid_{each}", f"{each}_definition")] + ["note"]
    for line, row in rows(table):
        if missing := [name for name in columns if name not in row]:
            remedy = f"its columns are: {', '.join(columns)}"
            raise error(f"the glossary has no column {', '.join(missing)}", remedy, book.shown(table), 1)
        cells = {name: row[name].strip() for name in columns}
        avoid = {
            each: tuple(word.strip() for word in cells[f"avoid_{each}"].split(";") if word.strip())
            for each in book.languages
        }
        words = {each: cells[each] for each in book.languages}
        definitions = {each: cells[f"{each}_definition"] for each in book.languages}
        terms.append(Term(words, avoid, definitions, cells["note"], line))
    return tuple(terms)


def translations(book: Book, language: str) -> list[list[str]]:
    """Return what a reader may look for and the word that a language's pages have for it: pairs, for the search."""
    pairs = [
        [word, term.words[language]]
        for term in load(book)
        for each in book.languages
        for word in (term.words[each], *term.avoid[each])
    ]
    return [pair for pair in pairs if pair[0].lower() != pair[1].lower()]


def findings(book: Book) -> Iterator[Finding]:
    """Yield what is wrong with the table itself."""
    shown = book.shown(file(book))
    first: dict[str, int] = {}
    for term in load(book):
        for what, by_language in (("word", term.words), ("definition", term.definitions)):
            for language in (language for language in book.languages if not by_language[language]):
                yield Finding(shown, term.line, f"the term has no {language} {what}", "add it")
        for word in filter(None, dict.fromkeys(term.words.values())):
            if word in first:
                yield Finding(shown, term.line, f"{word!r} is already in line {first[word]}", "keep one of the two")
            first.setdefault(word, term.line)
    for term in load(book):
        for word in (word for avoid in term.avoid.values() for word in avoid):
            if word in first:
                yield Finding(shown, term.line, f"{word!r} is avoided here and used in line {first[word]}", "decide")


def draw(book: Book, language: str, base: str) -> str:
    """Return the terms as an HTML table, sorted by the word of the page's language."""
    words = book.words(language, "glossary")
    order = [language, *(each for each in book.languages if each != language)]
    terms = (
        load(book)
        if language == book.languages[0]
        else sorted(load(book), key=lambda term: term.words[language].lower())
    )
    lines = [
        [
            Cell(f'<span id="{term.anchor}">{html.escape(term.words[order[0]])}</span>'),
            Cell(f'<span lang="{book.language(order[1]).tag}">{html.escape(term.words[order[1]])}</span>'),
            text(term.definitions[language]),
        ]
        for term in terms
    ]
    columns = [words[order[0]], words[order[1]], words["definition"]]
    return tables.draw("glossary", words["caption"], columns, lines, base=base, searched=True)
