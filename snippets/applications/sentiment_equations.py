"""What the equations on sentiment analysis mean."""

import numpy as np
from book.equations import Equation
from scipy.special import expit
from sklearn.feature_extraction.text import TfidfTransformer

EQUATIONS = [
    Equation(
        "rarity-of-ngram",
        symbols={"n": "integer(6,12)", "d": "integer(1,6)"},
        code=lambda page, n, d: page.rarity(n, d),
        library=lambda n, d: (
            TfidfTransformer()
            .fit((np.arange(n) < d).astype(float)[:, None])
            .idf_[0]
        ),
    ),
    Equation(
        "probability-of-praise",
        symbols={
            "x": "vector[n]",
            "w": "vector[n]",
            "b": "scalar",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, x, w, b: page.probability(x, w, b),
        library=lambda x, w, b: expit(np.dot(w, x) + b),
    ),
    Equation(
        "calibration-error",
        symbols={
            "m": "positive[k]",
            "y": "probability[k]",
            "p": "probability[k]",
            "i": "index[k]",
            "k": "size",
        },
        code=lambda page, m, y, p: page.calibration_error(m, y, p),
        library=lambda m, y, p: np.average(np.abs(y - p), weights=m),
    ),
]
SECTIONS = ["import", "rarity", "probability", "error"]
