# --8<-- [start:law]
from scipy.optimize import minimize


def huber(q):
    off = np.abs(misfit(q, N[kept], D[kept], L[kept]))
    return np.where(off < 1e-3, off**2 / 2, 1e-3 * (off - 5e-4)).sum()


other = minimize(  # measured: rounding
    huber, p, method="Nelder-Mead", tol=1e-12
)
reached, reached_by_other = huber(p), other.fun
assert np.isclose(reached, reached_by_other, rtol=1e-3)
assert np.isclose(mean_missed, missed.mean())
assert most_missed == np.ceil(10 * max(missed)) / 10
assert n_held == 4 + 7 - 1 and n_kept == 28 - n_held
# --8<-- [end:law]

# --8<-- [start:two]
assert small_size == 6704 and large_size == 200_672
assert np.isclose(gain, small_loss - large_loss)
assert unigram > small_loss > large_loss
assert np.isclose(known, long["known"], atol=1e-3)
# --8<-- [end:two]

# --8<-- [start:always]
fresh = {
    (run["width"], run["characters"]): run["test"]
    for run in long["cells"]
    if run["seed"] == 0
}
assert n_runs == 2 * 28 - 4 and n_steps == 6 * 4
assert n_better == np.sum(np.diff(table, axis=0) < 0)
assert np.isclose(first_step, np.mean(table[0] - table[1]))
assert np.isclose(last_step, np.mean(table[-2] - table[-1]))
assert first_step > 2 * last_step
assert last_step < spread < first_step
assert fall_least == table[0, 0] - table[-1, 0]
assert fall_most == table[0, 3] - table[-1, 3]
assert fall_least + 0.1 < fall_most
assert np.allclose([first_factor, last_factor], [1.63, 1.6], atol=0.01)
assert (smallest, largest) == (6704, 320_624)
assert largest_body > 100 * smallest_body
assert repeat_small[0] == fresh[20, 147_456]
assert repeat_large[0] == fresh[104, 147_456]
assert repeat_small[0] > repeat_small[1] > repeat_small[2]
assert repeat_large[1] < repeat_large[2]
assert np.isclose(small_ahead, repeat_large[2] - repeat_small[2])
assert train_large[2] < repeat_large[2] - 0.5
# --8<-- [end:always]

# --8<-- [start:predict]
again_missed = np.abs(guess[held] - L[held]) / L[held]
assert np.isclose(100 * again_missed.mean(), mean_missed)
assert np.isclose(far_missed, abs(far_guess - far_loss))
assert far_loss == L.min() and far_ends[0] < far_guess < far_ends[1]
assert np.isclose(gain_line_mean, line_mean - mean_missed)
assert mean_missed < same_mean
assert line_mean < same_mean
assert small_off < -1 and large_off > 1
assert line_far == abs(by_line[-1] - L[-1])
# --8<-- [end:predict]

# --8<-- [start:body]
total = cells[0]["parameters"] - cells[0]["body"]
width = cells[0]["width"]
assert total == 512 * width + 48 * width + 512 + 2 * width
assert np.isclose(growth, beta_all / (alpha_all + beta_all))
assert growth_body > growth
assert body_ends[0] < growth < body_ends[1]
# --8<-- [end:body]

# --8<-- [start:budget]
from scipy.optimize import minimize_scalar

trough = minimize_scalar(
    lambda n: law(
        np.exp(n),
        hour / 6 / np.exp(n),
        *np.exp(p_all[:3]),
        *p_all[3:],
    ),
    bounds=(5, 25),
    method="bounded",
    options={"xatol": 1e-8},
)
lowest = np.exp(trough.x)
assert np.isclose(lowest, N_hour, rtol=1e-4)
assert np.isclose(6 * N_hour * D_hour, hour)
assert np.isclose(hour, minutes * 60 * speed) and minutes == 60
assert np.isclose(times_text * text_size, D_hour)
assert too_small > 2 and too_large > 2
assert np.isclose(6 * N_best * D_best, C_gpt3)
assert np.isclose(C_gpt3, 6 * N_gpt3 * D_gpt3, rtol=0.01)
assert loss_best < loss_gpt3 < loss_best + 0.1
# --8<-- [end:budget]

# --8<-- [start:trend]
assert each_late > tokens_each > each_early
# --8<-- [end:trend]
