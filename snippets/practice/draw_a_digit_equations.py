from book.equations import Equation
from scipy import ndimage

EQUATIONS = [
    Equation(
        "center-of-mass",
        symbols={"s": "positive[n]", "i": "index[n]", "n": "size"},
        code=lambda page, s: page.center(s),
        library=lambda s: 1 + ndimage.center_of_mass(s)[0],
    ),
]
SECTIONS = ["import", "prepare"]
