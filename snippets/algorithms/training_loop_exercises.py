# --8<-- [start:accumulate]
def gradients_of(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x))
    return tape.gradient(loss, model.trainable_variables)


big = gradients_of(x_train[:128], y_train[:128])
quarters = [slice(i, i + 32) for i in range(0, 128, 32)]
parts = [gradients_of(x_train[q], y_train[q]) for q in quarters]
means = [sum(part) / 4 for part in zip(*parts)]
gaps = [float(np.abs(a - b).max()) for a, b in zip(means, big)]
accumulation_gap = max(gaps)
print(f"{accumulation_gap:.1e}")
# --8<-- [end:accumulate]

# --8<-- [start:accumulate_check]
assert max(gaps) < 1e-6
# --8<-- [end:accumulate_check]

# --8<-- [start:depth]
width, depth = 256, 30
choices = {"He": np.sqrt(2 / width), "Glorot": np.sqrt(1 / width)}
choices |= {"0.2": 0.2, "0.01": 0.01}
last_signal = {}
for name, deviation in choices.items():
    signal, sizes_seen = rng.normal(size=(width, width)), []
    for _ in range(depth):
        weights = rng.normal(0, deviation, (width, width))
        signal = np.maximum(signal @ weights, 0)  # ReLU
        sizes_seen.append(np.sqrt((signal**2).mean()))
    last_signal[name] = float(sizes_seen[-1])
    plt.semilogy(range(1, depth + 1), sizes_seen, label=name)
plt.xlabel("layer")
plt.ylabel("size of the signal")
plt.legend()
plt.show()
# --8<-- [end:depth]

# --8<-- [start:depth_check]
drift = {name: abs(np.log(v)) for name, v in last_signal.items()}
assert 10 * drift["He"] < min(drift["0.01"], drift["0.2"])
assert last_signal["0.01"] < last_signal["He"] < last_signal["0.2"]
# --8<-- [end:depth_check]


# --8<-- [start:curvature]
def slope_along(theta, direction, step):
    moved = [a + step * u for a, u in zip(theta, direction)]
    return backward(x_train, t_train, *moved)


u = [rng.normal(size=a.shape) for a in theta]
for _ in range(60):  # power iteration
    norm = np.sqrt(sum((a**2).sum() for a in u))
    u = [a / norm for a in u]
    sides = [slope_along(theta, u, step) for step in (1e-4, -1e-4)]
    bent = [(a - b) / 2e-4 for a, b in zip(*sides)]
    steepest = float(sum((a * b).sum() for a, b in zip(u, bent)))
    u = bent
rate_limit = 2 / steepest
print(f"curvature {steepest:.2f}, limit {rate_limit:.2f}")
# --8<-- [end:curvature]


# --8<-- [start:curvature_try]
def losses_at(rate):
    now, losses = theta, [loss_at(theta, x_train, t_train)]
    for _ in range(60):
        now = descend(now, [np.arange(1280)], rate)
        losses.append(loss_at(now, x_train, t_train))
    return losses


rises, ends = [], []
for multiple in (0.5, 0.9, 1.5, 2.0, 3.0, 5.0):
    losses = losses_at(multiple * rate_limit)  # measured: seed
    rises.append(int((np.diff(losses) > 0).sum()))
    ends.append(losses[-1])
    print(multiple, rises[-1], f"{ends[-1]:.3f}")
# --8<-- [end:curvature_try]

# --8<-- [start:curvature_check]
assert rises[0] == rises[1] == 0 < rises[5]
assert ends[5] > np.log(t_val.shape[1]) > ends[1]
# --8<-- [end:curvature_check]


# --8<-- [start:resume]
def with_adam(weights):
    copy = keras.models.clone_model(model)
    copy.set_weights(weights)
    copy.compile("adam", loss=loss_of)
    return copy


def train_on(model, orders):
    for order in orders:
        x, y = x_train[order], y_train[order]
        model.fit(x, y, shuffle=False, verbose=0)


# --8<-- [end:resume]

# --8<-- [start:resume_run]
straight = with_adam(start)
train_on(straight, orders[:3])
straight.save("halfway.keras")
resumed = keras.models.load_model("halfway.keras")
weights_only = with_adam(straight.get_weights())
for each in (straight, resumed, weights_only):
    train_on(each, orders[3:6])
goal = straight.get_weights()[0]
resume_gap = np.abs(resumed.get_weights()[0] - goal).max()
forget_gap = np.abs(weights_only.get_weights()[0] - goal).max()
print(resume_gap, f"{forget_gap:.4f}")
# --8<-- [end:resume_run]

# --8<-- [start:resume_check]
assert resume_gap < 1e-5 and resume_gap < forget_gap / 100
# --8<-- [end:resume_check]
