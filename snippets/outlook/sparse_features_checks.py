# --8<-- [start:cost]
from sklearn.decomposition import PCA
from sklearn.linear_model import orthogonal_mp_gram

into, shift, _ = features
used = np.count_nonzero(sparse(poet.held, into, shift), 1)
assert used.max() == n_used[3]
pca = PCA(width).fit(poet.learn)  # the largest 8 of all, by hand
by_sklearn = poet.held @ pca.components_.T
least = np.sort(np.abs(by_sklearn), 1)[:, [-8]]
by_sklearn = np.where(np.abs(by_sklearn) >= least, by_sklearn, 0)
by_sklearn = (by_sklearn @ pca.components_).astype("f4")
assert np.isclose(pca_8, cost_of(by_sklearn), atol=0.01)
fewer = poet.held[:40]
f = orthogonal_mp_gram(
    drawn @ drawn.T, drawn @ fewer.T, n_nonzero_coefs=8
)
assert np.allclose(f.T @ drawn, search(drawn, 8)[:40], atol=0.01)
assert sparse_8 < pca_8 < table_cost < nothing < whole
assert sparse_8 < random_8 < single_8 < nothing
assert sparse_8 == costs["features"][n_used.index(8)]
assert 6 < whole < 8
# --8<-- [end:cost]

# --8<-- [start:control]
assert pure < pure_2
assert np.isclose(pure, sum(shares) / len(found))
assert table_share < table_share_2
# --8<-- [end:control]

# --8<-- [start:cut]
assert others < own
assert abs(own_2 - others_2) < (own - others) / 4
assert first_2 < first
assert np.isclose(own, np.trace(falls) / n_cut)
# --8<-- [end:cut]

# --8<-- [start:judge]
assert others_pca < own_pca
assert own_wrong < own_random < own
assert own_single < own_pca
assert np.isclose(own_gain, own - own_pca)
assert pure_random < pure
assert pure_single < pure
assert pure_pca < pure
# --8<-- [end:judge]
