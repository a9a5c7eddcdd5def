# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:load]
data = load_breast_cancer()
x_all, y_all = data.data, 1.0 - data.target  # (1)!
tumors, d = x_all.shape
malignant = int(y_all.sum())
print(x_all.shape, malignant, tumors - malignant)
# --8<-- [end:load]

# --8<-- [start:straight]
radius = x_all[:, 0]
slope, intercept = map(float, np.polyfit(radius, y_all, deg=1))
straight = slope * radius + intercept
lowest, highest = straight.min(), straight.max()
print(lowest, highest)
# --8<-- [end:straight]

# --8<-- [start:whole]
bent = LogisticRegression(C=np.inf).fit(radius[:, np.newaxis], y_all)
grid = np.linspace(radius.min(), radius.max(), 200)
chance = bent.predict_proba(grid[:, np.newaxis])[:, 1]
plt.axhspan(1, 1.7, color="tab:gray", alpha=0.15, lw=0)
plt.axhspan(-0.5, 0, color="tab:gray", alpha=0.15, lw=0)
plt.plot(radius, y_all, "|", color="tab:blue", markersize=9)
plt.plot(grid, slope * grid + intercept, color="tab:orange")
plt.plot(grid, chance, color="tab:green", lw=2)
plt.text(24, 1.45, "straight line", color="tab:orange", ha="right")
plt.text(17, 0.3, "logistic regression", color="tab:green")
plt.ylim(-0.5, 1.7)
plt.xlabel("mean radius")
plt.ylabel("chance of malignant")
plt.show()
# --8<-- [end:whole]


# --8<-- [start:sigmoid]
def score(x, w, b):
    return w * x + b


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def log_odds(p):
    return np.log(p / (1 - p))


# --8<-- [end:sigmoid]

# --8<-- [start:shapes]
z = np.linspace(-8, 8, 200)
for w, b in [(1.0, 0.0), (3.0, 0.0), (1.0, 3.0)]:
    p = sigmoid(score(z, w, b))
    plt.plot(z, p, label=f"w = {w:g}, b = {b:g}")
plt.axhline(0.5, color="tab:gray", linestyle=":", linewidth=1)
plt.xlabel("x")
plt.ylabel("p")
plt.legend()
plt.show()
# --8<-- [end:shapes]


# --8<-- [start:likelihood]
def log_loss(y, p):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


# --8<-- [end:likelihood]

# --8<-- [start:prices]
certainty = [0.5, 0.9, 0.99, 0.01]
prices = [-np.log(p) for p in certainty]
print(np.round(prices, 3))
# --8<-- [end:prices]


# --8<-- [start:gradient]
def predict(x, w, b):
    return sigmoid(x @ w + b)


def gradient(w, b, x, y):
    error = predict(x, w, b) - y
    return x.T @ error / len(y), error.mean()


# --8<-- [end:gradient]

# --8<-- [start:pair]
chosen = [0, 1]
pair = x_all[:, chosen]
x = (pair - pair.mean(axis=0)) / pair.std(axis=0)
y = y_all
print(data.feature_names[chosen])
# --8<-- [end:pair]


# --8<-- [start:descend]
def descend(x, y, learning_rate, steps):
    w, b, losses = np.zeros(x.shape[1]), 0.0, []
    for _ in range(steps):
        losses.append(log_loss(y, predict(x, w, b)))
        grad_w, grad_b = gradient(w, b, x, y)
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
    return w, b, losses


# --8<-- [end:descend]

# --8<-- [start:train]
w_gd, b_gd, losses = descend(x, y, learning_rate=1.0, steps=500)
first_loss, last_loss = losses[0], losses[-1]
print(w_gd, b_gd)
print(first_loss, last_loss)
# --8<-- [end:train]

# --8<-- [start:boundary]
u, v = np.meshgrid(
    np.linspace(-2.5, 4.5, 200), np.linspace(-2.8, 5, 200)
)
p = predict(np.stack([u, v], axis=-1), w_gd, b_gd)
plt.contourf(u, v, p, levels=np.linspace(0, 1, 11), alpha=0.5)
plt.colorbar(label="p(malignant)")
plt.contour(u, v, p, levels=[0.5], colors="tab:red")
plt.plot(*x[y == 0].T, "o", color="tab:orange", ms=3, label="benign")
plt.plot(*x[y == 1].T, "s", color="tab:blue", ms=3, label="malignant")
plt.xlabel("mean radius, standardized")
plt.ylabel("mean texture, standardized")
plt.legend()
plt.show()
# --8<-- [end:boundary]


# --8<-- [start:hessian]
def hessian(w, b, x):
    p = predict(x, w, b)
    return x.T @ ((p * (1 - p))[:, np.newaxis] * x) / len(x)


# --8<-- [end:hessian]


# --8<-- [start:newton]
def newton(x, y, steps):
    rows = np.column_stack([x, np.ones(len(x))])
    theta, slopes = np.zeros(rows.shape[1]), []
    for _ in range(steps):
        slope, _ = gradient(theta, 0.0, rows, y)
        slopes.append(float(np.linalg.norm(slope)))
        theta = theta - np.linalg.solve(
            hessian(theta, 0.0, rows), slope
        )
    return theta, slopes


# --8<-- [end:newton]

# --8<-- [start:converge]
theta, slopes = newton(x, y, steps=8)
newton_loss = log_loss(y, predict(x, theta[:2], theta[2]))
print(theta, [f"{s:.0e}" for s in slopes])
# --8<-- [end:converge]

# --8<-- [start:keras]
layer = keras.layers.Dense(
    1, kernel_initializer="zeros", dtype="float64"
)
model = keras.Sequential([keras.Input((2,), dtype="float64"), layer])
model.compile(
    keras.optimizers.SGD(1.0),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
)
for _ in range(500):
    model.train_on_batch(x, y[:, np.newaxis])
w_keras, b_keras = (v.numpy() for v in model.weights)
print(w_keras.ravel(), b_keras, w_gd, b_gd)
# --8<-- [end:keras]

# --8<-- [start:overflow]
for dtype in ("float32", "float64"):
    z = np.array([17, 40, 89, 710], dtype)
    with np.errstate(all="ignore"):
        log_miss = np.log(1 - sigmoid(z))  # (1)!
        growing = np.exp(z) / (1 + np.exp(z))
    print(dtype, log_miss, growing)
# --8<-- [end:overflow]


# --8<-- [start:edges]
edge = {}
for dtype in ("float32", "float64"):
    z = np.arange(0, 800, 0.01).astype(dtype)
    with np.errstate(all="ignore"):
        saturated = z[sigmoid(z) == 1].min()
        overflows = z[np.isinf(np.exp(z))].min()
    edge[dtype] = [float(saturated), float(overflows)]
saturates_32, overflows_32 = edge["float32"]
saturates_64, overflows_64 = edge["float64"]
print(edge)
# --8<-- [end:edges]


# --8<-- [start:stable]
def stable_sigmoid(z):
    small = np.exp(-np.abs(z))  # (1)!
    return np.where(z >= 0, 1, small) / (1 + small)


def stable_loss(y, z):
    return np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))


# --8<-- [end:stable]

# --8<-- [start:switch]
sigmoid = stable_sigmoid
print(sigmoid(np.array([-1000.0, 0.0, 1000.0])))
# --8<-- [end:switch]


# --8<-- [start:from_logits]
logit = tf.constant([[-30.0]])
truth = tf.constant([[1.0]])
with tf.GradientTape(persistent=True) as tape:
    tape.watch(logit)
    from_p = keras.losses.BinaryCrossentropy()(truth, tf.sigmoid(logit))
    from_z = keras.losses.BinaryCrossentropy(from_logits=True)(
        truth, logit
    )
loss_from_p, loss_from_z = float(from_p), float(from_z)
slope_from_p = float(tape.gradient(from_p, logit)[0, 0])
slope_from_z = float(tape.gradient(from_z, logit)[0, 0])
print(loss_from_p, slope_from_p)
print(loss_from_z, slope_from_z)
# --8<-- [end:from_logits]

# --8<-- [start:split]
order = np.random.permutation(tumors)
test, val, train = order[:140], order[140:250], order[250:]
mean, std = x_all[train].mean(axis=0), x_all[train].std(axis=0)
scaled = (x_all - mean) / std
x_train, y_train = scaled[train], y_all[train]
x_val, y_val = scaled[val], y_all[val]
x_test, y_test = scaled[test], y_all[test]
# --8<-- [end:split]

# --8<-- [start:decay]
decays = [0.0, 0.001, 0.01, 0.1, 1.0]
val_losses, weights = [], []
for decay in decays:
    w, b = np.zeros(d), 0.0
    for _ in range(4000):
        grad_w, grad_b = gradient(w, b, x_train, y_train)
        w, b = w - 0.3 * (grad_w + decay * w), b - 0.3 * grad_b
    weights.append((w, b))
    val_losses.append(float(stable_loss(y_val, x_val @ w + b).mean()))
    print(decay, val_losses[-1], np.linalg.norm(w))
# --8<-- [end:decay]

# --8<-- [start:evaluate]
best = np.argmin(val_losses)
decay, (w, b) = decays[best], weights[best]
p_test = predict(x_test, w, b)
test_accuracy = ((p_test > 0.5) == y_test).mean()
baseline_accuracy = (y_test == 0).mean()
test_loss = stable_loss(y_test, x_test @ w + b).mean()
print(decay, test_accuracy, baseline_accuracy, test_loss)
# --8<-- [end:evaluate]


# --8<-- [start:confusion]
def confusion(y, guess):
    return tf.math.confusion_matrix(y, guess).numpy()


# --8<-- [end:confusion]

# --8<-- [start:at_half]
at_half = confusion(y_test, p_test > 0.5)
false_alarms, missed = at_half[0, 1], at_half[1, 0]
print(at_half)
# --8<-- [end:at_half]


# --8<-- [start:threshold]
def cheapest_threshold(false_alarm, miss):
    return false_alarm / (false_alarm + miss)


# --8<-- [end:threshold]

# --8<-- [start:cautious]
cautious = cheapest_threshold(false_alarm=1, miss=20)
at_cautious = confusion(y_test, p_test > cautious)
cautious_alarms = at_cautious[0, 1]
cautious_missed = at_cautious[1, 0]
cost_at_half = false_alarms + 20 * missed
cost_cautious = cautious_alarms + 20 * cautious_missed
print(cautious, at_cautious)
# --8<-- [end:cautious]

# --8<-- [start:apart]
x_apart = np.array([[-2.0], [-1.0], [1.0], [2.0]])
y_apart = np.array([0.0, 0.0, 1.0, 1.0])
step_counts, apart = [100, 1000, 10000, 100000], []
for steps in step_counts:
    w_apart, _, _ = descend(x_apart, y_apart, 1.0, steps)
    apart.append(float(w_apart[0]))
print(np.round(apart, 3), np.log(np.array(step_counts) / 2).round(3))
# --8<-- [end:apart]

# --8<-- [start:runaway]
w, b, history = np.zeros(d), 0.0, []
counted = [10, 100, 1000, 10000, 100000]
for step in range(1, counted[-1] + 1):
    grad_w, grad_b = gradient(w, b, x_train, y_train)
    w, b = w - grad_w, b - grad_b
    if step in counted:
        z, z_test = x_train @ w + b, x_test @ w + b
        history.append((
            float(np.linalg.norm(w)),
            float(stable_loss(y_train, z).mean()),
            float(stable_loss(y_test, z_test).mean()),
            int(((z > 0) != y_train).sum()),
        ))
        print(step, *np.round(history[-1], 4))
# --8<-- [end:runaway]

# --8<-- [start:runaway_plot]
norms, train_losses, test_losses, mistakes = map(list, zip(*history))
runaway_norm, runaway_loss = norms[-1], test_losses[-1]
figure, (left, right) = plt.subplots(1, 2, layout="constrained")
left.semilogx(counted, norms, "o-")
left.set(xlabel="steps", ylabel="length of w")
right.loglog(counted, train_losses, "o-", label="training set")
right.loglog(counted, test_losses, "s-", label="test set")
right.set(xlabel="steps", ylabel="mean log loss")
right.legend()
plt.show()
# --8<-- [end:runaway_plot]


# --8<-- [start:gates]
def glu(a, g):
    return a * sigmoid(g)


def silu(z):
    return z * sigmoid(z)


# --8<-- [end:gates]


# --8<-- [start:comparisons]
patients, severity = load_diabetes(return_X_y=True)
patients = patients / patients.std(axis=0)
shown, hidden = np.split(np.random.permutation(len(patients)), [300])
a, b = np.random.choice(shown, (2, 3000))
a_worse = (severity[a] > severity[b]).astype(float)
print(patients[a].shape, a_worse.mean())
# --8<-- [end:comparisons]

# --8<-- [start:reward]
w_reward = np.zeros(patients.shape[1])
difference = patients[a] - patients[b]
for _ in range(2000):
    slope, _ = gradient(w_reward, 0.0, difference, a_worse)
    w_reward -= 0.3 * slope
reward = patients @ w_reward
# --8<-- [end:reward]


# --8<-- [start:right_order]
def right_order(guess, truth):
    i, j = np.triu_indices(len(truth), k=1)
    differ = truth[i] != truth[j]
    same = (guess[i] > guess[j]) == (truth[i] > truth[j])
    return float(same[differ].mean())


# --8<-- [end:right_order]

# --8<-- [start:compare]
rows = np.column_stack([patients, np.ones(len(patients))])
regression = rows @ np.linalg.lstsq(rows[shown], severity[shown])[0]
reward_order = right_order(reward[hidden], severity[hidden])
regression_order = right_order(regression[hidden], severity[hidden])
print(reward_order, regression_order)
# --8<-- [end:compare]
