# --8<-- [start:one]
as_one = {
    name: rounded(w.reshape(1, -1), 8).reshape(w.shape)
    if w.ndim == 2
    else w
    for name, w in net.items()
}
one_cost = bits(as_one).sum() / lengths.sum()
print(f"one scale a matrix: {one_cost:.4f}, a row: {int8_cost:.4f}")
# --8<-- [end:one]
