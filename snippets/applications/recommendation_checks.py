# --8<-- [start:load]
assert (n_users, n_films, len(stars)) == (943, 1682, 100_000)
assert np.bincount(user).min() == 20
assert set(stars.tolist()) == {1, 2, 3, 4, 5}
assert train.sum() + validation.sum() + test.sum() == len(stars)
assert set(test.sum(1)) == {10} and set(validation.sum(1)) == {5}
assert (np.diff(when)[np.diff(user) == 0] >= 0).all()  # by time
assert abs(median_minutes - 49.35) < 0.01
assert abs(one_second - 0.5056) < 0.0001
# --8<-- [end:load]

# --8<-- [start:measure]
from sklearn.metrics import ndcg_score

random_scores = np.random.default_rng(1).random((50, 40))
random_target = np.random.default_rng(2).integers(0, 2, (50, 40))
ours_recall, ours_ndcg = measure(
    random_scores, np.zeros((50, 40)), random_target
)
for u in range(50):
    theirs = ndcg_score([random_target[u]], [random_scores[u]], k=10)
    assert np.isclose(ours_ndcg[u], theirs)
    ten = set(np.argsort(-random_scores[u])[:10])
    good = set(np.flatnonzero(random_target[u]))
    share = len(ten & good) / min(10, len(good))
    assert np.isclose(ours_recall[u], share)
assert abs(pop_recall.mean() - 0.0785) < 0.001
assert abs(pop_ndcg.mean() - 0.0627) < 0.001
assert abs(mean_found - 0.7084) < 0.005
# --8<-- [end:measure]

# --8<-- [start:linear]
from sklearn.linear_model import Ridge

B_500 = weights["EASE, 500"]
ridge = Ridge(alpha=500, fit_intercept=False)
ridge.fit(train[:, 1:], train[:, 0])
assert np.allclose(B_500[1:, 0], ridge.coef_, atol=1e-6)
assert abs(r_line_equal - 0.146) < 0.001
assert abs(r_line - 0.193) < 0.001
# --8<-- [end:linear]

# --8<-- [start:factors]
assert abs(rmse_biases - 0.981) < 0.001
assert rmse_factors < 0.979
assert stars_recall < 0.0037
assert films_recall > 0.12
# --8<-- [end:factors]

# --8<-- [start:towers]
assert validation_recall > 0.183
# --8<-- [end:towers]

# --8<-- [start:test]
assert towers_recall > 0.138
assert towers_ndcg > 0.153
assert gain > -0.024
assert gain < 0.02
assert popular_gain > 0.06
assert stars_gain > 0.001
for name, (r, _) in results.items():
    assert abs(of_ten[name] - r.sum() * 10 / n_users) < 1e-9
    assert abs(recalls[name] - r.sum() / n_users) < 1e-9
equal, latest = recalls["EASE"], recalls["EASE, latest first"]
assert abs(latest - equal - order_gain) < 1e-9
assert abs(order_gain - 0.031) < 0.002
assert abs(order_interval[0] - 0.022) < 0.002
assert abs(order_interval[1] - 0.039) < 0.002
# --8<-- [end:test]

# --8<-- [start:few]
assert abs(one_line - 0.117) < 0.002
assert one_towers < 0.109
# --8<-- [end:few]

# --8<-- [start:titles]
assert n_parameters == 22_713_216
published = [
    [1, 0.6660, 0.1046],
    [0.6660, 1, 0.1411],
    [0.1046, 0.1411, 1],
]
assert np.allclose(likeness, published, atol=1e-4)
assert np.allclose(np.linalg.norm(title_vectors, axis=1), 1)
# --8<-- [end:titles]

# --8<-- [start:unrated]
gained = cold_recalls["with titles"] - cold_recalls["genres and years"]
assert abs(gained - title_gain) < 1e-9
assert title_gain > -0.01
assert title_gain < 0.014
# --8<-- [end:unrated]
