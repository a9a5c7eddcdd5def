# --8<-- [start:file]
assert magic == b"GGUF"
assert n_parameters == 134_515_008  # as the model's makers count them
assert len(tensors) == n_tensors and len(facts) == n_facts
assert np.isclose(tokens_each * n_parameters, 2e12)
# --8<-- [end:file]

# --8<-- [start:tokenizer]
for words in (
    "Hello, world!",
    "  two  spaces\n\n",
    "大模型",
    "don't 2026",
):
    assert decode(encode(words)) == words
assert encode("<|im_start|>user") == [1, 4093]
# --8<-- [end:tokenizer]

# --8<-- [start:parts]
q, k = tf.random.stateless_normal([2, 1, 1, head], seed=[0, 1])


def turned(i, j):
    return float(tf.reduce_sum(rotate(q, [i]) * rotate(k, [j])))


rates = base ** (-np.arange(0, head, 2) / head)
q_pairs, k_pairs = (
    np.ravel(x)[::2] + 1j * np.ravel(x)[1::2] for x in (q, k)
)
apart = (q_pairs.conj() * k_pairs * np.exp(-4j * rates)).sum().real
assert np.isclose(turned(7, 3), apart, atol=1e-3)
assert np.isclose(turned(104, 100), apart, atol=1e-3)
# --8<-- [end:parts]

# --8<-- [start:answer]
assert decode([likely[0]]) == " Paris"
assert 0.7 < paris < 0.85
assert "Paris" in reply
# --8<-- [end:answer]

# --8<-- [start:cache]
whole, _ = first(tf.constant(written))
assert np.allclose(whole[-1], logits[-1], atol=1e-3)
# --8<-- [end:cache]

# --8<-- [start:cut]
assert english < 11 < 500 < shuffled
assert english < one_less < two_less
assert abs(by_bits["8 bits"] - english) < 0.1
assert english < by_bits["4 bits"] < 1.1 * english
assert 5 * english < by_bits["3 bits"] < by_bits["2 bits"] / 1000
# --8<-- [end:cut]
