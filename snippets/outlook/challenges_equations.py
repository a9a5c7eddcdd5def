"""What the equations of the page on challenges mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation


def rise(x, u, b, v):
    """Score of a small smooth network for the input x."""
    return np.tanh(x @ u + b) @ v


def parts(x, u, b, v, n=2000):
    """Its gradients averaged on the way from 0, times the input."""
    way = ((np.arange(n) + 0.5) / n)[:, None] * x
    slopes = (v * (1 - np.tanh(way @ u + b) ** 2)) @ u.T
    return x * slopes.mean(0)


EQUATIONS = [
    Equation(
        "challenges-prior",
        symbols={
            "z": "vector[n]",
            "pi": "distribution[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, z, pi: page.adjust(z, pi),
        library=lambda z, pi: tf.nn.softmax(z - np.log(pi)),
    ),
    Equation(
        "challenges-exposure",
        symbols={"n": "positive", "r": "positive"},
        code=lambda page, n, r: page.exposure(n, r),
        library=lambda n, r: -tf.math.log(r / n) / np.log(2),
    ),
    Equation(
        "challenges-complete",
        symbols={
            "x": "vector[d]",
            "u": "array[d,3]",
            "b": "array[3]",
            "v": "array[3]",
            "i": "index[d]",
            "d": "size",
        },
        given={
            "a": parts,
            "s_0": lambda b, v: np.tanh(b) @ v,
        },
        library=rise,
        rtol=1e-5,
    ),
]
SECTIONS = ["import", "adjust", "exposure"]
