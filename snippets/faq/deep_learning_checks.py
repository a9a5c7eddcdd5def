# --8<-- [start:whole]
assert line_mean < 0.69
assert right_mean > 0.88
assert gain_mean > 0.2
assert np.isclose(gain_mean, right_mean - line_mean)
assert np.isclose(gain_std, np.std(right - line, ddof=1))
assert nearest_mean > 0.9975
# --8<-- [end:whole]

# --8<-- [start:bend]
with_w = plane(x[best], net) @ net[-1][0][best].numpy()
by_line = (with_w + net[-1][1][best].numpy())[:, 0]
assert np.allclose(by_line, score(x[best], net)[best], atol=1e-4)
# --8<-- [end:bend]

# --8<-- [start:collapse]
assert collapse_gap < 1e-4
assert straight_mean < 0.69
# --8<-- [end:collapse]

# --8<-- [start:depths]
assert list(counts.values()) == [49, 51, 57]
assert np.isclose(fewer_mean, depth_mean["1"] - depth_mean["3"])
assert fewer_low < fewer_mean < fewer_high
test = stats.ttest_rel(by_depth["1"], by_depth["3"])
assert np.allclose(
    test.confidence_interval(0.95), (fewer_low, fewer_high)
)
assert pieces == [2**k for k in range(1, 7)]
assert deep_units == 12 and shallow_units == 63
# --8<-- [end:depths]

# --8<-- [start:features]
assert made_mean == 1
assert few_mean < 0.9
assert few_mean == amount_mean["50"]
assert few_nearest > 0.86
assert few_nearest == nearest_amount_mean["50"]
assert ring_learned_mean > 0.84
assert ring_made_mean < 0.68 and ring_most < 0.68
assert ring_nearest > 0.931
assert np.isclose(ring_mean, ring_learned_mean - ring_made_mean)
# --8<-- [end:features]

# --8<-- [start:beyond]
assert far_mean < 0.039
assert far_made == 1
# --8<-- [end:beyond]
