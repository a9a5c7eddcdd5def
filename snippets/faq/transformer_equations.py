"""What the equations of the page on Transformers mean."""

import math
import re

import numpy as np
import tensorflow as tf
from book.equations import Equation
from scipy.special import softmax

DOT = re.compile(
    r"f32\[(\S+)\]\S* dot\(f32\[(\S+)\].*?"
    r"lhs_contracting_dims=\{(\S+)\}"
)


def counted(n, d):
    """Count the multiplications in what XLA is given to compile."""

    @tf.function(jit_compile=True)
    def layer(x, *w):
        q, k, v = (x @ each for each in w[:3])
        p = tf.nn.softmax(tf.matmul(q, k, transpose_b=True))
        return p @ v @ w[3]

    inputs = [tf.zeros((int(n), int(d)))]
    inputs += [tf.zeros((int(d), int(d)))] * 4
    program = layer.experimental_get_compiler_ir(*inputs)("hlo")
    total = 0
    for found in DOT.findall(program):
        out, left, summed = (
            [int(size) for size in sizes.split(",")] for sizes in found
        )
        total += math.prod(out) * math.prod(left[i] for i in summed)
    return total


EQUATIONS = [
    Equation(
        "transformer-weights",
        symbols={
            "q": "matrix[n,d]",
            "k": "matrix[n,d]",
            "i": "index[n]",
            "j": "index[n]",
            "l": "index[d]",
            "r": "index[n]",
            "n": "size",
            "d": "size",
        },
        given={"m": ("matrix[n,n]", lambda q: np.tri(len(q)))},
        code=lambda page, q, k, m: page.weights(q, k, m),
        library=lambda q, k, m: softmax(
            q @ k.T / np.sqrt(q.shape[1]) - 1e9 * (1 - m), 1
        ),
    ),
    Equation(
        "transformer-output",
        symbols={
            "q": "matrix[n,d]",
            "k": "matrix[n,d]",
            "v": "matrix[n,e]",
            "i": "index[n]",
            "j": "index[n]",
            "c": "index[e]",
            "n": "size",
            "d": "size",
        },
        given={
            "p": (
                "matrix[n,n]",
                lambda q, k: softmax(q @ k.T / np.sqrt(q.shape[1]), 1),
            )
        },
        code=lambda page, q, k, v: page.attention(q, k, v),
        library=lambda p, v: np.einsum("ij,jc->ic", p, v),
    ),
    Equation(
        "transformer-cost",
        symbols={"n": "integer(2,8)", "d": "integer(2,8)"},
        code=lambda page, n, d: page.multiplications(n, d),
        library=lambda n, d: counted(n, d),
    ),
]
SECTIONS = ["import", "attention", "multiplications"]
