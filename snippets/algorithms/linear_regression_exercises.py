# --8<-- [start:absolute]
def fit_absolute(x, y, rounds=200):
    w, b = fit_line(x, y)
    for _ in range(rounds):  # (1)!
        trust = 1 / np.maximum(abs(line(x, w, b) - y), 1e-6)
        x_bar, y_bar = np.average([x, y], axis=1, weights=trust)
        pull = trust * (x - x_bar)
        w = (pull * (y - y_bar)).sum() / (pull * (x - x_bar)).sum()
        b = y_bar - w * x_bar
    return float(w), float(b)


# --8<-- [end:absolute]

# --8<-- [start:outlier]
spoiled = y_all.copy()
spoiled[np.argmax(bmi)] *= 100
w_spoiled = fit_line(bmi, spoiled)[0]
w_abs, w_abs_spoiled = (
    fit_absolute(bmi, y)[0] for y in (y_all, spoiled)
)
print(w_line, w_spoiled)
print(w_abs, w_abs_spoiled)
# --8<-- [end:outlier]

# --8<-- [start:units]
in_units = bmi * 0.2048
w_units, b_units = map(float, fit_line(in_units, y_all))
same = np.allclose(line(in_units, w_units, b_units), fitted)
print(w_units, w_line / 0.2048, b_units, same)
# --8<-- [end:units]


# --8<-- [start:ridge]
def ridge(x, y, strength):
    gram = x.T @ x + strength * len(x) * np.eye(x.shape[1])
    return np.linalg.solve(gram, x.T @ (y - y.mean())), y.mean()


ridge_r2, ridge_s1 = [], []
for strength in (0.0, 0.01, 0.1, 1.0, 10.0):
    w, b = ridge(x_train, y_train, strength)
    ridge_r2.append(float(r_squared(y_test, predict(x_test, w, b))))
    ridge_s1.append(float(w[s1]))
    print(strength, ridge_r2[-1], ridge_s1[-1])
# --8<-- [end:ridge]

# --8<-- [start:noise_columns]
junk_counts, junk_train, junk_test = [0, 50, 100, 200, 300], [], []
for extra in junk_counts:
    wider = np.hstack([x_all, np.random.normal(size=(patients, extra))])
    w = np.linalg.lstsq(with_ones(wider[train]), y_train)[0]
    told = with_ones(wider) @ w
    junk_train.append(float(r_squared(y_train, told[train])))
    junk_test.append(float(r_squared(y_test, told[test])))
    print(extra, junk_train[-1], junk_test[-1])
# --8<-- [end:noise_columns]

# --8<-- [start:minibatch]
loss_after = {}
for decay in (False, True):
    w, b = np.zeros(d), 0.0
    for step in range(4000):
        pick = np.random.choice(len(x_train), 16)
        rate = 0.02 / (1 + step / 200) if decay else 0.02
        grad_w, grad_b = gradient(w, b, x_train[pick], y_train[pick])
        w, b = w - rate * grad_w, b - rate * grad_b
    y_hat = predict(x_train, w, b)
    loss_after[decay] = float(mse(y_train, y_hat) - best_loss)
steady_excess, decayed_excess = loss_after[False], loss_after[True]
print(steady_excess, decayed_excess)
# --8<-- [end:minibatch]
