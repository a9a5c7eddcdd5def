"""What the equations of the page on heat maps mean."""

import keras
import numpy as np
from book.equations import Equation


def by_keras(g):
    layer = keras.layers.GlobalAveragePooling2D(dtype="float64")
    return layer(g[None])[0].numpy()


EQUATIONS = [
    Equation(
        "saliency-pool",
        symbols={
            "g": "array[h,w,d]",
            "i": "index[h]",
            "j": "index[w]",
            "k": "index[d]",
            "h": "size",
            "w": "size",
        },
        code=lambda page, g: page.pooled(g),
        library=by_keras,
    ),
    Equation(
        "saliency-path",
        symbols={
            "x": "vector[d]",
            "g": "matrix[m,d]",
            "i": "index[d]",
            "k": "index[m]",
            "m": "size",
        },
        code=lambda page, x, g: page.shares(x, g),
        library=lambda x, g: np.einsum("i,ki->i", x, g) / len(g),
    ),
]
SECTIONS = ["import", "gradcam", "path"]
