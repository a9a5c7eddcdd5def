# --8<-- [start:limits]
scenes = validation[:60]
by_limit = {}
for limit in (0.1, 0.3, 0.5, 0.7, 0.9):
    found = detect(model, np.array([p for p, _, _ in scenes]), limit)
    by_limit[f"{limit}"] = score(found, truth_of(scenes), 10)
print({limit: round(ap, 3) for limit, ap in by_limit.items()})
# --8<-- [end:limits]

# --8<-- [start:move]
x, boxes = photos["Florida"]
right = boxes[:, 0] >= 100
east = x[:, 104:], boxes[right] - [104, 0, 104, 0]
wood, trees = x[:, :96], boxes[boxes[:, 2] <= 100]
answers = targets(trees, np.zeros(len(trees), int), wood.shape[:2], 1)
before = tree_ap(detect(forest, east[0][None])[0], east)
compiled(forest, 60)
pairs = [crop() for _ in range(480)]
views, wanted = map(np.array, zip(*pairs, strict=True))
forest.fit(views, wanted, batch_size=8, verbose=0)
after = tree_ap(detect(forest, east[0][None])[0], east)
n_local, n_east = len(trees), len(east[1])
print(f"{n_local} trees: from {before:.3f} to {after:.3f}")
# --8<-- [end:move]
