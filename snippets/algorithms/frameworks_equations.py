"""What the equations of the page mean, and what computes the same."""

import numpy as np
import tensorflow as tf
from book.equations import Equation


def tensorflow_update(w, eta, g):
    variable = tf.Variable(w)
    variable.assign_sub(eta * g)
    return variable.numpy()


EQUATIONS = [
    Equation(
        "frameworks-sgd",
        symbols={
            "w": "vector[n]",
            "eta": "positive",
            "g": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        # the page's step finds its own gradient
        library=lambda w, eta, g, n: np.asarray(
            tensorflow_update(w, eta, g)
        ),
    ),
]
SECTIONS = []
