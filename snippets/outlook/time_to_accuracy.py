# --8<-- [start:import]
import json
import time
from math import cos, pi

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from scipy.stats import t as student

seed = 0
keras.utils.set_random_seed(seed)
keras.config.set_dtype_policy("mixed_bfloat16")  # (1)!
# --8<-- [end:import]

# --8<-- [start:table]
with open("time_to_accuracy_long.json") as file:
    long = json.load(file)
accuracy = {k: np.array(v) for k, v in long["accuracy"].items()}
calm = {k: np.array(v) < 0.2 for k, v in long["others"].items()}  # (1)!
seconds = {
    name: np.array(values)[calm[f"tensorflow {name}"]]
    for name, values in long["seconds"].items()
}
rungs = ["chapter", *long["changes"][:-1], "final"]
way = np.array([seconds[name].mean() for name in rungs])
right = [float(100 * accuracy[name].mean()) for name in rungs]
chapter_seconds, final_seconds = way[0], way[-1]
final_spread = seconds["final"].std(ddof=1)
faster = chapter_seconds / final_seconds
chapter_right, final_right = right[0], right[-1]
final_right_spread = 100 * accuracy["final"].std(ddof=1)
n_final, n_chapter = len(accuracy["final"]), len(accuracy["chapter"])
# --8<-- [end:table]

# --8<-- [start:picture]
plt.figure(figsize=(6.5, 3))
names = ["the chapter", *(f"+ {name}" for name in long["changes"])]
bars = plt.barh(names, way)
plt.bar_label(bars, [f"{each:.1f} s" for each in way], padding=4)
plt.gca().invert_yaxis()
plt.xlim(0, 1.15 * way[0])
plt.xlabel("seconds of training")
plt.show()
# --8<-- [end:picture]

# --8<-- [start:network]
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
began = time.perf_counter()  # measured: time
x = tf.constant(x[:, 2:26, 2:26, None])
y = tf.constant(y.astype("int32"))
model = keras.Sequential([
    keras.Input((24, 24, 1)),
    layers.Conv2D(32, 5, strides=2, activation="relu"),
    layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dense(10, dtype="float32"),
])
# --8<-- [end:network]

# --8<-- [start:rate]
batch, passes, peak = 128, 2, 0.008
n = len(x) // batch * batch
steps = passes * n // batch
rise = 3 * steps // 10
rate = keras.optimizers.schedules.CosineDecay(
    peak / 25, steps - rise, warmup_target=peak, warmup_steps=rise
)
adam = keras.optimizers.Adam(rate)
weights = model.trainable_variables
adam.build(weights)
# --8<-- [end:rate]


# --8<-- [start:train]
@tf.function
def one_pass(order):
    for i in tf.range(0, n, batch):
        rows = order[i : i + batch]
        pixels = tf.cast(tf.gather(x, rows), "bfloat16") / 255
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.gather(y, rows), model(pixels, training=True)
            )
            loss = tf.reduce_mean(losses)
        adam.apply(tape.gradient(loss, weights), weights)


for _ in range(passes):
    one_pass(tf.random.shuffle(tf.range(len(x)))[:n])
took = time.perf_counter() - began  # measured: time
# --8<-- [end:train]

# --8<-- [start:test]
shown = x_test[:, 2:26, 2:26, None].astype("float32") / 255
logits = [np.asarray(model(part)) for part in np.split(shown, 10)]
predicted = np.concatenate(logits).argmax(axis=1)
test_accuracy = float((predicted == y_test).mean())
print(f"{test_accuracy:.2%} after {took:.1f} s")
# --8<-- [end:test]

# --8<-- [start:way]
part_gone = 100 * (way[:-1] - way[1:]) / (way[0] - way[-1])
divided = way[:-1] / way[1:]
print("seconds  accuracy  divided by  share")
print(f"{way[0]:7.1f}  {right[0]:7.2f}%")
for i, name in enumerate(long["changes"]):
    print(
        f"{way[i + 1]:7.1f}  {right[i + 1]:7.2f}%"
        f"  {divided[i]:10.2f}  {part_gone[i]:4.1f}%  + {name}"
    )
# --8<-- [end:way]

# --8<-- [start:back]
print(f"{final_seconds:7.1f}  {final_right:7.2f}%  with everything")
back, lost = {}, {}
for name in seconds:
    if name.startswith("without"):
        back[name[9:]] = seconds[name].mean() / final_seconds
        several = accuracy["final"][:n_chapter]
        lost[name[9:]] = 100 * (several - accuracy[name]).mean()
        print(
            f"{seconds[name].mean():7.1f}  "
            f"{100 * accuracy[name].mean():7.2f}%  {name}"
        )
# --8<-- [end:back]


# --8<-- [start:time_of]
def time_of(K, B, c, s):
    """Seconds for K steps with B pictures each."""
    return K * (c + B * s)


taken = [seconds["without: batch of 128"].mean(), final_seconds]
counts = {B: passes * (len(x) // B) for B in (32, 128)}
c, s = np.linalg.solve([[K, K * B] for B, K in counts.items()], taken)
step_ms, picture_us = 1000 * c, 1e6 * s
fixed_32, fixed_128 = c / (c + 32 * s), c / (c + 128 * s)
print(f"{step_ms:.2f} ms a step, {picture_us:.0f} µs a picture")
# --8<-- [end:time_of]


# --8<-- [start:one_cycle]
def one_cycle(t, n, w, a):
    """The learning rate at step t of n, the first w of them up."""
    if t < w:
        return a / 25 + (a - a / 25) * t / w
    return a / 2 * (1 + cos(pi * (t - w) / (n - w)))


# --8<-- [end:one_cycle]

# --8<-- [start:curve]
plt.figure(figsize=(6, 2.4))
plt.plot([one_cycle(t, steps, rise, peak) for t in range(steps)])
plt.axhline(0.001, color="tab:orange", ls="--")
plt.xlabel("step")
plt.ylabel("learning rate")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:rounding]
numbers = np.random.default_rng(0).normal(size=100_000)
numbers = numbers.astype("float32")
rounded = tf.cast(tf.cast(numbers, "bfloat16"), "float32").numpy()
largest_error = float(np.abs(rounded / numbers - 1).max())
levels = tf.range(256)
again = tf.cast(tf.cast(levels, "bfloat16"), "int32")
levels_kept = int(tf.reduce_sum(tf.cast(again == levels, "int32")))
print(f"off by {largest_error:.5f} at most; 1/256 = {1 / 256:.5f}")
print(f"{levels_kept} of 256 levels unchanged")
# --8<-- [end:rounding]


# --8<-- [start:margin]
ink = x_test.astype("float64")
cut_ink = float(1 - ink[:, 2:26, 2:26].sum() / ink.sum())
cut_pixels = 1 - 24**2 / 28**2
multiplied = {}
for side, name in ((28, "whole"), (24, "cut")):
    first = (side - 5) // 2 + 1
    flat = 64 * ((first - 2) // 2) ** 2
    multiplied[name] = (
        first**2 * 25 * 32
        + (first - 2) ** 2 * 9 * 32 * 64
        + flat * 128
        + 128 * 10
    )
multiplied["chapter"] = (
    26**2 * 9 * 32 + 11**2 * 9 * 32 * 64 + 1600 * 64 + 64 * 10
)
print({
    name: f"{m / 1e6:.2f} million" for name, m in multiplied.items()
})
# --8<-- [end:margin]

# --8<-- [start:losers]
extra = {}
for name in seconds:
    if name.startswith("with: "):
        extra[name[6:]] = seconds[name].mean()
        print(
            f"{seconds[name].mean():7.1f}  "
            f"{100 * accuracy[name].mean():7.2f}%  {name}"
        )
plain, xla = seconds["40 steps"].mean(), seconds["40 steps, XLA"].mean()
print(f"40 steps: {plain:.1f} s, with XLA {xla:.1f} s")
# --8<-- [end:losers]

# --8<-- [start:rival]
rivals = {k: np.array(v["seconds"]) for k, v in long["rival"].items()}
pairs = calm["torch final"] & calm["tensorflow final"]
mine = np.array(long["seconds"]["final"])
later, n_pairs = (rivals["final"] - mine)[pairs], int(pairs.sum())
later_mean = later.mean()
half = student.ppf(0.975, n_pairs - 1) * later.std(ddof=1)  # (1)!
later_low = later_mean - half / n_pairs**0.5
later_high = later_mean + half / n_pairs**0.5
compile_wait = long["rival"]["compiled"]["first"][0]
calm["torch compiled"][:] = True  # (2)!
for name, values in rivals.items():
    quiet = values[calm[f"torch {name}"]].mean()
    hit = 100 * np.mean(long["rival"][name]["accuracy"])
    print(f"{quiet:7.1f}  {hit:7.2f}%  {name}")
print(f"PyTorch minus TensorFlow: {later_mean:+.2f} s")
# --8<-- [end:rival]
