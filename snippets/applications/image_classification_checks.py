# --8<-- [start:data]
published = (  # of the training photos, byte by byte
    "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a"
)
assert fingerprint == published
assert np.allclose(means, [125.31, 122.95, 113.87], atol=0.005)
assert n_train == 42_500 and n_valid == 7500
assert len(set(valid) | set(train)) == 50_000
assert (np.bincount(truth) == 5000).all()
# --8<-- [end:data]

# --8<-- [start:cost]
assert parameters == {
    "linear": 30_730,
    "practice": 167_562,
    "small": 392_426,
}
costs = {
    "linear": 3072 * 10,
    "practice": 30 * 30 * 3 * 3 * 3 * 32
    + 13 * 13 * 3 * 3 * 32 * 64
    + 6 * 6 * 64 * 64
    + 64 * 10,
    "small": 32 * 32 * 3 * 3 * 3 * 32
    + 16 * 16 * 3 * 3 * 32 * 64
    + 8 * 8 * 3 * 3 * (64 * 128 + 128 * 256)
    + 256 * 10,
}
for name in models:
    assert np.isclose(millions[name], costs[name] / 1e6)
# --8<-- [end:cost]

# --8<-- [start:normalize]
assert np.allclose(after, by_hand, atol=1e-4)
assert abs(after.mean()) < 1e-4 and abs(after.std() - 1) < 1e-3
# --8<-- [end:normalize]

# --8<-- [start:warmup]
assert np.isclose(float(rate(10)), warm_up(10, 4e-3, steps // 5))
# --8<-- [end:warmup]

# --8<-- [start:test]
from sklearn.metrics import accuracy_score

for name, p in said.items():
    assert np.isclose(
        accuracy[name], accuracy_score(y_test, p.argmax(1))
    )
assert small_accuracy > 0.788
assert linear_accuracy > 0.392
assert gain > 0.1
assert np.isclose(over_linear, small_accuracy - linear_accuracy)
p = small_accuracy
assert np.isclose(10_000 * sampling_error**2, p * (1 - p))
# --8<-- [end:test]

# --8<-- [start:confusion]
from sklearn.metrics import confusion_matrix

draw = np.random.default_rng(1)
a, b = draw.integers(0, 10, (2, 300))
assert (confusion_of(a, b) == confusion_matrix(a, b)).all()
assert confusion.sum() == 10_000 and n_wrong == wrong.sum()
assert np.isclose(1 - n_wrong / 10_000, small_accuracy)
assert cats_and_dogs > 220
assert cat_gap > 0.235 and np.isclose(cat_gap, car_right - cat_right)
assert across < 480
# --8<-- [end:confusion]

# --8<-- [start:robust]
assert damaged["small noisy"][3] < damaged["small noisy"][0] - 0.1
assert damaged["small blurred"][3] < damaged["small blurred"][0] - 0.1
assert np.isclose(
    worse,
    np.subtract(damaged["practice noisy"], damaged["small noisy"])[2],
)
# --8<-- [end:robust]

# --8<-- [start:head]
assert n_borrowed == 4_652_008
more = curves["pretrained"][1000].mean()
assert more - 15 < 100 * head_accuracy < more + 2
# --8<-- [end:head]

# --8<-- [start:labels]
assert np.isclose(borrowed_1000 - scratch_1000, lead["1000"])
assert borrowed_1000 > 70 and scratch_1000 < 70
lead_100, lead_1000, lead_3000 = lead.values()
assert lead_100 > 20 and lead_1000 > 20 and lead_3000 > 15
assert lead["100"] > 2 * lead_sd["100"] > 0
assert lead["1000"] > 2 * lead_sd["1000"] > 0
# --8<-- [end:labels]

# --8<-- [start:tricks]
assert n_seeds == 3 and n_few == 6400
normalization_loss = -change["no normalization"]
assert normalization_loss > 3
# --8<-- [end:tricks]

# --8<-- [start:longer]
assert n_larger == runs[0]["parameters"] and len(runs) == 3
once, twice = np.transpose([[r["test"], r["mirrored"]] for r in runs])
assert np.isclose(longer_right, once.mean())
assert np.isclose(longer_sd, once.std(ddof=1))
assert np.isclose(both_ways, twice.mean()) and (twice > once).all()
assert small_accuracy < longer_right and at_first < held_out[-1]
# --8<-- [end:longer]
