"""What the equations on product suggestion mean."""

import numpy as np
from book.equations import Equation
from scipy import special
from sklearn.metrics import pairwise

EQUATIONS = [
    Equation(
        "seen-both",
        symbols={
            "x": "matrix[m,k]",
            "i": "index[k]",
            "j": "index[k]",
            "u": "index[m]",
            "m": "size",
        },
        code=lambda page, x: page.together(x),
        library=lambda x: pairwise.linear_kernel(x.T),
    ),
    Equation(
        "corrected-count",
        symbols={
            "c": "positive[k,k]",
            "n": "positive[k]",
            "alpha": "probability",
            "i": "index[k]",
            "j": "index[k]",
        },
        code=lambda page, c, n, alpha: page.corrected(c, n, alpha),
        library=lambda c, n, alpha: (
            c * np.exp(special.xlogy(-alpha, n))
        ),
    ),
    Equation(
        "film-scores",
        symbols={
            "v": "matrix[k,m]",
            "b": "vector[k]",
            "i": "index[k]",
            "j": "index[k]",
            "d": "index[m]",
            "m": "size",
        },
        code=lambda page, v, b: page.logits(v, b),
        library=lambda v, b: pairwise.linear_kernel(v) + b,
    ),
    Equation(
        "cost-of-pairs",
        symbols={
            "c": "positive[k,k]",
            "z": "matrix[k,k]",
            "i": "index[k]",
            "j": "index[k]",
            "k": "size",
        },
        given={"p": lambda z: special.softmax(z, axis=1)},
        code=lambda page, c, z: page.cost(c, z),
        library=lambda c, z: np.average(
            -special.log_softmax(z, axis=1), weights=c
        ),
        survivors={
            "-(sum(i=1..k: sum(j=1..k: c[i,j] log(p[i,j])))"
            " / sum(i=1..k: sum(j=1..k: c[j,i])))": (
                "the sum over all pairs is the same in either order"
            )
        },
    ),
]
SECTIONS = ["import", "together", "corrected", "logits"]
