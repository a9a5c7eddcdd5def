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
