"""Sample calls of the ops in minitf.ops.softmax."""

import numpy as np

SAMPLES = {
    "softmax": [
        lambda rng: ((rng.normal(size=(2, 3)), -1), {}),
        lambda rng: ((rng.normal(size=(2, 3, 4)), 1), {}),
        lambda rng: ((rng.normal(size=5) + 10, 0), {}),
    ],
    "softmax_grad": [
        lambda rng: ((rng.normal(size=(2, 3)), rng.uniform(size=(2, 3)), -1), {}),
        lambda rng: ((rng.normal(size=(2, 3, 2)), rng.uniform(size=(2, 3, 2)), 0), {}),
    ],
    "log_softmax": [
        lambda rng: ((rng.normal(size=(2, 3)), -1), {}),
        lambda rng: ((rng.normal(size=(2, 3, 4)), 0), {}),
        lambda rng: ((np.array([-100.0, 100.0]), 0), {}),
    ],
}
