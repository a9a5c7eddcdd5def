"""A small book with all that can break: outputs, figures, formulas, an equation, a data set, a sweep, two languages.

It is made of the repository's own theme and configuration; only its pages are its own, and the package is the installed
one. Its blocks run in seconds, so that it can be run, killed and built a hundred times.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from book.core.site import Book

COPIED = ("book.toml", "mkdocs.yml", "mkdocs.en.yml", "package.json", "requirements.txt", ".gitignore")
NAVIGATION = """\
nav:
  - index.md
  - part/numbers.md
  - part/figures.md
  - part/chance.md
  - part/data.md

"""
SEEDS = 4


@dataclass(frozen=True)
class Text:
    """A page of the small book: titles by language, a body with places for words, code, what its equations mean."""

    titles: dict[str, str]
    body: str
    code: str
    equations: str = ""


PAGES = {
    "index": Text({"zh": "小书", "en": "A small book"}, "[{next}](part/numbers.md)", ""),
    "part/numbers": Text(
        {"zh": "数字", "en": "Numbers"},
        """\
<!-- equation: weighted-sum -->
$$
y = \\sum_{{i=1}}^{{n}} w_i x_i
$$

```python
--8<-- "part/numbers.py:first"
```

{is} `{{python}} total`, $a^2 + b^2$.

```python
--8<-- "part/numbers.py:second"
```

<!-- script: part/numbers.py -->
""",
        """\
# --8<-- [start:first]
total = 1 + 2
print("total", total)
# --8<-- [end:first]

# --8<-- [start:second]
def weighted_sum(w, x):
    return (w * x).sum()


assert total == 3
share = total / 4
share
# --8<-- [end:second]
""",
        """\
from book.equations import Equation

SECTIONS = ["second"]

EQUATIONS = [
    Equation(
        "weighted-sum",
        symbols={"w": "vector[n]", "x": "vector[n]", "i": "index[n]", "n": "size"},
        code=lambda page, w, x: page.weighted_sum(w, x),
    ),
]
""",
    ),
    "part/figures": Text(
        {"zh": "图", "en": "Figures"},
        """\
```python
--8<-- "part/figures.py:line"
```

![{picture}](figure:1 "{picture}")

```python
--8<-- "part/figures.py:points"
```

![{picture}](figure:1 "{picture}")
""",
        """\
# --8<-- [start:line]
import matplotlib.pyplot as plt

plt.plot([1, 2, 4])
plt.show()
# --8<-- [end:line]

# --8<-- [start:points]
plt.scatter([1, 2], [3, 4])
plt.show()
# --8<-- [end:points]
""",
    ),
    "part/chance": Text(
        {"zh": "偶然", "en": "Chance"},
        """\
```python
--8<-- "part/chance.py:measure"
```

{is} `{{python}} f"{{accuracy:.4f}}"`, `{{python}} f"{{sweep['accuracy'].mean:.4f}}"`.

```python
--8<-- "part/chance.py:check"
```
""",
        """\
# --8<-- [start:measure]
import numpy as np

seed = 0
accuracy = float(np.random.default_rng(seed).normal(0.9, 0.01, 50).mean())
accuracy
# --8<-- [end:measure]

# --8<-- [start:check]
assert accuracy > 0.896
# --8<-- [end:check]
""",
    ),
    "part/data": Text(
        {"zh": "数据", "en": "Data"},
        """\
```python
--8<-- "part/data.py:digits"
```
""",
        """\
# --8<-- [start:digits]
import os

import numpy as np

mnist = np.load(os.environ["BOOK_MNIST"])
digits = [int(digit) for digit in mnist["y_test"][:5]]
print(digits)
# --8<-- [end:digits]
""",
    ),
}
WORDS = {
    "zh": {"is": "结果是", "picture": "一张小图", "next": "下一页", "description": "小书的一页。"},
    "en": {"is": "The result is", "picture": "A small picture", "next": "Next page", "description": "One small page."},
}


def write(root: Path) -> Book:
    """Write the small book into a folder; it has no records yet.

    ``node_modules`` of the repository is linked; nothing else in the folder refers to the repository.
    """
    source = Book().root
    root.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copy(source / name, root / name)
    shutil.copytree(source / "theme", root / "theme")
    (root / "node_modules").symlink_to(source / "node_modules")
    book = Book(root)
    for language in book.languages:
        file = book.config_file(language)
        file.write_text(_with_navigation(file.read_text(encoding="utf-8")), encoding="utf-8")
    for name, text in PAGES.items():
        for language in book.languages:
            _write(book.page_file(language, name), _page(text, language))
        if text.code:
            _write(book.snippets / f"{name}.py", text.code)
        if text.equations:
            _write(book.snippets / f"{name}_equations.py", text.equations)
    book.records.mkdir()
    return book


def _with_navigation(configuration: str) -> str:
    """Put the small book's pages in the place of the book's own."""
    return re.sub(r"^nav:\n(?:[ \t].*\n|\n)*", NAVIGATION, configuration, count=1, flags=re.MULTILINE)


def _page(text: Text, language: str) -> str:
    title, words = text.titles[language], WORDS[language]
    header = f"---\ntitle: {title}\ndescription: {words['description']}\n---\n\n# {title} {{#top}}\n\n"
    return header + text.body.format(**words)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
