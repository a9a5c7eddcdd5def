"""What the equations of the cross-entropy page mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation
from scipy import stats


def p_of(z):
    """Softmax, written apart from the page's functions."""
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


def with_logits(t, p):
    """Cross-entropy of probabilities by way of their logarithms."""
    return tf.nn.softmax_cross_entropy_with_logits(t, tf.math.log(p))


INDEX = {"i": "index[n]", "n": "size"}
PAIR = {"t": "distribution[n]", "p": "distribution[n]", **INDEX}

EQUATIONS = [
    Equation(
        "cross-entropy",
        symbols=PAIR,
        code=lambda page, t, p: page.cross_entropy(t, p),
        library=with_logits,
    ),
    Equation(
        "log-likelihood",
        symbols={
            "q": "vector[m](0.05,0.95)",
            "k": "index[m]",
            "m": "size",
        },
        library=lambda q: -np.log(stats.gmean(q)),
    ),
    Equation(
        "entropy",
        symbols={"t": "distribution[n]", **INDEX},
        code=lambda page, t: page.entropy(t),
        library=lambda t: with_logits(t, t),
    ),
    Equation(
        "kl-divergence",
        symbols=PAIR,
        code=lambda page, t, p: page.divergence(t, p),
        library=lambda t, p: with_logits(t, p) - with_logits(t, t),
    ),
    Equation(
        "cross-entropy-split",
        symbols=PAIR,
        library=with_logits,
    ),
    Equation(
        "cross-entropy-scores",
        symbols={
            "t": "distribution[n]",
            "z": "vector[n]",
            "j": "index[n]",
            **INDEX,
        },
        code=lambda page, t, z: page.loss_from_scores(t, z),
        library=lambda t, z: tf.nn.softmax_cross_entropy_with_logits(
            t, z
        ),
    ),
    Equation(
        "cross-entropy-gradient",
        symbols={
            "t": "distribution[n]",
            "z": "vector[n]",
            "i": "index[n]",
        },
        given={"p": lambda t, z: p_of(z)},
        gradient=(
            "z",
            lambda t, z: tf.nn.softmax_cross_entropy_with_logits(t, z),
        ),
        code=lambda page, t, z: page.gradient(t, z),
    ),
    Equation(
        "squared-error-gradient",
        symbols={
            "t": "distribution[n]",
            "z": "vector[n]",
            "j": "index[n]",
            **INDEX,
        },
        given={"p": lambda t, z: p_of(z)},
        gradient=(
            "z",
            lambda t, z: tf.reduce_sum((tf.nn.softmax(z) - t) ** 2),
        ),
    ),
    Equation(
        "label-smoothing",
        symbols={
            "t": "onehot[n]",
            "epsilon": "probability",
            **INDEX,
        },
        code=lambda page, t, epsilon: page.smooth(t, epsilon),
        library=None,  # Keras smooths inside its losses: exercise 2
    ),
    Equation(
        "perplexity",
        symbols={
            "q": "vector[m](0.05,0.95)",
            "k": "index[m]",
            "m": "size",
        },
        code=lambda page, q: page.perplexity(q),
        library=lambda q: 1 / stats.gmean(q),
    ),
    Equation(
        "bits-per-byte",
        symbols={"L": "positive", "N": "positive", "B": "positive"},
        code=lambda page, L, N, B: page.bits_per_byte(L, N, B),
        library=None,  # no library has it
    ),
]
SECTIONS = [
    "import",
    "cross_entropy",
    "entropy",
    "log_softmax",
    "from_scores",
    "gradient",
    "smooth",
    "perplexity_functions",
]
