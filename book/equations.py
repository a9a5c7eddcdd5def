"""Equations that are checked: how pages mark them, where they are declared, and what is kept of their check.

A page marks every displayed equation: ``<!-- equation: ID -->`` or ``<!-- unchecked: reason -->`` stands on the line
above it. What a checked equation means is declared in ``snippets/part/name_equations.py``. ``book.verify`` compares
its LaTeX with the page's function, the library's and its derivative; the result lies in ``records/equations/`` under
a hash of everything it depends on. Nothing here computes: pages are drawn and checked with what is kept.
"""

from __future__ import annotations

import ast
import hashlib
import html
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from book import chain, record
from book.errors import BookError, Finding, error
from book.formulas import find as find_formulas
from book.read import Page, outside_fences, read, section_lines
from book.site import LANGUAGES, Book

VERSION = 1
"""Raised when the checker changes so that former results say too little."""
INPUTS = 120
"""Random inputs each equation is tried on."""
SHARE = 0.95
"""Share of all mutants in the book that must be killed."""
FUNCTIONS_AGREE, AUTOMATIC_AGREES, DIFFERENCES_AGREE = 1e-9, 1e-7, 1e-5
"""Relative tolerances: values, automatic differentiation, central finite differences."""
MARKED_PARTS = ("algorithms/", "concepts/", "background")
"""Pages whose displayed equations must all be marked, whether or not they declare any."""
FORMAT = 1

_MARK = re.compile(r"^\s*<!--\s*(?P<kind>equation|unchecked):\s*(?P<text>.*?)\s*-->\s*$")
_CONVERSIONS = (
    "cast", "convert_to_tensor", "constant", "Variable", "build", "asarray", "array", "numpy", "float64", "stack",
)  # fmt: skip
"""Functions that only bring numbers into shape: a badge does not name them."""
_ID = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")

WORDS = {
    "zh": {
        "checked": "已核对 · {} 组输入",
        "unchecked": "未自动核对：{}",
        "missing": "这个公式没有核对记录。运行 make run 即可补上。",
        "outdated": "这个公式的核对记录已过时（{}）。运行 make run 即可更新。",
        "broken": "这个公式的核对记录已损坏：{}",
        "undeclared": "没有声明公式 {} 的含义。",
        "compared": "对照",
        "page": "本页的 {}",
        "numpy": "另写的 NumPy 算式",
        "library": "{}",
        "automatic": "自动微分",
        "differences": "中心有限差分",
        "sides": "公式另一边",
        "relation": "不等号成立",
        "largest": "相对差最大 {}，容许 {}",
        "exact": "处处成立",
        "inputs": "输入",
        "drawn": "{} 组随机输入，双精度",
        "mutants": "改错试验",
        "killed": "故意改错 {} 处，查出 {} 处",
        "survivors": "未查出",
        "proved": "与原式恒等（SymPy 证明）",
        "date": "日期",
        "versions": "版本",
        "record": "记录",
    },
    "en": {
        "checked": "Checked · {} inputs",
        "unchecked": "Not checked automatically: {}",
        "missing": "This equation has no record of a check. Run make run to mend this.",
        "outdated": "The record of this equation's check is out of date ({}). Run make run to mend this.",
        "broken": "The record of this equation's check is damaged: {}",
        "undeclared": "What the equation {} means is not declared.",
        "compared": "Compared with",
        "page": "{} on this page",
        "numpy": "NumPy, written separately",
        "library": "{}",
        "automatic": "automatic differentiation",
        "differences": "central finite differences",
        "sides": "the equation's other side",
        "relation": "the inequality",
        "largest": "largest relative difference {}, tolerance {}",
        "exact": "holds everywhere",
        "inputs": "Inputs",
        "drawn": "{} random ones, double precision",
        "mutants": "Mutants",
        "killed": "{} errors made on purpose, {} found",
        "survivors": "Not found",
        "proved": "identical to the original (proved by SymPy)",
        "date": "Date",
        "versions": "Versions",
        "record": "Record",
    },
}


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
        first, last: 0-based lines of the equation; -1 where a mark has none below it.
        tex: its LaTeX.
    """

    kind: str
    text: str
    mark: int
    first: int
    last: int
    tex: str


def displayed(lines: Sequence[str]) -> list[Displayed]:
    """Return the displayed equations of a page's text, and marks without one."""
    found: list[Displayed] = []
    starts = {line: formula.tex for line, formula in find_formulas(lines) if formula.display}
    waiting: tuple[str, str, int] | None = None
    for i, line in outside_fences(lines):
        if match := _MARK.match(line):
            if waiting:
                found.append(Displayed(*waiting, -1, -1, ""))
            waiting = match["kind"], match["text"], i
        elif i in starts:
            found.append(Displayed(*(waiting or ("", "", i)), i, _last_line(lines, i), starts[i]))
            waiting = None
        elif waiting and line.strip():
            found.append(Displayed(*waiting, -1, -1, ""))
            waiting = None
    if waiting:
        found.append(Displayed(*waiting, -1, -1, ""))
    return found


def _last_line(lines: Sequence[str], first: int) -> int:
    """Return the line on which a displayed equation ends."""
    if lines[first].count("$$") == 2:
        return first
    ends = ("$$", "\\]", "\\end{")
    after = range(first + 1, len(lines))
    return next((i for i in after if any(end in lines[i] for end in ends) and _ends(lines, first, i)), first)


def _ends(lines: Sequence[str], first: int, last: int) -> bool:
    if lines[first].strip().startswith("$$"):
        return "$$" in lines[last]
    return "\\]" in lines[last] if lines[first].strip().startswith("\\[") else "\\end" in lines[last]


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
        compared: what it is compared with, in words: kind and name.
    """

    id: str
    file: Path
    line: int
    snippet: Path
    sections: tuple[str, ...]
    source: str
    compared: tuple[tuple[str, str], ...]


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
    found = []
    for entry in lists["EQUATIONS"].value.elts:  # type: ignore[attr-defined]
        name = _id_of(entry)
        if name is None or not _ID.fullmatch(name):
            remedy = "its first argument is its id: letters, digits and hyphens"
            raise error("an equation here has no id", remedy, shown, entry.lineno)
        source = base + chain.canonical(ast.unparse(entry), "python")
        compared = tuple(_compared(entry, functions))
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


def _compared(entry: ast.expr, functions: Mapping[str, ast.FunctionDef]) -> Iterator[tuple[str, str]]:
    """Yield what a declaration names its code and its library by: kind (``page``, ``numpy``, ``library``) and names."""
    assert isinstance(entry, ast.Call)
    for keyword in entry.keywords:
        if keyword.arg in ("code", "library") and not _is_none(keyword.value):
            names = _dotted_names(keyword.value, functions)
            own = [name.removeprefix("page.") for name in names if name.startswith("page.")]
            if keyword.arg == "code":
                yield ("page", ", ".join(own)) if own else ("numpy", "")
            else:
                yield "library", ", ".join(name for name in names if not name.startswith("np.")) or "NumPy"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _dotted_names(node: ast.AST, functions: Mapping[str, ast.FunctionDef]) -> list[str]:
    """Return what is called within a function, such as ``page.softmax`` or ``tf.nn.softmax``, outermost first."""
    found: list[str] = []
    queue: list[ast.AST] = [node]
    seen: set[str] = set()
    while queue:
        part = queue.pop(0)
        called = part.func if isinstance(part, ast.Call) else part if part is node else None
        if isinstance(called, ast.Name) and called.id in functions and called.id not in seen:
            seen.add(called.id)
            queue.insert(0, functions[called.id])
        elif isinstance(called, ast.Attribute) and isinstance(_root(called), ast.Name):
            found.append(ast.unparse(called))
        elif isinstance(called, ast.Name) and called.id not in (*seen, "int", "float", "bool", "len"):
            found.append(called.id)
        queue += [child for child in ast.iter_child_nodes(part) if child is not called]
    return list(dict.fromkeys(name for name in found if name.rpartition(".")[2] not in _CONVERSIONS))


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
        kind: ``page``, ``numpy``, ``library``, ``automatic``, ``differences``, ``sides`` or ``relation``.
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
    proved: bool = False


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
    raw = json.loads(json.dumps({"format": FORMAT, **asdict(kept)}))
    content = json.dumps({**raw, "digest": record.checksum(raw)}, ensure_ascii=False, indent=1) + "\n"
    try:
        record.write_atomically(folder(book) / f"{kept.name}.json", content.encode())
    except OSError as problem:
        raise record.disk_error(problem, book.shown(folder(book))) from None


def load(book: Book, name: str) -> Kept | None:
    """Read a record, or return None where there is none.

    Raises:
        BookError: it is cut, edited or of another format.
    """
    file = folder(book) / f"{name}.json"
    try:
        changed = file.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _load(book, file, changed)


@lru_cache(maxsize=1024)
def _load(book: Book, file: Path, _changed: int) -> Kept:
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        whole = raw.pop("digest") == record.checksum(raw) and raw.pop("format") == FORMAT and raw["name"] == file.stem
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        whole = False
    if not whole:
        remedy = f"bring it back: git checkout -- {book.shown(file)}   (or delete it, then: make run)"
        raise error("this record is cut off, was changed by hand, or has another format", remedy, book.shown(file))
    compared = tuple(Comparison(**one) for one in raw.pop("compared"))
    survivors = tuple(Survivor(**one) for one in raw.pop("survivors"))
    return Kept(**{**raw, "compared": compared, "survivors": survivors, "read": tuple(raw["read"])})


def outdated(book: Book, kept: Kept) -> str | None:
    """Say which library of a record has another version in ``requirements.txt``; None where all agree."""
    locked = record.locked_versions(book)
    for package, version in kept.versions.items():
        if locked.get(package, version) != version:
            return f"it was checked with {package} {version}, requirements.txt has {locked[package]}"
    return None


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
    language = LANGUAGES[0]
    chosen = [read(book, language, page) for page in book.page_names(language)] if pages is None else pages
    declared = declarations(book)
    return [
        Placed(one, page, page.lines[shown.mark].page_line, shown.tex, name(book, one, shown.tex))
        for page in chosen
        for shown in displayed([line.text for line in page.lines])
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


def prune(book: Book, keep: Sequence[Placed]) -> list[str]:
    """Delete the records of equations that no page has any more; return their names."""
    names = {one.name for one in keep}
    gone = [file for file in sorted(folder(book).glob("*.json")) if file.stem not in names]
    for file in gone:
        file.unlink()
    return [file.stem for file in gone]


def totals(book: Book) -> dict[str, int]:
    """Count the book's checked equations, their inputs, mutants and killed mutants, from the records."""
    kept = [one for equation in placed(book) if (one := load(book, equation.name))]
    return {
        "equations": len(kept),
        "inputs": sum(one.inputs for one in kept),
        "mutants": sum(one.mutants for one in kept),
        "killed": sum(one.killed for one in kept),
    }


# --- The report -----------------------------------------------------------------------------------------------------


def report_file(book: Book) -> Path:
    """Return where the report of all checks lies."""
    return folder(book) / "REPORT.md"


def report(book: Book, equations: Sequence[Placed]) -> str:
    """Return the report of all checks as Markdown."""
    kept = [(one, found) for one in equations if (found := load(book, one.name))]
    mutants, killed = sum(k.mutants for _, k in kept), sum(k.killed for _, k in kept)
    share = f"{killed / mutants:.1%}" if mutants else "-"
    lines = [
        "# What the check of the equations finds",
        "",
        "Written by `python -m book equations`. A mutant is the equation with one error made on purpose: a sign, an",
        "index, a bound, an exponent, a symbol, a function, a term left out. It is killed when some input tells it from",
        "the equation.",
        "",
        f"{len(kept)} equations, {mutants} mutants, {killed} killed ({share}).",
        "",
        "| equation | page | inputs | compared with (largest relative difference) | mutants | killed |",
        "|---|---|---|---|---|---|",
    ]
    for one, found in kept:
        compared = "; ".join(
            f"{' '.join(filter(None, (c.kind, c.what)))} ({c.largest:.0e})".replace("|", "\\|") for c in found.compared
        )
        lines.append(
            f"| `{found.id}` | {one.page.name} | {found.inputs} | {compared} | {found.mutants} | {found.killed} |"
        )
    lines += ["", "## Survivors", ""]
    survivors = [
        f"- `{found.id}`: `{survivor.mutant}`: {survivor.reason or 'UNEXPLAINED'}"
        for _, found in kept
        for survivor in found.survivors
    ]
    return "\n".join([*lines, *(survivors or ["None."])]) + "\n"


def write_report(book: Book, equations: Sequence[Placed]) -> None:
    """Write the report anew where it changed; a book without equations has none."""
    file, text = report_file(book), report(book, equations)
    if equations and not (file.is_file() and file.read_text(encoding="utf-8") == text):
        record.write_atomically(file, text.encode())


# --- What forbids publishing ----------------------------------------------------------------------------------------


def findings(book: Book, pages: Mapping[tuple[str, str], Page]) -> Iterator[Finding]:
    """Yield what is wrong with the equations of the book: marks, declarations, languages, records, mutants."""
    try:
        declared = declarations(book)
        own = {one.snippet.relative_to(book.snippets).as_posix() for one in declared.values()}
        for (language, _), page in pages.items():
            yield from _marks(book, page, declared, own)
            first = pages.get((LANGUAGES[0], page.name))
            if language != LANGUAGES[0] and first:
                yield from _parity(book, first, page)
        ours = [page for (language, _), page in pages.items() if language == LANGUAGES[0]]
        yield from _unique(book, ours)
        equations = placed(book, ours)
        yield from _records(book, equations)
        used = {one.declaration.id for one in equations}
        for one in declared.values():
            if one.id not in used:
                remedy = f"mark the equation it belongs to: <!-- equation: {one.id} -->, or remove it"
                yield Finding(book.shown(one.file), one.line, f"no page has the equation {one.id!r}", remedy)
    except BookError as problem:
        yield from problem.findings


def _must_be_marked(page: Page, own: set[str]) -> bool:
    scripts = {match[1] for line in page.lines if (match := re.match(r"^<!--\s*script:\s*(\S+)\s*-->", line.text))}
    return page.name.startswith(MARKED_PARTS) or bool(scripts & own)


def _marks(book: Book, page: Page, declared: Mapping[str, Declaration], own: set[str]) -> Iterator[Finding]:
    shown = book.shown(page.file)
    for one in displayed([line.text for line in page.lines]):
        line = page.lines[one.mark].page_line
        if not one.kind:
            if _must_be_marked(page, own):
                remedy = "write above it <!-- equation: ID -->, or <!-- unchecked: why it cannot be checked -->"
                yield Finding(shown, line, "this equation does not say whether it is checked", remedy)
        elif one.first < 0:
            yield Finding(shown, line, "below this mark stands no displayed equation", "put it right above one")
        elif not one.text:
            yield Finding(shown, line, f"this mark says no {'id' if one.kind == 'equation' else 'reason'}", "add it")
        elif one.kind == "equation" and one.text not in declared:
            remedy = "declare it in the file *_equations.py beside the page's snippet (see CONTRIBUTING.md)"
            yield Finding(shown, line, f"the equation {one.text!r} is not declared", remedy)


def _unique(book: Book, pages: Sequence[Page]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for page in pages:
        for one in displayed([line.text for line in page.lines]):
            if one.kind != "equation":
                continue
            line = page.lines[one.mark].page_line
            place = f"{book.shown(page.file)}:{line}"
            if (first := seen.setdefault(one.text, place)) != place:
                problem = f"the equation {one.text!r} stands at {first}, too"
                yield Finding(book.shown(page.file), line, problem, "give each an id of its own")


def _parity(book: Book, ours: Page, theirs: Page) -> Iterator[Finding]:
    """Yield a finding where the languages differ in their marks, or in an equation of one id."""
    both = [
        [one for one in displayed([line.text for line in page.lines]) if one.kind and one.first >= 0]
        for page in (ours, theirs)
    ]
    file, other = book.shown(theirs.file), book.shown(ours.file)
    marks = [[one.text if one.kind == "equation" else "(unchecked)" for one in side] for side in both]
    if marks[0] != marks[1]:
        at = next((i for i, (a, b) in enumerate(zip(*marks, strict=False)) if a != b), min(map(len, marks)))
        line = theirs.lines[both[1][at].mark].page_line if at < len(marks[1]) else 0
        here, there = (side[at] if at < len(side) else "nothing" for side in (marks[1], marks[0]))
        yield Finding(file, line, f"marked equation {at + 1} is {here}, {other} has {there}", "mark both alike")
        return
    for a, b in zip(*both, strict=True):
        if a.kind == "equation" and same_in_both(a.tex) != same_in_both(b.tex):
            line = theirs.lines[b.first].page_line
            yield Finding(file, line, f"the equation {a.text!r} differs from that of {other}", "write both alike")


def _records(book: Book, equations: Sequence[Placed]) -> Iterator[Finding]:
    mutants = killed = 0
    whole = True
    for one in equations:
        shown, remedy = book.shown(one.page.file), "run: make run   (or: python -m book equations)"
        try:
            kept = load(book, one.name)
        except BookError as problem:
            (found,) = problem.findings
            yield Finding(shown, one.line, f"equation {one.declaration.id!r}: {found.problem}", found.remedy)
            whole = False
            continue
        if kept is None:
            problem_ = "was not checked since it, its declaration, or its page's functions were changed"
            yield Finding(shown, one.line, f"equation {one.declaration.id!r} {problem_}", remedy)
            whole = False
            continue
        if why := outdated(book, kept):
            yield Finding(shown, one.line, f"equation {kept.id!r} is out of date: {why}", remedy)
        mutants, killed = mutants + kept.mutants, killed + kept.killed
        for survivor in kept.survivors:
            if not survivor.reason:
                problem_ = f"equation {kept.id!r}: the check does not tell it from {survivor.mutant!r}"
                remedy_ = "compare it with more, or say in its declaration why: survivors={mutant: reason}"
                yield Finding(shown, one.line, problem_, remedy_)
    file = report_file(book)
    if mutants and killed < SHARE * mutants:
        problem_ = f"{killed} of {mutants} mutants are killed, less than {SHARE:.0%}"
        yield Finding(book.shown(file), 0, problem_, "compare the equations with survivors with more")
    if equations and whole and (not file.is_file() or file.read_text(encoding="utf-8") != report(book, equations)):
        yield Finding(book.shown(file), 0, "the report is not that of the records", "run: python -m book equations")


# --- Drawing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What is drawn with an equation: attributes of its container, and HTML below it."""

    attributes: Mapping[str, str]
    html: str


def draw(book: Book, language: str, shown: Displayed) -> Evidence:
    """Return the badge of a checked equation, or why it is not checked, or a loud warning."""
    words = WORDS[language]
    if shown.kind == "unchecked":
        text = html.escape(words["unchecked"].format(shown.text))
        return Evidence({"class": "equation"}, f'<p class="equation-unchecked">{text}</p>')
    try:
        one = declarations(book).get(shown.text)
        if one is None:
            return _warning(shown, words["undeclared"].format(shown.text))
        kept = load(book, name(book, one, shown.tex))
    except (BookError, SyntaxError) as problem:
        why = problem.findings[0].problem if isinstance(problem, BookError) else str(problem)
        return _warning(shown, words["broken"].format(why))
    if kept is None:
        return _warning(shown, words["missing"])
    if old := outdated(book, kept):
        return _warning(shown, words["outdated"].format(old))
    attributes = {"class": "equation", "data-equation": kept.id, "data-checked": str(kept.inputs)}
    return Evidence(attributes, _badge(kept, words))


def _warning(shown: Displayed, text: str) -> Evidence:
    attributes = {"class": "equation equation-missing", "data-equation": shown.text}
    return Evidence(attributes, f'<p class="block-warning">⚠ {html.escape(text)}</p>')


def _badge(kept: Kept, words: Mapping[str, str]) -> str:
    rows = [("inputs", words["drawn"].format(kept.inputs)), ("compared", _compared_rows(kept, words))]
    if kept.mutants:
        rows.append(("mutants", words["killed"].format(kept.mutants, kept.killed)))
    for survivor in kept.survivors:
        reason = words["proved"] if survivor.proved else html.escape(survivor.reason)
        rows.append(("survivors", f"<code>{html.escape(survivor.mutant)}</code> · {reason}"))
    versions = [f"Python {kept.python}", *(f"{package} {version}" for package, version in kept.versions.items())]
    rows += [("date", kept.date), ("versions", html.escape(", ".join(versions))), ("record", f"equations/{kept.name}")]
    drawn = "".join(f"<dt>{words[word]}</dt><dd>{text}</dd>" for word, text in rows)
    return (
        '<details class="block-badge equation-badge"><summary><span class="block-mark" aria-hidden="true">✓</span> '
        f"{words['checked'].format(kept.inputs)}</summary><dl>{drawn}</dl></details>"
    )


def _compared_rows(kept: Kept, words: Mapping[str, str]) -> str:
    rows = []
    for one in kept.compared:
        what = words[one.kind].format(f"<code>{html.escape(one.what)}</code>")
        largest = words["largest"].format(_scientific(one.largest), _scientific(one.tolerance))
        rows.append(f"{what}: {words['exact'] if one.kind == 'relation' else largest}")
    return "<br>".join(rows)


def _scientific(number: float) -> str:
    """Return a small number as it is written by hand."""
    if number == 0:
        return "0"
    digits, _, power = f"{number:.0e}".partition("e")
    return f"{'' if digits == '1' else digits + '×'}10<sup>{'−' if power[0] == '-' else ''}{int(power[1:])}</sup>"
