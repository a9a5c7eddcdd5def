"""What the equation of the page on pictures and words means."""

import keras
import numpy as np
from book.equations import Equation


def by_keras(u, v, s):
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, dtype="float64"
    )
    return float(loss(np.arange(len(u)), s * u @ v.T))


EQUATIONS = [
    Equation(
        "clip-loss",
        symbols={
            "u": "matrix[n,d]",
            "v": "matrix[n,d]",
            "s": "positive",
            "i": "index[n]",
            "j": "index[n]",
            "k": "index[d]",
            "n": "size",
            "d": "size",
        },
        code=lambda page, u, v, s: page.match(u, v, s),
        library=by_keras,
    ),
]
SECTIONS = ["import", "match"]
