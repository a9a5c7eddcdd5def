# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
plt.rc("figure", figsize=(6, 3.2))
# --8<-- [end:import]

# --8<-- [start:load]
images, labels = load_digits(return_X_y=True)
missing = np.isnan(images).sum()
duplicates = len(images) - len(np.unique(images, axis=0))
print(images.shape, images.min(), images.max())
print(missing, duplicates, np.bincount(labels))
# --8<-- [end:load]

# --8<-- [start:split]
x = (images / 16).astype("float32")
order = rng.permutation(len(x))
train, val, test = np.split(order, [1280, 1536])
x_train, y_train = x[train], labels[train]
x_val, y_val = x[val], labels[val]
x_test, y_test = x[test], labels[test]
print(len(x_train), len(x_val), len(x_test))
# --8<-- [end:split]

# --8<-- [start:model]
model = keras.Sequential([
    keras.Input(shape=(64,)),
    keras.layers.Dense(32, activation="tanh"),
    keras.layers.Dense(10),
])
start = model.get_weights()
print([array.shape for array in start], model.count_params())
# --8<-- [end:model]


# --8<-- [start:glorot]
def glorot_limit(n_in, n_out):
    return np.sqrt(6 / (n_in + n_out))


# --8<-- [end:glorot]

# --8<-- [start:limit]
limit = glorot_limit(64, 32)
largest = np.abs(start[0]).max()
print(f"{limit:.4f} {largest:.4f}")
# --8<-- [end:limit]

# --8<-- [start:forward]
first = rng.permutation(len(x_train))[:32]
x_batch, y_batch = x_train[first], y_train[first]
hidden_layer, output_layer = model.layers
hidden_outputs = hidden_layer(x_batch)
logits = output_layer(hidden_outputs)
parameters = model.count_params()
outputs = hidden_outputs.shape[1] + logits.shape[1]
print(logits.shape, parameters, "parameters,", outputs, "outputs")
# --8<-- [end:forward]

# --8<-- [start:loss]
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
first_loss = float(loss_of(y_batch, logits))
print(first_loss, np.log(10))
# --8<-- [end:loss]

# --8<-- [start:backward]
with tf.GradientTape() as tape:  # (1)!
    loss = loss_of(y_batch, model(x_batch))
gradients = tape.gradient(loss, model.trainable_variables)
print([tuple(gradient.shape) for gradient in gradients])
unmoved = zip(model.get_weights(), start)
moved_by = max(float(np.abs(a - b).max()) for a, b in unmoved)
print("parameters moved by", moved_by)
# --8<-- [end:backward]


# --8<-- [start:sgd]
def sgd(parameter, gradient, learning_rate):
    return parameter - learning_rate * gradient


# --8<-- [end:sgd]

# --8<-- [start:update]
for variable, gradient in zip(model.trainable_variables, gradients):
    variable.assign(sgd(variable, gradient, 0.5))
second_loss = loss_of(y_batch, model(x_batch))
print(f"{first_loss:.4f} -> {second_loss:.4f}")
# --8<-- [end:update]


# --8<-- [start:step]
@tf.function  # (1)!
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    for variable, gradient in zip(variables, gradients):
        variable.assign(sgd(variable, gradient, 0.5))


# --8<-- [end:step]

# --8<-- [start:loop]
epochs = 20
orders = [rng.permutation(len(x_train)) for _ in range(epochs)]
model.set_weights(start)
train_losses, val_losses = [], []
for order in orders:
    for batch in order.reshape(-1, 32):
        train_step(x_train[batch], y_train[batch])
    train_losses.append(float(loss_of(y_train, model(x_train))))
    val_losses.append(float(loss_of(y_val, model(x_val))))
# --8<-- [end:loop]

# --8<-- [start:curve]
plt.plot(range(1, epochs + 1), train_losses, "o-", label="training")
plt.plot(range(1, epochs + 1), val_losses, "s-", label="validation")
plt.xlabel("epoch")
plt.ylabel("loss")
plt.legend()
plt.show()
# --8<-- [end:curve]

# --8<-- [start:test]
answers = np.asarray(model(x_test)).argmax(axis=1)
test_accuracy = (answers == y_test).mean()
print(f"{test_accuracy:.1%}")
# --8<-- [end:test]


# --8<-- [start:fit]
def untrained_copy():
    copy = keras.models.clone_model(model)
    copy.set_weights(start)
    copy.compile(keras.optimizers.SGD(0.5), loss=loss_of)
    return copy


twin = untrained_copy()
for order in orders:
    x, y = x_train[order], y_train[order]
    twin.fit(x, y, batch_size=32, shuffle=False, verbose=0)  # (1)!
# --8<-- [end:fit]

# --8<-- [start:same]
mine, fitted = model.get_weights(), twin.get_weights()
gaps = [float(np.abs(a - b).max()) for a, b in zip(mine, fitted)]
fit_gap = max(gaps)
print(gaps)
# --8<-- [end:same]

# --8<-- [start:reshuffled]
other = untrained_copy()
other.fit(x_train, y_train, 32, epochs, verbose=0)
reshuffled_gap = np.abs(other.get_weights()[0] - mine[0]).max()
answers = np.asarray(other(x_test)).argmax(axis=1)
reshuffled_accuracy = (answers == y_test).mean()
print(f"{reshuffled_gap:.3f} {reshuffled_accuracy:.1%}")
# --8<-- [end:reshuffled]


# --8<-- [start:network]
def log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def hidden(x, w, b):
    return np.tanh(x @ w + b)


def scores(h, v, c):
    return h @ v + c


def mean_loss(t, z):
    return -(t * log_softmax(z)).sum() / len(t)


# --8<-- [end:network]


# --8<-- [start:layer_two]
def score_error(z, t):
    return np.exp(log_softmax(z)) - t


def v_gradient(h, e):
    return np.outer(h, e)


# --8<-- [end:layer_two]


# --8<-- [start:layer_one]
def hidden_error(h, v, e):
    return (1 - h**2) * (v @ e)


def w_gradient(x, d):
    return np.outer(x, d)


# --8<-- [end:layer_one]

# --8<-- [start:one_image]
w, b, v, c = [array.astype("float64") for array in start]
x_one, t_one = x_train[0].astype("float64"), np.eye(10)[y_train[0]]
h_one = hidden(x_one, w, b)
e_one = score_error(scores(h_one, v, c), t_one)
d_one = hidden_error(h_one, v, e_one)
by_hand = [w_gradient(x_one, d_one), d_one]
by_hand += [v_gradient(h_one, e_one), e_one]
# --8<-- [end:one_image]

# --8<-- [start:one_image_tape]
model.set_weights(start)
with tf.GradientTape() as tape:
    loss = loss_of(y_train[:1], model(x_train[:1]))
taped = tape.gradient(loss, model.trainable_variables)
pairs = zip(by_hand, taped)
chain_gap = max(float(np.abs(a - b).max()) for a, b in pairs)
print(f"{chain_gap:.1e}")
# --8<-- [end:one_image_tape]


# --8<-- [start:backprop]
def backward(x, t, w, b, v, c):
    h = hidden(x, w, b)
    e = score_error(scores(h, v, c), t) / len(x)
    d = (1 - h**2) * (e @ v.T)
    return [x.T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0)]


# --8<-- [end:backprop]

# --8<-- [start:batch]
t_train, t_val = np.eye(10)[y_train], np.eye(10)[y_val]
theta = [array.astype("float64") for array in start]
slopes = backward(x_batch, t_train[first], *theta)
pairs = zip(slopes, gradients)
batch_gap = max(float(np.abs(a - b).max()) for a, b in pairs)
print(f"{batch_gap:.1e}")
# --8<-- [end:batch]


# --8<-- [start:difference]
def loss_at(theta, x, t):
    w, b, v, c = theta
    return float(mean_loss(t, scores(hidden(x, w, b), v, c)))


def loss_with(change):  # one weight changed, the others as they are
    w = theta[0].copy()
    w[row, column] += change
    return loss_at([w, *theta[1:]], x_batch, t_train[first])


row, column = np.unravel_index(np.abs(slopes[0]).argmax(), (64, 32))
exact = slopes[0][row, column]
numeric = (loss_with(1e-5) - loss_with(-1e-5)) / 2e-5
print(exact, numeric)
# --8<-- [end:difference]

# --8<-- [start:shares]
weight = theta[0][row, column]
by_removal = loss_with(0) - loss_with(-weight)
print(f"{exact:.4f} {by_removal:.4f}")
# --8<-- [end:shares]


# --8<-- [start:descend]
def descend(theta, batches, rate=0.5, x=x_train, t=t_train):
    for batch in batches:
        slopes = backward(x[batch], t[batch], *theta)
        theta = [sgd(a, g, rate) for a, g in zip(theta, slopes)]
    return theta


# --8<-- [end:descend]


# --8<-- [start:fresh]
def fresh(rng):
    shapes = [(64, 32), (32, 10)]
    w, v = (rng.uniform(-1, 1, s) * glorot_limit(*s) for s in shapes)
    return [w, np.zeros(32), v, np.zeros(10)]


def shuffled(rng, epochs, size=32, n=1280):
    orders = [rng.permutation(n) for _ in range(epochs)]
    return np.concatenate(orders).reshape(-1, size)


# --8<-- [end:fresh]


# --8<-- [start:tools]
def accuracy(theta, x, y):
    w, b, v, c = theta
    answers = scores(hidden(x, w, b), v, c).argmax(axis=1)
    return float((answers == y).mean())


def draw(x, runs, label=None):
    mean, std = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
    plt.errorbar(x, mean, std, fmt="o-", capsize=3, label=label)


# --8<-- [end:tools]

# --8<-- [start:scales]
mean, std = x_train.mean(axis=0), x_train.std(axis=0)
rules = {
    "0 to 16": lambda x: 16 * x,
    "0 to 1": lambda x: x,
    "standardized": lambda x: (x - mean) / (std + 0.01),  # (1)!
}
rates = 10.0 ** np.arange(-2.5, 0.6, 0.5)
# --8<-- [end:scales]


# --8<-- [start:scales_run]
def try_scale(k, rule, rate):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 5)
    end = descend(begin, batches, rate, rule(x_train))
    return accuracy(end, rule(x_val), y_val)


scale_best = {}  # measured: seed
for name, rule in rules.items():
    runs = [[try_scale(k, rule, r) for r in rates] for k in range(5)]
    scale_best[name] = float(np.mean(runs, axis=0).max())
    draw(rates, runs, name)
plt.xscale("log")
plt.xlabel("learning rate")
plt.ylabel("validation accuracy")
plt.legend()
plt.show()
# --8<-- [end:scales_run]


# --8<-- [start:shift]
def shift(x, rng):
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    down, right = rng.integers(0, 3, (2, len(x)))
    windows = zip(padded, down, right)
    moved = [image[i : i + 8, j : j + 8] for image, i, j in windows]
    return np.reshape(moved, (-1, 64))


x_moved = shift(x_test, rng)
_, axes = plt.subplots(1, 6, figsize=(6, 1.2))
for k, ax in enumerate(axes):
    ax.imshow(
        (x_test, x_moved)[k % 2][k // 2].reshape(8, 8), cmap="gray"
    )
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
    ends, tests = (plain, moving), (x_test, x_moved)
    augmented.append([
        accuracy(e, x, y_test) for e in ends for x in tests
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
init_mean, init_units = {}, {}
for name, make in starts.items():
    seeded = [np.random.default_rng([seed, k]) for k in range(5)]
    ends = [descend(make(r), shuffled(r, 10)) for r in seeded]
    right = [  # measured: seed
        accuracy(end, x_val, y_val) for end in ends
    ]
    init_mean[name] = float(np.mean(right))
    init_units[name] = np.unique(ends[0][0].round(9), axis=1).shape[1]
    print(f"{name:12} {init_mean[name]:.3f} {init_units[name]:3}")
# --8<-- [end:symmetry_run]


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
w, b, v, c = descend(fresh(np.random.default_rng(seed)), in_order)
answers = scores(hidden(x_val, w, b), v, c).argmax(axis=1)
nines = (answers == 9).mean()
print(f"{nines:.0%} called a nine")
# --8<-- [end:nines]


# --8<-- [start:noise]
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

# --8<-- [start:rates_plot]
draw(rates, finals, None)
plt.axhline(np.log(10), color="gray", linestyle="--")
plt.xscale("log")
plt.yscale("log")
plt.xlabel("learning rate")
plt.ylabel("training loss")
plt.show()
# --8<-- [end:rates_plot]


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
