from book.equations import Equation
from scipy import ndimage

EQUATIONS = [
    Equation(
        "center-of-mass",
        symbols={"s": "positive[n]", "i": "index[0..n-1]", "n": "size"},
        code=lambda page, s: page.center(s),
        library=lambda s: ndimage.center_of_mass(s)[0],
    ),
]
SECTIONS = ["import", "prepare"]
