# --8<-- [start:load]
import hashlib

digest = hashlib.sha256(x_train.tobytes()).hexdigest()
assert digest.startswith("741c988805d008ac6e4c904b69001ba1")
official = keras.datasets.mnist.load_data()
assert np.array_equal(official[0][0], x_train)
assert np.array_equal(official[0][1], y_train)
assert np.array_equal(official[1][0], x_test)
assert np.array_equal(official[1][1], y_test)
# --8<-- [end:load]

# --8<-- [start:scale]
assert x_train.shape == (60000, 28, 28, 1)
assert x_train.min() == 0.0 and x_train.max() == 1.0
assert np.array_equal((x_test[..., 0] * 255).round(), official[1][0])
# --8<-- [end:scale]

# --8<-- [start:split]
assert train_size + val_size == 60000
assert len(np.intersect1d(held_out, kept)) == 0
# --8<-- [end:split]

# --8<-- [start:parameters]
sizes = [layer.output.shape[1] for layer in model.layers[:4]]
assert sizes == [after_conv_1, after_pool_1, after_conv_2, after_pool_2]
counts = [layer.count_params() for layer in model.layers]
assert counts == [conv_1, 0, conv_2, 0, 0, dense_1, dense_2]
assert parameters == model.count_params() == 121_930
# --8<-- [end:parameters]

# --8<-- [start:adam]
weight, by_hand, m, v = keras.Variable(1.0), 1.0, 0.0, 0.0
adam = keras.optimizers.Adam()
for t, gradient in enumerate([0.5, -2.0, 0.1], start=1):
    adam.apply([tf.constant(gradient)], [weight])
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient**2
    m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
    by_hand -= 0.001 * m_hat / (v_hat**0.5 + 1e-7)
assert np.isclose(float(weight), by_hand, rtol=0, atol=1e-6)
# --8<-- [end:adam]

# --8<-- [start:untrained]
classes = len(np.unique(y_train))
by_guessing, one_fewer = np.log([classes, classes - 1])
assert abs(untrained_loss - by_guessing) < by_guessing - one_fewer
# --8<-- [end:untrained]

# --8<-- [start:accuracy]
assert test_accuracy > 0.98
assert last_loss < untrained_loss
# --8<-- [end:accuracy]

# --8<-- [start:wilson]
root = np.roots([
    1 + z**2 / n,
    -2 * test_accuracy - z**2 / n,
    test_accuracy**2,
])
assert np.allclose(sorted(root), [low, high])
# --8<-- [end:wilson]

# --8<-- [start:loss_by_hand]
exponentials = np.exp(logits.astype("float64"))
shares = exponentials / exponentials.sum(axis=1, keepdims=True)
assert np.allclose(probabilities, shares, atol=1e-5)
assert abs(loss_by_hand - test_loss) < 1e-4
# --8<-- [end:loss_by_hand]

# --8<-- [start:confusion]
assert confusion.sum() == n
assert wrong == n - round(test_accuracy * n)
# --8<-- [end:confusion]

# --8<-- [start:features]
kernel, bias = model.layers[0].get_weights()
patch = x_test[0, 10:13, 10:13, :, np.newaxis]
sums = bias + (kernel * patch).sum(axis=(0, 1, 2))
assert np.allclose(features[10, 10], np.maximum(sums, 0), atol=1e-5)
# --8<-- [end:features]

# --8<-- [start:save]
assert np.array_equal(reloaded_logits, logits)
assert reloaded.count_params() == parameters
# --8<-- [end:save]

# --8<-- [start:own]
assert own_image.shape == (28, 28, 1)
assert np.array_equal(own_image, own_image.clip(0, 1))
assert own_digit == own_label
# --8<-- [end:own]
