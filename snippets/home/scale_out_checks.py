# --8<-- [start:two]
assert between == 0
assert np.isclose(gradient_gap, 0, atol=1e-6)
assert np.isclose(weight_gap, 0, atol=1e-5)
x, y = batch(seed, 0)
model, _ = build(seed)
with tf.GradientTape() as tape:
    losses = keras.losses.sparse_categorical_crossentropy(
        y, model(x), from_logits=True
    )
    mean = tf.reduce_mean(losses)
direct = tape.gradient(mean, model.trainable_variables)
parts = [np.ravel(g) for g in direct]
assert np.allclose(
    load("two/gradient-0.npz"), np.concatenate(parts), atol=1e-6
)
# --8<-- [end:two]

# --8<-- [start:kill]
assert ended[1] == -signal.SIGKILL
assert ended[0] not in (0, None) and noticed
assert lost == 0
assert (again, back) == (25, 20)
kept_losses = np.concatenate([broken[:back], broken[again:]])
assert np.array_equal(kept_losses, smooth)
# --8<-- [end:kill]

# --8<-- [start:ring]
assert right
assert len(set(sent)) == 1 and sent[0] == bytes_sent(4000 * 8, 8)
for n in (2, 3, 5):
    some = rng.normal(size=(n, 60))
    totals, counts = ring_all_reduce(some)
    assert np.allclose(totals, some.sum(0))
    assert counts == [bytes_sent(60 * 8, n)] * n
assert by_formula == {str(n): 2 - 2 / n for n in (2, 8, 64, 1024)}
# --8<-- [end:ring]

# --8<-- [start:published]
assert np.isclose(needed_gbit, 12.75)
# --8<-- [end:published]

# --8<-- [start:tensor]
assert np.isclose(tensor_gap, 0, atol=1e-9)
assert np.allclose(tensor_parallel(x, columns, rows), unsplit)
pieces = np.einsum(
    "ndc,dck->dnk", x.reshape(16, 4, 16), a.reshape(4, 16, 256)
)
late = np.maximum(pieces, 0).sum(0) - np.maximum(pieces.sum(0), 0)
assert np.isclose(wrong_gap, late.max())
# --8<-- [end:tensor]

# --8<-- [start:bubble]
for p in (2, 3, 8):
    for m in (1, 4, 32):
        for times in ((1, 1), (1, 2), (3, 1)):
            measured = idle(schedule(p, m, *times))
            assert np.isclose(measured, bubble(p, m))
assert all(
    np.isclose(bubbles[str(m)], bubble(4, m)) for m in (1, 4, 16)
)
# --8<-- [end:bubble]

# --8<-- [start:zero]
rounded = [round(gigabytes, 1) for gigabytes in paper.values()]
assert rounded == [120.0, 31.4, 16.6, 1.9]
assert zero_gap < 1e-9
for stage, n in {
    "0": (1, 1, 1),
    "1": (1, 1, 4),
    "2": (1, 4, 4),
    "3": (4, 4, 4),
}.items():
    assert np.isclose(
        counted[stage], memory(Psi, 4, 4, 8, *n), rtol=1e-5
    )
# --8<-- [end:zero]

# --8<-- [start:traffic]
assert sends["zero"] == 3 * 3 / 4 * 4 * 8 * 1024**2 * 4
assert sends["data"] == 2 * sends["zero"] / 3
x_bytes = np.zeros((64, 1024), "float32").nbytes
assert sends["pipeline"] == 2 * x_bytes
assert np.isclose(sends["tensor"], 8 * 1.5 * x_bytes)
# --8<-- [end:traffic]
