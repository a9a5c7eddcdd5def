# --8<-- [start:import]
import base64
import json

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

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
rhyme = np.array([-1, -1, *kept["rhymes"]])
poems = [poem for poem in kept["test"] if len(poem) == 32][:100]
held = np.array([
    [number_of[c] for c in ("七绝", *poem)] for poem in poems
])
depth, heads = 3, 4
n_poems, n_heads = len(held), depth * heads
# --8<-- [end:poet]


# --8<-- [start:read]
def norm(x, learned):
    gain, shift = tf.split(learned, 2)
    x -= tf.reduce_mean(x, -1, keepdims=True)
    size = tf.reduce_mean(x**2, -1, keepdims=True) + 1e-3
    return gain * x * tf.math.rsqrt(size) + shift


@tf.function(jit_compile=True)
def chances_of(net, rows, keep, seen):
    x = tf.gather(net["token"], rows) + net["place"][: rows.shape[1]]
    x, looks = x * 128**0.5, []
    for i in range(depth):
        y = norm(x, net[f"{i}.norm1"])
        q, k, v = (
            tf.reshape(
                tf.einsum("bnw,vw->bnv", y, net[f"{i}.{part}"]),
                [*y.shape[:2], heads, -1],
            )
            for part in "qkv"
        )
        scores = tf.einsum("bqhd,bkhd->bhqk", q, k)
        scores = tf.where(seen, scores / (128 / heads) ** 0.5, -1e9)
        look = tf.nn.softmax(scores)
        mixed = tf.einsum("bhqk,bkhd,h->bqhd", look, v, keep[i])  # (1)!
        mixed = tf.reshape(mixed, x.shape)
        x += tf.einsum("bnw,vw->bnv", mixed, net[f"{i}.mix"])
        y = norm(x, net[f"{i}.norm2"])
        y = tf.einsum("bnw,vw->bnv", y, net[f"{i}.up"])
        y = tf.nn.relu(y + net[f"{i}.up_bias"])
        y = tf.einsum("bnw,vw->bnv", y, net[f"{i}.down"])
        x += y + net[f"{i}.down_bias"]
        looks.append(tf.reduce_mean(look, 0))
    z = tf.einsum("bnw,vw->bnv", norm(x, net["norm"]), net["token"])
    return tf.nn.softmax(z), tf.stack(looks)


def read(rows, keep=None, hide=()):
    """Chances of what comes next at each place; where heads look."""
    keep = np.ones((depth, heads)) if keep is None else keep
    seen = np.tri(rows.shape[1], dtype=bool)
    for place, other in hide:
        seen[place, other] = False
    found = chances_of(
        net, tf.constant(rows), tf.constant(keep, tf.float32), seen
    )
    return [a.numpy() for a in found]


# --8<-- [end:read]


# --8<-- [start:look]
def bits(p):
    """Mean surprise at what really came next."""
    p = np.take_along_axis(p, held[:, 1:, None], 2)
    return float(-np.log2(p).mean())


chances, looks = read(held[:, :-1])
whole = bits(chances)
to_rhyme = looks[:, :, 30, 7] + looks[:, :, 30, 15]  # (1)!
head = np.unravel_index(to_rhyme.argmax(), to_rhyme.shape)
most_rhyme = float(to_rhyme.max())
print(f"{whole:.2f} bits; {most_rhyme:.0%} on the rhyme words")
# --8<-- [end:look]


# --8<-- [start:cut]
def without(*cut):
    """Chances without some heads, each named by block and number."""
    keep = np.ones((depth, heads))
    for place in cut:
        keep[place] = 0
    return read(held[:, :-1], keep)[0]


cost = np.zeros((depth, heads))
for place in np.ndindex(depth, heads):
    cost[place] = bits(without(place)) - whole
head_cost, dearest = float(cost[head]), np.sort(cost, None)[::-1]
print(f"that head {head_cost:.3f} bits, others {dearest[:4].round(2)}")
# --8<-- [end:cut]

# --8<-- [start:picture]
_, (left, right) = plt.subplots(1, 2, figsize=(7.5, 2.6))
left.bar(range(1, 31), 100 * looks[head][30, 1:31], color="C1")
left.set(xlabel="place in the poem", ylabel="attention (%)")
left.set_xticks([7, 15, 23])
colors = ["C0"] * n_heads
colors[np.ravel_multi_index(head, (depth, heads))] = "C1"
right.bar(range(1, n_heads + 1), cost.ravel(), color=colors)
right.set(xlabel="head", ylabel="bits lost without it")
plt.tight_layout()
plt.show()
# --8<-- [end:picture]


# --8<-- [start:rhyming]
def rhyming(p, turn=0):
    """Chance of a last word that rhymes with the second line's."""
    group = rhyme[np.roll(held[:, 15], turn)]  # (1)!
    return np.sum(p[:, 30] * (rhyme == group[:, None]), 1)[group >= 0]


lost = rhyming(chances) - rhyming(without(head))  # (2)!
rhyme_lost = float(lost.mean())
rhyme_error = float(lost.std(ddof=1) / len(lost) ** 0.5)
rhyme_whole = float(rhyming(chances).mean())
rhyme_other = float(rhyming(chances, 1).mean())
print(f"{rhyme_whole:.1%}, cut {rhyme_whole - rhyme_lost:.1%}", end="")
print(f", another poem's rhyme {rhyme_other:.1%}")
# --8<-- [end:rhyming]

# --8<-- [start:ways]
order = np.argsort(to_rhyme, None)[::-1]
top = [tuple(np.unravel_index(i, to_rhyme.shape)) for i in order[:3]]
rhyme_three = float(rhyming(without(*top)).mean())
blind, _ = read(held[:, :-1], hide=[(30, 7), (30, 15)])
rhyme_blind = float(rhyming(blind).mean())
swapped = held[:, :-1].copy()
swapped[:, [7, 15]] = np.roll(swapped[:, [7, 15]], 1, 0)  # (1)!
exchanged, _ = read(swapped)
rhyme_swapped = float(rhyming(exchanged).mean())
rhyme_taken = float(rhyming(exchanged, 1).mean())  # (2)!
print(f"three cut {rhyme_three:.1%}, none may look {rhyme_blind:.1%}")
print(f"exchanged {rhyme_swapped:.1%}, the new rhyme {rhyme_taken:.1%}")
# --8<-- [end:ways]
