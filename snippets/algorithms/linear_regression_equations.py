"""What the equations on linear regression mean, checked how."""

from statistics import NormalDist

import keras
import numpy as np
import tensorflow as tf
from book.equations import Equation


def mse_of(w, b, x, y):
    """Return the loss as a scalar that TensorFlow differentiates."""
    return tf.reduce_mean((tf.linalg.matvec(x, w) + b - y) ** 2)


def fitted(x, y):
    """Return slope and intercept by TensorFlow's least squares."""
    rows = tf.stack([x, tf.ones_like(x)], axis=1)
    return tf.linalg.lstsq(
        rows, tf.convert_to_tensor(y)[:, tf.newaxis], fast=False
    )[:, 0]


SAME = (
    "equal: one factor's deviations add up to zero, so a constant "
    "added to the other factor drops out"
)

EQUATIONS = [
    Equation(
        "linear-model",
        symbols={"x": "scalar", "w": "scalar", "b": "scalar"},
        code=lambda page, x, w, b: page.line(x, w, b),
        library=lambda x, w, b: tf.add(tf.multiply(w, x), b),
    ),
    Equation(
        "linear-prediction",
        symbols={
            "x": "matrix[n,d]",
            "w": "vector[d]",
            "b": "scalar",
            "i": "index[n]",
            "j": "index[d]",
            "d": "size",
        },
        code=lambda page, x, w, b: page.predict(x, w, b),
        library=lambda x, w, b: tf.linalg.matvec(x, w) + b,
    ),
    Equation(
        "gaussian-density",
        symbols={"y": "scalar", "y_hat": "scalar", "sigma": "positive"},
        library=lambda y, y_hat, sigma: NormalDist(
            float(y_hat), float(sigma)
        ).pdf(float(y)),  # TensorFlow itself has none
    ),
    Equation(
        "gaussian-likelihood",
        symbols={
            "y": "vector[n]",
            "y_hat": "vector[n]",
            "sigma": "positive",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, y, y_hat, sigma: page.negative_log_likelihood(
            y, y_hat, sigma
        ),
        library=lambda y, y_hat, sigma: (
            -sum(
                np.log(NormalDist(m, float(sigma)).pdf(v))
                for m, v in zip(y_hat, y)
            )
        ),
    ),
    Equation(
        "mean-squared-error",
        symbols={
            "y": "vector[n]",
            "y_hat": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, y, y_hat: page.mse(y, y_hat),
        library=lambda y, y_hat: keras.losses.mean_squared_error(
            y, y_hat
        ),
    ),
    Equation(
        "mse-gradient-w",
        symbols={
            "w": "vector[d]",
            "b": "scalar",
            "x": "matrix[n,d]",
            "y": "vector[n]",
            "i": "index[n]",
            "j": "index[d]",
            "n": "size",
        },
        given={"y_hat": lambda w, b, x, y: x @ w + b},
        gradient=("w", mse_of),
        code=lambda page, w, b, x, y: page.gradient(w, b, x, y)[0],
    ),
    Equation(
        "mse-gradient-b",
        symbols={
            "w": "vector[d]",
            "b": "scalar",
            "x": "matrix[n,d]",
            "y": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        given={"y_hat": lambda w, b, x, y: x @ w + b},
        gradient=("b", mse_of),
        code=lambda page, w, b, x, y: page.gradient(w, b, x, y)[1],
    ),
    Equation(
        "least-squares-slope",
        symbols={
            "x": "vector[n]",
            "y": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        given={
            "x_bar": lambda x, y: x.mean(),
            "y_bar": lambda x, y: y.mean(),
        },
        code=lambda page, x, y: page.fit_line(x, y)[0],
        library=lambda x, y: fitted(x, y)[0],
        survivors={
            f"sum(i=1..n: {top}) / sum(i=1..n: (x[i] - x_bar)^2)": SAME
            for top in (
                "x[i] (y[i] - y_bar)",
                "(x[i] + x_bar) (y[i] - y_bar)",
                "(x[i] - n) (y[i] - y_bar)",
                "(x[i] - y_bar) (y[i] - y_bar)",
                "(x[i] - x_bar) y[i]",
                "(x[i] - x_bar) (y[i] + y_bar)",
                "(x[i] - x_bar) (y[i] - n)",
                "(x[i] - x_bar) (y[i] - x_bar)",
            )
        },
    ),
    Equation(
        "least-squares-intercept",
        symbols={"x": "vector[n]", "y": "vector[n]"},
        given={
            "w": lambda x, y: np.polyfit(x, y, 1)[0],
            "x_bar": lambda x, y: x.mean(),
            "y_bar": lambda x, y: y.mean(),
        },
        code=lambda page, x, y: page.fit_line(x, y)[1],
        library=lambda x, y: fitted(x, y)[1],
    ),
    Equation(
        "standardization",
        symbols={
            "x": "matrix[n,d]",
            "m": "vector[d]",
            "s": "vector[d](0.5,3)",
            "i": "index[n]",
            "j": "index[d]",
        },
        code=lambda page, x, m, s: page.standardize(x, m, s),
        library=lambda x, m, s: (tf.convert_to_tensor(x) - m) / s,
    ),
    Equation(
        "r-squared",
        symbols={
            "y": "vector[n]",
            "y_hat": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        given={"y_bar": lambda y, y_hat: y.mean()},
        code=lambda page, y, y_hat: page.r_squared(y, y_hat),
        library=lambda y, y_hat: (
            1
            - tf.reduce_sum((y - y_hat) ** 2)
            / (len(y) * tf.math.reduce_variance(y))
        ),
    ),
    Equation(
        "least-squares-hessian",
        symbols={
            "x": "matrix[n,d]",
            "i": "index[n]",
            "j": "index[d]",
            "k": "index[d]",
            "n": "size",
        },
        code=lambda page, x: page.hessian(x),
        library=lambda x: (
            2 / len(x) * tf.linalg.matmul(x, x, transpose_a=True)
        ),
    ),
    Equation(
        "dense-layer",
        symbols={
            "x": "matrix[n,d]",
            "w": "matrix[d,m]",
            "b": "vector[m]",
            "i": "index[n]",
            "j": "index[m]",
            "k": "index[d]",
            "d": "size",
        },
        code=lambda page, x, w, b: page.dense_layer(x, w, b),
        library=lambda x, w, b: tf.nn.bias_add(
            tf.linalg.matmul(x, w), b
        ),
    ),
]

SECTIONS = [
    "import",
    "line",
    "mse",
    "density",
    "gradient",
    "fit_line",
    "standardize",
    "r_squared",
    "hessian",
    "dense",
]
