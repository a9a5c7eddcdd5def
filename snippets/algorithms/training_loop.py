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
missing = int(np.isnan(images).sum())
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

# --8<-- [start:batch]
batch_size = 32
first = rng.permutation(len(x_train))[:batch_size]
x_batch, y_batch = x_train[first], y_train[first]
print(x_batch.shape, y_batch)
# --8<-- [end:batch]

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


limit = float(glorot_limit(64, 32))
largest = float(np.abs(start[0]).max())
print(f"{limit:.4f} {largest:.4f}")
# --8<-- [end:glorot]

# --8<-- [start:forward]
hidden_layer, output_layer = model.layers
hidden_outputs = hidden_layer(x_batch)
logits = output_layer(hidden_outputs)
print(hidden_outputs.shape, logits.shape)
parameters = model.count_params()
outputs = hidden_outputs.shape[1] + logits.shape[1]
print(parameters, "parameters,", outputs, "outputs per image")
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
after_backward = model.get_weights()
moved = [np.abs(a - b).max() for a, b in zip(after_backward, start)]
print("moved by", moved)
# --8<-- [end:backward]

# --8<-- [start:update]
learning_rate = 0.5
pairs = zip(model.trainable_variables, gradients)
for variable, gradient in pairs:
    variable.assign_sub(learning_rate * gradient)
second_loss = float(loss_of(y_batch, model(x_batch)))
print(f"{first_loss:.4f} -> {second_loss:.4f}")
# --8<-- [end:update]


# --8<-- [start:step]
@tf.function  # (1)!
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    variables = model.trainable_variables
    gradients = tape.gradient(loss, variables)
    for variable, gradient in zip(variables, gradients):
        variable.assign_sub(learning_rate * gradient)
    return loss


# --8<-- [end:step]


# --8<-- [start:loop]
epochs = 20
orders = [rng.permutation(len(x_train)) for _ in range(epochs)]
model.set_weights(start)
train_losses, val_losses = [], []
for order in orders:
    for batch in order.reshape(-1, batch_size):
        train_step(x_train[batch], y_train[batch])
    train_losses.append(float(loss_of(y_train, model(x_train))))
    val_losses.append(float(loss_of(y_val, model(x_val))))
steps = epochs * len(x_train) // batch_size
print(steps, train_losses[-1], val_losses[-1])
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
test_accuracy = float((answers == y_test).mean())
print(f"{test_accuracy:.1%}")
# --8<-- [end:test]

# --8<-- [start:fit]
twin = keras.models.clone_model(model)
twin.set_weights(start)
twin.compile(keras.optimizers.SGD(learning_rate), loss=loss_of)
for order in orders:
    x_epoch, y_epoch = x_train[order], y_train[order]
    twin.fit(
        x_epoch,
        y_epoch,
        batch_size,
        shuffle=False,
        verbose=0,  # (1)!
    )
# --8<-- [end:fit]

# --8<-- [start:same]
mine, fitted = model.get_weights(), twin.get_weights()
gaps = [float(np.abs(a - b).max()) for a, b in zip(mine, fitted)]
fit_gap = max(gaps)
print(gaps)
# --8<-- [end:same]

# --8<-- [start:reshuffled]
other = keras.models.clone_model(model)
other.set_weights(start)
other.compile(keras.optimizers.SGD(learning_rate), loss=loss_of)
other.fit(x_train, y_train, batch_size, epochs, verbose=0)
reshuffled_gap = float(np.abs(other.get_weights()[0] - mine[0]).max())
answers = np.asarray(other(x_test)).argmax(axis=1)
reshuffled_accuracy = float((answers == y_test).mean())
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


def h_gradient(v, e):
    return v @ e


# --8<-- [end:layer_two]


# --8<-- [start:layer_one]
def hidden_error(h, v, e):
    return (1 - h**2) * h_gradient(v, e)


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
chain_gap = max(
    float(np.abs(a - b).max()) for a, b in zip(by_hand, taped)
)
print(f"{chain_gap:.1e}")
# --8<-- [end:one_image_tape]


# --8<-- [start:backprop]
def backward(x, t, w, b, v, c):
    h = hidden(x, w, b)
    e = score_error(scores(h, v, c), t) / len(x)
    d = (1 - h**2) * (e @ v.T)
    return [x.T @ d, d.sum(axis=0), h.T @ e, e.sum(axis=0)]


def loss_at(theta, x, t):
    w, b, v, c = theta
    return mean_loss(t, scores(hidden(x, w, b), v, c))


# --8<-- [end:backprop]

# --8<-- [start:cost]
t_train, t_val = np.eye(10)[y_train], np.eye(10)[y_val]
theta = [array.astype("float64") for array in start]
slopes = backward(x_batch, t_train[first], *theta)
batch_gap = max(
    float(np.abs(a - b).max()) for a, b in zip(slopes, gradients)
)
print(f"{batch_gap:.1e}")
# --8<-- [end:cost]


# --8<-- [start:difference]
def slope(f, at, width):
    return (f(at + width) - f(at - width)) / (2 * width)


def loss_with(value):  # one weight replaced, the others as they are
    changed = [array.copy() for array in theta]
    changed[0][row, column] = value
    return loss_at(changed, x_batch, t_train[first])


row, column = np.unravel_index(np.abs(slopes[0]).argmax(), (64, 32))
exact = slopes[0][row, column]
print(exact, slope(loss_with, theta[0][row, column], 1e-5))
# --8<-- [end:difference]

# --8<-- [start:widths]
widths = 10.0 ** np.arange(-13, 0.5, 0.5)
at = theta[0][row, column]
errors = [
    float(abs(slope(loss_with, at, width) / exact - 1))
    for width in widths
]
best_width = float(widths[np.argmin(errors)])
plt.loglog(widths, errors, "o-")
plt.xlabel("width of the difference")
plt.ylabel("relative error")
plt.show()
# --8<-- [end:widths]


# --8<-- [start:descend]
def fresh(rng):
    shapes = [(64, 32), (32, 10)]
    w, v = (rng.uniform(-1, 1, s) * glorot_limit(*s) for s in shapes)
    return [w, np.zeros(32), v, np.zeros(10)]


def descend(theta, batches, learning_rate=0.5):
    for batch in batches:
        slopes = backward(x_train[batch], t_train[batch], *theta)
        theta = [a - learning_rate * g for a, g in zip(theta, slopes)]
    return theta


def shuffled(rng, epochs, size=32):
    orders = [rng.permutation(len(x_train)) for _ in range(epochs)]
    return np.concatenate(orders).reshape(-1, size)


# --8<-- [end:descend]


# --8<-- [start:tools]
def curve(theta, epochs):
    losses = []
    for batches in epochs:
        theta = descend(theta, batches)
        losses.append(loss_at(theta, x_val, t_val))
    return losses


def draw(x, runs, label):
    mean, std = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
    plt.errorbar(x, mean, std, fmt="o-", capsize=3, label=label)


# --8<-- [end:tools]

# --8<-- [start:sorted]
in_order = np.argsort(y_train, kind="stable").reshape(-1, 32)
tidy, mixed = [], []
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin = fresh(local)
    tidy.append(curve(begin, [in_order] * 20))
    mixed.append(curve(begin, [shuffled(local, 1) for _ in range(20)]))
tidy_start, tidy_end = np.mean(tidy, axis=0)[[0, -1]].tolist()
mixed_start, mixed_end = np.mean(mixed, axis=0)[[0, -1]].tolist()
print(f"{tidy_end:.2f} {mixed_end:.3f}")
# --8<-- [end:sorted]

# --8<-- [start:sorted_plot]
draw(range(1, 21), tidy, "sorted by digit")
draw(range(1, 21), mixed, "shuffled")
plt.axhline(np.log(10), color="gray", linestyle="--")
plt.yscale("log")
plt.xlabel("epoch")
plt.ylabel("validation loss")
plt.legend()
plt.show()
# --8<-- [end:sorted_plot]


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
power = float(np.polyfit(np.log(sizes), np.log(noise), 1)[0])
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
rates = 10.0 ** np.arange(-3, 2.1, 0.5)
finals = []
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 5)
    ends = [descend(begin, batches, rate) for rate in rates]
    finals.append([loss_at(end, x_train, t_train) for end in ends])
rate_means = np.mean(finals, axis=0)
best_rate = float(rates[rate_means.argmin()])
too_big = (rate_means > np.log(10)) & (rates > best_rate)
first_bad = float(rates[too_big][0])
print(f"{best_rate:.2f} {first_bad:.2f}")
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
def after_steps(start, curvature, learning_rate, steps):
    return start * (1 - learning_rate * curvature) ** steps


for rate in (0.1, 0.9, 1.1):  # curvature 2: the limit is 2 / 2 = 1
    print(rate, [after_steps(1.0, 2.0, rate, t) for t in range(4)])
# --8<-- [end:parabola]


# --8<-- [start:momentum]
def momentum_step(parameter, velocity, slope, learning_rate, beta):
    velocity = beta * velocity + slope
    return parameter - learning_rate * velocity, velocity


def smoothed(values, beta):
    mean = 0.0
    for value in values:
        mean = beta * mean + (1 - beta) * value
    return mean


# --8<-- [end:momentum]


# --8<-- [start:momentum_run]
def with_momentum(theta, batches, learning_rate, beta):
    velocities = [np.zeros_like(array) for array in theta]
    for batch in batches:
        slopes = backward(x_train[batch], t_train[batch], *theta)
        moved = [
            momentum_step(*parts, learning_rate, beta)
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


# --8<-- [start:accuracy]
def accuracy(theta):
    w, b, v, c = theta
    answers = scores(hidden(x_val, w, b), v, c).argmax(axis=1)
    return (answers == y_val).mean()


# --8<-- [end:accuracy]

# --8<-- [start:symmetry]
starts = {
    "all zero": lambda rng: [0 * a for a in fresh(rng)],
    "all 0.1": lambda rng: [0 * a + 0.1 for a in fresh(rng)],
    "Glorot / 100": lambda rng: [a / 100 for a in fresh(rng)],
    "Glorot": fresh,
    "Glorot * 20": lambda rng: [a * 20 for a in fresh(rng)],
}
# --8<-- [end:symmetry]

# --8<-- [start:symmetry_run]
init_mean, init_std, init_units = [], [], []
for name, make in starts.items():
    seeded = [np.random.default_rng([seed, k]) for k in range(5)]
    ends = [descend(make(r), shuffled(r, 10)) for r in seeded]
    right = [accuracy(end) for end in ends]
    init_mean.append(float(np.mean(right)))
    init_std.append(float(np.std(right, ddof=1)))
    init_units.append(np.unique(ends[0][0].round(9), axis=1).shape[1])
    print(f"{name:13} {init_mean[-1]:.3f} {init_units[-1]:3} units")
# --8<-- [end:symmetry_run]


# --8<-- [start:he]
def he_deviation(n_in):
    return np.sqrt(2 / n_in)


def glorot_deviation(n_in, n_out):
    return glorot_limit(n_in, n_out) / np.sqrt(3)


# --8<-- [end:he]

# --8<-- [start:depth]
width, depth = 256, 30
choices = {
    "0.2": 0.2,
    "He": he_deviation(width),
    "Glorot": glorot_deviation(width, width),
    "0.01": 0.01,
}
signals = {}
for name, deviation in choices.items():
    signal, signals[name] = rng.normal(size=(width, width)), []
    for _ in range(depth):
        weights = rng.normal(0, deviation, (width, width))
        signal = np.maximum(signal @ weights, 0)  # ReLU
        signals[name].append(float(np.sqrt((signal**2).mean())))
he_last, glorot_last = signals["He"][-1], signals["Glorot"][-1]
# --8<-- [end:depth]

# --8<-- [start:depth_plot]
for name, sizes_seen in signals.items():
    plt.semilogy(range(1, depth + 1), sizes_seen, label=name)
plt.xlabel("layer")
plt.ylabel("size of the signal")
plt.legend()
plt.show()
# --8<-- [end:depth_plot]


# --8<-- [start:stop]
def train_until(theta, patience, most=300):
    best, kept, waited, history = np.inf, theta, 0, []
    while waited < patience and len(history) < most:
        batches = stop_rng.permutation(128).reshape(-1, 32)
        theta = descend(theta, batches)
        history.append(float(loss_at(theta, x_val, t_val)))
        waited += 1
        if history[-1] < best:
            best, kept, waited = history[-1], theta, 0
    return kept, history


# --8<-- [end:stop]

# --8<-- [start:stop_run]
stop_rng = np.random.default_rng(seed)
stop_start = fresh(stop_rng)
kept, history = train_until(stop_start, patience=20)
stopped_after, best_after = len(history), int(np.argmin(history)) + 1
_, endless = train_until(stop_start, patience=300)
stop_best, endless_last = min(history), endless[-1]
print(stopped_after, best_after, stop_best, endless_last)
# --8<-- [end:stop_run]

# --8<-- [start:stop_plot]
plt.plot(range(1, len(endless) + 1), endless, label="without stopping")
plt.plot(range(1, stopped_after + 1), history, label="stopped early")
plt.axvline(best_after, color="gray", linestyle="--")
plt.xlabel("epoch")
plt.ylabel("validation loss")
plt.ylim(0.2, 0.6)
plt.legend()
plt.show()
# --8<-- [end:stop_plot]


# --8<-- [start:accumulate]
def gradients_of(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    return tape.gradient(loss, model.trainable_variables)


big = gradients_of(x_train[:128], y_train[:128])
quarters = [slice(i, i + 32) for i in range(0, 128, 32)]
parts = [gradients_of(x_train[q], y_train[q]) for q in quarters]
mean_parts = [sum(part) / len(quarters) for part in zip(*parts)]
# --8<-- [end:accumulate]

# --8<-- [start:accumulate_same]
accumulation_gap = max(
    float(np.abs(a - b).max()) for a, b in zip(mean_parts, big)
)
print(f"{accumulation_gap:.1e}")
# --8<-- [end:accumulate_same]


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


def rate_at(step, peak, warm, total):
    if step < warm:
        return warm_up(peak, step, warm)
    return cosine(peak, 0.0, step - warm, total - warm)


# --8<-- [end:schedule]

# --8<-- [start:schedule_plot]
plt.plot([rate_at(step, 2.0, 40, 400) for step in range(401)])
plt.xlabel("step")
plt.ylabel("learning rate")
plt.show()
# --8<-- [end:schedule_plot]


# --8<-- [start:recipe]
def careful(theta, batches, rate_of, limit):
    for step, batch in enumerate(batches, start=1):
        slopes = backward(x_train[batch], t_train[batch], *theta)
        slopes, rate = clip(slopes, limit), rate_of(step)
        theta = [a - rate * g for a, g in zip(theta, slopes)]
    return loss_at(theta, x_val, t_val)


def planned(step):
    return rate_at(step, 2.0, 40, 400)


def constant(step):
    return 2.0


# --8<-- [end:recipe]

# --8<-- [start:recipe_run]
recipes = [(constant, 1e9), (planned, 1e9), (constant, 1), (planned, 1)]
outcomes = []
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 10)
    outcomes.append([careful(begin, batches, *r) for r in recipes])
recipe_mean = np.mean(outcomes, axis=0).tolist()
recipe_std = np.std(outcomes, axis=0, ddof=1).tolist()
print(np.round(recipe_mean, 3), np.round(recipe_std, 3))
# --8<-- [end:recipe_run]

# --8<-- [start:half]
trained = descend(theta, shuffled(rng, 20))
late = np.concatenate([
    g.ravel() for g in backward(x_batch, t_train[first], *trained)
])
late = late[late != 0]
lost = float((late.astype("float16") == 0).mean())
lost_scaled = float(((late * 1024).astype("float16") == 0).mean())
unmoved = float(np.float16(1) + np.float16(0.0004))
print(f"{lost:.1%} {lost_scaled:.1%} {unmoved}")
# --8<-- [end:half]


# --8<-- [start:checkpoint]
def adam_model(weights):
    copy = keras.models.clone_model(model)
    copy.set_weights(weights)
    copy.compile("adam", loss=loss_of)
    return copy


def train_on(model, orders):
    for order in orders:
        model.fit(
            x_train[order], y_train[order], shuffle=False, verbose=0
        )


# --8<-- [end:checkpoint]

# --8<-- [start:resume]
straight = adam_model(start)
train_on(straight, orders[:3])
straight.save("halfway.keras")
resumed = keras.models.load_model("halfway.keras")
weights_only = adam_model(straight.get_weights())
for each in (straight, resumed, weights_only):
    train_on(each, orders[3:6])
# --8<-- [end:resume]

# --8<-- [start:resume_same]
goal = straight.get_weights()[0]
resume_gap = float(np.abs(resumed.get_weights()[0] - goal).max())
forget_gap = float(np.abs(weights_only.get_weights()[0] - goal).max())
print(resume_gap, f"{forget_gap:.4f}")
# --8<-- [end:resume_same]
