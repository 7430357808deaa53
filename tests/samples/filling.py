"""Sample calls of the ops in minitf.ops.filling."""

import numpy as np

SAMPLES = {
    "zeros": [lambda rng: (([2, 3], "float32"), {}), lambda rng: (([], "int64"), {})],
    "ones": [lambda rng: (([2, 3], "float64"), {}), lambda rng: ((0, "bool"), {})],
    "eye": [
        lambda rng: ((2, 3, [], "float64"), {}),
        lambda rng: ((2, 2, [3, 1], "int32"), {}),
    ],
    "range": [
        lambda rng: ((0, 5, 1, "int32"), {}),
        lambda rng: ((5, 0, -2, "int64"), {}),
        lambda rng: ((0.0, 1.0, 0.3, "float32"), {}),
        lambda rng: ((3, 3, 1, "int32"), {}),
    ],
    "one_hot": [
        lambda rng: ((np.array([0, 2, -1, 5]), 3, 1, 0, -1, "float32"), {}),
        lambda rng: ((rng.integers(0, 4, (2, 3)), 4, 5.5, -1.0, 1, "float64"), {}),
        lambda rng: ((np.array(1), 2, True, False, 0, "bool"), {}),
    ],
    "sequence_mask": [
        lambda rng: ((np.array([1, 3, 0]), 4, "bool"), {}),
        lambda rng: ((np.array([[1, 0], [3, 2]]), (), "float32"), {}),
    ],
}
