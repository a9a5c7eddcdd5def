"""What the equations of the page on time to accuracy mean."""

import keras
from book.equations import Equation


def of_keras(t, n, w, a):
    """The schedule that the page trains with."""
    rate = keras.optimizers.schedules.CosineDecay(
        a / 25, n - w, warmup_target=a, warmup_steps=w
    )
    return float(rate(t))


def by_the_clock(K, B, c, s):
    """Step by step, and in each step picture by picture."""
    clock = 0.0
    for _ in range(int(K)):
        clock += c
        for _ in range(int(B)):
            clock += s
    return clock


EQUATIONS = [
    Equation(
        "race-one-cycle",
        symbols={
            "t": "integer(6,9)",
            "n": "integer(10,20)",
            "w": "integer(1,5)",
            "a": "positive",
        },
        code=lambda page, t, n, w, a: page.one_cycle(t, n, w, a),
        library=of_keras,
        rtol=1e-5,
    ),
    Equation(
        "race-time",
        symbols={
            "K": "integer",
            "B": "integer",
            "c": "positive",
            "s": "positive",
        },
        code=lambda page, K, B, c, s: page.time_of(K, B, c, s),
        library=by_the_clock,
    ),
]
SECTIONS = ["import", "one_cycle", "time_of"]
