# --8<-- [start:rates]
assert rate_means[0] > min(rate_means) < rate_means[-1]
assert best_rate == rates[rate_means.index(min(rate_means))]
# --8<-- [end:rates]

# --8<-- [start:momentum]
assert heavy_mean < plain_mean
# --8<-- [end:momentum]

# --8<-- [start:scales]
assert scale_best["standardized"] > scale_best["0 to 16"]
# --8<-- [end:scales]

# --8<-- [start:symmetry]
assert init_units["all zero"] == init_units["all 0.1"] == 1
assert init_units["Glorot"] == 32
assert init_mean["all 0.1"] < init_mean["Glorot"]
# --8<-- [end:symmetry]

# --8<-- [start:sorted]
by_guessing = np.log(t_val.shape[1])
assert mixed_end < tidy_end and mixed_end < by_guessing
assert np.bincount(answers).argmax() == 9
assert nines == (answers == 9).mean()
assert (answers == 9).sum() > 2 * (y_val == 9).sum()
# --8<-- [end:sorted]

# --8<-- [start:noise]
fit, spread = np.polyfit(np.log(sizes), np.log(noise), 1, cov=True)
assert np.isclose(power, fit[0])
assert abs(fit[0] + 0.5) < 4 * np.sqrt(spread[0, 0])
assert fixed_means[0] < fixed_means[-1]
# --8<-- [end:noise]

# --8<-- [start:augment]
assert plain_moved < moving_moved and moving_same < plain_same
# --8<-- [end:augment]

# --8<-- [start:stop]
assert stop_best < endless_last and stopped_after == best_after + 20
assert len(reached) <= stopped_after <= len(endless) == 300
# --8<-- [end:stop]

# --8<-- [start:recipe]
assert recipe_mean[2] < recipe_mean[0]
assert recipe_mean[3] < recipe_mean[0]
# --8<-- [end:recipe]
