"""Activations, regularizers and constraints, and their gradients.

Not sparsemax: where several entries are not 0, those of Keras 3.15 do not sum to 1.
"""

from tests.keras_reference.case import function, obj, x

WIDE = x(4, 6, low=-5.0, high=5.0)
MATRIX = x(3, 4)
KERNEL = x(2, 2, 3, 4)


def activation(name, **arguments):
    return function(f"activations.{name}", WIDE, **arguments)


def constrained(name, w=MATRIX, **arguments):
    return function(obj(f"constraints.{name}", **arguments), w)


def penalized(name, **arguments):
    return function(obj(f"regularizers.{name}", **arguments), MATRIX)


CASES = [
    *(activation(name) for name in (
        "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
        "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6",
        "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus",
        "sparse_sigmoid", "squareplus", "tanh", "tanh_shrink")),
    activation("relu", negative_slope=0.1),
    activation("relu", max_value=2.0),
    activation("relu", max_value=6),
    activation("relu", threshold=1.0),
    activation("relu", negative_slope=0.1, max_value=2.0, threshold=-1.0),
    activation("relu", negative_slope=0.1, max_value=2.0),
    activation("leaky_relu", negative_slope=0.5),
    activation("elu", alpha=0.5),
    activation("celu", alpha=0.5),
    activation("gelu", approximate=True),
    activation("softmax", axis=0),
    activation("softmax", axis=None),
    activation("log_softmax", axis=0),
    activation("glu", axis=0),
    activation("squareplus", b=1.0),
    activation("hard_shrink", threshold=1.0),
    activation("soft_shrink", threshold=1.0),
    activation("threshold", threshold=0.5, default_value=-3.0),
    constrained("MaxNorm"),
    constrained("MaxNorm", max_value=0.5, axis=1),
    constrained("MaxNorm", KERNEL, max_value=0.5, axis=[0, 1, 2]),
    constrained("NonNeg"),
    constrained("UnitNorm"),
    constrained("UnitNorm", KERNEL, axis=[0, 1, 2]),
    constrained("MinMaxNorm"),
    constrained("MinMaxNorm", min_value=1.5, max_value=2.0, rate=0.5, axis=1),
    penalized("L1"),
    penalized("L1", l1=0.5),
    penalized("L2"),
    penalized("L2", l2=0.5),
    penalized("L1L2", l1=0.5, l2=0.25),
    penalized("L1L2", l2=0.25),
    penalized("OrthogonalRegularizer"),
    penalized("OrthogonalRegularizer", factor=0.5, mode="columns"),
]  # fmt: skip
