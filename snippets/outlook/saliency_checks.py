# --8<-- [start:maps]
assert cheat_lie < honest_lie < cheat_right
assert honest_right < cheat_right
weight = last_weights(honest).T[answers(honest, x_mark)]
seen = honest(x_mark)[0].numpy()
by_weights = np.einsum("nijk,nk->nij", seen, weight) / 49
assert np.allclose(heat, np.maximum(by_weights, 0), atol=1e-4)
assert cheat_digit < bright_digit < honest_digit
assert honest_mark < cheat_mark
assert fresh_digit < bright_digit
assert np.isclose(by_chance, (14 / 28) ** 2)
# --8<-- [end:maps]

# --8<-- [start:delete]
assert miss < mean_rise / 20
assert np.isclose(mean_rise, path.sum((1, 2, 3)).mean(), atol=miss)
assert kept_path < kept_heat < kept_ink < kept_fresh < kept_noise
# --8<-- [end:delete]
