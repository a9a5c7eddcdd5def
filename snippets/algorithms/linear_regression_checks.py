# --8<-- [start:closed_form]
assert np.allclose([w_line, b_line], [w_fit, b_fit], rtol=1e-9)
assert np.allclose(solution, [w_fit, b_fit], rtol=1e-9)
grad_w, grad_b = gradient(solution[:1], b_line, bmi[:, None], y_all)
assert abs(grad_w[0]) < 1e-6 and abs(grad_b) < 1e-6
# --8<-- [end:closed_form]

# --8<-- [start:likelihood]
from statistics import NormalDist

y_hat = line(bmi, w=10.0, b=-120.0)
densities = [NormalDist(m, sigma).pdf(v) for m, v in zip(y_hat, y_all)]
by_library = -np.log(densities).sum()
by_hand = negative_log_likelihood(y_all, y_hat, sigma)
assert np.isclose(by_library, by_hand, rtol=1e-12)
# --8<-- [end:likelihood]

# --8<-- [start:equality]
assert np.isclose(gd_gap, 0, atol=1e-6)
assert np.allclose(w_tf.numpy(), w_gd, rtol=0, atol=1e-9)
assert np.allclose(b_tf.numpy(), b_gd, rtol=0, atol=1e-9)
assert np.allclose([w_keras, b_keras], [w_gd[0], b_gd], atol=1e-5)
# --8<-- [end:equality]

# --8<-- [start:results]
from sklearn.linear_model import LinearRegression

library = LinearRegression().fit(x_train, y_train)
assert np.allclose(library.coef_, w_ten, rtol=1e-8)
assert np.isclose(library.score(x_test, y_test), test_r2, rtol=1e-9)
assert test_r2 > 0.15
# --8<-- [end:results]

# --8<-- [start:condition]
assert np.isclose(kappa_gram, kappa_scaled**2, rtol=1e-6)
assert 10 * lost["QR"] < min(lost["Cholesky"], lost["inverse"])
# --8<-- [end:condition]

# --8<-- [start:rates]
below = descend(x_train, y_train, 0.98 * rate_limit, 2000)[2]
above = descend(x_train, y_train, 1.02 * rate_limit, 2000)[2]
best = np.array([*w_ten, b_ten])
start = np.linalg.norm(best)
left_below = np.linalg.norm(below[-1] - best)
left_above = np.linalg.norm(above[-1] - best)
assert left_below < start < left_above / 1000
# --8<-- [end:rates]

# --8<-- [start:dense]
assert np.allclose(by_hand, from_keras, rtol=0, atol=1e-10)
# --8<-- [end:dense]

# --8<-- [start:gpt3]
assert np.isclose(linear_share * 175e9, 12 * layers * width**2)
# --8<-- [end:gpt3]

# --8<-- [start:power_law]
theory = [10 / (n - 10 - 1) for n in sizes]
ratios = np.array(excesses[1:]) / theory[1:]
furthest = float(abs(ratios - 1).max())
assert furthest < 0.1
# --8<-- [end:power_law]
