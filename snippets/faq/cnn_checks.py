# --8<-- [start:whole]
assert sizes == [4978, 4706, 150_282]
assert cnn_accuracy > 0.8
assert gain > 0.5
assert gain_large > 0.1
assert np.isclose(gain + small_accuracy, cnn_accuracy)
assert np.isclose(gain_large + large_accuracy, cnn_accuracy)
# --8<-- [end:whole]

# --8<-- [start:convolve]
reference = tf.nn.conv2d(test[:1], w, 1, "SAME")[0] + b
assert same
assert np.allclose(by_hand, np.maximum(reference, 0), atol=1e-5)
# --8<-- [end:convolve]

# --8<-- [start:sharing]
picture = rng.random((6, 6, 1))
product = convolve(picture, kernel, np.zeros(1)).ravel()
assert np.allclose(matrix @ picture.ravel(), product)
assert entries == 16 * 36
assert zeros == 1 - 9 / 36 and different == 9
assert shared == w.size + b.size
layer = layers.Dense(576)
layer.build((None, 576))
assert dense_count == 8 * layer.count_params()
# --8<-- [end:sharing]

# --8<-- [start:receptive]
assert sees == measured_sees == [3, 8, 18]
assert np.count_nonzero(last) == 18**2
assert inner_area == 0.25
assert inner_share > 0.28
# --8<-- [end:receptive]

# --8<-- [start:shift]
assert max(gaps["1"]) < 1e-5
assert max(gaps["2"][::2]) < 1e-5
assert max(gaps["4"][::4]) < 1e-5
assert np.allclose(gaps["2"][1::2], odd_gap, rtol=1e-3)
assert odd_gap > 0.3
assert by_one == changed["1"]
assert by_one < 0.15
assert changed["4"] == 0
# --8<-- [end:shift]

# --8<-- [start:middle]
assert cnn_moved > 0.25
assert large_moved < 0.155
# --8<-- [end:middle]

# --8<-- [start:listen]
assert ear > 0.88
assert gain_ear > 0.375
assert np.isclose(gain_ear, ear - deaf)
# --8<-- [end:listen]
