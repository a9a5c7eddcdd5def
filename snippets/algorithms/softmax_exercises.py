# --8<-- [start:online]
def online_softmax(z):
    top, total = -np.inf, 0.0
    for score in z:
        new_top = max(top, score)
        total = total * np.exp(top - new_top) + np.exp(score - new_top)
        top = new_top
    return np.exp(z - top) / total


long = np.random.normal(0, 3, 10_000)
online_difference = abs(online_softmax(long) - softmax(long)).max()
print(online_difference)
# --8<-- [end:online]


# --8<-- [start:merge]
def merge(tops, totals):
    return (totals * np.exp(tops - tops.max())).sum()


parts = long.reshape(100, 100)
tops = parts.max(axis=1)
totals = np.exp(parts - tops[:, np.newaxis]).sum(axis=1)
merged = merge(tops, totals)
print(merged, np.exp(long - long.max()).sum())
# --8<-- [end:merge]

# --8<-- [start:merge_check]
assert abs(online_difference) < 1e-12
assert np.isclose(merged, np.exp(long - long.max()).sum(), rtol=1e-12)
# --8<-- [end:merge_check]

# --8<-- [start:gumbel]
draws = 100_000
noise = -np.log(-np.log(np.random.uniform(size=(draws, 4))))
winners = (z + noise).argmax(axis=1)
won = np.bincount(winners, minlength=4) / draws
standard_errors = np.sqrt(p * (1 - p) / draws)
gumbel_errors = abs((won - p) / standard_errors).max()
print(won, p, gumbel_errors)
# --8<-- [end:gumbel]

# --8<-- [start:bfloat16]
import ml_dtypes

term, running = ml_dtypes.bfloat16(1), ml_dtypes.bfloat16(0)
stalled_at = 0
while running + term != running:
    running += term
    stalled_at += 1
print(running, stalled_at)
# --8<-- [end:bfloat16]

# --8<-- [start:convex]
from sklearn.linear_model import LogisticRegression

strength = 0.01
w_ridge, b_ridge = np.random.normal(size=(64, 10)), np.zeros(10)
for _ in range(5000):
    slopes = regression_gradients(x_train, w_ridge, b_ridge, t_train)
    w_ridge -= 2 * (slopes[0] + strength * w_ridge)
    b_ridge -= 2 * slopes[1]
solver = LogisticRegression(
    C=1 / (strength * len(x_train)), tol=1e-8, max_iter=1000
).fit(x_train, y_train)
# --8<-- [end:convex]

# --8<-- [start:convex_compare]
ours = softmax(x_test @ w_ridge + b_ridge)
solver_difference = abs(ours - solver.predict_proba(x_test)).max()
ridge_accuracy = (ours.argmax(axis=1) == y_test).mean()
print(solver_difference, ridge_accuracy)
# --8<-- [end:convex_compare]
