"""Sample calls of the ops in minitf.ops.division."""

import numpy as np


def away(rng, *shape):
    """Numbers of both signs, none of them near 0."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.5, 2, shape)


def binary(rng):
    return (rng.normal(size=(2, 3)), away(rng, 3)), {}


def column(rng):
    return (rng.normal(size=(2, 1)), away(rng, 1, 3)), {}


def numbers(rng):
    return (np.float64(rng.normal()), away(rng, 2, 2)), {}


def quotients(rng):
    """Quotients that are not near a whole number, where rounding jumps."""
    y = away(rng, 3)
    return ((rng.integers(-3, 4, (2, 3)) + rng.uniform(0.2, 0.8, (2, 3))) * y, y), {}


def integers(rng):
    return (rng.integers(-9, 9, (2, 3)), rng.choice([-4, -3, 2, 5], 3)), {}


TRUE = [binary, column, numbers]
ROUNDED = [quotients, integers]

SAMPLES = {
    "divide": TRUE,
    "divide_no_nan": TRUE,
    "multiply_no_nan": TRUE,
    "xdivy": TRUE,
    "floordiv": ROUNDED,
    "floormod": ROUNDED,
    "truncatediv": ROUNDED,
    "truncatemod": ROUNDED,
}
