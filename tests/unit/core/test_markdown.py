"""The scanner finds what stands in a page, and where."""

from __future__ import annotations

import pytest

from book.core.markdown import (
    Attributes,
    Code,
    Comment,
    Container,
    Fence,
    Footnote,
    Formula,
    Heading,
    Image,
    Indented,
    Link,
    Math,
    Quotation,
    Reference,
    Tag,
    Token,
    Value,
    find_fences,
    scan,
)

PAGE = r"""
# The **loss** $L$ {#loss .wide}

It is `{python} f"{loss:.2f}"`, not `code` or $5, see [here *or*
there](other.md#a "A title"), <https://example.org>, ![dot](dot.png) and [that][ref].[^note]

!!! note "On $x^2$"

    ??? tip

        ```python
        x = 1
        ```

    | a | b |
    |---|:-:|
    | $|x|$ | `a|b` `{python} n`{.big} |

> <!-- equation: mean -->
> $$
> a
> = b
> $$

<div class="widget" id="w" markdown>

![A line, $y$](figure:1 "Its caption: `{python} f"{n}"` and \(z\)")

</div>

    indented

[^note]: A note
    with <kbd>Esc</kbd>.

[ref]: ../up.md "Up"
"""


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Value, ['`{python} f"{loss:.2f}"`', "`{python} n`", '`{python} f"{n}"`']),
        (Code, ["`code`", "`a|b`"]),
        (Math, ["$L$", "$x^2$", "$|x|$", "$$\n> a\n> = b\n> $$", "$y$", "\\(z\\)"]),
        (Attributes, ["{#loss .wide}", "{.big}"]),
        (Tag, ['<div class="widget" id="w" markdown>', "</div>", "<kbd>", "</kbd>"]),
        (Footnote, ["[^note]", "[^note]:"]),
        (Comment, ["<!-- equation: mean -->"]),
        (Indented, ["indented"]),
        (Quotation, ["> <!-- equation: mean -->\n> $$\n> a\n> = b\n> $$"]),
    ],
)
def test_everything_is_found_in_its_place(kind: type[Token], expected: list[str]):
    found = scan(PAGE)
    assert [PAGE[token.start : token.end] for token in found.of(kind)] == expected
    assert [token.line for token in found.of(kind)] == [PAGE.count("\n", 0, token.start) for token in found.of(kind)]


def test_links_and_images_have_their_parts():
    found = scan(PAGE)
    links = [(link.target, found.text[slice(*link.words[0])]) for link in found.of(Link)]
    assert links == [
        ("other.md#a", "here *or*\nthere"),
        ("https://example.org", "https://example.org"),
        ("", "that"),
    ]
    assert [(one.name, one.target, one.line) for one in found.of(Reference)] == [("ref", "../up.md", 35)]
    other, figure = found.of(Image)
    assert (other.target, other.figure, figure.figure, figure.alt) == ("dot.png", 0, 1, "A line, $y$")
    assert figure.title.startswith('Its caption: `{python} f"{n}"` and')
    assert [value.expression for value in found.of(Value) if figure in found.around(value, Image)] == ['f"{n}"']


def test_containers_nest_and_what_runs_stands_in_them():
    found = scan(PAGE)
    (fence,) = found.of(Fence)
    assert (fence.info, fence.code, fence.runs, fence.indent, fence.last) == ("python", "x = 1", True, " " * 8, 12)
    assert [(box.mark, box.title) for box in found.around(fence, Container)] == [("!!!", "On $x^2$"), ("???", None)]


def test_a_heading_has_its_title_and_its_id():
    assert [(one.level, one.title, one.id) for one in scan(PAGE).of(Heading)] == [(1, "The **loss** $L$", "loss")]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("It costs $1.5 billion, about $2 a head.", []),
        ("The code `$a$` and \\$b\\$, then $c$.", ["c"]),
        ("From $5 `x` to 10$.", []),
        ("\\(a\\) and $\\text{is }b$", ["a", "\\text{is }b"]),
        ("```text\n$a$\n```\n\n<!-- $b$ -->\n\n<svg><text>$c</text></svg>", []),
        ("1. item\n\n    $$\n    a\n    $$", ["a"]),
    ],
)
def test_a_formula_is_what_the_page_sets_as_one(text: str, formulas: list[str]):
    assert [math.formula.tex for math in scan(text).of(Math)] == formulas


def test_a_value_in_code_or_in_a_comment_is_only_shown():
    text = "``x `{python} a` y`` <!-- `{python} b` -->\n\n```text\n`{python} c`\n```\n\n<b>`{python} d`</b>"
    found = scan(text)
    assert [value.expression for value in found.of(Value)] == ["d"]
    assert found.of(Fence)[0].code == "`{python} c`"


def test_a_formula_with_a_value_in_it_is_found_whole():
    ((math, value),) = zip(*(scan("$a = `{python} n`$").of(kind) for kind in (Math, Value)), strict=True)
    assert math.formula == Formula("$a = `{python} n`$")
    assert math.start < value.start < value.end < math.end


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n```python\nx = 1\n```\n-->",
        "- item\n\n          ```bash\n          ls\n          ```",
        "~~~text\n```python\nx = 1\n```\n~~~",
    ],
)
def test_what_would_run_without_being_shown_is_disputed(text: str):
    assert scan(text).disputed


def test_an_empty_line_in_an_indented_fence_stays_whether_it_is_indented_or_not():
    text = '!!! note\n\n    ```python\n    text = """a\n{}\n    b"""\n    ```\n'
    codes = [[fence.code for fence in find_fences(text.format(line), lambda i: i, "page")] for line in ("", "    ")]
    assert codes == [['text = """a\n\nb"""']] * 2
