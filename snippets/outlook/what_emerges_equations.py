"""What the equations of the page on what emerges mean."""

import numpy as np
from book.equations import Equation
from scipy import stats
from sklearn.linear_model import Ridge


def by_sklearn(x, y, lambda_):
    model = Ridge(alpha=lambda_, fit_intercept=False)
    return model.fit(x, y).coef_


def turned(a, b, c, k, p):
    """The same on the unit circle of complex numbers."""
    one = np.exp(2j * np.pi * k / p)
    return np.sum(one**a * one**b / one**c).real


EQUATIONS = [
    Equation(
        "emerge-clock",
        symbols={
            "a": "integer",
            "b": "integer",
            "c": "integer",
            "p": "integer",
            "k": "choice[n,1..6]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, a, b, c, k, p: page.clock(a, b, c, k, p),
        library=lambda a, b, c, k, p: turned(a, b, c, k, p),
    ),
    Equation(
        "emerge-ridge",
        symbols={
            "x": "matrix[n,d]",
            "y": "vector[n]",
            "lambda": "positive",
            "i": "index[n]",
            "j": "index[d]",
            "m": "index[d]",
            "n": "size",
            "d": "size",
        },
        given={"w": by_sklearn},
    ),
    Equation(
        "emerge-exact",
        symbols={"p": "probability", "k": "integer"},
        code=lambda page, p, k: page.exact(p, k),
        library=lambda p, k: stats.binom.pmf(k, k, p),
    ),
]
SECTIONS = ["import", "clock", "exact"]
