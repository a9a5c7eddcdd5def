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
