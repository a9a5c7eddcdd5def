# --8<-- [start:alexnet]
alexnet_convolutions = (
    convolution_parameters(11, 11, 3, 96)
    + convolution_parameters(5, 5, 48, 256)
    + convolution_parameters(3, 3, 256, 384)
    + convolution_parameters(3, 3, 192, 384)
    + convolution_parameters(3, 3, 192, 256)
)
alexnet_dense = (
    dense_parameters(6 * 6 * 256, 4096)
    + dense_parameters(4096, 4096)
    + dense_parameters(4096, 1000)
)
alexnet = alexnet_convolutions + alexnet_dense
alexnet_dense_share = alexnet_dense / alexnet
print(f"{alexnet:,}", alexnet_dense_share)
# --8<-- [end:alexnet]

# --8<-- [start:mixtral]
width, hidden, depth, keys = 4096, 14336, 32, 1024
expert = 3 * width * hidden
attention = 2 * width**2 + 2 * width * keys
rest = 2 * width + 8 * width  # two norms and the router
shared = depth * (attention + rest) + 2 * 32000 * width + width
mixtral_total = total_parameters(shared, depth, 8, expert)
mixtral_active = active_parameters(shared, depth, 2, expert)
print(f"{mixtral_total:,} {mixtral_active:,}")
# --8<-- [end:mixtral]
