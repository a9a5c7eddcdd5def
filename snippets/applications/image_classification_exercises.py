# --8<-- [start:mirror]
p = said["small"][:1500]
mirrored = chances(small, some[:, :, ::-1])
plain_right = float(np.mean(p.argmax(1) == answers))
both_right = float(np.mean((p + mirrored).argmax(1) == answers))
print(f"{plain_right:.1%} alone, {both_right:.1%} with the mirror")
# --8<-- [end:mirror]

# --8<-- [start:turned]
upside_down = chances(small, some[:, ::-1]).argmax(1)
turned_right = float(np.mean(upside_down == answers))
print(f"{turned_right:.1%}")
for k, name in enumerate(classes):
    print(f"{name:8} {np.mean(upside_down[answers == k] == k):.0%}")
# --8<-- [end:turned]

# --8<-- [start:gray]
gray = np.repeat(some.mean(-1, keepdims=True), 3, -1).astype("uint8")
gray_right = float(np.mean(chances(small, gray).argmax(1) == answers))
print(f"{gray_right:.1%} without color")
# --8<-- [end:gray]
