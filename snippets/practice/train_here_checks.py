# --8<-- [start:load]
assert x_learned.shape == (n_learned, 14, 14, 1)
assert x_fresh.shape == (n_fresh, 14, 14, 1)
assert len(y_learned) == 3000 and len(y_fresh) == 1000
# --8<-- [end:load]

# --8<-- [start:train]
z = model.predict(x_fresh, verbose=0).astype("float64")
costs = np.log(np.exp(z).sum(1)) - z[np.arange(n_fresh), y_fresh]
assert np.isclose(costs.mean(), fresh_losses[-1], rtol=1e-4)
assert np.isclose((z.argmax(1) == y_fresh).mean(), accuracy)
assert losses == history["loss"]
assert accuracies == history["val_accuracy"]
assert n_parameters == sum(array.size for array in model.get_weights())
# --8<-- [end:train]

# --8<-- [start:rates]
assert np.isclose(np.exp(-guess_loss), 0.1)
assert good < 0.5 and slow > 2.17
assert first > 2.2 and large > 2.33
# --8<-- [end:rates]
