# --8<-- [start:simple]
assert wrong_dense == wrong_convolution == 0
# --8<-- [end:simple]

# --8<-- [start:recurrent]
assert wrong_recurrent == [0, 0, 0, 0]
# --8<-- [end:recurrent]

# --8<-- [start:attention]
assert wrong_attention == 0
# --8<-- [end:attention]

# --8<-- [start:gpt]
assert wrong_block == wrong_gpt == 0
for d in range(1, 100):
    assert block_parameters(d, 4 * d) == usual_block_parameters(d)
# --8<-- [end:gpt]

# --8<-- [start:famous]
assert gpt2_small == 124_439_808
assert abs(gpt3_largest / 174.6e9 - 1) < 0.001
# --8<-- [end:famous]

# --8<-- [start:resnet]
import itertools

channels = [3, 64, 64, 128, 128, *[256] * 3, *[512] * 6]
vgg_parameters = 0
for c, n in itertools.pairwise(channels):
    vgg_parameters += convolution_parameters(3, 3, c, n)
vgg_parameters += dense_parameters(7 * 7 * 512, 4096)
vgg_parameters += dense_parameters(4096, 4096)
vgg_parameters += dense_parameters(4096, 1000)
assert round(vgg_parameters / 1e6) == 138
resnet = keras.applications.ResNet50(weights=None)
resnet_parameters = resnet.count_params()
assert round(resnet_parameters / 1e6, 1) == 25.6
# --8<-- [end:resnet]

# --8<-- [start:state]
assert weight_bytes == gradient_bytes == 4 * N
assert extra_bytes == 12  # the count of the steps, the learning rate
# --8<-- [end:state]

# --8<-- [start:slope]
assert 1 < memory_ratio < 4
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
