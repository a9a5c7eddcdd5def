# --8<-- [start:cut]
assert np.allclose(chances.sum(-1), 1, atol=1e-3)
assert np.allclose(looks.sum(-1), 1, atol=1e-3)
early, _ = read(held[:, :20])
assert np.allclose(early, chances[:, :20], atol=1e-4)
i, j = np.indices(held[:, 1:].shape)
by_index = -np.log2(chances[i, j, held[:, 1:]])
assert np.isclose(whole, by_index.mean(), rtol=1e-4)
assert 0.6 < most_rhyme < 1
assert np.isclose(most_rhyme, looks[*head, 30, [7, 15]].sum())
assert 0.006 < head_cost < 0.016
assert np.isclose(head_cost, cost[head]) and dearest[0] == cost.max()
assert dearest[2] > 5 * dearest[3]
assert set(dearest[:3]) < set(cost[0])
assert n_heads == cost.size and n_poems == len(poems)
assert 6 < whole < 8
# --8<-- [end:cut]

# --8<-- [start:ways]
from scipy.stats import sem

assert np.isclose(rhyme_error, sem(lost))
assert rhyme_other < rhyme_three < rhyme_whole
reach = (rhyme_whole - rhyme_other) / 3
assert abs(rhyme_whole - rhyme_blind) < reach
assert abs(rhyme_whole - rhyme_swapped) < reach
assert rhyme_taken < rhyme_swapped
assert 0.07 < rhyme_whole < 0.2
assert 0 < rhyme_lost < (rhyme_whole - rhyme_other) / 4
assert 0.025 < rhyme_other < 0.08
# --8<-- [end:ways]
