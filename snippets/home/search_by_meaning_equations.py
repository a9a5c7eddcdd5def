"""What the equations of the page on searching by meaning mean."""

import numpy as np
from book.equations import Equation
from scipy import stats
from scipy.spatial import distance

EQUATIONS = [
    Equation(
        "search-cosine",
        symbols={
            "q": "vector[n]",
            "p": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, q, p: page.cosine(q, p),
        library=lambda q, p: 1 - distance.cosine(q, p),
    ),
    Equation(
        "search-mrr",
        symbols={
            "r": "choice[n,1..150]",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, r: page.mrr(r),
        library=lambda r: 1 / stats.hmean(np.asarray(r, float)),
    ),
]
SECTIONS = ["import", "cosine", "mrr"]
