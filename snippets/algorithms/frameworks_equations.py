"""What the equations of the page mean, and what computes the same."""

import keras
import tensorflow as tf
from book.equations import Equation


def keras_update(w, eta, g):
    variable = keras.Variable(w, dtype="float64")
    sgd = keras.optimizers.SGD(lambda: tf.constant(eta, tf.float64))
    sgd.apply([tf.constant(g)], [variable])
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
        library=lambda w, eta, g: keras_update(w, eta, g),
    ),
]
SECTIONS = []
