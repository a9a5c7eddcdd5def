"""Networks of six sizes on MNIST: six claims about size, tested.

python large_vs_small_long.py            takes minutes, on Linux
python large_vs_small_long.py --reduced  less of everything, seconds

Writes large_vs_small_long.json.
"""

import itertools
import json
import statistics
import subprocess
import sys
import time

import keras
import numpy as np
import tensorflow as tf

reduced = "--reduced" in sys.argv
widths = [2, 32] if reduced else [2, 8, 32, 128, 512, 1024]
seeds = range(2) if reduced else range(5)
n_train = 1000 if reduced else 10_000
epochs = 2 if reduced else 10
batch_size = 100

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(-1, 784).astype("float32") / 255
x_test = x_test.reshape(-1, 784).astype("float32") / 255
y_train, y_test = y_train.astype("int64"), y_test.astype("int64")


def build(width, classes=10):
    """Two hidden layers of the same width."""
    return keras.Sequential([
        keras.Input(shape=(784,)),
        keras.layers.Dense(width, activation="relu"),
        keras.layers.Dense(width, activation="relu"),
        keras.layers.Dense(classes),
    ])


def train(model, x, y, steps, batch=batch_size, rate=0.001):
    """Adam on shuffled batches, all steps in one compiled loop."""
    passes = -(-steps * batch // len(x))
    order = [np.random.permutation(len(x)) for _ in range(passes)]
    order = np.concatenate(order)[: steps * batch]
    run(model, rate, x, y, tf.constant(order.reshape(steps, batch)))


def run(model, rate, x, y, rows):
    weights, x, y = (
        model.trainable_variables,
        tf.constant(x),
        tf.constant(y),
    )
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(weights)

    @tf.function
    def loop():
        for i in tf.range(len(rows)):
            with tf.GradientTape() as tape:
                logits = model(tf.gather(x, rows[i]))
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                    tf.gather(y, rows[i]), logits
                )
                loss = tf.reduce_mean(loss)
            optimizer.apply(tape.gradient(loss, weights), weights)

    loop()


def error(model, x, y):
    return float((model(x).numpy().argmax(axis=1) != y).mean())


def sample(seed, n, labels=range(10)):
    """n training images with the given labels, others for each seed."""
    rows = np.flatnonzero(np.isin(y_train, list(labels)))
    chosen = np.random.default_rng(seed).choice(rows, n, replace=False)
    return x_train[chosen], y_train[chosen]


def generalisation(width, seed):
    """Train on n_train images; return the model and its errors."""
    keras.utils.set_random_seed(seed)
    x, y = sample(seed, n_train)
    model = build(width)
    train(model, x, y, epochs * n_train // batch_size)
    return model, error(model, x, y), error(model, x_test, y_test)


def seconds_per_step(model):
    """Median over single training steps on one batch, warmed up."""
    x, y = x_train[:batch_size], y_train[:batch_size]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            value = loss(y, model(x, training=True))
        weights = model.trainable_variables
        optimizer.apply(tape.gradient(value, weights), weights)
        return value

    times = []
    for _ in range(10 if reduced else 60):
        start = time.perf_counter()
        step().numpy()
        times.append(time.perf_counter() - start)
    return statistics.median(times[5:])


def memorised(width, seed):
    """Share of random labels that a network learns by heart."""
    keras.utils.set_random_seed(seed)
    x, _ = sample(seed, 100 if reduced else 1000)
    labels = np.random.default_rng(seed).integers(0, 10, len(x))
    model = build(width)
    steps = 20 if reduced else 1500
    train(model, x, labels, steps)
    return 1 - error(model, x, labels)


def hunger(width, n, seed):
    """Test error after the same number of steps on n examples."""
    keras.utils.set_random_seed(seed)
    x, y = sample(seed, n)
    steps = 50 if reduced else 1500
    model = build(width)
    train(model, x, y, steps)
    return error(model, x_test, y_test)


def versatility(width, seed, all_shots):
    """Error on digits 5 to 9 from a few labels of each.

    On top of a frozen body that learned 0 to 4, on top of a frozen
    body that learned nothing, and with a network trained from
    scratch on the same few labels.
    """
    keras.utils.set_random_seed(seed)
    body, untrained = build(width, classes=5), build(width, classes=5)
    few_steps = epochs * n_train // batch_size // 2
    train(body, *sample(seed, n_train // 2, range(5)), few_steps)
    new = y_test >= 5
    return [
        [
            few_labels(head, encode, rate, few(seed, shots), new)
            for head, encode, rate in (
                (linear(width), features(body), 0.01),
                (linear(width), features(untrained), 0.01),
                (build(width, classes=5), tf.identity, 0.001),
            )
        ]
        for shots in all_shots
    ]


def features(body):
    """What the hidden layers make of an image."""
    return keras.Model(body.inputs[0], body.layers[-2].output)


def linear(width):
    """One layer on top of what a body computes."""
    return keras.Sequential([
        keras.Input(shape=(width,)),
        keras.layers.Dense(5),
    ])


def few(seed, shots):
    """Rows of a few training images of each digit from 5 to 9."""
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(y_train == digit) for digit in range(5, 10)]
    return np.concatenate([
        rng.choice(of, shots, replace=False) for of in rows
    ])


def few_labels(head, encode, rate, rows, new):
    """Train on the rows; return the error on the new digits."""
    x = np.asarray(encode(x_train[rows]))
    steps, batch = (10 if reduced else 200), min(25, len(rows))
    train(head, x, y_train[rows] - 5, steps, batch, rate)
    return error(head, np.asarray(encode(x_test[new])), y_test[new] - 5)


def removal(model, seed):
    """Remove hidden units in random order, both layers together.

    Return how many are gone each time the predictions are looked at,
    and the share of predictions that have changed by then.
    """
    w1, b1, w2, b2, w3, b3 = model.get_weights()
    first = np.maximum(x_test[:1000] @ w1 + b1, 0)
    width = len(b1)
    order = np.random.default_rng(seed).permutation(2 * width)
    counts = np.unique(np.geomspace(1, 2 * width, 49).round())
    shares = [k * width for k in (0.5, 1, 1.5)]  # of 2 width units
    counts = sorted({0, *map(int, counts), *map(int, shares)})
    answers = []
    for count in counts:
        kept = np.ones(2 * width, "float32")
        kept[order[:count]] = 0
        second = np.maximum(first * kept[:width] @ w2 + b2, 0)
        logits = second * kept[width:] @ w3 + b3
        answers.append(logits.argmax(axis=1))
    return counts, [float((a != answers[0]).mean()) for a in answers]


def removed_until(counts, changed, share):
    """Units that are gone when this share of predictions changed."""
    enough = [n for n, c in zip(counts, changed) if c >= share]
    return min(enough, default=counts[-1])


def changed_after(counts, changed, share):
    """Share of predictions changed once this share of units is gone."""
    return changed[counts.index(int(share * counts[-1]))]


def saliency(model, images, labels):
    """Gradient of the label's logit with respect to the pixels."""
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logits = tf.gather(model(x), labels, batch_dims=1)
    return tape.gradient(logits, x).numpy()


def similarity(a, b):
    """Mean cosine similarity of two sets of saliency maps."""
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    kept = lengths > 0
    return float(((a * b).sum(axis=1)[kept] / lengths[kept]).mean())


TRAIN_ALONE = """
import sys, keras, numpy as np
width = int(sys.argv[1])
model = keras.Sequential([
    keras.Input(shape=(784,)),
    keras.layers.Dense(width, activation="relu"),
    keras.layers.Dense(width, activation="relu"),
    keras.layers.Dense(10),
])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss)
for _ in range(20):
    model.train_on_batch(np.zeros((100, 784)), np.zeros(100))
status = open("/proc/self/status").read().split()
print(1024 * int(status[status.index("VmHWM:") + 1]))
"""


def peak_memory(width):
    """Most bytes a fresh process ever had that trains for 20 steps.

    From Linux's own books: a child's ru_maxrss counts its parent's.
    """
    command = [sys.executable, "-c", TRAIN_ALONE, str(width)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return int(done.stdout.split()[-1])


results = {
    "widths": widths,
    "seeds": len(seeds),
    "n_train": n_train,
    "epochs": epochs,
    "batch_size": batch_size,
    "parameters": [build(width).count_params() for width in widths],
    "train_error": [],
    "test_error": [],
    "seconds_per_step": [],
    "peak_memory": [],
    "removal_shares": [0.25, 0.5, 0.75],
    "changed": [],
    "removed_until_shares": [0.1, 0.5],
    "removed_until": [],
    "saliency_noise": [],
    "saliency_seeds": [],
    "memorised": [],
}
noise = np.random.default_rng(0).normal(0, 0.1, (500, 784))
for width in widths:
    runs = [generalisation(width, seed) for seed in seeds]
    models = [model for model, _, _ in runs]
    results["train_error"].append([train for _, train, _ in runs])
    results["test_error"].append([test for _, _, test in runs])
    curves = [removal(model, i) for i, model in enumerate(models)]
    results["changed"].append([
        [changed_after(*curve, share) for curve in curves]
        for share in results["removal_shares"]
    ])
    results["removed_until"].append([
        [removed_until(*curve, share) for curve in curves]
        for share in results["removed_until_shares"]
    ])
    images, labels = x_test[:500], y_test[:500]
    noisy = (images + noise).astype("float32")
    maps = [saliency(model, images, labels) for model in models]
    results["saliency_noise"].append([
        similarity(here, saliency(model, noisy, labels))
        for here, model in zip(maps, models)
    ])
    results["saliency_seeds"].append([
        similarity(a, b) for a, b in itertools.pairwise(maps)
    ])
    results["seconds_per_step"].append(  # measured: time
        seconds_per_step(models[0])
    )
    results["peak_memory"].append(  # measured: memory
        peak_memory(width)
    )
    results["memorised"].append([
        memorised(width, seed) for seed in seeds[:3]
    ])
    print(width, results["test_error"][-1], results["memorised"][-1])

results["hunger_widths"] = [16] if reduced else [8, 64, 512]
results["hunger_examples"] = (
    [100, 1000] if reduced else [100, 300, 1000, 3000, 10_000, 30_000]
)
results["hunger"] = [
    [
        [hunger(width, n, seed) for seed in seeds[:3]]
        for n in results["hunger_examples"]
    ]
    for width in results["hunger_widths"]
]
print("hunger", results["hunger"])

results["shots"] = [1, 5] if reduced else [5, 20]
results["versatility"] = [
    [versatility(width, seed, results["shots"]) for seed in seeds]
    for width in widths
]
with open("large_vs_small_long.json", "w") as file:
    json.dump(results, file, indent=1)
