# --8<-- [start:data]
import matplotlib.pyplot as plt
import numpy as np
from scipy.special import log_softmax
from sklearn.datasets import load_digits

seed = 0
rng = np.random.default_rng(seed)
images, labels = load_digits(return_X_y=True)
x, t, order = images / 16, np.eye(10)[labels], rng.permutation(1797)
train, val = order[:1280], order[1280:1536]
x_train, t_train, y_train = x[train], t[train], labels[train]
x_val, t_val, y_val = x[val], t[val], labels[val]
# --8<-- [end:data]


# --8<-- [start:network]
def forward(x, w, b, v, c):
    h = np.tanh(x @ w + b)
    return h, log_softmax(h @ v + c, axis=1)


def backward(x, t, w, b, v, c):
    h, log_p = forward(x, w, b, v, c)
    e = (np.exp(log_p) - t) / len(x)
    d = (1 - h**2) * (e @ v.T)
    return [x.T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0)]


def loss_at(theta, x, t):
    return float(-(t * forward(x, *theta)[1]).sum() / len(t))


# --8<-- [end:network]


# --8<-- [start:descend]
def sgd(parameter, slope, rate):
    return parameter - rate * slope


def descend(theta, batches, rate=0.5, x=x_train, t=t_train):
    for batch in batches:
        slopes = backward(x[batch], t[batch], *theta)
        theta = [sgd(a, g, rate) for a, g in zip(theta, slopes)]
    return theta


# --8<-- [end:descend]


# --8<-- [start:fresh]
def fresh(rng):
    shapes = [(64, 32), (32, 10)]
    w, v = (rng.uniform(-1, 1, s) * np.sqrt(6 / sum(s)) for s in shapes)
    return [w, np.zeros(32), v, np.zeros(10)]


def shuffled(rng, epochs, size=32, n=1280):
    orders = [rng.permutation(n) for _ in range(epochs)]
    return np.concatenate(orders).reshape(-1, size)


# --8<-- [end:fresh]

# --8<-- [start:rates]
finals = []  # measured: seed
rates = 10.0 ** np.arange(-3, 1.1, 0.5)
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 5)
    ends = [descend(begin, batches, rate) for rate in rates]
    finals.append([loss_at(end, x_train, t_train) for end in ends])
rate_means = np.mean(finals, axis=0).tolist()
best_rate = rates[np.argmin(rate_means)]
# --8<-- [end:rates]


# --8<-- [start:draw]
def draw(x, runs, label=None):
    mean, std = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
    plt.errorbar(x, mean, std, fmt="o-", capsize=3, label=label)


draw(rates, finals)
plt.axhline(np.log(10), color="gray", linestyle="--")
plt.text(1e-3, 2.8, "guessing", color="gray")
plt.xscale("log")
plt.yscale("log")
plt.xlabel("learning rate")
plt.ylabel("training loss")
plt.show()
# --8<-- [end:draw]


# --8<-- [start:three]
def accuracy(theta, x, y):
    return float((forward(x, *theta)[1].argmax(axis=1) == y).mean())


begin, batches = fresh(rng), shuffled(rng, 5)
for rate in (0.001, 0.5, 30.0):
    end = descend(begin, batches, rate)
    loss = loss_at(end, x_train, t_train)  # measured: seed
    print(rate, f"{loss:.3f} {accuracy(end, x_val, y_val):.1%}")
# --8<-- [end:three]


# --8<-- [start:parabola]
def after_steps(begin, curvature, rate, steps):
    return begin * (1 - rate * curvature) ** steps


for rate in (0.1, 0.9, 1.1):  # curvature 2: the limit is 2 / 2 = 1
    path = [after_steps(1.0, 2.0, rate, steps) for steps in range(5)]
    print(rate, np.round(path, 3))


# --8<-- [end:parabola]


# --8<-- [start:momentum]
def momentum_step(parameter, velocity, slope, rate, beta):
    velocity = beta * velocity + slope
    return sgd(parameter, velocity, rate), velocity


# --8<-- [end:momentum]


# --8<-- [start:momentum_run]
def with_momentum(theta, batches, rate, beta):
    velocities = [0 * array for array in theta]
    for batch in batches:
        slopes = backward(x_train[batch], t_train[batch], *theta)
        moved = [
            momentum_step(*parts, rate, beta)
            for parts in zip(theta, velocities, slopes)
        ]
        theta, velocities = zip(*moved)
    return loss_at(theta, x_train, t_train)


# --8<-- [end:momentum_run]

# --8<-- [start:momentum_compare]
settings = [(0.05, 0.0), (0.05, 0.9), (0.5, 0.0)]
compared = []
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 3)
    compared.append([
        with_momentum(begin, batches, *s) for s in settings
    ])
plain_mean, heavy_mean, equal_mean = np.mean(compared, axis=0).tolist()
print(f"{plain_mean:.3f} {heavy_mean:.3f} {equal_mean:.3f}")
# --8<-- [end:momentum_compare]

# --8<-- [start:scales]
mean, std = x_train.mean(axis=0), x_train.std(axis=0)
rules = {
    "0 to 16": lambda x: 16 * x,
    "0 to 1": lambda x: x,
    "standardized": lambda x: (x - mean) / (std + 0.01),  # (1)!
}
scale_rates = 10.0 ** np.arange(-2.5, 0.6, 0.5)
# --8<-- [end:scales]


# --8<-- [start:scales_run]
def try_scale(k, rule, rate):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 5)
    end = descend(begin, batches, rate, rule(x_train))
    return accuracy(end, rule(x_val), y_val)


scale_runs, scale_best = {}, {}  # measured: seed
for name, rule in rules.items():
    scale_runs[name] = [
        [try_scale(k, rule, r) for r in scale_rates] for k in range(5)
    ]
    scale_best[name] = float(np.mean(scale_runs[name], axis=0).max())
    print(f"{name:12} {scale_best[name]:.1%}")
# --8<-- [end:scales_run]

# --8<-- [start:scales_plot]
for name, runs in scale_runs.items():
    draw(scale_rates, runs, name)
plt.xscale("log")
plt.xlabel("learning rate")
plt.ylabel("validation accuracy")
plt.legend()
plt.show()
# --8<-- [end:scales_plot]


# --8<-- [start:sorted]
def curve(theta, epochs):
    losses = []
    for batches in epochs:
        theta = descend(theta, batches)
        losses.append(loss_at(theta, x_val, t_val))
    return losses


in_order = np.argsort(y_train, kind="stable").reshape(-1, 32)
tidy, mixed = [], []  # measured: seed
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin = fresh(local)
    tidy.append(curve(begin, [in_order] * 20))
    mixed.append(curve(begin, [shuffled(local, 1) for _ in range(20)]))
tidy_end, mixed_end = (
    float(np.mean(r, axis=0)[-1]) for r in (tidy, mixed)
)
print(f"sorted {tidy_end:.2f}, shuffled {mixed_end:.3f}")
# --8<-- [end:sorted]

# --8<-- [start:sorted_plot]
draw(range(1, 21), tidy, "sorted by digit")
draw(range(1, 21), mixed, "shuffled")
plt.axhline(np.log(10), color="gray", linestyle="--")
plt.yscale("log")
plt.xticks([1, 5, 10, 15, 20])
plt.xlabel("epoch")
plt.ylabel("validation loss")
plt.legend()
plt.show()
# --8<-- [end:sorted_plot]

# --8<-- [start:nines]
one_epoch = descend(fresh(np.random.default_rng(seed)), in_order)
answers = forward(x_val, *one_epoch)[1].argmax(axis=1)
nines = (answers == 9).mean()
print(f"{nines:.0%} called a nine")
# --8<-- [end:nines]

# --8<-- [start:noise]
theta = fresh(np.random.default_rng(seed))


def flat_gradient(pick):
    slopes = backward(x_train[pick], t_train[pick], *theta)
    return np.concatenate([slope.ravel() for slope in slopes])


whole = flat_gradient(np.arange(len(x_train)))
sizes, noise = [1, 4, 16, 64, 256, 1024], []
for size in sizes:
    picks = rng.integers(len(x_train), size=(200, size))
    apart = [((flat_gradient(p) - whole) ** 2).sum() for p in picks]
    noise.append(float(np.sqrt(np.mean(apart))))
power = np.polyfit(np.log(sizes), np.log(noise), 1)[0]
print(np.round(noise, 3), f"power {power:.3f}")
# --8<-- [end:noise]

# --8<-- [start:sizes]
batch_sizes = [1, 4, 16, 64, 256, 1280]


def try_size(k, size, rate):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 5, size)
    return loss_at(descend(begin, batches, rate), x_val, t_val)


fixed, scaled = [], []
for k in range(5):
    fixed.append([try_size(k, n, 0.1) for n in batch_sizes])
    scaled.append([try_size(k, n, 0.1 * n / 16) for n in batch_sizes])
fixed_means = np.mean(fixed, axis=0).tolist()
scaled_means = np.mean(scaled, axis=0).tolist()
# --8<-- [end:sizes]

# --8<-- [start:sizes_plot]
draw(batch_sizes, fixed, "rate 0.1")
draw(batch_sizes, scaled, "rate 0.1 * B / 16")
plt.xscale("log")
plt.yscale("log")
plt.xlabel("batch size B")
plt.ylabel("validation loss after 5 epochs")
plt.legend()
plt.show()
# --8<-- [end:sizes_plot]


# --8<-- [start:shift]
def shift(x, rng):
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    down, right = rng.integers(0, 3, (2, len(x)))
    windows = zip(padded, down, right)
    moved = [image[i : i + 8, j : j + 8] for image, i, j in windows]
    return np.reshape(moved, (-1, 64))


x_moved = shift(x_val, rng)
_, axes = plt.subplots(1, 6, figsize=(6, 1.2))
for k, ax in enumerate(axes):
    side = (x_val, x_moved)[k % 2][k // 2].reshape(8, 8)
    ax.imshow(side, cmap="gray")
    ax.axis("off")
plt.show()
# --8<-- [end:shift]

# --8<-- [start:augment]
augmented = []
for k in range(5):
    local = np.random.default_rng([seed, k])
    plain = moving = fresh(local)
    for _ in range(30):
        batches = shuffled(local, 1)
        plain = descend(plain, batches)
        moving = descend(moving, batches, x=shift(x_train, local))
    ends, seen = (plain, moving), (x_val, x_moved)
    augmented.append([
        accuracy(e, x, y_val) for e in ends for x in seen
    ])
print(np.mean(augmented, axis=0).round(3))
plain_same, plain_moved, moving_same, moving_moved = (
    float(mean) for mean in np.mean(augmented, axis=0)
)
# --8<-- [end:augment]

# --8<-- [start:symmetry]
starts = {
    "all zero": lambda rng: [0 * a for a in fresh(rng)],
    "all 0.1": lambda rng: [0 * a + 0.1 for a in fresh(rng)],
    "Glorot": fresh,
    "Glorot * 20": lambda rng: [a * 20 for a in fresh(rng)],
}
# --8<-- [end:symmetry]

# --8<-- [start:symmetry_run]
init_mean, init_units, init_flat = {}, {}, {}
for name, make in starts.items():
    seeded = [np.random.default_rng([seed, k]) for k in range(5)]
    ends = [descend(make(r), shuffled(r, 10)) for r in seeded]
    right = [  # measured: seed
        accuracy(end, x_val, y_val) for end in ends
    ]
    init_mean[name] = float(np.mean(right))
    init_units[name] = np.unique(ends[0][0].round(9), axis=1).shape[1]
    h = forward(x_val, *make(np.random.default_rng(seed)))[0]
    init_flat[name] = float((np.abs(h) > 0.99).mean())
    print(
        f"{name:12} {init_mean[name]:.3f} {init_units[name]:3}", end=" "
    )
    print(f"{init_flat[name]:.0%}")
# --8<-- [end:symmetry_run]


# --8<-- [start:stop]
def train_until(theta, rng, patience, budget, target=0.0):
    best, kept, waited, history = np.inf, theta, 0, []
    while best > target and waited < patience and len(history) < budget:
        theta = descend(theta, shuffled(rng, 1, n=128))
        history.append(loss_at(theta, x_val, t_val))
        waited += 1
        if history[-1] < best:
            best, kept, waited = history[-1], theta, 0
    return kept, history


# --8<-- [end:stop]


# --8<-- [start:stop_run]
def attempt(**limits):
    rng = np.random.default_rng([seed, 0])
    return train_until(fresh(rng), rng, **limits)


_, endless = attempt(patience=300, budget=300)
kept, early = attempt(patience=20, budget=300)
_, reached = attempt(patience=20, budget=300, target=0.3)
stopped_after, best_after = len(early), int(np.argmin(early)) + 1
stop_best, endless_last = min(early), endless[-1]
print(len(endless), stopped_after, len(reached))
# --8<-- [end:stop_run]

# --8<-- [start:stop_plot]
plt.plot(range(1, len(endless) + 1), endless, label="without stopping")
plt.plot(range(1, stopped_after + 1), early, label="stopped early")
plt.axvline(best_after, color="gray", linestyle="--")
plt.xlabel("epoch")
plt.ylabel("validation loss")
plt.ylim(0.2, 0.6)
plt.legend()
plt.show()
# --8<-- [end:stop_plot]


# --8<-- [start:clip]
def clip(slopes, limit):
    norm = np.sqrt(sum((slope**2).sum() for slope in slopes))
    return [slope * limit / max(limit, norm) for slope in slopes]


print(clip([np.array([3.0, 4.0])], limit=1.0))
# --8<-- [end:clip]


# --8<-- [start:schedule]
def warm_up(peak, step, warm):
    return peak * step / warm


def cosine(peak, lowest, step, total):
    half = (peak - lowest) / 2
    return lowest + half * (1 + np.cos(np.pi * step / total))


def planned(step, peak=2.0, warm=40, total=400):
    if step < warm:
        return warm_up(peak, step, warm)
    return cosine(peak, 0.0, step - warm, total - warm)


# --8<-- [end:schedule]

# --8<-- [start:schedule_plot]
plt.plot([planned(step) for step in range(401)])
plt.xlabel("step")
plt.ylabel("learning rate")
plt.show()
# --8<-- [end:schedule_plot]


# --8<-- [start:recipe]
def careful(theta, batches, rate_of, limit):
    for step, batch in enumerate(batches, start=1):
        slopes = backward(x_train[batch], t_train[batch], *theta)
        slopes, rate = clip(slopes, limit), rate_of(step)
        theta = [sgd(a, g, rate) for a, g in zip(theta, slopes)]
    return loss_at(theta, x_val, t_val)


# --8<-- [end:recipe]


# --8<-- [start:recipe_run]
def constant(step):
    return 2.0


recipes = [(constant, 1e9), (planned, 1e9), (constant, 1), (planned, 1)]
outcomes = []  # measured: seed
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 10)
    outcomes.append([careful(begin, batches, *r) for r in recipes])
recipe_mean = np.mean(outcomes, axis=0).tolist()
recipe_std = np.std(outcomes, axis=0, ddof=1).tolist()
print(np.round(recipe_mean, 3), np.round(recipe_std, 3))
# --8<-- [end:recipe_run]
