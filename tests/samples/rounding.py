"""Sample calls of the ops in minitf.ops.rounding."""

import numpy as np


def fractions(rng):
    return (rng.integers(-4, 4, (2, 3)) + rng.uniform(0.1, 0.4, (2, 3)),), {}


def halves(rng):
    return (np.array([-2.5, -1.5, -1.0, -0.5, 0.0, 0.5, 1.5, 2.5, 3.0]),), {}


def apart(rng):
    """No element of one is near any of the other."""
    return (rng.permutation(6).reshape(2, 3) * 1.0, rng.permutation(3) + 0.5), {}


def number(rng):
    return (rng.permutation(4).reshape(2, 2) * 1.0, np.float64(1.5)), {}


def integers(rng):
    return (rng.integers(-9, 9, (2, 1)), rng.integers(-9, 9, (1, 3))), {}


SAMPLES = {
    "floor": [fractions, halves],
    "ceil": [fractions, halves],
    "rint": [fractions, halves],
    "maximum": [apart, number, integers],
    "minimum": [apart, number, integers],
}
