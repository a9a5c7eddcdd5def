# --8<-- [start:honesty]
believed = 0.7
stated = np.linspace(0.01, 0.99, 99)
log_penalty = -(
    believed * np.log(stated) + (1 - believed) * np.log(1 - stated)
)
straight_penalty = believed * (1 - stated) + (1 - believed) * stated
best_by_log = stated[log_penalty.argmin()]
best_by_straight = stated[straight_penalty.argmin()]
print(best_by_log, best_by_straight)
# --8<-- [end:honesty]

# --8<-- [start:floor]
smoothed = smooth(np.eye(10)[0], 0.1)
floor = float(entropy(smoothed))
gap_wanted = float(np.log(smoothed[0] / smoothed[1]))
keras_smoothed = keras.losses.CategoricalCrossentropy(
    from_logits=True, label_smoothing=0.1
)
z_ten = np.random.normal(0, 3, (4, 10)).astype("float32")
t_ten = np.eye(10, dtype="float32")[:4]
theirs = float(keras_smoothed(t_ten, z_ten))
ours = float(loss_from_scores(smooth(t_ten, 0.1), z_ten).mean())
print(floor, gap_wanted, theirs - ours)
# --8<-- [end:floor]

# --8<-- [start:floor_check]
assert abs(theirs - ours) < 1e-5
# --8<-- [end:floor_check]

# --8<-- [start:rare]
keep = (y_train != 9) | (np.random.uniform(size=len(y_train)) < 0.02)
x_rare, y_rare = x_train[keep][:10_000], y_train[keep][:10_000]
nines = int((y_rare == 9).sum())
t_rare = np.eye(10, dtype="float32")[y_rare]
w, b = np.zeros((784, 10), "float32"), np.zeros(10, "float32")
for _ in range(150):
    slopes = gradient(t_rare, x_rare @ w + b) / len(x_rare)
    w -= 0.5 * (x_rare.T @ slopes)
    b -= 0.5 * slopes.sum(axis=0)
# --8<-- [end:rare]

# --8<-- [start:adjust]
share = np.bincount(y_rare) / len(y_rare)
plain = x_test @ w + b
adjusted = plain - np.log(share)
recalls = [
    float((z[y_test == 9].argmax(axis=1) == 9).mean())
    for z in (plain, adjusted)
]
overall = [
    float((z.argmax(axis=1) == y_test).mean())
    for z in (plain, adjusted)
]
print(nines, recalls, overall)
# --8<-- [end:adjust]

# --8<-- [start:chunks]
words, wide = 2000, 50_257
states = np.random.normal(0, 1, (words, 64)).astype("float32")
output = np.random.normal(0, 0.1, (64, wide)).astype("float32")
answers = np.random.randint(0, wide, words)
all_megabytes = words * wide * 4 / 1e6
losses = []
for first in range(0, words, 100):
    z_part = states[first : first + 100] @ output
    right_part = z_part[range(100), answers[first : first + 100]]
    losses.append(log_sum_exp(z_part) - right_part)
chunk_megabytes = z_part.nbytes / 1e6
chunked_loss = float(np.concatenate(losses).mean())
print(all_megabytes, chunk_megabytes, chunked_loss)
# --8<-- [end:chunks]

# --8<-- [start:chunks_check]
z_all = states[:200] @ output
whole = log_sum_exp(z_all) - z_all[range(200), answers[:200]]
assert np.allclose(np.concatenate(losses)[:200], whole, atol=1e-4)
# --8<-- [end:chunks_check]
