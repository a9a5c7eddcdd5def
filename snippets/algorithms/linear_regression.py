# --8<-- [start:import]
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_diabetes

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:load]
data = load_diabetes(scaled=False)
names = data.feature_names
x_all, y_all = data.data, data.target
patients, d = x_all.shape
y_min, y_max = y_all.min(), y_all.max()
print(patients, names)
print(x_all[0].round(2), y_all[0])
# --8<-- [end:load]

# --8<-- [start:whole]
bmi = x_all[:, 2]
w_fit, b_fit = map(float, np.polyfit(bmi, y_all, deg=1))
ends = np.array([bmi.min(), bmi.max()])
fitted = w_fit * bmi + b_fit
plt.vlines(bmi, fitted, y_all, color="tab:orange", alpha=0.3, lw=0.8)
plt.plot(bmi, y_all, "o", color="tab:blue", markersize=3)
plt.plot(ends, w_fit * ends + b_fit, color="tab:green", lw=2)
plt.title(f"$y = {w_fit:.1f}\\,x {b_fit:+.0f}$")
plt.xlabel("body mass index")
plt.ylabel("progression after a year")
plt.show()
# --8<-- [end:whole]


# --8<-- [start:line]
def line(x, w, b):
    return w * x + b


# --8<-- [end:line]

# --8<-- [start:guess]
guess = line(30.0, w=10.0, b=-120.0)
print(guess)
# --8<-- [end:guess]


# --8<-- [start:mse]
def mse(y, y_hat):
    return ((y - y_hat) ** 2).mean()


# --8<-- [end:mse]

# --8<-- [start:two_guesses]
first = mse(y_all, line(bmi, w=10.0, b=-120.0))
second = mse(y_all, line(bmi, w=4.0, b=50.0))
print(first, second)
# --8<-- [end:two_guesses]


# --8<-- [start:density]
def negative_log_likelihood(y, y_hat, sigma):
    squares = ((y - y_hat) ** 2).sum()
    constant = len(y) / 2 * np.log(2 * np.pi * sigma**2)
    return constant + squares / (2 * sigma**2)


# --8<-- [end:density]

# --8<-- [start:likelihood]
sigma = 60.0
for w, b in [(10.0, -120.0), (4.0, 50.0)]:
    y_hat = line(bmi, w, b)
    print(w, b, mse(y_all, y_hat))
    print(negative_log_likelihood(y_all, y_hat, sigma))
# --8<-- [end:likelihood]


# --8<-- [start:gradient]
def predict(x, w, b):
    return x @ w + b


def gradient(w, b, x, y):
    error = predict(x, w, b) - y
    return 2 * x.T @ error / len(y), 2 * error.mean()  # (1)!


# --8<-- [end:gradient]


# --8<-- [start:fit_line]
def fit_line(x, y):
    x_bar, y_bar = x.mean(), y.mean()
    covariation = ((x - x_bar) * (y - y_bar)).sum()
    w = covariation / ((x - x_bar) ** 2).sum()
    return w, y_bar - w * x_bar


# --8<-- [end:fit_line]

# --8<-- [start:best_line]
w_line, b_line = map(float, fit_line(bmi, y_all))
line_loss = mse(y_all, line(bmi, w_line, b_line))
print(w_line, b_line, line_loss)
# --8<-- [end:best_line]


# --8<-- [start:normal_equations]
def with_ones(x):
    return np.column_stack([x, np.ones(len(x))])


def solve_normal_equations(x, y):
    design = with_ones(x)
    return np.linalg.solve(design.T @ design, design.T @ y)


# --8<-- [end:normal_equations]

# --8<-- [start:solved]
solution = solve_normal_equations(bmi[:, np.newaxis], y_all)
print(solution, w_line, b_line)
# --8<-- [end:solved]


# --8<-- [start:standardize]
def standardize(x, mean, std):
    return (x - mean) / std


# --8<-- [end:standardize]

# --8<-- [start:standardized]
z = standardize(bmi, bmi.mean(), bmi.std())[:, np.newaxis]
w_best, b_best = map(float, fit_line(z[:, 0], y_all))
print(w_best, b_best)
# --8<-- [end:standardized]


# --8<-- [start:descend]
def descend(x, y, learning_rate, steps):
    w, b = np.zeros(x.shape[1]), 0.0
    walk = [(*w, b)]
    for _ in range(steps):
        grad_w, grad_b = gradient(w, b, x, y)
        w, b = w - learning_rate * grad_w, b - learning_rate * grad_b
        walk.append((*w, b))
    return w, b, np.array(walk)


# --8<-- [end:descend]

# --8<-- [start:walk]
w_gd, b_gd, walk = descend(z, y_all, learning_rate=0.05, steps=200)
gd_gap = abs(np.array([w_gd[0] - w_best, b_gd - b_best])).max()
print(w_gd, b_gd, gd_gap)
# --8<-- [end:walk]

# --8<-- [start:surface]
figure, (left, right) = plt.subplots(1, 2, layout="constrained")
left.plot(z, y_all, "o", color="tab:gray", markersize=2, alpha=0.5)
for step in (0, 4, 12, 200):
    left.plot(z, line(z, *walk[step]), label=f"step {step}")
left.set(xlabel="BMI, standardized", ylabel="progression")
left.legend(fontsize=8)
w_grid, b_grid = np.meshgrid(
    np.linspace(-40, 120, 50), np.linspace(-20, 250, 50)
)
every = z[:, 0, np.newaxis, np.newaxis]
error = w_grid * every + b_grid - y_all[:, np.newaxis, np.newaxis]
surface = (error**2).mean(axis=0)
right.contour(w_grid, b_grid, surface, levels=12, alpha=0.7)
right.plot(*walk.T, "o-", color="tab:orange", markersize=3)
right.plot(w_best, b_best, "*", color="tab:red", markersize=12)
right.set(xlabel="w", ylabel="b")
plt.show()
# --8<-- [end:surface]

# --8<-- [start:tape]
w_tf = tf.Variable(np.zeros((1, 1)))
b_tf = tf.Variable(np.zeros(1))
for _ in range(200):
    with tf.GradientTape() as tape:
        y_hat = z @ w_tf + b_tf
        loss = tf.reduce_mean((y_all[:, np.newaxis] - y_hat) ** 2)
    grad_w, grad_b = tape.gradient(loss, [w_tf, b_tf])
    w_tf.assign_sub(0.05 * grad_w)
    b_tf.assign_sub(0.05 * grad_b)
print(w_tf.numpy(), b_tf.numpy())
# --8<-- [end:tape]

# --8<-- [start:keras]
dense = keras.layers.Dense(
    1, kernel_initializer="zeros", dtype="float64"
)
model = keras.Sequential([keras.Input((1,), dtype="float64"), dense])
model.compile(keras.optimizers.SGD(0.05), loss="mse")
model.fit(z, y_all, batch_size=patients, epochs=200, verbose=0)  # (1)!
w_keras, b_keras = (float(v.numpy().item()) for v in model.weights)
print(w_keras, b_keras)
# --8<-- [end:keras]

# --8<-- [start:split]
order = np.random.permutation(patients)
test, train = order[:110], order[110:]
mean, std = x_all[train].mean(axis=0), x_all[train].std(axis=0)
x_train, y_train = standardize(x_all[train], mean, std), y_all[train]
x_test, y_test = standardize(x_all[test], mean, std), y_all[test]
print(x_train.shape, x_test.shape)
# --8<-- [end:split]


# --8<-- [start:r_squared]
def r_squared(y, y_hat):
    return 1 - ((y - y_hat) ** 2).sum() / ((y - y.mean()) ** 2).sum()


# --8<-- [end:r_squared]

# --8<-- [start:evaluate]
baseline = np.full(len(y_test), y_train.mean())
*w_bmi, b_bmi = solve_normal_equations(x_train[:, 2:3], y_train)
*w_ten, b_ten = solve_normal_equations(x_train, y_train)
by_bmi = predict(x_test[:, 2:3], np.array(w_bmi), b_bmi)
by_ten = predict(x_test, np.array(w_ten), b_ten)
for guess in (baseline, by_bmi, by_ten):
    print(r_squared(y_test, guess), np.sqrt(mse(y_test, guess)))
# --8<-- [end:evaluate]

# --8<-- [start:results]
baseline_rmse = np.sqrt(mse(y_test, baseline))
test_rmse = np.sqrt(mse(y_test, by_ten))
bmi_r2 = r_squared(y_test, by_bmi)
test_r2 = r_squared(y_test, by_ten)
baseline_r2 = r_squared(y_test, baseline)
by_ten_train = predict(x_train, np.array(w_ten), b_ten)
train_r2 = r_squared(y_train, by_ten_train)
print(train_r2, test_r2)
# --8<-- [end:results]

# --8<-- [start:scatter]
plt.plot(y_test, by_ten, "o", color="tab:blue", markersize=4)
plt.plot([y_min, y_max], [y_min, y_max], "--", color="tab:gray")
plt.axhline(y_train.mean(), color="tab:orange")
plt.xlabel("what happened")
plt.ylabel("what was predicted")
plt.show()
# --8<-- [end:scatter]

# --8<-- [start:bootstrap]
draws = []
for _ in range(200):
    again = np.random.choice(len(x_train), len(x_train))
    draws.append(solve_normal_equations(x_train[again], y_train[again]))
spread = np.std(draws, axis=0)[:d]
for name, weight, std_of_w in zip(names, w_ten, spread):
    print(f"{name:4} {weight:7.1f} ± {std_of_w:5.1f}")
# --8<-- [end:bootstrap]

# --8<-- [start:collinear]
s1, s2, bmi_at = names.index("s1"), names.index("s2"), 2
twins = np.corrcoef(x_train[:, s1], x_train[:, s2])[0, 1]
s1_spread, bmi_spread = spread[s1], spread[bmi_at]
sum_spread = np.std(np.array(draws)[:, [s1, s2]].sum(axis=1))
print(twins, s1_spread, bmi_spread, sum_spread)
# --8<-- [end:collinear]

# --8<-- [start:condition]
raw = with_ones(x_all[train])
scaled = with_ones(x_train)
kappa_raw = np.linalg.cond(raw)
kappa_scaled = np.linalg.cond(scaled)
kappa_gram = np.linalg.cond(scaled.T @ scaled)
print(kappa_raw, kappa_scaled, kappa_gram, kappa_scaled**2)
# --8<-- [end:condition]

# --8<-- [start:copy]
in_mmol = np.round(x_all[train, s1] / 38.67, 2)  # (1)!
doubled = np.column_stack([
    x_train,
    standardize(in_mmol, in_mmol.mean(), in_mmol.std()),
])
design = with_ones(doubled).astype("float32")
answers = y_train.astype("float32")
kappa_copy = np.linalg.cond(design.astype("float64"))
epsilon = np.finfo("float32").eps
expected_solved = kappa_copy * epsilon
expected_squared = kappa_copy**2 * epsilon
print(expected_solved, expected_squared)
# --8<-- [end:copy]

# --8<-- [start:three_ways]
rows, column = tf.constant(design), tf.constant(answers[:, np.newaxis])
gram, moments = design.T @ design, design.T @ answers
three_ways = {  # measured: rounding
    "inverse": np.linalg.inv(gram) @ moments,
    "Cholesky": tf.linalg.lstsq(rows, column).numpy()[:, 0],  # (1)!
    "QR": tf.linalg.lstsq(rows, column, fast=False).numpy()[:, 0],
}
# --8<-- [end:three_ways]

# --8<-- [start:lost]
exact = np.linalg.lstsq(design.astype("float64"), y_train)[0]
lost = {}
for way, w in three_ways.items():
    lost[way] = float(np.linalg.norm(w - exact) / np.linalg.norm(exact))
    print(f"{way:8} relative error {lost[way]:.1e}")
lost_inverse, lost_qr = lost["inverse"], lost["QR"]
lost_cholesky = lost["Cholesky"]
# --8<-- [end:lost]


# --8<-- [start:hessian]
def hessian(x):
    return 2 * x.T @ x / len(x)


# --8<-- [end:hessian]

# --8<-- [start:limit]
curvatures = np.linalg.eigvalsh(hessian(scaled))
rate_limit = 2 / curvatures.max()
flattest, steepest = curvatures.min(), curvatures.max()
print(flattest, steepest, rate_limit)
# --8<-- [end:limit]

# --8<-- [start:rates]
best_loss = mse(y_train, by_ten_train)
for factor in (0.05, 0.5, 0.98, 1.02):
    *_, walk = descend(x_train, y_train, factor * rate_limit, 100)
    y_hats = scaled @ walk.T
    excess = ((y_hats - y_train[:, np.newaxis]) ** 2).mean(
        0
    ) - best_loss
    plt.semilogy(excess, label=f"{factor} × limit")
plt.xlabel("step")
plt.ylabel("loss above the minimum")
plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
plt.show()
# --8<-- [end:rates]


# --8<-- [start:steps]
def steps_needed(x, y, share=0.01):
    lambdas, directions = np.linalg.eigh(hessian(x))
    offset = directions.T @ np.linalg.lstsq(x, y)[0]
    shrink = 1 - lambdas / lambdas.max()  # (1)!
    start = lambdas @ offset**2
    for step in 2 ** np.arange(40):
        if lambdas @ (offset * shrink**step) ** 2 < share * start:
            return int(step)


# --8<-- [end:steps]

# --8<-- [start:two_scales]
centered = y_train - y_train.mean()
steps_raw = steps_needed(raw, centered)
steps_scaled = steps_needed(scaled, centered)
print(steps_raw, steps_scaled)
# --8<-- [end:two_scales]


# --8<-- [start:dense]
def dense_layer(x, w, b):
    return x @ w + b


# --8<-- [end:dense]

# --8<-- [start:dense_equal]
layer = keras.layers.Dense(3, dtype="float64")
from_keras = layer(x_test).numpy()
by_hand = dense_layer(x_test, *(v.numpy() for v in layer.weights))
dense_gap = abs(by_hand - from_keras).max()
print(from_keras.shape, dense_gap)
# --8<-- [end:dense_equal]

# --8<-- [start:gpt3]
width, layers = 12288, 96
attention = 4 * width**2
feed_forward = 2 * width * 4 * width
linear_weights = layers * (attention + feed_forward)
linear_share = linear_weights / 175e9
print(f"{linear_weights:,} {linear_share:.1%}")
# --8<-- [end:gpt3]


# --8<-- [start:excess]
def excess_error(n, d=10, sigma=1.0):
    truth = np.random.normal(size=d)
    x = np.random.normal(size=(n, d))
    y = x @ truth + sigma * np.random.normal(size=n)
    w = np.linalg.lstsq(x, y)[0]
    return ((w - truth) ** 2).sum()  # (1)!


# --8<-- [end:excess]

# --8<-- [start:sizes]
sizes = [20, 40, 80, 160, 320, 640, 1280]
excesses = [
    np.mean([excess_error(n) for _ in range(400)]) for n in sizes
]
print(np.round(excesses, 4))
# --8<-- [end:sizes]

# --8<-- [start:power_law]
log_n, log_e = np.log(sizes), np.log(excesses)
exponent, offset = map(float, fit_line(log_n[1:5], log_e[1:5]))
promised = np.exp(line(log_n[-1], exponent, offset))
measured = excesses[-1]
print(exponent, promised, measured)
# --8<-- [end:power_law]

# --8<-- [start:power_plot]
used, held = slice(1, 5), [0, 5, 6]
plt.loglog(sizes, np.exp(line(log_n, exponent, offset)), "--")
plt.loglog(sizes[used], excesses[used], "o", color="tab:blue")
kept = [excesses[i] for i in held]
plt.loglog([sizes[i] for i in held], kept, "s", color="tab:orange")
plt.xlabel("training examples")
plt.ylabel("error above the noise")
plt.show()
# --8<-- [end:power_plot]
