# --8<-- [start:import]
import xml.etree.ElementTree as ElementTree
import zipfile

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from PIL import Image
from scipy import ndimage

seed = 0
keras.utils.set_random_seed(seed)
# --8<-- [end:import]


# --8<-- [start:iou]
def shared(a, b):
    width = np.minimum(a[2], b[2]) - np.maximum(a[0], b[0])
    height = np.minimum(a[3], b[3]) - np.maximum(a[1], b[1])
    return np.maximum(width, 0) * np.maximum(height, 0)


def iou(a, b):
    area_a = (a[2] - a[0]) * (a[3] - a[1])
    area_b = (b[2] - b[0]) * (b[3] - b[1])
    return shared(a, b) / (area_a + area_b - shared(a, b))


def overlap(box, boxes):
    return iou(box, boxes.T)


# --8<-- [end:iou]


# --8<-- [start:canvas]
def stamp(ink, piece, row, column):
    h, w = piece.shape
    place = ink[row : row + h, column : column + w]
    np.maximum(place, piece, out=place)


def canvas(x, y, rng):
    """Draw at most six digits of many sizes among scraps of others."""
    ink, boxes, labels = np.zeros((96, 96), np.uint8), [], []
    for _ in range(rng.integers(8, 16)):
        top, left, *place = rng.integers([4, 4, 0, 0], [16, 16, 87, 87])
        scrap = x[rng.integers(len(x))][top : top + 9, left : left + 9]
        stamp(ink, scrap, *place)
    for _ in range(rng.integers(2, 7)):
        i, size = rng.integers(len(x)), int(rng.integers(20, 45))
        digit = np.asarray(Image.fromarray(x[i]).resize((size, size)))
        inked = (digit > 60).astype(int)
        digit = digit[ndimage.find_objects(inked)[0]]  # cut tightly
        h, w = digit.shape
        r, c = rng.integers([97 - h, 97 - w])
        box = np.array([c, r, c + w, r + h], float)
        if boxes and overlap(box, np.array(boxes)).max() > 0.02:
            continue
        boxes.append(box)
        labels.append(y[i])
        stamp(ink, digit, r, c)
    noise = rng.normal(0, 0.1, ink.shape)
    picture = (ink / 255 + noise).astype("f4")[..., None]
    return picture, np.array(boxes), np.array(labels)


# --8<-- [end:canvas]


# --8<-- [start:digits]
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()


def canvases(n, part, x, y):
    return [
        canvas(x, y, np.random.default_rng([seed, part, i]))
        for i in range(n)
    ]


train = canvases(1200, 0, x[:50_000], y[:50_000])
validation = canvases(200, 1, x[50_000:], y[50_000:])
pictures = np.array([picture for picture, _, _ in train])
n_digits = sum(len(boxes) for _, boxes, _ in train)
print(f"{n_digits:,} digits on {len(train):,} canvases")
# --8<-- [end:digits]

# --8<-- [start:targets]
STRIDE = 4


def targets(boxes, labels, shape, n_classes, share=0.5):
    """Classes, and distances to the sides of the box, cell by cell."""
    y, x = (STRIDE * (np.arange(s // STRIDE) + 0.5) for s in shape)
    x, y = np.meshgrid(x, y)
    target = np.zeros((*x.shape, n_classes + 4), "f4")
    sides = boxes[:, 2:] - boxes[:, :2]
    for i in np.argsort(-sides.prod(1)):  # (1)!
        (x1, y1, x2, y2), half = boxes[i], share * sides[i] / 2
        reach = np.maximum(half, STRIDE / 2)
        mine = np.abs(x - (x1 + x2) / 2) <= reach[0]
        mine &= np.abs(y - (y1 + y2) / 2) <= reach[1]
        to_sides = np.stack([x - x1, y - y1, x2 - x, y2 - y], -1)
        mine &= to_sides.min(-1) > 0
        target[mine, :n_classes] = np.eye(n_classes)[labels[i]]
        target[mine, n_classes:] = to_sides[mine]
    return target


# --8<-- [end:targets]


# --8<-- [start:network]
def convolution(x, filters, stride=1):
    x = keras.layers.Conv2D(
        filters, 3, stride, padding="same", use_bias=False
    )(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.ReLU()(x)


def detector(n_channels, n_classes):
    picture = keras.Input((None, None, n_channels))
    x = convolution(picture, 16, 2)
    fine = convolution(x, 32, 2)  # a cell is 4 pixels wide
    x = convolution(fine, 64, 2)
    x = convolution(convolution(x, 64), 64)  # sees far
    x = keras.layers.UpSampling2D()(convolution(x, 32))
    x = convolution(keras.layers.Concatenate()([x, fine]), 32)
    rare = keras.initializers.Constant(-3)  # most cells are empty
    scores = keras.layers.Conv2D(n_classes, 1, bias_initializer=rare)(x)
    sides = keras.layers.Conv2D(4, 1)(x)
    return keras.Model(
        picture, keras.layers.Concatenate()([scores, sides])
    )


# --8<-- [end:network]


# --8<-- [start:loss]
def focal(q, gamma):
    """The loss where the truth was given the probability q."""
    return -((1 - q) ** gamma) * tf.math.log(q)


# --8<-- [end:loss]


# --8<-- [start:distances]
def sides_of(z):
    return 16 * tf.exp(tf.clip_by_value(z, -4, 4))  # pixels


def area(d):
    return (d[..., 0] + d[..., 2]) * (d[..., 1] + d[..., 3])


def loss(truth, output):
    n = truth.shape[-1] - 4
    t, d = truth[..., :n], truth[..., n:]
    p = tf.clip_by_value(tf.sigmoid(output[..., :n]), 1e-6, 1 - 1e-6)
    e = sides_of(output[..., n:])
    both = area(tf.minimum(d, e))
    fit = both / (area(d) + area(e) - both)  # the IoU again
    there = tf.reduce_max(t, -1)
    wrong_box = -there * tf.math.log(fit + 1e-6)
    wrong_class = focal(t * p + (1 - t) * (1 - p), 2.0)
    total = tf.reduce_sum(wrong_class) + tf.reduce_sum(wrong_box)
    return total / (tf.reduce_sum(there) + 1)


# --8<-- [end:distances]


# --8<-- [start:fit]
def compiled(model, steps):
    rate = keras.optimizers.schedules.CosineDecay(
        0.0, steps, warmup_target=4e-3, warmup_steps=30
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3)
    model.compile(optimizer, loss, jit_compile=False)
    return model


def trained(share):
    keras.utils.set_random_seed(seed)
    y = np.array([
        targets(b, k, (96, 96), 10, share) for _, b, k in train
    ])
    model = compiled(detector(1, 10), 6 * len(train) // 16)
    model.fit(pictures, y, batch_size=16, epochs=6, verbose=0)
    return model


model = trained(0.5)
print(f"{model.count_params():,} parameters")
# --8<-- [end:fit]


# --8<-- [start:nms]
def suppress(boxes, scores, limit=0.5):
    kept, left = [], np.argsort(-scores, kind="stable")
    while len(left):
        best, left = left[0], left[1:]
        kept.append(best)
        left = left[overlap(boxes[best], boxes[left]) <= limit]
    return np.array(kept, int)


# --8<-- [end:nms]


# --8<-- [start:detect]
def apart(boxes, labels):
    return boxes + 1e4 * labels[:, None]  # (1)!


def boxes_of(output, least=0.05):
    """What the cells say, as boxes with scores and classes."""
    n = output.shape[-1] - 4
    p = tf.sigmoid(output[..., :n]).numpy()
    r, c, k = np.nonzero(p > least)
    x, y = STRIDE * (c + 0.5), STRIDE * (r + 0.5)
    d = sides_of(output[r, c, n:]).numpy().T
    boxes = np.stack([x - d[0], y - d[1], x + d[2], y + d[3]], 1)
    return boxes, p[r, c, k], k


def detect(model, pictures, limit=0.5):
    found = []
    for output in model(pictures, training=False).numpy():
        boxes, scores, k = boxes_of(output)
        kept = suppress(apart(boxes, k), scores, limit)
        found.append((boxes[kept], scores[kept], k[kept]))
    return found


# --8<-- [end:detect]


# --8<-- [start:hits]
def match(found, scores, boxes, limit=0.5):
    """The true box that each found box is, or -1; best scores first."""
    which, free = np.full(len(found), -1), np.ones(len(boxes), bool)
    for i in np.argsort(-scores, kind="stable"):
        fit = np.where(free, overlap(found[i], boxes), 0)
        if fit.max(initial=0) >= limit:
            which[i] = fit.argmax()
            free[which[i]] = False  # can be found only once
    return which


# --8<-- [end:hits]


# --8<-- [start:ap]
def precision_recall(hit, scores, n):
    hit = hit[np.argsort(-scores, kind="stable")]
    right = np.cumsum(hit)
    return right / np.arange(1, len(hit) + 1), right / n


def average_precision(p, r):
    levels = np.linspace(0, 1, 101)
    best = np.maximum.accumulate(p[::-1])[::-1]  # from here on
    place = np.searchsorted(r, levels)
    return np.append(best, 0)[place].mean()


def score(found, truth, n_classes, limit=0.5):
    values = []
    for k in range(n_classes):
        hit, scores, n = [np.zeros(0, bool)], [np.zeros(0)], 0
        for (b, s, label), (boxes, true) in zip(
            found, truth, strict=True
        ):
            b, s, boxes = b[label == k], s[label == k], boxes[true == k]
            hit.append(match(b, s, boxes, limit) >= 0)
            scores.append(s)
            n += len(boxes)
        p, r = precision_recall(
            np.concatenate(hit), np.concatenate(scores), n
        )
        values.append(average_precision(p, r))
    return float(np.mean(values))


# --8<-- [end:ap]


# --8<-- [start:templates]
def centered(shape):
    """A picture of one thing, 20 pixels high or wide, on 28 x 28."""
    h, w = (np.array(shape.shape) * 20 / max(shape.shape)).round()
    h, w = max(int(h), 1), max(int(w), 1)
    pixels = (255 * np.clip(shape, 0, 1)).astype(np.uint8)
    field, r, c = np.zeros((28, 28)), (28 - h) // 2, (28 - w) // 2
    field[r : r + h, c : c + w] = Image.fromarray(pixels).resize((w, h))
    return field


means = np.array([
    x[:50_000][y[:50_000] == k].mean(0) for k in range(10)
])


def templates(picture, ink):
    """Connected ink, compared with the mean digit of each class."""
    smooth = ndimage.gaussian_filter(picture[..., 0], 0.7)
    places = ndimage.find_objects(ndimage.label(smooth > ink)[0])
    boxes = [(c.start, r.start, c.stop, r.stop) for r, c in places]
    scores = np.zeros((len(places), 10))
    for i, place in enumerate(places):
        shape = centered(picture[..., 0][place]).ravel()
        scores[i] = np.corrcoef(shape, means.reshape(10, -1))[0, 1:]
    boxes = np.array(boxes, float).reshape(-1, 4)
    return boxes, scores.max(1, initial=-1), scores.argmax(1)


# --8<-- [end:templates]


# --8<-- [start:compare]
def truth_of(canvases):
    return [(boxes, labels) for _, boxes, labels in canvases]


def by_templates(canvases, ink):
    found = [templates(picture, ink) for picture, _, _ in canvases]
    return score(found, truth_of(canvases), 10)


def by_model(model, canvases):
    found = detect(model, np.array([p for p, _, _ in canvases]))
    return score(found, truth_of(canvases), 10)


INKS = (0.3, 0.4, 0.5)
ink = max(INKS, key=lambda ink: by_templates(validation, ink))
test = canvases(300, 2, x_test, y_test)
digits_ap = by_model(model, test)
templates_ap = by_templates(test, ink)
gain_digits = digits_ap - templates_ap
print(f"detector {digits_ap:.3f}, templates {templates_ap:.3f}")
# --8<-- [end:compare]


# --8<-- [start:draw]
def draw(axis, picture, found, truth, least):
    """Hits green, false alarms orange, misses blue and dashed."""
    boxes, scores, labels = (part[found[1] >= least] for part in found)
    which = match(apart(boxes, labels), scores, apart(*truth))
    missed = np.setdiff1d(np.arange(len(truth[0])), which)
    axis.imshow(picture, cmap="gray", interpolation="none")
    groups = [
        (boxes[which >= 0], "#2f9e77", "-"),
        (boxes[which < 0], "#e07b39", "-"),
        (truth[0][missed], "#3b82c4", "--"),
    ]
    for some, color, style in groups:
        x1, y1, x2, y2 = some.T
        across, down = [x1, x2, x2, x1, x1], [y1, y1, y2, y2, y1]
        axis.plot(across, down, style, color=color, linewidth=1.2)
    axis.axis("off")
    return [len(some) for some, _, _ in groups]


# --8<-- [end:draw]

# --8<-- [start:see]
found = detect(model, np.array([p for p, _, _ in test[:4]]))
fig, axes = plt.subplots(1, 4, figsize=(9, 2.5))
for i, (picture, *truth) in enumerate(test[:4]):
    draw(axes[i], picture, found[i], truth, 0.5)
    for box, p, label in zip(*found[i], strict=True):
        if p >= 0.5:
            axes[i].text(box[0], box[1] - 2, label, color="#e0c040")
plt.show()
# --8<-- [end:see]

# --8<-- [start:centers]
whole_ap = by_model(trained(1.0), test)
gain_centers = digits_ap - whole_ap
print(f"center {digits_ap:.3f}, whole box {whole_ap:.3f}")
# --8<-- [end:centers]

# --8<-- [start:photos]
NAMES = {
    "Yellowstone A": "2019_YELL_2_528000_4978000_image_crop2",
    "Yellowstone B": "2019_YELL_2_541000_4977000_image_crop",
    "Florida": "OSBS_029",
    "California": "SOAP_061",
}
SIDES = ("xmin", "ymin", "xmax", "ymax")


def photo(name):
    """Half as many pixels each way, colors standardized; the boxes."""
    archive = zipfile.ZipFile("deepforest-2.1.0-py3-none-any.whl")
    path = f"deepforest/data/{name}"
    with archive.open(path + ".png") as file:
        picture = Image.open(file).convert("RGB")
    w, h = (side // 16 * 8 for side in picture.size)
    x = np.asarray(picture.resize((w, h)), "f4")
    x = (x - x.mean((0, 1))) / x.std((0, 1))
    tree = ElementTree.fromstring(archive.read(path + ".xml"))
    boxes = [
        [float(box.findtext(side)) for side in SIDES]
        for box in tree.iter("bndbox")
    ]
    return x, np.array(boxes) / 2


photos = {place: photo(name) for place, name in NAMES.items()}
n_trees = {place: len(boxes) for place, (_, boxes) in photos.items()}
print(n_trees)
# --8<-- [end:photos]


# --8<-- [start:split]
def strip(top, bottom):
    """Rows of the large photograph; trees that lie within them."""
    x, boxes = photos["Yellowstone A"]
    rows = slice(
        *(int(len(x) * part) // 8 * 8 for part in (top, bottom))
    )
    inside = (boxes[:, 1] >= rows.start - 4) & (
        boxes[:, 3] <= rows.stop + 4
    )
    return x[rows], boxes[inside] - [0, rows.start, 0, rows.start]


wood, trees = strip(0, 0.6)
held_out = strip(0.6, 0.75)
print(len(trees), "trees to train on,", len(held_out[1]), "to choose")
# --8<-- [end:split]

# --8<-- [start:crops]
rng = np.random.default_rng(seed)
answers = targets(trees, np.zeros(len(trees), int), wood.shape[:2], 1)
SIZE = 24  # cells


def crop():
    """A piece near some tree, turned and mirrored at random."""
    corner = trees[rng.integers(len(trees)), 1::-1] / STRIDE
    most = np.array(answers.shape[:2]) - SIZE
    corner = np.clip(corner - rng.uniform(0, SIZE, 2), 0, most)
    r, c = corner.astype(int)
    y = answers[r : r + SIZE, c : c + SIZE]
    r, c, size = STRIDE * r, STRIDE * c, STRIDE * SIZE
    x = wood[r : r + size, c : c + size]
    if rng.random() < 0.5:
        x, y = x[:, ::-1], y[:, ::-1, [0, 3, 2, 1, 4]]
    if rng.random() < 0.5:
        x, y = x[::-1], y[::-1, :, [0, 1, 4, 3, 2]]
    if rng.random() < 0.5:
        x, y = x.swapaxes(0, 1), y.swapaxes(0, 1)[..., [0, 2, 1, 4, 3]]
    return x, y


# --8<-- [end:crops]


# --8<-- [start:forest]
def tree_ap(found, part):
    truth = part[1], np.zeros(len(part[1]), int)
    return score([found], [truth], 1)


ROUNDS, CROPS = 20, 320
forest = compiled(detector(3, 1), ROUNDS * CROPS // 8)
progress, best = {}, -1.0
for i in range(1, ROUNDS + 1):
    x, y = map(
        np.array, zip(*(crop() for _ in range(CROPS)), strict=True)
    )
    forest.fit(x, y, batch_size=8, verbose=0)
    if i % 5 == 0:
        progress[f"round {i}"] = tree_ap(
            detect(forest, held_out[0][None])[0], held_out
        )
        if progress[f"round {i}"] > best:
            best, weights = progress[f"round {i}"], forest.get_weights()
forest.set_weights(weights)
print({name: round(value, 3) for name, value in progress.items()})
# --8<-- [end:forest]


# --8<-- [start:blobs]
def blobs(picture, color, width):
    """Round spots of a color, wherever and however large they are."""
    channel = picture @ np.array(color, "f4")
    radii = np.array([3, 4, 6, 8, 11, 15])
    response = np.stack([
        -(s**2) * ndimage.gaussian_laplace(channel, s)
        for s in radii / 2**0.5
    ])
    peaks = response == ndimage.maximum_filter(response, (3, 5, 5))
    k, r, c = np.nonzero(peaks & (response > 0.1))
    center, reach = np.stack([c, r], 1), width * radii[k, None]
    boxes = np.hstack([center - reach, center + reach])
    scores = response[k, r, c]
    kept = suppress(boxes, scores)
    return boxes[kept], scores[kept], np.zeros(len(kept), int)


COLORS = {
    "bright": (1, 1, 1),
    "dark": (-1, -1, -1),
    "green": (-1, 2, -1),
    "yellow": (1, 1, -2),
    "red": (2, -1, -1),
}
chosen = max(
    ((name, width) for name in COLORS for width in (1.0, 1.3, 1.6)),
    key=lambda c: tree_ap(
        blobs(held_out[0], COLORS[c[0]], c[1]), held_out
    ),
)
print(chosen)
# --8<-- [end:blobs]

# --8<-- [start:open]
parts = {"held-out strip": strip(0.75, 1)}
parts |= {place: photos[place] for place in list(NAMES)[1:]}
detector_ap, blobs_ap, seen = {}, {}, {}
for place, part in parts.items():
    seen[place] = detect(forest, part[0][None])[0]
    detector_ap[place] = tree_ap(seen[place], part)
    spots = blobs(part[0], COLORS[chosen[0]], chosen[1])
    blobs_ap[place] = tree_ap(spots, part)
    print(place, f"{detector_ap[place]:.3f}, {blobs_ap[place]:.3f}")
home_ap, near_ap, florida_ap, california_ap = detector_ap.values()
gain_home = home_ap - blobs_ap["held-out strip"]
gain_florida = florida_ap - blobs_ap["Florida"]
shift = home_ap - florida_ap
# --8<-- [end:open]

# --8<-- [start:threshold]
boxes, scores, _ = detect(forest, held_out[0][None])[0]
hit = match(boxes, scores, held_out[1]) >= 0
p, r = precision_recall(hit, scores, len(held_out[1]))
balance = 2 * p * r / np.maximum(p + r, 1e-9)
least = np.sort(scores)[::-1][balance.argmax()]
# --8<-- [end:threshold]

# --8<-- [start:trees]
fig, axes = plt.subplots(1, 2, figsize=(9, 4.4))
counts = {}
for axis, place in zip(
    axes, ("held-out strip", "Florida"), strict=True
):
    x, true = parts[place]
    truth = true, np.zeros(len(true), int)
    shown = np.round(np.clip(7 + 3 * x[:200, :200], 0, 16)) / 16
    found = seen[place]
    counts[place] = draw(axis, shown, found, truth, least)
    axis.set(title=place, xlim=(0, 200), ylim=(200, 0))
plt.show()
print(f"from {least:.2f} on: hits, false alarms, misses {counts}")
# --8<-- [end:trees]

# --8<-- [start:several]
picture, true_boxes, true_digits = validation[3]
output = model(picture[None], training=False)[0].numpy()
boxes, scores, digits = boxes_of(output)
ranks = np.linspace(0, len(scores) - 1, 12).astype(int)
some = np.argsort(-scores, kind="stable")[ranks]
some_boxes = boxes[some].round(1)
some_scores, some_digits = scores[some].round(2), digits[some]
n_cells = len(scores)
n_kept = len(suppress(apart(boxes, digits), scores))
print(f"{n_cells} boxes reported, {n_kept} left")
# --8<-- [end:several]
