# --8<-- [start:strict]
network_finds, threshold_finds = {}, {}
for least in (0.5, 0.7, 0.8):
    network_finds[f"{least}"] = (ours > least).mean()
    threshold_finds[f"{least}"] = (theirs > least).mean()
for name, finds in (
    ("U-Net", network_finds),
    ("local", threshold_finds),
):
    print(name, {k: round(v, 3) for k, v in finds.items()})
# --8<-- [end:strict]

# --8<-- [start:pixel]
thinner = segmentation.find_boundaries(labels[test], mode="inner")
shrunk = truth[test] & ~thinner
shrunk_dice = dice(truth[test], shrunk)
best, alarms = match(labels[test], components(shrunk))
shrunk_f1 = score(best, alarms)
print(f"Dice {shrunk_dice:.3f}, F1 {shrunk_f1:.2f}")
# --8<-- [end:pixel]
