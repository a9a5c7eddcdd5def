"""What the equations on personalized recommendation mean."""

import numpy as np
import tensorflow as tf
from book.equations import Equation
from sklearn.linear_model import Ridge
from sklearn.metrics import ndcg_score, root_mean_squared_error
from sklearn.metrics.pairwise import cosine_similarity


def ranked(h, m):
    """Hits in their places; what was missed stands further down."""
    missed = np.arange(10) < m - h.sum()
    target = np.concatenate([h, missed])
    return ndcg_score([target], [-np.arange(len(target))], k=len(h))


def regressions(X, lambda_):
    """Each film from all others, by scikit-learn."""
    n = X.shape[1]
    B = np.zeros((n, n))
    for j in range(n):
        others = np.arange(n) != j
        ridge = Ridge(alpha=lambda_, fit_intercept=False, tol=1e-12)
        B[others, j] = ridge.fit(X[:, others], X[:, j]).coef_
    return B


EQUATIONS = [
    Equation(
        "cosine-of-films",
        symbols={
            "x": "matrix[n,k]",
            "i": "index[k]",
            "j": "index[k]",
            "u": "index[n]",
            "n": "size",
            "k": "size",
        },
        code=lambda page, x: page.cosine(x),
        library=lambda x: cosine_similarity(x.T),
    ),
    Equation(
        "recall-at-k",
        symbols={
            "h": "probability[k]",
            "m": "integer",
            "r": "index[k]",
            "k": "size",
        },
        code=lambda page, h, m: page.recall(h, m),
        library=None,  # a sum and a division
    ),
    Equation(
        "ndcg-at-k",
        symbols={
            "h": "onehot[k]",
            "m": "integer(1,2)",
            "r": "index[k]",
            "k": "size(2,6)",
        },
        code=lambda page, h, m: page.ndcg(h, m),
        library=ranked,
    ),
    Equation(
        "ease-weights",
        symbols={
            "X": "matrix[n,k]",
            "lambda": "positive",
            "i": "index[k]",
            "j": "index[k]",
            "n": "size",
            "k": "size",
        },
        given={
            "P": lambda X, lambda_: np.linalg.inv(
                X.T @ X + lambda_ * np.eye(X.shape[1])
            )
        },
        code=lambda page, P: page.without_itself(P),
        library=regressions,
        survivors={"([i = j] - 1) (P[j,i] / P[j,j])": "P is symmetric"},
    ),
    Equation(
        "rmse-of-stars",
        symbols={
            "r": "vector[n]",
            "z": "vector[n]",
            "i": "index[n]",
            "n": "size",
        },
        code=lambda page, r, z: page.rmse(r, z),
        library=root_mean_squared_error,
    ),
    Equation(
        "tower-score",
        symbols={
            "v": "matrix[n,d]",
            "w": "matrix[k,d]",
            "b": "vector[k]",
            "u": "index[n]",
            "i": "index[k]",
            "l": "index[d]",
            "n": "size",
            "k": "size",
            "d": "size",
        },
        code=lambda page, v, w, b: page.score(v, w, b),
        library=lambda v, w, b: tf.einsum("ul,il->ui", v, w) + b,
    ),
]
SECTIONS = ["import", "cosine", "measure", "ease", "rmse", "score"]
