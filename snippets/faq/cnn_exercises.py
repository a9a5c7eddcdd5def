# --8<-- [start:longer]
small.fit(train, labels, batch_size=50, epochs=18, verbose=0)
longer_accuracy = small.evaluate(test, y_test, verbose=0)[1]
print(f"{longer_accuracy:.1%} after 24 epochs")
# --8<-- [end:longer]

# --8<-- [start:strides]
by_strides = receptive_field((3, 3, 3), (2, 2, 1))
strided = layers.Conv2D(8, 3, 2, padding="same", activation="relu")
strided.build((None, 80, 80, 1))
strided.set_weights([w, b])
before, later = (
    strided(np.roll(wide[:40], shift, 2)).numpy() for shift in (0, 1)
)
strided_gap = min(
    float(np.linalg.norm(later - np.roll(before, t, 2))) for t in (0, 1)
) / float(np.linalg.norm(before))
print(by_strides, f"{strided_gap:.2f}")
# --8<-- [end:strides]

# --8<-- [start:shuffle]
order = rng.permutation(576)
shuffled, shuffled_test = (
    images.reshape(-1, 576)[:, order].reshape(images.shape)
    for images in (train, test)
)
cnn_shuffled, small_shuffled = (
    fit(model, shuffled).evaluate(shuffled_test, y_test, verbose=0)[1]
    for model in (convolutional(), dense(8))
)
print(f"{cnn_shuffled:.1%} and {small_shuffled:.1%}")
# --8<-- [end:shuffle]
