"""Sample calls of the ops in minitf.ops.gather."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def whole(rng, size, *shape):
    return rng.integers(0, size, shape)


SAMPLES = {
    "gather": [
        lambda rng: ((normal(rng, 5, 2), whole(rng, 5, 3), 0, 0), {}),
        lambda rng: ((normal(rng, 2, 4, 2), whole(rng, 4, 2, 3), 1, 0), {}),
        lambda rng: ((normal(rng, 2, 4, 2), whole(rng, 4, 2, 3), 1, 1), {}),
        lambda rng: ((normal(rng, 2, 3, 4), whole(rng, 4, 2, 3), -1, 1), {}),
        lambda rng: ((normal(rng, 2, 3, 4), whole(rng, 4, 2, 3, 2), 2, -1), {}),
        lambda rng: ((normal(rng, 5), np.array(2), 0, 0), {}),
        lambda rng: ((normal(rng, 3, 2), whole(rng, 3, 0).astype(np.uint8), 0, 0), {}),
    ],
    "gather_backprop": [
        lambda rng: ((normal(rng, 3, 2), whole(rng, 5, 3), (5, 2), 0, 0), {}),
        lambda rng: ((normal(rng, 2, 2, 2, 2), whole(rng, 4, 2, 2), (2, 4, 2), 1, 0), {}),
        lambda rng: ((normal(rng, 2, 3, 3), whole(rng, 4, 2, 3), (2, 3, 4), -1, 1), {}),
        lambda rng: ((normal(rng), np.array(2), (5,), 0, 0), {}),
    ],
    "gather_nd": [
        lambda rng: ((normal(rng, 3, 4), np.array([[0, 1], [2, 3], [0, 1]])), {}),
        lambda rng: ((normal(rng, 3, 4), np.array([[2], [0]])), {}),
        lambda rng: ((normal(rng, 2, 3, 2), np.array([[[0], [2]], [[1], [1]]])), {"batch_dims": 1}),
        lambda rng: ((normal(rng, 2, 2), np.zeros((3, 0), int)), {}),
    ],
    "scatter_nd": [
        lambda rng: ((np.array([[4], [3], [4]]), normal(rng, 3), [6], 0), {}),
        lambda rng: ((np.array([[0], [2], [0]]), normal(rng, 3, 2), [4, 2], 0), {}),
        lambda rng: ((np.array([[[0], [2]], [[1], [1]]]), normal(rng, 2, 2, 2), [2, 3, 2], 1), {}),
        lambda rng: ((np.array([[0, 1], [1, 0]]), rng.integers(0, 9, 2), [2, 2], 0), {}),
    ],
}
