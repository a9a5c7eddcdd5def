# --8<-- [start:import]
import base64
import json
import subprocess
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:ask]
parts = [
    "engine.js",
    "adam.js",
    "digit.js",
    "convnet.js",
    "gpt.js",
    "network.js",
    "probability.js",
    "weights.js",
]
Path("package.json").write_text('{"type": "module"}')
engine = "".join(Path(name).read_text() for name in parts[:2])
n_lines, n_bytes = engine.count("\n"), len(engine.encode())
SCRIPT = """
import { readFileSync } from "node:fs";
import * as engine from "./engine.js";
import { Adam } from "./adam.js";
import * as digit from "./digit.js";
import * as convnet from "./convnet.js";
import * as gpt from "./gpt.js";
const single = (_, x) => (Array.isArray(x) && typeof x[0] === "number"
    ? new Float32Array(x) : x);
const plain = (_, x) => (ArrayBuffer.isView(x) ? Array.from(x) : x);
const { NAMES } = JSON.parse(readFileSync(0, "utf8"), single);
const answer = (() => { BODY })();
console.log(JSON.stringify(answer, plain));
"""


def plain(a):
    """An array as the engine takes it: numbers, a matrix, or maps."""
    values = a.ravel().tolist()
    if a.ndim < 2:
        return values
    names = "nhwc" if a.ndim == 4 else ("rows", "columns")
    return {**dict(zip(names, a.shape)), "values": values}


def ask(body, **values):
    """What Node.js returns from lines of JavaScript on the engine."""
    script = SCRIPT.replace("NAMES", ", ".join(values))
    script = script.replace("BODY", body)
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", script],
        input=json.dumps(values, default=plain),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


# --8<-- [end:ask]


# --8<-- [start:show]
with open("draw_a_digit_long.json") as file:
    packed = json.load(file)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
image = x_train[7] / 255
read = ask(
    "return digit.forward(digit.read(net), x)",
    net=packed,
    x=image.ravel(),
)
maps = [
    np.reshape(each["values"], (each["h"], each["w"], -1))
    for each in read["maps"]
]


def sheet(maps, rows):
    """Maps side by side, with a margin."""
    padded = np.pad(maps, ((0, 1), (0, 1), (0, 0)))
    h, w = padded.shape[:2]
    grid = padded.transpose(2, 0, 1).reshape(rows, -1, h, w)
    return grid.swapaxes(1, 2).reshape(rows * h, -1)


figure, axes = plt.subplots(
    1, 4, figsize=(8, 2.2), width_ratios=(1, 1.3, 1.3, 1)
)
for axis, drawn, title in zip(
    axes,
    (image, sheet(maps[0], 4), sheet(maps[1], 4)),
    ("image", "first convolution", "second convolution"),
):
    axis.imshow(drawn, cmap="Blues", interpolation="none")
    axis.set(title=title, xticks=[], yticks=[])
axes[3].barh(range(10), read["scores"])
axes[3].set(title="scores", yticks=range(10))
axes[3].invert_yaxis()
plt.tight_layout()
plt.show()
# --8<-- [end:show]


# --8<-- [start:compare]
def draw(*shape):
    return rng.uniform(-1, 1, shape).astype("float32")


def slopes(function, slope, *inputs):
    """TensorFlow's result, and its slope at each input."""
    inputs = [tf.constant(each) for each in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out = function(*inputs)
    return [out, *tape.gradient(out, inputs, tf.constant(slope))]


def apart(ours, theirs):
    """The largest difference between two lists of arrays."""
    pairs = zip(ours, theirs, strict=True)
    return max(
        float(np.abs(np.float32(a).ravel() - np.ravel(b)).max())
        for a, b in pairs
    )


# --8<-- [end:compare]


# --8<-- [start:product]
x, w, b, slope = draw(4, 5), draw(5, 3), draw(3), draw(4, 3)
ours = ask(
    """const { values } = engine.multiply(x, w, b);
    const back = engine.multiplyBack(x, w, slope);
    return [values, back.x, back.w, back.bias];""",
    **dict(x=x, w=w, b=b, slope=slope),
)
theirs = slopes(lambda x, w, b: x @ w + b, slope, x, w, b)
of_product = apart(ours, theirs)  # measured: rounding
print(f"{of_product:.0e}")
# --8<-- [end:product]


# --8<-- [start:convolve]
x, w, b = draw(2, 9, 8, 3), draw(3, 3, 3, 4), draw(4)
slope = draw(2, 7, 6, 4)
ours = ask(
    """const { values } = engine.convolve(x, w, b);
    const back = engine.convolveBack(x, w, slope);
    return [values, back.x, back.kernel, back.bias];""",
    **dict(x=x, w=w.ravel(), b=b, slope=slope),
)
theirs = slopes(
    lambda x, w, b: tf.nn.conv2d(x, w, 1, "VALID") + b, slope, x, w, b
)
of_convolution = apart(ours, theirs)  # measured: rounding
print(f"{of_convolution:.0e}")
# --8<-- [end:convolve]


# --8<-- [start:pool]
x, slope = draw(2, 9, 8, 3), draw(2, 4, 4, 3)
ours = ask(
    """const z = engine.relu(x);
    const { values, from } = engine.pool(z);
    const back = engine.poolBack(z, from, slope.values);
    return [values, engine.reluBack(x, back)];""",
    **dict(x=x, slope=slope),
)
theirs = slopes(
    lambda x: tf.nn.max_pool2d(tf.nn.relu(x), 2, 2, "VALID"), slope, x
)
of_pooling = apart(ours, theirs)
print(of_pooling)
# --8<-- [end:pool]


# --8<-- [start:loss]
z, labels = 5 * draw(6, 10), rng.integers(0, 10, 6)
ours = ask(
    """const { loss, slope } = engine.crossEntropy(z, labels);
    return [[loss], slope.values];""",
    **dict(z=z, labels=labels),
)
cost = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
theirs = slopes(lambda z: cost(labels, z), np.float32(1), z)
of_loss = apart(ours, theirs)  # measured: rounding
print(f"{of_loss:.0e}")
# --8<-- [end:loss]


# --8<-- [start:network]
x, y = x_train[:32, ..., np.newaxis] / np.float32(255), y_train[:32]
x = x[:, ::2, ::2]  # 14 x 14


def reader_of(side, filters):
    """Keras's network of two convolutions, for square images."""
    return keras.Sequential([
        keras.Input((side, side, 1)),
        keras.layers.Conv2D(filters, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(2 * filters, 3, activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ])


model = reader_of(14, 8)
net = [
    {"kernel": layer.kernel.numpy().ravel(), "bias": layer.bias.numpy()}
    for layer in model.layers
    if layer.weights
]
ours = ask(
    "return convnet.gradients(net, x, y).slopes", net=net, x=x, y=y
)
with tf.GradientTape() as tape:
    loss = cost(y, model(x))
theirs = tape.gradient(loss, model.trainable_variables)
of_network = apart(ours, theirs)  # measured: rounding
print(f"{of_network:.0e}")
# --8<-- [end:network]


# --8<-- [start:adam]
w, seen = draw(100), draw(50, 100)
ours = ask(
    """const adam = new Adam();
    for (const slope of seen) adam.step([w], [slope], 0.01);
    return [w];""",
    **dict(w=w, seen=seen.tolist()),
)
variable, adam = keras.Variable(w), keras.optimizers.Adam(0.01)
for slope in seen:
    adam.apply([slope], [variable])
of_adam = apart(ours, [variable.numpy()])  # measured: rounding
print(f"{of_adam:.0e}")
# --8<-- [end:adam]


# --8<-- [start:attend]
q, k, v, slope = draw(6), draw(4, 6), draw(4, 6), draw(6)
ours = ask(
    """const { shares, mixed } = engine.attend(q, k, v, 4, 2);
    const back = engine.attendBack(q, k, v, shares, slope);
    return [mixed, back.query, back.keys, back.values];""",
    **dict(q=q, k=k.ravel(), v=v.ravel(), slope=slope),
)


def attend(q, k, v):
    q, k, v = (tf.reshape(a, (1, -1, 2, 3)) for a in (q, k, v))
    return tf.reshape(keras.ops.dot_product_attention(q, k, v), (6,))


theirs = slopes(attend, slope, q, k, v)
of_attention = apart(ours, theirs)  # measured: rounding
print(f"{of_attention:.0e}")
# --8<-- [end:attend]


# --8<-- [start:normalize]
x, learned, slope = draw(8), draw(16), draw(8)
ours = ask(
    """const back = engine.normalizeBack(x, learned, slope);
    return [engine.normalize(x, learned), back.x, back.learned];""",
    **dict(x=x, learned=learned, slope=slope),
)


def normalize(x, learned):
    gain, shift = tf.split(learned, 2)
    mean, variance = tf.nn.moments(x, 0)
    return tf.nn.batch_normalization(
        x, mean, variance, shift, gain, 1e-3
    )


theirs = slopes(normalize, slope, x, learned)
of_norm = apart(ours, theirs)  # measured: rounding
print(f"{of_norm:.0e}")
# --8<-- [end:normalize]


# --8<-- [start:poem]
with open("poet_long.json", encoding="utf-8") as file:
    poet = json.load(file)
names = [*poet["forms"], *poet["vocabulary"]]
poem = poet["test"][0]
tokens = [
    names.index(c) for c in (poet["forms"][len(poem) == 32], *poem)
]
written = ask(
    """const net = gpt.read(poet);
    const cache = gpt.nothing(net);
    return Array.from(tokens, (token) =>
        gpt.step(net, cache, token).scores);""",
    **dict(poet=poet, tokens=tokens[:-1]),
)
z = np.array(written)
chances = np.exp(z - z.max(1, keepdims=True))
chances /= chances.sum(1, keepdims=True)
costs = -np.log2(chances[np.arange(len(poem)), tokens[1:]])
n_characters = sum(c not in "，。" for c in poem)
poem_bits = costs.sum() / n_characters
print(poem, f"{poem_bits:.2f} bits a character")
# --8<-- [end:poem]


# --8<-- [start:test]
x_test, y_test = x_test[:1000], y_test[:1000]
began = time.perf_counter()  # measured: time
scores = ask(
    """const read = digit.read(net);
    const image = (i) => x.subarray(784 * i, 784 * (i + 1))
        .map((ink) => ink / 255);
    return Array.from({ length: x.length / 784 }, (_, i) =>
        digit.forward(read, image(i)).scores);""",
    **dict(net=packed, x=x_test.ravel()),
)
spent = time.perf_counter() - began  # measured: time
milliseconds = 1000 * spent / len(x_test)
scores = np.float32(scores)
right = int((scores.argmax(1) == y_test).sum())
n_test = len(y_test)
print(f"{right} of {n_test}")
# --8<-- [end:test]


# --8<-- [start:keras]
reader = reader_of(28, 16)
reader.set_weights([
    np.frombuffer(base64.b64decode(each["base64"]), "<f4").reshape(
        each["shape"]
    )
    for each in packed.values()
])
theirs = reader.predict(x_test[..., np.newaxis] / 255, verbose=0)
of_digits = apart([scores], [theirs])  # measured: rounding
same = int((scores.argmax(1) == theirs.argmax(1)).sum())
worst = max(  # measured: rounding
    *(of_product, of_convolution, of_pooling, of_loss, of_network),
    *(of_adam, of_attention, of_norm, of_digits),
)
print(f"{of_digits:.0e}, {same} answers alike")
# --8<-- [end:keras]
