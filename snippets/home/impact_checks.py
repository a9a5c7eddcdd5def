# --8<-- [start:heterogeneity]
assert np.isclose(mean_effect, np.average(y, weights=1 / s**2))
assert value.min() < -50 and value.max() > 15
assert p_value < 0.01
scatter = stats.chi2.isf(p_value, len(y) - 1)
assert np.isclose(not_chance, 1 - (len(y) - 1) / scatter)
assert ((low < 0) & (high > 0))[certain].sum() == 2
# --8<-- [end:heterogeneity]

# --8<-- [start:without]
assert p_first < 0.01 and first.sum() == 3
assert np.isclose(stats.chi2.isf(p_first, 2), q_first)
# --8<-- [end:without]

# --8<-- [start:economy]
assert round(acemoglu, 4) == 0.0066  # as the paper has it
assert np.isclose(all_pay / acemoglu, 1 / 0.23)
# --8<-- [end:economy]
