# --8<-- [start:count]
assert sizes == [mlp_parameters(784, width, 10) for width in widths]
assert len(sizes) >= 5 and orders >= 3
# --8<-- [end:count]

# --8<-- [start:spirals]
assert largest_fits > 0.98
assert smallest_fits < 0.8
# --8<-- [end:spirals]

# --8<-- [start:memorised]
assert memorised_shares == sorted(memorised_shares)
# --8<-- [end:memorised]

# --8<-- [start:errors]
assert test_errors == sorted(test_errors, reverse=True)
assert all(a < b for a, b in zip(train_errors, test_errors))
# --8<-- [end:errors]

# --8<-- [start:versatility]
assert reuse_large[-1] < reuse_small[-1]
# --8<-- [end:versatility]

# --8<-- [start:cost]
assert cost_ratio > 1000 and time_ratio < cost_ratio
assert live_large_ms > live_small_ms
# --8<-- [end:cost]

# --8<-- [start:removal]
assert changed_large[1] < changed_small[1]
# --8<-- [end:removal]

# --8<-- [start:hunger]
assert all(s + r < 0 for s, r in zip(slopes, reaches))
# --8<-- [end:hunger]
