"""Sample calls of the ops in minitf.ops.logic."""

import numpy as np


def floats(rng):
    return (rng.integers(-2, 3, (2, 3)).astype(float), rng.integers(-2, 3, 3).astype(float)), {}


def integers(rng):
    return (rng.integers(-2, 3, (2, 1)), rng.integers(-2, 3, (1, 3))), {}


def truths(rng):
    return (rng.random((2, 3)) < 0.5, rng.random(3) < 0.5), {}


def edges(rng):
    return (np.array([0.0, np.nan, np.inf, -np.inf, -1.5]),), {}


SAMPLES = {
    "equal": [floats, integers, truths],
    "not_equal": [floats, integers, truths],
    "greater": [floats, integers],
    "greater_equal": [floats, integers],
    "less": [floats, integers],
    "less_equal": [floats, integers],
    "logical_and": [truths],
    "logical_or": [truths],
    "logical_xor": [truths],
    "logical_not": [lambda rng: ((rng.random((2, 3)) < 0.5,), {})],
    "is_nan": [edges],
    "is_inf": [edges],
    "is_finite": [edges],
}
