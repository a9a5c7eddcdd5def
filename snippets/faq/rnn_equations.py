"""What the equations of the page on recurrent networks mean."""

import keras
import numpy as np
from book.equations import Equation


def simple(x, s, W, U, b):
    """One step of Keras' simple recurrent cell."""
    cell = keras.layers.SimpleRNNCell(len(b), dtype="float64")
    cell.build((1, len(x)))
    cell.set_weights([W, U, b])
    return cell(x[None], [s[None]])[0][0]


def memory(k, u, f, g):
    """The memory of a Keras LSTM cell whose gates are these."""
    n = len(k)
    cell = keras.layers.LSTMCell(n, dtype="float64")
    cell.build((1, 1))
    logits = [np.log(p / (1 - p)) for p in (u, f)]
    b = np.concatenate([*logits, np.arctanh(g), np.zeros(n)])
    cell.set_weights([np.zeros((1, 4 * n)), np.zeros((n, 4 * n)), b])
    zeros = np.zeros((1, n))
    return cell(np.zeros((1, 1)), [zeros, k[None]])[1][1][0]


EQUATIONS = [
    Equation(
        "rnn-step",
        symbols={
            "x": "vector[n]",
            "s": "vector[m]",
            "W": "matrix[n,m]",
            "U": "matrix[m,m]",
            "b": "vector[m]",
            "i": "index[n]",
            "j": "index[m]",
            "k": "index[m]",
            "n": "size",
            "m": "size",
        },
        code=lambda page, x, s, W, U, b: page.simple_step(
            x, s, W, U, b
        ),
        library=simple,
    ),
    Equation(
        "rnn-memory",
        symbols={
            "k": "vector[m]",
            "u": "probability[m]",
            "f": "probability[m]",
            "g": "probability[m]",
            "j": "index[m]",
        },
        code=lambda page, k, u, f, g: page.remember(k, u, f, g),
        library=memory,
    ),
]
SECTIONS = ["import", "simple", "lstm"]
