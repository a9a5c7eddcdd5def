# --8<-- [start:disk]
p = rng.uniform(-2, 2, (10, 400, 2)).astype("float32")
q = (np.hypot(p[..., 0], p[..., 1]) < 1.2).astype("float32")
thin = accuracy(train(start(2, 2, 2, 2, 1), p, q), p, q)
thick = accuracy(train(start(2, 6, 1), p, q), p, q)
thin_disk, thin_best, thick_disk = thin.mean(), thin.max(), thick.mean()
print(f"{thin_disk:.1%} {thin_best:.1%} {thick_disk:.1%}")
# --8<-- [end:disk]

# --8<-- [start:folds]
p = rng.random((10, 400, 1)).astype("float32")
q = (tent(tent(tent(p[..., 0]))) > 0.5).astype("float32")
folds = accuracy(
    train(start(1, 2, 2, 2, 1), p, q, bend=tf.nn.relu), p, q, tf.nn.relu
)
folds_mean, folds_best = folds.mean(), folds.max()
print(f"{folds_mean:.1%}, best {folds_best:.1%}")
# --8<-- [end:folds]

# --8<-- [start:longer]
longer = accuracy(train(start(2, 4, 4, 4, 1), x, y, 3000), x_new, y_new)
longer_mean, longer_std = longer.mean(), longer.std(ddof=1)
print(f"{longer_mean:.1%}")
# --8<-- [end:longer]
