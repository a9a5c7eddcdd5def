"""How fast can a network learn to read digits at 99 %?

python time_to_accuracy_long.py            takes twenty minutes
python time_to_accuracy_long.py --reduced  less of everything, seconds

Trains the chapter's network as the chapter does, then changes one
thing after another until little time is left, then takes each of
these changes back, and tries what did not help. PyTorch, where it is
installed, trains by the last recipe, in turns with TensorFlow.
Writes time_to_accuracy_long.json. Nothing was chosen with the test
set, which is read here only.
"""

import json
import sys
import time
from importlib.util import find_spec
from math import cos, pi
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

reduced = "--reduced" in sys.argv
few = range(1 if reduced else 3)
many = range(1 if reduced else 10)
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
if reduced:
    x, y, x_test, y_test = (
        x[:1280],
        y[:1280],
        x_test[:500],
        y_test[:500],
    )
x, x_test = x[..., np.newaxis], x_test[..., np.newaxis]
y = y.astype("int32")


def network(kind, side):
    stem = {
        "chapter": [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
        ],
        "normalized": [
            layers.Conv2D(32, 5, strides=2, use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
        ],
        "strided": [layers.Conv2D(32, 5, strides=2, activation="relu")],
    }[kind]
    return keras.Sequential([
        keras.Input((side, side, 1)),
        *stem,
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(
            64 if kind == "chapter" else 128, activation="relu"
        ),
        layers.Dense(10, dtype="float32"),
    ])


def schedule(step, steps, peak):
    """From a 25th of the peak up to it, then down to zero."""
    rise = 3 * steps // 10
    if step < rise:
        return peak / 25 + (peak - peak / 25) * step / rise
    return peak / 2 * (1 + cos(pi * (step - rise) / (steps - rise)))


def cut(pictures, side):
    """Without the margin around the middle."""
    edge = (28 - side) // 2
    return pictures[:, edge : edge + side, edge : edge + side]


def train(recipe, seed):
    """Seconds from pixels in memory to a model, and the model."""
    keras.utils.set_random_seed(seed)
    bits = "mixed_bfloat16" if recipe["bfloat16"] else "float32"
    keras.config.set_dtype_policy(bits)
    batch, epochs = recipe["batch"], recipe["epochs"]
    n = recipe.get("pictures", len(x)) // batch * batch
    steps = n // batch * epochs
    rate = recipe["rate"]
    began = time.perf_counter()
    pixels = cut(x, recipe["side"])
    model = network(recipe["network"], recipe["side"])
    if recipe["one_cycle"]:
        rise = 3 * steps // 10
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 25,
            steps - rise,
            warmup_target=rate,
            warmup_steps=rise,
        )
    adam = keras.optimizers.Adam(rate)
    if recipe["loop"] == "own":
        xla = recipe.get("xla")
        own_loop(pixels, model, adam, batch, epochs, n, xla)
    else:
        fit(pixels, model, adam, batch, epochs, recipe)
    return time.perf_counter() - began, model


def fit(pixels, model, adam, batch, epochs, recipe):
    """The loop that Keras brings."""
    model.compile(
        adam,
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=recipe.get("at_once", 1),
    )
    pixels = pixels.astype("float32") / 255
    if recipe["loop"] == "fit":
        model.fit(pixels, y, batch, epochs, verbose=0)
        return
    pictures = tf.data.Dataset.from_tensor_slices((pixels, y))
    pictures = pictures.cache().shuffle(len(x)).batch(batch, True)
    model.fit(pictures.prefetch(2), epochs=epochs, verbose=0)


def own_loop(pixels, model, adam, batch, epochs, n, xla):
    """A pass over the data is one graph, and one call."""
    weights = model.trainable_variables
    adam.build(weights)
    pixels, labels = tf.constant(pixels), tf.constant(y)

    def step(rows):
        seen = tf.cast(tf.gather(pixels, rows), model.compute_dtype)
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.gather(labels, rows),
                model(seen / 255, training=True),
            )
            loss = tf.reduce_mean(losses)
        adam.apply(tape.gradient(loss, weights), weights)

    compiled = tf.function(step, jit_compile=True) if xla else step

    @tf.function
    def once(order):
        for i in tf.range(0, n, batch):
            compiled(order[i : i + batch])

    for _ in range(epochs):
        once(tf.random.shuffle(tf.range(len(x)))[:n])


def hits(model, side):
    parts = np.split(cut(x_test, side), 10)
    logits = [
        np.asarray(model(part.astype("float32") / 255))
        for part in parts
    ]
    return float(np.mean(np.concatenate(logits).argmax(1) == y_test))


# The rival: the same network, start, order of steps, and rates.

torch = None
if find_spec("torch"):
    import torch

    torch.set_num_threads(2)


def rival(recipe, seed):
    torch.manual_seed(seed)
    batch, epochs = recipe["batch"], recipe["epochs"]
    n = recipe.get("pictures", len(x)) // batch * batch
    steps = n // batch * epochs
    began = time.perf_counter()
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 5, stride=2),
        torch.nn.ReLU(),
        torch.nn.Conv2d(32, 64, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(64 * ((recipe["side"] - 8) // 4) ** 2, 128),
        torch.nn.ReLU(),
        torch.nn.Linear(128, 10),
    )
    for weight in model.parameters():
        if weight.ndim > 1:
            torch.nn.init.xavier_uniform_(weight)
        else:
            torch.nn.init.zeros_(weight)
    form = (
        torch.channels_last
        if recipe["last"]
        else torch.contiguous_format
    )
    model = model.to(memory_format=form)
    side = recipe["side"]
    pixels = torch.from_numpy(cut(x, side).copy()).permute(0, 3, 1, 2)
    pixels = pixels.contiguous(memory_format=form)
    labels = torch.from_numpy(y).long()
    adam = torch.optim.Adam(
        model.parameters(), recipe["rate"], eps=1e-7, fused=True
    )

    def loss(seen, wanted):
        with torch.autocast(
            "cpu", torch.bfloat16, enabled=recipe["bfloat16"]
        ):
            logits = model(seen.float() / 255)
        return torch.nn.functional.cross_entropy(logits.float(), wanted)

    loss = torch.compile(loss) if recipe.get("compile") else loss
    done, waited = 0, 0
    for _ in range(epochs):
        order = torch.randperm(len(x))[:n]
        for rows in order.split(batch):
            now = schedule(done, steps, recipe["rate"])
            adam.param_groups[0]["lr"] = now
            adam.zero_grad()
            loss(pixels[rows], labels[rows]).backward()
            adam.step()
            done += 1
            waited = waited or time.perf_counter() - began
    seconds = time.perf_counter() - began
    model.eval()
    with torch.no_grad():
        shown = torch.from_numpy(cut(x_test, side).copy())
        shown = shown.permute(0, 3, 1, 2).float()
        with torch.autocast(
            "cpu", torch.bfloat16, enabled=recipe["bfloat16"]
        ):
            logits = model(shown.contiguous(memory_format=form) / 255)
    right = logits.argmax(1).numpy() == y_test
    return seconds, float(right.mean()), waited


# How much of the processor others had meanwhile, where Linux says.


def busy():
    try:
        words = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    except OSError:
        return None
    ticks = [int(word) for word in words[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / 100, sum(ticks) / 100


seconds, accuracy, others, rivals = {}, {}, {}, {}


def race(name, recipe, seed, framework="tensorflow"):
    before, own, waited = busy(), time.process_time(), None
    if framework == "torch":
        took, right, waited = rival(recipe, seed)
        found = rivals.setdefault(name, {"seconds": [], "accuracy": []})
        found["seconds"].append(round(took, 3))
        found["accuracy"].append(right)
        found.setdefault("first", []).append(round(waited, 3))
    else:
        took, model = train(recipe, seed)
        right = hits(model, recipe["side"])
        seconds.setdefault(name, []).append(round(took, 3))
        accuracy.setdefault(name, []).append(right)
    after, own, share = busy(), time.process_time() - own, 0.0
    if before:
        worked = after[0] - before[0] - own
        share = max(0.0, worked) / (after[1] - before[1])
    others.setdefault(f"{framework} {name}", []).append(round(share, 3))
    print(framework, name, seed, round(took, 2), right, round(share, 2))
    sys.stdout.flush()


chapter = {
    "network": "chapter",
    "side": 28,
    "batch": 32,
    "epochs": 1 if reduced else 10,
    "rate": 0.001,
    "one_cycle": False,
    "bfloat16": False,
    "loop": "fit",
}
changes = [
    ("batch of 128", {"batch": 128, "rate": 0.002}),
    (
        "one cycle, 2 passes",
        {
            "epochs": 1 if reduced else 2,
            "rate": 0.008,
            "one_cycle": True,
        },
    ),
    ("bfloat16", {"bfloat16": True}),
    ("loop in one graph", {"loop": "own"}),
    ("stride in place of pooling", {"network": "strided"}),
    ("margin cut off", {"side": 24}),
]
final = dict(chapter)
for _, change in changes:
    final |= change
without = {
    "without: batch of 128": {"batch": 32, "rate": 0.004},
    "without: one cycle": {"one_cycle": False, "rate": 0.002},
    "without: bfloat16": {"bfloat16": False},
    "without: loop in one graph": {"loop": "fit"},
    "without: stride": {"network": "chapter"},
    "without: margin cut off": {"side": 28},
}
more = {
    "with: tf.data": {"loop": "tf.data"},
    "with: 30 steps a call": {"loop": "fit", "at_once": 30},
    "with: normalization": {"network": "normalized"},
}

short = 128 * (4 if reduced else 40)
brief = final | {"pictures": short, "epochs": 1}
train(brief, 0)  # libraries load what they need at first
if torch:
    rival(brief | {"last": True}, 0)

# First the rivals, in turns.

for seed in many:
    race("final", final, seed)
    if torch:
        race("final", final | {"last": True}, seed, "torch")
for seed in few:
    race("without: bfloat16", final | {"bfloat16": False}, seed)
    if torch:
        single = final | {"bfloat16": False}
        race("float32", single | {"last": True}, seed, "torch")
if torch:
    race("channels first", final | {"last": False}, 0, "torch")
if torch and not reduced:
    compiled = final | {"last": True, "compile": True}
    race("compiled", compiled, 0, "torch")

# Then each change taken back, and what was not taken up.

for name, change in (without | more).items():
    for seed in few:
        if name != "without: bfloat16":
            race(name, final | change, seed)
for seed in few:
    race("40 steps", brief, seed)
    race("40 steps, XLA", brief | {"xla": True}, seed)

# Then the way there, from the chapter on.

for seed in few:
    recipe = dict(chapter)
    race("chapter", recipe, seed)
    for name, change in changes[:-1]:
        recipe |= change
        race(name, recipe, seed)

version = torch and torch.__version__.split("+")[0]
results = {
    "changes": [name for name, _ in changes],
    "steps": {
        "chapter": len(x) // 32 * chapter["epochs"],
        "final": len(x) // 128 * final["epochs"],
    },
    "accuracy": accuracy,
    "seconds": seconds,  # measured: time
    "others": others,  # measured: time
    "rival": rivals,  # measured: machine, where PyTorch is installed
    "torch": version,  # measured: machine
}
with open("time_to_accuracy_long.json", "w") as file:
    json.dump(results, file)
