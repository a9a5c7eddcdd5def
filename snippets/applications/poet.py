# --8<-- [start:import]
import base64
import json
import time
import warnings

import matplotlib.pyplot as plt
import numpy as np

# --8<-- [end:import]


# --8<-- [start:load]
def numbers(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def unpack(array):
    """Matrices are whole numbers, times a scale for each row."""
    if "float32" in array:
        return numbers(array["float32"], "<f4")
    steps = numbers(array["int8"], "i1").reshape(array["shape"])
    return steps * numbers(array["scale"], "<f4")[:, None]


with open("poet_long.json", encoding="utf-8") as file:
    kept = json.load(file)
net = {name: unpack(array) for name, array in kept["net"].items()}
names = [*kept["forms"], *kept["vocabulary"]]
number_of = {name: i for i, name in enumerate(names)}
depth, most, heads = 3, 2**7 - 1, kept["heads"]
n_parameters = sum(array.size for array in net.values())
as_float, as_int8 = 4 * n_parameters / 1e6, n_parameters / 1e6
print(f"{n_parameters:,} parameters, {len(names):,} characters")
# --8<-- [end:load]


# --8<-- [start:attention]
def norm(x, learned):
    gain, shift = np.split(learned, 2)
    x = x - x.mean(-1, keepdims=True)
    size = np.sqrt((x**2).mean(-1, keepdims=True) + 1e-3)
    return gain * x / size + shift


def softmax(z):
    p = np.exp(z - z.max(-1, keepdims=True))
    return p / p.sum(-1, keepdims=True)


def attention(q, k, v):
    """Each place mixes the values at places up to its own."""
    scores = q @ k.swapaxes(-1, -2) / q.shape[-1] ** 0.5
    n, m = scores.shape[-2:]
    p = softmax(np.where(np.tri(n, m, m - n) > 0, scores, -np.inf))
    return p @ v, p


# --8<-- [end:attention]


# --8<-- [start:read]
def split(x):
    """Of each head its part, the heads before the places."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


def read(tokens, net, past=None):
    """Scores of the next token; what later ones need; attention."""
    done = past[0][0].shape[2] if past else 0
    tokens = np.asarray(tokens)
    width = net["token"].shape[1]
    x = net["token"][tokens] + net["place"][done:][: tokens.shape[1]]
    x, cache, seen = x * width**0.5, [], []
    for i in range(depth):
        y = norm(x, net[f"{i}.norm1"])
        q, k, v = (split(y @ net[f"{i}.{part}"].T) for part in "qkv")
        if past:
            k = np.concatenate([past[i][0], k], 2)
            v = np.concatenate([past[i][1], v], 2)
        mixed, shares = attention(q, k, v)
        mixed = mixed.swapaxes(1, 2).reshape(x.shape)
        x = x + mixed @ net[f"{i}.mix"].T
        y = norm(x, net[f"{i}.norm2"])
        y = np.maximum(y @ net[f"{i}.up"].T + net[f"{i}.up_bias"], 0)
        x = x + y @ net[f"{i}.down"].T + net[f"{i}.down_bias"]
        cache.append((k, v))
        seen.append(shares)
    return norm(x, net["norm"]) @ net["token"].T, cache, seen


# --8<-- [end:read]


# --8<-- [start:show]
begun = "春风不"
tokens = [[number_of[c] for c in ("七绝", *begun)]]
scores, _, seen = read(tokens, net)
never = [0, 1, number_of["□"]]  # (1)!
scores[..., never] = -np.inf
p = softmax(scores[0, -1])
first = p.argsort()[::-1][:10]
warnings.filterwarnings("ignore", "Glyph")  # browsers have them
plt.figure(figsize=(7, 2.4))
plt.bar(range(10), 100 * p[first])
plt.xticks(range(10), [names[i] for i in first], fontsize=13)
plt.ylabel("chance (%)")
plt.show()
# --8<-- [end:show]


# --8<-- [start:rounded]
def rounded(w, bits):
    """The matrix with whole numbers of so many bits in each row."""
    most = 2 ** (bits - 1) - 1
    scale = np.abs(w).max(1, keepdims=True) / most
    return scale * np.rint(w / scale)


# --8<-- [end:rounded]


# --8<-- [start:cost]
test = kept["test"]
n_test = len(test)
lengths = np.array([sum(c not in "，。" for c in t) for t in test])


def encode(poem):
    form = kept["forms"][len(poem) == 32]
    return [number_of[c] for c in (form, *poem)]


def bits(net):
    """What each poem of the test set costs, in bits."""
    found = np.zeros(n_test)
    for length in (24, 32):
        rows = [i for i, t in enumerate(test) if len(t) == length]
        codes = np.array([encode(test[i]) for i in rows])
        p = softmax(read(codes[:, :-1], net)[0])
        p = np.take_along_axis(p, codes[:, 1:, None], 2)
        found[rows] = -np.log2(p).sum((1, 2))
    return found


int8_bits, float_bits = bits(net), np.array(kept["bits"])
int8_cost = int8_bits.sum() / lengths.sum()
float_cost = float_bits.sum() / lengths.sum()
gaps = (int8_bits - float_bits) / lengths
gap, gap_error = gaps.mean(), gaps.std(ddof=1) / n_test**0.5
print(f"float32 {float_cost:.4f}, int8 {int8_cost:.4f} bits each")
# --8<-- [end:cost]

# --8<-- [start:fewer]
costs = {"8": int8_cost}
for n_bits in (6, 5, 4, 3):
    fewer = {
        name: rounded(w, n_bits) if w.ndim == 2 else w
        for name, w in net.items()
    }
    costs[str(n_bits)] = bits(fewer).sum() / lengths.sum()
for n_bits, cost in costs.items():
    print(f"{n_bits} bits: {cost:.3f}")
# --8<-- [end:fewer]


# --8<-- [start:chances]
def chances(scores, temperature, k):
    """Only the k likeliest remain."""
    least = np.sort(scores)[..., -k, None]
    return softmax(
        np.where(scores >= least, scores, -np.inf) / temperature
    )


# --8<-- [end:chances]


# --8<-- [start:write]
def write(form, n, temperature=0.8, k=50, acrostic="", cached=True):
    """n poems at a time; without a cache all is read again."""
    length, each = (24, 6) if form == "五绝" else (32, 8)
    tokens, past = np.full((n, 1), number_of[form]), None
    while tokens.shape[1] <= length:
        new = tokens[:, -1:] if cached else tokens
        scores, cache, _ = read(new, net, past)
        past = cache if cached else None
        scores[..., never] = -np.inf
        p = chances(scores[:, -1], temperature, k).cumsum(1)
        row = (p < p[:, -1:] * rng.random((n, 1))).sum(1)[:, None]
        at = tokens.shape[1] - 1
        if at % each == 0 and at // each < len(acrostic):
            row[:] = number_of[acrostic[at // each]]
        tokens = np.hstack([tokens, row])
    return ["".join(names[i] for i in row[1:]) for row in tokens]


rng = np.random.default_rng(0)
shown = write("七绝", 1)[0]
acrostic = write("七绝", 1, acrostic="机器写诗")[0]
print(shown, acrostic, sep="\n")
# --8<-- [end:write]

# --8<-- [start:cache]
spent = {}
for cached in (True, False):
    times = []
    for _ in range(5):
        began = time.perf_counter()  # measured: time
        write("七绝", 1, cached=cached)
        spell = time.perf_counter() - began  # measured: time
        times.append(spell)
    spent[cached] = min(times)
speed = 32 / spent[True]
faster = spent[False] / spent[True]
print(f"{speed:.0f} characters a second, {faster:.1f} times as fast")
# --8<-- [end:cache]
