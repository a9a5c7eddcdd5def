"""What the equations of the training-loop page mean."""

import keras
import tensorflow as tf
from book.equations import Equation

VECTORS = {"theta": "vector[n]", "g": "vector[n]", "i": "index[n]"}


def one_step(optimizer, theta, gradients):
    """Let a Keras optimizer update a parameter, once per gradient."""
    variable = keras.Variable(theta, dtype="float64")
    for g in gradients:
        optimizer.apply([tf.constant(g)], [variable])
    return variable.numpy()


EQUATIONS = [
    Equation(
        "glorot-limit",
        symbols={"n": "positive", "m": "positive"},
        code=lambda page, n, m: page.glorot_limit(n, m),
        library=None,  # Keras keeps the limit to itself
    ),
    Equation(
        "gradient-step",
        symbols={**VECTORS, "eta": "positive"},
        code=lambda page, theta, g, eta: page.sgd(theta, g, eta),
        library=lambda theta, g, eta: one_step(
            keras.optimizers.SGD(eta), theta, [g]
        ),
        rtol=1e-5,  # Keras rounds the rate to single precision
    ),
]
SECTIONS = [
    "whole",
    "glorot",
    "sgd",
]
