# --8<-- [start:import]
import json
import lzma
import re
import tarfile
import time
from collections import Counter, defaultdict

import keras
import matplotlib.pyplot as plt
import numpy as np
import opencc
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

seed = 0
keras.utils.set_random_seed(seed)
rng = np.random.default_rng(seed)
keras.mixed_precision.set_global_policy("mixed_bfloat16")  # (1)!
# --8<-- [end:import]

# --8<-- [start:read]
FILE = re.compile(
    r".*/(quantangshi|strains/json)/poet\.(tang|song)\.\d+\.json"
)
shelf = defaultdict(list)
with tarfile.open("chinese-poetry-2.0.1.tgz") as archive:
    for member in archive:
        if found := FILE.fullmatch(member.name):
            shelf[found.groups()] += json.load(
                archive.extractfile(member)
            )
tang, song = shelf["quantangshi", "tang"], shelf["quantangshi", "song"]
tones = shelf["strains/json", "tang"]
print(f"{len(tang):,} Tang poems, {len(song):,} Song poems")
# --8<-- [end:read]

# --8<-- [start:forms]
FORMS = {24: "五绝", 32: "七绝", 48: "五律", 64: "七律"}  # (1)!
simplify = opencc.OpenCC("t2s").convert


def of_four_forms(items):
    """Lines of equal length, set as one string each: …，…。"""
    texts = ["".join(item["paragraphs"]) for item in items]
    for text in simplify("\n".join(texts)).split("\n"):
        lines = re.findall(r"\w+", text)  # (2)!
        if len({len(line) for line in lines}) == 1:
            if len(lines) in (4, 8) and len(lines[0]) in (5, 7):
                marks = "，。" * (len(lines) // 2)
                yield "".join(map(str.__add__, lines, marks))


poems, known_lines = [], set()
for poem in of_four_forms(tang):
    lines = re.findall(r"\w+", poem)
    if sum(line in known_lines for line in lines) < 2:  # (3)!
        poems.append(poem)
        known_lines.update(lines)
print(f"{len(poems):,} poems")
print({
    form: sum(len(p) == n for p in poems) for n, form in FORMS.items()
})
# --8<-- [end:forms]

# --8<-- [start:split]
poems = [poems[i] for i in rng.permutation(len(poems))]
test, valid, train = poems[:1000], poems[1000:1500], poems[1500:]
# --8<-- [end:split]

# --8<-- [start:tokens]
often = Counter("".join(train))
vocabulary = [*FORMS.values(), "□", "，", "。"]
vocabulary += sorted(
    c for c in often if often[c] >= 10 and c not in "，。"
)
number_of = {token: i for i, token in enumerate(vocabulary)}
n_tokens, unknown = len(vocabulary), number_of["□"]


def encode(poem):
    """The form, then the characters: each a number."""
    characters = [number_of.get(c, unknown) for c in poem]
    return [number_of[FORMS[len(poem)]], *characters]


def decode(numbers):
    return "".join(vocabulary[i] for i in numbers)


print(
    n_tokens, encode("白日依山尽，黄河入海流。欲穷千里目，更上一层楼。")
)
# --8<-- [end:tokens]


# --8<-- [start:ngram]
def follow(texts, order):
    """What follows each context, by its length (Kneser-Ney)."""
    after = [defaultdict(Counter) for _ in range(order)]
    for text in texts:
        text = "。" * (order - 1) + text
        for i in range(order - 1, len(text)):
            if text[i] not in "，。":
                after[-1][text[i - order + 1 : i]][text[i]] += 1
    for n in range(order - 1, 0, -1):
        for context, seen in after[n].items():
            for c in seen:  # once for each context, however often
                after[n - 1][context[1:]][c] += 1
    return [
        {h: (seen, seen.total()) for h, seen in level.items()}
        for level in after
    ]


def ngram_chance(c, context, after, d=0.9):
    p = 1 / n_tokens
    for n, level in enumerate(after):
        seen, total = level.get(context[len(context) - n :], ((), 0))
        if total:
            p = max(seen[c] - d, 0) / total + d * len(seen) / total * p
    return p


# --8<-- [end:ngram]


# --8<-- [start:bits_each]
def bits_each(p):
    return -np.mean(np.log2(p))


# --8<-- [end:bits_each]


# --8<-- [start:ngram_bits]
def masked(poem):
    return "".join(c if c in number_of else "□" for c in poem)


def ngram_bits(texts, after):
    """Bits for each text; its marks come free."""
    order = len(after)
    bits = []
    for text in texts:
        text = "。" * (order - 1) + masked(text)
        chances = [
            ngram_chance(text[i], text[i - order + 1 : i], after)
            for i in range(order - 1, len(text))
            if text[i] not in "，。"
        ]
        bits.append(len(chances) * bits_each(chances))
    return np.array(bits)


def characters(texts):
    return np.array([sum(c not in "，。" for c in t) for t in texts])


ngrams = {n: follow(map(masked, train), n) for n in (2, 3)}
n_valid = characters(valid).sum()
for n, after in ngrams.items():
    print(n, round(ngram_bits(valid, after).sum() / n_valid, 2))
# --8<-- [end:ngram_bits]


# --8<-- [start:attention]
def attention(q, k, v):
    """Each place mixes the values at places up to its own."""
    queries, keys = tf.shape(q)[-2], tf.shape(k)[-2]
    scores = tf.matmul(q, k, transpose_b=True) / q.shape[-1] ** 0.5
    place = tf.range(keys - queries, keys)[:, None]
    scores = tf.where(tf.range(keys) <= place, scores, -1e9)  # (1)!
    return tf.matmul(tf.nn.softmax(scores), v)


# --8<-- [end:attention]

# --8<-- [start:block]
width, heads, depth, longest = 128, 4, 2, max(FORMS)


class Block(keras.layers.Layer):
    """Look at the places before, then think; add both to x."""

    def __init__(self):
        super().__init__()
        layers = keras.layers
        self.norm_1 = layers.LayerNormalization()
        self.norm_2 = layers.LayerNormalization()
        self.qkv = layers.Dense(3 * width, use_bias=False)
        self.mix = layers.Dense(width, kernel_initializer="zeros")
        self.up = layers.Dense(4 * width, activation="relu")
        self.down = layers.Dense(width, kernel_initializer="zeros")

    def call(self, x, past):
        b, n = tf.shape(x)[0], tf.shape(x)[1]
        qkv = self.qkv(self.norm_1(x))
        qkv = tf.reshape(qkv, [b, n, 3, heads, width // heads])
        q, k, v = tf.unstack(tf.transpose(qkv, [2, 0, 3, 1, 4]))
        k, v = tf.concat([past[0], k], 2), tf.concat([past[1], v], 2)
        mixed = tf.transpose(attention(q, k, v), [0, 2, 1, 3])
        x += self.mix(tf.reshape(mixed, [b, n, width]))
        return x + self.down(self.up(self.norm_2(x))), (k, v)


# --8<-- [end:block]


# --8<-- [start:gpt]
class GPT(keras.Model):
    def __init__(self):
        super().__init__()
        normal = keras.initializers.RandomNormal(stddev=0.02)
        self.token = self.add_weight(
            (n_tokens, width), normal, autocast=False
        )
        self.place = self.add_weight(
            (longest, width), normal, autocast=False
        )
        self.bias = self.add_weight(
            (n_tokens,), "zeros", autocast=False
        )
        self.blocks = [Block() for _ in range(depth)]
        self.norm = keras.layers.LayerNormalization()

    def call(self, numbers, past):
        """Scores for the next token, and what later ones need."""
        done, n = tf.shape(past)[4], tf.shape(numbers)[1]
        x = tf.gather(self.token, numbers)
        x = (x + self.place[done : done + n]) * width**0.5
        x = tf.cast(x, self.compute_dtype)
        caches = []
        for layer, block in enumerate(self.blocks):
            x, cache = block(x, tf.unstack(past[layer]))
            caches.append(cache)
        token = tf.cast(self.token, x.dtype)  # (1)!
        x = tf.matmul(self.norm(x), token, transpose_b=True)
        return tf.cast(x, tf.float32) + self.bias, tf.stack(caches)


def nothing(batch):
    """An empty cache."""
    shape = [depth, 2, batch, heads, 0, width // heads]
    return tf.zeros(shape, "bfloat16")


model = GPT()
read = np.concatenate([encode(poem) for poem in train])
share = np.bincount(read, minlength=n_tokens)
model.bias.assign(np.log((share + 0.1) / share.sum()))  # (2)!
model(tf.constant([encode(train[0])[:-1]]), nothing(1))
n_parameters = model.count_params()
print(f"{n_parameters:,} parameters")
# --8<-- [end:gpt]


# --8<-- [start:loss]
def losses(scores, targets):
    return tf.nn.sparse_softmax_cross_entropy_with_logits(
        targets, scores
    )


@tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
def surprise(batch):
    """What each token of each poem costs, in bits."""
    scores, _ = model(batch[:, :-1], nothing(tf.shape(batch)[0]))
    return losses(scores, batch[:, 1:]) / np.log(2)


def bits(texts):
    """Bits for each text, its marks included."""
    found = np.zeros(len(texts))
    for length in FORMS:
        rows = [i for i, t in enumerate(texts) if len(t) == length]
        for i in range(0, len(rows), 50):
            some = rows[i : i + 50]
            batch = tf.constant([encode(texts[j]) for j in some])
            found[some] = surprise(batch).numpy().sum(axis=1)
    return found


# --8<-- [end:loss]

# --8<-- [start:learn]
size, n_steps = 16, 1200
rate = keras.optimizers.schedules.CosineDecay(
    0.0, n_steps, warmup_target=6e-3, warmup_steps=50
)
optimizer = keras.optimizers.AdamW(rate, weight_decay=0.1, beta_2=0.95)
optimizer.build(model.trainable_variables)


@tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)])
def learn(batch):
    with tf.GradientTape() as tape:
        mean = tf.reduce_mean(surprise(batch))
    gradients = tape.gradient(mean, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return mean


def batches():
    """All poems once, those of one form together, in random order."""
    found = []
    for length in FORMS:
        rows = [encode(p) for p in train if len(p) == length]
        rows = rng.permutation(np.array(rows, np.int32))
        n = len(rows) // size
        found += np.split(rows[: n * size], n)
    return [found[i] for i in rng.permutation(len(found))]


# --8<-- [end:learn]


# --8<-- [start:write]
@tf.function(
    input_signature=[
        tf.TensorSpec([None, None], tf.int32),
        tf.TensorSpec(
            [depth, 2, None, heads, None, width // heads], tf.bfloat16
        ),
    ]
)
def read_on(numbers, past):
    return model(numbers, past)


def write(form, n=1, heads="", temperature=0.8, k=50, draw=0):
    """n poems; the heads, if any, begin their lines."""
    rng = np.random.default_rng(draw)
    length = next(i for i, name in FORMS.items() if name == form)
    per_line = 6 if form[0] == "五" else 8
    row = np.full((n, 1), number_of[form])
    written, past = [], nothing(n)
    for i in range(length):
        scores, past = read_on(tf.constant(row, tf.int32), past)
        scores = scores[:, -1].numpy() / temperature
        scores[:, [*range(len(FORMS)), unknown]] = -np.inf
        best = np.sort(scores)[:, -k, None]
        scores[scores < best] = -np.inf
        gumbel = rng.gumbel(size=scores.shape)  # (1)!
        row = (scores + gumbel).argmax(axis=1)[:, None]
        if i % per_line == 0 and i // per_line < len(heads):
            row[:] = number_of[heads[i // per_line]]
        written.append(row)
    return [decode(numbers) for numbers in np.hstack(written)]


# --8<-- [end:write]

# --8<-- [start:train]
stages, costs, online = {}, [], []
began = time.perf_counter()  # measured: time
for step, batch in enumerate(batches()[:n_steps]):
    if step in (0, n_steps // 20, n_steps // 4):
        stages[step] = write("七绝")[0]  # measured: seed
    cost = float(learn(tf.constant(batch)))  # measured: seed
    n = (batch[:, 1:] > number_of["。"]).sum() + (
        batch == unknown
    ).sum()
    costs.append(cost * batch[:, 1:].size / n)
    online.append(n)
seconds = time.perf_counter() - began  # measured: time
stages[n_steps] = write("七绝")[0]  # measured: seed
for step, poem in stages.items():
    print(f"{step:5} {poem}")
# --8<-- [end:train]

# --8<-- [start:curve]
smooth = np.convolve(costs, np.ones(50) / 50, "valid")
plt.figure(figsize=(7, 2.8))
plt.plot(np.arange(len(smooth)) + 50, smooth, label="GPT")
for n, style in zip(ngrams, ("--", "-")):
    level = ngram_bits(valid, ngrams[n]).sum() / n_valid
    plt.axhline(
        level, color="tab:gray", linestyle=style, label=f"{n}-gram"
    )
share_read = n_steps * size / len(train)
plt.xlabel("batches learned from")
plt.ylabel("bits per character")
plt.legend()
plt.show()
# --8<-- [end:curve]

# --8<-- [start:test]
n_test = characters(test)
gpt_bits, trigram_bits = (  # measured: seed
    bits(test),
    ngram_bits(test, ngrams[3]),
)
gpt_cost = gpt_bits.sum() / n_test.sum()
trigram_cost = trigram_bits.sum() / n_test.sum()
gain = trigram_cost - gpt_cost
print(
    f"trigram {trigram_cost:.2f}, GPT {gpt_cost:.2f} bits per character"
)
# --8<-- [end:test]

# --8<-- [start:compress]
n_train = characters(train).sum()
text = "".join(train).encode("utf-16-le")
xz_cost = 8 * len(lzma.compress(text, preset=9)) / n_train
weights_cost = 16 * n_parameters / n_train
packed_cost = weights_cost + gpt_cost
online_cost = np.dot(costs, online) / sum(online)
print(f"xz {xz_cost:.2f}, GPT with its weights {packed_cost:.2f}")
print(f"GPT that learns on the way {online_cost:.2f}")
# --8<-- [end:compress]

# --8<-- [start:tones]
votes, aligned = defaultdict(Counter), 0
texts = ["".join(item["paragraphs"]) for item in tang]
texts = simplify("\n".join(texts)).split("\n")
for text, pattern in zip(texts, tones):
    marks = "".join(pattern["strains"])
    if len(text) == len(marks):
        aligned += 1
        for c, mark in zip(text, marks):
            votes[c][mark] += 1
tone = {
    c: mark
    for c, seen in votes.items()
    for mark in "平仄"
    if seen[mark] > 0.9 * seen.total()  # (1)!
}
aligned_share = aligned / len(texts)
print({c: tone.get(c, "both") for c in "春风白日国中"})
# --8<-- [end:tones]


# --8<-- [start:rhyme_groups]
def rhyme_groups(poems, least=20):
    """For each character the name of its rhyme, a character, too."""
    partners, count = defaultdict(Counter), Counter()
    for poem in poems:
        ends = re.findall(r"(\w)。", poem)
        if all(tone.get(c) != "仄" for c in ends):
            count.update(ends)
            for c in ends:
                partners[c].update(e for e in ends if e != c)
    joined = {c: c for c, n in count.most_common() if n >= least}

    def root(c):
        return c if joined[c] == c else root(joined[c])

    for c in joined:
        usual = [e for e, _ in partners[c].most_common() if e in joined]
        joined[root(c)] = root(usual[0]) if usual else root(c)
    return {c: root(c) for c in joined}


# --8<-- [end:rhyme_groups]

# --8<-- [start:rhymes]
song_poems = list(of_four_forms(song))
rhyme = rhyme_groups(song_poems)
groups = defaultdict(str)
for c, name in rhyme.items():
    groups[name] += c
n_groups = len(groups)
for group in list(groups.values())[:5]:
    print(len(group), group[:20])
print(f"{len(rhyme):,} characters in {n_groups} groups")
# --8<-- [end:rhymes]


# --8<-- [start:measure]
def rhymes(poem):
    """Do lines 2 and 4 of a quatrain of sevens rhyme?"""
    a, b = poem[14], poem[30]
    return a != b and a in rhyme and rhyme[a] == rhyme.get(b)


def alternations(poem):
    """Do the tones at places 2, 4, 6 alternate, line by line?"""
    for i in range(0, 32, 8):
        heard = [tone.get(c) for c in poem[i + 1 : i + 6 : 2]]
        if None not in heard:
            yield heard[0] != heard[1] != heard[2]


def rhyme_rate(quatrains):
    return np.mean([rhymes(poem) for poem in quatrains])


def tone_rate(quatrains):
    return np.mean([
        a for poem in quatrains for a in alternations(poem)
    ])


# --8<-- [end:measure]

# --8<-- [start:chance]
real = [poem for poem in test if len(poem) == 32]
turned = real[1:] + real[:1]
halves = [a[:16] + b[16:] for a, b in zip(real, turned)]
shuffled = ["".join(rng.permutation(list(poem))) for poem in real]
real_rhyme, chance_rhyme = rhyme_rate(real), rhyme_rate(halves)
real_tones, chance_tones = tone_rate(real), tone_rate(shuffled)
print(f"rhyme: real {real_rhyme:.0%}, by chance {chance_rhyme:.0%}")
print(f"tones: real {real_tones:.0%}, by chance {chance_tones:.0%}")
# --8<-- [end:chance]


# --8<-- [start:ngram_write]
def ngram_write(after, d=0.9):
    """A quatrain of sevens; its marks are set for it."""
    text = "。。"
    while len(text) < 34:
        if len(text) % 8 == 1:
            text += "，。"[len(text) // 8 % 2 == 0]
            continue
        for n in (2, 1, 0):
            seen, total = after[n].get(text[len(text) - n :], ((), 0))
            if total and rng.random() > d * len(seen) / total:
                odds = np.array(list(seen.values())) - d
                text += rng.choice(list(seen), p=odds / odds.sum())
                break
    return text[2:]


# --8<-- [end:ngram_write]

# --8<-- [start:compare]
by_gpt = write("七绝", 300)  # measured: seed
by_trigram = [ngram_write(ngrams[3]) for _ in range(300)]
gpt_rhyme, gpt_tones = rhyme_rate(by_gpt), tone_rate(by_gpt)
trigram_rhyme = rhyme_rate(by_trigram)
trigram_tones = tone_rate(by_trigram)
print(f"trigram: rhyme {trigram_rhyme:.0%}, tones {trigram_tones:.0%}")
print(f"GPT: rhyme {gpt_rhyme:.0%}, tones {gpt_tones:.0%}")
# --8<-- [end:compare]

# --8<-- [start:probe]
known = [c for c in vocabulary if c in tone]
vectors = model.token.numpy()[  # measured: seed
    [number_of[c] for c in known]
]
is_level = np.array([tone[c] == "平" for c in known])
level_share = is_level.mean()
probe_accuracy = cross_val_score(
    LogisticRegression(C=0.1, max_iter=1000),
    StandardScaler().fit_transform(vectors),
    is_level,
).mean()
print(f"level {level_share:.0%}, told apart {probe_accuracy:.0%}")
# --8<-- [end:probe]


# --8<-- [start:on_group]
def on_group(poems, words):
    """The chance that the last word rhymes with the one given."""
    begun = tf.constant([encode(poem)[:31] for poem in poems])
    scores, _ = read_on(begun, nothing(len(poems)))
    chances = tf.nn.softmax(scores[:, -1]).numpy()
    fits = [
        [rhyme.get(c) == rhyme[word] for c in vocabulary]
        for word in words
    ]
    return np.mean((chances * fits).sum(axis=1))


# --8<-- [end:on_group]

# --8<-- [start:swap]
pairs = [
    (a, b[14])
    for a, b in zip(real, turned)
    if rhymes(a) and rhymes(b) and rhyme[a[14]] != rhyme[b[14]]
]
originals = [poem for poem, _ in pairs]
swapped = [poem[:14] + word + poem[15:] for poem, word in pairs]
old, new = [poem[14] for poem in originals], [w for _, w in pairs]
old_before, old_after = (  # measured: seed
    on_group(originals, old),
    on_group(swapped, old),
)
new_before, new_after = (  # measured: seed
    on_group(originals, new),
    on_group(swapped, new),
)
rhyme_lost = old_before - old_after
print(f"rhymes with the old word: {old_before:.1%} -> {old_after:.1%}")
print(f"rhymes with the new word: {new_before:.1%} -> {new_after:.1%}")
# --8<-- [end:swap]


# --8<-- [start:longest]
def longest_runs(texts, corpus):
    """Each text's longest run of characters found in the corpus."""
    longest = np.ones(len(texts), int)
    for n in range(2, 29):
        owners = defaultdict(set)
        for i, text in enumerate(texts):
            for j in range(len(text) - n + 1):
                owners[text[j : j + n]].add(i)
        shared = set()
        for text in corpus:
            for j in range(len(text) - n + 1):
                shared |= owners.pop(text[j : j + n], set())
        if not shared:
            break
        longest[list(shared)] = n
    return longest


# --8<-- [end:longest]

# --8<-- [start:copies]
everything = [re.sub("[，。]", "", poem) for poem in train]
by_all = [re.sub("[，。]", "", p) for p in real + by_gpt + by_trigram]
runs = longest_runs(by_all, everything)
real_runs, gpt_runs, trigram_runs = np.split(runs, [len(real), -300])
real_run, gpt_run = real_runs.mean(), gpt_runs.mean()
trigram_run, gpt_longest = trigram_runs.mean(), int(gpt_runs.max())
real_longest = int(real_runs.max())
print(f"real {real_run:.1f}, at most {real_longest}")
print(f"GPT {gpt_run:.1f}, at most {gpt_longest}")
print(f"trigram {trigram_run:.1f}")
# --8<-- [end:copies]

# --8<-- [start:cache]
rows = [encode(poem)[:-1] for poem in test if len(poem) == 64]
rows = tf.constant(rows[:50])
began = time.perf_counter()  # measured: time
for i in range(64):  # all of it again for each character
    again, _ = read_on(rows[:, : i + 1], nothing(len(rows)))
middle = time.perf_counter()  # measured: time
past = nothing(len(rows))
for i in range(64):  # one character, and what was kept
    kept, past = read_on(rows[:, i : i + 1], past)
ended = time.perf_counter()  # measured: time
speed_up = (middle - began) / (ended - middle)
apart = float(  # measured: seed
    tf.reduce_max(tf.abs(again[:, -1] - kept[:, -1]))
)
print(f"{speed_up:.1f} times as fast with the cache")
# --8<-- [end:cache]

# --8<-- [start:temperatures]
begun, temperatures = "春风不", [0.5, 0.8, 1, 1.5, 2]
row = [number_of[token] for token in ("七绝", *begun)]
scores, _ = read_on(tf.constant([row]), nothing(1))  # measured: seed
scores = scores[0, -1].numpy()
scores[[*range(len(FORMS)), unknown]] = -np.inf
order = scores.argsort()[::-1]
likely = [vocabulary[i] for i in order[:10]]
chances = np.zeros([len(temperatures), 11])
for i, temperature in enumerate(temperatures):
    p = tf.nn.softmax(scores[order] / temperature).numpy()
    chances[i] = [*p[:10], p[10:].sum()]
n_rest = int(np.isfinite(scores).sum()) - 10
print(*likely)
# --8<-- [end:temperatures]

# --8<-- [start:acrostic]
acrostics = [  # measured: seed
    write(form, heads="机器写诗")[0] for form in ("五绝", "七绝")
]
print("\n".join(acrostics))
before = Counter(c for p in train for c in re.findall(r"(\w)机", p))
print(before.most_common(5))
# --8<-- [end:acrostic]

# --8<-- [start:large]
with open("text_generation_long.json", encoding="utf-8") as file:
    large = json.load(file)
same = [i for i, poem in enumerate(test) if "□" not in masked(poem)]
same = same[: large["poems"]]
same_cost = gpt_bits[same].sum() / n_test[same].sum()
large_costs, written = large["bits"], large["written"]
times_larger = large["parameters"] / n_parameters
n_same, n_shown = len(same), large["shown"]
print(f"asked {large_costs['asked']:.1f}", end=", ")
print(f"shown {large_costs['shown']:.1f}, our GPT {same_cost:.1f}")
# --8<-- [end:large]


# --8<-- [start:large_form]
def is_quatrain(text):
    """Does it begin with four lines of seven characters?"""
    lines = re.findall("[\u4e00-\u9fff]+", text)
    return [len(line) for line in lines[:4]] == [7] * 4


in_form = {
    task: sum(map(is_quatrain, some)) for task, some in written.items()
}
n_written = len(written["shown"])
print(in_form, "of", n_written)
print(*(some[0][:30] for some in written.values()), sep="\n")
# --8<-- [end:large_form]
