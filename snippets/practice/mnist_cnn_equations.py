"""What the equations of the practice page mean."""

import keras
import numpy as np
import tensorflow as tf
from book.equations import Equation
from scipy import stats


def adam_after(
    value, gradient, m, v, alpha=0.1, betas=(0.9, 0.999), epsilon=1e-7
):
    """Return weight and averages after a late step of Keras's Adam."""
    weight = keras.Variable(value, dtype="float64")
    adam = keras.optimizers.Adam(
        lambda: tf.constant(alpha, tf.float64), *betas, epsilon
    )
    adam.build([weight])
    adam.iterations.assign(50_000)  # so late that nothing is corrected
    averages = adam._momentums[0], adam._velocities[0]
    averages[0].assign(tf.constant(m, tf.float64))
    averages[1].assign(tf.constant(v, tf.float64))
    adam.apply([tf.constant(gradient, tf.float64)], [weight])
    return [np.asarray(one) for one in (weight, *averages)]


def adam_step(theta, alpha, m_hat, v_hat, epsilon):
    """Let Adam take a step with these averages."""
    before = 2 * v_hat - m_hat**2  # half of this and half of the new
    return adam_after(
        theta, m_hat, 0.0, before, alpha, (0.0, 0.5), epsilon
    )[0]


def parameters_of(layer, shape):
    """Return how many parameters Keras gives a layer."""
    layer.build(shape)
    return layer.count_params()


EQUATIONS = [
    Equation(
        "mnist-convolution",
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
        library=lambda x, w, b: (
            tf.nn.conv2d(x[None], w, 1, "VALID")[0] + b
        ),
    ),
    Equation(
        "mnist-relu",
        symbols={
            "z": "array[h,l,K]",
            "i": "index[h]",
            "j": "index[l]",
            "k": "index[K]",
        },
        library=lambda z: tf.nn.relu(z),
    ),
    Equation(
        "mnist-output-size",
        symbols={
            "n": "size(5,30)",
            "p": "size(0,2)",
            "k": "size(1,5)",
            "s": "size(1,3)",
        },
        library=lambda n, p, k, s: len(
            np.lib.stride_tricks.sliding_window_view(
                np.zeros(n + 2 * p), k
            )[::s]
        ),
    ),
    Equation(
        "mnist-count-convolution",
        symbols={"k": "size", "C_in": "size", "C_out": "size"},
        library=lambda k, C_in, C_out: parameters_of(
            keras.layers.Conv2D(C_out, k), (None, 9, 9, C_in)
        ),
    ),
    Equation(
        "mnist-count-dense",
        symbols={"n_in": "size", "n_out": "size"},
        library=lambda n_in, n_out: parameters_of(
            keras.layers.Dense(n_out), (None, n_in)
        ),
    ),
    Equation(
        "mnist-softmax",
        symbols={
            "z": "vector[0..9]",
            "i": "index[0..9]",
            "j": "index[0..9]",
        },
        library=lambda z: tf.nn.softmax(z),
    ),
    Equation(
        "mnist-cross-entropy",
        symbols={
            "p": "distribution[N,0..9]",
            "y": "choice[N,0..9]",
            "m": "index[N]",
            "N": "size",
        },
        library=lambda p, y: tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(
                y, tf.math.log(p)
            )
        ),
    ),
    Equation(
        "adam-mean",
        symbols={
            "beta_1": "probability",
            "m_{t-1}": "scalar",
            "g_t": "scalar",
        },
        library=lambda beta_1, m_t_1, g_t: adam_after(
            0.0, g_t, m_t_1, 1.0, betas=(float(beta_1), 0.999)
        )[1],
    ),
    Equation(
        "adam-square",
        symbols={
            "beta_2": "probability",
            "v_{t-1}": "positive",
            "g_t": "scalar",
        },
        library=lambda beta_2, v_t_1, g_t: adam_after(
            0.0, g_t, 0.0, v_t_1, betas=(0.9, float(beta_2))
        )[2],
    ),
    Equation(
        "adam-step",
        symbols={
            "theta_{t-1}": "scalar",
            "alpha": "positive(0.01,1)",
            "m_hat_t": "scalar",
            "v_hat_t": "positive",
            "epsilon": "positive(0.01,1)",
        },
        library=adam_step,
    ),
    Equation(
        "wilson-interval",
        symbols={
            "c": "integer(0,8)",
            "n": "size(8,40)",
            "z": "positive(0.5,3)",
        },
        given={"p_hat": lambda c, n: c / n},
        library=lambda c, n, z: stats.binomtest(c, n).proportion_ci(
            2 * stats.norm.cdf(z) - 1, "wilson"
        )[::-1],
    ),
]
SECTIONS = []
