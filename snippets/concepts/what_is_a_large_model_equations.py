"""What the equations of the page mean, and what computes the same."""

import keras
from book.equations import Equation

layers = keras.layers


def count(layer, *shapes):
    """Return how many parameters Keras gives a layer."""
    layer.build(*shapes)
    return layer.count_params()


def count_block(d, f):
    """Return what Keras counts in a block with one head."""
    shape = (None, None, d)
    attention = count(layers.MultiHeadAttention(1, d), shape, shape)
    dense = count(layers.Dense(f), shape) + count(
        layers.Dense(d), (None, None, f)
    )
    return (
        attention
        + dense
        + 2 * count(layers.LayerNormalization(), shape)
    )


def count_gpt(V, T, L, d):
    """Return what Keras counts in a GPT with a shared table."""
    tables = count(layers.Embedding(V, d), (None, T)) + count(
        layers.Embedding(T, d), (None, T)
    )
    return (
        tables
        + L * count_block(d, 4 * d)
        + count(layers.LayerNormalization(), (None, None, d))
    )


EQUATIONS = [
    Equation(
        "count-dense",
        symbols={"m": "integer(1,200)", "n": "integer(1,200)"},
        code=lambda page, m, n: page.dense_parameters(m, n),
        library=lambda m, n: count(
            layers.Dense(int(n)), (None, int(m))
        ),
    ),
    Equation(
        "count-convolution",
        symbols={
            "a": "integer(1,7)",
            "b": "integer(1,7)",
            "c": "integer(1,64)",
            "n": "integer(1,64)",
        },
        code=lambda page, a, b, c, n: page.convolution_parameters(
            a, b, c, n
        ),
        library=lambda a, b, c, n: count(
            layers.Conv2D(int(n), (int(a), int(b))),
            (None, None, None, int(c)),
        ),
    ),
    Equation(
        "count-simple-rnn",
        symbols={"m": "integer(1,64)", "n": "integer(1,64)"},
        code=lambda page, m, n: page.rnn_parameters(m, n),
        library=lambda m, n: count(
            layers.SimpleRNN(int(n)), (None, None, int(m))
        ),
    ),
    Equation(
        "count-lstm",
        symbols={"m": "integer(1,64)", "n": "integer(1,64)"},
        code=lambda page, m, n: page.lstm_parameters(m, n),
        library=lambda m, n: count(
            layers.LSTM(int(n)), (None, None, int(m))
        ),
    ),
    Equation(
        "count-gru",
        symbols={
            "m": "integer(1,64)",
            "n": "integer(1,64)",
            "r": "integer(0,1)",
        },
        code=lambda page, m, n, r: page.gru_parameters(m, n, r),
        library=lambda m, n, r: count(
            layers.GRU(int(n), reset_after=bool(r)),
            (None, None, int(m)),
        ),
    ),
    Equation(
        "count-attention",
        symbols={
            "d": "integer(1,64)",
            "h": "integer(1,8)",
            "k": "integer(1,32)",
            "v": "integer(1,32)",
        },
        code=lambda page, d, h, k, v: page.attention_parameters(
            d, h, k, v
        ),
        library=lambda d, h, k, v: count(
            layers.MultiHeadAttention(
                int(h), key_dim=int(k), value_dim=int(v)
            ),
            (None, None, int(d)),
            (None, None, int(d)),
        ),
    ),
    Equation(
        "count-block",
        symbols={"d": "integer(1,64)", "f": "integer(1,256)"},
        code=lambda page, d, f: page.block_parameters(d, f),
        library=lambda d, f: count_block(int(d), int(f)),
    ),
    Equation(
        "count-usual-block",
        symbols={"d": "integer(1,64)"},
        code=lambda page, d: page.usual_block_parameters(d),
        library=lambda d: count_block(int(d), 4 * int(d)),
    ),
    Equation(
        "count-gpt",
        symbols={
            "V": "integer(1,500)",
            "T": "integer(1,50)",
            "L": "integer(1,12)",
            "d": "integer(1,48)",
        },
        code=lambda page, V, T, L, d: page.gpt_parameters(V, T, L, d),
        library=lambda V, T, L, d: count_gpt(
            int(V), int(T), int(L), int(d)
        ),
    ),
    Equation(
        "count-experts-total",
        symbols={
            "S": "integer(1,1000)",
            "L": "integer(1,50)",
            "E": "integer(2,64)",
            "F": "integer(1,1000)",
        },
        code=lambda page, S, L, E, F: page.total_parameters(S, L, E, F),
        library=None,  # Keras has no mixture of experts
    ),
    Equation(
        "count-experts-active",
        symbols={
            "S": "integer(1,1000)",
            "L": "integer(1,50)",
            "K": "integer(1,8)",
            "F": "integer(1,1000)",
        },
        code=lambda page, S, L, K, F: page.active_parameters(
            S, L, K, F
        ),
        library=None,  # Keras has no mixture of experts
    ),
]
SECTIONS = [
    "import",
    "dense",
    "convolution",
    "recurrent",
    "attention",
    "block_parameters",
    "gpt_parameters",
    "experts",
]
