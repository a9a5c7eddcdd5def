# --8<-- [start:whole]
assert np.isclose(text_accuracy - bag_accuracy, bag_gain)
assert np.isclose(pair_accuracy - text_accuracy, pair_loss)
assert np.isclose(digit_accuracy - pixel_accuracy, digit_gain)
# --8<-- [end:whole]

# --8<-- [start:attention]
assert same == [True, True]
# --8<-- [end:attention]

# --8<-- [start:order]
assert equivariant
# --8<-- [end:order]

# --8<-- [start:mixed]
assert np.isclose(text_accuracy - mixed_accuracy, order_share)
# --8<-- [end:mixed]

# --8<-- [start:scale]
assert np.isclose(divided - undivided, division_gain)
# --8<-- [end:scale]

# --8<-- [start:cost]
by_layer = 4 * 4096 * 32 * 32 + 2 * 4096**2 * 32
assert np.isclose(count_growth, by_layer / multiplications(2048, 32))
# --8<-- [end:cost]

# --8<-- [start:results]
ratios = [round(np.log(v / d)) for v, d in zip(variance, sizes)]
assert ratios == [0] * 6
assert slope_raw < 0.25 < 1.966 < slope_scaled
assert with_places > 0.95 and without_places < 0.55
# --8<-- [end:results]
