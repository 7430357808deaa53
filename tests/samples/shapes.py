"""Sample calls of the ops in minitf.ops.shapes."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


SAMPLES = {
    "ensure_shape": [
        lambda rng: ((normal(rng, 2, 3), [None, 3]), {}),
        lambda rng: ((normal(rng), []), {}),
    ],
    "broadcast_dynamic_shape": [
        lambda rng: ((np.array([3, 1]), np.array([2, 1, 4])), {}),
        lambda rng: ((np.array([], int), np.array([2])), {}),
    ],
    "unravel_index": [
        lambda rng: ((np.array([[1, 5], [7, 0]]), [2, 4]), {}),
        lambda rng: ((np.array(3), [4]), {}),
    ],
}
