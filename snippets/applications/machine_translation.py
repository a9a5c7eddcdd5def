# --8<-- [start:import]
import datetime
import json
import re
import warnings
import zipfile
from collections import Counter, defaultdict

import keras
import matplotlib.pyplot as plt
import numpy as np
import sacrebleu
import tensorflow as tf
from keras import layers, ops
from sklearn.feature_extraction.text import TfidfVectorizer

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:chinese]
def chinese(n):
    """A number below a hundred million, as it is said."""
    if n >= 10_000:
        rest = chinese(n % 10_000) if n % 10_000 else ""
        gap = "零" if 0 < n % 10_000 < 1000 else ""
        return chinese(n // 10_000) + "万" + gap + rest
    said = ""
    for unit, power in zip("千百十个", (1000, 100, 10, 1)):
        digit = int(n // power % 10)
        said += "零一二三四五六七八九"[digit] + unit * (digit > 0)
    said = re.sub("零+", "零", said.replace("个", "")).strip("零")
    return said.removeprefix("一") if said[:2] == "一十" else said


print(chinese(12), chinese(305), chinese(120_045))
# --8<-- [end:chinese]

# --8<-- [start:english]
ONES = (
    "zero one two three four five six seven eight nine ten eleven "
    "twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def english(n):
    for power, name in (
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if n >= power:
            rest = " " + english(n % power) if n % power else ""
            return f"{english(n // power)} {name}{rest}"
    if n < 20:
        return ONES[n]
    return TENS[n // 10 - 2] + (f" {ONES[n % 10]}" if n % 10 else "")


print(english(120_045))
# --8<-- [end:english]

# --8<-- [start:dates]
FORMS = ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")


def split(text):
    """Words, and every digit or sign by itself."""
    return " ".join(re.findall(r"[a-z]+|\S", text.lower()))


def date_pair(day, form):
    year = "".join(
        "零一二三四五六七八九"[int(c)] for c in str(day.year)
    )
    return (
        split(re.sub(r"\b0", "", day.strftime(form))),
        " ".join(f"{year}年{chinese(day.month)}月{chinese(day.day)}日"),
    )


def number_pair(n):
    return english(n), " ".join(chinese(n))


print(date_pair(datetime.date(1998, 3, 25), FORMS[0]))
# --8<-- [end:dates]

# --8<-- [start:examples]
rng = np.random.default_rng(seed)
days = [
    datetime.date(1900, 1, 1) + datetime.timedelta(int(i))
    for i in rng.permutation(73_000)
]
below = 1 + rng.permutation(99_999)
toy = [
    date_pair(day, FORMS[i % 3]) for i, day in enumerate(days[:8000])
]
toy += [number_pair(n) for n in below[:8000]]
exams = {
    "new dates": [
        date_pair(day, FORMS[i % 3])
        for i, day in enumerate(days[-300:])
    ],
    "a new form": [date_pair(day, FORMS[3]) for day in days[-300:]],
    "new numbers": [number_pair(n) for n in below[-300:]],
    "longer numbers": [
        number_pair(n) for n in rng.integers(10**5, 10**6, 300)
    ],
}
# --8<-- [end:examples]


# --8<-- [start:vocabulary]
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


def both_sides(pairs, words):
    sources, targets = zip(*pairs)
    return numbered(sources, words[0]), numbered(
        targets, words[1], True
    )


# --8<-- [end:vocabulary]


# --8<-- [start:attention]
def weights(q, k, seen=True):
    """How much each of the asking positions takes from each other."""
    scores = ops.einsum("...id,...jd->...ij", q, k)
    scores = scores / q.shape[-1] ** 0.5
    return tf.nn.softmax(tf.where(seen, scores, -1e9))


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
        a = weights(q, k, seen)
        mixed = ops.swapaxes(ops.matmul(a, v), 1, 2)
        return self.out(ops.reshape(mixed, ops.shape(x))), a


# --8<-- [end:attention]


# --8<-- [start:positions]
def positions(n, width):
    """Waves, from quick to slow: each position has its own mixture."""
    t, i = np.arange(n)[:, None], np.arange(width // 2)
    angle = t / 10_000 ** (2 * i / width)
    return np.concatenate([np.sin(angle), np.cos(angle)], 1)


# --8<-- [end:positions]


# --8<-- [start:layer]
class Layer(layers.Layer):
    """Look at one's own side, at the other side, then think."""

    def __init__(self, width, heads, drop, cross=False):
        super().__init__()
        self.looks = [Attention(width, heads) for _ in range(1 + cross)]
        self.norms = [
            layers.LayerNormalization() for _ in range(2 + cross)
        ]
        self.wide = layers.Dense(2 * width, "relu")
        self.narrow = layers.Dense(width)
        self.drop = layers.Dropout(drop)

    def call(self, x, seen, memory=None, source_seen=None):
        a = None
        for look, norm in zip(self.looks, self.norms):
            y = norm(x)
            if look is self.looks[0]:
                y, _ = look(y, y, seen)
            else:
                y, a = look(y, memory, source_seen)
            x = x + self.drop(y)
        y = self.narrow(self.wide(self.norms[-1](x)))
        return x + self.drop(y), a


# --8<-- [end:layer]


# --8<-- [start:transformer]
class Transformer(keras.Model):
    def __init__(self, n_source, n_target, width, depth, drop):
        super().__init__()
        self.scale = width**0.5
        self.tables = [
            layers.Embedding(n, width) for n in (n_source, n_target)
        ]
        self.places = ops.convert_to_tensor(
            positions(64, width), "float32"
        )
        self.drop = layers.Dropout(drop)
        self.encoder = [Layer(width, 4, drop) for _ in range(depth)]
        self.decoder = [
            Layer(width, 4, drop, cross=True) for _ in range(depth)
        ]
        self.norms = [layers.LayerNormalization() for _ in range(2)]
        self.last = layers.Dense(n_target)

    def embed(self, ids, table):
        x = table(ids) * self.scale + self.places[: ops.shape(ids)[1]]
        return self.drop(x)

    def encode(self, source):
        seen = (source != 0)[:, None, None]
        x = self.embed(source, self.tables[0])
        for layer in self.encoder:
            x, _ = layer(x, seen)
        return self.norms[0](x), seen

    def decode(self, target, memory, source_seen):
        t = ops.arange(ops.shape(target)[1])
        y = self.embed(target, self.tables[1])
        for layer in self.decoder:
            y, a = layer(y, t <= t[:, None], memory, source_seen)
        return self.last(self.norms[1](y)), a

    def call(self, source, target):
        return self.decode(target, *self.encode(source))


# --8<-- [end:transformer]


# --8<-- [start:loss]
def loss(x, k, s):
    """Cross-entropy; the share s of the truth goes to all words."""
    return (
        tf.reduce_logsumexp(x, -1)
        - (1 - s) * tf.gather(x, k, batch_dims=k.ndim)
        - s * tf.reduce_mean(x, -1)
    )


# --8<-- [end:loss]


# --8<-- [start:fit]
def fit(model, x, y, epochs, peak, batch=64):
    """Train on batches of similar length, with warm-up and decay."""
    steps = epochs * -(-len(x) // batch)
    warm = min(400, steps // 4)
    adam = keras.optimizers.Adam(beta_2=0.98)

    @tf.function(reduce_retracing=True)
    def step(source, target, rate):
        adam.learning_rate = rate
        with tf.GradientTape() as tape:
            logits, _ = model(source, target[:, :-1], training=True)
            real = tf.cast(target[:, 1:] != 0, "float32")
            each = real * loss(logits, target[:, 1:], 0.1)
            value = tf.reduce_sum(each) / tf.reduce_sum(real)
        slopes = tape.gradient(value, model.trainable_variables)
        adam.apply_gradients(zip(slopes, model.trainable_variables))
        return value

    draw, done, curve = np.random.default_rng(seed), 0, []
    lengths, widths = (y > 0).sum(1), (x > 0).sum(1)
    for _ in range(epochs):
        order = np.lexsort([draw.random(len(x)), lengths])
        batches = np.array_split(order, steps // epochs)
        values = []
        for i in draw.permutation(len(batches)):
            rows = batches[i]
            done += 1
            rate = peak * min(done / warm, 1.02 - done / steps)
            values.append(
                step(
                    tf.constant(x[rows, : widths[rows].max()]),
                    tf.constant(y[rows, : lengths[rows].max()]),
                    tf.constant(rate, "float32"),
                )
            )
        curve.append(float(np.mean(values)))
    return curve


# --8<-- [end:fit]

# --8<-- [start:small]
small_words = [vocabulary(side) for side in zip(*toy)]
small = Transformer(*map(len, small_words), 64, 1, 0.0)
small_curve = fit(small, *both_sides(toy, small_words), 3, 3e-3)
n_small = small.count_params()
print(f"{n_small:,} parameters", np.round(small_curve, 2))
# --8<-- [end:small]


# --8<-- [start:translate]
def translate(model, source, words, most):
    """One word after the other, always the likeliest."""

    @tf.function(reduce_retracing=True)
    def following(written, memory, seen):
        logits, a = model.decode(written, memory, seen)
        return tf.argmax(logits[:, -1], -1, tf.int32), a

    memory, seen = model.encode(tf.constant(source))
    written = tf.ones((len(source), 1), tf.int32)
    for _ in range(most):
        new, a = following(written, memory, seen)
        written = tf.concat([written, new[:, None]], 1)
    texts = []
    for row in written.numpy()[:, 1:]:
        said = [words[i] for i in row]
        texts.append(" ".join(said[: ([*said, "</s>"]).index("</s>")]))
    return texts, a.numpy()


# --8<-- [end:translate]

# --8<-- [start:align]
shown = date_pair(datetime.date(1998, 3, 25), FORMS[0])
asked = numbered([shown[0]], small_words[0])
(said,), a = translate(small, asked, small_words[1], 12)
rows, columns = said.split(), shown[0].split()
align = a[0, :, : len(rows)].mean(0)  # of the four heads
warnings.filterwarnings("ignore", "Glyph")  # (1)!
plt.figure(figsize=(5, 5))
plt.imshow(align, cmap="Blues")
plt.xticks(range(len(columns)), columns)
plt.yticks(range(len(rows)), rows)
plt.show()
# --8<-- [end:align]

# --8<-- [start:exams]
right = {}
for name, pairs in exams.items():
    asked = numbered([a for a, _ in pairs], small_words[0])
    said, _ = translate(small, asked, small_words[1], 16)
    right[name] = float(
        np.mean([s == b for s, (_, b) in zip(said, pairs)])
    )
    print(f"{name}: {right[name]:.1%}, such as {pairs[0][0]} {said[0]}")
dates_right, form_right, numbers_right, longer_right = right.values()
# --8<-- [end:exams]


# --8<-- [start:read]
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
n_lines, n_distinct = len(lines), len(set(lines))
print(f"{n_lines:,} pairs, {n_distinct:,} distinct")
# --8<-- [end:read]

# --8<-- [start:tokens]
PIECE = re.compile(r"\{[^{}]*\}|[a-zA-Z]+(?:['’][a-z]+)?|\S")


def pieces(text):
    """Words, single signs and characters; a placeholder is one."""
    found = PIECE.findall(text)
    return " ".join(
        "{}" if piece[0] == "{" else piece for piece in found
    )


lines = [(pieces(a.lower()), pieces(b)) for a, b in lines]
lines = [
    (a, b)
    for a, b in lines
    if len(a.split()) <= 6 and len(b.split()) <= 12
]
print(len(lines), lines[::5000])
# --8<-- [end:tokens]


# --8<-- [start:near]
def near(source):
    """The same for sources that differ in little."""
    kept = re.findall(r"\{\}|[^\W\d_]+|\d", source)
    kept = [re.sub(r"\d", "0", word.rstrip("s")) for word in kept]
    return " ".join(sorted(kept))


said = defaultdict(Counter)
for a, b in lines:
    said[a][b] += 1
short = {
    a: max(c, key=lambda b: (c[b], b)) for a, c in sorted(said.items())
}
groups = defaultdict(list)
for source in short:
    groups[near(source)].append(source)
print(f"{len(short):,} sources, {len(groups):,} groups")
# --8<-- [end:near]

# --8<-- [start:divide]
draw = np.random.default_rng(seed)
keys = draw.permutation(sorted(groups)).tolist()
test, valid = (
    [groups[k][0] for k in keys[i : i + 600]] for i in (0, 600)
)
twins, train = [], []
for k in keys[1200:]:
    held = len(groups[k]) > 1 and len(twins) < 300
    twins += groups[k][:held]
    train += groups[k][held:]
print(len(train), len(valid), len(test), len(twins))
# --8<-- [end:divide]


# --8<-- [start:leak]
def retrieve(known, asked):
    """Of the closest known source, its place in the list."""
    tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    known = tfidf.fit_transform(known)
    return (tfidf.transform(asked) @ known.T).toarray().argmax(1)


draw = np.random.default_rng(seed)
pairs = list(short.items())
leak = {}
for name, rows in (
    ("lines as they are", lines),
    ("distinct sources", pairs),
):
    rows = [rows[i] for i in draw.permutation(len(rows))]
    asked, known = rows[:600], rows[1200:]
    found = retrieve([a for a, _ in known], [a for a, _ in asked])
    leak[name] = float(
        np.mean([known[i][1] == b for i, (_, b) in zip(found, asked)])
    )
found = retrieve(train, valid)
leak["groups kept together"] = float(
    np.mean([short[train[i]] == short[a] for i, a in zip(found, valid)])
)
print({name: f"{share:.1%}" for name, share in leak.items()})
# --8<-- [end:leak]


# --8<-- [start:bleu]
def bleu(p, c, r):
    """Shares of right runs of one to four; brevity is no merit."""
    return min(1, np.exp(1 - r / c)) * np.exp(np.log(p).mean())


def scores(said, sources):
    said = [re.sub(" |<unk>", "", text) for text in said]
    real = [short[source].replace(" ", "") for source in sources]
    return {
        "BLEU": sacrebleu.corpus_bleu(
            said, [real], tokenize="zh"
        ).score,
        "chrF": sacrebleu.corpus_chrf(said, [real]).score,
        "exact": 100
        * float(np.mean([a == b for a, b in zip(said, real)])),
    }


def show(name, score):
    print(f"{name:12}", *(f"{k} {v:5.1f}" for k, v in score.items()))


# --8<-- [end:bleu]


# --8<-- [start:dictionary]
def runs(text):
    """All runs of one to four pieces."""
    w = text.split()
    return {
        " ".join(w[i:j])
        for i in range(len(w))
        for j in range(i + 1, min(i + 4, len(w)) + 1)
    }


def association(n, a, b):
    return 2 * n / (a + b)


def learn(sources, longer=0.05):
    """For each word the run of characters that comes when it comes."""
    of_word, of_run, of_both = (
        Counter(),
        Counter(),
        defaultdict(Counter),
    )
    for source in sources:
        found = runs(short[source])
        of_run.update(found)
        for word in set(source.split()):
            of_word[word] += 1
            of_both[word].update(found)
    return {
        word: max(
            sorted(common),
            key=lambda run: (
                association(common[run], of_word[word], of_run[run])
                * (1 + longer * run.count(" "))
            ),
        )
        for word, common in of_both.items()
    }


def by_word(source):
    return "".join(table.get(w, w) for w in source.split())


table = learn(train)
print({w: table[w] for w in ("temperature", "battery", "failed", "of")})
# --8<-- [end:dictionary]


# --8<-- [start:rivals]
def rivals(sources):
    return {
        "copy": sources,
        "nearest": [short[train[i]] for i in retrieve(train, sources)],
        "dictionary": [by_word(source) for source in sources],
    }


trial = {
    name: scores(said, valid) for name, said in rivals(valid).items()
}
table_exact = trial["dictionary"]["exact"]
for name, score in trial.items():
    show(name, score)
# --8<-- [end:rivals]

# --8<-- [start:train]
pairs = [(source, short[source]) for source in train]
n_train = len(pairs)
words = [vocabulary(side) for side in zip(*pairs)]
model = Transformer(*map(len, words), 128, 1, 0.1)
curve = fit(model, *both_sides(pairs, words), 6, 4e-3, batch=128)
n_parameters = model.count_params()


def by_model(sources):
    return translate(model, numbered(sources, words[0]), words[1], 12)[
        0
    ]


print(f"{n_parameters:,} parameters", np.round(curve, 2))
alone = scores(by_model(valid), valid)
show("Transformer", alone)
# --8<-- [end:train]

# --8<-- [start:test]
answers = rivals(test) | {"Transformer": by_model(test)}
result = {name: scores(said, test) for name, said in answers.items()}
for name, score in result.items():
    show(name, score)
our_bleu, our_chrf, our_exact = result["Transformer"].values()
their_bleu, their_chrf, their_exact = result["dictionary"].values()
bleu_gain, chrf_gain = our_bleu - their_bleu, our_chrf - their_chrf
exact_gain = our_exact - their_exact
# --8<-- [end:test]

# --8<-- [start:twins]
on_twins = scores(by_model(twins), twins)["exact"]
known, unknown = [], []
for source in test:
    strange = set(source.split()) - set(words[0])
    (unknown if strange else known).append(source)
known_share = len(known) / len(test)
on_known = scores(by_model(known), known)["exact"]
on_unknown = scores(by_model(unknown), unknown)["exact"]
print(f"twins {on_twins:.1f}, all words known {on_known:.1f}")
print(f"a word unknown {on_unknown:.1f}, {len(unknown)} sources")
# --8<-- [end:twins]

# --8<-- [start:mistakes]
for source, *said in list(
    zip(test, answers["dictionary"], answers["Transformer"])
)[:16]:
    said = [short[source], *said]
    print(source, *(text.replace(" ", "") for text in said), sep=" | ")
# --8<-- [end:mistakes]

# --8<-- [start:large]
with open(
    "machine_translation_smollm_long.json", encoding="utf-8"
) as file:
    large = json.load(file)
asked = large["sources"]
n_asked = len(asked)
tries = rivals(asked) | {"Transformer": by_model(asked)}
tries |= {"large, zero": large["zero"], "large, five": large["five"]}
chrf_of, exact_of = {}, {}
for name, said in tries.items():
    score = scores(said, asked)
    chrf_of[name], exact_of[name] = score["chrF"], score["exact"]
    show(name, score)
for row in list(zip(*large.values()))[4:8]:
    print(*row, sep=" | ")
# --8<-- [end:large]
