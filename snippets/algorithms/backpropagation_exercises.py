# --8<-- [start:accumulate]
picked = rng.permutation(len(images))[:128]
x_big, t_big = images[picked] / 16, np.eye(10)[labels[picked]]
parts = [
    backward(x_big[i : i + 32], t_big[i : i + 32], *theta)
    for i in range(0, 128, 32)
]
means = [sum(part) / 4 for part in zip(*parts)]
exact_slopes = backward(x_big, t_big, *theta)
gaps = [float(np.abs(a - b).max()) for a, b in zip(means, exact_slopes)]
accumulation_gap = max(gaps)
print(f"{accumulation_gap:.1e}")
# --8<-- [end:accumulate]

# --8<-- [start:accumulate_check]
assert accumulation_gap == max(gaps) < 1e-12
# --8<-- [end:accumulate_check]

# --8<-- [start:depth]
import matplotlib.pyplot as plt

width, depth = 256, 30
choices = {"He": np.sqrt(2 / width), "Glorot": np.sqrt(1 / width)}
choices |= {"0.2": 0.2, "0.01": 0.01}
last_signal = {}
for name, deviation in choices.items():
    signal, sizes_seen = rng.normal(size=(width, width)), []
    for _ in range(depth):
        weights = rng.normal(0, deviation, (width, width))
        signal = np.maximum(signal @ weights, 0)  # ReLU
        sizes_seen.append(np.sqrt((signal**2).mean()))
    last_signal[name] = float(sizes_seen[-1])
    plt.semilogy(range(1, depth + 1), sizes_seen, label=name)
plt.xlabel("layer")
plt.ylabel("size of the signal")
plt.legend()
plt.show()
# --8<-- [end:depth]

# --8<-- [start:depth_check]
drift = {name: abs(np.log(v)) for name, v in last_signal.items()}
assert 10 * drift["He"] < min(drift["0.01"], drift["0.2"])
assert last_signal["0.01"] < last_signal["He"] < last_signal["0.2"]
# --8<-- [end:depth_check]
