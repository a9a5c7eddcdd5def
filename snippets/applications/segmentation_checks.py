# --8<-- [start:split]
assert n_nuclei == 125 and image.shape == labels.shape == (512, 512)
assert np.isclose(nuclear, np.count_nonzero(labels) / 512**2)
ids = [
    set(np.unique(labels[p])) - {0} for p in (train, validation, test)
]
n_shared = len((ids[0] & ids[1]) | (ids[1] & ids[2]))
assert n_shared == 0
assert (n_train, n_validation, n_test) == (35, 10, 40)
# --8<-- [end:split]

# --8<-- [start:dice]
from sklearn.metrics import f1_score, jaccard_score

rng = np.random.default_rng(1)
for share in (0.1, 0.5, 0.9):
    y, p = rng.random((2, 1000)) < share
    assert np.isclose(dice(y, p), f1_score(y, p))
    assert np.isclose(iou(y, p), jaccard_score(y, p))
# --8<-- [end:dice]

# --8<-- [start:threshold]
assert level in np.quantile(image[train], np.linspace(0.5, 0.99, 100))
assert otsu_validation < level_validation < local_validation
for name, value in (
    ("Otsu", otsu_validation),
    ("best threshold", level_validation),
    ("local threshold", local_validation),
):
    y, p = truth[validation].ravel(), masks[name][validation].ravel()
    assert np.isclose(value, f1_score(y, p))
# --8<-- [end:threshold]

# --8<-- [start:unet]
logits = network(bright[None, validation, :, None].astype("float32"))
loss = network.compute_loss(
    y=truth[None, validation, :, None].astype("float32"), y_pred=logits
)
guess = np.mean(truth[train])
entropy = -guess * np.log(guess) - (1 - guess) * np.log(1 - guess)
assert 0 < float(loss) < entropy / 2
# --8<-- [end:unet]

# --8<-- [start:pixels]
for name, d, j in (
    ("local threshold", local_dice, local_iou),
    ("U-Net", unet_dice, unet_iou),
):
    y, p = truth[test].ravel(), found[name].ravel()
    assert np.isclose(d, f1_score(y, p))
    assert np.isclose(j, jaccard_score(y, p))
    assert np.isclose(j, d / (2 - d))
assert level_dice < otsu_dice < local_dice
assert np.isclose(dice_gain, unet_dice - local_dice)
assert local_dice < unet_dice
# --8<-- [end:pixels]

# --8<-- [start:match]
from scipy import stats
from scipy.optimize import linear_sum_assignment

perfect, none = match(labels[test], labels[test])
assert np.all(perfect == 1)
assert score(perfect, none) == 1
one, two = labels[train], watershed(masks["local threshold"][train])
trial, _ = match(one, two)
ids = np.unique(segmentation.clear_border(one))[1:][:8]
pairs = np.array([
    [
        jaccard_score((one == a).ravel(), (two == b).ravel())
        for b in np.unique(two)[1:]
    ]
    for a in ids
])
assert np.allclose(trial[:8], pairs.max(1))
rows, columns = linear_sum_assignment(-(pairs > 0.5).astype(float))
n_assigned = int((pairs[rows, columns] > 0.5).sum())
n_hits = int((trial[:8] > 0.5).sum())
assert n_assigned == n_hits
# --8<-- [end:match]

# --8<-- [start:count]
assert n_pieces == ndimage.label(truth, np.ones((3, 3)))[1]
for name in masks_of:
    mean = stats.hmean([precision[name], recall[name]])
    assert np.isclose(by_watershed[name], mean)
    assert by_pieces[name] < by_watershed[name]
assert by_watershed["Otsu"] < by_watershed["local threshold"]
assert by_pieces["truth"] < by_watershed["truth"]
net, rival = by_watershed["U-Net"], by_watershed["local threshold"]
assert np.isclose(f1_gain, net - rival)
assert np.isclose(split_gain, net - by_pieces["U-Net"])
# --8<-- [end:count]

# --8<-- [start:certain]
assert f1_low < by_watershed["U-Net"] < f1_high
assert gain_low < f1_gain < gain_high
assert np.isclose(outline_gain, ours_mean - theirs_mean)
assert outline_low < outline_gain < outline_high
# --8<-- [end:certain]

# --8<-- [start:ablation]
assert np.isclose(augment_gain, unet_dice - dice(truth[test], plain))
assert np.isclose(skip_gain, unet_dice - dice(truth[test], bottleneck))
# --8<-- [end:ablation]
