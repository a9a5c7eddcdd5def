# --8<-- [start:import]
import json
import statistics
import time
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from scipy import stats

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:load]
long = json.loads(Path("large_vs_small_long.json").read_text())
widths, sizes = long["widths"], long["parameters"]
seeds = long["seeds"]
for width, size in zip(widths, sizes):
    print(f"width {width:4}: {size:9,} parameters")
# --8<-- [end:load]


# --8<-- [start:spread]
def mean_and_error(runs):
    """Mean over the seeds, and its standard error."""
    runs = np.asarray(runs)
    n = runs.shape[-1]
    return runs.mean(-1), runs.std(-1, ddof=1) / np.sqrt(n)


# --8<-- [end:spread]

# --8<-- [start:errors]
train_error, train_spread = mean_and_error(long["train_error"])
test_error, test_spread = mean_and_error(long["test_error"])
plt.errorbar(sizes, test_error, test_spread, marker="o", capsize=3)
plt.errorbar(sizes, train_error, train_spread, marker="s", capsize=3)
plt.xscale("log")
plt.yscale("symlog", linthresh=1e-3)
plt.ylim(0, 1)
plt.text(sizes[-1], 1.3 * test_error[-1], "test", ha="right")
plt.text(sizes[3], 0.4 * train_error[3], "training", ha="right")
plt.xlabel("parameters")
plt.ylabel("error")
plt.show()
# --8<-- [end:errors]


# --8<-- [start:count]
def mlp_parameters(d, w, c):
    """Parameters of a network d -> w -> w -> c."""
    return (d + 1) * w + (w + 1) * w + (w + 1) * c


smallest, largest = sizes[0], sizes[-1]
orders = float(np.log10(largest / smallest))
print([mlp_parameters(784, width, 10) for width in widths])
# --8<-- [end:count]


# --8<-- [start:spirals]
def spirals(n, rng):
    """Two intertwined spirals: n points and the arm of each."""
    arm = rng.integers(0, 2, n)
    radius = np.sqrt(rng.uniform(0.02, 1, n))
    angle = 5 * np.pi * radius + np.pi * arm
    points = radius[:, None] * np.stack(
        [np.cos(angle), np.sin(angle)], 1
    )
    return points.astype("float32"), arm.astype("float32")


points, arms = spirals(1000, np.random.default_rng(seed))
# --8<-- [end:spirals]


# --8<-- [start:fit]
def mlp(inputs, width, outputs):
    """Two hidden layers of the same width."""
    return keras.Sequential([
        keras.Input(shape=(inputs,)),
        keras.layers.Dense(width, activation="relu"),
        keras.layers.Dense(width, activation="relu"),
        keras.layers.Dense(outputs),
    ])


def fit_spirals(width, steps=1000):
    """Train on all points at once, in one compiled loop."""
    model = mlp(2, width, 1)
    weights = model.trainable_variables
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(weights)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function
    def train():
        for _ in tf.range(steps):
            with tf.GradientTape() as tape:
                value = loss(arms[:, None], model(points))
            optimizer.apply(tape.gradient(value, weights), weights)

    train()
    return model


# --8<-- [end:fit]

# --8<-- [start:spirals_sizes]
spiral_widths = [2, 8, 128]
spiral_models = [  # measured: seed
    fit_spirals(width) for width in spiral_widths
]
spiral_accuracy = [
    float(((model(points)[:, 0].numpy() > 0) == arms).mean())
    for model in spiral_models
]
smallest_fits, largest_fits = spiral_accuracy[0], spiral_accuracy[-1]
print(spiral_accuracy)
# --8<-- [end:spirals_sizes]

# --8<-- [start:spirals_figure]
grid = np.linspace(-1.15, 1.15, 120, dtype="float32")
plane = np.stack(np.meshgrid(grid, grid), -1).reshape(-1, 2)
figure, axes = plt.subplots(1, 3, figsize=(7, 2.5), sharey=True)
for ax, width, model in zip(axes, spiral_widths, spiral_models):
    side = (model(plane).numpy() > 0).reshape(120, 120)
    ax.contourf(grid, grid, side, cmap="coolwarm", alpha=0.35)
    ax.scatter(*points.T, c=arms, cmap="coolwarm", s=2, rasterized=True)
    ax.set(title=f"width {width}", xticks=[], yticks=[], aspect=1)
plt.show()
# --8<-- [end:spirals_figure]

# --8<-- [start:memorised]
memorised, memorised_error = mean_and_error(long["memorised"])
plt.errorbar(sizes, memorised, memorised_error, marker="o", capsize=3)
plt.axhline(0.1, color="tab:gray", linestyle=":", label="guessing")
plt.xscale("log")
plt.xlabel("parameters")
plt.ylabel("random labels learned by heart")
plt.legend()
plt.show()
# --8<-- [end:memorised]

# --8<-- [start:memorised_values]
memorised_shares = memorised.tolist()
first_perfect = int(np.argmax(memorised > 0.995))
perfect_size = sizes[first_perfect]
print([f"{share:.1%}" for share in memorised_shares], perfect_size)
# --8<-- [end:memorised_values]

# --8<-- [start:gain]
test_errors, train_errors = test_error.tolist(), train_error.tolist()
test_spreads = test_spread.tolist()
last_gain = test_errors[-2] - test_errors[-1]
last_p = float(
    stats.ttest_rel(*long["test_error"][-2:]).pvalue  # same seeds
)
print(f"{last_gain:+.3%}, p = {last_p:.2f}")
# --8<-- [end:gain]

# --8<-- [start:versatility]
versatility = np.array(long["versatility"])  # width, seed, labels, way
twenty = versatility[:, :, long["shots"].index(20)]
for way, marker in enumerate("os^"):
    runs = twenty[:, :, way]
    plt.errorbar(sizes, *mean_and_error(runs), marker=marker, capsize=3)
plt.xscale("log")
plt.xlabel("parameters")
plt.ylabel("error on digits 5 to 9")
plt.legend(["trained body", "untrained body", "from scratch"])
plt.show()
# --8<-- [end:versatility]

# --8<-- [start:versatility_values]
trained, untrained, scratch = twenty.mean(axis=1).T.tolist()
by_seed = twenty[-1].T  # of the largest network
behind_scratch, scratch_spread = map(
    float, mean_and_error(by_seed[0] - by_seed[2])
)
behind_untrained, untrained_spread = map(
    float, mean_and_error(by_seed[0] - by_seed[1])
)
print(f"{behind_scratch:.3f} ± {scratch_spread:.3f} behind scratch")
print(f"{behind_untrained:.3f} ± {untrained_spread:.3f} untrained")
# --8<-- [end:versatility_values]


# --8<-- [start:cost_formulas]
def step_flops(n, b):
    """Floating-point operations of one step on b examples."""
    return 6 * n * b


def adam_bytes(n):
    """Weight, gradient and two moments in float32."""
    return 16 * n


# --8<-- [end:cost_formulas]


# --8<-- [start:flops]
def counted_flops(width, b):
    """Operations that TensorFlow counts in one step's gradients."""
    model = mlp(784, width, 10)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def gradients(x, y):
        with tf.GradientTape() as tape:
            value = loss(y, model(x))
        return tape.gradient(value, model.trainable_variables)

    graph = gradients.get_concrete_function(
        tf.TensorSpec((b, 784)), tf.TensorSpec((b,), tf.int32)
    ).graph
    v1 = tf.compat.v1.profiler
    options = v1.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return v1.profile(graph, options=options).total_float_ops


# --8<-- [end:flops]

# --8<-- [start:counted]
tf.get_logger().setLevel("ERROR")  # the profiler calls itself old
batch_size = long["batch_size"]
flops = [step_flops(size, batch_size) for size in sizes]
counted = [counted_flops(width, batch_size) for width in widths]
flops_ratio = [c / f for c, f in zip(counted, flops)]
print([f"{ratio:.2f}" for ratio in flops_ratio])
# --8<-- [end:counted]

# --8<-- [start:cost]
milliseconds = [1000 * t for t in long["seconds_per_step"]]
speed = [f / t / 1e6 for f, t in zip(counted, milliseconds)]  # GFLOP/s
plt.plot(sizes, milliseconds, "o-")
plt.plot(sizes, [f / speed[-1] / 1e6 for f in counted], "--")
plt.loglog()
plt.xlabel("parameters")
plt.ylabel("milliseconds per step")
plt.legend(["measured", "operations at the largest one's speed"])
plt.show()
# --8<-- [end:cost]

# --8<-- [start:cost_values]
cost_ratio = counted[-1] / counted[0]
time_ratio = milliseconds[-1] / milliseconds[0]
print(f"operations x{cost_ratio:.0f}, time x{time_ratio:.1f}")
print([f"{s:.2g} GFLOP/s" for s in speed])
# --8<-- [end:cost_values]

# --8<-- [start:memory]
megabytes = [peak / 1e6 for peak in long["peak_memory"]]
extra = [m - megabytes[0] for m in megabytes[2:]]
predicted = [adam_bytes(n - sizes[0]) / 1e6 for n in sizes[2:]]
plt.plot(sizes[2:], extra, "o-")
plt.plot(sizes[2:], predicted, "--")
plt.loglog()
plt.xlabel("parameters")
plt.ylabel("MB more than the smallest")
plt.legend(["measured", "16 N"])
plt.show()
# --8<-- [end:memory]

# --8<-- [start:memory_values]
smallest_megabytes, largest_extra = megabytes[0], extra[-1]
largest_predicted = predicted[-1]
gpt3_terabytes = adam_bytes(175e9) / 1e12
print([f"{m:.0f}" for m in megabytes], [f"{m:.1f}" for m in extra])
# --8<-- [end:memory_values]


# --8<-- [start:measure]
def milliseconds_per_step(width, steps=40):
    """Median of single training steps on this machine."""
    model = mlp(784, width, 10)
    optimizer = keras.optimizers.Adam()
    optimizer.build(model.trainable_variables)
    x = tf.random.uniform((batch_size, 784))

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(model(x) ** 2)
        weights = model.trainable_variables
        optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    times = []
    for _ in range(steps):
        start = time.perf_counter()
        step().numpy()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[5:])


# --8<-- [end:measure]

# --8<-- [start:measured]
live_small_ms = milliseconds_per_step(widths[0])  # measured: time
live_large_ms = milliseconds_per_step(widths[-1])  # measured: time
live_time_ratio_ms = live_large_ms / live_small_ms
print(f"{live_small_ms:.2f} ms, {live_large_ms:.2f} ms")
# --8<-- [end:measured]

# --8<-- [start:removal]
removal_shares = long["removal_shares"]
for i in range(len(removal_shares)):
    runs = [per_width[i] for per_width in long["changed"]]
    plt.errorbar(sizes, *mean_and_error(runs), marker="o", capsize=3)
plt.xscale("log")
plt.ylim(0, 1)
plt.xlabel("parameters")
plt.ylabel("predictions changed")
plt.legend([f"{share:.0%} removed" for share in removal_shares])
plt.show()
# --8<-- [end:removal]

# --8<-- [start:removal_values]
quarter, half, _ = np.mean(long["changed"], axis=-1).T  # by width
quarter_gone, half_gone = quarter.tolist(), half.tolist()
until = np.array(long["removed_until"])[:, 0]  # a tenth has changed
units = 2 * np.array(widths)
removed_units = np.median(until, axis=1).tolist()
removed_share = (np.median(until, axis=1) / units).tolist()
print(removed_units, [f"{share:.0%}" for share in removed_share])
# --8<-- [end:removal_values]


# --8<-- [start:cosine]
def cosine(a, b):
    """Cosine of the angle between two saliency maps."""
    return a @ b / np.sqrt((a @ a) * (b @ b))


# --8<-- [end:cosine]

# --8<-- [start:saliency]
for name, marker in (("saliency_noise", "o"), ("saliency_seeds", "s")):
    plt.errorbar(
        sizes, *mean_and_error(long[name]), marker=marker, capsize=3
    )
plt.xscale("log")
plt.ylim(0, 1)
plt.xlabel("parameters")
plt.ylabel("cosine similarity")
plt.legend(["image with noise added", "another seed"])
plt.show()
# --8<-- [end:saliency]

# --8<-- [start:saliency_values]
noise_similarity = np.mean(long["saliency_noise"], axis=1).tolist()
seed_similarity = np.mean(long["saliency_seeds"], axis=1).tolist()
print([round(s, 2) for s in noise_similarity])
print([round(s, 2) for s in seed_similarity])
# --8<-- [end:saliency_values]


# --8<-- [start:power_law]
def fit_power_law(n, error):
    """Slope of log error over log n with its 95 % interval."""
    line = stats.linregress(np.log(n), np.log(error))
    reach = stats.t.ppf(0.975, len(n) - 2) * line.stderr
    return line.slope, line.intercept, reach


# --8<-- [end:power_law]

# --8<-- [start:fits]
examples = long["hunger_examples"]
hunger = np.array(long["hunger"])  # width, examples, seed
fits = [fit_power_law(examples, runs.mean(1)) for runs in hunger]
# --8<-- [end:fits]

# --8<-- [start:hunger]
for i, width in enumerate(long["hunger_widths"]):
    slope, intercept, reach = fits[i]
    plt.errorbar(
        examples, *mean_and_error(hunger[i]), fmt="o", color=f"C{i}"
    )
    line = np.exp(intercept) * np.array(examples) ** slope
    plt.plot(examples, line, color=f"C{i}", label=f"width {width}")
plt.loglog()
plt.xlabel("training examples")
plt.ylabel("test error")
plt.legend()
plt.show()
# --8<-- [end:hunger]

# --8<-- [start:hunger_values]
slopes = [slope for slope, _, _ in fits]
reaches = [reach for _, _, reach in fits]
hunger_errors = hunger.mean(-1).tolist()
halving = [2 ** (-1 / slope) for slope in slopes]
print([f"{s:.2f} ± {r:.2f}" for s, r in zip(slopes, reaches)])
# --8<-- [end:hunger_values]
