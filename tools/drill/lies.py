"""The lies: each is planted in a copy of the book itself, and the commands that stand before publishing look for it.

A lie is what somebody could commit: pages, snippets, records, tables, the workflow. An author who lies well also does
what makes the lie pass: says it in both languages, runs the page, hashes an edited record again. What finds it first is
noted with what it says; what nothing finds has to be among ``POSSIBLE``, with the reason why it stays possible.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from book.core import store
from book.core.page import read
from book.core.site import Book

PAGE, SNIPPETS = "impact", "snippets/home"
"""A page that runs in seconds, and where its code lies."""
ZH, EN = f"docs/zh/{PAGE}.md", f"docs/en/{PAGE}.md"
CODE, CHECKS = f"{SNIPPETS}/impact.py", f"{SNIPPETS}/impact_checks.py"
EQUATIONS = f"{SNIPPETS}/impact_equations.py"
WORKFLOW = ".github/workflows/docs.yml"
PINNED = "evil/action@0123456789012345678901234567890123456789 # v1.0.0"

Plant = Callable[[Path], None]
"""Puts a lie into a checkout."""


class Withered(Exception):
    """A lie has no place any more: the text that it would change is gone."""


@dataclass(frozen=True)
class Lie:
    """Something false that somebody wants published.

    Attributes:
        says: what is false, in a few words.
        principle: the number of the principle in SECURITY.md that it offends.
        plant: puts it into a checkout.
        runs: whether the page has to be run and recorded for it.
        pages: pages that ``make blocks`` would execute, of which the lie is one.
    """

    says: str
    principle: int
    plant: Plant
    runs: bool = False
    pages: tuple[str, ...] = (PAGE,)


POSSIBLE: Mapping[str, str] = {
    "sweep: a maximum too high": "until the next weekly repetition (`make repeat`), which compares every seed",
    "check: one of two of a headline is removed": "as long as an assertion reads it: a removal stands in the history, not on the pages",
    "check: another result as the bound": "a bound that is computed is tried on wrong values, and held to no distance",
    "equation: turned into a condition": "the reason has to fit the form of the equation, which can be turned",
    "code: declares a measurement that has no part in the value": "false code in plain sight; the value has the color of what is measured",
    "typed: as a share of ten": "counts up to ten need no source, nor do shares and multiples of them",
    "typed: by the places of the parts of a drawing": "the texts of a drawing are read one by one, and its shapes not at all",
    "typed: a unit beside a computed value": "a change of unit that is off by a power of ten",
    "book.toml: more numbers are harmless": "what the rules themselves let through is declared there in plain sight",
    "record: another machine": "in a committed record, which a published site does not show: it names the machine that executed it",
    "record: made in a tenth of the time": "in a committed record, likewise: a published site shows the seconds of the fresh run",
}
"""What nothing finds, and why it stays possible; the verification page says the same."""


# --- How a lie is planted -------------------------------------------------------------------------------------------


def edit(name: str, old: str, new: str, *, every: bool = False) -> Plant:
    """Return what replaces a text in a file, once or everywhere."""

    def plant(root: Path) -> None:
        file = root / name
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise Withered(f"{name} has no {old!r}")
        file.write_text(text.replace(old, new, -1 if every else 1), encoding="utf-8")

    return plant


def write(name: str, text: str) -> Plant:
    """Return what writes a file."""

    def plant(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    return plant


def together(*plants: Plant) -> Plant:
    """Return what does several things."""

    def plant(root: Path) -> None:
        for each in plants:
            each(root)

    return plant


def say(zh: str, en: str) -> Plant:
    """Return what adds a paragraph to the section on evidence, in both languages."""
    return together(
        edit(ZH, "级别高不等于可靠", f"{zh}\n\n级别高不等于可靠"),
        edit(EN, "A high rank does not make", f"{en}\n\nA high rank does not make"),
    )


def both(old: str, new: str) -> Plant:
    """Return what replaces the same text in both languages."""
    return together(edit(ZH, old, new), edit(EN, old, new))


def front(line_zh: str, line_en: str = "") -> Plant:
    """Return what adds a line to the front matter."""
    return together(
        edit(ZH, "\nfigures: translated", f"\n{line_zh}\nfigures: translated"),
        edit(EN, "\n---\n\n# ", f"\n{line_en or line_zh}\n---\n\n# "),
    )


def description(zh: str, en: str) -> Plant:
    """Return what ends the descriptions of the page differently."""
    return together(edit(ZH, "能算的当场算。", zh), edit(EN, "computed on the page where it can be.", en))


def _kept(root: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the file and the content of the record of each block of the page, in their order."""
    book = Book(root)
    for block in read(book, book.languages[0], PAGE).blocks:
        file = root / "records" / block.name / "cpu.json"
        yield file, store.decode(file.read_bytes())


def recorded(change: Callable[[dict[str, Any]], object], *, variable: str = "", figure: bool = False) -> Plant:
    """Return what changes a record of the page and hashes it again: the last that has a variable, or the first figure."""

    def plant(root: Path) -> None:
        found = [
            each
            for each in _kept(root)
            if (each[1]["figures"] if figure else not variable or variable in each[1]["variables"])
        ]
        if not found:
            raise Withered(f"no record of {PAGE} has {variable or 'a figure'}")
        file, raw = found[0 if figure else -1]
        change(raw)
        file.write_bytes(store.encode(raw))

    return plant


def everywhere(variable: str, value: Any) -> Plant:
    """Return what gives a variable another value in every record of the page, wherever it is printed, too."""

    def plant(root: Path) -> None:
        for file, raw in _kept(root):
            if variable in raw["variables"]:
                raw["variables"][variable] = value
                file.write_bytes(store.encode(raw))

    return plant


def drawn(old: str, new: str) -> Plant:
    """Return what changes the first recorded figure and its hash."""

    def plant(root: Path) -> None:
        def change(raw: dict[str, Any]) -> None:
            name = next(iter(raw["figures"]))
            file = root / "records" / raw["name"] / name
            text = file.read_text(encoding="utf-8")
            changed = re.sub(old, new, text, count=1)
            if changed == text:
                raise Withered(f"{name} has no {old!r}")
            file.write_text(changed, encoding="utf-8")
            raw["figures"][name] = store.sha256(changed.encode())

        recorded(change, figure=True)(root)

    return plant


def printed(old: str, new: str) -> Plant:
    """Return what changes a printed text in the records of the page."""

    def plant(root: Path) -> None:
        for file, raw in _kept(root):
            text = json.dumps(raw["outputs"])
            if re.search(old, text):
                raw["outputs"] = json.loads(re.sub(old, new, text, count=1))
                file.write_bytes(store.encode(raw))
                return
        raise Withered(f"nothing printed matches {old!r}")

    return plant


def stored(pattern: str, change: Callable[[Any], Any]) -> Plant:
    """Return what changes the first file of ``records/`` that matches, and hashes it again."""

    def plant(root: Path) -> None:
        file = next(iter(sorted(root.glob(f"records/{pattern}"))), None)
        if file is None:
            raise Withered(f"there is no records/{pattern}")
        raw = store.decode(file.read_bytes())
        file.write_bytes(store.encode(change(raw) or raw))

    return plant


def code(line: str, *, after: str = "not_chance = 1 - (len(y) - 1) / q") -> Plant:
    """Return what adds lines to a block of the page."""
    return edit(CODE, after, f"{after}\n{line}")


def check(line: str) -> Plant:
    """Return what adds an assertion to the checks of the page."""
    return edit(CHECKS, "assert p_value < 0.01", f"assert p_value < 0.01\n{line}")


def workflow(old: str, new: str) -> Plant:
    """Return what changes the workflow that publishes."""
    return edit(WORKFLOW, old, new)


def job(name: str, line: str) -> Plant:
    """Return what adds a line to a job of the workflow."""
    return workflow(f"\n  {name}:\n", f"\n  {name}:\n    {line}\n")


# --- The lies -------------------------------------------------------------------------------------------------------


def _typed() -> Iterator[Lie]:
    """Yield numbers that nobody computed and nobody published, however they are written."""
    forms = {
        "98.7%": ("模型对了 98.7%。", "The model is right in 98.7% of cases."),
        "98%": ("模型对了 98%。", "The model is right in 98% of cases."),
        "0.987": ("准确率是 0.987。", "Its accuracy is 0.987."),
        "seconds": ("训练用了 37 秒。", "Training took 37 seconds."),
        "memory": ("它占 512 MB。", "It takes 512 MB."),
        "in a formula": (r"准确率是 $98.7\%$。", r"Its accuracy is $98.7\%$."),
        "as code": ("准确率是 `98.7%` 。", "Its accuracy is `98.7%`."),
        "with an entity": ("准确率是 98.7&nbsp;%。", "Its accuracy is 98.7&nbsp;%."),
        "parted by tags": ("准确率是 <b>98.7</b>%。", "Its accuracy is <b>98.7</b>%."),
        "in bold": ("准确率是 **98.7**%。", "Its accuracy is **98.7**%."),
        "after a comment": ("<!-- x -->准确率是 98.7%。", "<!-- x -->Its accuracy is 98.7%."),
        "in words": ("准确率是百分之九十八。", "Its accuracy is ninety-eight percent."),
        "in full-width digits": ("准确率是９８％。", "Its accuracy is ９８％."),
        "as a fraction": ("省下了三分之二的时间，即 2/3。", "It saves 2/3 of the time."),
        "as a multiple": ("它快 37 倍。", "It is 37 times as fast."),
        "as a multiple in words": ("它快三十七倍。", "It is thirty-seven times as fast."),
        "with an exponent": ("它有 1.7e11 个参数。", "It has 1.7e11 parameters."),
        "as a power of ten": (r"它有 $1.7 \times 10^{11}$ 个参数。", r"It has $1.7 \times 10^{11}$ parameters."),
        "in Chinese units": ("它有 1750 亿个参数。", "It has 175 billion parameters."),
        "in percentage points": ("它高出 12 个百分点。", "It is ahead by 12 percentage points."),
        "beside any link": (
            "准确率是 98.7%（[主页](index.md)）。",
            "Its accuracy is 98.7% ([home](index.md)).",
        ),
        "beside a source that does not say it": (
            "准确率是 98.7%（[2021](https://doi.org/10.1038/s41586-021-03819-2)）。",
            "Its accuracy is 98.7% ([2021](https://doi.org/10.1038/s41586-021-03819-2)).",
        ),
        "in the next sentence after a citation": (
            "这是已知的（[2021](https://doi.org/10.1038/s41586-021-03819-2)）。准确率是 98.7%。",
            "This is known ([2021](https://doi.org/10.1038/s41586-021-03819-2)). Its accuracy is 98.7%.",
        ),
        "in a box": ('!!! note "注"\n\n    准确率是 98.7%。', '!!! note "Note"\n\n    Its accuracy is 98.7%.'),
        "in a box's title": ('!!! note "准确率 98.7%"\n\n    注。', '!!! note "Accuracy 98.7%"\n\n    A note.'),
        "in a table": (
            "| 模型 | 准确率 |\n|---|---|\n| 它 | 98.7% |",
            "| Model | Accuracy |\n|---|---|\n| It | 98.7% |",
        ),
        "in a list": ("- 准确率 98.7%", "- accuracy 98.7%"),
        "in a heading": ("### 准确率 98.7% {#lie}", "### Accuracy 98.7% {#lie}"),
        "in a footnote": ("见注。[^1]\n\n[^1]: 准确率 98.7%。", "See the note.[^1]\n\n[^1]: Its accuracy is 98.7%."),
        "as a quotation": ("> 准确率 98.7%。", "> Its accuracy is 98.7%."),
        "as text that looks like output": ("```text\naccuracy 98.7%\n```", "```text\naccuracy 98.7%\n```"),
        "with a decimal point between digits only": ("得分 .987。", "It scores .987."),
        "in money": ("它花了 460 万美元。", "It cost 4.6 million dollars."),
        "over a line break": ("准确率是 98.7\n%。", "Its accuracy is 98.7\n%."),
    }
    for form, (zh, en) in forms.items():
        yield Lie(f"typed: {form}", 5, say(zh, en))
    yield Lie("typed: in the description", 5, description("准确率 98.7%。", "accuracy 98.7%."))
    yield Lie(
        "typed: in a caption",
        5,
        together(
            edit(ZH, '(figure:1 "', '(figure:1 "准确率 98.7%。'), edit(EN, '(figure:1 "', '(figure:1 "Accuracy 98.7%. ')
        ),
    )
    yield Lie(
        "typed: in an alternative text",
        5,
        together(
            edit(ZH, "](figure:1 ", "，准确率 98.7%](figure:1 "), edit(EN, "](figure:1 ", ", accuracy 98.7%](figure:1 ")
        ),
    )
    yield Lie("typed: another number than the cited one", 5, both("4.63%", "46.3%"))
    yield Lie(
        "typed: another cited number, in Chinese units",
        5,
        together(edit(ZH, "4130 万篇", "5130 万篇"), edit(EN, "41.3 million", "51.3 million")),
    )


def _unseen() -> Iterator[Lie]:
    """Yield numbers and names that are read otherwise than they are written."""

    def drawing(body: str, label: str = "x") -> Plant:
        shown = f'<svg viewBox="0 0 100 40" role="img" aria-label="{label}">{body}</svg>'
        figure = f'<figure class="diagram">\n{shown}\n<figcaption>{{}}</figcaption>\n</figure>'
        return say(figure.format("一幅图。"), figure.format("A drawing."))

    pieces = '<text x="1" y="9">{}</text>'
    yield Lie("typed: in a drawing", 5, drawing(pieces.format("37.6%")))
    yield Lie("typed: in a drawing's label", 5, drawing(pieces.format("x"), "37.6%"))
    yield Lie("typed: in parts of a drawing's text", 5, drawing(pieces.format("<tspan>3</tspan><tspan>7</tspan>")))
    apart = "".join(f'<text x="{4 * i}" y="9">{part}</text>' for i, part in enumerate("37%"))
    yield Lie("typed: by the places of the parts of a drawing", 5, drawing(apart))
    forms = {
        "as the number of a list": '<ol start="37"><li>x</li></ol>',
        "as the number of an item": '<ol><li value="37">x</li></ol>',
        "as the title of an attribute list": '**x**{ title="37.6%" }',
        "as words for who does not see": '**x**{ aria-label="37.6%" }',
        "as the title of a link's target": '[x][lie]\n\n[lie]: index.md "37.6%"',
        "as the title of a tab": '=== "37.6%"\n\n    x',
        "in small digits above": "³⁷·⁶ %",
        "in small digits below": "₃₇%",
        "in digits within discs": "❸ %",
        "in a formula, apart": "$3 7$",
        "in a formula, apart by braces": "$3{}7$",
        "in a formula, in two faces": r"$\mathit{3}7$",
        "in a formula, apart by no space": r"$3\!7$",
        "parted by a comment": "3<!-- -->7",
        "parted by where a line may break": "3<wbr>7",
    }
    for form, text in forms.items():
        yield Lie(f"typed: {form}", 5, say(f"是 {text} 的。", f"It is {text} of it."))
    yield Lie("typed: as a share of ten", 5, say("十次里对九次。", "It is right nine times out of ten."))
    value = '`{python} f"{q:.1f}"`'
    yield Lie("typed: a unit beside a computed value", 5, both(value, f"{value}%"))
    yield Lie("inline value: a digit before it", 4, both(value, f"9{value}"))
    yield Lie("inline value: read from right to left", 4, both(value, f"\u202e{value}\u202c"))
    yield Lie("code: a name with a letter that looks like another", 7, code("not_\u0441hance = 0.99"), runs=True)
    yield Lie("code: text from right to left", 7, code('print("accuracy \u202e%12\u202c")'), runs=True)
    yield Lie("code: out of sight on the right", 7, code(f'x = 1{" " * 300}; print("accuracy 0.99")'), runs=True)


def _beside() -> Iterator[Lie]:
    """Yield what readers see and what stands on no page: titles, tables, settings."""
    nav = together(
        edit("mkdocs.yml", "- 大模型的影响: impact.md", "- 大模型的影响 37.6%: impact.md"),
        edit("mkdocs.en.yml", "- The impact of large models: impact.md", "- The impact of 37.6%: impact.md"),
    )
    yield Lie("typed: in the navigation", 5, nav, pages=())
    yield Lie(
        "typed: in the description of the site", 5, edit("mkdocs.yml", "，中英双语。", "，准确率 37.6%。"), pages=()
    )
    yield Lie("typed: in the copyright", 5, edit("mkdocs.yml", "文字 CC BY 4.0", "文字 37.6% 对"), pages=())
    figures, glossary, sets = (f"docs/data/{name}.csv" for name in ("figure_words", "glossary", "datasets"))
    peng = "Peng et al. ({}),Peng 等（{}）"
    yield Lie("typed: in a translation of a figure's words", 5, edit(figures, peng, f"{peng}37.6%"), pages=())
    year = edit(figures, peng, "Peng et al. ({}),Peng 等（2031）")
    yield Lie("typed: in the place of a figure's number", 5, year, pages=())
    swap = edit(figures, "认 {} 到 {} 的误差", "认 {1} 到 {0} 的误差")
    yield Lie("figure words: two numbers change places", 5, swap, pages=())
    defined = edit(glossary, "predict the next token.", "predict the next token, right in 37.6% of cases.")
    yield Lie("typed: in the glossary", 5, defined, pages=())
    registry = edit(sets, "recbole==1.2.1,,", "recbole==1.2.1,--index-url https://example.org/simple,")
    yield Lie("data set: from another registry", 3, registry, pages=())
    yield Lie("data set: from an address", 3, edit(sets, "recbole==1.2.1,", "https://example.org/x.whl,"), pages=())
    lax = together(edit("book.toml", "counts = 10", "counts = 99"), say("它快 37 倍。", "It is 37 times as fast."))
    yield Lie("book.toml: more numbers are harmless", 5, lax, pages=())
    folder = edit("book.toml", "[languages.zh]", '[redirects]\n"assets/figures" = "impact"\n\n[languages.zh]')
    yield Lie("redirect: in the place of figures", 7, folder, pages=())
    picture = '<div class="widget" data-widget="models" data-source="assets/data/coverage.csv" markdown>\n\nx\n\n</div>'
    yield Lie("page: a live picture of a table that no block reads", 7, say(picture, picture))


def _values() -> Iterator[Lie]:
    """Yield inline values that are not what was computed."""
    forms = {
        "a constant": 'f"{0.98:.0%}"',
        "a constant text": '"98.7%"',
        "a constant behind max": 'f"{max(not_chance * 0, 0.987):.1%}"',
        "a constant behind min": 'f"{min(not_chance * 1000, 0.987):.1%}"',
        "a constant behind a condition": 'f"{0.987 if not_chance else 0:.1%}"',
        "a constant behind or": 'f"{(not_chance and 0.987):.1%}"',
        "a constant by multiplication with nothing": 'f"{not_chance * 0 + 0.987:.1%}"',
        "an addition": 'f"{not_chance + 0.1:.0%}"',
        "a factor": 'f"{not_chance * 1.1:.0%}"',
        "a constant of lengths": 'f"{len(str(not_chance)) * 0 + 98.7}%"',
        "a power": 'f"{not_chance ** 0.1:.0%}"',
        "digits around it": 'f"9{not_chance:.0%}"',
        "a text replaced": 'f"{not_chance:.0%}".replace("8", "9")',
        "a code point": 'f"{chr(57)}8.7%"',
        "a number that is no recorded name": 'f"{True + True}"',
    }
    for form, expression in forms.items():
        yield Lie(f"inline value: {form}", 4, both('`{python} f"{not_chance:.0%}"`', f"`{{python}} {expression}`"))
    attack = "().__class__.__base__.__subclasses__().__len__()"
    yield Lie("inline value: reaches into Python", 4, both('f"{not_chance:.0%}"', attack))
    yield Lie("inline value: never ends", 4, both('f"{not_chance:.0%}"', "9**9**9"))
    yield Lie("inline value: writes gigabytes", 4, both('f"{not_chance:.0%}"', 'f"{not_chance:999999999}"'))
    swap = together(
        edit(EN, '`{python} f"{all_pay:.1%}"`', "@"),
        edit(EN, '`{python} f"{half_exposed:.1%}"`', '`{python} f"{all_pay:.1%}"`'),
        edit(EN, "@", '`{python} f"{half_exposed:.1%}"`'),
    )
    yield Lie("English swaps two values of a sentence", 4, swap)
    yield Lie("English says a typed number that Chinese does not", 4, edit(EN, "67 problems", "97 problems"))
    yield Lie("English says 50,000 for 60,000", 4, say("有 60000 张图。", "There are 50,000 pictures."))


def _records() -> Iterator[Lie]:
    """Yield records that were edited and hashed again."""
    yield Lie("record: a value on the page", 1, everywhere("acemoglu", 0.0666))
    yield Lie("record: a value in no assertion", 1, everywhere("not_chance", 0.99))
    yield Lie(
        "record: an item of a table",
        1,
        recorded(lambda raw: raw["variables"]["premium"].update(Burmese=9.9), variable="premium"),
    )
    yield Lie("record: a value that is too small to see", 1, everywhere("mean_effect", -19.0))
    yield Lie(
        "record: a variable more", 1, recorded(lambda raw: raw["variables"].update(accuracy=0.99), variable="acemoglu")
    )
    yield Lie("record: a variable less", 1, recorded(lambda raw: raw["variables"].pop("acemoglu"), variable="acemoglu"))
    yield Lie(
        "record: a printed number",
        2,
        printed(r"share of the scatter beyond chance: \d+%", "share of the scatter beyond chance: 99%"),
    )
    yield Lie("record: a printed word", 2, printed("beyond chance", "within chance"))
    yield Lie("record: a printed line more", 2, printed(r"share of the scatter", r"all is well\\nshare of the scatter"))
    yield Lie("record: an output removed", 2, printed(r"share of the scatter beyond chance: \d+%", ""))
    yield Lie("record: a label of a figure", 2, drawn("METR", "ACME"))
    yield Lie(
        "record: a point of a figure",
        2,
        drawn(r'<use xlink:href="([^"]+)" x="\d+\.\d+"', r'<use xlink:href="\1" x="17.0"'),
    )
    yield Lie(
        "record: the color of a curve", 2, drawn(r"stroke: #(?!000000|ffffff|808080)[0-9a-f]{6}", "stroke: #ff00ff")
    )
    yield Lie("record: a date in the future", 3, recorded(lambda raw: raw["circumstances"].update(date="2031-01-01")))
    yield Lie(
        "record: made in a tenth of the time",
        2,
        recorded(lambda raw: raw.update(seconds=raw["seconds"] / 1e6), variable="acemoglu"),
    )
    yield Lie("record: another machine", 3, recorded(lambda raw: raw["circumstances"].update(machine="1024 x TPU")))
    yield Lie(
        "record: another version of a library",
        3,
        recorded(lambda raw: raw["circumstances"]["versions"].update(numpy="9.9.9")),
    )
    yield Lie("sweep: a maximum too high", 1, stored("*/sweep.json", _higher), pages=())
    yield Lie("long run: a result times 1.06", 1, _larger, pages=())
    yield Lie("equation: more mutants killed", 6, stored("equations/*.json", _killed), pages=())
    skipped = together(front("needs: [torch]"), everywhere("acemoglu", 0.0666))
    yield Lie("record: of a page that says it needs PyTorch", 1, skipped)


def _higher(raw: dict[str, Any]) -> None:
    seeds = next(iter(raw["values"].values()))
    seeds[next(iter(seeds))] += 0.02


def _larger(root: Path) -> None:
    file = next(iter(sorted(root.glob("records/long/*_long.json"))))

    def grow(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: grow(each) for key, each in value.items()}
        if isinstance(value, list):
            return [grow(each) for each in value]
        return value * 1.06 if isinstance(value, float) else value

    file.write_text(json.dumps(grow(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")
    about = file.with_name(f"{file.stem}.run.json")
    raw = store.decode(about.read_bytes())
    about.write_bytes(store.encode(raw | {"result": store.sha256(file.read_bytes())}))


def _killed(raw: dict[str, Any]) -> None:
    raw["mutants"], raw["survivors"] = 9999, []


def _hidden() -> Iterator[Lie]:
    """Yield code that runs and is not shown, or that is shown and does something else."""
    lines = {
        "imports a module of the repository": "import tools.drill",
        "imports a file beside the page": "import helper; not_chance = helper.share",
        "imports the package that makes the book": "import book; print(book.__file__)",
        "replaces the observer": "import book.run.kernel as k; k.observe = lambda v: '{}'",
        "replaces json": "import json; json.dumps = lambda *a, **k: '{}'",
        "reads a file of the repository": "not_chance = len(open(__import__('os').environ.get('HOME', '/') + '/../../x').read())",
        "reads through an absolute path": "import pathlib; not_chance = len(pathlib.Path('{root}/README.md').read_text()) / 1e5",
        "reads by another process": "import subprocess; not_chance = len(subprocess.run(['cat', '{root}/README.md'], capture_output=True).stdout) / 1e5",
        "reads a variable of the author": "import os; not_chance = float(os.environ.get('SHARE', 0.99))",
        "loads source by importlib": "import importlib.util as u; s = u.spec_from_file_location('h', '{root}/helper.py'); m = u.module_from_spec(s); s.loader.exec_module(m); not_chance = m.share",
        "writes into docs": "open('{root}/docs/zh/lie.md', 'w').write('# x')",
        "writes into the records": "open('{root}/records/lie.json', 'w').write('x')",
        "leaves a child behind that prints": "import subprocess; subprocess.Popen(['sh', '-c', 'sleep 0.2; while echo accuracy 0.99; do sleep 0.1; done'], start_new_session=True)",
        "leaves a thread that prints": "import threading, time; threading.Thread(target=lambda: [time.sleep(0.05), print('accuracy 0.99')] * 4000, daemon=True).start()",
        "prints chance": "import random; print('accuracy', random.random())",
        "prints the hash of a text": "print('accuracy', hash('x') % 100)",
        "prints the time": "import time; print('accuracy', time.time())",
        "prints the order of a set": "print({'apple', 'pear', 'plum', 'fig', 'quince'})",
        "calls chance memory": "import random; memory_accuracy = random.random()",
        "declares chance a measurement": "import random; accuracy = random.random()  # measured: time",
        "shows a script": "from IPython.display import HTML, display; display(HTML('<script>document.title = 1</script>'))",
        "shows a handler": "from IPython.display import HTML, display; display(HTML('<b onclick=\"alert(1)\">x</b>'))",
        "asks another host": "from IPython.display import HTML, display; display(HTML('<img src=\"https://example.org/x.png\">'))",
        "asks another host by CSS": "from IPython.display import HTML, display; display(HTML('<style>@import url(https://example.org/x.css)</style>'))",
        "stops the page": "raise SystemExit",
        "declares a measurement that has no part in the value": "import time\n\naccuracy = 0.99 + 0 * time.perf_counter()  # measured: time",
        "shows a badge": "from IPython.display import HTML, display\n\ndisplay(HTML('<p class=\"equation-badge\">✓ Checked</p>'))",
    }
    for says, line in lines.items():
        yield Lie(f"code: {says}", 3, _code_lie(line), runs=True)
    yield Lie(
        "script: has code that no page runs",
        7,
        edit(
            CODE,
            "import csv",
            "import csv\n# --8<-- [end:import]\nnot_chance = 0.99\n# --8<-- [start:import2]\n# --8<-- [end:import2]\n# --8<-- [start:rest]",
        ),
    )
    end = edit(CODE, "# --8<-- [start:load]", "raise SystemExit\n\n# --8<-- [start:load]")
    yield Lie("script: ends before its end", 7, end, runs=True)


def _code_lie(line: str) -> Plant:
    def plant(root: Path) -> None:
        write("helper.py", "share = 0.99\n")(root)
        write(f"{SNIPPETS}/helper.py", "share = 0.99\n")(root)
        code(line.replace("{root}", str(root)))(root)

    return plant


def _checks() -> Iterator[Lie]:
    """Yield checks that hold whatever was computed."""
    assertions = {
        "assert True": "assert True",
        "is always true": "assert p_value < 0.01 or True",
        "is weaker than chance": "assert not_chance > -1",
        "passes NaN": "assert not not_chance < 0.1",
        "compares a name with itself": "assert not_chance == not_chance",
        "asserts a text": 'assert "not_chance > 0.99"',
        "asserts a tuple": 'assert (not_chance > 0.99, "message")',
        "catches its failure": "try:\n    assert not_chance > 0.99\nexcept AssertionError:\n    pass",
        "runs only when it holds": "if not_chance > 0.99:\n    assert not_chance > 0.99",
        "loops over nothing": "for value_ in []:\n    assert value_ > 0.99",
    }
    for says, line in assertions.items():
        yield Lie(f"check: {says}", 6, check(line), runs=True)
    exact = "assert np.isclose(not_chance, 1 - (len(y) - 1) / scatter)"
    bounds = {
        "a lax threshold": "0.1",
        "a lax threshold, computed": "1 / 10",
        "a lax threshold, hidden": "0.1 and True",
        "another result as the bound": "p_value",
    }
    for says, bound in bounds.items():
        yield Lie(f"check: {says}", 6, edit(CHECKS, exact, f"assert not_chance > {bound}"), runs=True)
    gone = edit(CHECKS, "assert round(acemoglu, 4) == 0.0066  # as the paper has it\n", "")
    yield Lie("check: one of two of a headline is removed", 6, gone, runs=True)
    both_gone = together(gone, edit(CHECKS, "assert np.isclose(all_pay / acemoglu, 1 / 0.23)", "assert all_pay > 0.01"))
    yield Lie("check: the last of a headline is removed", 6, both_gone, runs=True)
    fold = together(
        edit(ZH, '    ```python\n    --8<-- "home/impact_checks.py:economy"\n    ```', "    无。"),
        edit(EN, '    ```python\n    --8<-- "home/impact_checks.py:economy"\n    ```', "    None."),
    )
    yield Lie("check: its block is removed from both pages", 6, fold, runs=True)
    seeded = together(code("seed = 0\nnoisy = np.random.default_rng(seed).normal()"), check("assert noisy > -3"))
    yield Lie("check: a threshold that no sweep bears out", 6, seeded, runs=True)
    wrong = edit(EQUATIONS, "code=lambda page, g: page.time_change(g)", "code=lambda page, g: 1 / (1 - g) - 1")
    formula = both("d = \\frac{1}{1 + g} - 1", "d = \\frac{1}{1 - g} - 1")
    yield Lie("equation: wrong, beside code that is wrong alike", 6, together(formula, wrong), runs=True)
    turned = edit(EQUATIONS, "code=lambda page, g: page.time_change(g)", "code=lambda page, g: page.time_change(-g)")
    yield Lie("equation: wrong, with the argument turned", 6, together(formula, turned), runs=True)
    yield Lie("equation: wrong, and code left as it is", 6, formula, runs=True)
    excuse = both("<!-- equation: economy-gain -->", "<!-- unchecked: a definition of ours -->")
    yield Lie("equation: excused with any words", 6, together(excuse, both("G = e f c w", "G = e f c w^2")), runs=True)
    forms = {"called a definition": "definition", "called a limit": "asymptotic", "called a step": "step"}
    wrong_gain = both("G = e f c w", "G = e f c w^2")
    for says, reason in forms.items():
        excuse = both("<!-- equation: economy-gain -->", f"<!-- unchecked: {reason} -->")
        yield Lie(f"equation: wrong, and {says}", 6, together(excuse, wrong_gain, _undeclared), runs=True)
    turned = together(
        both("<!-- equation: economy-gain -->", "<!-- unchecked: condition -->"),
        both("G = e f c w", "G - e f c w^2 = 0"),
        _undeclared,
    )
    yield Lie("equation: turned into a condition", 6, turned, runs=True)
    inline = say("两边相等：$0.2 \\times 0.23 = 0.46$。", "Both sides are equal: $0.2 \\times 0.23 = 0.46$.")
    yield Lie("formula in the text: 0.2 times 0.23 is 0.46", 6, inline)


def _undeclared(root: Path) -> None:
    text = (root / EQUATIONS).read_text(encoding="utf-8")
    changed = re.sub(r'    Equation\(\n        "economy-gain",.*?\n    \),\n', "", text, flags=re.DOTALL)
    if changed == text:
        raise Withered(f"{EQUATIONS} has no economy-gain")
    (root / EQUATIONS).write_text(changed, encoding="utf-8")


def _sources() -> Iterator[Lie]:
    """Yield tables of sources that no longer say what was read."""
    citations, models = "docs/data/citations.csv", "docs/data/models.csv"
    yield Lie("sources: a cited row is gone", 5, _without_row(citations, "brown2020"), pages=())
    yield Lie("sources: a number in a row is changed", 5, edit(citations, "3.02", "8.02"), pages=())
    yield Lie("sources: the parameters of GPT-3 are changed", 5, edit(models, "1.75e11", "1.95e11"), pages=())
    yield Lie("sources: a study's result is changed", 5, edit("docs/data/productivity.csv", "-55.8", "-65.8"), pages=())
    yield Lie("sources: secondary becomes opened", 5, edit(citations, ",secondary,", ",opened,"), pages=())
    row = 'lie2026,Nobody,2026,Nothing,https://example.org/,page 1,"98.7%",opened,\n'
    cited = say(
        "准确率是 98.7%（[2026](https://example.org/)）。", "Its accuracy is 98.7% ([2026](https://example.org/))."
    )
    yield Lie("sources: a row that nobody read", 5, together(_with_row(citations, row), cited), pages=())


def _without_row(name: str, key: str) -> Plant:
    def plant(root: Path) -> None:
        lines = (root / name).read_text(encoding="utf-8").splitlines(keepends=True)
        rest = [line for line in lines if not line.startswith(f"{key},")]
        if len(rest) == len(lines):
            raise Withered(f"{name} has no row {key}")
        (root / name).write_text("".join(rest), encoding="utf-8")

    return plant


def _with_row(name: str, row: str) -> Plant:
    def plant(root: Path) -> None:
        with (root / name).open("a", encoding="utf-8") as file:
            file.write(row)

    return plant


def _site() -> Iterator[Lie]:
    """Yield what would make the site say something else than its pages."""
    pieces = {
        "a script": "<script>document.querySelector('.value').textContent = '99%'</script>",
        "a frame": '<iframe src="https://example.org/"></iframe>',
        "a handler": '<b onclick="alert(1)">x</b>',
        "a handler in an attribute list": "x\n{ onclick=alert(1) }",
        "a style": "<style>.value { display: none }</style>",
        "a style attribute": '<span style="display: none">98.7%</span>',
        "a style in an attribute list": '**x**{ style="display: none" }',
        "a picture of another host": "![x](https://example.org/x.png)",
        "a picture of another host in HTML": '<img src="https://example.org/x.png" alt="x">',
        "a link that runs code": "[x](javascript:alert(1))",
        "a link with data": "[x](data:text/html,<b>99%</b>)",
        "an object": '<object data="x.html"></object>',
        "a form": '<form action="https://example.org/"></form>',
        "a drawing with a script": "<svg><script>1</script></svg>",
        "a refresh": '<meta http-equiv="refresh" content="0; url=https://example.org/">',
        "a base address": '<base href="https://example.org/">',
        "a block that looks executed": '<div class="block" data-block="0123456789">accuracy 98.7%</div>',
        "a number that looks computed": '<span class="value" title="test_accuracy">98.7%</span>',
        "a file of the system as a script": "<!-- script: /etc/passwd -->",
        "a file of the repository as a script": "<!-- script: ../README.md -->",
        "code in a quotation": "> ```python\n> accuracy = 0.99\n> ```",
        "code with a title": '```python title="x"\naccuracy = 0.99\n```',
        "code that is only shown": "```py\naccuracy = 0.99\n```",
        "code typed into the page": "```python\naccuracy = 0.99\n```",
        "code in an indented block": "    accuracy = 0.99",
    }
    for says, text in pieces.items():
        yield Lie(f"page: {says}", 7, say(text, text))
    name = "record-figure.svg"
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><text>99%</text></svg>'
    files = {
        "a picture in place of a recorded one": (f"docs/zh/assets/figures/{name}", picture),
        "a script in place of the snippet": ("docs/zh/assets/scripts/home/impact.py", "print(0.99)\n"),
        "a page in HTML": ("docs/zh/claim.html", "<h1>99%</h1>"),
        "code for the browser": ("docs/zh/assets/javascripts/extra.js", "alert(1)"),
        "a style sheet": ("docs/zh/assets/stylesheets/extra.css", ".value { display: none }"),
        "words for the live pictures": ("docs/zh/assets/javascripts/words/kit.json", "{}"),
        "a notebook": ("docs/zh/notebooks/impact.ipynb", "{}"),
        "another domain": ("docs/zh/CNAME", "example.org"),
        "a page in one language": ("docs/zh/claim.md", "# 99 分 {#claim}\n"),
        "a hidden file": ("docs/zh/.claim.md", "# 99 分 {#claim}\n"),
        "a picture of numbers": ("docs/zh/assets/claim.png", "99%"),
    }
    for says, (file, text) in files.items():
        yield Lie(f"file: {says}", 7, write(file, text), pages=())


def _workflows() -> Iterator[Lie]:
    """Yield changes of the workflow that let something through that was not checked."""
    checkout = "          persist-credentials: false\n      - name: Set up\n"
    lies = {
        "checks another branch": workflow(checkout, f"          ref: good\n{checkout}"),
        "checks another repository": workflow(checkout, f"          repository: good/good\n{checkout}"),
        "checks in a container": job("check", "container: evil/image"),
        "checks beside a service": job("execute-cpu", "services: {x: {image: evil/image}}"),
        "has a foreign action before the blocks": workflow(
            "      - name: Run every block and check",
            f"      - uses: {PINNED}\n      - name: Run every block and check",
        ),
        "makes the records right before they are compared": workflow("run: make blocks", "run: make run blocks"),
        "checks out where it publishes": workflow(
            "    steps:\n      - name: Fetch the site that was tested",
            "    steps:\n      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1\n"
            "      - name: Fetch the site that was tested",
        ),
        "publishes another folder": workflow(
            "v5.0.0\n        with:\n          path: site/", "v5.0.0\n        with:\n          path: docs/"
        ),
        "ignores failures": workflow("run: make check", "run: make check\n        continue-on-error: true"),
        "ignores failures in the shell": workflow("run: make check", "run: make check || true"),
        "waits for nothing": workflow("needs: [check, execute-cpu, ", "needs: [check, "),
        "publishes always": workflow("${{ !cancelled()\n          && github.ref", "${{ true || github.ref"),
        "takes more rights": workflow("permissions: {}", "permissions: write-all"),
        "runs on another machine": workflow("runs-on: ubuntu-24.04", "runs-on: self-hosted"),
        "sets a variable": workflow(
            "run: make blocks", "run: make blocks\n        env:\n          PYTEST_ADDOPTS: -k nothing"
        ),
        "has no blocks to run": edit("Makefile", "--codeblocks $(if", "--collect-only $(if"),
        "has an empty target": edit("Makefile", "blocks: setup ##", "blocks: setup ##\n\nunused: setup ##"),
        "stops at the first shard": workflow('shard: ["1/2", "2/2"]', 'shard: ["1/2"]'),
        "sets up something else": edit(".github/actions/setup/action.yml", "steps:", f"steps:\n    - uses: {PINNED}"),
        "has a workflow more": write(
            ".github/workflows/extra.yml",
            "name: x\non: push\npermissions: write-all\njobs:\n  x:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make site\n",
        ),
        "skips the tests of itself": edit(
            "Makefile", "tests/unit)", "tests/unit --ignore tests/unit/test_workflow.py)"
        ),
    }
    for says, plant in lies.items():
        yield Lie(f"workflow: {says}", 8, plant, pages=())


def all_lies() -> Iterator[Lie]:
    """Yield every lie, by principle."""
    for some in (_records, _hidden, _values, _typed, _unseen, _beside, _sources, _checks, _site, _workflows):
        yield from some()
