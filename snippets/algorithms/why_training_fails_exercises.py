# --8<-- [start:curvature]
def slope_along(theta, direction, step):
    moved = [a + step * u for a, u in zip(theta, direction)]
    return backward(x_train, t_train, *moved)


u = [rng.normal(size=a.shape) for a in theta]
for _ in range(60):  # power iteration
    norm = np.sqrt(sum((a**2).sum() for a in u))
    u = [a / norm for a in u]
    sides = [slope_along(theta, u, step) for step in (1e-4, -1e-4)]
    bent = [(a - b) / 2e-4 for a, b in zip(*sides)]
    steepest = float(sum((a * b).sum() for a, b in zip(u, bent)))
    u = bent
rate_limit = 2 / steepest
print(f"curvature {steepest:.2f}, limit {rate_limit:.2f}")
# --8<-- [end:curvature]


# --8<-- [start:curvature_try]
def losses_at(rate):
    now, losses = theta, [loss_at(theta, x_train, t_train)]
    for _ in range(60):
        now = descend(now, [np.arange(1280)], rate)
        losses.append(loss_at(now, x_train, t_train))
    return losses


multiples, rises, ends = (0.5, 0.9, 1.5, 2.0, 3.0, 5.0), [], []
for multiple in multiples:
    losses = losses_at(multiple * rate_limit)  # measured: seed
    rises.append(int((np.diff(losses) > 0).sum()))
    ends.append(losses[-1])
    print(multiple, rises[-1], f"{ends[-1]:.3f}")
# --8<-- [end:curvature_try]

# --8<-- [start:curvature_check]
assert rises[0] == rises[1] == 0 < rises[5]
assert ends[5] > np.log(t_val.shape[1]) > ends[1]
# --8<-- [end:curvature_check]

# --8<-- [start:gentle]
gentle = []
for k in range(5):
    local = np.random.default_rng([seed, k])
    begin, batches = fresh(local), shuffled(local, 10)
    ends = [descend(begin, batches, r) for r in (0.25, 0.5, 1.0)]
    gentle.append([loss_at(end, x_val, t_val) for end in ends])
gentle_mean = np.mean(gentle, axis=0).tolist()
clip_gain = np.min(gentle, axis=1) - np.array(outcomes)[:, 2]
clip_gain_mean, clip_gain_std = clip_gain.mean(), clip_gain.std(ddof=1)
n_gentle = len(clip_gain)
print(np.round(gentle_mean, 3), f"{recipe_mean[2]:.3f}")
print(f"{clip_gain_mean:.3f} {clip_gain_std:.3f}")
# --8<-- [end:gentle]

# --8<-- [start:gentle_check]
assert abs(clip_gain_mean) < 4 * clip_gain_std
assert n_gentle == len(gentle) == len(outcomes)
assert np.isclose(clip_gain.std(ddof=1), clip_gain_std)
# --8<-- [end:gentle_check]
