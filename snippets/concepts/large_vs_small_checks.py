# --8<-- [start:count]
assert sizes == [mlp_parameters(784, width, 10) for width in widths]
assert len(sizes) >= 5 and orders >= 3
# --8<-- [end:count]

# --8<-- [start:spirals]
assert largest_fits > 0.98
assert smallest_fits < 0.9
# --8<-- [end:spirals]

# --8<-- [start:memorised]
assert memorised_shares == sorted(memorised_shares)
those = [n for n, s in zip(sizes, memorised_shares) if s > 0.995]
assert perfect_size == those[0]
# --8<-- [end:memorised]

# --8<-- [start:errors]
assert test_errors[:5] == sorted(test_errors[:5], reverse=True)
means = np.mean(long["test_error"], axis=1)
assert np.isclose(last_gain, means[-2] - means[-1])
assert last_p > 0.05  # the last step made no difference
assert all(a < b for a, b in zip(train_errors, test_errors))
# --8<-- [end:errors]

# --8<-- [start:versatility]
assert trained == sorted(trained, reverse=True)
assert scratch == sorted(scratch, reverse=True)
assert np.isclose(trained[-1] - scratch[-1], behind_scratch)
assert trained[1] < untrained[1]
assert behind_scratch > 2 * scratch_spread
assert behind_untrained > 2 * untrained_spread
# --8<-- [end:versatility]

# --8<-- [start:cost]
first_layer = [784 * width for width in widths]
for count, formula, first in zip(counted, flops, first_layer):
    without = formula - 2 * first * batch_size
    assert abs(count / without - 1) < 0.01
assert cost_ratio > 1000 and time_ratio < cost_ratio / 10
assert 1 < largest_extra / largest_predicted < 4
assert live_large_ms > live_small_ms
# --8<-- [end:cost]

# --8<-- [start:removal]
assert half_gone[1:] == sorted(half_gone[1:], reverse=True)
assert removed_share[1] < 0.1 and removed_share[-1] > 0.5
# --8<-- [end:removal]

# --8<-- [start:hunger]
assert all(s + r < 0 for s, r in zip(slopes, reaches))
assert slopes[2] + reaches[2] < slopes[0] - reaches[0]
# --8<-- [end:hunger]

# --8<-- [start:saliency]
assert noise_similarity[1:] == sorted(noise_similarity[1:])
assert seed_similarity[-1] > seed_similarity[1] > seed_similarity[0]
# --8<-- [end:saliency]
