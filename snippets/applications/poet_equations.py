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
        library=lambda w: tf.quantization.quantize_and_dequantize_v2(
            tf.constant(w),
            0.0,
            0.0,
            range_given=False,
            narrow_range=True,
            axis=0,
        ),
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
        library=lambda z, T: tf.nn.softmax(z / T),
    ),
]
SECTIONS = ["import", "attention", "rounded", "chances"]
