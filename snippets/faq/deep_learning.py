# --8<-- [start:import]
from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.colors import ListedColormap
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:spirals]
def spirals(shape, start=0.5, end=3.5):
    """Points near two arms, from so many half turns to so many."""
    t = np.pi * rng.uniform(start, end, shape)
    arm = rng.integers(0, 2, shape)
    angle = t + np.pi * arm
    x = np.stack([t * np.cos(angle), t * np.sin(angle)], -1) / 4
    x += rng.normal(0, 0.05, x.shape)
    return x.astype("float32"), arm.astype("float32")


x, y = spirals((10, 400))  # (1)!
x_new, y_new = spirals(2000)
# --8<-- [end:spirals]


# --8<-- [start:line]
def scores(model, x, y, x_new, y_new):
    """Fit once for each set of points; return shares right."""
    return np.array([
        model.fit(a, b).score(x_new, y_new) for a, b in zip(x, y)
    ])


line = scores(LogisticRegression(), x, y, x_new, y_new)
line_mean = line.mean()
print(line.round(3))
# --8<-- [end:line]


# --8<-- [start:layer]
def layer(x, W, b, bend=tf.tanh):
    """Take weighted sums of x, then bend."""
    return bend(x @ W + b)


def hidden(x, net, bend=tf.tanh):
    """Return what comes out of each hidden layer."""
    outs = []
    for W, b in net[:-1]:
        x = layer(x, W, b, bend)
        outs.append(x)
    return outs


def score(x, net, bend=tf.tanh):
    """Return a positive number where the net says: arm 1."""
    last = hidden(x, net, bend)[-1]
    return layer(last, *net[-1], tf.identity)[..., 0]


# --8<-- [end:layer]


# --8<-- [start:train]
def start(*sizes, runs=10):
    """Random weights of some networks, side by side."""
    return [
        (
            tf.Variable(tf.random.normal((runs, i, o)) / i**0.5),
            tf.Variable(tf.zeros((runs, 1, o))),
        )
        for i, o in pairwise(sizes)
    ]


def train(net, x, y, steps=1500, bend=tf.tanh):
    flat = [v for pair in net for v in pair]
    rate = keras.optimizers.schedules.CosineDecay(0.02, steps)
    adam = keras.optimizers.Adam(rate)
    adam.build(flat)

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            each = tf.nn.sigmoid_cross_entropy_with_logits(
                y, score(x, net, bend)
            )
            loss = tf.reduce_sum(tf.reduce_mean(each, 1))
        adam.apply(tape.gradient(loss, flat), flat)

    for _ in range(steps):
        step()
    return net


def accuracy(net, x, y, bend=tf.tanh):
    return np.mean((score(x, net, bend).numpy() > 0) == y, 1)


# --8<-- [end:train]

# --8<-- [start:whole]
net = start(2, 12, 12, 2, 1)
untrained = [(W.numpy(), b.numpy()) for W, b in net]
train(net, x, y)
right = accuracy(net, x_new, y_new)
gain = right - line
right_mean, right_std = right.mean(), right.std(ddof=1)
gain_mean, gain_std = gain.mean(), gain.std(ddof=1)
print(right.round(3))
# --8<-- [end:whole]

# --8<-- [start:nearest]
nearest = scores(KNeighborsClassifier(1), x, y, x_new, y_new)
nearest_mean = nearest.mean()
print(f"{nearest_mean:.1%}")
# --8<-- [end:nearest]


# --8<-- [start:planes]
best = int(np.argmax(accuracy(net, x, y)))  # (1)!


def plane(x, weights):
    """Where the last hidden layer of that network puts points."""
    return hidden(x.astype("float32"), weights)[-1][best].numpy()


planes = {
    "input": lambda x: x,
    "last hidden layer, untrained": lambda x: plane(x, untrained),
    "last hidden layer, trained": lambda x: plane(x, net),
}
t = np.linspace(-3, 3, 121)
grid = [np.stack([t, np.full(121, at)], 1) for at in range(-2, 3)]
grid += [lines[:, ::-1] for lines in grid]
# --8<-- [end:planes]

# --8<-- [start:bend]
figure, axes = plt.subplots(1, 3, figsize=(7, 2.6))
color = np.where(y[best] == 1, "C0", "C1")
for axis, (title, place) in zip(axes, planes.items()):
    for lines in grid:
        axis.plot(*place(lines).T, color="0.6", linewidth=0.5)
    axis.scatter(
        *place(x[best]).T, c=color, s=3, zorder=2, rasterized=True
    )
    axis.set_title(title, fontsize=9)
    axis.set(xticks=[], yticks=[], aspect="equal")
(w1, w2), b = net[-1][0][best, :, 0].numpy(), net[-1][1][best, 0, 0]
corners = np.array([-1.05, 1.05])
if abs(w1) > abs(w2):
    axes[2].plot(-(w2 * corners + b) / w1, corners, "k--")
else:
    axes[2].plot(corners, -(w1 * corners + b) / w2, "k--")
plt.show()
# --8<-- [end:bend]

# --8<-- [start:collapse]
straight = train(start(2, 5, 5, 1), x, y, 300, tf.identity)
(A, a), (B, b), (C, c) = straight
one_W, one_b = A @ B @ C, (a @ B + b) @ C + c
by_one = (x_new @ one_W + one_b)[..., 0]
collapse_gap = float(
    tf.reduce_max(abs(by_one - score(x_new, straight, tf.identity)))
)
straight_mean = accuracy(straight, x_new, y_new, tf.identity).mean()
print(collapse_gap < 1e-4, f"{straight_mean:.1%}")
# --8<-- [end:collapse]

# --8<-- [start:depths]
depths, by_depth, counts = {}, {}, {}
for widths in ((12,), (5, 5), (4, 4, 4)):
    key = str(len(widths))
    depths[key] = train(start(2, *widths, 1), x, y)
    by_depth[key] = accuracy(depths[key], x_new, y_new)
    counts[key] = sum(
        v.shape[1] * v.shape[2] for pair in depths[key] for v in pair
    )
depth_mean = {k: v.mean() for k, v in by_depth.items()}
depth_std = {k: v.std(ddof=1) for k, v in by_depth.items()}
fewer = by_depth["1"] - by_depth["3"]
fewer_mean = fewer.mean()
reach = stats.t.ppf(0.975, 9) * fewer.std(ddof=1) / 10**0.5
fewer_low, fewer_high = fewer_mean - reach, fewer_mean + reach
print(counts, {k: round(float(v), 4) for k, v in depth_mean.items()})
# --8<-- [end:depths]


# --8<-- [start:paint]
def paint(axis, answer, reach, points, labels):
    """Color the plane by a model's answers; put points on it."""
    side = answer.reshape(2 * [round(len(answer) ** 0.5)]) > 0
    axis.imshow(
        side,
        ListedColormap(["C1", "C0"]),
        alpha=0.25,
        origin="lower",
        extent=2 * (-reach, reach),
    )
    color = np.where(labels == 1, "C0", "C1")
    axis.scatter(*points.T, c=color, s=1.5, rasterized=True)
    axis.set(xticks=[], yticks=[])


def pixels(reach):
    at = np.linspace(-reach, reach, 151, dtype="float32")
    return np.stack(np.meshgrid(at, at), -1).reshape(-1, 2)


# --8<-- [end:paint]

# --8<-- [start:regions]
linear = LogisticRegression().fit(x[0], y[0])
answers = {"0": linear.decision_function(pixels(3))}
answers |= {k: score(pixels(3), depths[k])[0].numpy() for k in depths}
figure, axes = plt.subplots(1, 4, figsize=(7, 2.1))
for axis, (depth, answer) in zip(axes, answers.items()):
    paint(axis, answer, 3, x[0], y[0])
    axis.set_title(f"hidden layers: {depth}", fontsize=9)
plt.show()
# --8<-- [end:regions]


# --8<-- [start:tent]
def tent(x):
    """Two units with ReLU: up to 1 in the middle, then down."""
    return 2 * np.maximum(x, 0) - 4 * np.maximum(x - 0.5, 0)


heights, pieces = np.linspace(0, 1, 1025), []
for _ in range(6):
    heights = tent(heights)
    turns = np.diff(np.sign(np.diff(heights))) != 0
    pieces.append(int(turns.sum()) + 1)
deep_units, shallow_units = 2 * len(pieces), pieces[-1] - 1
print(pieces)
# --8<-- [end:tent]


# --8<-- [start:handmade]
def unwind(x):
    """Turn each point back by as much as its arm has turned."""
    radius = np.hypot(x[..., 0], x[..., 1])
    angle = np.arctan2(x[..., 1], x[..., 0]) - 4 * radius
    return np.stack([np.cos(angle), np.sin(angle)], -1)


made = scores(
    LogisticRegression(), unwind(x[:, :20]), y[:, :20],
    unwind(x_new), y_new,
)  # fmt: skip
made_mean, made_std = made.mean(), made.std(ddof=1)
print(f"{made_mean:.1%}")
# --8<-- [end:handmade]

# --8<-- [start:amounts]
amounts = (50, 100, 200, 400)
by_amount = {"400": right}
nearest_by_amount = {"400": nearest}
for n in amounts[:-1]:
    few, few_y = x[:, :n], y[:, :n]
    small = train(start(2, 12, 12, 2, 1), few, few_y)
    by_amount[str(n)] = accuracy(small, x_new, y_new)
    nearest_by_amount[str(n)] = scores(
        KNeighborsClassifier(1), few, few_y, x_new, y_new
    )
amount_mean = {k: v.mean() for k, v in by_amount.items()}
nearest_amount_mean = {
    k: v.mean() for k, v in nearest_by_amount.items()
}
few_mean, few_nearest = amount_mean["50"], nearest_amount_mean["50"]
print({k: round(float(v), 3) for k, v in amount_mean.items()})
# --8<-- [end:amounts]


# --8<-- [start:rings]
def rings(shape):
    """Points on a plane whose label changes from ring to ring."""
    p = rng.uniform(-2, 2, (*shape, 2)).astype("float32")
    label = np.sin(3 * np.hypot(p[..., 0], p[..., 1])) > 0
    return p, label.astype("float32")


p, q = rings((10, 400))
p_new, q_new = rings((2000,))
ring_net = train(start(2, 12, 12, 2, 1), p, q)
ring_learned = accuracy(ring_net, p_new, q_new)
ring_made = scores(
    LogisticRegression(), unwind(p), q, unwind(p_new), q_new
)
ring_gain = ring_learned - ring_made
ring_mean, ring_std = ring_gain.mean(), ring_gain.std(ddof=1)
ring_learned_mean = ring_learned.mean()
ring_made_mean, ring_worst = ring_made.mean(), ring_learned.min()
ring_most = max(q_new.mean(), 1 - q_new.mean())
ring_nearest = scores(
    KNeighborsClassifier(1), p, q, p_new, q_new
).mean()
print(f"{ring_learned_mean:.1%} against {ring_made_mean:.1%}")
# --8<-- [end:rings]

# --8<-- [start:beyond]
far, far_y = spirals(2000, 3.5, 4.5)
far_learned = accuracy(net, far, far_y)
far_mean, far_std = far_learned.mean(), far_learned.std(ddof=1)
far_made = scores(
    LogisticRegression(), unwind(x[:, :20]), y[:, :20],
    unwind(far), far_y,
).mean()  # fmt: skip
print(f"{far_mean:.1%} against {far_made:.1%}")
# --8<-- [end:beyond]

# --8<-- [start:farther]
by_hand = LogisticRegression().fit(unwind(x[best]), y[best])
views = {
    "learned": score(pixels(4.2), net)[best].numpy(),
    "made by hand": by_hand.decision_function(unwind(pixels(4.2))),
}
figure, axes = plt.subplots(1, 2, figsize=(6, 2.9))
for axis, (title, answer) in zip(axes, views.items()):
    paint(axis, answer, 4.2, x[best], y[best])
    for arm, color in enumerate(("C1", "C0")):
        crosses = far[far_y == arm][:100].T
        axis.plot(*crosses, "+", color=color, ms=4, rasterized=True)
    axis.set_title(title)
plt.show()
# --8<-- [end:farther]
