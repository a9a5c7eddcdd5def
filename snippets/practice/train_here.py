# --8<-- [start:import]
import base64
import json

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:load]
with open("train_here_long.json") as file:
    parts = json.load(file)


def unpack(part):
    """Two pixels a byte, 16 shades, as numbers from 0 to 1."""
    packed = np.frombuffer(base64.b64decode(part["base64"]), np.uint8)
    shades = np.stack([packed >> 4, packed & 15], axis=1)
    images = shades.reshape(-1, 14, 14, 1).astype("float32") / 15
    return images, np.array([int(digit) for digit in part["labels"]])


x_learned, y_learned = unpack(parts["learned"])
x_fresh, y_fresh = unpack(parts["fresh"])
n_learned, n_fresh = len(x_learned), len(x_fresh)
print(x_learned.shape, x_fresh.shape)
# --8<-- [end:load]


# --8<-- [start:build]
def build(depth=2, filters=8):
    """Convolutions of 3 x 3, each with pooling; then ten scores."""
    model = keras.Sequential([keras.Input((14, 14, 1))])
    for layer in range(depth):
        width = filters * 2**layer
        model.add(layers.Conv2D(width, 3, activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(10))
    return model


def train(model, rate, epochs):
    """Adam, 32 images at a time; tested after each epoch."""
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return model.fit(
        x_learned,
        y_learned,
        batch_size=32,
        epochs=epochs,
        validation_data=(x_fresh, y_fresh),
        verbose=0,
    ).history


# --8<-- [end:build]


# --8<-- [start:train]
model = build()
n_parameters = model.count_params()
history = train(model, rate=0.003, epochs=10)
losses, fresh_losses = history["loss"], history["val_loss"]
accuracies = history["val_accuracy"]
accuracy = accuracies[-1]
print(f"{n_parameters:,} parameters, {accuracy:.1%} right")
# --8<-- [end:train]


# --8<-- [start:show]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3))
epochs = range(1, len(losses) + 1)
left.plot(epochs, losses, "o-", label="training set")
left.plot(epochs, fresh_losses, "s--", label="fresh images")
left.set(yscale="log", xlabel="epoch", ylabel="loss")
left.legend()
right.plot(epochs, accuracies, "s--", color="tab:orange")
right.set(xlabel="epoch", ylabel="fresh images right")
right.yaxis.set_major_formatter("{x:.0%}")
plt.tight_layout()
plt.show()
# --8<-- [end:show]


# --8<-- [start:rates]
guess_loss = float(np.log(10))  # ten equal chances
small, middle, high = (
    train(build(), rate, epochs=3)["loss"] for rate in (1e-4, 3e-3, 0.3)
)
slow, good, first, large = small[-1], middle[-1], high[0], high[-1]
print(f"after three epochs {slow:.3f}, {good:.3f}, {large:.3f}")
print(f"at 0.3, mean of the first epoch: {first:.3f}")
print(f"guessing: {guess_loss:.3f}")
# --8<-- [end:rates]
