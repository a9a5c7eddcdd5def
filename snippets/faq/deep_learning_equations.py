"""What the equations of the page on deep learning mean."""

import keras
import numpy as np
from book.equations import Equation


def dense(x, W, b):
    """One layer of Keras with these weights."""
    layer = keras.layers.Dense(len(b), "tanh", dtype="float64")
    layer.build((None, len(x)))
    layer.set_weights([W, b])
    return layer(x[None])[0]


EQUATIONS = [
    Equation(
        "dl-layer",
        symbols={
            "x": "vector[n]",
            "W": "matrix[n,m]",
            "b": "vector[m]",
            "i": "index[n]",
            "j": "index[m]",
            "n": "size",
        },
        code=lambda page, x, W, b: page.layer(x, W, b),
        library=dense,
    ),
    Equation(
        "dl-collapse",
        symbols={
            "x": "vector[n]",
            "A": "matrix[n,m]",
            "a": "vector[m]",
            "B": "matrix[m,l]",
            "b": "vector[l]",
            "i": "index[n]",
            "j": "index[m]",
            "k": "index[l]",
            "n": "size",
            "m": "size",
        },
    ),
    Equation(
        "dl-tent",
        symbols={"x": "scalar(-1,2)"},
        code=lambda page, x: page.tent(x),
        library=lambda x: np.interp(x, [-1, 0, 0.5, 2], [0, 0, 1, -2]),
    ),
]
SECTIONS = ["import", "layer", "tent"]
