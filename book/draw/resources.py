"""Where to go on reading (``docs/data/resources.csv``): ``<!-- resources -->`` draws every row as an entry of a list.

The list is complete as it stands. The live picture ``resources.js`` shows of it what a reader asks for: each entry
carries what can be asked for, as ``data-KIND`` with a word for it.
"""

import html
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from book.core.site import Book, rows

TABLE = "resources.csv"
FACETS = ("kind", "language", "level", "reach")
"""Columns that a reader can choose by."""


def draw(book: Book, language: str) -> str:
    """Return the resources as lists, one for each kind, in the order of the table, in the language of the page."""
    words: Mapping[str, Any] = book.words(language, "resources")
    lists = []
    for kind, group in groupby((row for _, row in rows(book.data / TABLE)), key=lambda row: row["kind"]):
        entries = "\n".join(_entry(row, language, words) for row in group)
        head = f'<p class="resources-kind" id="resources-{html.escape(kind)}">{html.escape(words["kind"][kind])}</p>'
        lists.append(f'{head}\n<ul class="resources">\n{entries}\n</ul>')
    return "\n".join(lists)


def _entry(row: Mapping[str, str], language: str, words: Mapping[str, Any]) -> str:
    shown = {facet: words[facet][row[facet]] for facet in FACETS}
    facts = [f'<span data-facet="{facet}">{html.escape(shown[facet])}</span>' for facet in FACETS]
    if via := row["reach_via"]:
        link = f'<a href="{html.escape(row["reach_source"])}">{html.escape(words["via"][via])}</a>'
        facts[-1] += words["aside"].format(link)
    facts.append(html.escape(words["license"].get(row["license"], row["license"])))
    facts.append(html.escape(words[row["verified"]].format(row["checked"])))
    data = "".join(f' data-{facet}="{html.escape(row[facet])}"' for facet in FACETS)
    return (
        f'<li{data}><a href="{html.escape(row["link"])}">{html.escape(row[language])}</a>'
        f'<span class="resource-why">{html.escape(row[f"why_{language}"])}</span>'
        f'<span class="resource-facts">{" · ".join(facts)}</span></li>'
    )
