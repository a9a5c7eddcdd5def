"""What checked equations mean: declarations in ``snippets/part/name_equations.py``, read as syntax trees.

Nothing runs here: pages are drawn and checked with what the syntax tree says.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from book.core import store, syntax
from book.core.findings import error
from book.core.page import section_lines
from book.core.site import Book, files
from book.core.syntax import changed

FUNCTIONS_AGREE = 1e-9
"""Relative tolerance of values."""
_CONVERSIONS = (
    "cast", "convert_to_tensor", "constant", "Variable", "build", "asarray", "array", "numpy", "float64", "stack",
)  # fmt: skip
"""Functions that only bring numbers into shape: a badge does not name them."""
_ELEMENTARY = (
    "add", "subtract", "multiply", "divide", "exp", "log", "log1p", "expm1", "sqrt", "square", "power", "pow", "abs",
    "sum", "mean", "prod", "max", "min", "reduce_sum", "reduce_mean", "reduce_prod", "reduce_max", "reduce_min",
    "where", "transpose", "concat", "reshape", "size", "shape", "zeros", "ones", "zeros_like", "ones_like",
)  # fmt: skip
_ARRAYS = ("np", "tf", "jnp", "math", "torch")
"""What formulas are made of: a formula written anew with these is the same formula, and no library's operation."""
_ID = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class Equation:
    """What an equation means, and what computes the same.

    Attributes:
        id: the name the pages mark it by.
        symbols: every symbol it uses to its kind, such as ``vector[n]``; CONTRIBUTING.md lists the kinds.
        code: the page's own function as it is, ``lambda page, x, y: page.function(x, y)`` (or one of what it returns:
            ``page.function(x, y)[0]``), which gets the symbols as NumPy arrays in double precision.
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
        calls: the page's function that ``code`` calls, and the symbols it gets.
    """

    id: str
    file: Path
    line: int
    snippet: Path
    sections: tuple[str, ...]
    source: str
    compared: Mapping[str, tuple[str, str]]
    calls: tuple[str, ...] = ()


def declarations(book: Book) -> dict[str, Declaration]:
    """Return the declarations of the book by id."""
    by_id: dict[str, Declaration] = {}
    for file in files(book.snippets, "*_equations.py"):
        for declaration in _declared_in(file, book):
            if (first := by_id.setdefault(declaration.id, declaration)) is not declaration:
                problem = f"the equation {first.id!r} is declared in {book.shown(first.file)}:{first.line}, too"
                raise error(problem, "rename it", book.shown(file), declaration.line)
    return by_id


@store.cached
def _declared_in(file: Path, book: Book) -> tuple[Declaration, ...]:
    shown = book.shown(file)
    try:
        tree = ast.parse(store.text(file))
    except (SyntaxError, UnicodeDecodeError) as problem:
        why, line = (problem.msg, problem.lineno or 0) if isinstance(problem, SyntaxError) else (problem.reason, 0)
        raise error(f"this is not Python: {why}", "correct it", shown, line) from None
    lists: dict[str, ast.List] = {}
    context: list[ast.stmt] = []
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name), *_], value=ast.List() as value):
                lists[name] = value
                if name == "EQUATIONS":
                    continue
        context.append(node)
    if "EQUATIONS" not in lists or "SECTIONS" not in lists:
        remedy = 'write EQUATIONS = [Equation("id", symbols={...}), ...] and SECTIONS = ["import", ...]'
        raise error("EQUATIONS and SECTIONS must be lists here", remedy, shown)
    try:
        sections = tuple(ast.literal_eval(lists["SECTIONS"]))
    except ValueError:
        raise error("SECTIONS must be a list of names", "write the names themselves", shown) from None
    used = syntax.canonical(ast.unparse(ast.Module(context, [])), "python")
    snippet = file.with_name(f"{file.stem.removesuffix('_equations')}.py")
    calls = _Calls(tree)
    declared = []
    for entry in lists["EQUATIONS"].elts:
        match entry:
            case ast.Call(args=[ast.Constant(value=str(name)), *_], keywords=keywords) if _ID.fullmatch(name):
                source = used + syntax.canonical(ast.unparse(entry), "python")
                code = next((keyword.value for keyword in keywords if keyword.arg == "code"), ast.Constant(None))
                if (called := _page_function(code)) is None:
                    wrong = f"the equation {name!r} does not take the page's function as it is"
                    remedy = "write code=lambda page, x, y: page.function(x, y), or compare with library or gradient"
                    raise error(wrong, remedy, shown, code.lineno)
                compared = dict(calls.compared(keywords))
                declared.append(Declaration(name, file, entry.lineno, snippet, sections, source, compared, called))
            case _:
                remedy = "its first argument is its id: letters, digits and hyphens"
                raise error("an equation here has no id", remedy, shown, entry.lineno)
    return tuple(declared)


def _page_function(node: ast.expr) -> tuple[str, ...] | None:
    """Return what ``code`` calls and gives to it, where that is the page's function with symbols, each once, alone."""
    match node:
        case ast.Constant(value=None):
            return ()
        case ast.Lambda(args=parameters, body=body):
            if isinstance(body, ast.Subscript) and isinstance(body.slice, ast.Constant):
                body = body.value
            match body:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="page"), attr=name), args=given, keywords=[]):
                    names = [each.id for each in given if isinstance(each, ast.Name)]
                    wanted = [each.arg for each in parameters.args]
                    if len(names) == len(given) and sorted(["page", *names]) == sorted(wanted):
                        return (name, *names)
    return None


class _Calls:
    """What the functions that a file declares call: the page's functions, or a library's.

    Attributes:
        functions: the file's own functions: what they call is named instead of them.
        modules: the names that count: those the file imports, and ``page``.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = [alias.asname or alias.name for node in imports for alias in node.names]
        self.modules = {"page", *(name.partition(".")[0] for name in names)}
        for node in tree.body:
            if isinstance(node, ast.Assign) and self.modules.intersection(changed(node.value)):
                self.modules |= {target.id for target in node.targets if isinstance(target, ast.Name)}

    def compared(self, keywords: list[ast.keyword]) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield ``code`` and ``library`` with the kind of comparison that each is, and the functions it calls."""
        for keyword in keywords:
            if keyword.arg in ("code", "library") and ast.unparse(keyword.value) != "None":
                names = self.named(keyword.value)
                own = [name.removeprefix("page.") for name in names if name.startswith("page.")]
                others = [name for name in names if not _is_elementary(name)]
                if own and keyword.arg == "code":
                    yield keyword.arg, ("page", ", ".join(own))
                elif keyword.arg == "library" and others and not own:
                    yield keyword.arg, ("library", ", ".join(others))
                else:
                    yield keyword.arg, ("separate", "")

    def named(self, function: ast.expr) -> list[str]:
        """Return what is called within a function, such as ``page.softmax`` or ``tf.nn.softmax``, outermost first."""
        names: list[str] = []
        queue: list[ast.AST] = [function]
        seen: set[str] = set()
        while queue:
            part = queue.pop(0)
            called = part.func if isinstance(part, ast.Call) else part if part is function else None
            if isinstance(called, ast.Name) and called.id in self.functions and called.id not in seen:
                seen.add(called.id)
                queue.insert(0, self.functions[called.id])
            elif isinstance(called, ast.Name | ast.Attribute) and self.modules.intersection(changed(called)):
                names.append(ast.unparse(called))
            queue += ast.iter_child_nodes(part)
        telling = [name for name in names if name.rpartition(".")[2] not in _CONVERSIONS]
        return list(dict.fromkeys(telling or names))


def _is_elementary(name: str) -> bool:
    root, _, last = name.partition(".")[0], *name.rpartition(".")[1:]
    return last in _CONVERSIONS or (last in _ELEMENTARY and root in _ARRAYS)


def page_code(book: Book, declaration: Declaration) -> list[tuple[str, str]]:
    """Return (section, code) of the sections that hold the functions of an equation's page, in their order."""
    snippet, declared = declaration.snippet, book.shown(declaration.file)
    if not declaration.sections:
        return []
    store.note(snippet)
    if not snippet.is_file():
        raise error(f"there is no {book.shown(snippet)}", "SECTIONS names its sections", declared)
    text = snippet.read_text(encoding="utf-8").splitlines()
    code = []
    for section in declaration.sections:
        lines = section_lines(snippet, section)
        if not lines:
            raise error(f"{book.shown(snippet)} has no section {section!r}", "mend SECTIONS", declared)
        body = textwrap.dedent("\n".join(text[number - 1] for number in lines))
        try:
            syntax.canonical(body, "python")
        except SyntaxError as problem:
            line = lines[min(problem.lineno or 1, len(lines)) - 1]
            raise error(f"this is not Python: {problem.msg}", "correct it", book.shown(snippet), line) from None
        code.append((section, body))
    return code
