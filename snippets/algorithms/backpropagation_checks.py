# --8<-- [start:whole]
assert nudge_gap < 1e-4 and n_walked == w.size
# --8<-- [end:whole]

# --8<-- [start:gradients]
assert chain_gap < 1e-12 and batch_gap < 1e-12
assert np.isclose(numeric, exact, rtol=1e-5)
assert by_removal == loss_with(0) - loss_with(-weight)
# --8<-- [end:gradients]
