"""What the equations of the page on making models cheaper mean."""

import tensorflow as tf
from book.equations import Equation
from scipy.special import softmax

EQUATIONS = [
    Equation(
        "cheaper-soft-loss",
        symbols={
            "p": "distribution[n,v]",
            "z": "matrix[n,v]",
            "t": "index[n]",
            "c": "index[v]",
            "n": "size",
            "v": "size",
        },
        given={"q": lambda z: softmax(z, axis=1)},
        code=lambda page, p, z: page.soft_loss(p, z),
        library=lambda p, z: tf.reduce_mean(
            tf.nn.softmax_cross_entropy_with_logits(p, z)
        ),
    ),
    Equation(
        "cheaper-lora",
        symbols={
            "W": "matrix[m,n]",
            "A": "matrix[m,r]",
            "B": "matrix[r,n]",
            "i": "index[m]",
            "j": "index[n]",
            "k": "index[r]",
            "r": "size",
        },
        code=lambda page, W, A, B: page.merge(W, A, B),
        library=lambda W, A, B: tf.einsum("ik,kj->ij", A, B) + W,
    ),
    Equation(
        "cheaper-tokens",
        symbols={"a": "probability", "g": "integer"},
        code=lambda page, a, g: page.tokens_a_call(a, g),
        library=lambda a, g: sum(a**i for i in range(int(g) + 1)),
    ),
]
SECTIONS = ["import", "soft_loss", "merge", "tokens_a_call"]
