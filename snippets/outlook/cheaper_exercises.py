# --8<-- [start:both]
small_twin = new(64, 1)
for w, learned in zip(small_twin.weights, taught.weights):
    w.assign(learned)
both_bytes = 0
for w in small_twin.trainable_variables:
    if len(w.shape) == 2:
        parts = quantize(w.numpy(), 4)
        both_bytes += sum(part.nbytes for part in parts)
        w.assign(restore(*parts, 4).reshape(w.shape))
    else:
        both_bytes += 4 * w.numpy().size
both_bits = bits(small_twin, test)
both_share = both_bytes / (4 * n_parameters)
print(f"{both_share:.1%} of the size, {both_bits:.2f} bits")
# --8<-- [end:both]

# --8<-- [start:whole]
crowds = []
for w in matrices:
    low, high = float(w.numpy().min()), float(w.numpy().max())
    step = (high - low) / 3
    level = tf.round((w - low) / step)
    counts = np.unique(level, return_counts=True)[1]
    crowds.append(counts.max() / counts.sum())
    w.assign(level * step + low)
whole_bits, crowded = bits(base, test), float(np.mean(crowds))
base.set_weights(trained)
print(f"2 bits, one step for each matrix: {whole_bits:.2f}")
# --8<-- [end:whole]
