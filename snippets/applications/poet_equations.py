"""What the equations of the page on the poet mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation

EQUATIONS = [
    Equation(
        "poet-rounded",
        symbols={
            "w": "matrix[m,n]",
            "i": "index[m]",
            "j": "index[n]",
            "m": "size",
            "n": "size",
        },
        given={"s": lambda w: np.abs(w).max(1) / 127},
        code=lambda page, w: page.rounded(w, 8),
    ),
    Equation(
        "poet-temperature",
        symbols={
            "z": "vector[n]",
            "T": "positive",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, z, T: page.chances(z, T, len(z)),
        library=lambda z, T: tf.nn.softmax(z / T),
    ),
]
SECTIONS = ["import", "attention", "rounded", "chances"]
