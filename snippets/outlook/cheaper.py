# --8<-- [start:import]
import json
import re
import tarfile
from collections import Counter
from time import perf_counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import opencc
import tensorflow as tf
from scipy import sparse

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
keras.mixed_precision.set_global_policy("mixed_bfloat16")  # (1)!
# --8<-- [end:import]

# --8<-- [start:read]
FILE = re.compile(r".*/quantangshi/poet\.tang\.\d+\.json")
FORM = re.compile(r"(\w{5}\W){4}|(\w{7}\W){4}")
texts = []
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if FILE.fullmatch(member.name):
            for item in json.load(archive.extractfile(member)):
                texts.append("".join(item["paragraphs"]))
texts = [text for text in texts if FORM.fullmatch(text)]
texts = opencc.OpenCC("t2s").convert("\n".join(texts)).split("\n")
fives, sevens, known_lines = [], [], set()
for lines in (re.findall(r"\w+", text) for text in texts):
    if sum(line in known_lines for line in lines) < 2:  # (1)!
        poem = "{}，{}。{}，{}。".format(*lines)
        (fives if len(lines[0]) == 5 else sevens).append(poem)
        known_lines.update(lines)
print(f"{len(sevens):,} quatrains of sevens, {len(fives):,} of fives")
# --8<-- [end:read]

# --8<-- [start:encode]
sevens = [sevens[i] for i in rng.permutation(len(sevens))]
often = Counter("".join(sevens[1000:]))  # (1)!
vocabulary = ["□", "^", *sorted(c for c in often if often[c] >= 10)]
number_of = {c: i for i, c in enumerate(vocabulary)}
n_tokens = len(vocabulary)


def encode(poems):
    rows = [[number_of.get(c, 0) for c in "^" + p] for p in poems]
    return np.array(rows, np.int32)


test, train = encode(sevens[:500]), encode(sevens[1000:])
print(train.shape, n_tokens)
# --8<-- [end:encode]


# --8<-- [start:block]
class MLP(keras.layers.Layer):
    def __init__(self, width):
        super().__init__()
        dense = keras.layers.Dense
        self.up = dense(4 * width, activation="relu")
        self.down = dense(width, kernel_initializer="zeros")

    def call(self, x):
        return self.down(self.up(x))


class Block(keras.layers.Layer):
    """Look at the places before, then think; add both to x."""

    def __init__(self, width, think, heads=4):
        super().__init__()
        layers = keras.layers
        self.heads, self.width = heads, width
        self.norm_1 = layers.LayerNormalization()
        self.norm_2 = layers.LayerNormalization()
        self.qkv = layers.Dense(3 * width, use_bias=False)
        self.mix = layers.Dense(width, kernel_initializer="zeros")
        self.think = think(width)

    def call(self, x):
        b, n = tf.shape(x)[0], tf.shape(x)[1]
        each = self.width // self.heads
        qkv = self.qkv(self.norm_1(x))
        qkv = tf.reshape(qkv, [b, n, 3, self.heads, each])
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        scores = tf.matmul(q, k, transpose_b=True) / each**0.5
        past = tf.range(n) <= tf.range(n)[:, None]
        scores = tf.where(past, scores, tf.cast(-1e9, scores.dtype))
        mixed = tf.transpose(tf.nn.softmax(scores) @ v, [0, 2, 1, 3])
        x += self.mix(tf.reshape(mixed, [b, n, self.width]))
        return x + self.think(self.norm_2(x))


# --8<-- [end:block]


# --8<-- [start:gpt]
class GPT(keras.Model):
    def __init__(self, width, depth, think=MLP):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.width = width
        self.token = self.add_weight(
            (n_tokens, width), normal, autocast=False
        )
        self.place = self.add_weight(
            (32, width), normal, autocast=False
        )
        share = np.bincount(train.ravel(), minlength=n_tokens) + 0.1
        self.bias = self.add_weight(
            (n_tokens,), lambda *_, **__: np.log(share / share.sum())
        )
        self.blocks = [Block(width, think) for _ in range(depth)]
        self.norm = keras.layers.LayerNormalization()
        self(train[:1, :-1])

    def call(self, rows):
        """Scores for the token after each place."""
        x = tf.gather(self.token, rows)
        x = (x + self.place[: tf.shape(rows)[1]]) * self.width**0.5
        x = tf.cast(x, self.compute_dtype)
        for block in self.blocks:
            x = block(x)
        token = tf.cast(self.token, x.dtype)
        x = tf.matmul(self.norm(x), token, transpose_b=True)
        return tf.cast(x, tf.float32) + tf.cast(self.bias, tf.float32)

    @tf.function
    def bits(self, rows):
        return surprise(rows, self(rows[:, :-1])) / np.log(2)


def surprise(rows, scores):
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(
            rows[:, 1:], scores
        )
    )


def bits(model, rows):
    """Bits per character, marks included."""
    parts = np.split(rows, 5)
    return float(np.mean([model.bits(tf.constant(p)) for p in parts]))


def new(*plan):
    keras.utils.set_random_seed(seed)  # (1)!
    return GPT(*plan)


# --8<-- [end:gpt]


# --8<-- [start:fit]
def fit(model, rows, steps, rate, loss=surprise, only=None, then=None):
    """Train on batches of 16; seconds for each step."""
    chosen = only or model.trainable_variables
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=rate, warmup_steps=steps // 10
    )
    optimizer = keras.optimizers.AdamW(schedule, beta_2=0.95)
    optimizer.build(chosen)

    @tf.function
    def learn(batch):
        with tf.GradientTape() as tape:
            total = loss(batch, model(batch[:, :-1]))
            total += sum(model.losses)
        optimizer.apply(tape.gradient(total, chosen), chosen)

    order = np.random.default_rng(seed)
    for step in range(steps):
        if step == 1:
            began = perf_counter()
        batch = rows[order.choice(len(rows), 16, replace=False)]
        learn(tf.constant(batch))
        if then:
            then()
    return (perf_counter() - began) / (steps - 1)


# --8<-- [end:fit]

# --8<-- [start:base]
width, depth = 128, 2
base = new(width, depth)
base_time = fit(base, train, 400, 6e-3)  # measured: time
base_bits = bits(base, test)
n_parameters = base.count_params()
cache_kilobytes = 2 * 2 * depth * width * 32 / 1024  # (1)!
print(f"{n_parameters:,} parameters, {base_bits:.2f} bits")
# --8<-- [end:base]


# --8<-- [start:quantize]
def quantize(w, b):
    """Pack rows of 32 weights; return bytes, steps and minima."""
    w = w.reshape(-1, 32)
    low = w.min(1, keepdims=True).astype("float16")
    step = (w.max(1, keepdims=True) - low) / (2**b - 1)
    step = np.maximum(step, 1e-4).astype("float16")
    q = np.clip(np.round((w - low) / step), 0, 2**b - 1)
    q = q.astype("uint8").reshape(-1, 8 // b)
    places = b * np.arange(8 // b, dtype="uint8")
    return (q << places).sum(1, dtype="uint8"), step, low


def restore(packed, step, low, b):
    places = b * np.arange(8 // b, dtype="uint8")
    q = packed[:, None] >> places & 2**b - 1
    return q.reshape(-1, 32) * step.astype("float32") + low


# --8<-- [end:quantize]

# --8<-- [start:bits]
matrices = [w for w in base.trainable_variables if len(w.shape) == 2]
trained = base.get_weights()
n_small = n_parameters - sum(w.numpy().size for w in matrices)
megabytes = {"32 bits": 4 * n_parameters / 1e6}
loss = {"32 bits": base_bits}
for b in (8, 4, 2):
    size = 4 * n_small
    for w in matrices:
        parts = quantize(w.numpy(), b)
        size += sum(part.nbytes for part in parts)
        w.assign(restore(*parts, b).reshape(w.shape))
    megabytes[f"{b} bits"] = size / 1e6
    loss[f"{b} bits"] = bits(base, test)
    base.set_weights(trained)
four_cost, two_cost = (loss[f"{b} bits"] - base_bits for b in (4, 2))
print({k: f"{megabytes[k]:.2f} MB, {loss[k]:.2f}" for k in loss})
# --8<-- [end:bits]


# --8<-- [start:prune]
def zeros(share):
    """Zero the smallest weights of each matrix; return the masks."""
    masks = []
    for w in matrices:
        size = np.abs(w.numpy())
        masks.append(size > np.quantile(size, share))
        w.assign(w * masks[-1])
    return masks


for share in (0.5, 0.75):
    masks = zeros(share)
    n_left = n_small + sum(int(mask.sum()) for mask in masks)
    name = f"{share:.0%} zeros"
    megabytes[name] = (4 * n_left + n_parameters / 8) / 1e6  # (1)!
    loss[name] = bits(base, test)
    if share == 0.5:
        base.set_weights(trained)


def mask_again():
    for w, mask in zip(matrices, masks):
        w.assign(w * mask)


fit(base, train, 40, 2e-3, then=mask_again)
loss["75% zeros, trained"] = bits(base, test)
half_cost, zeros_cost, mended_cost = (
    found - base_bits for k, found in loss.items() if "zeros" in k
)
print({k: f"{loss[k]:.2f}" for k in loss if "zeros" in k})
# --8<-- [end:prune]

# --8<-- [start:kernels]
full_w = base.blocks[0].think.up.kernel.numpy().T.copy()
sparse_w = sparse.csr_array(full_w)
x = rng.normal(size=(width, 512)).astype("float32")


def milliseconds(function, times=20):
    """The fastest of many tries."""
    took = []
    for _ in range(times + 1):
        began = perf_counter()
        function()
        took.append(perf_counter() - began)
    return min(took[1:]) * 1000


dense_ms = milliseconds(  # measured: time
    lambda: tf.matmul(full_w, x)
)
sparse_ms = milliseconds(lambda: sparse_w @ x)  # measured: time
part_left = sparse_w.nnz / full_w.size
part_time = sparse_ms / dense_ms
print(f"{part_left:.0%} left, dense {dense_ms:.2f} ms", end=", ")
print(f"sparse {sparse_ms:.2f} ms")
base.set_weights(trained)
# --8<-- [end:kernels]


# --8<-- [start:soft_loss]
def soft_loss(p, z):
    """Cross-entropy of the teacher's p and the student's scores z."""
    return -tf.reduce_mean(tf.reduce_sum(p * tf.nn.log_softmax(z), -1))


# --8<-- [end:soft_loss]

# --8<-- [start:distill]
alone, taught = new(64, 1), new(64, 1)
alone_time = fit(alone, train, 150, 6e-3)  # measured: time


def from_teacher(rows, scores):
    p = tf.nn.softmax(base(rows[:, :-1]))
    return soft_loss(p, scores)


taught_time = fit(  # measured: time
    taught, train, 150, 6e-3, loss=from_teacher
)
longer = new(64, 1)
fit(longer, train, 300, 6e-3)
alone_bits, taught_bits = bits(alone, test), bits(taught, test)
longer_bits = bits(longer, test)
n_student = taught.count_params()
taught_gain = alone_bits - taught_bits
taught_cost, longer_cost = (
    taught_bits - base_bits,
    longer_bits - base_bits,
)
print(f"alone {alone_bits:.2f}, taught {taught_bits:.2f}", end=", ")
print(f"alone and twice the steps {longer_bits:.2f} bits")
# --8<-- [end:distill]


# --8<-- [start:experts]
class Experts(keras.layers.Layer):
    """Four MLPs; each place is sent to one of them."""

    def __init__(self, width, n=4):
        super().__init__()
        self.n = n
        self.router = keras.layers.Dense(n, use_bias=False)
        self.experts = [MLP(width) for _ in range(n)]

    def call(self, x):
        flat = tf.reshape(x, [-1, x.shape[-1]])
        chances = tf.nn.softmax(self.router(flat))
        to = tf.argmax(chances, 1, tf.int32)
        share = tf.reduce_mean(tf.one_hot(to, self.n), 0)
        mean = tf.cast(tf.reduce_mean(chances, 0), tf.float32)
        self.add_loss(0.01 * self.n * tf.reduce_sum(share * mean))
        parts = tf.dynamic_partition(flat, to, self.n)
        at = tf.dynamic_partition(tf.range(tf.size(to)), to, self.n)
        done = [f(part) for f, part in zip(self.experts, parts)]
        y = tf.dynamic_stitch(at, done)
        y *= tf.reduce_max(chances, 1, keepdims=True)
        return tf.reshape(y, tf.shape(x))


# --8<-- [end:experts]

# --8<-- [start:mixture]
mixture = new(64, 1, Experts)
mixture_time = fit(mixture, train, 150, 6e-3)  # measured: time
mixture_bits = bits(mixture, test)
n_mixture = mixture.count_params()
mixture_gain = alone_bits - mixture_bits
print(f"{n_mixture:,} parameters, {mixture_bits:.2f} bits")
# --8<-- [end:mixture]


# --8<-- [start:merge]
def merge(w, a, b):
    """What LoRA leaves behind when it is done: one matrix."""
    return w + a @ b


# --8<-- [end:merge]

# --8<-- [start:lora]
fives = encode([fives[i] for i in rng.permutation(len(fives))])
few, fives_test = fives[:500], fives[1000:1500]
before_bits = bits(base, fives_test)
full, lora = new(width, depth), new(width, depth)
full.set_weights(trained)
lora.set_weights(trained)
full_time = fit(full, few, 60, 2e-3)  # measured: time
adapters = []
for block in lora.blocks:
    mlp = block.think
    for layer in (block.qkv, block.mix, mlp.up, mlp.down):
        layer.enable_lora(8)
        adapters += [layer.lora_kernel_a, layer.lora_kernel_b]
lora_time = fit(  # measured: time
    lora, few, 60, 2e-2, only=adapters
)
n_lora = sum(int(np.prod(w.shape)) for w in adapters)
full_bits, lora_bits = bits(full, fives_test), bits(lora, fives_test)
lora_gap = lora_bits - full_bits
print(f"before {before_bits:.2f}, full {full_bits:.2f}", end=", ")
print(f"LoRA {lora_bits:.2f} bits with {n_lora:,} parameters")
# --8<-- [end:lora]


# --8<-- [start:greedy]
def likeliest(model):
    """The likeliest token after each place of one row; never □."""

    @tf.function
    def run(row):
        return tf.argmax(model(row)[0, :, 1:], -1) + 1

    return lambda row: run(tf.constant(row[None, :32])).numpy()


def write(begun, target):
    row = np.zeros(33, np.int32)
    row[:9] = begun
    for i in range(9, 33):
        row[i] = target(row)[i - 1]
    return row


# --8<-- [end:greedy]


# --8<-- [start:speculate]
def speculate(begun, target, draft, ahead=3):
    """The same row; how many calls, how many drafts, how many kept."""
    row = np.zeros(33, np.int32)
    row[:9] = begun
    i, calls, drafted, kept = 9, 0, 0, 0
    while i < 33:
        end = min(i + ahead, 33)
        for j in range(i, end):
            row[j] = draft(row)[j - 1]
        said = target(row)  # all drafts judged in one call
        right = row[i:end] == said[i - 1 : end - 1]
        n = len(right) if right.all() else int(right.argmin())
        calls, kept = calls + 1, kept + n
        drafted += min(n + 1, end - i)
        i += n
        if i < 33:
            row[i] = said[i - 1]
            i += 1
    return row, calls, drafted, kept


# --8<-- [end:speculate]

# --8<-- [start:race]
target = likeliest(base)
said = np.array([target(row) for row in train[:200]])
follow = np.zeros((n_tokens, n_tokens), np.int32)
np.add.at(follow, (train[:200, :32], said), 1)
table = follow.argmax(1)  # (1)!
drafts = {
    "student": likeliest(taught),
    "table": lambda row: table[row[:32]],
}
begun = test[:20, :9]
began = perf_counter()  # measured: time
plain = [write(row, target) for row in begun]
plain_time = perf_counter() - began  # measured: time
same, rounds, kept_share, faster = {}, {}, {}, {}
for name, draft in drafts.items():
    speculate(begun[0], target, draft)
    began = perf_counter()  # measured: time
    runs = [speculate(row, target, draft) for row in begun]
    took = perf_counter() - began  # measured: time
    rows, calls, drafted, kept = (np.array(x) for x in zip(*runs))
    same[name] = bool((rows == plain).all())
    rounds[name] = int(calls.sum())
    kept_share[name] = float(kept.sum() / drafted.sum())
    faster[name] = plain_time / took  # measured: time
student_kept, table_kept = kept_share.values()
n_written = 24 * len(begun)
print(same, rounds, kept_share, n_written)
print("".join(vocabulary[i] for i in plain[0][1:]))
# --8<-- [end:race]


# --8<-- [start:tokens_a_call]
def tokens_a_call(a, g):
    """Expected tokens, if each of g drafts is right with chance a."""
    return (1 - a ** (g + 1)) / (1 - a)


expected = {k: tokens_a_call(a, 3) for k, a in kept_share.items()}
reached = {k: n_written / n for k, n in rounds.items()}
print(expected, reached)
# --8<-- [end:tokens_a_call]


# --8<-- [start:checkpoint]
deep = new(width, 4)
batch = tf.constant(train[:64])
learned = [w for b in deep.blocks for w in b.trainable_variables]


def kept_megabytes(again):
    """What the forward pass keeps for the gradient, and a step."""
    ends = []

    @tf.function
    def slopes():
        with tf.GradientTape() as tape:
            x = tf.gather(deep.token, batch[:, :-1]) + deep.place
            x = tf.cast(x, deep.compute_dtype)
            for block in deep.blocks:
                x = (tf.recompute_grad(block) if again else block)(x)
            total = tf.reduce_mean(tf.cast(x, tf.float32) ** 2)
        ends.append(total.op.name)
        return tape.gradient(total, learned)

    slopes()
    ops = slopes.get_concrete_function().graph.get_operations()
    n = [op.name for op in ops].index(ends[-1]) + 1
    forward, kept = {op.name for op in ops[:n]}, {}
    for tensor in (t for op in ops[n:] for t in op.inputs):
        while tensor.op.type in ("Identity", "Reshape", "StopGradient"):
            tensor = tensor.op.inputs[0]  # (1)!
        if tensor.op.name in forward and tensor.dtype.is_floating:
            kept[tensor.name] = tensor
    size = sum(
        t.shape.num_elements() * t.dtype.size
        for t in kept.values()
        if t.shape.is_fully_defined() and t.op.type != "ReadVariableOp"
    )
    return size / 1e6, slopes


normal_mb, normal = kept_megabytes(False)
again_mb, again = kept_megabytes(True)
took = [  # measured: time
    [milliseconds(step, 1) for step in (normal, again)]
    for _ in range(8)
]
normal_ms, again_ms = np.min(took, 0).tolist()  # measured: time
print(f"kept {normal_mb:.2f} MB, {again_mb:.2f} MB with recomputing")
# --8<-- [end:checkpoint]


# --8<-- [start:together]
def multiply_adds(model):
    """Millions for each character; of the experts only one works."""
    each = 12 * model.width**2 * len(model.blocks)
    return (each + model.width * n_tokens) / 1e6


models = {"student alone": alone, "student taught": taught}
models["student longer"] = longer
models["four experts"] = mixture
points = {
    name: [megabytes[name.split(",")[0]], multiply_adds(base), found]
    for name, found in loss.items()
}
for name, model in models.items():
    size = 4 * model.count_params() / 1e6
    points[name] = [size, multiply_adds(model), bits(model, test)]
batch = tf.constant(test[:100])
read_ms = {  # measured: time
    name: milliseconds(lambda m=model: m.bits(batch), 5)
    for name, model in models.items()
}
took = []  # measured: time
for _ in range(5):
    base.set_weights(trained)
    took.append([milliseconds(lambda: base.bits(batch), 2)])
    zeros(0.75)
    took[-1].append(milliseconds(lambda: base.bits(batch), 2))
base.set_weights(trained)
best = np.min(took, 0).tolist()  # measured: time
read_ms["base"], read_ms["zeros"] = best  # measured: time
# --8<-- [end:together]

# --8<-- [start:chart]
colors = {"bits": "tab:blue", "zeros": "tab:orange"}
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(8, 3.6))
for name, (size, cost, found) in points.items():
    words = name.replace(",", "").split()
    color = next((colors[w] for w in words if w in colors), "tab:green")
    for axis, x in zip(axes, (size, cost)):
        axis.plot(x, found, "o", color=color)
    side = "right" if name == "student alone" else "left"
    axes[0].annotate(
        name,
        (size, found),
        (6 if side == "left" else -6, 3),
        textcoords="offset points",
        ha=side,
    )
axes[0].set(xlabel="size (MB)", xscale="log", xlim=(0.2, 8))
axes[1].set(xlabel="million multiply-adds a character", xlim=(0, 1))
axes[0].set_ylabel("bits per character")
axes[0].set_yticks([7.2, 7.4, 7.6, 7.8])
axes[0].set_xticks([0.25, 0.5, 1, 2, 4], ["0.25", "0.5", "1", "2", "4"])
axes[0].minorticks_off()
plt.show()
# --8<-- [end:chart]
