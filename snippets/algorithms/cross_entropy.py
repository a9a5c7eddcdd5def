# --8<-- [start:import]
import heapq
import inspect
import lzma
import zlib
from collections import Counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:forecasters]
careful = np.array([0.8, 0.7, 0.7, 0.4, 0.8])
bold = np.array([0.99, 0.99, 0.99, 0.01, 0.99])
careful_loss = -np.log(careful).mean()
bold_loss = -np.log(bold).mean()
bold_worst = -np.log(bold.min())
print(careful_loss, bold_loss, bold_worst)
# --8<-- [end:forecasters]

# --8<-- [start:curve]
chances = np.linspace(0.001, 1, 1000)
plt.plot(chances, -np.log(chances), label="cross-entropy, $-\\log p$")
plt.plot(chances, (1 - chances) ** 2, "--", label="$(1 - p)^2$")
plt.xlabel("probability given to what happened")
plt.ylabel("penalty")
plt.legend()
plt.show()
# --8<-- [end:curve]


# --8<-- [start:cross_entropy]
def cross_entropy(t, p):
    return -(t * np.log(p)).sum(axis=-1)


p = np.array([0.2, 0.7, 0.1])
one_hot = np.array([0.0, 1.0, 0.0])
undecided = np.array([0.3, 0.6, 0.1])
hard_loss = cross_entropy(one_hot, p)
soft_loss = cross_entropy(undecided, p)
print(hard_loss, soft_loss)
# --8<-- [end:cross_entropy]

# --8<-- [start:product]
right = np.full(10_000, 0.9)
likelihood = np.prod(right)
log_likelihood = np.log(right).sum()
power_of_ten = np.log10(right).sum()
print(likelihood, log_likelihood, -log_likelihood / len(right))
# --8<-- [end:product]


# --8<-- [start:entropy]
def entropy(t):
    return -(t * np.log(t)).sum(axis=-1)


def divergence(t, p):
    return (t * np.log(t / p)).sum(axis=-1)


total = entropy(undecided) + divergence(undecided, p)
print(entropy(undecided), divergence(undecided, p), total)
# --8<-- [end:entropy]

# --8<-- [start:honest]
others = np.random.dirichlet(np.ones(3), 10_000)
losses_of_others = cross_entropy(undecided, others)
best_other = others[losses_of_others.argmin()]
least_loss = losses_of_others.min()
print(best_other.round(3), least_loss, entropy(undecided))
# --8<-- [end:honest]

# --8<-- [start:text]
pages = {
    inspect.getdoc(getattr(keras.layers, name)) or ""
    for name in dir(keras.layers)
    if not name.startswith("_")
}
text = " ".join(" ".join(sorted(pages)).split())
characters = sorted(set(text))
vocabulary, text_length = len(characters), len(text)
codes = np.array([characters.index(c) for c in text])
print(vocabulary, text_length, text[:60])
# --8<-- [end:text]


# --8<-- [start:huffman]
def code_lengths(frequencies):
    lengths = [0] * len(frequencies)
    heap = [(f, i, [i]) for i, f in enumerate(frequencies)]
    heapq.heapify(heap)
    while len(heap) > 1:
        (f, _, a), (g, i, b) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in a + b:
            lengths[symbol] += 1
        heapq.heappush(heap, (f + g, i, a + b))
    return np.array(lengths)


# --8<-- [end:huffman]

# --8<-- [start:lengths]
t_text = np.bincount(codes) / text_length
program = Counter(inspect.getsource(keras.layers.Dense))
p_program = np.array([program[c] + 1.0 for c in characters])
p_program /= p_program.sum()
own_bits = entropy(t_text) / np.log(2)
foreign_bits = cross_entropy(t_text, p_program) / np.log(2)
own_code = t_text @ code_lengths(t_text)
foreign_code = t_text @ code_lengths(p_program)
print(own_bits, own_code, foreign_bits, foreign_code)
# --8<-- [end:lengths]


# --8<-- [start:log_softmax]
def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    total = np.exp(shifted).sum(axis=-1, keepdims=True)
    return shifted - np.log(total)


# --8<-- [end:log_softmax]


# --8<-- [start:from_scores]
def log_sum_exp(z):
    top = z.max(axis=-1)
    return top + np.log(np.exp(z - top[..., np.newaxis]).sum(axis=-1))


def loss_from_scores(t, z):
    return log_sum_exp(z) - (t * z).sum(axis=-1)


# --8<-- [end:from_scores]


# --8<-- [start:gradient]
def gradient(t, z):
    return np.exp(log_softmax(z)) - t


z = np.array([1.0, 2.0, -0.5])
print(loss_from_scores(one_hot, z), gradient(one_hot, z))
# --8<-- [end:gradient]

# --8<-- [start:tape]
random_z = np.random.normal(0, 10, (1000, 50))
random_t = np.random.dirichlet(np.ones(50), 1000)
scores = tf.constant(random_z)
with tf.GradientTape() as tape:
    tape.watch(scores)
    tf_losses = tf.nn.softmax_cross_entropy_with_logits(
        random_t, scores
    )
tf_gradient = tape.gradient(tf_losses, scores).numpy()
# --8<-- [end:tape]

# --8<-- [start:equal]
loss_gap = abs(
    loss_from_scores(random_t, random_z) - tf_losses.numpy()
).max()
gradient_gap = abs(gradient(random_t, random_z) - tf_gradient).max()
print(loss_gap, gradient_gap)
# --8<-- [end:equal]

# --8<-- [start:slopes]
gap = np.linspace(-8, 8, 201)
right_share = 1 / (1 + np.exp(-gap))
plt.plot(gap, 1 - right_share, label="cross-entropy")
squared = 4 * (1 - right_share) ** 2 * right_share
plt.plot(gap, squared, "--", label="squared error")
plt.xlabel("score of the right answer minus that of the wrong one")
plt.ylabel("push on the score")
plt.legend()
plt.show()
# --8<-- [end:slopes]

# --8<-- [start:ways]
label = tf.constant([0])
sparse = keras.losses.SparseCategoricalCrossentropy
rows = []
for gap in (5.0, 15.0, 20.0, 100.0, 200.0):
    z32 = tf.constant([[0.0, gap]])
    p32 = tf.nn.softmax(z32)
    naive = -float(tf.math.log(p32)[0, 0])
    clipped = float(sparse()(label, p32))
    safe = float(sparse(from_logits=True)(label, z32))
    rows.append([gap, naive, clipped, safe])
    print(f"{gap:5.0f} {naive:10.4f} {clipped:10.4f} {safe:10.4f}")
# --8<-- [end:ways]

# --8<-- [start:stuck]
z32 = tf.constant([[0.0, 20.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(z32)
    clipped_loss = sparse()(label, tf.nn.softmax(z32))
    safe_loss = sparse(from_logits=True)(label, z32)
clipped_slope = tape.gradient(clipped_loss, z32).numpy()
safe_slope = tape.gradient(safe_loss, z32).numpy()
print(clipped_slope, safe_slope)
# --8<-- [end:stuck]

# --8<-- [start:smallest]
infinite_at, gaps = {}, np.arange(1.0, 200.0)
for dtype in (tf.float16, tf.bfloat16, tf.float32):
    pairs = tf.cast(np.stack([0 * gaps, gaps], axis=1), dtype)
    naive = -tf.math.log(tf.nn.softmax(pairs)[:, 0]).numpy()
    infinite = np.isinf(naive.astype("float64"))
    infinite_at[dtype.name] = float(  # measured: rounding
        gaps[infinite.argmax()]
    )
print(infinite_at)
# --8<-- [end:smallest]

# --8<-- [start:mnist]
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255
order = np.random.permutation(len(x_train))
x_train, y_train = x_train[order], y_train[order]
print(x_train.shape, x_test.shape)
# --8<-- [end:mnist]


# --8<-- [start:network]
def start(hidden=128):
    w1 = np.random.normal(0, np.sqrt(2 / 784), (784, hidden))
    w2 = np.random.normal(0, np.sqrt(1 / hidden), (hidden, 10))
    weights = [w1, np.zeros(hidden), w2, np.zeros(10)]
    return [w.astype("float32") for w in weights]


def scores_of(x, w1, b1, w2, b2):
    hidden = np.maximum(x @ w1 + b1, 0)
    return hidden, hidden @ w2 + b2


# --8<-- [end:network]


# --8<-- [start:backward]
def backward(x, t, w1, b1, w2, b2):
    hidden, z = scores_of(x, w1, b1, w2, b2)
    at_scores = gradient(t, z) / len(x)  # (1)!
    at_hidden = at_scores @ w2.T * (hidden > 0)
    return (
        x.T @ at_hidden,
        at_hidden.sum(axis=0),
        hidden.T @ at_scores,
        at_scores.sum(axis=0),
    )


# --8<-- [end:backward]

# --8<-- [start:train]
weights = start()
started_from = [w.copy() for w in weights]
one_hots = np.eye(10, dtype="float32")[y_train]
batch, rate = 100, 0.2
for start_of_batch in [*range(0, 60_000, batch)] * 2:
    chosen = slice(start_of_batch, start_of_batch + batch)
    slopes = backward(x_train[chosen], one_hots[chosen], *weights)
    for w, slope in zip(weights, slopes):
        w -= rate * slope
# --8<-- [end:train]

# --8<-- [start:test]
t_test = np.eye(10, dtype="float32")[y_test]
_, first_scores = scores_of(x_test, *started_from)
_, test_scores = scores_of(x_test, *weights)
first_loss = float(loss_from_scores(t_test, first_scores).mean())
test_loss = float(loss_from_scores(t_test, test_scores).mean())
test_accuracy = float((test_scores.argmax(axis=1) == y_test).mean())
print(first_loss, test_loss, test_accuracy)
# --8<-- [end:test]

# --8<-- [start:same]
model = keras.Sequential([
    keras.Input(shape=(784,)),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10),
])
model.compile(
    keras.optimizers.SGD(rate),
    sparse(from_logits=True),
    metrics=["accuracy"],
)
model.set_weights(started_from)
model.fit(
    x_train, y_train, batch, epochs=2, shuffle=False, verbose=0
)  # (1)!
keras_loss, keras_accuracy = model.evaluate(x_test, y_test, verbose=0)
loss_distance = abs(keras_loss - test_loss)
print(loss_distance, keras_accuracy - test_accuracy)
# --8<-- [end:same]

# --8<-- [start:few]
few = 2000
x_few, y_few = x_train[:few], y_train[:few]
spoiled = np.random.uniform(size=few) < 0.3
y_noisy = np.where(spoiled, np.random.randint(0, 10, few), y_few)
wrong_share = (y_noisy != y_few).mean()
print(wrong_share)
# --8<-- [end:few]


# --8<-- [start:smooth]
def smooth(t, epsilon):
    return (1 - epsilon) * t + epsilon / t.shape[-1]


print(smooth(np.eye(10)[3], 0.1))
# --8<-- [end:smooth]


# --8<-- [start:train_long]
def train_long(labels, epsilon):
    t = smooth(np.eye(10, dtype="float32")[labels], np.float32(epsilon))
    weights, curve = start(), []
    for _ in range(epochs):
        for chosen in np.random.permutation(few).reshape(-1, 50):
            slopes = backward(x_few[chosen], t[chosen], *weights)
            for w, slope in zip(weights, slopes):
                w -= 0.5 * slope
        z = scores_of(x_test, *weights)[1]
        loss = loss_from_scores(t_test, z).mean()
        curve.append([loss, (z.argmax(axis=1) == y_test).mean()])
    return z, np.array(curve)


epochs = 60
# --8<-- [end:train_long]

# --8<-- [start:four]
runs = {  # measured: seed
    "clean": train_long(y_few, 0.0),
    "clean, smoothed": train_long(y_few, 0.1),
    "noisy": train_long(y_noisy, 0.0),
    "noisy, smoothed": train_long(y_noisy, 0.1),
}
for name, (_, curve) in runs.items():
    plt.plot(range(1, epochs + 1), curve[:, 0], label=name)
plt.xlabel("epoch")
plt.ylabel("cross-entropy on the test set")
plt.ylim(0, 1.2)
plt.legend(ncols=2)
plt.show()
# --8<-- [end:four]

# --8<-- [start:outcome]
least, last, peak, final, sureness = {}, {}, {}, {}, {}
for name, (z, curve) in runs.items():
    least[name], peak[name] = map(
        float, (curve[:, 0].min(), curve[:, 1].max())
    )
    last[name], final[name] = map(float, curve[-1])
    sureness[name] = float(np.exp(log_softmax(z)).max(axis=1).mean())
    print(
        f"{name:15} loss {least[name]:.3f} {last[name]:.3f}", end="  "
    )
    print(f"accuracy {peak[name]:.3f} {final[name]:.3f}", end="  ")
    print(f"sureness {sureness[name]:.3f}")
noisy_peak, noisy_final = peak["noisy"], final["noisy"]
noisy_smoothed = final["noisy, smoothed"]
clean_final, clean_smoothed = final["clean"], final["clean, smoothed"]
# --8<-- [end:outcome]


# --8<-- [start:calibration]
def calibration(z, y):
    p = np.exp(log_softmax(z))
    sure, right = p.max(axis=1), p.argmax(axis=1) == y
    bins = np.minimum((sure * 10).astype(int), 9)
    filled = np.unique(bins)
    weight = np.array([(bins == k).mean() for k in filled])
    said = np.array([sure[bins == k].mean() for k in filled])
    done = np.array([right[bins == k].mean() for k in filled])
    return said, done, float(weight @ abs(said - done))


# --8<-- [end:calibration]

# --8<-- [start:fit_temperature]
z_clean = runs["clean"][0].astype("float64")
fitted, judged = slice(0, None, 2), slice(1, None, 2)  # (1)!
grid = np.linspace(0.5, 5, 91)
fits = [
    loss_from_scores(t_test[fitted], z_clean[fitted] / T).mean()
    for T in grid
]
best_T = grid[np.argmin(fits)]
raw = calibration(z_clean[judged], y_test[judged])
mended = calibration(z_clean[judged] / best_T, y_test[judged])
error_before, error_after = raw[2], mended[2]
print(best_T, error_before, error_after)
# --8<-- [end:fit_temperature]

# --8<-- [start:reliability]
plt.plot([0, 1], [0, 1], color="gray", linewidth=0.8)
plt.plot(raw[0], raw[1], "o-", label="as trained")
plt.plot(mended[0], mended[1], "s-", label=f"T = {best_T:.2f}")
plt.xlabel("probability given to the answer")
plt.ylabel("share of answers that are right")
plt.legend()
plt.show()
# --8<-- [end:reliability]

# --8<-- [start:windows]
context = 12
cut = int(0.9 * text_length)
windows = np.lib.stride_tricks.sliding_window_view(codes, context + 1)
x_text, y_text = windows[: cut - context, :-1], codes[context:cut]
x_new, y_new = windows[cut - context :, :-1], codes[cut:]
new_bytes = len(text[cut:].encode())
print(x_text.shape, x_new.shape, new_bytes)
# --8<-- [end:windows]

# --8<-- [start:counted]
uniform_loss = np.log(vocabulary)
unigram = np.bincount(y_text, minlength=vocabulary) + 0.1
unigram_loss = -np.log(unigram / unigram.sum())[y_new].mean()
pairs = np.full((vocabulary, vocabulary), 0.1)
np.add.at(pairs, (x_text[:, -1], y_text), 1)
after = np.log(pairs / pairs.sum(axis=1, keepdims=True))
bigram_loss = -after[x_new[:, -1], y_new].mean()
print(uniform_loss, unigram_loss, bigram_loss)
# --8<-- [end:counted]

# --8<-- [start:language_model]
lm = keras.Sequential([
    keras.Input(shape=(context,)),
    keras.layers.Embedding(vocabulary, 16),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(vocabulary),
])
lm.compile(
    keras.optimizers.Adam(learning_rate=0.003),
    sparse(from_logits=True),
)
# --8<-- [end:language_model]

# --8<-- [start:train_lm]
lm_losses = [lm.evaluate(x_new, y_new, batch_size=4096, verbose=0)]
for _ in range(3):
    lm.fit(x_text, y_text, batch_size=1024, verbose=0)
    lm_losses.append(
        lm.evaluate(x_new, y_new, batch_size=4096, verbose=0)
    )
lm_loss = float(lm_losses[-1])
print(lm_losses)
# --8<-- [end:train_lm]

# --8<-- [start:levels]
levels = {"uniform": uniform_loss, "unigram": unigram_loss}
levels["bigram"] = bigram_loss
plt.plot(lm_losses, "o-")
for name, level in levels.items():
    plt.axhline(level, color="gray", linestyle="--", linewidth=0.8)
    plt.text(3, level, name, ha="right", va="bottom")
plt.xticks(range(4))
plt.ylim(bottom=0)
plt.xlabel("epoch")
plt.ylabel("cross-entropy on unseen text (nats)")
plt.show()
# --8<-- [end:levels]


# --8<-- [start:perplexity_functions]
def perplexity(q):
    return np.exp(-np.log(q).mean())


def bits_per_byte(loss, tokens, size):
    return loss / np.log(2) * tokens / size


# --8<-- [end:perplexity_functions]

# --8<-- [start:perplexity]
lm_perplexity = float(np.exp(lm_loss))
perplexities = [float(np.exp(loss)) for loss in levels.values()]
lm_bits = float(bits_per_byte(lm_loss, len(y_new), new_bytes))
print(perplexities, lm_perplexity, lm_bits)
# --8<-- [end:perplexity]

# --8<-- [start:compressors]
old, new = text[:cut].encode(), text[cut:].encode()
alone = len(zlib.compress(new, 9)) * 8 / new_bytes
both = len(lzma.compress(old + new, preset=9))
given_old = (both - len(lzma.compress(old, preset=9))) * 8 / new_bytes
print(alone, given_old, lm_bits)
# --8<-- [end:compressors]

# --8<-- [start:surprise]
lines = 2
z_new = lm.predict(x_new[: 60 * lines], verbose=0)
new_logs = log_softmax(z_new.astype("float64"))
bits = -new_logs[np.arange(60 * lines), y_new[: 60 * lines]] / np.log(2)
figure, axes = plt.subplots(lines, 1, layout="constrained")
for k, ax in enumerate(axes):
    part = slice(60 * k, 60 * (k + 1))
    ax.bar(range(60), bits[part], color="tab:orange")
    ax.set_xticks(range(60), [characters[c] for c in y_new[part]])
    ax.tick_params(axis="x", length=0, labelsize=8)
    ax.set_ylim(0, bits.max())
    ax.set_ylabel("bits")
plt.show()
# --8<-- [end:surprise]
