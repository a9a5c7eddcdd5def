# --8<-- [start:import]
import io
import zipfile

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from scipy import ndimage
from skimage import color, feature, filters, measure, segmentation
from skimage.io import imread
from skimage.morphology import remove_small_objects

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]

# --8<-- [start:open]
archive = (
    "stardist-0.9.2-cp311-cp311-manylinux_2_24_x86_64"
    ".manylinux_2_28_x86_64.whl"
)
with zipfile.ZipFile(archive) as wheel:
    image, labels = (
        imread(io.BytesIO(wheel.read(f"stardist/data/images/{name}")))
        for name in ("img2d.tif", "mask2d.tif")
    )
image, labels = image.astype(float), labels.astype(int)
truth = labels > 0
n_nuclei = len(np.unique(labels[truth]))
nuclear = truth.mean()
print(image.shape, f"{n_nuclei} nuclei on {nuclear:.0%} of the pixels")
# --8<-- [end:open]

# --8<-- [start:split]
train, validation, test = (
    slice(0, 192),
    slice(224, 304),
    slice(328, 512),
)


def whole(region):
    """Nuclei that no edge of the region cuts."""
    return np.unique(segmentation.clear_border(labels[region]))[1:]


parts = {"train": train, "validation": validation, "test": test}
for name, part in parts.items():
    print(name, image[part].shape, len(whole(part)), "whole nuclei")
n_train, n_validation, n_test = (len(whole(p)) for p in parts.values())
# --8<-- [end:split]


# --8<-- [start:show]
BLACK, BLUE, ORANGE, GRAY = "#202428", "#3b82c4", "#e07b39", "#c8ccd0"
palette = np.array([
    plt.matplotlib.colors.to_rgb(c) for c in (BLACK, BLUE, ORANGE, GRAY)
])


def show(where, predictions, grid, size):
    panels = {
        "image": np.log1p(image[where]),
        "truth": color.label2rgb(labels[where], bg_label=0),
    }
    for name, found in predictions.items():
        panels[name] = palette[found + 2 * truth[where]]
    _, axes = plt.subplots(*grid, figsize=size, layout="constrained")
    for axis, (name, panel) in zip(
        axes.flat, panels.items(), strict=True
    ):
        axis.imshow(panel, cmap="gray", interpolation="none")
        axis.set_title(name)
        axis.axis("off")
    plt.show()


# --8<-- [end:show]

# --8<-- [start:first]
otsu = filters.threshold_otsu(image[train])
corner = train, slice(0, 192)
show(corner, {"threshold": image[corner] > otsu}, (1, 3), (9, 3.2))
# --8<-- [end:first]


# --8<-- [start:dice]
def dice(y, p):
    return 2 * (y * p).sum() / (y.sum() + p.sum())


def iou(y, p):
    return (y * p).sum() / (y.sum() + p.sum() - (y * p).sum())


# --8<-- [end:dice]


# --8<-- [start:threshold]
def best_threshold(values):
    """The threshold with the best Dice on the training region."""
    tried = np.quantile(values[train], np.linspace(0.5, 0.99, 100))
    return max(
        tried, key=lambda t: dice(truth[train], values[train] > t)
    )


level = best_threshold(image)
masks = {"Otsu": image > otsu, "best threshold": image > level}
for name, mask in masks.items():
    print(name, round(dice(truth[validation], mask[validation]), 3))
otsu_validation, level_validation = (
    dice(truth[validation], mask[validation]) for mask in masks.values()
)
# --8<-- [end:threshold]


# --8<-- [start:local]
def contrast(narrow, wide):
    """How much brighter a spot is than what lies around it."""
    return ndimage.gaussian_filter(image, narrow) - (
        ndimage.gaussian_filter(image, wide)
    )


def train_dice(widths):
    values = contrast(*widths)[train]
    t = best_threshold(contrast(*widths))
    return dice(truth[train], values > t)


tried = [(narrow, wide) for narrow in (0, 1, 2) for wide in (6, 10, 14)]
widths = max(tried, key=train_dice)
local = contrast(*widths)
masks["local threshold"] = local > best_threshold(local)
local_validation = dice(
    truth[validation], masks["local threshold"][validation]
)
print(widths, round(local_validation, 3))
# --8<-- [end:local]


# --8<-- [start:unet]
def block(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    return x


def unet(skips=True):
    x = inputs = layers.Input((None, None, 1))
    kept = []
    for n_filters in (8, 16):  # down: coarser, more channels
        x = block(x, n_filters)
        kept.append(x)
        x = layers.MaxPooling2D()(x)
    x = block(x, 32)
    for n_filters in (16, 8):  # up again, with what was kept
        x, fine = layers.UpSampling2D()(x), kept.pop()
        if skips:
            x = layers.Concatenate()([x, fine])
        x = block(x, n_filters)
    return keras.Model(inputs, layers.Conv2D(1, 1)(x))


n_parameters = unet().count_params()
print(f"{n_parameters:,} parameters")
# --8<-- [end:unet]

# --8<-- [start:crops]
bright = np.log1p(image)
bright = (bright - bright[train].mean()) / bright[train].std()


def crops(n, augment, size=64):
    """Squares of the training region, turned and mirrored."""
    rng = np.random.default_rng(seed)
    both = np.stack([bright[train], truth[train]], axis=-1)
    x, y = [], []
    for _ in range(n):
        row, column = rng.integers([192 - size + 1, 512 - size + 1])
        turns, mirrored = rng.integers([4, 2])
        square = both[row : row + size, column : column + size]
        if augment:
            square = np.rot90(square, turns)
            square = square[::-1] if mirrored else square
        x.append(square[..., :1])
        y.append(square[..., 1:])
    return np.array(x, "float32"), np.array(y, "float32")


# --8<-- [end:crops]


# --8<-- [start:fit]
def fit(augment=True, skips=True, steps=200, batch=8):
    keras.utils.set_random_seed(seed)
    network = unet(skips)
    rate = keras.optimizers.schedules.CosineDecay(3e-3, steps)
    network.compile(
        keras.optimizers.Adam(rate),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    x, y = crops(steps * batch, augment)
    network.fit(x, y, batch_size=batch, shuffle=False, verbose=0)
    return network


def segment(network, part):
    logits = network(bright[None, part, :, None].astype("float32"))
    return logits[0, ..., 0].numpy() > 0


network = fit()
unet_validation = dice(truth[validation], segment(network, validation))
print(round(unet_validation, 3))
# --8<-- [end:fit]

# --8<-- [start:pixels]
found = {name: mask[test] for name, mask in masks.items()}
found["U-Net"] = segment(network, test)
for name, mask in found.items():
    print(
        f"{name:16} Dice {dice(truth[test], mask):.3f}"
        f"  IoU {iou(truth[test], mask):.3f}"
    )
otsu_dice, level_dice, local_dice, unet_dice = (
    dice(truth[test], mask) for mask in found.values()
)
local_iou = iou(truth[test], found["local threshold"])
unet_iou = iou(truth[test], found["U-Net"])
dice_gain = unet_dice - local_dice
# --8<-- [end:pixels]

# --8<-- [start:look]
where = test, slice(0, 320)
pictures = {
    name: found[name][:, :320] for name in ("local threshold", "U-Net")
}
show(where, pictures, (2, 2), (9, 5.6))
# --8<-- [end:look]


# --8<-- [start:nuclei]
def components(mask):
    return remove_small_objects(measure.label(mask), max_size=20)


def watershed(mask):
    """Grow one nucleus from each peak of the distance to the edge."""
    depth = ndimage.distance_transform_edt(mask)
    depth = ndimage.gaussian_filter(depth, 2)
    peaks = feature.peak_local_max(
        depth,
        min_distance=5,
        labels=measure.label(mask),
        exclude_border=False,
    )
    seeds = np.zeros(mask.shape, int)
    seeds[tuple(peaks.T)] = np.arange(len(peaks)) + 1
    grown = segmentation.watershed(-depth, seeds, mask=mask)
    return remove_small_objects(grown, max_size=20)


n_pieces = measure.label(truth).max()
print(n_nuclei, "nuclei in", n_pieces, "pieces")
# --8<-- [end:nuclei]


# --8<-- [start:match]
def match(true, predicted):
    """Best IoU of each whole nucleus; number of false alarms."""
    both = np.zeros((true.max() + 1, predicted.max() + 1))
    np.add.at(both, (true, predicted), 1)
    union = both.sum(1, keepdims=True) + both.sum(0) - both
    ious = both / np.maximum(union, 1)
    uncut = np.unique(segmentation.clear_border(true))[1:]
    cut = np.setdiff1d(np.unique(true)[1:], uncut)
    judged = np.unique(segmentation.clear_border(predicted))[1:]
    on_cut = both[cut][:, judged].sum(0) / both.sum(0)[judged]
    wrong = (ious[1:, judged].max(0, initial=0) <= 0.5) & (
        on_cut <= 0.5  # (1)!
    )
    return ious[uncut, 1:].max(1, initial=0), wrong.sum()


def f1(tp, fp, fn):
    return 2 * tp / (2 * tp + fp + fn)


def score(best, alarms):
    hits = (best > 0.5).sum()
    return f1(hits, alarms, len(best) - hits)


# --8<-- [end:match]

# --8<-- [start:count]
masks_of = found | {"truth": truth[test]}
by_pieces, by_watershed, recall, precision = {}, {}, {}, {}
for name, mask in masks_of.items():
    by_pieces[name] = score(*match(labels[test], components(mask)))
    best, alarms = match(labels[test], watershed(mask))
    by_watershed[name] = score(best, alarms)
    hits = (best > 0.5).sum()
    recall[name] = hits / len(best)
    precision[name] = hits / (hits + alarms)
    print(
        f"{name:16} components {by_pieces[name]:.2f}"
        f"  watershed {by_watershed[name]:.2f}"
    )
f1_gain = by_watershed["U-Net"] - by_watershed["local threshold"]
split_gain = by_watershed["U-Net"] - by_pieces["U-Net"]
# --8<-- [end:count]

# --8<-- [start:bootstrap]
ours, our_alarms = match(labels[test], watershed(found["U-Net"]))
theirs, their_alarms = match(
    labels[test], watershed(found["local threshold"])
)
n_alarms = our_alarms + their_alarms
nucleus = np.r_[np.ones(n_test), np.zeros(n_alarms)]
hit = np.zeros((2, n_test + n_alarms))
hit[:, :n_test] = ours > 0.5, theirs > 0.5
alarm = np.zeros_like(hit)
alarm[0, n_test : n_test + our_alarms] = 1
alarm[1, n_test + our_alarms :] = 1
rng = np.random.default_rng(seed)
drawn = rng.integers(len(nucleus), size=(2000, len(nucleus)))
tp, fp = hit[:, drawn].sum(-1), alarm[:, drawn].sum(-1)
scores = f1(tp, fp, nucleus[drawn].sum(-1) - tp)
f1_low, f1_high = np.quantile(scores[0], [0.025, 0.975])
gain_low, gain_high = np.quantile(scores[0] - scores[1], [0.025, 0.975])
print(f"F1 {f1_low:.2f} to {f1_high:.2f}")
print(f"difference {gain_low:.2f} to {gain_high:.2f}")
# --8<-- [end:bootstrap]

# --8<-- [start:outlines]
closer = ours - theirs
outline_gain = closer.mean()
drawn = rng.integers(n_test, size=(2000, n_test))
outline_low, outline_high = np.quantile(
    closer[drawn].mean(1), [0.025, 0.975]
)
ours_mean, theirs_mean = ours.mean(), theirs.mean()
print(f"{ours_mean:.2f} against {theirs_mean:.2f}")
print(f"{outline_gain:.3f} ({outline_low:.3f} to {outline_high:.3f})")
# --8<-- [end:outlines]

# --8<-- [start:ablation]
plain = segment(fit(augment=False), test)
bottleneck = segment(fit(skips=False), test)
augment_gain = unet_dice - dice(truth[test], plain)
skip_gain = unet_dice - dice(truth[test], bottleneck)
print(f"augmentation {augment_gain:+.3f}, skips {skip_gain:+.3f}")
augment_f1 = by_watershed["U-Net"] - score(
    *match(labels[test], watershed(plain))
)
skip_f1 = by_watershed["U-Net"] - score(
    *match(labels[test], watershed(bottleneck))
)
# --8<-- [end:ablation]
