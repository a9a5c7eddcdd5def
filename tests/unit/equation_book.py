"""The miniature with two checked equations, which need NumPy alone so that checks take no time, and one unchecked."""

from __future__ import annotations

from book.equations import records, report
from book.equations import verify as verifying
from book.equations.records import EquationRecord
from book.equations.verify import verify
from tests.unit.miniature import SmallBook

FUNCTIONS = '''
# --8<-- [start:functions]
def mean(x):
    """Return the mean."""
    return sum(x) / len(x)


def weighted(w, x):
    return w @ x
# --8<-- [end:functions]
'''

DECLARATIONS = '''\
"""What the equations of the small page mean."""

import numpy as np
from book.equations import Equation

EQUATIONS = [
    Equation(
        "mean",
        symbols={"x": "vector[n]", "i": "index[n]", "n": "size"},
        code=lambda page, x: page.mean(x),
        library=lambda x: np.mean(x),
    ),
    Equation(
        "weighted-sum",
        symbols={"w": "matrix[m,n]", "x": "vector[n]", "k": "index[m]", "i": "index[n]"},
        code=lambda page, w, x: page.weighted(w, x),
        library=lambda w, x: np.einsum("ki,i->k", w, x),
    ),
]
SECTIONS = ["functions"]
'''

MARKS = """
<!-- equation: mean -->
$$
m = \\frac{{1}}{{n}} \\sum_{{i=1}}^{{n}} x_i
$$

<!-- equation: weighted-sum -->
$$
s_k = \\sum_i w_{{ki}} x_i
$$

<!-- unchecked: asymptotic -->
$$
m \\approx \\mu
$$
"""


def mark(book: SmallBook) -> SmallBook:
    """Add the equations to the miniature's pages, the functions to its snippet, and their declarations."""
    book.snippet.write_text(book.snippet.read_text(encoding="utf-8") + FUNCTIONS, encoding="utf-8")
    declared(book).write_text(DECLARATIONS, encoding="utf-8")
    for file in (book.zh, book.en):
        text = file.read_text(encoding="utf-8") + MARKS.format()
        file.write_text(text, encoding="utf-8")
    return book


def declared(book: SmallBook):
    return book.snippets / "part" / "small_equations.py"


def checked(book: SmallBook, name: str = "mean") -> EquationRecord:
    """Check one equation."""
    (one,) = [one for one in records.placed(book) if one.declaration.id == name]
    return verify(book, one)


_CHECKED: dict[tuple[str, int, bytes], EquationRecord] = {}


def record_all(book: SmallBook) -> SmallBook:
    """Check and record both equations, and write their report; what was checked before is not checked again.

    The name of an equation is a hash of all that is checked.
    """
    for one in records.placed(book):
        of = (one.name, verifying.INPUTS, (book.root / "requirements.txt").read_bytes())
        if of not in _CHECKED:
            _CHECKED[of] = verify(book, one)
        records.save(book, _CHECKED[of])
    report.write(book)
    return book
