# --8<-- [start:numbers]
UNITS = {"十": 10, "百": 100, "千": 1000}


def back(text):
    """Chinese to a number, by other rules."""
    total = part = digit = 0
    for c in text:
        if c == "万":
            total, part, digit = 10_000 * (part + digit), 0, 0
        elif c in UNITS:
            part, digit = part + max(digit, 1) * UNITS[c], 0
        else:
            digit = "零一二三四五六七八九".index(c)
    return total + part + digit


trial = [*range(1, 12_000), *range(12_000, 1_000_000, 997)]
n_wrong = sum(back(chinese(n)) != n for n in trial)
assert n_wrong == 0
n_doubled = sum("零零" in chinese(n) for n in trial)
assert n_doubled == 0
different = len({english(n) for n in trial})
assert different == len(trial)
learned = {a for a, _ in toy}
n_learned = sum(
    a in learned for exam in exams.values() for a, _ in exam
)
assert n_learned == 0
# --8<-- [end:numbers]

# --8<-- [start:attention]
ours = Attention(64, 4)
theirs = layers.MultiHeadAttention(4, 16)
x = keras.random.normal((2, 5, 64), seed=1)
memory = keras.random.normal((2, 7, 64), seed=2)
mixed, a = ours(x, memory, seen=True)
theirs(x, memory)
copied = [w.numpy() for w in ours.weights]
theirs.set_weights([
    w.reshape(to.shape) for w, to in zip(copied, theirs.weights)
])
expected, b = theirs(x, memory, return_attention_scores=True)
gap = float(ops.max(ops.abs(mixed - expected)))
weight_gap = float(ops.max(ops.abs(a - b)))
assert gap < 1e-5
assert weight_gap < 1e-6
# --8<-- [end:attention]

# --8<-- [start:loss]
logits = tf.random.stateless_normal((3, 5, 7), (1, 2))
truth = tf.constant(np.arange(15).reshape(3, 5) % 7)
expected = keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1, reduction=None
)(tf.one_hot(truth, 7), logits)
loss_gap = float(
    tf.reduce_max(abs(loss(logits, truth, 0.1) - expected))
)
assert loss_gap < 1e-5
# --8<-- [end:loss]

# --8<-- [start:exams]
assert longer_right < dates_right / 2
assert longer_right < form_right / 2
assert longer_right < numbers_right / 2
# --8<-- [end:exams]

# --8<-- [start:leak]
trained = {near(a) for a in train}
n_shared = sum(near(a) in trained for a in test + valid)
n_tested = len({near(a) for a in test})
assert n_shared == 0
assert n_tested == len(test) == 600
assert (n_lines, n_distinct) == (43_590, 25_273)
lazy_lines, lazy_distinct, lazy_groups = leak.values()
assert 5 * lazy_distinct < lazy_lines
assert 5 * lazy_groups < lazy_lines
# --8<-- [end:leak]

# --8<-- [start:bleu]
draw = np.random.default_rng(1)


def text(n):
    return " ".join(draw.choice(list("abcde"), n))


said = [text(n) for n in draw.integers(4, 12, 40)]
real = [text(n) for n in draw.integers(5, 13, 40)]
hits, tries = np.zeros(4), np.zeros(4)
for s, t in zip(said, real):
    for n in range(4):
        s_runs, t_runs = (
            Counter(zip(*(u.split()[i:] for i in range(n + 1))))
            for u in (s, t)
        )
        hits[n] += (s_runs & t_runs).total()
        tries[n] += s_runs.total()
c, r = (sum(len(t.split()) for t in side) for side in (said, real))
by_hand = 100 * bleu(hits / tries, c, r)
by_library = sacrebleu.corpus_bleu(said, [real], tokenize="none").score
assert np.isclose(by_hand, by_library)
# --8<-- [end:bleu]

# --8<-- [start:dictionary]
counted = Counter()
for source in train:
    if "temperature" in source.split():
        counted["both"] += "温 度" in f" {short[source]} "
        counted["word"] += 1
    counted["run"] += "温 度" in f" {short[source]} "
n, a, b = counted["both"], counted["word"], counted["run"]
link = association(n, a, b)
assert table["temperature"] == "温 度"
assert np.isclose(1 / link, (a / n + b / n) / 2)
joined = [
    by_word(a).replace(" ", "") == short[a].replace(" ", "")
    for a in valid
]
assert np.isclose(table_exact, 100 * np.mean(joined))
# --8<-- [end:dictionary]

# --8<-- [start:test]
assert np.isclose(bleu_gain, our_bleu - their_bleu)
assert np.isclose(exact_gain, our_exact - their_exact)
assert np.isclose(chrf_gain, our_chrf - their_chrf)
assert their_bleu < our_bleu and their_exact < our_exact
# --8<-- [end:test]

# --8<-- [start:twins]
assert on_twins > our_exact
assert np.isclose(
    our_exact, known_share * on_known + (1 - known_share) * on_unknown
)
# --8<-- [end:twins]

# --8<-- [start:large]
assert n_asked == len(large["zero"]) == len(large["five"]) == 50
assert exact_of["large, zero"] == 0
assert chrf_of["large, five"] > 10 * chrf_of["large, zero"]
# --8<-- [end:large]
