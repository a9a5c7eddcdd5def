"""What the equations on the impact of large models mean."""

import numpy as np
from book.equations import Equation

SERIES = {
    "y": "vector[n]",
    "s": "vector[n](0.5,2)",
    "i": "index[n]",
    "n": "size",
}


def average(y, s):
    """Return NumPy's mean with the weights of a meta-analysis."""
    return np.average(y, weights=1 / s**2)


def left_over(y, s):
    """Return what NumPy's weighted fit of a constant leaves over."""
    return np.polyfit(y, y, 0, w=1 / s, full=True)[1][0]


EQUATIONS = [
    Equation(
        "time-change",
        symbols={"g": "scalar(-0.5,3)"},
        code=lambda page, g: page.time_change(g),
        library=None,  # a quotient of two numbers
    ),
    Equation(
        "weighted-mean",
        symbols=SERIES,
        code=lambda page, y, s: page.weighted_mean(y, s),
        library=average,
    ),
    Equation(
        "cochran-q",
        symbols=SERIES,
        given={"y_bar": average},
        code=lambda page, y, s: page.cochran_q(y, s),
        library=left_over,
    ),
    Equation(
        "economy-gain",
        symbols={
            "e": "probability",
            "f": "probability",
            "c": "probability",
            "w": "probability",
        },
        code=lambda page, e, f, c, w: page.economy_gain(e, f, c, w),
        library=None,  # a product of four shares
    ),
]
SECTIONS = ["time_change", "weighted_mean", "economy_gain"]
