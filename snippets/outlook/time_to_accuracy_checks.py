# --8<-- [start:way]
assert np.isclose(divided.prod(), faster)
assert np.isclose(part_gone.sum(), 100)
assert np.isclose(faster, chapter_seconds / final_seconds)
assert chapter_right == 100 * np.mean(long["accuracy"]["chapter"])
assert np.isclose(final_right, 100 * np.mean(long["accuracy"]["final"]))
spread = 100 * np.std(long["accuracy"]["final"], ddof=1)
assert np.isclose(final_right_spread, spread)
assert n_final == 10 and 99 < final_right
assert 15 < faster
assert np.isclose(final_spread, seconds["final"].std(ddof=1))
assert set(back) == set(lost) and len(back) == 6
assert min(back.values()) > 0.8
assert back["batch of 128"] > 1.2 and back["bfloat16"] > 1.1
assert lost["one cycle"] > 0.2 and abs(lost["bfloat16"]) < 0.1
# --8<-- [end:way]

# --8<-- [start:changes]
model_32 = time_of(counts[32], 32, c, s)
assert np.isclose(model_32, taken[0])
assert np.isclose(time_of(counts[128], 128, c, s), final_seconds)
assert fixed_32 > 2 * fixed_128 and 0 < fixed_128
assert [one_cycle(0, steps, rise, peak)] == [peak / 25]
assert np.isclose(float(rate(rise)), peak)
assert largest_error < 0.00391 and levels_kept == 256
layer = 0
for part in model.layers:
    if part.weights:
        kernel = part.weights[0].shape
        places = part.output.shape[1:-1]
        layer += int(np.prod(kernel) * np.prod(places))
assert layer == multiplied["cut"]
assert multiplied["chapter"] > multiplied["whole"] > multiplied["cut"]
assert 0 < cut_ink < 0.01 and np.isclose(cut_pixels, 1 - 576 / 784)
# --8<-- [end:changes]

# --8<-- [start:rival]
assert later_low < later_mean < later_high
assert n_pairs >= 5
assert compile_wait > 2 * final_seconds
# --8<-- [end:rival]

# --8<-- [start:seeds]
assert test_accuracy > 0.988 and large_accuracy > 0.984
# --8<-- [end:seeds]
