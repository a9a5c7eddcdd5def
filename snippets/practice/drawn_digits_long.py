"""Eighty digits as a hand would draw them, in strokes.

python drawn_digits_long.py            takes a second
python drawn_digits_long.py --reduced  the same, fewer of them

Each digit in two manners, four times: of any size, anywhere on a
canvas of 280 x 280 pixels, slanted, turned, shaky, with a thin or a
thick pen. Made before anything was tried on them, and not changed
since. Writes drawn_digits_long.json.
"""

import json
import sys
from pathlib import Path

import numpy as np

SIDE = 280  # pixels of the canvas
count = 1 if "--reduced" in sys.argv else 4


def arc(x, y, rx, ry, start, stop):
    """Points of an ellipse, angles in degrees, clockwise from right."""
    t = np.radians(np.linspace(start, stop, 13))
    return [(x + rx * np.cos(a), y + ry * np.sin(a)) for a in t]


# The strokes of each digit in a square of side 1, y downward.
MANNERS = {
    0: [
        [arc(0.5, 0.5, 0.32, 0.5, -90, 270)],
        [arc(0.5, 0.5, 0.45, 0.48, -60, 285)],
    ],
    1: [
        [[(0.5, 0), (0.5, 1)]],
        [[(0.25, 0.25), (0.5, 0), (0.5, 1)]],
    ],
    2: [
        [[*arc(0.5, 0.28, 0.35, 0.28, -170, 20), (0.12, 1), (0.88, 1)]],
        [
            [
                *arc(0.5, 0.25, 0.3, 0.25, -150, 60),
                (0.15, 0.95),
                (0.3, 0.85),
                (0.6, 1),
                (0.9, 0.92),
            ]
        ],
    ],
    3: [
        [
            [
                *arc(0.45, 0.25, 0.33, 0.25, -140, 90),
                *arc(0.45, 0.75, 0.38, 0.25, -90, 140),
            ]
        ],
        [
            [
                (0.15, 0),
                (0.8, 0),
                (0.45, 0.4),
                *arc(0.45, 0.7, 0.38, 0.3, -80, 140),
            ]
        ],
    ],
    4: [
        [[(0.25, 0), (0.1, 0.6), (0.9, 0.6)], [(0.7, 0.25), (0.65, 1)]],
        [[(0.7, 1), (0.7, 0), (0.08, 0.68), (0.95, 0.68)]],
    ],
    5: [
        [
            [
                (0.85, 0),
                (0.25, 0),
                (0.2, 0.45),
                *arc(0.45, 0.68, 0.38, 0.32, -110, 140),
            ]
        ],
        [
            [
                (0.2, 0.05),
                (0.2, 0.42),
                *arc(0.42, 0.7, 0.36, 0.3, -100, 150),
            ],
            [(0.2, 0.05), (0.85, 0)],
        ],
    ],
    6: [
        [
            [
                (0.75, 0),
                (0.35, 0.3),
                *arc(0.48, 0.7, 0.34, 0.3, 180, -180),
            ]
        ],
        [
            [
                (0.45, 0),
                (0.2, 0.45),
                *arc(0.48, 0.74, 0.3, 0.26, 190, -150),
            ]
        ],
    ],
    7: [
        [[(0.1, 0), (0.9, 0), (0.4, 1)]],
        [
            [(0.1, 0.05), (0.88, 0), (0.45, 1)],
            [(0.35, 0.5), (0.8, 0.5)],
        ],
    ],
    8: [
        [
            [
                *arc(0.5, 0.25, 0.28, 0.25, 90, -270),
                *arc(0.5, 0.75, 0.34, 0.25, -90, 270),
            ]
        ],
        [
            [
                *arc(0.5, 0.24, 0.26, 0.24, -40, -220),
                (0.7, 0.6),
                *arc(0.5, 0.78, 0.28, 0.22, 0, 180),
                (0.3, 0.6),
                (0.7, 0.1),
            ]
        ],
    ],
    9: [
        [
            [
                *arc(0.45, 0.28, 0.32, 0.28, 0, 360),
                (0.77, 0.28),
                (0.72, 1),
            ]
        ],
        [
            [
                *arc(0.5, 0.27, 0.3, 0.27, -20, -360),
                (0.75, 0.65),
                *arc(0.45, 0.72, 0.3, 0.28, 0, 110),
            ]
        ],
    ],
}


def drawn(strokes, rng):
    """The strokes somewhere on the canvas, and the width of the pen."""
    height = rng.uniform(90, 220)
    width = height * rng.uniform(0.55, 0.85)
    angle = np.radians(rng.uniform(-10, 10))
    turn = np.array([
        [np.cos(angle), -np.sin(angle)],
        [np.sin(angle), np.cos(angle)],
    ])
    slant = np.array([[1, rng.uniform(-0.25, 0.1)], [0, 1]])
    placed = []
    for stroke in strokes:
        points = (np.array(stroke) - 0.5) * [width, height]
        shake = rng.normal(0, 0.008 * height, points.shape)
        placed.append((points + shake) @ slant.T @ turn.T)
    pen = rng.uniform(10, 28)
    corners = np.concatenate(placed)
    low, high = corners.min(0) - pen / 2, corners.max(0) + pen / 2
    shift = rng.uniform(-low, np.maximum(SIDE - high, -low))
    moved = [(points + shift).round().astype(int) for points in placed]
    return [points.tolist() for points in moved], round(float(pen))


rng = np.random.default_rng(0)
digits = []
for digit, manners in MANNERS.items():
    for strokes in manners:
        for _ in range(count):
            points, pen = drawn(strokes, rng)
            digits.append({
                "digit": digit,
                "pen": pen,
                "strokes": points,
            })
Path("drawn_digits_long.json").write_text(
    json.dumps({"side": SIDE, "digits": digits}) + "\n"
)
