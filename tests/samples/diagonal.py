"""Sample calls of the ops in minitf.ops.diagonal."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


DIAGONALS = [
    {"k": 0, "align": "RIGHT_LEFT"},
    {"k": 1, "align": "RIGHT_LEFT"},
    {"k": -2, "align": "LEFT_RIGHT"},
    {"k": (-1, 1), "align": "RIGHT_LEFT"},
    {"k": (0, 2), "align": "RIGHT_RIGHT"},
    {"k": (-2, -1), "align": "LEFT_LEFT"},
]
STORED = [(3,), (3,), (1,), (3, 3), (3, 3), (2, 2)]  # of matrices (3, 4)


def taken(how):
    return lambda rng: ((normal(rng, 3, 4), how["k"], 0.5, how["align"]), {})


def written(how, shape, rows=-1, columns=-1):
    return lambda rng: ((normal(rng, 2, *shape), how["k"], rows, columns, 0.5, how["align"]), {})


def replaced(how, shape):
    return lambda rng: ((normal(rng, 3, 4), normal(rng, *shape), how["k"], how["align"]), {})


SAMPLES = {
    "band_part": [
        lambda rng: ((normal(rng, 3, 4), -1, 0), {}),
        lambda rng: ((normal(rng, 2, 3, 3), 0, -1), {}),
        lambda rng: ((normal(rng, 4, 3),), {"num_lower": 1, "num_upper": 1}),
    ],
    "diag": [
        written(DIAGONALS[0], (3,)),
        written(DIAGONALS[1], (2,), 2, 3),
        written(DIAGONALS[2], (1,)),
        written(DIAGONALS[3], (3, 3), columns=3),
    ],
    "diag_part": [taken(how) for how in DIAGONALS],
    "set_diag": [replaced(how, shape) for how, shape in zip(DIAGONALS, STORED, strict=True)],
}
