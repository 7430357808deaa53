"""Sample calls of the ops in minitf.ops.sorting."""

import numpy as np

SAMPLES = {
    "argsort": [
        lambda rng: ((rng.normal(size=(2, 5)), -1, False), {}),
        lambda rng: ((rng.integers(0, 3, (5, 2)), 0, True), {}),
    ],
    "top_k": [
        lambda rng: ((rng.normal(size=(2, 5)), 3, "int32"), {}),
        lambda rng: ((rng.integers(0, 3, 6), 1, "int64"), {}),
        lambda rng: ((rng.integers(0, 3, 6), 4, "int64"), {}),
    ],
    "in_top_k": [
        lambda rng: ((rng.integers(0, 5, 4), rng.normal(size=(4, 5)), 2), {}),
        lambda rng: ((np.array([7, 1]), np.ones((2, 3)), 1), {}),
    ],
    "unique": [
        lambda rng: ((rng.integers(0, 4, 9), "int32"), {}),
        lambda rng: ((rng.integers(0, 4, 9) / 2, "int64"), {}),
    ],
    "searchsorted": [
        lambda rng: ((np.sort(rng.normal(size=6)), rng.normal(size=4), False, "int32"), {}),
        lambda rng: (
            (np.sort(rng.integers(0, 5, (2, 6))), rng.integers(0, 5, (2, 3)), True, "int64"),
            {},
        ),
    ],
}
