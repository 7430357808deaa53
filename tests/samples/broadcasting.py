"""Sample calls of the ops in minitf.ops.broadcasting."""

import numpy as np

SAMPLES = {
    "sum_to_shape": [
        lambda rng: ((rng.normal(size=(4, 2, 3)), rng.normal(size=3)), {}),
        lambda rng: ((rng.normal(size=(4, 2, 3)), rng.normal(size=(2, 1))), {}),
        lambda rng: ((rng.normal(size=(2, 3)), rng.normal(size=(2, 3))), {}),
        lambda rng: ((rng.normal(size=(2, 3)), np.float64(0.0)), {}),
    ],
    "broadcast_like": [
        lambda rng: ((rng.normal(size=3), rng.normal(size=(4, 2, 3))), {}),
        lambda rng: ((rng.normal(size=(2, 1)), rng.normal(size=(4, 2, 3))), {}),
        lambda rng: ((np.float64(rng.normal()), rng.normal(size=(2, 3))), {}),
    ],
    "broadcast_to": [
        lambda rng: ((rng.normal(size=3), [4, 2, 3]), {}),
        lambda rng: ((rng.normal(size=(2, 1)), [2, 3]), {}),
        lambda rng: ((np.float64(rng.normal()), []), {}),
        lambda rng: ((rng.integers(0, 9, 3), [2, 3]), {}),
    ],
}
