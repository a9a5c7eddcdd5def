# --8<-- [start:import]
import base64
import json
import re
import tarfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import opencc
import tensorflow as tf

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:poet]
def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def unpack(a):
    """Matrices are whole numbers, times a scale for each row."""
    if "float32" in a:
        return numbers(a["float32"], "<f4")
    steps = numbers(a["int8"], "i1").reshape(a["shape"])
    return (steps * numbers(a["scale"], "<f4")[:, None]).astype("f4")


with open("poet_long.json", encoding="utf-8") as file:
    kept = json.load(file)
net = {name: unpack(a) for name, a in kept["net"].items()}
names = [*kept["forms"], *kept["vocabulary"]]
number_of = {name: i for i, name in enumerate(names)}
heads, width = 4, 128


def encode(poems):
    rows = [[number_of[c] for c in ("七绝", *poem)] for poem in poems]
    return np.array(rows, np.int32)


held = encode([p for p in kept["test"] if len(p) == 32][100:])  # (1)!
# --8<-- [end:poet]


# --8<-- [start:read]
def norm(x, learned):
    gain, shift = tf.split(learned, 2)
    x -= tf.reduce_mean(x, -1, keepdims=True)
    size = tf.reduce_mean(x**2, -1, keepdims=True) + 1e-3
    return gain * x * tf.math.rsqrt(size) + shift


def block(net, i, x):
    y = norm(x, net[f"{i}.norm1"])
    q, k, v = (
        tf.reshape(
            y @ tf.transpose(net[f"{i}.{part}"]),
            [*y.shape[:2], heads, -1],
        )
        for part in "qkv"
    )
    scores = tf.einsum("bqhd,bkhd->bhqk", q, k) / (width / heads) ** 0.5
    past = np.tri(x.shape[1]) > 0
    look = tf.nn.softmax(tf.where(past, scores, -1e9))
    mixed = tf.reshape(tf.einsum("bhqk,bkhd->bqhd", look, v), x.shape)
    x += mixed @ tf.transpose(net[f"{i}.mix"])
    y = norm(x, net[f"{i}.norm2"]) @ tf.transpose(net[f"{i}.up"])
    y = tf.nn.relu(y + net[f"{i}.up_bias"])
    return (
        x + y @ tf.transpose(net[f"{i}.down"]) + net[f"{i}.down_bias"]
    )


@tf.function
def stream(net, rows):
    """What goes into the last of the three blocks."""
    x = tf.gather(net["token"], rows) + net["place"][: rows.shape[1]]
    return block(net, 1, block(net, 0, x * width**0.5))


@tf.function(jit_compile=True)
def finish(net, x, at):
    """Scores of what comes next at some places, from such a stream."""
    x = tf.gather(norm(block(net, 2, x), net["norm"]), at, batch_dims=1)
    return tf.nn.log_softmax(x @ tf.transpose(net["token"]))


# --8<-- [end:read]

# --8<-- [start:poems]
FILE = re.compile(r".*/quantangshi/poet\.tang\.\d+\.json")
texts = []
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if FILE.fullmatch(member.name):
            for item in json.load(archive.extractfile(member)):
                texts.append("".join(item["paragraphs"]))
texts = [t for t in texts if re.fullmatch(r"(\w{7}，\w{7}。){2}", t)]
texts = opencc.OpenCC("t2s").convert("\n".join(texts[:3000])).split()
known, apart = set(names), set(kept["test"])
poems = [t for t in texts if set(t) <= known and t not in apart][:800]
rows = encode(poems)
token, after = rows[:, 1:-1].ravel(), rows[:, 2:].ravel()
n_poems, n_held = len(rows), len(held)
print(n_poems, "poems to learn from,", n_held, "held out")
# --8<-- [end:poems]


# --8<-- [start:sparse]
def sparse(x, into, shift, k=8):
    """Of the features, the k strongest; the others are zero."""
    f = tf.nn.relu(x @ into + shift)
    least = tf.math.top_k(f, k).values[:, -1:]
    return tf.where(f >= least, f, 0.0)


def error(x, f, out):
    return tf.reduce_mean(tf.reduce_sum((x - f @ out) ** 2, -1))


def dictionary(x, n=512, steps=450):
    draw = np.random.default_rng(seed)
    out = tf.Variable(
        tf.math.l2_normalize(tf.random.normal((n, width)), 1)
    )
    into, shift = (
        tf.Variable(tf.transpose(out)),
        tf.Variable(tf.zeros(n)),
    )
    w, x = [out, into, shift], tf.constant(x)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(w)

    @tf.function
    def step(i):
        some = tf.gather(x, i)
        with tf.GradientTape() as tape:
            loss = error(some, sparse(some, into, shift), out)
        optimizer.apply(tape.gradient(loss, w), w)
        out.assign(tf.math.l2_normalize(out, 1))

    for _ in range(steps):
        step(tf.constant(draw.integers(len(x), size=320)))
    return into.numpy(), shift.numpy(), out.numpy()


# --8<-- [end:sparse]


# --8<-- [start:train]
class Inside:
    """A network's states after two blocks, with mean 0 and size 1."""

    def __init__(self, net):
        x = [stream(net, part[:, :-1]) for part in np.split(rows, 5)]
        x = np.concatenate(x)[:, 1:].reshape(-1, width)  # (1)!
        self.net, self.mean, self.size = net, x.mean(0), x.std()
        self.learn = (x - self.mean) / self.size
        self.stream = stream(net, held[:, :-1]).numpy()
        x = self.stream[:, 1:].reshape(-1, width)
        self.held = (x - self.mean) / self.size


poet = Inside(net)
features = dictionary(poet.learn)
# --8<-- [end:train]


# --8<-- [start:cost]
everywhere = np.tile(np.arange(1, held.shape[1] - 1), (n_held, 1))


def bits(x):
    """Bits a character, after the first, going on from a stream."""
    z = finish(net, tf.constant(x), everywhere).numpy()
    z = np.take_along_axis(z, held[:, 2:, None], 2)
    return float(-z.mean() / np.log(2))


def cost_of(rebuilt):
    """Bits lost when the network has to go on with what is rebuilt."""
    new = poet.stream.copy()
    new[:, 1:] = np.reshape(
        rebuilt * poet.size + poet.mean, new[:, 1:].shape
    )
    return bits(new) - whole


whole = bits(poet.stream)
nothing = cost_of(np.zeros_like(poet.held))
print(f"{whole:.2f} bits; without the state {nothing:.2f} more")
# --8<-- [end:cost]


# --8<-- [start:rivals]
def both(axes):
    """A dictionary of some axes, each in both directions."""
    out = np.concatenate([axes, -axes])
    return out.T, 0.0, out


def rebuild(known, k):
    into, shift, out = known
    return sparse(poet.held, into, shift, k).numpy() @ out


def search(out, k):
    """For each place k directions, each the nearest to what is left,
    with the best weights (orthogonal matching pursuit)."""
    x, chosen = poet.held, []
    rest = x
    for _ in range(k):
        chosen.append(np.abs(rest @ out.T).argmax(1))
        w = out[np.stack(chosen, 1)]
        f = np.linalg.solve(w @ np.swapaxes(w, 1, 2), w @ x[..., None])
        rest = x - np.sum(f * w, 1)
    return x - rest


axes = np.linalg.svd(poet.learn, False)[2]  # measured: rounding
components = both(axes)
single = both(np.eye(width, dtype=np.float32))  # measured: rounding
drawn = np.random.default_rng(seed).normal(size=(512, width))
drawn = (drawn / np.linalg.norm(drawn, axis=1)[:, None]).astype("f4")
n_used = [1, 2, 4, 8, 16]
costs = {
    "single numbers": [cost_of(rebuild(single, k)) for k in n_used],
    "random directions": [cost_of(search(drawn, k)) for k in n_used],
    "components": [cost_of(rebuild(components, k)) for k in n_used],
    "features": [cost_of(rebuild(features, k)) for k in n_used],
}
single_8, random_8, pca_8, sparse_8 = [c[3] for c in costs.values()]
for name, some in costs.items():
    print(f"{some[3]:.2f} bits: eight {name}")
# --8<-- [end:rivals]


# --8<-- [start:table]
def table(here):
    """Means of the state for each character, and then for each place:
    what they rebuild, and their share of the held states' variance."""
    mean = np.zeros((len(names), width), "f4")
    np.add.at(mean, token, here.learn)
    count = np.bincount(token, minlength=len(names))
    mean /= np.maximum(count, 1)[:, None]
    rest = (here.learn - mean[token]).reshape(n_poems, -1, width)
    new = (mean[held[:, 1:-1]] + rest.mean(0)).reshape(-1, width)
    missing = np.mean((here.held - new) ** 2)
    return new, float(1 - missing / np.mean(here.held**2))


by_table, table_share = table(poet)
table_cost = cost_of(by_table)
print(f"{table_cost:.2f} bits: table; {table_share:.0%} of variance")
# --8<-- [end:table]


# --8<-- [start:picture]
plt.figure(figsize=(6, 3.1))
for mark, color, (name, some) in zip("dv^o", "3201", costs.items()):
    plt.plot(n_used, some, mark + "-", color="C" + color, label=name)
plt.axhline(
    table_cost, color="0.5", ls="--", label="character and place"
)
plt.xscale("log", base=2)
plt.xticks(n_used, n_used)
plt.ylim(0, 4.4)
plt.xlabel("directions used for a character")
plt.ylabel("bits lost")
plt.legend(ncols=2)
plt.show()
# --8<-- [end:picture]


# --8<-- [start:words]
def places_of(here, known):
    """How strong each direction is at each place, in both sets."""
    into, shift, _ = known
    return [
        sparse(x, into, shift).numpy() for x in (here.learn, here.held)
    ]


def purity(f, top=50):
    """Where a direction is strongest: the share of one character, and
    the characters that have a fifth each."""
    found = []
    for j in np.flatnonzero(np.sum(f > 0, 0) >= top):
        where = np.argpartition(f[:, j], -top)[-top:]
        count = np.bincount(token[where], minlength=len(names))
        often = np.argsort(-count)[: np.sum(count >= top / 5)]
        words = "".join(names[i] for i in often)
        found.append((count.max() / top, words))
    return found


strong, strong_held = places_of(poet, features)
found = purity(strong)
shares = [share for share, _ in found]
pure = float(np.mean(shares))
groups = [words for _, words in found if len(words) > 1]
n_found = len(found)
print(f"{n_found} features, {pure:.0%} one character")
print("several characters:", *groups[:14])
# --8<-- [end:words]


# --8<-- [start:control]
rng = np.random.default_rng(seed)
shuffled = Inside({
    k: rng.permuted(a.ravel()).reshape(a.shape) for k, a in net.items()
})
features_2 = dictionary(shuffled.learn)
found_2 = purity(places_of(shuffled, features_2)[0])
shares_2 = [share for share, _ in found_2]
pure_2, table_share_2 = float(np.mean(shares_2)), table(shuffled)[1]
print(f"one character: {pure:.0%}, with shuffled weights {pure_2:.0%}")
print(f"table: {table_share:.0%}, shuffled {table_share_2:.0%}")
# --8<-- [end:control]


# --8<-- [start:shares]
plt.figure(figsize=(6, 2.6))
bins = np.linspace(0, 1, 11)
plt.hist([shares, shares_2], bins, label=["trained", "shuffled"])
plt.xlabel("share of the most frequent character")
plt.ylabel("features")
plt.legend()
plt.show()
# --8<-- [end:shares]


# --8<-- [start:labels]
def labels_of(f, some, n=5):
    """The characters that follow each direction unusually often."""
    usual = np.bincount(after, minlength=len(names)) / len(after)
    found = []
    for j in some:
        seen = np.bincount(after[f[:, j] > 0], minlength=len(names))
        expected = seen.sum() * usual
        more = (seen - expected) / np.sqrt(expected + 1)
        found.append(np.argsort(-more)[:n])
    return np.array(found)


def draw(f, f_held, n=40):
    """Of the directions that are often used, some at random."""
    often = (np.sum(f > 0, 0) >= 50) & (np.sum(f_held > 0, 0) >= 20)
    rng = np.random.default_rng(seed)
    return rng.choice(np.flatnonzero(often), n, replace=False)


some = draw(strong, strong_held)
for j, label in zip(some[:8], labels_of(strong, some[:8])):
    words = purity(strong[:, [j]])[0][1] or "…"
    print(words, "→", "".join(names[i] for i in label))
# --8<-- [end:labels]


# --8<-- [start:cut]
def cut(here, known, n=20):
    """Bits by which the chance of each label's characters falls (its
    column) when a direction is cut at some places (its row)."""
    f, f_held = places_of(here, known)
    some = draw(f, f_held)
    labels, rng = labels_of(f, some), np.random.default_rng(seed)

    def chance(x, at):
        z = finish(here.net, tf.constant(x), tf.constant(at[:, None]))
        return np.exp(z.numpy()[:, 0])[:, labels].sum(-1)

    falls = []
    for j in some:
        places = rng.choice(np.flatnonzero(f_held[:, j]), n, False)
        poem, at = np.divmod(places, held.shape[1] - 2)
        x, at = here.stream[poem], at + 1
        before = chance(x, at)
        piece = f_held[places, j, None] * known[2][j]
        x[np.arange(n), at] -= piece * here.size
        falls.append(np.log2(before / chance(x, at)).mean(0))
    return np.array(falls)


def own_and_others(falls):
    """Mean fall of the label of what was cut, and of the others."""
    own, n = np.diag(falls).sum(), len(falls)
    return float(own / n), float((falls.sum() - own) / n / (n - 1))


falls, falls_2 = cut(poet, features), cut(shuffled, features_2)
own, others = own_and_others(falls)
own_2, others_2 = own_and_others(falls_2)
first = float(np.mean(falls.argmax(1) == np.arange(len(falls))))
first_2 = float(np.mean(falls_2.argmax(1) == np.arange(len(falls_2))))
n_cut = len(falls)
print(f"own label {own:.2f} bits, others' {others:.2f}")
print(f"shuffled: own label {own_2:.2f}, others' {others_2:.2f}")
# --8<-- [end:cut]


# --8<-- [start:falls]
def more(falls):
    """How much more the own label falls than the others, per cut."""
    own, n = np.diag(falls), len(falls)
    return own - (falls.sum(1) - own) / (n - 1)


plt.figure(figsize=(6, 2.6))
bins = np.linspace(-1, 2, 16)
both_kinds = [np.clip(more(a), -1, 2) for a in (falls, falls_2)]
plt.hist(both_kinds, bins, label=["trained", "shuffled"])
plt.locator_params(axis="y", integer=True)
plt.xlabel("bits by which the own label falls more than others")
plt.ylabel("features")
plt.legend()
plt.show()
# --8<-- [end:falls]


# --8<-- [start:judge]
def judge(known):
    """Purity of a dictionary, and what cuts do to labels."""
    found = purity(places_of(poet, known)[0])
    pure = float(np.mean([share for share, _ in found]))
    return pure, *own_and_others(cut(poet, known))


pure_pca, own_pca, others_pca = judge(components)
pure_single, own_single, others_single = judge(single)
pure_random, own_random, others_random = judge((drawn.T, 0.0, drawn))
own_wrong, _ = own_and_others(cut(poet, (*features[:2], drawn)))  # (1)!
own_gain = own - own_pca
print(f"components: {own_pca:.2f} bits, others' {others_pca:.2f}")
print(f"features' places, random directions cut: {own_wrong:.2f}")
# --8<-- [end:judge]
