"""What the equations on machine translation mean."""

import numpy as np
import sacrebleu
from book.equations import Equation
from scipy.special import softmax
from scipy.stats import hmean

EQUATIONS = [
    Equation(
        "cross-attention-weights",
        symbols={
            "q": "matrix[s,d]",
            "k": "matrix[n,d]",
            "i": "index[s]",
            "j": "index[n]",
            "m": "index[n]",
            "l": "index[d]",
            "n": "size",
            "d": "size",
        },
        code=lambda page, q, k: page.weights(q, k),
        library=lambda q, k: softmax(q @ k.T / np.sqrt(k.shape[1]), 1),
        rtol=1e-6,
    ),
    Equation(
        "word-association",
        symbols={
            "n": "integer(1,6)",
            "a": "integer(6,12)",
            "b": "integer(6,12)",
        },
        code=lambda page, n, a, b: page.association(n, a, b),
        library=lambda n, a, b: hmean([n / a, n / b]),
    ),
    Equation(
        "bleu-score",
        symbols={
            "p": "probability[k]",
            "c": "integer(8,20)",
            "r": "integer(8,20)",
            "n": "index[k]",
            "k": "size",
        },
        code=lambda page, p, c, r: page.bleu(p, c, r),
        library=lambda p, c, r: (
            sacrebleu.BLEU.compute_bleu(
                p.tolist(), [1] * len(p), c, r, max_ngram_order=len(p)
            ).score
            / 100
        ),
    ),
]
SECTIONS = ["import", "attention", "bleu", "dictionary"]
