"""What the equations on text generation mean."""

import keras
import numpy as np
from book.equations import Equation
from scipy import special

EQUATIONS = [
    Equation(
        "bits-per-character",
        symbols={"p": "probability[n]", "t": "index[n]", "n": "size"},
        code=lambda page, p: page.bits_each(p),
        library=lambda p: keras.ops.mean(
            -keras.ops.log2(keras.ops.array(p, "float64"))
        ),
    ),
    Equation(
        "causal-attention",
        symbols={
            "q": "matrix[n,d]",
            "k": "matrix[n,d]",
            "v": "matrix[n,d]",
            "i": "index[n]",
            "j": "index[n]",
            "l": "index[n]",
            "c": "index[d]",
            "n": "size",
        },
        given={"s": lambda q, k: q @ k.T / np.sqrt(q.shape[1])},
        code=lambda page, q, k, v: page.attention(q, k, v),
        library=lambda q, k, v: (
            special.softmax(
                np.where(
                    np.tri(len(q)) > 0,
                    q @ k.T / np.sqrt(q.shape[1]),
                    -np.inf,
                ),
                axis=1,
            )
            @ v
        ),
    ),
]
SECTIONS = ["import", "bits_each", "attention"]
