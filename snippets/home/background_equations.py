"""What the equations on the growth of models mean, checked how."""

import numpy as np
import tensorflow as tf
from book.equations import Equation
from scipy import optimize, stats

SERIES = {
    "t": "vector[n]",
    "z": "vector[n]",
    "i": "index[n]",
    "n": "size(3,9)",
}
SAME = (
    "the same number: what one factor is shifted by meets the other "
    "one, whose sum is zero"
)


def fitted(t, z):
    """Return what SciPy's regression says of a series."""
    return stats.linregress(t, z)


EQUATIONS = [
    Equation(
        "training-flops-6nd",
        symbols={"N": "positive", "D": "positive"},
        code=lambda page, N, D: page.training_flops(N, D),
        library=None,  # counting operations is in no library
    ),
    Equation(
        "doubling",
        symbols={
            "y_0": "positive",
            "t": "scalar",
            "T": "positive(0.5,3)",
        },
        code=lambda page, y_0, t, T: page.grow(y_0, t, T),
        library=lambda y_0, t, T: (
            y_0 * tf.exp(tf.cast(np.log(2), tf.float64) * t / T)
        ),
    ),
    Equation(
        "doubling-time",
        symbols={"b": "positive"},
        code=lambda page, b: page.doubling_time(b),
        library=None,  # a quotient of two numbers
    ),
    Equation(
        "trend-slope",
        symbols=SERIES,
        given={
            "t_bar": lambda t, z: t.mean(),
            "z_bar": lambda t, z: z.mean(),
        },
        code=lambda page, t, z: page.slope(t, z),
        library=lambda t, z: fitted(t, z).slope,
        survivors={
            f"sum(i=1..n: {top}) / sum(i=1..n: (t[i] - t_bar)^2)": SAME
            for top in (
                "t[i] (z[i] - z_bar)",
                "(t[i] + t_bar) (z[i] - z_bar)",
                "(t[i] - n) (z[i] - z_bar)",
                "(t[i] - z_bar) (z[i] - z_bar)",
                "(t[i] - t_bar) z[i]",
                "(t[i] - t_bar) (z[i] + z_bar)",
                "(t[i] - t_bar) (z[i] - n)",
                "(t[i] - t_bar) (z[i] - t_bar)",
            )
        },
    ),
    Equation(
        "trend-residual",
        symbols=SERIES,
        given={
            "t_bar": lambda t, z: t.mean(),
            "z_bar": lambda t, z: z.mean(),
            "b": lambda t, z: fitted(t, z).slope,
        },
        code=lambda page, t, z: page.residual_error(t, z),
        library=lambda t, z: np.sqrt(
            np.polyfit(t, z, 1, full=True)[1][0] / (len(t) - 2)
        ),
    ),
    Equation(
        "trend-standard-error",
        symbols=SERIES,
        given={
            "t_bar": lambda t, z: t.mean(),
            "s": lambda t, z: np.sqrt(
                np.polyfit(t, z, 1, full=True)[1][0] / (len(t) - 2)
            ),
        },
        code=lambda page, t, z: page.standard_error(t, z),
        library=lambda t, z: fitted(t, z).stderr,
    ),
    Equation(
        "doubling-time-upper",
        symbols={
            "b": "scalar(2,3)",
            "q": "scalar(1,2)",
            "s_b": "scalar(0.1,0.9)",
        },
        library=lambda b, q, s_b: optimize.brentq(
            lambda T: np.exp((b - q * s_b) * T) - 2, 0, 100
        ),  # when growth at this rate reaches twice
    ),
    Equation(
        "prediction-error",
        symbols={
            "s": "positive",
            "t": "vector[n]",
            "t_0": "scalar",
            "i": "index[n]",
            "n": "size(3,9)",
        },
        given={"t_bar": lambda s, t, t_0: t.mean()},
        code=lambda page, s, t, t_0: page.prediction_error(s, t, t_0),
        library=None,  # SciPy has none
    ),
]
SECTIONS = [
    "import",
    "flops",
    "grow",
    "slope",
    "standard_error",
    "prediction_error",
]
