# --8<-- [start:import]
import csv
import datetime
import itertools
import json
import re
import tarfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import opencc
import tensorflow as tf
from scipy.optimize import least_squares

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]

# --8<-- [start:table]
with open("larger_long.json") as file:
    long = json.load(file)
runs = {}
for run in long["cells"]:
    runs.setdefault((run["width"], run["characters"]), []).append(run)
cells = [found[0] for found in runs.values()]
L = np.array([np.mean([r["test"] for r in f]) for f in runs.values()])
N = np.array([cell["parameters"] for cell in cells], float)
D = np.array([cell["characters"] for cell in cells], float)
sizes, budgets = np.unique(N), np.unique(D)
kept = (N < sizes[-1]) & (D < budgets[-1])  # (1)!
n_runs, n_kept, n_held = len(long["cells"]), sum(kept), sum(~kept)
# --8<-- [end:table]


# --8<-- [start:law]
def law(N, D, E, A, B, alpha, beta):
    return E + A / N**alpha + B / D**beta


def misfit(p, N, D, L):
    E, A, B = np.exp(p[:3])
    return np.log(law(N, D, E, A, B, *p[3:])) - np.log(L)


def fit(N, D, L, starts):
    found = [
        least_squares(
            misfit, start, loss="huber", f_scale=1e-3, args=(N, D, L)
        )
        for start in starts
    ]
    return min(found, key=lambda one: one.cost).x


starts = [
    *itertools.product((0, 1), (2,), (4,), (0.2, 0.6), (0.2, 0.6))
]
p = fit(N[kept], D[kept], L[kept], starts)
E, A, B = np.exp(p[:3])
alpha, beta = p[3:]
guess = law(N, D, E, A, B, alpha, beta)
missed = 100 * np.abs(guess / L - 1)[~kept]
mean_missed = missed.mean()
most_missed = np.ceil(10 * missed.max()) / 10  # rounded up
print(f"L = {E:.2f} + {A:.1f} / N^{alpha:.2f} + {B:.0f} / D^{beta:.2f}")
print(f"missed by {mean_missed:.2f} % on average")
# --8<-- [end:law]

# --8<-- [start:picture]
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True)
line = np.geomspace(sizes[0], sizes[-1])
for i, d in enumerate(budgets):
    rows = d == D
    color = f"C{i}"
    axes[0].plot(line, law(line, d, E, A, B, *p[3:]), color, lw=1)
    for axis, x in zip(axes, (N, 6 * N * D)):
        axis.plot(x[rows & kept], L[rows & kept], color + "o")
        axis.plot(
            x[rows & ~kept], L[rows & ~kept], color + "o", mfc="w"
        )
    axes[1].plot(
        6 * line * d, law(line, d, E, A, B, *p[3:]), color, lw=1
    )
    label = f"{d / 1e6:.2f}M characters"
    axes[1].plot([], [], color, label=label)
for axis, x in zip(axes, ("parameters", "operations of training")):
    axis.set(xscale="log", xlabel=x)
axes[0].set_ylabel("loss on other poems")
figure.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 0.9))
plt.show()
# --8<-- [end:picture]

# --8<-- [start:text]
FILE = re.compile(r".*/quantangshi/poet\.tang\.\d+\.json")
tang = []
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if FILE.fullmatch(member.name):
            tang += json.load(archive.extractfile(member))
simplify = opencc.OpenCC("t2s").convert
texts = simplify(
    "\n".join("".join(item["paragraphs"]) for item in tang)
).split("\n")
poems, known_lines = [], set()
for poem in texts:
    lines = re.findall(r"\w+", poem)
    if lines and sum(line in known_lines for line in lines) < 2:  # (1)!
        poems.append(poem)
        known_lines.update(lines)
print(f"{len(poems):,} poems, {sum(map(len, poems)):,} characters")
# --8<-- [end:text]

# --8<-- [start:windows]
order = np.random.default_rng(0)  # (1)!
poems = [poems[i] for i in order.permutation(len(poems))]
test, train = poems[:1000], poems[1500:]
letters, often = np.unique(list("".join(train)), return_counts=True)
vocabulary = ["\n", "□", *letters[np.argsort(-often)[:510]]]
number_of = {c: i for i, c in enumerate(vocabulary)}
n_tokens, length = len(vocabulary), 48


def windows(some):
    """48 characters each, and the one before them."""
    text = "\n" + "".join(poem + "\n" for poem in some)
    numbers = np.array([number_of.get(c, 1) for c in text], np.int32)
    starts = np.arange(0, len(numbers) - length, length)
    return numbers[starts[:, None] + np.arange(length + 1)]


train_rows, test_rows = order.permutation(windows(train)), windows(test)
counts = np.bincount(train_rows[:, 1:].ravel(), minlength=n_tokens)
share = (counts + 0.1) / (counts + 0.1).sum()
known = float(np.mean(test_rows[:, 1:] != 1))
print(train_rows.shape, test_rows.shape)
# --8<-- [end:windows]


# --8<-- [start:block]
heads, depth, batch = 4, 2, 16


def attention(q, k, v):
    """Each place mixes the values at places up to its own."""
    scores = tf.matmul(q, k, transpose_b=True) / q.shape[-1] ** 0.5
    place = tf.range(length)
    scores = tf.where(place <= place[:, None], scores, -1e9)
    return tf.matmul(tf.nn.softmax(scores), v)


class Block(keras.layers.Layer):
    def __init__(self, width):
        super().__init__()
        layers = keras.layers
        self.width = width
        self.norm_1 = layers.LayerNormalization()
        self.norm_2 = layers.LayerNormalization()
        self.qkv = layers.Dense(3 * width, use_bias=False)
        self.mix = layers.Dense(width, kernel_initializer="zeros")
        self.up = layers.Dense(4 * width, activation="relu")
        self.down = layers.Dense(width, kernel_initializer="zeros")

    def call(self, x):
        size = [-1, length, 3, heads, self.width // heads]
        qkv = tf.reshape(self.qkv(self.norm_1(x)), size)
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        mixed = tf.transpose(attention(q, k, v), [0, 2, 1, 3])
        x += self.mix(tf.reshape(mixed, [-1, length, self.width]))
        return x + self.down(self.up(self.norm_2(x)))


# --8<-- [end:block]


# --8<-- [start:gpt]
class GPT(keras.Model):
    def __init__(self, width):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.width = width
        self.token = self.add_weight((n_tokens, width), normal)
        self.place = self.add_weight((length, width), normal)
        self.bias = self.add_weight((n_tokens,), "zeros")
        self.blocks = [Block(width) for _ in range(depth)]
        self.norm = keras.layers.LayerNormalization()

    def call(self, numbers):
        x = tf.gather(self.token, numbers) + self.place
        x *= self.width**0.5
        for block in self.blocks:
            x = block(x)
        x = tf.matmul(self.norm(x), self.token, transpose_b=True)
        return x + self.bias


# --8<-- [end:gpt]


# --8<-- [start:train]
def train_once(width, n, peak):
    """Read n windows once; loss on the test poems."""
    model = GPT(width)
    model(train_rows[:1, :-1])
    model.bias.assign(np.log(share))
    weights, steps = model.trainable_variables, n // batch
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=peak, warmup_steps=steps // 20
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=0.1, beta_2=0.95
    )
    optimizer.build(weights)

    def surprise(rows):
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            rows[:, 1:], model(rows[:, :-1])
        )
        return tf.reduce_mean(losses)

    @tf.function(jit_compile=True)
    def learn(rows):
        with tf.GradientTape() as tape:
            loss = surprise(rows)
        gradients = tape.gradient(loss, weights)
        optimizer.apply(gradients, weights)

    for rows in np.split(rng.permutation(train_rows[:n]), steps):
        learn(rows)
    asked = tf.function(surprise)
    parts = np.split(test_rows[:1280], 20)
    return float(np.mean([asked(part) for part in parts]))


# --8<-- [end:train]

# --8<-- [start:rates]
tuned = long["tuned"]
usual = runs[32, int(budgets[-1])][0]["valid"]
rate_off = [run["valid"] - usual for run in long["check"]]
print({width: f"{rate:.3f}" for width, rate in tuned.items()})
print("half, twice:", *(f"{change:+.3f}" for change in rate_off))
# --8<-- [end:rates]

# --8<-- [start:two]
few = int(budgets[0]) // length
small, large = cells[0], runs[80, int(budgets[0])][0]
small_loss, large_loss = (
    train_once(run["width"], few, run["rate"]) for run in (small, large)
)
gain, unigram = small_loss - large_loss, long["unigram"]
small_size, large_size = small["parameters"], large["parameters"]
print(f"{small_loss:.3f} -> {large_loss:.3f}")
# --8<-- [end:two]

# --8<-- [start:always]
table = L.reshape(len(sizes), len(budgets))
steps = table[:-1] - table[1:]  # (1)!
n_steps, n_better = steps.size, int((steps > 0).sum())
first_factor, last_factor = sizes[1] / sizes[0], sizes[-1] / sizes[-2]
smallest, largest = int(sizes[0]), int(sizes[-1])
middle_size, middle_data = int(N[13]), int(D[13])
smallest_body, largest_body = cells[0]["body"], cells[-1]["body"]
first_step, last_step = steps[0].mean(), steps[-1].mean()
fall_least, fall_most = np.ptp(table[:, 0]), np.ptp(table[:, -1])
spread = float(
    np.mean([
        np.std([run["test"] for run in found], ddof=1)
        for found in runs.values()
        if len(found) > 1
    ])
)
print(f"{n_better} of {n_steps} steps better; seeds {spread:.4f}")
print(table.round(2))
# --8<-- [end:always]

# --8<-- [start:by_data]
plt.figure(figsize=(5, 2.8))
shades = plt.cm.viridis(np.linspace(0.85, 0.1, len(sizes)))
for row, n, shade in zip(table, sizes, shades):
    plt.plot(budgets, row, "o-", color=shade, label=f"{n / 1e3:.0f}k")
plt.xscale("log")
plt.xticks(budgets, [f"{d / 1e6:.2f}M" for d in budgets])
plt.minorticks_off()
plt.xlabel("characters read")
plt.ylabel("loss on other poems")
plt.legend(title="parameters", loc="upper left", bbox_to_anchor=(1, 1))
plt.show()
# --8<-- [end:by_data]

# --8<-- [start:again]
again, epochs = {}, (1, 4, 16)
few_characters = int(budgets[0])
for width in (20, 104):
    once = runs[width, few_characters][0]
    more = [run for run in long["again"] if run["width"] == width]
    again[str(width)] = [run["test"] for run in (once, *more)]
    again[f"train {width}"] = [run["train"] for run in (once, *more)]
repeat_small, repeat_large = again["20"], again["104"]
train_large = again["train 104"]
small_ahead = repeat_large[2] - repeat_small[2]
figure, axes = plt.subplots(1, 2, figsize=(7, 2.6), sharey=True)
for axis, width in zip(axes, ("20", "104")):
    axis.plot(epochs, again[width], "C1o-", label="other poems")
    axis.plot(
        epochs, again[f"train {width}"], "C0s--", label="poems read"
    )
    parameters = runs[int(width), few_characters][0]["parameters"]
    axis.set(
        xscale="log",
        xticks=epochs,
        xlabel="times read",
        title=f"{parameters:,} parameters",
    )
    axis.minorticks_off()
    axis.set_xticklabels(epochs)
axes[0].set_ylabel("loss")
axes[0].legend()
plt.show()
# --8<-- [end:again]


# --8<-- [start:bootstrap]
def resample(N, D, L, p, n=200):
    """Fit again and again, with residuals drawn anew."""
    rest, spare = misfit(p, N, D, L), (len(L) / (len(L) - 5)) ** 0.5
    fits = []
    for _ in range(n):
        drawn = spare * rng.choice(rest, len(L))
        fits.append(
            fit(N, D, L * np.exp(misfit(p, N, D, L) - drawn), [p])
        )
    return np.array(fits), spare * rest


fits, rest = resample(N[kept], D[kept], L[kept], p)
interval = {
    name: np.quantile(values, (0.025, 0.975)).tolist()
    for name, values in zip(
        ("E", "A", "B", "alpha", "beta"),
        (*np.exp(fits[:, :3]).T, *fits[:, 3:].T),
    )
}
alpha_ends, beta_ends = interval["alpha"], interval["beta"]
E_ends = interval["E"]
together = float(np.corrcoef(np.exp(fits[:, 0]), fits[:, 3])[0, 1])
print({name: np.round(ends, 2) for name, ends in interval.items()})
print(f"E and alpha together: {together:.2f}")
# --8<-- [end:bootstrap]

# --8<-- [start:predict]
held = np.flatnonzero(~kept)
futures = np.array([
    law(N[held], D[held], *np.exp(q[:3]), *q[3:])
    * np.exp(-rng.choice(rest, n_held))
    for q in fits
])
low, high = np.quantile(futures, (0.025, 0.975), 0)
inside = int(((low < L[held]) & (L[held] < high)).sum())
far = int(np.flatnonzero(held == len(L) - 1)[0])  # (1)!
far_guess, far_loss = guess[-1], L[-1]
far_ends = [float(low[far]), float(high[far])]
far_missed = abs(far_guess - far_loss)
signed = 100 * (guess / L - 1)
small_off, large_off = signed[len(budgets) - 1], signed[-1]
print(f"{far_guess:.3f} predicted, {far_loss:.3f} measured")
print(f"{inside} of {n_held} in their intervals")
# --8<-- [end:predict]

# --8<-- [start:held_out]
plt.figure(figsize=(6, 3))
at, scale = np.arange(n_held), 100 / L[held]
off = scale * (guess[held] - L[held])
error = [scale * (guess[held] - low), scale * (high - guess[held])]
plt.axhline(0, color="tab:gray", lw=1)
plt.errorbar(at, off, error, fmt="C0o")
names = [f"{n / 1e3:.0f}k\n{d / 1e6:.1f}M" for n, d in zip(N, D)]
plt.xticks(at, [names[i] for i in held])
plt.ylabel("predicted minus measured (%)")
plt.show()
# --8<-- [end:held_out]

# --8<-- [start:rivals]
logs = np.stack([np.ones(len(L)), np.log(N), np.log(D)], 1)
line = np.linalg.lstsq(logs[kept], np.log(L[kept]), rcond=None)[0]
by_line = np.exp(logs @ line)
nearest = np.array([
    L[kept & (N <= n) & (D <= d)].min() for n, d in zip(N, D)
])
line_missed = 100 * np.abs(by_line / L - 1)[held]
same_missed = 100 * np.abs(nearest / L - 1)[held]
line_mean, same_mean = line_missed.mean(), same_missed.mean()
line_far = abs(by_line[-1] - far_loss)
gain_line = line_missed - missed
gain_line_mean, gain_line_sd = gain_line.mean(), gain_line.std(ddof=1)
print(f"law {mean_missed:.2f}, line {line_mean:.2f}", end=", ")
print(f"no change {same_mean:.2f} %")
# --8<-- [end:rivals]

# --8<-- [start:body]
body = np.array([cell["body"] for cell in cells], float)


def exponent(p):
    """The optimal size grows as the compute to this power."""
    return p[..., 4] / (p[..., 3] + p[..., 4])


p_all = fit(N, D, L, starts)
p_body = fit(body, D, L, starts)
fits_all, rest_all = resample(N, D, L, p_all)
fits_body, _ = resample(body, D, L, p_body)
E_all, A_all, B_all = np.exp(p_all[:3])
alpha_all, beta_all = p_all[3:]
growth, growth_body = exponent(p_all), exponent(p_body)
growth_ends, body_ends = (
    np.quantile(exponent(f), (0.025, 0.975)).tolist()
    for f in (fits_all, fits_body)
)
print(f"all parameters {growth:.2f}, without embeddings", end=" ")
print(f"{growth_body:.2f}")
# --8<-- [end:body]


# --8<-- [start:best_size]
def best_size(C, A, B, alpha, beta):
    ratio = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    return ratio * (C / 6) ** (beta / (alpha + beta))


# --8<-- [end:best_size]

# --8<-- [start:hour]
widths = [str(cell["width"]) for cell in cells[:: len(budgets)]]
times = np.array([long["steps"][width] for width in widths])
speeds = 6 * sizes * batch * length / times
speed, minutes = speeds.max(), 60
hour = 60 * minutes * speed
N_hour = best_size(hour, A_all, B_all, alpha_all, beta_all)
D_hour = hour / 6 / N_hour
loss_hour = law(N_hour, D_hour, E_all, A_all, B_all, *p_all[3:])
N_ends = np.quantile(
    [best_size(hour, *np.exp(q[1:3]), *q[3:]) for q in fits_all],
    (0.025, 0.975),
)
N_hour_ends = (N_ends / 1e3).tolist()
text_size = train_rows[:, 1:].size
times_text = D_hour / text_size
beyond = hour / (6 * N * D).max()
print(f"{speed / 1e9:.0f} billion operations a second")
print(f"{N_hour / 1e3:.0f}k parameters, {D_hour / 1e6:.0f}M characters")
# --8<-- [end:hour]

# --8<-- [start:valley]
wide = N_hour * np.geomspace(1 / 30, 30, 2000)
plt.figure(figsize=(6, 3))
for i, part in enumerate((1 / 60, 1 / 6, 1)):
    C = part * hour
    valley = law(wide, C / 6 / wide, E_all, A_all, B_all, *p_all[3:])
    plt.plot(wide, valley, f"C{i}", label=f"{minutes * part:.0f} min")
    plt.plot(wide[valley.argmin()], valley.min(), f"C{i}o")
tolerance = 0.01
near = wide[valley < (1 + tolerance) * loss_hour]  # (1)!
too_small, too_large = N_hour / near[0], near[-1] / N_hour
plt.xscale("log")
plt.ylim(loss_hour - 0.05, loss_hour + 1)
plt.xlabel("parameters")
plt.ylabel("loss predicted")
plt.legend()
plt.show()
# --8<-- [end:valley]

# --8<-- [start:spent]
hoffmann = dict(E=1.69, A=406.4, B=410.7, alpha=0.34, beta=0.28)
C_gpt3, N_gpt3, D_gpt3 = 3.14e23, 174.6e9, 300e9
N_best = best_size(C_gpt3, 406.4, 410.7, 0.34, 0.28)
D_best = C_gpt3 / 6 / N_best
loss_gpt3 = law(N_gpt3, D_gpt3, **hoffmann)
loss_best = law(N_best, D_best, **hoffmann)
tokens_each, tokens_gpt3 = D_best / N_best, D_gpt3 / N_gpt3
growth_hoffmann = 0.28 / (0.34 + 0.28)
print(f"{N_best / 1e9:.0f}B parameters, {D_best / 1e9:.0f}B tokens")
print(f"loss {loss_gpt3:.3f} -> {loss_best:.3f}")
# --8<-- [end:spent]

# --8<-- [start:trend]
with open("models.csv", encoding="utf-8", newline="") as file:
    rows = [
        row
        for row in csv.DictReader(file)
        if row["data_unit"] == "tokens" and row["date"] >= "2020"
    ]
each = np.array([
    float(row["training_data"])
    / float(row["active_parameters"] or row["parameters"])
    for row in rows
])
dates = [datetime.date.fromisoformat(row["date"]) for row in rows]
early_ones = np.array([date.year < 2022 for date in dates])
late_ones = np.array([date.year > 2023 for date in dates])
n_early_ones, n_late_ones = int(early_ones.sum()), int(late_ones.sum())
each_early = float(np.median(each[early_ones]))
each_late = float(np.median(each[late_ones]))
working = np.array([
    float(row["active_parameters"] or row["parameters"]) for row in rows
])
working_early = float(np.median(working[early_ones]))
working_late = float(np.median(working[late_ones]))
print(f"{each_early:.1f} -> {each_late:.0f} tokens for each parameter")
# --8<-- [end:trend]

# --8<-- [start:tokens]
plt.figure(figsize=(6, 2.8))
plt.plot(dates, each, "o")
plt.axhline(20, color="tab:gray", ls="--")
plt.yscale("log")
plt.ylabel("tokens per parameter")
plt.show()
# --8<-- [end:tokens]
