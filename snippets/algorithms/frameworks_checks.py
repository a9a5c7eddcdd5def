# --8<-- [start:compare]
assert max(differences.values()) < 1e-6
assert max(abs(v - numpy_loss) for v in losses.values()) < 1e-6
# --8<-- [end:compare]

# --8<-- [start:double]
for step in (tensorflow_step, torch_step):
    loss, after = step(exact, x.astype("float64"), y)
    assert abs(loss - numpy_loss) < 1e-14
    assert largest_difference(after) < 1e-14
# --8<-- [end:double]

# --8<-- [start:second]
assert second_tensorflow == second_torch == second_jax == 12.0
# --8<-- [end:second]

# --8<-- [start:batch]
mean_of_separate = [np.asarray(g).mean(axis=0) for g in separate]
together = jax.grad(jax_loss)(weights, x, y)
for a, b in zip(mean_of_separate, together):
    assert np.allclose(a, b, atol=1e-6)
# --8<-- [end:batch]

# --8<-- [start:layout]
dense.kernel.assign(linear.weight.detach().numpy().T)
dense.bias.assign(linear.bias.detach().numpy())
same = linear(torch.tensor(x)).detach().numpy()
assert np.allclose(dense(x), same, atol=1e-6)
# --8<-- [end:layout]

# --8<-- [start:defaults]
assert np.isclose(keras_spread, np.sqrt(2 / 2000), rtol=0.01)  # Glorot
assert np.isclose(torch_spread, np.sqrt(1 / 3000), rtol=0.01)
assert (keras_epsilon, torch_epsilon) == (1e-7, 1e-8)
# --8<-- [end:defaults]
