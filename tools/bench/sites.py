"""The generators that are compared: how the sample is written for each, and how each is built."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path

from book.core.page import read
from book.core.site import Book
from book.evidence import record
from book.evidence.record import Record, Result
from book.run.session import PageRun
from tools.bench.sample import SamplePage, Section, edit
from tools.bench.tools import MATHJAX, OURS, PEERS_PYTHON, ROOT, run

LANGUAGE = Book().languages[0]
"""The peers get one language, that whose search is hard."""
TITLE = {"zh": "样书", "en": "Sample Book"}
ABOUT = {"zh": "同一份内容，交给不同的工具，量一量快慢和轻重。", "en": "The same content through several tools."}
MATHJAX_SCRIPT = "tex-mml-chtml.js"


@dataclass(frozen=True)
class Site:
    """One way to turn the sample into a site.

    Attributes:
        name: what tables call it.
        root: folder of its sources.
        output: folder of what it builds.
        command: builds it, in ``root``.
        caches: what a cold build does not find, below ``root``.
        source: the file of a page, with its page's name for ``{}``.
        search: how its search is used, ``material`` or ``sphinx``.
        suffix: what follows a page's name in its address.
        pages: the sample.
        executes: the command that runs the blocks, where building does not.
    """

    name: str
    root: Path
    output: Path
    command: Sequence[str | Path]
    caches: Sequence[str]
    source: str
    search: str
    suffix: str
    pages: Sequence[SamplePage]
    executes: Sequence[str | Path] = ()

    def clear(self) -> None:
        """Remove what an earlier build left."""
        for name in self.caches:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def build(self, address: str = "http://127.0.0.1:8000/") -> float:
        """Build, and return the seconds it took.

        Args:
            address: where the site will be served.

        Raises:
            Failed: the generator refuses.
        """
        return run(self.command, self.root, environment={"SITE_URL": address})[0]

    def edit(self, number: int) -> None:
        """Change one sentence on the page in the middle; another change for each number."""
        file = self.root / self.source.format(self.middle.name)
        file.write_text(edit(file.read_text(encoding="utf-8"), f"edit{number}"), encoding="utf-8")

    @property
    def middle(self) -> SamplePage:
        """The page that is edited, weighed and scored."""
        return self.pages[len(self.pages) // 2]

    def address(self, page: SamplePage) -> str:
        """Return a page's address below the root of the site."""
        return page.name + self.suffix


BOTH = ("-m", "book", "build", "--target", "site")
"""What an author waits for: the check, then both languages."""
ONE = (
    "-c",
    "import pathlib; from book.core.site import Book; from book.publish.build import build; "
    f"build(Book(), pathlib.Path('site').resolve(), languages=[{LANGUAGE!r}])",
)
"""What is comparable with a peer: one language."""


def checkout(root: Path, pages: Sequence[SamplePage]) -> Book:
    """Write a checkout of the book whose pages are the sample, without records."""
    shutil.rmtree(root, ignore_errors=True)
    for folder in ("theme", "book"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "docs" / "data").mkdir(parents=True)
    for name in ("book.toml", "requirements.txt", "package.json", "docs/data/glossary.csv", "docs/data/words_en.txt"):
        shutil.copy(ROOT / name, root / name)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("mkdocs.yml", "mkdocs.en.yml"):
        without_nav = re.sub(r"^nav:\n(?:[ \t].*\n|\n)*", "", (ROOT / name).read_text(encoding="utf-8"), flags=re.M)
        _write(root / name, without_nav)
    for language in Book().languages:
        _write(root / "docs" / language / "index.md", _front(TITLE[language], ABOUT[language]) + ABOUT[language] + "\n")
        for page in pages:
            _write(root / "docs" / language / f"{page.name}.md", _our_page(page, language))
    for page in pages:
        sections = (
            f"# --8<-- [start:part{i}]\n{section.code}\n# --8<-- [end:part{i}]\n"
            for i, section in enumerate(page.sections, start=1)
        )
        _write(root / "snippets" / f"{page.name}.py", "\n".join(sections))
    (root / "records").mkdir()
    return Book(root)


def _our_page(page: SamplePage, language: str) -> str:
    minutes, seconds = "`{python} page.reading_minutes`", '`{python} f"{page.seconds:.1f}"`'
    parts = [_front(page.title[language], page.description[language]), _times(language, minutes, seconds)]
    for i, section in enumerate(page.sections, start=1):
        fence = f'```python\n--8<-- "{page.name}.py:part{i}"\n```'
        quoted = f"`{{python}} {section.value}`"
        parts += _parts(section, language, fence, quoted, f" {{#section-{i}}}")
    return "\n\n".join(parts) + "\n"


def _front(title: str, description: str) -> str:
    return f"---\ntitle: {_yaml(title)}\ndescription: {_yaml(description)}\n---\n\n# {title}\n\n"


def _yaml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _times(language: str, minutes: str, seconds: str) -> str:
    if language == "zh":
        return f"读完约需 {minutes} 分钟，运行约需 {seconds} 秒。"
    return f"About {minutes} minutes to read and {seconds} seconds to run."


def _parts(section: Section, language: str, code: str, quoted: str, mark: str = "") -> list[str]:
    """Return the Markdown of a section, which differs between the generators only in its code and its value."""
    ends = {"zh": f"最后得到 {quoted}。", "en": f" In the end it is {quoted}."}
    return [
        f"## {section.heading[language]}{mark}",
        section.before[language],
        f"<!-- unchecked: definition -->\n$$\n{section.formula}\n$$",
        code,
        section.after[language] + ends[language],
    ]


def execute(book: Book) -> None:
    """Run the blocks and record them, as ``make run`` does."""
    run([OURS, "-m", "book", "run", "--all"], book.root)


def record_at_once(book: Book, pages: Sequence[SamplePage]) -> None:
    """Record what the sample already knows, for books too large to run here."""
    circumstances = None
    records = []
    for sample in pages:
        page = read(book, LANGUAGE, sample.name)
        circumstances = circumstances or PageRun(book, page).circumstances()
        names: dict[str, object] = {}
        for block, section in zip(page.blocks, sample.sections, strict=True):
            with redirect_stdout(io.StringIO()):
                exec(block.code, names)
            small = {k: v for k, v in names.items() if isinstance(v, int | float | list) and not k.startswith("_")}
            outputs = [{"output_type": "stream", "name": "stdout", "text": section.output}]
            result = Result(outputs, 0.01, 60_000_000, small)
            records.append(Record(block.name, page.name, block.index, "cpu", circumstances, result))
    record.save(book, records)


def ours(root: Path, pages: Sequence[SamplePage]) -> Site:
    """Return the sample as a checkout of the book, one language built, with fresh records."""
    execute(checkout(root, pages))
    return Site(
        "this book", root, root / "site", (OURS, *ONE), ("site", ".cache"), "docs/zh/{}.md", "material", "/", pages,
        executes=(OURS, "-m", "book", "run", "--all"),
    )  # fmt: skip


def ours_both(site: Site) -> Site:
    """Return the same checkout, built as an author builds it."""
    return replace(site, name="this book, check and both languages", command=(OURS, *BOTH), executes=())


def material(root: Path, pages: Sequence[SamplePage]) -> Site:
    """Return the sample for plain Material: outputs are text, formulas are MathJax's work in the browser."""
    _material_base(root, "", inline=(r"\(", r"\)"), mathjax_class="arithmatex")
    for page in pages:
        parts = [_front(page.title[LANGUAGE], page.description[LANGUAGE]), _times(LANGUAGE, "3", "0.1")]
        for section in page.sections:
            code = f"```python\n{section.code}\n```\n\n```text\n{section.output}```"
            parts += _parts(section, LANGUAGE, code, section.quoted)
        _write(root / "docs" / f"{page.name}.md", "\n\n".join(parts) + "\n")
    return _mkdocs(root, "Material + MathJax", ("site",), "docs/{}.md", pages)


def jupyter(root: Path, pages: Sequence[SamplePage]) -> Site:
    """Return the sample for Material with mkdocs-jupyter: pages are notebooks, run by the build."""
    plugin = """\
  mkdocs-jupyter:
    execute: true
    allow_errors: false
    include: ["*.ipynb"]
"""
    _material_base(root, plugin, inline=("$", "$"))
    for page in pages:
        cells = [_cell("markdown", f"# {page.title[LANGUAGE]}\n\n{_times(LANGUAGE, '3', '0.1')}")]
        for section in page.sections:
            heading, before, formula, code, after = _parts(section, LANGUAGE, section.code, section.quoted)
            cells.append(_cell("markdown", "\n\n".join([heading, before, formula])))
            cells.append(_cell("code", code))
            cells.append(_cell("markdown", after))
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number}"
        notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        _write(root / "docs" / f"{page.name}.ipynb", json.dumps(notebook, ensure_ascii=False, indent=1) + "\n")
    return _mkdocs(root, "Material + mkdocs-jupyter", ("site", ".cache"), "docs/{}.ipynb", pages)


def _cell(kind: str, source: str) -> dict[str, object]:
    cell: dict[str, object] = {"cell_type": kind, "metadata": {}, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _material_base(root: Path, plugin: str, inline: tuple[str, str], mathjax_class: str = "") -> None:
    """Write configuration, first page and MathJax, as Material's documentation says, MathJax from the site itself.

    Args:
        root: folder of the sources.
        plugin: lines of the configuration.
        inline: what stands around a formula within a line.
        mathjax_class: class of the only elements in which there are formulas; empty where they may be anywhere.
    """
    shutil.rmtree(root, ignore_errors=True)
    _write(
        root / "mkdocs.yml",
        f"""\
site_name: {TITLE[LANGUAGE]}
site_description: {ABOUT[LANGUAGE]}
site_url: !ENV [SITE_URL, "http://127.0.0.1:8000/"]
theme:
  name: material
  language: zh
  font: false
  features: [content.code.copy]
plugins:
  search:
    lang: zh
    separator: '[\\s\\u200b\\-]'
{plugin}markdown_extensions:
  admonition: {{}}
  attr_list: {{}}
  toc: {{permalink: true}}
  pymdownx.arithmatex: {{generic: true}}
  pymdownx.highlight: {{}}
  pymdownx.superfences: {{}}
extra_javascript:
  - assets/mathjax.js
  - assets/mathjax/{MATHJAX_SCRIPT}
""",
    )
    tex = {"inlineMath": [inline], "displayMath": [["$$", "$$"], [r"\[", r"\]"]], "processEscapes": True}
    options: dict[str, object] = {"tex": tex}
    if mathjax_class:
        options["options"] = {"ignoreHtmlClass": ".*|", "processHtmlClass": mathjax_class}
    _write(root / "docs/assets/mathjax.js", f"window.MathJax = {json.dumps(options, indent=2)};\n")
    _mathjax(root / "docs/assets/mathjax")
    _write(root / "docs/index.md", _front(TITLE[LANGUAGE], ABOUT[LANGUAGE]) + ABOUT[LANGUAGE] + "\n")


def _mathjax(folder: Path) -> None:
    """Put MathJax where the site takes it from: the script and the fonts that it loads."""
    fonts = "output/chtml/fonts/woff-v2"
    shutil.copytree(MATHJAX / fonts, folder / fonts)
    shutil.copy(MATHJAX / MATHJAX_SCRIPT, folder)


def _mkdocs(root: Path, name: str, caches: Sequence[str], source: str, pages: Sequence[SamplePage]) -> Site:
    command = (PEERS_PYTHON, "-m", "mkdocs", "build", "--quiet")
    return Site(name, root, root / "site", command, caches, source, "material", "/", pages)


def sphinx(root: Path, pages: Sequence[SamplePage]) -> Site:
    """Return the sample for Sphinx with myst-nb and its cache, run by the build."""
    shutil.rmtree(root, ignore_errors=True)
    _write(
        root / "conf.py",
        f"""\
import os

project = "{TITLE[LANGUAGE]}"
language = "zh_CN"
extensions = ["myst_nb"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
html_theme = "sphinx_book_theme"
html_title = "{TITLE[LANGUAGE]}"
html_baseurl = os.environ.get("SITE_URL", "")
html_static_path = ["_static"]
mathjax_path = "mathjax/{MATHJAX_SCRIPT}"
""",
    )
    _mathjax(root / "_static/mathjax")
    names = "\n".join(page.name for page in pages)
    _write(root / "index.md", f"# {TITLE[LANGUAGE]}\n\n{ABOUT[LANGUAGE]}\n\n```{{toctree}}\n{names}\n```\n")
    for page in pages:
        front = f"""\
---
file_format: mystnb
kernelspec: {{name: python3, display_name: Python 3}}
myst: {{html_meta: {{description: {_yaml(page.description[LANGUAGE])}}}}}
---

# {page.title[LANGUAGE]}"""
        parts = [front, _times(LANGUAGE, "3", "0.1")]
        for section in page.sections:
            parts += _parts(section, LANGUAGE, f"```{{code-cell}}\n{section.code}\n```", section.quoted)
        _write(root / f"{page.name}.md", "\n\n".join(parts) + "\n")
    command = (PEERS_PYTHON, "-m", "sphinx", "-q", "-b", "html", ".", "_build/html")
    return Site("Sphinx + myst-nb", root, root / "_build/html", command, ("_build",), "{}.md", "sphinx", ".html", pages)


PEERS: Sequence[Callable[[Path, Sequence[SamplePage]], Site]] = (material, jupyter, sphinx)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
