# --8<-- [start:gpt]
early = tf.constant(test[:1, :-1])
changed = tf.concat([early[:, :20], early[:, 20:] * 0 + 7], 1)
assert np.allclose(base(early)[:, :20], base(changed)[:, :20])
probability = tf.nn.softmax(base(early)).numpy()
right = np.take_along_axis(probability, test[:1, 1:, None], 2)
by_page = surprise(test[:1], base(early)) / np.log(2)
assert np.isclose(-np.log2(right).mean(), by_page, rtol=1e-4)
# --8<-- [end:gpt]

# --8<-- [start:bits]
dice = np.random.default_rng(1)
sample = dice.normal(size=(64, 32)).astype("float32")
packed, restored, nearest = [], [], []
for b in (8, 4, 2):
    parts = quantize(sample, b)
    packed.append(parts[0].nbytes)
    restored.append(restore(*parts, b))
    rungs = parts[1].astype("float32") * np.arange(2**b) + parts[2]
    gaps = np.abs(sample[:, :, None] - rungs[:, None, :])
    nearest.append(np.take_along_axis(rungs, gaps.argmin(2), 1))
assert packed == [2048, 1024, 512]
assert np.allclose(restored, nearest, atol=1e-5)
assert np.isclose(megabytes["32 bits"], n_parameters * 4 / 1e6)
# --8<-- [end:bits]

# --8<-- [start:prune]
assert np.allclose(sparse_w.toarray(), full_w)
assert np.count_nonzero(full_w) == part_left * full_w.size
assert np.isclose(part_left, np.mean(full_w != 0))
# --8<-- [end:prune]

# --8<-- [start:mixture]
layer, rows = mixture.blocks[0].think, tf.random.normal([40, 64])
chances = tf.nn.softmax(layer.router(rows)).numpy()
one_by_one = [
    np.asarray(layer.experts[p.argmax()](row[None])[0] * p.max())
    for p, row in zip(chances, rows)
]
one_by_one = np.array(one_by_one, "float32")
together = np.asarray(layer(rows[None])[0], "float32")
alike = bool(np.allclose(together, one_by_one, atol=0.05))
assert alike
assert n_mixture - n_student == 3 * (8 * 64**2 + 5 * 64) + 4 * 64
# --8<-- [end:mixture]

# --8<-- [start:lora]
layer = lora.blocks[0].qkv
a, b = layer.lora_kernel_a.numpy(), layer.lora_kernel_b.numpy()
merged = merge(base.blocks[0].qkv.kernel.numpy(), a, b)
rounding = 0.01 * np.abs(a @ b).max()  # of 16 bits
assert np.allclose(layer.kernel.numpy(), merged, atol=rounding)
assert n_lora == 2 * 8 * (4 + 2 + 5 + 5) * width
# --8<-- [end:lora]

# --8<-- [start:race]
assert all(same.values())
assert all(n <= n_written for n in rounds.values())
assert cache_kilobytes == 32
# --8<-- [end:race]

# --8<-- [start:seeds]
assert n_parameters == 679_155
n_big = n_parameters - n_small
four_bits = (4 * n_small + n_big * (1 / 2 + 4 / 32)) / 1e6
assert np.isclose(megabytes["4 bits"], four_bits)
assert four_cost < 0.0105 and two_cost < 0.21 and half_cost < 0.116
assert zeros_cost < 0.66 and mended_cost < 0.37
assert taught_gain > 0.36 and taught_cost < 0.16
assert longer_cost < 0.34 and mixture_gain < 0.2 and lora_gap < 0.12
assert student_kept > 0.65 and table_kept < 0.59
assert n_lora == sum(w.numpy().size for w in adapters)
assert again_mb < normal_mb / 8
# --8<-- [end:seeds]
