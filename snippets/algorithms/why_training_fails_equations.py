"""What the equations of the why-training-fails page mean."""

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


def path(theta_0, eta, lam, s):
    """Gradient descent on a parabola, step by step."""
    theta = theta_0
    for _ in range(int(s)):
        theta = theta - eta * lam * theta
    return theta


EQUATIONS = [
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
    "data",
    "descend",
    "parabola",
    "momentum",
    "clip",
    "schedule",
]
