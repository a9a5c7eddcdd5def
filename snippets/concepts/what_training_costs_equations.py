"""What the equations of the page mean, and what computes the same."""

from book.equations import Equation

EQUATIONS = [
    Equation(
        "memory-states",
        symbols={
            "w": "integer(1,8)",
            "g": "integer(1,8)",
            "s": "integer(1,16)",
            "N": "integer(1,1000)",
        },
        code=lambda page, w, g, s, N: page.state_memory(N, w, g, s),
        library=None,  # the page weighs the variables themselves
    ),
    Equation(
        "memory-activations",
        symbols={
            "B": "integer(1,64)",
            "T": "integer(1,64)",
            "L": "integer(1,12)",
            "d": "integer(1,64)",
            "h": "integer(1,8)",
            "V": "integer(1,500)",
        },
        code=lambda page, B, T, L, d, h, V: page.activation_memory(
            B, T, L, d, h, V
        ),
        library=None,  # the page measures the whole process
    ),
    Equation(
        "flops-forward",
        symbols={
            "L": "integer(1,12)",
            "d": "integer(1,64)",
            "T": "integer(1,64)",
            "V": "integer(1,500)",
        },
        code=lambda page, L, d, T, V: page.forward_flops(V, T, L, d),
        library=None,  # the page counts in what XLA compiles
    ),
    Equation(
        "flops-training",
        symbols={"N": "positive", "D": "positive"},
        code=lambda page, N, D: page.training_flops(N, D),
        library=None,  # a rule of thumb
    ),
    Equation(
        "training-time",
        symbols={
            "C": "positive",
            "G": "positive",
            "p": "positive",
            "u": "probability",
        },
        code=lambda page, C, G, p, u: page.training_seconds(C, G, p, u),
        library=None,  # division
    ),
    Equation(
        "training-cost",
        symbols={
            "C": "positive",
            "r": "positive",
            "p": "positive",
            "u": "probability",
        },
        code=lambda page, C, r, p, u: page.training_cost(C, p, u, r),
        library=None,  # division
    ),
]
SECTIONS = [
    "import",
    "bill",
    "activation_memory",
    "forward_flops",
]
