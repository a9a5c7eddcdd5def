"""What the equation of the page on sparse features means."""

from book.equations import Equation
from sklearn.metrics import mean_squared_error


def by_sklearn(x, f, w):
    return mean_squared_error(x, f @ w, multioutput="raw_values").sum()


EQUATIONS = [
    Equation(
        "sparse-error",
        symbols={
            "x": "matrix[n,d]",
            "f": "matrix[n,m]",
            "w": "matrix[m,d]",
            "i": "index[n]",
            "j": "index[d]",
            "k": "index[m]",
            "n": "size",
            "m": "size",
            "d": "size",
        },
        code=lambda page, x, f, w: page.error(x, f, w),
        library=by_sklearn,
    ),
]
SECTIONS = ["import", "sparse"]
