# --8<-- [start:liked]
stars = np.array([float(r["rating:float"]) for r in ratings])[order]
good = train[stars[train] >= 4]
liked = np.zeros_like(seen)
liked[person[good], film[good]] = 1
likes = together(liked) + 1e-6 * viewers
now, then, _ = follow(person[validation], film[validation])
by_likes = {
    str(a): float(hits(lists(corrected(likes, n, a)), now, then).mean())
    for a in (0.2, 0.4, 0.6)
}
print(by_likes)
# --8<-- [end:liked]

# --8<-- [start:width]
by_width = {}
for width in (2, 8, 128):
    u, b, _ = learn(people, width)
    a = best["people, learned"]
    made = lists(logits(u, (1 - a) * b))
    by_width[str(width)] = float(hits(made, now, then).mean())
print(by_width)
# --8<-- [end:width]

# --8<-- [start:effort]
by_effort = {}
for effort in (10, 100, 1000):
    index.expansion_search = effort
    found = [index.search(query, 10, threads=1) for query in queries]
    same = [len(set(t) & set(f.keys)) for t, f in zip(truth, found)]
    looked = [f.computed_distances for f in found]
    by_effort[str(effort)] = [
        float(np.mean(same) / 10),
        float(np.mean(looked)),
    ]
print(by_effort)
# --8<-- [end:effort]
