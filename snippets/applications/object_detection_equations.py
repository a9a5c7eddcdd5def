"""What the equations on object detection mean."""

import keras
import numpy as np
import pycocotools.mask as coco_mask
from book.equations import Equation


def focal(q, gamma):
    """Keras's own, where the truth is one and no class is favored."""
    q = np.full((1, 1), q)
    return keras.losses.binary_focal_crossentropy(
        np.ones((1, 1)), q, gamma=float(gamma)
    )[0]


def measured(u, v):
    """Boxes around one point: u and v reach out to their four sides."""
    a, b = (
        np.array([[-d[0], -d[1], d[0] + d[2], d[1] + d[3]]])
        for d in (u, v)
    )
    return coco_mask.iou(a, b, [0])[0, 0]


EQUATIONS = [
    Equation(
        "box-shared",
        symbols={"a": "vector[4]", "b": "vector[4]"},
        code=lambda page, a, b: page.shared(a, b),
        library=None,  # two lengths and their product
    ),
    Equation(
        "box-iou",
        symbols={"a": "vector[4]", "b": "vector[4]"},
        given={
            "S": lambda a, b: (
                np.maximum(
                    np.minimum(a[2], b[2]) - np.maximum(a[0], b[0]), 0
                )
                * np.maximum(
                    np.minimum(a[3], b[3]) - np.maximum(a[1], b[1]), 0
                )
            )
        },
        code=lambda page, a, b: page.iou(a, b),
        library=None,
    ),
    Equation(
        "focal-loss",
        symbols={"q": "probability", "gamma": "positive"},
        code=lambda page, q, gamma: page.focal(q, gamma),
        library=focal,
        rtol=1e-5,
    ),
]
SECTIONS = ["import", "iou", "loss"]
