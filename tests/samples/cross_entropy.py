"""Sample calls of the ops in minitf.ops.cross_entropy."""

import numpy as np

SAMPLES = {
    "softmax_cross_entropy": [
        lambda rng: ((rng.dirichlet(np.ones(4), 3), rng.normal(size=(3, 4))), {}),
        lambda rng: ((rng.uniform(size=(2, 1, 4)), rng.normal(size=(2, 1, 4))), {}),
        lambda rng: ((np.array([0.0, 1.0, 0.0]), rng.normal(size=3)), {}),
    ],
    "sparse_softmax_cross_entropy": [
        lambda rng: ((rng.integers(0, 4, 3), rng.normal(size=(3, 4))), {}),
        lambda rng: ((rng.integers(0, 4, (2, 3)).astype(np.uint8), rng.normal(size=(2, 3, 4))), {}),
        lambda rng: ((np.int32(1), rng.normal(size=3)), {}),
    ],
    "sigmoid_cross_entropy_with_logits": [
        lambda rng: ((rng.uniform(size=(2, 3)), rng.normal(size=(2, 3))), {}),
        lambda rng: ((np.array([1.0, 0.0]), np.array([-20.0, 20.0])), {}),
    ],
}
