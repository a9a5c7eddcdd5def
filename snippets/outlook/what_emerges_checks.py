# --8<-- [start:long]
assert n_with == 5 and n_without == 3
assert enough == 0.99 and steps_without == 3000
assert np.isclose(memorized, until[:, 0].mean())
assert np.isclose(memorized_sd, np.std(until[:, 0], ddof=1))
assert np.isclose(understood, until[:, 1].mean())
assert np.isclose(understood_sd, np.std(until[:, 1], ddof=1))
assert 3 * memorized < understood < 1000
assert memorized_sd == 0
assert understood_sd < 90
assert without < 0.0025
# --8<-- [end:long]

# --8<-- [start:clock]
assert final_accuracy > 0.95
assert found_share > 0.65 and first_share < 0.3
assert n_found == len(found)
assert uneven_before > 0.41
assert uneven_after < 0.45
assert only_found > 0.95
assert without_found < 0.09
assert without_random > 0.9
assert clock_accuracy == 1
assert agreement > 0.75
assert -0.04 < disagreement < 0.05
# --8<-- [end:clock]

# --8<-- [start:before]
assert np.isclose(history[worst_step // 20, 2], history[:, 2].max())
assert worst_step < 160
passed = history[:, 3] > 0.5
assert half_step == 20 * passed.argmax()
assert worst_step < half_step
assert half_step < 900
# --8<-- [end:before]

# --8<-- [start:induction]
assert np.isclose(whole_loss, nets["two"][0]["loss"], atol=1e-3)
by_long = np.ravel(nets["two"][0]["cut"])
cuts, both = list(cut_loss.values()), nets["two"][0]["layers_cut"][1]
assert np.allclose(cuts, by_long, atol=5e-3)
assert np.isclose(no_second, both, atol=5e-3)
assert n_weights == 11_264 and n_nets == 5 and fixed_lag == 14
assert np.isclose(one_worse, one_loss - two_loss)
assert 2 < one_worse < 2.5 and one_worse_sd < 0.05
assert two_loss < 0.001 and fixed_loss < 0.001
two_right, one_right = rights["two"], rights["one"]
assert two_right > 0.999 and one_right < 0.3
assert 2 < previous_cut < 5 and 0.2 < other_cut < 0.5
assert 0.3 < second_cut < 0.5 and 3.5 < both_cut < 4.5
assert n_heads == 30 * 9 and n_cut[-1] == 32 and 0.8 < most < 1
assert 3 < none_cut < 3.5 and 14 < first_half < 15.5
assert 11 < found_eight < 13.5 and 4 < others_eight < 5
assert 12 < found_all < 14.5
# --8<-- [end:induction]

# --8<-- [start:context]
assert np.allclose(by_model[:, 0], by_ridge[0], atol=0.01)
from sklearn.linear_model import Ridge

x_check = np.random.default_rng(1).standard_normal((6, 3))
y_check = np.arange(6.0)
library = Ridge(alpha=0.7, fit_intercept=False).fit(x_check, y_check)
assert np.allclose(ridge(x_check, y_check, 0.7), library.coef_)
assert n_linear == 3 and behind == 6
assert np.isclose(excess_mean, excess.mean())
assert 0.08 < excess_mean < 0.2 and excess_sd < 0.01
assert at_dims[1] < at_dims[0] < 1.2 * at_dims[1]
last_error = last[0]
assert last_error < 0.6
assert last[1] < last[2] < last[0]
assert 3 < by_zero < 3.4
assert 7 < far_mean < 9 and far_sd < 0.6
assert 0.3 < far_ridge < 0.5 and 25 < far_zero < 28
# --8<-- [end:context]

# --8<-- [start:metrics]
assert np.isclose(gap, np.max(np.abs(number - digit**10)))
assert width_from == 4 and width_to == 64
assert n_widths == 11
assert gap < 0.048
assert digit_from > 0.57 and number_from < 0.13
assert digit_to > 0.905 and number_to > 0.33
# --8<-- [end:metrics]
