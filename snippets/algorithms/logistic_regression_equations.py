"""What the equations on logistic regression mean, checked how."""

import keras
import numpy as np
import tensorflow as tf
from book.equations import Equation
from scipy.special import logit
from scipy.stats import bernoulli


def sigmoid(z):
    """Return the logistic function, float64."""
    return 1 / (1 + np.exp(-z))


def loss_of_logits(z, y):
    """Return the mean log loss, computed by TensorFlow from logits."""
    every = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)
    return tf.reduce_mean(every)


def loss_of(w, b, x, y):
    """Return the mean log loss of a logistic regression."""
    return loss_of_logits(tf.linalg.matvec(x, w) + b, y)


def automatic_hessian(w, b, x):
    """Return the second derivatives of the loss by the weights."""
    w = tf.Variable(tf.convert_to_tensor(w))
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            loss = loss_of(w, b, x, np.zeros(len(x)))
        slope = inner.gradient(loss, w)
    return outer.jacobian(slope, w, experimental_use_pfor=False)


ROWS = {
    "w": "vector[d]",
    "b": "scalar",
    "x": "matrix[n,d]",
    "y": "vector[n](0,1)",
    "i": "index[n]",
    "n": "size",
}

EQUATIONS = [
    Equation(
        "logistic-score",
        symbols={"x": "scalar", "w": "scalar", "b": "scalar"},
        code=lambda page, x, w, b: page.score(x, w, b),
        library=lambda x, w, b: tf.add(tf.multiply(w, x), b),
    ),
    Equation(
        "sigmoid",
        symbols={"z": "scalar"},
        code=lambda page, z: page.sigmoid(z),
        library=lambda z: tf.sigmoid(z),
    ),
    Equation(
        "log-odds",
        symbols={"p": "probability"},
        code=lambda page, p: page.log_odds(p),
        library=lambda p: logit(p),  # TensorFlow itself has none
    ),
    Equation(
        "sigmoid-derivative",
        symbols={"z": "scalar"},
        given={"p": lambda z: sigmoid(z)},
        gradient=("z", lambda z: tf.sigmoid(z)),
    ),
    Equation(
        "bernoulli",
        symbols={"y": "integer(0,1)", "p": "probability"},
        library=lambda y, p: bernoulli.pmf(
            y, p
        ),  # TensorFlow itself has none
    ),
    Equation(
        "log-loss",
        symbols={
            "y": "vector[n](0,1)",
            "p": "vector[n](0.01,0.99)",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, y, p: page.log_loss(y, p),
        library=lambda y, p: keras.losses.binary_crossentropy(y, p),
    ),
    Equation(
        "log-loss-gradient-z",
        symbols={
            "z": "vector[n]",
            "y": "vector[n](0,1)",
            "i": "index[n]",
            "n": "size",
        },
        given={"p": lambda z, y: sigmoid(z)},
        gradient=("z", loss_of_logits),
    ),
    Equation(
        "log-loss-gradient-w",
        symbols={**ROWS, "j": "index[d]"},
        given={"p": lambda w, b, x, y: sigmoid(x @ w + b)},
        gradient=("w", loss_of),
        code=lambda page, w, b, x, y: page.gradient(w, b, x, y)[0],
    ),
    Equation(
        "log-loss-gradient-b",
        symbols=ROWS,
        given={"p": lambda w, b, x, y: sigmoid(x @ w + b)},
        gradient=("b", loss_of),
        code=lambda page, w, b, x, y: page.gradient(w, b, x, y)[1],
    ),
    Equation(
        "log-loss-hessian",
        symbols={
            "w": "vector[d]",
            "b": "scalar",
            "x": "matrix[n,d]",
            "i": "index[n]",
            "j": "index[d]",
            "k": "index[d]",
            "n": "size",
        },
        given={"p": lambda w, b, x: sigmoid(x @ w + b)},
        code=lambda page, w, b, x: page.hessian(w, b, x),
        library=automatic_hessian,
    ),
    Equation(
        "log-loss-softplus",
        symbols={"z": "scalar", "y": "scalar(0,1)"},
        code=lambda page, z, y: page.stable_loss(y, z),
        library=lambda z, y: (
            y * tf.nn.softplus(-z) + (1 - y) * tf.nn.softplus(z)
        ),
    ),
    Equation(
        "stable-log-loss",
        symbols={"z": "scalar", "y": "scalar(0,1)"},
        code=lambda page, z, y: page.stable_loss(y, z),
        library=lambda z, y: tf.nn.sigmoid_cross_entropy_with_logits(
            labels=y, logits=z
        ),
    ),
    Equation(
        "cheapest-threshold",
        symbols={"c": "positive", "m": "positive"},
        code=lambda page, c, m: page.cheapest_threshold(c, m),
    ),  # no library: arithmetic only
    Equation(
        "glu",
        symbols={"a": "vector[n]", "g": "vector[n]", "i": "index[n]"},
        code=lambda page, a, g: page.glu(a, g),
        library=lambda a, g: keras.ops.glu(tf.concat([a, g], 0)),
    ),
    Equation(
        "silu",
        symbols={"z": "scalar"},
        code=lambda page, z: page.silu(z),
        library=lambda z: tf.nn.silu(z),
    ),
    Equation(
        "bradley-terry",
        symbols={"u": "scalar", "v": "scalar"},
        library=lambda u, v: tf.nn.softmax(tf.stack([u, v]))[0],
    ),
]

SECTIONS = [
    "import",
    "sigmoid",
    "likelihood",
    "gradient",
    "hessian",
    "stable",
    "threshold",
    "gates",
]
