"""What the equations of the page on many machines mean."""

import numpy as np
from book.equations import Equation


def turns(N):
    """Pass parts around a ring until all have all of every part."""
    N, turn = int(N), 0
    inside = [[{w} for _ in range(N)] for w in range(N)]
    while any(len(part) < N for parts in inside for part in parts):
        moving = [inside[w][(w - turn) % N] for w in range(N)]
        for w in range(N):
            right, k = (w + 1) % N, (w - turn) % N
            inside[right][k] = inside[right][k] | moving[w]
        turn += 1
    return turn


def idle(p, m):
    """Mark when each stage works, forward; return the empty share."""
    p, m = int(p), int(m)
    busy = np.zeros((p, m + p - 1))
    for stage in range(p):
        busy[stage, stage : stage + m] = 1
    return 1 - busy.mean()


def part(Psi, each, N):
    """Return the mean size of one of N parts of a vector of bytes."""
    whole = np.zeros(int(Psi * each))
    return np.mean([len(p) for p in np.array_split(whole, int(N))])


EQUATIONS = [
    Equation(
        "scale-bytes",
        symbols={"S": "positive", "N": "size(2,9)"},
        code=lambda page, S, N: page.bytes_sent(S, N),
        library=lambda S, N: turns(N) * S / N,
    ),
    Equation(
        "scale-seconds",
        symbols={
            "S": "positive",
            "N": "size(2,9)",
            "alpha": "positive",
            "B": "positive",
        },
        code=lambda page, S, N, alpha, B: page.ring_seconds(
            S, N, alpha, B
        ),
        library=lambda S, N, alpha, B: sum(
            alpha + S / N / B for _ in range(turns(N))
        ),
    ),
    Equation(
        "scale-tensor",
        symbols={
            "x": "matrix[n,C]",
            "a": "array[D,C,K]",
            "b": "array[D,K,m]",
            "i": "index[n]",
            "j": "index[m]",
            "c": "index[C]",
            "d": "index[D]",
            "k": "index[K]",
            "C": "size",
            "D": "size",
            "K": "size",
        },
        code=lambda page, x, a, b: page.tensor_parallel(x, a, b),
        library=lambda x, a, b: (
            np.maximum(x @ np.concatenate(a, axis=1), 0)
            @ np.concatenate(b, axis=0)
        ),
    ),
    Equation(
        "scale-bubble",
        symbols={"p": "size(1,9)", "m": "size(1,9)"},
        code=lambda page, p, m: page.bubble(p, m),
        library=lambda p, m: idle(p, m),
    ),
    Equation(
        "scale-memory",
        symbols={
            "Psi": "size(1,9)",
            "w": "size(1,9)",
            "g": "size(1,9)",
            "k": "size(1,9)",
            "N_w": "size(1,9)",
            "N_g": "size(1,9)",
            "N_k": "size(1,9)",
        },
        code=lambda page, Psi, w, g, k, N_w, N_g, N_k: page.memory(
            Psi, w, g, k, N_w, N_g, N_k
        ),
        library=lambda Psi, w, g, k, N_w, N_g, N_k: (
            part(Psi, w, N_w) + part(Psi, g, N_g) + part(Psi, k, N_k)
        ),
    ),
]
SECTIONS = ["import", "bytes", "seconds", "tensor", "bubble", "memory"]
