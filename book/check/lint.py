"""What a page would show otherwise than it was meant.

Every function yields findings with file, line and remedy; nothing here runs a block.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest

from markdown.util import BLOCK_LEVEL_ELEMENTS

from book.core import markup
from book.core.findings import Finding
from book.core.markdown import (
    ELSEWHERE,
    KINDS,
    Attributes,
    Code,
    Comment,
    Container,
    Fence,
    Footnote,
    Image,
    Indented,
    Math,
    Reference,
    Table,
    Tag,
    Token,
    Value,
)
from book.core.page import Page, section_lines
from book.core.site import CONFIGURATION, Book
from book.core.syntax import nodes
from book.draw import figures, run_report

STATIC_FENCES = ("console", "text", "json", "yaml", "toml", "bibtex")
"""Info strings of fences that only show something."""
DIRECTIVES = (
    "script", "data", "equation", "unchecked", "report", "glossary", "resources", "changes", "sources", "picture",
    "write",
)  # fmt: skip
"""Comments that mean something."""

_INCLUDE = re.compile(r"^[\s>]*;*-+8<-+", re.MULTILINE)
_PRICE = re.compile(r"\d[\d,.]*(?:\s[A-Za-z]{2,}|\s?[一-鿿])")
_OPENS = re.compile(r"\s*(?:!!!|\?\?\?|===|#|<)")
_ITEM = re.compile(r"\s*(?:> ?)*(?:[-*+]|\d+\.)\s+\S")
_DELIMITERS = re.compile(r"\s*(?=[^|]*\|)[-|: ]*-[-|: ]*$")
_MARK = re.compile(r"<[A-Za-z/!?]\S*|(?<!\\)[{}]\S*")
_DEFINITION = re.compile(r"^[ >]*\[[^\]^][^\]\n]*\]:\s*\S+", re.MULTILINE)
_HIDES = re.compile(r"<[A-Za-z/!?]")
_EMPTY_LINE = "put an empty line above it"
_PERCENT = re.compile(r"(?<!\\)%")


def findings(book: Book, page: Page) -> Iterator[Finding]:
    """Yield what is wrong with one page by itself."""
    checks: tuple[Callable[[Book, Page], Iterator[tuple[Token, str, str]]], ...] = (
        _fences, _names, _values, _formulas, _tags, _dress, _comments, _tables, _beginnings, _figure_texts,
    )  # fmt: skip
    for check in checks:
        for token, problem, remedy in check(book, page):
            yield Finding(book.shown(page.file), page.line_of(token), problem, remedy)
    for key in ("title", "description"):
        line = page.meta_lines.get(key, 1)
        if mark := re.search(r'[<>"]', str(page.meta.get(key))):
            problem = f"the {key} holds {mark[0]}, which the head of a page takes for a mark"
            yield Finding(book.shown(page.file), line, problem, "say it without, or with “ and ”")
        if not str(page.meta.get(key) or "").strip():
            yield Finding(book.shown(page.file), 1, f"the front matter has no {key}", f"add a line `{key}: ...`")


def _fences(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse code that would be shown and never run, and code typed into a page."""
    known = f"write exactly one of: {', '.join((*KINDS, *ELSEWHERE, *STATIC_FENCES))}"
    apart = "take it out of the quotation, so that it runs, or give it the info string text"
    for fence in page.scan.of(Fence):
        body = page.lines[fence.line + 1 : fence.last]
        if page.scan.text[fence.start] == "~":
            yield fence, "a ~~~ fence is never run", "write ``` instead"
        elif fence.info not in (*KINDS, *ELSEWHERE, *STATIC_FENCES):
            yield fence, f"the fence ```{fence.info} would slip past execution", known
        elif fence.info in KINDS and not fence.runs:
            yield fence, "this code is shown and never run", apart
        elif fence.is_code and any(line.text.strip() for line in body):
            included = {(line.page_line, line.file) for line in body}
            if len(included) > 1 or not body[0].file:
                remedy = 'put it into a section of a snippet and include that: --8<-- "part/name.py:section"'
                typed = next(line for line in body if len(included) > 1 or not line.file)
                yield _at(page, typed.page_line), "code is typed into the page", remedy
    for code in page.scan.of(Indented):
        remedy = "fence it: ```text, or ```python with an include; indent the rest of a list by 4"
        yield code, "code by indentation is shown and never run", remedy
    for match in _INCLUDE.finditer(page.scan.text):
        line = page.scan.text.count("\n", 0, match.end())
        yield Token(0, 0, line), "this include is shown as it is written", "let its line begin with --8<--"


def _names(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse names that may look like others: with letters that are not of ASCII."""
    for block in page.blocks:
        found = (str(getattr(node, key, "")) for node in nodes(block.python) for key in ("id", "name", "arg", "attr"))
        for name in sorted({name for name in found if not name.isascii()}):
            place = block.snippet_place(1)
            yield _at(page, block.line), f"the name {name!r} may look like another ({place})", "write it in ASCII"


def _at(page: Page, page_line: int) -> Token:
    """Return the place of a line of the page."""
    return Token(0, 0, next(i for i, line in enumerate(page.lines) if line.page_line == page_line))


def _values(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse what is meant for an inline value and is none."""
    for code in page.scan.of(Code):
        if re.match(r"\{\s*python\s*\}", code.code, re.IGNORECASE) and page.scan.text[code.start + 1] != "`":
            yield code, f"this is shown as code, not computed: {code.code!r}", "write `{python} expression` on one line"


def _formulas(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse formulas that are not set as they are meant."""
    found = page.scan
    for math in found.of(Math):
        tex, after = math.formula.tex, found.text[math.end : math.end + 1]
        if any(math.start < value.start < math.end for value in found.of(Value)):
            remedy = "end the formula before it: $x =$ `{python} ...`, or write a symbol and say its value in the text"
            yield math, "an inline value stands in a formula, where it cannot be set", remedy
        elif not math.formula.display and found.text[math.start] == "$" and (after.isdigit() or _PRICE.match(tex)):
            yield math, f"the dollar signs around {tex!r} make a formula of it", r"write \$ for a price"
        elif _PERCENT.search(tex):
            yield math, f"what follows % in the formula {tex!r} would not be set", r"write \%"
        elif (image := found.around(math, Image)) and math.start < image[0].words[0][1]:
            yield math, f"the formula {tex!r} stands in an alternative text", "say it in words: it is read aloud"
        elif math.formula.display and not _stands_alone(found.text, math):
            yield math, "a displayed formula needs an empty line above and below", "put it on lines of its own"


def _stands_alone(text: str, math: Math) -> bool:
    above = text[: math.start].rstrip("> ").rpartition("\n")[0].rpartition("\n")[2].strip("> ")
    below = text[math.end :].partition("\n")[2].partition("\n")[0].strip("> ")
    box = above.startswith(("!!!", "???", "===", "<", ":"))
    return (not above or above.endswith("-->") or box) and (not below or below.startswith("<"))


def _tags(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse words in angle brackets, such as ``<eos>``, tags that are never closed, and formulas in plain HTML."""
    opened: list[Tag] = []
    tokens: Sequence[Tag | Math] = page.scan.of(Tag, Math)
    for tag in tokens:
        source = page.scan.text[tag.start : tag.end]
        if isinstance(tag, Math):
            around = [page.scan.text[one.start : one.end] for one in opened if one.name in BLOCK_LEVEL_ELEMENTS]
            if around and not any(" markdown" in one for one in around):
                remedy = f"let the tag say markdown: {around[-1].rstrip('>')} markdown>"
                yield tag, f"the formula {tag.formula.tex!r} stands in plain HTML, where it is not set", remedy
        elif tag.name not in markup.ELEMENTS:
            remedy = f"write it as code: `{source}`; what HTML a page may have stands in book/core/markup.py"
            yield tag, f"{source.partition('>')[0]}> would vanish, or do something: it is taken for a tag", remedy
        elif tag.closes and opened and opened[-1].name == tag.name:
            opened.pop()
        elif tag.closes:
            yield tag, f"{source} closes nothing that is open here", f"delete it, or write it as code: `{source}`"
        elif tag.name not in markup.VOID and not source.endswith("/>") and not source.endswith(f"</{tag.name}>"):
            opened.append(tag)
    for tag in opened:
        source = page.scan.text[tag.start : tag.end]
        yield tag, f"{source} is never closed", f"close it, or write it as code: `{source}`"


def _dress(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse what HTML, attributes and boxes must not do, and marks that Python-Markdown may take for either."""
    classes, text = markup.ADMONITIONS | book.classes, page.scan.text
    listed = f"take it out; a class that a page may name stands in {CONFIGURATION}, under [pages]"
    tokens: Sequence[Tag | Attributes | Container] = page.scan.of(Tag, Attributes, Container)
    for token in tokens:
        source = text[token.start : token.end]
        wrong: Iterable[str] = ()
        if isinstance(token, Tag) and token.name in markup.ELEMENTS and not token.closes:
            wrong = markup.faults(source, classes)
        elif isinstance(token, Attributes):
            wrong = filter(None, [markup.listed(source, classes)])
        elif isinstance(token, Container) and not token.mark.startswith("="):
            wrong = (f"has the class {kind}" for kind in token.kind.split() if kind not in classes)
        for each in wrong:
            yield token, f"{source.splitlines()[0]} {each}", listed
    for match in _DEFINITION.finditer(page.scan.blank(Fence, Indented, Comment, Code, Math, Reference, Footnote)):
        line = text.count("\n", 0, match.start())
        yield Token(0, 0, line), "this defines the target of a link within a paragraph", _EMPTY_LINE
    for match in _MARK.finditer(page.scan.prose()):
        line = text.count("\n", 0, match.start())
        remedy = f"write it as code: `{match[0]}`, or &lt; for the sign"
        yield Token(match.start(), match.end(), line), f"{match[0]} may be taken for a tag, or for attributes", remedy


def _comments(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse comments that are meant to do something and do not."""
    for comment in page.scan.of(Comment):
        source = page.scan.text[comment.start : comment.end]
        if len(source) < 7 or _HIDES.search(source, 4):
            yield comment, f"this comment holds tags, which a browser may read: {source[:60]}", "take them out"
        elif comment.name in DIRECTIVES and not comment.alone and comment.name != "write":
            yield comment, f"{source} does nothing within a line", "put it on a line of its own"
        elif comment.name == "script":
            if " " in comment.argument or not comment.argument:
                yield comment, f"{source}: the name of a script has no spaces", "rename the snippet"
            elif not book.script(comment.argument):
                wrong = f"there is no {book.shown(book.snippets / comment.argument)} among the snippets"
                yield comment, wrong, "name a file in snippets/, such as part/name.py"
        elif comment.name == "picture":
            try:
                figures.elsewhere(book, page.language, comment.argument)
            except ValueError as problem:
                yield comment, f"{source}: {problem}", "name a page and a heading above a figure: part/name#heading"
        elif comment.name == "report" and comment.argument not in run_report.PARTS:
            yield comment, f"there is no report {comment.argument!r}", f"name one of: {', '.join(run_report.PARTS)}"
        elif comment.argument and comment.name not in DIRECTIVES and not comment.name.startswith("pytest"):
            known = f"write one of: {', '.join(DIRECTIVES)}; or put no colon after the first word"
            yield comment, f"nothing is known of {comment.name!r} in a comment", known


def scripts(book: Book, page: Page) -> Iterator[Finding]:
    """Refuse code of a script that is offered for download and that no block runs, or not once and in its order.

    Long runs are left out: ``make long`` and the workflow run them as whole scripts.
    """
    for comment in page.scan.of(Comment):
        file = book.script(comment.argument) if comment.name == "script" else None
        if file is None or file.stem.endswith("_long"):
            continue
        code = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
        has = [number for number in section_lines(file, "") if code[number - 1]]
        runs = [
            place[1]
            for block in page.blocks
            for place in block.origin
            if place and place[0] == comment.argument and code[place[1] - 1]
        ]
        for ours, theirs in zip_longest(has, runs):
            if ours != theirs:
                what = "it runs in another order there" if ours in runs or not ours else "no block there runs it"
                problem = f"readers download this line with the script of {page.name}, and {what}"
                remedy = "let the page include each section of it once, in the order of the script; delete the rest"
                yield Finding(book.shown(file), ours or theirs, problem, remedy)
                break


def _tables(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse rows of tables with more or fewer cells than the first: a bar within one ends its cell."""
    code = page.scan.blank(crossed=(Code, Value)).split("\n")
    for table in page.scan.of(Table):
        counts = {}
        for i in range(table.line, table.line + page.scan.text.count("\n", table.start, table.end) + 1):
            row = re.sub(r"\\.", "xx", code[i]).strip("> ")
            counts[i] = row.removeprefix("|").removesuffix("|").count("|") + 1
        for i, count in counts.items():
            if count != counts[table.line]:
                problem = f"this row of the table has {count} cells, the first has {counts[table.line]}"
                yield Token(0, 0, i), problem, r"write \vert for a bar in a formula, \| in a text"


def _beginnings(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Refuse lists and tables that begin within a paragraph, where they are running text."""
    text = page.scan.blank(Fence, Comment, Indented).split("\n")
    begins, item = "", False
    for i, line in enumerate(text):
        if not line.strip() or _OPENS.match(line):
            begins = ""
        elif not begins:
            begins, item = line, bool(_ITEM.match(line))
        elif _ITEM.match(line) and not item:
            yield Token(0, 0, i), "this list begins within a paragraph, and is shown as running text", _EMPTY_LINE
            item = True
        elif _DELIMITERS.match(line) and text[i - 1] != begins:
            yield Token(0, 0, i), "this table begins within a paragraph, and is shown as running text", _EMPTY_LINE


def _figure_texts(book: Book, page: Page) -> Iterator[tuple[Token, str, str]]:
    """Every figure has an alternative text and a caption in the page's language."""
    for image in page.scan.of(Image):
        for words, name in ((image.alt, "alternative text"), (image.title, "caption")) if image.figure else ():
            if len(words.strip()) < 4:
                yield image, f"this figure has no {name}", "say what it shows"
            elif not _in_language(book, page.language, words):
                yield image, f"this {name} is not in the language of the page ({page.language})", "translate it"


def _in_language(book: Book, language: str, words: str) -> bool:
    """Tell whether a text has a letter that only its language uses, if there are any, and none of another's."""
    letters = {each: book.language(each).letters for each in book.languages}
    has = {each: bool(re.search(f"[{own}]", words)) for each, own in letters.items() if own}
    return has.pop(language, True) and not any(has.values())
