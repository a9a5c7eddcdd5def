# --8<-- [start:import]
import math
import re
import sys
from functools import partial
from time import perf_counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
plt.rc("figure", figsize=(6, 3.2))
plt.rc("font", size=12)
# --8<-- [end:import]


# --8<-- [start:bill]
def state_memory(N, w, g, s):
    return (w + g + s) * N


def training_flops(N, D):
    return 6 * N * D


def training_seconds(C, G, p, u):
    return C / (G * p * u)


def training_cost(C, p, u, r):
    return C * r / (3600 * p * u)


# --8<-- [end:bill]

# --8<-- [start:plans]
peak, share, price, gpus = 989.4e12, 0.4, 2.0, 1024
sizes = [1.5e9, 7e9, 70e9, 405e9]
counts = [30e9, 140e9, 1.4e12, 15.6e12]
flops = [training_flops(n, d) for n, d in zip(sizes, counts)]
gigabytes = [state_memory(n, 2, 2, 12) / 1e9 for n in sizes]
days = [training_seconds(C, gpus, peak, share) / 86400 for C in flops]
dollars = [training_cost(C, peak, share, price) for C in flops]
print(np.round(days, 2), np.round(dollars))
# --8<-- [end:plans]

# --8<-- [start:gpt]
layers = keras.layers


class Block(layers.Layer):
    def __init__(self, d, h, f):
        super().__init__()
        self.norm_1 = layers.LayerNormalization()
        self.attention = layers.MultiHeadAttention(h, d // h)
        self.norm_2 = layers.LayerNormalization()
        self.up = layers.Dense(f, activation="gelu")
        self.down = layers.Dense(d)

    def build(self, shape):
        self.norm_1.build(shape)
        self.attention.build(shape, shape)
        self.norm_2.build(shape)
        self.up.build(shape)
        self.down.build((*shape[:-1], self.up.units))

    def call(self, x):
        y = self.norm_1(x)
        x = x + self.attention(y, y, use_causal_mask=True)
        return x + self.down(self.up(self.norm_2(x)))


class GPT(keras.Model):
    def __init__(self, V, T, L, d, h):
        super().__init__()
        self.tokens = layers.Embedding(V, d)
        self.places = layers.Embedding(T, d)
        self.blocks = [Block(d, h, 4 * d) for _ in range(L)]
        self.norm = layers.LayerNormalization()

    def call(self, ids):
        places = keras.ops.arange(keras.ops.shape(ids)[1])
        x = self.tokens(ids) + self.places(places)
        for block in self.blocks:
            x = block(x)
        table = keras.ops.transpose(self.tokens.embeddings)
        return keras.ops.matmul(self.norm(x), table)


def gpt_parameters(V, T, L, d):
    return (V + T) * d + L * (12 * d**2 + 13 * d) + 2 * d


# --8<-- [end:gpt]


# --8<-- [start:model]
def built_gpt(V, T, L, d, h=1):
    model = GPT(V, T, L, d, h)
    model(np.zeros((1, T), "int32"))
    return model


V, T, L, d, h = 512, 128, 3, 256, 4
model = built_gpt(V, T, L, d, h)
N = model.count_params()
optimizer = keras.optimizers.Adam()
optimizer.build(model.trainable_variables)
print(f"{N:,} parameters, formula {gpt_parameters(V, T, L, d):,}")
# --8<-- [end:model]

# --8<-- [start:step]
loss_function = keras.losses.SparseCategoricalCrossentropy(
    from_logits=True
)


def loss_and_gradients(model, ids):
    with tf.GradientTape() as tape:
        loss = loss_function(ids[:, 1:], model(ids[:, :-1]))
    return loss, tape.gradient(loss, model.trainable_variables)


@tf.function(input_signature=[tf.TensorSpec((None, T + 1), tf.int32)])
def train_step(ids):
    loss, gradients = loss_and_gradients(model, ids)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


def texts(count):
    return tf.random.uniform((count, T + 1), 0, V, tf.int32)


# --8<-- [end:step]


# --8<-- [start:state_sizes]
def size_in_bytes(tensors):
    tensors = [tf.convert_to_tensor(each) for each in tensors]
    return sum(math.prod(t.shape) * t.dtype.size for t in tensors)


_, gradients = loss_and_gradients(model, texts(1))
weight_bytes = size_in_bytes(model.trainable_variables)
gradient_bytes = size_in_bytes(gradients)
adam_bytes = size_in_bytes(optimizer.variables)
print(weight_bytes, gradient_bytes, adam_bytes)
states = weight_bytes + gradient_bytes + adam_bytes
extra_bytes = states - state_memory(N, 4, 4, 8)
print(states, extra_bytes)
# --8<-- [end:state_sizes]


# --8<-- [start:activation_memory]
def activation_memory(B, T, L, d, h, V):
    return 4 * B * T * (L * (16 * d + h * T) + 2 * V)


# --8<-- [end:activation_memory]


# --8<-- [start:peak]
def peak_memory():
    if sys.platform == "linux":
        words = open("/proc/self/status").read().split()
        return 1024 * int(words[words.index("VmHWM:") + 1])  # (1)!
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


train_step(texts(1))
batch_sizes = [4, 8, 16, 24, 32]
peak_memory_mb = []  # measured: memory
for B in batch_sizes:
    train_step(texts(B))
    peak_memory_mb.append(peak_memory() / 1e6)
# --8<-- [end:peak]

# --8<-- [start:slope]
measured_memory, start_mb = np.polyfit(batch_sizes, peak_memory_mb, 1)
predicted = activation_memory(1, T, L, d, h, V) / 1e6
memory_ratio = measured_memory / predicted
print(f"per text: measured {measured_memory:.1f} MB")
print(f"          predicted {predicted:.1f} MB")
# --8<-- [end:slope]

# --8<-- [start:memory_chart]
ends = np.array([0, 32])
plt.plot(batch_sizes, peak_memory_mb, "o", label="measured")
plt.plot(ends, start_mb + measured_memory * ends, color="tab:blue")
plt.plot(ends, start_mb + predicted * ends, "--", label="formula")
plt.xlabel("texts in a batch")
plt.ylabel("peak memory (MB)")
plt.legend()
plt.show()
# --8<-- [end:memory_chart]


# --8<-- [start:forward_flops]
def forward_flops(V, T, L, d):
    return L * (24 * d**2 + 4 * T * d) + 2 * V * d


# --8<-- [end:forward_flops]

# --8<-- [start:counted_flops]
PRODUCT = re.compile(
    r"f32\[(\S+)\]\S* dot\(f32\[(\S+)\].*?"
    r"lhs_contracting_dims=\{(\S+)\}"
)


def counted_flops(function, *inputs):
    compiled = tf.function(function, jit_compile=True)
    program = compiled.experimental_get_compiler_ir(*inputs)("hlo")
    total = 0
    for found in PRODUCT.findall(program):
        out, left, summed = (
            [int(number) for number in numbers.split(",")]
            for numbers in found
        )
        total += 2 * math.prod(out) * math.prod(left[i] for i in summed)
    return total


# --8<-- [end:counted_flops]

# --8<-- [start:count]
two = texts(2)
tokens = 2 * T
forward_count = counted_flops(model, two[:, :-1])
training_count = counted_flops(partial(loss_and_gradients, model), two)
print(forward_count, tokens * forward_flops(V, T, L, d))
print(training_count / forward_count)
# --8<-- [end:count]

# --8<-- [start:rule]
rule_ratio = training_flops(N, tokens) / training_count
print(f"6ND is {rule_ratio:.3f} of what was counted")
# --8<-- [end:rule]

# --8<-- [start:widths]
widths = [16, 32, 64, 128, 256]
ratios = []
for width in widths:
    small = built_gpt(256, 64, 1, width)
    count = counted_flops(
        partial(loss_and_gradients, small),
        tf.zeros((1, 65), tf.int32),
    )
    ratios.append(training_flops(small.count_params(), 64) / count)
print([round(ratio, 3) for ratio in ratios])
# --8<-- [end:widths]

# --8<-- [start:widths_chart]
wide = np.geomspace(16, 12288, 100)
whole = gpt_parameters(256, 64, 1, wide)
exact = 3 * forward_flops(256, 64, 1, wide)
plt.plot(wide, 6 * whole / exact, color="tab:orange", label="formula")
plt.plot(widths, ratios, "o", color="tab:blue", label="counted")
plt.axhline(1, color="tab:gray", linewidth=1)
plt.xscale("log")
plt.xlabel("width d")
plt.ylabel("6ND / counted")
plt.legend()
plt.show()
# --8<-- [end:widths_chart]

# --8<-- [start:gpt3_rule]
gpt3_largest = gpt_parameters(V=50257, T=2048, L=96, d=12288)
gpt3_exact = 3 * forward_flops(V=50257, T=2048, L=96, d=12288)
gpt3_rule_ratio = 6 * gpt3_largest / gpt3_exact
print(f"GPT-3: 6ND is {gpt3_rule_ratio:.3f} of the full count")
# --8<-- [end:gpt3_rule]

# --8<-- [start:compute]
trained = {
    "GPT-3": (174.6e9, 300e9),
    "Chinchilla": (70e9, 1.4e12),
    "DeepSeek-V3": (37e9, 14.8e12),
    "Llama 3.1 405B": (405e9, 15.6e12),
}
compute = {name: training_flops(*run) for name, run in trained.items()}
deepseek_if_all = training_flops(671e9, 14.8e12)
for name, count in compute.items():
    print(f"{name:15} {count:.2e}")
# --8<-- [end:compute]

# --8<-- [start:compute_chart]
plt.barh(list(compute), compute.values(), color="tab:blue")
for threshold in (1e23, 1e25, 1e26):
    plt.axvline(threshold, color="tab:orange", linestyle="--")
plt.xscale("log")
plt.xlim(1e22, 3e26)
plt.xlabel("training compute, 6ND (FLOP)")
plt.show()
# --8<-- [end:compute_chart]

# --8<-- [start:deepseek]
deepseek_speed = compute["DeepSeek-V3"] / (2664e3 * 3600)
deepseek_dollars = 2788e3 * price
print(f"{deepseek_speed / 1e12:.0f} TFLOP/s on each GPU")
print(f"${deepseek_dollars / 1e6:.3f} million")
# --8<-- [end:deepseek]

# --8<-- [start:speed]
batch = texts(16)
start_seconds = perf_counter()  # measured: time
for _ in range(3):
    loss = train_step(batch)
step_seconds = (perf_counter() - start_seconds) / 3
step_flops = 3 * forward_flops(V, T, L, d) * 16 * T
here_duration = compute["GPT-3"] / (step_flops / step_seconds)
here_duration_years = here_duration / 86400 / 365
print(f"{step_flops / step_seconds / 1e9:.0f} GFLOP/s")
print(f"GPT-3 would take {here_duration_years:,.0f} years")
# --8<-- [end:speed]
