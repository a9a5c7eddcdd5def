# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:scatter]
def scatter(images, corners):
    """Halve each digit; put it on black, its corner as given."""
    small = images.reshape(-1, 14, 2, 14, 2).mean((2, 4)) / 255
    pages = np.zeros((len(images), 24, 24, 1), "float32")
    for page, digit, (i, j) in zip(pages, small, corners):
        page[i : i + 14, j : j + 14, 0] = digit
    return pages


(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
rows = rng.permutation(len(x))[:4000]
x_test, y_test = x_test[:2000], y_test[:2000]
labels = y[rows]
train = scatter(x[rows], rng.integers(0, 11, (4000, 2)))
test = scatter(x_test, rng.integers(0, 11, (2000, 2)))
# --8<-- [end:scatter]


# --8<-- [start:whole]
def fit(model, images):
    model.compile(
        keras.optimizers.Adam(4e-3),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(images, labels, batch_size=50, epochs=6, verbose=0)
    return model


def convolutional():
    return keras.Sequential([
        keras.Input((24, 24, 1)),
        layers.Conv2D(8, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(24, 3, padding="same", activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(10),
    ])


cnn = fit(convolutional(), train)
cnn_accuracy = cnn.evaluate(test, y_test, verbose=0)[1]
print(f"{cnn.count_params():,} parameters, {cnn_accuracy:.1%} right")
# --8<-- [end:whole]


# --8<-- [start:rivals]
def dense(hidden):
    return keras.Sequential([
        keras.Input((24, 24, 1)),
        layers.Flatten(),
        layers.Dense(hidden, activation="relu"),
        layers.Dense(10),
    ])


small, large = (fit(dense(hidden), train) for hidden in (8, 256))
small_accuracy = small.evaluate(test, y_test, verbose=0)[1]
large_accuracy = large.evaluate(test, y_test, verbose=0)[1]
gain = cnn_accuracy - small_accuracy
gain_large = cnn_accuracy - large_accuracy
sizes = [m.count_params() for m in (cnn, small, large)]
print(sizes, f"{small_accuracy:.1%} {large_accuracy:.1%}")
# --8<-- [end:rivals]


# --8<-- [start:convolve]
def convolve(x, w, b):
    """Slide w over x; at each place a weighted sum, plus b."""
    high, wide = (x.shape[a] - w.shape[a] + 1 for a in (0, 1))
    z = np.empty((high, wide, len(b)))
    for i in range(high):
        for j in range(wide):
            window = x[i : i + w.shape[0], j : j + w.shape[1]]
            z[i, j] = b + np.tensordot(window, w, 3)
    return z


# --8<-- [end:convolve]

# --8<-- [start:compare]
w, b = cnn.layers[0].get_weights()
bordered = np.pad(test[0], ((1, 1), (1, 1), (0, 0)))  # (1)!
by_hand = np.maximum(convolve(bordered, w, b), 0)
by_keras = cnn.layers[0](test[:1])[0]
same = np.allclose(by_hand, by_keras, atol=1e-5)
print(w.shape, by_hand.shape, same)
# --8<-- [end:compare]

# --8<-- [start:maps]
figure, axes = plt.subplots(2, 5, figsize=(7, 2.9))
axes[0, 0].axis("off")
axes[1, 0].imshow(test[0, :, :, 0], cmap="gray")
for k in range(4):
    axes[0, k + 1].imshow(w[:, :, 0, k], vmin=-1, vmax=1)
    axes[1, k + 1].imshow(by_hand[:, :, k], cmap="gray")
for axis in axes.flat:
    axis.set(xticks=[], yticks=[])
plt.show()
# --8<-- [end:maps]

# --8<-- [start:matrix]
kernel = np.arange(1.0, 10).reshape(3, 3, 1, 1)
units = np.eye(36).reshape(36, 6, 6, 1)  # (1)!
matrix = np.array([
    convolve(unit, kernel, np.zeros(1)).ravel() for unit in units
]).T
zeros = float(np.mean(matrix == 0))
entries, different = matrix.size, len(np.unique(matrix[matrix != 0]))
plt.figure(figsize=(6, 2.9))
plt.imshow(np.where(matrix == 0, np.nan, matrix))
plt.xlabel("pixel of a 6 × 6 image")
plt.ylabel("output")
plt.yticks(range(0, 16, 5))
plt.show()
print(f"{matrix.shape}, {zeros:.0%} zeros, {different} weights")
# --8<-- [end:matrix]

# --8<-- [start:count]
shared = cnn.layers[0].count_params()
places = 24 * 24
dense_count = (places + 1) * places * 8
print(f"{shared} instead of {dense_count:,}")
# --8<-- [end:count]


# --8<-- [start:receptive]
def receptive_field(k, s):
    """Return how far a unit sees; kernels k, strides s, in order."""
    r, jump = 1, 1
    for k_l, s_l in zip(k, s):
        r += (k_l - 1) * jump
        jump *= s_l
    return r


kernels, strides = (3, 2, 3, 2, 3), (1, 2, 1, 2, 1)
sees = [receptive_field(kernels[:n], strides[:n]) for n in (1, 3, 5)]
print(sees)
# --8<-- [end:receptive]


# --8<-- [start:gradient]
def after(x, n):
    """Return what comes out of the first n layers."""
    for layer in cnn.layers[:n]:
        x = layer(x)
    return x


noise = tf.constant(rng.random((300, 24, 24, 1)), tf.float32)
influence = []
for n in (1, 3, 5):
    with tf.GradientTape() as tape:
        tape.watch(noise)
        out = after(noise, n)
        middle = out[:, out.shape[1] // 2, out.shape[2] // 2]
        total = tf.reduce_sum(middle)
    slope = tf.abs(tape.gradient(total, noise))
    influence.append(tf.reduce_mean(slope, 0)[:, :, 0].numpy())
measured_sees = [int(np.any(m > 0, 0).sum()) for m in influence]
last = influence[-1] / influence[-1].sum()
top, left = (int(np.argmax(np.any(last > 0, a))) for a in (1, 0))
inner_share = float(
    last[top + 4 : top + 13, left + 4 : left + 13].sum()
)
inner_area = 9**2 / measured_sees[2] ** 2
print(measured_sees, f"{inner_share:.0%} in the inner quarter")
# --8<-- [end:gradient]

# --8<-- [start:fields]
figure, axes = plt.subplots(1, 3, figsize=(7, 2.6))
for axis, m, size in zip(axes, influence, measured_sees):
    axis.imshow(np.where(m > 0, m / m.max(), np.nan), vmin=0)
    axis.set(title=f"{size} × {size} pixels", xticks=[], yticks=[])
plt.show()
# --8<-- [end:fields]

# --8<-- [start:shift]
wide = np.pad(test[:200], ((0, 0), (28, 28), (28, 28), (0, 0)))


def gap(n, shift):
    """Shift the images; how near do shifted outputs come?"""
    before = after(wide[:40], n).numpy()
    later = after(np.roll(wide[:40], shift, 2), n).numpy()
    cut = before.shape[1] // 4
    inner = np.s_[:, cut:-cut, cut:-cut]
    gaps = [
        np.linalg.norm((later - np.roll(before, t, 2))[inner])
        for t in range(shift + 1)
    ]
    return float(min(gaps) / np.linalg.norm(before[inner]))


shifts = range(9)
gaps = {str(n): [gap(n, d) for d in shifts] for n in (1, 2, 4)}
odd_gap = gaps["2"][1]
# --8<-- [end:shift]

# --8<-- [start:equivariance]
plt.figure(figsize=(6, 2.9))
names = ("one convolution", "and pooling", "and both once more")
for line, name, mark in zip(gaps.values(), names, "osv"):
    plt.plot(shifts, line, mark + "-", label=name)
plt.xlabel("shift of the input (pixels)")
plt.ylabel("relative difference")
plt.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1))
plt.show()
# --8<-- [end:equivariance]

# --8<-- [start:changed]
still = np.argmax(cnn(wide), 1)
changed = {
    str(d): float(
        np.mean(np.argmax(cnn(np.roll(wide, d, 2)), 1) != still)
    )
    for d in (1, 2, 3, 4)
}
by_one = changed["1"]
print(changed)
# --8<-- [end:changed]


# --8<-- [start:middle]
centered = scatter(x[rows], np.full((4000, 2), 5))
cnn_moved = fit(convolutional(), centered).evaluate(
    test, y_test, verbose=0
)[1]
large_moved = fit(dense(256), centered).evaluate(
    test, y_test, verbose=0
)[1]
print(f"moved: {cnn_moved:.1%} against {large_moved:.1%}")
# --8<-- [end:middle]


# --8<-- [start:chirps]
def chirps(count):
    """Noise, and in it a tone that rises (1) or falls (0)."""
    signals = rng.normal(0, 0.6, (count, 128, 1))
    rising = rng.integers(0, 2, count)
    t = np.arange(32)
    for signal, up, at in zip(
        signals, rising, rng.integers(0, 97, count)
    ):
        tone = np.sin(0.3 * t + 0.02 * t**2)
        signal[at : at + 32, 0] += tone if up else tone[::-1]
    return signals, rising


heard, rising = chirps(2000)
new, new_rising = chirps(2000)
# --8<-- [end:chirps]


# --8<-- [start:listen]
def listen(*hidden):
    model = keras.Sequential([
        keras.Input((128, 1)),
        *hidden,
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(heard, rising, batch_size=20, epochs=7, verbose=0)
    return model.evaluate(new, new_rising, verbose=0)[1]


ear = listen(
    layers.Conv1D(16, 15, activation="relu"),
    layers.GlobalMaxPooling1D(),
)
deaf = listen(layers.Flatten(), layers.Dense(64, activation="relu"))
gain_ear = ear - deaf
print(f"Conv1D {ear:.1%}, dense {deaf:.1%}")
# --8<-- [end:listen]
