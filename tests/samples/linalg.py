"""Sample calls of the ops in minitf.ops.linalg."""

import numpy as np


def normal(rng, *shape):
    return np.asarray(rng.normal(size=shape))


def product(a, b, **flags):
    return lambda rng: ((normal(rng, *a), normal(rng, *b)), flags)


SAMPLES = {
    "matmul": [
        product((2, 3), (3, 4)),
        product((3, 2), (3, 4), transpose_a=True),
        product((2, 3), (4, 3), transpose_b=True),
        product((3, 2), (4, 3), transpose_a=True, transpose_b=True),
        product((2, 2, 3), (3, 2)),
        product((2, 2, 3), (2, 3), transpose_b=True),
        product((2, 3, 2), (3, 2), transpose_a=True),
        product((2, 1, 2, 2), (3, 2, 1)),
        product((2, 3), (2, 3, 2)),
        lambda rng: ((rng.integers(-5, 5, (2, 3)), rng.integers(-5, 5, (3, 2))), {}),
    ],
}
