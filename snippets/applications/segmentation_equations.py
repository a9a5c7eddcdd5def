"""What the equations of the page on segmentation mean."""

from book.equations import Equation
from scipy import stats
from sklearn.metrics import f1_score, jaccard_score

MASKS = {
    "u": "vector[n]",
    "v": "vector[n]",
    "i": "index[n]",
    "n": "size(9,14)",
}
GIVEN = {"y": lambda u: 1.0 * (u > -1), "p": lambda v: 1.0 * (v > -1)}

EQUATIONS = [
    Equation(
        "dice",
        symbols=MASKS,
        given=GIVEN,
        code=lambda page, y, p: page.dice(y, p),
        library=lambda y, p: f1_score(y, p),
    ),
    Equation(
        "iou-of-masks",
        symbols=MASKS,
        given=GIVEN,
        code=lambda page, y, p: page.iou(y, p),
        library=lambda y, p: jaccard_score(y, p),
    ),
    Equation(
        "f-one",
        symbols={"T": "positive", "F": "positive", "M": "positive"},
        code=lambda page, T, F, M: page.f1(T, F, M),
        library=lambda T, F, M: stats.hmean([T / (T + F), T / (T + M)]),
    ),
]
SECTIONS = ["import", "dice", "match"]
