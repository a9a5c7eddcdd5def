# The blocks of applications/large_model.py up to its model run before
# these.

# --8<-- [start:import]
import warnings

import matplotlib.pyplot as plt
import torch
from gguf import GGUFReader
from gguf.quants import dequantize

warnings.filterwarnings("ignore", "IProgress")  # no bars are drawn
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

# --8<-- [end:import]

# --8<-- [start:reader]
their_weights = {
    tensor.name: dequantize(tensor.data, tensor.tensor_type)
    for tensor in GGUFReader(path).tensors
}
differ = sum(
    not np.array_equal(w, W[name].numpy().T)
    for name, w in their_weights.items()
)
n_read = len(their_weights)
print(f"{differ} of {n_read} tensors differ")
# --8<-- [end:reader]

# --8<-- [start:tokenizer]
folder, name = path.split("/")
their_tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
with open("udhr.csv", encoding="utf-8", newline="") as table:
    articles = list(csv.DictReader(table))
texts = {
    language: " ".join(
        row["text"] for row in articles if row["language"] == language
    )
    for language in ("English", "Chinese")
}
cuts = {language: encode(words) for language, words in texts.items()}
counts = {language: len(cut) for language, cut in cuts.items()}
cut_otherwise = [
    language
    for language, words in texts.items()
    if their_tokenizer(words)["input_ids"] != cuts[language]
]
print(counts, cut_otherwise)
# --8<-- [end:tokenizer]

# --8<-- [start:network]
config = LlamaConfig(
    vocab_size=n_tokens,
    hidden_size=width,
    intermediate_size=facts["llama.feed_forward_length"],
    num_hidden_layers=depth,
    num_attention_heads=n_heads,
    num_key_value_heads=n_groups,
    rms_norm_eps=eps,
    rope_parameters={"rope_type": "default", "rope_theta": base},
    tie_word_embeddings=True,
)
theirs = LlamaForCausalLM(config).eval()
# --8<-- [end:network]


# --8<-- [start:names]
def halves(matrix, heads):
    """Rows of each head: first all even ones, then all odd ones."""
    pairs = matrix.reshape(heads, -1, 2, matrix.shape[1])
    return pairs.swapaxes(1, 2).reshape(matrix.shape)


THEIR_NAMES = {
    "token_embd": "model.embed_tokens",
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "output_norm": "model.norm",
}
ROWS = {"attn_q": n_heads, "attn_k": n_groups}
state = {}
for name, w in their_weights.items():
    *block, part, _ = name.split(".")
    layer = f"model.layers.{block[1]}." if block else ""
    w = halves(w, ROWS[part]) if part in ROWS else w
    state[layer + THEIR_NAMES[part] + ".weight"] = torch.tensor(w)
state["lm_head.weight"] = state["model.embed_tokens.weight"]
print(theirs.load_state_dict(state))
del state, their_weights  # half a gigabyte each
# --8<-- [end:names]

# --8<-- [start:compare]
numbers = cuts["English"][:1024]


def scores_of(network):
    with torch.no_grad():
        return network(torch.tensor([numbers])).logits[0].numpy()


def ours():
    return model(tf.constant(numbers))[0].numpy()


def gap(a, b):
    return float(np.max(np.abs(a - b)))


expected = scores_of(theirs)
logits = ours()
largest = gap(logits, expected)
agree = float(np.mean(logits.argmax(1) == expected.argmax(1)))
highest = float(expected.max())
n_scores = expected.size
print(f"{n_scores:,} scores, at most {highest:.1f}")
print(f"largest difference {largest:.5f}, same choice {agree:.1%}")
# --8<-- [end:compare]

# --8<-- [start:double]
single = W
W = {name: tf.cast(w, tf.float64) for name, w in single.items()}
exact = model(tf.constant(numbers[:256]))[0].numpy()
W = single
our_error = gap(logits[:256], exact)
their_error = gap(expected[:256], exact)
print(f"ours {our_error:.6f}, theirs {their_error:.6f}")
# --8<-- [end:double]


# --8<-- [start:faults]
def halves_turned(x, places):
    t = tf.cast(places, x.dtype)[:, None, None]
    theta = base ** (-tf.range(0, head, 2, dtype=x.dtype) / head)
    pair = *tf.split(x, 2, axis=-1), t, theta
    return tf.concat([turned_first(*pair), turned_second(*pair)], -1)


unscaled = rms_norm
FAULTS = {
    "mean subtracted": (
        "rms_norm",
        lambda x, g, eps: unscaled(
            x - tf.reduce_mean(x, -1, keepdims=True), g, eps
        ),
    ),
    "larger epsilon": ("eps", 1e-3),
    "usual base": ("base", 10_000.0),
    "no rotation": ("rotate", lambda x, places: x),
    "halves paired": ("rotate", halves_turned),
    "GELU for SiLU": (
        "gated",
        lambda u, v, down: (tf.nn.gelu(u) * v) @ down,
    ),
    "ReLU for SiLU": (
        "gated",
        lambda u, v, down: (tf.nn.relu(u) * v) @ down,
    ),
}
# --8<-- [end:faults]


# --8<-- [start:try]
def trial():
    """Right choices, perplexity, the capital, the chance of Paris."""
    logits = ours()
    steps = tf.nn.log_softmax(logits[:-1]).numpy()
    seen = steps[np.arange(len(numbers) - 1), numbers[1:]]
    capital, _ = model(tf.constant(encode("The capital of France is")))
    chances = tf.nn.softmax(capital[-1]).numpy()
    return (
        float(np.mean(logits.argmax(1) == expected.argmax(1))),
        float(np.exp(-seen.mean())),
        decode([chances.argmax()]),
        float(chances[number_of["ĠParis"]]),
    )


same, perplexity, first, paris = {}, {}, {}, {}
for fault, (part, wrong) in {"none": ("eps", eps), **FAULTS}.items():
    kept, globals()[part] = globals()[part], wrong
    (
        same[fault],
        perplexity[fault],
        first[fault],
        paris[fault],
    ) = trial()
    globals()[part] = kept
    print(
        f"{fault:16} {same[fault]:6.1%} "
        f"{perplexity[fault]:9.2f} {paris[fault]:6.1%}{first[fault]}"
    )
# --8<-- [end:try]

# --8<-- [start:figure]
figure, axes = plt.subplots(figsize=(6.4, 3.4))
names = list(same)[::-1]
height = np.arange(len(names))
axes.barh(
    height + 0.2, [same[n] for n in names], 0.38, label="same choice"
)
axes.barh(height - 0.2, [paris[n] for n in names], 0.38, label="Paris")
axes.set_yticks(height, names)
axes.set_xlim(0, 1)
axes.set_xlabel("share of tokens; probability")
axes.legend()
plt.show()
# --8<-- [end:figure]
