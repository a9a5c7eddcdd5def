"""What the equations of the page on convolutional networks mean."""

import tensorflow as tf
from book.equations import Equation


def span(k, s):
    """Go back from one unit, layer by layer, to what it depends on."""
    places = {0}
    for k_l, s_l in reversed(list(zip(k, s))):
        places = {
            int(p * s_l + u) for p in places for u in range(int(k_l))
        }
    return max(places) - min(places) + 1


EQUATIONS = [
    Equation(
        "cnn-convolution",
        symbols={
            "x": "array[h+2,l+2,C]",
            "w": "array[0..2,0..2,C,K]",
            "b": "vector[K]",
            "i": "index[h]",
            "j": "index[l]",
            "k": "index[K]",
            "u": "index[0..2]",
            "v": "index[0..2]",
            "c": "index[C]",
            "C": "size",
        },
        code=lambda page, x, w, b: page.convolve(x, w, b),
        library=lambda x, w, b: (
            tf.nn.conv2d(x[None], w, 1, "VALID")[0] + b
        ),
    ),
    Equation(
        "cnn-receptive-field",
        symbols={
            "k": "choice[n,1..5]",
            "s": "choice[n,1..3]",
            "l": "index[n]",
            "m": "index[n]",
            "n": "size",
        },
        code=lambda page, k, s: page.receptive_field(k, s),
        library=lambda k, s: span(k, s),
    ),
]
SECTIONS = ["import", "convolve", "receptive"]
