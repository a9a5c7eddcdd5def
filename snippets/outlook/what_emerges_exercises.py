# --8<-- [start:decay]
weak = 0.1
weak_decay = runs[str(weak)][:, -1, 1].max()
weak_steps = int(steps[str(weak)][-1])
print(f"{weak_steps} steps, at most {weak_decay:.1%} right")
# --8<-- [end:decay]

# --8<-- [start:alone]
alone = {}
for head in (0, 1):
    kept = np.array([[head == 0, head == 1], [1, 1]], float)
    alone[f"1.{head + 1}"] = repeat_loss(kept)
no_first = repeat_loss(np.array([[0.0, 0.0], [1.0, 1.0]]))
print(
    {name: f"{x:.2f}" for name, x in alone.items()}, f"{no_first:.2f}"
)
# --8<-- [end:alone]

# --8<-- [start:needed]
needed = {str(k): 0.5 ** (1 / k) for k in (10, 100, 1000)}
needed_10, needed_1000 = needed["10"], needed["1000"]
for k, one in needed.items():
    print(f"{k:>4} digits: {one:.2%}", f"{exact(one, int(k)):.0%}")
# --8<-- [end:needed]
