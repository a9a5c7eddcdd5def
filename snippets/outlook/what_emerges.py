# --8<-- [start:import]
import json

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:long]
with open("what_emerges_long.json") as file:
    long = json.load(file)
runs = {name: np.array(r) for name, r in long["grok"].items()}
steps = {name: 20 * np.arange(r.shape[1]) for name, r in runs.items()}
enough = 0.99  # seed by seed, the first step with so many right
until = 20 * (runs["1"] >= enough).argmax(1)
memorized, memorized_sd = until[:, 0].mean(), until[:, 0].std(ddof=1)
understood, understood_sd = until[:, 1].mean(), until[:, 1].std(ddof=1)
without = runs["0"][:, -1, 1].max()
n_with, n_without = len(runs["1"]), len(runs["0"])
steps_without = int(steps["0"][-1])
# --8<-- [end:long]

# --8<-- [start:jump]
figure, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
for axis, name, title in zip(
    axes, ("1", "0"), ("with weight decay", "without weight decay")
):
    for run in runs[name]:
        axis.plot(steps[name], 100 * run[:, 0], "C0", lw=1)
        axis.plot(steps[name], 100 * run[:, 1], "C1", lw=1)
    axis.set(title=title, xlabel="training step", xlim=(0, 1200))
axes[0].set_ylabel("right answers (%)")
axes[0].text(640, 82, "sums it has\nseen", color="C0")
axes[0].text(640, 40, "sums it has\nnever seen", color="C1")
plt.show()
# --8<-- [end:jump]

# --8<-- [start:sums]
p = 97
a, b = np.divmod(np.arange(p * p), p)  # (1)!
c = (a + b) % p
order = np.random.default_rng(seed).permutation(p * p)
train, test = np.split(order, [int(0.4 * p * p)])
print(len(train), "sums to learn,", len(test), "to be tested on")
# --8<-- [end:sums]


# --8<-- [start:network]
def normal(*shape, scale):
    return tf.Variable(tf.random.normal(shape, stddev=scale))


weights = [
    normal(p, 64, scale=0.3),  # (1)!
    normal(64, 128, scale=64**-0.5),
    normal(64, 128, scale=64**-0.5),
    normal(128, p, scale=128**-0.5),
]


def network(rows, table, left, right, out):
    hidden = tf.one_hot(tf.gather(a, rows), p) @ (table @ left)
    hidden += tf.one_hot(tf.gather(b, rows), p) @ (table @ right)
    return tf.nn.relu(hidden) @ out


# --8<-- [end:network]


# --8<-- [start:train]
@tf.function(jit_compile=True)
def measure(rows):
    logits = network(rows, *weights)
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tf.gather(c, rows), logits
    )
    right = tf.argmax(logits, 1) == tf.gather(c, rows)
    return tf.reduce_mean(loss), tf.reduce_mean(
        tf.cast(right, "float32")
    )


@tf.function(jit_compile=True)
def step():
    with tf.GradientTape() as tape:
        loss, _ = measure(train)
    optimizer.apply(tape.gradient(loss, weights), weights)


optimizer = keras.optimizers.AdamW(0.01, weight_decay=1.0, beta_2=0.98)
optimizer.build(weights)
history, tables = [], []
for i in range(901):
    if i % 20 == 0:
        history.append([*measure(train), *measure(test)])
        tables.append(weights[0].numpy())
    if i in (0, 140, 300, 900):
        print(i, *(f"{right:.1%}" for right in history[-1][1::2]))
    step()
# --8<-- [end:train]

# --8<-- [start:frequencies]
history = np.array(history)
final_accuracy = history[-1, 3]
power = [
    (np.abs(np.fft.rfft(table, axis=0)) ** 2).sum(1)[1:]
    for table in tables
]
shares = np.array([x / x.sum() for x in power])  # (1)!
found = np.flatnonzero(shares[-1] > 0.05) + 1
n_found, first_share, found_share = (
    len(found),
    shares[0, found - 1].sum(),
    shares[-1, found - 1].sum(),
)
print(found, f"{first_share:.0%} -> {found_share:.0%}")
# --8<-- [end:frequencies]

# --8<-- [start:spectrum]
figure, axes = plt.subplots(1, 2, figsize=(8, 2.4), sharey=True)
for axis, i, title in zip(axes, (0, -1), ("untrained", "trained")):
    axis.bar(np.arange(1, 49), 100 * shares[i])
    axis.set(title=title, xlabel="frequency")
axes[0].set_ylabel("share (%)")
plt.show()
# --8<-- [end:spectrum]


# --8<-- [start:circles]
def plane(table, k):
    """Each number in the plane where the *other* half turns k times."""
    angle = 2 * np.pi * k * np.arange(p) / p
    waves = np.stack([np.cos(angle), np.sin(angle)], 1)
    points = np.empty((p, 2))
    for half in (0, 1):
        rows, others = (
            np.arange(p) % 2 == half,
            np.arange(p) % 2 != half,
        )
        points[rows] = table[rows] @ (table[others].T @ waves[others])
    return points / np.abs(points).max()


strongest = np.argsort(-shares[-1])[:4] + 1
figure, axes = plt.subplots(2, 4, figsize=(8, 4.2))
for row, table in zip(axes, (tables[0], tables[-1])):
    for axis, k in zip(row, strongest):
        place = np.arange(p) * k % p
        x, y = plane(table, k).T
        axis.scatter(x, y, 14, place, cmap="twilight")
        axis.set(xticks=[], yticks=[], aspect="equal", title=f"k = {k}")
axes[0, 0].set_ylabel("untrained")
axes[1, 0].set_ylabel("trained")
plt.show()
# --8<-- [end:circles]


# --8<-- [start:roundness]
def roundness(table, k):
    """Spread of the distances from the center: 0 on a circle."""
    distance = np.linalg.norm(plane(table, k), axis=1)
    return distance.std() / distance.mean()


uneven_before = np.mean([roundness(tables[0], k) for k in strongest])
uneven_after = np.mean([roundness(tables[-1], k) for k in strongest])
print(f"{uneven_before:.2f} -> {uneven_after:.2f}")
# --8<-- [end:roundness]


# --8<-- [start:filter]
def accuracy_with(kept):
    """Test accuracy with these frequencies of the table alone."""
    wave = np.fft.rfft(weights[0], axis=0)
    wave[[k for k in range(49) if k not in kept]] = 0
    table = np.fft.irfft(wave, p, axis=0).astype("float32")
    answers = np.argmax(network(test, table, *weights[1:]), 1)
    return (answers == c[test]).mean()


others = [k for k in range(1, 49) if k not in found]
only_found = accuracy_with([0, *found])
without_found = accuracy_with([0, *others])
random = np.random.default_rng(seed).choice(others, n_found, False)
without_random = accuracy_with(set(range(49)) - set(random))
print(f"{only_found:.1%} {without_found:.1%} {without_random:.1%}")
# --8<-- [end:filter]


# --8<-- [start:clock]
def clock(a, b, c, k, p):
    """Highest where every hand that a and b turn points to c."""
    return np.cos(2 * np.pi * k * (a + b - c) / p).sum()


def hands(a, b, k):
    return [clock(a, b, c, k, p) for c in range(p)]


some = np.random.default_rng(seed).choice(test, 500, False)
by_clock = np.array([hands(a[i], b[i], found) for i in some])
clock_accuracy = (by_clock.argmax(1) == c[some]).mean()
logits = network(some, *weights).numpy()
agreement = np.corrcoef(by_clock.ravel(), logits.ravel())[0, 1]
by_others = np.array([hands(a[i], b[i], random) for i in some])
disagreement = np.corrcoef(by_others.ravel(), logits.ravel())[0, 1]
print(f"{clock_accuracy:.0%} {agreement:.2f} {disagreement:.2f}")
# --8<-- [end:clock]

# --8<-- [start:before]
when = 20 * np.arange(len(history))
figure, axes = plt.subplots(1, 3, figsize=(8, 2.5))
axes[0].plot(when, 100 * history[:, 3], "C1")
axes[1].plot(when, history[:, 2], "C1")
axes[2].plot(when, 100 * shares[:, found - 1].sum(1), "C2")
for axis, title in zip(
    axes, ("right, test (%)", "loss, test", "power in the found (%)")
):
    axis.set(title=title, xlabel="training step")
plt.show()
worst = history[:, 2].argmax()
worst_step, half_step = (
    20 * int(worst),
    20 * int((history[:, 3] > 0.5).argmax()),
)
# --8<-- [end:before]

# --8<-- [start:repeats]
n_tokens, length, size = 32, 32, 16


def repeats(n, lags, rng):
    """Sequences, and where the next token can be known."""
    lag = rng.choice(lags, n)[:, None]
    blocks = rng.random((n, n_tokens)).argsort(1)
    at = np.arange(length + 1)
    return np.take_along_axis(blocks, at % lag, 1), at[1:] > lag


tokens, known = repeats(500, range(8, 21), np.random.default_rng(1000))
print(*tokens[0])
# --8<-- [end:repeats]


# --8<-- [start:attend]
def attend(W, tokens, kept):
    """Logits and attention of a net that has attention alone."""
    x = W["token"][tokens] + W["place"]
    seen = []
    for layer, keep in zip(W["layers"], kept):
        q, k, v = (
            np.einsum("btd,hde->bhte", x, layer[part]) for part in "qkv"
        )
        scores = np.einsum("bhie,bhje->bhij", q, k) / size**0.5
        scores[..., ~np.tri(length, dtype=bool)] = -1e9
        scores = tf.nn.softmax(scores).numpy()
        mixed = np.einsum("bhij,bhje->bhie", scores, v)
        x = x + np.einsum("bhie,hed,h->bid", mixed, layer["o"], keep)
        seen.append(scores)
    return x @ W["out"], seen


W = {
    name: np.array(x)
    for name, x in long["weights"].items()
    if name != "layers"
}
W["layers"] = [
    {part: np.array(w) for part, w in layer.items()}
    for layer in long["weights"]["layers"]
]
n_weights = sum(w.size for w in tf.nest.flatten(W))
print(f"{n_weights:,} parameters")
# --8<-- [end:attend]


# --8<-- [start:loss]
def repeat_loss(kept):
    logits, _ = attend(W, tokens[:, :-1], kept)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tokens[:, 1:], logits
    )
    return losses.numpy()[known].mean()


whole_loss = repeat_loss(np.ones((2, 2)))
cut_loss = {}
for layer in (0, 1):
    for head in (0, 1):
        kept = np.ones((2, 2))
        kept[layer, head] = 0
        cut_loss[f"{layer + 1}.{head + 1}"] = repeat_loss(kept)
no_second = repeat_loss(np.array([[1, 1], [0, 0]]))
print(f"{whole_loss:.3f}", {h: f"{x:.2f}" for h, x in cut_loss.items()})
print(f"{no_second:.2f} without the second layer")
# --8<-- [end:loss]

# --8<-- [start:look]
_, seen = attend(W, tokens[:1, :-1], np.ones((2, 2)))
figure, axes = plt.subplots(1, 4, figsize=(8, 2.5))
for axis, name in zip(axes, cut_loss):
    layer, head = int(name[0]) - 1, int(name[2]) - 1
    axis.imshow(seen[layer][0, head], cmap="Blues", vmin=0, vmax=1)
    axis.set(title=f"head {name}", xlabel="looks at")
axes[0].set_ylabel("position")
plt.show()
# --8<-- [end:look]

# --8<-- [start:seeds]
nets, fixed_lag = long["induction"], 14
n_nets = len(nets["two"])
repeat_losses = {
    name: [run["loss"] for run in nets[name]] for name in nets
}
rights = {
    name: np.mean([run["accuracy"] for run in nets[name]])
    for name in nets
}
two_loss, one_loss, fixed_loss = (
    np.mean(repeat_losses[name]) for name in ("two", "one", "one_fixed")
)
gaps = np.subtract(repeat_losses["one"], repeat_losses["two"])
one_worse, one_worse_sd = gaps.mean(), gaps.std(ddof=1)
for name in nets:
    print(f"{name:10} {np.round(repeat_losses[name], 3)}", rights[name])
# --8<-- [end:seeds]

# --8<-- [start:roles]
roles = []
for run in nets["two"]:
    scores, cut = np.array(run["scores"]), np.array(run["cut"])
    first = scores[0, :, 0].argmax()  # looks back by one
    roles.append([
        scores[0, first, 0],
        cut[0, first],
        cut[0, 1 - first],
        cut[1].max(),
        run["layers_cut"][1],
    ])
    print(np.round(roles[-1], 2))
roles = np.array(roles)
previous_cut, other_cut, second_cut, both_cut = roles[:, 1:].mean(0)
# --8<-- [end:roles]

# --8<-- [start:large]
large = long["smollm"]
looks = np.array(large["looks"])
most, n_heads, n_cut = looks.max(), looks.size, large["n_cut"]
found_cut = np.array(large["found_cut"])[:, 1]
others_cut = np.array(large["others_cut"])[:, :, 1]
plt.plot(n_cut, found_cut, "o-", label="heads found")
plt.plot(n_cut, others_cut.mean(1), "s-", label="other heads")
plt.axhline(large["second"], color="C2", ls=":", label="none cut")
plt.xscale("log", base=2)
plt.xlabel("heads cut")
plt.ylabel("loss in the repetition")
plt.legend()
plt.show()
first_half, none_cut = large["first"], large["second"]
eight = n_cut.index(8)
found_eight, others_eight = found_cut[eight], others_cut[eight].mean()
found_all = found_cut[-1]
# --8<-- [end:large]

# --8<-- [start:functions]
dims, shown, noise = 3, 10, 0.5


def draw(n, rng, spread=1.0):
    """n functions; of each, points and the answers, with noise."""
    w = rng.standard_normal((n, dims))
    x = spread * rng.standard_normal((n, shown, dims))
    y = np.einsum("nij,nj->ni", x, w)
    y += noise * rng.standard_normal((n, shown))
    return x.astype("float32"), y.astype("float32")


# --8<-- [end:functions]


# --8<-- [start:ridge]
def ridge(x, y, penalty):
    """Least squares, with one more example for each weight."""
    more = np.sqrt(penalty) * np.eye(x.shape[1])  # (1)!
    x, y = np.vstack([x, more]), np.append(y, np.zeros(x.shape[1]))
    return np.linalg.lstsq(x, y)[0]


def errors_of(x, y, penalty):
    """Mean squared error after 0, 1, 2, ... examples."""
    squares = [
        [
            (y[j, i] - x[j, i] @ ridge(x[j, :i], y[j, :i], penalty))
            ** 2
            for i in range(shown)
        ]
        for j in range(len(x))
    ]
    return np.mean(squares, 0)


x, y = draw(2000, np.random.default_rng(1000))
by_ridge = errors_of(x, y, noise**2)
by_squares = errors_of(x, y, 0.0)
by_zero = (y**2).mean()
# --8<-- [end:ridge]

# --8<-- [start:context]
by_model = np.array(long["linear"]["errors"])
examples = np.arange(shown)
plt.axhline(by_zero, color="C3", ls=":", label="always zero")
plt.plot(examples, by_squares, "s-", label="least squares")
plt.plot(examples, by_ridge, "^-", label="ridge")
plt.plot(examples, by_model.mean(0), "o-", label="Transformer")
plt.ylim(0, 6)
plt.xlabel("examples shown")
plt.ylabel("mean squared error")
plt.legend()
plt.show()
# --8<-- [end:context]

# --8<-- [start:excess]
excess = (by_model - by_ridge)[:, 1:].mean(1)
excess_mean, excess_sd = excess.mean(), excess.std(ddof=1)
n_linear = len(by_model)
at_dims = by_model[:, dims].mean(), by_ridge[dims]
last = by_model[:, -1].mean(), by_ridge[-1], by_squares[-1]
behind = int((by_model.mean(0) > by_squares)[dims:].argmax()) + dims
print(f"above ridge by {excess_mean:.3f} ± {excess_sd:.3f}")
print(np.round(at_dims, 2), np.round(last, 2))
# --8<-- [end:excess]

# --8<-- [start:far]
x_far, y_far = draw(2000, np.random.default_rng(1000), 3.0)
far_ridge = errors_of(x_far, y_far, noise**2)[-1]
far_model = np.array(long["linear"]["far"])[:, -1]
far_mean, far_sd = far_model.mean(), far_model.std(ddof=1)
far_zero = (y_far**2).mean()
print(f"{far_mean:.1f} ± {far_sd:.1f}, {far_ridge:.2f}, {far_zero:.1f}")
# --8<-- [end:far]


# --8<-- [start:exact]
def exact(p, k):
    return p**k


# --8<-- [end:exact]

# --8<-- [start:digits]
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
shuffled = np.random.default_rng(seed).permutation(len(x_test))
x, y, x_test, y_test = (
    x[:10_000] / 255,
    y[:10_000],
    x_test[shuffled] / 255,
    y_test[shuffled],
)
widths = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128]
digit, number = [], []
for width in widths:
    model = keras.Sequential([
        layers.Flatten(),
        layers.Dense(width, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=50, epochs=4, verbose=0)
    answers = model.predict(x_test, batch_size=1000, verbose=0)
    right = answers.argmax(1) == y_test
    digit.append(right.mean())
    number.append(right.reshape(-1, 10).all(1).mean())  # (1)!
# --8<-- [end:digits]

# --8<-- [start:metrics]
digit, number = np.array(digit), np.array(number)
expected = exact(digit, 10)
figure, axes = plt.subplots(1, 2, figsize=(8, 2.8), sharey=True)
axes[0].plot(widths, 100 * digit, "o-")
axes[1].plot(widths, 100 * number, "o", label="counted")
axes[1].plot(widths, 100 * expected, "C1", label="from one digit")
for axis, title in zip(axes, ("one digit", "ten digits, all right")):
    axis.set(title=title, xlabel="hidden units", xscale="log")
axes[0].set_ylabel("right (%)")
axes[1].legend()
plt.show()
gap = np.abs(number - expected).max()
n_widths, low, high = len(widths), 3, 9
width_from, digit_from, number_from = (
    x[low] for x in (widths, digit, number)
)
width_to, digit_to, number_to = (
    x[high] for x in (widths, digit, number)
)
# --8<-- [end:metrics]
