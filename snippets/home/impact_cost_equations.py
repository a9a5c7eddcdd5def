"""What the equation on the cost of large models means."""

from book.equations import Equation

EQUATIONS = [
    Equation(
        "training-energy",
        symbols={"h": "positive", "P": "positive", "u": "positive"},
        code=lambda page, h, P, u: page.energy(h, P, u),
        library=None,  # a product of three numbers
    ),
]
SECTIONS = ["energy"]
