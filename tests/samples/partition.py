"""Sample calls of the ops in minitf.ops.partition."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def some(rng, *shape):
    """A mask that is True somewhere."""
    mask = rng.random(shape) < 0.5
    mask.flat[0] = True
    return mask


def filled(rng, mask, shape, axis):
    rest = shape[:axis] + (int(mask.sum()),) + shape[axis + mask.ndim :]
    return normal(rng, *rest), mask, shape, axis


GROUPS = np.array([1, 0, 2, 1])
PARTS = [np.array([0, 2]), np.array([[1], [2]])]  # 2 comes twice: the last one stays

SAMPLES = {
    "boolean_mask": [
        lambda rng: ((normal(rng, 4), some(rng, 4), 0), {}),
        lambda rng: ((normal(rng, 2, 3, 2), some(rng, 3), 1), {}),
        lambda rng: ((normal(rng, 2, 3, 2), some(rng, 2, 3), 0), {}),
    ],
    "boolean_mask_backprop": [
        lambda rng: (filled(rng, some(rng, 4), (4,), 0), {}),
        lambda rng: (filled(rng, some(rng, 3, 2), (2, 3, 2), 1), {}),
    ],
    "dynamic_partition": [
        lambda rng: ((normal(rng, 4, 2), GROUPS, 3), {}),
        lambda rng: ((normal(rng, 2, 2), GROUPS.reshape(2, 2), 4), {}),
    ],
    "dynamic_stitch": [
        lambda rng: (([*PARTS, normal(rng, 2, 3), normal(rng, 2, 1, 3)],), {}),
        lambda rng: (([np.array([1, 0]), normal(rng, 2)],), {}),
    ],
    "count_like": [lambda rng: ((normal(rng, 2, 3),), {})],
    "invert_permutation": [lambda rng: ((rng.permutation(5),), {})],
}
