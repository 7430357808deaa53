"""Sample calls of the ops in minitf.ops.array."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def several(rng, shape, count):
    return [normal(rng, *shape) for _ in range(count)]


SAMPLES = {
    "reshape": [
        lambda rng: ((normal(rng, 2, 6), [3, 4]), {}),
        lambda rng: ((normal(rng, 2, 3, 2), [-1, 4]), {}),
        lambda rng: ((normal(rng, 1), []), {}),
        lambda rng: ((rng.integers(0, 9, 4), [2, 2]), {}),
    ],
    "reshape_like": [
        lambda rng: ((normal(rng, 3), normal(rng, 2, 3), (0,)), {}),
        lambda rng: ((normal(rng, 2), normal(rng, 4, 2, 3), (0, 2)), {}),
    ],
    "expand_dims": [
        lambda rng: ((normal(rng, 2, 3), 0), {}),
        lambda rng: ((normal(rng, 2, 3),), {"axis": -2}),
        lambda rng: ((normal(rng), -1), {}),
    ],
    "squeeze": [
        lambda rng: ((normal(rng, 1, 3, 1), [0, -1]), {}),
        lambda rng: ((normal(rng, 2, 1, 3),), {"axis": 1}),
    ],
    "transpose": [
        lambda rng: ((normal(rng, 2, 3),), {}),
        lambda rng: ((normal(rng, 2, 3, 4), [2, 0, 1]), {}),
        lambda rng: ((normal(rng, 2, 3), [0, -1]), {"conjugate": True}),
        lambda rng: ((normal(rng),), {}),
    ],
    "concat": [
        lambda rng: (([normal(rng, 2, 3), normal(rng, 1, 3)], 0), {}),
        lambda rng: (([normal(rng, 2, 3), normal(rng, 2, 1), normal(rng, 2, 2)], -1), {}),
        lambda rng: (([normal(rng, 4)],), {"axis": 0}),
    ],
    "stack": [
        lambda rng: ((several(rng, (2, 3), 2), 0), {}),
        lambda rng: ((several(rng, (2, 3), 3), -1), {}),
        lambda rng: ((several(rng, (), 3), 0), {}),
    ],
    "unstack": [
        lambda rng: ((normal(rng, 3, 2), 3, 0), {}),
        lambda rng: ((normal(rng, 2, 3), 3, -1), {}),
        lambda rng: ((normal(rng, 4), 4, 0), {}),
    ],
    "split": [
        lambda rng: ((normal(rng, 2, 6), 3, 1), {}),
        lambda rng: ((normal(rng, 6, 2), [1, -1, 2], 0), {}),
        lambda rng: ((normal(rng, 4), [0, 4], -1), {}),
    ],
}
