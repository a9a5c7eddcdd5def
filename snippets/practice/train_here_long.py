"""Small images of digits, for a network that learns in a browser.

python train_here_long.py            takes seconds
python train_here_long.py --reduced  fewer images

Takes 3,000 images from the training part of MNIST to learn from and
1,000 others of the same part to test on; the test part stays shut.
Each becomes 14 x 14, the mean of 2 x 2 pixels, in 16 shades. Writes
train_here_long.json: labels as digits, images as base64, two pixels
a byte, the first of them in the higher four bits.
"""

import base64
import json
import sys
from pathlib import Path

import keras
import numpy as np

reduced = "--reduced" in sys.argv
counts = (
    {"learned": 300, "fresh": 100}
    if reduced
    else {"learned": 3000, "fresh": 1000}
)
(x, y), _ = keras.datasets.mnist.load_data()
order = np.random.default_rng(0).permutation(len(x))
file: dict = {
    "source": "MNIST (Yann LeCun and Corinna Cortes), made smaller",
    "license": "CC BY-SA 3.0",
}
for name, count in counts.items():
    which, order = order[:count], order[count:]
    small = x[which].reshape(count, 14, 2, 14, 2).mean((2, 4))
    shades = np.round(small / 17).astype(np.uint8).reshape(-1, 2)
    packed = shades[:, 0] << 4 | shades[:, 1]
    file[name] = {
        "count": count,
        "labels": "".join(map(str, y[which])),
        "base64": base64.b64encode(packed.tobytes()).decode(),
    }
Path("train_here_long.json").write_text(json.dumps(file) + "\n")
