"""What the equations of the training-loop page mean."""

import keras
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
VECTORS = {"theta": "vector[n]", "g": "vector[n]", "i": "index[n]"}


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


def one_step(optimizer, theta, gradients):
    """Let a Keras optimizer update a parameter, once per gradient."""
    variable = keras.Variable(theta, dtype="float64")
    for g in gradients:
        optimizer.apply([tf.constant(g)], [variable])
    return variable.numpy()


def path(theta_0, eta, lam, s):
    """Gradient descent on a parabola, step by step."""
    theta = theta_0
    for _ in range(int(s)):
        theta = theta - eta * lam * theta
    return theta


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
    Equation(
        "parabola-steps",
        symbols={
            "theta_0": "scalar",
            "eta": "positive",
            "lambda": "positive",
            "s": "integer(0,6)",
        },
        code=lambda page, theta_0, eta, lambda_, s: page.after_steps(
            theta_0, lambda_, eta, s
        ),
        library=lambda theta_0, eta, lambda_, s: path(
            theta_0, eta, lambda_, s
        ),
    ),
    Equation(
        "momentum-velocity",
        symbols={
            "u": "vector[n]",
            "g": "vector[n]",
            "i": "index[n]",
            "beta": "probability",
        },
        library=lambda u, g, beta: (
            -one_step(
                keras.optimizers.SGD(1.0, momentum=beta), u, [u, g]
            )
        ),  # from u the first step leads to 0
    ),
    Equation(
        "momentum-step",
        symbols={
            **VECTORS,
            "u": "vector[n]",
            "eta": "positive",
            "beta": "probability",
        },
        code=lambda page, theta, u, g, eta, beta: page.momentum_step(
            theta, u, g, eta, beta
        )[0],
        # the first of two steps leaves the velocity u behind
        library=lambda theta, u, g, eta, beta: one_step(
            keras.optimizers.SGD(eta, momentum=beta),
            theta + eta * u,
            [u, g],
        ),
        rtol=1e-5,  # Keras rounds rate and momentum to single precision
    ),
    Equation(
        "clipped-gradient",
        symbols={
            "g": "vector[n]",
            "c": "positive",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
        },
        library=lambda g, c: tf.clip_by_norm(g, c),
    ),
    Equation(
        "cosine-schedule",
        symbols={
            "eta_max": "positive",
            "eta_min": "positive",
            "s": "positive",
            "S": "positive(4,9)",
        },
        code=lambda page, eta_max, eta_min, s, S: page.cosine(
            eta_max, eta_min, s, S
        ),
        library=lambda eta_max, eta_min, s, S: (
            keras.optimizers.schedules.CosineDecay(
                eta_max, S, alpha=eta_min / eta_max
            )(s)
        ),
        rtol=1e-5,  # Keras computes it in single precision
    ),
]
SECTIONS = [
    "import",
    "glorot",
    "sgd",
    "network",
    "layer_two",
    "layer_one",
    "backprop",
    "parabola",
    "momentum",
    "clip",
    "schedule",
]
