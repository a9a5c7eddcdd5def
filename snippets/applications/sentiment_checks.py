# --8<-- [start:whole]
assert len(texts) == len(set(texts)) == 17_363
assert valid_accuracy > 0.82
# --8<-- [end:whole]

# --8<-- [start:linear]
d = np.bincount(train_x.indices, minlength=w.size)
assert np.allclose(tfidf.idf_, rarity(n_train, d))
assert np.isclose(praise, model.predict_proba(x[None])[0, 1])
# --8<-- [end:linear]

# --8<-- [start:leak]
assert (n_lines, n_distinct, n_both) == (35_123, 17_410, 47)
assert inflation > 0.095
mixture = share * on_copies + (1 - share) * on_others
assert np.isclose(leaky, mixture, atol=2e-3)
assert np.isclose(leaky - honest, inflation)
assert inflation_sd < 0.04
# --8<-- [end:leak]

# --8<-- [start:test]
assert linear_accuracy > 0.8
assert lead > 0
assert np.isclose(lead, linear_accuracy - accuracy["network"])
# --8<-- [end:test]

# --8<-- [start:calibration]
from sklearn.calibration import calibration_curve

draw = np.random.default_rng(0)
guess, outcome = draw.random(500), draw.integers(0, 2, 500)
full_bins, true_share, mean_guess = bins(guess, outcome)
assert full_bins.sum() == 500
assert np.allclose(
    calibration_curve(outcome, guess, n_bins=10),
    (true_share, mean_guess),
)
# --8<-- [end:calibration]

# --8<-- [start:minilm]
assert n_pretrained == 22_713_216
published = [  # in the documentation of sentence-transformers
    [1.0000, 0.6660, 0.1046],
    [0.6660, 1.0000, 0.1411],
    [0.1046, 0.1411, 1.0000],
]
assert np.allclose(similar, published, atol=2e-4)
# --8<-- [end:minilm]

# --8<-- [start:table]
assert long["seeds"] == 5
assert abs(few_gain) < few_sd  # too close to call
assert many_loss > 10 and 0 < many_sd < 2
assert cut_loss > 2 and 0 < cut_sd < 3
assert zh_gain > 1 and 0 < zh_sd < 1
# --8<-- [end:table]

# --8<-- [start:full]
assert cut_few_gain > cut_few_sd
assert full_mean > 0.9 and full_sd < 0.005
# --8<-- [end:full]
