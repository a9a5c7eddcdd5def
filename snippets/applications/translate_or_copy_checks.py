# --8<-- [start:example]
ours = counts / np.linalg.norm(counts, axis=1, keepdims=True)
angles = (ours @ ours[0])[1:]
assert np.allclose(likenesses, angles)
opposite, related, unrelated = likenesses
assert unrelated < related < opposite < 1
# --8<-- [end:example]

# --8<-- [start:result]
assert n_runs == 3


def gaps(a, b):
    return [
        run["test"][a]["BLEU"] - run["test"][b]["BLEU"] for run in runs
    ]


for value, those in (
    (over_words, gaps("Transformer", "dictionary")),
    (over_nearest, gaps("Transformer", "nearest")),
    (both_over, gaps("both", "nearest")),
    (both_gain, gaps("both", "Transformer")),
):
    assert np.isclose(value[0], np.mean(those))
for value, those in (
    (over_words_sd, gaps("Transformer", "dictionary")),
    (over_nearest_sd, gaps("Transformer", "nearest")),
    (both_over_sd, gaps("both", "nearest")),
    (both_gain_sd, gaps("both", "Transformer")),
):
    assert np.isclose(value[0], np.std(those, ddof=1))
# --8<-- [end:result]

# --8<-- [start:apart]
relatives = [
    sum(part["n"] for part in run["nearness"] if part["from"] > 0.7)
    for run in runs
]
assert np.isclose(near_share, np.mean(relatives) / n_test)
ends = np.array([
    by_nearness["Transformer"][i] - by_nearness["nearest"][i]
    for i in (0, -1)
])
assert np.allclose([far, close], ends)
assert np.allclose(
    [far_sd, close_sd],
    [np.std(far_lead, ddof=1), np.std(close_lead, ddof=1)],
)
# --8<-- [end:apart]
