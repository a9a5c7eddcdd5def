# --8<-- [start:import]
import base64
import json

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw

# --8<-- [end:import]


# --8<-- [start:strokes]
with open("drawn_digits_long.json") as file:
    drawn = json.load(file)
side, digits = drawn["side"], drawn["digits"]
labels = np.array([each["digit"] for each in digits])


def paint(strokes, pen, side):
    """Ink from 0 to 1: lines and round ends, as wide as the pen."""
    paper = Image.new("L", (side, side))
    draw = ImageDraw.Draw(paper)
    for stroke in strokes:
        points = [tuple(point) for point in stroke]
        draw.line(points, 255, pen, joint="curve")
        for x, y in points:
            r = pen / 2
            draw.ellipse((x - r, y - r, x + r, y + r), 255)
    return np.asarray(paper) / 255


papers = np.array([
    paint(each["strokes"], each["pen"], side) for each in digits
])
n_papers = len(papers)
print(papers.shape, np.bincount(labels))
# --8<-- [end:strokes]


# --8<-- [start:show]
figure, axes = plt.subplots(3, 10, figsize=(9, 2.9))
for k, column in enumerate(axes.T):
    for axis, i in zip(column, np.flatnonzero(labels == k)[::3]):
        axis.imshow(papers[i], cmap="gray", interpolation="none")
        axis.axis("off")
plt.show()
# --8<-- [end:show]


# --8<-- [start:load]
with open("draw_a_digit_long.json") as file:
    net = {
        name: np.frombuffer(
            base64.b64decode(array["base64"]), "<f4"
        ).reshape(array["shape"])
        for name, array in json.load(file).items()
    }
n_parameters = sum(array.size for array in net.values())
for name, array in net.items():
    print(f"{name:5} {array.shape}")
# --8<-- [end:load]


# --8<-- [start:network]
def convolve(x, kernel, bias):
    """Images (n, h, w, c), kernel (3, 3, c, d); then ReLU."""
    windows = np.lib.stride_tricks.sliding_window_view(
        x, (3, 3), (1, 2)
    )
    z = np.einsum("nhwcij,ijcd->nhwd", windows, kernel, optimize=True)
    return np.maximum(z + bias, 0)


def pool(x):
    """The largest of each 2 x 2; a last odd row is left out."""
    n, h, w, c = x.shape
    x = x[:, : h // 2 * 2, : w // 2 * 2]
    return x.reshape(n, h // 2, 2, w // 2, 2, c).max((2, 4))


def logits(x):
    h = pool(convolve(x[..., np.newaxis], net["conv1"], net["bias1"]))
    h = pool(convolve(h, net["conv2"], net["bias2"]))
    return h.reshape(len(x), -1) @ net["dense"] + net["bias"]


# --8<-- [end:network]


# --8<-- [start:prepare]
def shares(low, high, cells, size):
    """Of each pixel from low to high, how much lies in each cell."""
    edges = low + (high - low) * np.arange(cells + 1) / cells
    pixel = np.arange(size)
    left = np.maximum(edges[:-1, None], pixel)
    right = np.minimum(edges[1:, None], pixel + 1)
    return np.maximum(right - left, 0) * cells / (high - low)


def center(ink):
    """Center of mass of the ink of rows, counted from 1."""
    return np.average(1 + np.arange(len(ink)), weights=ink)


def prepare(paper):
    """As MNIST was made: 20 pixels at most, then centered by weight."""
    rows, columns = np.nonzero(paper > 0.5)
    top, bottom = rows.min(), rows.max() + 1
    left, right = columns.min(), columns.max() + 1
    scale = 20 / max(bottom - top, right - left)
    h = max(1, round(scale * (bottom - top)))
    w = max(1, round(scale * (right - left)))
    down = shares(top, bottom, h, len(paper))
    across = shares(left, right, w, len(paper))
    small = down @ paper @ across.T
    y, x = center(small.sum(1)), center(small.sum(0))
    image = np.zeros((28, 28))
    r = int(np.clip(np.floor(15 - y), 0, 28 - h))
    c = int(np.clip(np.floor(15 - x), 0, 28 - w))
    image[r : r + h, c : c + w] = small
    return image


images = np.array([prepare(paper) for paper in papers])
# --8<-- [end:prepare]


# --8<-- [start:read]
read = logits(images).argmax(1)
right = int((read == labels).sum())
n_drawn = len(labels)
wrong = [(int(a), int(b)) for a, b in zip(labels, read) if a != b]
print(f"{right} of {n_drawn}; taken for another: {wrong}")
# --8<-- [end:read]


# --8<-- [start:without]
def squeezed(paper):
    """The whole canvas on 28 x 28, wherever the digit is."""
    cells = shares(0, len(paper), 28, len(paper))
    return cells @ paper @ cells.T


def moved(image):
    """As prepared, but four pixels to the lower right."""
    return np.roll(image, 4, (0, 1))


def count(images):
    return int((logits(np.array(images)).argmax(1) == labels).sum())


right_squeezed = count([squeezed(paper) for paper in papers])
right_moved = count([moved(image) for image in images])
right_inverted = count(1 - images)
print(right_squeezed, right_moved, right_inverted)
# --8<-- [end:without]


# --8<-- [start:occlude]
def occlusion(image):
    """How much less likely the answer gets with a 4 x 4 patch gone."""
    images = [image]
    for r in range(0, 28, 2):
        for c in range(0, 28, 2):
            images.append(image.copy())
            images[-1][max(r - 1, 0) : r + 3, max(c - 1, 0) : c + 3] = 0
    z = logits(np.array(images))
    p = np.exp(z - z.max(1, keepdims=True))
    p = p[:, z[0].argmax()] / p.sum(1)
    return (p[0] - p[1:]).reshape(14, 14)


some = [int(np.flatnonzero(labels == k)[0]) for k in (3, 4, 7, 9)]
maps = [occlusion(images[i]) for i in some]
figure, axes = plt.subplots(1, 4, figsize=(8, 2.2))
for axis, i, harm in zip(axes, some, maps):
    axis.imshow(images[i], cmap="gray", extent=(0, 28, 28, 0))
    axis.imshow(
        np.clip(harm, 0, 1),
        cmap="Oranges",
        alpha=np.clip(2 * harm, 0, 1) * 0.7,
        extent=(0, 28, 28, 0),
        interpolation="none",
    )
    axis.axis("off")
plt.show()
# --8<-- [end:occlude]


# --8<-- [start:test]
import keras

(_, _), (x_test, y_test) = keras.datasets.mnist.load_data()
x_test = x_test / 255
z = np.concatenate([logits(part) for part in np.split(x_test, 10)])
test_accuracy = float((z.argmax(1) == y_test).mean())
print(f"{test_accuracy:.2%}")
# --8<-- [end:test]
