# --8<-- [start:show]
assert image.shape == (28, 28)
assert np.argmax(read["scores"]) == y_train[7]
assert [each.shape for each in maps] == [(26, 26, 16), (11, 11, 32)]
lines = [Path(name).read_text().splitlines() for name in parts[:2]]
assert n_lines == sum(map(len, lines)) and 30 * n_lines < n_bytes
# --8<-- [end:show]

# --8<-- [start:layers]
layers = [of_product, of_convolution, of_pooling, of_loss]
assert np.allclose(layers, 0, atol=1e-5)
# --8<-- [end:layers]

# --8<-- [start:learn]
assert np.allclose([of_network, of_adam], 0, atol=1e-4)
# --8<-- [end:learn]

# --8<-- [start:poem]
assert np.allclose([of_attention, of_norm], 0, atol=1e-5)
assert len(written) == len(poem) and n_characters in (20, 28)
# --8<-- [end:poem]

# --8<-- [start:keras]
assert n_test == 1000 and same == n_test
assert np.isclose([of_digits, worst], 0, atol=1e-4).all()
assert right == int((theirs.argmax(1) == y_test).sum())
top = np.sort(theirs, axis=1)
assert (top[:, -1] - top[:, -2]).min() > 2 * of_digits
# --8<-- [end:keras]
