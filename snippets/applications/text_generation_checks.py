# --8<-- [start:data]
from difflib import SequenceMatcher

from sklearn.metrics import log_loss

assert len(tang) == 57_607 and len(song) == 254_248  # as published
assert not {*test} & {*train} and not {*valid} & {*train}
dice = np.random.default_rng(seed)
coin = dice.random(50)
by_library = log_loss(np.ones(50), coin, labels=[0, 1]) / np.log(2)
assert np.isclose(bits_each(coin), by_library)
contexts = ["，春", "山水", "不知"]
writing = [
    c for c in vocabulary if c not in ("，", "。", *FORMS.values())
]
totals = [
    sum(ngram_chance(c, context, ngrams[3]) for c in writing)
    for context in contexts
]
assert np.allclose(totals, 1, atol=0.01)
# --8<-- [end:data]

# --8<-- [start:gpt]
q, k, v = (
    tf.random.stateless_normal([3, 8, 4], [seed, i]) for i in range(3)
)
by_keras = keras.ops.dot_product_attention(
    *(tf.expand_dims(x, 2) for x in (q, k, v)), is_causal=True
)
assert np.allclose(attention(q, k, v), by_keras[:, :, 0], atol=1e-5)
future = tf.concat([k[:, :5], -k[:, 5:]], axis=1)
same = attention(q, k, v) - attention(q, future, v)
assert np.allclose(same[:, :5], 0) and not np.allclose(same[:, 5:], 0)
# --8<-- [end:gpt]

# --8<-- [start:test]
by_hand = []
for poem in test[:5]:
    row = tf.constant([encode(poem)])
    scores, _ = model(row[:, :-1], nothing(1))
    by_hand.append(
        keras.losses.sparse_categorical_crossentropy(
            row[:, 1:], scores, from_logits=True
        ).numpy()
    )
sums = [np.sum(nats) / np.log(2) for nats in by_hand]
assert np.allclose(gpt_bits[:5], sums, rtol=0.01)
assert np.isclose(trigram_cost - gpt_cost, gain)
# --8<-- [end:test]

# --8<-- [start:compress]
plain = lzma.decompress(lzma.compress(text, preset=9))
assert plain.decode("utf-16-le") == "".join(train)
assert np.isclose(packed_cost - weights_cost, gpt_cost)
# --8<-- [end:compress]

# --8<-- [start:compare]
MOOR = (
    "月落乌啼霜满天，江枫渔火对愁眠。姑苏城外寒山寺，夜半钟声到客船。"
)
assert n_groups == 31
assert rhymes(MOOR) and tone_rate([MOOR]) == 1
assert not rhymes(MOOR[:16] + MOOR[:16])
# --8<-- [end:compare]

# --8<-- [start:swap]
assert np.isclose(old_before - old_after, rhyme_lost)
# --8<-- [end:swap]

# --8<-- [start:copies]
letters = ["".join(dice.choice(list("abc"), 28)) for _ in range(20)]
by_difflib = [
    max(
        SequenceMatcher(None, a, b, autojunk=False)
        .find_longest_match()
        .size
        for b in letters[10:]
    )
    for a in letters[:10]
]
assert [*longest_runs(letters[:10], letters[10:])] == by_difflib
# --8<-- [end:copies]

# --8<-- [start:sampling]
ten = np.where(scores >= scores[order[9]], scores, -np.inf)
by_cutting = tf.nn.softmax(ten / 0.8).numpy()[order[:10]]
assert np.allclose(by_cutting, chances[1, :10] / chances[1, :10].sum())
assert np.allclose(chances.sum(axis=1), 1)
# --8<-- [end:sampling]

# --8<-- [start:large]
assert large["parameters"] == 134_515_008  # as published
assert np.isclose(times_larger * n_parameters, large["parameters"])
assert same_cost < large_costs["shown"] < large_costs["asked"]
assert is_quatrain(MOOR) and not is_quatrain(MOOR[1:])
# --8<-- [end:large]

# --8<-- [start:seeds]
rare = np.array([n for n in often.values() if n < 10])
rare_cost = rare.sum() / n_train * np.log2(len(rare))
assert online_cost + rare_cost < xz_cost
assert gain > -0.1 and gpt_cost < 8.7 and trigram_cost < 8.6
assert online_cost < 9.2 and xz_cost > 11.0 and weights_cost > 11.08
assert real_rhyme > 0.8 and real_tones > 0.8
assert chance_rhyme < 0.1 and chance_tones < 0.5
assert gpt_tones > 0.92 and trigram_tones < 0.42
assert gpt_rhyme < 0.1 and trigram_rhyme < 0.05
assert rhyme_lost < 0.001 and probe_accuracy > 0.91
assert gpt_run < 3.5 and real_run > 3.2 and apart < 1
# --8<-- [end:seeds]
