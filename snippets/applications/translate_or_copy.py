# --8<-- [start:import]
import json
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

# --8<-- [end:import]


# --8<-- [start:likeness]
def likeness(u, v):
    """The cosine of the angle between two lists of counts."""
    return u @ v / (np.linalg.norm(u) * np.linalg.norm(v))


# --8<-- [end:likeness]

# --8<-- [start:example]
texts = [
    "failed to connect to the device",
    "failed to disconnect from the device",
    "the connection to the device was lost",
    "choose a color for the light",
]
counter = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
counts = counter.fit_transform(texts).toarray()
likenesses = [float(likeness(counts[0], v)) for v in counts[1:]]
for text, value in zip(texts[1:], likenesses):
    print(f"{value:.2f} {text}")
# --8<-- [end:example]

# --8<-- [start:read]
with open("machine_translation_long.json", encoding="utf-8") as file:
    long = json.load(file)
runs = long["runs"]
n_runs = len(runs)
n_sources, n_test, epochs = (
    long[name] for name in ("n_sources", "n_test", "epochs")
)
n_parameters = round(np.mean([run["parameters"] for run in runs]))
minutes = float(np.mean([run["minutes"] for run in runs]))
bleu_then = np.array([
    [bleu for _, _, bleu in run["curve"]] for run in runs
]).mean(0)
for (epoch, _, _), bleu in zip(runs[0]["curve"], bleu_then):
    print(f"epoch {epoch}: BLEU {bleu:.1f} on the validation set")
# --8<-- [end:read]

# --8<-- [start:result]
METHODS = ["copy", "dictionary", "nearest", "Transformer", "both"]
SCORES = ["BLEU", "chrF", "exact"]
results = np.array([
    [[run["test"][m][s] for s in SCORES] for m in METHODS]
    for run in runs
])
for method, row in zip(METHODS, results.mean(0)):
    print(f"{method:12}", *(f"{value:6.1f}" for value in row))
copied, worded, nearest, network, both = results.mean(0)
# --8<-- [end:result]


# --8<-- [start:paired]
def paired(a, b):
    """Seed by seed, how far a is ahead of b: mean and spread."""
    gap = results[:, METHODS.index(a)] - results[:, METHODS.index(b)]
    return gap.mean(0), gap.std(0, ddof=1)


over_words, over_words_sd = paired("Transformer", "dictionary")
over_nearest, over_nearest_sd = paired("Transformer", "nearest")
both_over, both_over_sd = paired("both", "nearest")
both_gain, both_gain_sd = paired("both", "Transformer")
for name, mean, sd in (
    ("network - dictionary", over_words, over_words_sd),
    ("network - nearest", over_nearest, over_nearest_sd),
    ("both - nearest", both_over, both_over_sd),
    ("both - network", both_gain, both_gain_sd),
):
    print(
        f"{name:20}",
        *(f"{m:+5.1f} ± {s:.1f}" for m, s in zip(mean, sd)),
    )
# --8<-- [end:paired]


# --8<-- [start:divided]
def divided(by):
    """Mean BLEU over seeds, for each part of the test set."""
    return {
        method: np.mean(
            [
                [part["scores"][method]["BLEU"] for part in run[by]]
                for run in runs
            ],
            0,
        )
        for method in METHODS
    }


edges = np.array([part["from"] for part in runs[0]["nearness"]])
share = np.mean(
    [[part["n"] / n_test for part in run["nearness"]] for run in runs],
    0,
)
near_share = float(share[edges >= 0.8].sum())
by_nearness = divided("nearness")
names = [f"{a:.1f}" for a in [*edges, 1]]
names = [f"{a}–{b}" for a, b in pairwise(names)]
plt.figure(figsize=(6, 3.4))
for method, label in (
    ("Transformer", "network"),
    ("nearest", "nearest pair copied"),
    ("dictionary", "dictionary"),
):
    plt.plot(names, by_nearness[method], "o-", label=label)
plt.xlabel("similarity of the nearest training source")
plt.ylabel("BLEU")
plt.ylim(0, None)
plt.legend()
plt.show()
print(*(f"{name} {100 * s:.0f}%" for name, s in zip(names, share)))
# --8<-- [end:divided]

# --8<-- [start:apart]
leads = np.array([
    [
        part["scores"]["Transformer"]["BLEU"]
        - part["scores"]["nearest"]["BLEU"]
        for part in run["nearness"]
    ]
    for run in runs
])
far_lead, close_lead = leads[:, 0], leads[:, -1]
for name, lead in zip(names, leads.T):
    print(f"{name} {lead.mean():+5.1f} ± {lead.std(ddof=1):.1f}")
far, far_sd = float(far_lead.mean()), float(far_lead.std(ddof=1))
close, close_sd = (
    float(close_lead.mean()),
    float(close_lead.std(ddof=1)),
)
# --8<-- [end:apart]

# --8<-- [start:length]
by_length = divided("length")
firsts = [part["from"] for part in runs[0]["length"]]
for i, first in enumerate(firsts):
    row = (f"{by_length[m][i]:5.1f}" for m in METHODS[1:4])
    print(f"from {first:2} tokens", *row)
# --8<-- [end:length]

# --8<-- [start:mixture]
limits = [run["limit"] for run in runs]
print("copy where the similarity is at least", *limits)
# --8<-- [end:mixture]

# --8<-- [start:texts]
shown = [t for t in runs[0]["texts"] if 5 <= len(t[0].split()) <= 20]
for source, true, _, near, _, said, value in shown[:10]:
    row = (text.replace(" ", "") for text in (true, near, said))
    print(f"{value:.2f} {source}", *row, sep="\n     ")
# --8<-- [end:texts]
