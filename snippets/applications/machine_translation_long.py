"""What do all pairs teach the network, long ones included?

python machine_translation_long.py            takes half an hour
python machine_translation_long.py --reduced  seconds

Trains a Transformer on the texts of an app, with three seeds, and
writes machine_translation_long.json.
"""

import json
import re
import sys
import time
import zipfile
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import sacrebleu
import tensorflow as tf
from keras import layers, ops
from sklearn.feature_extraction.text import TfidfVectorizer

reduced = "--reduced" in sys.argv
seeds = range(1 if reduced else 3)
epochs = 1 if reduced else 8
n_train = 300 if reduced else None
n_test, n_valid = (20, 20) if reduced else (1000, 500)
pause = 4  # epochs between two looks at the validation set
width, depth, drop, smooth = 128, 1, 0.1, 0.1
peak, batch = 4e-3, 128
most = (40, 64)  # tokens that an English, a Chinese text may have

# The pairs, cut into tokens and grouped as on the page.


def leaves(a, b):
    """Where both files have a text in the same place: the pair."""
    if isinstance(a, str) and isinstance(b, str):
        yield a, b
    elif isinstance(a, dict) and isinstance(b, dict):
        for key in a:
            if key in b:
                yield from leaves(a[key], b[key])


lines = []
with zipfile.ZipFile(
    "homeassistant-2026.2.3-py3-none-any.whl"
) as wheel:
    files = set(wheel.namelist())
    for name in sorted(files):
        other = name.replace("/en.json", "/zh-Hans.json")
        if name.endswith("/translations/en.json") and other in files:
            both = (json.loads(wheel.read(n)) for n in (name, other))
            lines += leaves(*both)
lines = [(a, b) for a, b in lines if re.search("[一-鿿]", b)]
PIECE = re.compile(r"\{[^{}]*\}|[a-zA-Z]+(?:['’][a-z]+)?|\S")


def pieces(text):
    """Words, single signs and characters; a placeholder is one."""
    found = PIECE.findall(text)
    return " ".join(
        "{}" if piece[0] == "{" else piece for piece in found
    )


def near(source):
    """The same for sources that differ in little."""
    kept = re.findall(r"\{\}|[^\W\d_]+|\d", source)
    kept = [re.sub(r"\d", "0", word.rstrip("s")) for word in kept]
    return " ".join(sorted(kept))


said = defaultdict(Counter)
for a, b in lines:
    said[pieces(a.lower())][pieces(b)] += 1
n_all = len(said)
real = {
    a: max(c, key=lambda b: (c[b], b)) for a, c in sorted(said.items())
}
real = {
    a: b
    for a, b in real.items()
    if len(a.split()) <= most[0] and len(b.split()) <= most[1]
}
groups = defaultdict(list)
for source in real:
    groups[near(source)].append(source)

# The rivals: the most similar pair, and a dictionary.


def retrieve(known, asked):
    """Of the closest known source, its place, and how close it is."""
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    known = tfidf.fit_transform(known).T
    found = [
        (row.argmax(), row.max())
        for text in tfidf.transform(asked)
        for row in (text @ known).toarray()
    ]
    return [int(i) for i, _ in found], np.array([s for _, s in found])


def runs(text):
    """All runs of one to four pieces."""
    w = text.split()
    return {
        " ".join(w[i:j])
        for i in range(len(w))
        for j in range(i + 1, min(i + 4, len(w)) + 1)
    }


def learn(sources, longer=0.05):
    """For each word the run of characters that comes when it comes."""
    of_word, of_run = Counter(), Counter()
    of_both = defaultdict(Counter)
    for source in sources:
        found = runs(real[source])
        of_run.update(found)
        for word in set(source.split()):
            of_word[word] += 1
            of_both[word].update(found)
    return {
        word: max(
            sorted(common),
            key=lambda run: (
                2
                * common[run]
                / (of_word[word] + of_run[run])
                * (1 + longer * run.count(" "))
            ),
        )
        for word, common in of_both.items()
    }


def scores(said, sources):
    said = [re.sub(" |<unk>", "", text) for text in said]
    true = [real[source].replace(" ", "") for source in sources]
    bleu = sacrebleu.corpus_bleu(said, [true], tokenize="zh")
    return {
        "BLEU": bleu.score,
        "chrF": sacrebleu.corpus_chrf(said, [true]).score,
        "exact": 100
        * float(np.mean([a == b for a, b in zip(said, true)])),
        "length": bleu.sys_len / bleu.ref_len,
    }


# The network, as on the page.


def vocabulary(texts):
    count = Counter(word for text in texts for word in text.split())
    known = sorted(word for word in count if count[word] > 1)
    return ["", "<s>", "</s>", "<unk>", *known]


def numbered(texts, words, ends=False):
    """A row of word numbers for each text, zeros behind it."""
    table = {word: i for i, word in enumerate(words)}
    rows = [[table.get(w, 3) for w in text.split()] for text in texts]
    if ends:
        rows = [[1, *row, 2] for row in rows]
    return keras.utils.pad_sequences(rows, padding="post")


def positions(n, width):
    """Waves, from quick to slow: each position has its own mixture."""
    t, i = np.arange(n)[:, None], np.arange(width // 2)
    angle = t / 10_000 ** (2 * i / width)
    return np.concatenate([np.sin(angle), np.cos(angle)], 1)


class Attention(layers.Layer):
    def __init__(self, width, heads):
        super().__init__()
        self.heads, self.size = heads, width // heads
        self.parts = [layers.Dense(width) for _ in "qkv"]
        self.out = layers.Dense(width)

    def call(self, x, memory, seen):
        q, k, v = (
            ops.swapaxes(
                ops.reshape(
                    part(y),
                    (-1, ops.shape(y)[1], self.heads, self.size),
                ),
                1,
                2,
            )
            for part, y in zip(self.parts, (x, memory, memory))
        )
        a = tf.matmul(q, k, transpose_b=True) / self.size**0.5
        a = tf.nn.softmax(tf.where(seen, a, -1e9))
        mixed = ops.swapaxes(ops.matmul(a, v), 1, 2)
        return self.out(ops.reshape(mixed, ops.shape(x)))


class Layer(layers.Layer):
    """Look at one's own side, at the other side, then think."""

    def __init__(self, cross=False):
        super().__init__()
        self.looks = [Attention(width, 4) for _ in range(1 + cross)]
        self.norms = [
            layers.LayerNormalization() for _ in range(2 + cross)
        ]
        self.wide = layers.Dense(2 * width, "relu")
        self.narrow = layers.Dense(width)
        self.drop = layers.Dropout(drop)

    def call(self, x, seen, memory=None, source_seen=None):
        for look, norm in zip(self.looks, self.norms):
            y = norm(x)
            if look is self.looks[0]:
                y = look(y, y, seen)
            else:
                y = look(y, memory, source_seen)
            x = x + self.drop(y)
        y = self.narrow(self.wide(self.norms[-1](x)))
        return x + self.drop(y)


class Transformer(keras.Model):
    def __init__(self, n_source, n_target):
        super().__init__()
        self.tables = [
            layers.Embedding(n, width) for n in (n_source, n_target)
        ]
        self.places = ops.convert_to_tensor(
            positions(max(most) + 2, width), "float32"
        )
        self.drop = layers.Dropout(drop)
        self.encoder = [Layer() for _ in range(depth)]
        self.decoder = [Layer(cross=True) for _ in range(depth)]
        self.norms = [layers.LayerNormalization() for _ in range(2)]
        self.last = layers.Dense(n_target)

    def embed(self, ids, table):
        x = table(ids) * width**0.5 + self.places[: ops.shape(ids)[1]]
        return self.drop(x)

    def encode(self, source):
        seen = (source != 0)[:, None, None]
        x = self.embed(source, self.tables[0])
        for layer in self.encoder:
            x = layer(x, seen)
        return self.norms[0](x), seen

    def decode(self, target, memory, source_seen):
        t = ops.arange(ops.shape(target)[1])
        y = self.embed(target, self.tables[1])
        for layer in self.decoder:
            y = layer(y, t <= t[:, None], memory, source_seen)
        return self.last(self.norms[1](y))

    def call(self, source, target):
        return self.decode(target, *self.encode(source))


def loss(x, k, s):
    """Cross-entropy; the share s of the truth goes to all words."""
    return (
        tf.reduce_logsumexp(x, -1)
        - (1 - s) * tf.gather(x, k, batch_dims=k.ndim)
        - s * tf.reduce_mean(x, -1)
    )


def translator(model, words):
    """Likeliest word after likeliest word, until all have ended."""

    @tf.function(reduce_retracing=True)
    def following(written, memory, seen):
        logits = model.decode(written, memory, seen)
        return tf.argmax(logits[:, -1], -1, tf.int32)

    def translate(sources):
        ids = numbered(sources, words[0])
        order = (ids > 0).sum(1).argsort(kind="stable")
        texts = {}
        for rows in np.array_split(order, -(-len(ids) // 150)):
            wide = (ids[rows] > 0).sum(1).max()
            memory, seen = model.encode(tf.constant(ids[rows, :wide]))
            written = np.ones((len(rows), 1), "int32")
            while written.shape[1] <= most[1]:
                new = following(tf.constant(written), memory, seen)
                written = np.c_[written, new]
                if (written == 2).any(1).all():
                    break
            for i, row in zip(rows, written[:, 1:]):
                said = [words[1][w] for w in row]
                end = [*said, "</s>"].index("</s>")
                texts[i] = " ".join(said[:end])
        return [texts[i] for i in range(len(ids))]

    return translate


def fit(model, pairs, words, valid, rng):
    """Train; of the looks at the validation set, keep the best."""
    x = numbered([a for a, _ in pairs], words[0])
    y = numbered([b for _, b in pairs], words[1], True)
    steps = epochs * -(-len(x) // batch)
    warm = max(1, steps // 10)
    adam = keras.optimizers.Adam(beta_2=0.98)
    translate = translator(model, words)

    @tf.function(reduce_retracing=True)
    def step(source, target, rate):
        adam.learning_rate = rate
        with tf.GradientTape() as tape:
            logits = model(source, target[:, :-1], training=True)
            real = tf.cast(target[:, 1:] != 0, "float32")
            each = real * loss(logits, target[:, 1:], smooth)
            value = tf.reduce_sum(each) / tf.reduce_sum(real)
        slopes = tape.gradient(value, model.trainable_variables)
        adam.apply_gradients(zip(slopes, model.trainable_variables))
        return value

    done, curve, best = 0, [], (-1.0, [], [])
    lengths, widths = (y > 0).sum(1), (x > 0).sum(1)
    for epoch in range(epochs):
        order = np.lexsort([rng.random(len(x)), widths, lengths])
        batches = np.array_split(order, steps // epochs)
        values = []
        for i in rng.permutation(len(batches)):
            rows = batches[i]
            done += 1
            wave = (1 + np.cos(np.pi * done / steps)) / 2
            values.append(
                step(
                    tf.constant(x[rows, : widths[rows].max()]),
                    tf.constant(y[rows, : lengths[rows].max()]),
                    tf.constant(
                        peak * min(done / warm, wave), "float32"
                    ),
                )
            )
        if (epoch + 1) % pause == 0 or reduced:
            said = translate(valid)
            bleu = scores(said, valid)["BLEU"]
            curve.append([epoch + 1, float(np.mean(values)), bleu])
            print(*curve[-1], flush=True)
            if bleu > best[0]:
                best = (bleu, model.get_weights(), said)
    model.set_weights(best[1])
    return curve, translate, best[2]


# One seed: its own split, its own network, all methods on one test.
NEARNESS = (0, 0.6, 0.7, 0.8, 0.9, 1.01)
LENGTH = (1, 3, 5, 9, 17, most[0] + 1)


def parts(answers, sources, value, edges):
    """Scores of each method where a value lies between two edges."""
    rows = []
    for low, high in pairwise(edges):
        inside = np.flatnonzero((low <= value) & (value < high))
        asked = [sources[i] for i in inside]
        rows.append({
            "from": low,
            "n": len(asked),
            "scores": {
                name: scores([said[i] for i in inside], asked)
                for name, said in answers.items()
                if asked
            },
        })
    return rows


def mixed(near_by, said, nearness, limit):
    """Copy the nearest where it is close, else ask the network."""
    return [
        a if s >= limit else b
        for a, b, s in zip(near_by, said, nearness)
    ]


def experiment(seed):
    keras.utils.set_random_seed(seed)
    rng, started = np.random.default_rng(seed), time.process_time()
    keys = rng.permutation(sorted(groups)).tolist()
    test, valid = (
        [groups[k][0] for k in keys[i : i + n]]
        for i, n in ((0, n_test), (n_test, n_valid))
    )
    rest = keys[n_test + n_valid :]
    train = [source for k in rest for source in groups[k]][:n_train]
    pairs = [(source, real[source]) for source in train]
    words = [vocabulary(side) for side in zip(*pairs)]
    table = learn(train)

    def rivals(sources):
        found, nearness = retrieve(train, sources)
        return (
            found,
            nearness,
            {
                "copy": sources,
                "dictionary": [
                    " ".join(table.get(w, w) for w in source.split())
                    for source in sources
                ],
                "nearest": [real[train[i]] for i in found],
            },
        )

    model = Transformer(*map(len, words))
    curve, translate, own = fit(model, pairs, words, valid, rng)
    minutes = (time.process_time() - started) / 60 / 2

    # The limit of the mixture comes from the validation set.
    _, nearness, answers = rivals(valid)
    limits = [0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.01]
    tried = [
        scores(mixed(answers["nearest"], own, nearness, t), valid)
        for t in limits
    ]
    limit = limits[int(np.argmax([t["BLEU"] for t in tried]))]

    # The test set is opened here, once.
    found, nearness, answers = rivals(test)
    answers["Transformer"] = translate(test)
    answers["both"] = mixed(
        answers["nearest"], answers["Transformer"], nearness, limit
    )
    lengths = np.array([len(source.split()) for source in test])
    texts = [
        [
            source,
            real[source],
            train[i],
            answers["nearest"][k],
            answers["dictionary"][k],
            answers["Transformer"][k],
            round(float(nearness[k]), 3),
        ]
        for k, (source, i) in enumerate(zip(test, found))
    ]
    return {
        "n_train": len(train),
        "parameters": model.count_params(),
        "words": [len(w) for w in words],
        "curve": curve,
        "minutes": minutes,
        "limit": limit,
        "test": {name: scores(s, test) for name, s in answers.items()},
        "nearness": parts(answers, test, nearness, NEARNESS),
        "length": parts(answers, test, lengths, LENGTH),
        "texts": texts[:40],
    }


result = {
    "epochs": epochs,
    "n_all": n_all,
    "n_sources": len(real),
    "n_groups": len(groups),
    "n_test": n_test,
    "n_valid": n_valid,
    "runs": [experiment(seed) for seed in seeds],
}
Path("machine_translation_long.json").write_text(
    json.dumps(result, ensure_ascii=False) + "\n", encoding="utf-8"
)
