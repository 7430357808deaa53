"""Sample calls of the ops in minitf.ops.math."""

import numpy as np

from minitf.dtypes import float64, int32


def binary(rng):
    return (rng.normal(size=(2, 3)), rng.normal(size=3)), {}


def column(rng):
    return (rng.normal(size=(2, 1)), rng.normal(size=(1, 3))), {}


def numbers(rng):
    return (np.float64(rng.normal()), rng.normal(size=(2, 2))), {}


def integers(rng):
    return (rng.integers(-9, 9, (2, 3)), rng.integers(1, 9, 3)), {}


def unary(rng):
    return (rng.choice([-1, 1], (2, 3)) * rng.uniform(0.2, 2, (2, 3)),), {}


def whole(rng):
    return (rng.integers(-9, 9, (2, 3)),), {}


BINARY = [binary, column, numbers, integers]

SAMPLES = {
    "add": BINARY,
    "subtract": BINARY,
    "multiply": BINARY,
    "squared_difference": BINARY,
    "negative": [unary, whole],
    "abs": [unary, whole],
    "sign": [unary, whole],
    "add_n": [
        lambda rng: (([rng.normal(size=(2, 3)) for _ in range(3)],), {}),
        lambda rng: (([rng.normal(size=2)],), {}),
        lambda rng: (([rng.integers(0, 9, 4), rng.integers(0, 9, 4)],), {}),
    ],
    "cast": [
        lambda rng: ((rng.normal(size=(2, 3)), float64), {}),
        lambda rng: ((rng.integers(0, 9, 4), float64), {}),
        lambda rng: ((rng.uniform(0.1, 0.9, 4) + rng.integers(-3, 3, 4), int32), {}),
    ],
}
