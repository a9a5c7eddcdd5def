# --8<-- [start:naive]
assert np.isclose(p.sum(), 1) and (p > 0).all()
assert np.isclose(odds, np.exp(z[0] - z[1]), rtol=1e-12)
assert abs(largest_change) < 1e-12
# --8<-- [end:naive]

# --8<-- [start:limits]
for kind in ("float16", "float32", "float64"):
    below, above = score_limits[kind] - 0.01, score_limits[kind] + 0.01
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(np.array(below, kind)))
        assert np.isinf(np.exp(np.array(above, kind)))
# --8<-- [end:limits]

# --8<-- [start:compare]
assert abs(difference) < 1e-14
assert abs(log_difference) < 1e-12
assert log_of_softmax == -np.inf and log_directly == -200
# --8<-- [end:compare]

# --8<-- [start:sigmoid]
differences = np.linspace(-20, 20, 401)
pairs = np.stack([differences, np.zeros(401)], axis=1)
assert np.allclose(
    softmax(pairs)[:, 0], sigmoid(differences), rtol=1e-12
)
# --8<-- [end:sigmoid]

# --8<-- [start:rivals]
assert 4 * len(rivals) > len(directions)
assert (entropy(rivals) <= own_entropy).all()
assert np.allclose(rivals.sum(axis=1), 1) and mean_spread < 1e-12
# --8<-- [end:rivals]

# --8<-- [start:tape]
assert np.allclose(tape_jacobian, jacobian(z), rtol=0, atol=1e-14)
assert np.allclose(tape_gradient, p - t, rtol=0, atol=1e-14)
nudge = 1e-6 * np.eye(4)
slopes = (softmax(z + nudge) - softmax(z - nudge)) / 2e-6
assert np.allclose(slopes.T, jacobian(z), atol=1e-9)
# --8<-- [end:tape]

# --8<-- [start:digits]
assert np.isclose(first_loss, np.log(10))
assert (np.diff(losses) < 0).all()
assert parameters == x_train.shape[1] * 10 + 10
assert test_accuracy > 0.9
# --8<-- [end:digits]

# --8<-- [start:same]
assert abs(weight_difference) < 1e-12
# --8<-- [end:same]

# --8<-- [start:twice]
assert floor < twice_loss < np.log(10)
peaked = softmax(np.eye(10)[0] * 1000)
assert np.isclose(softmax(peaked).max(), ceiling)
# --8<-- [end:twice]

# --8<-- [start:bigram]
assert abs(closed_form_gap) < 1e-14
assert best_loss < descent_loss < best_loss + 0.02
# --8<-- [end:bigram]

# --8<-- [start:cuts]
assert np.count_nonzero(keep_top_k(p_next, 5)) == 5
for mass in (0.5, 0.9):
    kept = p_next[keep_top_p(p_next, mass) > 0]
    assert kept.sum() >= mass > kept[kept > kept.min()].sum()
assert word_shares[0] > word_shares[2]
# --8<-- [end:cuts]

# --8<-- [start:attention]
q, k, v = np.random.normal(size=(3, 6, 16))
ours = attention(q, k, v)
theirs = keras.ops.dot_product_attention(
    *(x[np.newaxis, :, np.newaxis].astype("float32") for x in (q, k, v))
)
assert np.allclose(ours, np.asarray(theirs)[0, :, 0], atol=1e-5)
# --8<-- [end:attention]
