# --8<-- [start:kernel]
def parameters_with(kernel):
    side = convolved(convolved(28, kernel) // 2, kernel) // 2
    convolutions = (kernel**2 + 1) * 32 + (kernel**2 * 32 + 1) * 64
    return convolutions + (side**2 * 64 + 1) * 64 + (64 + 1) * 10


kernel_3, kernel_5 = parameters_with(3), parameters_with(5)
print(kernel_3, kernel_5)
# --8<-- [end:kernel]

# --8<-- [start:kernel_check]
wider = keras.Sequential([
    keras.Input(shape=(28, 28, 1)),
    keras.layers.Conv2D(32, 5),
    keras.layers.MaxPooling2D(),
    keras.layers.Conv2D(64, 5),
    keras.layers.MaxPooling2D(),
    keras.layers.Flatten(),
    keras.layers.Dense(64),
    keras.layers.Dense(10),
])
assert wider.count_params() == kernel_5
# --8<-- [end:kernel_check]

# --8<-- [start:softmax]
same_answer = bool((logits.argmax(1) == probabilities.argmax(1)).all())
big_logits = np.array([[1000.0, 0.0, -1000.0]])
with np.errstate(all="ignore"):
    naive = np.exp(big_logits) / np.exp(big_logits).sum()
stable = np.asarray(keras.ops.softmax(big_logits))
print(same_answer, naive, stable)
# --8<-- [end:softmax]

# --8<-- [start:invert]
not_inverted = 1 - own_image
light_logits = model.predict(not_inverted[np.newaxis], verbose=0)
light_digit = int(light_logits.argmax())
light_confidence = float(keras.ops.softmax(light_logits).numpy().max())
print(light_digit, light_confidence)
# --8<-- [end:invert]

# --8<-- [start:shift]
shifts = [0, 1, 2, 4, 6]
shift_accuracy = []
for shift in shifts:
    shifted = np.roll(x_test[:1000], shift, axis=2)
    guesses = model.predict(shifted, verbose=0).argmax(axis=1)
    shift_accuracy.append(float((guesses == y_test[:1000]).mean()))
    print(shift, shift_accuracy[-1])
# --8<-- [end:shift]


# --8<-- [start:unscaled]
def train_briefly(scale):
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model)
    fresh.compile("adam", model.loss, metrics=["accuracy"])
    start_loss, _ = fresh.evaluate(x_val * scale, y_val, verbose=0)
    fresh.fit(x_train[:3000] * scale, y_train[:3000], verbose=0)
    _, accuracy = fresh.evaluate(x_val * scale, y_val, verbose=0)
    return start_loss, accuracy


scaled_start, scaled_accuracy = train_briefly(scale=1)
unscaled_start, unscaled_accuracy = train_briefly(scale=255)
print(scaled_start, scaled_accuracy)
print(unscaled_start, unscaled_accuracy)
# --8<-- [end:unscaled]
