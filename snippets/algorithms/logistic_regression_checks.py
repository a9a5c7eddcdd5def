# --8<-- [start:straight]
ends = np.polyval([slope, intercept], [radius.min(), radius.max()])
assert np.allclose([lowest, highest], ends)
assert ((0 < chance) & (chance < 1)).all()
# --8<-- [end:straight]

# --8<-- [start:sigmoid]
grid = np.linspace(-30, 30, 1001)
assert np.allclose(sigmoid(grid), tf.sigmoid(grid), rtol=1e-12)
assert np.allclose(sigmoid(-grid), 1 - sigmoid(grid), atol=1e-15)
inner = np.linspace(-10, 10, 101)
assert np.allclose(log_odds(sigmoid(inner)), inner, atol=1e-9)
# --8<-- [end:sigmoid]

# --8<-- [start:gradient]
theta = tf.Variable([0.3, -0.7], dtype="float64")
bias = tf.Variable(0.2, dtype="float64")
with tf.GradientTape() as tape:
    z = tf.linalg.matvec(x, theta) + bias
    every = tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z)
    loss = tf.reduce_mean(every)
automatic = tape.gradient(loss, [theta, bias])
by_hand = gradient(theta.numpy(), bias.numpy(), x, y)
assert np.allclose(automatic[0], by_hand[0], rtol=0, atol=1e-12)
assert np.allclose(automatic[1], by_hand[1], rtol=0, atol=1e-12)
# --8<-- [end:gradient]

# --8<-- [start:equality]
from sklearn.linear_model import LogisticRegression

assert np.allclose(w_keras.ravel(), w_gd, rtol=0, atol=1e-5)
assert np.allclose(b_keras, b_gd, rtol=0, atol=1e-5)
library = LogisticRegression(C=np.inf, tol=1e-10).fit(x, y)
assert np.allclose(library.coef_[0], theta[:2], rtol=0, atol=1e-4)
assert np.allclose(library.intercept_, theta[2], rtol=0, atol=1e-4)
# --8<-- [end:equality]

# --8<-- [start:stable]
moderate = np.linspace(-15, 15, 301)
plain = 1 / (1 + np.exp(-moderate))
assert np.allclose(sigmoid(moderate), plain, rtol=1e-12)
extreme = np.array([-1e4, -800.0, 0.0, 800.0, 1e4])
for label in (0.0, 1.0):
    ours = stable_loss(label, extreme)
    theirs = tf.nn.sigmoid_cross_entropy_with_logits(
        labels=np.full(5, label), logits=extreme
    )
    assert np.allclose(ours, theirs, rtol=1e-12)
assert slope_from_p == 0 and slope_from_z == -1
# --8<-- [end:stable]

# --8<-- [start:edges]
half_bits = {"float32": 24, "float64": 53}  # 1 + 2**-bits rounds to 1
for dtype, (saturated, overflows) in edge.items():
    assert 0 <= saturated - half_bits[dtype] * np.log(2) < 0.01
    assert 0 <= overflows - np.log(np.finfo(dtype).max) < 0.01
assert saturates_32 == edge["float32"][0]
# --8<-- [end:edges]

# --8<-- [start:accuracy]
assert test_accuracy > 0.88
# --8<-- [end:accuracy]

# --8<-- [start:threshold]
grid = np.linspace(0.001, 0.999, 999)
cost_if_benign_said = 20 * grid
cost_if_alarm = 1 - grid
alarm_cheaper = grid[cost_if_alarm < cost_if_benign_said]
assert np.isclose(alarm_cheaper.min(), cautious, atol=1e-3)
assert cautious_missed <= missed
# --8<-- [end:threshold]

# --8<-- [start:separation]
predicted = np.log(np.array(step_counts) / 2)
assert np.allclose(apart[1:], predicted[1:], rtol=0.005)
assert norms == sorted(norms) and train_losses[-1] < train_losses[0]
assert runaway_loss > test_loss
# --8<-- [end:separation]

# --8<-- [start:gates]
both = np.random.normal(size=(5, 8))
assert np.allclose(glu(both[:, :4], both[:, 4:]), keras.ops.glu(both))
assert np.allclose(silu(both), tf.nn.silu(both))
# --8<-- [end:gates]

# --8<-- [start:order]
assert reward_order > 0.62
# --8<-- [end:order]
