# Between "labels" and "vectors" come the blocks of
# applications/image_classification.py from "open" to "borrowed".

# --8<-- [start:import]
import io
import json
import pickle
import re
import tarfile
import zipfile
from collections import OrderedDict

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
# --8<-- [end:import]


# --8<-- [start:pictures]
packages = {
    "google": "emoji-datasource-google-3.0.0.tgz",
    "twitter": "emoji-datasource-twitter-3.0.0.tgz",
}


def drawings(vendor):
    """All drawings of a vendor on white, 64x64, and a list of them."""
    with tarfile.open(packages[vendor]) as file:
        sheet = f"package/img/{vendor}/sheets/64.png"
        sheet = file.extractfile(sheet).read()
        listed = json.load(file.extractfile("package/emoji.json"))
    sheet = tf.io.decode_png(sheet, 4).numpy() / np.float32(255)
    opaque = sheet[..., 3:]
    sheet = sheet[..., :3] * opaque + 1 - opaque
    rows, columns = len(sheet) // 64, sheet.shape[1] // 64
    cells = sheet.reshape(rows, 64, columns, 64, 3).swapaxes(1, 2)
    return cells, listed


sheets = {}
for vendor in packages:
    sheets[vendor], listed = drawings(vendor)
listed = [
    emoji
    for emoji in listed
    if emoji["has_img_google"] and emoji["has_img_twitter"]
    if emoji["category"] not in ("Flags", "Skin Tones")
    if "-" not in emoji["unified"]  # (1)!
]
at = tuple(np.array([[e["sheet_y"], e["sheet_x"]] for e in listed]).T)
drawn = {vendor: cells[at] for vendor, cells in sheets.items()}
n_emojis = len(listed)
print({vendor: cells.shape for vendor, cells in drawn.items()})
# --8<-- [end:pictures]

# --8<-- [start:labels]
with zipfile.ZipFile("emoji-2.15.0-py3-none-any.whl") as wheel:
    folder = "emoji/unicode_codes"
    english = json.loads(wheel.read(f"{folder}/emoji.json"))
    chinese = json.loads(wheel.read(f"{folder}/emoji_zh.json"))


def names(sign):
    """English and Chinese; some signs need a mark to be an emoji."""
    sign = sign if sign in english else sign + "\ufe0f"
    both = english[sign]["en"], chinese[sign]
    return [name.strip(":").replace("_", " ") for name in both]


signs = [chr(int(emoji["unified"], 16)) for emoji in listed]
labels = dict(zip(("en", "zh"), zip(*map(names, signs)), strict=True))


def parts(label):
    """The words of a label; Chinese in single characters."""
    return re.findall(r"[一-鿿]|[^\W_一-鿿]+", label.lower())


parts_of = sorted({
    p for each in labels.values() for t in each for p in parts(t)
})
place_of = {part: i for i, part in enumerate(parts_of)}


def encode(labels):
    """A row for each label: which parts it has, adding up to one."""
    rows = np.zeros((len(labels), len(parts_of)), "float32")
    for row, label in zip(rows, labels, strict=True):
        row[[place_of[p] for p in parts(label)]] = 1
    return rows / rows.sum(1, keepdims=True)


texts = {language: encode(each) for language, each in labels.items()}
order = rng.permutation(len(listed))
held, known = order[:200], order[200:]
n_known, n_held = len(known), len(held)
by_chance, by_chance_5, by_chance_known = (
    1 / n_held,
    5 / n_held,
    1 / n_known,
)
print(f"{n_known} known, {n_held} held out, {len(parts_of)} words")
for i in held[:4]:
    print(labels["en"][i], labels["zh"][i])
# --8<-- [end:labels]


# --8<-- [start:vectors]
def miniature(pictures):
    """The pixels of 16x16, in a row."""
    small = pictures.reshape(-1, 16, 4, 16, 4, 3).mean((2, 4))
    return small.reshape(len(small), -1)


borrowed = borrowed_network(side=96)


def features(pictures):
    large = tf.image.resize(255 * pictures, (96, 96))
    return borrowed.predict(large, 64, verbose=0)


def to_unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


vectors = {}
for kind, vector in (("pixels", miniature), ("borrowed", features)):
    rows = {vendor: vector(drawn[vendor]) for vendor in drawn}
    mean = rows["google"][known].mean(0)
    spread = rows["google"][known].std(0) + 1e-3
    vectors[kind] = {
        vendor: to_unit((each - mean) / spread)
        for vendor, each in rows.items()
    }
    print(kind, vectors[kind]["google"].shape)
# --8<-- [end:vectors]


# --8<-- [start:match]
def match(u, v, scale):
    """How surprising, row by row, that u[i] belongs to v[i]."""
    logits = scale * (u @ tf.transpose(v))
    return tf.reduce_mean(
        tf.reduce_logsumexp(logits, 1) - tf.linalg.diag_part(logits)
    )


# --8<-- [end:match]


# --8<-- [start:train]
def tower(dropout):
    return keras.Sequential([
        layers.Dropout(dropout),
        layers.Dense(96, use_bias=False),
        layers.UnitNormalization(),
    ])


def train(pictures, steps=300, batch=128):
    look, read, scale = tower(0.5), tower(0.0), tf.Variable(10.0)
    look(pictures[:2]), read(texts["en"][:2])
    w = [*look.trainable_variables, *read.trainable_variables, scale]
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(
            0.0, steps, warmup_target=3e-3, warmup_steps=steps // 10
        ),
        weight_decay=0.02,
    )
    optimizer.build(w)

    @tf.function
    def step(x, text):
        with tf.GradientTape() as tape:
            u, v = look(x, training=True), read(text)
            loss = match(u, v, scale) + match(v, u, scale)
        optimizer.apply(tape.gradient(loss, w), w)

    for _ in range(steps):
        i = rng.choice(known, batch, replace=False)
        either = rng.integers(0, 2, (batch, 1)) == 0
        step(
            tf.constant(pictures[i]),
            tf.constant(
                np.where(either, texts["en"][i], texts["zh"][i])
            ),
        )
    return look, read


towers = {kind: train(each["google"]) for kind, each in vectors.items()}
# --8<-- [end:train]

# --8<-- [start:test]
seen, words = {}, {}
for kind, (look, read) in towers.items():
    seen[kind] = {v: look(x).numpy() for v, x in vectors[kind].items()}
    words[kind] = {k: read(x).numpy() for k, x in texts.items()}


def right(score, top=1):
    """Share of rows whose own column is among the highest `top`."""
    own = np.diag(score)[:, None]
    return float(np.mean((score > own).sum(1) < top))


def named(kind, of, top=1, language=("zh", "en"), vendor="twitter"):
    """Share of drawings whose name is found, by language on average."""
    pictures = seen[kind][vendor][of]
    return float(
        np.mean([
            right(pictures @ words[kind][k][of].T, top)
            for k in language
        ])
    )


known_pixels = named("pixels", known)
known_borrowed = named("borrowed", known)
held_pixels, held_pixels_5 = (named("pixels", held, n) for n in (1, 5))
held_borrowed, held_borrowed_5 = (
    named("borrowed", held, n) for n in (1, 5)
)
print(
    f"known: {known_pixels:.1%} pixels, {known_borrowed:.1%} borrowed"
)
print(f"held out: {held_pixels:.1%}, {held_borrowed:.1%}", end=", ")
print(f"among five {held_pixels_5:.1%}, {held_borrowed_5:.1%}")
# --8<-- [end:test]

# --8<-- [start:picture]
asked = {"cat": "猫", "heart": "心", "clock": "钟", "red": "红色"}
lines = []
for both in asked.items():
    query = towers["borrowed"][1](encode(both)).numpy().sum(0)
    closest = np.argsort(-seen["borrowed"]["twitter"] @ query)[:8]
    lines.append(np.concatenate(drawn["twitter"][closest], 1))
plt.figure(figsize=(6, 3.2))
plt.imshow(np.concatenate(lines))
plt.yticks(32 + 64 * np.arange(len(asked)), list(asked))
plt.xticks([])
plt.grid(False)
plt.show()
# --8<-- [end:picture]


# --8<-- [start:nearest]
def nearest(kind):
    """Without training: known emojis, and held-out ones by a vote."""
    google, twitter = (vectors[kind][v] for v in ("google", "twitter"))
    alike = twitter @ google[known].T
    near = known[np.argsort(-alike[held], 1)[:, :10]]
    votes = [
        each[near].sum(1) @ each[held].T for each in texts.values()
    ]
    votes = [v + 1e-6 * rng.random(v.shape) for v in votes]  # (1)!
    return right(alike[known]), *(
        float(np.mean([right(v, n) for v in votes])) for n in (1, 5)
    )


near_known_pixels, near_pixels, near_pixels_5 = nearest("pixels")
near_known_borrowed, near_borrowed, near_borrowed_5 = nearest(
    "borrowed"
)
print(f"known {near_known_pixels:.1%}, {near_known_borrowed:.1%}")
print(f"held out {near_pixels:.1%}, {near_borrowed:.1%}", end=", ")
print(f"among five {near_pixels_5:.1%}, {near_borrowed_5:.1%}")
lead_known = known_borrowed - known_pixels
lead_5 = held_borrowed_5 - held_pixels_5
gain_known = known_borrowed - near_known_borrowed
gain_5 = held_borrowed_5 - near_borrowed_5
# --8<-- [end:nearest]

# --8<-- [start:gaps]
own, own_5 = (
    named("borrowed", held, n, vendor="google") for n in (1, 5)
)
loss_5 = own_5 - held_borrowed_5
zh_5, en_5 = (
    named("borrowed", held, 5, [k], "google") for k in ("zh", "en")
)
met = np.sum([t[known].sum(0) for t in texts.values()], 0) > 0
new_zh, new_en = (
    float(np.mean(texts[k][held][:, met].sum(1) == 0))
    for k in ("zh", "en")
)
print(f"Google's own: {own:.1%}, among five {own_5:.1%}", end="; ")
print(f"Chinese {zh_5:.1%}, English {en_5:.1%}")
print(f"nothing but new words: {new_zh:.1%} zh, {new_en:.1%} en")
# --8<-- [end:gaps]
