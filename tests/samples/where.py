"""Sample calls of the ops in minitf.ops.where."""

import numpy as np

SAMPLES = {
    "select": [
        lambda rng: ((rng.random((2, 3)) < 0.5, rng.normal(size=(2, 3)), rng.normal(size=3)), {}),
        lambda rng: ((rng.random((2, 1)) < 0.5, rng.normal(size=3), np.float64(0.5)), {}),
        lambda rng: ((rng.random(4) < 0.5, rng.integers(0, 9, 4), rng.integers(0, 9, 4)), {}),
    ],
    "where": [
        lambda rng: ((rng.random((2, 3)) < 0.5,), {}),
        lambda rng: ((rng.integers(0, 2, (2, 2, 3)),), {}),
    ],
}
