"""What the equations of the page mean, and what computes the same."""

import keras
import numpy as np
from book.equations import Equation
from scipy import stats


def keras_count(d, w, c):
    model = keras.Sequential([
        keras.Input(shape=(d,)),
        keras.layers.Dense(w),
        keras.layers.Dense(w),
        keras.layers.Dense(c),
    ])
    return float(model.count_params())


SAME = (
    "equal: one factor's deviations add up to zero, so a constant "
    "added to the other factor drops out"
)

EQUATIONS = [
    Equation(
        "mlp-parameters",
        symbols={"d": "size", "w": "size", "c": "size"},
        code=lambda page, d, w, c: page.mlp_parameters(d, w, c),
        library=keras_count,
    ),
    Equation(
        "standard-error-of-seeds",
        symbols={"x": "vector[n]", "n": "size", "i": "index[n]"},
        given={"x_bar": lambda x, n: x.mean()},
        code=lambda page, x: page.mean_and_error(x)[1],
        library=lambda x, n: stats.sem(x),
    ),
    Equation(
        "step-flops",
        symbols={"N": "positive", "B": "positive"},
        code=lambda page, N, B: page.step_flops(N, B),
        library=None,  # no library counts this by formula
    ),
    Equation(
        "adam-memory",
        symbols={"N": "positive"},
        code=lambda page, N: page.adam_bytes(N),
        library=None,
    ),
    Equation(
        "saliency-cosine",
        symbols={
            "a": "vector[n]",
            "b": "vector[n]",
            "n": "size",
            "i": "index[n]",
        },
        code=lambda page, a, b: page.cosine(a, b),
        library=lambda a, b, n: -keras.losses.cosine_similarity(a, b),
    ),
    Equation(
        "log-log-slope",
        symbols={
            "u": "vector[n]",
            "v": "vector[n]",
            "n": "size",
            "i": "index[n]",
        },
        given={
            "u_bar": lambda u, v, n: u.mean(),
            "v_bar": lambda u, v, n: v.mean(),
        },
        library=lambda u, v, n: np.polyfit(u, v, 1)[0],
        survivors={
            f"sum(i=1..n: {top}) / sum(i=1..n: (u[i] - u_bar)^2)": SAME
            for top in (
                "u[i] (v[i] - v_bar)",
                "(u[i] + u_bar) (v[i] - v_bar)",
                "(u[i] - n) (v[i] - v_bar)",
                "(u[i] - v_bar) (v[i] - v_bar)",
                "(u[i] - u_bar) v[i]",
                "(u[i] - u_bar) (v[i] + v_bar)",
                "(u[i] - u_bar) (v[i] - n)",
                "(u[i] - u_bar) (v[i] - u_bar)",
            )
        },
    ),
]
SECTIONS = [
    "import",
    "count",
    "spread",
    "cost_formulas",
    "cosine",
    "power_law",
]
