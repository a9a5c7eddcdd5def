# --8<-- [start:prepare]
from scipy import ndimage

assert images.shape == (n_papers, 28, 28)
for image in images:
    assert np.allclose(ndimage.center_of_mass(image), 13.5, atol=0.51)
    rows, columns = np.nonzero(image)
    assert max(np.ptp(rows), np.ptp(columns)) <= 20
blocks = papers[0].reshape(28, 10, 28, 10).mean((1, 3))
cells = shares(0, 280, 28, 280)
assert np.allclose(cells @ papers[0] @ cells.T, blocks)
# --8<-- [end:prepare]

# --8<-- [start:read]
assert n_drawn == 80 and (np.bincount(labels) == 8).all()
assert right == n_drawn - len(wrong) and right >= 76
assert 30 < right_squeezed < 60 and 25 < right_moved < 60
assert right_inverted < 18
# --8<-- [end:read]

# --8<-- [start:test]
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    keras.layers.Conv2D(16, 3, activation="relu"),
    keras.layers.MaxPooling2D(),
    keras.layers.Conv2D(32, 3, activation="relu"),
    keras.layers.MaxPooling2D(),
    keras.layers.Flatten(),
    keras.layers.Dense(10),
])
model.set_weights(list(net.values()))
theirs = model.predict(x_test[:1000, ..., np.newaxis], verbose=0)
assert np.abs(theirs - z[:1000]).max() < 1e-4
assert n_parameters == model.count_params()
assert test_accuracy > 0.985
# --8<-- [end:test]
