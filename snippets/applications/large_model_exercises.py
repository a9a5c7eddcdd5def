# --8<-- [start:temperature]
scores, _ = model(tf.constant(encode("The capital of France is")))


def chance_of_the_likeliest(temperature):
    return float(tf.reduce_max(tf.nn.softmax(scores[-1] / temperature)))


low, high = 1.0, 5.0
for _ in range(30):
    half_way = (low + high) / 2
    if chance_of_the_likeliest(half_way) > 0.5:
        low = half_way
    else:
        high = half_way
print(f"{half_way:.2f}")
# --8<-- [end:temperature]

# --8<-- [start:middle]
without_layer = {}
for place, layer in {"first": 0, "middle": 15, "last": 29}.items():
    kept = dict(W)
    for part in ("attn_output", "ffn_down"):  # what it would add
        name = f"blk.{layer}.{part}.weight"
        W[name] = tf.zeros_like(W[name])
    without_layer[place] = read(numbers)
    W = kept
print({place: round(p, 1) for place, p in without_layer.items()})
# --8<-- [end:middle]
