"""Start a page: both languages, its snippet and its places in the navigation, with notes on what is left to write.

The notes (``<!-- write: ... -->``) are for the author; `book check` refuses to publish while one is there.
"""

import csv
import datetime
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template

import yaml

from book.core import store
from book.core.findings import error
from book.core.site import Book, YamlLoader
from book.draw import changes

NAME = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_NAV_ENTRY = re.compile(r"""^(?P<indent> *)- (?:.*:\s+)?["']?(?P<page>[\w./-]+\.md)["']?\s*(?:#.*)?$""")
_NAV_ITEM = re.compile(r"^(?P<indent> *)- ")

TEMPLATES = Path(__file__).parent / "templates"
SNIPPETS = {
    kind: f"{kind.removeprefix('_') or 'snippet'}.py.txt" for kind in ("", "_checks", "_exercises", "_equations")
}
"""The files beside a page's snippet, by the end of their names, and the templates they begin with."""
CITATIONS = "id,authors,year,title,link,place,number,verified,note"
"""The columns of a table of citations."""
CITE = '"write: the source, here and on the pages; verified is opened, or secondary"'


def new(book: Book, name: str, titles: dict[str, str]) -> list[Path]:
    """Start the page ``part/name`` and return the files written; all of them, or none.

    Where ``titles`` has none for a language, a note asks for it.
    """
    if not NAME.fullmatch(name):
        remedy = "write part/name in small letters, digits and hyphens, such as algorithms/training-loop"
        raise error(f"{name!r} is no name for a page", remedy)
    if (part := name.partition("/")[0]) in (*book.languages, "notebooks"):
        raise error(f"{part}/ is a part of the site already", "choose another part for the new page")
    snippet, equation, source = name.replace("-", "_"), name.replace("/", "-"), f"https://example.org/{name}"
    values = {"name": name, "snippet": snippet, "equation": equation, "source": source}
    files = {book.snippets / f"{snippet}{kind}.py": _filled(template, values) for kind, template in SNIPPETS.items()}
    for language in book.languages:
        title = titles.get(language) or book.words(language, "new-page")["title"]
        own = {"title": title, "quoted_title": json.dumps(title, ensure_ascii=False), "anchor": name.partition("/")[2]}
        template = f"page.{language}.md" if (TEMPLATES / f"page.{language}.md").is_file() else "page.en.md"
        files[book.page_file(language, name)] = _filled(template, values | own)
    for file in files:
        if file.exists():
            raise error("this file is already there", "choose another name for the new page", book.shown(file))
    citations = book.data / "citations.csv"
    table = citations.read_text(encoding="utf-8") if citations.is_file() else CITATIONS
    cited = {"id": equation, "authors": CITE, "link": source}
    row = ",".join(cited.get(column, "") for column in table.partition("\n")[0].split(","))
    files[citations] = f"{table.rstrip()}\n{row}\n"
    new = changes.file(book)
    if new.is_file():  # what readers hear of a new page, to be said better
        change = {"date": datetime.date.today().isoformat(), "page": name}
        change |= {each: titles.get(each, "") for each in book.languages}  # `check` refuses a change that says nothing
        table = new.read_text(encoding="utf-8").rstrip()
        out = io.StringIO()
        columns = table.partition("\n")[0].split(",")
        csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="").writerow(change)
        files[new] = f"{table}\n{out.getvalue()}\n"
    for language in book.languages:
        config = book.config_file(language)
        text = config.read_text(encoding="utf-8")
        files[config] = with_nav_entry(text, name, book.words(language, "new-page")["part"], config.name)
    with store.writing(name):
        store.write_all({file: content.encode() for file, content in files.items()})
    return list(files)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with its ``$names`` filled in."""
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)


def with_nav_entry(text: str, name: str, part: str, shown: str) -> str:
    """Return a configuration with a page added to its navigation, everything else as it was.

    The page comes after the last one of its part. A new part becomes a section before the last one, which is about
    the book itself. The entry has no title: MkDocs takes it from the page.
    """
    lines = text.split("\n")
    start = next((i for i, line in enumerate(lines) if re.match(r"nav:\s*(#.*)?$", line)), None)
    if start is None:
        raise error("there is no list `nav:` to add the page to", "add one", shown)
    inside = range(start + 1, _end(lines, start + 1))
    entries = [(i, match) for i in inside if (match := _NAV_ENTRY.match(lines[i]))]
    items = [(i, len(match["indent"])) for i in inside if (match := _NAV_ITEM.match(lines[i]))]
    if not items:
        raise error("the list `nav:` is empty", "add an entry by hand", shown, start + 1)
    of_part = [(i, match) for i, match in entries if match["page"].startswith(name.partition("/")[0] + "/")]
    if of_part:
        at, last = of_part[-1]
        lines.insert(at + 1, f"{last['indent']}- {name}.md")
    else:
        top = min(indent for _, indent in items)
        deeper = next((indent for _, indent in items if indent > top), top + 4)
        at = [i for i, indent in items if indent == top][-1]
        while lines[at - 1].lstrip().startswith("#"):
            at -= 1  # a comment belongs to what stands below it
        lines[at:at] = [f"{' ' * top}- {json.dumps(part, ensure_ascii=False)}:", f"{' ' * deeper}- {name}.md"]
    result = "\n".join(lines)
    if json.dumps(yaml.load(result, YamlLoader)["nav"]).count(f'"{name}.md"') != 1:
        raise error(f"cannot add {name}.md to the list `nav:`", "add it by hand, then start the page anew", shown)
    return result


def _end(lines: list[str], start: int) -> int:
    """Return the index after the last line of the list that starts at an index."""
    for i in range(start, len(lines)):
        if lines[i] and not lines[i].startswith((" ", "- ", "#")):
            return i
    return len(lines)
