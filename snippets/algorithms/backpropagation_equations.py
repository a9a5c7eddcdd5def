"""What the equations of the backpropagation page mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation

UNIT = {
    "x": "vector[n]",
    "w": "matrix[n,m]",
    "b": "vector[m]",
    "i": "index[n]",
    "j": "index[m]",
    "n": "size",
}

NETWORK = {
    "x": "vector[n]",
    "w": "matrix[n,m](-1,1)",
    "b": "vector[m](-1,1)",
    "v": "matrix[m,r]",
    "c": "vector[r]",
    "t": "distribution[r]",
}


def loss_of(z, t):
    """Cross-entropy of scores, as TensorFlow."""
    return tf.nn.softmax_cross_entropy_with_logits(t, z)


def network_loss(x, w, b, v, c, t):
    """Loss of the network on one example, as TensorFlow."""
    h = tf.tanh(tf.linalg.matvec(w, x, transpose_a=True) + b)
    return loss_of(tf.linalg.matvec(v, h, transpose_a=True) + c, t)


def passed(x, w, b, v, c, t):
    """What the forward pass leaves behind: hidden outputs, error."""
    h = np.tanh(x @ w + b)
    e = np.exp(h @ v + c)
    return h, e / e.sum(axis=-1, keepdims=True) - t


def back(x, w, b, v, c, t):
    """The error that arrives at the hidden units."""
    h, e = passed(x, w, b, v, c, t)
    return (1 - h**2) * (e @ v.T)


def batch_loss(w, x, v, t):
    """Mean loss of a batch of a network without biases."""
    z = tf.tanh(x @ w) @ v
    return tf.reduce_mean(loss_of(z, t))


EQUATIONS = [
    Equation(
        "hidden-layer",
        symbols=UNIT,
        code=lambda page, x, w, b: page.hidden(x, w, b),
        library=lambda x, w, b: tf.tanh(
            tf.linalg.matvec(w, x, transpose_a=True) + b
        ),
    ),
    Equation(
        "output-scores",
        symbols={
            "h": "vector[m]",
            "v": "matrix[m,r]",
            "c": "vector[r]",
            "j": "index[m]",
            "k": "index[r]",
            "m": "size",
        },
        code=lambda page, h, v, c: page.scores(h, v, c),
        library=lambda h, v, c: (
            tf.linalg.matvec(v, h, transpose_a=True) + c
        ),
    ),
    Equation(
        "gradient-output-weight",
        symbols={**NETWORK, "j": "index[m]", "k": "index[r]"},
        given={
            "h": lambda x, w, b, v, c, t: passed(x, w, b, v, c, t)[0],
            "e": lambda x, w, b, v, c, t: passed(x, w, b, v, c, t)[1],
        },
        gradient=("v", network_loss),
        code=lambda page, h, e: page.v_gradient(h, e),
    ),
    Equation(
        "gradient-hidden",
        symbols={
            "a": "vector[m](-1,1)",
            "v": "matrix[m,r]",
            "t": "distribution[r]",
            "j": "index[m]",
            "k": "index[r]",
            "r": "size",
        },
        given={
            "h": lambda a: np.tanh(a),
            "e": lambda a, v, t: (
                np.exp(np.tanh(a) @ v) / np.exp(np.tanh(a) @ v).sum()
                - t
            ),
        },
        gradient=(
            "a",
            lambda a, v, t: loss_of(
                tf.linalg.matvec(v, tf.tanh(a), transpose_a=True), t
            ),
        ),
        code=lambda page, h, v, e: page.hidden_error(h, v, e),
    ),
    Equation(
        "gradient-input-weight",
        symbols={**NETWORK, "i": "index[n]", "j": "index[m]"},
        given={"d": back},
        gradient=("w", network_loss),
        code=lambda page, x, d: page.w_gradient(x, d),
    ),
    Equation(
        "batch-gradient",
        symbols={
            "w": "matrix[n,m](-1,1)",
            "x": "matrix[B,n]",
            "v": "matrix[m,r]",
            "t": "distribution[B,r]",
            "s": "index[B]",
            "i": "index[n]",
            "j": "index[m]",
            "B": "size",
        },
        given={"d": lambda w, x, v, t: back(x, w, 0, v, 0, t)},
        gradient=("w", batch_loss),
    ),
]
SECTIONS = [
    "whole",
    "network",
    "layer_two",
    "layer_one",
    "backprop",
]
