# --8<-- [start:bill]
assert np.allclose(gigabytes, 16 * np.array(sizes) / 1e9)
assert abs(flops[3] / 3.8e25 - 1) < 0.01  # as published
assert np.allclose(flops, 6 * np.array(sizes) * counts)
gpu_hours = np.array(flops) / (peak * share) / 3600
assert np.allclose(days, gpu_hours / gpus / 24)
assert np.allclose(dollars, gpu_hours * price)
# --8<-- [end:bill]

# --8<-- [start:state]
assert weight_bytes == gradient_bytes == 4 * N
assert extra_bytes == 12  # the count of the steps, the learning rate
# --8<-- [end:state]

# --8<-- [start:slope]
assert 0.1 < memory_ratio < 4
# --8<-- [end:slope]

# --8<-- [start:flops]
assert forward_count == tokens * forward_flops(V, T, L, d)
assert training_count == 3 * forward_count
# --8<-- [end:flops]

# --8<-- [start:widths]
for width, ratio in zip(widths, ratios):
    exact = 3 * forward_flops(256, 64, 1, width)
    by_formula = 6 * gpt_parameters(256, 64, 1, width) / exact
    assert math.isclose(ratio, by_formula)
# --8<-- [end:widths]

# --8<-- [start:gpt3_rule]
in_products = 96 * 12 * 12288**2 + 50257 * 12288
attending = 2 * 96 * 2048 * 12288  # as much work as so many weights
exact_count = in_products + attending
assert math.isclose(gpt3_rule_ratio, gpt3_largest / exact_count)
# --8<-- [end:gpt3_rule]

# --8<-- [start:published]
assert abs(compute["GPT-3"] / 3.14e23 - 1) < 0.01
assert abs(compute["Llama 3.1 405B"] / 3.8e25 - 1) < 0.01
# --8<-- [end:published]
