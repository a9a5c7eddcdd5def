"""What the equations of the softmax page mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation


def p_of(z):
    """Softmax of the last axis, written apart from the page's."""
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def regression_loss(x, w, t):
    """Mean cross-entropy of softmax regression without bias."""
    losses = tf.nn.softmax_cross_entropy_with_logits(t, x @ w)
    return tf.reduce_mean(losses)


EQUATIONS = [
    Equation(
        "softmax",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, z: page.softmax(z),
        library=lambda z: tf.nn.softmax(z),
    ),
    Equation(
        "softmax-odds",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
        },
        given={"p": lambda z: p_of(z)},
        library=lambda z: (
            tf.nn.softmax(z)[:, tf.newaxis] / tf.nn.softmax(z)
        ),
    ),
    Equation(
        "softmax-shift",
        symbols={
            "z": "vector[n]",
            "c": "scalar",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        code=lambda page, z: page.softmax(z),
        library=lambda z, c: tf.nn.softmax(z),
    ),
    Equation(
        "softmax-stable",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        given={"m": lambda z: z.max()},
        code=lambda page, z: page.softmax(z),
        library=lambda z: tf.nn.softmax(z),
    ),
    Equation(
        "log-softmax",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        given={"m": lambda z: z.max()},
        code=lambda page, z: page.log_softmax(z),
        library=lambda z: tf.nn.log_softmax(z),
    ),
    Equation(
        "softmax-sigmoid",
        symbols={"z": "vector[2]"},
        library=lambda z: tf.sigmoid(z[0] - z[1]),
    ),
    Equation(
        "softmax-entropy",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        given={"p": lambda z: p_of(z)},
        library=lambda z: tf.reduce_logsumexp(z),
    ),
    Equation(
        "softmax-temperature",
        symbols={
            "z": "vector[n]",
            "T": "scalar(0.3,3)",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        library=lambda z, T: tf.nn.softmax(z / T),
    ),
    Equation(
        "softmax-jacobian",
        symbols={
            "z": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
        },
        given={"p": lambda z: p_of(z)},
        code=lambda page, z: page.jacobian(z),
        gradient=("z", lambda z: tf.nn.softmax(z)),
    ),
    Equation(
        "softmax-pullback",
        symbols={
            "z": "vector[n]",
            "g": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        given={"p": lambda z, g: p_of(z)},
        gradient=(
            "z",
            lambda z, g: tf.reduce_sum(g * tf.nn.softmax(z)),
        ),
        code=lambda page, z, g: page.pull_back(z, g),
    ),
    Equation(
        "softmax-cross-entropy-gradient",
        symbols={
            "z": "vector[n]",
            "t": "distribution[n]",
            "j": "index[n]",
        },
        given={"p": lambda z, t: p_of(z)},
        gradient=(
            "z",
            lambda z, t: tf.nn.softmax_cross_entropy_with_logits(t, z),
        ),
    ),
    Equation(
        "softmax-regression-loss",
        symbols={
            "x": "matrix[m,d]",
            "w": "matrix[d,n]",
            "t": "labels[m,n]",
            "k": "index[m]",
            "i": "index[n]",
            "m": "size",
            "n": "size",
        },
        given={"p": ("matrix[m,n]", lambda x, w, t: p_of(x @ w))},
        library=regression_loss,
    ),
    Equation(
        "softmax-regression-gradient",
        symbols={
            "x": "matrix[m,d]",
            "w": "matrix[d,n]",
            "t": "labels[m,n]",
            "j": "index[d]",
            "i": "index[n]",
            "k": "index[m]",
            "m": "size",
        },
        given={"p": ("matrix[m,n]", lambda x, w, t: p_of(x @ w))},
        gradient=("w", regression_loss),
    ),
    Equation(
        "bigram",
        symbols={
            "c": "matrix[n,n](0.5,9)",
            "i": "index[n]",
            "j": "index[n]",
            "l": "index[n]",
            "n": "size",
        },
        given={"z": ("matrix[n,n]", lambda c: np.log(c))},
        library=lambda c: tf.nn.softmax(tf.math.log(c)),
    ),
    Equation(
        "attention-scores",
        symbols={
            "q": "matrix[n,d]",
            "k": "matrix[m,d]",
            "i": "index[n]",
            "j": "index[m]",
            "l": "index[d]",
            "d": "size",
        },
        code=lambda page, q, k: page.attention_scores(q, k),
        library=lambda q, k: (
            q
            @ tf.transpose(k)
            / tf.sqrt(tf.cast(q.shape[1], tf.float64))
        ),
    ),
    Equation(
        "attention-output",
        symbols={
            "s": "matrix[m,n]",
            "v": "matrix[n,d]",
            "i": "index[m]",
            "j": "index[n]",
            "l": "index[n]",
            "c": "index[d]",
            "n": "size",
        },
        library=lambda s, v: tf.nn.softmax(s) @ v,
    ),
    Equation(
        "softmax-merge",
        symbols={"d": "vector[2](0.5,3)", "m": "vector[2]"},
        given={"M": lambda d, m: m.max()},
        library=lambda d, m: tf.exp(
            tf.reduce_logsumexp(m + tf.math.log(d)) - tf.reduce_max(m)
        ),
    ),
]
SECTIONS = [
    "import",
    "naive",
    "softmax",
    "log_softmax",
    "sigmoid",
    "entropy",
    "jacobian",
    "pull_back",
    "loss",
    "gradients",
    "attention",
]
