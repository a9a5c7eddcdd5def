"""What the equations on a large model on a laptop mean."""

import keras
import tensorflow as tf
from book.equations import Equation
from scipy import stats

TURN = {"a": "scalar", "b": "scalar", "t": "scalar", "theta": "scalar"}

EQUATIONS = [
    Equation(
        "four-bits",
        symbols={
            "s": "scalar",
            "q": "vector[n]",
            "m": "scalar",
            "j": "index[n]",
        },
        code=lambda page, s, q, m: page.unpack(s, q, m),
        library=None,  # a product and a sum
    ),
    Equation(
        "rms-norm",
        symbols={
            "x": "vector[n]",
            "g": "vector[n]",
            "epsilon": "positive",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, x, g, epsilon: page.rms_norm(x, g, epsilon),
        library=lambda x, g, epsilon: keras.ops.rms_normalization(
            x, scale=g, epsilon=epsilon
        ),
    ),
    Equation(
        "rotation-first",
        symbols=TURN,
        code=lambda page, a, b, t, theta: page.turned_first(
            a, b, t, theta
        ),
        library=None,  # the real part of a product of complex numbers
    ),
    Equation(
        "rotation-second",
        symbols=TURN,
        code=lambda page, a, b, t, theta: page.turned_second(
            a, b, t, theta
        ),
        library=None,  # its imaginary part
    ),
    Equation(
        "swiglu",
        symbols={
            "u": "vector[m]",
            "v": "vector[m]",
            "D": "matrix[m,n]",
            "j": "index[m]",
            "k": "index[n]",
            "m": "size",
        },
        code=lambda page, u, v, D: page.gated(u, v, D),
        library=lambda u, v, D: tf.linalg.matvec(
            D, tf.nn.silu(u) * v, True
        ),
    ),
    Equation(
        "perplexity-of-text",
        symbols={"p": "probability[n]", "t": "index[n]", "n": "size"},
        code=lambda page, p: page.perplexity(p),
        library=lambda p: 1 / stats.gmean(p),
    ),
]
SECTIONS = [
    "import",
    "four_bits",
    "rms_norm",
    "rotate",
    "swiglu",
    "perplexity",
]
