"""What the equation of the page on copying means."""

import tensorflow as tf
from book.equations import Equation

EQUATIONS = [
    Equation(
        "text-likeness",
        symbols={
            "u": "positive[n]",
            "v": "positive[n]",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, u, v: page.likeness(u, v),
        library=lambda u, v: -tf.keras.losses.cosine_similarity(u, v),
    ),
]
SECTIONS = ["import", "likeness"]
