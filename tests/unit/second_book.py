"""A book that shares nothing with this one but the package: other title, other languages, no TensorFlow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from book.core.site import PACKAGE, Book

BOOK = """\
[languages.de]
config = "mkdocs.yml"
tag = "de"
words = "words/de.json"

[languages.fr]
config = "mkdocs.fr.yml"
tag = "fr"
words = "words/fr.json"

[limits]
block_seconds = 30
"""
CONFIG = """\
site_name: {title}
docs_dir: docs/{language}
use_directory_urls: true
theme: {{name: material, custom_dir: theme, language: {language}, font: false}}
nav: [index.md, part/mean.md, runs.md]
plugins: {{search: {{}}, mkdocs-jupyter: {{include: ["*.ipynb"], ignore_h1_titles: true, cache: false}}, book: {{}}}}
markdown_extensions:
  attr_list: {{}}
  md_in_html: {{}}
  pymdownx.arithmatex: {{generic: true}}
  pymdownx.highlight: {{pygments_lang_class: true}}
  pymdownx.snippets: {{base_path: [snippets], check_paths: true, dedent_subsections: true}}
  pymdownx.superfences: {{}}
  book.draw.extension: {{language: {language}}}
  book.draw.formulas: {{language: {language}}}
"""
SNIPPET = """\
# --8<-- [start:mean]
import statistics

numbers = [3, 5, 10]
mean = statistics.fmean(numbers)
print(mean)
assert mean == sum(numbers) / 3
# --8<-- [end:mean]

# --8<-- [start:plot]
import matplotlib.pyplot as plt

plt.plot(numbers)
plt.show()
# --8<-- [end:plot]
"""
MEAN = """\
---
title: {title}
description: {title}
---

# {title} {{#top}}

<!-- unchecked: definition -->
$$
m = \\arg\\min_{{c}} \\sum_{{i=1}}^{{n}} (x_i - c)^2
$$

```python
--8<-- "part/mean.py:mean"
```

{value} `{{python}} mean`.

```python
--8<-- "part/mean.py:plot"
```

![{alt}](figure:1 "{caption}")

<!-- script: part/mean.py -->
"""
SHORT = "---\ntitle: {title}\ndescription: {title}\n---\n\n# {title} {{#top}}\n\n{text}\n"
GLOSSARY = """\
de,fr,pl,avoid_de,avoid_fr,avoid_pl,de_definition,fr_definition,pl_definition,note
Mittelwert,moyenne,średnia,,,,Summe durch Anzahl.,La somme divisée par le nombre.,Suma przez liczbę.,
"""
TITLES = {"de": "Kleine Statistik", "fr": "Petites statistiques", "pl": "Mała statystyka"}
TEXTS = {
    "de": {
        "title": "Der Mittelwert",
        "value": "Der Mittelwert ist",
        "alt": "Drei Zahlen steigen an.",
        "caption": "Die Zahlen.",
    },
    "fr": {
        "title": "La moyenne",
        "value": "La moyenne vaut",
        "alt": "Trois nombres croissants.",
        "caption": "Les nombres.",
    },
    "pl": {
        "title": "Średnia",
        "value": "Średnia to",
        "alt": "Trzy rosnące liczby.",
        "caption": "Liczby.",
    },
}
WORDS = {
    "de": {
        "ran": "Gelaufen",
        "script": "Das ganze Programm, {}",
        "fresh": "Aktuell",
        "formula": "Formel",
        "definition": "ein Wort für die Summe durch Anzahl",
    },
    "fr": {
        "ran": "Exécuté",
        "script": "Le programme entier, {}",
        "fresh": "À jour",
        "formula": "Formule",
        "definition": "un nom pour la somme divisée",
    },
    "pl": {
        "ran": "Uruchomiono",
        "script": "Cały program, {}",
        "fresh": "Aktualne",
        "formula": "Wzór",
        "definition": "nazwa sumy przez liczbę",
    },
}
"""What is asked for in the tests; the rest of a file of words is taken from the English one here."""


def write(root: Path) -> Book:
    """Write the book into a folder; it has not run yet."""
    book = Book(root)
    (root / "book.toml").write_text(BOOK, encoding="utf-8")
    (root / "snippets" / "part").mkdir(parents=True)
    (root / "snippets" / "part" / "mean.py").write_text(SNIPPET, encoding="utf-8")
    glossary = root / "docs" / "data" / "glossary.csv"
    glossary.parent.mkdir(parents=True)
    glossary.write_text(GLOSSARY, encoding="utf-8")
    (root / "theme").mkdir()
    shutil.copy(Book().root / "theme" / "notebook.html", root / "theme")
    (root / "node_modules").symlink_to(Book().root / "node_modules")  # MathJax, as npm would install it
    book.records.mkdir()
    for language, config in (("de", "mkdocs.yml"), ("fr", "mkdocs.fr.yml")):
        write_language(root, language, config)
    return book


def write_language(root: Path, language: str, config: str) -> None:
    """Write what a language is made of: a folder of pages, a file of words, a configuration of MkDocs."""
    (root / config).write_text(CONFIG.format(title=TITLES[language], language=language), encoding="utf-8")
    pages = {
        "index": SHORT.format(title=TITLES[language], text="[→](part/mean.md)"),
        "part/mean": MEAN.format(**TEXTS[language]),
        "runs": SHORT.format(title="Report", text="<!-- report: blocks -->\n\n<!-- glossary -->"),
    }
    for name, text in pages.items():
        file = root / "docs" / language / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    words = json.loads((PACKAGE / "words" / "en.json").read_text(encoding="utf-8"))
    own = WORDS[language]
    words["block"] |= {"ran": own["ran"], "script": own["script"]}
    words["glossary"] |= {"de": "Deutsch", "fr": "Français", "pl": "Polski"}
    words["report"]["fresh"], words["formula"]["formula"] = own["fresh"], own["formula"]
    words["equation"]["reason-definition"] = own["definition"]
    (root / "words").mkdir(exist_ok=True)
    (root / "words" / f"{language}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
