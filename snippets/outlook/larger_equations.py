"""What the equations of the page on larger models mean."""

import numpy as np
from book.equations import Equation
from scipy.optimize import brentq
from scipy.special import logsumexp


def in_logarithms(N, D, E, A, B, alpha, beta):
    """The way in which Hoffmann et al. compute it for their fit."""
    a, b, e = np.log([A, B, E])
    terms = [a - alpha * np.log(N), b - beta * np.log(D), e]
    return np.exp(logsumexp(terms))


def where_level(C, A, B, alpha, beta):
    """The size at which the valley is level, found by bisection."""

    def slope(n):
        fewer = alpha * A * np.exp(-alpha * n)
        return fewer - beta * B * np.exp(beta * (n - np.log(C / 6)))

    return np.exp(brentq(slope, -200, 200, xtol=1e-13))


EQUATIONS = [
    Equation(
        "larger-law",
        symbols={
            "N": "positive",
            "D": "positive",
            "E": "positive",
            "A": "positive",
            "B": "positive",
            "alpha": "positive",
            "beta": "positive",
        },
        code=lambda page, N, D, E, A, B, alpha, beta: page.law(
            N, D, E, A, B, alpha, beta
        ),
        library=in_logarithms,
    ),
    Equation(
        "larger-optimum",
        symbols={
            "C": "positive",
            "A": "positive",
            "B": "positive",
            "alpha": "scalar(0.2,2)",
            "beta": "scalar(0.2,2)",
        },
        code=lambda page, C, A, B, alpha, beta: page.best_size(
            C, A, B, alpha, beta
        ),
        library=where_level,
    ),
]
SECTIONS = ["import", "law", "best_size"]
