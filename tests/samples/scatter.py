"""Sample calls of the ops in minitf.ops.scatter."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def scattered(rng):
    """A tensor, index vectors without repeats, and updates that are not near the tensor."""
    tensor = np.arange(12.0).reshape(3, 4) + rng.normal(size=(3, 4)) / 8
    return tensor, np.array([[0, 1], [2, 3], [1, 1]]), tensor[[0, 2, 1], [1, 3, 1]] + [0.5, -0.5, 2]


SAMPLES = {
    "tensor_scatter_nd_update": [
        lambda rng: ((normal(rng, 4), np.array([[3], [1]]), normal(rng, 2)), {}),
        lambda rng: ((normal(rng, 3, 4), np.array([[2], [0]]), normal(rng, 2, 4)), {}),
        lambda rng: (scattered(rng), {}),
    ],
    "tensor_scatter_nd_max": [lambda rng: (scattered(rng), {})],
    "tensor_scatter_nd_min": [lambda rng: (scattered(rng), {})],
}
