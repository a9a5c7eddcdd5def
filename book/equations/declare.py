"""Equations that are checked: how pages mark them, where they are declared, and what is kept of their check.

A page marks every displayed equation: ``<!-- equation: ID -->`` or ``<!-- unchecked: reason -->`` stands on the line
above it. What a checked equation means is declared in ``snippets/part/name_equations.py``. ``book.verify`` compares
its LaTeX with the page's function, the library's and its derivative; the result lies in ``records/equations/`` under
a hash of everything it depends on. Nothing here computes: pages are drawn and checked with what is kept.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from book.core import chain, store
from book.core.findings import BookError, error
from book.core.markdown import Comment, Math, Scan
from book.core.page import Page, read, section_lines
from book.core.site import Book
from book.evidence import record

VERSION = 3
"""Raised when the checker changes so that former results say too little."""
INPUTS = 120
"""Random inputs each equation is tried on."""
FUNCTIONS_AGREE, AUTOMATIC_AGREES, DIFFERENCES_AGREE = 1e-9, 1e-7, 1e-5
"""Relative tolerances: values, automatic differentiation, central finite differences."""
FORMAT = 1

MARKS = ("equation", "unchecked")
"""Comments by which a page marks an equation."""
_CONVERSIONS = (
    "cast", "convert_to_tensor", "constant", "Variable", "build", "asarray", "array", "numpy", "float64", "stack",
)  # fmt: skip
"""Functions that only bring numbers into shape: a badge does not name them."""
_ID = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Equation:
    """What an equation means, and what computes the same.

    Attributes:
        id: the name the pages mark it by.
        symbols: every symbol it uses to its kind, such as ``vector[n]``; CONTRIBUTING.md lists the kinds.
        code: the page's own function of ``page`` and the symbols, which get NumPy arrays in double precision.
        library: a library's function of the symbols.
        given: symbols that follow from the others: a function of them, or a pair of kind and function.
        gradient: the symbol by which the left side differentiates, and what it differentiates, as TensorFlow.
        survivors: mutants that cannot be told from the equation, with the reason.
        rtol: relative tolerance of the comparison with ``code`` and ``library``.
    """

    id: str
    symbols: Mapping[str, str]
    code: Callable[..., Any] | None = None
    library: Callable[..., Any] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    gradient: tuple[str, Callable[..., Any]] | None = None
    survivors: Mapping[str, str] = field(default_factory=dict)
    rtol: float = FUNCTIONS_AGREE


# --- On the page ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Displayed:
    """A displayed equation of a page with its mark.

    Attributes:
        kind: ``equation`` or ``unchecked``; empty where it has no mark.
        text: what the mark says: the id or the reason.
        mark: 0-based line of the mark, or of the equation where it has none.
        first: 0-based line on which the equation begins; -1 where a mark has none below it.
        tex: its LaTeX.
    """

    kind: str
    text: str
    mark: int
    first: int
    tex: str


def displayed(found: Scan) -> list[Displayed]:
    """Return the displayed equations of a text, and marks without one."""
    result: list[Displayed] = []
    waiting: Comment | None = None
    below = -1

    def without() -> None:
        if waiting:
            result.append(Displayed(waiting.name, waiting.argument, waiting.line, -1, ""))

    for token in found.of(Comment, Math):
        if isinstance(token, Math) and token.formula.display:
            if waiting and token.line != below:
                without()
                waiting = None
            mark = (waiting.name, waiting.argument, waiting.line) if waiting else ("", "", token.line)
            result.append(Displayed(*mark, token.line, token.formula.tex))
            waiting = None
        elif isinstance(token, Comment) and token.alone and token.name in MARKS:
            without()
            waiting = token
            below = _next_line(found, token)
    without()
    return result


def _next_line(found: Scan, mark: Comment) -> int:
    """Return the line of what follows a mark."""
    after = found.text[mark.end :]
    return mark.line + found.text.count("\n", mark.start, mark.end + len(after) - len(after.lstrip()))


def same_in_both(tex: str) -> str:
    """Return LaTeX without white space and without words that belong to a language."""
    return re.sub(r"\s+", "", re.sub(r"\\(?:text|mbox)\{(?![A-Za-z0-9]+\})[^}]*\}", r"\\text{}", tex))


# --- Declarations ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Declaration:
    """Where an equation is declared, read without running anything.

    Attributes:
        id: its name.
        file: the file that declares it.
        line: the line there.
        snippet: the snippet whose sections hold the page's functions.
        sections: those sections.
        source: what the check depends on, besides the LaTeX and the sections: the declaration and what it uses.
        compared: ``code`` and ``library``, where it has them, to kind (see ``Comparison``) and names of functions.
    """

    id: str
    file: Path
    line: int
    snippet: Path
    sections: tuple[str, ...]
    source: str
    compared: Mapping[str, tuple[str, str]]


def declarations(book: Book) -> dict[str, Declaration]:
    """Return the declarations of the book by id.

    Raises:
        BookError: a file cannot be read, or two equations have one id.
    """
    found: dict[str, Declaration] = {}
    for file in sorted(book.snippets.rglob("*_equations.py")):
        for one in _declared_in(book, file, file.stat().st_mtime_ns):
            if one.id in found:
                other = f"{book.shown(found[one.id].file)}:{found[one.id].line}"
                raise error(
                    f"the equation {one.id!r} is declared in {other}, too", "rename it", book.shown(file), one.line
                )
            found[one.id] = one
    return found


@lru_cache(maxsize=64)
def _declared_in(book: Book, file: Path, _changed: int) -> tuple[Declaration, ...]:
    shown = book.shown(file)
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except SyntaxError as problem:
        raise error(f"this is not Python: {problem.msg}", "correct it", shown, problem.lineno or 0) from None
    lists = {name: node for node in tree.body if (name := _list_name(node))}
    if "EQUATIONS" not in lists or "SECTIONS" not in lists:
        remedy = 'write EQUATIONS = [Equation("id", symbols={...}), ...] and SECTIONS = ["import", ...]'
        raise error("EQUATIONS and SECTIONS must be lists here", remedy, shown)
    context = ast.Module([node for node in tree.body if node is not lists["EQUATIONS"]], [])
    base = chain.canonical(ast.unparse(context), "python")
    try:
        sections = tuple(ast.literal_eval(lists["SECTIONS"].value))  # type: ignore[attr-defined]
    except ValueError:
        raise error("SECTIONS must be a list of names", "write the names themselves", shown) from None
    snippet = file.with_name(f"{file.stem.removesuffix('_equations')}.py")
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {"page", *((alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(_root(node.value), "id", "") in modules:
            modules |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    found = []
    for entry in lists["EQUATIONS"].value.elts:  # type: ignore[attr-defined]
        name = _id_of(entry)
        if name is None or not _ID.fullmatch(name):
            remedy = "its first argument is its id: letters, digits and hyphens"
            raise error("an equation here has no id", remedy, shown, entry.lineno)
        source = base + chain.canonical(ast.unparse(entry), "python")
        compared = dict(_compared(entry, functions, modules))
        found.append(Declaration(name, file, entry.lineno, snippet, sections, source, compared))
    return tuple(found)


def _list_name(node: ast.stmt) -> str | None:
    """Return the name of a list that a statement assigns."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.List) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def _id_of(entry: ast.expr) -> str | None:
    if not isinstance(entry, ast.Call):
        return None
    given = [*entry.args[:1], *(keyword.value for keyword in entry.keywords if keyword.arg == "id")]
    return given[0].value if given and isinstance(given[0], ast.Constant) and isinstance(given[0].value, str) else None


def _compared(
    entry: ast.expr, functions: Mapping[str, ast.FunctionDef], modules: set[str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield ``code`` and ``library`` with the kind of comparison that each is, and the functions it calls."""
    assert isinstance(entry, ast.Call)
    for keyword in entry.keywords:
        if keyword.arg in ("code", "library") and not _is_none(keyword.value):
            names = _called_names(keyword.value, functions, modules)
            own = [name.removeprefix("page.") for name in names if name.startswith("page.")]
            others = [name for name in names if not name.startswith(("page.", "np."))]
            if own:
                yield keyword.arg, ("page", ", ".join(own))
            elif keyword.arg == "library" and (others or names):
                yield keyword.arg, ("library", ", ".join(others) or "NumPy")
            else:
                yield keyword.arg, ("separate", "")


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _called_names(node: ast.AST, functions: Mapping[str, ast.FunctionDef], modules: set[str]) -> list[str]:
    """Return what is called within a function, such as ``page.softmax`` or ``tf.nn.softmax``, outermost first.

    Args:
        node: the function, or its name.
        functions: the file's own functions: what they call is named instead of them.
        modules: the names that count: those the file imports, and ``page``.
    """
    found: list[str] = []
    queue: list[ast.AST] = [node]
    seen: set[str] = set()
    while queue:
        part = queue.pop(0)
        called = part.func if isinstance(part, ast.Call) else part if part is node else None
        if isinstance(called, ast.Name) and called.id in functions and called.id not in seen:
            seen.add(called.id)
            queue.insert(0, functions[called.id])
        elif isinstance(called, ast.Name | ast.Attribute) and getattr(_root(called), "id", "") in modules:
            found.append(ast.unparse(called))
        queue += ast.iter_child_nodes(part)
    telling = [name for name in found if name.rpartition(".")[2] not in _CONVERSIONS]
    return list(dict.fromkeys(telling or found))


def _root(node: ast.AST) -> ast.AST:
    return _root(node.value) if isinstance(node, ast.Attribute) else node


def page_code(book: Book, one: Declaration) -> list[tuple[str, str]]:
    """Return (section, code) of the sections that hold the functions of an equation's page, in their order.

    Raises:
        BookError: the snippet or a section is missing.
    """
    if not one.sections:
        return []
    if not one.snippet.is_file():
        raise error(f"there is no {book.shown(one.snippet)}", "SECTIONS names its sections", book.shown(one.file))
    text = one.snippet.read_text(encoding="utf-8").splitlines()
    found = []
    for section in one.sections:
        lines = section_lines(one.snippet, section)
        if not lines:
            shown = book.shown(one.snippet)
            raise error(f"{shown} has no section {section!r}", "mend SECTIONS", book.shown(one.file))
        found.append((section, textwrap.dedent("\n".join(text[number - 1] for number in lines))))
    return found


def name(book: Book, one: Declaration, tex: str) -> str:
    """Return the name of an equation's record: a hash of everything the check depends on."""
    code = [chain.canonical(code, "python") for _, code in page_code(book, one)]
    whole = json.dumps(["book equation", VERSION, one.id, same_in_both(tex), one.source, *code])
    return hashlib.sha256(whole.encode()).hexdigest()[: chain.NAME_LENGTH]


# --- Records --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """What an equation was compared with.

    Attributes:
        kind: ``page`` (a function of the page), ``library``, ``separate`` (a computation that the declaration holds),
            ``automatic``, ``differences``, ``sides`` or ``relation``.
        what: the function's name, where it has one.
        tolerance: relative tolerance.
        largest: largest relative difference seen.
    """

    kind: str
    what: str
    tolerance: float
    largest: float


@dataclass(frozen=True)
class Survivor:
    """A mutant that no input told from the equation; ``reason`` is empty where nobody explains it."""

    mutant: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """The record of an equation's check.

    Attributes:
        name: hash, and name of the file.
        id: the equation's id.
        page: the page it stands on.
        tex: its LaTeX.
        read: how each side was understood.
        inputs: random inputs it was tried on.
        compared: what it was compared with.
        mutants: wrong versions of it that were tried.
        killed: those that were found out.
        survivors: those that were not.
        date: day of the check, ISO 8601.
        python: version of Python.
        versions: distribution name to version.
    """

    name: str
    id: str
    page: str
    tex: str
    read: tuple[str, ...]
    inputs: int
    compared: tuple[Comparison, ...]
    mutants: int
    killed: int
    survivors: tuple[Survivor, ...]
    date: str
    python: str
    versions: Mapping[str, str]


def folder(book: Book) -> Path:
    """Return where the records of equations lie."""
    return book.records / "equations"


def save(book: Book, kept: Kept) -> None:
    """Write a record, whole or not at all.

    Raises:
        BookError: the disk is full or cannot be written.
    """
    with store.writing(book.shown(folder(book))):
        store.write(folder(book) / f"{kept.name}.json", store.encode({"format": FORMAT, **asdict(kept)}))


def load(book: Book, name: str) -> Kept | None:
    """Read a record, or return None where there is none.

    Raises:
        BookError: it is cut, edited or of another format.
    """
    file = folder(book) / f"{name}.json"
    try:
        return _load(file)
    except store.Damaged as problem:
        remedy = f"bring it back: git checkout -- {book.shown(file)}   (or delete it, then: make run)"
        raise error(f"this record {problem}", remedy, book.shown(file)) from None


@store.cached_by_file(1024)
def _load(file: Path) -> Kept | None:
    raw = store.load(file)
    if raw is None:
        return None
    if (raw.pop("format", None), raw.get("name")) != (FORMAT, file.stem):
        raise store.Damaged("has another format, or belongs to another equation")
    compared = tuple(Comparison(**one) for one in raw.pop("compared"))
    survivors = tuple(Survivor(**one) for one in raw.pop("survivors"))
    return Kept(**{**raw, "compared": compared, "survivors": survivors, "read": tuple(raw["read"])})


def outdated(book: Book, kept: Kept) -> str | None:
    """Say which library of a record has another version in ``requirements.txt``; None where all agree."""
    other = record.other_version(book, kept.versions)
    return other and f"it was checked with {other}"


@dataclass(frozen=True)
class Placed:
    """A checked equation of the book: its declaration, its page, where it stands there, and its record's name."""

    declaration: Declaration
    page: Page
    line: int
    tex: str
    name: str


def placed(book: Book, pages: Sequence[Page] | None = None) -> list[Placed]:
    """Return the equations that pages mark and files declare, in the order of pages; those of all pages where None.

    Raises:
        BookError: a page or a declaration cannot be read.
    """
    language = book.languages[0]
    chosen = [read(book, language, page) for page in book.page_names(language)] if pages is None else pages
    declared = declarations(book)
    return [
        Placed(one, page, page.lines[shown.mark].page_line, shown.tex, name(book, one, shown.tex))
        for page in chosen
        for shown in displayed(page.scan)
        if shown.kind == "equation" and shown.first >= 0 and (one := declared.get(shown.text))
    ]


def stale(book: Book, equations: Sequence[Placed]) -> list[Placed]:
    """Return the equations that have no usable record."""

    def fresh(one: Placed) -> bool:
        try:
            kept = load(book, one.name)
        except BookError:
            return False
        return kept is not None and outdated(book, kept) is None

    return [one for one in equations if not fresh(one)]


def prune(book: Book) -> list[str]:
    """Delete the records of equations that no page has any more; return their names."""
    names = {one.name for one in placed(book)}
    gone = [file for file in sorted(folder(book).glob("*.json")) if file.stem not in names]
    for file in gone:
        file.unlink()
    return [file.stem for file in gone]


def totals(book: Book) -> dict[str, float]:
    """Count the book's checked equations, the inputs they were tried on, their mutants, and those that were killed."""
    kept = [one for equation in placed(book) if (one := load(book, equation.name))]
    mutants, killed = sum(one.mutants for one in kept), sum(one.killed for one in kept)
    return {
        "equations": len(kept),
        "equation_inputs": sum(one.inputs for one in kept),
        "mutants": mutants,
        "mutants_killed": killed,
        "mutants_killed_share": killed / mutants if mutants else 0.0,
    }
