"""A small network that reads digits drawn in a browser.

python draw_a_digit_long.py            takes a few minutes
python draw_a_digit_long.py --reduced  less of everything, seconds

Trains on MNIST, each image turned, slanted, stretched and shifted
anew in each epoch. Writes draw_a_digit_long.json: the weights, each
array as the base64 of its single-precision numbers.
"""

import base64
import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from scipy import ndimage

reduced = "--reduced" in sys.argv
epochs = 1 if reduced else 10
n_train = 500 if reduced else 60_000
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

(x, y), _ = keras.datasets.mnist.load_data()
x, y = x[:n_train].astype("float32") / 255, y[:n_train]


def varied(image):
    """Turned, slanted, stretched and shifted at random."""
    angle = np.radians(rng.uniform(-12, 12))
    turn = np.array([
        [np.cos(angle), -np.sin(angle)],
        [np.sin(angle), np.cos(angle)],
    ])
    slant = np.array([[1, 0], [rng.uniform(-0.2, 0.2), 1]])
    matrix = turn @ slant @ np.diag(rng.uniform(0.85, 1.15, 2))
    shift = rng.uniform(-1.5, 1.5, 2)
    offset = 13.5 - matrix @ (13.5 + shift)
    return ndimage.affine_transform(image, matrix, offset, order=1)


model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(16, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dropout(0.3),
    layers.Dense(10),
])
steps = epochs * -(-n_train // 128)
model.compile(
    keras.optimizers.Adam(
        keras.optimizers.schedules.CosineDecay(
            0.0,
            steps * 9 // 10,
            warmup_target=3e-3,
            warmup_steps=steps // 10,
        )
    ),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
for epoch in range(epochs):
    seen = np.array([varied(image) for image in x])[..., np.newaxis]
    history = model.fit(seen, y, batch_size=128, verbose=0)
    print(epoch, history.history["loss"], flush=True)
names = ("conv1", "bias1", "conv2", "bias2", "dense", "bias")
Path("draw_a_digit_long.json").write_text(
    json.dumps({
        name: {
            "shape": array.shape,
            "base64": base64.b64encode(array.astype("<f4")).decode(),
        }
        for name, array in zip(names, model.get_weights(), strict=True)
    })
    + "\n"
)
