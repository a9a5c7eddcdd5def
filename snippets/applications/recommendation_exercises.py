# --8<-- [start:liked]
liked = test * (R >= 4)
some = liked.any(1)
liked_recalls = {}
for name, z in answers.items():
    r, _ = measure(z[some], known[some], liked[some])
    liked_recalls[name] = float(r.mean())
    print(f"{r.mean():.3f}  {name}")
# --8<-- [end:liked]

# --8<-- [start:shuffled]
mixed_up = rng.permuted(x_test, axis=1)  # the same films, any order
z = towers(mixed_up).numpy()
mixed_recall = float(measure(z, known, test)[0].mean())
print(f"{towers_recall:.3f} in order, {mixed_recall:.3f} mixed up")
# --8<-- [end:shuffled]

# --8<-- [start:calendar]
day = np.sort(when)[int(0.9 * len(when))]
early, late = set(user[when < day]), set(user[when >= day])
late_people, strangers = len(late), len(late - early)
print(f"{late_people} people rate after the date, {strangers} are new")
# --8<-- [end:calendar]
