"""A small GPT that writes Chinese poems, for a browser.

python poet_long.py            takes a few minutes
python poet_long.py --reduced  less of everything, seconds

Trains on quatrains of the Tang and the Song dynasty in single
precision, then rounds the matrices to 8 bits. Writes poet_long.json:
the weights in base64, the characters with their tones and rhymes, and
quatrains held out, with the bits that each cost before the rounding.
"""

import base64
import json
import re
import sys
import tarfile
import time
from collections import Counter, defaultdict

import keras
import numpy as np
import opencc
import tensorflow as tf
from keras import layers

reduced = "--reduced" in sys.argv
n_read = 600 if reduced else 10**9  # poems of each dynasty
n_steps = 4 if reduced else 2600
n_tokens = 3350
n_test = 20 if reduced else 300
width, heads, depth, longest = 128, 4, 3, 32
FORMS = {24: "五绝", 32: "七绝"}
seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)

# The poems: lines of equal length, set as …，…。

FILE = re.compile(
    r".*/(quantangshi|strains/json)/poet\.(tang|song)\.\d+\.json"
)
shelf = defaultdict(list)
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if found := FILE.fullmatch(member.name):
            shelf[found.groups()] += json.load(
                archive.extractfile(member)
            )
simplify = opencc.OpenCC("t2s").convert


def plain(dynasty):
    items = shelf["quantangshi", dynasty]
    texts = ["".join(item["paragraphs"]) for item in items]
    return simplify("\n".join(texts)).split("\n")


poems, known_lines = {}, set()
for dynasty in ("tang", "song"):
    poems[dynasty] = []
    for text in plain(dynasty):
        lines = re.findall(r"\w+", text)
        if (
            len({len(line) for line in lines}) == 1
            and len(lines) == 4
            and len(lines[0]) in (5, 7)
            and sum(line in known_lines for line in lines) < 2
            and len(poems[dynasty]) < n_read
        ):
            poem = "".join(map(str.__add__, lines, "，。，。"))
            poems[dynasty].append(poem)
            known_lines.update(lines)
tang = poems["tang"]
tang = [tang[i] for i in rng.permutation(len(tang))]
held = tang[:60] if reduced else tang[:1000]
train = sorted({*poems["tang"], *poems["song"]} - {*held})
print(f"{len(train):,} poems", flush=True)

often = Counter("".join(train))
vocabulary = [*FORMS.values(), "□", "，", "。"]
vocabulary += [c for c, _ in often.most_common(n_tokens - 3)][2:]
number_of = {token: i for i, token in enumerate(vocabulary)}
unknown = number_of["□"]


def encode(poem):
    characters = [number_of.get(c, unknown) for c in poem]
    return [number_of[FORMS[len(poem)]], *characters]


test = [p for p in held[: len(held) // 2] if set(p) <= {*vocabulary}]
test, valid = test[:n_test], held[len(held) // 2 :][:n_test]

# The model.


class Place(layers.Layer):
    """Adds a vector for each place, and scales."""

    def build(self, shape):
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.place = self.add_weight((longest, width), normal)

    def call(self, x):
        return (x + self.place[: tf.shape(x)[1]]) * width**0.5


def poet():
    tokens = keras.Input((None,), dtype="int32")
    embedding = layers.ReversibleEmbedding(
        len(vocabulary),
        width,
        embeddings_initializer=keras.initializers.RandomNormal(
            stddev=0.02
        ),
    )
    x = Place()(embedding(tokens))
    for _ in range(depth):
        y = layers.LayerNormalization()(x)
        attention = layers.MultiHeadAttention(
            heads, width // heads, use_bias=False
        )
        x += attention(y, y, use_causal_mask=True)
        y = layers.LayerNormalization()(x)
        y = layers.Dense(4 * width, "relu")(y)
        x += layers.Dense(width, kernel_initializer="zeros")(y)
    x = layers.LayerNormalization()(x)
    return keras.Model(tokens, embedding(x, reverse=True))


model = poet()
weights = model.trainable_variables
print(f"{model.count_params():,} parameters", flush=True)
rate = keras.optimizers.schedules.CosineDecay(
    0.0, n_steps, warmup_target=5e-3, warmup_steps=n_steps // 30
)
optimizer = keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.98)
optimizer.build(weights)


def costs(batch):
    """Bits of each token of each poem."""
    nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
        batch[:, 1:], model(batch[:, :-1])
    )
    return nats / np.log(2)


@tf.function(jit_compile=True)
def learn(batch):
    with tf.GradientTape() as tape:
        mean = tf.reduce_mean(costs(batch))
    optimizer.apply(tape.gradient(mean, weights), weights)
    return mean


def batches():
    """Poems of one form together, about as many tokens in each."""
    while True:
        found = []
        for length in FORMS:
            rows = np.array([
                encode(p) for p in train if len(p) == length
            ])
            if not len(rows):
                continue
            rows = rng.permutation(rows).astype(np.int32)
            size = min(1024 // length, len(rows))
            n = len(rows) // size
            found += np.split(rows[: n * size], n)
        yield from (found[i] for i in rng.permutation(len(found)))


quick_costs = tf.function(costs, reduce_retracing=True)


def bits(texts):
    """Bits of each poem, its marks included."""
    found = np.zeros(len(texts))
    for length in FORMS:
        rows = [i for i, t in enumerate(texts) if len(t) == length]
        for some in [rows[i : i + 50] for i in range(0, len(rows), 50)]:
            batch = tf.constant([encode(texts[j]) for j in some])
            found[some] = quick_costs(batch).numpy().sum(1)
    return found


def n_characters(texts):
    return sum(c not in "，。" for text in texts for c in text)


curve, began = [], time.perf_counter()
for step, batch in zip(range(1, n_steps + 1), batches()):
    learn(tf.constant(batch))
    if step % (n_steps // 8 or 1) == 0 or step == n_steps:
        cost = float(bits(valid).sum() / n_characters(valid))
        curve.append([step, round(cost, 3)])
        print(
            *curve[-1], round(time.perf_counter() - began), flush=True
        )

test_bits = bits(test)
print("float32", test_bits.sum() / n_characters(test), flush=True)

# Rounded: one scale for each row, the largest number of which is 127.


def packed(array):
    return base64.b64encode(array.tobytes()).decode()


def rounded(matrix):
    scale = np.abs(matrix).max(1).astype("<f4") / 127 + 1e-12
    q = np.rint(matrix / scale[:, None]).astype("i1")
    return {
        "shape": matrix.shape,
        "scale": packed(scale.astype("<f4")),
        "int8": packed(q),
    }


def as_is(vector):
    return {
        "shape": vector.shape,
        "float32": packed(vector.astype("<f4")),
    }


arrays = iter(model.get_weights())
net = {"token": rounded(next(arrays)), "place": rounded(next(arrays))}
for i in range(depth):
    gain, shift, q, k, v, mix = (next(arrays) for _ in range(6))
    net[f"{i}.norm1"] = as_is(np.stack([gain, shift]).ravel())
    for name, kernel in (("q", q), ("k", k), ("v", v)):
        net[f"{i}.{name}"] = rounded(kernel.reshape(width, -1).T)
    net[f"{i}.mix"] = rounded(mix.reshape(-1, width).T)
    gain, shift, up, up_bias, down, down_bias = (
        next(arrays) for _ in range(6)
    )
    net[f"{i}.norm2"] = as_is(np.stack([gain, shift]).ravel())
    net[f"{i}.up"], net[f"{i}.up_bias"] = rounded(up.T), as_is(up_bias)
    net[f"{i}.down"] = rounded(down.T)
    net[f"{i}.down_bias"] = as_is(down_bias)
net["norm"] = as_is(np.stack([next(arrays), next(arrays)]).ravel())

# Tones, voted for by marked poems; rhymes, by Song poems.

votes = defaultdict(Counter)
for text, pattern in zip(plain("tang"), shelf["strains/json", "tang"]):
    marks = "".join(pattern["strains"])
    if len(text) == len(marks):
        for c, mark in zip(text, marks):
            votes[c][mark] += 1
tone = {
    c: mark
    for c, seen in votes.items()
    for mark in "平仄"
    if seen[mark] > 0.9 * seen.total()
}
partners, count = defaultdict(Counter), Counter()
for poem in poems["song"]:
    ends = re.findall(r"(\w)。", poem)
    if all(tone.get(c) != "仄" for c in ends):
        count.update(ends)
        for c in ends:
            partners[c].update(e for e in ends if e != c)
joined = {c: c for c, n in count.most_common() if n >= 20}


def root(c):
    return c if joined[c] == c else root(joined[c])


for c in joined:
    usual = [e for e, _ in partners[c].most_common() if e in joined]
    joined[root(c)] = root(usual[0]) if usual else root(c)
groups = {c: i for i, c in enumerate(sorted(map(root, joined)))}

with open("poet_long.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "vocabulary": "".join(vocabulary[2:]),
            "forms": vocabulary[:2],
            "tones": "".join(tone.get(c, "－") for c in vocabulary[2:]),
            "rhymes": [
                groups[root(c)] if c in joined else -1
                for c in vocabulary[2:]
            ],
            "read": len(train),
            "characters": n_characters(train),
            "seconds": round(time.perf_counter() - began),
            "curve": curve,
            "test": test,
            "bits": test_bits.round(3).tolist(),
            "heads": heads,
            "net": net,
        },
        file,
        ensure_ascii=False,
    )
