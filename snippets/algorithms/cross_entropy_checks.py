# --8<-- [start:definition]
assert np.isclose(careful_loss, -np.log(careful.prod()) / 5)
assert careful_loss < bold_loss < bold_worst
assert np.isclose(hard_loss, -np.log(0.7))
# --8<-- [end:definition]

# --8<-- [start:entropy]
assert np.isclose(total, soft_loss, rtol=1e-14)
assert (losses_of_others >= entropy(undecided)).all()
assert (divergence(undecided, others) >= 0).all()
# --8<-- [end:entropy]

# --8<-- [start:lengths]
assert own_bits <= own_code < own_bits + 1
assert own_bits < foreign_bits and own_code < foreign_code
assert np.isclose((2.0 ** -code_lengths(t_text)).sum(), 1)
# --8<-- [end:lengths]

# --8<-- [start:equal]
assert loss_gap < 1e-12 and gradient_gap < 1e-14
assert np.allclose(gradient(random_t, random_z).sum(axis=1), 0)
nudge = 1e-6 * np.eye(3)
ahead = loss_from_scores(one_hot, z + nudge)
behind = loss_from_scores(one_hot, z - nudge)
slopes = (ahead - behind) / 2e-6
assert np.allclose(slopes, gradient(one_hot, z), atol=1e-8)
# --8<-- [end:equal]


# --8<-- [start:slopes]
def squared_error(gap):
    share = 1 / (1 + np.exp(-gap))
    return (1 - share) ** 2 + (0 - (1 - share)) ** 2


numeric = (squared_error(gap - 1e-5) - squared_error(gap + 1e-5)) / 2e-5
assert np.allclose(numeric, squared, atol=1e-8)
# --8<-- [end:slopes]

# --8<-- [start:ways]
for true_gap, _, clipped, safe in rows:
    assert np.isclose(safe, np.log1p(np.exp(true_gap)), rtol=1e-6)
    assert np.isclose(clipped, min(safe, -np.log(1e-7)), rtol=1e-4)
assert np.isinf(rows[-1][1])
assert not clipped_slope.any() and np.allclose(safe_slope, [[-1, 1]])
# --8<-- [end:ways]

# --8<-- [start:same]
assert abs(loss_distance) < 2e-3
assert abs(keras_accuracy - test_accuracy) < 2e-3
assert test_accuracy > 0.945
# --8<-- [end:same]

# --8<-- [start:outcome]
assert last["clean"] > least["clean"]
assert final["noisy"] < peak["noisy"]
assert sureness["clean, smoothed"] < sureness["clean"]
# --8<-- [end:outcome]

# --8<-- [start:temperature]
no_softer = np.array(fits)[grid <= 1]
assert min(fits) < min(no_softer)  # so best_T > 1
assert error_after < error_before
# --8<-- [end:temperature]

# --8<-- [start:language]
assert abs(lm_losses[0] - uniform_loss) < uniform_loss - unigram_loss
assert lm_loss < bigram_loss < unigram_loss < uniform_loss
assert np.isclose(perplexities[0], vocabulary)
assert np.isclose(np.log(lm_perplexity), lm_loss)
# --8<-- [end:language]
