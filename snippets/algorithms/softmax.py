# --8<-- [start:import]
import inspect
import re
import textwrap
from collections import Counter, defaultdict

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:naive]
def naive_softmax(z):
    exponentials = np.exp(z)
    return exponentials / exponentials.sum()


words = ["warm", "cold", "nice", "square"]
z = np.array([2.0, 1.0, 0.5, -2.0])
p = naive_softmax(z)
p_warm, p_square = p[0], p[3]
print(p, p.sum())
# --8<-- [end:naive]

# --8<-- [start:steps]
stages = {"score": z, "exponential": np.exp(z), "probability": p}
figure, axes = plt.subplots(1, 3, layout="constrained")
for ax, (title, heights) in zip(axes, stages.items()):
    bars = ax.bar(words, heights, color="tab:blue")
    ax.bar_label(bars, fmt="%.2f", padding=2)
    ax.axhline(0, color="gray", linewidth=0.8)
    ax.margins(y=0.15)
    ax.set_title(title)
    ax.tick_params(axis="x", rotation=45)
plt.show()
# --8<-- [end:steps]

# --8<-- [start:shares]
odds = p[0] / p[1]
moved = naive_softmax(z + 100)
largest_change = abs(moved - p).max()
print(odds, np.exp(z[0] - z[1]), largest_change)
# --8<-- [end:shares]

# --8<-- [start:limits]
score_limits = {}
for dtype in (tf.float16, tf.bfloat16, tf.float32, tf.float64):
    largest = float(dtype.max)
    score_limits[dtype.name] = float(np.log(largest))
    print(f"{dtype.name:9} {largest:9.3g} {np.log(largest):8.2f}")
# --8<-- [end:limits]

# --8<-- [start:overflow]
for dtype in (tf.float16, tf.bfloat16, tf.float32):
    for top in (12.0, 90.0):
        e = tf.exp(tf.constant([top, 0.0], dtype))
        shares = (e / tf.reduce_sum(e)).numpy().astype("float64")
        print(f"{dtype.name:9} [{top:.0f}, 0]", shares)
# --8<-- [end:overflow]


# --8<-- [start:softmax]
def softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)  # (1)!
    exponentials = np.exp(shifted)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


print(softmax(np.array([1000.0, 999.0, 0.0])))
# --8<-- [end:softmax]


# --8<-- [start:log_softmax]
def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    total = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)


far = np.array([0.0, 200.0], "float32")
with np.errstate(divide="ignore"):
    log_of_softmax = float(np.log(softmax(far))[0])
log_directly = log_softmax(far)[0]
print(log_of_softmax, log_directly)
# --8<-- [end:log_softmax]

# --8<-- [start:compare]
random_scores = np.random.normal(0, 30, (1000, 50))
library = tf.nn.softmax(random_scores).numpy()
library_logs = tf.nn.log_softmax(random_scores).numpy()
difference = abs(softmax(random_scores) - library).max()
log_difference = abs(log_softmax(random_scores) - library_logs).max()
print(difference, log_difference)
# --8<-- [end:compare]


# --8<-- [start:sigmoid]
def sigmoid(z):
    return 1 / (1 + np.exp(-z))


two = softmax(np.array([1.7, -0.4]))
print(two[0], sigmoid(1.7 - (-0.4)))
# --8<-- [end:sigmoid]


# --8<-- [start:entropy]
def entropy(p):
    return -(p * np.log(p)).sum(axis=-1)


directions = np.random.normal(0, 0.1, (20_000, 4))
fixed = np.stack([np.ones(4), z], axis=1)
basis, _ = np.linalg.qr(fixed)
rivals = p + directions - directions @ basis @ basis.T  # (1)!
rivals = rivals[(rivals > 0).all(axis=1)]
# --8<-- [end:entropy]

# --8<-- [start:rivals]
own_entropy = entropy(p)
best_rival = entropy(rivals).max()
rival_count = len(rivals)
mean_spread = np.ptp(rivals @ z)
print(rival_count, own_entropy, best_rival, mean_spread)
# --8<-- [end:rivals]

# --8<-- [start:temperature]
temperatures = [0.25, 1.0, 4.0]
width = 0.25
for k, temperature in enumerate(temperatures):
    heights = softmax(z / temperature)
    places = np.arange(len(words)) + (k - 1) * width
    plt.bar(places, heights, width, label=f"T = {temperature:g}")
plt.xticks(range(len(words)), words)
plt.ylabel("probability")
plt.legend()
plt.show()
# --8<-- [end:temperature]

# --8<-- [start:extremes]
coldest = softmax(z / 0.01)
hottest = softmax(z / 1000)
entropies = [float(entropy(softmax(z / T))) for T in temperatures]
print(coldest.round(3), hottest.round(3))
print(entropies, np.log(4))
# --8<-- [end:extremes]


# --8<-- [start:jacobian]
def jacobian(z):
    p = softmax(z)
    return np.diag(p) - np.outer(p, p)


print(jacobian(z).round(3))
# --8<-- [end:jacobian]


# --8<-- [start:pull_back]
def pull_back(z, g):
    p = softmax(z)
    return p * (g - (g * p).sum(axis=-1, keepdims=True))


t = np.array([0.0, 1.0, 0.0, 0.0])
print(pull_back(z, -t / p))
print(p - t)
# --8<-- [end:pull_back]

# --8<-- [start:tape]
scores = tf.constant(z)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(scores)
    probabilities = tf.nn.softmax(scores)
    loss = -tf.reduce_sum(t * tf.math.log(probabilities))
tape_jacobian = tape.jacobian(probabilities, scores).numpy()
tape_gradient = tape.gradient(loss, scores).numpy()
print(abs(tape_jacobian - jacobian(z)).max())
print(abs(tape_gradient - (p - t)).max())
# --8<-- [end:tape]

# --8<-- [start:digits]
images, labels = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(
    images / 16, labels, test_size=0.3, random_state=seed
)
t_train = np.eye(10)[y_train]
image_count = len(images)
print(x_train.shape, t_train.shape, x_test.shape)
# --8<-- [end:digits]


# --8<-- [start:loss]
def regression_loss(x, w, b, t):
    return -(t * log_softmax(x @ w + b)).sum() / len(x)


# --8<-- [end:loss]


# --8<-- [start:gradients]
def regression_gradients(x, w, b, t):
    errors = (softmax(x @ w + b) - t) / len(x)
    return x.T @ errors, errors.sum(axis=0)


# --8<-- [end:gradients]

# --8<-- [start:train]
learning_rate, steps = 1.0, 1000
w, b = np.zeros((64, 10)), np.zeros(10)
losses = []
for _ in range(steps):
    losses.append(float(regression_loss(x_train, w, b, t_train)))
    w_gradient, b_gradient = regression_gradients(
        x_train, w, b, t_train
    )
    w -= learning_rate * w_gradient
    b -= learning_rate * b_gradient
first_loss, last_loss = losses[0], losses[-1]
parameters = w.size + b.size
# --8<-- [end:train]

# --8<-- [start:test]
test_scores = x_test @ w + b
test_accuracy = (test_scores.argmax(axis=1) == y_test).mean()
train_accuracy = ((x_train @ w + b).argmax(axis=1) == y_train).mean()
print(first_loss, last_loss, train_accuracy, test_accuracy)
# --8<-- [end:test]

# --8<-- [start:curve]
plt.plot(range(1, steps + 1), losses)
plt.axhline(np.log(10), color="gray", linestyle="--")
plt.text(steps, np.log(10), "log 10", ha="right", va="bottom")
plt.xscale("log")
plt.ylim(bottom=0)
plt.xlabel("step")
plt.ylabel("training loss")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:weights]
figure, axes = plt.subplots(2, 5, layout="constrained")
reach = abs(w).max()
for digit, ax in enumerate(axes.flat):
    picture = w[:, digit].reshape(8, 8)
    shown = ax.imshow(picture, cmap="RdBu_r", vmin=-reach, vmax=reach)
    ax.set_title(digit)
    ax.axis("off")
figure.colorbar(shown, ax=axes, label="weight")
plt.show()
# --8<-- [end:weights]


# --8<-- [start:tensorflow]
def train_tf(loss_of_scores):
    w_tf = tf.Variable(tf.zeros((64, 10), tf.float64))
    b_tf = tf.Variable(tf.zeros(10, tf.float64))

    @tf.function  # (1)!
    def step():
        with tf.GradientTape() as tape:
            loss = loss_of_scores(x_train @ w_tf + b_tf)
        slopes = tape.gradient(loss, [w_tf, b_tf])
        w_tf.assign_sub(learning_rate * slopes[0])
        b_tf.assign_sub(learning_rate * slopes[1])
        return loss

    for _ in range(steps):
        loss = step()
    return w_tf.numpy(), b_tf.numpy(), float(loss)


# --8<-- [end:tensorflow]


# --8<-- [start:same]
def once(z):
    return tf.reduce_mean(
        tf.nn.softmax_cross_entropy_with_logits(t_train, z)
    )


w_tf, b_tf, _ = train_tf(once)
weight_difference = abs(w_tf - w).max()
largest_weight = abs(w).max()
print(weight_difference, largest_weight)
# --8<-- [end:same]

# --8<-- [start:twice]
w_twice, b_twice, twice_loss = train_tf(
    lambda z: once(tf.nn.softmax(z))
)
ceiling = np.e / (np.e + 9)
floor = -np.log(ceiling)
twice_accuracy = (
    (x_test @ w_twice + b_twice).argmax(axis=1) == y_test
).mean()
print(ceiling, floor, twice_loss, twice_accuracy)
# --8<-- [end:twice]

# --8<-- [start:text]
pages = {
    inspect.getdoc(getattr(keras.layers, name)) or ""
    for name in dir(keras.layers)
    if not name.startswith("_")
}
text = " ".join(" ".join(sorted(pages)).split())
characters = sorted(set(text))
codes = np.array([characters.index(c) for c in text])
text_length, vocabulary = len(text), len(characters)
print(text_length, vocabulary)
# --8<-- [end:text]

# --8<-- [start:bigram]
counts = np.zeros((vocabulary, vocabulary))
np.add.at(counts, (codes[:-1], codes[1:]), 1)
frequencies = counts / counts.sum(axis=1, keepdims=True)
with np.errstate(divide="ignore"):
    closed_form = np.log(counts)  # (1)!
closed_form_gap = abs(softmax(closed_form) - frequencies).max()
empty_share = (counts == 0).mean()
print(closed_form_gap, empty_share)
# --8<-- [end:bigram]

# --8<-- [start:bigram_descent]
table = np.zeros_like(counts)
share_of_row = counts.sum(axis=1) / counts.sum()
for _ in range(3000):
    table -= softmax(table) - frequencies  # (1)!
surprise = -(frequencies * log_softmax(table)).sum(axis=1)
descent_loss = share_of_row @ surprise
safe = np.where(frequencies > 0, frequencies, 1)
best = -(frequencies * np.log(safe)).sum(axis=1)
best_loss = share_of_row @ best
print(np.log(vocabulary), descent_loss, best_loss)
# --8<-- [end:bigram_descent]

# --8<-- [start:followers]
longest = 5
followers = defaultdict(Counter)
for i in range(longest, len(text)):
    for n in range(longest + 1):
        followers[text[i - n : i]][text[i]] += 1
# --8<-- [end:followers]


# --8<-- [start:next_scores]
def next_scores(context):
    blend = np.full(vocabulary, 1e-6)
    for n in range(longest + 1):
        seen = followers.get(context[len(context) - n :], {})
        for c, count in seen.items():
            blend[place[c]] += 10**n * count / seen.total()  # (1)!
    return np.log(blend)


place = {c: i for i, c in enumerate(characters)}
# --8<-- [end:next_scores]

# --8<-- [start:next_ten]
context = "softmax o"
p_next = softmax(next_scores(context))
likeliest = np.argsort(-p_next)[:10]
likeliest_share = p_next[likeliest].sum()
print([(characters[i], float(p_next[i].round(4))) for i in likeliest])
# --8<-- [end:next_ten]


# --8<-- [start:write]
def write(temperature=1.0, cut=lambda p: p, length=2000):
    chance = np.random.default_rng(seed)
    written = "The layer"
    for _ in range(length):
        z = next_scores(written[-longest:])
        p = cut(softmax(z / temperature))
        written += chance.choice(characters, p=p)
    return written


def show(sample):
    print(textwrap.fill(sample[:210], 70))


# --8<-- [end:write]

# --8<-- [start:samples]
cold, plain, hot = write(0.5), write(1.0), write(1.5)
show(cold)
show(plain)
show(hot)
# --8<-- [end:samples]


# --8<-- [start:real_words]
def share_of_words(sample):
    found = re.findall(r"[a-z]{4,}", sample)
    return sum(word in known_words for word in found) / len(found)


known_words = set(re.findall(r"[a-z]{4,}", text))
word_shares = [share_of_words(s) for s in (cold, plain, hot)]
print(word_shares)
# --8<-- [end:real_words]


# --8<-- [start:cuts]
def keep_top_k(p, k):
    kept = np.where(p >= np.sort(p)[-k], p, 0)
    return kept / kept.sum()


def keep_top_p(p, mass):
    order = np.argsort(-p)
    before = np.cumsum(p[order]) - p[order]
    kept = np.zeros_like(p)
    kept[order[before < mass]] = p[order[before < mass]]
    return kept / kept.sum()


# --8<-- [end:cuts]

# --8<-- [start:trimmed]
hot_k = write(1.5, lambda p: keep_top_k(p, 5))
hot_p = write(1.5, lambda p: keep_top_p(p, 0.9))
trimmed_shares = [share_of_words(hot_k), share_of_words(hot_p)]
show(hot_p)
print(trimmed_shares)
# --8<-- [end:trimmed]


# --8<-- [start:attention]
def attention_scores(q, k):
    return q @ k.T / np.sqrt(q.shape[-1])


def attention(q, k, v):
    return softmax(attention_scores(q, k)) @ v


# --8<-- [end:attention]

# --8<-- [start:scaling]
rows = []
for d in (4, 64, 1024):
    q, k = np.random.normal(size=(2, 256, d))
    scaled = softmax(attention_scores(q, k)).max(axis=1).mean()
    raw = softmax(q @ k.T).max(axis=1).mean()
    rows.append([d, float((q @ k.T).std()), float(raw), float(scaled)])
    print(d, rows[-1][1:])
# --8<-- [end:scaling]
