# --8<-- [start:zeros]
first = np.maximum(maps[0], 0)[:26, :26]
pooled = first.reshape(13, 2, 13, 2, 16).max((1, 3))
zero_image = float((image == 0).mean())
zero_maps = float((pooled == 0).mean())
print(f"{zero_image:.0%} of the image, {zero_maps:.0%} of the maps")
# --8<-- [end:zeros]

# --8<-- [start:overflow]
plainly, shifted = ask(
    """const own = Array.from(z, Math.exp);
    const total = own.reduce((a, b) => a + b);
    const scores = { rows: 1, columns: 2, values: z };
    return [String(-Math.log(own[0] / total)),
        engine.crossEntropy(scores, [0]).loss];""",
    **dict(z=np.array([1000.0, 999.0])),
)
print(plainly, shifted)
# --8<-- [end:overflow]
