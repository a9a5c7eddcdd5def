# --8<-- [start:import]
from functools import partial

import keras
import matplotlib.pyplot as plt
import numpy as np

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
plt.rc("figure", figsize=(6, 3.2))
plt.rc("font", size=12)
# --8<-- [end:import]

# --8<-- [start:history]
history = {  # (1)!
    "LeNet-5": (1998, 60e3),
    "AlexNet": (2012, 60e6),
    "VGG-16": (2014, 138e6),
    "ResNet-50": (2015, 25.6e6),
    "Transformer": (2017, 213e6),
    "BERT": (2018, 340e6),
    "GPT-2": (2019, 1.5e9),
    "GPT-3": (2020, 175e9),
    "DeepSeek-V3": (2024, 671e9),
}
# --8<-- [end:history]

# --8<-- [start:chart]
rows = [f"{year}  {name}" for name, (year, _) in history.items()]
values = [size for _, size in history.values()]
plt.axvspan(1e6, 1e8, color="tab:orange", alpha=0.3, linewidth=0)
plt.plot(values, rows, "o", color="tab:blue")
plt.gca().invert_yaxis()
plt.xscale("log")
plt.xlabel("parameters")
plt.show()
# --8<-- [end:chart]


# --8<-- [start:dense]
def dense_parameters(m, n):
    return (m + 1) * n


# --8<-- [end:dense]


# --8<-- [start:convolution]
def convolution_parameters(a, b, c, n):
    return (a * b * c + 1) * n


# --8<-- [end:convolution]


# --8<-- [start:compare]
def built(layer, *shapes):
    layer.build(*shapes)
    return layer


def disagreements(formula, build, *largest):
    wrong = 0
    for _ in range(20):
        sizes = [int(rng.integers(1, most + 1)) for most in largest]
        wrong += formula(*sizes) != build(*sizes).count_params()
    return wrong


# --8<-- [end:compare]

# --8<-- [start:compare_simple]
layers = keras.layers
wrong_dense = disagreements(
    dense_parameters,
    lambda m, n: built(layers.Dense(n), (None, m)),
    *(200, 200),
)
wrong_convolution = disagreements(
    convolution_parameters,
    lambda a, b, c, n: built(
        layers.Conv2D(n, (a, b)), (None, None, None, c)
    ),
    *(7, 7, 64, 64),
)
print(wrong_dense, wrong_convolution)
# --8<-- [end:compare_simple]


# --8<-- [start:recurrent]
def rnn_parameters(m, n):
    return (m + n + 1) * n


def lstm_parameters(m, n):
    return 4 * (m + n + 1) * n


def gru_parameters(m, n, r):
    return 3 * (m + n + 1 + r) * n


# --8<-- [end:recurrent]


# --8<-- [start:compare_recurrent]
def recurrent(layer, **options):
    def build(m, n):
        return built(layer(n, **options), (None, None, m))

    return build


pairs = [
    (rnn_parameters, recurrent(layers.SimpleRNN)),
    (lstm_parameters, recurrent(layers.LSTM)),
    (partial(gru_parameters, r=1), recurrent(layers.GRU)),
    (
        partial(gru_parameters, r=0),
        recurrent(layers.GRU, reset_after=False),
    ),
]
wrong_recurrent = [disagreements(*pair, 64, 64) for pair in pairs]
print(wrong_recurrent)
# --8<-- [end:compare_recurrent]


# --8<-- [start:attention]
def attention_parameters(d, h, k, v):
    return 2 * (d + 1) * h * k + (d + 1) * h * v + (h * v + 1) * d


# --8<-- [end:attention]

# --8<-- [start:compare_attention]
wrong_attention = disagreements(
    attention_parameters,
    lambda d, h, k, v: built(
        layers.MultiHeadAttention(h, key_dim=k, value_dim=v),
        (None, None, d),
        (None, None, d),
    ),
    *(64, 8, 32, 32),
)
print(wrong_attention)
# --8<-- [end:compare_attention]


# --8<-- [start:block]
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


# --8<-- [end:block]


# --8<-- [start:block_parameters]
def block_parameters(d, f):
    return 4 * (d + 1) * d + (d + 1) * f + (f + 1) * d + 4 * d


def usual_block_parameters(d):
    return 12 * d**2 + 13 * d


# --8<-- [end:block_parameters]


# --8<-- [start:gpt]
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
        return keras.ops.matmul(self.norm(x), table)  # (1)!


# --8<-- [end:gpt]


# --8<-- [start:gpt_parameters]
def gpt_parameters(V, T, L, d):
    return (V + T) * d + L * (12 * d**2 + 13 * d) + 2 * d


# --8<-- [end:gpt_parameters]


# --8<-- [start:compare_gpt]
def built_gpt(V, T, L, d, h=1):
    model = GPT(V, T, L, d, h)
    model(np.zeros((1, T), "int32"))
    return model


wrong_block = disagreements(
    block_parameters,
    lambda d, f: built(Block(d, 1, f), (None, None, d)),
    *(64, 256),
)
wrong_gpt = disagreements(gpt_parameters, built_gpt, 500, 50, 2, 48)
print(wrong_block, wrong_gpt)
# --8<-- [end:compare_gpt]

# --8<-- [start:famous]
gpt2_small = gpt_parameters(V=50257, T=1024, L=12, d=768)
gpt2_largest = gpt_parameters(V=50257, T=1024, L=48, d=1600)
gpt3_largest = gpt_parameters(V=50257, T=2048, L=96, d=12288)
gpt3_blocks_share = 12 * 96 * 12288**2 / gpt3_largest
for count in (gpt2_small, gpt2_largest, gpt3_largest):
    print(f"{count:,}")
# --8<-- [end:famous]


# --8<-- [start:experts]
def total_parameters(S, L, E, F):
    return S + L * E * F


def active_parameters(S, L, K, F):
    return S + L * K * F


deepseek_active_share = 37e9 / 671e9
# --8<-- [end:experts]
