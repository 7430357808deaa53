"""Sample calls of the ops in minitf.ops.trigonometry."""

import numpy as np


def anywhere(rng):
    return (rng.normal(size=(2, 3)),), {}


def number(rng):
    return (np.float64(rng.normal()),), {}


def inside(rng):
    return (rng.uniform(-0.8, 0.8, (2, 3)),), {}


SAMPLES = {
    "sin": [anywhere, number],
    "cos": [anywhere, number],
    "tan": [inside],
    "asin": [inside],
    "acos": [inside],
    "atan": [anywhere, number],
    "atan2": [
        lambda rng: ((rng.uniform(0.3, 2, (2, 3)), rng.normal(size=3)), {}),
        lambda rng: ((rng.normal(size=(2, 1)), rng.uniform(0.3, 2, (1, 2))), {}),
    ],
    "sinh": [anywhere, number],
    "cosh": [anywhere, number],
    "tanh": [anywhere, number, lambda rng: ((np.array([-30.0, 30.0]),), {})],
    "asinh": [anywhere, number],
    "acosh": [lambda rng: ((rng.uniform(1.3, 4, (2, 3)),), {})],
    "atanh": [inside],
}
