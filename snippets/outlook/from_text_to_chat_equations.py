"""What the equations of the page on models that answer mean."""

import numpy as np
from book.equations import Equation
from scipy.stats import zscore

EQUATIONS = [
    Equation(
        "chat-advantage",
        symbols={
            "r": "vector[n]",
            "i": "index[n]",
            "n": "size",
            "epsilon": "positive",
        },
        given={"m": lambda r: np.mean(r), "s": lambda r: np.std(r)},
        code=lambda page, r, epsilon: page.advantage(r, epsilon),
        library=lambda r, epsilon: (
            zscore(r) / (1 + epsilon / np.std(r))
        ),
    ),
    Equation(
        "chat-objective",
        symbols={
            "rho": "positive[n]",
            "t": "index[n]",
            "n": "size",
            "A": "scalar",
            "epsilon": "probability",
        },
        code=lambda page, rho, A, epsilon: page.objective(
            rho, A, epsilon
        ),
        library=lambda rho, A, epsilon: np.where(
            A > 0,
            A * np.minimum(rho, 1 + epsilon),
            A * np.maximum(rho, 1 - epsilon),
        ),
    ),
]
SECTIONS = ["import", "advantage", "objective"]
