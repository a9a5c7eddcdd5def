# --8<-- [start:group]
print(advantage(np.ones(8)))
one_right = advantage(np.array([1.0] + 7 * [0.0]))
lone, others = float(one_right[0]), float(one_right[1])
print(f"{lone:.2f} {others:.2f}")
# --8<-- [end:group]

# --8<-- [start:watch]
model.set_weights(hacked)
said = ask(trial)[1]
watched = float(
    np.mean([strict(s, a + b) for s, (a, b) in zip(said, trial)])
)
silent = float(np.mean([s == "" for s in said]))
print(f"{watched:.1%} right, {silent:.0%} empty")
# --8<-- [end:watch]
