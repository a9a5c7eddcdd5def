"""What the equations on image classification mean."""

import keras
import numpy as np
import tensorflow as tf
from book.equations import Equation
from keras import layers


def counted(h, w, k, c, d):
    """From the layer itself: its weights, used at each place."""
    layer = layers.Conv2D(d, k, padding="same", use_bias=False)
    shape = layer.compute_output_shape((1, h, w, c))
    layer.build((1, h, w, c))
    return int(np.prod(shape[1:3])) * layer.count_params()


def climbing(t, a, w):
    """The schedule of Keras, which warms up for w steps."""
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, 100, warmup_target=a, warmup_steps=w
    )
    return float(rate(t))


EQUATIONS = [
    Equation(
        "multiply-adds",
        symbols={
            "h": "size",
            "w": "size",
            "k": "size(1,4)",
            "c": "size",
            "d": "size",
        },
        code=lambda page, h, w, k, c, d: page.multiply_adds(
            h, w, k, c, d
        ),
        library=counted,
    ),
    Equation(
        "batch-normalization",
        symbols={
            "x": "vector[n]",
            "i": "index[n]",
            "j": "index[n]",
            "n": "size",
            "g": "scalar",
            "b": "scalar",
            "e": "positive",
        },
        given={"m": lambda x: x.mean()},
        code=lambda page, x, g, b, e: page.normalize(x, g, b, e),
        library=lambda x, g, b, e: tf.nn.batch_normalization(
            x, *tf.nn.moments(x, 0), b, g, e
        ),
    ),
    Equation(
        "warm-up",
        symbols={
            "t": "integer(1,9)",
            "a": "positive",
            "w": "integer(10,20)",
        },
        code=lambda page, t, a, w: page.warm_up(t, a, w),
        library=climbing,
        rtol=1e-6,
    ),
]
SECTIONS = ["import", "cost", "normalize", "warmup"]
