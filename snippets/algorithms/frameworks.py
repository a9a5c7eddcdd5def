# --8<-- [start:import]
import json
import os
import statistics
import subprocess
import sys
import time

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf
import torch
from sklearn.datasets import load_digits

seed = 0
modules = tf, torch, jax, keras
versions = [each.__version__.split("+")[0] for each in modules]
print(versions)
# --8<-- [end:import]

# --8<-- [start:data]
digits = load_digits()
x = (digits.data[:100] / 16).astype("float32")
y = digits.target[:100]
print(x.shape, x.dtype, y[:10])
# --8<-- [end:data]

# --8<-- [start:weights]
rng = np.random.default_rng(seed)
weights = [
    rng.normal(0, 0.1, shape).astype("float32")
    for shape in ((64, 32), (32,), (32, 10), (10,))
]
learning_rate = 0.5
print([w.shape for w in weights])
# --8<-- [end:weights]


# --8<-- [start:numpy]
def numpy_step(weights, x, y):
    """Loss, and the weights after one step of gradient descent."""
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    logits = hidden @ w2 + b2
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    d_logits = (np.exp(log_p) - np.eye(10)[y]) / len(y)
    d_hidden = d_logits @ w2.T * (hidden > 0)
    gradients = (
        x.T @ d_hidden,
        d_hidden.sum(axis=0),
        hidden.T @ d_logits,
        d_logits.sum(axis=0),
    )
    return loss, [
        w - learning_rate * g for w, g in zip(weights, gradients)
    ]


exact = [w.astype("float64") for w in weights]
numpy_loss, reference = numpy_step(exact, x.astype("float64"), y)
numpy_loss = float(numpy_loss)
print(numpy_loss)
# --8<-- [end:numpy]


# --8<-- [start:tensorflow]
def tensorflow_step(weights, x, y):
    w1, b1, w2, b2 = variables = [tf.Variable(w) for w in weights]
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(x @ w1 + b1) @ w2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            y, logits
        )
        loss = tf.reduce_mean(losses)
    for variable, gradient in zip(
        variables, tape.gradient(loss, variables)
    ):
        variable.assign_sub(learning_rate * gradient)
    return float(loss), [v.numpy() for v in variables]


# --8<-- [end:tensorflow]


# --8<-- [start:torch]
def torch_step(weights, x, y):
    w1, b1, w2, b2 = parameters = [
        torch.tensor(w, requires_grad=True) for w in weights
    ]
    logits = torch.relu(torch.tensor(x) @ w1 + b1) @ w2 + b2
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y))
    loss.backward()
    with torch.no_grad():
        for parameter in parameters:
            parameter -= learning_rate * parameter.grad
    return loss.item(), [p.detach().numpy() for p in parameters]


# --8<-- [end:torch]


# --8<-- [start:jax]
def jax_loss(weights, x, y):
    w1, b1, w2, b2 = weights
    logits = jax.nn.relu(x @ w1 + b1) @ w2 + b2
    log_p = jax.nn.log_softmax(logits)
    return -log_p[jnp.arange(len(y)), y].mean()


def jax_step(weights, x, y):
    weights = [jnp.asarray(w) for w in weights]
    loss, gradients = jax.value_and_grad(jax_loss)(weights, x, y)
    step = jax.tree.map(
        lambda w, g: w - learning_rate * g, weights, gradients
    )
    return float(loss), [np.asarray(w) for w in step]


# --8<-- [end:jax]


# --8<-- [start:compare]
def largest_difference(results):
    return max(
        float(abs(a - b).max()) for a, b in zip(results, reference)
    )


steps = {
    "TensorFlow": tensorflow_step,
    "PyTorch": torch_step,
    "JAX": jax_step,
}
losses, differences = {}, {}
for name, step in steps.items():
    losses[name], after = step(weights, x, y)
    differences[name] = largest_difference(after)
    print(f"{name:11} {losses[name]:.7f} {differences[name]:.1e}")
# --8<-- [end:compare]

# --8<-- [start:keras]
keras_step = """
import json, sys, keras, numpy as np
x, y, rate, *weights = np.load("step.npz").values()
model = keras.Sequential([
    keras.Input(shape=(64,)),
    keras.layers.Dense(32, activation="relu"),
    keras.layers.Dense(10),
])
model.set_weights(weights)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(float(rate)), loss)
value = model.train_on_batch(x, y)
np.savez("after.npz", *model.get_weights())
print(json.dumps([keras.backend.backend(), float(value)]))
"""
np.savez("step.npz", x, y, learning_rate, *weights)
# --8<-- [end:keras]

# --8<-- [start:backends]
for backend in ("tensorflow", "jax", "torch"):
    done = subprocess.run(
        [sys.executable, "-c", keras_step],
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
        check=True,
    )
    used, loss = json.loads(done.stdout.splitlines()[-1])
    after = list(np.load("after.npz").values())
    name = f"Keras on {used}"
    losses[name], differences[name] = loss, largest_difference(after)
    print(f"{name:19} {loss:.7f} {differences[name]:.1e}")
# --8<-- [end:backends]


# --8<-- [start:second]
def cube(x):
    return x**3


with tf.GradientTape() as outer:
    a = tf.Variable(2.0)
    with tf.GradientTape() as inner:
        value = cube(a)
    first = inner.gradient(value, a)
second_tensorflow = float(outer.gradient(first, a))

b = torch.tensor(2.0, requires_grad=True)
(first,) = torch.autograd.grad(cube(b), b, create_graph=True)
second_torch = torch.autograd.grad(first, b)[0].item()

second_jax = float(jax.grad(jax.grad(cube))(2.0))
print(second_tensorflow, second_torch, second_jax)
# --8<-- [end:second]

# --8<-- [start:batch]
per_example = jax.vmap(jax.grad(jax_loss), in_axes=(None, 0, 0))
separate = per_example(weights, x[:, None], y[:, None])
per_example_shape = separate[0].shape
norms = np.sqrt(sum((g**2).reshape(100, -1).sum(1) for g in separate))
largest_example = int(norms.argmax())
print(per_example_shape, largest_example, float(norms.max()))
# --8<-- [end:batch]


# --8<-- [start:time]
def median_ms(step, repeats=200):
    """Median time of one call in milliseconds, after warming up."""
    times = []
    for _ in range(repeats + 20):
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[20:])


# --8<-- [end:time]


# --8<-- [start:eager]
tf_weights = [tf.Variable(w) for w in weights]


def tf_gradients():
    w1, b1, w2, b2 = tf_weights
    with tf.GradientTape() as tape:
        logits = tf.nn.relu(x @ w1 + b1) @ w2 + b2
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            y, logits
        )
        loss = tf.reduce_mean(losses)
    return tape.gradient(loss, tf_weights)


jax_gradients = jax.grad(jax_loss)
jax_weights = [jnp.asarray(w) for w in weights]
x_jax, y_jax = jnp.asarray(x), jnp.asarray(y)
# --8<-- [end:eager]

# --8<-- [start:compiled]
tf_compiled = tf.function(tf_gradients)
jax_compiled = jax.jit(jax_gradients)
steps_ms = {  # measured: time
    "TensorFlow eager": median_ms(tf_gradients),
    "TensorFlow compiled": median_ms(tf_compiled),
    "JAX eager": median_ms(
        lambda: jax.block_until_ready(
            jax_gradients(jax_weights, x_jax, y_jax)
        ),
        50,
    ),
    "JAX compiled": median_ms(
        lambda: jax.block_until_ready(
            jax_compiled(jax_weights, x_jax, y_jax)
        )
    ),
}
for name, ms in steps_ms.items():
    print(f"{name:20} {ms:6.2f} ms")
tf_ratio_ms = (
    steps_ms["TensorFlow eager"] / steps_ms["TensorFlow compiled"]
)
jax_ratio_ms = steps_ms["JAX eager"] / steps_ms["JAX compiled"]
# --8<-- [end:compiled]

# --8<-- [start:layout]
dense = keras.layers.Dense(10)
dense.build((None, 64))
linear = torch.nn.Linear(64, 10)
dense_shape = tuple(dense.kernel.shape)
linear_shape = tuple(linear.weight.shape)
print(dense_shape, linear_shape)
# --8<-- [end:layout]

# --8<-- [start:images]
image_last = keras.layers.Conv2D(8, 3)(np.zeros((1, 28, 28, 3)))
image_first = torch.nn.Conv2d(3, 8, 3)(torch.zeros(1, 3, 28, 28))
keras_image, torch_image = (
    tuple(image_last.shape),
    tuple(image_first.shape),
)
print(keras_image, torch_image)
# --8<-- [end:images]

# --8<-- [start:defaults]
keras_epsilon = keras.optimizers.Adam().epsilon
torch_epsilon = torch.optim.Adam(linear.parameters()).defaults["eps"]
keras.utils.set_random_seed(seed)
torch.manual_seed(seed)
big_dense = keras.layers.Dense(1000)
big_dense.build((None, 1000))
keras_spread = float(big_dense.kernel.numpy().std())
big_linear = torch.nn.Linear(1000, 1000)
torch_spread = big_linear.weight.std().item()
torch_bias = big_linear.bias.std().item()
print(keras_epsilon, torch_epsilon)
print(keras_spread, torch_spread, torch_bias)
# --8<-- [end:defaults]
