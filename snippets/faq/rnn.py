# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:task]
gaps = (10, 20, 40)
each = np.repeat(gaps, 5)  # (1)!
nets, steps = len(each), max(gaps) + 1
begins = np.arange(steps)[:, None, None] == steps - 1 - each[:, None]
awake = tf.constant(np.cumsum(begins, 0), tf.float32)[..., None]


def sequences(count):
    """One of A to D, then only E to H: which letter came first?"""
    key = tf.random.uniform((nets, count), 0, 4, tf.int32)
    rest = tf.random.uniform((steps, nets, count), 4, 8, tf.int32)
    return tf.one_hot(tf.where(begins, key, rest), 8), key


# --8<-- [end:task]


# --8<-- [start:simple]
def simple_step(x, h, W, U, b, bend=tf.tanh):
    """From an input and the last state to the next state."""
    return bend(x @ W + h @ U + b)


# --8<-- [end:simple]


# --8<-- [start:lstm]
def remember(c, u, f, g):
    """Keep what the forget gate lets through; add what is new."""
    return f * c + u * g


def lstm_step(x, h, c, W, U, b):
    """The same, with a memory c that gates write, keep, and read."""
    u, f, g, o = tf.split(x @ W + h @ U + b, 4, -1)
    c = remember(c, tf.sigmoid(u), tf.sigmoid(f), tf.tanh(g))
    return tf.sigmoid(o) * tf.tanh(c), c


# --8<-- [end:lstm]


# --8<-- [start:walk]
def walk(kind, weights, x):
    """Go along the sequences; return the states on the way."""
    h = c = tf.zeros((nets, x.shape[2], weights[1].shape[1]))
    states = []
    for t in range(steps):
        h, c = h * awake[t], c * awake[t]  # (1)!
        if kind == "LSTM":
            h, c = lstm_step(x[t], h, c, *weights)
        else:
            bend = tf.nn.relu if kind == "ReLU" else tf.tanh
            h = c = simple_step(x[t], h, *weights, bend)
        states.append((h, c))
    return states


def answer(states, V):
    return states[-1][0] @ V


# --8<-- [end:walk]


# --8<-- [start:start]
def start(kind, forget=0.0, recurrent="orthogonal"):
    """Random weights of some networks, side by side."""
    units, parts = (14, 4) if kind == "LSTM" else (32, 1)
    width = units * parts
    U = tf.linalg.qr(tf.random.normal((nets, width, units)))[0]  # (1)!
    U = tf.transpose(U, (0, 2, 1))
    if recurrent == "Glorot":
        U = tf.random.normal(U.shape) * (2 / (units + width)) ** 0.5
    if recurrent == "identity":
        U = tf.eye(units, batch_shape=[nets])
    W = tf.random.normal((nets, 8, width)) * (2 / (8 + width)) ** 0.5
    b = np.zeros((nets, 1, width), "float32")
    if kind == "LSTM":
        b[..., units : 2 * units] = forget
    V = tf.random.normal((nets, units, 4)) * (2 / (4 + units)) ** 0.5
    return [tf.Variable(v) for v in (W, U, b, V)]


# --8<-- [end:start]


# --8<-- [start:train]
def losses(kind, net, x, key):
    logits = answer(walk(kind, net[:3], x), net[3])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(key, logits)


def train(kind, net, updates=300, clip=None):
    adam = keras.optimizers.Adam(3e-3)
    adam.build(net)

    @tf.function(autograph=False)
    def update():
        x, key = sequences(32)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(
                tf.reduce_mean(losses(kind, net, x, key), 1)
            )
        slopes = tape.gradient(loss, net)
        if clip:
            slopes = [tf.clip_by_norm(s, clip, (1, 2)) for s in slopes]
        adam.apply(slopes, net)

    for _ in range(updates):
        update()
    return net


def accuracy(kind, net):
    """Share of new sequences answered right, by gap and network."""
    x, key = sequences(500)
    logits = answer(walk(kind, net[:3], x), net[3])
    right = tf.argmax(logits, -1, tf.int32) == key
    return np.mean(right, 1).reshape(len(gaps), 5)


# --8<-- [end:train]

# --8<-- [start:whole]
kinds = {
    "simple": ("tanh", {}),
    "LSTM": ("LSTM", {"forget": 1.0}),
    "LSTM, open": ("LSTM", {"forget": 4.0}),
}
recall = {}
for name, (kind, options) in kinds.items():
    recall[name] = accuracy(kind, train(kind, start(kind, **options)))
    print(name, recall[name].mean(1).round(2))
far = {name: right[-1].mean() for name, right in recall.items()}
simple_far, lstm_far, open_far = far.values()
gain, gain_default = open_far - simple_far, lstm_far - simple_far
sizes = [
    sum(int(np.prod(v.shape[1:])) for v in start(kind))
    for kind in ("tanh", "LSTM")
]
# --8<-- [end:whole]

# --8<-- [start:curves]
plt.figure(figsize=(6, 3.1))
for mark, (name, right) in zip("osv", recall.items()):
    error = right.std(1, ddof=1)
    plt.errorbar(
        gaps,
        right.mean(1),
        error,
        fmt=mark + "-",
        capsize=3,
        label=name,
    )
plt.axhline(0.25, color="0.6", linestyle=":")
plt.xlabel("letters between question and answer")
plt.ylabel("share right")
plt.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:compare]
letters = tf.one_hot(tf.random.uniform((3, 7), 0, 8, tf.int32), 8)
plain, cell = layers.SimpleRNN(5), layers.LSTM(5)
by_keras = plain(letters), cell(letters)
h = tf.zeros((3, 5))
h_lstm, c_lstm = tf.zeros((3, 5)), tf.zeros((3, 5))
for t in range(7):
    h = simple_step(letters[:, t], h, *plain.weights)
    h_lstm, c_lstm = lstm_step(
        letters[:, t], h_lstm, c_lstm, *cell.weights
    )
same = [
    bool(np.allclose(one, other, atol=1e-6))
    for one, other in zip((h, h_lstm), by_keras)
]
print(same)
# --8<-- [end:compare]


# --8<-- [start:flow]
def flow(kind, net):
    """How much of the gradient is left, by steps back in time."""
    x, key = sequences(64)
    with tf.GradientTape() as tape:
        states = walk(kind, net[:3], x)
        loss = tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(
                key, answer(states, net[3])
            )
        )
    slopes = tape.gradient(loss, [c for _, c in states])
    sizes = [tf.reduce_mean(tf.norm(s[10:], axis=-1)) for s in slopes]
    back = np.array(sizes[::-1])
    return back / back[0]


untrained = kinds | {
    "LSTM, shut": ("LSTM", {"forget": 0.0}),
    "ReLU, identity": ("ReLU", {"recurrent": "identity"}),
}
left = {
    name: flow(kind, start(kind, **options))
    for name, (kind, options) in untrained.items()
}
left_far = {name: float(share[-1]) for name, share in left.items()}
print({name: f"{share:.1e}" for name, share in left_far.items()})
# --8<-- [end:flow]

# --8<-- [start:fading]
plt.figure(figsize=(6, 3.1))
for style, (name, share) in zip(
    ("-", "-", "-", "--", "--"), left.items()
):
    plt.semilogy(share, style, label=name)
plt.xlabel("steps back in time")
plt.ylabel("gradient left")
plt.legend(fontsize=9)
plt.show()
# --8<-- [end:fading]

# --8<-- [start:kept]
kept = {
    str(bias): float(tf.sigmoid(float(bias)) ** 40)
    for bias in (0, 1, 4)
}
print({bias: f"{share:.1e}" for bias, share in kept.items()})
# --8<-- [end:kept]

# --8<-- [start:identity]
kind, options = untrained["ReLU, identity"]
recall_identity = accuracy(kind, train(kind, start(kind, **options)))
identity_far = recall_identity[-1].mean()
gain_identity = identity_far - simple_far
print(recall_identity.mean(1).round(2))
# --8<-- [end:identity]

# --8<-- [start:linear]
x, key = sequences(2000)
longest = np.reshape(np.transpose(x[:, -1], (1, 0, 2)), (2000, -1))
flat = LogisticRegression().fit(longest[:1000], key[-1, :1000])
flat_far = flat.score(longest[1000:], key[-1, 1000:])
print(f"{flat_far:.1%}")
# --8<-- [end:linear]

# --8<-- [start:digits]
images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8).astype("float32") / 16  # (1)!
reader = keras.Sequential([
    keras.Input((8, 8)), layers.LSTM(32), layers.Dense(10),
])  # fmt: skip
reader.compile(
    keras.optimizers.Adam(0.01),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
reader.fit(images[:1300], labels[:1300], epochs=20, verbose=0)
read = reader.evaluate(images[1300:], labels[1300:], verbose=0)[1]
flat = LogisticRegression(max_iter=1000).fit(
    images[:1300].reshape(1300, 64), labels[:1300]
)
flat_read = flat.score(images[1300:].reshape(-1, 64), labels[1300:])
gain_read = read - flat_read
print(f"{read:.1%} against {flat_read:.1%}")
# --8<-- [end:digits]
